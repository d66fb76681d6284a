//! Finds records that follow another on the same line.

use memchr::memchr_iter;
use wide::u8x16;

/// So many bytes are looked at together, in one pass that needs no look at each.
const WIDTH: usize = 64;

/// Does one record follow another on this line, which stands here without its end? Nearly no line has two, so that one
/// search looks for all that may stand between two, and only where it finds some a closer one follows. That the last
/// stretch overlaps the one before, and the rare carriage return has a search of its own, halves the steps.
pub(super) fn is_in(line: &[u8]) -> bool {
    (may_close_early(line) && closes_early(line)) || follows_cut(line)
}

/// Is there a bracket behind which another record begins?
fn closes_early(line: &[u8]) -> bool {
    memchr_iter(b'}', line).any(|at| opens_another(line.get(at + 1..).unwrap_or_default()))
}

/// Does a record begin behind an end of line of its own kind? The one before it may be cut off.
fn follows_cut(line: &[u8]) -> bool {
    memchr_iter(b'\r', line).any(|at| line.get(at + 1) == Some(&b'{'))
}

/// May there be such a bracket?
fn may_close_early(line: &[u8]) -> bool {
    let (Some((_, before)), Some((_, next))) = (line.split_last(), line.split_first()) else { return false };
    let (Some(last), Some(last_next)) = (before.last_chunk(), next.last_chunk()) else { return true };
    let mut stretches = before.as_chunks().0.iter().zip(next.as_chunks().0);
    stretches.any(|(stretch, next)| may_hold(stretch, next)) || may_hold(last, last_next)
}

/// May such a bracket be among these bytes, each with the next one?
fn may_hold(stretch: &[u8; WIDTH], next: &[u8; WIDTH]) -> bool {
    let pairs = stretch.as_chunks().0.iter().zip(next.as_chunks().0);
    let found = pairs.fold(u8x16::ZERO, |found, (bytes, next)| {
        let (bytes, next) = (u8x16::from(*bytes), u8x16::from(*next));
        let is_white = next.simd_eq(next.min(u8x16::splat(b' ')));
        // `[` differs from `{` in one bit, which no other byte lacks that makes `{` of it.
        let opens = (next | u8x16::splat(b' ')).simd_eq(u8x16::splat(b'{')) | is_white;
        found | (bytes.simd_eq(u8x16::splat(b'}')) & opens)
    });
    found.to_bitmask() != 0
}

/// Does a record begin behind a bracket, on the same line?
fn opens_another(behind: &[u8]) -> bool {
    matches!(behind.trim_ascii_start().first(), Some(b'{' | b'['))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_follows_is_found_wherever_it_stands() {
        for between in ["", " ", "  ", "\t", "\r", " \t ", "\x0c"] {
            for before in 0..150 {
                let before = "x".repeat(before) + "}";
                for behind in ["", "\"a\":1}", &"y".repeat(140)] {
                    let line = format!("{before}{between}{{{behind}");
                    assert!(is_in(line.as_bytes()), "{line}");
                    let line = format!("{before}{between},{behind}");
                    assert!(!is_in(line.as_bytes()), "{line}");
                }
            }
        }
    }

    #[test]
    fn a_record_behind_one_that_is_cut_off_is_found() {
        for before in 1..150 {
            let line = format!("{}\r{{}}", "x".repeat(before));
            assert!(is_in(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn objects_within_a_record_are_no_records_that_follow() {
        let line = "{\"a\":{} ,\"b\":{\"c\":[{},{}] } }".repeat(9).replace("}{", "},{");
        assert!(!is_in(line.as_bytes()), "{line}");
        assert!(!is_in(b"") && !is_in(b"{}"));
    }
}
