//! The rows of a group that lie in a window, where they stand: of ten overlapping windows each would else copy them.

use std::ops::Range;

use super::joined::Joined;
use super::store::RowId;

/// Rows of a group, or rows made of them.
#[derive(Debug, Clone)]
pub(super) enum Inside<'r> {
    /// Neighbours.
    Run(&'r Joined, Range<usize>),
    /// Here and there.
    Picked(&'r Joined, Vec<usize>),
    /// Their own: what joins a row where a source may be absent differs from window to window.
    Own(Joined),
}

impl<'r> Inside<'r> {
    /// All rows.
    pub(super) fn all(rows: &'r Joined) -> Inside<'r> {
        Inside::Run(rows, 0..rows.len())
    }

    /// Those of `range` that pass `test`.
    pub(super) fn among(rows: &'r Joined, range: Range<usize>, test: impl Fn(usize) -> bool) -> Inside<'r> {
        if range.clone().all(&test) {
            return Inside::Run(rows, range);
        }
        Inside::Picked(rows, range.filter(|index| test(*index)).collect())
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Inside::Run(_, range) => range.len(),
            Inside::Picked(_, picked) => picked.len(),
            Inside::Own(rows) => rows.len(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A row, by its place among those inside.
    pub(super) fn row(&self, index: usize) -> &[RowId] {
        match self {
            Inside::Run(rows, range) => rows.row(range.start + index),
            Inside::Picked(rows, picked) => picked.get(index).map_or(&[], |index| rows.row(*index)),
            Inside::Own(rows) => rows.row(index),
        }
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &[RowId]> + Clone {
        (0..self.len()).map(|index| self.row(index))
    }

    /// A copy of the rows.
    pub(super) fn to_joined(&self) -> Joined {
        match self {
            Inside::Run(rows, range) => rows.chosen(range.clone()),
            Inside::Picked(rows, picked) => rows.chosen(picked.iter().copied()),
            Inside::Own(rows) => rows.clone(),
        }
    }
}
