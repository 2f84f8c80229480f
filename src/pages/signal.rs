//! `/signal/:id`: its numbers, why, and what became of it.

use crate::{
    api::{error::Problem, signals::signal},
    components::{
        chart::SignalChart,
        figure::{Confidence, OutcomeMark, ReplayMark, Result as R, SideMark, quote_of},
        notice::{Failure, Notice, Skeleton, Tone},
        when::{Ago, Exact},
    },
    domain::{
        display,
        id::SignalId,
        signal::{Outcome, SignalDetail},
    },
    session::login_address,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_location, use_params_map};

/// One signal, or why it cannot be shown.
#[component]
pub fn SignalPage() -> impl IntoView {
    let params = use_params_map();
    let path = use_location().pathname;
    // What is no id names no signal, as the nil id does.
    let id = Memo::new(move |_| {
        params.with(|params| params.get("id").and_then(|id| id.parse().ok()).unwrap_or(SignalId(uuid::Uuid::nil())))
    });
    let detail = Resource::new(move || id.get(), signal);
    view! {
        <div class="signal-page">
            <Suspense fallback=|| view! { <Skeleton lines=10 /> }>
                {move || Suspend::new(async move {
                    match detail.await {
                        Ok(detail) => view! { <Detail detail=detail /> }.into_any(),
                        Err(problem) => view! { <NotShown problem=problem path=path.get_untracked() /> }.into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
}

#[component]
fn Detail(detail: SignalDetail) -> impl IntoView {
    let SignalDetail { as_of, signal, symbol, candles } = detail;
    let quote = quote_of(&signal.symbol).to_owned();
    let price = |value: f64| display::price(value, &quote);
    let title = format!("{} {} {}", signal.side.as_str(), signal.symbol, signal.timeframe);
    let fill = signal.fill_price.map_or_else(|| "at the next open".to_owned(), price);
    let settled = signal.settled_at.map(|at| {
        let exit = signal.exit_price.map_or_else(|| "–".to_owned(), price);
        view! {
            <div class="fact">
                <dt>"Settled"</dt>
                <dd>
                    <Exact at=at />
                    <span class="muted">{format!(" at {exit}")}</span>
                </dd>
            </div>
        }
    });
    view! {
        <Title text=title />
        <nav class="crumbs" aria-label="Breadcrumb">
            <a href="/dashboard">"Dashboard"</a>
            <span aria-hidden="true">" / "</span>
            <span>{format!("Signal {}", signal.seq)}</span>
        </nav>
        <header class="signal-head">
            <h1>
                <SideMark side=signal.side />
                " "
                {signal.symbol.clone()}
            </h1>
            <p class="muted">
                {format!("{} · {} candles · number {} in the record ", symbol.name, signal.timeframe, signal.seq)}
                {signal.replay.then(|| view! { <ReplayMark /> })}
            </p>
        </header>
        <section class="verdict" aria-label="Outcome">
            <OutcomeMark outcome=signal.outcome />
            <R r=signal.r_multiple />
            <span class="muted">{words(signal.outcome)}</span>
        </section>
        <p class="rationale">{signal.rationale.clone()}</p>
        <figure class="chart-box">
            <SignalChart signal=signal.clone() candles=candles />
            <figcaption class="muted small">
                "Candles before and after the close that decided (the dotted line). Entry, target and stop as lines."
            </figcaption>
        </figure>
        <h2>"Its numbers"</h2>
        <dl class="facts">
            {fact("Price at the close", price(signal.price))} {fact("Filled at the next open", fill)}
            {fact("Target", price(signal.target))} {fact("Stop", price(signal.stop))}
            {fact("Reward for risk", format!("{} : 1", display::decimal(signal.risk_reward, 2, false)))}
            <div class="fact">
                <dt>"Confidence, measured"</dt>
                <dd>
                    <Confidence
                        share=signal.confidence
                        count=signal.confidence_n
                        reason=signal.confidence_reason.clone()
                    />
                </dd>
            </div>
            {fact("Strategy", format!("{}, version {}", signal.strategy, signal.strategy_version))}
            <div class="fact">
                <dt>"Candle closed (market time)"</dt>
                <dd>
                    <Exact at=signal.candle_closed_at />
                </dd>
            </div>
            <div class="fact">
                <dt>"Expires (market time)"</dt>
                <dd>
                    <Exact at=signal.expires_at />
                </dd>
            </div>
            <div class="fact">
                <dt>"Published"</dt>
                <dd>
                    <Ago at=signal.published_at as_of=as_of />
                </dd>
            </div>
            {settled}
        </dl>
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

fn fact(name: &'static str, value: String) -> impl IntoView {
    view! {
        <div class="fact">
            <dt>{name}</dt>
            <dd class="figure">{value}</dd>
        </div>
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
