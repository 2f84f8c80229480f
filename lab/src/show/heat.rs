//! A grid of parameters and what each combination came to, coloured: a table, so that it reads without its colours.

use engine::sweep::CellResult;
use maud::{Markup, html};

use crate::number::{self, Grouping};
use crate::sweep::Sweeping;

/// What a heat map shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The return after costs.
    Return,
    /// The deepest drawdown.
    Drawdown,
    /// Gross profit over gross loss.
    ProfitFactor,
    /// How many trades were closed.
    Trades,
}

/// Each as a form has it, and as people say it.
pub const MEASURES: [(&str, &str, Measure); 4] = [
    ("return", "Return after costs", Measure::Return),
    ("drawdown", "Deepest drawdown", Measure::Drawdown),
    ("profit-factor", "Profit factor", Measure::ProfitFactor),
    ("trades", "Closed trades", Measure::Trades),
];

/// How many shades there are on each side.
const SHADES: f64 = 4.0;

impl Measure {
    /// The measure of this name; the return if there is none.
    #[must_use]
    pub fn named(name: &str) -> Self {
        MEASURES.iter().find(|(known, ..)| *known == name).map_or(Self::Return, |(.., measure)| *measure)
    }

    fn title(self) -> &'static str {
        MEASURES.iter().find(|(.., known)| *known == self).map_or("", |(_, title, _)| *title)
    }

    fn of(self, result: &CellResult) -> Option<f64> {
        match self {
            Self::Return => Some(result.total_return),
            Self::Drawdown => Some(result.max_drawdown),
            Self::ProfitFactor => result.profit_factor,
            Self::Trades => Some(result.trades as f64),
        }
    }

    fn write(self, value: f64) -> String {
        match self {
            Self::Return => number::signed(value * 100.0, 1),
            Self::Drawdown => number::decimal(value * 100.0, 1, Grouping::Thousands),
            Self::ProfitFactor => number::decimal(value, 2, Grouping::Thousands),
            Self::Trades => number::decimal(value, 0, Grouping::Thousands),
        }
    }

    /// What is neither good nor bad, where there is such a thing.
    fn middle(self) -> Option<f64> {
        match self {
            Self::Return => Some(0.0),
            Self::ProfitFactor => Some(1.0),
            Self::Drawdown | Self::Trades => None,
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Self::Return | Self::Drawdown => ", %",
            Self::ProfitFactor | Self::Trades => "",
        }
    }
}

/// The grid as far as it is done. Each cell is a button that names its combination.
#[must_use]
pub fn heat_map(sweep: &Sweeping, measure: Measure) -> Markup {
    let ((across, columns), (down, rows)) = (&sweep.across, &sweep.down);
    let value = |at: usize| sweep.cells.get(at)?.result.as_ref().and_then(|result| measure.of(result));
    let scale = Scale::of((0..sweep.cells.len()).filter_map(value), measure);
    html! {
        div class="table-box" tabindex="0" role="region" aria-label="Combinations" {
            table class="grid-table heat-map" {
                caption {
                    (measure.title()) (measure.unit()) ". From left to right: " (across.description)
                    ". From top to bottom: " (down.description) ". A cell sets both."
                }
                thead {
                    tr {
                        td {}
                        @for column in columns {
                            th scope="col" class="number" { (number::typed(*column)) }
                        }
                    }
                }
                tbody {
                    @for (at, row) in rows.iter().enumerate() {
                        tr {
                            th scope="row" class="number" { (number::typed(*row)) }
                            @for (place, column) in columns.iter().enumerate() {
                                @let value = value(at * columns.len() + place);
                                @let is_set = (*column, *row) == (across.value, down.value);
                                td class=(scale.shade(value)) {
                                    @if let Some(value) = value {
                                        button type="button" class="heat-cell" aria-current=[is_set.then_some("true")]
                                            data-across=(number::typed(*column)) data-down=(number::typed(*row)) {
                                            (measure.write(value))
                                        }
                                    } @else {
                                        (number::NONE)
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// From values to shades.
struct Scale {
    middle: f64,
    reach: f64,
    /// Whether more is neither better nor worse.
    is_neutral: bool,
}

impl Scale {
    fn of(values: impl Iterator<Item = f64>, measure: Measure) -> Self {
        let values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
        let lowest = values.iter().copied().reduce(f64::min).unwrap_or_default();
        let middle = measure.middle().unwrap_or(lowest);
        let reach = values.iter().map(|value| (value - middle).abs()).fold(f64::MIN_POSITIVE, f64::max);
        Self { middle, reach, is_neutral: measure.middle().is_none() }
    }

    fn shade(&self, value: Option<f64>) -> String {
        let Some(value) = value else { return "heat heat-none".to_owned() };
        let part = ((value - self.middle) / self.reach).clamp(-1.0, 1.0);
        let shade = (part.abs() * SHADES).round() as usize;
        let side = match part {
            _ if shade == 0 => return "heat heat-0".to_owned(),
            _ if self.is_neutral => "much",
            part if part > 0.0 => "gain",
            _ => "loss",
        };
        format!("heat heat-{side}-{shade}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_is_the_deepest_gain_and_nothing_has_no_shade() {
        let scale = Scale::of([-0.1, 0.4, 0.0].into_iter(), Measure::Return);
        assert_eq!(scale.shade(Some(0.4)), "heat heat-gain-4");
        assert_eq!(scale.shade(Some(-0.1)), "heat heat-loss-1");
        assert_eq!(scale.shade(Some(0.01)), "heat heat-0");
        assert_eq!(scale.shade(None), "heat heat-none");
        assert_eq!(Scale::of([10.0, 20.0].into_iter(), Measure::Trades).shade(Some(20.0)), "heat heat-much-4");
    }
}
