//! Several fields read as one list: what `group(…)` stands for.

use super::record::{Cell, Record};
use super::wanted::{Leaf, ListId, Slot, SlotId, Wanted};

/// Fields whose values are one list.
#[derive(Debug)]
pub(super) struct Grouped {
    /// Where the values are found.
    pub(super) slot: SlotId,
    /// The list that they make, which lies in no other.
    pub(super) list: ListId,
    /// The fields, in the order they are written.
    pub(super) parts: Vec<SlotId>,
}

impl Grouped {
    /// Fills the list from the fields of a record that has been read. A field without a value adds a zero value, as an
    /// empty list does wherever it is unnested.
    pub(super) fn fill(&self, wanted: &Wanted, record: &mut Record) {
        for &part in &self.parts {
            let cells: Vec<Cell> = match wanted.slot(part).list {
                Some(list) => record.elements(list).map(|element| record.cell(part, element)).collect(),
                None => Vec::new(),
            };
            if cells.is_empty() {
                let element = record.push_element(self.list, 0);
                record.set(self.slot, element, record.cell(part, 0));
            }
            for cell in cells {
                let element = record.push_element(self.list, 0);
                record.set(self.slot, element, cell);
            }
        }
    }
}

/// How the text of fields of like type is read as a value of one list.
pub(super) fn leaf(parts: &[Slot]) -> Leaf {
    let first = parts.first().map_or(Leaf::Text, |part| part.leaf);
    let is_number =
        |leaf: Leaf| matches!(leaf, Leaf::Whole | Leaf::Single | Leaf::Float | Leaf::Seconds | Leaf::Nanos);
    match parts {
        _ if parts.iter().all(|part| part.leaf == first) => first,
        _ if parts.iter().all(|part| is_number(part.leaf)) => Leaf::Float,
        _ => Leaf::Text,
    }
}
