//! Where something may be sent to.
//!
//! Whoever makes webhooks names an address that this machine calls. It may be one that the machine reaches and they do not: a
//! database behind the firewall, the cloud's own service of credentials. So unless the configuration allows it, nothing is sent into private
//! networks: what the name comes to is looked at each time, and the connection goes to just that.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::Uri;

/// No address is longer.
const CHARS_MAX: usize = 2_048;

/// Whether webhooks may go into networks that are not everybody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Private {
    Refuse,
    Allow,
}

/// Checks an address as far as its text tells: names are looked up when something is sent.
pub(crate) fn check(url: &str, private: Private) -> Result<(), String> {
    if url.len() > CHARS_MAX {
        return Err(format!("must have at most {CHARS_MAX} characters"));
    }
    if !url.bytes().all(|byte| byte.is_ascii_graphic()) || url.contains('#') {
        return Err("must be an address without spaces or a part behind #".to_owned());
    }
    let uri: Uri = url.parse().map_err(|_| "must be an address such as https://shop.example/events".to_owned())?;
    let is_tls = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => false,
        _ if private == Private::Allow => return Err("must begin with https:// or http://".to_owned()),
        _ => return Err("must begin with https://".to_owned()),
    };
    if !is_tls && private == Private::Refuse {
        return Err("must begin with https://, as webhooks.private is refuse".to_owned());
    }
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    if authority.contains('@') {
        return Err("must have no user and no password in it: each message is signed".to_owned());
    }
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let behind = authority.rsplit_once(']').map_or(authority, |(_, behind)| behind);
    let port_is_none = behind.contains(':') && uri.port_u16().is_none_or(|port| port == 0);
    if host.is_empty() || port_is_none {
        return Err("must name a host, and a port other than 0 where it names one".to_owned());
    }
    let is_private = match host.parse::<IpAddr>() {
        Ok(address) => !is_public(address),
        Err(_) => {
            let name = host.trim_end_matches('.').to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost")
        }
    };
    if is_private && private == Private::Refuse {
        return Err("must not be in a private network, as webhooks.private is refuse".to_owned());
    }
    Ok(())
}

/// Whether it is an address of everybody's internet, to one machine.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// By the registry of special-purpose addresses (RFC 6890), as of 2026.
fn is_public_v4(address: Ipv4Addr) -> bool {
    const NOT: &[([u8; 4], u32)] = &[
        ([0, 0, 0, 0], 8),
        ([10, 0, 0, 0], 8),
        // Carriers' own, behind their translation of addresses.
        ([100, 64, 0, 0], 10),
        ([127, 0, 0, 0], 8),
        // Link-local, with the credentials' service of clouds.
        ([169, 254, 0, 0], 16),
        ([172, 16, 0, 0], 12),
        ([192, 0, 0, 0], 24),
        ([192, 0, 2, 0], 24),
        ([192, 88, 99, 0], 24),
        ([192, 168, 0, 0], 16),
        ([198, 18, 0, 0], 15),
        ([198, 51, 100, 0], 24),
        ([203, 0, 113, 0], 24),
        // Multicast, what is reserved, and everybody at once.
        ([224, 0, 0, 0], 3),
    ];
    let is_in = |&(net, bits): &([u8; 4], u32)| (address.to_bits() ^ u32::from_be_bytes(net)) >> (32 - bits) == 0;
    !NOT.iter().any(is_in)
}

/// What is not given to anybody (`2000::/3` is) is refused, and what stands for an address of version 4 is as that one is.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    let last = Ipv4Addr::from_bits((u32::from(parts[6]) << 16) | u32::from(parts[7]));
    match parts {
        [0, 0, 0, 0, 0, 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => is_public_v4(last),
        // Special purposes, Teredo among them; documentation; 6to4.
        [0x2001, 0..0x200 | 0xdb8, ..] | [0x3fff, 0..0x1000, ..] | [0x2002, ..] => false,
        [first, ..] => first >> 13 == 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_networks_are_known_in_whatever_way_they_are_written() {
        for private in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::a00:1",
            "100::1",
            "2001::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "ff0e::1",
        ] {
            assert!(!is_public(private.parse().expect("an address")), "{private}");
        }
        for public in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.1",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.255.255",
            "172.32.0.1",
            "192.0.1.1",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.1",
            "223.255.255.255",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
            "2001:200::1",
            "2606:4700:4700::1111",
            "2a00:1450::1",
            "3ffe::1",
        ] {
            assert!(is_public(public.parse().expect("an address")), "{public}");
        }
    }

    #[test]
    fn an_address_says_nothing_that_it_does_not_seem_to_say() {
        for fine in ["https://shop.example/events?shop=1", "https://[2606:4700::1111]:8443/", "https://1.1.1.1/"] {
            assert_eq!(check(fine, Private::Refuse), Ok(()), "{fine}");
        }
        let inner = [
            "http://shop.example/",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://db.localhost:5432/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://169.254.169.254/latest/meta-data/",
        ];
        for inner in inner {
            assert!(check(inner, Private::Refuse).is_err(), "{inner}");
            assert_eq!(check(inner, Private::Allow), Ok(()), "{inner}");
        }
        for wrong in [
            "",
            "shop.example",
            "/events",
            "ftp://shop.example/",
            "file:///etc/passwd",
            "https://",
            "https:///events",
            "https://shop.example:0/",
            "https://shop.example:/",
            "https://shop.example:99999/",
            "https://user@shop.example/",
            "https://user:secret@shop.example/",
            "https://shop.example/ events",
            "https://shop.example/#events",
            "https://shöp.example/",
            "https://shop.example/\r\nHost: db",
            &format!("https://shop.example/{}", "a".repeat(CHARS_MAX)),
        ] {
            assert!(check(wrong, Private::Allow).is_err(), "{wrong}");
        }
    }
}
