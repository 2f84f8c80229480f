//! The public record of all signals: what can be asked of it, and what it says.

use super::{
    field::{Faults, FieldError},
    signal::{JudgedSignal, MarketNow, Signal},
    time::Timestamp,
};
use engine::{calibration::Calibration, record::Figures};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// The longest name that is looked for.
const LONGEST: usize = 64;

/// Which signals of the record. What is not given leaves none out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct RecordFilter {
    /// Only this strategy's, whatever its version.
    pub strategy: Option<String>,
    /// Only this symbol's.
    pub symbol: Option<String>,
    /// Only of candles of this length.
    pub timeframe: Option<String>,
    /// Only those decided in this year or month of the market: so each signal is in one period from its publication on,
    /// whatever becomes of it.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>, pattern = "^[0-9]{4}(-[0-9]{2})?$"))]
    pub period: Option<Period>,
}

impl RecordFilter {
    /// All signals of a signal's strategy.
    pub fn of_strategy(signal: &Signal) -> Self {
        Self { strategy: Some(signal.strategy.clone()), ..Self::default() }
    }

    /// Those of them on its series.
    pub fn of_series(signal: &Signal) -> Self {
        let (symbol, timeframe) = (Some(signal.symbol.clone()), Some(signal.timeframe.clone()));
        Self { symbol, timeframe, ..Self::of_strategy(signal) }
    }

    /// From what was asked for; an empty text counts as not given, as in a form that was sent untouched.
    ///
    /// # Errors
    /// The fields that cannot be looked for.
    pub fn parse(
        strategy: Option<String>,
        symbol: Option<String>,
        timeframe: Option<String>,
        period: Option<String>,
    ) -> Result<Self, Vec<FieldError>> {
        let mut faults = Faults::default();
        let strategy = faults.take("strategy", name(strategy)).flatten();
        let symbol = faults.take("symbol", name(symbol)).flatten();
        let timeframe = faults.take("timeframe", name(timeframe)).flatten();
        let period = faults.take("period", given(period).map(|text| text.parse()).transpose()).flatten();
        let faults = faults.into_vec();
        if faults.is_empty() { Ok(Self { strategy, symbol, timeframe, period }) } else { Err(faults) }
    }
}

/// A name that is too long to be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Use at most {LONGEST} characters.")]
struct TooLong;

fn name(text: Option<String>) -> Result<Option<String>, TooLong> {
    let text = given(text);
    if text.as_ref().is_some_and(|text| text.len() > LONGEST) { Err(TooLong) } else { Ok(text) }
}

fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// A calendar year or month of market time, in UTC. Written `2024` and `2024-05`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Period {
    year: i32,
    /// 1 to 12; `None` is the whole year.
    month: Option<u8>,
}

/// A text that is no [`Period`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Use a year like 2024 or a month like 2024-05.")]
pub struct NotAPeriod;

impl Period {
    /// The month of an instant.
    pub fn month_of(at: Timestamp) -> Self {
        let date = at.date_time();
        Self { year: date.year(), month: Some(u8::from(date.month())) }
    }

    /// The year that it is, or is in.
    pub fn year(self) -> Self {
        Self { month: None, ..self }
    }

    /// Its month, 1 to 12; `None` of a whole year.
    pub fn month(self) -> Option<u8> {
        self.month
    }

    /// Whether an instant is in it.
    pub fn contains(self, at: Timestamp) -> bool {
        let month = Self::month_of(at);
        if self.month.is_some() { self == month } else { self == month.year() }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        self.month.map_or(Ok(()), |month| write!(f, "-{month:02}"))
    }
}

impl FromStr for Period {
    type Err = NotAPeriod;

    fn from_str(text: &str) -> Result<Self, NotAPeriod> {
        let number = |digits: &str, count: usize| {
            let plain = digits.len() == count && digits.bytes().all(|b| b.is_ascii_digit());
            if plain { digits.parse().map_err(|_| NotAPeriod) } else { Err(NotAPeriod) }
        };
        let (year, month) = text.split_once('-').map_or((text, None), |(year, month)| (year, Some(month)));
        let month = month.map(|month| number(month, 2)).transpose()?;
        if month.is_some_and(|month| !(1..=12).contains(&month)) {
            return Err(NotAPeriod);
        }
        Ok(Self { year: number(year, 4)?, month: month.and_then(|month| u8::try_from(month).ok()) })
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What some signals of the record came to. Each counts alike: one unit of risk, R, from the fill to the stop, before
/// costs. What is not defined is null.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct RecordFigures {
    /// How many are settled.
    pub settled: u64,
    /// How many are published and not settled yet.
    pub open: u64,
    /// How many reached their target before their stop.
    pub won: u64,
    /// How many reached their stop first.
    pub lost: u64,
    /// How many reached neither in their time.
    pub expired: u64,
    /// `won / settled`: what `confidence` foretells.
    pub win_rate: Option<f64>,
    /// The lower end of the 95 % interval of the win rate to expect (Wilson's score).
    pub win_rate_low: Option<f64>,
    /// The upper end of it.
    pub win_rate_high: Option<f64>,
    /// The mean R of a settled signal.
    pub expectancy_r: Option<f64>,
    /// The standard error of that mean.
    pub standard_error_r: Option<f64>,
    /// The lower end of the 95 % interval of the mean R to expect.
    pub expectancy_low: Option<f64>,
    /// The upper end of it.
    pub expectancy_high: Option<f64>,
    /// What the signals that gained brought, over what the others lost.
    pub profit_factor: Option<f64>,
    /// All R together.
    pub total_r: Option<f64>,
    /// The best R.
    pub best_r: Option<f64>,
    /// The worst R.
    pub worst_r: Option<f64>,
    /// How far all R together fell at most from the highest they had come to.
    pub max_drawdown_r: f64,
    /// The most in a row that gained.
    pub longest_winning_streak: u64,
    /// The most in a row that lost.
    pub longest_losing_streak: u64,
}

impl From<Figures> for RecordFigures {
    fn from(figures: Figures) -> Self {
        Self {
            settled: figures.settled as u64,
            open: figures.open as u64,
            won: figures.won as u64,
            lost: figures.lost as u64,
            expired: figures.expired as u64,
            win_rate: figures.win_rate,
            win_rate_low: figures.win_rate_low,
            win_rate_high: figures.win_rate_high,
            expectancy_r: figures.expectancy_r,
            standard_error_r: figures.standard_error_r,
            expectancy_low: figures.expectancy_low,
            expectancy_high: figures.expectancy_high,
            profit_factor: figures.profit_factor,
            total_r: figures.total_r,
            best_r: figures.best_r,
            worst_r: figures.worst_r,
            max_drawdown_r: figures.max_drawdown_r,
            longest_winning_streak: figures.longest_winning_streak as u64,
            longest_losing_streak: figures.longest_losing_streak as u64,
        }
    }
}

/// A part of the record: a strategy's, a symbol's, a month's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct RecordPart {
    /// The strategy, the symbol, or the month.
    pub name: String,
    /// What its signals came to.
    pub figures: RecordFigures,
}

/// All R together at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct CurvePoint {
    /// When a signal was settled: market time.
    pub settled_at: Timestamp,
    /// All R together from then on.
    pub total_r: f64,
}

/// What the settlements of a month came to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct CurveMonth {
    /// The month of settlement: market time.
    #[cfg_attr(feature = "ssr", schema(value_type = String, pattern = "^[0-9]{4}-[0-9]{2}$"))]
    pub month: Period,
    /// How many signals were settled in it.
    pub settled: u64,
    /// Their R.
    pub r: f64,
    /// All R together at its end.
    pub total_r: f64,
}

/// Whether the confidences told could be taken at their word.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct CalibrationView {
    /// How many settled signals had a confidence.
    pub count: u64,
    /// The share of them that reached the target.
    pub base_rate: f64,
    /// The mean of `(confidence − hit)²`; 0 is perfect (Brier's score).
    pub brier: f64,
    /// What the base rate would have scored in the place of every confidence.
    pub brier_of_base_rate: f64,
    /// `1 − brier / brier_of_base_rate`: above 0 where the confidences told more than the base rate.
    pub skill: Option<f64>,
    /// By tenths of confidence, those that there are signals in.
    pub table: Vec<CalibrationTenth>,
}

/// The signals of a tenth of the scale of confidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct CalibrationTenth {
    /// The least confidence in it.
    pub from: f64,
    /// What they are below; the last has 1 in it.
    pub to: f64,
    /// How many signals.
    pub count: u64,
    /// Their mean confidence.
    pub forecast: f64,
    /// The share of them that reached the target.
    pub observed: f64,
    /// The lower end of the 95 % interval of that share.
    pub low: f64,
    /// The upper end of it.
    pub high: f64,
}

impl From<Calibration> for CalibrationView {
    fn from(measured: Calibration) -> Self {
        let tenth = |tenth: engine::calibration::Tenth| CalibrationTenth {
            from: tenth.from,
            to: tenth.to,
            count: tenth.count as u64,
            forecast: tenth.forecast,
            observed: tenth.observed,
            low: tenth.low,
            high: tenth.high,
        };
        Self {
            count: measured.count as u64,
            base_rate: measured.base_rate,
            brier: measured.brier,
            brier_of_base_rate: measured.brier_of_base_rate,
            skill: measured.skill,
            table: measured.table.into_iter().map(tenth).collect(),
        }
    }
}

/// A strategy's published signals against its backtest on the same series before the first of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct DriftView {
    /// The strategy.
    pub strategy: String,
    /// Its version; earlier ones have no backtest.
    pub version: i32,
    /// What the rule would have said before its record began. A backtest, and no part of the record.
    pub backtest: RecordFigures,
    /// What it said.
    pub live: RecordFigures,
    /// Live less backtest, of the mean R; null with fewer than two on either side.
    pub expectancy_r: Option<DifferenceView>,
    /// Live less backtest, of the win rate.
    pub win_rate: Option<DifferenceView>,
    /// What that says.
    pub words: String,
}

/// A difference with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct DifferenceView {
    /// The difference.
    pub value: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end of it.
    pub high: f64,
}

impl From<engine::record::Difference> for DifferenceView {
    fn from(difference: engine::record::Difference) -> Self {
        Self { value: difference.value, low: difference.low, high: difference.high }
    }
}

/// What can be asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct RecordChoices {
    /// Strategies at work, and those that have been.
    pub strategies: Vec<String>,
    /// Symbols.
    pub symbols: Vec<String>,
    /// Lengths of candles.
    pub timeframes: Vec<String>,
    /// Years and months with signals, the newest first.
    #[cfg_attr(feature = "ssr", schema(value_type = Vec<String>))]
    pub periods: Vec<Period>,
}

/// The public record, or the part that was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct TrackRecord {
    /// The server's clock when this was made.
    pub as_of: Timestamp,
    /// Where the market clock stands.
    pub market: MarketNow,
    /// Whether any of it is a replay of bundled history.
    pub replay: bool,
    /// When the first signal of the whole record was decided: market time; null before it.
    pub begins_at: Option<Timestamp>,
    /// When it was published: real time.
    pub first_published_at: Option<Timestamp>,
    /// What was asked for.
    pub filter: RecordFilter,
    /// What can be asked for.
    pub choices: RecordChoices,
    /// What the signals came to.
    pub figures: RecordFigures,
    /// What must be said beside figures of so few signals; null from 30 settled on.
    pub caution: Option<String>,
    /// All R together as it went, at most 481 points: of more, the highest and the lowest of each stretch, and the last.
    pub curve: Vec<CurvePoint>,
    /// The same by month of settlement.
    pub months: Vec<CurveMonth>,
    /// Whether confidence could be taken at its word; null before a settled signal had one.
    pub calibration: Option<CalibrationView>,
    /// By strategy.
    pub by_strategy: Vec<RecordPart>,
    /// By symbol.
    pub by_symbol: Vec<RecordPart>,
    /// By the month of decision, the newest first.
    pub by_period: Vec<RecordPart>,
    /// Live against backtest, by strategy.
    pub drift: Vec<DriftView>,
    /// A page of the settled signals, losers too, the last settled first.
    pub signals: Vec<JudgedSignal>,
    /// Send it as `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn a_period_is_a_year_or_a_month() {
        let may: Period = "2024-05".parse().unwrap();
        assert_eq!((may.to_string(), may.year().to_string()), ("2024-05".to_owned(), "2024".to_owned()));
        assert!(may.contains(at("2024-05-01T00:00:00Z")) && may.contains(at("2024-05-31T23:59:59.999Z")));
        assert!(!may.contains(at("2024-06-01T00:00:00Z")) && may.year().contains(at("2024-06-01T00:00:00Z")));
        assert!(!may.contains(at("2023-05-15T00:00:00Z")) && !may.year().contains(at("2025-01-01T00:00:00Z")));
        assert_eq!(serde_json::from_str::<Period>("\"2024-05\"").unwrap(), may);
        for nonsense in ["", "24", "2024-", "2024-00", "2024-13", "2024-5", "2024-05-01", "+024", "２０２４", "may"]
        {
            assert_eq!(nonsense.parse::<Period>(), Err(NotAPeriod), "{nonsense}");
        }
    }

    #[test]
    fn what_a_form_left_empty_was_not_asked_for() {
        let text = |text: &str| Some(text.to_owned());
        let none = RecordFilter::parse(text(""), None, text(""), text("")).unwrap();
        assert_eq!(none, RecordFilter::default());
        let some = RecordFilter::parse(text("macd"), text("BTC/USDT"), text("1h"), text("2024")).unwrap();
        assert_eq!((some.symbol.as_deref(), some.period), (Some("BTC/USDT"), "2024".parse().ok()));
        let faults = RecordFilter::parse(Some("m".repeat(65)), None, None, text("soon")).unwrap_err();
        let faults: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(faults, ["strategy", "period"]);
    }
}
