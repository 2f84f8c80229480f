//! What a browser calls. It holds one series and what was run on it last; what a call makes is asked for piece by piece,
//! so that nothing is written that nobody looks at.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::asked::Asked;
use crate::overlay::{self, Overlay};
use crate::request::{Fault, Reading, Request};
use crate::run::Run;
use crate::series::Series;
use crate::show::{self, Measure};
use crate::sweep::Sweeping;
use crate::{checksum, examine};

/// The standard library's is several times the code.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static MEMORY: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// A series, and what was run on it last.
#[wasm_bindgen]
#[derive(Default)]
pub struct Lab {
    series: Option<Series>,
    run: Option<(Request, Run)>,
    overlays: Vec<Overlay>,
    sweep: Option<Sweeping>,
}

#[wasm_bindgen]
extern "C" {
    /// Hears how much of some long work is done, 0 to 1: the worker's own function.
    #[wasm_bindgen(js_namespace = globalThis, js_name = tellProgress)]
    fn tell_progress(done: f64);
}

/// What a call without a series, or before a run, fails with.
const NOTHING_YET: &str = "There are no candles yet.";

#[wasm_bindgen]
impl Lab {
    /// Without a series.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the candles of a CSV: of a series of the site's, whose prices are counted in `quote`, or, without a
    /// timeframe, of the reader's own. Text that says what was read.
    ///
    /// # Errors
    /// Why it cannot be used; the series before stays.
    pub fn load(&mut self, file: &[u8], timeframe: &str, quote: &str) -> Result<String, String> {
        let series = match timeframe.parse() {
            Ok(timeframe) => Series::bundled(file, timeframe, quote),
            Err(_) => Series::own(file),
        };
        let series = series.map_err(|error| error.to_string())?;
        let text = show::import(&series).into_string();
        *self = Self { series: Some(series), ..Self::default() };
        Ok(text)
    }

    /// The timeframe of the series.
    #[must_use]
    pub fn timeframe(&self) -> String {
        self.series.as_ref().map_or("", |series| series.candles().timeframe().as_str()).to_owned()
    }

    /// The columns of the series, one after the other: open times in Unix seconds, opens, highs, lows, closes.
    #[must_use]
    pub fn columns(&self) -> Vec<f64> {
        let Some(series) = &self.series else { return Vec::new() };
        let candles = series.candles();
        let times: Vec<f64> = candles.open_times().iter().map(|time| *time as f64).collect();
        [&times, candles.opens(), candles.highs(), candles.lows(), candles.closes()].concat()
    }

    /// Runs what a query asks for. What is wrong with it, field and message by turns; a message about the whole has no
    /// field. Nothing: it was run.
    pub fn run(&mut self, query: &str) -> Vec<String> {
        let (request, series) = match self.asked(query) {
            Ok(both) => both,
            Err(faults) => return faults,
        };
        match Run::of(&request, series) {
            Ok(run) => {
                self.overlays.clear();
                self.run = Some((request, run));
                Vec::new()
            }
            Err(error) => whole(error.to_string()),
        }
    }

    /// The number of each figure, in the order of the engine's definitions; `NaN` where it is not defined.
    #[must_use]
    pub fn figures(&self) -> Vec<f64> {
        self.run.as_ref().map(|(_, run)| show::numbers(&run.summary.figures)).unwrap_or_default()
    }

    /// What came of the run, in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        self.run.as_ref().map(|(_, run)| show::sentence(run)).unwrap_or_default()
    }

    /// The table of months.
    #[must_use]
    pub fn months(&self) -> String {
        self.run.as_ref().map(|(_, run)| show::months(&run.summary.months).into_string()).unwrap_or_default()
    }

    /// How many trades ended with how much.
    #[must_use]
    pub fn distribution(&self) -> String {
        self.run
            .as_ref()
            .map(|(_, run)| show::distribution(&run.summary.distribution).into_string())
            .unwrap_or_default()
    }

    /// The newest trades, as many as `shown`.
    #[must_use]
    pub fn trades(&self, shown: usize) -> String {
        let both = self.run.as_ref().zip(self.series.as_ref());
        both.map(|((_, run), series)| show::trades(run, series, shown).into_string()).unwrap_or_default()
    }

    /// The table behind the equity's chart.
    #[must_use]
    pub fn equity_table(&self) -> String {
        let both = self.run.as_ref().zip(self.series.as_ref());
        both.map(|((_, run), series)| show::equity_table(run, series).into_string()).unwrap_or_default()
    }

    /// The table behind the candles' chart; after [`Lab::draw`].
    #[must_use]
    pub fn candle_table(&self) -> String {
        self.series.as_ref().map(|series| show::candle_table(series, &self.overlays).into_string()).unwrap_or_default()
    }

    /// The equity at each close.
    #[must_use]
    pub fn equity(&self) -> Vec<f64> {
        self.run.as_ref().map(|(_, run)| run.report.equity.clone()).unwrap_or_default()
    }

    /// How far the equity was below its peak at each close, in percent; 0 or below.
    #[must_use]
    pub fn drawdown(&self) -> Vec<f64> {
        let Some((_, run)) = &self.run else { return Vec::new() };
        run.summary.drawdown.iter().map(|below| -100.0 * below).collect()
    }

    /// Four numbers for each trade: when it was entered, 1 if it is long or −1, when it was left (`NaN` while it is open),
    /// and what it brought.
    #[must_use]
    pub fn markers(&self) -> Vec<f64> {
        let Some((_, run)) = &self.run else { return Vec::new() };
        let of = |trade: &engine::backtest::Trade| {
            let side = if trade.side == engine::Side::Buy { 1.0 } else { -1.0 };
            let exit = trade.exit_time.map_or(f64::NAN, |at| at as f64);
            [trade.entry_time as f64, side, exit, trade.pnl]
        };
        run.report.trades.iter().flat_map(of).collect()
    }

    /// Computes the lines that the strategy looks at; what they are called, those of a pane of their own with a `~` before.
    pub fn draw(&mut self) -> Vec<String> {
        let Some(((request, _), series)) = self.run.as_ref().zip(self.series.as_ref()) else { return Vec::new() };
        self.overlays = overlay::overlays(request.strategy.as_ref(), series.candles());
        let title =
            |overlay: &Overlay| if overlay.is_price { overlay.title.clone() } else { format!("~{}", overlay.title) };
        self.overlays.iter().map(title).collect()
    }

    /// The values of one of these lines, a value for each candle, `NaN` where there is none.
    #[must_use]
    pub fn line(&self, at: usize) -> Vec<f64> {
        self.overlays.get(at).map(|overlay| overlay.values.clone()).unwrap_or_default()
    }

    /// Begins a sweep over what a query asks for. What is wrong with it, as [`Lab::run`] says it.
    pub fn sweep(&mut self, query: &str) -> Vec<String> {
        let (request, _) = match self.asked(query) {
            Ok(both) => both,
            Err(faults) => return faults,
        };
        match Sweeping::of(&Asked::parse(query), request) {
            Ok(sweep) => {
                self.sweep = Some(sweep);
                Vec::new()
            }
            Err(fault) => told(vec![fault]),
        }
    }

    /// Runs as many more cells of the sweep; how much of it is done, 0 to 1.
    ///
    /// # Errors
    /// If there is no sweep.
    pub fn sweep_on(&mut self, cells: usize) -> Result<f64, String> {
        let (sweep, series) = self.sweep.as_mut().zip(self.series.as_ref()).ok_or(NOTHING_YET)?;
        sweep.go_on(series, cells).map_err(|error| error.to_string())?;
        Ok(sweep.progress())
    }

    /// The heat map of the sweep as far as it is done, and how many combinations it has run.
    #[must_use]
    pub fn heat_map(&self, measure: &str) -> String {
        let map = self.sweep.as_ref().map(|sweep| show::heat_map(sweep, Measure::named(measure)));
        map.map(maud::Markup::into_string).unwrap_or_default()
    }

    /// Examines what a query asks for, found by trying `compared` settings; says meanwhile how much is done.
    ///
    /// # Errors
    /// Why it cannot be examined.
    pub fn examine(&self, query: &str, compared: usize) -> Result<String, String> {
        let (request, series) = self.asked(query).map_err(|faults| faults.join(": "))?;
        let honesty =
            examine::examine(&request, series, compared, &mut tell_progress).map_err(|error| error.to_string())?;
        Ok(show::honesty(&honesty, compared).into_string())
    }

    /// What a strategy with its defaults does over the series, by checksum.
    ///
    /// # Errors
    /// If there is no such strategy, or no series.
    pub fn checksums(&self, strategy: &str) -> Result<String, String> {
        let series = self.series.as_ref().ok_or(NOTHING_YET)?;
        let strategy = engine::strategy::named(strategy).ok_or("There is no such strategy.")?;
        checksum::checksums(strategy.as_ref(), series.candles()).map_err(|error| error.to_string())
    }

    fn asked(&self, query: &str) -> Result<(Request, &Series), Vec<String>> {
        let Reading { request, faults } = Reading::of(&Asked::parse(query));
        if !faults.is_empty() {
            return Err(told(faults));
        }
        let series = self.series.as_ref().ok_or_else(|| whole(NOTHING_YET.to_owned()))?;
        Ok((request, series))
    }
}

fn told(faults: Vec<Fault>) -> Vec<String> {
    faults.into_iter().flat_map(|Fault { field, message }| [field, message]).collect()
}

fn whole(message: String) -> Vec<String> {
    vec![String::new(), message]
}
