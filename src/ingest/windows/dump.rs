//! Reads a record in the JSON form of `evtx_dump`, which is also what EVTX files are turned into.

use std::borrow::Cow;

use super::json::{Cursor, Kind, RecordError, Walking};
use super::record::{RawRecord, RecordBuffer, Stretch, System};

/// What is wanted of a record, once its system part is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Interest {
    /// Every value.
    Everything,
    /// The values of these names.
    Names(Vec<&'static str>),
    /// Not even the record.
    Nothing,
}

/// Tells by provider and event id what is wanted of a record.
pub(super) trait Wants {
    /// What is wanted of such records.
    fn interest(&mut self, provider: &str, id: Option<u32>) -> &Interest;
}

/// Wants all there is.
struct WantsEverything;

impl Wants for WantsEverything {
    fn interest(&mut self, _: &str, _: Option<u32>) -> &Interest {
        &Interest::Everything
    }
}

/// Reads records one after the other into the same memory.
#[derive(Debug, Default)]
pub struct RecordReader {
    buffer: RecordBuffer,
}

impl RecordReader {
    /// Reads `{"Event":{"System":…,"EventData":…}}`; bytes that are not UTF-8 become U+FFFD.
    ///
    /// # Errors
    /// The text is no JSON, or not a Windows record.
    pub fn read(&mut self, json: &[u8]) -> Result<RawRecord<'_>, RecordError> {
        self.read_wanted(json, &mut WantsEverything).and_then(|found| found.ok_or(RecordError::NoSystem))
    }

    /// Reads of a record what is wanted; nothing where nothing is. What is passed over is not looked into.
    pub(super) fn read_wanted<'r>(
        &'r mut self,
        json: &[u8],
        wants: &mut dyn Wants,
    ) -> Result<Option<RawRecord<'r>>, RecordError> {
        self.buffer.clear();
        // What is UTF-8 already, as EVTX records are, is found to be so several times faster than it is mended.
        let text = std::str::from_utf8(json).map_or_else(|_| String::from_utf8_lossy(json), Cow::Borrowed);
        match Walk::over(&text, &mut self.buffer, wants) {
            Ok(()) => Ok(Some(self.buffer.record())),
            Err(Stop::Unwanted) => Ok(None),
            Err(Stop::Bad(error)) => Err(error),
        }
    }
}

/// Reads a record's text into a buffer that is empty.
pub(super) fn read(text: &str, buffer: &mut RecordBuffer) -> Result<(), RecordError> {
    match Walk::over(text, buffer, &mut WantsEverything) {
        Ok(()) => Ok(()),
        Err(Stop::Unwanted) => Err(RecordError::NoSystem),
        Err(Stop::Bad(error)) => Err(error),
    }
}

/// Why a walk ends before its end.
enum Stop {
    Bad(RecordError),
    Unwanted,
}

impl From<RecordError> for Stop {
    fn from(error: RecordError) -> Stop {
        Stop::Bad(error)
    }
}

struct Walk<'j, 'b> {
    cursor: Cursor<'j>,
    buffer: &'b mut RecordBuffer,
    /// Asked once, as soon as the record says what it is.
    wants: Option<&'b mut dyn Wants>,
    interest: &'b Interest,
    seen_system: bool,
}

impl<'j> Walking<'j> for Walk<'j, '_> {
    fn cursor(&mut self) -> &mut Cursor<'j> {
        &mut self.cursor
    }
}

impl Walk<'_, '_> {
    fn over<'b>(text: &str, buffer: &'b mut RecordBuffer, wants: &'b mut dyn Wants) -> Result<(), Stop> {
        let (wants, interest) = (Some(wants), &Interest::Everything);
        let mut walk = Walk { cursor: Cursor::new(text), buffer, wants, interest, seen_system: false };
        walk.members(0, |walk, key, depth| walk.top(key, depth))?;
        walk.cursor.end()?;
        if walk.seen_system { Ok(()) } else { Err(RecordError::NoSystem.into()) }
    }

    fn top(&mut self, key: Stretch, depth: usize) -> Result<(), Stop> {
        match self.kept(key) {
            "Event" => self.members(depth, |walk, key, depth| walk.part(key, depth)),
            _ => self.part(key, depth),
        }
    }

    fn part(&mut self, key: Stretch, depth: usize) -> Result<(), Stop> {
        let is_object = self.cursor.kind()? == Kind::Object;
        match self.kept(key) {
            "System" if is_object => {
                self.seen_system = true;
                self.members(depth, |walk, key, depth| {
                    walk.element(key, depth)?;
                    // Provider and id come first; of records that nothing is wanted of, the rest is never looked at.
                    if walk.says_what_it_is() { walk.settle() } else { Ok(()) }
                })?;
                self.settle()
            }
            "EventData" | "UserData" if is_object => {
                self.members(depth, |walk, key, depth| walk.field(key, depth))
            }
            "RenderingInfo" if is_object => self.members(depth, |walk, key, depth| walk.rendered(key, depth)),
            _ => self.skip(depth),
        }
    }

    fn says_what_it_is(&self) -> bool {
        self.wants.is_some() && self.buffer.has(System::Provider) && self.buffer.has(System::EventId)
    }

    /// Finds out what is wanted of a record like this.
    fn settle(&mut self) -> Result<(), Stop> {
        let Some(wants) = self.wants.take() else { return Ok(()) };
        let record = self.buffer.record();
        self.interest = wants.interest(record.provider(), record.event_id());
        if *self.interest == Interest::Nothing { Err(Stop::Unwanted) } else { Ok(()) }
    }

    /// Whether a value of this name is wanted. Those without a name are, as their number gives them one.
    fn is_wanted(&self, name: Stretch) -> bool {
        match self.interest {
            Interest::Everything => true,
            Interest::Names(names) => {
                let name = self.kept(name);
                name == "Data" || names.contains(&name)
            }
            Interest::Nothing => false,
        }
    }

    fn rendered(&mut self, key: Stretch, depth: usize) -> Result<(), Stop> {
        match self.kept(key) {
            "Message" => self.system(Some(System::Message), depth),
            _ => self.skip(depth),
        }
    }

    /// An element of `System`; its attributes are inside it, or beside it under `NAME_attributes`.
    fn element(&mut self, key: Stretch, depth: usize) -> Result<(), Stop> {
        if is_attributes(self.kept(key)) && self.cursor.kind()? == Kind::Object {
            let element = Stretch { from: key.from, to: key.to.saturating_sub("_attributes".len()) };
            return self.members(depth, |walk, key, depth| walk.attribute(element, key, depth));
        }
        if self.cursor.kind()? != Kind::Object {
            return self.system(System::of_element(self.kept(key), ""), depth);
        }
        self.members(depth, |walk, inner, depth| match walk.kept(inner) {
            "#text" => walk.system(System::of_element(walk.kept(key), ""), depth),
            "#attributes" => walk.members(depth, |walk, inner, depth| walk.attribute(key, inner, depth)),
            _ => walk.skip(depth),
        })
    }

    fn attribute(&mut self, element: Stretch, key: Stretch, depth: usize) -> Result<(), Stop> {
        let field = System::of_element(self.kept(element), self.kept(key));
        self.system(field, depth)
    }

    fn system(&mut self, field: Option<System>, depth: usize) -> Result<(), Stop> {
        let Some(field) = field else { return self.skip(depth) };
        if let Some(value) = self.scalar(depth)? {
            self.buffer.set_kept(field, value);
        }
        Ok(())
    }

    /// A value of the event: `Data` has no name of its own, an inner element brings its own name.
    fn field(&mut self, name: Stretch, depth: usize) -> Result<(), Stop> {
        let kind = self.cursor.kind()?;
        let unnamed = self.kept(name) == "Data";
        match kind {
            Kind::Object if is_attributes(self.kept(name)) => self.skip(depth),
            Kind::Object => self.members(depth, |walk, key, depth| match walk.kept(key) {
                "#text" => walk.field(name, depth),
                _ => walk.field(key, depth),
            }),
            Kind::List if unnamed => self.elements(depth, |walk, depth| walk.field(name, depth)),
            Kind::List => self.joined(name, depth),
            Kind::Text if !self.is_wanted(name) => Ok(self.cursor.pass_string()?),
            Kind::Text | Kind::Bare | Kind::Null => self.named(name, depth),
        }
    }

    fn named(&mut self, name: Stretch, depth: usize) -> Result<(), Stop> {
        let value = self.scalar(depth)?.unwrap_or_default();
        match self.kept(name) {
            "Data" => self.buffer.push_unnamed_kept(value),
            _ => self.buffer.push_kept(name, value),
        }
        Ok(())
    }

    /// A list under one name becomes one value, as there is one value to a name.
    fn joined(&mut self, name: Stretch, depth: usize) -> Result<(), Stop> {
        let from = self.buffer.text.len();
        self.elements(depth, |walk, depth| {
            if walk.buffer.text.len() > from {
                walk.buffer.text.push_str(", ");
            }
            walk.scalar(depth).map(|_| ())
        })?;
        let to = self.buffer.text.len();
        self.buffer.push_kept(name, Stretch { from, to });
        Ok(())
    }

    /// A text, number or truth value; nothing for the rest, which is stepped over.
    fn scalar(&mut self, depth: usize) -> Result<Option<Stretch>, Stop> {
        match self.cursor.kind()? {
            Kind::Text => Ok(Some(self.cursor.string(&mut self.buffer.text)?)),
            Kind::Bare => Ok(Some(self.cursor.bare(&mut self.buffer.text)?)),
            Kind::Null | Kind::Object | Kind::List => self.skip(depth).map(|()| None),
        }
    }

    fn skip(&mut self, depth: usize) -> Result<(), Stop> {
        let before = self.buffer.text.len();
        match self.cursor.kind()? {
            Kind::Text => self.cursor.string(&mut self.buffer.text).map(|_| ())?,
            Kind::Bare | Kind::Null => self.cursor.bare(&mut self.buffer.text).map(|_| ())?,
            Kind::Object => self.members(depth, |walk, _, depth| walk.skip(depth))?,
            Kind::List => self.elements(depth, |walk, depth| walk.skip(depth))?,
        }
        self.buffer.text.truncate(before);
        Ok(())
    }

    fn members(
        &mut self,
        depth: usize,
        mut each: impl FnMut(&mut Self, Stretch, usize) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        self.sequence(depth, (b'{', b'}'), |walk, depth| {
            let key = walk.cursor.string(&mut walk.buffer.text)?;
            walk.cursor.expect(b':')?;
            each(walk, key, depth)
        })
    }

    fn elements(
        &mut self,
        depth: usize,
        each: impl FnMut(&mut Self, usize) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        self.sequence(depth, (b'[', b']'), each)
    }

    fn kept(&self, at: Stretch) -> &str {
        self.buffer.text.get(at.from..at.to).unwrap_or("")
    }
}

/// Whether a key holds attributes of an element, as written inside it or beside it.
fn is_attributes(key: &str) -> bool {
    key == "#attributes" || key.ends_with("_attributes")
}
