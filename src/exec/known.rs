//! What a run knows of an event by the fields it keeps of it, for when its file is no longer what it was.

use std::sync::Arc;

use super::interner::{Interner, ValueId};
use super::layout::Home;
use super::store::{RowId, Store};
use crate::ingest::known::{Field, Known, MOST_ROWS};
use crate::schema::{Root, Step};

/// Kept fields of one source.
#[derive(Clone, Copy)]
pub(super) struct Fields<'k> {
    /// The kind of record.
    pub(super) root: Option<Root>,
    /// For each capture the field that it is, where it is one.
    pub(super) paths: &'k [Option<Arc<[Step]>>],
    pub(super) store: &'k Store,
    pub(super) values: &'k Interner,
}

impl Fields<'_> {
    /// What is known of the event of a row.
    pub(super) fn of(&self, row: RowId) -> Known {
        let own = self.store.rows_of(row).take(MOST_ROWS).map(|row| self.row(row));
        let counted = (0..self.store.factors()).flat_map(|factor| self.factor(row, factor));
        let at = self.store.at(row).filter(|_| self.root == Some(Root::Udm));
        Known { at, rows: own.chain(counted).filter(|row| !row.is_empty()).collect() }
    }

    fn row(&self, row: RowId) -> Vec<Field> {
        let captures = 0..self.paths.len();
        let own = captures.filter(|capture| matches!(self.store.home(*capture), Home::Row(_)));
        own.filter_map(|capture| self.field(capture, self.store.value(row, capture)?)).collect()
    }

    /// The rows of a counted factor, which are none of the event's own.
    fn factor(&self, row: RowId, factor: usize) -> Vec<Vec<Field>> {
        let mut rows = Vec::new();
        for capture in 0..self.paths.len() {
            if !matches!(self.store.home(capture), Home::Factor(home, _) if home == factor) {
                continue;
            }
            let values = self.store.factor_values(row, factor, capture).take(MOST_ROWS);
            for (index, value) in values.enumerate() {
                if rows.len() <= index {
                    rows.push(Vec::new());
                }
                let row: Option<&mut Vec<Field>> = rows.get_mut(index);
                row.into_iter().for_each(|row| row.extend(self.field(capture, value)));
            }
        }
        rows
    }

    fn field(&self, capture: usize, value: ValueId) -> Option<Field> {
        let path = self.paths.get(capture)?.as_ref()?;
        Some((Arc::clone(path), self.values.value(value).into_static()))
    }
}
