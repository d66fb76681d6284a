//! Fields that stand before the one that says whether any plan wants the event: they wait until that is known.
//!
//! Most events of a log are of types that no plan wants. Where `metadata` comes first they are dropped there; where it
//! comes behind what plans look at, that would be read for nothing. That it is passed over, and read only for events that
//! some plan wants, saves a fifteenth of a run over such a file where three fields are asked for, a quarter with fourteen.

use super::twins::Given;
use super::{Escapes, First, Mark, Node, Reader, Stop, Text, root_node};
use crate::ingest::wanted::NodeId;
use crate::schema::Root;

/// So many wanted events are too few to tell whether it pays.
const FEW: u32 = 16;

/// The fields that wait, and whether it pays. It is made anew for each chunk: what is looked at, and so which damage is
/// seen, must not depend on the chunks that a worker had before.
#[derive(Debug, Default)]
pub(in crate::ingest) struct Waiting {
    /// Keys of the event, and where their values start.
    fields: Vec<(Text, usize)>,
    /// Events that were dropped before what waited was read.
    dropped: u32,
    /// Events for which it was read after all.
    kept: u32,
}

/// When a field of an event is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// Behind the field that decides.
    Waits,
    /// At once, and then what waits.
    Decides,
    /// Behind what waits: its name holds escapes, so that it may be any field.
    Unknown,
    /// At once.
    Now,
}

impl Waiting {
    /// Where few fields are asked for, it costs an event that is wanted what it saves at one that is not.
    fn pays(&self) -> bool {
        self.kept <= self.dropped.saturating_add(FEW)
    }

    fn drop_all(&mut self) {
        self.dropped += u32::from(!self.fields.is_empty());
        self.fields.clear();
    }
}

impl<'r> Reader<'r, '_> {
    /// The record from its first bracket to its last.
    pub(super) fn whole(&mut self, root: Root) -> Result<(), Stop> {
        let id = root_node(root);
        // Where it comes first nothing waits.
        if self.cursor.bytes.starts_with(b"{\"metadata\"") || root != Root::Udm {
            return self.single(id, 0);
        }
        let deciding = self.wanted.deciding().filter(|_| self.record.waiting.pays());
        match (self.node(id), deciding) {
            (Some(node), Some(deciding)) => self.decided_first(node, deciding),
            (None, _) | (_, None) => self.single(id, 0),
        }
    }

    /// An event whose field `deciding` is read before the others.
    #[inline(never)]
    fn decided_first(&mut self, node: &'r Node, deciding: NodeId) -> Result<(), Stop> {
        self.record.waiting.fields.clear();
        let mut given = self.given(node)?;
        self.cursor.open(b'{')?;
        let (mut first, mut decided) = (First::Yes, false);
        while let Some(key) = self.cursor.entry(&mut first, node.lengths)? {
            let turn = if decided { Turn::Now } else { self.turn(node, key, deciding) };
            match turn {
                Turn::Waits => self.put_off(key)?,
                Turn::Now => self.now(node, key, &mut given)?,
                Turn::Unknown => {
                    self.catch_up(node, &mut given)?;
                    self.now(node, key, &mut given)?;
                }
                Turn::Decides => {
                    self.decide(node, key, &mut given)?;
                    self.catch_up(node, &mut given)?;
                    decided = true;
                }
            }
        }
        self.catch_up(node, &mut given)?;
        if self.rejected { Err(Stop::Rejected) } else { Ok(()) }
    }

    fn turn(&self, node: &Node, key: Text, deciding: NodeId) -> Turn {
        if key.escaped == Escapes::Some {
            return Turn::Unknown;
        }
        let name = self.cursor.bytes.get(key.start..key.end).unwrap_or_default();
        match node.under(name) {
            Some(next) if next == deciding => Turn::Decides,
            Some(next) if self.node(next).is_some_and(|node| node.mark == Mark::None) => Turn::Waits,
            Some(_) | None => Turn::Now,
        }
    }

    /// In the one place here where a field is read: that makes it part of the code of messages, where it is read mostly.
    #[inline(never)]
    fn now(&mut self, node: &'r Node, key: Text, given: &mut Given) -> Result<(), Stop> {
        self.entry(node, key, 0, given)
    }

    fn put_off(&mut self, key: Text) -> Result<(), Stop> {
        self.record.waiting.fields.push((key, self.cursor.at));
        Ok(self.cursor.skip()?)
    }

    fn decide(&mut self, node: &'r Node, key: Text, given: &mut Given) -> Result<(), Stop> {
        let decided = self.now(node, key, given);
        if matches!(decided, Err(Stop::Rejected)) {
            self.record.waiting.drop_all();
        }
        decided
    }

    /// Reads what waits, in order, and goes on where the reading stands.
    fn catch_up(&mut self, node: &'r Node, given: &mut Given) -> Result<(), Stop> {
        if self.record.waiting.fields.is_empty() {
            return Ok(());
        }
        self.record.waiting.kept += 1;
        let (at, mut fields) = (self.cursor.at, std::mem::take(&mut self.record.waiting.fields));
        let read = fields.drain(..).try_for_each(|(key, value)| {
            self.cursor.at = value;
            self.now(node, key, given)
        });
        (self.cursor.at, self.record.waiting.fields) = (at, fields);
        read
    }
}
