//! What the operator sees of the business: who joined, who pays, and what came in.

use crate::{
    admin::operator,
    harness::{Account, TestApp},
    on_both,
    stripe::{DAY, FAILS_WHEN_CHARGED_CARD, Stripe, database, trader},
};
use sea_orm::{EntityTrait, IntoActiveModel};
use signalbox::{
    domain::{id::UserId, money::Money, plan::Plan, subscription::SubscriptionState, time::Timestamp},
    server::{
        service::{billing, business},
        store::entity::transaction,
    },
};
use std::time::Duration;
use uuid::Uuid;

/// Books an amount, as the services do.
async fn book(app: &TestApp, amount: i64, currency: &str, status: &str, at: Timestamp) {
    let row = transaction::Model {
        id: Uuid::now_v7(),
        user_id: None,
        kind: "invoice".to_owned(),
        stripe_id: Uuid::now_v7().to_string(),
        subscription_id: None,
        amount,
        currency: currency.to_owned(),
        status: status.to_owned(),
        description: "Pro".to_owned(),
        invoice_url: None,
        created_at: at.millis(),
        updated_at: at.millis(),
    };
    let db = database(app).await;
    transaction::Entity::insert(row.into_active_model()).exec_without_returning(&db).await.unwrap();
    db.close().await.unwrap();
}

/// The operator's page.
async fn page(app: &TestApp, desk: &Account, query: &str) -> String {
    let request = app.get(&format!("/admin{query}")).header("accept", "text/html");
    let answer = request.header("cookie", format!("signalbox_access={}", desk.access_token)).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{query}");
    // Between texts stand marks for the client.
    answer.text().await.unwrap().replace("<!>", "")
}

/// The value of a figure of the page.
fn figure(html: &str, name: &str) -> String {
    let rest = html.split_once(&format!("<dt>{name}</dt>")).unwrap_or_else(|| panic!("no {name} in {html}")).1;
    let value = rest.split_once("</dd>").unwrap().0;
    value.rsplit('>').next().unwrap().to_owned()
}

on_both! {
    async fn the_operator_sees_who_joined_who_pays_and_what_came_in(app: TestApp) {
        let desk = operator(&app).await;
        let none = page(&app, &desk, "").await;
        for (name, value) in [
            ("Accounts", "1"),
            ("New in the last 7 days", "1"),
            ("Paying now", "0"),
            ("Payment failed, tried again", "0"),
            ("Ending with what is paid", "0"),
            ("Revenue this month", "₹0"),
            ("Revenue last month", "₹0"),
        ] {
            assert_eq!(figure(&none, name), value, "{name}");
        }
        let stripe = Stripe(&app);
        let (paying, ending, failing) = (trader(&app).await, trader(&app).await, trader(&app).await);
        for user in [paying, ending, failing] {
            stripe.subscribe(user).await;
        }
        billing::set_cancel_at_period_end(&app.state, ending, true).await.unwrap();
        let html = page(&app, &desk, "").await;
        assert_eq!((figure(&html, "Paying now").as_str(), figure(&html, "Ending with what is paid").as_str()), ("3", "1"));
        assert_eq!((figure(&html, "Accounts").as_str(), figure(&html, "Revenue this month").as_str()), ("4", "₹1,497"));
        let row = app.state.store.subscriptions_of(failing).await.unwrap().remove(0);
        stripe.change_card(&row.id, &row.customer_id, FAILS_WHEN_CHARGED_CARD).await;
        stripe.advance(32 * DAY).await;
        let is = async |user: UserId, state: SubscriptionState| stripe.status(user).await.status == Some(state);
        app.until("one pays, one failed, one is over", || async {
            is(failing, SubscriptionState::PastDue).await && is(ending, SubscriptionState::Canceled).await
        }).await;
        stripe.delivered().await;
        let html = page(&app, &desk, "").await;
        for (name, value) in [("Paying now", "1"), ("Payment failed, tried again", "1"), ("Ending with what is paid", "0")] {
            assert_eq!(figure(&html, name), value, "{name}");
        }
        // A week later nobody is new.
        app.clock.advance(Duration::from_secs(8 * 86_400));
        let figures = business::figures(&app.state).await.unwrap();
        assert_eq!((figures.accounts, figures.new_accounts), (4, 0));
    }

    async fn revenue_is_counted_by_month_and_currency_as_it_is_booked(app: TestApp) {
        let now = app.state.clock.now();
        // The day of the month in Asia/Kolkata, and as many days before.
        let day = (now + Duration::from_secs(5 * 3_600 + 1_800)).date_time().day();
        let last_month = now - Duration::from_secs(u64::from(day) * 86_400);
        for (amount, currency, status, at) in [
            (49_900, "inr", "paid", now),
            (-9_900, "inr", "paid", now),
            (12_00, "usd", "paid", now),
            (49_900, "inr", "failed", now),
            (99_800, "inr", "paid", last_month),
            (1_00, "inr", "paid", last_month - Duration::from_secs(40 * 86_400)),
        ] {
            book(&app, amount, currency, status, at).await;
        }
        let figures = business::figures(&app.state).await.unwrap();
        assert_eq!(figures.this_month, [Money::inr(40_000), Money::new(12_00, "usd")]);
        assert_eq!(figures.last_month, [Money::inr(99_800)]);
        assert_eq!(figures.time_zone, "Asia/Kolkata");
        let html = page(&app, &operator(&app).await, "").await;
        assert_eq!(figure(&html, "Revenue this month"), "₹400 + $12.00");
    }

    async fn accounts_are_listed_the_newest_first_a_page_at_a_time(app: TestApp) {
        let desk = operator(&app).await;
        let mut emails = vec![desk.email.clone()];
        for _ in 0..4 {
            emails.insert(0, app.sign_up().await.email);
        }
        let (mut found, mut cursor) = (Vec::new(), None);
        for count in [2, 2, 1] {
            let page = business::accounts(&app.state, cursor.as_deref(), 2).await.unwrap();
            assert_eq!(page.accounts.len(), count);
            found.extend(page.accounts);
            cursor = page.next_cursor;
        }
        assert_eq!(cursor, None);
        assert_eq!(found.iter().map(|one| one.email.clone()).collect::<Vec<_>>(), emails);
        assert!(found.iter().all(|one| one.plan == Plan::Free));
        let verified: Vec<bool> = found.iter().map(|one| one.is_verified).collect();
        assert_eq!(verified, [false, false, false, false, true], "the operator's own address counts as confirmed");
        for foreign in ["", "1", "1_x", "x_1"] {
            assert!(business::accounts(&app.state, Some(foreign), 2).await.is_err(), "{foreign}");
        }
        let payer = trader(&app).await;
        Stripe(&app).subscribe(payer).await;
        let newest = business::accounts(&app.state, None, 1).await.unwrap();
        assert_eq!(newest.accounts[0].plan, Plan::Pro);
    }

    async fn the_page_leads_to_older_accounts(app: TestApp) {
        let desk = operator(&app).await;
        let mut emails = Vec::new();
        for _ in 0..20 {
            emails.push(app.sign_up().await.email);
        }
        let html = page(&app, &desk, "").await;
        assert!(emails.iter().all(|email| html.contains(email.as_str())) && html.contains("Not confirmed"), "{html}");
        let link = html.split_once("href=\"/admin?accounts=").unwrap().1.split_once("#accounts\"").unwrap().0;
        let older = page(&app, &desk, &format!("?accounts={link}")).await;
        let table = older.split_once("<caption").unwrap().1;
        assert!(table.contains(&desk.email) && table.contains("Confirmed"), "{older}");
        assert!(!table.contains(emails[0].as_str()) && !older.contains("/admin?accounts="), "{older}");
    }
}
