//! Joined rows: for each the row of every source, side by side.

use std::cmp::Ordering;

use super::store::{ABSENT, RowId, Standing, Store};
use crate::value::Timestamp;

/// Joined rows, one after another.
#[derive(Debug, Clone, Default)]
pub(super) struct Joined {
    width: usize,
    flat: Vec<RowId>,
    /// The first and the last time among the events of each.
    spans: Vec<(Timestamp, Timestamp)>,
}

impl Joined {
    /// No rows yet, of so many sources.
    pub(super) fn new(width: usize) -> Joined {
        Joined { width, ..Joined::default() }
    }

    pub(super) fn push(&mut self, row: &[RowId], span: (Timestamp, Timestamp)) {
        self.flat.extend_from_slice(row);
        self.spans.push(span);
    }

    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    pub(super) fn row(&self, index: usize) -> &[RowId] {
        self.flat.get(index * self.width..(index + 1) * self.width).unwrap_or_default()
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &[RowId]> {
        self.flat.chunks_exact(self.width.max(1))
    }

    pub(super) fn span(&self, index: usize) -> (Timestamp, Timestamp) {
        self.spans.get(index).copied().unwrap_or_default()
    }

    /// Those of its rows that `indices` names, in that order.
    pub(super) fn chosen(&self, indices: impl IntoIterator<Item = usize>) -> Joined {
        let mut chosen = Joined::new(self.width);
        let indices = indices.into_iter();
        chosen.flat.reserve(indices.size_hint().0 * self.width);
        chosen.spans.reserve(indices.size_hint().0);
        indices.for_each(|index| chosen.push(self.row(index), self.span(index)));
        chosen
    }

    /// In the order of rows: by the times of the first source, of the second, …, then by input order, then by element.
    /// What has no time comes last. Rows of context follow all of this.
    pub(super) fn sort(&mut self, stores: &[Store]) {
        let compare = |left: usize, right: usize| compare(stores, self.row(left), self.row(right));
        // Rows mostly come in order: a copy costs more than a look.
        if (1..self.len()).all(|index| compare(index - 1, index).is_le()) {
            return;
        }
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_by(|left, right| compare(*left, *right));
        *self = self.chosen(order);
    }
}

fn compare(stores: &[Store], left: &[RowId], right: &[RowId]) -> Ordering {
    let by = |standing: Standing, key: fn(&Store, RowId) -> (bool, u64, i64)| {
        let pairs =
            stores.iter().zip(left.iter().zip(right)).filter(|(store, _)| store.standing() == standing);
        let mut orders = pairs.map(|(store, (a, b))| key(store, *a).cmp(&key(store, *b)));
        orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    };
    let time = |store: &Store, row| (row != ABSENT, 0, store.at(row).map_or(i64::MAX, |at| at.0));
    let place = |store: &Store, row| (row != ABSENT, store.place(row).unwrap_or(0), 0);
    let element = |_: &Store, row: RowId| (row != ABSENT, u64::from(row), 0);
    by(Standing::Event, time)
        .then_with(|| by(Standing::Event, place))
        .then_with(|| by(Standing::Event, element))
        .then_with(|| by(Standing::Context, element))
}
