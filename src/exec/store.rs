//! The kept rows of one source, in the order they were met: numbers of values, row after row.

use super::interner::{Interner, ValueId};
use super::layout::{Home, Layout};
use super::packed::Packed;
use super::rows::Matched;
use super::windows::Moment;
use crate::ingest::sink::Origin;
use crate::plan::SourceKind;
use crate::value::Timestamp;

/// A row, by position in its [`Store`].
pub(super) type RowId = u32;

/// The row of a source that is not there: all its values are zero.
pub(super) const ABSENT: RowId = u32::MAX;

/// An event that is kept.
#[derive(Debug)]
pub(super) struct Kept {
    /// [`UNTIMED`] where there is none.
    at: Timestamp,
    /// Its place among all records of the run, from 1.
    pub(super) sequence: u64,
    pub(super) origin: Origin,
}

/// No record has this time: it saves eight bytes an event.
const UNTIMED: Timestamp = Timestamp(i64::MIN);

impl Kept {
    pub(super) fn new(at: Option<Timestamp>, sequence: u64, origin: Origin) -> Kept {
        Kept { at: at.unwrap_or(UNTIMED), sequence, origin }
    }

    /// When it happened, where it says so.
    pub(super) fn at(&self) -> Option<Timestamp> {
        (self.at != UNTIMED).then_some(self.at)
    }
}

/// The kept rows of a source.
#[derive(Debug, Default)]
pub(super) struct Store {
    /// When each event happened, its place among all records, and from where it can be had again. They stand apart since
    /// joins and windows look at times all over the store, and at nothing else.
    times: Vec<Timestamp>,
    places: Vec<u64>,
    origins: Vec<Origin>,
    /// The event of each row; nothing while each event has one row.
    rows: Option<Vec<u32>>,
    values: Vec<ValueId>,
    stride: usize,
    factors: Vec<FactorStore>,
    layout: Layout,
    /// The row of a source that is not there.
    blank: Vec<ValueId>,
    /// When rows of no event happened, where they did at a time.
    eventless: Vec<Option<Timestamp>>,
    standing: Standing,
}

/// What rows are to a group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Standing {
    /// They happen at a time.
    #[default]
    Event,
    /// They tell of what happens: entities, rows of tables.
    Context,
}

/// What becomes of rows without a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Untimed {
    /// They are in no window.
    LeftOut,
    /// They come last.
    Last,
}

/// The rows of one counted factor.
#[derive(Debug, Default)]
struct FactorStore {
    stride: usize,
    /// How many rows each event has.
    counts: Vec<u32>,
    /// Where the values of each event start.
    starts: Vec<u32>,
    values: Vec<ValueId>,
}

impl Store {
    pub(super) fn new(layout: Layout, kind: SourceKind) -> Store {
        let factor = |captures: &Vec<usize>| FactorStore { stride: captures.len(), ..FactorStore::default() };
        let factors = layout.factors.iter().map(factor).collect();
        let standing = if kind.is_timed() { Standing::Event } else { Standing::Context };
        Store { stride: layout.row.len(), factors, layout, standing, ..Store::default() }
    }

    pub(super) fn standing(&self) -> Standing {
        self.standing
    }

    /// Takes in an event with its rows.
    pub(super) fn push(&mut self, kept: Kept, matched: Matched, (packed, values): (&Packed, &mut Interner)) {
        if matched.rows != 1 {
            self.spell_out();
        }
        if let Some(rows) = &mut self.rows {
            rows.extend(std::iter::repeat_n(index(self.places.len()), matched.rows));
        }
        self.times.push(kept.at);
        self.places.push(kept.sequence);
        self.origins.push(kept.origin);
        self.values.extend(packed.range(matched.values).map(|value| values.id(value)));
        for (store, rows) in self.factors.iter_mut().zip(matched.factors) {
            store.counts.push(index(rows.rows));
            store.starts.push(index(store.values.len()));
            store.values.extend(packed.range(rows.values).map(|value| values.id(value)));
        }
    }

    /// Takes in the row of a source that is not there, before any other.
    pub(super) fn set_blank(&mut self, blank: Matched, (packed, values): (&Packed, &mut Interner)) {
        self.blank = packed.range(blank.values).map(|value| values.id(value)).collect();
        for (store, rows) in self.factors.iter_mut().zip(blank.factors) {
            store.counts.push(1);
            store.starts.push(0);
            store.values.extend(packed.range(rows.values).map(|value| values.id(value)));
        }
    }

    /// Takes in a row that comes as columns, of no event.
    pub(super) fn push_columns(&mut self, columns: impl IntoIterator<Item = ValueId>, at: Option<Timestamp>) {
        self.spell_out().push(ABSENT);
        self.eventless.push(at);
        self.values.extend(columns);
    }

    /// From now on not each event has one row.
    fn spell_out(&mut self) -> &mut Vec<u32> {
        self.rows.get_or_insert_with(|| (0..index(self.places.len())).collect())
    }

    pub(super) fn len(&self) -> usize {
        self.rows.as_ref().map_or(self.places.len(), Vec::len)
    }

    /// Does each row stand for an event of its own?
    pub(super) fn is_row_an_event(&self) -> bool {
        self.rows.is_none()
    }

    /// The event of a row, by position.
    fn event(&self, row: RowId) -> Option<usize> {
        let event = match &self.rows {
            Some(rows) => *rows.get(row as usize)? as usize,
            None => row as usize,
        };
        (event < self.places.len()).then_some(event)
    }

    /// The place of a row's event among all records of the run, from 1.
    pub(super) fn place(&self, row: RowId) -> Option<u64> {
        self.places.get(self.event(row)?).copied()
    }

    /// From where a row's event can be had again.
    pub(super) fn origin(&self, row: RowId) -> Option<&Origin> {
        self.origins.get(self.event(row)?)
    }

    /// When a row's event happened, and its place, where it says when.
    pub(super) fn moment(&self, row: RowId) -> Option<Moment> {
        let event = self.event(row)?;
        let at = self.times.get(event).filter(|at| **at != UNTIMED)?;
        Some((*at, *self.places.get(event)?))
    }

    /// How many events do not say when they happened.
    pub(super) fn untimed(&self) -> usize {
        self.times.iter().filter(|at| **at == UNTIMED).count()
    }

    /// The rows of a row's event.
    pub(super) fn rows_of(&self, row: RowId) -> impl Iterator<Item = RowId> + '_ {
        let event = self.event(row);
        let is_own = move |row: &RowId| event.is_some() && self.event(*row) == event;
        let first = (0..row).rev().take_while(is_own).last().unwrap_or(row);
        (first..).take_while(is_own)
    }

    /// When a row happened.
    pub(super) fn at(&self, row: RowId) -> Option<Timestamp> {
        match self.event(row).and_then(|event| self.times.get(event)) {
            Some(at) => (*at != UNTIMED).then_some(*at),
            None => self.eventless.get(row as usize).copied().flatten(),
        }
    }

    /// The value a row keeps; of a counted factor, that of its first row.
    pub(super) fn value(&self, row: RowId, capture: usize) -> Option<ValueId> {
        match self.layout.home(capture) {
            Home::Row(at) if row == ABSENT => self.blank.get(at).copied(),
            Home::Row(at) => self.values.get((row as usize) * self.stride + at).copied(),
            Home::Factor(factor, _) => self.factor_values(row, factor, capture).next(),
        }
    }

    pub(super) fn home(&self, capture: usize) -> Home {
        self.layout.home(capture)
    }

    pub(super) fn factors(&self) -> usize {
        self.factors.len()
    }

    /// How many rows a counted factor of the row's event has.
    pub(super) fn count(&self, row: RowId, factor: usize) -> u64 {
        let Some(store) = self.factors.get(factor) else { return 1 };
        let event = self.event_index(row);
        store.counts.get(event).map_or(1, |count| u64::from(*count))
    }

    /// The values of a capture in the rows of its counted factor.
    pub(super) fn factor_values(
        &self,
        row: RowId,
        factor: usize,
        capture: usize,
    ) -> impl Iterator<Item = ValueId> + '_ {
        let event = self.event_index(row);
        let at = match self.layout.home(capture) {
            Home::Factor(_, at) => at,
            Home::Row(at) => at,
        };
        self.factors.get(factor).into_iter().flat_map(move |store| {
            let start = store.starts.get(event).copied().unwrap_or(0) as usize;
            let end = store.starts.get(event + 1).map_or(store.values.len(), |end| *end as usize);
            let own = store.values.get(start..end).unwrap_or_default();
            own.iter().skip(at).step_by(store.stride.max(1)).copied()
        })
    }

    /// Where the factors of a row's event stand: those of the row that is not there come first.
    fn event_index(&self, row: RowId) -> usize {
        self.event(row).map_or(0, |event| event + 1)
    }

    /// The rows in time order, those of an event as they were made.
    pub(super) fn in_time_order(&self, untimed: Untimed) -> Vec<RowId> {
        let mut order: Vec<RowId> = (0..index(self.len()))
            .filter(|row| untimed == Untimed::Last || self.at(*row).is_some())
            .collect();
        let key = |row: &RowId| {
            let at = self.at(*row);
            (at.is_none(), at, self.place(*row))
        };
        // Logs mostly come in time order.
        if !order.is_sorted_by_key(key) {
            order.sort_by_key(key);
        }
        order
    }
}

/// A run keeps fewer rows than 32 bits count: memory ends before.
fn index(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(ABSENT)
}
