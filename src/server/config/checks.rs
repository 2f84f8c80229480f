//! Values that only parse, and are none to work with.

use super::{MailConfig, PlanConfig, Refusal, Variables, refused, sections::Sections};
use crate::server::mail;
use url::Url;

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

/// The values of the file that cannot be worked with.
pub(super) fn nonsense(sections: &Sections) -> Vec<Refusal> {
    let mut refusals = zeros(sections);
    let zone = &sections.operator.time_zone;
    if let Err(error) = jiff::tz::TimeZone::get(zone) {
        let problem = format!("`{zone}` is no time zone like Asia/Kolkata: {error}");
        refusals.push(refused("operator.time_zone", problem));
    }
    let pace = sections.market.days_per_minute;
    if !(pace.is_finite() && pace > 0.0) {
        refusals.push(refused("market.days_per_minute", format!("`{pace}` is not above 0")));
    }
    let (drain, deadline) = (sections.site.drain_seconds, sections.site.stop_deadline_seconds);
    if deadline <= drain {
        let problem = format!("a stop is over after {deadline} s, before its drain of {drain} s (site.drain_seconds)");
        refusals.push(refused("site.stop_deadline_seconds", problem));
    }
    let mut plans: Vec<_> = sections.plans.iter().collect();
    plans.sort_unstable_by_key(|(key, _)| *key);
    refusals.extend(plans.into_iter().flat_map(|(key, plan)| of_plan(key, plan)));
    refusals
}

/// What would never be done if it were 0.
fn zeros(sections: &Sections) -> Vec<Refusal> {
    let Sections { site, limits, database, .. } = sections;
    let all = [
        ("site.request_timeout_seconds", site.request_timeout_seconds == 0),
        ("limits.connections", limits.connections == 0),
        ("limits.header_timeout_seconds", limits.header_timeout_seconds == 0),
        ("limits.write_timeout_seconds", limits.write_timeout_seconds == 0),
        ("limits.body_bytes", limits.body_bytes == 0),
        ("limits.webhook_body_bytes", limits.webhook_body_bytes == 0),
        ("limits.backtest_body_bytes", limits.backtest_body_bytes == 0),
        ("limits.backtest_queue", limits.backtest_queue == 0),
        ("database.max_connections", database.max_connections == 0),
    ];
    let zeros = all.into_iter().filter(|(_, is_zero)| *is_zero);
    zeros.map(|(name, _)| refused(name, "with 0 nothing would ever be answered: at least 1 is needed")).collect()
}

fn of_plan(key: &str, plan: &PlanConfig) -> Vec<Refusal> {
    let PlanConfig { name, amount, currency, interval } = plan;
    let mut refusals = Vec::new();
    let mut refuse = |field: &str, problem: String| refusals.push(refused(format!("plans.{key}.{field}"), problem));
    if *amount <= 0 {
        refuse("amount", format!("{name} costs {amount}: name what is charged, in minor units"));
    }
    if !(currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_alphabetic())) {
        refuse("currency", format!("`{currency}` is no code like inr"));
    }
    if !INTERVALS.contains(&interval.as_str()) {
        refuse("interval", format!("`{interval}` is none of {}", INTERVALS.join(", ")));
    }
    refusals
}

/// What no mail can be sent with.
pub(super) fn of_mail(config: &MailConfig) -> impl Iterator<Item = Refusal> {
    mail::faults(config).into_iter().map(|(name, problem)| refused(name, problem))
}

/// What production lacks, and what is for development only.
pub(super) fn unsafe_in_production(variables: &Variables, frontend_url: Option<&Url>) -> Vec<Refusal> {
    let missing = NEEDED.into_iter().filter(|(name, _)| !variables.contains_key(*name));
    let mut refusals: Vec<_> =
        missing.map(|(name, what)| refused(name, format!("is not set, and production needs it: {what}"))).collect();
    if frontend_url.is_some_and(|url| url.scheme() != "https") {
        refusals.push(refused("FRONTEND_URL", "production needs an https address"));
    }
    refusals
}
