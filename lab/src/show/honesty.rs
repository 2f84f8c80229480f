//! Whether the backtest is to be believed, and what speaks against it.

use engine::Timeframe;
use engine::honesty::{Examination, Honesty, Verdict};
use maud::{Markup, html};

use super::table::{
    Column::{Number, Words},
    table,
};
use super::{date, signed_cell};
use crate::number;

/// The verdict with its reasons, then what each check found.
#[must_use]
pub fn honesty(honesty: &Honesty, compared: usize) -> Markup {
    let Honesty { verdict, reasons, found } = honesty;
    let (class, word) = match verdict {
        Verdict::Proven => ("tag tag-good", "Proven on this series"),
        Verdict::Unproven => ("tag tag-warning", "Unproven"),
    };
    html! {
        p {
            span class=(class) data-verdict=(verdict.as_str()) { (word) }
        }
        @if reasons.is_empty() {
            p { "It passed every check, on this series and with these costs. That does not prove that it will go on." }
        } @else {
            ul class="reasons" {
                @for reason in reasons {
                    li { (reason) }
                }
            }
        }
        (facts(found, compared))
        (walk_forward(found))
        (neighbours(found))
    }
}

fn facts(found: &Examination, compared: usize) -> Markup {
    let look_ahead = match found.look_ahead.leak {
        None => format!("None: at {} closes, nothing later changed anything before.", found.look_ahead.tried),
        Some(leak) => format!("Later candles change what it says up to candle {}.", leak + 1),
    };
    let warm_up = if found.warm_up.settles {
        format!("It forgets where the series begins after {} candles.", found.warm_up.measured)
    } else {
        format!("It does not forget where the series begins within {} candles.", found.warm_up.limit)
    };
    let chance = found.significance.as_ref().map_or("It does not trade.", |found| found.words.as_str());
    let tried = match compared {
        0 | 1 => "One.".to_owned(),
        _ => format!("{compared}. Of many settings one does well by chance, so that each is held to a stricter level."),
    };
    let drawn = found.monte_carlo.as_ref().map_or_else(
        || "There is no closed trade to draw.".to_owned(),
        |drawn| {
            format!(
                "Return {} to {} in 9 of 10 draws; drawdown up to {} in 19 of 20; {} of the draws lose.",
                number::signed_percent(drawn.returns.low, 1),
                number::signed_percent(drawn.returns.high, 1),
                number::percent(drawn.drawdowns.high, 1),
                number::percent(drawn.losing, 0),
            )
        },
    );
    let near = format!(
        "{} of them gain; the worst returns {}.",
        number::percent(found.sensitivity.gaining, 0),
        number::signed_percent(found.sensitivity.worst, 1),
    );
    let facts = [
        ("Look-ahead", look_ahead.as_str()),
        ("Warm-up", &warm_up),
        ("Chance", chance),
        ("Settings tried here", &tried),
        ("The same trades drawn anew", &drawn),
        ("Neighbouring parameters", &near),
    ];
    html! {
        dl class="facts" {
            @for (name, text) in facts {
                div class="fact" {
                    dt { (name) }
                    dd { (text) }
                }
            }
        }
    }
}

fn walk_forward(found: &Examination) -> Markup {
    let Some(walk) = &found.walk_forward else {
        return html! {
            p class="muted" { "The series is too short to walk forward through." }
        };
    };
    let choice = format!("Chosen of {}", walk.combinations);
    let columns =
        [Words("From"), Words("To"), Words(&choice), Number("In sample"), Number("Out of sample"), Number("Trades")];
    let rows = html! {
        @for fold in &walk.folds {
            tr {
                th scope="row" class="cell-when" { (date(fold.from, Timeframe::Day)) }
                td class="cell-when" { (date(fold.to, Timeframe::Day)) }
                td { (chosen(&fold.chosen)) }
                (signed_cell(&number::signed_percent(fold.in_sample, 1)))
                (signed_cell(&number::signed_percent(fold.out_of_sample, 1)))
                td class="number" { (fold.trades) }
            }
        }
    };
    html! {
        details class="behind" {
            summary {
                "Walk-forward: " (number::signed_percent(walk.out_of_sample, 1)) " out of sample in " (walk.trades)
                " trades, with parameters chosen before"
            }
            (table("The stretches of the walk-forward", &columns, rows))
        }
    }
}

/// The two parameters that a walk-forward chooses.
fn chosen(parameters: &[(&str, f64)]) -> String {
    let named: Vec<_> =
        parameters.iter().take(2).map(|(name, value)| format!("{name} {}", number::typed(*value))).collect();
    named.join(", ")
}

fn neighbours(found: &Examination) -> Markup {
    let rows = html! {
        @for neighbour in &found.sensitivity.neighbours {
            tr {
                th scope="row" { (neighbour.parameter) }
                td class="number" { (number::typed(neighbour.value)) }
                (signed_cell(&number::signed_percent(neighbour.total_return, 1)))
            }
        }
    };
    html! {
        details class="behind" {
            summary { "What neighbouring parameters return" }
            (table("Neighbouring parameters", &[Words("Parameter"), Number("Set to"), Number("Return")], rows))
        }
    }
}
