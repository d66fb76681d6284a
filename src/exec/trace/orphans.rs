//! Events that satisfy a variable but join nothing: by which of the other variables they fall short, and how.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use super::gaps::Gap;
use super::groups::{missing, no_event};
use super::name::{Names, shown};
use super::windows::span_text;
use super::{Code, GroupTrace, Reason, Reported, reason};
use crate::exec::eval::{JoinedRow, Scope};
use crate::exec::interner::{Interner, ValueId};
use crate::exec::join::Joiner;
use crate::exec::reach::Reach;
use crate::exec::steps::{Facing, facing};
use crate::exec::store::{ABSENT, RowId, Store};
use crate::plan::{Join, Presence, SourceId, SourceKind, SourcePlan};
use crate::value::operators::Case;
use crate::value::{Duration, Timestamp, Value};

/// Half-joined rows that are followed for one event.
const FOLLOWED: usize = 1_000;

/// Rows with the same match values that fall short in the same way, each by values of its own, that are told of.
const ALIKE: usize = 10;

/// Ways to fail that are told of one row.
const WAYS: usize = 10;

/// Explains rows that joined nothing.
pub(super) struct Orphans<'o> {
    names: Names<'o>,
    joiner: &'o Joiner<'o>,
    stores: &'o [Store],
    values: &'o Interner,
    /// Values that the rows of a source have where it is joined.
    known: FxHashSet<(SourceId, usize, Case, ValueId)>,
}

/// A half-joined row, and the first and last time of its events.
type Half = (Vec<RowId>, (Timestamp, Timestamp));

impl<'o> Orphans<'o> {
    pub(super) fn new(
        names: Names<'o>,
        joiner: &'o Joiner<'o>,
        stores: &'o [Store],
        values: &'o Interner,
    ) -> Orphans<'o> {
        let mut known = FxHashSet::default();
        let ties = names.plan.joins.iter().flat_map(|join| &join.any);
        for ((source, capture), case) in ties.flat_map(|tie| [(tie.left, tie.case), (tie.right, tie.case)]) {
            for row in joiner.candidates(source) {
                known.insert((source, capture, case, joiner.comparable((source, capture, case), row)));
            }
        }
        Orphans { names, joiner, stores, values, known }
    }

    /// One group for each match value and cause, as long as they are few.
    pub(super) fn groups(&self, used: &BTreeSet<(SourceId, RowId)>) -> Vec<GroupTrace> {
        let missing = missing(self.names, self.stores);
        let mut groups: Vec<GroupTrace> = Vec::new();
        let (mut told, mut alike) = (FxHashSet::default(), FxHashMap::<String, usize>::default());
        for (source, row) in self.rows().filter(|place| !used.contains(place)) {
            let matches = self.matches(source, row);
            let reasons = self.reasons(source, row, &missing);
            if reasons.is_empty() {
                continue;
            }
            let codes = reasons.iter().map(|reason| reason.code).collect::<Vec<_>>();
            // Two sides that miss each other are told once.
            let met = reasons.iter().filter(|reason| reason.is_of_field()).collect::<Vec<_>>();
            let event = self.stores.get(source.0).and_then(|store| store.place(row));
            let way = format!("{matches:?} {codes:?}");
            let count = alike.entry(way.clone()).or_default();
            let is_new = *count < ALIKE && told.insert(format!("{way} {met:?}"));
            // So are the rows of one event.
            if is_new && told.insert(format!("{way} {source:?} {event:?}")) {
                *count += 1;
                groups.push(self.group(source, matches, reasons));
            }
        }
        groups
    }

    fn group(
        &self,
        source: SourceId,
        matches: Vec<(String, Value<'static>)>,
        reasons: Vec<Reason>,
    ) -> GroupTrace {
        let name = self.names.plan.source(source).map(|source| source.name.clone()).unwrap_or_default();
        GroupTrace { matches, window: None, reported: Reported::No, counts: vec![(name, 1)], reasons }
    }

    /// The rows of event variables that must be there; entities join what events there are.
    fn rows(&self) -> impl Iterator<Item = (SourceId, RowId)> + '_ {
        let bound = self
            .names
            .plan
            .sources
            .iter()
            .enumerate()
            .filter(|(_, source)| source.presence == Presence::Bound && source.kind.is_timed());
        bound.flat_map(|(index, _)| {
            let rows = self.stores.get(index).map_or(0, Store::len);
            (0..u32::try_from(rows).unwrap_or(ABSENT)).map(move |row| (SourceId(index), row))
        })
    }

    fn reasons(&self, source: SourceId, row: RowId, missing: &[Reason]) -> Vec<Reason> {
        let untimed = self.stores.get(source.0).is_some_and(|store| store.at(row).is_none());
        if untimed {
            return vec![Reason {
                code: Code::FieldAbsent,
                field: Some("metadata.event_timestamp".to_owned()),
                expected: Some("a time, without which it is in no window".to_owned()),
                actual: Some(String::new()),
            }];
        }
        if missing.is_empty() { self.follow(source, row) } else { missing.to_vec() }
    }

    /// Match variables that the row itself has, through joins where another source gives them.
    fn matches(&self, source: SourceId, row: RowId) -> Vec<(String, Value<'static>)> {
        let keys = self.names.plan.keys.iter().filter_map(|key| {
            let capture = if key.source == source {
                Some(key.capture)
            } else {
                self.names.plan.joins.iter().find_map(|join| match join.any.as_slice() {
                    [tie] if tie.left == (key.source, key.capture) && tie.right.0 == source => {
                        Some(tie.right.1)
                    }
                    [tie] if tie.right == (key.source, key.capture) && tie.left.0 == source => {
                        Some(tie.left.1)
                    }
                    _ => None,
                })
            };
            Some((key.name.clone(), self.value(source, row, capture?)?.into_static()))
        });
        keys.collect()
    }

    fn value(&self, source: SourceId, row: RowId, capture: usize) -> Option<Value<'_>> {
        Some(self.values.value(self.stores.get(source.0)?.value(row, capture)?))
    }

    /// Joins the other variables one by one; the first that leaves nothing tells why.
    fn follow(&self, source: SourceId, row: RowId) -> Vec<Reason> {
        let Some(at) = self.stores.get(source.0).and_then(|store| store.at(row)) else { return Vec::new() };
        let mut first = vec![ABSENT; self.names.plan.sources.len()];
        first.iter_mut().skip(source.0).take(1).for_each(|place| *place = row);
        let (mut halves, mut joined) = (vec![(first, (at, at))], vec![source]);
        while let Some(next) = self.next(&joined) {
            match self.extend(&halves, next, &joined) {
                Ok(longer) => halves = longer,
                Err(reasons) => return reasons,
            }
            joined.push(next);
        }
        Vec::new()
    }

    fn next(&self, joined: &[SourceId]) -> Option<SourceId> {
        let open = |id: &SourceId| {
            let bound = |one: &crate::plan::SourcePlan| one.presence == Presence::Bound;
            !joined.contains(id) && self.names.plan.source(*id).is_some_and(bound)
        };
        let ids = || (0..self.names.plan.sources.len()).map(SourceId).filter(open);
        let tied = |id: &SourceId| !self.ties(*id, joined).is_empty();
        ids().find(tied).or_else(|| ids().next())
    }

    fn ties(&self, next: SourceId, joined: &[SourceId]) -> Vec<(&'o Join, Vec<Facing>)> {
        let joins = self.names.plan.joins.iter();
        joins.filter_map(|join| Some((join, facing(join, next, joined)?))).collect()
    }

    fn extend(&self, halves: &[Half], next: SourceId, joined: &[SourceId]) -> Result<Vec<Half>, Vec<Reason>> {
        let ties = self.ties(next, joined);
        let equal = self.equal(halves, next, &ties);
        if equal.is_empty() {
            return Err(vec![self.unmatched(halves, next, &ties)]);
        }
        let reach = Reach::of(self.names.plan);
        let near: Vec<Half> = equal
            .iter()
            .map(|(row, span)| {
                let id = row.get(next.0).copied().unwrap_or(ABSENT);
                (row.clone(), self.joiner.widened(*span, next, id))
            })
            .collect();
        let span = |half: &Half| half.1.1.0.saturating_sub(half.1.0.0);
        let inside: Vec<&Half> = near.iter().filter(|half| span(half) <= reach.0).collect();
        if inside.is_empty() {
            let nearest = near.iter().map(span).min().unwrap_or(0);
            return Err(vec![self.too_far(next, Duration(nearest))]);
        }
        let lasting: Vec<&Half> =
            inside.into_iter().filter(|half| self.joiner.in_intervals(next, &half.0)).collect();
        if lasting.is_empty() {
            return Err(vec![self.expired(next)]);
        }
        let fitting: Vec<Half> =
            lasting.iter().filter(|half| self.fits(half, next, joined)).map(|half| (*half).clone()).collect();
        if fitting.is_empty() { Err(self.differs_each(&lasting, next, joined)) } else { Ok(fitting) }
    }

    fn equal(&self, halves: &[Half], next: SourceId, ties: &[(&Join, Vec<Facing>)]) -> Vec<Half> {
        let rows = self.joiner.candidates(next);
        let mut found = Vec::new();
        for (half, span) in halves {
            for candidate in &rows {
                let mut row = half.clone();
                if let Some(place) = row.get_mut(next.0) {
                    *place = *candidate;
                }
                if ties.iter().all(|(join, _)| self.joiner.holds_any(join, &row)) {
                    found.push((row, *span));
                }
                if found.len() >= FOLLOWED {
                    return found;
                }
            }
        }
        found
    }

    /// The equality that nothing satisfies; where each alone is satisfied, all of them together.
    fn unmatched(&self, halves: &[Half], next: SourceId, ties: &[(&Join, Vec<Facing>)]) -> Reason {
        let Some((half, _)) = halves.first() else { return no_event(self.names, next) };
        let lacking = |faces: &&[Facing]| {
            faces.iter().all(|face| {
                let value = self.joiner.comparable((face.known.0, face.known.1, face.case), own(half, face));
                !self.known.contains(&(next, face.own, face.case, value))
            })
        };
        let all: Vec<&[Facing]> = ties.iter().map(|(_, faces)| faces.as_slice()).collect();
        match (all.iter().copied().find(lacking), all.as_slice()) {
            (Some(faces), _) => self.lacking(half, next, faces),
            (None, [faces]) => self.lacking(half, next, faces),
            (None, []) => no_event(self.names, next),
            (None, several) => self.never_together(half, next, several),
        }
    }

    /// Nothing has the value of any of these, one of which would have been enough.
    fn lacking(&self, half: &[RowId], next: SourceId, faces: &[Facing]) -> Reason {
        let met = self.met(half, faces.iter());
        let other = each_once(faces.iter().map(|face| self.other(next, face)));
        let same = format!("a {} whose {} is the same", self.part(next), other.join(" or "));
        let expected = if self.has_passed_over(half, next, faces) {
            let table = self.names.variable(next);
            format!("{same} and that satisfies all else asked of {table}; one with that value does not")
        } else {
            same
        };
        let gap = faces.first().filter(|_| faces.len() == 1).and_then(|face| self.gap(half, face));
        let code = match &gap {
            Some(gap) if gap.code == Code::WrongType => Code::WrongType,
            Some(_) => Code::JoinKeyEmpty,
            None if met.is_empty => Code::JoinKeyEmpty,
            None => Code::JoinKeyUnmatched,
        };
        let actual = gap.filter(|_| code == Code::WrongType).and_then(|gap| gap.written.clone());
        Reason {
            code,
            field: Some(met.fields),
            expected: Some(expected),
            actual: Some(actual.unwrap_or(met.values)),
        }
    }

    /// Each value is there, but in no one event.
    fn never_together(&self, half: &[RowId], next: SourceId, ties: &[&[Facing]]) -> Reason {
        let met = self.met(half, ties.iter().copied().flatten());
        let one = |faces: &&[Facing]| each_once(faces.iter().map(|face| self.other(next, face))).join(" or ");
        let others = each_once(ties.iter().map(one)).join(" and ");
        let code = if met.is_empty { Code::JoinKeyEmpty } else { Code::JoinKeyUnmatched };
        let expected = format!("one {} in which {others} are the same together", self.part(next));
        Reason { code, field: Some(met.fields), expected: Some(expected), actual: Some(met.values) }
    }

    /// What the known sides are, and their values.
    fn met<'a>(&self, half: &[RowId], faces: impl Iterator<Item = &'a Facing>) -> Met {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for face in faces {
            let value = self.value(face.known.0, own(half, face), face.known.1);
            let text = value.as_ref().map(shown).unwrap_or_default();
            let pair = (self.names.captured(face.known).unwrap_or_default(), text);
            if !pairs.contains(&pair) {
                pairs.push(pair);
            }
        }
        let (fields, values): (Vec<String>, Vec<String>) = pairs.into_iter().unzip();
        let is_empty = values.iter().all(String::is_empty);
        Met { fields: fields.join(", "), values: values.join(", "), is_empty }
    }

    fn other(&self, next: SourceId, face: &Facing) -> String {
        self.names.captured((next, face.own)).unwrap_or_default()
    }

    fn gap(&self, half: &[RowId], face: &Facing) -> Option<&'o Gap> {
        self.names.gaps.get(self.row(half), face.known)
    }

    /// Is there a row of the table with such a value that fails what else is asked of it?
    fn has_passed_over(&self, half: &[RowId], next: SourceId, faces: &[Facing]) -> bool {
        let is_table =
            self.names.plan.source(next).is_some_and(|one| matches!(one.kind, SourceKind::Table(_)));
        let rows = self.stores.get(next.0).filter(|_| is_table).map_or(0, Store::len);
        (0..u32::try_from(rows).unwrap_or(ABSENT)).any(|row| {
            faces.iter().any(|face| {
                let (source, capture) = face.known;
                let known = self.joiner.comparable((source, capture, face.case), own(half, face));
                self.joiner.comparable((next, face.own, face.case), row) == known
            })
        })
    }

    fn row<'a>(&'a self, half: &'a [RowId]) -> JoinedRow<'a> {
        JoinedRow { stores: self.stores, values: self.values, rows: half }
    }

    /// `$b`, or a row of a table.
    fn part(&self, source: SourceId) -> String {
        let is_table = |one: &SourcePlan| matches!(one.kind, SourceKind::Table(_));
        match self.names.plan.source(source) {
            Some(one) if is_table(one) => "row".to_owned(),
            _ => self.names.variable(source),
        }
    }

    fn too_far(&self, next: SourceId, nearest: Duration) -> Reason {
        let length = self.names.plan.window.map(|window| window.length.to_text()).unwrap_or_default();
        Reason {
            code: Code::OutsideWindow,
            field: Some(self.names.variable(next)),
            expected: Some(format!("within {length}")),
            actual: Some(format!("{} away at the nearest", span_text(nearest))),
        }
    }

    fn expired(&self, next: SourceId) -> Reason {
        Reason {
            code: Code::OutsideWindow,
            field: Some(self.names.variable(next)),
            expected: Some("an entity whose metadata.interval holds the time of the event".to_owned()),
            actual: Some("none".to_owned()),
        }
    }

    fn ready<'a>(
        &'a self,
        next: SourceId,
        joined: &'a [SourceId],
    ) -> impl Iterator<Item = &'o crate::plan::Across> + 'a {
        let plan = self.names.plan;
        plan.across.iter().filter(move |across| {
            across.sources.contains(&next)
                && across.sources.iter().all(|other| *other == next || joined.contains(other))
        })
    }

    fn fits(&self, half: &Half, next: SourceId, joined: &[SourceId]) -> bool {
        self.ready(next, joined).all(|across| self.joiner.holds(&across.site, &half.0))
    }

    /// How each of the joined rows fails, every way once.
    fn differs_each(&self, halves: &[&Half], next: SourceId, joined: &[SourceId]) -> Vec<Reason> {
        let mut reasons: Vec<Reason> = Vec::new();
        for half in halves {
            let mut fresh = self.differs(half, next, joined);
            fresh.retain(|reason| !reasons.contains(reason));
            reasons.extend(fresh);
            if reasons.len() >= WAYS {
                break;
            }
        }
        reasons
    }

    /// The test that the joined row fails; of an `or`, each of its parts.
    fn differs(&self, half: &Half, next: SourceId, joined: &[SourceId]) -> Vec<Reason> {
        let overflows = std::cell::Cell::new(0);
        let scope = Scope { row: Some(self.row(&half.0)), ..Scope::bare(self.names.plan, &overflows) };
        let wrong = self.ready(next, joined).find(|across| !self.joiner.holds(&across.site, &half.0));
        let mut reasons =
            wrong.map_or(Vec::new(), |across| reason::why_each(self.names, scope, &across.site));
        if reasons.is_empty() {
            reasons.push(Reason { code: Code::ValueDiffers, field: None, expected: None, actual: None });
        }
        reasons
    }
}

/// The known sides of equalities.
struct Met {
    fields: String,
    values: String,
    /// Has none of them a value?
    is_empty: bool,
}

/// The row of the known side.
fn own(half: &[RowId], face: &Facing) -> RowId {
    half.get(face.known.0.0).copied().unwrap_or(ABSENT)
}

fn each_once(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut once = Vec::new();
    for text in texts {
        if !once.contains(&text) {
            once.push(text);
        }
    }
    once
}
