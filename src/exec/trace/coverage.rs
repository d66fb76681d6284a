//! Which parts of a rule held at least once, and which failed to at least once: tests, and the branches of `or`.

use std::collections::BTreeMap;

use super::name::Names;
use super::{Node, Op, Truth};
use crate::exec::eval::Scope;
use crate::exec::join::Joiner;
use crate::exec::judge::Judge;
use crate::exec::state::PlanState;
use crate::exec::steps::columns;
use crate::exec::store::{ABSENT, RowId};
use crate::plan::written::{Part, PartKind};
use crate::plan::{Atom, AtomId, Predicate, Scalar, Site, SourceId};
use crate::text::Span;

/// Combinations of events that one test between variables is tried on.
const TRIED: usize = 10_000;

/// What was seen of a part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark {
    /// It held.
    pub held: bool,
    /// It did not.
    pub failed: bool,
}

/// What was seen of each part, by its place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks(BTreeMap<Span, Mark>);

impl Marks {
    /// Parts in source order.
    pub fn iter(&self) -> impl Iterator<Item = (Span, Mark)> + '_ {
        self.0.iter().map(|(span, mark)| (*span, *mark))
    }

    /// Adds what was seen elsewhere.
    pub fn merge(&mut self, other: &Marks) {
        for (span, mark) in other.iter() {
            let own = self.0.entry(span).or_default();
            *own = Mark { held: own.held || mark.held, failed: own.failed || mark.failed };
        }
    }

    /// How many of the two sides of each part were seen, and how many there are.
    pub fn sides(&self) -> (usize, usize) {
        let seen = self.0.values().map(|mark| usize::from(mark.held) + usize::from(mark.failed));
        (seen.sum(), 2 * self.0.len())
    }

    fn expect(&mut self, span: Span) {
        self.0.entry(span).or_default();
    }

    fn note(&mut self, span: Span, holds: bool) {
        let mark = self.0.entry(span).or_default();
        if holds { mark.held = true } else { mark.failed = true }
    }

    fn note_known(&mut self, span: Span, truth: Truth) {
        let Some(mark) = self.0.get_mut(&span) else { return };
        match truth {
            Truth::True => mark.held = true,
            Truth::False => mark.failed = true,
            Truth::NotReached => {}
        }
    }

    /// The truth of every part of a site.
    pub(super) fn site<'s>(&mut self, scope: Scope<'s>, site: &'s Site) {
        parts(site, &mut |part| self.note(part.span, scope.holds(part)));
    }

    /// No event at all: what the condition asks of the number of events does not hold.
    pub(super) fn nothing(&mut self, names: Names<'_>, scope: Scope<'_>) {
        let counts = vec![0; names.plan.sources.len()];
        let scope = Scope { plan: names.plan, counts: &counts, ..scope };
        parts(&names.plan.condition, &mut |part| {
            if counts_events(names, part) {
                self.note(part.span, scope.holds(part));
            }
        });
    }

    fn tree(&mut self, node: &Node) {
        for child in &node.children {
            let is_branch = matches!(node.op, Op::Or | Op::AtLeast(_));
            if is_branch || child.op == Op::Test {
                self.note_known(child.span, child.truth);
            }
            self.tree(child);
        }
    }
}

/// Tests, and the branches of `or` and `N of`.
fn parts<'s>(site: &'s Site, visit: &mut dyn FnMut(&'s Site)) {
    match &site.predicate {
        Predicate::Test(_) => visit(site),
        Predicate::Not(inner) => parts(inner, visit),
        Predicate::All(sites) => sites.iter().for_each(|site| parts(site, visit)),
        Predicate::Any(sites) | Predicate::AtLeast(_, sites) => {
            for site in sites {
                visit(site);
                parts(site, visit);
            }
        }
    }
}

fn counts_events(names: Names<'_>, site: &Site) -> bool {
    let Predicate::Test(AtomId(index)) = site.predicate else { return false };
    let Some(Atom::Compare { left, right, .. }) = names.plan.atoms.get(index) else { return false };
    let is_count = |value: &Scalar| matches!(value, Scalar::Events(_));
    is_count(left) || is_count(right)
}

/// What was seen of a rule: `trees` are those of all events, `seen` is what windows showed of the condition.
pub(super) fn marks<'n>(
    (judge, names): (&Judge<'_>, Names<'_>),
    state: &mut PlanState,
    trees: impl Iterator<Item = &'n Node>,
    seen: &Marks,
) -> Marks {
    let mut marks = alone(names);
    trees.for_each(|tree| marks.tree(tree));
    parts(&names.plan.condition, &mut |part| marks.expect(part.span));
    marks.merge(seen);
    between(judge, state, &mut marks);
    marks
}

/// The parts that one event decides.
fn alone(names: Names<'_>) -> Marks {
    let mut marks = Marks::default();
    for (_, part) in names.written.statements.iter().flat_map(|statement| &statement.views) {
        expect(part, &mut marks);
    }
    marks
}

fn expect(part: &Part, marks: &mut Marks) {
    match &part.kind {
        PartKind::Test(_) => marks.expect(part.span),
        PartKind::Not(inner) => expect(inner, marks),
        PartKind::All(parts) => parts.iter().for_each(|part| expect(part, marks)),
        PartKind::Any(parts) | PartKind::AtLeast(_, parts) => {
            for part in parts {
                marks.expect(part.span);
                expect(part, marks);
            }
        }
        PartKind::Binding(..) | PartKind::Across(_) => {}
    }
}

/// What must hold between variables, tried on all combinations of events that satisfy the rest.
fn between(judge: &Judge<'_>, state: &mut PlanState, marks: &mut Marks) {
    let columns = columns(judge.plan, &state.stores, &mut state.values);
    let (stores, values) = (&state.stores, &state.values);
    let joiner = Joiner::new(judge.plan, stores, (values, columns), judge.options.max_group_rows);
    for join in &judge.plan.joins {
        marks.expect(join.span);
        let sources: Vec<SourceId> =
            join.any.first().iter().flat_map(|tie| [tie.left.0, tie.right.0]).collect();
        combinations(&joiner, judge.plan.sources.len(), &sources, &mut |row| {
            marks.note(join.span, joiner.holds_any(join, row));
        });
    }
    for across in &judge.plan.across {
        parts(&across.site, &mut |part| marks.expect(part.span));
        combinations(&joiner, judge.plan.sources.len(), &across.sources, &mut |row| {
            parts(&across.site, &mut |part| marks.note(part.span, joiner.holds(part, row)));
        });
    }
}

/// Every choice of a row for each of `sources`, up to a limit.
fn combinations(joiner: &Joiner<'_>, width: usize, sources: &[SourceId], visit: &mut dyn FnMut(&[RowId])) {
    let mut rows = vec![vec![ABSENT; width]];
    for source in sources {
        let candidates = joiner.candidates(*source);
        let with = |row: &Vec<RowId>, candidate: &RowId| {
            let mut row = row.clone();
            if let Some(place) = row.get_mut(source.0) {
                *place = *candidate;
            }
            row
        };
        let all = rows.iter().flat_map(|row| candidates.iter().map(move |candidate| with(row, candidate)));
        rows = all.take(TRIED).collect();
    }
    rows.iter().for_each(|row| visit(row));
}
