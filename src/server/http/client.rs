//! Who sent a request, read from the connection and its headers.

use crate::server::service::client::Client;
use http::{HeaderMap, header};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

/// From the connection and, when it comes from a trusted proxy, the forwarded address nearest to us that is none of
/// them.
pub fn client(peer: SocketAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Client {
    let peer = peer.ip().to_canonical();
    let is_trusted = |ip: &IpAddr| trusted.iter().any(|net| net.contains(ip));
    let ip = if is_trusted(&peer) { forwarded(headers, is_trusted).unwrap_or(peer) } else { peer };
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Client { ip, user_agent: agent.chars().filter(|c| !c.is_control()).take(200).collect() }
}

fn forwarded(headers: &HeaderMap, is_trusted: impl Fn(&IpAddr) -> bool) -> Option<IpAddr> {
    let values = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
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
}
