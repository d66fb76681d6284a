//! The rows of a source by the hash of what they are joined by.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::store::{ABSENT, RowId};

/// Rows by hash; those of a hash lie side by side, in the order they came, so that a hundred thousand of them ask for
/// memory twice and not once each.
pub(super) struct Hashed {
    rows: Vec<RowId>,
    spans: FxHashMap<u64, Range<usize>>,
}

impl Hashed {
    /// `hashes` has one for each row.
    pub(super) fn new(rows: &[RowId], hashes: &[u64]) -> Hashed {
        let mut spans: FxHashMap<u64, Range<usize>> = FxHashMap::default();
        hashes.iter().for_each(|hash| spans.entry(*hash).or_default().end += 1);
        let mut start = 0;
        for span in spans.values_mut() {
            let count = span.end;
            *span = start..start;
            start += count;
        }
        let mut placed = vec![ABSENT; rows.len()];
        for (row, hash) in rows.iter().zip(hashes) {
            let Some(span) = spans.get_mut(hash) else { continue };
            placed.get_mut(span.end).into_iter().for_each(|place| *place = *row);
            span.end += 1;
        }
        Hashed { rows: placed, spans }
    }

    /// The rows of a hash.
    pub(super) fn get(&self, hash: u64) -> &[RowId] {
        self.spans.get(&hash).and_then(|span| self.rows.get(span.clone())).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_hash_keep_their_order() {
        let hashed = Hashed::new(&[4, 5, 6, 7, 8], &[1, 2, 1, u64::MAX, 1]);
        assert_eq!([1, 2, u64::MAX, 3].map(|hash| hashed.get(hash)), [&[4, 6, 8][..], &[5], &[7], &[]]);
    }
}
