use serde_json::json;

use super::{Answer, customers, find, list};
use crate::billing::payment;
use crate::card::Card;
use crate::params::Params;
use crate::state::State;
use crate::stripe_error::StripeError;
use crate::webhook::event;
use crate::{ids, shape};

/// `/v1/payment_methods…`
pub fn call(state: &mut State, method: &str, rest: &[&str], params: &Params) -> Option<Answer> {
    Some(match (method, rest) {
        ("POST", []) => create(state, params),
        ("GET", []) => index(state, params),
        ("GET", [id]) => params.only(&[]).and_then(|()| find(state, "payment_method", "PaymentMethod", id)),
        ("POST", [id, "attach"]) => attach(state, id, params),
        ("POST", [id, "detach"]) => detach(state, id),
        _ => return None,
    })
}

/// `/v1/customers/…/payment_methods`
pub fn of(state: &State, customer: &str, params: &Params) -> Answer {
    list::only(params, &["type", "allow_redisplay"])?;
    find(state, "customer", "customer", customer)?;
    let url = format!("/v1/customers/{customer}/payment_methods");
    list::page(state, params, "payment_method", &url, |method| method["customer"] == customer)
}

fn create(state: &mut State, params: &Params) -> Answer {
    params.only(&["type", "card", "billing_details", "metadata", "allow_redisplay"])?;
    if params.required("type")? != "card" {
        return Err(StripeError::invalid("The sandbox takes cards only.").with("param", "type"));
    }
    let given = params.group("card")?;
    given.only(&["token", "number", "exp_month", "exp_year", "cvc", "networks"])?;
    let card = match given.text("token")? {
        Some(token) => Card::named(&token, state.now())
            .ok_or_else(|| StripeError::no_such_parameter("token", &token, "card[token]"))?,
        None => typed(state, &given)?,
    };
    let details = params.group("billing_details")?;
    let (email, name) = (details.text("email")?, details.text("name")?);
    let mut method = card.payment_method(None, email.as_deref(), name.as_deref(), state.now());
    method["id"] = json!(ids::new("pm"));
    method["metadata"] = params.metadata(&json!({}))?;
    Ok(state.insert("payment_method", method))
}

fn typed(state: &State, given: &Params) -> Result<Card, StripeError> {
    let expiry = format!("{}/{}", given.required("exp_month")?, given.required("exp_year")?);
    let cvc = given.text("cvc")?.unwrap_or_else(|| "123".to_owned());
    Card::parse(&given.required("number")?, &expiry, &cvc, state.now()).map_err(|problems| {
        let (code, param, message) = match (problems.number, problems.expiry, problems.cvc) {
            (Some(message), _, _) => ("incorrect_number", "number", message),
            (_, Some(message), _) => ("invalid_expiry_year", "exp_year", message),
            (_, _, message) => ("invalid_cvc", "cvc", message.unwrap_or_default()),
        };
        StripeError::card(code, None, message).with("param", param)
    })
}

fn index(state: &State, params: &Params) -> Answer {
    list::only(params, &["customer", "type"])?;
    let customer = params.text("customer")?;
    list::page(state, params, "payment_method", "/v1/payment_methods", |method| {
        customer.as_ref().is_some_and(|customer| method["customer"] == customer.as_str())
    })
}

fn attach(state: &mut State, id: &str, params: &Params) -> Answer {
    params.only(&["customer"])?;
    let customer = params.required("customer")?;
    customers::named(state, &customer, "customer")?;
    let method = payment::method_named(state, id, "payment_method")
        .map_err(|_| StripeError::no_such("PaymentMethod", id, "payment_method"))?;
    payment::keep(state, method, &customer)
}

fn detach(state: &mut State, id: &str) -> Answer {
    let method = find(state, "payment_method", "PaymentMethod", id)?;
    let Some(customer) = shape::owned(&method, "customer") else {
        return Err(StripeError::invalid(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
        ));
    };
    state.edit("customer", &customer, |customer| {
        if customer["invoice_settings"]["default_payment_method"] == id {
            customer["invoice_settings"]["default_payment_method"] = json!(null);
        }
    });
    let method = state.set("payment_method", id, json!({"customer": null}));
    event::emit(state, "payment_method.detached", &method);
    Ok(method)
}
