//! Time zones and formats of times, as rules name them.

use jiff::ZonedDateTime;
use jiff::tz::{Offset, TimeZone};

/// The zone that a name or an offset stands for.
pub(super) fn parse(text: &str) -> Option<TimeZone> {
    if let Some(rest) = text.strip_prefix('+') {
        return fixed(rest, 1);
    }
    if let Some(rest) = text.strip_prefix('-') {
        return fixed(rest, -1);
    }
    named(text)
}

/// `H[H][:M[M]]`.
fn fixed(text: &str, sign: i32) -> Option<TimeZone> {
    let (hours, minutes) = text.split_once(':').unwrap_or((text, "0"));
    let part = |digits: &str, most: i32| {
        let plain = (1..=2).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
        digits.parse().ok().filter(|number: &i32| plain && *number <= most)
    };
    let seconds = part(hours, 14)? * 3600 + part(minutes, 59)? * 60;
    Offset::from_seconds(sign * seconds).ok().map(TimeZone::fixed)
}

/// An IANA name. Abbreviations are refused, as documented, also those (`EST`) which the IANA keeps for old programs.
fn named(text: &str) -> Option<TimeZone> {
    let abbreviation = text.len() == 3 && !["UTC", "GMT"].contains(&text) && text.to_uppercase() == text;
    if abbreviation { None } else { TimeZone::get(text).ok() }
}

/// The time in a format of `%` elements; nothing where one of them is unknown.
pub(super) fn format(time: &ZonedDateTime, format: &str) -> Option<String> {
    jiff::fmt::strtime::format(rewritten(format)?, time).ok()
}

/// The same format as jiff spells it; nothing where an element is unknown.
pub(super) fn rewritten(format: &str) -> Option<String> {
    let mut out = String::with_capacity(format.len());
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let (element, length) = element(after)?;
        out.push_str(&element);
        rest = after.get(length..)?;
    }
    out.push_str(rest);
    Some(out)
}

/// The element after a `%`, respelt, and its length.
fn element(after: &str) -> Option<(String, usize)> {
    const SAME: &str = "%AaBbCDdeFGgHhIjklMmnPpRSsTtUuVWwYyZz";
    let letter = after.chars().next()?;
    match letter {
        'E' => extended(after),
        'c' => Some(("%a %b %e %T %Y".to_owned(), 1)),
        'Q' => Some(("%q".to_owned(), 1)),
        'X' => Some(("%T".to_owned(), 1)),
        'x' => Some(("%D".to_owned(), 1)),
        _ if SAME.contains(letter) => Some((format!("%{letter}"), 1)),
        _ => None,
    }
}

/// `%Ez`, `%E*S`, `%E4Y`, `%E3S`: times here are whole seconds, so a fraction is all zeros.
fn extended(after: &str) -> Option<(String, usize)> {
    for (spelt, meant) in [("Ez", "%:z"), ("E*S", "%S"), ("E4Y", "%Y"), ("E0S", "%S")] {
        if after.starts_with(spelt) {
            return Some((meant.to_owned(), spelt.len()));
        }
    }
    let mut letters = after.chars().skip(1);
    let digits = letters.next()?.to_digit(10)?;
    let zeros = "0".repeat(usize::try_from(digits).ok()?);
    (letters.next() == Some('S')).then(|| (format!("%S.{zeros}"), 3))
}
