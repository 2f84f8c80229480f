use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::html::{self, escape};
use crate::card::Card;
use crate::state::State;
use crate::{ids, shape};

/// What is said when the holder did not confirm.
pub const FAILED: &str =
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.";

/// Which confirmation is meant.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Which {
    pub challenge: String,
}

/// Which button was pressed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Pressed {
    challenge: String,
    result: String,
}

/// What came of a confirmation.
pub struct Answer {
    /// The card, if its holder confirmed.
    pub card: Option<Card>,
    /// Whose it is.
    pub email: String,
    /// The name on it.
    pub name: String,
}

/// Keeps a card with an object while its holder confirms; the token of the confirmation.
pub fn ask(state: &mut State, table: &str, id: &str, card: &Card, email: &str, name: Option<&str>) -> String {
    let token = ids::secret(24);
    let asked = json!({"token": token, "card": card.to_private(), "email": email, "name": name});
    state.edit(table, id, |object| object["_private"]["challenge"] = asked);
    token
}

/// Whether an object waits for this confirmation.
pub fn waits(object: &Value, which: &str) -> bool {
    !which.is_empty() && object["_private"]["challenge"]["token"] == which
}

/// Ends the confirmation that an object waits for; `None` when it is another one.
pub fn take(state: &mut State, table: &str, id: &str, pressed: &Pressed) -> Option<Answer> {
    let object = state.get(table, id).filter(|object| waits(object, &pressed.challenge))?;
    let asked = object["_private"]["challenge"].clone();
    state.edit(table, id, |object| object["_private"]["challenge"] = Value::Null);
    let card = Card::from_private(&asked["card"]).filter(|_| pressed.result == "complete");
    Some(Answer { card, email: shape::text(&asked, "email").to_owned(), name: shape::text(&asked, "name").to_owned() })
}

/// The page that asks. `what` is safe text; `target` is where the form may lead besides this site.
pub fn page(title: &str, what: &str, token: &str, target: Option<&str>) -> Response {
    let body = format!(
        "<section class=\"card narrow\"><h1>{title}</h1><p>{what} This stands for 3D Secure.</p>\
         <form method=\"post\"><input type=\"hidden\" name=\"challenge\" value=\"{}\">\
         <button type=\"submit\" name=\"result\" value=\"complete\">Complete</button>\
         <button type=\"submit\" name=\"result\" value=\"fail\" class=\"quiet\">Fail</button></form></section>",
        escape(token)
    );
    html::page(StatusCode::OK, title, &body, target.as_slice())
}
