//! `/admin`: how the business does, what waits, and Stripe's events that were given up. The operator's; for everyone else
//! there is no such page.

mod business;

use super::not_found::NotFound;
use crate::{
    api::{
        admin::{DismissEvent, ReplayEvent, load_operation},
        error::Problem,
        submission::{Submission, submission},
    },
    components::{
        form::{Form, FormProblem, Submit},
        notice::{Empty, Failure, Notice, Tone},
        served::made,
        when::Exact,
    },
    domain::operation::{Operation, Queues, WebhookEvent, WebhookEventPage},
    session::encode,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{hooks::use_query_map, params::ParamsMap};

/// What can be done with an event.
#[derive(Clone, Copy)]
struct Handling {
    replay: Submission,
    dismiss: Submission,
}

/// What was done before the page was asked for, as its address says.
fn done_before(query: &ParamsMap) -> Option<&'static str> {
    if query.get("replayed").is_some() {
        Some("The event is tried anew within seconds. If it fails again, it comes back here.")
    } else if query.get("dismissed").is_some() {
        Some("The event is dismissed: it is kept, and no longer counts as waiting.")
    } else {
        None
    }
}

/// The figures and the events; not found for everyone but the operator.
#[component]
pub fn AdminPage() -> impl IntoView {
    let query = use_query_map();
    let done = query.with_untracked(done_before);
    let asked = |name: &'static str| query.with_untracked(|query| query.get(name));
    let (cursor, accounts) = (asked("cursor"), asked("accounts"));
    let handling = Handling { replay: submission::<ReplayEvent>(), dismiss: submission::<DismissEvent>() };
    made(
        move || load_operation(cursor.clone(), accounts.clone()),
        move |operation| match operation {
            Ok(operation) => view! { <Whole operation=operation handling=handling done=done /> }.into_any(),
            Err(problem) => view! { <NotShown problem=problem /> }.into_any(),
        },
    )
}

#[component]
fn NotShown(problem: Problem) -> impl IntoView {
    if problem.status == 404 {
        return view! { <NotFound /> }.into_any();
    }
    view! {
        <Title text="Admin" />
        <h1>"Admin"</h1>
        <Failure problem=problem />
    }
    .into_any()
}

#[component]
fn Whole(operation: Operation, handling: Handling, done: Option<&'static str>) -> impl IntoView {
    let Operation { business, accounts, queues, poison } = operation;
    view! {
        <Title text="Admin" />
        <div class="account">
            <h1>"Admin"</h1>
            {done
                .map(|done| {
                    view! {
                        <Notice tone=Tone::Good>
                            <p>{done}</p>
                        </Notice>
                    }
                })}
            <business::Figures business=business />
            <Waiting queues=queues />
            <Poison page=poison handling=handling />
            <business::Accounts page=accounts />
        </div>
    }
    .into_any()
}

/// Figures, each under its name.
#[component]
fn Facts(figures: Vec<(&'static str, String)>) -> impl IntoView {
    view! {
        <dl class="facts">
            {figures
                .into_iter()
                .map(|(name, value)| {
                    view! {
                        <div class="fact">
                            <dt>{name}</dt>
                            <dd class="figure">{value}</dd>
                        </div>
                    }
                })
                .collect_view()}
        </dl>
    }
    .into_any()
}

#[component]
fn Waiting(queues: Queues) -> impl IntoView {
    let oldest = queues.oldest_event_seconds.map_or_else(|| "–".to_owned(), |seconds| format!("{seconds} s"));
    let figures = vec![
        ("Stripe events waiting", queues.events.to_string()),
        ("The oldest has waited", oldest),
        ("Stripe events given up", queues.poison_events.to_string()),
        ("Mails asked for", queues.mail_requests.to_string()),
        ("Mails waiting", queues.mails.to_string()),
        ("Mails given up", queues.failed_mails.to_string()),
        ("Users that Stripe does not know rightly", queues.customers.to_string()),
    ];
    view! {
        <section class="block" aria-labelledby="waiting">
            <h2 id="waiting">"What waits"</h2>
            <Facts figures=figures />
        </section>
    }
    .into_any()
}

#[component]
fn Poison(page: WebhookEventPage, handling: Handling) -> impl IntoView {
    let WebhookEventPage { events, next_cursor } = page;
    view! {
        <section class="block" aria-labelledby="poison">
            <h2 id="poison">"Stripe events given up"</h2>
            <FormProblem submission=handling.replay />
            <FormProblem submission=handling.dismiss />
            {if events.is_empty() {
                view! {
                    <Empty title="No event was given up">
                        <p>
                            "An event that fails for a reason of its own, and not because Stripe or the database is away, "
                            "appears here with what it failed with."
                        </p>
                    </Empty>
                }
                    .into_any()
            } else {
                view! {
                    <p class="muted">
                        "Mend the cause first; then replay. An event may be replayed as often as you like: it only has its subscription looked at again. Dismiss what needs nothing done: it is kept, and no longer counts as waiting."
                    </p>
                    <ul class="sessions">
                        {events.into_iter().map(|event| view! { <One event=event handling=handling /> }).collect_view()}
                    </ul>
                }
                    .into_any()
            }}
            {next_cursor
                .map(|cursor| {
                    view! {
                        <p class="actions">
                            <a class="button button-secondary" href=format!("/admin?cursor={}", encode(&cursor))>
                                "Older ones"
                            </a>
                        </p>
                    }
                })}
        </section>
    }
    .into_any()
}

#[component]
fn One(event: WebhookEvent, handling: Handling) -> impl IntoView {
    let tries = if event.attempts == 1 { "1 try".to_owned() } else { format!("{} tries", event.attempts) };
    let id = event.id.clone();
    view! {
        <li class="session">
            <div>
                <p class="session-agent">{event.kind}</p>
                <p class="small">{event.error.unwrap_or_else(|| "–".to_owned())}</p>
                <p class="muted small">
                    <code>{event.id.clone()}</code>
                    {format!(" · {tries} · came ")}
                    <Exact at=event.received_at />
                </p>
            </div>
            <Form submission=handling.replay>
                <input type="hidden" name="id" value=id />
                <Submit submission=handling.replay label="Replay" doing="Replaying…" look="secondary" />
            </Form>
            <Form submission=handling.dismiss>
                <input type="hidden" name="id" value=event.id />
                <Submit submission=handling.dismiss label="Dismiss" doing="Dismissing…" look="quiet" />
            </Form>
        </li>
    }
    .into_any()
}
