//! The forms in which Windows events come, told from what a record holds: one row each, recognised and read into the
//! normal form.

pub mod classic;
mod flat;
mod layout;
mod mend;
mod tables;
pub mod xml;

use super::dump;
use super::json::RecordError;
use super::record::{RawRecord, RecordBuffer};
use crate::ingest::json::{Cursor, First};
use flat::Flat;
use layout::Layout;

/// One form.
#[derive(Debug)]
struct Form {
    /// What a record must hold, beyond its wrapper: paths of values, or with a dot at the end what paths begin with.
    tells: &'static [&'static str],
    /// Reads the record.
    read: fn(&Flat, &str, &mut RecordBuffer) -> Result<(), RecordError>,
}

/// The forms that are JSON, in the order in which they are tried.
static FORMS: [Form; 16] = [
    Form { tells: &["EventID", "SourceName"], read: nxlog },
    Form { tells: &["EventID", "ProviderGuid"], read: nxlog },
    Form { tells: &["EventID", "TimeGenerated"], read: sentinel },
    Form { tells: &["EventID", "Channel"], read: nxlog },
    Form { tells: &["winlog."], read: winlogbeat },
    Form { tells: &["event_id", "source_name"], read: old_winlogbeat },
    Form { tells: &["event_id", "computer_name"], read: old_winlogbeat },
    Form { tells: &["System.", "System.EventID"], read: objects },
    Form { tells: &["System.", "System.EventId"], read: objects },
    Form { tells: &["System.EventID."], read: objects },
    Form { tells: &["system.event_id"], read: snake_objects },
    Form { tells: &["win.system."], read: wazuh },
    Form { tells: &["_raw"], read: text_inside },
    Form { tells: &["event"], read: text_inside },
    Form { tells: &["Event"], read: text_inside },
    Form { tells: &["message"], read: text_inside },
];

/// What may stand around a record, by the path to it: an export of Elasticsearch or Splunk, Wazuh's own fields.
const WRAPPERS: [&str; 7] = ["", "_source.", "result.", "event.", "data.", "_source.data.", "Event."];

/// Keys at the top of a record that tell something of it, those of UDM first.
const KEYS: [(&str, Chance); 22] = [
    ("metadata", Chance::None),
    ("principal", Chance::None),
    ("target", Chance::None),
    ("udm", Chance::None),
    ("events", Chance::None),
    ("detection", Chance::None),
    ("EventID", Chance::Sure),
    ("SourceName", Chance::Fair),
    ("ProviderGuid", Chance::Fair),
    ("winlog", Chance::Sure),
    ("event_id", Chance::Fair),
    ("event_data", Chance::Fair),
    ("System", Chance::Fair),
    ("system", Chance::Fair),
    ("win", Chance::Fair),
    ("_raw", Chance::Fair),
    ("event", Chance::Fair),
    ("Event", Chance::Fair),
    ("message", Chance::Fair),
    ("_source", Chance::Fair),
    ("result", Chance::Fair),
    ("data", Chance::Fair),
];

/// No title is as long as this.
pub const TITLE: usize = 32;

/// The header of a syslog message that stands behind another on its line is no longer than this.
const HEADER: usize = 4096;

/// How long the title is that a text starts with, its line end included: evtx_dump writes `Record 12` above each record.
pub fn title(text: &[u8]) -> usize {
    let line = text.get(..TITLE.min(text.len())).unwrap_or_default();
    let Some(end) = memchr::memchr(b'\n', line) else { return 0 };
    let number = line.get(..end).and_then(|line| line.trim_ascii_end().strip_prefix(b"Record "));
    let is_title = number.is_some_and(|number| !number.is_empty() && number.iter().all(u8::is_ascii_digit));
    if is_title { end + 1 } else { 0 }
}

/// How long the header before a record is, such as that of a syslog message: nothing where the line starts with the
/// record, or holds none.
pub fn header(line: &[u8]) -> usize {
    if line.first().is_none_or(|byte| matches!(byte, b'{' | b'[')) {
        return 0;
    }
    let json = memchr::memchr_iter(b'{', line).find(|at| {
        let rest = line.get(at + 1..).unwrap_or_default();
        // A header may hold GUIDs, which stand in braces as well.
        matches!(rest.trim_ascii_start().first(), Some(b'"' | b'}'))
    });
    let xml = xml::start(line);
    json.into_iter().chain(xml).min().unwrap_or(0)
}

/// How long the header of a syslog message is that stands behind the length of it (RFC 6587): nothing where there is none,
/// or no record in it.
pub fn frame(text: &[u8]) -> usize {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let length = digits(text);
    let priority = text.get(length..).and_then(|rest| rest.strip_prefix(b" <")).unwrap_or_default();
    let is_frame =
        length > 0 && matches!(digits(priority), 1..=3) && priority.get(digits(priority)) == Some(&b'>');
    // Looked for no further than a header is long, so that many on one line cost no more than others.
    if is_frame { header(text.get(..HEADER).unwrap_or(text)) } else { 0 }
}

/// How far it is to the record that follows another on its line; nothing where there is something else.
pub fn next(text: &[u8]) -> Option<usize> {
    let is_record =
        matches!(text.first(), Some(b'{' | b'[')) || xml::start(text.get(..16).unwrap_or(text)) == Some(0);
    if is_record { Some(0) } else { Some(frame(text)).filter(|header| *header > 0) }
}

/// Where the record that starts `bytes` ends, if it may be a Windows event.
pub fn extent(bytes: &[u8]) -> Option<usize> {
    if bytes.first() == Some(&b'<') {
        // What stops before its end is told when it is read.
        return Some(xml::end(bytes, 0).unwrap_or(bytes.len()));
    }
    if is_classic(bytes) {
        return Some(classic::end(bytes).unwrap_or(bytes.len()));
    }
    if chance(bytes) == Chance::None {
        return None;
    }
    let mut cursor = Cursor::new(bytes);
    // What is cut short may still show what it was to be.
    Some(cursor.skip().map_or(bytes.len(), |()| cursor.at))
}

/// Whether what starts `bytes` is a Windows event, be it damaged.
pub fn holds_event(bytes: &[u8]) -> bool {
    let Some(record) = extent(bytes).and_then(|end| bytes.get(..end)) else { return false };
    match FormReader::default().read(record) {
        Ok(_) => true,
        Err(RecordError::NoForm) => false,
        Err(_) => !record.starts_with(b"<"),
    }
}

/// How likely a record is a Windows event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chance {
    /// It is none.
    None,
    /// It may be one.
    Fair,
    /// It is nothing else.
    Sure,
}

/// How likely a record is a Windows event: a look at its keys, to spare UDM events the rest.
pub fn chance(record: &[u8]) -> Chance {
    match record.first() {
        Some(b'<') => return Chance::Sure,
        Some(b'0'..=b'9') if is_classic(record) => return Chance::Sure,
        Some(b'{') if !record.starts_with(b"{\"metadata\"") => {}
        _ => return Chance::None,
    }
    let mut cursor = Cursor::new(record);
    let mut first = First::Yes;
    if cursor.open(b'{').is_err() {
        return Chance::None;
    }
    while let Ok(true) = cursor.more(&mut first, b'}') {
        let Ok(key) = cursor.key() else { return Chance::None };
        let name = record.get(key.start..key.end).unwrap_or_default();
        let known = KEYS.iter().find(|known| {
            let rest = name.strip_prefix(known.0.as_bytes());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"."))
        });
        if let Some((_, chance)) = known {
            return *chance;
        }
        if cursor.skip().is_err() {
            return Chance::None;
        }
    }
    Chance::None
}

/// Reads records of any form, one after the other into the same memory.
#[derive(Debug, Default)]
pub struct FormReader {
    buffer: RecordBuffer,
    flat: Flat,
}

impl FormReader {
    /// Reads a record, XML or JSON; bytes that are not UTF-8 become U+FFFD. What is JSON but no Windows event is
    /// [`RecordError::NoForm`].
    ///
    /// # Errors
    /// The record cannot be read, or has none of the forms.
    pub fn read(&mut self, raw: &[u8]) -> Result<RawRecord<'_>, RecordError> {
        let text = String::from_utf8_lossy(raw);
        self.buffer.clear();
        if text.trim_start().starts_with('<') {
            xml::read(&text, &mut self.buffer)?;
            require_system(&self.buffer)?;
        } else if is_classic(text.as_bytes()) {
            classic::read(&text, &mut self.buffer)?;
        } else {
            self.json(&text)?;
        }
        mend::common(&mut self.buffer);
        Ok(self.buffer.record())
    }

    fn json(&mut self, text: &str) -> Result<(), RecordError> {
        let start = text.trim_start();
        let is_dump = start.starts_with("{\"Event\":{") || start.starts_with("{\"Event_attributes\":{");
        if is_dump
            && dump::read(text, &mut self.buffer).is_ok()
            && !self.buffer.record().provider().is_empty()
        {
            return Ok(());
        }
        self.buffer.clear();
        let read = self.flat.read(text);
        let (form, wrapper) = recognise(&self.flat).ok_or(RecordError::NoForm)?;
        read?;
        (form.read)(&self.flat, wrapper, &mut self.buffer)
    }
}

fn is_classic(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_digit) && classic::start(text) == Some(0)
}

fn recognise(flat: &Flat) -> Option<(&'static Form, &'static str)> {
    let has = |wrapper: &str, tell: &str| {
        flat.values()
            .filter_map(|(path, _)| path.strip_prefix(wrapper))
            .any(|path| if tell.ends_with('.') { path.starts_with(tell) } else { path == tell })
    };
    let around = |wrapper: &&str| wrapper.is_empty() || has("", wrapper);
    WRAPPERS.into_iter().filter(|wrapper| around(wrapper)).find_map(|wrapper| {
        let form = FORMS.iter().find(|form| form.tells.iter().all(|tell| has(wrapper, tell)))?;
        Some((form, wrapper))
    })
}

fn require_system(buffer: &RecordBuffer) -> Result<(), RecordError> {
    let record = buffer.record();
    if record.event_id().is_none() && record.provider().is_empty() {
        return Err(RecordError::NoSystem);
    }
    Ok(())
}

fn nxlog(flat: &Flat, wrapper: &str, buffer: &mut RecordBuffer) -> Result<(), RecordError> {
    layout::read(&tables::NXLOG, flat, wrapper, buffer);
    mend::nxlog(flat, wrapper, buffer);
    Ok(())
}

fn winlogbeat(flat: &Flat, wrapper: &str, buffer: &mut RecordBuffer) -> Result<(), RecordError> {
    layout::read(&tables::WINLOGBEAT, flat, wrapper, buffer);
    mend::ecs(flat, wrapper, buffer);
    Ok(())
}

fn sentinel(flat: &Flat, wrapper: &str, buffer: &mut RecordBuffer) -> Result<(), RecordError> {
    layout::read(&tables::SENTINEL, flat, wrapper, buffer);
    match flat.get("EventData").filter(|data| data.starts_with('<')) {
        Some(data) => {
            buffer.drop_value("EventData");
            xml::read(data, buffer)
        }
        None => Ok(()),
    }
}

fn plain(layout: &Layout, flat: &Flat, wrapper: &str, buffer: &mut RecordBuffer) -> Result<(), RecordError> {
    layout::read(layout, flat, wrapper, buffer);
    Ok(())
}

fn old_winlogbeat(flat: &Flat, wrapper: &str, buffer: &mut RecordBuffer) -> Result<(), RecordError> {
    plain(&tables::OLD_WINLOGBEAT, flat, wrapper, buffer)
}

fn objects(flat: &Flat, wrapper: &str, buffer: &mut RecordBuffer) -> Result<(), RecordError> {
    plain(&tables::OBJECTS, flat, wrapper, buffer)
}

fn snake_objects(flat: &Flat, wrapper: &str, buffer: &mut RecordBuffer) -> Result<(), RecordError> {
    plain(&tables::SNAKE_OBJECTS, flat, wrapper, buffer)
}

fn wazuh(flat: &Flat, wrapper: &str, buffer: &mut RecordBuffer) -> Result<(), RecordError> {
    plain(&tables::WAZUH, flat, wrapper, buffer)
}

/// The XML that a text holds, behind whatever header, or Splunk's own text.
fn text_inside(flat: &Flat, wrapper: &str, buffer: &mut RecordBuffer) -> Result<(), RecordError> {
    let mut texts = flat.values().filter(|(path, _)| {
        let path = path.strip_prefix(wrapper);
        path.is_some_and(|path| matches!(path, "_raw" | "event" | "Event" | "message"))
    });
    let start = |value: &str| xml::start(value.as_bytes()).or(is_classic(value.as_bytes()).then_some(0));
    let inside = texts.find_map(|(_, value)| value.get(start(value)?..));
    let text = inside.ok_or(RecordError::NoForm)?;
    if !text.starts_with('<') {
        return classic::read(text, buffer);
    }
    let end = xml::end(text.as_bytes(), 0).ok_or(RecordError::Cut)?;
    xml::read(text.get(..end).unwrap_or(text), buffer)?;
    require_system(buffer)
}
