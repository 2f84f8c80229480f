use serde_json::json;

use super::{Answer, contact, customers, find, list};
use crate::billing::payment;
use crate::card::Card;
use crate::params::Params;
use crate::shape;
use crate::state::State;
use crate::stripe_error::StripeError;
use crate::webhook::event;

const FILTERS: [(&str, &str); 2] = [("type", "/type"), ("allow_redisplay", "/allow_redisplay")];

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
    let fits = list::by(params, &FILTERS)?;
    list::page(state, params, "payment_method", &url, |method| method["customer"] == customer && fits(method))
}

fn create(state: &mut State, params: &Params) -> Answer {
    params.serves(
        &["type", "card", "billing_details", "metadata", "allow_redisplay"],
        &["customer", "payment_method", "radar_options"],
    )?;
    if params.required("type")? != "card" {
        return Err(StripeError::invalid("The sandbox takes cards only.").with("param", "type"));
    }
    let given = params.group("card")?;
    given.serves(&["token", "number", "exp_month", "exp_year", "cvc"], &["networks"])?;
    let card = match given.text("token")? {
        Some(token) => Card::named(&token, state.now())
            .ok_or_else(|| StripeError::no_such_parameter("token", &token, "card[token]"))?,
        None => typed(state, &given)?,
    };
    let mut method = card.payment_method(None, None, None, state.now());
    method["metadata"] = params.metadata(&json!({}))?;
    shape::merge(&mut method["billing_details"], billing_details(&params.group("billing_details")?)?);
    if let Some(word) = params.choice("allow_redisplay", &["always", "limited", "unspecified"])? {
        method["allow_redisplay"] = json!(word);
    }
    Ok(state.insert("payment_method", method))
}

fn billing_details(given: &Params) -> Answer {
    given.serves(&["address", "email", "name", "phone"], &["tax_id"])?;
    let mut details = json!({});
    for name in ["email", "name", "phone"] {
        details[name] = json!(given.text(name)?);
    }
    if given.has("address") {
        details["address"] = contact::address(given)?;
    }
    Ok(details)
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
    list::serves(params, &["customer", "type", "allow_redisplay"], &["customer_account"])?;
    let (customer, fits) = (params.text("customer")?, list::by(params, &FILTERS)?);
    list::page(state, params, "payment_method", "/v1/payment_methods", |method| {
        customer.as_ref().is_some_and(|customer| method["customer"] == customer.as_str()) && fits(method)
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
