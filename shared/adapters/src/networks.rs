//! Which addresses are inside a network, and which of those the operator lets a customer's URL reach.
//!
//! What is judged is the address that is connected to, never the text of a host: a resolver reads `0x7f.1`, `2130706433`
//! and `017700000001` as addresses too, and a name can lead anywhere.

use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks of IPv4 that no public server is in: RFC 6890 and its successors, with the addresses at which clouds keep
/// what an instance may know about itself.
const INSIDE_V4: [(Ipv4Addr, u8, &str); 17] = [
    (Ipv4Addr::UNSPECIFIED, 8, "an address of this host"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "a private address"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "an address of a carrier's own network"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "a loopback address"),
    (Ipv4Addr::new(168, 63, 129, 16), 32, "an address of the cloud's own"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "a link-local address"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "a private address"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "a reserved address"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "an address for documentation"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "an address of a relay"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "a private address"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "an address for benchmarks"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "an address for documentation"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "an address for documentation"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "a multicast address"),
    (Ipv4Addr::BROADCAST, 32, "a broadcast address"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "a reserved address"),
];

/// The same for IPv6. What only wraps an address of IPv4 is judged by that one.
const INSIDE_V6: [(Ipv6Addr, u8, &str); 12] = [
    (Ipv6Addr::UNSPECIFIED, 128, "an address of this host"),
    (Ipv6Addr::LOCALHOST, 128, "a loopback address"),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, "an address of a translator inside"),
    (Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64, "an address that leads nowhere"),
    (Ipv6Addr::new(0x2001, 2, 0, 0, 0, 0, 0, 0), 48, "an address for benchmarks"),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "an address for documentation"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "an address for documentation"),
    (Ipv6Addr::new(0x5f00, 0, 0, 0, 0, 0, 0, 0), 16, "an address of a carrier's own network"),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, "a private address"),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, "a link-local address"),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, "a private address"),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, "a multicast address"),
];

/// The networks inside that the operator lets URLs reach; by default none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowed(Vec<IpNet>);

impl Allowed {
    /// Reads the value of `MUSTER_SFTP_ALLOW`: networks such as `10.1.0.0/16` and `::1/128`, or single addresses, with
    /// commas between them. Nothing between two commas is nothing.
    ///
    /// # Errors
    /// A sentence for the operator that names the part which is neither.
    pub fn parse(text: &str) -> Result<Self, String> {
        text.split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(network)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether an address may be connected to: it is outside, or the operator allows it.
    ///
    /// # Errors
    /// What the address is, as a phrase such as `a private address`.
    pub fn check(&self, address: IpAddr) -> Result<(), &'static str> {
        let plain = address.to_canonical();
        if self.0.iter().any(|network| network.contains(&plain)) {
            return Ok(());
        }
        inside(plain).map_or(Ok(()), Err)
    }
}

fn network(part: &str) -> Result<IpNet, String> {
    part.parse::<IpNet>().or_else(|_| part.parse::<IpAddr>().map(IpNet::from)).map_err(|_| {
        let shown: String = part.chars().filter(|sign| !sign.is_control()).take(60).collect();
        format!(
            "`{shown}` is neither a network such as 10.1.0.0/16 nor an address such as 10.1.2.3; \
             separate several with commas"
        )
    })
}

/// What an address inside is, as a phrase; `None` for one outside.
pub fn inside(address: IpAddr) -> Option<&'static str> {
    match address.to_canonical() {
        IpAddr::V4(address) => inside_v4(address),
        IpAddr::V6(address) => inside_v6(address),
    }
}

fn inside_v4(address: Ipv4Addr) -> Option<&'static str> {
    let bits = address.to_bits();
    INSIDE_V4
        .iter()
        .find(|(network, length, _)| (bits ^ network.to_bits()) >> (32 - length) == 0)
        .map(|(_, _, what)| *what)
}

fn inside_v6(address: Ipv6Addr) -> Option<&'static str> {
    let bits = address.to_bits();
    INSIDE_V6
        .iter()
        .find(|(network, length, _)| (bits ^ network.to_bits()) >> (128 - length) == 0)
        .map(|(_, _, what)| *what)
        .or_else(|| wrapped(address).into_iter().flatten().find_map(inside_v4))
}

/// The addresses of IPv4 to which an address of IPv6 can lead: what a gateway on the way would unwrap.
fn wrapped(address: Ipv6Addr) -> [Option<Ipv4Addr>; 2] {
    let bits = address.to_bits();
    // The 32 bits that end at the given one, counted from the left.
    let v4 = |end: u32| Ipv4Addr::from_bits((bits >> (128 - end)) as u32);
    match address.segments() {
        // Teredo (RFC 4380 §4): the server, and the client with its bits turned.
        [0x2001, 0, ..] => [Some(v4(64)), Some(Ipv4Addr::from_bits(!v4(128).to_bits()))],
        // 6to4 (RFC 3056 §2).
        [0x2002, ..] => [Some(v4(48)), None],
        // IPv4-compatible (RFC 4291 §2.5.5.1), IPv4-mapped (§2.5.5.2), IPv4-translated (RFC 2765 §2.1), NAT64
        // (RFC 6052 §2.1), and ISATAP behind any prefix (RFC 5214 §6.1).
        [0, 0, 0, 0, 0, 0 | 0xffff, ..]
        | [0, 0, 0, 0, 0xffff, 0, ..]
        | [0x64, 0xff9b, 0, 0, 0, 0, ..]
        | [.., 0 | 0x200, 0x5efe, _, _] => [Some(v4(128)), None],
        _ => [None, None],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(address: &str, expect: Option<&str>) {
        assert_eq!(inside(address.parse().unwrap()), expect, "{address}");
    }

    #[test]
    fn addresses_of_ipv4() {
        for (address, expect) in [
            ("0.0.0.0", Some("an address of this host")),
            ("0.1.2.3", Some("an address of this host")),
            ("10.0.0.7", Some("a private address")),
            ("10.255.255.255", Some("a private address")),
            ("11.0.0.0", None),
            ("100.63.255.255", None),
            ("100.64.0.1", Some("an address of a carrier's own network")),
            ("100.100.100.200", Some("an address of a carrier's own network")),
            ("100.128.0.0", None),
            ("127.0.0.1", Some("a loopback address")),
            ("127.255.0.1", Some("a loopback address")),
            ("168.63.129.16", Some("an address of the cloud's own")),
            ("168.63.129.17", None),
            ("169.254.169.254", Some("a link-local address")),
            ("169.253.0.1", None),
            ("172.15.255.255", None),
            ("172.16.0.1", Some("a private address")),
            ("172.31.255.255", Some("a private address")),
            ("172.32.0.0", None),
            ("192.0.0.192", Some("a reserved address")),
            ("192.0.2.7", Some("an address for documentation")),
            ("192.88.99.1", Some("an address of a relay")),
            ("192.168.1.1", Some("a private address")),
            ("192.169.0.0", None),
            ("198.17.255.255", None),
            ("198.18.0.1", Some("an address for benchmarks")),
            ("198.19.255.255", Some("an address for benchmarks")),
            ("198.51.100.1", Some("an address for documentation")),
            ("203.0.113.9", Some("an address for documentation")),
            ("224.0.0.1", Some("a multicast address")),
            ("240.0.0.1", Some("a reserved address")),
            ("255.255.255.255", Some("a broadcast address")),
            ("8.8.8.8", None),
            ("93.184.216.34", None),
        ] {
            check(address, expect);
        }
    }

    #[test]
    fn addresses_of_ipv6() {
        for (address, expect) in [
            ("::", Some("an address of this host")),
            ("::1", Some("a loopback address")),
            ("::2", Some("an address of this host")),
            ("::127.0.0.1", Some("a loopback address")),
            ("::ffff:127.0.0.1", Some("a loopback address")),
            ("::ffff:a9fe:a9fe", Some("a link-local address")),
            ("::ffff:8.8.8.8", None),
            ("::ffff:0:10.0.0.1", Some("a private address")),
            ("64:ff9b::10.0.0.1", Some("a private address")),
            ("64:ff9b::8.8.8.8", None),
            ("64:ff9b:1::8.8.8.8", Some("an address of a translator inside")),
            ("100::1", Some("an address that leads nowhere")),
            // Teredo: its server is inside; its client is 192.168.0.1; both are outside.
            ("2001:0:a00:1::f7f7:f7f7", Some("a private address")),
            ("2001:0:808:808::3f57:fffe", Some("a private address")),
            ("2001:0:808:808::f7f7:f7f7", None),
            ("2001:2::1", Some("an address for benchmarks")),
            ("2001:db8::1", Some("an address for documentation")),
            ("2002:7f00:1::1", Some("a loopback address")),
            ("2002:808:808::1", None),
            ("3fff::1", Some("an address for documentation")),
            ("5f00::1", Some("an address of a carrier's own network")),
            ("fc00::1", Some("a private address")),
            ("fd00:ec2::254", Some("a private address")),
            ("fe80::1", Some("a link-local address")),
            ("fec0::1", Some("a private address")),
            ("ff02::1", Some("a multicast address")),
            ("2600::5efe:10.0.0.1", Some("a private address")),
            ("2600:0:0:0:200:5efe:a00:1", Some("a private address")),
            ("2600::5efe:8.8.8.8", None),
            ("2606:4700::1111", None),
        ] {
            check(address, expect);
        }
    }

    #[track_caller]
    fn check_allowed(text: &str, address: &str, expect: bool) {
        let allowed = Allowed::parse(text).unwrap();
        assert_eq!(allowed.check(address.parse().unwrap()).is_ok(), expect, "{text}: {address}");
    }

    #[test]
    fn what_the_operator_allows() {
        check_allowed("", "10.0.0.1", false);
        check_allowed("", "8.8.8.8", true);
        check_allowed("10.1.0.0/16, ::1/128,", "10.1.2.3", true);
        check_allowed("10.1.0.0/16, ::1/128,", "10.2.0.1", false);
        check_allowed("10.1.0.0/16, ::1/128,", "::1", true);
        check_allowed("127.0.0.1", "127.0.0.1", true);
        check_allowed("127.0.0.1", "127.0.0.2", false);
        check_allowed("127.0.0.1", "::ffff:127.0.0.1", true);
        // Allowing a network does not allow what a gateway would make of another address.
        check_allowed("10.0.0.0/8", "64:ff9b::10.0.0.1", false);
    }

    #[test]
    fn what_is_no_network_is_named() {
        for text in ["10.0.0.0/33", "localhost", "10.0.0.0/8 ::1", "10.0.0/8", "127.1"] {
            let said = Allowed::parse(text).unwrap_err();
            assert!(said.starts_with(&format!("`{text}` is neither a network")), "{said}");
        }
    }
}
