use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::checkout::{field, test_cards, words};
use super::portal::{self, Visit};
use super::{html, see_other};
use crate::billing::{invoice, payment, subscription};
use crate::card::{Card, CardProblems};
use crate::router::App;
use crate::state::State;
use crate::{clock, shape};

/// Which subscription or invoice a form is about.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Which {
    subscription: String,
    invoice: String,
}

/// What the card form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    #[serde(rename = "cardNumber")]
    number: String,
    #[serde(rename = "cardExpiry")]
    expiry: String,
    #[serde(rename = "cardCvc")]
    cvc: String,
}

enum Next {
    Back(&'static str),
    Again(CardProblems, Option<String>),
    Gone,
}

/// `GET /p/session/{secret}/cancel`: asks first.
pub async fn ask_cancel(
    Shared(app): Shared<Arc<App>>,
    Path(secret): Path<String>,
    Query(which): Query<Which>,
) -> Response {
    let (end, _) = app.store.with(|state| {
        let visit = portal::visit(state, &secret)?;
        let sub =
            state.get("subscription", &which.subscription).filter(|sub| sub["customer"] == visit.customer["id"])?;
        Some(clock::date_in_words(subscription::period(sub).1))
    });
    let Some(end) = end else {
        return portal::gone();
    };
    let body = format!(
        "<section class=\"card narrow\"><h1>Cancel your subscription?</h1><p>It stays active until {end} and does not renew then. You can resume it until that day.</p>\
         <form method=\"post\"><input type=\"hidden\" name=\"subscription\" value=\"{}\"><button type=\"submit\">Cancel subscription</button></form>\
         <p><a class=\"button quiet\" href=\"/p/session/{}\">Keep it</a></p></section>",
        html::escape(&which.subscription),
        html::escape(&secret),
    );
    html::page(StatusCode::OK, "Cancel subscription", &body, &[])
}

/// `POST /p/session/{secret}/cancel`
pub async fn cancel(Shared(app): Shared<Arc<App>>, Path(secret): Path<String>, Form(which): Form<Which>) -> Response {
    act(&app, &secret, |state, visit| mark(state, visit, &which.subscription, true)).await
}

/// `POST /p/session/{secret}/resume`
pub async fn resume(Shared(app): Shared<Arc<App>>, Path(secret): Path<String>, Form(which): Form<Which>) -> Response {
    act(&app, &secret, |state, visit| mark(state, visit, &which.subscription, false)).await
}

/// `GET /p/session/{secret}/card`
pub async fn ask_card(Shared(app): Shared<Arc<App>>, Path(secret): Path<String>) -> Response {
    match app.store.with(|state| portal::visit(state, &secret)).0 {
        Some(visit) => card_form(StatusCode::OK, &visit.secret, &Typed::default(), &CardProblems::default(), None),
        None => portal::gone(),
    }
}

/// `POST /p/session/{secret}/card`
pub async fn change_card(
    Shared(app): Shared<Arc<App>>,
    Path(secret): Path<String>,
    Form(typed): Form<Typed>,
) -> Response {
    let (next, version) = app.store.with(|state| match portal::visit(state, &secret) {
        Some(visit) => save(state, &visit, &typed),
        None => Next::Gone,
    });
    app.store.durable(version).await;
    match next {
        Next::Again(problems, refused) => {
            card_form(StatusCode::PAYMENT_REQUIRED, &secret, &typed, &problems, refused.as_deref())
        }
        next => onward(&secret, &next),
    }
}

/// `POST /p/session/{secret}/pay`
pub async fn pay(Shared(app): Shared<Arc<App>>, Path(secret): Path<String>, Form(which): Form<Which>) -> Response {
    act(&app, &secret, |state, visit| pay_invoice(state, visit, &which.invoice)).await
}

async fn act(app: &App, secret: &str, work: impl FnOnce(&mut State, &Visit) -> Next) -> Response {
    let (next, version) = app.store.with(|state| match portal::visit(state, secret) {
        Some(visit) => work(state, &visit),
        None => Next::Gone,
    });
    app.store.durable(version).await;
    onward(secret, &next)
}

fn onward(secret: &str, next: &Next) -> Response {
    match next {
        Next::Back(done) => see_other(&format!("/p/session/{secret}?done={done}")),
        Next::Again(..) | Next::Gone => portal::gone(),
    }
}

fn mark(state: &mut State, visit: &Visit, id: &str, cancel: bool) -> Next {
    let own = state
        .get("subscription", id)
        .is_some_and(|sub| sub["customer"] == visit.customer["id"] && sub["status"] != "canceled");
    if !own {
        return Next::Gone;
    }
    subscription::cancel_at_period_end(state, id, cancel);
    Next::Back(if cancel { "canceled" } else { "resumed" })
}

fn save(state: &mut State, visit: &Visit, typed: &Typed) -> Next {
    let card = match Card::parse(&typed.number, &typed.expiry, &typed.cvc, state.now()) {
        Ok(card) => card,
        Err(problems) => return Next::Again(problems, None),
    };
    if let Some(refused) = card.refused_when_saved() {
        return Next::Again(CardProblems::default(), Some(words(&refused)));
    }
    let customer = shape::text(&visit.customer, "id");
    let email = shape::owned(&visit.customer, "email");
    let method = card.payment_method(Some(customer), email.as_deref(), None, state.now());
    let method = payment::attach(state, method, customer);
    let live: Vec<String> = state
        .all("subscription")
        .filter(|sub| {
            sub["customer"] == customer && !matches!(shape::text(sub, "status"), "canceled" | "incomplete_expired")
        })
        .map(|sub| shape::text(sub, "id").to_owned())
        .collect();
    for sub in live {
        subscription::change(state, &sub, json!({"default_payment_method": method["id"]}));
    }
    Next::Back("card")
}

fn pay_invoice(state: &mut State, visit: &Visit, id: &str) -> Next {
    let invoice = state.get("invoice", id).filter(|invoice| invoice["customer"] == visit.customer["id"]).cloned();
    let Some(invoice) = invoice else {
        return Next::Gone;
    };
    if invoice["status"] != "open" {
        return Next::Back("paid");
    }
    let sub = shape::text(&invoice["parent"]["subscription_details"], "subscription").to_owned();
    let method = state.get("subscription", &sub).and_then(|sub| subscription::method_of(state, sub));
    let (_, paid) = invoice::pay(state, id, method.as_ref());
    if paid {
        subscription::revive(state, &sub, id);
    }
    Next::Back(if paid { "paid" } else { "refused" })
}

fn card_form(
    status: StatusCode,
    secret: &str,
    typed: &Typed,
    problems: &CardProblems,
    refused: Option<&str>,
) -> Response {
    let refused = refused.map(|text| format!("<p class=\"alert\" role=\"alert\">{}</p>", html::escape(text)));
    let body = format!(
        "<section class=\"card narrow\"><h1>Change card</h1>{}<form method=\"post\" novalidate>{}<div class=\"pair\">{}{}</div>\
         <button type=\"submit\">Save card</button></form><p><a class=\"button quiet\" href=\"/p/session/{}\">Back</a></p>{}</section>",
        refused.unwrap_or_default(),
        field(
            "cardNumber",
            "Card number",
            "",
            problems.number,
            "inputmode=\"numeric\" autocomplete=\"cc-number\" required"
        ),
        field(
            "cardExpiry",
            "Expiry (MM/YY)",
            &typed.expiry,
            problems.expiry,
            "inputmode=\"numeric\" autocomplete=\"cc-exp\" placeholder=\"MM/YY\" required"
        ),
        field("cardCvc", "Security code", "", problems.cvc, "inputmode=\"numeric\" autocomplete=\"cc-csc\" required"),
        html::escape(secret),
        test_cards(),
    );
    html::page(status, "Change card", &body, &[])
}
