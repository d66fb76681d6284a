//! What is to be read of an event: the fields of all plans as one trie. Made by `plan`, obeyed here; a reader learns
//! fields and values from it, never rules.

use std::collections::HashMap;
use std::sync::Arc;

use super::grouped::{self, Grouped};
use super::needle::Needle;
use super::sieve::Needles;
use crate::schema::{FieldInfo, FieldType, Root, Step, StepAccess};
use crate::value::EnumId;
pub(super) use chosen::Chosen;
use early::Early;
use trie::ROOTS;
pub(super) use trie::{Mark, Node, NodeId, Spelling, root_node};

mod chosen;
mod early;
mod trie;

/// A field that is read, by position in [`Wanted::slots`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlotId(pub u32);

/// A list that is read, by position in [`Wanted::lists`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListId(pub u32);

/// How the text of a field becomes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Leaf {
    /// As it is; bytes fields too.
    Text,
    /// The value of a label or a struct's key: only strings are seen.
    MapText,
    /// An enum, by name or number.
    Enum(EnumId),
    /// A signed or unsigned whole number, as number or digits.
    Whole,
    /// `float`
    Single,
    /// `double`
    Float,
    /// `true` or `false`.
    Bool,
    /// A point in time, in any of its spellings.
    Time,
    /// The seconds of a time or of a duration.
    Seconds,
    /// The nanoseconds of a time or of a duration.
    Nanos,
}

/// A field that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// How its text becomes a value.
    pub leaf: Leaf,
    /// The innermost list it lies in; it has a value for each element.
    pub list: Option<ListId>,
}

/// The fields of all plans, as one trie for each kind of record.
#[derive(Debug)]
pub struct Wanted {
    slots: Vec<Slot>,
    lists: Vec<Option<ListId>>,
    nodes: Vec<Node>,
    known: HashMap<(Root, Vec<Step>, Leaf), SlotId>,
    paths: Vec<Vec<String>>,
    grouped: Vec<Grouped>,
    early: Option<Early>,
    needles: Option<Needles>,
    time: SlotId,
    /// The time of a detection, where any is looked at.
    detected: Option<SlotId>,
    extent: Extent,
}

/// How much of an event made from another form is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// The fields that are read.
    Fields,
    /// All of it.
    Everything,
}

impl Default for Wanted {
    fn default() -> Wanted {
        let mut wanted = Wanted {
            slots: Vec::new(),
            lists: Vec::new(),
            nodes: ROOTS.iter().map(|_| Node::default()).collect(),
            known: HashMap::new(),
            paths: Vec::new(),
            grouped: Vec::new(),
            early: None,
            needles: None,
            time: SlotId(0),
            detected: None,
            extent: Extent::Fields,
        };
        let step = |name: &str, json: &str| Step {
            name: name.to_owned(),
            json: json.to_owned(),
            repeated: false,
            access: None,
        };
        let steps = [step("metadata", "metadata"), step("event_timestamp", "eventTimestamp")];
        wanted.time = wanted.add(Root::Udm, &steps, Leaf::Time);
        wanted.mark_entities(&steps);
        wanted
    }
}

impl Wanted {
    /// Asks for whole events, as bytes: no more fields are read one by one, but what is mapped is mapped entirely.
    pub fn everything() -> Wanted {
        Wanted { extent: Extent::Everything, ..Wanted::default() }
    }

    /// Are whole events asked for?
    pub(super) fn is_everything(&self) -> bool {
        self.extent == Extent::Everything
    }

    /// Asks for a field; the same field is read once however often it is asked for. Nothing for a message.
    pub fn field(&mut self, info: &FieldInfo) -> Option<SlotId> {
        if info.root == Root::Detection && self.detected.is_none() {
            self.detected = Some(self.add(Root::Detection, &detection_time(), Leaf::Time));
        }
        Some(self.add(info.root, &info.steps, leaf(info)?))
    }

    /// Asks for a list to count its elements, which may be messages.
    pub fn elements(&mut self, info: &FieldInfo) -> SlotId {
        self.add(info.root, &info.steps, leaf(info).unwrap_or(Leaf::Text))
    }

    /// Asks for fields of one kind of record as one list, with a value for each element of each. The same fields make the
    /// same list however often they are asked for.
    pub fn group(&mut self, parts: Vec<SlotId>) -> SlotId {
        if let Some(known) = self.grouped.iter().find(|known| known.parts == parts) {
            return known.slot;
        }
        let (slot, list) = (SlotId(index(self.slots.len())), ListId(index(self.lists.len())));
        let slots: Vec<Slot> = parts.iter().map(|part| self.slot(*part)).collect();
        self.lists.push(None);
        self.slots.push(Slot { leaf: grouped::leaf(&slots), list: Some(list) });
        let first = parts.first().and_then(|part| self.paths.get(part.0 as usize));
        self.paths.push(first.cloned().unwrap_or_default());
        self.grouped.push(Grouped { slot, list, parts });
        slot
    }

    /// Is the slot a list of several fields?
    pub fn is_grouped(&self, slot: SlotId) -> bool {
        self.grouped.iter().any(|known| known.slot == slot)
    }

    /// The lists of several fields.
    pub(super) fn grouped(&self) -> &[Grouped] {
        &self.grouped
    }

    /// Does any plan look at records of this kind?
    pub(super) fn wants_kind(&self, root: Root) -> bool {
        self.known.keys().any(|(known, ..)| *known == root)
    }

    /// The slots, by id.
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// The slot with this id.
    pub fn slot(&self, id: SlotId) -> Slot {
        self.slots.get(id.0 as usize).copied().unwrap_or(Slot { leaf: Leaf::Text, list: None })
    }

    /// The way to the field in this slot, where it is a field as a whole and no part or chosen element of one.
    pub fn path(&self, slot: SlotId) -> Option<Arc<[Step]>> {
        let ((_, steps, leaf), _) = self.known.iter().find(|(_, known)| **known == slot)?;
        let is_part =
            matches!(leaf, Leaf::Seconds | Leaf::Nanos) || steps.iter().any(|step| step.access.is_some());
        (!is_part).then(|| steps.as_slice().into())
    }

    /// For each list the list it lies in.
    pub fn lists(&self) -> &[Option<ListId>] {
        &self.lists
    }

    /// The list that `list` lies in.
    pub fn parent(&self, list: ListId) -> Option<ListId> {
        self.lists.get(list.0 as usize).copied().flatten()
    }

    /// The time of the event; always read.
    pub fn time(&self) -> SlotId {
        self.time
    }

    /// When a record of this kind happened.
    pub(super) fn time_of(&self, root: Root) -> SlotId {
        match root {
            Root::Udm | Root::Entity => self.time,
            Root::Detection => self.detected.unwrap_or(self.time),
        }
    }

    /// Lets the reader pass over a line that holds none of these: no plan wants an event in it.
    pub fn skip_without(&mut self, needles: &[Needle]) {
        self.needles = Needles::new(needles);
    }

    /// What a line must hold to be looked at.
    pub(super) fn needles(&self) -> Option<&Needles> {
        self.needles.as_ref()
    }

    /// Is the path, in the words of the schema, read, or anything below or above it?
    pub fn wants(&self, path: &[&str]) -> bool {
        let meets = |wanted: &Vec<String>| wanted.iter().zip(path).all(|(a, b)| a == b);
        self.extent == Extent::Everything || self.paths.iter().any(meets)
    }

    fn add(&mut self, root: Root, steps: &[Step], leaf: Leaf) -> SlotId {
        let key = (root, steps.to_vec(), leaf);
        if let Some(&known) = self.known.get(&key) {
            return known;
        }
        let slot = SlotId(index(self.slots.len()));
        let list = self.thread(root, steps, slot, leaf);
        self.slots.push(Slot { leaf, list });
        self.paths.push(steps.iter().map(|step| step.name.clone()).collect());
        self.known.insert(key, slot);
        slot
    }
}

/// Ids are 32 bits; a rule set that passes four thousand million fields does not fit in memory first.
fn index(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// `detection_time` of a detection.
fn detection_time() -> [Step; 1] {
    let (name, json) = ("detection_time".to_owned(), "detectionTime".to_owned());
    [Step { name, json, repeated: false, access: None }]
}

fn leaf(info: &FieldInfo) -> Option<Leaf> {
    let last = info.steps.last();
    match last.and_then(|step| step.access.as_ref()) {
        Some(StepAccess::Key(_)) => return Some(Leaf::MapText),
        // Numbers and truth values are texts here, as they are under `.value`.
        Some(StepAccess::Label(_)) => return Some(Leaf::Text),
        Some(StepAccess::Index(_)) | None => {}
    }
    let part = last.map(|step| step.name.as_str());
    match (&info.kind, part) {
        // No signed field of the schema has these names, so they are parts of a time.
        (FieldType::Int, Some("seconds")) => Some(Leaf::Seconds),
        (FieldType::Int, Some("nanos")) => Some(Leaf::Nanos),
        (FieldType::Text | FieldType::Bytes, _) => Some(Leaf::Text),
        (FieldType::Int | FieldType::Uint, _) => Some(Leaf::Whole),
        (FieldType::Single, _) => Some(Leaf::Single),
        (FieldType::Float, _) => Some(Leaf::Float),
        (FieldType::Bool, _) => Some(Leaf::Bool),
        (FieldType::Enum(id), _) => Some(Leaf::Enum(*id)),
        (FieldType::Timestamp, _) => Some(Leaf::Time),
        (FieldType::Duration | FieldType::Struct | FieldType::Message(_) | FieldType::Map(_), _) => None,
    }
}
