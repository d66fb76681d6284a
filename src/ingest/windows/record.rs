//! The normal form of a Windows record: what the system wrote about it, and its named values.

/// A field of the `System` part of a record, or its rendered message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum System {
    /// `Microsoft-Windows-Sysmon`
    Provider,
    /// `{5770385f-c22a-43e0-bf4c-06f5698ffbd9}`
    ProviderGuid,
    /// `4688`
    EventId,
    /// `2`, the version of the event's layout
    Version,
    /// `4`, from 1 (critical) to 5 (verbose)
    Level,
    /// `13312`
    Task,
    /// `0`
    Opcode,
    /// `0x8020000000000000`
    Keywords,
    /// `2021-04-22T11:32:03.468Z`
    Time,
    /// `436755`
    RecordId,
    /// `{d5b5d4b2-…}`
    ActivityId,
    /// `{d5b5d4b2-…}`
    RelatedActivityId,
    /// `708`, the process that logged
    ProcessId,
    /// `5480`, the thread that logged
    ThreadId,
    /// `Security`
    Channel,
    /// `fs03.example.org`
    Computer,
    /// `S-1-5-18`
    UserId,
    /// The text that the event viewer shows.
    Message,
    /// `Process Creation`, the task by its name
    Category,
    /// `SYSTEM`, the account behind [`System::UserId`]
    AccountName,
    /// `NT AUTHORITY`, the domain of that account
    AccountDomain,
    /// The address of the host that logged.
    HostIp,
    /// `in_sysmon`, the part of a collector that took the event
    ModuleName,
    /// `im_msvistalog`
    ModuleType,
}

/// How many system fields there are.
pub(super) const SYSTEM_FIELDS: usize = 24;

/// Element and attribute under `System`, by which a field is found; the attribute is empty for text.
const ELEMENTS: [(&str, &str, System); 17] = [
    ("Provider", "Name", System::Provider),
    ("Provider", "Guid", System::ProviderGuid),
    ("EventID", "", System::EventId),
    ("Version", "", System::Version),
    ("Level", "", System::Level),
    ("Task", "", System::Task),
    ("Opcode", "", System::Opcode),
    ("Keywords", "", System::Keywords),
    ("TimeCreated", "SystemTime", System::Time),
    ("EventRecordID", "", System::RecordId),
    ("Correlation", "ActivityID", System::ActivityId),
    ("Correlation", "RelatedActivityID", System::RelatedActivityId),
    ("Execution", "ProcessID", System::ProcessId),
    ("Execution", "ThreadID", System::ThreadId),
    ("Channel", "", System::Channel),
    ("Computer", "", System::Computer),
    ("Security", "UserID", System::UserId),
];

/// What stands outside `System`, by the names in mapping rows.
const BESIDES: [(&str, System); 7] = [
    ("Message", System::Message),
    ("Category", System::Category),
    ("AccountName", System::AccountName),
    ("Domain", System::AccountDomain),
    ("HostIP", System::HostIp),
    ("SourceModuleName", System::ModuleName),
    ("SourceModuleType", System::ModuleType),
];

impl System {
    /// The field that an element's attribute (or, with an empty one, its text) holds.
    pub fn of_element(element: &str, attribute: &str) -> Option<System> {
        let same = |row: &&(&str, &str, System)| row.0 == element && row.1 == attribute;
        ELEMENTS.iter().find(same).map(|row| row.2)
    }

    /// The same, and `expected` is the row of the table that comes next: records mostly hold their elements in the
    /// table's order, which spares them the search.
    pub(super) fn of_next_element(expected: &mut usize, element: &str, attribute: &str) -> Option<System> {
        let same = |row: &(&str, &str, System)| row.0 == element && row.1 == attribute;
        let as_expected = ELEMENTS.get(*expected).is_some_and(same);
        let at = if as_expected { *expected } else { ELEMENTS.iter().position(same)? };
        *expected = at + 1;
        ELEMENTS.get(at).map(|row| row.2)
    }

    /// The name that a mapping row calls the field by.
    pub(super) fn name(self) -> &'static str {
        if self == System::Provider {
            return "Provider";
        }
        let element = ELEMENTS.iter().find(|row| row.2 == self);
        let name = element.map(|row| if row.1.is_empty() { row.0 } else { row.1 });
        name.or_else(|| BESIDES.iter().find(|row| row.1 == self).map(|row| row.0)).unwrap_or("")
    }

    /// The field that a mapping row calls `@NAME`: the attribute's name, or else the element's.
    pub(super) fn of_row(name: &str) -> Option<System> {
        if name == "Provider" {
            return Some(System::Provider);
        }
        let same = |row: &&(&str, &str, System)| name == if row.1.is_empty() { row.0 } else { row.1 };
        let beside = || BESIDES.iter().find(|row| row.0 == name).map(|row| row.1);
        ELEMENTS.iter().find(same).map(|row| row.2).or_else(beside)
    }
}

/// A stretch of a record's text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) from: usize,
    pub(super) to: usize,
}

/// A record's values in one growing text, used again for the next record.
#[derive(Debug, Default)]
pub struct RecordBuffer {
    pub(super) text: String,
    system: [Option<Stretch>; SYSTEM_FIELDS],
    data: Vec<(Stretch, Stretch)>,
    unnamed: usize,
}

impl RecordBuffer {
    /// Forgets the last record, keeping the memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.data.clear();
        self.system = [None; SYSTEM_FIELDS];
        self.unnamed = 0;
    }

    /// Sets a system field.
    pub fn set(&mut self, field: System, value: &str) {
        let value = self.keep(value);
        self.set_kept(field, value);
    }

    /// Adds a named value.
    pub fn push(&mut self, name: &str, value: &str) {
        let pair = (self.keep(name), self.keep(value));
        self.data.push(pair);
    }

    /// Adds a value without a name, which is called `param1` and so on by its place.
    pub fn push_unnamed(&mut self, value: &str) {
        let value = self.keep(value);
        self.push_unnamed_kept(value);
    }

    /// Whether a system field is set.
    pub(super) fn has(&self, field: System) -> bool {
        self.system.get(field as usize).is_some_and(Option::is_some)
    }

    /// Sets a system field that is not set yet.
    pub(super) fn set_missing(&mut self, field: System, value: &str) {
        if !self.has(field) {
            self.set(field, value);
        }
    }

    /// Takes out the values of a name.
    pub(super) fn drop_value(&mut self, name: &str) {
        let RecordBuffer { text, data, .. } = self;
        data.retain(|pair| text.get(pair.0.from..pair.0.to) != Some(name));
    }

    /// The record as read so far.
    pub fn record(&self) -> RawRecord<'_> {
        let mut record =
            RawRecord { text: &self.text, system: &self.system, data: &self.data, event_id: None };
        record.event_id = record.system(System::EventId).and_then(|id| id.parse().ok());
        record
    }

    pub(super) fn set_kept(&mut self, field: System, value: Stretch) {
        if let Some(place) = self.system.get_mut(field as usize) {
            *place = Some(value);
        }
    }

    pub(super) fn push_kept(&mut self, name: Stretch, value: Stretch) {
        self.data.push((name, value));
    }

    pub(super) fn push_unnamed_kept(&mut self, value: Stretch) {
        self.unnamed += 1;
        let from = self.text.len();
        // Writing to a string cannot fail.
        let _ = std::fmt::Write::write_fmt(&mut self.text, format_args!("param{}", self.unnamed));
        self.data.push((Stretch { from, to: self.text.len() }, value));
    }

    fn keep(&mut self, text: &str) -> Stretch {
        let from = self.text.len();
        self.text.push_str(text);
        Stretch { from, to: self.text.len() }
    }
}

/// One Windows record in normal form, borrowed from a [`RecordBuffer`].
#[derive(Debug, Clone, Copy)]
pub struct RawRecord<'a> {
    text: &'a str,
    system: &'a [Option<Stretch>; SYSTEM_FIELDS],
    data: &'a [(Stretch, Stretch)],
    event_id: Option<u32>,
}

impl<'a> RawRecord<'a> {
    /// A system field; `-` and the empty text are absent.
    pub fn system(&self, field: System) -> Option<&'a str> {
        let stretch = (*self.system.get(field as usize)?)?;
        present(self.stretch(stretch))
    }

    /// The provider's name, empty where the record has none.
    pub fn provider(&self) -> &'a str {
        self.system(System::Provider).unwrap_or("")
    }

    /// The event id, where it is a number.
    pub fn event_id(&self) -> Option<u32> {
        self.event_id
    }

    /// The `EventRecordID`, the record's number in the log it was written to.
    pub fn record_id(&self) -> Option<&'a str> {
        self.system(System::RecordId)
    }

    /// The number of named values.
    pub fn len(&self) -> usize {
        self.data.len()
    }

    /// Whether there are no named values.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// The name of the value at a place.
    pub fn name(&self, at: usize) -> Option<&'a str> {
        self.data.get(at).map(|pair| self.stretch(pair.0))
    }

    /// The value at a place; `-` and the empty text are absent.
    pub fn value(&self, at: usize) -> Option<&'a str> {
        self.data.get(at).and_then(|pair| present(self.stretch(pair.1)))
    }

    /// The first place that a name stands at.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.data.iter().position(|pair| self.stretch(pair.0) == name)
    }

    /// The first value of a name.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.value(self.position(name)?)
    }

    fn stretch(&self, at: Stretch) -> &'a str {
        self.text.get(at.from..at.to).unwrap_or("")
    }
}

fn present(value: &str) -> Option<&str> {
    (!value.is_empty() && value != "-").then_some(value)
}
