//! What rows keep: values of one source are captured with its rows, so that what comes later sees captures alone.

use std::collections::BTreeSet;

use super::compile::{Compiler, Refusal};
use super::{Atom, AtomId, Join, Predicate, Range, Scalar, Site, SourceId, SourceKind, Spread, Tie, walk};
use crate::ingest::wanted::ListId;
use crate::schema::{self, Root};
use crate::syntax::ast::{Comparison, Expr, ExprKind, Segment};
use crate::text::{Span, Spanned};
use crate::value::Value;
use crate::value::operators::{Case, CompareOp};

/// A value that a row keeps.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) value: Scalar,
    /// As text, by which the same value is found again.
    written: String,
    pub(super) lists: BTreeSet<ListId>,
    pub(super) spread: Spread,
}

impl Kept {
    /// A column of rows that come as columns.
    pub(super) fn column(index: usize) -> Kept {
        let value = Scalar::Const(Value::Int(0));
        Kept { value, written: format!("column {index}"), lists: BTreeSet::new(), spread: Spread::Out }
    }
}

impl Compiler<'_, '_> {
    /// Has rows of `source` keep `value`; gives its place among the captures.
    pub(super) fn keep(&mut self, source: SourceId, value: &Scalar, spread: Spread) -> usize {
        if let Scalar::Captured(_, index) = value {
            return *index;
        }
        let written = format!("{value:?}");
        let lists = walk::lists(&self.atoms, self.needs.wanted, value);
        let Some(draft) = self.sources.get_mut(source.0) else { return 0 };
        if let Some(index) = draft.kept.iter().position(|kept| kept.written == written) {
            if let Some(kept) = draft.kept.get_mut(index).filter(|_| spread == Spread::Out) {
                kept.spread = Spread::Out;
            }
            return index;
        }
        draft.kept.push(Kept { value: value.clone(), written, lists, spread });
        draft.kept.len() - 1
    }

    /// The value in terms of captures. What comes from one source is captured whole.
    pub(super) fn lift(&mut self, value: &Scalar, spread: Spread) -> Scalar {
        let sources = walk::sources(&self.atoms, value);
        match (sources.first(), sources.len()) {
            (None, _) => value.clone(),
            // What the elements of a list give differs from one to the next, so rows keep the parts.
            _ if walk::asks(value) => self.lift_parts(value),
            // What comes as columns is there already.
            (Some(source), 1) if !self.is_records(*source) => value.clone(),
            (Some(source), 1) => Scalar::Captured(*source, self.keep(*source, value, spread)),
            // Rows of several sources together see each choice of elements.
            _ => self.lift_parts(value),
        }
    }

    pub(super) fn is_records(&self, source: SourceId) -> bool {
        self.sources.get(source.0).is_some_and(|draft| draft.kind.root().is_some())
    }

    pub(super) fn lift_parts(&mut self, value: &Scalar) -> Scalar {
        let out = Spread::Out;
        match value {
            Scalar::Call(function, args, pattern) => {
                let args = args.iter().map(|arg| self.lift(arg, out)).collect();
                Scalar::Call(function, args, *pattern)
            }
            Scalar::Arith(op, left, right) => {
                let (left, right) = (self.lift(left, out), self.lift(right, out));
                Scalar::Arith(*op, Box::new(left), Box::new(right))
            }
            Scalar::If(test, then, other) => {
                let (then, other) = (self.lift(then, out), self.lift(other, out));
                Scalar::If(Box::new(self.lift_site(test)), Box::new(then), Box::new(other))
            }
            Scalar::Truth(test) => Scalar::Truth(Box::new(self.lift_site(test))),
            Scalar::Const(_)
            | Scalar::Field(..)
            | Scalar::Each(..)
            | Scalar::Whole(..)
            | Scalar::Captured(..)
            | Scalar::Gathered(_)
            | Scalar::Outcome(_)
            | Scalar::Key(_)
            | Scalar::Events(_)
            | Scalar::WindowStart
            | Scalar::WindowEnd => value.clone(),
        }
    }

    /// The test in terms of captures.
    pub(super) fn lift_site(&mut self, site: &Site) -> Site {
        let sources = walk::site_sources(&self.atoms, site);
        if let (Some(source), 1) = (sources.first(), sources.len()) {
            if !self.is_records(*source) {
                return site.clone();
            }
            let truth = Scalar::Truth(Box::new(site.clone()));
            let kept = Scalar::Captured(*source, self.keep(*source, &truth, Spread::Out));
            return self.test(Atom::Holds(kept), site.span);
        }
        let predicate = match &site.predicate {
            Predicate::All(sites) => Predicate::All(self.lift_sites(sites)),
            Predicate::Any(sites) => Predicate::Any(self.lift_sites(sites)),
            Predicate::AtLeast(count, sites) => Predicate::AtLeast(*count, self.lift_sites(sites)),
            Predicate::Not(inner) => Predicate::Not(Box::new(self.lift_site(inner))),
            Predicate::Test(AtomId(index)) => return self.lift_test(*index, site.span),
        };
        Site { predicate, span: site.span }
    }

    fn lift_sites(&mut self, sites: &[Site]) -> Vec<Site> {
        sites.iter().map(|site| self.lift_site(site)).collect()
    }

    pub(super) fn lift_test(&mut self, index: usize, span: Span) -> Site {
        let Some(atom) = self.atoms.get(index).cloned() else {
            return Site { predicate: Predicate::Any(Vec::new()), span };
        };
        let atom = self.lift_atom(atom);
        self.test(atom, span)
    }

    fn lift_atom(&mut self, atom: Atom) -> Atom {
        let out = Spread::Out;
        match atom {
            Atom::Compare { op, left, right, case, order } => {
                let (left, right) = (self.lift(&left, out), self.lift(&right, out));
                Atom::Compare { op, left, right, case, order }
            }
            Atom::Matches(value, pattern) => Atom::Matches(self.lift(&value, out), pattern),
            Atom::InList(value, list, case) => Atom::InList(self.lift(&value, out), list, case),
            Atom::InColumn(value, column, case) => Atom::InColumn(self.lift(&value, out), column, case),
            Atom::Cell(test) => {
                let value = self.lift(&test.value, out);
                Atom::Cell(Box::new(super::CellTest { value, ..*test }))
            }
            Atom::Holds(value) => Atom::Holds(self.lift(&value, out)),
            Atom::NotZero(value) => Atom::NotZero(self.lift(&value, out)),
            Atom::AnyOf(range, inner) => {
                Atom::AnyOf(self.lift_range(range), Box::new(self.lift_atom(*inner)))
            }
            Atom::AllOf(range, inner) => {
                Atom::AllOf(self.lift_range(range), Box::new(self.lift_atom(*inner)))
            }
        }
    }

    /// Rows keep the whole list, whatever element of it they stand for.
    fn lift_range(&mut self, range: Range) -> Range {
        Range { list: self.lift(&range.list, Spread::Out), ..range }
    }

    /// Two values that must be equal, kept by the rows of their sources.
    pub(super) fn tie(
        &mut self,
        (left, left_value): (SourceId, &Scalar),
        (right, right_value): (SourceId, &Scalar),
        case: Case,
    ) -> Tie {
        let left = (left, self.keep(left, left_value, Spread::Out));
        let right = (right, self.keep(right, right_value, Spread::Out));
        Tie { left, right, case }
    }

    /// Makes a join of an equality between two sources, or of an `or` of equalities between the same two; gives whether
    /// it was one.
    pub(super) fn join_of(&mut self, part: &Expr) -> Result<bool, Refusal> {
        let tests: Vec<&Expr> =
            if let ExprKind::Or(parts) = &part.kind { parts.iter().collect() } else { vec![part] };
        let mut sides = Vec::new();
        for test in tests {
            let ExprKind::Compare(test) = &test.kind else { return Ok(false) };
            let Some(side) = self.sides(test)? else { return Ok(false) };
            sides.push(side);
        }
        let Some((left, right)) = sides.first().map(|side| (side.left.0, side.right.0)) else {
            return Ok(false);
        };
        let same = |side: &Sides| {
            [side.left.0, side.right.0] == [left, right] || [side.right.0, side.left.0] == [left, right]
        };
        if !sides.iter().all(same) {
            return Ok(false);
        }
        let any = sides
            .iter()
            .map(|side| self.tie((side.left.0, &side.left.1), (side.right.0, &side.right.1), side.case));
        let any = any.collect();
        self.joins.push(Join { any, span: part.span });
        self.tie_times(&[left, right]);
        Ok(true)
    }

    fn sides(&mut self, test: &Comparison) -> Result<Option<Sides>, Refusal> {
        let pattern =
            |side: &Expr| matches!(side.kind, ExprKind::Literal(crate::syntax::ast::Literal::Regex(_)));
        let mut unfit = |side: &Expr| pattern(side) || self.is_typed_column(side);
        if test.op.node != CompareOp::Eq || unfit(&test.left) || unfit(&test.right) {
            return Ok(None);
        }
        let (left, right) = (self.scalar(&test.left)?, self.scalar(&test.right)?);
        // `any` and `all` look at the whole list, which no hash finds.
        if !std::mem::take(&mut self.asked).is_empty() {
            return Ok(None);
        }
        let one = |compiler: &Self, value: &Scalar| {
            let sources = walk::sources(&compiler.atoms, value);
            let fits =
                |source: &SourceId| compiler.is_records(*source) || matches!(value, Scalar::Captured(..));
            sources.first().copied().filter(|source| sources.len() == 1 && fits(source))
        };
        let (Some(a), Some(b)) = (one(self, &left), one(self, &right)) else { return Ok(None) };
        let case = self.case(test.nocase);
        Ok((a != b).then_some(Sides { left: (a, left), right: (b, right), case }))
    }

    /// Entities among tied sources count only at the times of the events among them.
    pub(super) fn tie_times(&mut self, sources: &[SourceId]) {
        let is_entity = |compiler: &Self, source: &SourceId| {
            compiler
                .sources
                .get(source.0)
                .is_some_and(|draft| draft.kind == SourceKind::Records(Root::Entity))
        };
        let (entities, events): (Vec<SourceId>, Vec<SourceId>) =
            sources.iter().partition(|source| is_entity(self, source));
        for entity in entities {
            let Some(draft) = self.sources.get_mut(entity.0) else { continue };
            draft.timed_by.extend(&events);
            draft.timed_by.sort_unstable();
            draft.timed_by.dedup();
        }
    }

    /// Rows of entities keep the ends of their interval.
    pub(super) fn intervals(&mut self) {
        let entities = self
            .sources
            .iter()
            .enumerate()
            .filter(|(_, draft)| draft.kind == SourceKind::Records(Root::Entity));
        let entities: Vec<SourceId> = entities.map(|(index, _)| SourceId(index)).collect();
        for entity in entities {
            let (Some(start), Some(end)) =
                (self.bound_of(entity, "start_time"), self.bound_of(entity, "end_time"))
            else {
                continue;
            };
            if let Some(draft) = self.sources.get_mut(entity.0) {
                draft.interval = Some((start, end));
            }
        }
    }

    fn bound_of(&mut self, entity: SourceId, end: &str) -> Option<usize> {
        let words = ["metadata", "interval", end];
        let segment =
            |word: &str| Segment { name: Spanned::new(word.to_owned(), Span::default()), access: None };
        let info = schema::resolve_path(&words.map(segment), Root::Entity).ok()?;
        let slot = self.needs.wanted.field(&info)?;
        Some(self.keep(entity, &Scalar::Field(entity, slot), Spread::Out))
    }
}

struct Sides {
    left: (SourceId, Scalar),
    right: (SourceId, Scalar),
    case: Case,
}
