//! What a strategy does over a series, by checksum: to compare one machine's with another's, bit for bit.

use std::fmt::Write;

use engine::backtest::{self, Backtest, Exits, Fill, Report, Settings};
use engine::parameter::ParameterError;
use engine::{CandleSlice, Entry, History, Proposal, Strategy, figures, history};

/// The FNV-1a hash of what is put into it.
struct Sum(u64);

impl Sum {
    const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn byte(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }

    fn text(&mut self, text: &str) {
        text.bytes().for_each(|byte| self.byte(byte));
        self.byte(0);
    }

    fn bits(&mut self, bits: u64) {
        bits.to_le_bytes().into_iter().for_each(|byte| self.byte(byte));
    }

    fn number(&mut self, number: f64) {
        self.bits(number.to_bits());
    }

    fn maybe(&mut self, number: Option<f64>) {
        self.byte(u8::from(number.is_some()));
        self.number(number.unwrap_or_default());
    }

    fn time(&mut self, time: i64) {
        self.bits(time.cast_unsigned());
    }

    fn proposal(&mut self, proposal: &Proposal) {
        self.text(proposal.side.as_str());
        for number in [proposal.price, proposal.target, proposal.stop, proposal.risk_reward] {
            self.number(number);
        }
        self.time(proposal.candle_closed_at);
        self.time(proposal.expires_at);
        self.text(&proposal.rationale);
    }

    fn entry(&mut self, entry: &Entry) {
        self.proposal(&entry.proposal);
        self.maybe(entry.fill_price);
        if let Some(end) = &entry.settlement {
            self.text(end.outcome.as_str());
            self.number(end.exit_price);
            self.number(end.r_multiple);
            self.time(end.settled_at);
        }
    }

    fn report(&mut self, report: &Report) {
        for trade in &report.trades {
            self.text(trade.side.as_str());
            self.time(trade.entry_time);
            self.time(trade.exit_time.unwrap_or(i64::MIN));
            for number in [trade.entry_price, trade.quantity, trade.fees, trade.pnl] {
                self.number(number);
            }
            self.maybe(trade.exit_price);
            self.maybe(trade.r_multiple);
            self.text(trade.outcome.map_or("", engine::Outcome::as_str));
        }
        report.equity.iter().for_each(|equity| self.number(*equity));
    }
}

/// The settings that are tried: as live, and as unlike as there are.
fn settings() -> [Settings; 2] {
    let live = Settings { slippage: 0.0005, ..Settings::default() };
    [live, Settings { fill: Fill::Close, exits: Exits::Opposite, ..live }]
}

/// A line for what a strategy says, one for what became of that, and two for its backtests with their figures; each with
/// how many there are, the checksum of the whole series at once, and that of the series candle by candle.
///
/// # Errors
/// Never: the settings are in their ranges.
pub fn checksums(strategy: &dyn Strategy, candles: CandleSlice<'_>) -> Result<String, ParameterError> {
    let mut lines = String::new();
    let mut line = |what: &str, count: usize, whole: Sum, single: Sum| {
        // Writing to a string does not fail.
        _ = writeln!(lines, "{what} {count} {:016x} {:016x}", whole.0, single.0);
    };
    let (mut whole, mut single) = (Sum::new(), Sum::new());
    let said = strategy.decide_all(candles);
    said.iter().for_each(|(_, proposal)| whole.proposal(proposal));
    let mut decider = strategy.start(candles.timeframe());
    candles.iter().filter_map(|candle| decider.next(&candle)).for_each(|proposal| single.proposal(&proposal));
    line("signals", said.len(), whole, single);

    let (mut whole, mut single) = (Sum::new(), Sum::new());
    let became = history::run(strategy, candles);
    became.iter().for_each(|entry| whole.entry(entry));
    let mut live = History::new(strategy, candles.timeframe());
    for candle in candles.iter() {
        live.feed(&candle);
    }
    live.entries().iter().for_each(|entry| single.entry(entry));
    line("outcomes", became.len(), whole, single);

    for settings in settings() {
        let (mut whole, mut single) = (Sum::new(), Sum::new());
        let at_once = backtest::run(strategy, candles, settings)?;
        let mut fed = Backtest::new(strategy.start(candles.timeframe()), candles.timeframe(), settings)?;
        candles.iter().for_each(|candle| fed.feed(&candle));
        for (sum, report) in [(&mut whole, &at_once), (&mut single, fed.report())] {
            sum.report(report);
            let figures = figures::summary(report, candles, &settings).figures.values();
            figures.into_iter().for_each(|figure| sum.maybe(figure));
        }
        line("trades", at_once.trades.len(), whole, single);
    }
    Ok(lines)
}
