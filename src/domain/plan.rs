//! What is sold, and what each of it gives.

use super::money::Money;
use super::wire::read_as_text;
use serde::{Deserialize, Serialize};

/// What a person pays for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub enum Plan {
    /// Nothing; three fetches a day.
    #[default]
    Free,
    /// Every signal, by the month.
    Pro,
    /// Every signal, by the year.
    ProYearly,
    /// Every signal for several seats.
    Team,
}

read_as_text!(Plan, |text| Plan::from_stored(text).ok_or(()));

impl Plan {
    /// The name it is stored and sent under.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Pro => "pro",
            Self::ProYearly => "pro_yearly",
            Self::Team => "team",
        }
    }

    /// The plan stored under `name`.
    pub fn from_stored(name: &str) -> Option<Self> {
        [Self::Free, Self::Pro, Self::ProYearly, Self::Team].into_iter().find(|plan| plan.as_str() == name)
    }

    /// As people read it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Free => "Free",
            Self::Pro => "Pro",
            Self::ProYearly => "Pro yearly",
            Self::Team => "Team",
        }
    }

    /// What this plan gives of `feature`.
    pub fn entitlement(self, feature: Feature, free: FreeLimits) -> Entitlement {
        match (self, feature) {
            (Self::Free, Feature::Signals) => Entitlement::Daily { limit: free.signals },
            (Self::Free, Feature::Backtests) => Entitlement::Daily { limit: free.backtests },
            // Named, and not there yet.
            (_, Feature::Alerts | Feature::ApiCalls) => Entitlement::No,
            _ => Entitlement::Unlimited,
        }
    }
}

/// Something a plan gives or limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub enum Feature {
    /// Fetches of the signals feed.
    Signals,
    /// Backtests run on the server.
    Backtests,
    /// Messages when a signal is published.
    Alerts,
    /// Requests by API key.
    ApiCalls,
}

impl Feature {
    /// The name it is stored and sent under.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Signals => "signals",
            Self::Backtests => "backtests",
            Self::Alerts => "alerts",
            Self::ApiCalls => "api_calls",
        }
    }
}

/// What the operator gives for nothing in a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FreeLimits {
    /// Fetches of the signals feed.
    pub signals: u32,
    /// Backtests run on the server.
    pub backtests: u32,
}

/// What a plan gives of a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entitlement {
    /// Not in this plan.
    No,
    /// So many uses in a calendar day of the operator's time zone.
    Daily {
        /// Uses a day.
        limit: u32,
    },
    /// As much as one likes.
    Unlimited,
}

/// A plan as the pricing page and the API show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct PlanView {
    /// Which plan.
    pub plan: Plan,
    /// As people read it.
    pub name: String,
    /// For one interval.
    pub price: Money,
    /// `month` or `year`; null for what costs nothing.
    pub interval: Option<String>,
    /// What it gives, a phrase each.
    pub features: Vec<String>,
    /// Whether it can be bought now.
    pub available: bool,
}

impl PlanView {
    /// What is paid how often, such as `₹499 a month`; none for what costs nothing or cannot be bought.
    pub fn price_by_interval(&self) -> Option<String> {
        let interval = self.interval.as_ref().filter(|_| self.available)?;
        Some(format!("{} a {interval}", self.price))
    }
}
