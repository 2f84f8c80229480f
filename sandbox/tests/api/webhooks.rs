use serde_json::json;

use crate::stand::{SECRET, Stand, counts, id, kinds};

#[tokio::test]
async fn a_payment_tells_its_story_in_signed_webhooks() {
    let stand = Stand::start(|_| {});
    stand.subscribe().await;
    let expected = [
        "product.created",
        "price.created",
        "customer.created",
        "payment_method.attached",
        "customer.updated",
        "customer.subscription.created",
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
        "payment_intent.succeeded",
        "charge.succeeded",
        "checkout.session.completed",
    ];
    assert_eq!(stand.events().await, expected);
    let hooks = stand.hooks(|hooks| hooks.len() == expected.len()).await;
    for hook in &hooks {
        stripe_webhook::Webhook::construct_event(&hook.body, &hook.signature, SECRET).unwrap();
        stripe_webhook::Webhook::construct_event(&hook.body, &hook.signature, "whsec_second").unwrap();
        assert!(stripe_webhook::Webhook::construct_event(&hook.body, &hook.signature, "whsec_other").is_err());
    }
}

#[tokio::test]
async fn refused_webhooks_come_again_with_a_new_signature() {
    let stand = Stand::start(|_| {});
    *stand.inbox.refuse.lock().unwrap() = 3;
    stand.post("customers", &[("email", "ada@example.com")]).await;
    let hooks = stand.hooks(|hooks| hooks.len() == 4).await;
    assert_eq!(counts(&hooks).len(), 1);
    assert_eq!(hooks[0].body, hooks[3].body);
    let list = stand.http.get(format!("{}/_sandbox/deliveries", stand.url)).send().await.unwrap();
    let list: serde_json::Value = list.json().await.unwrap();
    let delivery = &list["deliveries"][0];
    assert_eq!(delivery["type"], "customer.created");
    assert!(delivery["attempts"].as_i64().unwrap() >= 3);
}

#[tokio::test]
async fn duplicates_reordering_and_resending() {
    let stand = Stand::start(|settings| (settings.duplicates, settings.reorder) = (true, true));
    for number in 0..8 {
        stand.post("customers", &[("name", &number.to_string())]).await;
    }
    let hooks = stand.hooks(|hooks| hooks.len() == 16).await;
    assert!(counts(&hooks).values().all(|count| *count == 2));
    let order: Vec<&str> = hooks.iter().map(|hook| hook.event["data"]["object"]["name"].as_str().unwrap()).collect();
    assert!(!order.is_sorted(), "{order:?}");
    let again = id(&hooks[0].event);
    stand.control(&format!("events/{again}/resend"), json!({})).await;
    let hooks = stand.hooks(|hooks| hooks.len() == 17).await;
    assert_eq!(id(&hooks[16].event), again);
}

#[tokio::test]
async fn former_shapes_have_the_period_on_the_subscription() {
    let stand = Stand::start(|settings| settings.old_shapes = true);
    let id = stand.subscribe().await;
    let hooks = stand.hooks(|hooks| hooks.len() == 13).await;
    let of = |kind: &str| hooks.iter().find(|hook| hook.event["type"] == kind).unwrap().event["data"]["object"].clone();
    let subscription = of("customer.subscription.created");
    assert!(subscription["current_period_end"].is_i64());
    assert!(subscription["items"]["data"][0].get("current_period_end").is_none());
    let invoice = of("invoice.paid");
    assert_eq!(invoice["subscription"], id.as_str());
    assert!(invoice.get("parent").is_none() && invoice["paid"] == true);
    // What the API answers follows the caller's version, not the switch.
    let now = stand.get(&format!("subscriptions/{id}")).await;
    assert!(now["items"]["data"][0]["current_period_end"].is_i64());
    let old = stand
        .http
        .get(format!("{}/v1/subscriptions/{id}", stand.url))
        .bearer_auth("sk_test_x")
        .header("Stripe-Version", "2024-06-20");
    let old: serde_json::Value = old.send().await.unwrap().json().await.unwrap();
    assert_eq!(old["current_period_end"], now["items"]["data"][0]["current_period_end"]);
}

#[tokio::test]
async fn test_events_and_endpoints_made_over_the_api() {
    let stand = Stand::start(|_| {});
    let url = stand.inbox.clone().serve();
    let endpoint = stand.post("webhook_endpoints", &[("url", &url), ("enabled_events[]", "invoice.paid")]).await;
    let secret = endpoint["secret"].as_str().unwrap();
    stand.control("events", json!({"type": "invoice.paid", "data": {"id": "in_1", "object": "invoice"}})).await;
    stand.control("events", json!({"type": "something.new", "data": {"id": "x"}})).await;
    let hooks = stand.hooks(|hooks| hooks.len() == 3).await;
    let mut sorted = kinds(&hooks);
    sorted.sort();
    assert_eq!(sorted, ["invoice.paid", "invoice.paid", "something.new"]);
    let at = hooks[0].signature.split(',').next().unwrap().trim_start_matches("t=").parse().unwrap();
    let paid: Vec<_> = hooks.iter().filter(|hook| hook.event["type"] == "invoice.paid").collect();
    assert!(paid.iter().any(|hook| hook.signature == sandbox::sign(&hook.body, &[secret.to_owned()], at)));
    let status =
        sandbox::send_test_event(&url, &["whsec_x".into()], "customer.subscription.deleted", None).await.unwrap();
    assert_eq!(status, 200);
}
