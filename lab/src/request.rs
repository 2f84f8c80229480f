//! What a link asks to be run, read.

use engine::backtest::{Exits, Fill, Settings, Sizing};
use engine::strategy::{self, Kind, Parameter, ParameterError, SettingError};
use engine::writing::Plain;
use engine::{Strategy, Timeframe, reading};

use crate::asked::Asked;

/// The fields that every strategy has. No strategy's parameter may be called so.
pub const FIELDS: [&str; 11] =
    ["symbol", "timeframe", "strategy", "fee", "slippage", "size", "sizing", "fill", "exits", "across", "down"];

/// The symbol of a file of one's own.
pub const OWN: &str = "own";

/// The longest text that is looked at as a number.
const LONGEST: usize = 40;

/// How decisions can be filled: as in a link, as people say it.
pub const FILLS: [(&str, &str, Fill); 2] =
    [("next-open", "At the next open, as live", Fill::NextOpen), ("close", "At the deciding close", Fill::Close)];

/// What can end a position.
pub const EXITS: [(&str, &str, Exits); 2] = [
    ("signal", "Target, stop or expiry, as live", Exits::Signal),
    ("opposite", "The opposite signal: always in the market", Exits::Opposite),
];

/// Makes a sizing of a fraction.
pub type SizingOf = fn(f64) -> Sizing;

/// What a size is a part of.
pub const SIZINGS: [(&str, &str, SizingOf); 2] = [
    ("equity", "This part of the equity", Sizing::Equity),
    ("risk", "As much as loses this part at the stop", Sizing::Risk),
];

/// A backtest to run.
pub struct Request {
    /// Whose candles; [`OWN`] for a file of the reader's. Whether there are any is not known here.
    pub symbol: String,
    /// The span of a candle.
    pub timeframe: Timeframe,
    /// The rule, set.
    pub strategy: Box<dyn Strategy>,
    /// How it trades.
    pub settings: Settings,
}

/// Why a field cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The field's name.
    pub field: String,
    /// What to do about it.
    pub message: String,
}

/// What a link asks for: where a field is at fault, its default stands in the request.
pub struct Reading {
    /// What to run.
    pub request: Request,
    /// What is wrong, in the order of the form; nothing is run then.
    pub faults: Vec<Fault>,
}

/// What trading costs, and how much is staked, in percent: the values of these as fractions are those of [`Settings`].
#[must_use]
pub fn costs() -> [Parameter; 3] {
    let percent = |name, description, value, min, max, step| Parameter {
        name,
        description,
        kind: Kind::Number,
        value,
        default: value,
        min,
        max,
        step,
    };
    [
        percent("size", "Size of a position, %", 100.0, 1.0, 100.0, 1.0),
        percent("fee", "Fee of each fill, % of its value", 0.1, 0.0, 1.0, 0.01),
        percent("slippage", "Slippage of each fill but a target's, %", 0.0, 0.0, 1.0, 0.01),
    ]
}

impl Reading {
    /// Reads what is asked for; what is not asked for has its default.
    #[must_use]
    pub fn of(asked: &Asked) -> Self {
        let mut faults = Vec::new();
        let symbol: String = asked.get("symbol").unwrap_or_default().chars().take(LONGEST).collect();
        let timeframes = Timeframe::ALL.map(|timeframe| (timeframe.as_str(), "", timeframe));
        let timeframe = choice(asked, "timeframe", &timeframes, &mut faults).unwrap_or(Timeframe::Day);
        let rule = rule(asked, &mut faults);
        let strategy = set(rule, asked, &mut faults);
        let settings = settings(asked, &mut faults);
        Self { request: Request { symbol, timeframe, strategy, settings }, faults }
    }
}

/// The strategy asked for, with its defaults; the first there is if none is.
fn rule(asked: &Asked, faults: &mut Vec<Fault>) -> Box<dyn Strategy> {
    let mut all = strategy::all();
    let Some(name) = asked.get("strategy") else { return all.swap_remove(0) };
    strategy::named(name).unwrap_or_else(|| {
        let names: Vec<_> = all.iter().map(|strategy| strategy.name()).collect();
        faults.push(Fault::new("strategy", format!("There is no such strategy; there are {}.", names.join(", "))));
        all.swap_remove(0)
    })
}

/// The strategy with the parameters asked for.
fn set(rule: Box<dyn Strategy>, asked: &Asked, faults: &mut Vec<Fault>) -> Box<dyn Strategy> {
    let before = faults.len();
    let parameters = rule.parameters();
    let values: Vec<(&str, f64)> =
        parameters.iter().filter_map(|parameter| Some((parameter.name, number(asked, parameter, faults)?))).collect();
    if faults.len() > before {
        return rule;
    }
    match rule.with(&values) {
        Ok(strategy) => strategy,
        Err(SettingError::Range(error)) => {
            faults.push(Fault::out_of(&error));
            rule
        }
        // Every name is one of its own.
        Err(SettingError::Unknown { name, .. }) => {
            faults.push(Fault::new(&name, "There is no such parameter.".to_owned()));
            rule
        }
    }
}

fn settings(asked: &Asked, faults: &mut Vec<Fault>) -> Settings {
    let [size, fee, slippage] = costs().map(|cost| number(asked, &cost, faults).unwrap_or(cost.default) / 100.0);
    let sizing = choice(asked, "sizing", &SIZINGS, faults).unwrap_or(Sizing::Equity);
    Settings {
        sizing: sizing(size),
        fee,
        slippage,
        fill: choice(asked, "fill", &FILLS, faults).unwrap_or(Fill::NextOpen),
        exits: choice(asked, "exits", &EXITS, faults).unwrap_or(Exits::Signal),
        ..Settings::default()
    }
}

/// The number asked for, in the parameter's range; `None` if none is, or it is at fault.
fn number(asked: &Asked, parameter: &Parameter, faults: &mut Vec<Fault>) -> Option<f64> {
    let text = asked.written(parameter.name)?;
    let read = Some(text)
        .filter(|text| text.len() <= LONGEST)
        .and_then(reading::number)
        .filter(|value: &f64| value.is_finite());
    let Some(value) = read else {
        faults.push(Fault::new(parameter.name, "Write a number, such as 10 or 0.5.".to_owned()));
        return None;
    };
    match (Parameter { value, ..*parameter }).check() {
        Ok(()) => Some(value),
        Err(_) if parameter.kind == Kind::Integer && value.fract() != 0.0 => {
            faults.push(Fault::new(parameter.name, "Write a whole number.".to_owned()));
            None
        }
        Err(error) => {
            faults.push(Fault::out_of(&error));
            None
        }
    }
}

/// What is chosen among named values; `None` if nothing is, or what is not there.
fn choice<T: Copy>(asked: &Asked, field: &str, there: &[(&str, &str, T)], faults: &mut Vec<Fault>) -> Option<T> {
    let name = asked.get(field)?;
    let found = there.iter().find(|(known, ..)| *known == name).map(|(.., value)| *value);
    if found.is_none() {
        let names: Vec<_> = there.iter().map(|(known, ..)| *known).collect();
        faults.push(Fault::new(field, format!("Choose {}.", names.join(" or "))));
    }
    found
}

impl Fault {
    fn new(field: &str, message: String) -> Self {
        Self { field: field.to_owned(), message }
    }

    fn out_of(error: &ParameterError) -> Self {
        Self::new(error.name, format!("Set {} to {}, not {}.", Plain(error.min), Plain(error.max), Plain(error.value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Reading {
        Reading::of(&Asked::parse(query))
    }

    fn faults(query: &str) -> Vec<(String, String)> {
        read(query).faults.into_iter().map(|fault| (fault.field, fault.message)).collect()
    }

    #[test]
    fn nothing_asked_for_is_the_defaults() {
        let Reading { request, faults } = read("");
        assert!(faults.is_empty());
        assert_eq!(request.settings, Settings::default());
        assert_eq!((request.strategy.name(), request.timeframe), ("mean-reversion", Timeframe::Day));
        for parameter in request.strategy.parameters() {
            assert_eq!(parameter.value, parameter.default);
        }
    }

    #[test]
    fn everything_asked_for_is_read() {
        let query = "symbol=BTC/USDT&timeframe=1h&strategy=sma-cross&fast=12&reward=2.25&fee=0.05&slippage=0.1&size=2\
                     &sizing=risk&fill=close&exits=opposite";
        let Reading { request, faults } = read(query);
        assert_eq!(faults, []);
        let value = |name| request.strategy.parameters().into_iter().find(|set| set.name == name).unwrap().value;
        assert_eq!((value("fast"), value("slow"), value("reward")), (12.0, 30.0, 2.25));
        let expected = Settings {
            sizing: Sizing::Risk(0.02),
            fee: 0.0005,
            slippage: 0.001,
            fill: Fill::Close,
            exits: Exits::Opposite,
            ..Settings::default()
        };
        assert_eq!(
            (request.settings, request.timeframe, request.symbol.as_str()),
            (expected, Timeframe::Hour, "BTC/USDT")
        );
    }

    #[test]
    fn what_is_wrong_is_told_at_its_field() {
        let fault = |field: &str, message: &str| vec![(field.to_owned(), message.to_owned())];
        assert_eq!(faults("strategy=sma-cross&fast=ten"), fault("fast", "Write a number, such as 10 or 0.5."));
        assert_eq!(faults("strategy=sma-cross&fast="), fault("fast", "Write a number, such as 10 or 0.5."));
        assert_eq!(faults("strategy=sma-cross&fast=NaN"), fault("fast", "Write a number, such as 10 or 0.5."));
        assert_eq!(faults("strategy=sma-cross&fast=10.5"), fault("fast", "Write a whole number."));
        assert_eq!(faults("strategy=sma-cross&fast=500"), fault("fast", "Set 1 to 200, not 500."));
        assert_eq!(faults("strategy=sma-cross&fast=30"), fault("fast", "Set 1 to 29, not 30."));
        assert_eq!(faults("fee=2"), fault("fee", "Set 0 to 1, not 2."));
        assert_eq!(faults("fill=never"), fault("fill", "Choose next-open or close."));
        assert!(faults("strategy=luck")[0].1.starts_with("There is no such strategy; there are mean-reversion, "));
    }

    #[test]
    fn no_parameter_is_called_as_a_field_that_every_strategy_has() {
        for strategy in strategy::all() {
            for parameter in strategy.parameters() {
                assert!(!FIELDS.contains(&parameter.name), "{} of {}", parameter.name, strategy.name());
            }
        }
    }
}
