//! `/dashboard`: what is left and until when, the newest signals, then the record.

mod allowance;
mod returning;

use super::notices::{self, Notices};
use crate::{
    api::{
        billing::StartCheckout,
        signals::{FetchSignals, LoadDashboard},
        source::Source,
        submission::{Submission, submission},
    },
    components::{
        browser,
        columns::{hidden_columns, hiding_class},
        loaded::loaded,
        market::{Market, watchlist},
        notice::{Empty, Failure},
        record::{MarketLine, Record},
        signals::{self, Selection},
    },
    domain::{
        signal::{Dashboard, SignalLine},
        time::Timestamp,
    },
    session::{login_address, use_session},
};
use allowance::Allowance;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{components::Redirect, hooks::use_query_map};
use returning::Returning;
use std::sync::Arc;

/// Milliseconds between two looks for news, for who pays.
const LOOK_EVERY: u32 = 4_000;

/// Notices above all else.
const NOTICES: usize = 3;

/// What outlives each new answer of the server.
#[derive(Clone, Copy)]
struct Page {
    selection: Memo<Selection>,
    fetch: Submission,
    checkout: Submission,
    watched: RwSignal<Vec<String>>,
    hidden: RwSignal<Vec<String>>,
    /// The newest number that the reader was shown; later ones wait until asked for, or until the page's top is in view.
    seen: RwSignal<Option<i64>>,
    /// Whether news are looked for.
    live: RwSignal<bool>,
    /// The server's clock when the page was first shown. Ages are written as of then, and go on from there: a row
    /// whose signal has not changed is written the same again.
    opened: StoredValue<Option<Timestamp>>,
}

/// The dashboard of who is signed in; a visitor is led to log in and back.
#[component]
pub fn DashboardPage() -> impl IntoView {
    let fetch = submission::<FetchSignals>();
    let dashboard = Source::ask_after(fetch, || LoadDashboard {});
    let query = use_query_map();
    let page = Page {
        selection: Memo::new(move |_| query.with(|query| Selection::from_query(|key| query.get(key)))),
        fetch,
        checkout: submission::<StartCheckout>(),
        watched: watchlist(),
        hidden: hidden_columns(),
        seen: RwSignal::new(None),
        live: RwSignal::new(false),
        opened: StoredValue::new(None),
    };
    Effect::new(move |_| {
        browser::every(LOOK_EVERY, move || {
            if page.live.get_untracked() {
                dashboard.refetch();
            }
        });
    });
    let notices = notices::Source::ask();
    let user = use_session().user;
    let refresh = move || {
        user.refetch();
        dashboard.refetch();
    };
    view! {
        <Title text="Dashboard" />
        <div class="dashboard">
            <h1>"Dashboard"</h1>
            <Returning on_paid=refresh checkout=page.checkout />
            <Notices source=notices most=NOTICES />
            {loaded(
                dashboard,
                12,
                move |data| match data {
                    Ok(data) => view! { <Whole data=data page=page /> }.into_any(),
                    Err(problem) if problem.status == 401 => {
                        let query = query.with_untracked(|query| query.to_query_string());
                        view! { <Redirect path=login_address(&format!("/dashboard{query}")) /> }.into_any()
                    }
                    Err(problem) => view! { <Failure problem=problem /> }.into_any(),
                },
            )}
        </div>
    }
}

#[component]
fn Whole(data: Dashboard, page: Page) -> impl IntoView {
    let Dashboard { as_of, market, is_paid, quota, signals, settled, symbols } = data;
    page.live.set(is_paid);
    browser::set_clock(as_of);
    browser::keep_focus();
    let opened = page.opened.get_value().unwrap_or(as_of);
    page.opened.set_value(Some(opened));
    let newest = newest(&signals);
    let shown_until = match page.seen.get_untracked() {
        Some(until) if is_paid && !browser::at_top() => until,
        _ => newest,
    };
    if page.seen.get_untracked() != Some(shown_until) {
        page.seen.set(Some(shown_until));
    }
    // Shared, not signals: what is on the page outlives this data by a moment while the next arrives.
    let (signals, tiles, symbols) = (Arc::new(signals), symbols.clone(), Arc::new(symbols));
    let waiting = {
        let signals = Arc::clone(&signals);
        move || {
            let until = page.seen.get().unwrap_or(newest);
            signals.iter().filter(|signal| signal.seq > until).count()
        }
    };
    let filters = {
        let symbols = Arc::clone(&symbols);
        move || {
            browser::keep_focus();
            page.selection.with(|selection| signals::filters(selection, &symbols).into_string())
        }
    };
    // Made once for each state, not each time that it is looked at.
    let table = Memo::new(move |_| {
        let until = page.seen.get().unwrap_or(newest);
        let shown = signals.iter().filter(|signal| signal.seq <= until);
        page.selection.with(|selection| signals::table(shown, &symbols, selection, opened).into_string())
    });
    view! {
        <Allowance quota=quota fetch=page.fetch checkout=page.checkout as_of=opened />
        <section class=move || page.hidden.with(|hidden| hiding_class("block", hidden)) aria-labelledby="signals">
            <div class="block-head">
                <h2 id="signals">{if is_paid { "Newest signals" } else { "Fetched today" }}</h2>
                <MarketLine market=market />
            </div>
            <div class="waiting" role="status" aria-live="polite">
                {move || waiting_words(waiting()).map(|words| show_button(words, page.seen, newest))}
            </div>
            {if newest == 0 {
                view! { <Nothing is_paid=is_paid /> }.into_any()
            } else {
                view! {
                    <div class="filters" inner_html=filters></div>
                    <div inner_html=move || {
                        browser::keep_focus();
                        table.get()
                    }></div>
                }
                    .into_any()
            }}
        </section>
        <section class="block" aria-labelledby="market">
            <h2 id="market">"Market"</h2>
            <Market symbols=tiles watched=page.watched />
        </section>
        <section class="block" aria-labelledby="record">
            <div class="block-head">
                <h2 id="record">"Record"</h2>
                <p class="muted">"The newest settled signals, losers too."</p>
            </div>
            <Record settled=settled caption="The newest settled signals" />
        </section>
    }
    .into_any()
}

/// The greatest number among them; 0 when there are none.
fn newest(signals: &[SignalLine]) -> i64 {
    signals.iter().map(|signal| signal.seq).max().unwrap_or(0)
}

fn waiting_words(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 new signal".to_owned()),
        count => Some(format!("{count} new signals")),
    }
}

fn show_button(words: String, seen: RwSignal<Option<i64>>, newest: i64) -> impl IntoView {
    view! {
        <button
            type="button"
            class="button button-secondary button-small"
            on:click=move |_| seen.set(Some(newest))
        >
            {format!("{words} – show")}
        </button>
    }
}

#[component]
fn Nothing(is_paid: bool) -> impl IntoView {
    if is_paid {
        view! {
            <Empty title="No signal yet">
                <p>"The next one appears here by itself the moment a candle's close makes one."</p>
            </Empty>
        }
        .into_any()
    } else {
        view! {
            <Empty title="Nothing fetched today">
                <p>
                    "Press “Fetch signals” above. What it brings stays here for the rest of the day; opening this page "
                    "costs nothing."
                </p>
            </Empty>
        }
        .into_any()
    }
}
