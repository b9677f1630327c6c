//! Which addresses are the world's. A webhook that could name any would make the server ask its own
//! network what others may not ask it (server-side request forgery).
//!
//! What is not known to be public is refused: of IPv6 only what is given out for global unicast is
//! taken, so that every form in which an IPv4 address can hide (mapped, compatible, NAT64) falls with
//! the rest.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// A network: its first address and the length of its prefix.
type Network<A> = (A, u8);

/// IPv4 that is nobody's in particular (IANA's registry of special-purpose addresses, RFC 6890).
const IPV4: &[Network<Ipv4Addr>] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8),       // this network: RFC 791
    (Ipv4Addr::new(10, 0, 0, 0), 8),      // private: RFC 1918
    (Ipv4Addr::new(100, 64, 0, 0), 10),   // carriers' NAT: RFC 6598
    (Ipv4Addr::new(127, 0, 0, 0), 8),     // loopback: RFC 1122
    (Ipv4Addr::new(169, 254, 0, 0), 16),  // link-local, and clouds' metadata: RFC 3927
    (Ipv4Addr::new(172, 16, 0, 0), 12),   // private: RFC 1918
    (Ipv4Addr::new(192, 0, 0, 0), 24),    // protocol assignments: RFC 6890
    (Ipv4Addr::new(192, 0, 2, 0), 24),    // documentation: RFC 5737
    (Ipv4Addr::new(192, 88, 99, 0), 24),  // 6to4 relays: RFC 7526
    (Ipv4Addr::new(192, 168, 0, 0), 16),  // private: RFC 1918
    (Ipv4Addr::new(198, 18, 0, 0), 15),   // benchmarks: RFC 2544
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation: RFC 5737
    (Ipv4Addr::new(203, 0, 113, 0), 24),  // documentation: RFC 5737
    (Ipv4Addr::new(224, 0, 0, 0), 4),     // multicast: RFC 5771
    (Ipv4Addr::new(240, 0, 0, 0), 4),     // reserved, and broadcast: RFC 1112, RFC 8190
];

/// What is given out for global unicast (RFC 4291, section 2.4). Outside of it lie loopback,
/// unspecified, IPv4-mapped and -compatible, NAT64 (RFC 6052, RFC 8215), discard (RFC 6666), segment
/// routing (RFC 9602), unique local (RFC 4193), link- and site-local, and multicast.
const UNICAST: Network<Ipv6Addr> = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// What of it is nobody's in particular.
const IPV6: &[Network<Ipv6Addr>] = &[
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments, Teredo among them: RFC 2928
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation: RFC 3849
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4, which holds an IPv4 address: RFC 3056
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation: RFC 9637
];

/// Whether an address is one of the world's.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !IPV4.iter().any(|network| holds_v4(*network, address)),
        IpAddr::V6(address) => {
            holds_v6(UNICAST, address) && !IPV6.iter().any(|network| holds_v6(*network, address))
        }
    }
}

fn holds_v4((first, prefix): Network<Ipv4Addr>, address: Ipv4Addr) -> bool {
    (first.to_bits() ^ address.to_bits()).leading_zeros() >= u32::from(prefix)
}

fn holds_v6((first, prefix): Network<Ipv6Addr>, address: Ipv6Addr) -> bool {
    (first.to_bits() ^ address.to_bits()).leading_zeros() >= u32::from(prefix)
}

/// What is wrong with the address of a webhook, in words; nothing of a name is looked up here.
/// `url` has read odd spellings of numbers (octal, hexadecimal, short) as what they stand for.
pub fn fault(url: &Url, allow_private: bool) -> Option<&'static str> {
    if !matches!(url.scheme(), "https" | "http") {
        return Some("must be an https URL");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Some("must not hold a user name or password");
    }
    if url.fragment().is_some() {
        return Some("must not have a fragment");
    }
    let Some(host) = url.host() else {
        return Some("must name a host");
    };
    if allow_private {
        return None;
    }
    if url.scheme() != "https" {
        return Some("must be an https URL");
    }
    let is_public = match host {
        Host::Ipv4(address) => is_public(address.into()),
        Host::Ipv6(address) => is_public(address.into()),
        Host::Domain(name) => !is_local_name(name),
    };
    (!is_public).then_some("must not lead to a private, local or reserved address")
}

/// Names that mean this machine or this network, whatever a resolver says (RFC 6761, RFC 6762,
/// RFC 9476).
fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let last = name.rsplit('.').next().unwrap_or_default();
    !name.contains('.') || matches!(last, "localhost" | "local" | "internal" | "onion" | "alt")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_network_is_refused_from_its_first_address_to_its_last() {
        for (first, prefix) in IPV4 {
            let bits = first.to_bits();
            let last = Ipv4Addr::from_bits(bits | (u32::MAX >> prefix));
            assert!(!is_public((*first).into()) && !is_public(last.into()));
            // The one before the first is another network's, or the world's.
            let before = Ipv4Addr::from_bits(bits.wrapping_sub(1));
            let neighbour = IPV4.iter().any(|network| holds_v4(*network, before));
            assert_eq!(is_public(before.into()), !neighbour, "{before}");
        }
        for (first, prefix) in IPV6 {
            let last = Ipv6Addr::from_bits(first.to_bits() | (u128::MAX >> prefix));
            assert!(!is_public((*first).into()) && !is_public(last.into()));
        }
    }

    #[test]
    fn what_is_public_and_what_is_not() {
        for (text, public) in [
            ("1.1.1.1", true),
            ("9.255.255.255", true),
            ("11.0.0.0", true),
            ("100.63.255.255", true),
            ("100.128.0.0", true),
            ("172.15.255.255", true),
            ("172.32.0.0", true),
            ("192.167.255.255", true),
            ("223.255.255.255", true),
            ("2606:4700:4700::1111", true),
            ("2a00::1", true),
            ("2001:200::1", true),
            ("0.0.0.0", false),
            ("10.1.2.3", false),
            ("100.64.0.1", false),
            ("127.0.0.1", false),
            ("169.254.169.254", false),
            ("172.31.255.255", false),
            ("192.168.1.1", false),
            ("198.19.0.1", false),
            ("203.0.113.9", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("::", false),
            ("::1", false),
            ("::ffff:1.1.1.1", false),
            ("::ffff:127.0.0.1", false),
            ("::127.0.0.1", false),
            ("64:ff9b::1.1.1.1", false),
            ("64:ff9b::7f00:1", false),
            ("64:ff9b:1::1", false),
            ("100::1", false),
            ("2001::1", false),
            ("2001:db8::1", false),
            ("2002:7f00:1::1", false),
            ("3fff::1", false),
            ("5f00::1", false),
            ("fc00::1", false),
            ("fd12:3456::1", false),
            ("fe80::1", false),
            ("fec0::1", false),
            ("ff02::1", false),
        ] {
            assert_eq!(is_public(text.parse().unwrap()), public, "{text}");
        }
    }

    #[test]
    fn addresses_are_judged_by_what_they_mean() {
        for (text, good) in [
            ("https://hooks.example.org/in", true),
            ("https://hooks.example.org:8443/in?x=1", true),
            ("https://1.1.1.1/", true),
            ("https://[2606:4700::1]/", true),
            ("http://hooks.example.org/in", false),
            ("ftp://hooks.example.org/in", false),
            ("https://me@hooks.example.org/", false),
            ("https://me:pw@hooks.example.org/", false),
            ("https://hooks.example.org/#in", false),
            ("https://localhost/", false),
            ("https://LOCALHOST./", false),
            ("https://a.localhost/", false),
            ("https://printer.local/", false),
            ("https://metadata.google.internal/", false),
            ("https://intranet/", false),
            ("https://127.0.0.1/", false),
            ("https://127.1/", false),
            ("https://2130706433/", false),
            ("https://0x7f000001/", false),
            ("https://0177.0.0.1/", false),
            ("https://0x7f.1/", false),
            ("https://127。0。0。1/", false),
            ("https://①②⑦.0.0.1/", false),
            ("https://%31%32%37.0.0.1/", false),
            ("https://0/", false),
            ("https://169.254.169.254/latest/meta-data", false),
            ("https://[::1]/", false),
            ("https://[::ffff:127.0.0.1]/", false),
            ("https://[::ffff:7f00:1]/", false),
            ("https://[64:ff9b::7f00:1]/", false),
            ("https://[fd00::1]/", false),
        ] {
            let url = Url::parse(text).unwrap();
            assert_eq!(fault(&url, false).is_none(), good, "{text}");
        }
        for text in [
            "http://127.0.0.1:9/",
            "http://localhost/",
            "https://10.0.0.1/",
        ] {
            assert_eq!(fault(&Url::parse(text).unwrap(), true), None, "{text}");
        }
        for text in ["ftp://127.0.0.1/", "http://a:b@127.0.0.1/"] {
            assert!(fault(&Url::parse(text).unwrap(), true).is_some(), "{text}");
        }
    }
}
