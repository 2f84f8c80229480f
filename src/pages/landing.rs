//! `/`: the proof first, then the argument.

use crate::{
    api::{error::Problem, signals::load_proof},
    components::{
        notice::{Failure, Notice, Tone},
        record::{market_line, record, tally},
        served::made,
        shared::{SharedTexts, shared},
    },
    domain::{account::Person, display, signal::Proof, site::SiteView},
    session::{load_site, use_session},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use maud::{Markup, html};
use std::sync::Arc;

/// The record, losers too, and below it what it means.
#[component]
pub fn Landing() -> impl IntoView {
    let session = use_session();
    let texts = use_context::<SharedTexts>();
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
                    move || evidence(texts.clone()),
                    |text| match text {
                        Ok(text) => view! { <div class="markup" inner_html=text></div> }.into_any(),
                        Err(problem) => view! { <Failure problem=problem /> }.into_any(),
                    },
                )}
            </section> <div class="markup" inner_html=argument().into_string()></div> {made(
                move || async move { (load_site().await, session.user.answer.await.read()) },
                |(site, user): (Result<SiteView, _>, Result<Option<Person>, _>)| match (site, user) {
                    (Ok(site), Ok(user)) => {
                        let next = next(&site, user.is_some()).into_string();
                        view! { <div class="markup" inner_html=next></div> }.into_any()
                    }
                    (Err(problem), _) | (_, Err(problem)) => view! { <Failure problem=problem /> }.into_any(),
                },
            )}
        </div>
    }
}

/// The same for every reader, until the record or the market's day is another.
async fn evidence(texts: Option<SharedTexts>) -> Result<Arc<str>, Problem> {
    let proof = load_proof().await?;
    let key = format!("{} {}", proof.version, display::date(proof.market.now));
    shared(texts.as_ref(), "evidence", Some(key), async { Ok(written(&proof).into_string()) }).await
}

fn written(proof: &Proof) -> Markup {
    html! {
        p class="markets" { "For " strong { (display::listed(&proof.symbols)) } ", from fixed rules on hourly and daily candles." }
        (market_line(&proof.market))
        (record(&proof.settled, "The newest settled signals"))
        (tally(proof))
        p class="more" {
            a href="/track-record" { "The whole track record: every signal, by strategy, symbol and month" }
        }
    }
}

fn argument() -> Markup {
    html! {
        section class="argument" aria-labelledby="how" {
            h2 id="how" { "How a signal comes to be" }
            ol class="steps" {
                li {
                    h3 { "A candle closes" }
                    p {
                        "A fixed, versioned rule looks at closed candles only. Nothing that happens later can change what "
                        "it said. " a href="/strategies" { "These are the rules" } "."
                    }
                }
                li {
                    h3 { "It is published whole" }
                    p {
                        "Side, price, target, stop, and the numbers that decided, in a sentence. Each has a number in the "
                        "record, without gaps."
                    }
                }
                li {
                    h3 { "The market settles it" }
                    p {
                        "Target, stop, or out of time, counted from the next open. When one candle reaches both, the stop "
                        "counts. Losers stay in the record."
                    }
                }
            }
            h2 { "What confidence means here" }
            p {
                "It is measured: of the earlier signals of the rule on this series, those before the record too, the share "
                "that reached the target before the stop, with their count beside it. The fewer they are, the more it is "
                "drawn towards the rule's share everywhere. With fewer than five there is a dash instead of a figure."
            }
        }
    }
}

fn next(site: &SiteView, signed_in: bool) -> Markup {
    html! {
        section class="next" aria-labelledby="next" {
            h2 id="next" { "Look for yourself" }
            @if signed_in {
                p class="actions" { a class="button" href="/dashboard" { "Go to your dashboard" } }
            } @else {
                p {
                    "A free account fetches the newest signals " (site.free_fetches) " times a day. "
                    @if let Some(price) = &site.price { "For " (price) " you get each one live." }
                }
                p class="actions" {
                    a class="button" href="/signup" { "Make a free account" }
                    a class="button button-secondary" href="/pricing" { "See pricing" }
                }
            }
        }
    }
}
