use std::sync::Arc;

use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;

use super::html::{self, escape, money};
use crate::router::App;
use crate::{clock, shape};

/// What lets one see an invoice without signing in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Key {
    secret: String,
}

/// `GET /i/{id}`
pub async fn show(Shared(app): Shared<Arc<App>>, Path(id): Path<String>, Query(key): Query<Key>) -> Response {
    let (invoice, _) = app.store.with(|state| state.get("invoice", &id).cloned());
    match invoice {
        Some(invoice) if !key.secret.is_empty() && invoice["_private"]["secret"] == key.secret.as_str() => {
            page(&invoice)
        }
        _ => super::not_found().await,
    }
}

fn page(invoice: &Value) -> Response {
    let currency = shape::text(invoice, "currency");
    let lines: String =
        invoice["lines"]["data"].as_array().into_iter().flatten().map(|line| row(line, currency)).collect();
    let body = format!(
        "<section class=\"card\"><h1>Invoice {number}</h1><dl><dt>Date</dt><dd>{date}</dd><dt>To</dt><dd>{to}</dd><dt>Status</dt><dd>{status}</dd></dl>\
         <table><thead><tr><th scope=\"col\">For</th><th scope=\"col\" class=\"figure\">Amount</th></tr></thead><tbody>{lines}</tbody>\
         <tfoot><tr><th scope=\"row\">Total</th><td class=\"figure\"><strong>{total}</strong></td></tr></tfoot></table></section>",
        number = escape(shape::text(invoice, "number")),
        date = clock::date_in_words(shape::number(invoice, "created")),
        to = escape(shape::text(invoice, "customer_email")),
        status = escape(shape::text(invoice, "status")),
        total = money(shape::number(invoice, "amount_due"), currency),
    );
    html::page(StatusCode::OK, "Invoice", &body, &[])
}

fn row(line: &Value, currency: &str) -> String {
    let words = escape(shape::text(line, "description"));
    format!("<tr><td>{words}</td><td class=\"figure\">{}</td></tr>", money(shape::number(line, "amount"), currency))
}
