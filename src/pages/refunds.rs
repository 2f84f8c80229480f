//! `/refunds`.

use super::privacy::Contact;
use crate::components::text::TextPage;
use leptos::prelude::*;

/// When and how one gets money back.
#[component]
pub fn Refunds() -> impl IntoView {
    view! {
        <TextPage title="Refunds" lead="When and how you get your money back.">
            <h2>"Within seven days"</h2>
            <p>
                "Changed your mind within seven days of your first payment? Write to us from the address of your account "
                "and you get it back whole. No reason is needed."
            </p>
            <h2>"Later"</h2>
            <p>
                "Cancel any time from your account. The plan then goes on until the end of the time paid for, and nothing "
                "more is charged. Time begun is not given back in parts, except where the law says otherwise. Deleting your "
                "account ends the plan at once, and the time that was left of it is lost."
            </p>
            <h2>"Our mistakes"</h2>
            <p>
                "If you were charged twice, charged after you canceled, or could not use the service for more than a day "
                "through our fault, you get that money back, and you need not ask within any time limit."
            </p>
            <h2>"How"</h2>
            <p>
                "To the card that paid, within five to ten working days after we agree. Each refund appears among the "
                "payments in " <a href="/account#plan">"your account"</a> "."
            </p>
            <h2>"What is no reason"</h2>
            <p>"Losing signals. They are part of every record, and shown before you pay."</p>
            <h2>"Whom to write to"</h2>
            <Contact />
        </TextPage>
    }
}
