//! Every strategy over every bundled series.

mod series;

use engine::backtest::{self, Backtest, Exits, Report, Settings};
use engine::indicators::catalogue::Line;
use engine::strategy::{self, Columns, ParameterError, SettingError};
use engine::{Candle, Candles, Entry, History, OpenSignal, Proposal, Side, Strategy, Timeframe, history};
use proptest::prelude::*;

fn settings(exits: Exits) -> Settings {
    Settings { exits, ..Settings::default() }
}

#[test]
fn a_strategy_is_chosen_by_name_and_set() {
    let set = strategy::chosen("sma-cross", [("fast", 7.0)]).unwrap();
    assert_eq!((set.name(), set.parameters()[0].value), ("sma-cross", 7.0));
    let refused = |name, settings: &[(&str, f64)]| {
        strategy::chosen(name, settings.iter().copied()).err().map(|error| error.to_string()).unwrap()
    };
    let there: Vec<_> = strategy::all().iter().map(|strategy| strategy.name()).collect();
    let unknown = format!("there is no strategy \"luck\": there are {}", there.join(", "));
    assert_eq!(refused("luck", &[]), unknown);
    assert!(
        refused("sma-cross", &[("speed", 1.0)]).starts_with("there is no parameter \"speed\": there are fast, slow")
    );
    assert!(refused("sma-cross", &[("fast", 0.5)]).starts_with("the parameter fast is 0.5, "));
}

/// Everything known at the close before `cut`, printed: two floats that print alike are the same
/// bits. Signals with their endings, equity, and trades, their valuation at the end left out.
fn known(strategy: &dyn Strategy, candles: &Candles, cut: usize) -> Vec<String> {
    let now = candles.close_time(cut - 1).unwrap();
    let mut known = Vec::new();
    for entry in history::run(strategy, candles.view()) {
        if entry.proposal.candle_closed_at <= now {
            let ending = entry.settlement.filter(|end| end.settled_at <= now);
            known.push(format!("{:?} {ending:?}", entry.proposal));
        }
    }
    for exits in [Exits::Signal, Exits::Opposite] {
        let report = backtest::run(strategy, candles.view(), settings(exits)).unwrap();
        known.extend(report.equity[..cut].iter().map(|equity| format!("{equity:?}")));
        let entered = |time: i64| time < now;
        for trade in report.trades.iter().filter(|trade| entered(trade.entry_time)) {
            let exit = trade.exit_time.filter(|time| entered(*time)).and(trade.exit_price);
            known.push(format!(
                "{:?} {} {} {:?} {exit:?}",
                trade.side, trade.entry_time, trade.entry_price, trade.quantity
            ));
        }
    }
    known
}

#[test]
fn nothing_up_to_a_close_depends_on_what_follows_it() {
    for (name, candles) in series::all() {
        for strategy in strategy::all() {
            for cut in [1, 40, candles.len() / 3, candles.len() / 2, candles.len() - 1] {
                let whole = known(strategy.as_ref(), &candles, cut);
                let rows = candles.view().iter().take(cut);
                let truncated = Candles::from_rows(candles.timeframe(), rows).unwrap();
                assert_eq!(known(strategy.as_ref(), &truncated, cut), whole, "{name} {} {cut}", strategy.name());
                let rows = candles.view().iter().enumerate();
                let rows = rows.map(|(index, candle)| if index < cut { candle } else { turned(candle) });
                let changed = Candles::from_rows(candles.timeframe(), rows).unwrap();
                assert_eq!(known(strategy.as_ref(), &changed, cut), whole, "{name} {} {cut}", strategy.name());
            }
        }
    }
}

/// A candle of another market.
fn turned(candle: Candle) -> Candle {
    let Candle { open, high, low, close, .. } = candle;
    Candle { open: close / 2.0, high: high * 2.0, low: low / 4.0, close: open * 1.5, volume: 0.0, ..candle }
}

#[test]
fn candle_by_candle_gives_the_same_bits_as_the_series_at_once() {
    for (name, candles) in series::all() {
        for strategy in strategy::all() {
            let label = format!("{name} {}", strategy.name());
            let decided = strategy.decide_all(candles.view());
            let whole = history::run(strategy.as_ref(), candles.view());
            assert!(decided.len() > 3, "{label}: {}", decided.len());

            let (mut history, mut live) = (History::new(strategy.as_ref(), candles.timeframe()), Vec::new());
            let mut backtests = [Exits::Signal, Exits::Opposite].map(|exits| {
                Backtest::new(strategy.start(candles.timeframe()), candles.timeframe(), settings(exits)).unwrap()
            });
            for (index, candle) in candles.view().iter().enumerate() {
                live.extend(history.feed(&candle).map(|entry| (index, entry.proposal.clone())));
                backtests.iter_mut().for_each(|backtest| backtest.feed(&candle));
            }
            assert_eq!(printed(&live), printed(&decided), "{label}");
            let terms: Vec<_> = decided.iter().map(|(index, proposal)| (*index, proposal.terms())).collect();
            assert_eq!(printed(&strategy.bets(&Columns::of(candles.view()))), printed(&terms), "{label}");
            assert_eq!(printed(history.entries()), printed(&whole), "{label}");
            for (backtest, exits) in backtests.into_iter().zip([Exits::Signal, Exits::Opposite]) {
                let batch = backtest::run(strategy.as_ref(), candles.view(), settings(exits)).unwrap();
                assert_same(&backtest.into_report(), &batch, &label);
            }
            // As a server does it: decide on what is closed, settle each by what follows.
            for ((index, proposal), entry) in decided.iter().zip(&whole).step_by(37) {
                let closed = candles.upto(proposal.candle_closed_at);
                assert_eq!(closed.len(), index + 1, "{label}");
                assert_eq!(strategy.decide(closed).as_ref(), Some(proposal), "{label}");
                let signal = OpenSignal::after(proposal.terms(), candles.view()).unwrap();
                assert_eq!((signal.fill_price(), signal.settlement()), (entry.fill_price, entry.settlement), "{label}");
            }
        }
    }
}

fn printed<T: std::fmt::Debug>(values: &[T]) -> Vec<String> {
    values.iter().map(|value| format!("{value:?}")).collect()
}

fn assert_same(one: &Report, other: &Report, label: &str) {
    assert_eq!(printed(&one.trades), printed(&other.trades), "{label}");
    assert!(one.equity.iter().zip(&other.equity).all(|(one, other)| one.to_bits() == other.to_bits()), "{label}");
    assert_eq!(one.equity.len(), other.equity.len(), "{label}");
}

#[test]
fn trades_end_as_published_signals_do() {
    for (name, candles) in series::all() {
        for strategy in strategy::all() {
            let signals = history::run(strategy.as_ref(), candles.view());
            let free = Settings { fee: 0.0, ..Settings::default() };
            let report = backtest::run(strategy.as_ref(), candles.view(), free).unwrap();
            for trade in &report.trades {
                let filled =
                    |entry: &&Entry| entry.fill_price.is_some() && entry.proposal.candle_closed_at <= trade.entry_time;
                let signal = signals.iter().rfind(filled).unwrap();
                let end = signal.settlement;
                assert_eq!(signal.fill_price, Some(trade.entry_price), "{name} {}", strategy.name());
                assert_eq!(end.map(|end| end.outcome), trade.outcome);
                assert_eq!(end.map(|end| end.exit_price.to_bits()), trade.exit_price.map(f64::to_bits));
                assert_eq!(end.map(|end| end.r_multiple.to_bits()), trade.r_multiple.map(f64::to_bits));
            }
        }
    }
}

#[test]
fn signals_are_sound_and_say_why() {
    for (name, candles) in series::all() {
        for strategy in strategy::all() {
            let label = format!("{name} {}", strategy.name());
            for (index, proposal) in strategy.decide_all(candles.view()) {
                assert!(index + 1 >= strategy.warm_up(), "{label} {index}");
                assert_eq!(proposal.terms().check(), Ok(()), "{label}");
                assert_eq!(proposal.price, candles.get(index).unwrap().close);
                assert_eq!(proposal.candle_closed_at, candles.close_time(index).unwrap());
                assert_eq!(proposal.risk_reward, proposal.terms().risk_reward());
                assert!(proposal.rationale.ends_with('.') && proposal.rationale.is_ascii(), "{}", proposal.rationale);
                assert!(
                    !proposal.rationale.contains("NaN") && !proposal.rationale.contains("inf"),
                    "{}",
                    proposal.rationale
                );
            }
        }
    }
}

/// Which way each line has come through the other, candle by candle, from whole columns.
fn crosses(candles: &Candles, one: &str, other: &str) -> Vec<(usize, Side)> {
    let column = |text: &str| {
        let line: Line = text.parse().unwrap();
        line.spec().over(candles.view()).swap_remove(line.output())
    };
    let (one, other) = (column(one), column(other));
    let sides = (1..candles.len()).filter_map(|now| {
        let (before, after) = (one[now - 1] - other[now - 1], one[now] - other[now]);
        let side = (before < 0.0 && after > 0.0).then_some(Side::Buy);
        Some((now, side.or((before > 0.0 && after < 0.0).then_some(Side::Sell))?))
    });
    sides.collect()
}

fn sides(proposals: &[(usize, Proposal)]) -> Vec<(usize, Side)> {
    proposals.iter().map(|(index, proposal)| (*index, proposal.side)).collect()
}

#[test]
fn every_rule_says_what_its_indicators_say() {
    for (name, candles) in series::all() {
        let said = |strategy: &str| sides(&strategy::named(strategy).unwrap().decide_all(candles.view()));
        assert_eq!(said("sma-cross"), crosses(&candles, "sma:10", "sma:30"), "{name}");
        assert_eq!(said("ema-cross"), crosses(&candles, "ema:10", "ema:30"), "{name}");
        assert_eq!(said("macd"), crosses(&candles, "macd:12:26:9", "macd:12:26:9.signal"), "{name}");

        let rsi = &"rsi:14".parse::<Line>().unwrap().spec().over(candles.view())[0];
        let turns = (1..candles.len()).filter_map(|now| match (rsi[now - 1], rsi[now]) {
            (before, after) if before < 30.0 && after >= 30.0 => Some((now, Side::Buy)),
            (before, after) if before > 70.0 && after <= 70.0 => Some((now, Side::Sell)),
            _ => None,
        });
        assert_eq!(said("rsi-reversal"), turns.collect::<Vec<_>>(), "{name}");

        let view = candles.view();
        let beyond = |now: usize| {
            let top = view.highs()[now - 20..now].iter().fold(0.0, |top: f64, high| top.max(*high));
            let bottom = view.lows()[now - 20..now].iter().fold(f64::MAX, |bottom: f64, low| bottom.min(*low));
            let close = view.closes()[now];
            let above = (close > top).then_some(Side::Buy);
            above.or((close < bottom).then_some(Side::Sell))
        };
        let breakouts = (21..candles.len())
            .filter_map(|now| Some((now, beyond(now).filter(|side| beyond(now - 1) != Some(*side))?)));
        assert_eq!(said("donchian-breakout"), breakouts.collect::<Vec<_>>(), "{name}");

        let direction = &"supertrend:10:3".parse::<Line>().unwrap().spec().over(view)[1];
        let turns = (1..candles.len()).filter_map(|now| match direction[now] - direction[now - 1] {
            2.0 => Some((now, Side::Buy)),
            -2.0 => Some((now, Side::Sell)),
            _ => None,
        });
        assert_eq!(said("supertrend"), turns.collect::<Vec<_>>(), "{name}");
    }
}

/// What the members of an ensemble had shown by each close, from their whole histories.
struct Shown {
    /// By candle: of each member, the R of its newest 20 settled signals and the side of its newest
    /// signal while that is open.
    by_candle: Vec<Vec<(Vec<f64>, Option<Side>)>>,
}

impl Shown {
    fn over(candles: &Candles) -> Self {
        let mut by_candle = vec![Vec::new(); candles.len()];
        for member in strategy::all().iter().filter(|member| member.name() != "ensemble") {
            let entries = history::run(member.as_ref(), candles.view());
            // When each was known to have ended: at the first close from then on.
            let mut ends: Vec<_> = entries
                .iter()
                .filter_map(|entry| {
                    let end = entry.settlement?;
                    Some((candles.upto(end.settled_at - 1).len(), end.r_multiple))
                })
                .collect();
            ends.sort_by_key(|(known, _)| *known);
            for (index, shown) in by_candle.iter_mut().enumerate() {
                let now = candles.close_time(index).unwrap();
                let settled: Vec<f64> = ends.iter().filter(|(known, _)| *known <= index).map(|(_, r)| *r).collect();
                let newest = entries.iter().rfind(|entry| {
                    entry.proposal.candle_closed_at <= now && entry.settlement.is_none_or(|end| end.settled_at > now)
                });
                let newest = newest.map(|entry| entry.proposal.side);
                shown.push((settled[settled.len().saturating_sub(20)..].to_vec(), newest));
            }
        }
        Self { by_candle }
    }

    /// The share of the weight that votes for a rise, less that for a fall.
    fn balance(&self, index: usize) -> f64 {
        let weights = self.by_candle[index].iter().map(|(ends, vote)| {
            let weight = (ends.iter().sum::<f64>() / (ends.len() as f64 + 20.0)).max(0.0);
            (weight, vote.map_or(0.0, |vote| vote.gain(0.0, weight)))
        });
        let (all, votes) = weights.fold((0.0, 0.0), |(all, votes), (weight, vote)| (all + weight, votes + vote));
        if all > 0.0 { votes / all } else { 0.0 }
    }
}

#[test]
fn the_ensemble_weighs_what_its_members_have_shown() {
    for (name, candles) in series::all().skip(1).take(3) {
        let shown = Shown::over(&candles);
        let said = strategy::named("ensemble").unwrap().decide_all(candles.view());
        let mut heard = Vec::new();
        for index in 1..candles.len() {
            let (before, now) = (shown.balance(index - 1), shown.balance(index));
            let side = (now >= 0.5 && before < 0.5).then_some(Side::Buy);
            let side = side.or((now <= -0.5 && before > -0.5).then_some(Side::Sell));
            let agreeing = |side| {
                let voters = shown.by_candle[index].iter();
                voters.filter(|(ends, vote)| *vote == Some(side) && ends.iter().sum::<f64>() > 0.0).count()
            };
            heard.extend(side.filter(|side| agreeing(*side) >= 2).map(|side| (index, side)));
        }
        assert_eq!(sides(&said), heard, "{name}");
    }
}

#[test]
fn rationales_are_made_of_the_numbers_that_decided() {
    let candles = series::all().next().unwrap().1;
    let said = |strategy: &str| {
        let mut proposals = strategy::named(strategy).unwrap().decide_all(candles.view());
        proposals.swap_remove(proposals.len() / 2).1.rationale
    };
    assert_eq!(
        said("sma-cross"),
        "The 10-day simple average of closes, 8,166.55, has crossed above the 30-day one, 8,164.23. The stop at \
         7,900.58 is 2.00 times the 14-day average true range of 90.91 under the close of 8,082.40; the target at \
         8,446.04 makes 2.00 of reward for 1 of risk, within 20 days."
    );
    let begins = [
        (
            "ema-cross",
            "The 10-day exponential average of closes, 8,718.27, has crossed above the 30-day one, 8,717.10. ",
        ),
        ("macd", "The MACD line of the 12-day and 26-day averages, 57.21, has crossed above its 9-day signal, 53.40. "),
        (
            "rsi-reversal",
            "The 14-day relative strength index has come down from 71.57 to 62.74, out of what counts as overbought \
             (70.00). The stop at 8,878.77 is 2.00 times the 14-day average true range of 77.04 over the close of ",
        ),
        ("donchian-breakout", "Close 8,475.80 is above 8,461.05, the highest high of the 20 days before. "),
        (
            "supertrend",
            "At the close of 8,185.80 the Supertrend (10 days, 3.00 average true ranges) has turned from a fall, whose \
             line was 8,184.54, to a rise, whose line is 7,889.37. ",
        ),
        (
            "ensemble",
            "sma-cross (mean 0.08 R over 20 signals), ema-cross (mean 0.28 R over 20 signals), supertrend (mean 0.49 R over \
             20 signals) bet on a rise: 0.76 of all measured weight, that against it taken off, where it takes 0.50. 4 of \
             7 rules have earned a weight here. ",
        ),
    ];
    for (strategy, begin) in begins {
        assert!(said(strategy).starts_with(begin), "{}", said(strategy));
    }
}

#[test]
fn a_bet_can_be_placed_before_the_average_range_has_its_seed() {
    let closes = [10.0, 9.0, 8.0, 7.0, 12.0];
    let row = |(day, close): (usize, &f64)| Candle {
        open_time: day as i64 * 86_400,
        open: *close,
        high: *close,
        low: *close,
        close: *close,
        volume: 0.0,
    };
    let candles = Candles::from_rows(Timeframe::Day, closes.iter().enumerate().map(row)).unwrap();
    let early = strategy::named("sma-cross").unwrap().with(&[("fast", 1.0), ("slow", 3.0)]).unwrap();
    let proposal = early.decide(candles.view()).unwrap();
    // True ranges 1, 1, 1 and 5, their mean 2; twice that is 4.
    assert_eq!((proposal.side, proposal.stop, proposal.target), (Side::Buy, 8.0, 20.0));
    assert!(
        proposal.rationale.contains("2.00 times the 4-day average true range of 2.00 under"),
        "{}",
        proposal.rationale
    );
    // Never below zero: nine tenths of the price at most.
    let wide = early.with(&[("stop_atr", 10.0)]).unwrap().decide(candles.view()).unwrap();
    assert!((wide.stop - 1.2).abs() < 1e-12);
}

#[test]
fn every_parameter_can_be_set_over_its_whole_range() {
    let candles = series::all().nth(1).unwrap().1;
    for strategy in strategy::all() {
        for parameter in strategy.parameters() {
            assert_eq!((parameter.check(), parameter.value), (Ok(()), parameter.default));
            assert!(parameter.step > 0.0 && parameter.step <= parameter.max - parameter.min);
            for value in [parameter.min, parameter.min + parameter.step, parameter.max] {
                match strategy.with(&[(parameter.name, value)]) {
                    Ok(set) => {
                        let now = set.parameters().into_iter().find(|set| set.name == parameter.name).unwrap();
                        assert_eq!(now.value, value);
                        let first = set.decide_all(candles.view()).first().map(|(index, _)| *index);
                        assert!(first.is_none_or(|first| first + 1 >= set.warm_up()), "{} {now:?}", set.name());
                    }
                    // A fast average that is slower than the slow one.
                    Err(SettingError::Range(ParameterError { name, .. })) => assert_eq!(name, "fast"),
                    Err(error) => panic!("{error}"),
                }
            }
            for value in [parameter.min - parameter.step, parameter.max + parameter.step, f64::NAN] {
                assert!(matches!(strategy.with(&[(parameter.name, value)]), Err(SettingError::Range(_))));
            }
        }
        let error = strategy.with(&[("perod", 1.0)]).err().unwrap().to_string();
        assert!(error.starts_with("there is no parameter \"perod\": there are "), "{error}");
    }
    let fast = strategy::named("sma-cross").unwrap().with(&[("fast", 40.0), ("slow", 40.0)]).err().unwrap();
    assert_eq!(fast.to_string(), "the parameter fast is 40, outside 1 to 39");
    // Set together they are checked together.
    assert!(strategy::named("sma-cross").unwrap().with(&[("fast", 40.0), ("slow", 50.0)]).is_ok());
}

#[test]
fn only_the_newest_version_is_kept() {
    for strategy in strategy::all() {
        let (name, version) = (strategy.name(), strategy.version());
        assert_eq!(strategy::versioned(name, version).unwrap().name(), name);
        assert!(strategy::versioned(name, version + 1).is_none());
        assert!(!strategy.about().is_empty());
    }
}

#[test]
fn dead_and_huge_markets_are_harmless() {
    let flat = |price: f64| {
        let row = |day: i64| Candle {
            open_time: day * 86_400,
            open: price,
            high: price,
            low: price,
            close: price,
            volume: 0.0,
        };
        Candles::from_rows(Timeframe::Day, (0..300).map(row)).unwrap()
    };
    let jumps = (0..400_i64).map(|day| {
        let price = [1e-12, 4e13, 0.0, 7.0, 1e100, 3.0][((day + day / 4) % 6) as usize];
        Candle { open_time: day * 9 * 86_400, open: price, high: price, low: price, close: price, volume: 1.0 }
    });
    let jumps = Candles::from_rows(Timeframe::Day, jumps).unwrap();
    let mut told = 0;
    for strategy in strategy::all() {
        for price in [0.0, 7.0, 4e13] {
            assert!(strategy.decide_all(flat(price).view()).is_empty(), "{}", strategy.name());
        }
        let proposals = strategy.decide_all(jumps.view());
        told += proposals.len();
        for (_, proposal) in proposals {
            assert_eq!(proposal.terms().check(), Ok(()));
        }
        let report = backtest::run(strategy.as_ref(), jumps.view(), Settings::default()).unwrap();
        assert!(report.equity.iter().all(|equity| equity.is_finite()), "{}", strategy.name());
        assert!(strategy.decide(Candles::new(Timeframe::Hour).view()).is_none());
    }
    assert!(told > 100, "{told}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn whatever_the_market_and_the_parameters_signals_are_sound(
        steps in prop::collection::vec((-0.4f64..0.6, 0.0f64..0.2, 0.0f64..0.2, 1i64..5), 20..300),
        which in 0..strategy::all().len(),
        shares in prop::collection::vec(0.0f64..1.0, 8),
        opposite in any::<bool>(),
    ) {
        let (mut time, mut price, mut candles) = (0, 100.0, Candles::new(Timeframe::Hour));
        for (step, above, below, gap) in steps {
            let close = price * (1.0 + step);
            let (high, low) = (close.max(price) * (1.0 + above), close.min(price) * (1.0 - below));
            candles.push(Candle { open_time: time, open: price, high, low, close, volume: 1.0 }).unwrap();
            (time, price) = (time + gap * 3_600, close);
        }
        let strategy = strategy::all().swap_remove(which);
        // Anywhere in the first tenth of each range, so that short series see signals.
        let parameters = strategy.parameters();
        let chosen = parameters.iter().zip(&shares).map(|(parameter, share)| {
            let value = parameter.min + (parameter.max - parameter.min) * share / 10.0;
            (parameter.name, if parameter.kind == strategy::Kind::Integer { value.round() } else { value })
        });
        let chosen: Vec<_> = chosen.collect();
        let Ok(strategy) = strategy.with(&chosen) else {
            // Only a fast average that is not faster is refused.
            prop_assert!(["sma-cross", "ema-cross", "macd"].contains(&strategy.name()));
            return Ok(());
        };
        for (index, proposal) in strategy.decide_all(candles.view()) {
            prop_assert!(index + 1 >= strategy.warm_up());
            prop_assert_eq!(proposal.terms().check(), Ok(()));
            prop_assert!(!proposal.rationale.contains("NaN") && !proposal.rationale.contains("inf"));
        }
        let exits = if opposite { Exits::Opposite } else { Exits::Signal };
        let report = backtest::run(strategy.as_ref(), candles.view(), settings(exits)).unwrap();
        prop_assert!(report.equity.iter().all(|equity| equity.is_finite() && *equity >= 0.0));
        let cut = candles.len() / 2;
        let part = backtest::run(strategy.as_ref(), candles.view().prefix(cut), settings(exits)).unwrap();
        prop_assert_eq!(&report.equity[..cut], &part.equity[..]);
    }
}
