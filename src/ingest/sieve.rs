//! Searches the raw bytes of lines for what every wanted event must contain, so that most lines are never looked at.
//!
//! One rule with a rare text in it runs over a file at about the speed of counting its lines: a search passes over bytes
//! ten times faster than the reader walks them.

use std::fmt;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use memchr::memmem::Finder;

use super::crowd::{BETWEEN, follows};
use super::needle::{Letters, Needle};
use super::pairs::Pairs;

/// Lines are searched so many bytes at a time, so that every search but the first finds them in the fastest memory.
const BLOCK: usize = 32 << 10;

/// So many needles are looked for one after the other, which is faster up to about there.
const FEW: usize = 3;

/// What begins the number of a character.
const ESCAPE: [u8; 2] = *br"\u";

/// What every wanted event contains one of.
pub(super) struct Needles {
    search: Search,
    letters: Letters,
}

enum Search {
    Few(Vec<Finder<'static>>),
    Many(AhoCorasick),
}

impl fmt::Debug for Needles {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Needles")
    }
}

impl Needles {
    /// Nothing where so many cannot be looked for at once.
    pub(super) fn new(needles: &[Needle]) -> Option<Needles> {
        let letters = needles.iter().map(Needle::letters).max().unwrap_or(Letters::Exact);
        let bytes = |needle: &Needle| match letters {
            Letters::Exact => needle.bytes().to_vec(),
            // Where some are looked for in either case, all are: what is found too much is looked at for nothing.
            Letters::Either => needle.bytes().to_ascii_lowercase(),
        };
        let all: Vec<Vec<u8>> = needles.iter().map(bytes).collect();
        let search = if all.len() <= FEW {
            Search::Few(all.iter().map(|one| Finder::new(one).into_owned()).collect())
        } else {
            let mut builder = AhoCorasick::builder();
            builder.match_kind(MatchKind::LeftmostFirst).kind(Some(AhoCorasickKind::DFA));
            Search::Many(builder.build(&all).ok()?)
        };
        Some(Needles { search, letters })
    }
}

/// Finds the lines that must be looked at.
#[derive(Debug)]
pub(super) struct Sieve<'n> {
    needles: &'n Needles,
    doubts: Pairs,
    lower: Vec<u8>,
    places: Vec<usize>,
}

impl<'n> Sieve<'n> {
    pub(super) fn new(needles: &'n Needles) -> Sieve<'n> {
        let doubts = Pairs::new(&[&BETWEEN[..], &[ESCAPE]].concat());
        Sieve { needles, doubts, lower: Vec::new(), places: Vec::new() }
    }

    /// A byte of every line that may hold a wanted event or holds several records; in order.
    pub(super) fn search(&mut self, block: &[u8]) -> &[usize] {
        self.places.clear();
        self.needles(block);
        // A number may stand for any letter of a needle, unless it is one that no needle holds.
        self.places
            .extend(self.doubts.places(block).filter(|at| is_odd_escape(block, *at) || follows(block, *at)));
        self.places.sort_unstable();
        &self.places
    }

    fn needles(&mut self, block: &[u8]) {
        let block = match self.needles.letters {
            Letters::Exact => block,
            Letters::Either => {
                self.lower.clear();
                self.lower.extend_from_slice(block);
                self.lower.make_ascii_lowercase();
                &self.lower
            }
        };
        match &self.needles.search {
            Search::Few(few) => few.iter().for_each(|finder| self.places.extend(finder.find_iter(block))),
            Search::Many(all) => self.places.extend(all.find_iter(block).map(|found| found.start())),
        }
    }
}

/// The first lines of `bytes`, as many as are searched at a time, and one at least.
pub(super) fn block(bytes: &[u8]) -> &[u8] {
    let Some(part) = bytes.get(..BLOCK) else { return bytes };
    let end = memchr::memrchr(b'\n', part).or_else(|| memchr::memchr(b'\n', bytes));
    end.and_then(|end| bytes.get(..=end)).unwrap_or(bytes)
}

/// Is at `at` the `\u` of the number of a character that a needle may hold? `\\u` is a backslash and a letter; and many
/// writers make numbers of `< > & '`, which no needle holds.
fn is_odd_escape(bytes: &[u8], at: usize) -> bool {
    if bytes.get(at) != ESCAPE.first() {
        return false;
    }
    let before = bytes.get(..at).unwrap_or_default();
    let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\').count();
    let number = bytes.get(at + 2..at + 6).unwrap_or_default();
    let harmless =
        matches!(number, [b'0', b'0', b'3', b'c' | b'C' | b'e' | b'E'] | [b'0', b'0', b'2', b'6' | b'7']);
    backslashes % 2 == 0 && !harmless
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::crowd;
    use crate::value::operators::Case;

    use proptest::prelude::*;
    use proptest::sample::select;

    fn found(needles: &[(&str, Case)], text: &str) -> bool {
        let needles: Vec<Needle> =
            needles.iter().map(|(text, case)| Needle::of(text, *case).unwrap()).collect();
        let needles = Needles::new(&needles).unwrap();
        !Sieve::new(&needles).search(text.as_bytes()).is_empty()
    }

    #[test]
    fn a_text_is_found_however_it_is_written() {
        let one = [("zq/jx__zq", Case::Exact)];
        for line in ["jx__zq", r"zq\/jx__zq", r"zq\u002fjx\u005f_zq", r"\ud83d\ude00", r"\\\u0041", r"\u00e9"]
        {
            assert!(found(&one, line), "{line}");
        }
        for line in [r"\u003c\u003E\u0026\u0027", r"C:\\users", r"\\\\u0041", r"\n\\u"] {
            assert!(!found(&one, line), "{line}");
        }
    }

    #[test]
    fn any_of_several_needles_is_found_in_either_case_where_one_folds() {
        let few = [("zqxj", Case::Fold), ("QZQZ", Case::Exact)];
        assert!(found(&few, "..ZqXj..") && found(&few, "QZQZ") && !found(&few, "zq xj"));
        let many = [("zqxj", Case::Fold), ("__1", Case::Exact), ("__2", Case::Exact), ("__3", Case::Exact)];
        assert!(found(&many, "..ZqXj..") && found(&many, "a__3") && !found(&many, "a__4"));
    }

    proptest! {
        #[test]
        fn of_many_lines_those_with_several_records_are_found(
            text in proptest::collection::vec(select(b"{}[]\n\r\t ,a\"\\".to_vec()), 0..300),
        ) {
            let needles = Needles::new(&[Needle::of("zqjx__", Case::Exact).unwrap()]).unwrap();
            let mut sieve = Sieve::new(&needles);
            let places = sieve.search(&text).to_vec();
            let line_of = |place: usize| text[..place].iter().filter(|byte| **byte == b'\n').count();
            let mut found: Vec<usize> = places.into_iter().map(line_of).collect();
            found.dedup();
            let lines = text.split(|byte| *byte == b'\n').enumerate();
            let crowded = lines.filter(|(_, line)| crowd::is_in(line.strip_suffix(b"\r").unwrap_or(line)));
            prop_assert_eq!(found, crowded.map(|(number, _)| number).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_block_ends_where_a_line_ends() {
        let lines = "x".repeat(99) + "\n";
        let text = lines.repeat(1000);
        let first = block(text.as_bytes());
        assert!(first.len() <= BLOCK && first.ends_with(b"\n"));
        let long = "x".repeat(2 * BLOCK) + "\ny";
        assert_eq!(block(long.as_bytes()).len(), 2 * BLOCK + 1);
        assert_eq!(block(b"a\nb"), b"a\nb");
    }
}
