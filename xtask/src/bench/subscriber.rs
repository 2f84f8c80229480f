//! A paying user of a measured or fuzzed server, who came by it as every other does:
//! signed up, sent to the checkout, paid there, made paid by the webhook.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::fetch;
use super::server::Server;
use crate::error::{Error, Result};
use crate::process::check_interrupted;

/// Who signs in with it.
pub const EMAIL: &str = "subscriber@example.com";
const PASSWORD: &str = "a measured passphrase 499";
/// How long the way from the card to the paid plan may take, and that of a mail.
const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(50);

/// The credentials of one, as lines of a request's head.
pub struct Subscriber {
    /// `Authorization: …`, for the API.
    pub bearer: String,
    /// The value of `Cookie`, for pages.
    pub cookie: String,
}

impl Subscriber {
    /// One of the measured server.
    ///
    /// # Errors
    /// As [`Subscriber::at`].
    pub fn sign_up(server: &Server) -> Result<Self> {
        Self::at(server.address)
    }

    /// Signs up, subscribes and waits until the plan is there.
    ///
    /// # Errors
    /// When a step is refused or the plan does not come within 30 s.
    pub fn at(address: SocketAddr) -> Result<Self> {
        let body = json!({"email": EMAIL, "password": PASSWORD, "full_name": "A subscriber"}).to_string();
        let token = fetch::post_json(address, "/api/v1/auth/signup", "", &body, 201)?.json_text("access_token")?;
        let bearer = format!("Authorization: Bearer {token}\r\n");
        let checkout = fetch::post_json(address, "/api/v1/billing/create-checkout", &bearer, "", 200)?;
        pay(&checkout.json_text("checkout_url")?)?;
        wait_until_paid(address, &bearer)?;
        let cookie = log_in(address)?;
        Ok(Self { bearer, cookie })
    }
}

/// The hosted page's form, filled in.
fn pay(page: &str) -> Result<()> {
    let (address, path) = split(page)?;
    fetch::post_form(address, &path, "", "cardNumber=4242424242424242&cardExpiry=12/60&cardCvc=123&cardName=A")
        .map(drop)
}

fn wait_until_paid(address: SocketAddr, bearer: &str) -> Result<()> {
    awaited("the paid plan", || {
        let status = fetch::get(address, "/api/v1/billing/status", bearer)?;
        let read: Value = serde_json::from_slice(&status.body).unwrap_or_default();
        Ok(if read["is_paid"] == true { Ok(()) } else { Err(status.text()) })
    })
}

/// Confirms the address of the only one who signed up at a development server, by the link that was mailed.
///
/// # Errors
/// When no mail comes within 30 s, or the link is refused.
pub fn confirm(address: SocketAddr) -> Result<()> {
    let token = awaited("the mail with the link", || {
        let outbox = fetch::get(address, "/dev/outbox", "")?.text();
        let link = outbox.split_once("/verify-email?token=");
        Ok(link.map(|(_, rest)| token(rest).to_owned()).ok_or_else(|| outbox.clone()))
    })?;
    fetch::post_json(address, "/api/v1/auth/verify-email", "", &json!({"token": token}).to_string(), 204).map(drop)
}

/// What stands of a token at the beginning of a text.
fn token(text: &str) -> &str {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')).next().unwrap_or_default()
}

/// What `look` finds, once it does not find something else, which it tells.
fn awaited<T>(what: &str, look: impl Fn() -> Result<std::result::Result<T, String>>) -> Result<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let instead = match look()? {
            Ok(found) => return Ok(found),
            Err(instead) => instead,
        };
        check_interrupted()?;
        if Instant::now() > deadline {
            return Err(Error::Check(format!("{what} did not come within 30 s: {instead}")));
        }
        thread::sleep(POLL);
    }
}

/// Signs in by the site's own form; its cookies.
fn log_in(address: SocketAddr) -> Result<String> {
    let form = format!("email={}&password={}", EMAIL.replace('@', "%40"), PASSWORD.replace(' ', "+"));
    let answer =
        fetch::post_form(address, "/fn/log_in", "Sec-Fetch-Site: same-origin\r\nAccept: text/html\r\n", &form)?;
    let cookies = pairs(answer.headers("set-cookie"));
    if cookies.is_empty() { Err(Error::Check("the login set no cookie".into())) } else { Ok(cookies) }
}

/// The names and values of cookies, without their attributes.
fn pairs<'line>(lines: impl Iterator<Item = &'line str>) -> String {
    let pairs: Vec<_> = lines.filter_map(|line| line.split(';').next()).map(str::trim).collect();
    pairs.join("; ")
}

/// An address of this machine as socket address and path.
fn split(url: &str) -> Result<(SocketAddr, String)> {
    let parts = url.strip_prefix("http://").and_then(|rest| {
        let (host, path) = rest.split_once('/')?;
        Some((host.parse().ok()?, format!("/{path}")))
    });
    parts.ok_or_else(|| Error::Check(format!("{url} is not on this machine")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_lose_their_attributes() {
        let lines = ["a=1; HttpOnly; Path=/", "b=2"];
        assert_eq!(pairs(lines.into_iter()), "a=1; b=2");
    }

    #[test]
    fn a_token_ends_where_the_link_does() {
        assert_eq!(token("aB-9_z\" rel=nofollow>"), "aB-9_z");
        assert_eq!(token("&amp;"), "");
    }

    #[test]
    fn only_this_machine_is_paid() {
        assert_eq!(
            split("http://127.0.0.1:1/c/pay/cs_1").unwrap(),
            ("127.0.0.1:1".parse().unwrap(), "/c/pay/cs_1".into())
        );
        assert!(split("https://checkout.example.com/c/pay/cs_1").is_err());
    }
}
