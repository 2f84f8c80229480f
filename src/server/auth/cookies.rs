//! The site's cookies: the session's two tokens, out of reach of scripts.

use crate::server::{config::Config, service::sessions::Tokens};
use http::{HeaderMap, HeaderValue, header};

const ACCESS: &str = "signalbox_access";
const REFRESH: &str = "signalbox_refresh";

/// Bound to this host and to https by the browser itself.
const HOST_PREFIX: &str = "__Host-";

/// What a browser sent of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionCookies<'a> {
    /// The access token.
    pub access: Option<&'a str>,
    /// The refresh token.
    pub refresh: Option<&'a str>,
}

impl<'a> SessionCookies<'a> {
    /// From a request's headers. Of several cookies of one name the first counts.
    pub fn read(headers: &'a HeaderMap, config: &Config) -> Self {
        let mut found = Self::default();
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        for (name, value) in lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('=')) {
            let name = if config.is_https() { name.strip_prefix(HOST_PREFIX) } else { Some(name) };
            match name {
                Some(ACCESS) => found.access = found.access.or(Some(value)),
                Some(REFRESH) => found.refresh = found.refresh.or(Some(value)),
                _ => {}
            }
        }
        found
    }

    /// Whether there is any.
    pub fn any(&self) -> bool {
        self.access.is_some() || self.refresh.is_some()
    }
}

/// The cookies that keep a session in the browser. Both live as long as the refresh token, so that an access token
/// too old is told from none.
pub fn of_session(tokens: &Tokens, config: &Config) -> [HeaderValue; 2] {
    let seconds = u64::from(config.accounts.refresh_token_expire_days) * 24 * 60 * 60;
    [cookie(ACCESS, &tokens.access_token, seconds, config), cookie(REFRESH, &tokens.refresh_token, seconds, config)]
}

/// The cookies that take it away.
pub fn ended(config: &Config) -> [HeaderValue; 2] {
    [cookie(ACCESS, "", 0, config), cookie(REFRESH, "", 0, config)]
}

/// Whether these headers set or take away a session already.
pub fn are_set(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::SET_COOKIE).iter();
    lines.filter_map(|line| line.to_str().ok()).any(|line| line.trim_start_matches(HOST_PREFIX).starts_with(ACCESS))
}

fn cookie(name: &str, value: &str, seconds: u64, config: &Config) -> HeaderValue {
    let (prefix, secure) = if config.is_https() { (HOST_PREFIX, "; Secure") } else { ("", "") };
    let text = format!("{prefix}{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).expect("tokens are of base64url and dots")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn config(frontend: &str) -> (Config, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let variables = [("SIGNALBOX_DATA_DIR", folder.path().to_str().unwrap()), ("FRONTEND_URL", frontend)];
        let variables: HashMap<_, _> = variables.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        (Config::from_variables(variables).unwrap(), folder)
    }

    fn tokens() -> Tokens {
        Tokens {
            access_token: "aaa.bbb.ccc".to_owned(),
            refresh_token: "rrr".to_owned(),
            token_type: "bearer",
            expires_in: 1800,
        }
    }

    #[test]
    fn https_makes_them_secure_and_bound_to_the_host() {
        let (plain, _folder) = config("http://127.0.0.1:3000");
        let [access, _] = of_session(&tokens(), &plain);
        assert_eq!(access, "signalbox_access=aaa.bbb.ccc; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax");
        let (https, _folder) = config("https://signalbox.example");
        let [_, refresh] = of_session(&tokens(), &https);
        assert_eq!(refresh, "__Host-signalbox_refresh=rrr; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax; Secure");
        let [gone, _] = ended(&https);
        assert_eq!(gone, "__Host-signalbox_access=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure");
    }

    #[test]
    fn they_are_found_among_others_by_their_own_name() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("theme=dark; signalbox_access=a; signalbox_access=b"));
        headers.append(header::COOKIE, HeaderValue::from_static("__Host-signalbox_refresh=r"));
        let (plain, _folder) = config("http://127.0.0.1:3000");
        assert_eq!(SessionCookies::read(&headers, &plain), SessionCookies { access: Some("a"), refresh: None });
        let (https, _folder) = config("https://signalbox.example");
        assert_eq!(SessionCookies::read(&headers, &https), SessionCookies { access: None, refresh: Some("r") });
    }
}
