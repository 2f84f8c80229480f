//! How much of a day's allowance is left.

use super::{plan::Feature, time::Timestamp};
use serde::{Deserialize, Serialize};

/// A free user's day: how many fetches there are, how many are used, when it begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct QuotaState {
    /// Fetches a day.
    pub limit: u32,
    /// Fetches used today, at most `limit`.
    pub used: u32,
    /// The end of the operator's calendar day.
    pub resets_at: Timestamp,
}

impl QuotaState {
    /// Fetches left today.
    pub fn left(self) -> u32 {
        self.limit.saturating_sub(self.used)
    }
}

/// What a plan gives of a feature today, and how much of it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct UsageView {
    /// The feature.
    pub feature: Feature,
    /// Whether the plan has it at all.
    pub included: bool,
    /// Uses a day; null where there is no limit, or the plan does not have it.
    pub limit: Option<u32>,
    /// Uses today; null where they are not counted.
    pub used: Option<u32>,
    /// When the day ends; null where there is no limit.
    pub resets_at: Option<Timestamp>,
}

/// The feed's `user_limit` for somebody with a daily limit.
pub fn limit_label(limit: u32) -> String {
    format!("{limit}/day (upgrade for unlimited)")
}

/// The feed's `user_limit` for somebody who pays.
pub const UNLIMITED: &str = "unlimited";
