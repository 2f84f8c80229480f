//! What a person should know of their payments.

use super::wire::read_as_text;
use super::{id::NoticeId, time::Timestamp};
use serde::{Deserialize, Serialize};

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub enum NoticeKind {
    /// A payment arrived.
    PaymentReceived,
    /// A payment failed, and will be tried again.
    PaymentFailed,
    /// The plan is not renewed.
    PlanEnding,
    /// The plan is renewed after all.
    PlanResumed,
    /// The plan is over.
    PlanEnded,
}

read_as_text!(NoticeKind, |text| NoticeKind::from_stored(text).ok_or(()));

impl NoticeKind {
    /// Each of them.
    pub const ALL: [Self; 5] =
        [Self::PaymentReceived, Self::PaymentFailed, Self::PlanEnding, Self::PlanResumed, Self::PlanEnded];

    /// In a few words: the heading on the site, the subject of the mail.
    pub fn title(self) -> &'static str {
        match self {
            Self::PaymentReceived => "Payment received",
            Self::PaymentFailed => "Your payment failed",
            Self::PlanEnding => "Your plan will end",
            Self::PlanResumed => "Your plan goes on",
            Self::PlanEnded => "Your plan has ended",
        }
    }

    /// The name it is stored and sent under.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PaymentReceived => "payment_received",
            Self::PaymentFailed => "payment_failed",
            Self::PlanEnding => "plan_ending",
            Self::PlanResumed => "plan_resumed",
            Self::PlanEnded => "plan_ended",
        }
    }

    /// The kind stored under `name`.
    pub fn from_stored(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// Something a person should know and has not dismissed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct NoticeView {
    /// Names it when it is dismissed.
    pub id: NoticeId,
    /// What it is about.
    pub kind: NoticeKind,
    /// In full sentences; may hold an address.
    pub message: String,
    /// When it became known.
    pub created_at: Timestamp,
}
