//! `/dev/outbox`: the mails that a development server keeps instead of sending.

use crate::{
    api::auth::outbox,
    components::{
        notice::{Empty, Failure},
        served::made,
        text::linked,
    },
    domain::account::OutboxMail,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// The newest first, with their links.
#[component]
pub fn OutboxPage() -> impl IntoView {
    view! {
        <Title text="Development mails" />
        <section class="outbox">
            <h1>"Development mails"</h1>
            <p class="lead">"Kept in a folder instead of being sent, because no mail server is configured."</p>
            {made(
                outbox,
                |mails| match mails {
                    Ok(mails) if mails.is_empty() => {
                        view! {
                            <Empty title="No mails yet">
                                <p>"What the site would send appears here: confirmations, new passwords, receipts."</p>
                            </Empty>
                        }
                            .into_any()
                    }
                    Ok(mails) => mails.into_iter().map(|mail| view! { <Kept mail=mail /> }).collect_view().into_any(),
                    Err(problem) => view! { <Failure problem=problem /> }.into_any(),
                },
            )}
        </section>
    }
}

#[component]
fn Kept(mail: OutboxMail) -> impl IntoView {
    view! {
        <article class="mail">
            <h2>{mail.subject}</h2>
            <p class="muted small">{format!("To {}", mail.to)}</p>
            <div class="mail-body">{mail.body.lines().map(linked).collect_view()}</div>
        </article>
    }
    .into_any()
}
