use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use crate::router::App;

/// The page that asks the card's holder to confirm.
mod authenticate;
/// The form for a card.
mod card_form;
/// The page that takes a card.
mod checkout;
/// The frame of every page, and safe text.
mod html;
/// The page of an invoice.
mod invoice;
/// The billing portal: plan, card, payments.
mod portal;
/// What the billing portal's forms do.
mod portal_action;
/// The billing portal's page that takes another card.
mod portal_card;

pub use html::money;

/// The hosted pages.
pub fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/c/pay/{id}", get(checkout::show).post(checkout::submit))
        .route("/c/pay/{id}/authenticate", get(checkout::ask).post(checkout::confirm))
        .route("/p/session/{secret}", get(portal::show))
        .route("/p/session/{secret}/cancel", get(portal_action::ask_cancel).post(portal_action::cancel))
        .route("/p/session/{secret}/resume", axum::routing::post(portal_action::resume))
        .route("/p/session/{secret}/card", get(portal_card::show).post(portal_card::submit))
        .route("/p/session/{secret}/authenticate", get(portal_card::ask).post(portal_card::confirm))
        .route("/p/session/{secret}/pay", axum::routing::post(portal_action::pay))
        .route("/i/{id}", get(invoice::show))
        .route("/sandbox.css", get(style))
}

/// What stands at `/`.
pub async fn home() -> Response {
    let body = "<h1>Stripe sandbox</h1><p>This is a stand-in for Stripe, for development and tests. No money moves here. \
        Its API is under <code>/v1</code>, its own controls are under <code>/_sandbox</code>.</p>";
    html::page(StatusCode::OK, "Stripe sandbox", body, &[])
}

/// What stands nowhere.
pub async fn not_found() -> Response {
    html::message(
        StatusCode::NOT_FOUND,
        "There is nothing here",
        "The address may be incomplete, or its session is gone.",
        None,
    )
}

async fn style() -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("max-age=300")),
    ];
    (headers, include_str!("style.css")).into_response()
}

/// Sends the browser on after a POST: 303.
fn see_other(address: &str) -> Response {
    let mut response = Redirect::to(address).into_response();
    html::harden(response.headers_mut(), &[address]);
    response
}
