//! Other forms of labels and structs: plain objects for lists of labels, and structs printed as the messages they are.

use super::{Cell, Node, Reader, Stop};
use crate::ingest::json::{First, JsonError, Text};
use crate::ingest::spell::wrapped::is_wrapper;
use crate::ingest::wanted::Spelling;

/// The fields of a label.
const LABEL: [&[u8]; 5] = [b"key", b"value", b"source", b"rbacEnabled", b"rbac_enabled"];

impl<'r> Reader<'r, '_> {
    /// Are the keys of the object at hand those of labels, and not the fields of one label?
    pub(super) fn holds_pairs(&self) -> Result<bool, JsonError> {
        let mut cursor = self.cursor.clone();
        cursor.open(b'{')?;
        let (mut first, mut has_key) = (First::Yes, false);
        while cursor.more(&mut first, b'}')? {
            let key = cursor.key()?;
            let name = cursor.bytes.get(key.start..key.end).unwrap_or_default();
            if !LABEL.contains(&name) {
                return Ok(true);
            }
            has_key |= name == b"key";
            cursor.skip()?;
        }
        Ok(!has_key)
    }

    /// `{"k": "v"}` for `[{"key": "k", "value": "v"}]`; a list is several labels of one key.
    pub(super) fn pairs(&mut self, node: &'r Node, parent: u32) -> Result<(), Stop> {
        self.cursor.open(b'{')?;
        let mut first = First::Yes;
        while self.cursor.more(&mut first, b'}')? {
            let key = self.cursor.key()?;
            if self.cursor.peek()? != b'[' {
                self.pair(node, parent, key)?;
                continue;
            }
            self.cursor.open(b'[')?;
            let mut first = First::Yes;
            while self.cursor.more(&mut first, b']')? {
                self.pair(node, parent, key)?;
            }
        }
        Ok(())
    }

    fn pair(&mut self, node: &'r Node, parent: u32, key: Text) -> Result<(), Stop> {
        let value = self.scalar()?;
        if value == Cell::Absent {
            return Ok(());
        }
        let key = self.text_cell(key);
        if let Some(list) = node.list {
            let element = self.record.push_element(list, parent);
            for (name, _, child) in node.keys.iter().filter(|(_, spelling, _)| *spelling != Spelling::Snake) {
                let cell = if **name == *"key" { key } else { value };
                for &slot in self.node(*child).map_or(&[][..], |node| &node.slots) {
                    self.record.set(slot, element, cell);
                }
            }
        }
        for (wanted, slot) in &node.labels {
            if self.is(key, wanted) && self.record.cell(*slot, 0) == Cell::Absent {
                self.record.set(*slot, 0, value);
            }
        }
        Ok(())
    }

    /// Takes `{"k": {"stringValue": "v"}}` or `[{"key": "k", "value": {"string_value": "v"}}]` behind the key `fields`
    /// of a struct. Leaves all as it is where that is just a key of the struct.
    pub(super) fn wrapped(&mut self, node: &'r Node) -> Result<bool, Stop> {
        let start = self.cursor.clone();
        let mut found = Vec::new();
        let taken = match self.cursor.peek()? {
            b'{' => self.wrapped_object(&mut found)?,
            b'[' => self.wrapped_list(&mut found)?,
            _ => false,
        };
        if !taken {
            self.cursor = start;
            return Ok(false);
        }
        for (key, value) in found {
            let key = self.text_cell(key);
            for (wanted, slot) in &node.members {
                if self.is(key, wanted) && self.record.cell(*slot, 0) == Cell::Absent {
                    self.record.set(*slot, 0, value);
                }
            }
        }
        Ok(true)
    }

    fn wrapped_object(&mut self, found: &mut Vec<(Text, Cell)>) -> Result<bool, Stop> {
        self.cursor.open(b'{')?;
        let mut first = First::Yes;
        while self.cursor.more(&mut first, b'}')? {
            let key = self.cursor.key()?;
            let Some(value) = self.wrapped_value()? else { return Ok(false) };
            found.push((key, value));
        }
        Ok(true)
    }

    fn wrapped_list(&mut self, found: &mut Vec<(Text, Cell)>) -> Result<bool, Stop> {
        self.cursor.open(b'[')?;
        let mut first = First::Yes;
        while self.cursor.more(&mut first, b']')? {
            if self.cursor.peek()? != b'{' {
                return Ok(false);
            }
            let Some(pair) = self.wrapped_pair()? else { return Ok(false) };
            found.push(pair);
        }
        Ok(true)
    }

    fn wrapped_pair(&mut self) -> Result<Option<(Text, Cell)>, Stop> {
        let (mut key, mut value) = (None, None);
        self.cursor.open(b'{')?;
        let mut first = First::Yes;
        while self.cursor.more(&mut first, b'}')? {
            let name = self.cursor.key()?;
            match self.cursor.bytes.get(name.start..name.end) {
                Some(b"key") if self.cursor.peek()? == b'"' => key = Some(self.cursor.string()?),
                Some(b"value") => match self.wrapped_value()? {
                    None => return Ok(None),
                    some => value = some,
                },
                _ => return Ok(None),
            }
        }
        Ok(key.zip(value))
    }

    /// The value within a wrapper; nothing where it is none. Of a struct only strings are seen.
    fn wrapped_value(&mut self) -> Result<Option<Cell>, Stop> {
        if self.cursor.peek()? != b'{' {
            return Ok(None);
        }
        self.cursor.open(b'{')?;
        let (mut first, mut value, mut any) = (First::Yes, Cell::Other, false);
        while self.cursor.more(&mut first, b'}')? {
            let name = self.cursor.key()?;
            let name = self.cursor.bytes.get(name.start..name.end).unwrap_or_default();
            if !is_wrapper(name) {
                return Ok(None);
            }
            any = true;
            let is_text = name == b"stringValue" || name == b"string_value";
            match self.scalar()? {
                cell @ (Cell::Line(..) | Cell::Scratch(..)) if is_text => value = cell,
                Cell::Absent | Cell::Number(..) | Cell::Bool(_) | Cell::Time(..) | Cell::Other => {}
                Cell::Line(..) | Cell::Scratch(..) => {}
            }
        }
        Ok(any.then_some(value))
    }
}
