//! What a person should know of their payments, until they dismiss it.

use crate::{
    api::{
        self,
        notices::{ReadNotice, UnreadNotices},
        submission::{Submission, submission},
    },
    components::{
        form::{Form, FormProblem, Submit},
        loaded::loaded,
        notice::{Failure, Notice, Tone},
        text::linked,
        when::Exact,
    },
    domain::notice::{NoticeKind, NoticeView},
};
use leptos::prelude::*;

/// Asked from the server.
#[derive(Clone, Copy)]
pub struct Source {
    list: api::source::Source<Vec<NoticeView>>,
    sent: Submission,
}

impl Source {
    /// Asks; and again whenever one was dismissed.
    pub fn ask() -> Self {
        let sent = submission::<ReadNotice>();
        Self { list: api::source::Source::ask_after(sent, || UnreadNotices {}), sent }
    }
}

/// Each with a button that dismisses it; nothing where there is none.
#[component]
pub fn Notices(
    /// From the server.
    source: Source,
    /// How many at most; the account page has the others.
    #[prop(default = usize::MAX)]
    most: usize,
    /// What the page itself tells.
    #[prop(default = None)]
    told: Option<NoticeKind>,
) -> impl IntoView {
    loaded(source.list, 0, move |list| match list {
        Ok(mut list) => {
            list.retain(|notice| Some(notice.kind) != told);
            if list.is_empty() {
                ().into_any()
            } else {
                view! { <List list=list source=source most=most /> }.into_any()
            }
        }
        // The page leads a visitor to log in.
        Err(problem) if problem.status == 401 => ().into_any(),
        Err(problem) => view! { <Failure problem=problem /> }.into_any(),
    })
}

#[component]
fn List(mut list: Vec<NoticeView>, source: Source, most: usize) -> impl IntoView {
    let more = list.len().saturating_sub(most);
    list.truncate(most);
    view! {
        <section class="notices" id="notices" aria-label="Notices">
            <FormProblem submission=source.sent />
            <ul>{list.into_iter().map(|notice| view! { <One notice=notice source=source /> }).collect_view()}</ul>
            {(more > 0).then(|| view! { <a href="/account#notices">{format!("{more} more on your account page")}</a> })}
        </section>
    }
    .into_any()
}

#[component]
fn One(notice: NoticeView, source: Source) -> impl IntoView {
    let tone = match notice.kind {
        NoticeKind::PaymentReceived | NoticeKind::PlanResumed => Tone::Good,
        NoticeKind::PaymentFailed => Tone::Warning,
        NoticeKind::PlanEnding | NoticeKind::PlanEnded => Tone::Plain,
    };
    let dismiss = view! {
        <Form submission=source.sent class="notice-end">
            <input type="hidden" name="id" value=notice.id.to_string() />
            <Submit submission=source.sent label="Dismiss" doing="Dismissing…" look="quiet" />
        </Form>
    };
    view! {
        <li>
            <Notice tone=tone end=dismiss.into_any()>
                <p class="notice-title">{notice.kind.title()}</p>
                {linked(&notice.message)}
                <p class="muted small">
                    <Exact at=notice.created_at />
                </p>
            </Notice>
        </li>
    }
    .into_any()
}
