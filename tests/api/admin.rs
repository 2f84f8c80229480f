//! What the operator alone sees and does: Stripe's events that were given up, and their replay.

use crate::{
    harness::{Account, Backend, PASSWORD, Site, TestApp, required},
    on_both,
    stripe::{GOOD_CARD, Stripe, number, trader},
};
use serde_json::{Value, json};
use signalbox::{
    domain::id::UserId,
    server::{
        service::accounts,
        store::stripe_events::{EventState, NewEvent},
    },
};
use std::{collections::HashSet, sync::Arc, time::Duration};
use tokio::process::Command;

const EVENTS: &str = "/api/v1/admin/webhook-events";

/// Who runs the site, signed in.
pub async fn operator(app: &TestApp) -> Account {
    let email = "desk@example.com";
    assert!(accounts::create_operator(&app.state, email, PASSWORD, false).await.unwrap());
    let tokens = app.post("/auth/login", &json!({"email": email, "password": PASSWORD})).send().await.unwrap();
    let tokens: Value = tokens.json().await.unwrap();
    Account {
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
        access_token: tokens["access_token"].as_str().unwrap().to_owned(),
        refresh_token: tokens["refresh_token"].as_str().unwrap().to_owned(),
    }
}

/// Stores events, and gives them up before anybody worked on them.
async fn give_up(app: &TestApp, events: Vec<NewEvent>, error: &str) {
    let later = app.state.clock.now() + Duration::from_secs(3600);
    assert_eq!(app.state.store.add_events(&events, later).await.unwrap(), events.len() as u64);
    for event in events {
        app.state.store.put_back_event(&event.id, EventState::Poison, later, error).await.unwrap();
    }
}

fn new_event(id: &str) -> NewEvent {
    NewEvent { id: id.to_owned(), kind: "balance.available".to_owned(), payload: "{}".to_owned(), matters: true }
}

fn replay(app: &TestApp, id: &str) -> reqwest::RequestBuilder {
    app.client.post(app.url(&format!("{EVENTS}/{id}/replay")))
}

async fn status(request: reqwest::RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

async fn body(request: reqwest::RequestBuilder) -> Value {
    request.send().await.unwrap().json().await.unwrap()
}

/// Somebody who has paid, though every event of it was given up: nobody knows of it yet.
async fn paid_in_vain(app: &TestApp) -> (UserId, Vec<String>) {
    let (stripe, user) = (Stripe(app), trader(app).await);
    stripe.delivered().await;
    stripe.set(json!({"webhook_url": null})).await;
    let before: HashSet<String> = ids(&stripe.events().await).into_iter().collect();
    stripe.buy(user, GOOD_CARD).await;
    let events: Vec<Value> = stripe.events().await;
    let of = |event: &Value| NewEvent {
        id: event["id"].as_str().unwrap().to_owned(),
        kind: event["type"].as_str().unwrap().to_owned(),
        payload: event.to_string(),
        matters: true,
    };
    let new: Vec<NewEvent> = events.iter().map(of).filter(|event| !before.contains(&event.id)).collect();
    assert!(new.iter().any(|event| event.kind == "invoice.paid"), "{new:?}");
    let ids = new.iter().map(|event| event.id.clone()).collect();
    give_up(app, new, "it could not be read").await;
    (user, ids)
}

fn ids(events: &[Value]) -> Vec<String> {
    events.iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect()
}

on_both! {
    async fn given_up_events_are_the_operators_alone(app: TestApp) {
        give_up(&app, vec![new_event("evt_1")], "it could not be read").await;
        let (trader, desk) = (app.sign_up().await, operator(&app).await);
        assert_eq!(status(app.get(EVENTS)).await, 401);
        assert_eq!(status(replay(&app, "evt_1")).await, 401);
        let refused = trader.bearer(app.get(EVENTS)).send().await.unwrap();
        assert_eq!(refused.status(), 403);
        assert_eq!(refused.json::<Value>().await.unwrap()["code"], "forbidden");
        assert_eq!(status(trader.bearer(replay(&app, "evt_1"))).await, 403);
        let listed = body(desk.bearer(app.get(EVENTS))).await;
        assert_eq!(ids(listed["events"].as_array().unwrap()), ["evt_1"], "a refused replay did it all the same");
        assert_eq!(listed["events"][0]["type"], "balance.available");
        assert_eq!(listed["events"][0]["error"], "it could not be read");
        assert_eq!(listed["next_cursor"], Value::Null);
        // By cookie, only from the site itself.
        let by_cookie = || replay(&app, "evt_1").header("cookie", format!("signalbox_access={}", desk.access_token));
        assert_eq!(status(by_cookie().header("sec-fetch-site", "cross-site")).await, 403);
        assert_eq!(status(by_cookie().header("sec-fetch-site", "same-origin")).await, 202);
    }

    async fn a_page_of_given_up_events_leads_to_the_next(app: TestApp) {
        let desk = operator(&app).await;
        let names: Vec<String> = (0..5).map(|at| format!("evt_page_{at}")).collect();
        give_up(&app, names.iter().map(|id| new_event(id)).collect(), "no").await;
        let page = |query: String| desk.bearer(app.get(&format!("{EVENTS}?state=poison&{query}")));
        let (mut found, mut cursor) = (Vec::new(), String::new());
        for count in [2, 2, 1] {
            let listed = body(page(format!("limit=2{cursor}"))).await;
            let events = ids(listed["events"].as_array().unwrap());
            assert_eq!(events.len(), count);
            found.extend(events);
            cursor = listed["next_cursor"].as_str().map(|next| format!("&cursor={next}")).unwrap_or_default();
        }
        assert_eq!(cursor, "");
        found.sort_unstable();
        assert_eq!(found, names);
        for wrong in ["limit=0", "limit=201", "cursor=1", "cursor=1_%00", "cursor=x_evt", "state=done", "more=1"] {
            let address = format!("{EVENTS}?{wrong}");
            assert_eq!(status(desk.bearer(app.get(&address))).await, 422, "{wrong}");
        }
    }

    async fn a_replayed_event_is_acted_upon_exactly_once(app: TestApp) {
        let desk = operator(&app).await;
        let (stripe, (user, events)) = (Stripe(&app), paid_in_vain(&app).await);
        stripe.worked_off().await;
        assert!(!stripe.status(user).await.is_paid, "given up is given up");
        assert_eq!(body(desk.bearer(app.get("/api/v1/health/queues"))).await["poison_events"], events.len());
        // Each by two at once, as two tabs would.
        for id in &events {
            let (one, two) = tokio::join!(status(desk.bearer(replay(&app, id))), status(desk.bearer(replay(&app, id))));
            let mut both = [one, two];
            both.sort_unstable();
            // The second may come after the first was worked off already; it finds nothing to do either way.
            assert_eq!(both, [202, 404], "{id}");
        }
        app.until("the plan is there", || async { stripe.status(user).await.is_paid }).await;
        stripe.worked_off().await;
        for id in &events {
            let row = app.state.store.stripe_event(id).await.unwrap().unwrap();
            assert_eq!((row.state.as_str(), row.last_error), ("done", None), "{id}");
            assert_eq!(status(desk.bearer(replay(&app, id))).await, 404, "what is done is done");
        }
        assert_eq!(number(&app, "SELECT count(*) FROM transactions").await, 1);
        assert_eq!(number(&app, "SELECT count(*) FROM mails WHERE subject LIKE 'Payment received%'").await, 1);
        assert_eq!(app.state.store.unread_notices(user, 10).await.unwrap().len(), 1);
        assert!(body(desk.bearer(app.get(EVENTS))).await["events"].as_array().unwrap().is_empty());
        for unknown in ["evt_none", "%00", "a%20b"] {
            assert_eq!(status(desk.bearer(replay(&app, unknown))).await, 404, "{unknown}");
        }
    }

    async fn a_dismissed_event_is_kept_and_waits_for_nobody(app: TestApp) {
        let desk = operator(&app).await;
        give_up(&app, vec![new_event("evt_1"), new_event("evt_2")], "it could not be read").await;
        let dismiss = |id: &str| app.client.post(app.url(&format!("{EVENTS}/{id}/dismiss")));
        let trader = app.sign_up().await;
        assert_eq!(status(dismiss("evt_1")).await, 401);
        assert_eq!(status(trader.bearer(dismiss("evt_1"))).await, 403);
        assert_eq!(status(desk.bearer(dismiss("evt_1"))).await, 204);
        let listed = body(desk.bearer(app.get(EVENTS))).await;
        assert_eq!(ids(listed["events"].as_array().unwrap()), ["evt_2"]);
        assert_eq!(body(app.get("/health/queues")).await["poison_events"], 1);
        let row = app.state.store.stripe_event("evt_1").await.unwrap().unwrap();
        assert_eq!((row.state.as_str(), row.last_error.as_deref()), ("dismissed", Some("it could not be read")));
        assert_eq!(status(desk.bearer(dismiss("evt_1"))).await, 404, "once");
        assert_eq!(status(desk.bearer(replay(&app, "evt_1"))).await, 404);
        // Nor does it come back when Stripe sends it once more.
        let later = app.state.clock.now();
        assert_eq!(app.state.store.add_events(&[new_event("evt_1")], later).await.unwrap(), 0);
        for unknown in ["evt_none", "%00", "a%20b"] {
            assert_eq!(status(desk.bearer(dismiss(unknown))).await, 404, "{unknown}");
        }
        let form = app.client.post(app.url("/fn/dismiss_event")).form(&[("id", "evt_2")]).header("sec-fetch-site", "same-origin");
        let by = |account: &Account| {
            form.try_clone().unwrap().header("cookie", format!("signalbox_access={}", account.access_token))
        };
        assert_eq!(status(by(&trader)).await, 404);
        assert!(by(&desk).send().await.unwrap().status().is_success());
        assert!(app.state.store.poison_events(None, 10).await.unwrap().is_empty());
    }

    async fn the_operators_page_is_there_for_nobody_else(app: TestApp) {
        give_up(&app, vec![new_event("evt_on_the_page")], "it could not be read").await;
        let (trader, desk) = (app.sign_up().await, operator(&app).await);
        let page = |who: Option<&Account>| {
            let request = app.get("/admin").header("accept", "text/html");
            match who {
                Some(account) => request.header("cookie", format!("signalbox_access={}", account.access_token)),
                None => request,
            }
        };
        for who in [None, Some(&trader)] {
            let answer = page(who).send().await.unwrap();
            assert_eq!(answer.status(), 404);
            let html = answer.text().await.unwrap();
            assert!(!html.contains("evt_on_the_page") && !html.contains("href=\"/admin\""), "{html}");
            assert!(!html.contains("Newest accounts") && !html.contains("Revenue"), "{html}");
        }
        let answer = page(Some(&desk)).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let html = answer.text().await.unwrap();
        for expected in ["evt_on_the_page", "it could not be read", "href=\"/admin\"", "content=\"noindex\"", trader.email.as_str()] {
            assert!(html.contains(expected), "{expected} is not in {html}");
        }
        let data = async |account: &Account| status(account.bearer(app.get("/fn/operation"))).await;
        assert_eq!((data(&trader).await, data(&desk).await), (404, 200));
        let form = [("id", "evt_on_the_page")];
        let press = |account: &Account| {
            let request = app.client.post(app.url("/fn/replay_event")).form(&form).header("sec-fetch-site", "same-origin");
            request.header("cookie", format!("signalbox_access={}", account.access_token))
        };
        assert_eq!(status(press(&trader)).await, 404);
        assert_eq!(app.state.store.poison_events(None, 10).await.unwrap().len(), 1);
        assert!(press(&desk).send().await.unwrap().status().is_success());
        assert!(app.state.store.poison_events(None, 10).await.unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_lists_and_replays() {
    let site = Arc::new(Site::new(Backend::Embedded).await);
    let app = TestApp::on(Arc::clone(&site)).await;
    let (user, events) = paid_in_vain(&app).await;
    let run = |arguments: Vec<String>| {
        let mut command = Command::new(required("SIGNALBOX_TEST_BIN"));
        command.args(arguments).current_dir(site.data_dir.path()).env_clear().envs(site.variables());
        async move { command.output().await.unwrap() }
    };
    let listed = run(vec!["events".into(), "list".into()]).await;
    let text = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.status.success(), "{:?}", String::from_utf8_lossy(&listed.stderr));
    for id in &events {
        assert!(text.contains(id.as_str()), "{id} is not in {text}");
        let replayed = run(vec!["events".into(), "replay".into(), id.clone()]).await;
        assert!(replayed.status.success(), "{:?}", String::from_utf8_lossy(&replayed.stderr));
    }
    assert!(text.contains("it could not be read"), "{text}");
    let stripe = Stripe(&app);
    stripe.worked_off().await;
    app.until("the plan is there", || async { stripe.status(user).await.is_paid }).await;
    assert!(!run(vec!["events".into(), "replay".into(), "evt_none".into()]).await.status.success());
    give_up(&app, vec![new_event("evt_dull")], "it could not be read").await;
    let dismissed = run(vec!["events".into(), "dismiss".into(), "evt_dull".into()]).await;
    assert!(dismissed.status.success() && dismissed.stderr.is_empty(), "{dismissed:?}");
    let none = run(vec!["events".into(), "list".into()]).await;
    assert!(none.stdout.is_empty() && String::from_utf8_lossy(&none.stderr).contains("No event was given up"));
    app.stop().await;
}
