//! Which element of a list or entry of a map a field asks for.

use super::{NodeId, SlotId, Wanted, root_node};
use crate::schema::StepAccess;

/// The element of a list, or the entry of a map, that a field lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ingest) enum Chosen {
    /// It has neither index nor key.
    None,
    /// That of an index.
    Element(NodeId),
    /// That of a key.
    Key,
}

impl Wanted {
    /// The last index or key in the way to the field in this slot.
    pub(in crate::ingest) fn chosen(&self, slot: SlotId) -> Chosen {
        let way = self.known.iter().find(|(_, known)| **known == slot);
        let Some(((root, steps, _), _)) = way else { return Chosen::None };
        let (mut at, mut chosen) = (root_node(*root), Chosen::None);
        for step in steps {
            let child = self.node(at).and_then(|node| node.under(step.json.as_bytes()));
            let Some(next) = child else { return chosen };
            at = next;
            match &step.access {
                None => {}
                Some(StepAccess::Label(_) | StepAccess::Key(_)) => return Chosen::Key,
                Some(StepAccess::Index(index)) => {
                    let found =
                        self.node(at).and_then(|node| node.indexed.iter().find(|(at, _)| at == index));
                    let Some((_, element)) = found else { return chosen };
                    (at, chosen) = (*element, Chosen::Element(*element));
                }
            }
        }
        chosen
    }
}
