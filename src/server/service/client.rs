//! Who sent a request, as far as the connection tells.

use std::net::{IpAddr, Ipv6Addr};

/// The other end: its address and what it says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The address, behind trusted proxies the one they forward for.
    pub ip: IpAddr,
    /// Whether that is this very machine, and nobody unknown passed the request on.
    pub is_local: bool,
    /// Its own description, shortened, without control characters.
    pub user_agent: String,
}

impl Client {
    /// What limits count by: the address, of IPv6 its /64.
    pub fn limit_key(&self) -> IpAddr {
        match self.ip {
            IpAddr::V4(_) => self.ip,
            IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv6_is_counted_by_its_64() {
        let client = Client { ip: "2001:db8:1:2:3:4:5:6".parse().unwrap(), is_local: false, user_agent: String::new() };
        assert_eq!(client.limit_key().to_string(), "2001:db8:1:2::");
    }
}
