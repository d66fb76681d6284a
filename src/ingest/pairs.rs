//! Finds rare pairs of bytes, many kinds of them in one pass.
//!
//! Where the processor can, thirty-two bytes are compared with all pairs at once: about as fast as a search for one text,
//! and twice as fast as sixteen at a time, which is all that a program may rely on without asking the processor.

use aho_corasick::Span;
use aho_corasick::packed::Searcher;

/// The search for some pairs.
#[derive(Debug)]
pub(super) struct Pairs {
    pairs: Vec<[u8; 2]>,
    /// Nothing where the processor compares bytes one by one.
    packed: Option<Searcher>,
}

impl Pairs {
    pub(super) fn new(pairs: &[[u8; 2]]) -> Pairs {
        Pairs { pairs: pairs.to_vec(), packed: Searcher::new(pairs) }
    }

    /// Where such pairs start, in order.
    pub(super) fn places(&self, bytes: &[u8]) -> impl Iterator<Item = usize> {
        let mut from = 0;
        std::iter::from_fn(move || {
            let at = self.next(bytes, from)?;
            from = at + 1;
            Some(at)
        })
    }

    fn next(&self, bytes: &[u8], from: usize) -> Option<usize> {
        match &self.packed {
            Some(packed) => packed.find_in(bytes, Span::from(from..bytes.len())).map(|found| found.start()),
            None => self.one_by_one(bytes.get(from..)?).map(|at| from + at),
        }
    }

    fn one_by_one(&self, bytes: &[u8]) -> Option<usize> {
        bytes.windows(2).position(|two| self.pairs.iter().any(|pair| pair == two))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;
    use proptest::sample::select;

    proptest! {
        #[test]
        fn every_pair_is_found_with_any_processor(
            bytes in proptest::collection::vec(select(b"{}\r u\\".to_vec()), 0..200),
            filling in 0..200usize,
        ) {
            let bytes = [b"x".repeat(filling), bytes].concat();
            let pairs = [*b"}{", *b"}}", *b"}\r", *b"\r{", *b"\\u"];
            let expected: Vec<usize> =
                (1..bytes.len()).filter(|at| pairs.iter().any(|pair| bytes[at - 1..=*at] == *pair)).map(|at| at - 1).collect();
            let packed = Pairs::new(&pairs);
            let single = Pairs { packed: None, ..Pairs::new(&pairs) };
            prop_assert_eq!(packed.places(&bytes).collect::<Vec<_>>(), &expected[..]);
            prop_assert_eq!(single.places(&bytes).collect::<Vec<_>>(), expected);
        }
    }
}
