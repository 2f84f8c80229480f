//! What holds for every indicator, whatever the candles.

use engine::indicators::catalogue::{self, Line, Spec};
use engine::parameter::Kind;
use engine::{Candle, Candles, Timeframe};
use proptest::prelude::*;

const HOUR: i64 = 3_600;

/// Candles of every kind: usual, flat, without volume, tiny, huge, at zero, with wild spikes.
fn candles() -> impl Strategy<Value = Candles> {
    let scale = prop::sample::select(vec![0.0, 1e-300, 1e-9, 1.0, 25_000.1, 4e13, 1e99]);
    let volume = prop::sample::select(vec![0.0, 1e-9, 1.0, 1e15]);
    let row = prop_oneof![
        4 => prop::array::uniform4(0.5f64..1.0),
        1 => Just([1.0; 4]),
        1 => prop::array::uniform4(0.0f64..1e-6),
        1 => prop::array::uniform4(prop::sample::select(vec![0.0, 0.5, 0.7])),
    ];
    let rows = prop::collection::vec((row, prop::sample::select(vec![0.0, 1.0, 0.3])), 0..90);
    (scale, volume, rows).prop_map(|(scale, volume, rows)| {
        let row = |(index, ([a, b, c, d], traded)): (usize, ([f64; 4], f64))| {
            let prices = [a, b, c, d].map(|price| price * scale);
            let high = prices.into_iter().fold(prices[0], f64::max);
            let low = prices.into_iter().fold(prices[0], f64::min);
            let open_time = index as i64 * HOUR;
            Candle { open_time, open: prices[0], high, low, close: prices[1], volume: traded * volume }
        };
        Candles::from_rows(Timeframe::Hour, rows.into_iter().enumerate().map(row)).unwrap()
    })
}

/// Any indicator with parameters from its ranges, windows up to 30.
fn spec() -> impl Strategy<Value = Spec> {
    (prop::sample::select(catalogue::ALL.iter().collect::<Vec<_>>()), prop::array::uniform3(0.0f64..1.0)).prop_map(
        |(entry, at)| {
            let mut text = entry.name.to_owned();
            for (parameter, at) in entry.parameters().into_iter().zip(at) {
                let value = parameter.min + (parameter.max.min(30.0) - parameter.min) * at;
                text += &match parameter.kind {
                    Kind::Integer => format!(":{}", value.floor()),
                    Kind::Number => format!(":{value}"),
                };
            }
            text.parse().unwrap()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn candle_by_candle_equals_the_batch_and_is_always_a_number(spec in spec(), candles in candles()) {
        let columns = spec.over(candles.view());
        prop_assert_eq!(columns.len(), spec.columns().len());
        let mut running = spec.start();
        for (index, candle) in candles.view().iter().enumerate() {
            let outputs = running.feed(&candle);
            prop_assert!(outputs.iter().flatten().all(|value| value.is_finite()), "{} {}", spec, index);
            prop_assert!(outputs[columns.len()..].iter().all(Option::is_none));
            for (column, output) in columns.iter().zip(outputs) {
                prop_assert_eq!(column.len(), candles.len());
                prop_assert_eq!(column[index].to_bits(), output.unwrap_or(f64::NAN).to_bits(), "{} {}", spec, index);
            }
        }
    }

    #[test]
    fn the_warm_up_is_as_long_as_it_says_and_nothing_is_empty_after(spec in spec(), candles in candles()) {
        let main = &spec.over(candles.view())[0];
        let filled = main.iter().position(|value| !value.is_nan());
        let may_be_undefined = ["vwap", "zscore", "roc"].contains(&spec.entry().name);
        match filled {
            Some(filled) if may_be_undefined => prop_assert!(filled >= spec.first()),
            Some(filled) => {
                prop_assert_eq!(filled, spec.first(), "{}", spec);
                prop_assert!(main[filled..].iter().all(|value| !value.is_nan()), "{}", spec);
            }
            None => prop_assert!(may_be_undefined || candles.len() <= spec.first(), "{}", spec),
        }
    }

    #[test]
    fn nothing_before_depends_on_what_comes_after(spec in spec(), candles in candles(), cut in 0usize..90) {
        let whole = spec.over(candles.view());
        let part = spec.over(candles.view().prefix(cut));
        for (whole, part) in whole.iter().zip(&part) {
            let same = whole.iter().zip(part).all(|(whole, part)| whole.to_bits() == part.to_bits());
            prop_assert!(same, "{}", spec);
        }
    }

    #[test]
    fn oscillators_stay_in_their_ranges(candles in candles(), period in 2usize..30) {
        let ranges = [
            (format!("rsi:{period}"), 0.0, 100.0),
            (format!("mfi:{period}"), 0.0, 100.0),
            (format!("willr:{period}"), -100.0, 0.0),
            (format!("stoch:{period}:3:3"), 0.0, 100.0),
            (format!("stoch:{period}:3:3.d"), 0.0, 100.0),
            (format!("adx:{period}"), 0.0, 100.0),
            (format!("adx:{period}.plus_di"), 0.0, 100.0),
            (format!("adx:{period}.minus_di"), 0.0, 100.0),
            (format!("stddev:{period}"), 0.0, f64::INFINITY),
            (format!("supertrend:{period}.direction"), -1.0, 1.0),
        ];
        for (text, low, high) in ranges {
            let line: Line = text.parse().unwrap();
            for value in &line.spec().over(candles.view())[line.output()] {
                prop_assert!(value.is_nan() || (low - 1e-9..=high + 1e-9).contains(value), "{} {}", text, value);
            }
        }
    }

    #[test]
    fn windows_equal_their_definition(candles in candles(), period in 2usize..30) {
        let view = candles.view();
        let window = |values: &[f64], index: usize| values[index + 1 - period..=index].to_vec();
        let typical: Vec<f64> = view.iter().map(|c| (c.high + c.low + c.close) / 3.0).collect();
        let column = |text: &str| {
            let line: Line = text.parse().unwrap();
            line.spec().over(view).swap_remove(line.output())
        };
        let close_to = |ours: f64, theirs: f64, size: f64| (ours - theirs).abs() <= 1e-9 * theirs.abs().max(size);
        let (sma, wma, cci) =
            (column(&format!("sma:{period}")), column(&format!("wma:{period}")), column(&format!("cci:{period}")));
        let (upper, lower) =
            (column(&format!("donchian:{period}.upper")), column(&format!("donchian:{period}.lower")));
        for index in period - 1..candles.len() {
            let closes = window(view.closes(), index);
            let size = closes.iter().fold(0.0, |size: f64, x| size.max(*x));
            let count = period as f64;
            let mean = closes.iter().map(|x| x / count).sum::<f64>();
            prop_assert!(close_to(sma[index], mean, size));
            let weighted: f64 = closes.iter().enumerate().map(|(i, x)| (i + 1) as f64 * x).sum();
            prop_assert!(close_to(wma[index], weighted / (count * (count + 1.0) / 2.0), size));
            let max = window(view.highs(), index).into_iter().fold(0.0, f64::max);
            let min = window(view.lows(), index).into_iter().fold(f64::INFINITY, f64::min);
            prop_assert_eq!((upper[index], lower[index]), (max, min));
            let prices = window(&typical, index);
            if prices.iter().all(|x| *x == prices[0]) {
                prop_assert_eq!(cci[index], 0.0);
                continue;
            }
            let mean = prices.iter().map(|x| x / count).sum::<f64>();
            let deviation = prices.iter().map(|x| (x - mean).abs() / count).sum::<f64>();
            // Where the spread is no more than rounding, so is the definition's own value.
            if deviation > 1e-4 * mean && mean > 1e-200 {
                prop_assert!(close_to(cci[index], (prices[period - 1] - mean) / (0.015 * deviation), 1.0));
            }
        }
    }
}

#[test]
fn a_long_series_does_not_drift() {
    // A spike, then a million candles that alternate: everything windowed must forget the spike,
    // and totals must still know it.
    let candle = |index: i64| {
        let close = if index == 3 { 1e15 } else { [10.0, 10.5][(index % 2) as usize] };
        Candle {
            open_time: index * HOUR,
            open: close,
            high: close,
            low: close,
            close,
            volume: if index == 3 { 1e15 } else { 0.1 },
        }
    };
    let last = |text: &str| {
        let line: Line = text.parse().unwrap();
        let mut running = line.spec().start();
        (0..1_000_001).fold(None, |_, index| running.feed(&candle(index))[line.output()]).unwrap()
    };
    assert_eq!(last("sma:20"), 10.25);
    assert!((last("stddev:20") - 0.25).abs() < 1e-15);
    assert!((last("bbands:20:2:2.upper") - 10.75).abs() < 1e-14);
    assert!((last("mfi:20") - 100.0 * 10.5 / 20.5).abs() < 1e-9);
    assert!((last("wma:20") - (10.0 * 110.0 + 10.5 * 100.0) / 210.0).abs() < 1e-12);
    // 0.1 at first, 0.1 up, 0.1 down, 1e15 up, 0.1 down; then a fall and a rise in turn.
    assert!((last("obv") / 1e15 - 1.0).abs() < 1e-15);
}

/// The outputs at the last of these candles, of a unit of volume each.
fn at_the_end(text: &str, prices: &[[f64; 3]]) -> Vec<Option<f64>> {
    let spec: Spec = text.parse().unwrap();
    let mut running = spec.start();
    let mut outputs = Vec::new();
    for (index, [high, low, close]) in prices.iter().enumerate() {
        let (open_time, open) = (index as i64 * HOUR, *low);
        let candle = Candle { open_time, open, high: *high, low: *low, close: *close, volume: 1.0 };
        outputs = running.feed(&candle)[..spec.columns().len()].to_vec();
    }
    outputs
}

#[test]
fn where_nothing_moves_values_are_defined() {
    let zeros = ["rsi", "mfi", "cci", "willr", "stoch", "roc", "stddev", "adx", "trange", "atr"];
    for price in [25_000.1, 1e-12, 0.0] {
        let flat = [[price; 3]; 60];
        for name in zeros {
            assert!(at_the_end(name, &flat).iter().all(|value| *value == Some(0.0)), "{name} {price}");
        }
        for name in ["bbands", "donchian"] {
            assert_eq!(at_the_end(name, &flat), [Some(price); 3], "{name}");
        }
        assert_eq!(at_the_end("obv", &flat), [Some(1.0)]);
        assert_eq!(at_the_end("zscore", &flat), [None::<f64>]);
    }
}

#[test]
fn bands_and_first_stops_by_hand() {
    let closes = [[1.0; 3], [3.0; 3]];
    assert_eq!(at_the_end("bbands:2:1:2", &closes), [Some(2.0), Some(3.0), Some(0.0)]);
    assert_eq!(at_the_end("zscore:2", &closes), [Some(1.0)]);
    let stop = |second: [f64; 3]| at_the_end("sar", &[[10.0, 8.0, 9.0], second])[0].unwrap();
    // A rise from the low before; a fall from the high before; a tie, which is a rise.
    assert_eq!([stop([12.0, 9.0, 9.0]), stop([9.0, 6.0, 9.0]), stop([9.0, 8.5, 9.0])], [8.0, 10.0, 8.0]);
    // Both ways: what moved farther is left at once, at its extreme.
    assert_eq!([stop([12.0, 7.0, 9.0]), stop([11.0, 6.0, 9.0])], [12.0, 6.0]);
}

#[test]
fn text_names_what_it_asks_for() {
    let spec: Spec = "macd:12:26:9".parse().unwrap();
    assert_eq!(spec.columns(), ["macd:12:26:9", "macd:12:26:9.signal", "macd:12:26:9.hist"]);
    let values = |text: &str| {
        let spec: Spec = text.parse().unwrap();
        spec.parameters().iter().map(|parameter| parameter.value).collect::<Vec<_>>()
    };
    assert_eq!(values("macd"), [12.0, 26.0, 9.0]);
    assert_eq!(values("macd:5"), [5.0, 26.0, 9.0]);
    assert_eq!(values("bbands:10:3"), [10.0, 3.0, 3.0]);
    assert_eq!(values("bbands:10:3:1"), [10.0, 3.0, 1.0]);
    assert_eq!(values("sar:0.01:0.1"), [0.01, 0.1]);
    assert!(values("obv").is_empty());
    let output = |text: &str| text.parse::<Line>().unwrap().output();
    assert_eq!(["sar:0.01:0.1", "adx", "adx:14.minus_di", "stoch.d"].map(output), [0, 0, 2, 1]);
}

#[test]
fn text_that_names_nothing_is_refused_with_the_reason() {
    let reason = |text: &str| text.parse::<Line>().unwrap_err().to_string();
    assert!(reason("smma:20").starts_with("there is no indicator \"smma\": there are sma, ema,"));
    assert_eq!(reason("obv:3"), "obv takes 0 parameters at most, not 1");
    assert_eq!(reason("sma:x"), "the parameter period of sma is \"x\", which is no number");
    assert_eq!(reason("sma:"), "the parameter period of sma is \"\", which is no number");
    assert_eq!(reason("sma:0"), "sma: the parameter period is 0, outside 1 to 100000");
    assert_eq!(reason("sma:1.5"), "sma: the parameter period is 1.5, where a whole number is meant, 1 to 100000");
    assert_eq!(reason("sma:NaN"), "sma: the parameter period is NaN, outside 1 to 100000");
    assert_eq!(reason("adx:14.signal"), "adx has no output \"signal\"");
    assert!(reason("").starts_with("there is no indicator \"\""));
}

#[test]
fn every_indicator_is_listed_once_with_sound_defaults() {
    for entry in catalogue::ALL {
        assert!(std::ptr::eq(catalogue::named(entry.name).unwrap(), entry));
        let spec: Spec = entry.name.parse().unwrap();
        assert!(spec.parameters().iter().all(|parameter| parameter.check().is_ok()));
        assert_eq!(spec.over(Candles::new(Timeframe::Day).view()), vec![Vec::<f64>::new(); spec.columns().len()]);
    }
    assert!(catalogue::named("sma:20").is_none());
}
