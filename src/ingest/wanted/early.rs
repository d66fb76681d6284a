//! The field whose value lets the reader drop an event before it is read to its end.

use super::{NodeId, SlotId, Wanted, root_node};
use crate::schema::Root;

/// The field, and what it must be.
#[derive(Debug)]
pub(super) struct Early {
    slot: SlotId,
    /// With any other value no plan wants the event.
    values: Vec<String>,
    /// The field of the event that it lies in.
    way: Option<NodeId>,
}

impl Wanted {
    /// Lets the reader drop an event as soon as this field has another value than these: no plan wants such an event.
    pub fn reject_unless(&mut self, slot: SlotId, values: Vec<String>) {
        self.early = Some(Early { slot, values, way: self.way(slot) });
    }

    /// May an event be of no use to any plan for what is in this slot?
    pub(in crate::ingest) fn may_reject(&self, slot: SlotId) -> bool {
        self.early.as_ref().is_some_and(|early| early.slot == slot)
    }

    /// Is an event with this value in this slot of no use to any plan?
    pub(in crate::ingest) fn rejects(&self, slot: SlotId, value: &[u8]) -> bool {
        let is_it = |known: &String| known.as_bytes() == value;
        matches!(&self.early, Some(early) if early.slot == slot && !early.values.iter().any(is_it))
    }

    /// May any plan want an event of this type?
    pub(in crate::ingest) fn may_want_type(&self, name: &str) -> bool {
        let Some(Early { slot, values, .. }) = &self.early else { return true };
        let is_type = self.paths.get(slot.0 as usize).is_some_and(|path| *path == ["metadata", "event_type"]);
        !is_type || values.iter().any(|value| value == name)
    }

    /// The field of an event in which the value lies that may make it of no use to any plan.
    pub(in crate::ingest) fn deciding(&self) -> Option<NodeId> {
        self.early.as_ref()?.way
    }

    /// The field of an event that the way to this slot begins with.
    fn way(&self, slot: SlotId) -> Option<NodeId> {
        let ((_, steps, _), _) = self.known.iter().find(|(_, known)| **known == slot)?;
        self.node(root_node(Root::Udm))?.under(steps.first()?.json.as_bytes())
    }
}
