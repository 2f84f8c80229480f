//! The states of a subscription and what each allows.

use super::{time::Timestamp, wire::read_as_text};
use serde::{Deserialize, Serialize};

/// Where a subscription stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub enum SubscriptionState {
    /// Not yet paid, but already given.
    Trialing,
    /// Paid.
    Active,
    /// A payment failed and is tried again; access goes on meanwhile (grace).
    PastDue,
    /// Over.
    Canceled,
    /// The first payment has not succeeded yet.
    Incomplete,
    /// Stopped by the operator or at a trial's end; nothing is charged and nothing given.
    Paused,
}

read_as_text!(SubscriptionState, |text| SubscriptionState::from_stripe(text).ok_or(()));

impl SubscriptionState {
    /// Each of them.
    pub const ALL: [Self; 6] =
        [Self::Trialing, Self::Active, Self::PastDue, Self::Canceled, Self::Incomplete, Self::Paused];

    /// Whether signals are live in this state.
    pub fn gives_access(self) -> bool {
        matches!(self, Self::Trialing | Self::Active | Self::PastDue)
    }

    /// Whether it may still charge, so that no second one may be begun beside it.
    pub fn is_live(self) -> bool {
        !matches!(self, Self::Canceled)
    }

    /// The name it is stored and sent under.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Canceled => "canceled",
            Self::Incomplete => "incomplete",
            Self::Paused => "paused",
        }
    }

    /// From Stripe's word for it. `unpaid` gives no access but is not over; `incomplete_expired` is.
    pub fn from_stripe(status: &str) -> Option<Self> {
        Some(match status {
            "trialing" => Self::Trialing,
            "active" => Self::Active,
            "past_due" => Self::PastDue,
            "canceled" | "incomplete_expired" => Self::Canceled,
            "incomplete" => Self::Incomplete,
            "paused" | "unpaid" => Self::Paused,
            _ => return None,
        })
    }
}

/// How the subscription that gives access goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outlook {
    /// When it ends by itself; none where it renews.
    pub ends_at: Option<Timestamp>,
    /// Whether its last payment failed and is tried again.
    pub payment_failed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grace_goes_on_and_the_end_is_the_end() {
        assert!(SubscriptionState::from_stripe("past_due").is_some_and(SubscriptionState::gives_access));
        for status in ["canceled", "incomplete", "paused", "unpaid", "incomplete_expired"] {
            assert!(!SubscriptionState::from_stripe(status).is_some_and(SubscriptionState::gives_access), "{status}");
        }
        assert_eq!(SubscriptionState::from_stripe("shiny"), None);
    }
}
