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
