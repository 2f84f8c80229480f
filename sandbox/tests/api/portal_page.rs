use crate::stand::{SHARED, card, id};

/// The address of a new portal session, for the customer of a subscription.
async fn portal_of(sub: &str, more: &[(&str, &str)]) -> String {
    let customer = SHARED.get(&format!("subscriptions/{sub}")).await["customer"].as_str().unwrap().to_owned();
    let form = [&[("customer", customer.as_str())][..], more].concat();
    SHARED.post("billing_portal/sessions", &form).await["url"].as_str().unwrap().to_owned()
}

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

#[tokio::test]
async fn a_card_that_wants_authentication_is_saved_once_it_is_confirmed() {
    let url = portal_of(&SHARED.subscribe().await, &[]).await;
    let ask = async || {
        let (status, place, _) = SHARED.submit(&format!("{url}/card"), &card("4000002500003155")).await;
        assert_eq!(status, 303);
        let challenge = place.split("challenge=").nth(1).expect("a challenge").to_owned();
        (format!("{}{place}", SHARED.url), challenge)
    };
    let saved = async || {
        let page = SHARED.http.get(&url).send().await.unwrap().text().await.unwrap();
        page.contains("Visa ending in 3155")
    };
    let (confirm, challenge) = ask().await;
    let page = SHARED.http.get(&confirm).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Complete") && page.contains("Fail"));
    assert!(!saved().await, "nothing is saved before it is confirmed");
    let (status, _, page) = SHARED.submit(&confirm, &[("challenge", &challenge), ("result", "fail")]).await;
    assert!(status == 402 && page.contains("unable to authenticate"));
    assert!(page.contains(&format!("action=\"{}/card\"", url.trim_start_matches(&SHARED.url))), "{page}");
    let (status, place, _) = SHARED.submit(&confirm, &[("challenge", &challenge), ("result", "complete")]).await;
    assert!(status == 303 && place.ends_with("/card"), "a challenge is answered once: {place}");
    assert!(!saved().await);
    let (confirm, challenge) = ask().await;
    let (status, place, _) = SHARED.submit(&confirm, &[("challenge", &challenge), ("result", "complete")]).await;
    assert!(status == 303 && place.ends_with("?done=card"), "{place}");
    assert!(saved().await);
}

#[tokio::test]
async fn a_portal_offers_what_it_is_set_up_for() {
    let sub = SHARED.subscribe().await;
    let form =
        [("features[payment_method_update][enabled]", "true"), ("default_return_url", "http://127.0.0.1:9/home")];
    let made = SHARED.post("billing_portal/configurations", &form).await;
    let url = portal_of(&sub, &[("configuration", &id(&made))]).await;
    let page = SHARED.http.get(&url).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Change card") && page.contains("http://127.0.0.1:9/home"));
    assert!(!page.contains("Cancel subscription") && !page.contains("Payments"));
    let (status, _, _) = SHARED.submit(&format!("{url}/cancel"), &[("subscription", &sub)]).await;
    assert_eq!(status, 410);
    assert_eq!(SHARED.get(&format!("subscriptions/{sub}")).await["cancel_at_period_end"], false);
}
