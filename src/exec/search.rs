//! One search of a value for all tests of its field, and what is remembered of values that come again.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use rustc_hash::FxHashMap;

use crate::plan::dispatch::Field;
use crate::plan::texts::Finding;
use crate::regex::fold_text;

/// Finds which tests of a field hold for a value.
///
/// Three hundred patterns one by one cost about 10 µs a command line; the search for a literal of each, with the patterns
/// run only where theirs is found, about 0.6 µs; and the answer for a value met before 0.1 µs.
#[derive(Debug)]
pub(super) struct Search<'p> {
    field: &'p Field<'p>,
    /// Tests that ask for a whole value, by that value.
    wholes: FxHashMap<&'p str, Vec<u32>>,
    /// The literals of all others, and the test that each belongs to.
    needles: Option<AhoCorasick>,
    owners: Vec<u32>,
}

/// The size of the literals up to which they are searched for by the faster, larger automaton.
const LARGE: usize = 1 << 14;

impl<'p> Search<'p> {
    pub(super) fn new(field: &'p Field<'p>) -> Search<'p> {
        let mut search = Search { field, wholes: FxHashMap::default(), needles: None, owners: Vec::new() };
        let mut needles: Vec<String> = Vec::new();
        for (test, lead) in (0..).zip(&field.leads) {
            match lead.test.finding() {
                Some(Finding::Whole(text)) => search.wholes.entry(text).or_default().push(test),
                Some(Finding::Needles(found)) => {
                    search.owners.extend(found.iter().map(|_| test));
                    needles.extend(found);
                }
                None => {}
            }
        }
        search.needles = automaton(&needles);
        search
    }

    /// The tests that hold for `text`, in order; `found` is scratch space.
    fn holding(&self, text: &str, found: &mut Vec<u32>) {
        found.clear();
        found.extend(self.wholes.get(text).into_iter().flatten());
        let Some(needles) = &self.needles else { return };
        let sure = found.len();
        let folded = fold_text(text);
        let owners = needles.find_overlapping_iter(&*folded);
        found.extend(owners.filter_map(|hit| self.owners.get(hit.pattern().as_usize())));
        if found.len() == sure {
            return;
        }
        found.sort_unstable();
        found.dedup();
        found.retain(|test| self.field.leads.get(*test as usize).is_some_and(|lead| lead.test.holds(text)));
    }
}

/// Letters of either case are the same to it, so that a text that is all ASCII is searched as it is.
fn automaton(needles: &[String]) -> Option<AhoCorasick> {
    if needles.is_empty() {
        return None;
    }
    let size: usize = needles.iter().map(String::len).sum();
    let kind = if size > LARGE { AhoCorasickKind::ContiguousNFA } else { AhoCorasickKind::DFA };
    let mut builder = AhoCorasick::builder();
    builder.match_kind(MatchKind::Standard).ascii_case_insensitive(true).kind(Some(kind));
    builder.build(needles).ok()
}

/// What one worker remembers of the values of a field.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Where the answer for each value is.
    known: FxHashMap<Box<str>, usize>,
    answers: Vec<Box<[u32]>>,
    bytes: usize,
    asked: u32,
    hits: u32,
    /// How many values are still to be searched without looking whether they are known.
    aside: u32,
    found: Vec<u32>,
}

/// What a memory may hold, in bytes of values.
const MOST: usize = 4 << 20;

/// What remembering a value takes beside it, about.
const OVERHEAD: usize = 64;

/// Longer values are too rarely the same.
const LONG: usize = 4 << 10;

/// After so many values it is seen whether remembering pays.
const TRIAL: u32 = 1 << 12;

/// So many go by before it is tried again where it does not.
const ASIDE: u32 = 1 << 16;

impl Memory {
    /// The tests of the field that hold for `text`, in order.
    pub(super) fn holding(&mut self, search: &Search<'_>, text: &str) -> &[u32] {
        if search.needles.is_none() || text.len() > LONG || self.stands_aside() {
            search.holding(text, &mut self.found);
            return &self.found;
        }
        self.asked += 1;
        if let Some(at) = self.known.get(text) {
            self.hits += 1;
            return self.answers.get(*at).map_or(&[], |found| found);
        }
        search.holding(text, &mut self.found);
        self.remember(text);
        &self.found
    }

    fn remember(&mut self, text: &str) {
        if self.bytes > MOST {
            self.known.clear();
            self.answers.clear();
            self.bytes = 0;
        }
        self.bytes += text.len() + size_of_val(&*self.found) + OVERHEAD;
        self.known.insert(text.into(), self.answers.len());
        self.answers.push(self.found.as_slice().into());
    }

    /// Where less than a quarter of the values come again, the search is cheaper than the remembering.
    fn stands_aside(&mut self) -> bool {
        if self.aside > 0 {
            self.aside -= 1;
            return true;
        }
        if self.asked == TRIAL {
            if self.hits < TRIAL / 4 {
                *self = Memory { aside: ASIDE, ..Memory::default() };
                return true;
            }
            (self.asked, self.hits) = (0, 0);
        }
        false
    }
}
