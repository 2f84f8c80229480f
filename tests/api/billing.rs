//! Checkout, where a person stands, the portal, payments: by HTTP, as a program does it.

use crate::{
    accounts::mails,
    harness::{Account, PASSWORD, TestApp},
    on_both,
    stripe::{DAY, DECLINED_CARD, GOOD_CARD, Stripe, database, number, until_subscriptions_are_told},
};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use signalbox::{
    domain::{id::UserId, plan::Plan},
    server::{
        payments::CheckoutOrder,
        service::{accounts, billing, checkout, customers},
        store::checkouts::Checkout,
    },
};

async fn asked(account: &Account, request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = account.bearer(request).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn id_of(app: &TestApp, account: &Account) -> UserId {
    let (_, me) = asked(account, app.get("/auth/me")).await;
    me["id"].as_str().unwrap().parse().unwrap()
}

async fn create_checkout(app: &TestApp, account: &Account) -> (u16, Value) {
    asked(account, app.client.post(app.url("/billing/create-checkout"))).await
}

async fn subscribed(app: &TestApp) -> (Account, UserId) {
    let account = app.sign_up().await;
    let user = id_of(app, &account).await;
    Stripe(app).subscribe(user).await;
    (account, user)
}

on_both! {
    async fn create_checkout_session(app: TestApp) {
        let (stripe, account) = (Stripe(&app), app.sign_up().await);
        let user = id_of(&app, &account).await;
        let (status, checkout) = create_checkout(&app, &account).await;
        assert_eq!(status, 200, "{checkout}");
        assert_eq!(checkout.as_object().unwrap().len(), 2);
        let (id, url) = (checkout["session_id"].as_str().unwrap(), checkout["checkout_url"].as_str().unwrap());
        assert!(url.starts_with(&stripe.base()) && app.state.payments.is_payment_page(url), "{url}");
        let session = stripe.get(&format!("checkout/sessions/{id}")).await;
        assert_eq!(session["mode"], "subscription");
        assert_eq!((session["amount_total"].as_i64(), session["currency"].as_str()), (Some(49_900), Some("inr")));
        assert_eq!(session["client_reference_id"], user.to_string());
        assert_eq!(session["metadata"]["user_id"], user.to_string());
        let back = app.state.config.link("/dashboard?checkout=");
        assert_eq!(session["success_url"], format!("{back}success&session_id={{CHECKOUT_SESSION_ID}}"));
        assert_eq!(session["cancel_url"], format!("{back}canceled"));
        let customer = stripe.get(&format!("customers/{}", session["customer"].as_str().unwrap())).await;
        assert_eq!(customer["email"], account.email);
        assert_eq!(customer["metadata"]["user_id"], user.to_string());
        // A declined card leaves it open, and nobody paid.
        let declined = stripe.pay(url, DECLINED_CARD).await;
        assert!(declined.text().await.unwrap().contains("declined"));
        assert!(!stripe.status(user).await.is_paid);
        assert_eq!(create_checkout(&app, &account).await, (200, checkout), "an open session is used again");
    }

    async fn create_checkout_session_existing_customer(app: TestApp) {
        let (stripe, account) = (Stripe(&app), app.sign_up().await);
        let user = id_of(&app, &account).await;
        let customer = customers::ensure(&app.state, user).await.unwrap().id;
        let (status, checkout) = create_checkout(&app, &account).await;
        assert_eq!(status, 200, "{checkout}");
        let session = stripe.get(&format!("checkout/sessions/{}", checkout["session_id"].as_str().unwrap())).await;
        assert_eq!(session["customer"], customer);
        let listed = stripe.get(&format!("customers?email={}", account.email.replace('@', "%40"))).await;
        assert_eq!(listed["data"].as_array().unwrap().len(), 1, "one customer, by job and checkout");
        // Paid: the next one is refused, with the portal.
        stripe.pay(checkout["checkout_url"].as_str().unwrap(), GOOD_CARD).await;
        app.until("the user is paid", || async { stripe.status(user).await.is_paid }).await;
        let (status, problem) = create_checkout(&app, &account).await;
        assert_eq!((status, problem["code"].as_str()), (409, Some("already_subscribed")), "{problem}");
        assert!(app.state.payments.is_payment_page(problem["portal_url"].as_str().unwrap()));
        // Over: another one can be had, by the same customer.
        let live = app.state.store.subscriptions_of(user).await.unwrap().remove(0);
        stripe.cancel(&live.id).await;
        app.until("the plan is over", || async { !stripe.status(user).await.is_paid }).await;
        let (status, again) = create_checkout(&app, &account).await;
        assert_eq!(status, 200, "{again}");
        assert_ne!(again["session_id"], checkout["session_id"]);
        let session = stripe.get(&format!("checkout/sessions/{}", again["session_id"].as_str().unwrap())).await;
        assert_eq!(session["customer"], customer);
    }

    async fn create_checkout_session_without_auth(app: TestApp) {
        for path in ["/billing/create-checkout", "/api/v1/billing/create-checkout", "/billing/subscriptions/cancel"] {
            for request in [app.client.post(app.url(path)), app.client.post(app.url(path)).bearer_auth("nonsense")] {
                let answer = request.send().await.unwrap();
                assert_eq!(answer.status(), 401, "{path}");
                assert!(answer.headers().contains_key("www-authenticate"));
                assert_eq!(answer.json::<Value>().await.unwrap()["code"], "unauthenticated");
            }
        }
        for path in ["status", "portal", "transactions", "invoices", "subscriptions/active", "subscriptions/sub_1"] {
            assert_eq!(app.get(&format!("/billing/{path}")).send().await.unwrap().status(), 401, "{path}");
        }
        assert_eq!(number(&app, "SELECT count(*) FROM checkouts").await, 0);
    }

    async fn get_billing_status_free_user(app: TestApp) {
        let account = app.sign_up().await;
        let free = json!({"is_paid": false, "plan": "free", "status": null, "current_period_end": null,
            "cancel_at_period_end": false});
        assert_eq!(asked(&account, app.get("/billing/status")).await, (200, free.clone()));
        // A checkout that nobody paid changes nothing.
        create_checkout(&app, &account).await;
        assert_eq!(asked(&account, app.get("/api/v1/billing/status")).await, (200, free));
        let (_, me) = asked(&account, app.get("/auth/me")).await;
        assert_eq!(me["is_paid"], false);
        for unknown in ["active", "sub_none", "%00", "a%20b"] {
            assert_eq!(asked(&account, app.get(&format!("/billing/subscriptions/{unknown}"))).await.0, 404, "{unknown}");
        }
        assert_eq!(asked(&account, app.client.post(app.url("/billing/subscriptions/cancel"))).await.0, 404);
        let plans: Value = app.get("/billing/plans").send().await.unwrap().json().await.unwrap();
        assert_eq!(plans["plans"][1]["price"], json!({"amount": 49_900, "currency": "inr"}));
    }

    async fn get_billing_status_paid_user(app: TestApp) {
        let (account, user) = subscribed(&app).await;
        let (_, status) = asked(&account, app.get("/billing/status")).await;
        assert_eq!((&status["is_paid"], &status["plan"], &status["status"]), (&json!(true), &json!("pro"), &json!("active")));
        let (_, active) = asked(&account, app.get("/billing/subscriptions/active")).await;
        assert_eq!(active["current_period_end"], status["current_period_end"]);
        let paid = || async { asked(&account, app.get("/auth/me")).await.1["is_paid"] == true };
        app.until("the account is paid everywhere", paid).await;
        // Its end, and going on after all.
        let (code, ending) = asked(&account, app.client.post(app.url("/billing/subscriptions/cancel"))).await;
        assert_eq!((code, &ending["cancel_at_period_end"], &ending["status"]), (200, &json!(true), &json!("active")));
        assert_eq!(asked(&account, app.get("/billing/status")).await.1["cancel_at_period_end"], true);
        let standing = async || asked(&account, app.get("/fn/standing")).await.1;
        let ends = standing().await;
        assert_eq!((&ends["is_paid"], &ends["ends_at"]), (&json!(true), &status["current_period_end"]), "{ends}");
        assert!(Stripe(&app).status(user).await.is_paid, "it runs to the end of the period");
        let (_, resumed) = asked(&account, app.client.post(app.url("/billing/subscriptions/resume"))).await;
        assert_eq!(resumed["cancel_at_period_end"], false);
        assert_eq!(standing().await["ends_at"], Value::Null);
        let (code, portal) = asked(&account, app.get("/billing/portal")).await;
        assert_eq!(code, 200);
        assert_eq!(app.client.get(portal["portal_url"].as_str().unwrap()).send().await.unwrap().status(), 200);
    }

    async fn a_foreign_link_opens_no_portal(app: TestApp) {
        let account = app.sign_up().await;
        for path in ["/billing/portal", "/api/v1/billing/portal"] {
            let by_cookie = |site: Option<&'static str>| {
                let request = app.get(path).header("cookie", format!("signalbox_access={}", account.access_token));
                match site {
                    Some(site) => request.header("sec-fetch-site", site),
                    None => request,
                }
            };
            for site in [Some("cross-site"), Some("same-site"), Some("none"), None] {
                let refused = by_cookie(site).send().await.unwrap();
                assert_eq!(refused.status(), 403, "{site:?}");
                assert_eq!(refused.json::<Value>().await.unwrap()["code"], "cross_site");
            }
            assert_eq!(by_cookie(Some("same-origin")).send().await.unwrap().status(), 200);
            assert_eq!(account.bearer(app.get(path)).header("sec-fetch-site", "cross-site").send().await.unwrap().status(), 200);
            assert_eq!(account.bearer(app.client.head(app.url(path))).send().await.unwrap().status(), 405);
        }
    }

    async fn stripe_error_handling(app: TestApp) {
        let (stripe, account) = (Stripe(&app), app.sign_up().await);
        let user = id_of(&app, &account).await;
        stripe.set(json!({"failure_rate": 1.0})).await;
        for request in [app.client.post(app.url("/billing/create-checkout")), app.get("/billing/portal")] {
            let answer = account.bearer(request).send().await.unwrap();
            assert_eq!(answer.status(), 503);
            assert!(answer.headers().contains_key("retry-after"));
            let problem: Value = answer.json().await.unwrap();
            assert_eq!((problem["code"].as_str(), problem["status"].as_u64()), (Some("unavailable"), Some(503)));
            assert!(!problem.to_string().contains("sandbox"), "Stripe's own words stay inside: {problem}");
        }
        assert_eq!(asked(&account, app.get("/billing/status")).await.0, 200, "what needs no Stripe goes on");
        assert_eq!(number(&app, "SELECT count(*) FROM checkouts").await, 0);
        stripe.set(json!({"failure_rate": 0.0})).await;
        let (status, checkout) = create_checkout(&app, &account).await;
        assert_eq!(status, 200, "it recovers by itself: {checkout}");
        let foreign = asked(&account, app.get("/billing/transactions/00000000-0000-0000-0000-000000000000")).await;
        assert_eq!(foreign.0, 404);
        assert!(checkout::returned(&app.state, user, Some("cs_test_nobody")).await.is_err());
        assert!(checkout::returned(&app.state, user, Some("../customers")).await.is_err());
    }

    async fn who_comes_back_is_told_what_is_the_matter(app: TestApp) {
        let account = app.sign_up().await;
        let page = async |query: &str| {
            let request = app.get(&format!("/dashboard?checkout=success{query}")).header("accept", "text/html");
            let answer = request.header("cookie", format!("signalbox_access={}", account.access_token)).send().await.unwrap();
            assert_eq!(answer.status(), 200, "{query}");
            answer.text().await.unwrap()
        };
        let (waiting, unknown) = ("Your payment is being confirmed", "This account has no such checkout");
        let of_nobody = page("&session_id=cs_test_nobody").await;
        assert!(of_nobody.contains(unknown) && !of_nobody.contains(waiting), "{of_nobody}");
        let (_, checkout) = create_checkout(&app, &account).await;
        let open = page(&format!("&session_id={}", checkout["session_id"].as_str().unwrap())).await;
        assert!(open.contains(waiting) && !open.contains(unknown), "{open}");
        assert!(page("").await.contains(waiting), "the event alone tells");
    }

    async fn thanks_and_the_plan_come_together(app: TestApp) {
        let (stripe, account) = (Stripe(&app), app.sign_up().await);
        // The event comes later, or not at all.
        stripe.set(json!({"webhook_url": null})).await;
        let (_, checkout) = create_checkout(&app, &account).await;
        let page = async |path: &str| {
            let request = app.get(path).header("accept", "text/html");
            let answer = request.header("cookie", format!("signalbox_access={}", account.access_token)).send().await.unwrap();
            let there = answer.headers().get("location").map(|there| there.to_str().unwrap().to_owned());
            (answer.status().as_u16(), there, answer.text().await.unwrap())
        };
        let (thanks, waits, subscribe) = ("Your paid plan has begun", "is being confirmed", "/fn/start_checkout");
        let (_, _, before) = page("/dashboard?checkout=success").await;
        assert!(before.contains(waits) && before.contains("Free plan") && !before.contains(thanks), "{before}");
        assert!(!before.contains(subscribe), "who paid is not asked to pay again");
        stripe.pay(checkout["checkout_url"].as_str().unwrap(), GOOD_CARD).await;
        let back = format!("/dashboard?checkout=success&session_id={}", checkout["session_id"].as_str().unwrap());
        let (status, there, _) = page(&back).await;
        assert_eq!((status, there.as_deref()), (302, Some("/dashboard?checkout=success")), "it is asked for anew");
        for path in [there.as_deref().unwrap(), &back] {
            let (status, _, after) = page(path).await;
            assert_eq!(status, 200, "{path}: {after}");
            assert!(after.contains(thanks) && after.contains("Paid plan") && !after.contains("Free plan"), "{after}");
            assert!(!after.contains(waits), "{after}");
        }
    }

    async fn a_customer_deleted_at_stripe_is_made_anew(app: TestApp) {
        let (stripe, account) = (Stripe(&app), app.sign_up().await);
        let user = id_of(&app, &account).await;
        let customer_of = async |checkout: &Value| {
            let session = stripe.get(&format!("checkout/sessions/{}", checkout["session_id"].as_str().unwrap())).await;
            session["customer"].as_str().unwrap().to_owned()
        };
        let first = customers::ensure(&app.state, user).await.unwrap().id;
        stripe.delete_customer(&first).await;
        let tabs = futures::future::join_all((0..4).map(|_| create_checkout(&app, &account))).await;
        assert!(tabs.iter().all(|tab| tab.0 == 200 && *tab == tabs[0]), "{tabs:?}");
        let second = customer_of(&tabs[0].1).await;
        assert_ne!(second, first);
        // Deleted while its checkout is open: nobody could pay that one.
        stripe.delete_customer(&second).await;
        let (status, checkout) = create_checkout(&app, &account).await;
        assert_eq!(status, 200, "{checkout}");
        assert_ne!(checkout["session_id"], tabs[0].1["session_id"]);
        let third = customer_of(&checkout).await;
        stripe.pay(checkout["checkout_url"].as_str().unwrap(), GOOD_CARD).await;
        app.until("the user is paid", || async { stripe.status(user).await.is_paid }).await;
        // Deleted with its plan: the portal opens for another one, who can subscribe again.
        stripe.delete_customer(&third).await;
        app.until("the plan is over", || async { !stripe.status(user).await.is_paid }).await;
        let (status, portal) = asked(&account, app.get("/billing/portal")).await;
        assert_eq!(status, 200, "{portal}");
        assert_eq!(app.client.get(portal["portal_url"].as_str().unwrap()).send().await.unwrap().status(), 200);
        stripe.buy(user, GOOD_CARD).await;
        app.until("the user is paid again", || async { stripe.status(user).await.is_paid }).await;
        let left = stripe.get(&format!("customers?email={}", account.email.replace('@', "%40"))).await;
        assert_eq!(left["data"].as_array().unwrap().len(), 1, "each was replaced once: {left}");
    }

    async fn two_tabs_make_one_subscription(app: TestApp) {
        let (stripe, account) = (Stripe(&app), app.sign_up().await);
        let user = id_of(&app, &account).await;
        let tabs = futures::future::join_all((0..8).map(|_| create_checkout(&app, &account))).await;
        assert!(tabs.iter().all(|tab| *tab == tabs[0]), "{tabs:?}");
        let url = tabs[0].1["checkout_url"].as_str().unwrap();
        futures::future::join_all((0..4).map(|_| stripe.pay(url, GOOD_CARD))).await;
        app.until("the user is paid", || async { stripe.status(user).await.is_paid }).await;
        stripe.delivered().await;
        assert_eq!(app.state.store.subscriptions_of(user).await.unwrap().len(), 1);
        assert_eq!(number(&app, "SELECT count(*) FROM checkouts").await, 1);
    }

    async fn a_late_webhook_does_not_keep_anybody_waiting(app: TestApp) {
        let (stripe, account) = (Stripe(&app), app.sign_up().await);
        let user = id_of(&app, &account).await;
        stripe.set(json!({"webhook_url": null})).await;
        let opened = checkout::create(&app.state, user).await.unwrap();
        let before = checkout::returned(&app.state, user, Some(&opened.session_id)).await.unwrap();
        assert!(!before.is_paid, "coming back is not paying");
        stripe.pay(&opened.checkout_url, GOOD_CARD).await;
        assert!(!stripe.status(user).await.is_paid);
        let other = id_of(&app, &app.sign_up().await).await;
        assert!(checkout::returned(&app.state, other, Some(&opened.session_id)).await.is_err(), "it is somebody else's");
        assert!(checkout::returned(&app.state, user, Some(&opened.session_id)).await.unwrap().is_paid);
        let payments = billing::recent_transactions(&app.state, user).await.unwrap();
        assert_eq!(payments.len(), 1, "{payments:?}");
        // The events, at last: nothing is told or booked twice.
        for event in stripe.events().await {
            assert_eq!(stripe.deliver(&event).await, 200);
        }
        stripe.worked_off().await;
        assert_eq!(billing::recent_transactions(&app.state, user).await.unwrap(), payments);
        assert_eq!(number(&app, "SELECT count(*) FROM mails WHERE subject LIKE 'Payment received%'").await, 1);
    }

    async fn a_late_webhook_tells_who_came_back_while_stripe_was_away(app: TestApp) {
        let (stripe, account) = (Stripe(&app), app.sign_up().await);
        let user = id_of(&app, &account).await;
        stripe.set(json!({"webhook_url": null})).await;
        let opened = checkout::create(&app.state, user).await.unwrap();
        stripe.pay(&opened.checkout_url, GOOD_CARD).await;
        let late = stripe.events().await;
        // As the page asks that the checkout leads back to.
        let page = || async {
            let request = app.client.post(app.url("/fn/confirm_checkout")).form(&[("session_id", &opened.session_id)]);
            asked(&account, request.header("Sec-Fetch-Site", "same-origin").header("Accept", "application/json")).await
        };
        stripe.set(json!({"failure_rate": 1.0})).await;
        assert_eq!(page().await.0, 503);
        assert_eq!(asked(&account, app.get("/billing/status")).await.1["is_paid"], false);
        stripe.set(json!({"failure_rate": 0.0})).await;
        for event in &late {
            assert_eq!(stripe.deliver(event).await, 200);
        }
        stripe.worked_off().await;
        assert_eq!(asked(&account, app.get("/billing/status")).await.1["is_paid"], true);
        stripe.set(json!({"failure_rate": 1.0})).await;
        let (status, told) = page().await;
        assert_eq!((status, &told["is_paid"]), (200, &json!(true)), "what is known here needs no Stripe: {told}");
        assert!(checkout::returned(&app.state, user, None).await.unwrap().is_paid);
    }

    async fn a_lost_webhook_does_not_sell_a_second_plan(app: TestApp) {
        let (stripe, account) = (Stripe(&app), app.sign_up().await);
        let user = id_of(&app, &account).await;
        stripe.set(json!({"webhook_url": null})).await;
        stripe.buy(user, GOOD_CARD).await;
        let (status, problem) = create_checkout(&app, &account).await;
        assert_eq!((status, problem["code"].as_str()), (409, Some("already_subscribed")), "{problem}");
        assert!(stripe.status(user).await.is_paid, "asking was enough to find out");
    }

    async fn payments_are_listed_by_page(app: TestApp) {
        let (account, _) = subscribed(&app).await;
        for _ in 0..2 {
            Stripe(&app).advance(32 * DAY).await;
        }
        let all = || async { asked(&account, app.get("/billing/invoices")).await.1 };
        let three = || async { all().await["transactions"].as_array().unwrap().len() == 3 };
        app.until("three payments are booked", three).await;
        let listed = all().await;
        assert_eq!(listed["next_cursor"], Value::Null);
        let (mut cursor, mut seen) = (String::new(), Vec::new());
        loop {
            let (status, page) = asked(&account, app.get(&format!("/billing/transactions?limit=1{cursor}"))).await;
            assert_eq!(status, 200, "{page}");
            seen.extend(page["transactions"].as_array().unwrap().clone());
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(json!(seen), listed["transactions"]);
        let one = format!("/billing/transactions/{}", seen[0]["id"].as_str().unwrap());
        assert_eq!(asked(&account, app.get(&one)).await, (200, seen[0].clone()));
        let stranger = app.sign_up().await;
        assert_eq!(asked(&stranger, app.get(&one)).await.0, 404, "it is not theirs");
        for query in ["limit=0", "limit=201", "limit=x", "cursor=nonsense", "color=red"] {
            let (status, problem) = asked(&account, app.get(&format!("/billing/transactions?{query}"))).await;
            assert_eq!((status, problem["code"].as_str()), (422, Some("validation_failed")), "{query}");
        }
    }

    async fn a_plan_that_cannot_be_read_is_an_error_and_not_the_free_one(app: TestApp) {
        let (account, user) = subscribed(&app).await;
        assert_eq!(app.state.store.plan_of(user).await.unwrap().0, Plan::Pro);
        let db = database(&app).await;
        db.execute_unprepared("UPDATE subscriptions SET plan = 'gold'").await.unwrap();
        db.close().await.unwrap();
        assert!(app.state.store.plan_of(user).await.unwrap_err().to_string().contains("gold"));
        app.state.access.invalidate(user).await;
        assert_eq!(asked(&account, app.get("/signals")).await.0, 503, "nobody who pays is told to pay");
        for request in [
            app.client.post(app.url("/auth/logout")),
            app.get("/health/queues").header("host", "rebound.example"),
        ] {
            assert_eq!(asked(&account, request).await.0, 503, "nobody is told to sign in who has");
        }
        for function in ["billing_status", "me"] {
            let request = app.get(&format!("/fn/{function}")).header("Accept", "application/json");
            assert_eq!(asked(&account, request).await.0, 503, "{function}");
        }
    }

    async fn whoever_is_deleted_is_charged_no_more(app: TestApp) {
        let (_, user) = subscribed(&app).await;
        let id = app.state.store.subscriptions_of(user).await.unwrap()[0].id.clone();
        billing::cancel_for_deletion(&app.state, user).await.unwrap();
        assert_eq!(Stripe(&app).get(&format!("subscriptions/{id}")).await["status"], "canceled");
        assert!(!Stripe(&app).status(user).await.is_paid);
        billing::cancel_for_deletion(&app.state, user).await.unwrap();
    }

    async fn who_pays_and_deletes_the_account_is_charged_no_more(app: TestApp) {
        let (account, user) = subscribed(&app).await;
        let stripe = Stripe(&app);
        let id = app.state.store.subscriptions_of(user).await.unwrap()[0].id.clone();
        let delete = async || {
            let request = account.bearer(app.client.delete(app.url("/auth/me")));
            request.json(&json!({"password": PASSWORD})).send().await.unwrap().status().as_u16()
        };
        stripe.set(json!({"failure_rate": 1.0})).await;
        assert_eq!(delete().await, 503, "as long as they could still be charged, the account stays");
        stripe.set(json!({"failure_rate": 0.0})).await;
        assert!(app.state.store.account(user).await.unwrap().is_some());
        assert_eq!(stripe.get(&format!("subscriptions/{id}")).await["status"], "active");
        assert_eq!(delete().await, 204);
        assert_eq!(stripe.get(&format!("subscriptions/{id}")).await["status"], "canceled");
        assert_eq!(account.bearer(app.get("/auth/me")).send().await.unwrap().status(), 401);
        assert_eq!(app.state.store.account(user).await.unwrap(), None);
        stripe.advance(40 * DAY).await;
        let invoices = stripe.get(&format!("invoices?subscription={id}")).await;
        assert_eq!(invoices["data"].as_array().unwrap().len(), 1, "the one that was paid");
        // What Stripe tells of it afterwards finds nobody, and is no failure.
        stripe.delivered().await;
        assert_eq!(number(&app, "SELECT count(*) FROM mails WHERE subject LIKE 'Your plan has ended%'").await, 0);
        let farewell = async || {
            let mails = mails(&app, &account.email).await;
            mails.into_iter().find(|mail| mail.subject.starts_with("Your account was deleted"))
        };
        app.until("the mail is sent", || async { farewell().await.is_some() }).await;
        let told = farewell().await.unwrap().body;
        for words in ["Your paid plan ended with it", "It was paid until", "are lost", "/refunds"] {
            assert!(told.contains(words), "{told}");
        }
    }

    async fn a_checkout_opened_during_a_deletion_cannot_be_paid(app: TestApp) {
        let account = app.sign_up().await;
        let user = id_of(&app, &account).await;
        let customer = customers::ensure(&app.state, user).await.unwrap();
        let price = app.state.payments.price("pro", &app.state.config.plans["pro"]).await.unwrap();
        let order = CheckoutOrder {
            user_id: user.to_string(),
            customer_id: customer.id.clone(),
            price_id: price,
            success_url: app.url("/dashboard"),
            cancel_url: app.url("/dashboard"),
            key: format!("checkout_{user}_0"),
        };
        // Opened at Stripe, and not yet there for others to see when the deletion has looked for what is open.
        let opened = app.state.payments.open_checkout(&order).await.unwrap();
        let txn = app.state.store.begin().await.unwrap();
        assert!(txn.holds_checkout_generation(user.0, customer.payer.checkout_generation).await.unwrap());
        let deletion = tokio::spawn({
            let state = app.state.clone();
            async move { accounts::delete(&state, user, PASSWORD, None).await }
        });
        until_subscriptions_are_told(&Stripe(&app).base(), &customer.id).await;
        app.site.database.until_somebody_waits().await;
        assert!(!deletion.is_finished(), "it waits for the checkout");
        let kept = Checkout {
            id: opened.id.clone(),
            user_id: user.0,
            url: opened.url.clone().unwrap(),
            status: "open".to_owned(),
            created_at: opened.created * 1000,
            expires_at: opened.expires_at * 1000,
        };
        txn.add_checkout(kept).await.unwrap();
        txn.commit().await.unwrap();
        deletion.await.unwrap().unwrap();
        let stripe = Stripe(&app);
        assert_eq!(stripe.get(&format!("checkout/sessions/{}", opened.id)).await["status"], "expired");
        assert_eq!(app.state.store.account(user).await.unwrap(), None);
    }
}
