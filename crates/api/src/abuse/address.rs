//! Where a request came from.
//!
//! `X-Forwarded-For` is what anybody writes: it counts only where the connection itself comes from
//! a proxy that the settings trust, and only as far back as trusted proxies go.

use std::net::IpAddr;
use std::str::FromStr;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::HeaderMap;
use ipnet::IpNet;

/// The proxies before this server whose word about the client counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl FromStr for TrustedProxies {
    type Err = String;

    /// Addresses and networks, separated by commas.
    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|it| !it.is_empty());
        let network = |part: &str| {
            let address = part.parse::<IpAddr>().map(IpNet::from);
            address
                .or_else(|_| part.parse::<IpNet>())
                .map_err(|_| format!("{part} is neither an address nor a network"))
        };
        parts.map(network).collect::<Result<_, _>>().map(Self)
    }
}

impl TrustedProxies {
    fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Who is at the other end, kept with the request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ClientAddress {
    /// Absent where there is no socket.
    pub(crate) ip: Option<IpAddr>,
    /// Whether a trusted proxy says that the client speaks TLS with it.
    pub(crate) tls: bool,
}

impl ClientAddress {
    pub(crate) fn of(request: &ServiceRequest, trusted: &TrustedProxies) -> Self {
        let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
        Self::read(peer, request.headers(), trusted)
    }

    fn read(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &TrustedProxies) -> Self {
        let Some(proxy) = peer.filter(|peer| trusted.trusts(*peer)) else {
            return Self {
                ip: peer,
                tls: false,
            };
        };
        Self {
            ip: Some(forwarded_for(proxy, headers, trusted)),
            tls: last(headers, "x-forwarded-proto")
                .is_some_and(|it| it.eq_ignore_ascii_case("https")),
        }
    }

    /// The network of it: enough to see a pattern, not enough to see a household.
    pub(crate) fn network(&self) -> Option<String> {
        self.ip.and_then(|ip| {
            let bits = if ip.is_ipv4() { 24 } else { 48 };
            IpNet::new(ip, bits).ok().map(|net| net.trunc().to_string())
        })
    }
}

/// From the right: each proxy adds whom it saw, so the first that is no trusted proxy is the client.
fn forwarded_for(proxy: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> IpAddr {
    let mut nearest = proxy;
    let values: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .filter_map(|value| value.to_str().ok())
        .collect();
    for part in values.iter().rev().flat_map(|value| value.rsplit(',')) {
        let Some(address) = address(part.trim()) else {
            break;
        };
        nearest = address;
        if !trusted.trusts(address) {
            break;
        }
    }
    nearest
}

/// With or without a port, with or without brackets.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let parsed = bare.parse::<IpAddr>().ok();
    let with_port = || text.parse::<std::net::SocketAddr>().ok();
    let found = parsed.or_else(|| with_port().map(|it| it.ip()));
    found.map(|address| address.to_canonical())
}

fn last<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = headers.get_all(name).last()?.to_str().ok()?;
    value.rsplit(',').next().map(str::trim)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn check(peer: &str, trusted: &str, headers: &[(&'static str, &str)], expected: (&str, bool)) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).unwrap();
            map.append(HeaderName::from_static(name), value);
        }
        let trusted = trusted.parse().unwrap();
        let found = ClientAddress::read(Some(peer.parse().unwrap()), &map, &trusted);
        assert_eq!(
            (found.ip.unwrap().to_string().as_str(), found.tls),
            expected,
            "{headers:?}"
        );
    }

    const FOR: &str = "x-forwarded-for";
    const PROTO: &str = "x-forwarded-proto";

    #[test]
    fn nobody_is_believed_about_the_client_unless_the_settings_say_so() {
        let claimed = [(FOR, "203.0.113.9"), (PROTO, "https")];
        check("198.51.100.7", "", &claimed, ("198.51.100.7", false));
        check("127.0.0.1", "", &claimed, ("127.0.0.1", false));
        check(
            "198.51.100.7",
            "10.0.0.0/8",
            &claimed,
            ("198.51.100.7", false),
        );
    }

    #[test]
    fn behind_trusted_proxies_the_client_is_the_first_who_is_none() {
        let trusted = "10.0.0.0/8, 127.0.0.1,fd00::/8";
        let check = |headers: &[(&'static str, &str)], ip, tls| {
            check("10.1.2.3", trusted, headers, (ip, tls));
        };
        check(&[], "10.1.2.3", false);
        check(
            &[(FOR, "203.0.113.9"), (PROTO, "https")],
            "203.0.113.9",
            true,
        );
        // What a client writes itself stands further left, and counts for nothing.
        check(
            &[(FOR, "1.1.1.1, 203.0.113.9, 10.9.9.9")],
            "203.0.113.9",
            false,
        );
        check(
            &[(FOR, "1.1.1.1"), (FOR, "203.0.113.9")],
            "203.0.113.9",
            false,
        );
        check(&[(FOR, "203.0.113.9:4711")], "203.0.113.9", false);
        check(&[(FOR, "[2001:db8::1]:443")], "2001:db8::1", false);
        check(&[(FOR, "::ffff:203.0.113.9")], "203.0.113.9", false);
        check(&[(FOR, "203.0.113.9, nonsense")], "10.1.2.3", false);
        check(&[(PROTO, "https, http")], "10.1.2.3", false);
    }

    #[test]
    fn what_is_no_network_is_refused_and_what_is_kept_names_no_household() {
        assert!("10.0.0.0/33".parse::<TrustedProxies>().is_err());
        assert!("proxy.example".parse::<TrustedProxies>().is_err());
        let network = |ip: &str| {
            let ip = Some(ip.parse().unwrap());
            ClientAddress { ip, tls: false }.network().unwrap()
        };
        assert_eq!(network("203.0.113.9"), "203.0.113.0/24");
        assert_eq!(network("2001:db8:1:2::3"), "2001:db8:1::/48");
    }
}
