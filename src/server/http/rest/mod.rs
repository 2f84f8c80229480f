//! The HTTP API's handlers, each mounted together with its documentation.

pub mod admin;
pub mod auth;
pub mod billing;
pub mod ledger;
pub mod market;
pub mod notices;
mod page;
pub mod signals;
pub mod usage;

use crate::server::{
    http::{health, webhooks},
    state::AppState,
};
use utoipa_axum::router::OpenApiRouter;

/// All routes, relative to `/api/v1`.
pub fn v1() -> OpenApiRouter<AppState> {
    prototype()
        .merge(health::system_routes())
        .merge(market::routes())
        .merge(ledger::routes())
        .merge(usage::routes())
        .merge(notices::routes())
        .merge(admin::routes())
}

/// The routes that answer at the root too.
pub fn prototype() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(auth::routes())
        .merge(billing::routes())
        .merge(webhooks::routes())
        .merge(signals::routes())
        .merge(health::routes())
}
