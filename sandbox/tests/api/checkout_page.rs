use crate::stand::{SHARED, Stand, advance, card, id};

#[tokio::test]
async fn a_good_card_pays_once_and_leads_to_the_success_url() {
    let session = SHARED
        .session(&[
            ("client_reference_id", "user-7"),
            ("metadata[user]", "7"),
            ("subscription_data[metadata][user]", "7"),
        ])
        .await;
    let (first, second) =
        tokio::join!(SHARED.pay(&session, "4242 4242 4242 4242"), SHARED.pay(&session, "4242424242424242"));
    let place = format!("http://127.0.0.1:9/done?session={}", id(&session));
    assert_eq!((first.0, first.1.as_str()), (303, place.as_str()));
    assert_eq!((second.0, second.1.as_str()), (303, place.as_str()));
    let paid = SHARED
        .get(&format!(
            "checkout/sessions/{}?expand[]=subscription.latest_invoice&expand[]=customer&expand[]=line_items",
            id(&session)
        ))
        .await;
    assert_eq!(paid["status"], "complete");
    assert_eq!(paid["payment_status"], "paid");
    assert_eq!(paid["client_reference_id"], "user-7");
    assert_eq!(paid["customer"]["email"], "ada@example.com");
    let subscription = &paid["subscription"];
    assert_eq!(subscription["status"], "active");
    assert_eq!(subscription["metadata"]["user"], "7");
    assert!(subscription["items"]["data"][0]["current_period_end"].as_i64() > subscription["created"].as_i64());
    assert_eq!(subscription["latest_invoice"]["status"], "paid");
    assert_eq!(subscription["latest_invoice"]["amount_paid"], 49_900);
    assert_eq!(subscription["latest_invoice"]["parent"]["subscription_details"]["subscription"], subscription["id"]);
    assert_eq!(paid["line_items"]["data"][0]["amount_total"], 49_900);
    let customer = id(&paid["customer"]);
    let list = SHARED.get(&format!("subscriptions?customer={customer}")).await;
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    assert!(!paid.to_string().contains("4242424242424242"), "no card number leaves the sandbox");
}

#[tokio::test]
async fn refusals_show_the_page_again_with_what_was_typed() {
    let session = SHARED.session(&[]).await;
    let url = session["url"].as_str().unwrap();
    for (number, text) in [
        ("4000000000000002", "Your card was declined."),
        ("4000000000009995", "Your card was declined. Your card has insufficient funds."),
        ("4000000000000069", "Your card was declined. Your card has expired."),
        ("4111111111111111", "used a non test card"),
    ] {
        let mut form = card(number).to_vec();
        form.push(("cardName", "Ada \"L\" <b>"));
        let (status, _, page) = SHARED.submit(url, &form).await;
        assert_eq!(status, 402, "{number}");
        assert!(page.contains(text), "{number}: {page}");
        assert!(page.contains("value=\"Ada &quot;L&quot; &lt;b&gt;\""));
        assert!(page.contains("value=\"12/40\""));
        assert!(!page.contains(number));
    }
    assert_eq!(SHARED.get(&format!("checkout/sessions/{}", id(&session))).await["status"], "open");
}

#[tokio::test]
async fn mistakes_are_named_at_their_fields() {
    let session = SHARED.session(&[]).await;
    let form = [("cardNumber", "4242424242424241"), ("cardExpiry", "13/40"), ("cardCvc", "12")];
    let (status, _, page) = SHARED.submit(session["url"].as_str().unwrap(), &form).await;
    assert_eq!(status, 402);
    for (field, text) in [
        ("cardNumber", "Your card number is invalid."),
        ("cardExpiry", "expiry date is invalid"),
        ("cardCvc", "The security code has 3 digits."),
    ] {
        assert!(page.contains(&format!("aria-describedby=\"{field}-problem\"")), "{field}");
        assert!(page.contains(text.replace('\'', "&#39;").as_str()), "{text}");
    }
}

#[tokio::test]
async fn authentication_can_be_completed_or_failed() {
    let session = SHARED.session(&[]).await;
    let (status, place, _) = SHARED.pay(&session, "4000002500003155").await;
    assert_eq!(status, 303);
    let confirm = format!("{}{place}", SHARED.url);
    let page = SHARED.http.get(&confirm).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Complete") && page.contains("Fail"));
    let challenge = place.split("challenge=").nth(1).unwrap();
    let (status, _, page) = SHARED.submit(&confirm, &[("challenge", challenge), ("result", "fail")]).await;
    assert_eq!(status, 402);
    assert!(page.contains("unable to authenticate"));
    assert!(
        page.contains(&format!("action=\"/c/pay/{}\"", id(&session))),
        "the form leads back to where a card is taken"
    );
    let (_, place, _) = SHARED.pay(&session, "4000002500003155").await;
    let challenge = place.split("challenge=").nth(1).unwrap();
    let (status, place, _) =
        SHARED.submit(&format!("{}{place}", SHARED.url), &[("challenge", challenge), ("result", "complete")]).await;
    assert_eq!(status, 303);
    assert!(place.starts_with("http://127.0.0.1:9/done"));
}

#[tokio::test]
async fn closed_sessions_say_so() {
    let session = SHARED.session(&[]).await;
    SHARED.post(&format!("checkout/sessions/{}/expire", id(&session)), &[]).await;
    let answer = SHARED.http.get(session["url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(answer.status(), 410);
    assert!(answer.text().await.unwrap().contains("expired"));
    assert_eq!(SHARED.pay(&session, "4242424242424242").await.0, 410);
    let (status, again) = SHARED.call("POST", &format!("checkout/sessions/{}/expire", id(&session)), &[]).await;
    assert_eq!((status, again["error"]["type"].as_str()), (400, Some("invalid_request_error")));
}

#[tokio::test]
async fn the_page_is_strict_and_accessible() {
    let session = SHARED.session(&[]).await;
    let answer = SHARED.http.get(session["url"].as_str().unwrap()).send().await.unwrap();
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(
        policy.contains("default-src 'none'")
            && policy.contains("form-action 'self' http://localhost:9 http://127.0.0.1:9"),
        "{policy}"
    );
    assert_eq!(answer.headers()["x-frame-options"], "DENY");
    let page = answer.text().await.unwrap();
    for part in [
        "autocomplete=\"cc-number\"",
        "autocomplete=\"cc-exp\"",
        "autocomplete=\"cc-csc\"",
        "autocomplete=\"cc-name\"",
        "lang=\"en\"",
        "ada@example.com",
        "₹499.00",
        "4000 0025 0000 3155",
        "http://127.0.0.1:9/back",
        "Sandbox",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("<script"));
}

#[tokio::test]
async fn a_single_payment_has_a_payment_intent() {
    let form = [
        ("mode", "payment"),
        ("success_url", "http://127.0.0.1:9/done"),
        ("line_items[0][quantity]", "2"),
        ("line_items[0][price_data][currency]", "usd"),
        ("line_items[0][price_data][unit_amount]", "750"),
        ("line_items[0][price_data][product_data][name]", "Book"),
        ("customer_email", "ada@example.com"),
    ];
    let session = SHARED.post("checkout/sessions", &form).await;
    assert_eq!(session["amount_total"], 1500);
    assert_eq!(SHARED.pay(&session, "4000000000000002").await.0, 402);
    assert_eq!(SHARED.pay(&session, "5555555555554444").await.0, 303);
    let paid = SHARED.get(&format!("checkout/sessions/{}?expand[]=payment_intent.latest_charge", id(&session))).await;
    assert_eq!(paid["payment_intent"]["status"], "succeeded");
    let charge = &paid["payment_intent"]["latest_charge"];
    assert_eq!(charge["payment_method_details"]["card"]["brand"], "mastercard");
    let refund = SHARED.post("refunds", &[("charge", charge["id"].as_str().unwrap()), ("amount", "500")]).await;
    assert_eq!(refund["status"], "succeeded");
    let charge = SHARED.get(&format!("charges/{}", id(charge))).await;
    assert_eq!((charge["amount_refunded"].as_i64(), charge["refunded"].as_bool()), (Some(500), Some(false)));
}

#[tokio::test]
async fn an_open_session_expires_after_a_day() {
    let stand = Stand::start(|_| {});
    let session = stand.session(&[]).await;
    stand.control("clock", advance(86_399)).await;
    assert_eq!(stand.get(&format!("checkout/sessions/{}", id(&session))).await["status"], "open");
    stand.control("clock", advance(60)).await;
    let after = stand.get(&format!("checkout/sessions/{}", id(&session))).await;
    assert_eq!(after["status"], "expired");
    assert!(after["url"].is_null());
    assert_eq!(stand.events().await.last().unwrap(), "checkout.session.expired");
}

#[tokio::test]
async fn a_deleted_customer_pays_no_more() {
    let customer = id(&SHARED.post("customers", &[("email", "gone@example.com")]).await);
    let session = SHARED.session(&[("customer", &customer), ("customer_email", "")]).await;
    let deleted = SHARED.call("DELETE", &format!("customers/{customer}"), &[]).await;
    assert_eq!(deleted, (200, serde_json::json!({"id": customer, "object": "customer", "deleted": true})));
    let (status, _, page) = SHARED.pay(&session, "4242424242424242").await;
    assert_eq!(status, 410, "{page}");
    assert_eq!(SHARED.http.get(session["url"].as_str().unwrap()).send().await.unwrap().status(), 410);
    let shown = SHARED.get(&format!("checkout/sessions/{}?expand[]=customer", id(&session))).await;
    assert_eq!((&shown["status"], &shown["customer"]["deleted"]), (&"open".into(), &true.into()));
    for (path, form) in [
        ("checkout/sessions", &[("mode", "subscription"), ("success_url", "http://a/"), ("customer", &*customer)][..]),
        ("billing_portal/sessions", &[("customer", &*customer)][..]),
    ] {
        let (status, body) = SHARED.call("POST", path, form).await;
        let error = &body["error"];
        assert_eq!((status, &error["code"], &error["param"]), (400, &"resource_missing".into(), &"customer".into()));
    }
}
