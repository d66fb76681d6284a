//! What was read of one record: a cell for each wanted field, borrowed from the record's bytes where it can be.

use std::borrow::Cow;
use std::ops::Range;

use super::read::Waiting;
use super::wanted::{Chosen, Leaf, ListId, NodeId, SlotId, Wanted};
use crate::schema::{Root, schema};
use crate::value::{Timestamp, Value, number, operators};

/// No element: the row of an empty list.
pub const NO_ELEMENT: u32 = u32::MAX;

/// The text of a field, where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) enum Cell {
    /// Not in the record.
    #[default]
    Absent,
    /// A string without escapes, in the record's bytes.
    Line(u32, u32),
    /// A string that had to be unescaped, in the scratch text.
    Scratch(u32, u32),
    /// A number, in the record's bytes.
    Number(u32, u32),
    /// `true` or `false`.
    Bool(bool),
    /// A time or duration given as an object of seconds and nanos.
    Time(i64, u32),
    /// An object or a list where a scalar belongs.
    Other,
}

/// A record's cells. One is used again and again, so that a record costs no allocation.
#[derive(Debug, Default)]
pub struct Record {
    cells: Vec<Vec<Cell>>,
    parents: Vec<Vec<u32>>,
    pub(super) scratch: String,
    /// Entries of maps that were read, of which the first of a key wins, and elements chosen by an index.
    pub(super) entries: Vec<NodeId>,
    /// Did any string hold bytes that are not UTF-8?
    pub(super) replaced: bool,
    /// What waits until it is known whether any plan wants the record.
    pub(super) waiting: Waiting,
}

impl Record {
    /// Ready for the next record.
    pub(crate) fn clear(&mut self, wanted: &Wanted) {
        self.cells.resize_with(wanted.slots().len(), Vec::new);
        self.parents.resize_with(wanted.lists().len(), Vec::new);
        self.cells.iter_mut().for_each(Vec::clear);
        self.parents.iter_mut().for_each(Vec::clear);
        self.scratch.clear();
        self.entries.clear();
        self.replaced = false;
    }

    pub(super) fn set(&mut self, slot: SlotId, element: u32, cell: Cell) {
        let Some(cells) = self.cells.get_mut(slot.0 as usize) else { return };
        let element = element as usize;
        if cells.len() == element {
            return cells.push(cell);
        }
        if cells.len() < element {
            cells.resize(element + 1, Cell::Absent);
        }
        if let Some(place) = cells.get_mut(element) {
            *place = cell;
        }
    }

    pub(super) fn cell(&self, slot: SlotId, element: u32) -> Cell {
        let cells = self.cells.get(slot.0 as usize);
        cells.and_then(|cells| cells.get(element as usize)).copied().unwrap_or_default()
    }

    /// A new element of `list` under the element `parent` of the list it lies in.
    pub(super) fn push_element(&mut self, list: ListId, parent: u32) -> u32 {
        let Some(parents) = self.parents.get_mut(list.0 as usize) else { return NO_ELEMENT };
        parents.push(parent);
        u32::try_from(parents.len() - 1).unwrap_or(NO_ELEMENT)
    }

    /// How many elements the list has in all.
    pub fn count(&self, list: ListId) -> usize {
        self.parents.get(list.0 as usize).map_or(0, Vec::len)
    }

    /// Up to which element a field has values.
    pub fn extent(&self, slot: SlotId) -> u32 {
        let cells = self.cells.get(slot.0 as usize);
        cells.and_then(|cells| u32::try_from(cells.len()).ok()).unwrap_or(0)
    }

    /// All elements of the list, whatever they lie in.
    pub(super) fn elements(&self, list: ListId) -> Range<u32> {
        0..u32::try_from(self.count(list)).unwrap_or(NO_ELEMENT)
    }

    /// Gives an event its time where it has none itself; says whether it had none.
    pub(super) fn fill_time(&mut self, wanted: &Wanted, time: Timestamp) -> bool {
        let absent = self.cell(wanted.time(), 0) == Cell::Absent;
        if absent {
            let nanos = u32::try_from(time.nanos()).unwrap_or(0);
            self.set(wanted.time(), 0, Cell::Time(time.seconds(), nanos));
        }
        absent
    }

    /// The elements of `list` under the element `parent` of the list it lies in (0 where it lies in none).
    pub fn children(&self, list: ListId, parent: u32) -> impl Iterator<Item = u32> + '_ {
        let parents = self.parents.get(list.0 as usize).map_or(&[][..], Vec::as_slice);
        let under = move |(_, above): &(usize, &u32)| **above == parent;
        parents.iter().enumerate().filter(under).filter_map(|(index, _)| u32::try_from(index).ok())
    }
}

/// What a record says of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Nothing.
    Absent,
    /// Something that is no value of its type, and counts as zero.
    Unfit,
    /// A value.
    There,
}

/// One event, as the reader hands it out: cells and the bytes they point into.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    /// Which kind of record it is: the slots of other kinds are absent.
    pub root: Root,
    /// What the slots mean.
    pub wanted: &'a Wanted,
    /// The cells.
    pub record: &'a Record,
    /// The record's bytes.
    pub bytes: &'a [u8],
}

impl<'a> Event<'a> {
    /// The value of a field in one element of the list it lies in; the zero value where it is absent.
    pub fn value(&self, slot: SlotId, element: u32) -> Value<'a> {
        let leaf = self.wanted.slot(slot).leaf;
        let cell = self.record.cell(slot, element);
        match leaf {
            Leaf::Text => self.text(cell).map_or(Value::text(""), Value::Text),
            Leaf::MapText => self.string(cell).map_or(Value::text(""), |text| Value::Text(text.into())),
            Leaf::Enum(id) => self.name(id, cell),
            Leaf::Whole => self.whole(cell),
            Leaf::Single => Value::Float(self.float(cell).map_or(0.0, single)),
            Leaf::Float => Value::Float(self.float(cell).unwrap_or(0.0)),
            Leaf::Bool => Value::Bool(self.truth(cell)),
            Leaf::Time => Value::Time(self.time_of(cell).unwrap_or_default()),
            Leaf::Seconds => Value::Int(self.parts(cell).map_or(0, |(seconds, _)| seconds)),
            Leaf::Nanos => Value::Int(self.parts(cell).map_or(0, |(_, nanos)| i64::from(nanos))),
        }
    }

    /// The text of a field where it is a string, without making a value: what most tests look at.
    pub fn str(&self, slot: SlotId, element: u32) -> Option<&'a str> {
        match self.wanted.slot(slot).leaf {
            Leaf::Text | Leaf::MapText => self.string(self.record.cell(slot, element)),
            Leaf::Enum(_)
            | Leaf::Whole
            | Leaf::Single
            | Leaf::Float
            | Leaf::Bool
            | Leaf::Time
            | Leaf::Seconds
            | Leaf::Nanos => None,
        }
    }

    /// The text of a field's value in one element of the list it lies in; nothing where the record has none.
    pub fn text_of(&self, slot: SlotId, element: u32) -> Option<Cow<'a, str>> {
        if self.record.cell(slot, element) == Cell::Absent {
            return None;
        }
        Some(match self.value(slot, element) {
            Value::Text(text) => text,
            other => Cow::Owned(other.to_text().into_owned()),
        })
    }

    /// What the record says of a field in one element of the list it lies in.
    pub fn presence(&self, slot: SlotId, element: u32) -> Presence {
        let cell = self.record.cell(slot, element);
        let fits = match (self.wanted.slot(slot).leaf, cell) {
            (_, Cell::Absent) => return Presence::Absent,
            (_, Cell::Other) => false,
            (Leaf::MapText, cell) => self.string(cell).is_some(),
            (Leaf::Text | Leaf::Enum(_), cell) => self.text(cell).is_some(),
            (Leaf::Whole, cell) => self.text(cell).is_some_and(|text| text.parse::<f64>().is_ok()),
            (Leaf::Single | Leaf::Float, cell) => self.float(cell).is_some(),
            (Leaf::Bool, cell) => matches!(cell, Cell::Bool(_)) || self.string(cell).is_some_and(is_truth),
            (Leaf::Time | Leaf::Seconds | Leaf::Nanos, cell) => self.parts(cell).is_some(),
        };
        if fits { Presence::There } else { Presence::Unfit }
    }

    /// What a field was given, where that is no object and no list.
    pub fn written(&self, slot: SlotId, element: u32) -> Option<Cow<'a, str>> {
        self.text(self.record.cell(slot, element))
    }

    /// Does the record have the element or key that the field asks for by an index or a key, if it does?
    pub fn has_element(&self, slot: SlotId) -> bool {
        match self.wanted.chosen(slot) {
            Chosen::None => true,
            Chosen::Element(node) => self.record.entries.contains(&node),
            Chosen::Key => self.record.cell(slot, 0) != Cell::Absent,
        }
    }

    /// When it happened; nothing where the record does not say, or says it in no known way.
    pub fn at(&self) -> Option<Timestamp> {
        self.time_of(self.record.cell(self.wanted.time_of(self.root), 0))
    }

    fn string(&self, cell: Cell) -> Option<&'a str> {
        match cell {
            Cell::Line(start, end) => {
                let bytes = self.bytes.get(start as usize..end as usize)?;
                std::str::from_utf8(bytes).ok()
            }
            Cell::Scratch(start, end) => self.record.scratch.get(start as usize..end as usize),
            Cell::Absent | Cell::Number(..) | Cell::Bool(_) | Cell::Time(..) | Cell::Other => None,
        }
    }

    /// The text of a cell that should be a string but may be written as a number or a truth value.
    fn text(&self, cell: Cell) -> Option<Cow<'a, str>> {
        match cell {
            Cell::Number(start, end) => self.digits(start, end).map(Cow::Borrowed),
            Cell::Bool(truth) => Some(Cow::Borrowed(if truth { "true" } else { "false" })),
            Cell::Absent | Cell::Line(..) | Cell::Scratch(..) | Cell::Time(..) | Cell::Other => {
                self.string(cell).map(Cow::Borrowed)
            }
        }
    }

    fn digits(&self, start: u32, end: u32) -> Option<&'a str> {
        std::str::from_utf8(self.bytes.get(start as usize..end as usize)?).ok()
    }

    fn name(&self, id: crate::value::EnumId, cell: Cell) -> Value<'a> {
        let Some(known) = schema().enumeration(id) else { return Value::text("") };
        let Some(text) = self.text(cell) else { return Value::text(known.zero()) };
        match text.parse::<i64>() {
            Ok(number) => known.name(number).map_or(Value::Text(text), Value::text),
            Err(_) if text.is_empty() => Value::text(known.zero()),
            Err(_) => Value::Text(text),
        }
    }

    fn whole(&self, cell: Cell) -> Value<'a> {
        let text = self.text(cell).unwrap_or_default();
        match operators::parse_number(&text) {
            Some(Value::Float(number)) => Value::Int(number::truncate(number).unwrap_or(0)),
            Some(value) => value,
            None => Value::Int(text.parse().ok().and_then(number::truncate).unwrap_or(0)),
        }
    }

    fn float(&self, cell: Cell) -> Option<f64> {
        let number: f64 = self.text(cell)?.parse().ok()?;
        number.is_finite().then_some(number)
    }

    fn truth(&self, cell: Cell) -> bool {
        matches!(cell, Cell::Bool(true))
            || self.string(cell).is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    fn time_of(&self, cell: Cell) -> Option<Timestamp> {
        let (seconds, nanos) = self.parts(cell)?;
        Timestamp::from_parts(seconds, nanos)
    }

    fn parts(&self, cell: Cell) -> Option<(i64, u32)> {
        match cell {
            Cell::Time(seconds, nanos) => Some((seconds, nanos)),
            Cell::Absent | Cell::Bool(_) | Cell::Other => None,
            Cell::Line(..) | Cell::Scratch(..) => time_parts(&self.text(cell)?),
            Cell::Number(..) => epoch_parts(&self.text(cell)?),
        }
    }
}

fn is_truth(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
}

/// Seconds and nanoseconds of a time or a duration as text.
fn time_parts(text: &str) -> Option<(i64, u32)> {
    if let Ok(number) = text.parse::<i64>() {
        return parts_of(Timestamp::from_epoch_number(number)?);
    }
    if let Some(parts) = Timestamp::parse_parts(text) {
        return Some(parts);
    }
    let seconds: f64 = text.strip_suffix('s')?.parse().ok()?;
    parts_of(Timestamp(number::truncate(seconds * 1e9)?))
}

/// Seconds and nanoseconds of an epoch number, which may have a fraction.
fn epoch_parts(number: &str) -> Option<(i64, u32)> {
    let whole = || Timestamp::from_epoch_number(number.parse().ok()?);
    parts_of(whole().or_else(|| Timestamp::from_epoch_fraction(number.parse().ok()?))?)
}

fn parts_of(time: Timestamp) -> Option<(i64, u32)> {
    Some((time.seconds(), u32::try_from(time.nanos()).ok()?))
}

/// A `float` field has the value of its own 32 bits, shown as their shortest text.
fn single(number: f64) -> f64 {
    #[expect(clippy::cast_possible_truncation, reason = "that is what a float field holds")]
    let narrow = number as f32;
    narrow.to_string().parse().unwrap_or(number)
}
