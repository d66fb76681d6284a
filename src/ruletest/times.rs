//! Times in tests: as the clock gives them, or from the test's `t` on.

use super::yaml::{Kind, Node};
use crate::diag::{Diagnostic, codes};
use crate::value::time::SECOND;
use crate::value::{Duration, Timestamp};

/// What `t` is where a test does not say otherwise: 2024-01-01T00:00:00Z.
pub const BASE: Timestamp = Timestamp(1_704_067_200 * SECOND);

const UNITS: [(&str, i64); 6] = [
    ("ms", SECOND / 1000),
    ("s", SECOND),
    ("m", 60 * SECOND),
    ("h", 3_600 * SECOND),
    ("d", 86_400 * SECOND),
    ("w", 604_800 * SECOND),
];

/// Where `text` is written as a time from `t` on: that time, or nothing where it is written wrongly.
pub fn relative(text: &str, base: Timestamp) -> Option<Option<Timestamp>> {
    let rest = text.strip_prefix('t')?;
    match rest.split_at_checked(1) {
        None => Some(Some(base)),
        Some(("+", length)) => Some(span(length).map(|length| base.plus(length))),
        Some(("-", length)) => Some(span(length).map(|length| base.minus(length))),
        Some(_) => None,
    }
}

/// A time of either kind.
pub fn time(text: &str, base: Timestamp) -> Option<Timestamp> {
    relative(text, base).unwrap_or_else(|| Timestamp::parse(text))
}

/// `30s`, `1h30m`
fn span(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut all = 0i64;
    while !rest.is_empty() || text.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let (count, after) = rest.split_at_checked(digits)?;
        let length = after.find(|letter: char| letter.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(length)?;
        let (_, size) = UNITS.iter().find(|(name, _)| *name == unit)?;
        all = all.checked_add(count.parse::<i64>().ok()?.checked_mul(*size)?)?;
        rest = after;
    }
    Some(Duration(all))
}

/// The error for what is no time.
pub fn no_time(node: &Node) -> Diagnostic {
    let word = node.text().unwrap_or_default();
    Diagnostic::new(&codes::BAD_TEST, node.span, format!("`{word}` is no time"))
        .help("write `2024-05-01T10:00:00Z`, `t`, `t+30s` or `t-2h`")
}

/// Puts times in the place of those written from `t` on. They are looked for under keys that end in `time` or
/// `timestamp`, so that a host may still be called `t`.
pub fn settle(node: &mut Node, base: Timestamp, found: &mut Vec<Diagnostic>) {
    match &mut node.kind {
        Kind::Map(entries) => {
            for (key, value) in entries {
                match (is_time(key), value.text().and_then(|text| relative(text, base))) {
                    (true, Some(Some(time))) => value.kind = Kind::Quoted(time.to_rfc3339()),
                    (true, Some(None)) => found.push(no_time(value)),
                    _ => settle(value, base, found),
                }
            }
        }
        Kind::List(items) => items.iter_mut().for_each(|item| settle(item, base, found)),
        Kind::Plain(_) | Kind::Quoted(_) => {}
    }
}

fn is_time(key: &Node) -> bool {
    let name = key.text().unwrap_or_default().to_ascii_lowercase();
    name.ends_with("time") || name.ends_with("timestamp")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_count_from_t() {
        let at = |text| time(text, BASE).map(Timestamp::to_rfc3339);
        assert_eq!(at("t").unwrap(), "2024-01-01T00:00:00Z");
        assert_eq!(at("t+30s").unwrap(), "2024-01-01T00:00:30Z");
        assert_eq!(at("t-2h").unwrap(), "2023-12-31T22:00:00Z");
        assert_eq!(at("t+1h30m").unwrap(), "2024-01-01T01:30:00Z");
        assert_eq!(at("t+250ms").unwrap(), "2024-01-01T00:00:00.250Z");
        assert_eq!(at("2024-05-01 10:00:00Z").unwrap(), "2024-05-01T10:00:00Z");
    }

    #[test]
    fn what_is_written_wrongly_is_no_time() {
        for text in ["t+", "t-5", "t+5x", "t+s", "t+99999999999999999999s", "t+9999999999999w", "now", ""] {
            assert_eq!(time(text, BASE), None, "{text}");
        }
        assert_eq!(relative("theta", BASE), None);
        assert_eq!(relative("t+5x", BASE), Some(None));
    }
}
