//! Pages of plain text.

use leptos::prelude::*;
use leptos_meta::Title;

/// A page of text: its heading, since when it holds, its paragraphs.
#[component]
pub fn TextPage(
    /// The heading.
    title: &'static str,
    /// In a sentence, what it says.
    lead: &'static str,
    /// The text.
    children: Children,
) -> impl IntoView {
    view! {
        <Title text=title />
        <article class="text-page">
            <h1>{title}</h1>
            <p class="lead">{lead}</p>
            {children()}
        </article>
    }
    .into_any()
}

/// A narrow page with one form.
#[component]
pub fn FormPage(
    /// The heading.
    title: &'static str,
    /// In a sentence, what happens here.
    #[prop(optional)]
    lead: &'static str,
    /// The form.
    children: Children,
) -> impl IntoView {
    view! {
        <Title text=title />
        <section class="form-page">
            <h1>{title}</h1>
            {(!lead.is_empty()).then(|| view! { <p class="lead">{lead}</p> })}
            {children()}
        </section>
    }
    .into_any()
}

/// A line of plain text, in which the words that are web addresses are links.
pub fn linked(line: &str) -> impl IntoView + use<> {
    let words: Vec<_> = line
        .split(' ')
        .map(|word| {
            let word = word.to_owned();
            if word.starts_with("http://") || word.starts_with("https://") {
                view! {
                    <a href=word.clone() rel="external">
                        {word.clone()}
                    </a>
                    " "
                }
                .into_any()
            } else {
                format!("{word} ").into_any()
            }
        })
        .collect();
    view! { <p>{words}</p> }
}
