//! A subscription of ours made equal to Stripe's. Every way to it ends here: events, the return from a checkout, the
//! daily comparison, and what people do themselves.
//!
//! What is written was fetched after the last write: the row's version is read, then Stripe is asked, then the row is
//! locked and written only if its version is still the same, else all begins anew. So however calls overlap, the row
//! ends in Stripe's last word, and no lock is held while Stripe is asked.

use super::notices::{self, News};
use crate::{
    domain::{id::UserId, subscription::SubscriptionState, time::Timestamp},
    server::{
        error::ServiceError,
        payments::{Invoice, InvoiceOutcome, Subscription},
        state::AppState,
        store::{
            Transaction, customers::Payer, subscriptions::Subscription as Row, transactions::Transaction as Payment,
        },
    },
};
use uuid::Uuid;

/// Why a subscription is looked at; all of it is done in the one transaction.
#[derive(Clone, Debug, Default)]
pub struct Cause {
    /// The events that are worked off by it.
    pub events: Vec<String>,
    /// Invoices they are about.
    pub invoices: Vec<String>,
    /// Checkouts that are closed with it, and as what.
    pub checkouts: Vec<(String, &'static str)>,
    /// The user named by a checkout.
    pub user: Option<String>,
}

/// The kind of a payment by invoice.
pub const INVOICE: &str = "invoice";

/// Rounds until one gives up: each loses only to somebody who wrote the same subscription.
const ROUNDS: usize = 8;

/// Fetches a subscription and the invoices it is about, and writes what is new, with what its owner is told.
///
/// # Errors
/// `Unavailable` when Stripe or the database does not answer; `Internal` when Stripe has no such subscription or
/// says something unknown of it.
pub async fn sync(state: &AppState, id: &str, cause: &Cause) -> Result<(), ServiceError> {
    for _ in 0..ROUNDS {
        let seen = state.store.subscription(id).await?.map(|row| row.version);
        let fetched = state.payments.subscription(id).await?;
        let invoices = invoices(state, &fetched, &cause.invoices).await?;
        let payer = payer(state, &fetched, cause.user.as_deref()).await?;
        let txn = state.store.begin().await?;
        let before = txn.locked_subscription(id).await?;
        if before.as_ref().map(|row| row.version) != seen {
            continue;
        }
        let change = Change { state, txn: &txn, payer: payer.as_ref(), now: state.clock.now() };
        change.write(&fetched, before.as_ref(), &invoices).await?;
        for (checkout, status) in &cause.checkouts {
            txn.close_checkout(checkout, status).await?;
        }
        txn.finish_events(&cause.events, change.now).await?;
        txn.commit().await?;
        if let Some(payer) = &payer {
            announce(state, payer).await;
        }
        return Ok(());
    }
    Err(ServiceError::Busy("the subscription"))
}

/// An invoice of no subscription, fetched anew and recorded.
///
/// # Errors
/// As [`sync`].
pub async fn record_invoice(state: &AppState, id: &str, events: &[String]) -> Result<(), ServiceError> {
    let invoice = state.payments.invoice(id).await?;
    let payer = match &invoice.customer_id {
        Some(customer) => state.store.payer_by_customer(customer).await?,
        None => None,
    };
    let txn = state.store.begin().await?;
    let change = Change { state, txn: &txn, payer: payer.as_ref(), now: state.clock.now() };
    change.record(&invoice).await?;
    txn.finish_events(events, change.now).await?;
    txn.commit().await?;
    if let Some(payer) = &payer {
        announce(state, payer).await;
    }
    Ok(())
}

/// What changed is known at once in this process; others find it in the database within a second.
async fn announce(state: &AppState, payer: &Payer) {
    state.access.invalidate(UserId(payer.id)).await;
    state.work.mails.notify_one();
}

async fn invoices(state: &AppState, fetched: &Subscription, named: &[String]) -> Result<Vec<Invoice>, ServiceError> {
    let latest = fetched.latest_invoice.clone();
    let mut found: Vec<Invoice> = latest.into_iter().collect();
    for id in named {
        if found.iter().all(|invoice| invoice.id != *id) {
            found.push(state.payments.invoice(id).await?);
        }
    }
    Ok(found)
}

/// Whose it is: by the customer, else by the user that we named when we opened the checkout.
async fn payer(state: &AppState, fetched: &Subscription, named: Option<&str>) -> Result<Option<Payer>, ServiceError> {
    if let Some(payer) = state.store.payer_by_customer(&fetched.customer_id).await? {
        return Ok(Some(payer));
    }
    let user = fetched.user_id.as_deref().or(named).and_then(|id| id.parse::<Uuid>().ok());
    match user {
        Some(user) => Ok(state.store.payer(UserId(user)).await?),
        None => Ok(None),
    }
}

/// One writing of a subscription, inside its transaction.
struct Change<'a> {
    state: &'a AppState,
    txn: &'a Transaction,
    /// Nobody of ours: somebody who is deleted, or another site's customer on the same Stripe account.
    payer: Option<&'a Payer>,
    now: Timestamp,
}

impl Change<'_> {
    async fn write(
        &self,
        fetched: &Subscription,
        before: Option<&Row>,
        invoices: &[Invoice],
    ) -> Result<(), ServiceError> {
        if let Some(payer) = self.payer {
            self.txn.put_subscription(row(fetched, before, payer.id, self.now)).await?;
            self.tell_of_end(payer, fetched, before).await?;
        }
        // The payments of whoever is deleted stay in the books; those of strangers never were in them.
        if self.payer.is_some() || fetched.user_id.is_some() {
            for invoice in invoices {
                self.record(invoice).await?;
            }
        }
        Ok(())
    }

    /// Tells that the plan is over, will be, or will not be after all; each when it has become so.
    async fn tell_of_end(
        &self,
        payer: &Payer,
        fetched: &Subscription,
        before: Option<&Row>,
    ) -> Result<(), ServiceError> {
        let was_live = before.is_some_and(|row| row.state != SubscriptionState::Canceled.as_str());
        if fetched.state == SubscriptionState::Canceled {
            return match (was_live, fetched.ended_with_account) {
                (false, _) => Ok(()),
                // Who deletes the account gets one mail of both, with the deletion. Should it fail after all, the site tells.
                (true, true) => notices::note(self.state, self.txn, payer, &News::PlanEnded, self.now).await,
                (true, false) => notices::tell(self.state, self.txn, payer, &News::PlanEnded, self.now).await,
            };
        }
        let gave_access =
            |row: &&Row| SubscriptionState::from_stripe(&row.state).is_some_and(SubscriptionState::gives_access);
        let was_ending = before.filter(gave_access).is_some_and(|row| row.cancel_at_period_end);
        let news = match (was_ending, fetched.cancel_at_period_end) {
            _ if !fetched.state.gives_access() => return Ok(()),
            // How long a plan goes on whose payment failed, nobody knows.
            (false, true) => {
                News::PlanEnding { at: fetched.ends_at.filter(|_| fetched.state != SubscriptionState::PastDue) }
            }
            (true, false) => News::PlanResumed { renews_at: fetched.current_period_end },
            _ => return Ok(()),
        };
        notices::tell(self.state, self.txn, payer, &news, self.now).await
    }

    /// Records what became of an invoice, once; what is paid stays paid.
    async fn record(&self, invoice: &Invoice) -> Result<(), ServiceError> {
        let status = match invoice.outcome {
            InvoiceOutcome::Paid => "paid",
            InvoiceOutcome::Failed => "failed",
            InvoiceOutcome::None => return Ok(()),
        };
        if invoice.amount.amount == 0 {
            return Ok(());
        }
        let before = self.txn.recorded(INVOICE, &invoice.id).await?;
        if before.as_ref().is_some_and(|before| before.status == status || before.status == "paid") {
            return Ok(());
        }
        let payment = self.payment(invoice, status, before.as_ref());
        match before {
            Some(_) => self.txn.amend(payment).await?,
            None => self.txn.record(payment).await?,
        }
        let Some(payer) = self.payer else { return Ok(()) };
        let news = match invoice.outcome {
            InvoiceOutcome::Paid => News::Paid { amount: &invoice.amount, invoice_url: invoice.url.as_deref() },
            // The first payment fails under the eyes of who makes it.
            _ if invoice.is_first => return Ok(()),
            _ => News::PaymentFailed { amount: &invoice.amount, invoice_url: invoice.url.as_deref() },
        };
        notices::tell(self.state, self.txn, payer, &news, self.now).await
    }

    fn payment(&self, invoice: &Invoice, status: &str, before: Option<&Payment>) -> Payment {
        Payment {
            id: before.map_or_else(Uuid::now_v7, |before| before.id),
            user_id: before.and_then(|before| before.user_id).or(self.payer.map(|payer| payer.id)),
            kind: INVOICE.to_owned(),
            stripe_id: invoice.id.clone(),
            subscription_id: invoice.subscription_id.clone(),
            amount: invoice.amount.amount,
            currency: invoice.amount.currency.clone(),
            status: status.to_owned(),
            description: invoice.description.clone(),
            invoice_url: invoice.url.clone(),
            created_at: before.map_or(invoice.at.millis(), |before| before.created_at),
            updated_at: self.now.millis(),
        }
    }
}

fn row(fetched: &Subscription, before: Option<&Row>, user: Uuid, now: Timestamp) -> Row {
    Row {
        id: fetched.id.clone(),
        user_id: before.map_or(user, |row| row.user_id),
        customer_id: fetched.customer_id.clone(),
        state: fetched.state.as_str().to_owned(),
        plan: fetched.plan.as_str().to_owned(),
        price_id: fetched.price_id.clone(),
        current_period_start_at: fetched.current_period_start.map(Timestamp::millis),
        current_period_end_at: fetched.current_period_end.map(Timestamp::millis),
        cancel_at_period_end: fetched.cancel_at_period_end,
        trial_end_at: fetched.trial_end.map(Timestamp::millis),
        ended_at: fetched.ended_at.map(Timestamp::millis),
        version: before.map_or(1, |row| row.version + 1),
        created_at: fetched.created.millis(),
        updated_at: now.millis(),
    }
}
