//! Where one is signed in.

use crate::{
    api::{
        self,
        account::EndSession,
        submission::{Submission, submission},
    },
    components::{
        form::{Form, FormProblem, Submit},
        loaded::loaded,
        notice::Failure,
        when::Exact,
    },
    domain::account::SessionView,
};
use leptos::prelude::*;

/// Asked from the server.
#[derive(Clone, Copy)]
pub struct Source {
    list: api::source::Source<Vec<SessionView>>,
    sent: Submission,
}

impl Source {
    /// Asks; and again whenever one was ended.
    pub fn ask() -> Self {
        let sent = submission::<EndSession>();
        Self { list: api::source::Source::ask_after(sent, || api::account::Sessions {}), sent }
    }
}

/// All of them, each with a button that ends it.
#[component]
pub fn Sessions(
    /// From the server.
    source: Source,
) -> impl IntoView {
    view! {
        <section class="block" aria-labelledby="sessions">
            <h2 id="sessions">"Sessions"</h2>
            <p class="muted">"Where you are signed in. End what you do not know, then change your password."</p>
            <FormProblem submission=source.sent />
            {loaded(
                source.list,
                3,
                move |list| match list {
                    Ok(list) => {
                        view! {
                            <ul class="sessions">
                                {list
                                    .into_iter()
                                    .map(|session| view! { <One session=session source=source /> })
                                    .collect_view()}
                            </ul>
                        }
                            .into_any()
                    }
                    Err(problem) => view! { <Failure problem=problem /> }.into_any(),
                },
            )}
        </section>
    }
    .into_any()
}

#[component]
fn One(session: SessionView, source: Source) -> impl IntoView {
    let current = session.current;
    let agent = client(&session.user_agent);
    view! {
        <li class="session">
            <div>
                <p class="session-agent" title=session.user_agent>
                    {agent} " " {current.then(|| view! { <span class="tag tag-good">"This one"</span> })}
                </p>
                <p class="muted small">
                    {format!("{} · last renewed ", session.ip)} <Exact at=session.last_used_at />
                </p>
            </div>
            <Form submission=source.sent>
                <input type="hidden" name="id" value=session.id.to_string() />
                <Submit
                    submission=source.sent
                    label=if current { "End and log out" } else { "End" }
                    doing="Ending…"
                    look="quiet"
                />
            </Form>
        </li>
    }
    .into_any()
}

/// A browser and its system in two words, of what it calls itself; else the first word of that.
fn client(user_agent: &str) -> String {
    // The order matters: most call themselves by several of these names.
    const BROWSERS: [(&str, &str); 6] = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("HeadlessChrome/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 6] = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let find = |names: &[(&str, &'static str)]| {
        names.iter().find(|(sign, _)| user_agent.contains(sign)).map(|(_, name)| *name)
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        _ if user_agent.is_empty() => "A program without a name".to_owned(),
        _ => user_agent.split([' ', '/']).next().unwrap_or(user_agent).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::client;

    #[test]
    fn clients_are_told_in_two_words() {
        let chrome =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36";
        assert_eq!(client(chrome), "Chrome on Linux");
        assert_eq!(client("curl/8.5.0"), "curl");
        assert_eq!(client(""), "A program without a name");
    }
}
