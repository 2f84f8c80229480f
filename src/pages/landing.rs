//! `/`: the proof first, then the argument.

use crate::{
    api::signals::load_proof,
    components::{
        notice::{Failure, Notice, Tone},
        record::{MarketLine, Record, Tally},
        served::made,
    },
    domain::{account::Person, signal::Proof, site::SiteView},
    session::{load_site, use_session},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

/// The record, losers too, and below it what it means.
#[component]
pub fn Landing() -> impl IntoView {
    let session = use_session();
    let deleted = use_query_map().with_untracked(|query| query.get("deleted").is_some());
    view! {
        <Title text="Trading signals with their record, losers included" />
        <div class="landing">
            {deleted
                .then(|| {
                    view! {
                        <Notice tone=Tone::Good>
                            <p>"Your account and what belonged to it are deleted."</p>
                        </Notice>
                    }
                })} <section class="hero">
                <h1>"Signals that show their losers"</h1>
                <p class="lead">
                    "Every signal we publish is scored by what the market did next. Here are the newest ones that "
                    "were settled, before we say anything else."
                </p>
            </section> <section aria-labelledby="record" class="proof">
                <h2 id="record" class="visually-hidden">
                    "The record"
                </h2>
                {made(
                    load_proof,
                    |proof| match proof {
                        Ok(proof) => view! { <Evidence proof=proof /> }.into_any(),
                        Err(problem) => view! { <Failure problem=problem /> }.into_any(),
                    },
                )}
            </section> <Argument /> {made(
                move || async move { (load_site().await, session.user.answer.await.read()) },
                |(site, user): (Result<SiteView, _>, Result<Option<Person>, _>)| match (site, user) {
                    (Ok(site), Ok(user)) => {
                        view! { <Next fetches=site.free_fetches signed_in=user.is_some() /> }.into_any()
                    }
                    (Err(problem), _) | (_, Err(problem)) => view! { <Failure problem=problem /> }.into_any(),
                },
            )}
        </div>
    }
}

#[component]
fn Evidence(proof: Proof) -> impl IntoView {
    view! {
        <MarketLine market=proof.market.clone() />
        <Record settled=proof.settled.clone() caption="The newest settled signals" />
        <Tally proof=proof />
        <p class="more">
            <a href="/track-record">"The whole track record: every signal, by strategy, symbol and month"</a>
        </p>
    }
    .into_any()
}

#[component]
fn Argument() -> impl IntoView {
    view! {
        <section class="argument" aria-labelledby="how">
            <h2 id="how">"How a signal comes to be"</h2>
            <ol class="steps">
                <li>
                    <h3>"A candle closes"</h3>
                    <p>
                        "A fixed, versioned rule looks at closed candles only. Nothing that happens later can change "
                        "what it said. "<a href="/strategies">"These are the rules"</a>"."
                    </p>
                </li>
                <li>
                    <h3>"It is published whole"</h3>
                    <p>
                        "Side, price, target, stop, and the numbers that decided, in a sentence. Each has a number "
                        "in the record, without gaps."
                    </p>
                </li>
                <li>
                    <h3>"The market settles it"</h3>
                    <p>
                        "Target, stop, or out of time, counted from the next open. When one candle reaches both, the "
                        "stop counts. Losers stay in the record."
                    </p>
                </li>
            </ol>
            <h2>"What confidence means here"</h2>
            <p>
                "It is measured: of the earlier signals like this one, the share that reached the target before the "
                "stop, with their count beside it. With fewer than five there is a dash instead of a figure."
            </p>
        </section>
    }
    .into_any()
}

#[component]
fn Next(fetches: u32, signed_in: bool) -> impl IntoView {
    view! {
        <section class="next" aria-labelledby="next">
            <h2 id="next">"Look for yourself"</h2>
            {if signed_in {
                view! {
                    <p class="actions">
                        <a class="button" href="/dashboard">
                            "Go to your dashboard"
                        </a>
                    </p>
                }
                    .into_any()
            } else {
                view! {
                    <p>
                        {format!("A free account fetches the newest signals {fetches} times a day. A paid plan gets each one live.")}
                    </p>
                    <p class="actions">
                        <a class="button" href="/signup">
                            "Make a free account"
                        </a>
                        <a class="button button-secondary" href="/pricing">
                            "See pricing"
                        </a>
                    </p>
                }
                    .into_any()
            }}
        </section>
    }
    .into_any()
}
