//! What backtests in a browser need: where the candles are, and what runs over them.

use crate::{
    domain::backtest::{Checker, Market, Workbench},
    server::{error::ServiceError, market::Symbol, state::AppState},
};

/// The configured symbols with their bundled candles, all of them: also those that the market clock has not reached, for
/// the history is public.
///
/// # Errors
/// When the site was built without the candles of a configured symbol.
pub fn workbench(state: &AppState) -> Result<Workbench, ServiceError> {
    let files = &state.assets.entry.lab;
    Ok(Workbench {
        markets: state.market.symbols().iter().map(|symbol| market(state, symbol)).collect::<Result<_, _>>()?,
        script: files.page.clone(),
        worker: files.worker.clone(),
        charts: files.charts.clone(),
        module: files.module.clone(),
        checker: Checker {
            script: files.verify.clone(),
            worker: files.checker.clone(),
            module: files.verifier.clone(),
        },
    })
}

fn market(state: &AppState, symbol: &Symbol) -> Result<Market, ServiceError> {
    let address = |timeframe: &engine::Timeframe| {
        let name = format!("{}_{timeframe}", symbol.symbol.replace('/', ""));
        let lacks = || ServiceError::internal("finding candles for the browser", format!("the site has no {name}"));
        let address = state.assets.entry.series.get(&name).ok_or_else(lacks)?;
        Ok((timeframe.as_str().to_owned(), address.clone()))
    };
    Ok(Market {
        symbol: symbol.symbol.clone(),
        name: symbol.name.clone(),
        quote: symbol.quote.clone(),
        series: symbol.timeframes.iter().map(address).collect::<Result<_, ServiceError>>()?,
    })
}
