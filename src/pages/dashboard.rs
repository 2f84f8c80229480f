//! `/dashboard`: what is left and until when, the newest signals, then the record.

mod allowance;
mod board;
mod returning;

use super::notices::{self, Notices};
use crate::{
    api::{
        billing::StartCheckout,
        error::Problem,
        signals::{FetchSignals, LoadStanding},
        source::Source,
        submission::submission,
    },
    components::{
        browser,
        columns::{hidden_columns, hiding_class},
        loaded::{both_loaded, loaded},
        market::{self, watchlist},
        notice::Failure,
        served::{Renewal, made, renewed},
        shared::SharedTexts,
        signals::Selection,
    },
    domain::{notice::NoticeKind, signal::Standing},
    session::{login_address, use_session},
};
use allowance::Allowance;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{components::Redirect, hooks::use_query_map};
use returning::{CalledOff, Payment, Progress};

/// Milliseconds between two looks for news, for who pays.
const LOOK_EVERY: u32 = 4_000;

/// Notices above all else.
const NOTICES: usize = 3;

/// Signals and market, as the server made them last, and what is newer.
#[derive(Clone, Copy)]
struct Shown {
    renewal: Renewal,
    /// Which of them the page shows; none until they are there.
    version: RwSignal<Option<String>>,
    /// The greatest number among them.
    newest: RwSignal<i64>,
    /// The greatest number that the server told while the reader was further down.
    told: RwSignal<i64>,
}

/// The dashboard of who is signed in; a visitor is led to log in and back.
#[component]
pub fn DashboardPage() -> impl IntoView {
    let fetch = submission::<FetchSignals>();
    let checkout = submission::<StartCheckout>();
    let standing = Source::ask_after(fetch, || LoadStanding {});
    let query = use_query_map();
    let (watched, hidden) = (watchlist(), hidden_columns());
    let live = RwSignal::new(false);
    let shown = Shown::new();
    Effect::new(move |_| {
        browser::every(LOOK_EVERY, move || {
            if live.get_untracked() {
                standing.refetch();
            }
        });
    });
    Effect::new(move |_| watched.with(|watched| market::mark(watched)));
    let notices = notices::Source::ask();
    let user = use_session().user;
    let payment = Payment::told();
    if let Some(payment) = payment {
        payment.follow(live, move || standing.refetch());
        // The frame says who pays too: after this page, not before.
        Effect::new(move |_| {
            if live.get() {
                user.refetch();
            }
        });
    }
    let texts = use_context::<SharedTexts>();
    let selection = query.with_untracked(|query| Selection::from_query(|key| query.get(key)));
    let plan = move |standing: Result<Standing, Problem>, confirming: bool| match standing {
        Ok(standing) => {
            if live.get_untracked() != standing.is_paid {
                live.set(standing.is_paid);
            }
            shown.look_at(&standing);
            browser::keep_focus();
            view! { <Allowance standing=standing confirming=confirming fetch=fetch checkout=checkout /> }.into_any()
        }
        Err(problem) if problem.status == 401 => {
            let query = query.with_untracked(|query| query.to_query_string());
            view! { <Redirect path=login_address(&format!("/dashboard{query}")) /> }.into_any()
        }
        Err(problem) => view! { <Failure problem=problem /> }.into_any(),
    };
    view! {
        <Title text="Dashboard" />
        <div class="dashboard">
            <h1>"Dashboard"</h1>
            <CalledOff checkout=checkout />
            <Notices source=notices most=NOTICES told=payment.map(|_| NoticeKind::PaymentReceived) />
            {match payment {
                None => loaded(standing, 2, move |standing| plan(standing, false)),
                // Together, so that neither ever says what the other does not.
                Some(payment) => {
                    both_loaded(
                        (standing, payment.status),
                        2,
                        move |standing, found| {
                            let is_shown = standing.as_ref().is_ok_and(|standing| standing.is_paid);
                            let progress = Progress::of(is_shown, &found);
                            view! {
                                {payment.notice(progress)}
                                {plan(standing, progress == Progress::Confirming)}
                            }
                                .into_any()
                        },
                    )
                }
            }}
            <div class="waiting" role="status" aria-live="polite">
                {move || shown.waiting_words().map(|words| show_button(words, shown))}
            </div>
            <div
                class=move || hidden.with(|hidden| hiding_class("board", hidden))
                on:click=move |event| market::toggle(&event, watched)
            >
                {renewed(
                    board::NAME,
                    shown.renewal,
                    move || {
                        shown.came();
                        watched.with_untracked(|watched| market::mark(watched));
                    },
                    move || {
                        made(
                            move || board::board(standing, selection.clone(), texts.clone()),
                            |text| match text {
                                // What keeps a reader from it is told above.
                                Ok(text) => {
                                    view! { <div class="markup" inner_html=text.unwrap_or_default()></div> }.into_any()
                                }
                                Err(problem) => view! { <Failure problem=problem /> }.into_any(),
                            },
                        )
                    },
                )}
            </div>
        </div>
    }
}

impl Shown {
    fn new() -> Self {
        Self {
            renewal: Renewal::default(),
            version: RwSignal::new(None),
            newest: RwSignal::new(0),
            told: RwSignal::new(0),
        }
    }

    /// Has what is new shown, or lets it wait: what comes never moves what is being read.
    fn look_at(self, standing: &Standing) {
        let known = self.version.get_untracked();
        if known.is_none() || known.as_deref() == Some(&standing.version) {
            return;
        }
        if !standing.is_paid || browser::at_top() {
            self.renewal.ask();
        } else {
            self.told.set(standing.newest);
        }
    }

    /// Notes what the page shows now. Should that be older than what was asked for, it is asked for again at the next look.
    fn came(self) {
        let told = |what| browser::told(board::NAME, what);
        let (Some(version), Some(newest)) = (told(board::VERSION), told(board::NEWEST)) else { return };
        self.version.set(Some(version));
        self.newest.set(newest.parse().unwrap_or_default());
    }

    /// How many signals wait until they are asked for, or until the page's top is in view.
    fn waiting_words(self) -> Option<String> {
        match self.told.get() - self.newest.get() {
            ..=0 => None,
            1 => Some("1 new signal".to_owned()),
            count => Some(format!("{count} new signals")),
        }
    }
}

fn show_button(words: String, shown: Shown) -> impl IntoView {
    view! {
        <button type="button" class="button button-secondary button-small" on:click=move |_| shown.renewal.ask()>
            {format!("{words} – show")}
        </button>
    }
}
