//! Sweeps: every cell is the backtest that it says it is, however the sweep is split.

mod series;

use engine::backtest::{self, Settings};
use engine::sweep::{Axis, Sweep};
use engine::{figures, strategy};

fn axis(parameter: &str, values: &[f64]) -> Axis {
    Axis { parameter: parameter.to_owned(), values: values.to_vec() }
}

fn crosses() -> Sweep {
    let axes = vec![axis("fast", &[5.0, 10.0, 20.0]), axis("slow", &[10.0, 30.0, 50.0, 70.0])];
    Sweep::new(strategy::named("sma-cross").unwrap(), axes).unwrap()
}

#[test]
fn every_cell_is_its_backtest() {
    let candles = series::all().nth(3).unwrap().1;
    let settings = Settings::default();
    let cells = crosses().run(candles.view(), settings, 0..99).unwrap();
    assert_eq!((cells.len(), crosses().len()), (12, 12));
    assert_eq!((&cells[1].values[..], &cells[4].values[..]), (&[5.0, 30.0][..], &[10.0, 10.0][..]));
    for cell in &cells {
        let (fast, slow) = (cell.values[0], cell.values[1]);
        let allowed = strategy::named("sma-cross").unwrap().with(&[("fast", fast), ("slow", slow)]);
        assert_eq!(cell.result.is_some(), fast < slow);
        let (Some(result), Ok(strategy)) = (cell.result, allowed) else {
            continue;
        };
        let report = backtest::run(strategy.as_ref(), candles.view(), settings).unwrap();
        let figures = figures::summary(&report, candles.view(), &settings).figures;
        assert_eq!(result.total_return, figures.account.total_return);
        assert_eq!(result.max_drawdown, figures.drawdowns.max_drawdown);
        assert_eq!((result.trades, result.profit_factor), (figures.trades.trades, figures.trades.profit_factor));
    }
}

#[test]
fn split_over_threads_or_in_slices_it_is_the_same() {
    let candles = series::all().nth(3).unwrap().1;
    let (sweep, settings) = (crosses(), Settings::default());
    let run = |cells| sweep.run(candles.view(), settings, cells).unwrap();
    let whole = run(0..sweep.len());
    let sliced: Vec<_> = (0..12).step_by(5).flat_map(|from| run(from..from + 5)).collect();
    assert_eq!(sliced, whole);
    let threaded: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..3).map(|part| scope.spawn(move || run(part * 4..part * 4 + 4))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(threaded, whole);
    assert!(run(12..15).is_empty());
}

#[test]
fn what_cannot_be_swept_is_refused() {
    let refused = |axes| Sweep::new(strategy::named("sma-cross").unwrap(), axes).err().map(|error| error.to_string());
    assert!(
        refused(vec![axis("fats", &[5.0])]).unwrap().starts_with("there is no parameter \"fats\": there are fast, ")
    );
    let outside = refused(vec![axis("fast", &[5.0, 0.0])]);
    assert_eq!(outside.as_deref(), Some("the parameter fast is 0, outside 1 to 200"));
    let nothing = Sweep::new(strategy::named("macd").unwrap(), vec![axis("fast", &[]), axis("slow", &[30.0])]).unwrap();
    let candles = series::all().nth(1).unwrap().1;
    assert!(nothing.is_empty() && nothing.run(candles.view(), Settings::default(), 0..9).unwrap().is_empty());
    let one = Sweep::new(strategy::named("macd").unwrap(), Vec::new()).unwrap();
    assert_eq!(one.run(candles.view(), Settings::default(), 0..9).unwrap().len(), 1);
    assert!(one.run(candles.view(), Settings { fee: 1.0, ..Settings::default() }, 0..1).is_err());
}
