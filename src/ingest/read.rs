//! Reads one record: walks its JSON along the trie of wanted fields and fills the cells.

use super::json::{Cursor, Escapes, First, JsonError, Letters, Text, unescape, unescape_text};
use super::record::{Cell, Record};
use super::wanted::{Leaf, Mark, Node, NodeId, SlotId, Spelling, Wanted, root_node};
use crate::schema::Root;
use twins::{Given, Twins};
pub(super) use waiting::Waiting;

mod forms;
mod twins;
mod waiting;

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// It was read to its end, which is at this byte.
    Whole(usize),
    /// No plan wants such an event; the rest was not looked at.
    Rejected,
    /// It is an entity and not an event.
    Entity,
}

/// Reads the record that starts `bytes`, one of kind `root`.
///
/// # Errors
/// Where the bytes are no JSON object, as far as they were looked at.
pub fn read(wanted: &Wanted, root: Root, bytes: &[u8], record: &mut Record) -> Result<Read, JsonError> {
    match attempt(wanted, root, bytes, record, Twins::Unmet) {
        Err(Stop::Twins) => attempt(wanted, root, bytes, record, Twins::Met),
        read => read,
    }
    .or_else(|stop| match stop {
        Stop::Rejected => Ok(Read::Rejected),
        Stop::Entity => Ok(Read::Entity),
        Stop::Json(error) => Err(error),
        // Where there may be twins, no reading stops for them.
        Stop::Twins => Err(JsonError::Unexpected(0)),
    })
}

fn attempt(
    wanted: &Wanted,
    root: Root,
    bytes: &[u8],
    record: &mut Record,
    twins: Twins,
) -> Result<Read, Stop> {
    record.clear(wanted);
    let mut reader = Reader { wanted, record, cursor: Cursor::new(bytes), twins, rejected: false };
    if reader.cursor.peek()? != b'{' {
        return Err(JsonError::Unexpected(reader.cursor.at).into());
    }
    reader.whole(root)?;
    let end = reader.cursor.at;
    wanted.grouped().iter().for_each(|grouped| grouped.fill(wanted, record));
    Ok(Read::Whole(end))
}

enum Stop {
    Json(JsonError),
    Rejected,
    Entity,
    /// A field stands in both spellings, and was not looked for in both.
    Twins,
}

impl From<JsonError> for Stop {
    fn from(error: JsonError) -> Stop {
        Stop::Json(error)
    }
}

struct Reader<'r, 'b> {
    wanted: &'r Wanted,
    record: &'r mut Record,
    cursor: Cursor<'b>,
    twins: Twins,
    /// Does a field say that no plan wants such an event?
    rejected: bool,
}

impl<'r> Reader<'r, '_> {
    fn node(&self, id: NodeId) -> Option<&'r Node> {
        self.wanted.node(id)
    }

    /// Any value of the field at `node`, a list or one scalar or message.
    fn value(&mut self, id: NodeId, element: u32) -> Result<(), Stop> {
        let Some(node) = self.node(id) else { return Ok(self.cursor.skip()?) };
        let lists = node.list.is_some() || !node.indexed.is_empty() || !node.labels.is_empty();
        match self.cursor.peek()? {
            // `null` is absence, not a list of one.
            b'n' => Ok(self.cursor.skip()?),
            _ if node.mark == Mark::Entity => Err(Stop::Entity),
            b'[' if lists => self.list(id, node, element),
            b'{' if node.is_label() && self.holds_pairs()? => self.pairs(node, element),
            _ if lists => self.element(id, node, 0, element),
            _ => self.single(id, element),
        }
    }

    fn list(&mut self, id: NodeId, node: &'r Node, parent: u32) -> Result<(), Stop> {
        self.cursor.open(b'[')?;
        let mut first = First::Yes;
        let mut index = 0;
        while self.cursor.more(&mut first, b']')? {
            if self.cursor.peek()? == b'n' {
                self.cursor.skip()?;
                continue;
            }
            self.element(id, node, index, parent)?;
            index += 1;
        }
        Ok(())
    }

    /// One element, for each of those who want it: the list itself, an index, a label.
    fn element(&mut self, id: NodeId, node: &'r Node, index: u64, parent: u32) -> Result<(), Stop> {
        let start = self.cursor.at;
        let mut taken = false;
        if let Some(list) = node.list {
            let element = self.record.push_element(list, parent);
            self.single(id, element)?;
            taken = true;
        }
        if !node.labels.is_empty() {
            self.cursor.at = start;
            self.label(node)?;
            taken = true;
        }
        if let Some((_, inner)) = node.indexed.iter().find(|(known, _)| *known == index) {
            self.cursor.at = start;
            self.record.entries.push(*inner);
            self.single(*inner, 0)?;
            taken = true;
        }
        if taken { Ok(()) } else { Ok(self.cursor.skip()?) }
    }

    /// `{"key": …, "value": …}`: the first of a key wins.
    fn label(&mut self, node: &'r Node) -> Result<(), Stop> {
        if self.cursor.peek()? != b'{' {
            return Ok(self.cursor.skip()?);
        }
        self.cursor.open(b'{')?;
        let (mut key, mut value) = (Cell::Absent, Cell::Other);
        let mut first = First::Yes;
        while self.cursor.more(&mut first, b'}')? {
            let name = self.cursor.key()?;
            match self.cursor.bytes.get(name.start..name.end) {
                Some(b"key") => key = self.scalar()?,
                Some(b"value") => value = self.scalar()?,
                _ => self.cursor.skip()?,
            }
        }
        // A key that is there is found, though its value be `null`.
        let value = if value == Cell::Absent { Cell::Other } else { value };
        for (wanted, slot) in &node.labels {
            if self.is(key, wanted) && self.record.cell(*slot, 0) == Cell::Absent {
                self.record.set(*slot, 0, value);
            }
        }
        Ok(())
    }

    fn is(&self, cell: Cell, wanted: &str) -> bool {
        let found = match cell {
            Cell::Line(start, end) => self.cursor.bytes.get(start as usize..end as usize),
            Cell::Scratch(start, end) => {
                self.record.scratch.get(start as usize..end as usize).map(str::as_bytes)
            }
            Cell::Absent | Cell::Number(..) | Cell::Bool(_) | Cell::Time(..) | Cell::Other => None,
        };
        found == Some(wanted.as_bytes())
    }

    /// A message or a scalar.
    fn single(&mut self, id: NodeId, element: u32) -> Result<(), Stop> {
        let Some(node) = self.node(id) else { return Ok(self.cursor.skip()?) };
        if self.cursor.peek()? == b'{' {
            return self.message(node, element);
        }
        if node.slots.is_empty() {
            return Ok(self.cursor.skip()?);
        }
        let cell = self.scalar()?;
        self.fill(node, element, cell);
        Ok(())
    }

    fn message(&mut self, node: &'r Node, element: u32) -> Result<(), Stop> {
        if node.slots.iter().any(|slot| is_time(self.wanted.slot(*slot).leaf)) {
            let time = self.time_object()?;
            self.fill(node, element, time);
            return Ok(());
        }
        if node.keys.is_empty() && node.members.is_empty() && node.maps.is_empty() {
            self.cursor.skip()?;
            self.fill(node, element, Cell::Other);
            return Ok(());
        }
        let mut given = self.given(node)?;
        self.cursor.open(b'{')?;
        let mut first = First::Yes;
        while let Some(key) = self.cursor.entry(&mut first, node.lengths)? {
            self.entry(node, key, element, &mut given)?;
        }
        if self.rejected { Err(Stop::Rejected) } else { Ok(()) }
    }

    #[inline(always)]
    fn entry(&mut self, node: &'r Node, key: Text, element: u32, given: &mut Given) -> Result<(), Stop> {
        let mut unescaped = String::new();
        let name = name(&self.cursor, key, &mut unescaped);
        if !node.members.is_empty() && name == b"fields" && self.wrapped(node)? {
            return Ok(());
        }
        if let Some((_, slot)) = node.members.iter().find(|(known, _)| known.as_bytes() == name) {
            return self.member(*slot);
        }
        if let Some((_, next)) = node.maps.iter().find(|(known, _)| known.as_bytes() == name) {
            return self.map_entry(*next);
        }
        let Some(place) = node.keys.iter().position(|(known, ..)| known.as_bytes() == name) else {
            return Ok(self.cursor.skip()?);
        };
        let Some((_, spelling, next)) = node.keys.get(place) else { return Ok(()) };
        if self.is_ruled_out(place, *spelling, given)? {
            return Ok(self.cursor.skip()?);
        }
        let before = self.rejected;
        self.value(*next, element)?;
        // The other spelling, which would win, may yet come, whatever fields stand between the two.
        let is_final = self.rejected && !before && *spelling != Spelling::Snake;
        if is_final { Err(Stop::Rejected) } else { Ok(()) }
    }

    /// A message under a key of a map, whatever lists are around it.
    fn map_entry(&mut self, id: NodeId) -> Result<(), Stop> {
        if self.record.entries.contains(&id) {
            return Ok(self.cursor.skip()?);
        }
        self.record.entries.push(id);
        self.value(id, 0)
    }

    fn member(&mut self, slot: SlotId) -> Result<(), Stop> {
        let cell = self.scalar()?;
        if self.record.cell(slot, 0) == Cell::Absent {
            self.record.set(slot, 0, if cell == Cell::Absent { Cell::Other } else { cell });
        }
        Ok(())
    }

    fn fill(&mut self, node: &Node, element: u32, cell: Cell) {
        if cell == Cell::Absent {
            return;
        }
        for &slot in &node.slots {
            self.record.set(slot, element, cell);
            self.rejected |= self.wanted.may_reject(slot) && self.rejects(slot, cell);
        }
    }

    /// Only a plain name decides: a number or an escaped name is left to the plans.
    fn rejects(&self, slot: SlotId, cell: Cell) -> bool {
        let Cell::Line(start, end) = cell else { return false };
        let name = self.cursor.bytes.get(start as usize..end as usize).unwrap_or_default();
        name.first().is_some_and(u8::is_ascii_alphabetic) && self.wanted.rejects(slot, name)
    }

    fn scalar(&mut self) -> Result<Cell, Stop> {
        match self.cursor.peek()? {
            b'"' => self.text(),
            b'{' | b'[' => {
                self.cursor.skip()?;
                Ok(Cell::Other)
            }
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Cell, Stop> {
        let (start, end) = self.cursor.word()?;
        Ok(match self.cursor.bytes.get(start..end) {
            Some(b"null") | None => Cell::Absent,
            Some(b"true") => Cell::Bool(true),
            Some(b"false") => Cell::Bool(false),
            Some(_) => Cell::Number(offset(start), offset(end)),
        })
    }

    fn text(&mut self) -> Result<Cell, Stop> {
        let text = self.cursor.string()?;
        match (self.cursor.check(text)?, text.escaped) {
            (Letters::Ascii, Escapes::None) => Ok(line_cell(text)),
            (Letters::Ascii | Letters::Any, _) => Ok(self.text_cell(text)),
        }
    }

    fn text_cell(&mut self, text: Text) -> Cell {
        let content = self.cursor.bytes.get(text.start..text.end).unwrap_or_default();
        let valid = std::str::from_utf8(content);
        self.record.replaced |= valid.is_err();
        let start = self.record.scratch.len();
        match (valid, text.escaped) {
            (Ok(_), Escapes::None) => return line_cell(text),
            (Ok(content), Escapes::Some) => unescape_text(content, &mut self.record.scratch),
            (Err(_), _) => unescape(content, &mut self.record.scratch),
        }
        Cell::Scratch(offset(start), offset(self.record.scratch.len()))
    }

    /// `{"seconds": "1", "nanos": 2}`
    fn time_object(&mut self) -> Result<Cell, Stop> {
        self.cursor.open(b'{')?;
        let (mut seconds, mut nanos) = (None, 0);
        let mut first = First::Yes;
        while self.cursor.more(&mut first, b'}')? {
            let name = self.cursor.key()?;
            let cell = self.scalar()?;
            match self.cursor.bytes.get(name.start..name.end) {
                Some(b"seconds") => seconds = self.digits(cell),
                Some(b"nanos") => nanos = self.digits(cell).unwrap_or(0),
                _ => {}
            }
        }
        let nanos = u32::try_from(nanos).unwrap_or(0).min(999_999_999);
        Ok(seconds
            .or(Some(0))
            .filter(|_| seconds.is_some() || nanos > 0)
            .map_or(Cell::Other, |s| Cell::Time(s, nanos)))
    }

    fn digits(&self, cell: Cell) -> Option<i64> {
        let (Cell::Line(start, end) | Cell::Number(start, end)) = cell else { return None };
        let digits = self.cursor.bytes.get(start as usize..end as usize)?;
        std::str::from_utf8(digits).ok()?.parse().ok()
    }
}

/// The bytes of a key; `unescaped` is for those of one with escapes.
fn name<'a>(cursor: &Cursor<'a>, key: Text, unescaped: &'a mut String) -> &'a [u8] {
    let name = cursor.bytes.get(key.start..key.end).unwrap_or_default();
    if key.escaped == Escapes::None {
        return name;
    }
    unescape(name, unescaped);
    unescaped.as_bytes()
}

fn line_cell(text: Text) -> Cell {
    Cell::Line(offset(text.start), offset(text.end))
}

fn is_time(leaf: Leaf) -> bool {
    match leaf {
        Leaf::Time | Leaf::Seconds | Leaf::Nanos => true,
        Leaf::Text
        | Leaf::MapText
        | Leaf::Enum(_)
        | Leaf::Whole
        | Leaf::Single
        | Leaf::Float
        | Leaf::Bool => false,
    }
}

/// A record is at most as long as `--max-record` allows, far below 4 GiB.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
