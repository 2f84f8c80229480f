use serde_json::json;

use crate::stand::{Stand, id};

#[tokio::test]
async fn a_customers_address_changes() {
    let stand = Stand::start(|_| {});
    let form = [("email", "ada@example.com"), ("name", "Ada"), ("metadata[user_id]", "7")];
    let before = stand.post("customers", &form).await;
    let path = format!("customers/{}", id(&before));
    let after = stand.post(&path, &[("email", "countess@example.com")]).await;
    let mut expected = before.clone();
    expected["email"] = json!("countess@example.com");
    assert_eq!(after, expected, "nothing else changes");
    assert_eq!(stand.get(&path).await, after);
    let listed = |email: &'static str| {
        let stand = &stand;
        async move { stand.get(&format!("customers?email={email}")).await["data"].clone() }
    };
    assert_eq!(listed("countess@example.com").await, json!([after]));
    assert_eq!(listed("ada@example.com").await, json!([]));
    let event = stand.get("events?type=customer.updated").await["data"][0].clone();
    assert_eq!(event["data"], json!({"object": after, "previous_attributes": {"email": "ada@example.com"}}));
    let (status, refused) = stand.call("POST", &path, &[("email", "nobody")]).await;
    assert_eq!((status, refused["error"]["code"].as_str()), (400, Some("email_invalid")));
    assert_eq!(stand.get(&path).await, after, "what is refused changes nothing");
    stand.call("DELETE", &path, &[]).await;
    let (status, gone) = stand.call("POST", &path, &[("email", "ada@example.com")]).await;
    assert_eq!((status, gone["error"]["code"].as_str()), (404, Some("resource_missing")));
}

#[tokio::test]
async fn an_invoice_shows_what_its_customer_is_set_up_with() {
    let stand = Stand::start(|_| {});
    let form = [
        ("payment_method", "pm_card_visa"),
        ("invoice_settings[default_payment_method]", "pm_card_visa"),
        ("invoice_settings[footer]", "Thank you"),
        ("shipping[name]", "Ada"),
        ("shipping[address][city]", "Bengaluru"),
        ("tax_exempt", "exempt"),
        ("balance", "-900"),
        ("invoice_prefix", "ADA1"),
        ("next_invoice_sequence", "7"),
    ];
    let who = id(&stand.post("customers", &form).await);
    let price = stand.price().await;
    let form = [("customer", who.as_str()), ("items[0][price]", &price), ("expand[]", "latest_invoice")];
    let invoice = stand.post("subscriptions", &form).await["latest_invoice"].clone();
    assert_eq!((&invoice["number"], &invoice["footer"]), (&json!("ADA1-0007"), &json!("Thank you")));
    assert_eq!(invoice["customer_shipping"]["address"]["city"], "Bengaluru");
    assert_eq!(invoice["customer_tax_exempt"], "exempt");
    assert_eq!((&invoice["total"], &invoice["amount_due"]), (&json!(49_900), &json!(49_000)));
    let after = stand.get(&format!("customers/{who}")).await;
    assert_eq!((&after["balance"], &after["next_invoice_sequence"]), (&json!(0), &json!(8)));
}
