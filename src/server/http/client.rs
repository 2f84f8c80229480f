//! Who sent a request, read from the connection and its headers.

use crate::server::service::client::Client;
use http::{HeaderMap, header};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

/// By which a proxy says that it asks for somebody else.
const PASSED_ON: [&str; 4] = [FORWARDED_FOR, "forwarded", "via", "x-real-ip"];
const FORWARDED_FOR: &str = "x-forwarded-for";

/// From the connection and, when it comes from a trusted proxy, the forwarded address nearest to us that is none of
/// them.
pub fn client(peer: SocketAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Client {
    let peer = peer.ip().to_canonical();
    let is_trusted = |ip: &IpAddr| trusted.iter().any(|net| net.contains(ip));
    let told = if is_trusted(&peer) { forwarded(headers, is_trusted) } else { None };
    let ip = told.unwrap_or(peer);
    // Whoever passes a request on is not the one who asks.
    let is_local = ip.is_loopback() && (told.is_some() || !PASSED_ON.iter().any(|name| headers.contains_key(*name)));
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Client { ip, is_local, user_agent: agent.chars().filter(|c| !c.is_control()).take(200).collect() }
}

fn forwarded(headers: &HeaderMap, is_trusted: impl Fn(&IpAddr) -> bool) -> Option<IpAddr> {
    let values = headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = values.flat_map(|value| value.split(',')).map(str::trim).collect();
    // Beyond the first hop that does not parse nothing can be believed.
    let parsed = hops.into_iter().rev().map_while(|hop| hop.parse::<IpAddr>().ok()).map(|ip| ip.to_canonical());
    let mut last = None;
    for ip in parsed {
        last = Some(ip);
        if !is_trusted(&ip) {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(forwarded: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        headers
    }

    #[test]
    fn forwarded_addresses_count_only_from_trusted_proxies() {
        let peer: SocketAddr = "10.0.0.1:1234".parse().unwrap();
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
        let ip = |value: &str, trusted: &[IpNet]| client(peer, &headers(value), trusted).ip.to_string();
        assert_eq!(ip("1.2.3.4", &[]), "10.0.0.1");
        assert_eq!(ip("6.6.6.6, 1.2.3.4", &trusted), "1.2.3.4");
        assert_eq!(ip("1.2.3.4, 10.0.0.2", &trusted), "1.2.3.4");
        assert_eq!(ip("1.2.3.4, nonsense", &trusted), "10.0.0.1");
    }

    #[test]
    fn only_who_is_at_this_machine_is_local() {
        let is_local = |peer: &str, headers: &HeaderMap, trusted: &[IpNet]| {
            client(SocketAddr::new(peer.parse().unwrap(), 1234), headers, trusted).is_local
        };
        let none = HeaderMap::new();
        for peer in ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"] {
            assert!(is_local(peer, &none, &[]), "{peer}");
        }
        for peer in ["0.0.0.0", "192.168.1.7", "172.17.0.1", "::", "fe80::1", "::ffff:192.168.1.7"] {
            assert!(!is_local(peer, &none, &[]), "{peer}");
        }
        let trusted: Vec<IpNet> = vec!["127.0.0.0/8".parse().unwrap()];
        for (forwarded, by_trusted) in [
            ("203.0.113.1", false),
            ("127.0.0.1", true),
            ("::ffff:127.0.0.1", true),
            ("127.0.0.1, 203.0.113.1", false),
            ("nonsense", false),
        ] {
            assert_eq!(is_local("127.0.0.1", &headers(forwarded), &trusted), by_trusted, "{forwarded}");
            assert!(!is_local("127.0.0.1", &headers(forwarded), &[]), "{forwarded}");
        }
        for name in PASSED_ON {
            let passed_on = HeaderMap::from_iter([(http::HeaderName::from_static(name), "x".parse().unwrap())]);
            assert!(!is_local("127.0.0.1", &passed_on, &[]), "{name}");
        }
    }
}
