//! Which columns the table of signals shows: kept in this browser.

use super::browser;
use leptos::prelude::*;

/// The preference's name in the browser's storage: the columns that are hidden.
const KEY: &str = "hidden_columns";

/// Columns that can be hidden: the end of their class, and their name.
const COLUMNS: [(&str, &str); 4] =
    [("chart", "Chart"), ("confidence", "Confidence"), ("outcome", "Outcome"), ("age", "Age")];

/// The hidden columns, known once the page is interactive. Make it where the page is made.
pub fn hidden_columns() -> RwSignal<Vec<String>> {
    let hidden = RwSignal::new(Vec::new());
    Effect::new(move |_| hidden.set(browser::stored(KEY).unwrap_or_default()));
    hidden
}

/// The classes that hide them, beside `class`.
pub fn hiding_class(class: &str, hidden: &[String]) -> String {
    let known = COLUMNS.iter().filter(|(name, _)| hidden.iter().any(|hidden| hidden == name));
    known.fold(class.to_owned(), |classes, (name, _)| format!("{classes} hide-{name}"))
}

/// A box to tick for each column.
#[component]
pub fn ColumnChoice() -> impl IntoView {
    let hidden = hidden_columns();
    view! {
        <fieldset class="choice">
            <legend>"Columns of the signals"</legend>
            {COLUMNS
                .map(|(name, label)| {
                    let shown = move || hidden.with(|hidden| !hidden.iter().any(|hidden| hidden == name));
                    let toggle = move |_| {
                        hidden.update(|hidden| match hidden.iter().position(|hidden| hidden == name) {
                            Some(at) => drop(hidden.remove(at)),
                            None => hidden.push(name.to_owned()),
                        });
                        browser::store(KEY, hidden.get_untracked());
                    };
                    view! {
                        <label class="choice-item">
                            <input type="checkbox" prop:checked=shown on:change=toggle />
                            {label}
                        </label>
                    }
                })
                .collect_view()}
        </fieldset>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::hiding_class;

    #[test]
    fn only_known_columns_are_hidden() {
        assert_eq!(hiding_class("block", &["age".to_owned(), "x y".to_owned()]), "block hide-age");
    }
}
