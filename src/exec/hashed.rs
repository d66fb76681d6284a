//! The rows of a source by the hash of what they are joined by.

use std::collections::hash_map::Entry;
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::reach;
use super::store::RowId;
use crate::value::Timestamp;

/// Rows in time order, each with its time beside it, so that a stretch of them is found without a look at the store.
pub(super) struct Listed {
    pub(super) rows: Vec<RowId>,
    /// None where they happen at no time.
    pub(super) times: Vec<Timestamp>,
}

impl Listed {
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Those in a part of them, and in a stretch of time.
    pub(super) fn within(&self, part: Range<usize>, stretch: reach::Range) -> &[RowId] {
        let rows = self.rows.get(part.clone()).unwrap_or_default();
        let Some(times) = self.times.get(part).filter(|times| !times.is_empty()) else { return rows };
        let from = times.partition_point(|at| *at < stretch.from);
        let to = times.partition_point(|at| *at <= stretch.to);
        rows.get(from..to).unwrap_or_default()
    }
}

/// Rows by hash; those of a hash lie side by side, in the order they came, so that a hundred thousand of them ask for
/// memory twice and not once each.
pub(super) struct Hashed {
    listed: Listed,
    slots: Slots,
    /// Where the rows of each slot start; those of the last end where the rows do.
    starts: Vec<u32>,
}

/// Where a hash stands.
enum Slots {
    /// Hashes that lie close together, from this one on.
    From(u64),
    /// Others, in the order they were met.
    Met(FxHashMap<u64, u32>),
}

impl Slots {
    /// Slots for hashes and how many there are.
    fn new(hashes: &[u64]) -> (Slots, usize) {
        let (least, most) =
            (hashes.iter().min().copied().unwrap_or(0), hashes.iter().max().copied().unwrap_or(0));
        match usize::try_from(most - least) {
            Ok(span) if span / 4 <= hashes.len() => (Slots::From(least), span + 1),
            Ok(_) | Err(_) => Slots::met(hashes),
        }
    }

    fn met(hashes: &[u64]) -> (Slots, usize) {
        let mut met = FxHashMap::default();
        let mut next = 0;
        for hash in hashes {
            if let Entry::Vacant(place) = met.entry(*hash) {
                place.insert(next);
                next += 1;
            }
        }
        (Slots::Met(met), next as usize)
    }

    /// The slot of a hash; one that there is not for a hash that was not met.
    fn get(&self, hash: u64) -> u32 {
        let slot = match self {
            Slots::From(least) => hash.checked_sub(*least).and_then(|slot| u32::try_from(slot).ok()),
            Slots::Met(met) => met.get(&hash).copied(),
        };
        slot.unwrap_or(u32::MAX)
    }
}

impl Hashed {
    /// `hashes` has one for each row.
    pub(super) fn new(listed: Listed, hashes: Vec<u64>) -> Hashed {
        let (slots, count) = Slots::new(&hashes);
        let places: Vec<u32> = hashes.into_iter().map(|hash| slots.get(hash)).collect();
        let starts = starts(&places, count);
        let (rows, times) = (sorted(&listed.rows, &places, &starts), sorted(&listed.times, &places, &starts));
        Hashed { listed: Listed { rows, times }, slots, starts }
    }

    /// The rows of a hash in a stretch of time.
    pub(super) fn within(&self, hash: u64, stretch: reach::Range) -> &[RowId] {
        let slot = self.slots.get(hash) as usize;
        let Some(start) = self.starts.get(slot) else { return &[] };
        let end = self.starts.get(slot.saturating_add(1)).map_or(self.listed.len(), |end| *end as usize);
        self.listed.within(*start as usize..end, stretch)
    }
}

/// Where each of `count` places starts, of which each row has one.
fn starts(places: &[u32], count: usize) -> Vec<u32> {
    let mut counts = vec![0_u32; count];
    for place in places {
        counts.get_mut(*place as usize).into_iter().for_each(|count| *count += 1);
    }
    let start = |sum: &mut u32, count| {
        *sum += count;
        Some(*sum - count)
    };
    counts.into_iter().scan(0, start).collect()
}

/// What stands for rows, by their places, those of a place in order.
fn sorted<T: Copy + Default>(of: &[T], places: &[u32], starts: &[u32]) -> Vec<T> {
    let (mut next, mut sorted) = (starts.to_vec(), vec![T::default(); of.len()]);
    for (one, place) in of.iter().zip(places) {
        let Some(next) = next.get_mut(*place as usize) else { continue };
        sorted.get_mut(*next as usize).into_iter().for_each(|to| *to = *one);
        *next += 1;
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::reach::Range;
    use super::*;

    fn hashed(hashes: &[u64]) -> Hashed {
        let times = [10, 20, 30, 40, 50].map(Timestamp).to_vec();
        Hashed::new(Listed { rows: vec![4, 5, 6, 7, 8], times }, hashes.to_vec())
    }

    #[test]
    fn rows_of_a_hash_keep_their_order() {
        for far in [4, u64::MAX] {
            let hashed = hashed(&[1, 2, 1, far, 1]);
            let found = [1, 2, far, 3, 0, 5].map(|hash| hashed.within(hash, Range::EVER));
            assert_eq!(found, [&[4, 6, 8][..], &[5], &[7], &[], &[], &[]], "{far}");
        }
    }

    #[test]
    fn rows_of_a_hash_are_found_by_time() {
        let hashed = hashed(&[1, 2, 1, 1, 1]);
        let within = |from, to| hashed.within(1, Range { from: Timestamp(from), to: Timestamp(to) });
        assert_eq!(within(10, 40), [4, 6, 7]);
        assert_eq!(within(11, 39), [6]);
        assert!(within(51, 90).is_empty());
    }

    #[test]
    fn rows_without_time_are_found_at_any() {
        let hashed = Hashed::new(Listed { rows: vec![4, 5], times: Vec::new() }, vec![7, 7]);
        assert_eq!(hashed.within(7, Range { from: Timestamp(1), to: Timestamp(1) }), [4, 5]);
    }
}
