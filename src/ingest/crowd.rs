//! Finds records that follow another on the same line.

use std::sync::LazyLock;

use super::pairs::Pairs;

/// What begins all that may stand between two records, as far as two bytes tell: a bracket behind which the next record
/// begins, at once or behind white space, or an end of line of another kind behind a record that may be cut off. Nearly no
/// line has any.
pub(super) const BETWEEN: [[u8; 2]; 7] = [*b"}{", *b"}[", *b"} ", *b"}\t", *b"}\r", *b"}\x0c", *b"\r{"];

static SEARCH: LazyLock<Pairs> = LazyLock::new(|| Pairs::new(&BETWEEN));

/// Does one record follow another on this line, which stands here without its end?
pub(super) fn is_in(line: &[u8]) -> bool {
    SEARCH.places(line).any(|at| follows(line, at))
}

/// Does a record follow what ends at `at`, where one of [`BETWEEN`] was found, on the same line?
pub(super) fn follows(text: &[u8], at: usize) -> bool {
    let mut behind = text.get(at + 1..).unwrap_or_default().iter();
    match text.get(at) {
        Some(b'}') => {
            let next = behind.find(|byte| **byte == b'\n' || !byte.is_ascii_whitespace());
            matches!(next, Some(b'{' | b'['))
        }
        Some(b'\r') => behind.next() == Some(&b'{'),
        Some(_) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;
    use proptest::sample::select;

    /// The same, byte by byte.
    fn is_in_slowly(line: &[u8]) -> bool {
        (0..line.len()).any(|at| {
            let behind = &line[at + 1..];
            match line[at] {
                b'}' => matches!(behind.trim_ascii_start().first(), Some(b'{' | b'[')),
                b'\r' => behind.starts_with(b"{"),
                _ => false,
            }
        })
    }

    proptest! {
        #[test]
        fn any_line_is_found_to_hold_what_a_look_at_each_byte_finds(
            line in proptest::collection::vec(select(b"{}[] \t\r\x0b\x0c,a\"\\".to_vec()), 0..200),
            filling in 0..200usize,
        ) {
            let line = [b"x".repeat(filling), line].concat();
            prop_assert_eq!(is_in(&line), is_in_slowly(&line));
        }
    }

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
