//! A JSON record as a list of values, each under its path: `{"a":{"b":1}}` is `a.b` = `1`.

use super::super::json::{Cursor, Kind, NAME_LIMIT, RecordError, VALUE_LIMIT, Walking};
use super::super::record::Stretch;

/// A record's values in the order of the text, in memory used again and again. What is `null` is left out.
#[derive(Debug, Default)]
pub(super) struct Flat {
    text: String,
    values: Vec<(Stretch, Stretch)>,
}

impl Flat {
    /// Reads a text. What stands before a fault is kept, so that one can tell what the record was to be.
    pub(super) fn read(&mut self, json: &str) -> Result<(), RecordError> {
        self.text.clear();
        self.values.clear();
        let mut walk = Walk { cursor: Cursor::new(json), flat: self, path: String::new() };
        walk.object(0)?;
        walk.cursor.end()
    }

    /// Paths and values.
    pub(super) fn values(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(path, value)| (self.stretch(*path), self.stretch(*value)))
    }

    /// The first value at a path.
    pub(super) fn get(&self, path: &str) -> Option<&str> {
        self.values().find(|pair| pair.0 == path).map(|pair| pair.1)
    }

    fn stretch(&self, at: Stretch) -> &str {
        self.text.get(at.from..at.to).unwrap_or("")
    }
}

struct Walk<'j, 'f> {
    cursor: Cursor<'j>,
    flat: &'f mut Flat,
    /// Where the walk is.
    path: String,
}

impl<'j> Walking<'j> for Walk<'j, '_> {
    fn cursor(&mut self) -> &mut Cursor<'j> {
        &mut self.cursor
    }
}

impl Walk<'_, '_> {
    fn object(&mut self, depth: usize) -> Result<(), RecordError> {
        self.sequence(depth, (b'{', b'}'), |walk, depth| {
            let outside = walk.path.len();
            if outside > 0 {
                walk.path.push('.');
            }
            walk.cursor.string(&mut walk.path)?;
            walk.cursor.expect(b':')?;
            if walk.path.len() > NAME_LIMIT {
                return Err(RecordError::LongName);
            }
            walk.value(depth)?;
            walk.path.truncate(outside);
            Ok(())
        })
    }

    fn value(&mut self, depth: usize) -> Result<(), RecordError> {
        match self.cursor.kind()? {
            Kind::Object => self.object(depth),
            Kind::List => self.list(depth),
            Kind::Text | Kind::Bare | Kind::Null => {
                let from = self.flat.text.len();
                self.scalar()?;
                self.keep(from)
            }
        }
    }

    /// Texts under one name become one value, except those of `Data`, which are values without names.
    fn list(&mut self, depth: usize) -> Result<(), RecordError> {
        let unnamed = self.path == "Data" || self.path.ends_with(".Data");
        let mut joined = None;
        self.sequence(depth, (b'[', b']'), |walk, depth| {
            let plain = !matches!(walk.cursor.kind()?, Kind::Object | Kind::List);
            if unnamed || !plain {
                return walk.value(depth);
            }
            if walk.flat.text.len() > *joined.get_or_insert(walk.flat.text.len()) {
                walk.flat.text.push_str(", ");
            }
            walk.scalar()
        })?;
        joined.map_or(Ok(()), |from| self.keep(from))
    }

    /// Reads a text, number or truth value to the end of the record's text; `null` is nothing.
    fn scalar(&mut self) -> Result<(), RecordError> {
        let from = self.flat.text.len();
        match self.cursor.kind()? {
            Kind::Text => self.cursor.string(&mut self.flat.text)?,
            Kind::Bare | Kind::Null | Kind::Object | Kind::List => self.cursor.bare(&mut self.flat.text)?,
        };
        if self.flat.text.get(from..) == Some("null") {
            self.flat.text.truncate(from);
        }
        Ok(())
    }

    /// Makes what was read since `from` the value at the path.
    fn keep(&mut self, from: usize) -> Result<(), RecordError> {
        if self.flat.values.len() >= VALUE_LIMIT {
            return Err(RecordError::TooMany);
        }
        let value = Stretch { from, to: self.flat.text.len() };
        self.flat.text.push_str(&self.path);
        self.flat.values.push((Stretch { from: value.to, to: self.flat.text.len() }, value));
        Ok(())
    }
}
