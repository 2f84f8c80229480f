use serde_json::Value;

use crate::stand::{Stand, advance, card, id};

const DAY: i64 = 86_400;

#[tokio::test]
async fn a_subscription_renews_and_ends_when_cancelled() {
    let stand = Stand::start(|_| {});
    let sub = stand.subscribe().await;
    let first = stand.get(&format!("subscriptions/{sub}")).await;
    stand.control("clock", advance(32 * DAY)).await;
    let second = stand.get(&format!("subscriptions/{sub}?expand[]=latest_invoice")).await;
    assert_eq!(period(&second).0, period(&first).1);
    assert_eq!(second["latest_invoice"]["billing_reason"], "subscription_cycle");
    assert_eq!(second["latest_invoice"]["created"], period(&second).0);
    let marked = stand.post(&format!("subscriptions/{sub}"), &[("cancel_at_period_end", "true")]).await;
    assert_eq!(marked["cancel_at"], period(&second).1);
    let back = stand.post(&format!("subscriptions/{sub}"), &[("cancel_at_period_end", "false")]).await;
    assert!(back["cancel_at"].is_null());
    stand.post(&format!("subscriptions/{sub}"), &[("cancel_at_period_end", "true")]).await;
    stand.control("clock", advance(40 * DAY)).await;
    let ended = stand.get(&format!("subscriptions/{sub}")).await;
    assert_eq!((ended["status"].as_str(), ended["ended_at"].as_i64()), (Some("canceled"), Some(period(&second).1)));
    assert_eq!(stand.events().await.last().unwrap(), "customer.subscription.deleted");
    let invoices = stand.get(&format!("invoices?subscription={sub}")).await;
    assert_eq!(invoices["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_failing_renewal_is_retried_then_cancelled() {
    let stand = Stand::start(|_| {});
    let sub = stand.subscribe().await;
    change_card(&stand, &sub, "4000000000000341").await;
    stand.control("clock", advance(31 * DAY)).await;
    let late = stand.get(&format!("subscriptions/{sub}?expand[]=latest_invoice.payment_intent")).await;
    assert_eq!(late["status"], "past_due");
    assert_eq!(late["latest_invoice"]["attempt_count"], 1);
    assert_eq!(late["latest_invoice"]["payment_intent"]["last_payment_error"]["code"], "card_declined");
    let (status, refused) = stand.call("POST", &format!("invoices/{}/pay", id(&late["latest_invoice"])), &[]).await;
    assert_eq!((status, refused["error"]["type"].as_str()), (402, Some("card_error")));
    stand.control("clock", advance(10 * DAY)).await;
    assert_eq!(stand.get(&format!("subscriptions/{sub}")).await["status"], "canceled");
    let events = stand.events().await;
    assert_eq!(events.iter().filter(|kind| *kind == "invoice.payment_failed").count(), 4);
}

#[tokio::test]
async fn a_new_card_saves_a_late_subscription() {
    let stand = Stand::start(|_| {});
    let sub = stand.subscribe().await;
    change_card(&stand, &sub, "4000000000000341").await;
    stand.control("clock", advance(31 * DAY)).await;
    change_card(&stand, &sub, "4242424242424242").await;
    stand.control("clock", advance(4 * DAY)).await;
    let saved = stand.get(&format!("subscriptions/{sub}?expand[]=latest_invoice")).await;
    assert_eq!((saved["status"].as_str(), saved["latest_invoice"]["status"].as_str()), (Some("active"), Some("paid")));
}

#[tokio::test]
async fn a_trial_ends_with_the_first_payment() {
    let stand = Stand::start(|_| {});
    let session = stand.session(&[("subscription_data[trial_period_days]", "7")]).await;
    assert_eq!(session["amount_total"], 0);
    assert_eq!(stand.pay(&session, "4242424242424242").await.0, 303);
    let paid = stand.get(&format!("checkout/sessions/{}?expand[]=subscription", id(&session))).await;
    assert_eq!(paid["payment_status"], "no_payment_required");
    assert_eq!(paid["subscription"]["status"], "trialing");
    stand.control("clock", advance(8 * DAY)).await;
    let after = stand.get(&format!("subscriptions/{}?expand[]=latest_invoice", id(&paid["subscription"]))).await;
    assert_eq!(
        (after["status"].as_str(), after["latest_invoice"]["amount_paid"].as_i64()),
        (Some("active"), Some(49_900))
    );
    assert!(stand.events().await.contains(&"customer.subscription.trial_will_end".to_owned()));
}

#[tokio::test]
async fn a_change_of_price_is_prorated_as_previewed() {
    let stand = Stand::start(|_| {});
    let sub = stand.subscribe().await;
    let dear = stand.price_of(99_900, "month").await;
    stand.control("clock", advance(10 * DAY)).await;
    let before = stand.get(&format!("subscriptions/{sub}")).await;
    let item = before["items"]["data"][0]["id"].as_str().unwrap();
    let at = stand.get("events?limit=1").await["data"][0]["created"]
        .as_i64()
        .unwrap()
        .max(period(&before).0 + 10 * DAY)
        .to_string();
    let preview = [
        ("subscription", sub.as_str()),
        ("subscription_details[items][0][id]", item),
        ("subscription_details[items][0][price]", &dear),
        ("subscription_details[proration_behavior]", "always_invoice"),
        ("subscription_details[proration_date]", &at),
    ];
    let preview = stand.post("invoices/create_preview", &preview).await;
    assert_eq!(preview["lines"]["data"].as_array().unwrap().len(), 2);
    let form = [
        ("items[0][id]", item),
        ("items[0][price]", dear.as_str()),
        ("proration_behavior", "always_invoice"),
        ("proration_date", &at),
        ("expand[]", "latest_invoice"),
    ];
    let changed = stand.post(&format!("subscriptions/{sub}"), &form).await;
    assert_eq!(changed["latest_invoice"]["total"], preview["total"]);
    assert!((30_000..37_000).contains(&preview["total"].as_i64().unwrap()), "{}", preview["total"]);
    assert_eq!(changed["items"]["data"][0]["price"]["id"], dear.as_str());
    assert_eq!(period(&changed), period(&before));
    let yearly = stand.price_of(999_900, "year").await;
    let form = [("items[0][id]", item), ("items[0][price]", yearly.as_str())];
    let changed = stand.post(&format!("subscriptions/{sub}"), &form).await;
    assert!(period(&changed).1 - period(&changed).0 >= 365 * DAY);
}

#[tokio::test]
async fn the_clock_only_goes_ahead_and_only_for_this_site() {
    let stand = Stand::start(|_| {});
    let clock = format!("{}/_sandbox/clock", stand.url);
    let back = stand.http.post(&clock).json(&advance(-5)).send().await.unwrap();
    assert_eq!(back.status(), 422);
    let foreign =
        stand.http.post(&clock).json(&advance(5)).header("Sec-Fetch-Site", "cross-site").send().await.unwrap();
    assert_eq!(foreign.status(), 403);
    let passed_on = stand.http.post(&clock).json(&advance(5)).header("X-Forwarded-For", "127.0.0.1").send();
    assert_eq!(passed_on.await.unwrap().status(), 403);
    let plain = stand.http.post(&clock).form(&[("advance_seconds", "5")]).send().await.unwrap();
    assert_eq!(plain.status(), 415);
    let other = stand.http.post(&clock).header("Content-Type", "application/json5").body("{}").send().await.unwrap();
    assert_eq!(other.status(), 415);
    assert_eq!(stand.http.get(&clock).send().await.unwrap().json::<Value>().await.unwrap()["ahead_seconds"], 0);
}

async fn change_card(stand: &Stand, sub: &str, number: &str) {
    let sub = stand.get(&format!("subscriptions/{sub}")).await;
    let customer = sub["customer"].as_str().unwrap();
    let portal = stand.post("billing_portal/sessions", &[("customer", customer)]).await;
    let (status, place, _) = stand.submit(&format!("{}/card", portal["url"].as_str().unwrap()), &card(number)).await;
    assert_eq!(status, 303, "{place}");
}

fn period(sub: &Value) -> (i64, i64) {
    let item = &sub["items"]["data"][0];
    (item["current_period_start"].as_i64().unwrap(), item["current_period_end"].as_i64().unwrap())
}
