//! The rows that joining starts from, split by those match variables that they hold: the joined rows of one part are all
//! that is in memory at a time.

use std::ops::Range;

use super::interner::ValueId;
use super::join::Joiner;
use super::store::{RowId, Store};
use crate::plan::Plan;

/// Rows by part, those of a part in time order.
pub(super) struct Parts {
    rows: Vec<RowId>,
    /// Where each part ends.
    ends: Vec<usize>,
}

impl Parts {
    pub(super) fn new(plan: &Plan, joiner: &Joiner<'_>, stores: &[Store]) -> Parts {
        let own = plan.keys.iter().filter(|key| key.source == joiner.start);
        let captures: Vec<usize> = own.map(|key| key.capture).collect();
        let mut rows = joiner.first();
        let (Some(store), Some((first, rest))) = (stores.get(joiner.start.0), captures.split_first()) else {
            let ends = if rows.is_empty() { Vec::new() } else { vec![rows.len()] };
            return Parts { rows, ends };
        };
        let value = |row: RowId| store.value(row, *first).unwrap_or(ValueId::MAX);
        rows = sorted(rows, value);
        let behind = |row: RowId| rest.iter().map(move |capture| store.value(row, *capture));
        if !rest.is_empty() {
            let parts = rows.chunk_by_mut(|left, right| value(*left) == value(*right));
            parts.for_each(|part| part.sort_by(|left, right| behind(*left).cmp(behind(*right))));
        }
        let is_same =
            |left: RowId, right: RowId| value(left) == value(right) && behind(left).eq(behind(right));
        let ends = ends(&rows, is_same);
        Parts { rows, ends }
    }

    /// How many rows there are in all.
    pub(super) fn rows(&self) -> usize {
        self.rows.len()
    }

    /// How many parts there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The rows of these parts, part by part.
    pub(super) fn of(&self, parts: Range<usize>) -> impl Iterator<Item = &[RowId]> {
        parts.filter_map(|part| {
            let start = part.checked_sub(1).and_then(|before| self.ends.get(before)).copied();
            self.rows.get(start.unwrap_or(0)..*self.ends.get(part)?)
        })
    }

    /// So many shares of parts, of about as many rows each.
    pub(super) fn shares(&self, count: usize) -> Vec<Range<usize>> {
        let (count, rows) = (count.max(1), self.rows.len());
        let end = |share: usize| self.ends.partition_point(|end| *end <= rows * share / count);
        let mut bounds: Vec<usize> = (0..count).map(end).chain([self.ends.len()]).collect();
        bounds.dedup();
        bounds.windows(2).filter_map(|pair| Some(*pair.first()?..*pair.last()?)).collect()
    }
}

fn ends(rows: &[RowId], is_same: impl Fn(RowId, RowId) -> bool) -> Vec<usize> {
    let parts = rows.chunk_by(|left, right| is_same(*left, *right));
    let ends = parts.scan(0, |end, part| {
        *end += part.len();
        Some(*end)
    });
    ends.collect()
}

/// The rows by the number of a value, those of a number as they came. Numbers given out one after another are counted and
/// not compared, which for ten million rows takes half the memory and a fraction of the time.
fn sorted(mut rows: Vec<RowId>, value: impl Fn(RowId) -> ValueId) -> Vec<RowId> {
    let least = rows.iter().map(|row| value(*row)).min().unwrap_or(0);
    let most = rows.iter().map(|row| value(*row)).max().unwrap_or(0);
    let (value, most) = (|row| value(row) - least, (most - least) as usize);
    if most / 8 > rows.len() {
        rows.sort_by_cached_key(|row| value(*row));
        return rows;
    }
    // Where the rows of each number start.
    let mut starts = vec![0_u32; most + 2];
    for row in &rows {
        starts.get_mut(value(*row) as usize + 1).into_iter().for_each(|count| *count += 1);
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
    let mut placed = vec![0; rows.len()];
    for row in rows {
        let Some(start) = starts.get_mut(value(row) as usize) else { continue };
        placed.get_mut(*start as usize).into_iter().for_each(|place| *place = row);
        *start += 1;
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_by_value_and_stay_in_order_within_one() {
        let dense = [3, 0, 2, 3, 0, 1];
        let sparse = dense.map(|value| value * 1_000_000_000);
        for values in [dense, sparse] {
            let found = sorted(vec![5, 0, 1, 2, 3, 4], |row| values[row as usize]);
            assert_eq!(found, [1, 4, 5, 2, 0, 3]);
        }
        assert!(sorted(Vec::new(), |_| 0).is_empty());
    }

    #[test]
    fn shares_hold_every_part_once() {
        let parts = Parts { rows: (0..20).collect(), ends: vec![1, 2, 15, 16, 20] };
        for count in 0..30 {
            let shares = parts.shares(count);
            let all: Vec<usize> = shares.iter().cloned().flatten().collect();
            assert_eq!(all, [0, 1, 2, 3, 4], "{count}");
            let rows: Vec<RowId> =
                shares.into_iter().flat_map(|share| parts.of(share)).flatten().copied().collect();
            assert!(rows.into_iter().eq(0..20));
        }
    }
}
