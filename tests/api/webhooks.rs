//! Stripe's events: taken, stored, worked off, whatever order they come in and however often.

use crate::{
    frame::is_too_large,
    harness::TestApp,
    on_both,
    stripe::{DAY, FAILS_WHEN_CHARGED_CARD, GOOD_CARD, Stripe, number, trader},
};
use serde_json::{Value, json};
use signalbox::{
    domain::{
        display,
        plan::Plan,
        subscription::{Outlook, SubscriptionState},
    },
    server::{
        error::ServiceError,
        service::{
            billing, checkout, inbox, mails as service_mails,
            reconcile::{self, Compared},
        },
        store::subscriptions::Subscription,
    },
};
use std::time::Duration;

/// What must come out the same, however the events came: all but when it was written and how often.
fn essence(row: &Subscription) -> Subscription {
    Subscription { version: 0, updated_at: 0, ..row.clone() }
}

pub fn event(id: &str, kind: &str, object: &Value) -> Value {
    json!({"id": id, "object": "event", "type": kind, "created": 1, "livemode": false, "pending_webhooks": 1,
        "data": {"object": object}})
}

async fn mails(app: &TestApp, subject: &str) -> i64 {
    number(app, &format!("SELECT count(*) FROM mails WHERE subject LIKE '{subject}%'")).await
}

on_both! {
    async fn webhook_checkout_completed(app: TestApp) {
        let (stripe, user) = (Stripe(&app), trader(&app).await);
        assert!(!stripe.status(user).await.is_paid);
        let status = stripe.subscribe(user).await;
        assert_eq!((status.plan, status.status), (Plan::Pro, Some(SubscriptionState::Active)));
        assert!(!status.cancel_at_period_end);
        let ends = status.current_period_end.unwrap();
        assert!(ends.since(app.state.clock.now()) > Duration::from_secs(27 * 86_400), "{ends}");
        stripe.delivered().await;
        let payments = app.state.store.transactions_of(user, None, None, 10).await.unwrap();
        assert_eq!(payments.len(), 1, "{payments:?}");
        assert_eq!((payments[0].amount, payments[0].currency.as_str(), payments[0].status.as_str()), (49_900, "inr", "paid"));
        assert_eq!(mails(&app, "Payment received").await, 1);
        let notices = app.state.store.unread_notices(user, 10).await.unwrap();
        assert_eq!(notices.iter().map(|notice| notice.kind.as_str()).collect::<Vec<_>>(), ["payment_received"]);
        assert_eq!(number(&app, "SELECT count(*) FROM checkouts WHERE status = 'complete'").await, 1);
        assert!(app.state.store.open_checkout(user).await.unwrap().is_none());
    }

    async fn webhook_invoice_payment_succeeded(app: TestApp) {
        let (stripe, user) = (Stripe(&app), trader(&app).await);
        let first = stripe.subscribe(user).await;
        stripe.advance(32 * DAY).await;
        let renewed = || async { stripe.status(user).await.current_period_end > first.current_period_end };
        app.until("it is renewed", renewed).await;
        stripe.delivered().await;
        let payments = app.state.store.transactions_of(user, Some("invoice"), None, 10).await.unwrap();
        assert_eq!(payments.len(), 2);
        assert!(payments.iter().all(|payment| payment.status == "paid" && payment.amount == 49_900), "{payments:?}");
        assert_ne!(payments[0].stripe_id, payments[1].stripe_id);
        // `invoice.paid` and `invoice.payment_succeeded` tell of one payment.
        assert_eq!(mails(&app, "Payment received").await, 2);
        assert!(stripe.status(user).await.is_paid);
    }

    async fn webhook_subscription_deleted(app: TestApp) {
        let (stripe, user) = (Stripe(&app), trader(&app).await);
        stripe.subscribe(user).await;
        let row = app.state.store.subscriptions_of(user).await.unwrap().remove(0);
        stripe.cancel(&row.id).await;
        app.until("the plan is over", || async { !stripe.status(user).await.is_paid }).await;
        stripe.delivered().await;
        let status = stripe.status(user).await;
        assert_eq!((status.plan, status.status), (Plan::Free, Some(SubscriptionState::Canceled)));
        let row = app.state.store.subscription(&row.id).await.unwrap().unwrap();
        assert!(row.ended_at.is_some());
        assert_eq!(mails(&app, "Your plan has ended").await, 1);
        // Nobody else's plan ended with it.
        let other = trader(&app).await;
        assert!(stripe.subscribe(other).await.is_paid);
    }

    async fn webhook_subscription_that_will_end_is_told_once_and_so_is_its_end(app: TestApp) {
        let (stripe, user) = (Stripe(&app), trader(&app).await);
        let paid = stripe.subscribe(user).await;
        let unread = async || {
            let notices = app.state.store.unread_notices(user, 10).await.unwrap();
            notices.into_iter().map(|notice| notice.kind).collect::<Vec<_>>()
        };
        billing::set_cancel_at_period_end(&app.state, user, true).await.unwrap();
        stripe.delivered().await;
        assert_eq!(mails(&app, "Your plan will end").await, 1, "the change and the events of it are one mail");
        assert_eq!(unread().await, ["plan_ending", "payment_received"]);
        let notice = app.state.store.unread_notices(user, 1).await.unwrap().remove(0).message;
        let end = format!("Your plan ends on {}; you keep every signal", display::instant(paid.current_period_end.unwrap()));
        assert!(notice.starts_with(&end), "{notice}");
        app.until("the mail says the same", || async {
            service_mails::outbox(&app.state).await.unwrap().iter().any(|mail| mail.body.contains(&notice))
        })
        .await;
        // Whoever goes on after all is told so instead, and again that it ends when they change their mind.
        billing::set_cancel_at_period_end(&app.state, user, false).await.unwrap();
        stripe.delivered().await;
        assert_eq!(unread().await, ["plan_resumed", "payment_received"]);
        assert_eq!(mails(&app, "Your plan goes on").await, 1);
        billing::set_cancel_at_period_end(&app.state, user, true).await.unwrap();
        stripe.delivered().await;
        assert_eq!(unread().await, ["plan_ending", "payment_received"]);
        assert_eq!(mails(&app, "Your plan will end").await, 2);
        assert_eq!(mails(&app, "Your plan has ended").await, 0);
        stripe.advance(32 * DAY).await;
        app.until("the plan is over", || async { !stripe.status(user).await.is_paid }).await;
        stripe.delivered().await;
        assert_eq!((mails(&app, "Your plan will end").await, mails(&app, "Your plan has ended").await), (2, 1));
        assert_eq!(unread().await, ["plan_ended"]);
    }

    async fn webhook_payment_failed_is_told_and_grace_goes_on(app: TestApp) {
        let (stripe, user) = (Stripe(&app), trader(&app).await);
        stripe.subscribe(user).await;
        let row = app.state.store.subscriptions_of(user).await.unwrap().remove(0);
        stripe.change_card(&row.id, &row.customer_id, FAILS_WHEN_CHARGED_CARD).await;
        stripe.advance(32 * DAY).await;
        let due = || async { stripe.status(user).await.status == Some(SubscriptionState::PastDue) };
        app.until("the renewal failed", due).await;
        stripe.delivered().await;
        assert!(stripe.status(user).await.is_paid, "access goes on while the payment is tried again");
        let outlook = Outlook { ends_at: None, payment_failed: true };
        assert_eq!(app.state.store.plan_of(user).await.unwrap(), (Plan::Pro, outlook));
        assert_eq!(mails(&app, "Your payment failed").await, 1);
        let payments = app.state.store.transactions_of(user, None, None, 10).await.unwrap();
        assert_eq!(payments.iter().filter(|payment| payment.status == "failed").count(), 1, "{payments:?}");
    }

    async fn webhook_idempotency(app: TestApp) {
        let (stripe, user) = (Stripe(&app), trader(&app).await);
        stripe.subscribe(user).await;
        stripe.delivered().await;
        let before = app.state.store.subscriptions_of(user).await.unwrap();
        let stored = number(&app, "SELECT count(*) FROM stripe_events").await;
        for event in stripe.events().await {
            let kept = app.state.store.stripe_event(event["id"].as_str().unwrap()).await.unwrap().unwrap();
            for _ in 0..3 {
                assert_eq!(stripe.deliver(&event).await, 200);
            }
            stripe.worked_off().await;
            assert_eq!(app.state.store.stripe_event(&kept.id).await.unwrap(), Some(kept), "a duplicate changed it");
        }
        assert_eq!(app.state.store.subscriptions_of(user).await.unwrap(), before, "not even the version moved");
        assert_eq!(number(&app, "SELECT count(*) FROM stripe_events").await, stored);
        assert_eq!(number(&app, "SELECT count(*) FROM transactions").await, 1);
        assert_eq!(mails(&app, "Payment received").await, 1);
    }

    async fn webhook_invalid_signature(app: TestApp) {
        let stripe = Stripe(&app);
        let body = event("evt_forged", "invoice.paid", &json!({"id": "in_1"})).to_string();
        let good = stripe.header(&body, 0);
        let time = good.split(',').next().unwrap().to_owned();
        let other = sandbox::sign(&body, &["whsec_of_somebody_else".to_owned()], 1_700_000_000);
        let elsewhere = stripe.header(&format!("{body} "), 0);
        let refused =
            ["", "nonsense", "v1=00", &time, &format!("{time},v1=00"), &other, &elsewhere, &stripe.header(&body, 310),
             &stripe.header(&body, -310)].map(str::to_owned);
        for signature in refused {
            let answer = stripe.send(&body, &signature).await;
            assert_eq!(answer.status(), 400, "{signature}");
            assert_eq!(answer.headers()["content-type"], "application/problem+json");
            let problem: Value = answer.json().await.unwrap();
            assert_eq!(problem["code"], "unreadable");
        }
        let bare = app.client.post(app.url("/billing/webhook")).body(body.clone()).send().await.unwrap();
        assert_eq!(bare.status(), 400);
        assert_eq!(number(&app, "SELECT count(*) FROM stripe_events WHERE id = 'evt_forged'").await, 0);
        assert_eq!(stripe.send(&body, &stripe.header(&body, 290)).await.status(), 200, "an old one within tolerance");
    }

    async fn webhook_invalid_payload(app: TestApp) {
        let stripe = Stripe(&app);
        for body in ["", "no JSON", "[]", r#"["evt_1","a"]"#, "null", "{}", r#"{"id":"evt_1"}"#, r#"{"type":"a"}"#, r#"{"id":1,"type":"a"}"#,
            r#"{"id":"evt_1","type":null}"#, r#"{"id":"evt_1","type":"a""#, r#"{"id":"evt_\u0000","type":"a"}"#] {
            let answer = stripe.send(body, &stripe.header(body, 0)).await;
            assert_eq!(answer.status(), 400, "{body}");
        }
        let huge = format!(r#"{{"id":"evt_huge","type":"a","data":"{}"}}"#, "x".repeat(1_100_000));
        assert!(is_too_large(stripe.webhook(&huge, &stripe.header(&huge, 0)).send().await));
        let large = format!(r#"{{"id":"evt_large","type":"a","data":"{}"}}"#, "x".repeat(900_000));
        assert_eq!(stripe.send(&large, &stripe.header(&large, 0)).await.status(), 200);
        // The sandbox's own events come meanwhile; none of them is of this type.
        assert_eq!(number(&app, "SELECT count(*) FROM stripe_events WHERE kind = 'a'").await, 1);
    }

    async fn webhook_unknown_event_type(app: TestApp) {
        let stripe = Stripe(&app);
        let unknown = event("evt_unknown", "treasury.teapot.boiled", &json!("anything at all"));
        let answer = stripe.send(&unknown.to_string(), &stripe.header(&unknown.to_string(), 0)).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.json::<Value>().await.unwrap(), json!({"received": true}));
        stripe.worked_off().await;
        let kept = app.state.store.stripe_event("evt_unknown").await.unwrap().unwrap();
        assert_eq!((kept.kind.as_str(), kept.state.as_str()), ("treasury.teapot.boiled", "done"));
        assert_eq!(serde_json::from_str::<Value>(&kept.payload).unwrap(), unknown, "kept as it came");
        assert_eq!(number(&app, "SELECT count(*) FROM subscriptions").await, 0);
    }

    async fn webhook_order_and_repetition_do_not_matter(app: TestApp) {
        let (stripe, user) = (Stripe(&app), trader(&app).await);
        stripe.set(json!({"duplicates": true, "reorder": true})).await;
        stripe.subscribe(user).await;
        let id = app.state.store.subscriptions_of(user).await.unwrap()[0].id.clone();
        stripe.cancel(&id).await;
        app.until("the plan is over", || async { !stripe.status(user).await.is_paid }).await;
        stripe.delivered().await;
        let truth = essence(&app.state.store.subscription(&id).await.unwrap().unwrap());
        // Every event once more under a new id, the oldest last: as separate event objects of the same changes, and
        // as a replay days later.
        app.clock.advance(Duration::from_secs(4 * 86_400));
        for (at, mut event) in stripe.events().await.into_iter().enumerate() {
            event["id"] = json!(format!("evt_again_{at}"));
            assert_eq!(stripe.deliver(&event).await, 200);
        }
        stripe.worked_off().await;
        assert_eq!(essence(&app.state.store.subscription(&id).await.unwrap().unwrap()), truth);
        assert_eq!(number(&app, "SELECT count(*) FROM transactions").await, 1);
        assert_eq!(mails(&app, "Payment received").await, 1);
        assert_eq!(mails(&app, "Your plan has ended").await, 1);
    }

    async fn webhook_old_shapes_are_taken(app: TestApp) {
        let (stripe, user) = (Stripe(&app), trader(&app).await);
        stripe.set(json!({"old_shapes": true})).await;
        stripe.subscribe(user).await;
        stripe.advance(32 * DAY).await;
        let twice = || async { app.state.store.transactions_of(user, None, None, 10).await.unwrap().len() == 2 };
        app.until("the renewal is paid", twice).await;
        stripe.delivered().await;
        let payments = app.state.store.transactions_of(user, None, None, 10).await.unwrap();
        assert!(payments.iter().all(|payment| payment.subscription_id.is_some()), "{payments:?}");
        assert_eq!(inbox::backlog(&app.state).await.unwrap().poison, 0);
    }

    async fn webhook_poison_is_kept_and_replayed(app: TestApp) {
        let stripe = Stripe(&app);
        let odd = event("evt_odd", "customer.subscription.updated", &json!(["no", "object"]));
        assert_eq!(stripe.deliver(&odd).await, 200, "a shape we do not know is no reason to refuse");
        stripe.worked_off().await;
        let kept = app.state.store.stripe_event("evt_odd").await.unwrap().unwrap();
        assert_eq!((kept.state.as_str(), kept.attempts), ("poison", 1));
        assert!(kept.last_error.unwrap().contains("shape"));
        assert_eq!(app.state.store.poison_events(None, 10).await.unwrap().len(), 1);
        inbox::replay(&app.state, "evt_odd").await.unwrap();
        stripe.worked_off().await;
        let again = app.state.store.stripe_event("evt_odd").await.unwrap().unwrap();
        assert_eq!((again.state.as_str(), again.attempts), ("poison", 1), "it was tried anew");
        for id in ["evt_none", "evt_unpoisoned"] {
            assert!(matches!(inbox::replay(&app.state, id).await, Err(ServiceError::NotFound(_))));
        }
    }

    async fn webhook_of_what_stripe_does_not_know_is_given_up_in_the_end(app: TestApp) {
        let stripe = Stripe(&app);
        let ghost = event("evt_ghost", "customer.subscription.updated", &json!({"id": "sub_ghost"}));
        assert_eq!(stripe.deliver(&ghost).await, 200);
        let state = || async { app.state.store.stripe_event("evt_ghost").await.unwrap().unwrap().state };
        app.until("it is given up", || async {
            inbox::work_off(&app.state).await.unwrap();
            app.clock.advance(Duration::from_secs(60));
            state().await == "poison"
        }).await;
        assert_eq!(app.state.store.stripe_event("evt_ghost").await.unwrap().unwrap().attempts, 6);
    }

    async fn webhook_waits_while_stripe_is_away(app: TestApp) {
        let (stripe, user) = (Stripe(&app), trader(&app).await);
        stripe.set(json!({"webhook_url": null})).await;
        stripe.buy(user, GOOD_CARD).await;
        let events = stripe.events().await;
        stripe.set(json!({"failure_rate": 1.0})).await;
        for event in &events {
            assert_eq!(stripe.deliver(event).await, 200);
        }
        for _ in 0..8 {
            inbox::work_off(&app.state).await.unwrap();
            app.clock.advance(Duration::from_secs(600));
        }
        assert!(!stripe.status(user).await.is_paid);
        assert_eq!(inbox::backlog(&app.state).await.unwrap().poison, 0, "an outage is no fault of the event");
        stripe.set(json!({"failure_rate": 0.0})).await;
        app.until("it is caught up with", || async {
            app.clock.advance(Duration::from_secs(600));
            inbox::work_off(&app.state).await.unwrap();
            inbox::backlog(&app.state).await.unwrap().pending == 0
        }).await;
        assert!(stripe.status(user).await.is_paid);
        assert_eq!(mails(&app, "Payment received").await, 1);
    }

    async fn webhook_taken_by_a_worker_that_died_is_worked_off(app: TestApp) {
        let (stripe, user) = (Stripe(&app), trader(&app).await);
        stripe.set(json!({"webhook_url": null})).await;
        stripe.buy(user, GOOD_CARD).await;
        let now = app.state.clock.now();
        let events: Vec<_> = stripe.events().await.into_iter().map(|event| signalbox::server::store::stripe_events::NewEvent {
            id: event["id"].as_str().unwrap().to_owned(),
            kind: event["type"].as_str().unwrap().to_owned(),
            payload: event.to_string(),
            matters: true,
        }).collect();
        // Stored and taken, and then the worker is no more.
        let later = now + Duration::from_secs(3600);
        let new = app.state.store.add_events(&events, later).await.unwrap();
        let taken = app.state.store.take_events(later, later + Duration::from_secs(30), 100).await.unwrap();
        assert!(new > 0 && taken.len() as u64 == new, "{} of {new} were taken", taken.len());
        assert!(app.state.store.take_events(later, later, 100).await.unwrap().is_empty(), "nobody else has them");
        assert!(!stripe.status(user).await.is_paid);
        app.clock.advance(Duration::from_secs(3700));
        stripe.worked_off().await;
        assert!(stripe.status(user).await.is_paid);
        assert_eq!(mails(&app, "Payment received").await, 1);
    }

    async fn webhook_intake_stores_each_of_many_once(app: TestApp) {
        let stripe = Stripe(&app);
        let send = |at: usize| {
            // Each twice, at the same time; every second one is of a type that something is done about.
            let kind = if at % 4 < 2 { "balance.available" } else { "checkout.session.expired" };
            let body = event(&format!("evt_many_{}", at / 2), kind, &json!({"id": "x"})).to_string();
            let signature = stripe.header(&body, 0);
            let request = app.client.post(app.url("/api/v1/billing/webhook")).header("stripe-signature", signature);
            async move { request.body(body).send().await.unwrap().status().as_u16() }
        };
        let answers = futures::future::join_all((0..1000).map(send)).await;
        assert!(answers.iter().all(|status| *status == 200), "{answers:?}");
        let stored = number(&app, "SELECT count(*) FROM stripe_events WHERE id LIKE 'evt_many_%'").await;
        assert_eq!(stored, 500);
        stripe.worked_off().await;
        let done = number(&app, "SELECT count(*) FROM stripe_events WHERE id LIKE 'evt_many_%' AND state = 'done'").await;
        assert_eq!(done, 500);
    }

    async fn webhook_lost_is_mended_by_the_daily_comparison(app: TestApp) {
        let (stripe, user) = (Stripe(&app), trader(&app).await);
        stripe.subscribe(user).await;
        stripe.delivered().await;
        assert_eq!(reconcile::run(&app.state).await.unwrap().mended, 0);
        stripe.set(json!({"webhook_url": null})).await;
        let id = app.state.store.subscriptions_of(user).await.unwrap()[0].id.clone();
        stripe.cancel(&id).await;
        assert!(stripe.status(user).await.is_paid, "no event came");
        let compared = reconcile::run(&app.state).await.unwrap();
        assert_eq!((compared.looked_at, compared.mended, compared.failed), (1, 1, 0));
        assert_eq!(stripe.status(user).await.status, Some(SubscriptionState::Canceled));
        assert_eq!(reconcile::run(&app.state).await.unwrap().looked_at, 0);
    }

    async fn webhook_of_a_first_payment_lost_is_mended_by_the_daily_comparison(app: TestApp) {
        let (stripe, user, other) = (Stripe(&app), trader(&app).await, trader(&app).await);
        stripe.set(json!({"webhook_url": null})).await;
        // One pays and does not come back; another looks at the hosted page only.
        stripe.buy(user, GOOD_CARD).await;
        checkout::create(&app.state, other).await.unwrap();
        assert_eq!(reconcile::run(&app.state).await.unwrap(), Compared::default(), "they may be on their way back");
        assert!(!stripe.status(user).await.is_paid, "no event came");
        app.clock.advance(Duration::from_secs(3600));
        let compared = reconcile::run(&app.state).await.unwrap();
        assert_eq!(compared, Compared { looked_at: 2, mended: 1, failed: 0 });
        assert!(stripe.status(user).await.is_paid && !stripe.status(other).await.is_paid);
        assert_eq!(app.state.store.transactions_of(user, None, None, 10).await.unwrap().len(), 1);
        assert_eq!(mails(&app, "Payment received").await, 1);
        let closed = "SELECT count(*) FROM checkouts WHERE status = 'complete'";
        assert_eq!(number(&app, closed).await, 1, "the other's can still be paid");
        let again = reconcile::run(&app.state).await.unwrap();
        assert_eq!(again, Compared { looked_at: 2, mended: 0, failed: 0 }, "the subscription, and the open checkout");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn webhook_secrets_can_be_rolled() {
    let secrets = ("STRIPE_WEBHOOK_SECRET", "whsec_the_new_one,whsec_the_old_one");
    let app = TestApp::spawn_with(crate::harness::Backend::Embedded, &[secrets]).await;
    let stripe = Stripe(&app);
    let now = || signalbox::server::clock::Clock::system().now().secs();
    let send = |id: &str, with: &[&str]| {
        let body = event(id, "balance.available", &json!({})).to_string();
        let with: Vec<String> = with.iter().map(|secret| (*secret).to_owned()).collect();
        let signature = sandbox::sign(&body, &with, now());
        let stripe = &stripe;
        async move { stripe.send(&body, &signature).await.status().as_u16() }
    };
    assert_eq!(send("evt_1", &["whsec_the_old_one"]).await, 200);
    assert_eq!(send("evt_2", &["whsec_the_new_one"]).await, 200);
    assert_eq!(send("evt_3", &["whsec_of_nobody", "whsec_the_old_one"]).await, 200);
    assert_eq!(send("evt_4", &["whsec_of_nobody"]).await, 400);
    assert_eq!(
        number(&app, "SELECT count(*) FROM stripe_events WHERE id IN ('evt_1', 'evt_2', 'evt_3', 'evt_4')").await,
        3
    );
}
