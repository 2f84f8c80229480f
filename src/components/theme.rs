//! Light, dark, or as the system has it: kept in this browser.

use super::browser;
use leptos::prelude::*;

/// The preference's name in the browser's storage; the shell's script reads it too.
const KEY: &str = "theme";

/// The theme chosen, known once the page is interactive.
#[derive(Clone, Copy)]
struct Theme(RwSignal<&'static str>);

/// Lets every page know the theme chosen.
pub fn provide_theme() {
    let theme = RwSignal::new("system");
    Effect::new(move |_| theme.set(known(browser::stored(KEY))));
    provide_context(Theme(theme));
}

fn use_theme() -> RwSignal<&'static str> {
    use_context::<Theme>().map_or_else(|| RwSignal::new("system"), |Theme(theme)| theme)
}

/// Goes from system to light to dark; there only once the page is interactive.
#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let theme = use_theme();
    let go_on = move |_| {
        let next = match theme.get_untracked() {
            "system" => "light",
            "light" => "dark",
            _ => "system",
        };
        choose(theme, next);
    };
    view! {
        <button type="button" class="theme-switch needs-script" on:click=go_on title="Change the theme">
            <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
                <circle cx="8" cy="8" r="5.5" />
                <path class="icon-solid" d="M8 2.5a5.5 5.5 0 0 1 0 11Z" />
            </svg>
            <span class="visually-hidden">"Theme: "</span>
            <span class="theme-name">{move || label(theme.get())}</span>
        </button>
    }
    .into_any()
}

/// The three of them, on the account page.
#[component]
pub fn ThemeChoice() -> impl IntoView {
    let theme = use_theme();
    view! {
        <fieldset class="choice">
            <legend>"Theme"</legend>
            {["system", "light", "dark"]
                .map(|name| {
                    view! {
                        <label class="choice-item">
                            <input
                                type="radio"
                                name="theme"
                                value=name
                                prop:checked=move || theme.get() == name
                                on:change=move |_| choose(theme, name)
                            />
                            {label(name)}
                        </label>
                    }
                })
                .collect_view()}
        </fieldset>
    }
    .into_any()
}

fn choose(theme: RwSignal<&'static str>, name: &'static str) {
    theme.set(name);
    browser::store(KEY, name);
    browser::apply_theme(name);
}

fn known(stored: Option<String>) -> &'static str {
    match stored.as_deref() {
        Some("light") => "light",
        Some("dark") => "dark",
        _ => "system",
    }
}

fn label(theme: &str) -> &'static str {
    match theme {
        "light" => "Light",
        "dark" => "Dark",
        _ => "System",
    }
}
