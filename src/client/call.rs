//! Asking a server function for its answer as text: one way for all of them, so that the client carries it once.

use crate::api::error::Problem;
use leptos::server_fn::{
    client::{Client, browser::BrowserClient},
    redirect::call_redirect_hook,
    request::browser::BrowserRequest,
    response::ClientRes,
};

/// Sends it; where the answer leads elsewhere, goes there.
///
/// # Errors
/// What the server function failed with, or that the server could not be reached.
pub async fn call(request: Result<BrowserRequest, Problem>) -> Result<String, Problem> {
    let answer = <BrowserClient as Client<Problem>>::send(request?).await?;
    let (status, there) = (ClientRes::<Problem>::status(&answer), ClientRes::<Problem>::location(&answer));
    let leads_on = ClientRes::<Problem>::has_redirect(&answer);
    let text = ClientRes::<Problem>::try_into_string(answer).await?;
    if status >= 400 {
        return Err(Problem::from_json(&text));
    }
    if leads_on {
        call_redirect_hook(&there);
    }
    Ok(text)
}
