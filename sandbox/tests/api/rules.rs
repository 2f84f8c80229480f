use serde_json::{Value, json};

use crate::stand::{KEY, SHARED, Stand, id};

#[tokio::test]
async fn only_test_keys_are_taken() {
    let url = format!("{}/v1/customers", SHARED.url);
    for request in [
        SHARED.http.get(&url),
        SHARED.http.get(&url).bearer_auth("sk_live_x"),
        SHARED.http.get(&url).bearer_auth("sk_test_"),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 401);
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["error"]["type"], "invalid_request_error");
    }
    let basic = SHARED.http.get(&url).basic_auth("sk_test_any", None::<&str>).send().await.unwrap();
    assert_eq!(basic.status(), 200);
    assert!(basic.headers()["request-id"].to_str().unwrap().starts_with("req_"));
}

#[tokio::test]
async fn errors_name_their_parameter() {
    for (method, path, form, status, code, param) in [
        ("GET", "customers/cus_none", &[][..], 404, "resource_missing", "id"),
        ("POST", "customers", &[("colour", "red")][..], 400, "parameter_unknown", "colour"),
        ("POST", "customers", &[("email", "nobody")][..], 400, "email_invalid", "email"),
        ("POST", "prices", &[("currency", "inr")][..], 400, "parameter_missing", "unit_amount"),
        (
            "POST",
            "prices",
            &[("currency", "inr"), ("unit_amount", "ten")][..],
            400,
            "parameter_invalid_integer",
            "unit_amount",
        ),
        ("POST", "checkout/sessions", &[("mode", "subscription")][..], 400, "parameter_missing", "success_url"),
        (
            "POST",
            "checkout/sessions",
            &[("mode", "payment"), ("success_url", "x")][..],
            400,
            "url_invalid",
            "success_url",
        ),
        (
            "POST",
            "checkout/sessions",
            &[("mode", "payment"), ("success_url", "http://a/"), ("line_items[0][price]", "price_no")][..],
            400,
            "resource_missing",
            "line_items[0][price]",
        ),
        ("GET", "customers?limit=101", &[][..], 400, "parameter_invalid_integer", "limit"),
    ] {
        let (got, body) = SHARED.call(method, path, form).await;
        let error = &body["error"];
        assert_eq!(
            (got, error["code"].as_str(), error["param"].as_str()),
            (status, Some(code), Some(param)),
            "{path}: {body}"
        );
        assert!(error["request_log_url"].is_string() && error["message"].is_string());
    }
    let (status, body) = SHARED.call("GET", "nothing/here", &[]).await;
    assert_eq!(status, 404);
    assert!(body["error"]["message"].as_str().unwrap().starts_with("Unrecognized request URL (GET: /v1/nothing/here)"));
}

#[tokio::test]
async fn what_is_not_served_is_refused_in_words() {
    let price = SHARED.price().await;
    let session =
        [("mode", "subscription"), ("success_url", "http://127.0.0.1:9/"), ("line_items[0][price]", price.as_str())];
    let customer = id(&SHARED.post("customers", &[("name", "Ada")]).await);
    let sub = [("customer", customer.as_str()), ("items[0][price]", price.as_str()), ("trial_period_days", "5")];
    let refused = async |path: &str, form: &[(&str, &str)], name: &'static str, value: &'static str| {
        let form = [form, &[(name, value)]].concat();
        let (status, body) = SHARED.call("POST", path, &form).await;
        let error = &body["error"];
        assert_eq!((status, &error["type"]), (400, &json!("invalid_request_error")), "{path} {name}: {body}");
        assert_eq!(name.split_once("[0]").map_or(name, |(start, _)| start), error["param"], "{path}: {body}");
        let words = error["message"].as_str().unwrap();
        assert!(words.starts_with("The sandbox "), "{path} {name}: {words}");
    };
    for (name, value) in [
        ("discounts[0]", "half"),
        ("automatic_tax[enabled]", "true"),
        ("shipping_address_collection", "x"),
        ("return_url", "http://127.0.0.1:9/"),
        ("permissions", "x"),
        ("mode", "setup"),
        ("ui_mode", "embedded_page"),
        ("payment_method_types[0]", "sepa_debit"),
        ("billing_address_collection", "required"),
        ("subscription_data[billing_cycle_anchor]", "1"),
    ] {
        refused("checkout/sessions", &session, name, value).await;
    }
    let trial = [&session[..], &[("subscription_data[trial_period_days]", "5")]].concat();
    refused("checkout/sessions", &trial, "payment_method_collection", "if_required").await;
    for word in ["always", "if_required"] {
        let made = [&session[..], &[("payment_method_collection", word)]].concat();
        assert_eq!(SHARED.post("checkout/sessions", &made).await["payment_method_collection"], word);
    }
    for (name, value) in [
        ("pause_collection", "x"),
        ("add_invoice_items[0]", "x"),
        ("default_source", "card_1"),
        ("collection_method", "send_invoice"),
        ("automatic_tax[enabled]", "true"),
        ("discounts[0]", "half"),
        ("billing_cycle_anchor", "1"),
    ] {
        refused("subscriptions", &sub, name, value).await;
    }
    let made = id(&SHARED.post("subscriptions", &sub).await);
    refused(&format!("subscriptions/{made}"), &[], "billing_cycle_anchor", "now").await;
    refused(&format!("subscriptions/{made}"), &[], "pause_collection", "x").await;
    refused("customers", &[], "source", "tok_visa").await;
    refused("prices", &[("currency", "inr"), ("unit_amount", "5")], "transform_quantity", "x").await;
    let off =
        [&session[..], &[("automatic_tax[enabled]", "false"), ("discounts", ""), ("ui_mode", "hosted_page")]].concat();
    SHARED.post("checkout/sessions", &off).await;
    SHARED.post(&format!("subscriptions/{made}"), &[("pause_collection", ""), ("discounts", "")]).await;
}

#[tokio::test]
async fn lists_are_filtered() {
    let stand = Stand::start(|_| {});
    let sub = stand.subscribe().await;
    let found = stand.get(&format!("subscriptions/{sub}")).await;
    let end = found["items"]["data"][0]["current_period_end"].as_i64().unwrap();
    for (path, rows) in [
        ("subscriptions?collection_method=send_invoice".to_owned(), 0),
        ("subscriptions?collection_method=charge_automatically".to_owned(), 1),
        (format!("subscriptions?current_period_end[gte]={end}"), 1),
        (format!("subscriptions?current_period_end[gt]={end}"), 0),
        (format!("subscriptions?current_period_end={end}"), 1),
        (format!("subscriptions?current_period_start[lt]={end}&current_period_start[gte]={end}"), 0),
        ("invoices?collection_method=send_invoice".to_owned(), 0),
        ("invoices?due_date[gte]=0".to_owned(), 0),
        ("invoices?created[gte]=0&created[gt]=9999999999".to_owned(), 0),
        ("prices?recurring[interval]=year".to_owned(), 0),
        ("prices?recurring[interval]=month&recurring[usage_type]=licensed".to_owned(), 1),
        ("products?shippable=true".to_owned(), 0),
        ("checkout/sessions?customer_details[email]=ada@example.com".to_owned(), 1),
        ("checkout/sessions?customer_details[email]=bob@example.com".to_owned(), 0),
    ] {
        let list = stand.get(&path).await;
        assert_eq!(list["data"].as_array().unwrap().len(), rows, "{path}: {list}");
    }
}

#[tokio::test]
async fn an_idempotency_key_does_a_thing_once() {
    let post = |name: &str| {
        let request = SHARED.http.post(format!("{}/v1/customers", SHARED.url)).bearer_auth(KEY);
        request.header("Idempotency-Key", "key-1").form(&[("name", name)]).send()
    };
    let all = futures_join(vec![post("Ada"), post("Ada"), post("Ada"), post("Ada")]).await;
    let mut ids = Vec::new();
    let mut replayed = 0;
    for answer in all {
        let answer = answer.unwrap();
        replayed += usize::from(answer.headers().contains_key("idempotent-replayed"));
        ids.push(id(&answer.json().await.unwrap()));
    }
    ids.dedup();
    assert_eq!((ids.len(), replayed), (1, 3));
    let other = post("Bob").await.unwrap();
    assert_eq!(other.status(), 400);
    assert_eq!(other.json::<Value>().await.unwrap()["error"]["type"], "idempotency_error");
}

#[tokio::test]
async fn lists_are_paged_both_ways() {
    let stand = Stand::start(|_| {});
    let mut made = Vec::new();
    for name in ["a", "b", "c", "d", "e"] {
        made.push(id(&stand.post("customers", &[("name", name)]).await));
    }
    made.reverse();
    let ids = |list: &Value| list["data"].as_array().unwrap().iter().map(id).collect::<Vec<_>>();
    let first = stand.get("customers?limit=2").await;
    assert_eq!(
        (ids(&first), first["has_more"].as_bool(), first["url"].as_str()),
        (made[..2].to_vec(), Some(true), Some("/v1/customers"))
    );
    let last = stand.get(&format!("customers?limit=3&starting_after={}", made[1])).await;
    assert_eq!((ids(&last), last["has_more"].as_bool()), (made[2..].to_vec(), Some(false)));
    let before = stand.get(&format!("customers?limit=2&ending_before={}", made[3])).await;
    assert_eq!((ids(&before), before["has_more"].as_bool()), (made[1..3].to_vec(), Some(true)));
    let gone = stand.call("DELETE", &format!("customers/{}", made[0]), &[]).await;
    assert_eq!(gone.1["deleted"], true);
    assert_eq!(ids(&stand.get("customers").await), made[1..].to_vec());
}

#[tokio::test]
async fn delay_and_failure_rate_are_switches() {
    let stand = Stand::start(|_| {});
    stand.control("config", json!({"failure_rate": 0.5, "delay_ms": 30})).await;
    let since = std::time::Instant::now();
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(stand.call("GET", "customers", &[]).await.0);
    }
    assert_eq!(statuses, [200, 500, 200, 500]);
    assert!(since.elapsed().as_millis() >= 120);
    let wrong = stand
        .http
        .post(format!("{}/_sandbox/config", stand.url))
        .json(&json!({"failure_rate": 2}))
        .send()
        .await
        .unwrap();
    assert_eq!(wrong.status(), 422);
}

#[tokio::test]
async fn a_wrong_call_leaves_nothing_behind() {
    let stand = Stand::start(|_| {});
    let form = [
        ("mode", "payment"),
        ("success_url", "http://127.0.0.1:9/"),
        ("line_items[0][price_data][currency]", "usd"),
        ("line_items[0][price_data][unit_amount]", "750"),
        ("line_items[0][price_data][product_data][name]", "Book"),
        ("line_items[1][price]", "price_none"),
    ];
    let (status, _) = stand.call("POST", "checkout/sessions", &form).await;
    assert_eq!(status, 400);
    for list in ["products", "prices", "events"] {
        assert_eq!(stand.get(list).await["data"], json!([]), "{list}");
    }
}

#[tokio::test]
async fn what_was_called_can_be_looked_at() {
    let stand = Stand::start(|_| {});
    for number in 0..101 {
        stand.call("GET", &format!("customers?email=ada-{number}@example.com"), &[]).await;
    }
    stand.call("POST", "customers", &[("colour", "red")]).await;
    let calls: Value =
        stand.http.get(format!("{}/_sandbox/calls", stand.url)).send().await.unwrap().json().await.unwrap();
    let calls = calls["calls"].as_array().unwrap();
    assert_eq!((calls.len(), &calls[0]["query"]), (100, &json!("email=ada-2@example.com")));
    let last = &calls[99];
    assert_eq!(
        (&last["method"], &last["path"], &last["status"]),
        (&json!("POST"), &json!("/v1/customers"), &json!(400))
    );
    assert!(!last.to_string().contains("red"), "what was sent is not shown");
}

#[tokio::test]
async fn bodies_are_bounded() {
    let body = format!("name={}", "x".repeat(2 * 1024 * 1024));
    let answer =
        SHARED.http.post(format!("{}/v1/customers", SHARED.url)).bearer_auth(KEY).body(body).send().await.unwrap();
    assert_eq!(answer.status(), 413);
}

async fn futures_join<T: Send + 'static>(all: Vec<impl Future<Output = T> + Send + 'static>) -> Vec<T> {
    let tasks: Vec<_> = all.into_iter().map(tokio::spawn).collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}
