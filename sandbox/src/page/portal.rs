use std::sync::Arc;

use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;

use super::html::{self, escape, money};
use crate::billing::subscription;
use crate::router::App;
use crate::state::State;
use crate::{clock, shape};

/// Where visits are kept.
pub const TABLE: &str = "portal";
/// How long a portal session lasts, in real milliseconds.
const LASTS: i64 = 86_400_000;

/// What was just done, for the notice at the top.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Done {
    done: String,
}

/// A visitor of the portal.
#[derive(Debug, Clone)]
pub struct Visit {
    /// The part of the address that lets one in.
    pub secret: String,
    /// Whose portal it is.
    pub customer: Value,
    /// Where 'return' leads.
    pub return_url: Option<String>,
    /// What it lets one do.
    features: Value,
}

impl Visit {
    /// Whether the portal is set up to let one do this.
    pub fn can(&self, feature: &str) -> bool {
        self.features[feature]["enabled"] == true
    }
}

/// Who an address lets in; `None` once it is too old.
pub fn visit(state: &State, secret: &str) -> Option<Visit> {
    let session = state.get(TABLE, secret)?;
    if clock::real_millis() - shape::number(session, "at_ms") > LASTS {
        return None;
    }
    let customer = state.get("customer", shape::text(session, "customer"))?.clone();
    let return_url = shape::owned(session, "return_url");
    let configuration = shape::text(&session["session"], "configuration");
    let features = state.get("billing_portal.configuration", configuration)?["features"].clone();
    (customer["deleted"] != true).then(|| Visit { secret: secret.to_owned(), customer, return_url, features })
}

/// The page for an address that lets nobody in.
pub fn gone() -> Response {
    html::message(
        StatusCode::GONE,
        "This link has expired",
        "Go back to the site and open the billing portal from there again.",
        None,
    )
}

/// `GET /p/session/{secret}`
pub async fn show(Shared(app): Shared<Arc<App>>, Path(secret): Path<String>, Query(done): Query<Done>) -> Response {
    let (body, _) = app.store.with(|state| visit(state, &secret).map(|visit| body(state, &visit, notice(&done.done))));
    match body {
        Some(body) => html::page(StatusCode::OK, "Billing", &body, &[]),
        None => gone(),
    }
}

fn body(state: &State, visit: &Visit, notice: Option<&str>) -> String {
    let id = shape::text(&visit.customer, "id");
    let subscriptions: Vec<&Value> = state
        .all("subscription")
        .rev()
        .filter(|sub| sub["customer"] == id && shape::text(sub, "status") != "incomplete_expired")
        .collect();
    let live: String =
        subscriptions.iter().filter(|sub| sub["status"] != "canceled").map(|sub| plan(state, visit, sub)).collect();
    let live = if live.is_empty() {
        "<section class=\"card wide\"><h2>Plan</h2><p>There is no active subscription.</p></section>".to_owned()
    } else {
        live
    };
    let back = visit.return_url.as_ref().map(|address| {
        format!(
            "<p><a class=\"back\" href=\"{}\"><span aria-hidden=\"true\">←</span> Return to the site</a></p>",
            escape(address)
        )
    });
    let notice = notice.map(|text| format!("<p class=\"notice\" role=\"status\">{text}</p>"));
    format!(
        "{}<h1>Billing</h1><p class=\"hint\">{}</p>{}{live}{}{}",
        back.unwrap_or_default(),
        escape(shape::text(&visit.customer, "email")),
        notice.unwrap_or_default(),
        card(state, visit),
        history(state, visit),
    )
}

fn plan(state: &State, visit: &Visit, sub: &Value) -> String {
    let items: String =
        sub["items"]["data"].as_array().into_iter().flatten().map(|item| item_line(state, item)).collect();
    let set = sub["cancel_at"].as_i64();
    let end = clock::date_in_words(set.unwrap_or(subscription::period(sub).1));
    let id = escape(shape::text(sub, "id"));
    let (words, action) = if set.is_some() {
        (
            format!("Ends on {end}. It will not renew."),
            format!(
                "<form method=\"post\" action=\"/p/session/{0}/resume\"><input type=\"hidden\" name=\"subscription\" value=\"{id}\"><button type=\"submit\">Resume subscription</button></form>",
                visit.secret
            ),
        )
    } else {
        let words = match shape::text(sub, "status") {
            "trialing" => format!("Your trial ends on {end}; then the first payment is due."),
            "past_due" => "The last payment failed. Change the card, or pay below.".to_owned(),
            "incomplete" => "The first payment failed. Change the card, then pay below.".to_owned(),
            "paused" => "Paused until there is a card.".to_owned(),
            _ => format!("Renews on {end}."),
        };
        let link = format!(
            "<p><a class=\"button quiet\" href=\"/p/session/{}/cancel?subscription={id}\">Cancel subscription</a></p>",
            visit.secret
        );
        (words, link)
    };
    let action = if visit.can("subscription_cancel") { action } else { String::new() };
    format!(
        "<section class=\"card wide\"><h2>Plan</h2><ul class=\"lines\">{items}</ul><p>{words}</p>{action}</section>"
    )
}

fn item_line(state: &State, item: &Value) -> String {
    let price = &item["price"];
    let product = state.get("product", shape::text(price, "product"));
    let name = product.map(|product| shape::text(product, "name")).unwrap_or_default();
    let quantity = shape::number(item, "quantity");
    let amount = money(shape::number(price, "unit_amount") * quantity, shape::text(price, "currency"));
    let times = if quantity == 1 { String::new() } else { format!(" × {quantity}") };
    format!(
        "<li><span>{}{times}</span><span class=\"figure\">{amount} every {}</span></li>",
        escape(name),
        escape(shape::text(&price["recurring"], "interval"))
    )
}

fn card(state: &State, visit: &Visit) -> String {
    let id = shape::text(&visit.customer["invoice_settings"], "default_payment_method");
    let words = match state.get("payment_method", id) {
        Some(method) => {
            let card = &method["card"];
            format!(
                "{} ending in {}, valid until {:02}/{}",
                brand(shape::text(card, "brand")),
                escape(shape::text(card, "last4")),
                shape::number(card, "exp_month"),
                shape::number(card, "exp_year")
            )
        }
        None => "No card is saved.".to_owned(),
    };
    let link = format!("<p><a class=\"button quiet\" href=\"/p/session/{}/card\">Change card</a></p>", visit.secret);
    let link = if visit.can("payment_method_update") { link } else { String::new() };
    format!("<section class=\"card wide\"><h2>Card</h2><p>{words}</p>{link}</section>")
}

fn brand(code: &str) -> &'static str {
    match code {
        "visa" => "Visa",
        "mastercard" => "Mastercard",
        "amex" => "American Express",
        "discover" => "Discover",
        _ => "Card",
    }
}

fn history(state: &State, visit: &Visit) -> String {
    if !visit.can("invoice_history") {
        return String::new();
    }
    let id = shape::text(&visit.customer, "id");
    let rows: String = state
        .all("invoice")
        .rev()
        .filter(|invoice| invoice["customer"] == id)
        .take(100)
        .map(|invoice| invoice_row(visit, invoice))
        .collect();
    if rows.is_empty() {
        return "<section class=\"card wide\"><h2>Payments</h2><p>Your payments will be listed here.</p></section>"
            .to_owned();
    }
    format!(
        "<section class=\"card wide\"><h2>Payments</h2><table><thead><tr><th scope=\"col\">Date</th><th scope=\"col\">Invoice</th>\
         <th scope=\"col\">Status</th><th scope=\"col\" class=\"figure\">Amount</th></tr></thead><tbody>{rows}</tbody></table></section>"
    )
}

fn invoice_row(visit: &Visit, invoice: &Value) -> String {
    let id = escape(shape::text(invoice, "id"));
    let pay = if invoice["status"] == "open" {
        format!(
            "<form method=\"post\" action=\"/p/session/{}/pay\"><input type=\"hidden\" name=\"invoice\" value=\"{id}\"><button type=\"submit\">Pay</button></form>",
            visit.secret
        )
    } else {
        String::new()
    };
    format!(
        "<tr><td>{}</td><td><a href=\"/i/{id}?secret={}\">{}</a></td><td>{}{pay}</td><td class=\"figure\">{}</td></tr>",
        clock::date_in_words(shape::number(invoice, "created")),
        escape(shape::text(&invoice["_private"], "secret")),
        escape(shape::text(invoice, "number")),
        escape(shape::text(invoice, "status")),
        money(shape::number(invoice, "amount_due"), shape::text(invoice, "currency")),
    )
}

fn notice(done: &str) -> Option<&'static str> {
    match done {
        "canceled" => Some("Your subscription will end with the current period."),
        "resumed" => Some("Your subscription goes on."),
        "card" => Some("Your new card is saved."),
        "paid" => Some("Thank you, the invoice is paid."),
        "refused" => Some("Your card was declined. Change the card and try again."),
        _ => None,
    }
}
