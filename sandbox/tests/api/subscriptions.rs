use serde_json::{Value, json};

use crate::stand::{Stand, advance, id};

const DAY: i64 = 86_400;

async fn customer(stand: &Stand, card: &str) -> String {
    let form = [("payment_method", card), ("invoice_settings[default_payment_method]", card)];
    id(&stand.post("customers", &form).await)
}

#[tokio::test]
async fn a_refused_first_payment_leaves_it_incomplete_until_paid() {
    let stand = Stand::start(|_| {});
    let (customer, price) = (customer(&stand, "pm_card_chargeCustomerFail").await, stand.price().await);
    let form = [
        ("customer", customer.as_str()),
        ("items[0][price]", price.as_str()),
        ("payment_behavior", "error_if_incomplete"),
    ];
    let (status, refused) = stand.call("POST", "subscriptions", &form).await;
    assert_eq!((status, refused["error"]["code"].as_str()), (402, Some("card_declined")));
    assert!(stand.get("subscriptions?status=all").await["data"].as_array().unwrap().is_empty());
    let made = stand.post("subscriptions", &form[..2]).await;
    assert_eq!(made["status"], "incomplete");
    let invoice = made["latest_invoice"].as_str().unwrap();
    let paid = stand.post(&format!("invoices/{invoice}/pay"), &[("payment_method", "pm_card_visa")]).await;
    assert_eq!(paid["status"], "paid");
    assert_eq!(stand.get(&format!("subscriptions/{}", id(&made))).await["status"], "active");
    let other = stand.post("subscriptions", &form[..2]).await;
    stand.control("clock", advance(DAY)).await;
    assert_eq!(stand.get(&format!("subscriptions/{}", id(&other))).await["status"], "incomplete_expired");
    let page = stand.http.get(paid["hosted_invoice_url"].as_str().unwrap()).send().await.unwrap();
    assert!(page.status() == 200 && page.text().await.unwrap().contains("₹499.00"));
}

#[tokio::test]
async fn a_trial_without_a_card_pauses_and_resumes() {
    let stand = Stand::start(|_| {});
    let (who, price) = (id(&stand.post("customers", &[("name", "Ada")]).await), stand.price().await);
    let form = [
        ("customer", who.as_str()),
        ("items[0][price]", price.as_str()),
        ("trial_period_days", "5"),
        ("trial_settings[end_behavior][missing_payment_method]", "pause"),
    ];
    let sub = id(&stand.post("subscriptions", &form).await);
    let clock = stand.post("test_helpers/test_clocks", &[("frozen_time", &now(&stand, 0).await)]).await;
    let later = now(&stand, 6 * DAY).await;
    stand.post(&format!("test_helpers/test_clocks/{}/advance", id(&clock)), &[("frozen_time", &later)]).await;
    assert_eq!(stand.get(&format!("subscriptions/{sub}")).await["status"], "paused");
    assert_eq!(stand.events().await.last().unwrap(), "customer.subscription.paused");
    stand.post(&format!("subscriptions/{sub}"), &[("default_payment_method", "pm_card_visa")]).await;
    let resumed = stand.post(&format!("subscriptions/{sub}/resume"), &[("expand[]", "latest_invoice")]).await;
    assert_eq!(
        (resumed["status"].as_str(), resumed["latest_invoice"]["status"].as_str()),
        (Some("active"), Some("paid"))
    );
}

#[tokio::test]
async fn a_cheaper_price_is_credited_to_the_next_invoice() {
    let stand = Stand::start(|_| {});
    let (who, dear) = (customer(&stand, "pm_card_visa").await, stand.price_of(100_000, "month").await);
    let form = [("customer", who.as_str()), ("items[0][price]", dear.as_str())];
    let sub = stand.post("subscriptions", &form).await;
    let cheap = stand.price_of(10_000, "month").await;
    let item = id(&sub["items"]["data"][0]);
    let form = [("items[0][id]", item.as_str()), ("items[0][price]", cheap.as_str())];
    stand.post(&format!("subscriptions/{}", id(&sub)), &form).await;
    let preview = stand.post("invoices/create_preview", &[("subscription", &id(&sub))]).await;
    assert!(preview["total"].as_i64().unwrap() < 0);
    stand.control("clock", advance(32 * DAY)).await;
    let renewed = stand.get(&format!("subscriptions/{}?expand[]=latest_invoice&expand[]=customer", id(&sub))).await;
    assert_eq!(renewed["status"], "active");
    assert_eq!(renewed["latest_invoice"]["total"], preview["total"]);
    assert_eq!(renewed["latest_invoice"]["amount_due"], 0);
    assert_eq!(renewed["customer"]["balance"], preview["total"]);
}

#[tokio::test]
async fn a_subscription_ends_at_the_instant_that_is_set() {
    let stand = Stand::start(|_| {});
    let (who, price) = (customer(&stand, "pm_card_visa").await, stand.price_of(30_000, "day").await);
    let form = [("customer", who.as_str()), ("items[0][price]", price.as_str())];
    let made = stand.post("subscriptions", &form).await;
    let path = format!("subscriptions/{}", id(&made));
    let (_, end) = period(&made);
    // A quarter into the second day.
    let at = end + DAY / 4;
    let marked = stand.post(&path, &[("cancel_at", &at.to_string())]).await;
    assert_eq!((&marked["cancel_at"], &marked["cancel_at_period_end"]), (&json!(at), &json!(false)));
    assert_eq!(marked["cancellation_details"]["reason"], "cancellation_requested");
    assert_eq!(stand.events().await.last().unwrap(), "customer.subscription.updated");
    let preview = stand.post("invoices/create_preview", &[("subscription", &id(&made))]).await;
    assert_eq!(preview["total"], 7_500, "the second day is paid until then");
    stand.control("clock", advance(DAY + 60)).await;
    let second = stand.get(&format!("{path}?expand[]=latest_invoice")).await;
    assert_eq!((&second["status"], &second["latest_invoice"]["total"]), (&json!("active"), &json!(7_500)));
    stand.control("clock", advance(DAY)).await;
    let ended = stand.get(&path).await;
    assert_eq!((&ended["status"], &ended["ended_at"]), (&json!("canceled"), &json!(at)));
    assert_eq!(stand.events().await.last().unwrap(), "customer.subscription.deleted");
    let invoices = stand.get(&format!("invoices?subscription={}", id(&made))).await;
    assert_eq!(invoices["data"].as_array().unwrap().len(), 2, "nothing is billed after the end");
}

#[tokio::test]
async fn an_end_within_the_period_is_prorated_and_can_be_taken_back() {
    let stand = Stand::start(|_| {});
    let (who, price) = (customer(&stand, "pm_card_visa").await, stand.price_of(30_000, "day").await);
    let form = [("customer", who.as_str()), ("items[0][price]", price.as_str())];
    let made = stand.post("subscriptions", &form).await;
    let path = format!("subscriptions/{}", id(&made));
    let half = (period(&made).1 - DAY / 2).to_string();
    stand.post(&path, &[("cancel_at", &half)]).await;
    let (status, none) = stand.call("POST", "invoices/create_preview", &[("subscription", &id(&made))]).await;
    assert_eq!((status, &none["error"]["code"]), (404, &json!("invoice_upcoming_none")));
    let back = stand.post(&path, &[("cancel_at", "")]).await;
    assert!(back["cancel_at"].is_null() && back["canceled_at"].is_null());
    let preview = stand.post("invoices/create_preview", &[("subscription", &id(&made))]).await;
    assert_eq!(preview["total"], 30_000, "what was given back is asked for again");
    stand.post(&path, &[("cancel_at", &half), ("proration_behavior", "always_invoice")]).await;
    assert_eq!(stand.get(&format!("customers/{who}")).await["balance"], -15_000);
    let form = [&form[..], &[("cancel_at", half.as_str())]].concat();
    let short = stand.post("subscriptions", &[&form[..], &[("expand[]", "latest_invoice")]].concat()).await;
    assert_eq!(short["cancel_at"].to_string(), half);
    let total = short["latest_invoice"]["total"].as_i64().unwrap();
    assert!((14_900..=15_000).contains(&total), "half a day: {total}");
    for wrong in [&[("cancel_at", "1")][..], &[("cancel_at", &half), ("cancel_at_period_end", "true")]] {
        let (status, refused) = stand.call("POST", &path, wrong).await;
        assert_eq!((status, &refused["error"]["type"]), (400, &json!("invalid_request_error")), "{refused}");
    }
    let with_period = stand.post(&path, &[("cancel_at", ""), ("cancel_at_period_end", "true")]).await;
    assert_eq!(with_period["cancel_at"], period(&made).1);
}

#[tokio::test]
async fn the_portal_takes_back_an_end_with_what_it_gave_back() {
    let stand = Stand::start(|_| {});
    let (who, price) = (customer(&stand, "pm_card_visa").await, stand.price_of(30_000, "day").await);
    let made = stand.post("subscriptions", &[("customer", who.as_str()), ("items[0][price]", price.as_str())]).await;
    let path = format!("subscriptions/{}", id(&made));
    let end = period(&made).1;
    let portal = stand.post("billing_portal/sessions", &[("customer", who.as_str())]).await;
    let portal = portal["url"].as_str().unwrap();
    let next = async || {
        let preview = stand.post("invoices/create_preview", &[("subscription", &id(&made))]).await;
        (preview["total"].as_i64().unwrap(), preview["lines"]["data"].as_array().unwrap().len())
    };
    let ends_and_goes_on = async |at: i64, behavior: &str| {
        stand.post(&path, &[("cancel_at", &at.to_string()), ("proration_behavior", behavior)]).await;
        let (status, place, _) = stand.submit(&format!("{portal}/resume"), &[("subscription", &id(&made))]).await;
        assert!(status == 303 && place.ends_with("?done=resumed"), "{place}");
        assert!(stand.get(&path).await["cancel_at"].is_null());
        next().await
    };
    let half = end - DAY / 2;
    assert_eq!(ends_and_goes_on(half, "create_prorations").await, (30_000, 1), "the credit that waited is gone");
    assert_eq!(ends_and_goes_on(half, "none").await, (30_000, 1), "nothing was credited");
    stand.post(&path, &[("cancel_at", &(end - DAY / 4).to_string())]).await;
    assert_eq!(ends_and_goes_on(half, "create_prorations").await, (30_000, 1), "nor is what a moved end left there");
    assert_eq!(ends_and_goes_on(half, "always_invoice").await, (45_000, 2), "what was given is asked for again");
    assert_eq!(stand.get(&format!("customers/{who}")).await["balance"], -15_000);
    assert_eq!(ends_and_goes_on(half, "create_prorations").await, (45_000, 2), "once");
}

fn period(sub: &Value) -> (i64, i64) {
    let item = &sub["items"]["data"][0];
    (item["current_period_start"].as_i64().unwrap(), item["current_period_end"].as_i64().unwrap())
}

/// The sandbox's time and so many seconds, as text.
async fn now(stand: &Stand, more: i64) -> String {
    let clock = stand.http.get(format!("{}/_sandbox/clock", stand.url)).send().await.unwrap();
    let clock: Value = clock.json().await.unwrap();
    (clock["now"].as_i64().unwrap() + more).to_string()
}
