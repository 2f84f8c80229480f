//! The site itself.

use super::error::Problem;
use crate::domain::site::SiteView;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::{
    domain::{plan::PlanView, site::OperatorView},
    server::{config::Environment, rpc, service},
};

/// The site's name.
#[server(prefix = "/fn", endpoint = "name", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_name() -> Result<String, Problem> {
    Ok(rpc::state()?.config.site.name.clone())
}

/// The site's name, who runs it, and what is free.
#[server(prefix = "/fn", endpoint = "site", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_site() -> Result<SiteView, Problem> {
    let state = rpc::state()?;
    let config = &state.config;
    let operator = &config.operator;
    Ok(SiteView {
        name: config.site.name.clone(),
        operator: OperatorView {
            name: operator.name.clone(),
            registration: operator.registration.clone(),
            email: operator.email.clone(),
            address: operator.address.clone(),
            time_zone: operator.time_zone.clone(),
        },
        free_fetches: config.quota.free_fetches_per_day,
        free_signals: config.quota.free_signals_per_fetch,
        price: service::billing::plans(&state).iter().find_map(PlanView::price_by_interval),
        development: config.environment == Environment::Development && config.mail.smtp_url.is_none(),
    })
}
