//! What stands before every route, from the outside in: [`outer`], CORS where it is wanted, the panic guard, [`inner`].
//! Before pages and server functions also form_error, whole and compress.

pub mod bound;
pub mod compress;
pub mod error_page;
pub mod form_error;
pub mod headers;
pub mod identify;
pub mod observe;
pub mod origin;
pub mod whole;

use crate::server::state::AppState;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use bound::bound;
use error_page::error_page;
use headers::headers;
use identify::identify;
use observe::observe;
use origin::origin;

// Each is a function of what comes after it, not a layer: of layers every request clones and boxes all.

/// Tells of every request, and to every reader in the right form.
pub async fn outer(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let observed = async |request| observe(&state, request, async |request| next.run(request).await).await;
    let with_headers = async |request| headers(&state, request, observed).await;
    error_page(&state, request, with_headers).await
}

/// Lets in what is neither too much nor forged, and knows whose it is.
pub async fn inner(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let identified = async |request| identify(&state, request, async |request| next.run(request).await).await;
    let from_here = async |request| origin(&state, request, identified).await;
    bound(&state, request, from_here).await
}
