//! `/terms`.

use super::privacy::Contact;
use crate::components::text::TextPage;
use leptos::prelude::*;

/// What one may expect of us, and we of you.
#[component]
pub fn Terms() -> impl IntoView {
    view! {
        <TextPage title="Terms" lead="What you may expect of us, and we of you, in plain words.">
            <h2>"What you get"</h2>
            <p>
                "Signals: what a fixed, published rule says at the close of a market candle, with an entry, a target and "
                "a stop, and afterwards what the market did. They are general information for everybody alike. They are "
                "not advice to you, and no offer to buy or sell anything for you."
            </p>
            <h2>"Plans"</h2>
            <p>
                "The free plan gives a number of looks at the newest signals a day, as stated on the pricing page. A paid "
                "plan gives every signal while it is paid for. It renews by itself until you cancel it, which you can do "
                "any time from your account; it then goes on until the end of what is paid for."
            </p>
            <p>
                "If a payment fails, it is tried again for some days. Access goes on meanwhile and ends when the last "
                "try has failed."
            </p>
            <h2>"Your part"</h2>
            <ul>
                <li>"Keep your password to yourself. One account is for one person."</li>
                <li>"Do not resell the signals or pass them on as your own."</li>
                <li>"Do not get round the limits of your plan, or disturb the service for others."</li>
                <li>"You decide about your trades, and you bear what comes of them."</li>
            </ul>
            <h2>"Our part"</h2>
            <p>
                "A published signal and its outcome are never edited or deleted. We keep the service running as well as "
                "we can, but do not promise that it is never interrupted or that a signal arrives in time for a trade."
            </p>
            <h2>"When it ends"</h2>
            <p>
                "You can delete your account any time. We may end an account that breaks these terms; we say why, and "
                "give back what was paid for the time not used, unless the law forbids it."
            </p>
            <h2>"Who we are"</h2>
            <Contact />
        </TextPage>
    }
}
