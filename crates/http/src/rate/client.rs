//! Where a request comes from, behind proxies.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::HeaderMap;
use http::header::{FORWARDED, HeaderName};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The header in which a proxy says whom it asks for. A proxy that writes one passes the other on as the client sent it: so
/// only one is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Header {
    /// `X-Forwarded-For`, as most proxies have it.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// The client: the peer, or where that is a proxy, the first from the right that is none, as each proxy adds its own peer there.
/// `None` where a proxy of the configuration does not say.
pub(super) fn of(peer: IpAddr, headers: &HeaderMap, header: Header, proxies: &[IpAddr]) -> Option<IpAddr> {
    let is_proxy = |address: &IpAddr| address.is_loopback() || proxies.contains(address);
    let peer = peer.to_canonical();
    if !is_proxy(&peer) {
        return Some(network(peer));
    }
    let mut furthest = (!proxies.contains(&peer)).then_some(peer);
    let name = if header == Header::XForwardedFor { X_FORWARDED_FOR } else { FORWARDED };
    let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok()).rev();
    // Commas within quotes are no address's: a client that opens a quote hides nothing of what is added behind it.
    for hop in lines.flat_map(|line| line.rsplit(',')) {
        let address = if header == Header::XForwardedFor { address(hop) } else { forwarded(hop).and_then(address) };
        // A proxy that hides its client says no more of those before it either.
        let address = address?;
        if !is_proxy(&address) {
            return Some(network(address));
        }
        furthest = Some(address);
    }
    furthest.map(network)
}

/// The value of `for` in one element of the header.
fn forwarded(element: &str) -> Option<&str> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| value.trim().trim_matches('"'))
    })
}

/// An address, with a port or without.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let found = bare.parse().ok().or_else(|| text.parse().ok().map(|address: SocketAddr| address.ip()));
    found.map(|address: IpAddr| address.to_canonical())
}

/// What counts as one client: of IPv6 one has a whole network of 64 bits to choose addresses from.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn check(peer: &str, header: Header, lines: &[&'static str], expected: Option<&str>) {
        let name = if header == Header::XForwardedFor { X_FORWARDED_FOR } else { FORWARDED };
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(&name, HeaderValue::from_static(line));
        }
        let proxies = ["10.0.0.1", "10.0.0.2", "2001:db8::1"].map(|proxy| proxy.parse().expect("an address"));
        let found = of(peer.parse().expect("an address"), &headers, header, &proxies);
        assert_eq!(found.map(|address| address.to_string()).as_deref(), expected, "{peer} {lines:?}");
    }

    #[test]
    fn a_proxy_is_believed_and_nobody_else() {
        let check = |peer, lines: &[_], expected| check(peer, Header::XForwardedFor, lines, expected);
        check("192.0.2.1", &[], Some("192.0.2.1"));
        check("::ffff:192.0.2.1", &["198.51.100.7"], Some("192.0.2.1"));
        check("10.0.0.1", &["198.51.100.7"], Some("198.51.100.7"));
        check("127.0.0.1", &["198.51.100.7:4711"], Some("198.51.100.7"));
        // What a client writes itself stands before what the proxies add.
        check("10.0.0.1", &["203.0.113.9, 198.51.100.7, 10.0.0.2"], Some("198.51.100.7"));
        check("10.0.0.1", &["203.0.113.9", "198.51.100.7", "10.0.0.2"], Some("198.51.100.7"));
        check("10.0.0.1", &["nonsense, 198.51.100.7"], Some("198.51.100.7"));
        check("::1", &["2001:db8:1:2:3::4, [2001:db8::1]:443"], Some("2001:db8:1:2::"));
    }

    #[test]
    fn a_proxy_that_does_not_say_is_no_client_and_this_machine_is_one() {
        let check = |peer, lines: &[_], expected| check(peer, Header::XForwardedFor, lines, expected);
        check("10.0.0.1", &[], None);
        check("10.0.0.1", &["unknown"], None);
        check("127.0.0.1", &[], Some("127.0.0.1"));
        check("127.0.0.1", &["10.0.0.2"], Some("10.0.0.2"));
    }

    #[test]
    fn forwarded_is_read_where_it_is_what_the_proxy_writes() {
        let check = |lines: &[_], expected| check("10.0.0.1", Header::Forwarded, lines, expected);
        check(&["for=198.51.100.7;proto=https;by=10.0.0.1"], Some("198.51.100.7"));
        check(&["For=\"[2001:db8:cafe::17]:4711\""], Some("2001:db8:cafe::"));
        check(&["for=203.0.113.9, proto=https; FOR=198.51.100.7, for=10.0.0.2"], Some("198.51.100.7"));
        check(&["for=\"203.0.113.9", "for=198.51.100.7"], Some("198.51.100.7"));
        check(&["for=\"203.0.113.9, for=198.51.100.7"], Some("198.51.100.7"));
        check(&["for=_hidden"], None);
        check(&["proto=https"], None);
    }
}
