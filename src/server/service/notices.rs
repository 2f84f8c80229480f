//! What people are told about their payments, by mail and on the site. Written in the transaction of what it is
//! about, so that it is told exactly once.

use crate::{
    domain::{
        display,
        id::{NoticeId, UserId},
        money::Money,
        notice::{NoticeKind, NoticeView},
        time::Timestamp,
    },
    server::{
        error::ServiceError,
        service::{
            access,
            letters::{Kind, Letter},
            mails,
        },
        state::AppState,
        store::{Transaction, customers::Payer, notices::Notice},
    },
};
use uuid::Uuid;

/// Notices listed at most; dismissing them shows the older ones.
const MOST: u64 = 50;

/// Something that a payer should know.
#[derive(Clone, Copy, Debug)]
pub enum News<'a> {
    /// A payment arrived.
    Paid { amount: &'a Money, invoice_url: Option<&'a str> },
    /// A payment failed, and will be tried again.
    PaymentFailed { amount: &'a Money, invoice_url: Option<&'a str> },
    /// The plan is not renewed; it ends then, where its last payment did not fail.
    PlanEnding { at: Option<Timestamp> },
    /// The plan that was to end does not.
    PlanResumed { renews_at: Option<Timestamp> },
    /// The plan is over.
    PlanEnded,
}

/// Tells a payer on the site alone, with this transaction.
///
/// # Errors
/// When the database does not take it.
pub async fn note(
    state: &AppState,
    txn: &Transaction,
    payer: &Payer,
    news: &News<'_>,
    now: Timestamp,
) -> Result<(), ServiceError> {
    noted(state, txn, payer, news, now).await.map(drop)
}

/// Tells a payer on the site and by mail, with this transaction.
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
    let (kind, message) = noted(state, txn, payer, news, now).await?;
    let greeting = if payer.full_name.is_empty() { "Hello".to_owned() } else { format!("Hello {}", payer.full_name) };
    let invoice = match news {
        News::Paid { invoice_url: Some(url), .. } | News::PaymentFailed { invoice_url: Some(url), .. } => {
            format!("The invoice: {url}\n\n")
        }
        _ => String::new(),
    };
    let body = format!("{greeting},\n\n{message}\n\n{invoice}{}\n", state.config.site.name);
    let subject = format!("{} – {}", kind.title(), state.config.site.name);
    let letter = Letter { kind: Kind::Payment, subject, body };
    mails::enqueue(txn, &payer.email, &letter, now).await
}

/// What a person should know and has not dismissed, the newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn unread(state: &AppState, user: UserId) -> Result<Vec<NoticeView>, ServiceError> {
    Ok(state.store.unread_notices(user, MOST).await?.into_iter().filter_map(view).collect())
}

/// As [`unread`], as of at most a second ago: for a page, which would ask the database for nothing else.
///
/// # Errors
/// When the database does not answer.
pub async fn lately_unread(state: &AppState, user: UserId) -> Result<Vec<NoticeView>, ServiceError> {
    let access = access::of(state, user).await?;
    Ok(access.notices(|| unread(state, user)).await?.to_vec())
}

/// Dismisses one of a person's notices; one dismissed before stays so.
///
/// # Errors
/// `NotFound` when it is none of theirs.
pub async fn read(state: &AppState, user: UserId, id: NoticeId) -> Result<(), ServiceError> {
    let txn = state.store.begin().await?;
    let theirs = txn.read_notice(user, id, state.clock.now()).await?;
    txn.commit().await?;
    state.access.invalidate(user).await;
    if theirs { Ok(()) } else { Err(ServiceError::NotFound("notice")) }
}

/// Stores the notice, and gives back what it says.
async fn noted(
    state: &AppState,
    txn: &Transaction,
    payer: &Payer,
    news: &News<'_>,
    now: Timestamp,
) -> Result<(NoticeKind, String), ServiceError> {
    txn.read_notices_of_kinds(UserId(payer.id), overtaken(news), now).await?;
    let (kind, message) = (kind(news), message(state, news));
    let notice = Notice {
        id: Uuid::now_v7(),
        user_id: payer.id,
        kind: kind.as_str().to_owned(),
        message: message.clone(),
        created_at: now.millis(),
        read_at: None,
    };
    txn.add_notice(notice).await?;
    Ok((kind, message))
}

/// `None` for one of a kind that a newer version made while this one runs beside it.
fn view(row: Notice) -> Option<NoticeView> {
    let Some(kind) = NoticeKind::from_stored(&row.kind) else {
        tracing::warn!(kind = row.kind, "a notice of an unknown kind is not shown");
        return None;
    };
    let created_at = Timestamp::from_millis(row.created_at);
    Some(NoticeView { id: NoticeId(row.id), kind, message: row.message, created_at })
}

fn kind(news: &News<'_>) -> NoticeKind {
    match news {
        News::Paid { .. } => NoticeKind::PaymentReceived,
        News::PaymentFailed { .. } => NoticeKind::PaymentFailed,
        News::PlanEnding { .. } => NoticeKind::PlanEnding,
        News::PlanResumed { .. } => NoticeKind::PlanResumed,
        News::PlanEnded => NoticeKind::PlanEnded,
    }
}

/// What is no longer so once there is this news.
fn overtaken(news: &News<'_>) -> &'static [NoticeKind] {
    match news {
        News::Paid { .. } => &[NoticeKind::PaymentFailed, NoticeKind::PlanEnded],
        News::PaymentFailed { .. } => &[],
        News::PlanEnding { .. } => &[NoticeKind::PlanResumed],
        News::PlanResumed { .. } => &[NoticeKind::PlanEnding],
        News::PlanEnded => {
            &[NoticeKind::PaymentReceived, NoticeKind::PaymentFailed, NoticeKind::PlanEnding, NoticeKind::PlanResumed]
        }
    }
}

fn message(state: &AppState, news: &News<'_>) -> String {
    match news {
        News::Paid { amount, .. } => {
            format!("We received your payment of {amount}. Every signal is live for you.")
        }
        News::PaymentFailed { amount, .. } => format!(
            "Your payment of {amount} failed. Your plan goes on for now and the payment is tried again in a few days; \
             to keep the plan, check or change your card: {}",
            state.config.link("/account")
        ),
        News::PlanEnding { at } => {
            let end = at.map_or_else(
                || "is not renewed. Its last payment failed: until it is paid, the plan may end at any time".to_owned(),
                |at| format!("ends on {}; you keep every signal until then", display::instant(at)),
            );
            format!("Your plan {end}. To keep the plan after all, resume it: {}", state.config.link("/account"))
        }
        News::PlanResumed { renews_at } => {
            let renewal =
                renews_at.map_or_else(String::new, |at| format!(" It is renewed on {}.", display::instant(at)));
            format!("Your plan goes on and does not end.{renewal} To end it: {}", state.config.link("/account"))
        }
        News::PlanEnded => format!(
            "Your paid plan has ended and nothing more is charged. You keep the free signals of each day; subscribe \
             again at any time: {}",
            state.config.link("/pricing")
        ),
    }
}
