//! `signalbox backtest`: a strategy over a file of candles.

mod sweep;
mod table;

use super::{
    CommandError,
    output::{answer, progress},
    series::SeriesArguments,
};
use crate::server::backtests::view::{BacktestResult, BacktestView, TestedSeries};
use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use engine::{
    CandleSlice, Strategy,
    backtest::{self, Exits, Fill, Settings, Sizing},
    honesty::{self, Checks, Honesty},
    strategy,
    sweep::Axis,
};

/// Steps of the progress bar.
const STEPS: f64 = 1_000.0;

/// What is asked for.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    series: SeriesArguments,
    /// Which strategy, such as sma-cross.
    #[arg(long, value_name = "NAME")]
    strategy: String,
    /// Sets one of its parameters; can be given for each.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = setting)]
    params: Vec<(String, f64)>,
    /// What there is at the beginning, in the currency of the prices.
    #[arg(long, default_value_t = Settings::default().cash)]
    cash: f64,
    /// The fraction of the equity that a position is worth, its entry's fee included.
    #[arg(long, default_value_t = 1.0)]
    size: f64,
    /// Instead of --size: the fraction of the equity that is lost at the stop.
    #[arg(long, conflicts_with = "size")]
    risk: Option<f64>,
    /// Fee of each fill, as a fraction of its value.
    #[arg(long, default_value_t = Settings::default().fee)]
    fee: f64,
    /// How much worse than the market each fill but a target's is, as a fraction.
    #[arg(long, default_value_t = 0.0)]
    slippage: f64,
    /// Where decisions are filled.
    #[arg(long, default_value = "next-open", value_parser = fill())]
    fill: Fill,
    /// What ends a position: its signal's target, stop or expiry, or the opposite signal alone.
    #[arg(long, default_value = "signal", value_parser = exits())]
    exits: Exits,
    /// Says whether to believe it too: look-ahead, warm-up, significance, Monte Carlo, walk-forward, sensitivity.
    #[arg(long)]
    honesty: bool,
    /// Instead of one backtest, tries every value from FROM to TO; can be given for several parameters.
    #[arg(long, value_name = "NAME=FROM:TO:STEP", value_parser = sweep::axis, conflicts_with = "honesty")]
    sweep: Vec<Axis>,
    /// Writes settings, figures, trades, equity, drawdown and distribution as JSON; without it, what is worth reading.
    #[arg(long)]
    json: bool,
}

/// Answers on standard output.
///
/// # Errors
/// When the file, the strategy or a setting is refused.
pub(super) fn run(arguments: &Arguments) -> Result<(), CommandError> {
    let strategy = arguments.strategy()?;
    let settings = arguments.settings();
    settings.check().map_err(CommandError::refused)?;
    let series = arguments.series.read()?;
    let candles = series.view();
    let told = TestedSeries { put_aside: series.put_aside(), ..TestedSeries::of("file", candles) };
    if !arguments.sweep.is_empty() {
        let swept = sweep::run(strategy, &arguments.sweep, told, candles, settings)?;
        return answer(|out| if arguments.json { swept.write_json(out) } else { swept.write_table(out) });
    }
    let report = backtest::run(strategy.as_ref(), candles, settings).map_err(CommandError::refused)?;
    let honesty = arguments.honesty.then(|| examine(strategy.as_ref(), candles, settings)).transpose()?;
    let view = BacktestView::of(report, candles, &settings, honesty);
    if !arguments.json {
        return answer(|out| table::write(out, strategy.as_ref(), candles, &view));
    }
    let result = BacktestResult::of(told, strategy.as_ref(), &settings, view);
    answer(|out| {
        serde_json::to_writer(&mut *out, &result)?;
        writeln!(out)
    })
}

impl Arguments {
    fn strategy(&self) -> Result<Box<dyn Strategy>, CommandError> {
        let params = self.params.iter().map(|(name, value)| (name.as_str(), *value));
        strategy::chosen(&self.strategy, params).map_err(CommandError::refused)
    }

    fn settings(&self) -> Settings {
        let sizing = self.risk.map_or(Sizing::Equity(self.size), Sizing::Risk);
        let Self { cash, fee, slippage, fill, exits, .. } = *self;
        Settings { cash, sizing, fee, slippage, fill, exits }
    }
}

/// Examines with a progress bar, where somebody sees it.
fn examine(strategy: &dyn Strategy, candles: CandleSlice<'_>, settings: Settings) -> Result<Honesty, CommandError> {
    let bar = progress("examining", STEPS as u64);
    let honesty = honesty::examine_watched(strategy, candles, settings, &Checks::default(), &mut |done| {
        bar.set_position((done * STEPS) as u64);
        Ok(())
    });
    bar.finish_and_clear();
    honesty.map_err(|error: engine::strategy::ParameterError| CommandError::refused(error))
}

fn setting(text: &str) -> Result<(String, f64), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    let value = value.trim().parse().map_err(|_| format!("{value:?} is no number"))?;
    Ok((name.trim().to_owned(), value))
}

fn fill() -> impl TypedValueParser<Value = Fill> {
    let names = PossibleValuesParser::new(["next-open", "close"]);
    names.map(|name| if name == "close" { Fill::Close } else { Fill::NextOpen })
}

fn exits() -> impl TypedValueParser<Value = Exits> {
    let names = PossibleValuesParser::new(["signal", "opposite"]);
    names.map(|name| if name == "opposite" { Exits::Opposite } else { Exits::Signal })
}
