use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::checkout::{self as checkout_page, Next, Typed};
use super::html::{self, escape, money};
use super::see_other;
use crate::billing::checkout;
use crate::card::Card;
use crate::router::App;
use crate::shape;
use crate::state::State;

const TABLE: &str = "checkout.session";
const FAILED: &str =
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.";

/// Which confirmation is meant.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Which {
    challenge: String,
}

/// Which button was pressed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Pressed {
    challenge: String,
    result: String,
}

/// `GET /c/pay/{id}/authenticate`
pub async fn show(Shared(app): Shared<Arc<App>>, Path(id): Path<String>, Query(which): Query<Which>) -> Response {
    let (session, _) = app.store.with(|state| state.get(TABLE, &id).cloned());
    match session {
        Some(session) if session["status"] != "open" => checkout_page::closed(&session),
        Some(session) if challenge(&session, &which.challenge).is_some() => page(&session, &which.challenge),
        Some(_) => see_other(&format!("/c/pay/{id}")),
        None => super::not_found().await,
    }
}

/// `POST /c/pay/{id}/authenticate`
pub async fn submit(Shared(app): Shared<Arc<App>>, Path(id): Path<String>, Form(pressed): Form<Pressed>) -> Response {
    checkout_page::answer(&app, |state| confirm(state, &id, &pressed)).await
}

fn confirm(state: &mut State, id: &str, pressed: &Pressed) -> Next {
    let session = match checkout_page::open(state, id) {
        Ok(session) => session,
        Err(next) => return next,
    };
    let Some(asked) = challenge(&session, &pressed.challenge) else {
        return Next::Unknown;
    };
    let typed = Typed::by(shape::text(asked, "email"), shape::text(asked, "name"));
    let card = Card::from_private(&asked["card"]);
    let mut private = session["_private"].clone();
    private["challenge"] = Value::Null;
    let session = state.set(TABLE, id, json!({"_private": private}));
    match card {
        Some(card) if pressed.result == "complete" => checkout_page::charge(state, session, &card, typed),
        _ => checkout_page::refused(session, typed, FAILED.to_owned()),
    }
}

fn challenge<'a>(session: &'a Value, token: &str) -> Option<&'a Value> {
    let asked = &session["_private"]["challenge"];
    (!token.is_empty() && asked["token"] == token).then_some(asked)
}

fn page(session: &Value, token: &str) -> Response {
    let amount = money(shape::number(session, "amount_total"), shape::text(session, "currency"));
    let body = format!(
        "<section class=\"card narrow\"><h1>Confirm this payment</h1>\
         <p>Your bank asks you to confirm the payment of <strong>{amount}</strong>. This stands for 3D Secure.</p>\
         <form method=\"post\"><input type=\"hidden\" name=\"challenge\" value=\"{}\">\
         <button type=\"submit\" name=\"result\" value=\"complete\">Complete</button>\
         <button type=\"submit\" name=\"result\" value=\"fail\" class=\"quiet\">Fail</button></form></section>",
        escape(token)
    );
    html::page(StatusCode::OK, "Confirm this payment", &body, &[&checkout::success_url(session)])
}
