use crate::stand::{SHARED, card};

#[tokio::test]
async fn the_portal_cancels_resumes_and_changes_the_card() {
    let sub = SHARED.subscribe().await;
    let customer = SHARED.get(&format!("subscriptions/{sub}")).await["customer"].as_str().unwrap().to_owned();
    let form = [("customer", customer.as_str()), ("return_url", "http://127.0.0.1:9/account")];
    let portal = SHARED.post("billing_portal/sessions", &form).await;
    let url = portal["url"].as_str().unwrap();
    let page = SHARED.http.get(url).send().await.unwrap().text().await.unwrap();
    for part in
        ["http://127.0.0.1:9/account", "Renews on", "Visa ending in 4242", "₹499.00", "paid", "Cancel subscription"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    let asked = SHARED.http.get(format!("{url}/cancel?subscription={sub}")).send().await.unwrap();
    assert!(asked.text().await.unwrap().contains("It stays active until"));
    let (status, place, _) = SHARED.submit(&format!("{url}/cancel"), &[("subscription", &sub)]).await;
    assert_eq!(status, 303);
    let page = SHARED.http.get(format!("{}{place}", SHARED.url)).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Ends on") && page.contains("Resume subscription"));
    assert_eq!(SHARED.get(&format!("subscriptions/{sub}")).await["cancel_at_period_end"], true);
    SHARED.submit(&format!("{url}/resume"), &[("subscription", &sub)]).await;
    assert_eq!(SHARED.get(&format!("subscriptions/{sub}")).await["cancel_at_period_end"], false);
    let (status, _, page) = SHARED.submit(&format!("{url}/card"), &card("4000000000000002")).await;
    assert!(status == 402 && page.contains("declined"));
    SHARED.submit(&format!("{url}/card"), &card("5555555555554444")).await;
    let page = SHARED.http.get(url).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Mastercard ending in 4444"));
}

#[tokio::test]
async fn one_customers_portal_does_not_reach_anothers_subscription() {
    let (mine, other) = (SHARED.subscribe().await, SHARED.subscribe().await);
    let customer = SHARED.get(&format!("subscriptions/{mine}")).await["customer"].as_str().unwrap().to_owned();
    let portal = SHARED.post("billing_portal/sessions", &[("customer", customer.as_str())]).await;
    let (status, _, _) =
        SHARED.submit(&format!("{}/cancel", portal["url"].as_str().unwrap()), &[("subscription", &other)]).await;
    assert_eq!(status, 410);
    assert_eq!(SHARED.get(&format!("subscriptions/{other}")).await["cancel_at_period_end"], false);
    let unknown = SHARED.http.get(format!("{}/p/session/test_nobody", SHARED.url)).send().await.unwrap();
    assert_eq!(unknown.status(), 410);
}
