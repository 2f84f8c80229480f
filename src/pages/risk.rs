//! `/risk`.

use super::privacy::Contact;
use crate::components::text::TextPage;
use leptos::prelude::*;

/// What can go wrong.
#[component]
pub fn Risk() -> impl IntoView {
    view! {
        <TextPage title="Risk" lead="Signals are not investment advice. What can go wrong, said plainly.">
            <h2>"Not investment advice"</h2>
            <p>
                "A signal is what a rule computes from past prices. It knows nothing of your income, your debts, your "
                "aims or what you can bear to lose. Whether a trade is right for you, only you can tell, perhaps with an "
                "adviser who is registered to advise you."
            </p>
            <h2>"You can lose money"</h2>
            <ul>
                <li>"Prices can pass a stop without stopping there. A loss can then be larger than planned."</li>
                <li>"With borrowed money or derivatives you can lose more than you put in."</li>
                <li>"Several losses in a row are normal for every rule, also for one that wins in the long run."</li>
                <li>"Crypto-assets are unregulated in many places and can lose most of their worth in days."</li>
            </ul>
            <h2>"What the record does not say"</h2>
            <p>
                "Past results do not promise future ones. Results are counted in R, from the next open to target, stop "
                "or time's end, without fees, taxes and slippage, unless stated. Your own results will differ."
            </p>
            <h2>"Replays"</h2>
            <p>
                "Where a page says “Replay”, the candles are real but old, and are played back faster than they came. "
                "Nothing there can be traded."
            </p>
            <h2>"Late or missing signals"</h2>
            <p>
                "Networks, exchanges and programs fail at times. Do not rely on a signal, or on its stop, reaching you in "
                "time."
            </p>
            <h2>"Who we are"</h2>
            <Contact />
        </TextPage>
    }
}
