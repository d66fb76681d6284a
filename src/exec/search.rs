//! One search of a value for all tests of its field, and what is remembered of values that come again.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use rustc_hash::FxHashMap;

use crate::plan::dispatch::Field;
use crate::plan::texts::{Finding, MOST_SETS};
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
    /// The literals of all others, and for each the tests it belongs to, with its set as a bit.
    needles: Option<AhoCorasick>,
    owners: Vec<Vec<(u32, u8)>>,
    /// For each test, the sets of which a literal must be found.
    sets: Vec<u8>,
}

/// The size of the literals up to which they are searched for by the faster, larger automaton.
const LARGE: usize = 1 << 14;

impl<'p> Search<'p> {
    pub(super) fn new(field: &'p Field<'p>) -> Search<'p> {
        let mut search = Search {
            field,
            wholes: FxHashMap::default(),
            needles: None,
            owners: Vec::new(),
            sets: vec![0; field.leads.len()],
        };
        let mut needles: FxHashMap<&str, usize> = FxHashMap::default();
        for (test, lead) in (0..).zip(&field.leads) {
            match &lead.test.finding {
                Finding::Whole(text) => search.wholes.entry(text).or_default().push(test),
                Finding::Needles(sets) => search.add(&mut needles, test, sets),
            }
        }
        let mut needles: Vec<(&str, usize)> = needles.into_iter().collect();
        needles.sort_unstable_by_key(|(_, number)| *number);
        search.needles = automaton(needles.into_iter().map(|(needle, _)| needle).collect());
        search
    }

    /// A literal that several tests look for is looked for once.
    fn add(&mut self, needles: &mut FxHashMap<&'p str, usize>, test: u32, sets: &'p [Vec<String>]) {
        for (bit, set) in BITS.iter().zip(sets) {
            if let Some(sets) = self.sets.get_mut(test as usize) {
                *sets |= bit;
            }
            for needle in set {
                let next = needles.len();
                let number = *needles.entry(needle).or_insert(next);
                if number == self.owners.len() {
                    self.owners.push(Vec::new());
                }
                self.owners.get_mut(number).into_iter().for_each(|owners| owners.push((test, *bit)));
            }
        }
    }

    /// The tests that hold for `text`.
    fn holding(&self, text: &str, scratch: &mut Scratch) {
        scratch.found.clear();
        if let Some(needles) = &self.needles {
            scratch.met.resize(self.sets.len(), 0);
            self.met(needles, &fold_text(text), scratch);
            scratch.found.sort_unstable();
            let Scratch { found, met } = scratch;
            found.retain(|test| {
                let test = *test as usize;
                let met = met.get_mut(test).map(std::mem::take);
                met == self.sets.get(test).copied()
                    && self.field.leads.get(test).is_some_and(|lead| lead.test.holds(text))
            });
        }
        scratch.found.extend(self.wholes.get(text).into_iter().flatten());
    }

    /// Notes for each test which of its sets have a literal in `text`.
    fn met(&self, needles: &AhoCorasick, text: &str, Scratch { found, met }: &mut Scratch) {
        for hit in needles.find_overlapping_iter(text) {
            for (test, bit) in self.owners.get(hit.pattern().as_usize()).into_iter().flatten() {
                let Some(met) = met.get_mut(*test as usize) else { continue };
                if *met == 0 {
                    found.push(*test);
                }
                *met |= bit;
            }
        }
    }
}

/// A bit for each set of literals.
const BITS: [u8; MOST_SETS] = [1, 2, 4];

/// What a search works with.
#[derive(Debug, Default)]
struct Scratch {
    found: Vec<u32>,
    /// For each test the sets met so far; all nothing between searches.
    met: Vec<u8>,
}

/// Letters of either case are the same to it, so that a text that is all ASCII is searched as it is.
fn automaton(needles: Vec<&str>) -> Option<AhoCorasick> {
    if needles.is_empty() {
        return None;
    }
    let size: usize = needles.iter().map(|needle| needle.len()).sum();
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
    scratch: Scratch,
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
    /// The tests of the field that hold for `text`.
    pub(super) fn holding(&mut self, search: &Search<'_>, text: &str) -> &[u32] {
        if search.needles.is_none() || text.len() > LONG || self.stands_aside() {
            search.holding(text, &mut self.scratch);
            return &self.scratch.found;
        }
        self.asked += 1;
        if let Some(at) = self.known.get(text) {
            self.hits += 1;
            return self.answers.get(*at).map_or(&[], |found| found);
        }
        search.holding(text, &mut self.scratch);
        self.remember(text);
        &self.scratch.found
    }

    fn remember(&mut self, text: &str) {
        if self.bytes > MOST {
            self.known.clear();
            self.answers.clear();
            self.bytes = 0;
        }
        self.bytes += text.len() + size_of_val(&*self.scratch.found) + OVERHEAD;
        self.known.insert(text.into(), self.answers.len());
        self.answers.push(self.scratch.found.as_slice().into());
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
