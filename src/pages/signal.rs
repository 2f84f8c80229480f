//! `/signal/:id`: its numbers, why, and what became of it.

use crate::{
    api::{error::Problem, signals::load_signal},
    components::{
        breakdown::{self, Line, parts},
        chart::{candle_table, chart_footer, signal_chart},
        figure::{confidence, fact, outcome_mark, quote_of, replay_mark, result, side_mark, verdict_mark},
        notice::{Failure, Notice, Tone},
        served::made,
        when::{ago, exact},
    },
    domain::{
        display,
        id::SignalId,
        ledger::{EntryPlace, SignalEntries},
        record::RecordFilter,
        signal::{Outcome, Signal, SignalDetail, StrategyRecord},
        strategy::VerdictView,
        time::Timestamp,
    },
    session::{encode, login_address},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_location, use_params_map};
use maud::{Markup, html};
use uuid::Uuid;

/// One signal, or why it cannot be shown.
#[component]
pub fn SignalPage() -> impl IntoView {
    let params = use_params_map();
    let path = use_location().pathname;
    // What is no id names no signal, as the nil id does.
    let id = params
        .with_untracked(|params| params.get("id").and_then(|id| id.parse().ok()).unwrap_or(SignalId(Uuid::nil())));
    view! {
        <div class="signal-page">
            {made(
                move || load_signal(id),
                move |detail| match detail {
                    Ok(detail) => view! { <Detail detail=detail /> }.into_any(),
                    Err(problem) => view! { <NotShown problem=problem path=path.get_untracked() /> }.into_any(),
                },
            )}
        </div>
    }
}

#[component]
fn Detail(detail: SignalDetail) -> impl IntoView {
    let SignalDetail { as_of, signal, symbol, candles, ledger, verdict: examined, record } = detail;
    let title = format!("{} {} {}", signal.side.as_str(), signal.symbol, signal.timeframe);
    let chart = signal_chart(&signal, &candles);
    view! {
        <Title text=title />
        <nav class="crumbs" aria-label="Breadcrumb" data-as-of=as_of.millis()>
            {if signal.outcome == Outcome::Open {
                view! { <a href="/dashboard">"Dashboard"</a> }
            } else {
                view! { <a href="/track-record">"Track record"</a> }
            }}
            <span aria-hidden="true">" / "</span>
            <span>{format!("Signal {}", signal.seq)}</span>
        </nav>
        <header class="signal-head" inner_html=heading(&signal, &symbol.name).into_string()></header>
        <section class="verdict" aria-label="Outcome" inner_html=outcome(&signal).into_string()></section>
        <p class="rationale">{signal.rationale.clone()}</p>
        <figure class="chart-box">
            <div class="markup" inner_html=chart.into_string()></div>
            <figcaption class="muted small">
                "Candles before and after the close that decided. Entry, target and stop as lines."
            </figcaption>
            <details class="behind">
                <summary>"The candles as a table"</summary>
                <div class="markup" inner_html=candle_table(&candles, quote_of(&signal.symbol)).into_string()></div>
            </details>
        </figure>
        <div class="markup" inner_html=chart_footer().into_string()></div>
        <h2>"Its numbers"</h2>
        <dl class="facts" inner_html=numbers(&signal, ledger.as_ref(), examined.as_ref(), as_of).into_string()></dl>
        <h2>"Its strategy's record"</h2>
        <div class="markup" inner_html=strategy_record(&signal, record).into_string()></div>
        {signal
            .replay
            .then(|| {
                view! {
                    <Notice tone=Tone::Plain>
                        <p>
                            "This is a replay: computed from real candles of that day, played back on a market clock of its own."
                        </p>
                    </Notice>
                }
            })}
    }
    .into_any()
}

fn heading(signal: &Signal, name: &str) -> Markup {
    html! {
        h1 { (side_mark(signal.side)) " " (signal.symbol) }
        p class="muted" {
            (name) " · " (signal.timeframe) " candles · number " (signal.seq) " in the record "
            @if signal.replay { (replay_mark()) }
        }
    }
}

fn outcome(signal: &Signal) -> Markup {
    html! {
        (outcome_mark(signal.outcome)) (result(signal.r_multiple))
        span class="muted" { (words(signal.outcome)) }
    }
}

fn numbers(signal: &Signal, ledger: Option<&SignalEntries>, verdict: Option<&VerdictView>, as_of: Timestamp) -> Markup {
    let quote = quote_of(&signal.symbol);
    let price = |value: f64| display::price(value, quote);
    let figure = |text: String| {
        html! {
            span class="figure" { (text) }
        }
    };
    let fill = signal.fill_price.map_or_else(|| "at the next open".to_owned(), price);
    let exit = signal.exit_price.map_or_else(|| "–".to_owned(), price);
    let share = confidence(signal.confidence, signal.confidence_n, signal.confidence_reason.as_deref());
    html! {
        (fact("Price at the close", figure(price(signal.price))))
        (fact("Filled at the next open", figure(fill)))
        (fact("Target", figure(price(signal.target))))
        (fact("Stop", figure(price(signal.stop))))
        (fact("Reward for risk", figure(format!("{} : 1", display::decimal(signal.risk_reward, 2, false)))))
        (fact("Confidence, measured", html! {
            (share)
            @if signal.confidence.is_some() {
                span class="muted small" {
                    " earlier signals of the rule on this series, those before the record too; drawn towards its rate everywhere"
                }
            }
        }))
        (fact("Strategy", rule(signal)))
        @if let Some(verdict) = verdict { (fact("Proven on this series", proof(signal, verdict))) }
        (fact("Candle closed (market time)", exact(signal.candle_closed_at)))
        (fact("Expires (market time)", exact(signal.expires_at)))
        (fact("Published", html! { (exact(signal.published_at)) span class="muted" { " · " (ago(signal.published_at, as_of)) } }))
        @if let Some(at) = signal.settled_at {
            (fact("Settled", html! { (exact(at)) span class="muted" { " at " (exit) } }))
        }
        @if let Some(SignalEntries { publication, reveal }) = ledger {
            (fact("Committed to in the ledger", entry(publication)))
            @if let Some(reveal) = reveal { (fact("Revealed in the ledger", entry(reveal))) }
        } @else {
            (fact("In the ledger", html! { span class="muted" { "– published before the ledger began" } }))
        }
    }
}

/// A place in the ledger.
fn entry(EntryPlace { seq, hash }: &EntryPlace) -> Markup {
    html! {
        a class="figure" rel="external" href={ "/api/v1/ledger?limit=1&cursor=" (seq - 1) } { "entry " (seq) }
        span class="muted" { " · " a href="/verify" { "check it" } }
        " "
        code class="hash" { (hash) }
    }
}

/// What the strategy's published signals came to, on this series and everywhere.
fn strategy_record(signal: &Signal, StrategyRecord { everywhere, on_series }: StrategyRecord) -> Markup {
    let line = |place: String, filter: RecordFilter, figures| Line {
        name: format!("{} on {place}", signal.strategy),
        address: breakdown::address(&filter),
        figures,
    };
    let lines = [
        line(format!("{} {}", signal.symbol, signal.timeframe), RecordFilter::of_series(signal), on_series),
        line("every series".to_owned(), RecordFilter::of_strategy(signal), everywhere),
    ];
    html! {
        (parts("What the strategy's published signals came to", "Signals of", &lines))
    }
}

/// The strategy, with the ways to what it is and to its record.
fn rule(signal: &Signal) -> Markup {
    html! {
        a rel="external" href={ "/strategies#" (encode(&signal.strategy)) } { (signal.strategy) } ", version " (signal.strategy_version)
        span class="muted" { " · " a href=(breakdown::address(&RecordFilter::of_strategy(signal))) { "its record" } }
    }
}

/// Whether the strategy is proven on the signal's series, and what speaks against it most.
fn proof(signal: &Signal, verdict: &VerdictView) -> Markup {
    let reason = verdict.reasons.first().map_or("It passed every check.", String::as_str);
    html! {
        (verdict_mark(verdict.verdict)) " "
        span class="muted small" {
            (reason)
            @if verdict.reasons.len() > 1 {
                " " a rel="external" href={ "/strategies#" (encode(&signal.strategy)) } { "All reasons" }
            }
        }
    }
}

fn words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Open => "The market has not settled it yet.",
        Outcome::Target => "The target was reached before the stop.",
        Outcome::Stop => "The stop was reached first.",
        Outcome::Expired => "Neither target nor stop was reached in time.",
    }
}

#[component]
fn NotShown(problem: Problem, path: String) -> impl IntoView {
    let (title, text) = match problem.status {
        401 => {
            ("Log in to see this signal", "It is still open. Settled signals are public; open ones are for members.")
        }
        403 => ("This signal is for the paid plan", "It is still open. It becomes public once the market settles it."),
        404 => ("There is no such signal", "The address may have been mistyped. Signals are never deleted."),
        _ => return view! { <h1>"Signal"</h1><Failure problem=problem /> }.into_any(),
    };
    view! {
        <Title text=title />
        <section class="form-page">
            <h1>{title}</h1>
            <p class="lead">{text}</p>
            <p class="actions">
                {match problem.status {
                    401 => {
                        view! {
                            <a class="button" href=login_address(&path)>
                                "Log in"
                            </a>
                        }
                            .into_any()
                    }
                    403 => {
                        view! {
                            <a class="button" href="/pricing">
                                "See pricing"
                            </a>
                        }
                            .into_any()
                    }
                    _ => ().into_any(),
                }} <a class="button button-secondary" href="/dashboard">
                    "Go to the dashboard"
                </a>
            </p>
        </section>
    }
    .into_any()
}
