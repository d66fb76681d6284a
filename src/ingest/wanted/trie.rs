//! The trie that the ways to all wanted fields make.

use super::{Leaf, ListId, SlotId, Wanted, index};
use crate::ingest::json::Lengths;
use crate::schema::{Root, Step, StepAccess};

/// A place in the trie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ingest) struct NodeId(pub(in crate::ingest) u32);

/// Which of two spellings of one field a key is in; camelCase wins where an event has both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ingest) enum Spelling {
    /// Both are the same.
    Only,
    /// The key behind it is the other one.
    Camel,
    /// The key before it is the other one.
    Snake,
}

#[derive(Debug, Default)]
pub(in crate::ingest) struct Node {
    /// Keys to descend into.
    pub(in crate::ingest) keys: Vec<(Box<str>, Spelling, NodeId)>,
    /// The list this field is.
    pub(in crate::ingest) list: Option<ListId>,
    /// Fields that end here.
    pub(in crate::ingest) slots: Vec<SlotId>,
    /// `[n]`
    pub(in crate::ingest) indexed: Vec<(u64, NodeId)>,
    /// `["k"]` on a list of labels.
    pub(in crate::ingest) labels: Vec<(Box<str>, SlotId)>,
    /// `.fields["k"]` on a struct.
    pub(in crate::ingest) members: Vec<(Box<str>, SlotId)>,
    /// `["k"]` on a map of messages, and what is wanted inside; no list around it makes rows.
    pub(in crate::ingest) maps: Vec<(Box<str>, NodeId)>,
    pub(in crate::ingest) mark: Mark,
    /// The lengths of all the keys that are looked at.
    pub(in crate::ingest) lengths: Lengths,
}

/// What a key says of the record it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::ingest) enum Mark {
    #[default]
    None,
    /// Only entities have it.
    Entity,
}

impl Node {
    /// The keys that are looked at. Where members of a struct are asked for, they may stand under `fields`.
    fn names(&self) -> impl Iterator<Item = &str> {
        let keys = self.keys.iter().map(|(key, ..)| &**key);
        let (members, maps) =
            (self.members.iter().map(|(key, _)| &**key), self.maps.iter().map(|(key, _)| &**key));
        let fields = self.members.first().map(|_| "fields");
        keys.chain(members).chain(maps).chain(fields)
    }

    /// What is wanted under a key.
    pub(in crate::ingest) fn under(&self, key: &[u8]) -> Option<NodeId> {
        self.keys.iter().find(|(known, ..)| known.as_bytes() == key).map(|(.., next)| *next)
    }

    /// Is it a list of labels, as far as what is asked for tells?
    pub(in crate::ingest) fn is_label(&self) -> bool {
        let of_label = |key: &str| matches!(key, "key" | "value");
        let listed = self.list.is_some() && !self.keys.is_empty();
        !self.labels.is_empty() || (listed && self.keys.iter().all(|(key, ..)| of_label(key)))
    }
}

/// The kinds of record, each with a trie of its own: the first nodes are their roots.
pub(super) const ROOTS: [Root; 3] = [Root::Udm, Root::Entity, Root::Detection];

/// Where the trie of a kind of record starts.
pub(in crate::ingest) fn root_node(root: Root) -> NodeId {
    match root {
        Root::Udm => NodeId(0),
        Root::Entity => NodeId(1),
        Root::Detection => NodeId(2),
    }
}

impl Wanted {
    pub(in crate::ingest) fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.0 as usize)
    }

    fn node_mut(&mut self, id: NodeId) -> Option<&mut Node> {
        self.nodes.get_mut(id.0 as usize)
    }

    /// Lays the path into the trie; gives the list that the field has a value for each element of.
    pub(super) fn thread(&mut self, root: Root, steps: &[Step], slot: SlotId, leaf: Leaf) -> Option<ListId> {
        let part = matches!(leaf, Leaf::Seconds | Leaf::Nanos);
        let steps = if part { steps.split_last().map_or(steps, |(_, rest)| rest) } else { steps };
        let mut at = root_node(root);
        let mut list = None;
        for (index, step) in steps.iter().enumerate() {
            at = self.child(at, step);
            match &step.access {
                None if step.repeated => list = Some(self.list(at, list)),
                None => {}
                Some(StepAccess::Index(index)) => at = self.element(at, *index),
                Some(StepAccess::Label(key)) => {
                    self.edit(at, |node| node.labels.push((key.as_str().into(), slot)));
                    return None;
                }
                Some(StepAccess::Key(key)) if index + 1 < steps.len() => {
                    (at, list) = (self.entry(at, key), None);
                }
                Some(StepAccess::Key(key)) => {
                    self.edit(at, |node| node.members.push((key.as_str().into(), slot)));
                    return None;
                }
            }
        }
        self.edit(at, |node| node.slots.push(slot));
        list
    }

    fn edit(&mut self, at: NodeId, change: impl FnOnce(&mut Node)) {
        if let Some(node) = self.node_mut(at) {
            change(node);
            node.lengths = Lengths::of(node.names());
        }
    }

    fn fresh(&mut self) -> NodeId {
        self.nodes.push(Node::default());
        NodeId(index(self.nodes.len() - 1))
    }

    fn child(&mut self, at: NodeId, step: &Step) -> NodeId {
        if let Some(known) = self.node(at).and_then(|node| node.under(step.json.as_bytes())) {
            return known;
        }
        let next = self.fresh();
        self.edit(at, |node| {
            if step.json == step.name {
                return node.keys.push((step.json.as_str().into(), Spelling::Only, next));
            }
            node.keys.push((step.json.as_str().into(), Spelling::Camel, next));
            node.keys.push((step.name.as_str().into(), Spelling::Snake, next));
        });
        next
    }

    /// What is wanted under a key of a map.
    fn entry(&mut self, at: NodeId, key: &str) -> NodeId {
        let found = self.node(at).and_then(|node| node.maps.iter().find(|(known, _)| **known == *key));
        if let Some((_, next)) = found {
            return *next;
        }
        let next = self.fresh();
        self.edit(at, |node| node.maps.push((key.into(), next)));
        next
    }

    fn element(&mut self, at: NodeId, index: u64) -> NodeId {
        let found = self.node(at).and_then(|node| node.indexed.iter().find(|(known, _)| *known == index));
        if let Some((_, next)) = found {
            return *next;
        }
        let next = self.fresh();
        self.edit(at, |node| node.indexed.push((index, next)));
        next
    }

    fn list(&mut self, at: NodeId, parent: Option<ListId>) -> ListId {
        if let Some(known) = self.node(at).and_then(|node| node.list) {
            return known;
        }
        let list = ListId(index(self.lists.len()));
        self.lists.push(parent);
        self.edit(at, |node| node.list = Some(list));
        list
    }

    /// The keys that tell an entity from an event, which both may start with `metadata`.
    pub(super) fn mark_entities(&mut self, time: &[Step]) {
        let mark = self.fresh();
        self.edit(mark, |node| node.mark = Mark::Entity);
        let root = root_node(Root::Udm);
        self.edit(root, |node| node.keys.push(("entity".into(), Spelling::Only, mark)));
        let Some(metadata) = time.first().map(|step| self.child(root, step)) else { return };
        self.edit(metadata, |node| {
            node.keys.push(("entityType".into(), Spelling::Camel, mark));
            node.keys.push(("entity_type".into(), Spelling::Snake, mark));
        });
    }
}
