//! `/track-record`: every settled signal, and what all of them came to.

mod lists;

use crate::{
    api::{backtest::load_workbench, error::Problem, record::load_track_record},
    components::{
        breakdown::{self, Line, drifts, figures, parts},
        chart::chart_footer,
        curve,
        notice::{Empty, Failure, Notice, Tone},
        record::MarketLine,
        served::made,
        when::{day, exact},
    },
    domain::{
        backtest::Workbench,
        display,
        record::{CalibrationView, RecordFilter, RecordPart, TrackRecord},
    },
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use maud::{Markup, html};

/// Months of which each is shown without being asked for.
const FEW_MONTHS: usize = 6;

/// The record, or the part that the address asks for.
#[component]
pub fn TrackRecordPage() -> impl IntoView {
    let query = use_query_map();
    let asked = move |name: &'static str| query.with_untracked(|query| query.get(name));
    let load = move || {
        let record =
            load_track_record(asked("strategy"), asked("symbol"), asked("timeframe"), asked("period"), asked("cursor"));
        async move { (load_workbench().await.ok(), record.await) }
    };
    let first = query.with_untracked(|query| query.get("cursor").is_none());
    view! {
        <Title text="Track record" />
        <div class="track-record">
            <section class="hero">
                <h1>"Track record"</h1>
                <p class="lead">
                    "Every signal we have published, scored by what the market did next. Losers stay in it for good."
                </p>
            </section>
            {made(
                load,
                move |(workbench, record)| match record {
                    Ok(record) => view! { <Whole record=record first=first workbench=workbench /> }.into_any(),
                    Err(problem) => view! { <NotShown problem=problem /> }.into_any(),
                },
            )}
        </div>
    }
}

#[component]
fn NotShown(problem: Problem) -> impl IntoView {
    view! {
        <Failure problem=problem />
        <p>
            <a href="/track-record">"Show the whole record"</a>
        </p>
    }
    .into_any()
}

#[component]
fn Whole(record: TrackRecord, first: bool, workbench: Option<Workbench>) -> impl IntoView {
    let nothing = record.begins_at.is_none();
    let filter = lists::filter(&record);
    view! {
        <section class="proof" aria-label="What it is" data-as-of=record.as_of.millis()>
            <MarketLine market=record.market.clone() />
            <Beginning record=record.clone() />
        </section>
        {(!nothing).then(|| view! { <div class="markup" inner_html=filter.into_string()></div> })}
        {if nothing {
            view! {
                <Empty title="No signal has been published yet">
                    <p>
                        "The record begins with the first one: a strategy speaks at the close of a candle, and the market "
                        "settles what it said within hours or days. From then on every signal stands here, and what all "
                        "of them came to."
                    </p>
                </Empty>
            }
                .into_any()
        } else {
            view! { <Filled record=record first=first workbench=workbench /> }.into_any()
        }}
    }
    .into_any()
}

/// Where the record begins, and what it is a record of.
#[component]
fn Beginning(record: TrackRecord) -> impl IntoView {
    let begins = html! {
        @if let Some(at) = record.begins_at {
            "The record begins with the first published signal, decided on " (day(at)) " of the market's time"
            @if let Some(at) = record.first_published_at { " and published on " (exact(at)) }
            ". "
        }
        "What a strategy would have said before is a backtest, and stands apart and under that name."
        @if record.begins_at.is_some() { " " a href="#check" rel="external" { "Check it yourself" } "." }
    };
    view! {
        <p class="begins" inner_html=begins.into_string()></p>
        {record
            .replay
            .then(|| {
                view! {
                    <Notice tone=Tone::Plain>
                        <p>
                            "This is a "<strong>"replay of bundled history"</strong>
                            ": signals made from real candles of the past, one candle at a time, on a market clock of "
                            "their own. Nobody could trade them on the days they speak of."
                        </p>
                    </Notice>
                }
            })}
    }
    .into_any()
}

#[component]
fn Filled(record: TrackRecord, first: bool, workbench: Option<Workbench>) -> impl IntoView {
    // A further page of the list repeats nothing above it.
    let summary = first.then(|| view! { <Summary record=record.clone() /> });
    view! {
        {summary}
        <section class="block" aria-labelledby="signals">
            <h2 id="signals">"Every settled signal"</h2>
            <p class="muted">
                "The last settled first. R is the risk taken, from the fill to the stop; before costs. Open signals come "
                "here once the market settles them."
            </p>
            {if record.signals.is_empty() {
                view! {
                    <Empty title="No settled signal here">
                        <p>
                            "None of this part of the record is settled. "<a href="/track-record">"Show all"</a>
                        </p>
                    </Empty>
                }
                    .into_any()
            } else {
                view! { <div class="markup" inner_html=lists::signals(&record, first).into_string()></div> }.into_any()
            }}
        </section>
        <div class="markup" inner_html=lists::downloads(&record, workbench.as_ref()).into_string()></div>
        {first.then(|| view! { <div class="markup" inner_html=lists::meanings().into_string()></div> })}
    }
    .into_any()
}

#[component]
fn Summary(record: TrackRecord) -> impl IntoView {
    let by_month = record.by_period.first().is_some_and(|part| part.figures.settled + part.figures.open > 0);
    let live = if record.replay { "Replay" } else { "Live" };
    view! {
        <section class="block" aria-labelledby="figures">
            <h2 id="figures">"What it comes to"</h2>
            {record.caution.clone().map(caution)}
            <div class="markup" inner_html=figures(&record.figures).into_string()></div>
        </section>
        {(record.curve.len() > 1)
            .then(|| view! { <div class="markup" inner_html=curve_section(&record).into_string()></div> })}
        <div class="markup" inner_html=parts_section(&record, by_month).into_string()></div>
        {record
            .calibration
            .clone()
            .map(|calibration| {
                view! { <div class="markup" inner_html=calibration_section(&calibration).into_string()></div> }
            })}
        {(!record.drift.is_empty())
            .then(|| view! { <div class="markup" inner_html=drift_section(&record, live).into_string()></div> })}
    }
    .into_any()
}

fn caution(words: String) -> impl IntoView {
    view! {
        <Notice tone=Tone::Warning>
            <p>{words}</p>
        </Notice>
    }
}

fn curve_section(record: &TrackRecord) -> Markup {
    html! {
        section class="block" aria-labelledby="curve" {
            h2 id="curve" { "All R together" }
            figure class="chart-box" {
                (curve::cumulative(&record.curve))
                figcaption class="muted small" {
                    "What one unit of risk on every signal came to, step by step as the market settled them."
                }
            }
            details class="more-table" {
                summary { "The same as a table, by month of settlement" }
                (lists::months(&record.months))
            }
            (chart_footer())
        }
    }
}

fn parts_section(record: &TrackRecord, by_month: bool) -> Markup {
    let lines = |parts: &[RecordPart], of: &dyn Fn(&RecordPart) -> (String, RecordFilter)| -> Vec<Line> {
        let line = |part: &RecordPart| {
            let (name, filter) = of(part);
            Line { name, address: breakdown::address(&filter), figures: part.figures }
        };
        parts.iter().map(line).collect()
    };
    let by_strategy = lines(&record.by_strategy, &|part| {
        (part.name.clone(), RecordFilter { strategy: Some(part.name.clone()), ..record.filter.clone() })
    });
    let by_symbol = lines(&record.by_symbol, &|part| {
        (part.name.clone(), RecordFilter { symbol: Some(part.name.clone()), ..record.filter.clone() })
    });
    let by_period = lines(&record.by_period, &|part| {
        let period = part.name.parse().ok();
        (period.map_or_else(|| part.name.clone(), display::period), RecordFilter { period, ..record.filter.clone() })
    });
    html! {
        section class="block" aria-labelledby="parts" {
            h2 id="parts" { "Its parts" }
            p class="muted small" {
                "In small figures the 95 % intervals. Nothing is concluded from a part with fewer than "
                (engine::record::FEWEST) " settled signals."
            }
            h3 { "By strategy" }
            (parts("The record by strategy", "Strategy", &by_strategy))
            p class="small" { a href="/strategies" { "What each strategy is, and whether it is proven" } }
            h3 { "By symbol" }
            (parts("The record by symbol", "Symbol", &by_symbol))
            @if by_month {
                details class="more-table" open[by_period.len() <= FEW_MONTHS] {
                    summary { "By month" }
                    (parts("The record by the month of decision", "Month of decision", &by_period))
                }
            }
        }
    }
}

fn calibration_section(calibration: &CalibrationView) -> Markup {
    let skill = calibration.skill.map_or_else(
        || "all ended alike, so that there was nothing to tell apart".to_owned(),
        |skill| match skill {
            skill if skill > 0.0 => format!("told {} more than the base rate alone", display::percent(skill, 1)),
            skill => format!("told {} less than the base rate alone", display::percent(-skill, 1)),
        },
    );
    html! {
        section class="block" aria-labelledby="calibration" {
            h2 id="calibration" { "Whether confidence keeps its word" }
            p {
                "Of all signals that were told to reach their target with 60 %, six in ten should have. Below, the signals "
                "are grouped by the confidence that was told when they were published."
            }
            div class="side-by-side" {
                figure class="chart-box" {
                    (curve::calibration(&calibration.table))
                    figcaption class="muted small" {
                        "Share that reached the target, with its 95 % interval. On the dashed line, told and came are the same."
                    }
                }
                (lists::tenths(calibration))
            }
            p class="small" {
                "Brier score " (display::decimal(calibration.brier, 3, false)) " over " (calibration.count)
                " signals, against " (display::decimal(calibration.brier_of_base_rate, 3, false))
                " of always telling the base rate of " (display::percent(calibration.base_rate, 0))
                " (less is better): the confidences " (skill) "."
            }
        }
    }
}

fn drift_section(record: &TrackRecord, live: &str) -> Markup {
    html! {
        section class="block" aria-labelledby="drift" {
            h2 id="drift" { "Against the backtest" }
            p {
                "A backtest is no record: it says what a rule would have said, run over old candles by whoever chose the rule. "
                "Here it stands beside the record for one purpose, to see whether what was published does as well. Both count "
                "one unit of risk a signal, before costs. The backtest of a series ends where its record begins."
            }
            (drifts(&record.drift, live))
            p class="small muted" { "In small figures the 95 % intervals." }
        }
    }
}
