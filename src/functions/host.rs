//! The host and the registered domain within a text that may be a URL.

use psl::{Psl, Type};

const SLASHES: [char; 2] = ['/', '\\'];

/// The host, as written: after a scheme and user names, before the port and the path.
pub(super) fn hostname(url: &str) -> &str {
    let text = url.trim_matches(|letter: char| letter.is_ascii_whitespace());
    let host = authority(text);
    let end_of_literal = if host.starts_with('[') { host.find(']').unwrap_or(0) } else { 0 };
    let port = host.get(end_of_literal..).and_then(|rest| rest.find(':'));
    let host = port.and_then(|port| host.get(..end_of_literal + port)).unwrap_or(host);
    one_trailing_dot(host.trim_start_matches('.'))
}

/// What stands between the scheme and user names, and the path; the port is still on it.
fn authority(text: &str) -> &str {
    let (mut host, mut may_be_scheme) = match after_two_slashes(text) {
        Some(rest) => (rest, false),
        None => (text, true),
    };
    let mut seen = 0;
    while let Some((before, sign, after)) = split_at_sign(host, seen) {
        match (sign, after_two_slashes(after)) {
            (':', Some(rest)) if may_be_scheme => (host, seen, may_be_scheme) = (rest, 0, false),
            (':', _) => seen = before.len() + 1,
            ('@', _) => (host, seen) = (after, 0),
            _ => return before,
        }
    }
    host
}

/// The first sign that means something, at `from` or later, and what is on either side.
fn split_at_sign(host: &str, from: usize) -> Option<(&str, char, &str)> {
    let at = from + host.get(from..)?.find(['/', '\\', '?', '#', ':', '@'])?;
    let sign = host.get(at..)?.chars().next()?;
    Some((host.get(..at)?, sign, host.get(at + 1..)?))
}

fn after_two_slashes(text: &str) -> Option<&str> {
    text.strip_prefix(SLASHES)?.strip_prefix(SLASHES)
}

fn one_trailing_dot(host: &str) -> &str {
    let bare = host.trim_end_matches('.');
    host.get(..bare.len() + 1).unwrap_or(host)
}

/// The public suffix of the host and one label more, as written; `""` where there is none. Suffixes of private
/// owners, such as `us.com`, do not count.
pub(super) fn domain(url: &str) -> &str {
    let host = hostname(url);
    if host.contains("..") {
        return "";
    }
    let labels = suffix_labels(host.trim_end_matches('.'));
    labels.and_then(|labels| last_labels(host, labels + 1)).unwrap_or_default()
}

/// How many labels of the host are its public suffix.
fn suffix_labels(host: &str) -> Option<usize> {
    let lower = host.to_lowercase();
    let mut name = lower.as_str();
    loop {
        let suffix = psl::List.suffix(name.as_bytes())?;
        let text = std::str::from_utf8(suffix.as_bytes()).ok()?;
        match suffix.typ()? {
            Type::Icann => return Some(text.split('.').count()),
            Type::Private => name = text.split_once('.')?.1,
        }
    }
}

fn last_labels(host: &str, labels: usize) -> Option<&str> {
    let dots = host.trim_end_matches('.').rmatch_indices('.').map(|(at, _)| at + 1);
    let start = dots.chain([0]).nth(labels.checked_sub(1)?)?;
    host.get(start..)
}
