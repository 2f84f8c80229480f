//! The public record, and the strategies that it is of.

use super::error::Problem;
use crate::domain::{record::TrackRecord, strategy::StrategyReport};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::{
    domain::record::RecordFilter,
    server::{error::ServiceError, rpc, service},
};

/// Signals on a page.
#[cfg(feature = "ssr")]
const PAGE: u64 = 20;

/// The record, or the part that is asked for, with the page of settled signals after `cursor`.
#[server(prefix = "/fn", endpoint = "track_record", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_track_record(
    strategy: Option<String>,
    symbol: Option<String>,
    timeframe: Option<String>,
    period: Option<String>,
    cursor: Option<String>,
) -> Result<TrackRecord, Problem> {
    let request = rpc::request().await?;
    let look = async {
        let filter = RecordFilter::parse(strategy, symbol, timeframe, period).map_err(ServiceError::Invalid)?;
        service::track_record::read(&request.state, &filter, cursor.as_deref(), PAGE).await
    };
    request.run(look).await.inspect_err(rpc::tell_page)
}

/// The strategies at work, whether they are proven, and their records in short.
#[server(prefix = "/fn", endpoint = "strategies", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_strategies() -> Result<Vec<StrategyReport>, Problem> {
    let request = rpc::request().await?;
    request.run(service::strategies::reports(&request.state)).await.inspect_err(rpc::tell_page)
}
