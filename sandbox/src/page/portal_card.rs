use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use super::authenticate::{self, FAILED, Pressed, Which};
use super::card_form::{TypedCard, alert, test_cards, words};
use super::portal::{self, Visit};
use super::{html, see_other};
use crate::billing::{payment, subscription};
use crate::card::{Card, CardProblems};
use crate::router::App;
use crate::shape;
use crate::state::State;

/// What a submit leads to.
enum Next {
    /// To another page.
    On(String),
    /// To the form again, with what is wrong.
    Again(CardProblems, Option<String>),
    /// To a link that leads nowhere any more.
    Gone,
}

/// `GET /p/session/{secret}/card`
pub async fn show(Shared(app): Shared<Arc<App>>, Path(secret): Path<String>) -> Response {
    match app.store.with(|state| visit(state, &secret)).0 {
        Some(_) => form(StatusCode::OK, &secret, &TypedCard::default(), &CardProblems::default(), None),
        None => portal::gone(),
    }
}

/// `POST /p/session/{secret}/card`: saves, asks for a confirmation, or says what is wrong.
pub async fn submit(
    Shared(app): Shared<Arc<App>>,
    Path(secret): Path<String>,
    Form(typed): Form<TypedCard>,
) -> Response {
    answer(&app, &secret, &typed, |state, visit| match typed.parse(state.now()) {
        Ok(card) if card.wants_authentication() => {
            let token = authenticate::ask(state, portal::TABLE, &visit.secret, &card, "", None);
            Next::On(format!("/p/session/{}/authenticate?challenge={token}", visit.secret))
        }
        Ok(card) => save(state, visit, &card),
        Err(problems) => Next::Again(problems, None),
    })
    .await
}

/// `GET /p/session/{secret}/authenticate`
pub async fn ask(Shared(app): Shared<Arc<App>>, Path(secret): Path<String>, Query(which): Query<Which>) -> Response {
    let (waits, _) = app.store.with(|state| {
        visit(state, &secret)?;
        Some(authenticate::waits(state.get(portal::TABLE, &secret)?, &which.challenge))
    });
    match waits {
        Some(true) => {
            authenticate::page("Confirm this card", "Your bank asks you to confirm this card.", &which.challenge, None)
        }
        Some(false) => see_other(&format!("/p/session/{secret}/card")),
        None => portal::gone(),
    }
}

/// `POST /p/session/{secret}/authenticate`
pub async fn confirm(
    Shared(app): Shared<Arc<App>>,
    Path(secret): Path<String>,
    Form(pressed): Form<Pressed>,
) -> Response {
    answer(&app, &secret, &TypedCard::default(), |state, visit| {
        match authenticate::take(state, portal::TABLE, &visit.secret, &pressed) {
            Some(authenticate::Answer { card: Some(card), .. }) => save(state, visit, &card),
            Some(_) => Next::Again(CardProblems::default(), Some(FAILED.to_owned())),
            None => Next::On(format!("/p/session/{}/card", visit.secret)),
        }
    })
    .await
}

/// Does what a submit asks for and shows what it leads to.
async fn answer(
    app: &App,
    secret: &str,
    typed: &TypedCard,
    submitted: impl FnOnce(&mut State, &Visit) -> Next,
) -> Response {
    let (next, version) = app.store.with(|state| match visit(state, secret) {
        Some(visit) => submitted(state, &visit),
        None => Next::Gone,
    });
    app.store.durable(version).await;
    match next {
        Next::On(address) => see_other(&address),
        Next::Again(problems, refused) => {
            form(StatusCode::PAYMENT_REQUIRED, secret, typed, &problems, refused.as_deref())
        }
        Next::Gone => portal::gone(),
    }
}

/// A visitor who may change the card.
fn visit(state: &State, secret: &str) -> Option<Visit> {
    portal::visit(state, secret).filter(|visit| visit.can("payment_method_update"))
}

fn save(state: &mut State, visit: &Visit, card: &Card) -> Next {
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
    Next::On(format!("/p/session/{}?done=card", visit.secret))
}

fn form(
    status: StatusCode,
    secret: &str,
    typed: &TypedCard,
    problems: &CardProblems,
    refused: Option<&str>,
) -> Response {
    // The address of the form is named, since the confirmation's page shows it too.
    let body = format!(
        "<section class=\"card narrow\"><h1>Change card</h1>{refused}<form method=\"post\" action=\"/p/session/{secret}/card\" novalidate>{card}\
         <button type=\"submit\">Save card</button></form><p><a class=\"button quiet\" href=\"/p/session/{secret}\">Back</a></p>{cards}</section>",
        refused = alert(refused),
        secret = html::escape(secret),
        card = typed.fields(problems),
        cards = test_cards(),
    );
    html::page(status, "Change card", &body, &[])
}
