//! Who is signed in, the way out, and what the site says of itself: asked once, shown by every page.

/// The site and who runs it: for what the server makes.
pub use crate::api::site::load_site;

use crate::{
    api::{
        auth::{CurrentUser, LogOut},
        site::LoadName,
        source::Source,
        submission::{Submission, submission},
    },
    domain::account::Person,
};
use leptos::prelude::*;

/// What every page may ask.
#[derive(Clone, Copy)]
pub struct Session {
    /// Who is signed in; `None` for a visitor.
    pub user: Source<Option<Person>>,
    /// The site's name.
    pub name: Source<String>,
    /// Logging out.
    pub log_out: Submission,
}

/// Asks, and lets every page have the answers.
pub fn provide_session() {
    let (user, name) = (Source::ask(|| CurrentUser {}), Source::ask(|| LoadName {}));
    provide_context(Session { user, name, log_out: submission::<LogOut>() });
}

/// The answers.
pub fn use_session() -> Session {
    use_context().expect("the app provides the session before any page is rendered")
}

/// Where a visitor signs in, to come back to `path` (with its query) afterwards.
pub fn login_address(path: &str) -> String {
    with_next("/login", Some(path))
}

/// The page that leads on to `next` once its form is sent, where there is a next.
pub fn with_next(page: &str, next: Option<&str>) -> String {
    next.map_or_else(|| page.to_owned(), |next| format!("{page}?next={}", encode(next)))
}

/// A query's value: what is not plain is percent-encoded.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for digit in [byte >> 4, byte & 15] {
                out.push(char::from(if digit < 10 { b'0' + digit } else { b'A' + digit - 10 }));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_survives_the_query() {
        assert_eq!(
            login_address("/dashboard?symbol=BTC/USDT&a=b"),
            "/login?next=/dashboard%3Fsymbol%3DBTC/USDT%26a%3Db"
        );
        assert_eq!(login_address("/é"), "/login?next=/%C3%A9");
    }
}
