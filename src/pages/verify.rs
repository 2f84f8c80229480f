//! `/verify`: the check of the whole record, in the reader's own browser.

use crate::{
    api::backtest::load_workbench,
    components::{notice::Failure, served::made, verify::verify_button},
};
use leptos::prelude::*;
use leptos_meta::Title;

/// What is checked, and the button.
#[component]
pub fn VerifyPage() -> impl IntoView {
    view! {
        <Title text="Check the record" />
        <article class="text-page">
            <h1>"Check the record"</h1>
            <p class="lead">
                "Do not take our word for it. Your browser fetches the whole record and checks every line of it, by the same "
                "code that wrote it."
            </p>
            {made(
                load_workbench,
                |workbench| match workbench {
                    Ok(workbench) => {
                        view! { <div class="markup" inner_html=verify_button(&workbench, true).into_string()></div> }.into_any()
                    }
                    Err(problem) => view! { <Failure problem=problem /> }.into_any(),
                },
            )}
            <h2>"What is checked"</h2>
            <ul>
                <li>"Entries are numbered without gaps, and each names the hash of the one before it."</li>
                <li>"What was revealed of a signal when it had ended is what was committed to when it was published."</li>
                <li>"Each outcome is what the candles say: target, stop or expiry, at that price and that time."</li>
                <li>
                    "Each checkpoint is signed with this site's key, over all entries before it, and all but the newest entries "
                    "are signed."
                </li>
            </ul>
            <p>
                "What the signals came to is counted too, and is what the "<a href="/track-record">"track record"</a>" says. "
                "Only what was published before there was a ledger, and what enters the record while you compare, can make "
                "a difference."
            </p>
            <p>
                "What a check cannot show: that a commitment came before its outcome. Each entry says when it was written; "
                "of a replay of bundled history, what was published at its start was committed to and revealed at once."
            </p>
            <p>
                "The export is at " <a href="/api/v1/ledger/export" rel="external">
                    "/api/v1/ledger/export"
                </a> "; keep a copy, and check tomorrow's against it. What entries after the newest signature were, only the "
                "next signature fixes."
            </p>
        </article>
    }
}
