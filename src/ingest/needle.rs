//! A needle: bytes that stand in a line of JSON, however it is written, when a value in it contains some text.

use crate::regex::rarity;
use crate::value::operators::Case;

/// Bytes to look for in a line.
///
/// A text may be written in many ways: `\` is `\\`, `/` may be `\/`, some writers turn `< > & '` into `\u003c` and its kin,
/// and any character at all may be `\u` and its number. So a needle is a stretch of the text without such characters;
/// lines with numbers other than those four are looked at in any case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Needle {
    bytes: Vec<u8>,
    letters: Letters,
    worth: u32,
}

/// Whether letters of either case must be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Letters {
    /// As they are, if there are any.
    Exact,
    /// In either case; the needle has them in lower case.
    Either,
}

/// A text that is met so often that a search for it saves nothing.
const LEAST: u32 = 12;

/// Letters of either case are looked for in a copy of the line, which takes as long as another search.
const COPY: u32 = 4;

/// What letters beyond ASCII fold to: the Kelvin sign to `k`, `ſ` to `s`, the `i` without and that with a dot to `i`.
const FOLDED_TO: [char; 3] = ['k', 's', 'i'];

impl Needle {
    /// The best needle for a text that a value contains; nothing where all are met too often. [`Case::Fold`] means letters
    /// of either case under whatever rule of folding.
    pub fn of(text: &str, case: Case) -> Option<Needle> {
        match case {
            Case::Exact => best(text.split(is_cut), case),
            Case::Fold => {
                let cut = |letter: char| {
                    is_cut(letter) || !letter.is_ascii() || FOLDED_TO.contains(&letter.to_ascii_lowercase())
                };
                best(text.split(cut), case)
            }
        }
    }

    /// The same where [`Case::Fold`] means ASCII letters of either case, and no other letter is one of those.
    pub fn of_ascii(text: &str, case: Case) -> Option<Needle> {
        best(text.split(is_cut), case)
    }

    /// How rarely it is found and how fast it is looked for: the more the better.
    pub fn worth(&self) -> u32 {
        self.worth
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn letters(&self) -> Letters {
        self.letters
    }

    fn new(text: &str, case: Case) -> Option<Needle> {
        let bits = rarity(text);
        let letters = match case {
            Case::Fold if text.bytes().any(|byte| byte.is_ascii_alphabetic()) => Letters::Either,
            Case::Fold | Case::Exact => Letters::Exact,
        };
        let (bytes, worth) = match letters {
            Letters::Exact => (text.to_owned(), bits + COPY),
            Letters::Either => (text.to_ascii_lowercase(), bits),
        };
        (bits >= LEAST).then(|| Needle { bytes: bytes.into_bytes(), letters, worth })
    }
}

/// What may be written in several ways, or stands for bytes that are not there.
fn is_cut(letter: char) -> bool {
    matches!(letter, '"' | '/' | '<' | '>' | '&' | '\'' | char::REPLACEMENT_CHARACTER) || letter.is_control()
}

fn best<'t>(parts: impl Iterator<Item = &'t str>, case: Case) -> Option<Needle> {
    let needles = parts.flat_map(between_backslashes).filter_map(|part| Needle::new(part, case));
    needles.max_by_key(Needle::worth)
}

/// One backslash is two in JSON, but one where a writer has forgotten that: so one at either end is certain, and none within.
fn between_backslashes(part: &str) -> impl Iterator<Item = &str> {
    let ends: Vec<usize> = part.match_indices('\\').map(|(at, _)| at).collect();
    let starts = std::iter::once(0).chain(ends.clone());
    let stops = ends.into_iter().map(|at| at + 1).chain([part.len()]);
    starts.zip(stops).filter_map(|(start, stop)| part.get(start..stop))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str, case: Case) -> Option<String> {
        Needle::of(text, case).map(|needle| String::from_utf8(needle.bytes).unwrap())
    }

    #[test]
    fn a_needle_holds_nothing_that_may_be_written_otherwise() {
        assert_eq!(bytes(r"\\127.0.0.1\ADMIN$\__17", Case::Exact).as_deref(), Some(r"\__17"));
        assert_eq!(bytes("/c echo qzx>out", Case::Exact).as_deref(), Some("c echo qzx"));
        assert_eq!(bytes("a\u{fffd}zqj\u{1}zqjx", Case::Exact).as_deref(), Some("zqjx"));
        assert_eq!(bytes("<>&'\"/\\\n", Case::Exact), None);
        assert_eq!(bytes("вирус", Case::Exact).as_deref(), Some("вирус"));
    }

    #[test]
    fn a_folded_needle_stops_at_letters_that_others_fold_to() {
        assert_eq!(bytes("Mimikatz!?", Case::Fold).as_deref(), Some("atz!?"));
        assert_eq!(bytes("QzÉzqj", Case::Fold).as_deref(), Some("zqj"));
        assert_eq!(bytes("$__$", Case::Fold).as_deref(), Some("$__$"));
        assert_eq!(Needle::of("$__$", Case::Fold).unwrap().letters, Letters::Exact);
    }

    #[test]
    fn no_other_letter_becomes_an_ascii_one_by_folding() {
        for letter in '\u{80}'..=char::MAX {
            let text = String::from(letter);
            let folded = crate::value::operators::folded(&text).chain(letter.to_lowercase());
            for ascii in folded.filter(char::is_ascii) {
                assert!(FOLDED_TO.contains(&ascii), "{letter:?} folds to {ascii:?}");
            }
        }
    }

    #[test]
    fn common_texts_are_no_needles() {
        assert_eq!(bytes("cmd", Case::Exact), None);
        assert_eq!(bytes(r"C:\Windows\", Case::Exact), None);
    }
}
