//! What is in our books and what Stripe says, side by side.

use super::{World, text};
use crate::harness::Site;
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::Value;
use signalbox::server::store::entity::{mail, notice, stripe_event, subscription, transaction};
use std::collections::{BTreeMap, BTreeSet};

/// All that must agree once everything is at rest.
pub struct Facts {
    events: Vec<stripe_event::Model>,
    subscriptions: Vec<subscription::Model>,
    transactions: Vec<transaction::Model>,
    mails: Vec<mail::Model>,
    notices: Vec<notice::Model>,
    stripe: Books,
}

/// What Stripe has.
struct Books {
    events: BTreeSet<String>,
    subscriptions: Vec<Value>,
    invoices: Vec<Value>,
    /// The address of each customer.
    emails: BTreeMap<String, String>,
}

impl Facts {
    pub async fn gather(world: &World) -> Self {
        let customers = world.list("customers").await;
        let stripe = Books {
            events: world.list("events").await.iter().map(|event| text(event, "id")).collect(),
            subscriptions: world.list("subscriptions?status=all").await,
            invoices: world.list("invoices").await,
            emails: customers.iter().map(|one| (text(one, "id"), text(one, "email"))).collect(),
        };
        let database = open(&world.site).await;
        let facts = Self {
            events: stripe_event::Entity::find().all(&database).await.unwrap(),
            subscriptions: subscription::Entity::find().all(&database).await.unwrap(),
            transactions: transaction::Entity::find().all(&database).await.unwrap(),
            mails: mail::Entity::find().all(&database).await.unwrap(),
            notices: notice::Entity::find().all(&database).await.unwrap(),
            stripe,
        };
        database.close().await.unwrap();
        facts
    }

    pub fn check(&self) {
        self.every_event_is_stored_and_done();
        self.subscriptions_are_stripes();
        self.each_has_one_live_subscription();
        self.each_payment_is_booked_once();
        self.each_is_told_once();
    }

    fn every_event_is_stored_and_done(&self) {
        let stored: BTreeSet<_> = self.events.iter().map(|event| event.id.clone()).collect();
        let missing: Vec<_> = self.stripe.events.difference(&stored).collect();
        assert!(missing.is_empty(), "never stored: {missing:?}");
        let undone: Vec<_> = self.events.iter().filter(|event| event.state != "done").collect();
        assert!(undone.is_empty(), "not done: {undone:?}");
        assert!(self.events.len() > 100, "the test was about something: {} events", self.events.len());
    }

    fn subscriptions_are_stripes(&self) {
        let ours = self.subscriptions.iter().map(|row| {
            let end = row.current_period_end_at.map(|at| at / 1000);
            (row.id.clone(), (row.state.clone(), row.cancel_at_period_end, end))
        });
        let theirs = self.stripe.subscriptions.iter().map(|one| {
            let end = one["items"]["data"][0]["current_period_end"].as_i64();
            (text(one, "id"), (text(one, "status"), one["cancel_at_period_end"] == true, end))
        });
        assert_eq!(ours.collect::<BTreeMap<_, _>>(), theirs.collect::<BTreeMap<_, _>>());
    }

    fn each_has_one_live_subscription(&self) {
        let mut live = BTreeMap::<_, Vec<_>>::new();
        for one in self.stripe.subscriptions.iter().filter(|one| one["status"] != "canceled") {
            live.entry(text(one, "customer")).or_default().push(text(one, "id"));
        }
        live.retain(|_, subscriptions| subscriptions.len() > 1);
        assert!(live.is_empty(), "several for one customer: {live:?}");
    }

    fn each_payment_is_booked_once(&self) {
        let row = |row: &transaction::Model| (row.stripe_id.clone(), row.amount, row.status.clone());
        let mut ours: Vec<_> = self.transactions.iter().map(row).collect();
        let invoice = |one: &Value| (text(one, "id"), one["amount_paid"].as_i64().unwrap(), "paid".to_owned());
        let mut theirs: Vec<_> = self.stripe.paid().map(invoice).collect();
        ours.sort();
        theirs.sort();
        assert_eq!(ours, theirs);
    }

    fn each_is_told_once(&self) {
        let owner = |one: &Value| self.stripe.emails[&text(one, "customer")].clone();
        let ended = self.stripe.subscriptions.iter().filter(|one| one["status"] == "canceled");
        let (paid, ended) = (counted(self.stripe.paid().map(owner)), counted(ended.map(owner)));
        assert_eq!(self.mailed("Payment received"), paid);
        assert_eq!(self.mailed("Your plan has ended"), ended);
        let noticed = |kind: &str| self.notices.iter().filter(|notice| notice.kind == kind).count();
        assert_eq!(noticed("payment_received"), paid.values().sum::<usize>());
        assert_eq!(noticed("plan_ended"), ended.values().sum::<usize>());
        let unsent: Vec<_> = self.mails.iter().filter(|mail| mail.state != "sent").collect();
        assert!(unsent.is_empty(), "not sent: {unsent:?}");
    }

    /// How many mails of a kind each address got.
    fn mailed(&self, subject: &str) -> BTreeMap<String, usize> {
        let such = self.mails.iter().filter(|mail| mail.subject.starts_with(subject));
        counted(such.map(|mail| mail.recipient.clone()))
    }
}

impl Books {
    fn paid(&self) -> impl Iterator<Item = &Value> {
        self.invoices.iter().filter(|one| one["status"] == "paid" && one["amount_paid"] != 0)
    }
}

/// Mails that wait to be handed over.
pub async fn waiting_mails(site: &Site) -> u64 {
    let database = open(site).await;
    let waiting = mail::Entity::find().filter(mail::Column::State.eq("pending")).count(&database).await.unwrap();
    database.close().await.unwrap();
    waiting
}

/// Payments in our books.
pub async fn payments(site: &Site) -> usize {
    let database = open(site).await;
    let booked = transaction::Entity::find().all(&database).await.unwrap();
    database.close().await.unwrap();
    booked.len()
}

async fn open(site: &Site) -> DatabaseConnection {
    sea_orm::Database::connect(&site.database.url).await.unwrap()
}

fn counted(addresses: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for address in addresses {
        *counts.entry(address).or_insert(0) += 1;
    }
    counts
}
