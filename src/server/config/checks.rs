//! Values that only parse, and are none to work with.

use super::{Config, ConfigError, Environment, PlanConfig, Variables, refused};

/// What production cannot do without, and what it is.
const NEEDED: [(&str, &str); 5] = [
    ("FRONTEND_URL", "the site's https address"),
    ("SECRET_KEY", "a random key of 32 bytes or more"),
    ("STRIPE_SECRET_KEY", "Stripe's own key; the sandbox is for development"),
    ("STRIPE_WEBHOOK_SECRET", "the webhook endpoint's signing secret"),
    ("SMTP_URL", "a mail server, for example smtps://user:password@host"),
];

/// How often Stripe may be asked to charge for a plan.
const INTERVALS: [&str; 2] = ["month", "year"];

/// Refuses an environment for production in which something is not set; names all of that at once.
pub(super) fn refuse_gaps(variables: &Variables) -> Result<(), ConfigError> {
    let missing = NEEDED.into_iter().filter(|(name, _)| !variables.contains_key(*name));
    let missing: Vec<String> = missing.map(|(name, what)| format!("{name} ({what})")).collect();
    if missing.is_empty() { Ok(()) } else { Err(ConfigError::Missing(missing.join(", "))) }
}

impl Config {
    /// Whether the values that only parse are values that can be worked with.
    pub(super) fn refuse_nonsense(&self) -> Result<(), ConfigError> {
        let zone = &self.operator.time_zone;
        jiff::tz::TimeZone::get(zone)
            .map_err(|error| refused("operator.time_zone", format!("`{zone}` is no time zone: {error}")))?;
        let pace = self.market.days_per_minute;
        if !(pace.is_finite() && pace > 0.0) {
            return Err(refused("market.days_per_minute", format!("`{pace}` is not above 0")));
        }
        for (name, is_zero) in [
            ("site.request_timeout_seconds", self.site.request_timeout_seconds == 0),
            ("limits.connections", self.limits.connections == 0),
            ("limits.header_timeout_seconds", self.limits.header_timeout_seconds == 0),
            ("limits.write_timeout_seconds", self.limits.write_timeout_seconds == 0),
            ("limits.body_bytes", self.limits.body_bytes == 0),
            ("limits.webhook_body_bytes", self.limits.webhook_body_bytes == 0),
            ("limits.backtest_body_bytes", self.limits.backtest_body_bytes == 0),
            ("limits.backtest_queue", self.limits.backtest_queue == 0),
        ] {
            if is_zero {
                return Err(refused(name, "with 0 nothing would ever be answered".to_owned()));
            }
        }
        let (drain, deadline) = (self.site.drain_seconds, self.site.stop_deadline_seconds);
        if deadline <= drain {
            let problem =
                format!("a stop is over after {deadline} s, before its drain of {drain} s (site.drain_seconds)");
            return Err(refused("site.stop_deadline_seconds", problem));
        }
        self.plans.values().try_for_each(refuse_plan)
    }

    /// Whether production would run with nothing that is for development only.
    pub(super) fn refuse_unsafe_production(&self) -> Result<(), ConfigError> {
        if self.environment == Environment::Production && !self.is_https() {
            return Err(refused("FRONTEND_URL", "production needs an https address".to_owned()));
        }
        Ok(())
    }
}

fn refuse_plan(plan: &PlanConfig) -> Result<(), ConfigError> {
    let PlanConfig { name, amount, currency, interval } = plan;
    if *amount <= 0 {
        return Err(refused("plans.*.amount", format!("{name} costs {amount}: name what is charged, in minor units")));
    }
    if !(currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_alphabetic())) {
        return Err(refused("plans.*.currency", format!("`{currency}` is no code like inr")));
    }
    if !INTERVALS.contains(&interval.as_str()) {
        return Err(refused("plans.*.interval", format!("`{interval}` is none of {}", INTERVALS.join(", "))));
    }
    Ok(())
}
