//! Replicas without jobs or listeners, on a clock that only the test moves.

use crate::harness::Site;
use sea_orm::EntityTrait;
use signalbox::{
    domain::{
        account::{Me, Role},
        id::{SessionId, UserId},
        plan::Plan,
        subscription::Outlook,
        time::Timestamp,
    },
    server::{
        application::build_state, clock::Clock, service::sessions::CurrentUser, state::AppState, store::entity::user,
    },
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use uuid::Uuid;

/// Real time as the test says; nothing goes on by itself.
#[derive(Clone)]
pub struct Hand(Arc<AtomicI64>);

impl Hand {
    pub fn new() -> Self {
        // Noon of a June day in India.
        Self(Arc::new(AtomicI64::new(1_749_969_000_000)))
    }

    pub fn step(&self, span: Duration) {
        self.0.fetch_add(span.as_millis() as i64, Ordering::SeqCst);
    }

    pub fn clock(&self) -> Clock {
        let now = Arc::clone(&self.0);
        Clock::from_fn(move || Timestamp::from_millis(now.load(Ordering::SeqCst)))
    }
}

pub async fn replica(site: &Site, hand: &Hand) -> AppState {
    build_state(site.config(), hand.clock()).await.unwrap()
}

/// Runs a test on a site and removes its database, unless the test fails.
pub async fn with_site<F: Future<Output = ()>>(site: Site, test: impl FnOnce(Arc<Site>) -> F) {
    let site = Arc::new(site);
    test(Arc::clone(&site)).await;
    site.database.remove().await;
}

/// Somebody with an account, and this plan as far as the services are told.
pub async fn user(site: &Site, plan: Plan) -> CurrentUser {
    let (id, email) = (Uuid::now_v7(), format!("trader-{}@example.com", Uuid::now_v7()));
    let row = user::Model {
        id,
        email: email.clone(),
        full_name: "Asha Rao".to_owned(),
        password_hash: "none".to_owned(),
        role: "trader".to_owned(),
        email_verified_at: None,
        stripe_customer_id: None,
        stripe_email: None,
        checkout_generation: 0,
        created_at: 0,
        updated_at: 0,
    };
    let database = sea_orm::Database::connect(&site.database.url).await.unwrap();
    user::Entity::insert(user::ActiveModel::from(row)).exec_without_returning(&database).await.unwrap();
    database.close().await.unwrap();
    let me = Me {
        id: UserId(id),
        email,
        full_name: "Asha Rao".to_owned(),
        is_paid: plan != Plan::Free,
        email_verified: false,
        created_at: Timestamp::default(),
        is_operator: false,
    };
    CurrentUser { me, session: SessionId(Uuid::nil()), role: Role::Trader, plan, outlook: Outlook::default() }
}

/// Each test on both backends, as `embedded::name` and `scale_out::name`; it makes its own site.
#[macro_export]
macro_rules! on_each {
    ($($name:ident),* $(,)?) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name($crate::harness::Backend::Embedded).await;
            })*
        }
        mod scale_out {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name($crate::harness::Backend::ScaleOut).await;
            })*
        }
    };
}
