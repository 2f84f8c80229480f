//! SQLite rolls a transaction back by itself when the disk is full. Whoever writes next must not be told that all is
//! well while nothing is kept.

use crate::{
    harness::{Backend, TestApp},
    stripe::{Stripe, database, number},
};
use sea_orm::ConnectionTrait;
use serde_json::json;

/// Fails as a full disk does: the whole transaction is gone. And as a broken rule does: only the statement is.
const TRIGGERS: &str = "
    CREATE TRIGGER full_disk BEFORE INSERT ON stripe_events WHEN NEW.kind = 'test.full_disk'
    BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END;
    CREATE TRIGGER broken_rule BEFORE INSERT ON stripe_events WHEN NEW.kind = 'test.broken_rule'
    BEGIN SELECT RAISE(ABORT, 'broken'); END;";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_answered_200_is_kept_after_the_disk_was_full() {
    // One connection, so that it is the same that goes on.
    let settings = [("SIGNALBOX_DATABASE__MAX_CONNECTIONS", "1")];
    let app = TestApp::spawn_with(Backend::Embedded, &settings).await;
    let stripe = Stripe(&app);
    let db = database(&app).await;
    db.execute_unprepared(TRIGGERS).await.unwrap();
    let send = |id: &'static str, kind: &'static str| {
        let event = json!({"id": id, "object": "event", "type": kind, "data": {"object": {}}});
        let stripe = &stripe;
        async move { stripe.deliver(&event).await }
    };
    for round in 0..3 {
        assert_eq!(send("evt_full", "test.full_disk").await, 503, "round {round}");
        assert_eq!(send("evt_broken", "test.broken_rule").await, 503, "round {round}");
    }
    assert_eq!(send("evt_good", "test.good").await, 200);
    let kept = number(&app, "SELECT count(*) FROM stripe_events WHERE id = 'evt_good'").await;
    assert_eq!(kept, 1, "answered 200 and not kept");
    db.close().await.unwrap();
}
