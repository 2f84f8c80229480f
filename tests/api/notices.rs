//! Notices: listed until their owner dismisses them, and nobody else's business.

use crate::{
    harness::{Account, TestApp},
    on_both,
    stripe::{Stripe, database},
};
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::Value;
use signalbox::server::{service::notices, store::entity::notice};
use uuid::Uuid;

async fn id_of(app: &TestApp, account: &Account) -> Uuid {
    let me: Value = account.bearer(app.get("/auth/me")).send().await.unwrap().json().await.unwrap();
    me["id"].as_str().unwrap().parse().unwrap()
}

/// Stores a notice as the services do, made so many milliseconds after the beginning.
async fn tell(app: &TestApp, user_id: Uuid, kind: &str, created_at: i64) -> Uuid {
    let (id, db) = (Uuid::now_v7(), database(app).await);
    let row = notice::Model {
        id,
        user_id,
        kind: kind.to_owned(),
        message: "Told once.".to_owned(),
        created_at,
        read_at: None,
    };
    notice::Entity::insert(row.into_active_model()).exec_without_returning(&db).await.unwrap();
    db.close().await.unwrap();
    id
}

async fn kinds(app: &TestApp, account: &Account) -> Vec<String> {
    let answer = account.bearer(app.get("/api/v1/notices")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let notices: Vec<Value> = answer.json().await.unwrap();
    notices.into_iter().map(|notice| notice["kind"].as_str().unwrap().to_owned()).collect()
}

async fn read(app: &TestApp, account: &Account, id: &str) -> u16 {
    let request = app.client.post(app.url(&format!("/api/v1/notices/{id}/read")));
    account.bearer(request).send().await.unwrap().status().as_u16()
}

on_both! {
    async fn a_payment_is_told_until_it_is_dismissed(app: TestApp) {
        let account = app.sign_up().await;
        let user = signalbox::domain::id::UserId(id_of(&app, &account).await);
        assert!(kinds(&app, &account).await.is_empty());
        Stripe(&app).subscribe(user).await;
        let told: Vec<Value> = account.bearer(app.get("/api/v1/notices")).send().await.unwrap().json().await.unwrap();
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0]["kind"], "payment_received");
        assert!(told[0]["message"].as_str().unwrap().contains("₹499"), "{told:?}");
        assert_eq!(read(&app, &account, told[0]["id"].as_str().unwrap()).await, 204);
        assert!(kinds(&app, &account).await.is_empty());
    }

    async fn a_page_tells_at_once_what_this_process_stored(app: TestApp) {
        let account = app.sign_up().await;
        let user = signalbox::domain::id::UserId(id_of(&app, &account).await);
        let on_page = || async { notices::lately_unread(&app.state, user).await.unwrap() };
        assert!(on_page().await.is_empty());
        Stripe(&app).subscribe(user).await;
        let told = on_page().await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(read(&app, &account, &told[0].id.to_string()).await, 204);
        assert!(on_page().await.is_empty());
    }

    async fn what_is_no_longer_so_is_not_told_beside_the_news(app: TestApp) {
        let (account, stripe) = (app.sign_up().await, Stripe(&app));
        let user = id_of(&app, &account).await;
        tell(&app, user, "payment_failed", 1).await;
        stripe.subscribe(signalbox::domain::id::UserId(user)).await;
        assert_eq!(kinds(&app, &account).await, ["payment_received"]);
        let live = stripe.get("subscriptions").await["data"][0]["id"].as_str().unwrap().to_owned();
        stripe.cancel(&live).await;
        app.until("the end is told", || async {
            stripe.worked_off().await;
            kinds(&app, &account).await == ["plan_ended"]
        })
        .await;
    }

    async fn notices_are_their_owners_alone(app: TestApp) {
        let (owner, other) = (app.sign_up().await, app.sign_up().await);
        let user = id_of(&app, &owner).await;
        let id = tell(&app, user, "payment_failed", 1).await.to_string();
        assert!(kinds(&app, &other).await.is_empty());
        assert_eq!(read(&app, &other, &id).await, 404);
        assert_eq!(kinds(&app, &owner).await, ["payment_failed"], "another's try dismissed it");
        for nobody in [app.get("/api/v1/notices"), app.client.post(app.url(&format!("/api/v1/notices/{id}/read")))] {
            assert_eq!(nobody.send().await.unwrap().status(), 401);
        }
        for unknown in [&Uuid::now_v7().to_string(), "no-id", "%00"] {
            assert_eq!(read(&app, &owner, unknown).await, 404, "{unknown}");
        }
    }

    async fn the_newest_come_first_and_reading_twice_keeps_the_first_time(app: TestApp) {
        let account = app.sign_up().await;
        let user = id_of(&app, &account).await;
        let first = tell(&app, user, "payment_received", 1).await;
        tell(&app, user, "plan_ended", 3).await;
        tell(&app, user, "payment_failed", 2).await;
        assert_eq!(kinds(&app, &account).await, ["plan_ended", "payment_failed", "payment_received"]);
        assert_eq!(read(&app, &account, &first.to_string()).await, 204);
        let db = database(&app).await;
        let read_at = || async { notice::Entity::find_by_id(first).one(&db).await.unwrap().unwrap().read_at };
        let then = read_at().await;
        assert!(then.is_some());
        app.clock.advance(std::time::Duration::from_secs(60));
        assert_eq!(read(&app, &account, &first.to_string()).await, 204, "once more is no failure");
        assert_eq!(read_at().await, then);
        db.close().await.unwrap();
        assert_eq!(kinds(&app, &account).await, ["plan_ended", "payment_failed"]);
    }
}
