//! What people are told about their payments, by mail and on the site. Written in the transaction of what it is
//! about, so that it is told exactly once.

use crate::{
    domain::{money::Money, time::Timestamp},
    server::{
        error::ServiceError,
        service::{letters::Letter, mails},
        state::AppState,
        store::{Transaction, customers::Payer, notices::Notice},
    },
};
use uuid::Uuid;

/// Something that a payer should know.
#[derive(Clone, Copy, Debug)]
pub enum News<'a> {
    /// A payment arrived.
    Paid { amount: &'a Money, invoice_url: Option<&'a str> },
    /// A payment failed, and will be tried again.
    PaymentFailed { amount: &'a Money, invoice_url: Option<&'a str> },
    /// The plan is over.
    PlanEnded,
}

/// Tells a payer, with this transaction.
///
/// # Errors
/// When the database does not take it.
pub async fn tell(
    state: &AppState,
    txn: &Transaction,
    payer: &Payer,
    news: &News<'_>,
    now: Timestamp,
) -> Result<(), ServiceError> {
    let (kind, subject, message) = words(state, news);
    txn.add_notice(Notice {
        id: Uuid::now_v7(),
        user_id: payer.id,
        kind: kind.to_owned(),
        message: message.clone(),
        created_at: now.millis(),
        read_at: None,
    })
    .await?;
    let greeting = if payer.full_name.is_empty() { "Hello".to_owned() } else { format!("Hello {}", payer.full_name) };
    let invoice = match news {
        News::Paid { invoice_url: Some(url), .. } | News::PaymentFailed { invoice_url: Some(url), .. } => {
            format!("The invoice: {url}\n\n")
        }
        _ => String::new(),
    };
    let body = format!("{greeting},\n\n{message}\n\n{invoice}{}\n", state.config.site.name);
    let letter = Letter { subject: format!("{subject} – {}", state.config.site.name), body };
    mails::enqueue(txn, &payer.email, &letter, now).await
}

/// The kind, a subject and the message.
fn words(state: &AppState, news: &News<'_>) -> (&'static str, &'static str, String) {
    let account = state.config.link("/account");
    match news {
        News::Paid { amount, .. } => (
            "payment_received",
            "Payment received",
            format!("We received your payment of {amount}. Every signal is live for you."),
        ),
        News::PaymentFailed { amount, .. } => (
            "payment_failed",
            "Your payment failed",
            format!(
                "Your payment of {amount} failed. Your plan goes on for now and the payment is tried again in a few \
                 days; to keep the plan, check or change your card: {account}"
            ),
        ),
        News::PlanEnded => (
            "plan_ended",
            "Your plan has ended",
            format!(
                "Your paid plan has ended and nothing more is charged. You keep the free signals of each day; \
                 subscribe again at any time: {}",
                state.config.link("/pricing")
            ),
        ),
    }
}
