//! `/strategies`: what each strategy is, how it is set, whether it is proven, and what became of it.

use crate::{
    api::record::load_strategies,
    components::{
        breakdown::{mean, multiple, rate},
        figure::{fact, verdict_mark},
        notice::{Empty, Failure},
        served::made,
        table::{
            Column::{Number, Words},
            table,
        },
        when::day,
    },
    domain::{
        display,
        signal::ParameterView,
        strategy::{JudgedStrategy, StrategyReport, Verdict, VerdictView},
    },
    session::encode,
};
use leptos::prelude::*;
use leptos_meta::Title;
use maud::{Markup, html};

/// All strategies at work.
#[component]
pub fn StrategiesPage() -> impl IntoView {
    view! {
        <Title text="Strategies" />
        <div class="strategies">
            <section class="hero">
                <h1>"Strategies"</h1>
                <p class="lead">
                    "The fixed, versioned rules that our signals come from. Each is examined on every series it works on; "
                    "one that passes every check is proven there, any other is not, and we say why."
                </p>
            </section>
            {made(
                load_strategies,
                |reports| match reports {
                    Ok(reports) if reports.is_empty() => {
                        view! {
                            <Empty title="No strategy is at work">
                                <p>"Those that the operator sets to work appear here at the next start."</p>
                            </Empty>
                        }
                            .into_any()
                    }
                    Ok(reports) => {
                        let all = html! {
                            (checks(&reports))
                            @for report in &reports { (strategy(report)) }
                        };
                        view! { <div class="markup strategy-list" inner_html=all.into_string()></div> }.into_any()
                    }
                    Err(problem) => view! { <Failure problem=problem /> }.into_any(),
                },
            )}
        </div>
    }
}

/// What is examined, and on what.
fn checks(reports: &[StrategyReport]) -> Markup {
    let verdict = reports.iter().flat_map(|report| &report.judged.verdicts).next();
    html! {
        details class="more-table" {
            summary { "What is checked" }
            ol class="checks" {
                li { "Later candles change nothing that it said before." }
                li { "Its signals do not depend on where the series begins." }
                li { "It has 30 closed trades or more, and gained after a fee of 0.1 % a fill." }
                li {
                    "Chance would hardly have done as well: "
                    @if let Some(verdict) = verdict { (display::decimal(f64::from(verdict.simulations), 0, false)) " " }
                    "simulations enter at random moments with its own stops and targets. The level of 5 % is shared among "
                    "all strategies and series that are examined."
                }
                li { "It gained out of sample, with parameters chosen on the candles before." }
                li { "Most of its neighbours, with parameters a little different, gained too." }
            }
            p class="muted" {
                @if let Some(verdict) = verdict {
                    "Examined on the candles up to " (day(verdict.until)) "; from then on the record speaks for itself. "
                }
                "Proven says that a result is hard to explain by chance or hindsight. That it will go on, nobody can prove."
            }
        }
    }
}

fn strategy(report: &StrategyReport) -> Markup {
    let JudgedStrategy { strategy, verdicts } = &report.judged;
    let name = encode(&strategy.name);
    html! {
        section class="strategy" id=(strategy.name) aria-labelledby={ "name-" (strategy.name) } {
            div class="strategy-head" {
                h2 id={ "name-" (strategy.name) } { (strategy.name) }
                p class="muted" { "Version " (strategy.version) " · " (standing(verdicts)) }
            }
            p class="about" { (strategy.description) }
            (in_short(report))
            p class="actions" {
                a class="button button-secondary" href={ "/track-record?strategy=" (name) } { "Its record" }
                a class="button button-secondary" rel="external" href={ "/backtest?strategy=" (name) } { "Backtest it" }
            }
            h3 { "Proven or not, by series" }
            (examinations(strategy.name.as_str(), verdicts))
            details class="more-table" {
                summary { "How it is set" }
                (parameters(strategy.name.as_str(), &strategy.parameters))
                p class="muted small" { "It speaks from the " (ordinal(strategy.warm_up)) " candle of a series on." }
            }
        }
    }
}

fn ordinal(number: u32) -> String {
    let end = match (number % 10, number % 100) {
        (1, tens) if tens != 11 => "st",
        (2, tens) if tens != 12 => "nd",
        (3, tens) if tens != 13 => "rd",
        _ => "th",
    };
    format!("{number}{end}")
}

fn standing(verdicts: &[VerdictView]) -> String {
    let proven = verdicts.iter().filter(|verdict| verdict.verdict == Verdict::Proven).count();
    format!("proven on {proven} of {} series", verdicts.len())
}

/// Its record in four figures.
fn in_short(report: &StrategyReport) -> Markup {
    let record = &report.record;
    html! {
        dl class="facts" {
            (fact("Settled signals", html! { span class="figure" { (record.settled) } span class="muted" { " and " (record.open) " open" } }))
            (fact("Win rate", rate(record)))
            (fact("Expectancy", mean(record)))
            (fact("All together", multiple(record.total_r)))
        }
        @if let Some(caution) = &report.caution { p class="muted small" { (caution) } }
    }
}

fn examinations(name: &str, verdicts: &[VerdictView]) -> Markup {
    let rows = html! {
        @for verdict in verdicts { (examined(verdict)) }
    };
    let columns = [Words("Series"), Words("Verdict"), Number("Trades"), Words("Why")];
    table("parts verdicts", &format!("Whether {name} is proven, by series"), &columns, rows)
}

fn examined(verdict: &VerdictView) -> Markup {
    html! {
        tr role="row" {
            th role="rowheader" scope="row" class="cell-name" {
                (verdict.symbol) span class="muted" { " " (verdict.timeframe) }
            }
            td role="cell" class="cell-verdict" { (verdict_mark(verdict.verdict)) }
            td role="cell" class="number" data-label="Trades" {
                (verdict.trades.map_or_else(|| "–".to_owned(), |trades| trades.to_string()))
            }
            td role="cell" class="cell-why" {
                @match verdict.reasons.as_slice() {
                    [] => { "It passed every check." }
                    [only] => { (only) }
                    [gravest, others @ ..] => {
                        details {
                            summary { (gravest) span class="muted" { " And " (others.len()) " more" } }
                            ul { @for reason in others { li { (reason) } } }
                        }
                    }
                }
            }
        }
    }
}

fn parameters(name: &str, parameters: &[ParameterView]) -> Markup {
    let rows = html! {
        @for parameter in parameters {
            tr role="row" {
                th role="rowheader" scope="row" class="cell-name" { code { (parameter.name) } }
                td role="cell" class="cell-what" { (parameter.description) }
                td role="cell" class="number" data-label="Set to" { (parameter.value) }
                td role="cell" class="number" data-label="By default" { (parameter.default) }
                td role="cell" class="number" data-label="Range" { (parameter.min) " to " (parameter.max) }
            }
        }
    };
    let columns = [Words("Parameter"), Words("What it is"), Number("Set to"), Number("By default"), Number("Range")];
    table("parts", &format!("How {name} is set"), &columns, rows)
}
