//! The named ways of turning one raw value into the values of a UDM field.

use std::net::IpAddr;

use super::status;
use crate::value::Timestamp;

/// The values that a transform has made, in memory used again and again.
#[derive(Debug, Default)]
pub(super) struct Values {
    text: String,
    ends: Vec<usize>,
}

impl Values {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// Adds a value; an empty one is none, as defaults are never written.
    pub(super) fn push(&mut self, value: &str) {
        self.push_parts(&[value]);
    }

    fn push_parts(&mut self, parts: &[&str]) {
        let before = self.text.len();
        parts.iter().for_each(|part| self.text.push_str(part));
        if self.text.len() > before {
            self.ends.push(self.text.len());
        }
    }

    fn push_number(&mut self, number: u64) {
        // Writing to a string cannot fail.
        let _ = std::fmt::Write::write_fmt(&mut self.text, format_args!("{number}"));
        self.ends.push(self.text.len());
    }

    fn push_mapped(&mut self, value: &str, map: fn(char) -> char) {
        let before = self.text.len();
        self.text.extend(value.chars().map(map));
        if self.text.len() > before {
            self.ends.push(self.text.len());
        }
    }

    pub(super) fn first(&self) -> Option<&str> {
        self.iter().next()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(from, to)| self.text.get(from..*to).unwrap_or(""))
    }
}

/// How the values stand in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writes {
    /// In quotes: text, enum names, times, and integers of 64 bits
    Text,
    /// Bare: integers of 32 bits
    Number,
}

/// A transform; a mapping row calls it `name` or `name:argument`.
#[derive(Debug)]
pub(super) struct Transform {
    pub(super) name: &'static str,
    pub(super) writes: Writes,
    /// Takes the raw value and the row's argument.
    pub(super) body: fn(&str, &str, &mut Values),
}

const fn text(name: &'static str, body: fn(&str, &str, &mut Values)) -> Transform {
    Transform { name, writes: Writes::Text, body }
}

const fn number(name: &'static str, body: fn(&str, &str, &mut Values)) -> Transform {
    Transform { name, writes: Writes::Number, body }
}

static TRANSFORMS: [Transform; 29] = [
    text("text", |value, _, out| out.push(value)),
    text("upper", |value, _, out| out.push_mapped(value, |letter| letter.to_ascii_uppercase())),
    text("prefix", |value, argument, out| out.push_parts(&[argument, value])),
    text("strip", |value, argument, out| out.push(value.strip_prefix(argument).unwrap_or(value))),
    text("words", |value, _, out| value.split_whitespace().for_each(|word| out.push(word))),
    text("line", |value, name, out| out.push(line(value, name))),
    text("line_domain", |value, name, out| out.push(account(line(value, name)).0)),
    text("line_user", |value, name, out| out.push(account(line(value, name)).1)),
    text("xml", xml),
    text("property", property),
    text("time", time),
    text("integer", |value, _, out| whole(value).into_iter().for_each(|number| out.push_number(number))),
    number("number", |value, _, out| {
        whole(value).filter(|number| *number <= i32::MAX as u64).into_iter().for_each(|n| out.push_number(n));
    }),
    number("port", |value, _, out| {
        whole(value).filter(|port| (1..=65_535).contains(port)).into_iter().for_each(|n| out.push_number(n));
    }),
    text("pid", pid),
    text("hash", hash),
    text("domain", |value, _, out| out.push(account(value).0)),
    text("user", |value, _, out| out.push(account(value).1)),
    text("ip", |value, _, out| address(value).into_iter().for_each(|ip| out.push(ip))),
    text("workstation_ip", |value, _, out| workstation(value).ip.into_iter().for_each(|ip| out.push(ip))),
    number("workstation_port", |value, _, out| {
        workstation(value).port.into_iter().for_each(|port| out.push_number(port.into()));
    }),
    text("workstation_host", |value, _, out| out.push(workstation(value).host)),
    text("workstation_domain", |value, _, out| out.push(workstation(value).domain)),
    text("dns_answers", dns_answers),
    text("status", |value, _, out| status::describe(value, |parts| out.push_parts(parts))),
    text("severity", |value, _, out| named(SEVERITIES, value, out)),
    text("mechanism", |value, _, out| {
        named(MECHANISMS, value, out);
        if out.first().is_none() {
            out.push("MECHANISM_OTHER");
        }
    }),
    text("protocol", |value, _, out| named(PROTOCOLS, value, out)),
    text("choose", choose),
];

/// The transform of a name.
pub(super) fn find(name: &str) -> Option<&'static Transform> {
    TRANSFORMS.iter().find(|transform| transform.name == name)
}

type Names = &'static [(&'static str, &'static str)];

/// Levels of the Windows log, as Google's page has them: it prints 1, critical, as informational.
const SEVERITIES: Names =
    &[("1", "INFORMATIONAL"), ("2", "ERROR"), ("3", "ERROR"), ("4", "INFORMATIONAL"), ("5", "INFORMATIONAL")];

/// Logon types.
const MECHANISMS: Names = &[
    ("2", "INTERACTIVE"),
    ("3", "NETWORK"),
    ("4", "BATCH"),
    ("5", "SERVICE"),
    ("7", "UNLOCK"),
    ("8", "NETWORK_CLEAR_TEXT"),
    ("9", "NEW_CREDENTIALS"),
    ("10", "REMOTE_INTERACTIVE"),
    ("11", "CACHED_INTERACTIVE"),
    ("12", "CACHED_REMOTE_INTERACTIVE"),
    ("13", "CACHED_UNLOCK"),
];

/// Protocols by name and by the number that the firewall logs.
const PROTOCOLS: Names = &[
    ("1", "ICMP"),
    ("2", "IGMP"),
    ("6", "TCP"),
    ("17", "UDP"),
    ("47", "GRE"),
    ("50", "ESP"),
    ("58", "ICMP6"),
    ("132", "SCTP"),
    ("icmp", "ICMP"),
    ("icmp6", "ICMP6"),
    ("tcp", "TCP"),
    ("udp", "UDP"),
];

fn named(names: Names, value: &str, out: &mut Values) {
    let found = names.iter().find(|row| row.0.eq_ignore_ascii_case(value));
    found.into_iter().for_each(|row| out.push(row.1));
}

/// `choose:true=OUTBOUND,false=INBOUND`
fn choose(value: &str, argument: &str, out: &mut Values) {
    let choices = argument.split(',').filter_map(|choice| choice.split_once('='));
    let found = choices.into_iter().find(|choice| choice.0.eq_ignore_ascii_case(value));
    found.into_iter().for_each(|choice| out.push(choice.1));
}

/// A whole number, written in decimal or as `0x1f0fff`.
fn whole(value: &str) -> Option<u64> {
    let hex = value.strip_prefix("0x").or_else(|| value.strip_prefix("0X"));
    match hex {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => value.parse().ok(),
    }
}

/// Process ids are decimal everywhere, so that events of different kinds can be joined.
fn pid(value: &str, _: &str, out: &mut Values) {
    match whole(value) {
        Some(number) => out.push_number(number),
        None => out.push(value),
    }
}

/// One hash of `SHA1=…,MD5=…`, in lower case.
fn hash(value: &str, argument: &str, out: &mut Values) {
    let parts = value.split(',').filter_map(|part| part.split_once('='));
    let found = parts.into_iter().find(|part| part.0.trim().eq_ignore_ascii_case(argument));
    found.into_iter().for_each(|part| out.push_mapped(part.1.trim(), |letter| letter.to_ascii_lowercase()));
}

/// Domain and name of `DOMAIN\name`; without a backslash all is name.
fn account(value: &str) -> (&str, &str) {
    value.split_once('\\').unwrap_or(("", value))
}

/// An IP address; an IPv4 address inside IPv6 stands for itself.
fn address(value: &str) -> Option<&str> {
    let inner = value.strip_prefix("::ffff:").unwrap_or(value);
    let plain = if inner.contains('.') { inner } else { value };
    plain.parse::<IpAddr>().ok().map(|_| plain)
}

/// What a workstation name says of the client.
#[derive(Default)]
struct Workstation<'a> {
    ip: Option<&'a str>,
    port: Option<u16>,
    host: &'a str,
    domain: &'a str,
}

fn workstation(value: &str) -> Workstation<'_> {
    let value = value.trim_start_matches('\\').trim_end();
    if let Some(ip) = address(value) {
        return Workstation { ip: Some(ip), ..Workstation::default() };
    }
    if let Some((ip, port)) = value.rsplit_once(':') {
        let ip = address(ip.trim_start_matches('[').trim_end_matches(']'));
        return Workstation { port: ip.and_then(|_| port.parse().ok()), ip, ..Workstation::default() };
    }
    if value.contains(char::is_whitespace) {
        return Workstation::default();
    }
    let (domain, host) = account(value);
    Workstation { host, domain, ..Workstation::default() }
}

/// The answers of `type:  5 alias.example.org;::ffff:192.0.2.1;`.
fn dns_answers(value: &str, _: &str, out: &mut Values) {
    for answer in value.split(';').map(str::trim) {
        let typed = answer.strip_prefix("type:").and_then(|rest| rest.trim_start().split_once(' '));
        let data = typed.map_or(answer, |(_, data)| data.trim_start());
        out.push(address(data).unwrap_or(data));
    }
}

/// RFC 3339, from the ways in which a time is printed: `2020-07-22 20:29:27.32 UTC`, seconds or milliseconds since
/// 1970. One without a zone is taken for UTC.
fn time(value: &str, _: &str, out: &mut Values) {
    if let Some(since) = epoch(value) {
        return out.push(&since.to_rfc3339());
    }
    let plain = value.trim_end_matches(" UTC").trim_end_matches('Z');
    let Some((day, clock)) = plain.split_once(['T', ' ']) else { return };
    let is_day = day.len() == 10 && day.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let is_clock =
        clock.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'+' | b'-'));
    if !is_day || !is_clock || clock.len() < 8 {
        return;
    }
    let zoned = clock.contains(['+', '-']);
    out.push_parts(&[day, "T", clock, if zoned { "" } else { "Z" }]);
}

/// A count of seconds, milliseconds, microseconds or nanoseconds, told apart by its size.
fn epoch(value: &str) -> Option<Timestamp> {
    let count: i64 = value.parse().ok().filter(|count| *count >= 0)?;
    const SCALES: [(i64, i64); 3] = [
        (100_000_000_000, 1_000_000_000),
        (100_000_000_000_000, 1_000_000),
        (100_000_000_000_000_000, 1_000),
    ];
    let scale = SCALES.iter().find(|(limit, _)| count < *limit).map_or(1, |(_, scale)| *scale);
    count.checked_mul(scale).map(Timestamp)
}

/// The value of `Host Application = …` among the lines of a text.
fn line<'t>(text: &'t str, name: &str) -> &'t str {
    let value = |line: &'t str| line.trim().strip_prefix(name)?.trim_start().strip_prefix('=');
    text.lines().find_map(value).map_or("", str::trim)
}

/// The GUID in braces at a place in the list of an object's properties that were accessed, as `properties:{…}`.
fn property(value: &str, place: &str, out: &mut Values) {
    let guid = |word: &str| word.starts_with('{') && word.ends_with('}');
    let at: usize = place.parse().unwrap_or(usize::MAX);
    if let Some(found) = value.split_whitespace().filter(|word| guid(word)).nth(at) {
        out.push_parts(&["properties:", &found.to_ascii_lowercase()]);
    }
}

/// The text of the first element of a name, `xml:Principal>UserId` inside another, `xml:Principal@id` an attribute.
fn xml(value: &str, argument: &str, out: &mut Values) {
    let (names, attribute) = argument.split_once('@').unwrap_or((argument, ""));
    let mut rest = value;
    let mut tag = "";
    for name in names.split('>') {
        let Some(inner) = element(rest, name) else { return };
        (tag, rest) = inner;
    }
    if !attribute.is_empty() {
        let found = tag.split_once(&format!("{attribute}=\"")).and_then(|(_, after)| after.split_once('"'));
        rest = found.map_or("", |(value, _)| value);
    }
    if !rest.contains('&') {
        return out.push(rest.trim());
    }
    // The ampersand comes last, or `&amp;lt;` would be unescaped twice.
    let plain = rest.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    out.push(plain.replace("&apos;", "'").replace("&amp;", "&").trim());
}

/// What stands in an element's opening tag, and what between its tags.
fn element<'x>(xml: &'x str, name: &str) -> Option<(&'x str, &'x str)> {
    let mut rest = xml;
    loop {
        let (_, after) = rest.split_once('<')?;
        rest = after;
        let Some(tail) = after.strip_prefix(name) else { continue };
        if !tail.starts_with(['>', ' ', '\n', '\r', '\t']) {
            continue;
        }
        let (tag, inner) = tail.split_once('>')?;
        let end = inner
            .match_indices("</")
            .find(|found| inner.get(found.0 + 2..).is_some_and(|r| r.starts_with(name)));
        return Some((tag, inner.get(..end?.0)?));
    }
}
