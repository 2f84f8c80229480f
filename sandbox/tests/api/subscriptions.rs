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

/// The sandbox's time and so many seconds, as text.
async fn now(stand: &Stand, more: i64) -> String {
    let clock = stand.http.get(format!("{}/_sandbox/clock", stand.url)).send().await.unwrap();
    let clock: serde_json::Value = clock.json().await.unwrap();
    (clock["now"].as_i64().unwrap() + more).to_string()
}
