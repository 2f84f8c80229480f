//! `/privacy`, and who to write to.

use crate::{
    components::{served::made, text::TextPage},
    domain::site::SiteView,
    session::load_site,
};
use leptos::prelude::*;
use maud::html;

/// What is kept, why, for how long.
#[component]
pub fn Privacy() -> impl IntoView {
    view! {
        <TextPage title="Privacy" lead="What is kept about you, why, for how long, and how to have it deleted.">
            <h2>"What is kept"</h2>
            <ul>
                <li>"Your e-mail address and, if you give one, your name: to let you log in and to write to you."</li>
                <li>"Your password, only as a salted hash from which it cannot be read."</li>
                <li>
                    "Your sessions: when they began, when they were last used, the network address and what your browser "
                    "calls itself: so that you can see and end them. They end by themselves."
                </li>
                <li>
                    "Which signals you fetched: to count your day and to show them again. When you delete your account or "
                    "change its address, the day's count stays until the day's end under a keyed hash of the old address and "
                    "the day, from which nobody can read it."
                </li>
                <li>
                    "Your plan and payments: amounts, dates, invoice numbers. The law may require us to keep these for "
                    "years. Card numbers never reach us; they stay with the payment provider."
                </li>
            </ul>
            <h2>"What is not"</h2>
            <p>
                "No advertising, no tracking across sites, no sale of data. Nothing on these pages is loaded from another "
                "site. The cookies are the two that keep you logged in and, where JavaScript is off, one that keeps for a "
                "minute what you typed into a form that failed, but no password. Theme and watchlist stay in your browser."
            </p>
            <h2>"Who else sees it"</h2>
            <p>
                "The payment provider gets your e-mail address and does the charging. A mail server carries our mails. "
                "Authorities get what the law obliges us to give."
            </p>
            <h2>"Your rights"</h2>
            <p>
                "See, correct, take along and delete what is kept about you: all of it from " <a href="/account">
                    "your account"
                </a> ", at once and without asking. For anything else, write to us."
            </p>
            <h2>"Who we are"</h2>
            <Contact />
        </TextPage>
    }
}

/// The operator's name, registration, address and e-mail.
#[component]
pub fn Contact() -> impl IntoView {
    made(load_site, |site| match site {
        Ok(SiteView { operator, .. }) => {
            let lines = html! {
                span { (operator.name) }
                span { (operator.registration) }
                span { (operator.address) }
                a href={ "mailto:" (operator.email) } { (operator.email) }
            };
            view! { <address class="contact" inner_html=lines.into_string()></address> }.into_any()
        }
        // The frame says what is wrong.
        Err(_) => ().into_any(),
    })
}
