//! What backtests in a browser need.

use super::error::Problem;
use crate::domain::backtest::Workbench;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::server::{rpc, service};

/// The candles and the files: public, as the bundled history is.
#[server(prefix = "/fn", endpoint = "workbench", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_workbench() -> Result<Workbench, Problem> {
    let request = rpc::request().await?;
    request.run(async { service::workbench::workbench(&request.state) }).await.inspect_err(rpc::tell_page)
}
