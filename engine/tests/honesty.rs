//! The honesty checks: each finds what it is there to find, and only that.

mod series;

use engine::backtest::{self, Settings, Trade};
use engine::honesty::{self, Checks, Verdict};
use engine::indicators::Sma;
use engine::parameter::ParameterError;
use engine::random::Random;
use engine::strategy::{self, Parameter, SettingError, SmaCross};
use engine::{Candle, CandleSlice, Candles, Decider, Proposal, Side, Strategy, Terms, Timeframe, synthetic};

fn daily() -> Candles {
    series::all().nth(3).unwrap().1
}

fn free() -> Settings {
    Settings { fee: 0.0, ..Settings::default() }
}

/// What a rule of the tests knows when it decides.
struct Moment<'a> {
    candle: &'a Candle,
    /// How many candles it has seen, this one among them.
    seen: usize,
}

/// A rule made for a test: what it says is a function of the moment, and of what it keeps.
struct Made<S, F> {
    start: S,
    decide: F,
}

struct Making<T, F> {
    kept: T,
    decide: F,
    timeframe: Timeframe,
    seen: usize,
}

impl<T: Send, F: Fn(&mut T, Moment<'_>) -> Option<Side> + Send> Decider for Making<T, F> {
    fn next(&mut self, candle: &Candle) -> Option<Proposal> {
        self.seen += 1;
        let side = (self.decide)(&mut self.kept, Moment { candle, seen: self.seen })?;
        let price = candle.close;
        let (stop, target) = if side == Side::Buy { (0.97, 1.03) } else { (1.03, 0.97) };
        let candle_closed_at = candle.open_time + self.timeframe.seconds();
        let expires_at = candle_closed_at + 5 * self.timeframe.seconds();
        let terms = Terms { side, price, target: price * target, stop: price * stop, candle_closed_at, expires_at };
        Some(Proposal::new(terms, String::new()))
    }
}

impl<T, S, F> Strategy for Made<S, F>
where
    T: Send + 'static,
    S: Fn() -> T + Clone + Send + Sync + 'static,
    F: Fn(&mut T, Moment<'_>) -> Option<Side> + Clone + Send + Sync + 'static,
{
    fn name(&self) -> &'static str {
        "made"
    }

    fn version(&self) -> u32 {
        1
    }

    fn about(&self) -> &'static str {
        "Made for a test."
    }

    fn parameters(&self) -> Vec<Parameter> {
        Vec::new()
    }

    fn with(&self, _: &[(&str, f64)]) -> Result<Box<dyn Strategy>, SettingError> {
        Ok(Box::new(Self { start: self.start.clone(), decide: self.decide.clone() }))
    }

    fn warm_up(&self) -> usize {
        1
    }

    fn start(&self, timeframe: Timeframe) -> Box<dyn Decider> {
        Box::new(Making { kept: (self.start)(), decide: self.decide.clone(), timeframe, seen: 0 })
    }
}

/// Knows the future of this series by heart, and bets on it every tenth candle.
fn clairvoyant(candles: &Candles) -> impl Strategy + use<> {
    let times = candles.view().open_times().to_vec();
    let closes = candles.view().closes().to_vec();
    Made {
        start: || (),
        decide: move |(): &mut (), moment: Moment<'_>| {
            let place = times.partition_point(|time| *time < moment.candle.open_time);
            let later = closes.get(place + 3).filter(|_| place % 10 == 0)?;
            Some(if *later > closes[place] { Side::Buy } else { Side::Sell })
        },
    }
}

/// Throws a coin now and then.
fn gambler(seed: u64) -> impl Strategy {
    Made {
        start: move || Random::new(seed),
        decide: |random: &mut Random, _: Moment<'_>| {
            let (enters, rises) = (random.below(8) == 0, random.below(2) == 0);
            enters.then_some(if rises { Side::Buy } else { Side::Sell })
        },
    }
}

/// Overrides what it says of a series with what the next candle shows.
struct Peeking(Box<dyn Strategy>);

impl Strategy for Peeking {
    fn name(&self) -> &'static str {
        "peeking"
    }

    fn version(&self) -> u32 {
        1
    }

    fn about(&self) -> &'static str {
        self.0.about()
    }

    fn parameters(&self) -> Vec<Parameter> {
        self.0.parameters()
    }

    fn with(&self, settings: &[(&str, f64)]) -> Result<Box<dyn Strategy>, SettingError> {
        Ok(Box::new(Self(self.0.with(settings)?)))
    }

    fn warm_up(&self) -> usize {
        self.0.warm_up()
    }

    fn start(&self, timeframe: Timeframe) -> Box<dyn Decider> {
        self.0.start(timeframe)
    }

    fn decide_all(&self, candles: CandleSlice<'_>) -> Vec<(usize, Proposal)> {
        let wins = |index: usize, side: Side| {
            let (now, next) = (candles.get(index), candles.get(index + 1));
            now.zip(next).is_none_or(|(now, next)| side.gain(now.close, next.close) > 0.0)
        };
        self.0.decide_all(candles).into_iter().filter(|(index, said)| wins(*index, said.side)).collect()
    }
}

#[test]
fn a_rule_that_looks_ahead_is_found_out() {
    for (name, candles) in series::all() {
        for strategy in strategy::all() {
            let found = honesty::look_ahead(strategy.as_ref(), candles.view(), free()).unwrap();
            assert!(found.tried > 8 && found.leak.is_none(), "{name} {}", strategy.name());
        }
    }
    let candles = daily();
    for strategy in strategy::all() {
        let peeking = Peeking(strategy);
        let found = honesty::look_ahead(&peeking, candles.view(), free()).unwrap();
        assert!(found.leak.is_some(), "{}", peeking.0.name());
    }
    // One that keeps what an earlier run has shown it is found out too.
    let memory = std::sync::Arc::new(std::sync::Mutex::new(0));
    let remembers = Made {
        start: || (),
        decide: move |(): &mut (), moment: Moment<'_>| {
            let mut most = memory.lock().unwrap();
            *most = moment.seen.max(*most);
            (*most > moment.seen && moment.seen.is_multiple_of(9)).then_some(Side::Buy)
        },
    };
    assert_eq!(honesty::look_ahead(&remembers, candles.view(), free()).unwrap().leak, Some(2_000 / 9 - 1));
}

#[test]
fn what_depends_on_the_beginning_is_measured() {
    let candles = daily();
    let window = Made {
        start: || Sma::new(50),
        decide: |average: &mut Sma, moment: Moment<'_>| {
            let mean = average.next(moment.candle.close)?;
            (moment.candle.close > mean).then_some(Side::Buy)
        },
    };
    let found = honesty::warm_up(&window, candles.view());
    assert!(found.settles && (40..50).contains(&found.measured), "{found:?}");
    let counts = Made {
        start: || (),
        decide: |(): &mut (), moment: Moment<'_>| moment.seen.is_multiple_of(7).then_some(Side::Buy),
    };
    let found = honesty::warm_up(&counts, candles.view());
    assert!(!found.settles && found.measured > found.limit, "{found:?}");
    // Wilder's average forgets a thirteenth of its beginning a candle.
    let supertrend = honesty::warm_up(strategy::named("supertrend").unwrap().as_ref(), candles.view());
    assert!(supertrend.settles && (100..250).contains(&supertrend.measured), "{supertrend:?}");
}

#[test]
fn knowing_the_future_is_significant_and_throwing_coins_is_not() {
    let candles = daily();
    let of = |strategy: &dyn Strategy, settings, seed| {
        honesty::significance(strategy, candles.view(), settings, 200, seed).unwrap().unwrap()
    };
    let knows = of(&clairvoyant(&candles), free(), 1);
    assert_eq!((knows.as_good, knows.p_value), (0, 1.0 / 201.0));
    assert!(
        knows.words.starts_with("Of 200 simulations with random entries 0 did as well or better"),
        "{}",
        knows.words
    );
    assert!(knows.words.ends_with("very unlikely to be chance alone."));

    let coins: Vec<_> = (0..60).map(|seed| of(&gambler(seed), free(), 7)).collect();
    let mean = coins.iter().map(|coin| coin.p_value).sum::<f64>() / 60.0;
    assert!((mean - 0.5).abs() < 0.12, "{mean}");
    let lucky = coins.iter().filter(|coin| coin.p_value <= 0.2).count();
    assert!((4..=21).contains(&lucky), "{lucky}");
    // The same seed gives the same, another one another.
    assert_eq!(of(&gambler(1), free(), 7), coins[1]);
    assert_ne!(of(&gambler(1), free(), 8).returns, coins[1].returns);
}

#[test]
fn simulations_trade_as_often_as_the_strategy() {
    // Not on coins, where one who is short for good is ruined, and trades no more.
    for (name, candles) in series::all().take(2) {
        for exits in [backtest::Exits::Signal, backtest::Exits::Opposite] {
            for fill in [backtest::Fill::NextOpen, backtest::Fill::Close] {
                for strategy in strategy::all() {
                    let settings = Settings { exits, fill, fee: 0.0, ..Settings::default() };
                    let trades =
                        backtest::run(strategy.as_ref(), candles.view(), settings).unwrap().trades.len() as f64;
                    let found = honesty::significance(strategy.as_ref(), candles.view(), settings, 60, 3).unwrap();
                    let simulated = found.unwrap().trades;
                    let label = format!("{name} {} {exits:?} {fill:?}: {simulated} for {trades}", strategy.name());
                    assert!((simulated - trades).abs() < 0.12 * trades + 1.5, "{label}");
                }
            }
        }
    }
}

#[test]
fn the_same_trades_drawn_anew_by_hand() {
    let trade = |pnl: f64| Trade {
        side: Side::Buy,
        entry_time: 0,
        entry_price: 1.0,
        exit_time: Some(0),
        exit_price: Some(1.0),
        quantity: 1.0,
        fees: 0.0,
        pnl,
        r_multiple: None,
        outcome: None,
    };
    // +10 %, then −5 % of 110.
    let trades = [trade(10.0), trade(-5.5), Trade { exit_time: None, ..trade(99.0) }];
    let found = honesty::monte_carlo(&trades, 100.0, 4_000, 1).unwrap();
    let near = |one: f64, other: f64| (one - other).abs() < 1e-12;
    assert!(near(found.returns.low, 0.95 * 0.95 - 1.0), "{found:?}");
    assert!(near(found.returns.middle, 1.1 * 0.95 - 1.0) && near(found.returns.high, 1.1 * 1.1 - 1.0), "{found:?}");
    assert!(near(found.drawdowns.low, 0.0) && near(found.drawdowns.high, 1.0 - 0.95 * 0.95), "{found:?}");
    assert!((found.losing - 0.25).abs() < 0.03, "{found:?}");
    assert_eq!(honesty::monte_carlo(&trades[2..], 100.0, 10, 1), None);
}

#[test]
fn parameters_are_chosen_on_the_past_alone() {
    let candles = daily();
    let strategy = strategy::named("sma-cross").unwrap();
    let walk = |candles: CandleSlice<'_>| {
        honesty::walk_forward(strategy.as_ref(), candles, Settings::default(), 2, 4).unwrap().unwrap()
    };
    let whole = walk(candles.view());
    assert_eq!((whole.folds.len(), whole.combinations), (4, 9));
    let grown = whole.folds.iter().fold(1.0, |grown, fold| grown * (1.0 + fold.out_of_sample));
    assert!((whole.out_of_sample - (grown - 1.0)).abs() < 1e-12 && whole.trades > 20);
    assert!(whole.folds.windows(2).all(|pair| pair[0].to < pair[1].from));
    for (place, fold) in whole.folds.iter().enumerate() {
        let from = candles.view().open_times().partition_point(|time| *time < fold.from);
        assert_eq!(from, 1_000 + place * 250);
        // Another market from the stretch on: the same choice, and the same before.
        let rows = candles.view().iter().enumerate().map(|(index, candle)| match index < from {
            true => candle,
            false => {
                let by = 1.0 + (index % 7) as f64 / 10.0;
                let Candle { open, high, low, close, .. } = candle;
                Candle { open: open * by, high: high * by, low: low * by, close: close * by, ..candle }
            }
        });
        let changed = Candles::from_rows(Timeframe::Day, rows).unwrap();
        let changed = walk(changed.view());
        assert_eq!(changed.folds[..place], whole.folds[..place]);
        assert_eq!((&changed.folds[place].chosen, changed.folds[place].in_sample), (&fold.chosen, fold.in_sample));
        assert_ne!(changed.folds[place].out_of_sample, fold.out_of_sample);
        // The choice is the best there was on the candles before.
        let sample = candles.view().prefix(from).starting_at(from - 1_000);
        let returns = honesty::combinations(strategy.as_ref(), 2).into_iter().map(|candidate| {
            let report = backtest::run(candidate.as_ref(), sample, Settings::default()).unwrap();
            report.equity.last().unwrap() / 10_000.0 - 1.0
        });
        let most = returns.fold(f64::MIN, f64::max);
        // But for what it costs to leave the last trade.
        assert!((fold.in_sample - most).abs() < 0.003, "{} {most}", fold.in_sample);
    }
    assert!(honesty::walk_forward(strategy.as_ref(), candles.view().prefix(7), free(), 2, 5).unwrap().is_none());
    let costly = Settings { fee: 0.01, ..Settings::default() };
    let costly = honesty::walk_forward(strategy.as_ref(), candles.view(), costly, 2, 4).unwrap().unwrap();
    assert!(costly.out_of_sample < whole.out_of_sample);
}

#[test]
fn a_stretch_is_traded_from_its_first_candle_with_all_it_has_seen() {
    // A rise in the first half, a fall in the second; one candidate, which buys every candle.
    let row = |day: i64| {
        let price = if day < 100 { 100.0 + day as f64 } else { 300.0 - day as f64 };
        Candle { open_time: day * 86_400, open: price, high: price, low: price, close: price, volume: 0.0 }
    };
    let candles = Candles::from_rows(Timeframe::Day, (0..200).map(row)).unwrap();
    let buys = Made { start: || (), decide: |(): &mut (), _: Moment<'_>| Some(Side::Buy) };
    let walk = honesty::walk_forward(&buys, candles.view(), free(), 2, 1).unwrap().unwrap();
    let fold = &walk.folds[0];
    assert_eq!((fold.sample_from, fold.from, fold.to), (0, 100 * 86_400, 199 * 86_400));
    assert!(fold.in_sample > 0.6 && fold.out_of_sample < -0.4, "{fold:?}");
    // Decided at the last close of the rise, filled at 200 and left at the expiry five days later;
    // a stop at 193.03 comes later. Then on, until the end.
    let alone = backtest::run(&buys, candles.view().starting_at(99), free()).unwrap();
    let left = alone.equity.last().unwrap() / 10_000.0 - 1.0;
    assert!((fold.out_of_sample - left).abs() < 1e-12, "{} {left}", fold.out_of_sample);
    assert_eq!(fold.trades, alone.trades.len());
}

#[test]
fn neighbours_are_a_step_or_a_fifth_away() {
    let candles = daily();
    let strategy = strategy::named("donchian-breakout").unwrap();
    let found = honesty::sensitivity(strategy.as_ref(), candles.view(), Settings::default()).unwrap();
    let changed: Vec<_> = found.neighbours.iter().map(|near| (near.parameter, near.value)).collect();
    let expected = [
        ("period", 16.0),
        ("period", 24.0),
        ("atr_period", 11.0),
        ("atr_period", 17.0),
        ("stop_atr", 1.5),
        ("stop_atr", 2.5),
        ("reward", 1.5),
        ("reward", 2.5),
        ("expiry", 16.0),
        ("expiry", 24.0),
    ];
    assert_eq!(changed, expected);
    let own = |strategy: &dyn Strategy| {
        let report = backtest::run(strategy, candles.view(), Settings::default()).unwrap();
        report.equity.last().unwrap() / 10_000.0 - 1.0
    };
    assert_eq!(found.total_return, own(strategy.as_ref()));
    for near in &found.neighbours {
        assert_eq!(near.total_return, own(strategy.with(&[(near.parameter, near.value)]).unwrap().as_ref()));
    }
    let gaining = found.neighbours.iter().filter(|near| near.total_return > 0.0).count();
    assert_eq!(found.gaining, gaining as f64 / 10.0);
    // At the end of a range there is one neighbour; a fast average stays below the slow one.
    let edge = strategy::named("sma-cross").unwrap().with(&[("fast", 1.0), ("slow", 2.0)]).unwrap();
    let found = honesty::sensitivity(edge.as_ref(), candles.view(), free()).unwrap();
    let averages = found.neighbours.iter().filter(|near| ["fast", "slow"].contains(&near.parameter));
    assert_eq!(averages.map(|near| (near.parameter, near.value)).collect::<Vec<_>>(), [("slow", 3.0)]);
}

#[test]
fn only_what_passes_everything_is_proven() {
    let candles = daily();
    let quick = Checks { simulations: 200, draws: 100, ..Checks::default() };
    let proven = honesty::examine(&clairvoyant(&candles), candles.view(), Settings::default(), &quick).unwrap();
    assert_eq!((proven.verdict, &proven.reasons[..]), (Verdict::Proven, &[][..]));
    // Among ten that were tried, this many simulations cannot tell.
    let among = Checks { compared: 10, ..quick };
    let among = honesty::examine(&clairvoyant(&candles), candles.view(), Settings::default(), &among).unwrap();
    assert_eq!(among.verdict, Verdict::Proven);
    let among = Checks { compared: 11, ..quick };
    let among = honesty::examine(&clairvoyant(&candles), candles.view(), Settings::default(), &among).unwrap();
    assert_eq!(among.verdict, Verdict::Unproven);
    assert!(among.reasons[0].ends_with("It takes 0.0045, 0.05 shared among 11 comparisons."), "{:?}", among.reasons);

    let reasons = |strategy: &dyn Strategy, candles: CandleSlice<'_>| {
        let found = honesty::examine(strategy, candles, Settings::default(), &quick).unwrap();
        assert_eq!(found.verdict == Verdict::Proven, found.reasons.is_empty());
        found.reasons.join(" ")
    };
    let counts = Made {
        start: || (),
        decide: |(): &mut (), moment: Moment<'_>| moment.seen.is_multiple_of(7).then_some(Side::Buy),
    };
    assert!(reasons(&counts, candles.view()).contains("depend on where the series begins after 500 candles"));
    let rare = strategy::named("supertrend").unwrap();
    let said = reasons(rare.as_ref(), candles.view().prefix(400));
    assert!(said.contains("closed trades; nothing is concluded from fewer than 30."), "{said}");
    let silent = Made { start: || (), decide: |(): &mut (), _: Moment<'_>| None };
    let said = reasons(&silent, candles.view());
    assert!(said.contains("It does not trade, so that there is nothing to compare with chance."), "{said}");
    let said = reasons(strategy::named("rsi-reversal").unwrap().as_ref(), candles.view());
    assert!(said.contains("It returned -71.5 % after costs. Chance may explain it. Of 200 simulations"), "{said}");
    assert!(
        said.contains("Out of sample, with parameters chosen before, it returned -35.8 % after costs in 19"),
        "{said}"
    );
    let peeking = Peeking(strategy::named("macd").unwrap());
    assert!(reasons(&peeking, candles.view()).starts_with("It looks ahead: later candles change what it says"));
    // However short the series is, there is a verdict.
    for length in [0, 1, 2, 9, 40] {
        for strategy in strategy::all() {
            assert!(!reasons(strategy.as_ref(), candles.view().prefix(length)).is_empty());
        }
    }
}

#[test]
fn a_strategy_that_gains_in_all_but_the_test_of_time_is_unproven() {
    // On the NIFTY the exponential cross beats chance and its neighbours gain too. Walked forward
    // it loses.
    let candles = series::all().next().unwrap().1;
    let cross = strategy::named("ema-cross").unwrap();
    let found = honesty::examine(cross.as_ref(), candles.view(), Settings::default(), &Checks::default()).unwrap();
    assert!(found.found.significance.as_ref().unwrap().p_value < 0.05);
    assert_eq!(found.found.sensitivity.gaining, 1.0);
    assert_eq!((found.verdict, found.reasons.len()), (Verdict::Unproven, 1));
    assert!(found.reasons[0].starts_with("Out of sample, with parameters chosen before, it returned -"));
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(json["verdict"], "unproven");
    assert_eq!(json["found"]["look_ahead"]["leak"], serde_json::Value::Null);
}

#[derive(Debug, PartialEq)]
struct Ended;

impl From<ParameterError> for Ended {
    fn from(_: ParameterError) -> Self {
        Self
    }
}

#[test]
fn an_examination_tells_how_far_it_is_and_can_be_ended() {
    let candles = synthetic::candles(2_000, 3, Timeframe::Hour);
    let (strategy, settings) = (SmaCross::default(), Settings::default());
    let checks = Checks { simulations: 50, draws: 50, ..Checks::default() };
    let mut told = Vec::new();
    let watched = honesty::examine_watched::<Ended>(&strategy, candles.view(), settings, &checks, &mut |done| {
        told.push(done);
        Ok(())
    });
    assert_eq!(watched.unwrap(), honesty::examine(&strategy, candles.view(), settings, &checks).unwrap());
    assert!(told.len() > 60 && told.is_sorted() && told.iter().all(|done| (0.0..1.0).contains(done)), "{told:?}");
    for (at, done) in told.iter().enumerate().step_by(7) {
        let mut asked = 0;
        let ended = honesty::examine_watched(&strategy, candles.view(), settings, &checks, &mut |_| {
            asked += 1;
            if asked > at { Err(Ended) } else { Ok(()) }
        });
        assert_eq!((ended, asked), (Err(Ended), at + 1), "{done}");
    }
}

#[test]
fn each_check_asks_before_each_run_of_its_own() {
    let candles = synthetic::candles(2_000, 3, Timeframe::Hour);
    let checks = Checks { simulations: 50, draws: 40, folds: 3, parameters: 2, ..Checks::default() };
    let mut told = Vec::new();
    let watch = &mut |done| -> Result<(), Ended> {
        told.push(done);
        Ok(())
    };
    let strategy = SmaCross::default();
    let honesty = honesty::examine_watched(&strategy, candles.view(), Settings::default(), &checks, watch);
    let found = honesty.unwrap().found;
    let walk = found.walk_forward.unwrap();
    assert!(found.monte_carlo.is_some() && walk.combinations == 9);
    // A beginning, and both changes of each cut; simulations; beginnings; neighbours; every choice of a stretch and
    // what it earned; draws.
    let shares = [0.0, 0.3, 0.85, 0.86, 0.89, 0.97, 1.0].map(|share| share - 1e-9);
    let expected = [1 + 2 * found.look_ahead.tried, 50, 8, found.sensitivity.neighbours.len(), 3 * (9 + 1), 40];
    let within = |share: &[f64]| told.iter().filter(|done| (share[0]..share[1]).contains(*done)).count();
    assert_eq!(shares.windows(2).map(within).collect::<Vec<_>>(), expected);
}
