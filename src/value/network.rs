//! Addresses of both families, and ranges of them.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// `10.0.0.0/8`, host bits or not; an address alone is a range of one.
pub fn parse_range(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// Is the address that `text` is in the range? What is no address is in none.
pub fn is_in(range: &IpNet, text: &str) -> bool {
    text.parse::<IpAddr>().is_ok_and(|address| range.contains(&address))
}

/// Many ranges, joined where they touch and in order, so that an address is looked up in few steps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ranges {
    v4: Vec<Ipv4Net>,
    v6: Vec<Ipv6Net>,
}

impl Ranges {
    /// The ranges together.
    ///
    /// ```
    /// # use yaral::value::network::{Ranges, parse_range};
    /// let ranges = ["10.0.0.0/8", "10.1.0.0/16", "2001:db8::/32"].map(|text| parse_range(text).unwrap());
    /// let ranges = Ranges::of(&ranges);
    /// assert!(ranges.contains("10.2.3.4") && ranges.contains("2001:db8::1") && !ranges.contains("11.0.0.1"));
    /// ```
    pub fn of(ranges: &[IpNet]) -> Ranges {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for range in ranges {
            match range {
                IpNet::V4(range) => v4.push(range.trunc()),
                IpNet::V6(range) => v6.push(range.trunc()),
            }
        }
        let (mut v4, mut v6) = (Ipv4Net::aggregate(&v4), Ipv6Net::aggregate(&v6));
        v4.sort_unstable();
        v6.sort_unstable();
        Ranges { v4, v6 }
    }

    /// Is the address that `text` is in any of them? What is no address is in none.
    pub fn contains(&self, text: &str) -> bool {
        match text.parse::<IpAddr>() {
            Ok(IpAddr::V4(address)) => last_before(&self.v4, |range| range.network() <= address)
                .is_some_and(|range| range.contains(&address)),
            Ok(IpAddr::V6(address)) => last_before(&self.v6, |range| range.network() <= address)
                .is_some_and(|range| range.contains(&address)),
            Err(_) => false,
        }
    }
}

/// The last that starts at an address or before it: of ranges in order that do not overlap, no other can hold it.
fn last_before<T>(ranges: &[T], starts: impl Fn(&T) -> bool) -> Option<&T> {
    ranges.get(ranges.partition_point(starts).checked_sub(1)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn ranges_together_hold_what_one_of_them_holds(
            ranges in proptest::collection::vec((0_u32..64, 24_u8..=32), 0..12),
            address in 0_u32..64,
        ) {
            let net = |(low, length): (u32, u8)| IpNet::V4(Ipv4Net::new_assert((0x0a00_0000 + low).into(), length));
            let nets: Vec<IpNet> = ranges.into_iter().map(net).collect();
            let text = std::net::Ipv4Addr::from(0x0a00_0000 + address).to_string();
            let any = nets.iter().any(|net| is_in(net, &text));
            proptest::prop_assert_eq!(Ranges::of(&nets).contains(&text), any);
        }
    }

    #[test]
    fn the_ends_of_both_families_are_held() {
        let all = Ranges::of(&["0.0.0.0/0", "::/0"].map(|text| parse_range(text).unwrap()));
        for address in ["0.0.0.0", "255.255.255.255", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"] {
            assert!(all.contains(address), "{address}");
        }
        assert!(!all.contains("") && !Ranges::default().contains("10.0.0.1"));
        assert!(!Ranges::of(&[parse_range("10.0.0.0/8").unwrap()]).contains("::ffff:10.0.0.1"));
    }
}
