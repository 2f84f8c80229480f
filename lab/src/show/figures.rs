//! The figures of a backtest. Their table is written once, by the server, with dashes; a run only brings numbers, which the
//! page writes in the units that the table names. So the module carries no definitions.

use engine::figures::{Definition, Figures, Unit, definitions};
use maud::{Markup, html};

use super::table::{
    Column::{Number, Words},
    table,
};
use crate::number;
use crate::run::Run;

/// The groups of the figures, each with the name of its first one.
const GROUPS: [(&str, &str); 7] = [
    ("The account", "initial_equity"),
    ("The days", "annual_return"),
    ("Drawdowns", "max_drawdown"),
    ("The trades", "trades"),
    ("In units of risk (R)", "expectancy_r"),
    ("On the way", "average_adverse"),
    ("The months", "months"),
];

/// What is read first: the figure's name, and what it is called there.
pub const HEADLINE: [(&str, &str); 8] = [
    ("total_return", "Return"),
    ("buy_and_hold_return", "Held instead"),
    ("max_drawdown", "Drawdown"),
    ("sharpe", "Sharpe"),
    ("profit_factor", "Profit factor"),
    ("trades", "Trades"),
    ("win_rate", "Won, after costs"),
    ("expectancy_r", "R a trade, before costs"),
];

/// Figures that can be a gain or a loss, and so have their sign shown.
const SIGNED: [&str; 20] = [
    "total_return",
    "cagr",
    "buy_and_hold_return",
    "excess_return",
    "buy_and_hold_cagr",
    "alpha",
    "annual_return",
    "mean_day",
    "best_day",
    "worst_day",
    "expectancy",
    "expectancy_money",
    "average_trade",
    "best_trade",
    "worst_trade",
    "average_win",
    "average_loss",
    "best_month",
    "worst_month",
    "average_month",
];

/// The figures that are read first, with dashes for values.
#[must_use]
pub fn headline() -> Markup {
    let definitions = definitions();
    html! {
        dl class="headline" {
            @for (name, title) in HEADLINE {
                @let (place, unit) = mark(&definitions, name);
                div class="headline-item" {
                    dt { (title) }
                    dd class="figure" data-figure=(place) data-unit=(unit) { (number::NONE) }
                }
            }
        }
    }
}

/// Every figure with its definition and source, with dashes for values.
#[must_use]
pub fn figure_table() -> Markup {
    let definitions = definitions();
    let place = |name: &str| definitions.iter().position(|there| there.name == name).unwrap_or(definitions.len());
    let groups = GROUPS.iter().enumerate().map(|(at, (title, first))| {
        let end = GROUPS.get(at + 1).map_or(definitions.len(), |(_, next)| place(next));
        (at, *title, &definitions[place(first).min(end)..end])
    });
    html! {
        @for (at, title, figures) in groups {
            details class="figure-group" open[at == 0] {
                summary { (title) " " span class="muted" { "(" (figures.len()) ")" } }
                @let rows = html! { @for figure in figures { (row(figure, mark(&definitions, figure.name).0)) } };
                (table(&format!("Figures: {title}"), &[Words("Figure"), Number("Value")], rows))
            }
        }
    }
}

fn row(figure: &Definition, place: usize) -> Markup {
    html! {
        tr {
            th scope="row" {
                span class="figure-name" { (title(figure.name)) }
                " "
                span class="figure-meaning muted small" { (figure.meaning.trim()) " " cite { (figure.source) } }
            }
            td class="number" {
                span class="figure" data-figure=(place) data-unit=(unit(figure)) { (number::NONE) }
            }
        }
    }
}

/// `max_drawdown_days` as people write it.
fn title(name: &str) -> String {
    let word = |word: &str| if matches!(word, "cagr" | "sqn" | "r") { word.to_uppercase() } else { word.to_owned() };
    let words = name.split('_').map(word).collect::<Vec<_>>().join(" ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// How a figure is written: its unit, with a `+` before where its sign is always shown.
fn unit(figure: &Definition) -> &'static str {
    match (figure.unit, SIGNED.contains(&figure.name)) {
        (Unit::Money, false) => "money",
        (Unit::Money, true) => "+money",
        (Unit::Fraction, false) => "percent",
        (Unit::Fraction, true) => "+percent",
        (Unit::Ratio, _) => "ratio",
        (Unit::Count, _) => "count",
        (Unit::Days, _) => "days",
        (Unit::R, _) => "+r",
    }
}

/// The place in which a figure's number comes, and its unit, for the page.
fn mark(definitions: &[Definition], name: &str) -> (usize, &'static str) {
    let place = definitions.iter().position(|there| there.name == name);
    place.map_or((definitions.len(), ""), |place| (place, unit(&definitions[place])))
}

/// The number of each figure, in the order of the definitions; `NaN` where it is not defined.
#[must_use]
pub fn numbers(figures: &Figures) -> Vec<f64> {
    figures.values().into_iter().map(|value| value.unwrap_or(f64::NAN)).collect()
}

/// What came of it, in a sentence for those who cannot see the figures move.
#[must_use]
pub fn sentence(run: &Run) -> String {
    let figures = &run.summary.figures;
    let held = figures
        .account
        .buy_and_hold_return
        .map_or(String::new(), |held| format!(", bought and held {}", number::signed_percent(held, 1)));
    format!(
        "Return after costs {}{held}. {} closed trades, {} of them won. Deepest drawdown {}.",
        number::signed_percent(figures.account.total_return, 1),
        figures.trades.trades,
        figures.trades.win_rate.map_or_else(|| "none".to_owned(), |rate| number::percent(rate, 0)),
        number::percent(figures.drawdowns.max_drawdown, 1),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_has_its_row_and_every_name_is_one() {
        let definitions = definitions();
        let table = figure_table().into_string();
        for (place, definition) in definitions.iter().enumerate() {
            let mark = format!("data-figure=\"{place}\" data-unit=\"{}\"", unit(definition));
            assert_eq!(table.matches(&mark).count(), 1, "{}", definition.name);
        }
        let names = GROUPS.iter().map(|(_, name)| name).chain(HEADLINE.iter().map(|(name, _)| name)).chain(&SIGNED);
        for name in names {
            assert!(definitions.iter().any(|there| there.name == *name), "{name}");
        }
    }

    #[test]
    fn names_are_written_as_words() {
        assert_eq!(["cagr", "max_drawdown_days"].map(title), ["CAGR", "Max drawdown days"]);
    }
}
