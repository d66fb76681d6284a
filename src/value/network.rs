//! Addresses of both families, and ranges of them.

use std::net::IpAddr;

use ipnet::IpNet;

/// `10.0.0.0/8`, host bits or not; an address alone is a range of one.
pub fn parse_range(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// Is the address that `text` is in any of the ranges? What is no address is in none.
pub fn any_contains(ranges: &[IpNet], text: &str) -> bool {
    text.parse::<IpAddr>().is_ok_and(|address| ranges.iter().any(|range| range.contains(&address)))
}
