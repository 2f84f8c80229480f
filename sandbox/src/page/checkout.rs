use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;

use super::authenticate::{self, FAILED, Pressed, Which};
use super::card_form::{TypedCard, alert, field, test_cards, words};
use super::html::{self, escape, money};
use super::see_other;
use crate::billing::checkout;
use crate::card::{Card, CardProblems};
use crate::router::App;
use crate::shape;
use crate::state::State;

const TABLE: &str = "checkout.session";

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    email: String,
    #[serde(flatten)]
    card: TypedCard,
    #[serde(rename = "cardName")]
    name: String,
}

impl Typed {
    fn name(&self) -> Option<&str> {
        Some(self.name.trim()).filter(|name| !name.is_empty())
    }
}

/// What is wrong with what was typed.
#[derive(Debug, Default)]
struct Problems {
    card: CardProblems,
    email: Option<&'static str>,
    refused: Option<String>,
}

/// What a submit leads to.
enum Next {
    /// To another page.
    On(String),
    /// To the form again.
    Again(Box<Refused>),
    /// To a session that takes no payment any more.
    Closed(Value),
    /// Nowhere.
    Unknown,
}

/// A session, what was typed for it, and what is wrong with that.
struct Refused {
    session: Value,
    typed: Typed,
    problems: Problems,
}

/// `GET /c/pay/{id}`
pub async fn show(Shared(app): Shared<Arc<App>>, Path(id): Path<String>) -> Response {
    let (found, _) = app.store.with(|state| {
        let session = state.get(TABLE, &id)?;
        Some((session.clone(), takes_payment(state, session), email_of(state, &id)))
    });
    match found {
        None => super::not_found().await,
        Some((session, false, _)) => closed(&session),
        Some((session, true, email)) => {
            let typed = Typed { email: email.unwrap_or_default(), ..Typed::default() };
            form(StatusCode::OK, &session, &typed, &Problems::default())
        }
    }
}

/// `POST /c/pay/{id}`: pays, asks for a confirmation, or says what is wrong.
pub async fn submit(Shared(app): Shared<Arc<App>>, Path(id): Path<String>, Form(typed): Form<Typed>) -> Response {
    answer(&app, |state| pay(state, &id, typed)).await
}

/// `GET /c/pay/{id}/authenticate`
pub async fn ask(Shared(app): Shared<Arc<App>>, Path(id): Path<String>, Query(which): Query<Which>) -> Response {
    let (session, _) = app.store.with(|state| state.get(TABLE, &id).cloned());
    match session {
        Some(session) if session["status"] != "open" => closed(&session),
        Some(session) if authenticate::waits(&session, &which.challenge) => {
            let amount = money(shape::number(&session, "amount_total"), shape::text(&session, "currency"));
            let what = format!("Your bank asks you to confirm the payment of <strong>{amount}</strong>.");
            let back = checkout::success_url(&session);
            authenticate::page("Confirm this payment", &what, &which.challenge, Some(&back))
        }
        Some(_) => see_other(&format!("/c/pay/{id}")),
        None => super::not_found().await,
    }
}

/// `POST /c/pay/{id}/authenticate`
pub async fn confirm(Shared(app): Shared<Arc<App>>, Path(id): Path<String>, Form(pressed): Form<Pressed>) -> Response {
    answer(&app, |state| confirmed(state, &id, &pressed)).await
}

/// Does what a submit asks for and shows what it leads to.
async fn answer(app: &App, submitted: impl FnOnce(&mut State) -> Next) -> Response {
    let (next, version) = app.store.with(submitted);
    app.store.durable(version).await;
    match next {
        Next::On(address) => see_other(&address),
        Next::Again(refused) => {
            let Refused { session, typed, problems } = *refused;
            form(StatusCode::PAYMENT_REQUIRED, &session, &typed, &problems)
        }
        Next::Closed(session) => closed(&session),
        Next::Unknown => super::not_found().await,
    }
}

/// The session that waits for a card, else where its visitor belongs.
fn open(state: &State, id: &str) -> Result<Value, Next> {
    let session = state.get(TABLE, id).cloned().ok_or(Next::Unknown)?;
    if takes_payment(state, &session) {
        return Ok(session);
    }
    // A second press of the button goes where the first one went.
    let paid = session["status"] == "complete";
    Err(if paid { Next::On(checkout::success_url(&session)) } else { Next::Closed(session) })
}

/// Whether a session waits for a card. A customer who was deleted can do nothing any more.
fn takes_payment(state: &State, session: &Value) -> bool {
    let customer = state.get("customer", shape::text(session, "customer"));
    session["status"] == "open" && customer.is_none_or(|customer| customer["deleted"] != true)
}

/// Charges a card; a refusal leads to the form again.
fn charge(state: &mut State, session: Value, card: &Card, typed: Typed) -> Next {
    match checkout::pay(state, &session, card, &typed.email, typed.name()) {
        Ok(session) => Next::On(checkout::success_url(&session)),
        Err(error) => refused(session, typed, words(&error)),
    }
}

/// The form again, with why the payment was refused.
fn refused(session: Value, typed: Typed, words: String) -> Next {
    again(session, typed, Problems { refused: Some(words), ..Problems::default() })
}

/// A session that takes no payment any more.
fn closed(session: &Value) -> Response {
    if session["status"] == "complete" {
        let back = checkout::success_url(session);
        return html::message(
            StatusCode::OK,
            "You are all done here",
            "This checkout session has been completed.",
            Some((&back, "Go on")),
        );
    }
    let link = session["cancel_url"].as_str().map(|address| (address, "Go back"));
    html::message(
        StatusCode::GONE,
        "This page has expired",
        "This checkout session has expired. Go back and start again.",
        link,
    )
}

fn pay(state: &mut State, id: &str, typed: Typed) -> Next {
    let session = match open(state, id) {
        Ok(session) => session,
        Err(next) => return next,
    };
    let email = email_of(state, id).unwrap_or_else(|| typed.email.trim().to_owned());
    let typed = Typed { email, ..typed };
    let wrong_email = (!typed.email.contains('@') || typed.email.len() > 512).then_some("Enter your e-mail address.");
    let card = match (typed.card.parse(state.now()), wrong_email) {
        (Ok(card), None) => card,
        (card, email) => {
            let card = card.err().unwrap_or_default();
            return again(session, typed, Problems { card, email, refused: None });
        }
    };
    if card.wants_authentication() {
        let token = authenticate::ask(state, TABLE, id, &card, &typed.email, typed.name());
        return Next::On(format!("/c/pay/{id}/authenticate?challenge={token}"));
    }
    charge(state, session, &card, typed)
}

fn confirmed(state: &mut State, id: &str, pressed: &Pressed) -> Next {
    if let Err(next) = open(state, id) {
        return next;
    }
    let Some(answer) = authenticate::take(state, TABLE, id, pressed) else {
        return Next::Unknown;
    };
    let session = state.get(TABLE, id).cloned().unwrap_or_default();
    let typed = Typed { email: answer.email, name: answer.name, ..Typed::default() };
    match answer.card {
        Some(card) => charge(state, session, &card, typed),
        None => refused(session, typed, FAILED.to_owned()),
    }
}

fn again(session: Value, typed: Typed, problems: Problems) -> Next {
    Next::Again(Box::new(Refused { session, typed, problems }))
}

/// The address that is already known, which the page then only shows.
fn email_of(state: &State, session: &str) -> Option<String> {
    let session = state.get(TABLE, session)?;
    let given = shape::owned(session, "customer_email");
    given.or_else(|| shape::owned(state.get("customer", shape::text(session, "customer"))?, "email"))
}

fn form(status: StatusCode, session: &Value, typed: &Typed, problems: &Problems) -> Response {
    let known = shape::owned(session, "customer_email").or_else(|| shape::owned(&session["customer_details"], "email"));
    let email = match known {
        Some(email) => format!(
            "<div class=\"field\"><span class=\"label\">E-mail</span><p class=\"fixed\">{}</p></div>",
            escape(&email)
        ),
        None => {
            field("email", "E-mail", &typed.email, problems.email, "type=\"email\" autocomplete=\"email\" required")
        }
    };
    // The address of the form is named, since the confirmation's page shows it too.
    let body = format!(
        "<div class=\"columns\">{summary}<section class=\"card\" aria-labelledby=\"pay\"><h2 id=\"pay\">Pay with card</h2>{refused}\
         <form method=\"post\" action=\"/c/pay/{id}\" novalidate>{email}{card}{name}<button type=\"submit\">{button}</button></form>{cards}</section></div>",
        id = escape(shape::text(session, "id")),
        summary = summary(session),
        refused = alert(problems.refused.as_deref()),
        card = typed.card.fields(&problems.card),
        name = field("cardName", "Name on card (optional)", &typed.name, None, "autocomplete=\"cc-name\""),
        button = button(session),
        cards = test_cards(),
    );
    html::page(status, "Checkout", &body, &[&checkout::success_url(session)])
}

fn summary(session: &Value) -> String {
    let currency = shape::text(session, "currency");
    let items = session["_private"]["line_items"].as_array().cloned().unwrap_or_default();
    let lines: String = items.iter().map(|item| line(item, currency)).collect();
    let cancel = session["cancel_url"].as_str().map(|address| {
        format!(
            "<p><a class=\"back\" href=\"{}\"><span aria-hidden=\"true\">←</span> Cancel and go back</a></p>",
            escape(address)
        )
    });
    let trial = session["_private"]["trial_days"]
        .as_i64()
        .map(|days| format!("<p class=\"hint\">{days} days free, then the price above.</p>"));
    format!(
        "<section class=\"summary\" aria-labelledby=\"what\">{cancel}<h1 id=\"what\">{title}</h1><p class=\"total\">{total}</p>{trial}<ul class=\"lines\">{lines}</ul></section>",
        cancel = cancel.unwrap_or_default(),
        title = if session["mode"] == "subscription" { "Subscribe" } else { "Pay" },
        total = money(shape::number(session, "amount_total"), currency),
        trial = trial.unwrap_or_default(),
    )
}

fn line(item: &Value, currency: &str) -> String {
    let recurring = &item["price"]["recurring"];
    let every = match (recurring["interval"].as_str(), recurring["interval_count"].as_i64()) {
        (Some(interval), Some(1)) => format!(" every {interval}"),
        (Some(interval), Some(count)) => format!(" every {count} {interval}s"),
        _ => String::new(),
    };
    let quantity = shape::number(item, "quantity");
    let times = if quantity == 1 { String::new() } else { format!(" × {quantity}") };
    format!(
        "<li><span>{}{times}</span><span class=\"figure\">{}{every}</span></li>",
        escape(shape::text(item, "description")),
        money(shape::number(item, "amount_total"), currency)
    )
}

fn button(session: &Value) -> String {
    let total = shape::number(session, "amount_total");
    match (shape::text(session, "mode"), total) {
        ("subscription", 0) => "Start trial".to_owned(),
        ("subscription", _) => format!("Subscribe for {}", money(total, shape::text(session, "currency"))),
        _ => format!("Pay {}", money(total, shape::text(session, "currency"))),
    }
}
