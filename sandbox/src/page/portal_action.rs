use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::portal::{self, Visit};
use super::{html, see_other};
use crate::billing::{invoice, subscription};
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

enum Next {
    Back(&'static str),
    Gone,
}

/// `GET /p/session/{secret}/cancel`: asks first.
pub async fn ask_cancel(
    Shared(app): Shared<Arc<App>>,
    Path(secret): Path<String>,
    Query(which): Query<Which>,
) -> Response {
    let (end, _) = app.store.with(|state| {
        let visit = portal::visit(state, &secret).filter(|visit| visit.can("subscription_cancel"))?;
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
        Next::Gone => portal::gone(),
    }
}

fn mark(state: &mut State, visit: &Visit, id: &str, cancel: bool) -> Next {
    let own = state
        .get("subscription", id)
        .is_some_and(|sub| sub["customer"] == visit.customer["id"] && sub["status"] != "canceled");
    if !own || !visit.can("subscription_cancel") {
        return Next::Gone;
    }
    subscription::cancel_at_period_end(state, id, cancel);
    Next::Back(if cancel { "canceled" } else { "resumed" })
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
