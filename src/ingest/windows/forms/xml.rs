//! Windows Event XML: finding records in a text, and reading one.

use memchr::memmem;
use quick_xml::Reader;
use quick_xml::escape::{resolve_predefined_entity, unescape};
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::super::json::{DEPTH_LIMIT, NAME_LIMIT, RecordError, VALUE_LIMIT};
use super::super::record::{RecordBuffer, System};

const OPENING: &[u8] = b"<Event";
const CLOSING: &[u8] = b"</Event>";

/// Where the first record of a text starts; what stands before it, be it `<Events>` or a syslog header, is no part of it.
pub fn start(text: &[u8]) -> Option<usize> {
    let mut starts = memmem::find_iter(text, OPENING);
    starts.find(|at| matches!(text.get(at + OPENING.len()), Some(b' ' | b'\t' | b'\r' | b'\n' | b'>')))
}

/// Where the record that starts a text ends, looking no further back than `from`; nothing where the text stops before.
pub fn end(text: &[u8], from: usize) -> Option<usize> {
    let from = from.saturating_sub(CLOSING.len());
    let found = memmem::find(text.get(from..)?, CLOSING)?;
    Some(from + found + CLOSING.len())
}

/// Reads one `<Event>`, or the `<EventData>` of one, into the buffer.
pub(super) fn read(xml: &str, buffer: &mut RecordBuffer) -> Result<(), RecordError> {
    let mut walk =
        Walk { buffer, path: String::new(), ends: Vec::new(), values: 0, text: String::new(), name: None };
    let mut reader = Reader::from_str(xml.trim());
    reader.config_mut().expand_empty_elements = true;
    loop {
        match reader.read_event().map_err(|why| RecordError::Xml(why.to_string()))? {
            Event::Start(start) => walk.open(&start)?,
            Event::End(_) => walk.close()?,
            Event::Text(text) => walk.text.push_str(&text),
            Event::CData(text) => walk.text.push_str(&text),
            Event::GeneralRef(reference) => walk.reference(&reference),
            Event::Eof => break,
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    if walk.ends.is_empty() { Ok(()) } else { Err(RecordError::Cut) }
}

struct Walk<'b> {
    buffer: &'b mut RecordBuffer,
    /// The elements around the place, as `Event/System/Provider`.
    path: String,
    /// The length of the path outside each element.
    ends: Vec<usize>,
    values: usize,
    /// The text since the last tag.
    text: String,
    /// The name of the `Data` that is open.
    name: Option<String>,
}

impl Walk<'_> {
    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), RecordError> {
        if self.ends.len() >= DEPTH_LIMIT {
            return Err(RecordError::TooDeep);
        }
        self.ends.push(self.path.len());
        if !self.path.is_empty() {
            self.path.push('/');
        }
        self.path.push_str(start.local_name().into_inner());
        if self.path.len() > NAME_LIMIT {
            return Err(RecordError::LongName);
        }
        self.text.clear();
        self.attributes(start)
    }

    fn attributes(&mut self, start: &BytesStart<'_>) -> Result<(), RecordError> {
        let inside = self.path.strip_prefix("Event/").unwrap_or(&self.path);
        let element = inside.strip_prefix("System/").map(str::to_owned);
        let is_data = matches!(inside, "EventData/Data" | "EventData/ComplexData");
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|why| RecordError::Xml(why.to_string()))?;
            let key = attribute.key.local_name().into_inner();
            let value = unescape(&attribute.value);
            let value = value.map_err(|why| RecordError::Xml(why.to_string()))?;
            let field = element.as_ref().and_then(|element| System::of_element(element, key));
            if let Some(field) = field {
                self.buffer.set(field, &value);
            } else if is_data && key == "Name" {
                self.name = Some(value.into_owned());
            }
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), RecordError> {
        let Some(outside) = self.ends.pop() else { return Ok(()) };
        let path = std::mem::take(&mut self.path);
        // The text before an inner element is white space, and stands no longer here.
        self.leaf(path.strip_prefix("Event/").unwrap_or(&path))?;
        self.path = path;
        self.path.truncate(outside);
        self.text.clear();
        Ok(())
    }

    fn leaf(&mut self, path: &str) -> Result<(), RecordError> {
        let Some((part, inner)) = path.split_once('/') else { return Ok(()) };
        let last = inner.rsplit('/').next().unwrap_or(inner);
        match (part, inner) {
            ("System", _) => {
                if let Some(field) = System::of_element(inner, "") {
                    self.buffer.set(field, self.text.trim());
                }
                Ok(())
            }
            ("RenderingInfo", "Message") => self.rendered(System::Message),
            ("RenderingInfo", "Task") => self.rendered(System::Category),
            ("EventData", "Data" | "ComplexData") => self.data(),
            ("EventData" | "UserData" | "ProcessingErrorData", _) => self.field(last),
            _ => Ok(()),
        }
    }

    fn rendered(&mut self, field: System) -> Result<(), RecordError> {
        self.buffer.set(field, self.text.trim());
        Ok(())
    }

    /// A `Data`, with a name or without.
    fn data(&mut self) -> Result<(), RecordError> {
        self.count()?;
        match self.name.take() {
            Some(name) => self.buffer.push(&name, &self.text),
            None => self.buffer.push_unnamed(&self.text),
        }
        Ok(())
    }

    /// An element that brings its own name. One that only holds others has nothing but white space.
    fn field(&mut self, name: &str) -> Result<(), RecordError> {
        if self.text.trim().is_empty() {
            return Ok(());
        }
        self.count()?;
        self.buffer.push(name, &self.text);
        Ok(())
    }

    fn count(&mut self) -> Result<(), RecordError> {
        self.values += 1;
        if self.values > VALUE_LIMIT { Err(RecordError::TooMany) } else { Ok(()) }
    }

    /// `&lt;` or `&#10;`; one that stands for nothing known stays as it is written.
    fn reference(&mut self, reference: &BytesRef<'_>) {
        if let Ok(Some(letter)) = reference.resolve_char_ref() {
            return self.text.push(letter);
        }
        match resolve_predefined_entity(reference) {
            Some(text) => self.text.push_str(text),
            None => self.text.extend(["&", reference, ";"]),
        }
    }
}
