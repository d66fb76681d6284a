//! `net.*`: addresses and ranges.

use super::{Args, BadLiteral, Example, Function, Kind, ROW, Returns, bad, literal, required};
use crate::regex::Pattern;
use crate::value::operators::Overflow;
use crate::value::{Type, Value, network};

pub(super) static IP_IN_RANGE_CIDR: Function = Function {
    name: "net.ip_in_range_cidr",
    params: &[required("ip", Kind::Text), required("cidr", Kind::TextLiteral)],
    returns: Returns::Fixed(Type::Bool),
    body: ip_in_range_cidr,
    verify: Some(valid_range),
    summary: "Is the address in the range? Host bits in the range are masked off; a range without `/` is one address. \
              False (chosen) for what is no address, and for an address of the other family.",
    examples: &[
        Example { call: r#"net.ip_in_range_cidr("192.0.2.1", "192.0.2.0/8")"#, gives: "true" },
        Example { call: r#"net.ip_in_range_cidr("2001:db8::1", "0.0.0.0/0")"#, gives: "false" },
        Example { call: r#"net.ip_in_range_cidr("", "0.0.0.0/0")"#, gives: "false" },
    ],
    ..ROW
};

fn ip_in_range_cidr<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    let (ip, range) = (args.text(0), args.text(1));
    Ok(Value::Bool(network::parse_range(&range).is_some_and(|range| network::is_in(&range, &ip))))
}

fn valid_range(values: &[Option<Value<'static>>], _: Option<&Pattern>) -> Result<(), BadLiteral> {
    match literal(values, 1) {
        Some(text) if network::parse_range(&text).is_none() => {
            let help = "write it as `10.0.0.0/8` or `2001:db8::/32`";
            bad(1, format!("`{text}` is no range of addresses"), help)
        }
        _ => Ok(()),
    }
}
