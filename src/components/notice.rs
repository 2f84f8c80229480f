//! What a page says of its state: told, failed, empty, loading.

use super::{
    icon::{Icon, Shape},
    markup::embed,
};
use crate::api::error::Problem;
use leptos::prelude::*;
use maud::{Markup, html};

/// How a notice is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It went well.
    Good,
    /// For information.
    Plain,
    /// Needs the reader.
    Warning,
}

/// A sentence or two above what it is about, told to screen readers when it appears.
#[component]
pub fn Notice(
    /// How it is meant.
    tone: Tone,
    /// What can be done about it, at its end.
    #[prop(optional)]
    end: Option<AnyView>,
    /// What is told.
    children: Children,
) -> impl IntoView {
    let (class, shape) = match tone {
        Tone::Good => ("notice notice-good", Shape::Tick),
        Tone::Plain => ("notice", Shape::Chart),
        Tone::Warning => ("notice notice-warning", Shape::Warning),
    };
    view! {
        <div class=class role="status">
            <Icon shape=shape />
            <div class="notice-text">{children()}</div>
            {end}
        </div>
    }
    .into_any()
}

/// What went wrong, what is safe, and what to do.
#[component]
pub fn Failure(
    /// What came back.
    problem: Problem,
) -> impl IntoView {
    let message = problem.message();
    let retry = problem.status == 0 || problem.status >= 500;
    view! {
        <div class="notice notice-warning" role="alert">
            <Icon shape=Shape::Warning />
            <div class="notice-text">
                <p class="notice-title">{problem.title}</p>
                <p>{message}</p>
                {retry.then(|| view! { <p>"Your account, your plan and your signals are safe. Reload the page to try again."</p> })}
                {problem.request_id.map(|id| view! { <p class="muted small">"Request " <code>{id}</code></p> })}
            </div>
        </div>
    }
    .into_any()
}

/// An empty list, as text: what will appear here, and when.
pub fn empty(title: &str, text: Markup) -> Markup {
    html! {
        div class="empty" {
            (empty_picture())
            p class="empty-title" { (title) }
            div class="empty-text" { (text) }
        }
    }
}

fn empty_picture() -> Markup {
    html! {
        svg class="empty-picture" viewBox="0 0 120 40" aria-hidden="true" {
            path class="empty-line" d="M2 30 20 22 34 27 52 14 70 19 88 8 104 13 118 6" {}
            path class="empty-base" d="M2 38H118" {}
        }
    }
}

/// The same in a view.
#[component]
pub fn Empty(
    /// In a few words.
    title: &'static str,
    /// What will appear and when.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="empty">
            {embed(empty_picture())}
            <p class="empty-title">{title}</p>
            <div class="empty-text">{children()}</div>
        </div>
    }
    .into_any()
}

/// Grey lines of about the height of what is being loaded.
#[component]
pub fn Skeleton(
    /// How many lines.
    #[prop(default = 4)]
    lines: usize,
) -> impl IntoView {
    view! {
        <div class="skeleton" aria-busy="true">
            <span class="visually-hidden">"Loading"</span>
            {(0..lines).map(|_| view! { <span class="skeleton-line"></span> }).collect_view()}
        </div>
    }
    .into_any()
}
