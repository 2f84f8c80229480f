//! Addresses, as they are written in variables: where to listen, what the site is called, who may call it.

use super::{Refusal, Variables, refused};
use http::HeaderValue;
use ipnet::IpNet;
use std::net::SocketAddr;
use url::Url;

pub(super) fn listen_addr(variables: &Variables, default: SocketAddr) -> Result<SocketAddr, Refusal> {
    if let Some(addr) = variables.get("LEPTOS_SITE_ADDR") {
        return addr
            .parse()
            .map_err(|_| refused("LEPTOS_SITE_ADDR", format!("`{addr}` is no address like 127.0.0.1:3000")));
    }
    let Some(port) = variables.get("PORT") else { return Ok(default) };
    let port: u16 = port.parse().map_err(|_| refused("PORT", format!("`{port}` is no port like 3000")))?;
    Ok(SocketAddr::from(([0, 0, 0, 0], port)))
}

pub(super) fn frontend_url(given: Option<String>, addr: SocketAddr) -> Result<Url, Refusal> {
    let host = if addr.ip().is_unspecified() { "127.0.0.1".to_owned() } else { addr.ip().to_string() };
    let text = given.unwrap_or_else(|| format!("http://{host}:{}", addr.port()));
    let url = Url::parse(&text).map_err(|error| refused("FRONTEND_URL", format!("`{text}`: {error}")))?;
    let sound = matches!(url.scheme(), "http" | "https") && url.host().is_some();
    if sound { Ok(url) } else { Err(refused("FRONTEND_URL", format!("`{text}` is no http or https address"))) }
}

fn list(text: Option<String>) -> Vec<String> {
    text.map(|text| text.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect())
        .unwrap_or_default()
}

pub(super) fn origins(text: Option<String>) -> Result<Vec<HeaderValue>, Refusal> {
    list(text)
        .into_iter()
        .map(|item| {
            origin(&item)
                .ok_or_else(|| refused("ALLOWED_ORIGINS", format!("`{item}` is no origin like https://app.example")))
        })
        .collect()
}

/// An origin as a browser writes it, without a default port or a slash at its end; `None` for what names none.
fn origin(item: &str) -> Option<HeaderValue> {
    let url = Url::parse(item).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let origin = url.origin().ascii_serialization();
    // Whatever else an address can have would be forgotten.
    let whole = url.as_str().strip_suffix('/') == Some(&origin);
    HeaderValue::try_from(origin).ok().filter(|_| whole)
}

pub(super) fn proxies(text: Option<String>) -> Result<Vec<IpNet>, Refusal> {
    list(text)
        .into_iter()
        .map(|item| {
            let net = item.parse::<IpNet>().or_else(|_| item.parse::<std::net::IpAddr>().map(IpNet::from));
            net.map_err(|_| refused("TRUSTED_PROXIES", format!("`{item}` is no address or network like 10.0.0.0/8")))
        })
        .collect()
}
