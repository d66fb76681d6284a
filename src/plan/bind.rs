//! Placeholders: what each is bound to, and the equalities that follow from several bindings.

use std::collections::BTreeSet;

use super::compile::{Compiler, Draft, Refusal};
use super::{Atom, Join, Presence, Scalar, SourceId, walk};
use crate::syntax::ast::{Comparison, Expr, ExprKind, Name};
use crate::text::Span;
use crate::value::operators::CompareOp;

/// A value that a placeholder stands for.
#[derive(Debug, Clone)]
pub(super) struct Binding {
    pub(super) value: Scalar,
    pub(super) source: SourceId,
    pub(super) span: Span,
}

/// Placeholders bound to placeholders are written out, which may double with each; no rule of a person comes near.
const MAX_PARTS: usize = 10_000;

/// `$p = %table.column`, either way round.
fn plain_equality(part: &Expr) -> Option<(&Name, &Expr)> {
    let ExprKind::Compare(test) = &part.kind else { return None };
    if test.op.node != CompareOp::Eq || test.nocase.is_some() {
        return None;
    }
    let sides = [(&test.left, &test.right), (&test.right, &test.left)];
    sides.into_iter().find_map(|(side, other)| Some((side.as_variable()?, other.as_column().map(|_| other)?)))
}

/// An equality of one placeholder with what holds none.
fn is_of_fields(part: &Expr) -> bool {
    let mut placeholders = 0;
    crate::syntax::walk(part, &mut |part| placeholders += usize::from(part.as_variable().is_some()));
    placeholders == 1
}

impl Compiler<'_, '_> {
    /// Binds placeholders to what is written with fields alone; gives the statements that did so.
    pub(super) fn bind_fields(&mut self, parts: &[&Expr]) -> Result<BTreeSet<usize>, Refusal> {
        let mut used = BTreeSet::new();
        for (index, part) in parts.iter().enumerate() {
            if is_of_fields(part) && self.binds(part)? {
                used.insert(index);
            }
        }
        Ok(used)
    }

    /// Binds the other placeholders, and adds the statements that did so. A binding may use other placeholders, so the
    /// statements are gone over until none binds any more.
    pub(super) fn bind(&mut self, parts: &[&Expr], used: &mut BTreeSet<usize>) -> Result<(), Refusal> {
        loop {
            let before = used.len();
            for (index, part) in parts.iter().enumerate() {
                if !used.contains(&index) && self.binds(part)? {
                    used.insert(index);
                }
            }
            if used.len() == before && !self.bind_folded(parts, used)? && !self.bind_column(parts, used)? {
                self.bound.values_mut().for_each(|bindings| bindings.sort_by_key(|one| one.span.start));
                return Ok(());
            }
        }
    }

    /// Binds a placeholder that nothing but equalities with `nocase` speaks of: to the first, which the others are held
    /// against without regard to case.
    fn bind_folded(&mut self, parts: &[&Expr], used: &mut BTreeSet<usize>) -> Result<bool, Refusal> {
        for (index, part) in parts.iter().enumerate().filter(|(index, _)| !used.contains(index)) {
            let Some(test) = part.as_compare().filter(|test| test.nocase.is_some()) else { continue };
            let sides = [&test.left, &test.right].map(Expr::as_variable);
            let unbound = |name: &Name| !self.bound.contains_key(&name.node);
            if sides.into_iter().flatten().any(unbound) && self.binds_by(test, part.span)? {
                used.insert(index);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Binds a placeholder that nothing else gives a value to a column of a joined table; beside another binding,
    /// equality with a column is a test of it.
    fn bind_column(&mut self, parts: &[&Expr], used: &mut BTreeSet<usize>) -> Result<bool, Refusal> {
        for (index, part) in parts.iter().enumerate().filter(|(_, part)| plain_equality(part).is_some()) {
            let Some((name, value)) = plain_equality(part) else { continue };
            if used.contains(&index) || self.bound.contains_key(&name.node) {
                continue;
            }
            let scalar = self.plain_value(value)?;
            let Scalar::Captured(source, _) = scalar else { continue };
            self.bound.insert(name.node.clone(), vec![Binding { value: scalar, source, span: part.span }]);
            used.insert(index);
            return Ok(true);
        }
        Ok(false)
    }

    fn binds(&mut self, part: &Expr) -> Result<bool, Refusal> {
        match part.as_compare().filter(|test| test.nocase.is_none()) {
            Some(test) => self.binds_by(test, part.span),
            None => Ok(false),
        }
    }

    fn binds_by(&mut self, test: &Comparison, span: Span) -> Result<bool, Refusal> {
        if test.op.node != CompareOp::Eq {
            return Ok(false);
        }
        for (name, value) in [(&test.left, &test.right), (&test.right, &test.left)] {
            let ExprKind::Variable(name) = &name.kind else { continue };
            if !self.is_bindable(value) {
                continue;
            }
            let scalar = self.plain_value(value)?;
            let sources = walk::sources(&self.atoms, &scalar);
            // A value of several events is a test of the joined rows, not a binding.
            let (Some(source), 1) = (sources.first(), sources.len()) else { continue };
            if walk::size(&self.atoms, &scalar) > MAX_PARTS {
                return Err(Refusal::new(value.span, "placeholders within placeholders grow without bound"));
            }
            let binding = Binding { value: scalar, source: *source, span };
            self.bound.entry(name.node.clone()).or_default().push(binding);
            return Ok(true);
        }
        Ok(false)
    }

    /// Does the expression hold a field or a bound placeholder, and no placeholder that is not bound yet?
    fn is_bindable(&self, value: &Expr) -> bool {
        let (mut field, mut known) = (false, true);
        crate::syntax::walk(value, &mut |part| {
            field |= part.as_field().is_some() || part.as_variable().is_some();
            known &= part.as_variable().is_none_or(|name| self.bound.contains_key(&name.node));
        });
        field && known
    }

    /// What a placeholder stands for: the binding of the preferred source, else the first of an event that must be
    /// there, else of an entity or a row that must, else the first.
    pub(super) fn placeholder(&self, name: &Name) -> Result<Binding, Refusal> {
        let unbound = || Refusal::new(name.span, format!("`${}` is never given a value", name.node));
        let bindings = self.bound.get(&name.node).ok_or_else(unbound)?;
        let preferred = self.prefer.and_then(|source| bindings.iter().find(|one| one.source == source));
        let there = |wanted: fn(&Draft) -> bool| {
            let draft = |one: &Binding| self.sources.get(one.source.0);
            bindings.iter().find(|one| {
                draft(one).is_some_and(|draft| draft.presence == Presence::Bound && wanted(draft))
            })
        };
        let best = preferred.or_else(|| there(|draft| draft.kind.is_timed())).or_else(|| there(|_| true));
        best.or(bindings.first()).cloned().ok_or_else(unbound)
    }

    /// All bindings of a placeholder hold the same value: within one source that is a filter, between two a join.
    pub(super) fn tie_bindings(&mut self) {
        let all: Vec<(String, Vec<Binding>)> =
            self.bound.iter().map(|(name, bindings)| (name.clone(), bindings.clone())).collect();
        for (name, bindings) in all {
            let name = Name::new(name, Span::default());
            let Ok(main) = self.placeholder(&name) else { continue };
            let mut known: Vec<Binding> = vec![main];
            for binding in bindings {
                self.tie_binding(&mut known, binding);
            }
            let sources: Vec<SourceId> = known.iter().map(|one| one.source).collect();
            self.tie_times(&sources);
        }
    }

    fn tie_binding(&mut self, known: &mut Vec<Binding>, binding: Binding) {
        if known.iter().any(|one| one.span == binding.span) {
            return;
        }
        if let Some(same) = known.iter().find(|one| one.source == binding.source) {
            let (left, right) = (same.value.clone(), binding.value);
            let (op, case, order) = (CompareOp::Eq, self.case(None), None);
            let site = self.test(Atom::Compare { op, left, right, case, order }, binding.span);
            return self.filter(binding.source, site);
        }
        if let Some(main) = known.first().cloned() {
            let case = self.case(None);
            let tie = self.tie((main.source, &main.value), (binding.source, &binding.value), case);
            self.joins.push(Join { any: vec![tie], span: binding.span });
        }
        known.push(binding);
    }

    /// Does the statement use a placeholder that `source` binds?
    pub(super) fn speaks_of_bindings(&self, part: &Expr, source: SourceId) -> bool {
        let mut found = false;
        crate::syntax::walk(part, &mut |part| {
            if let ExprKind::Variable(name) = &part.kind {
                let bindings = self.bound.get(&name.node);
                found |= bindings.is_some_and(|all| all.iter().any(|one| one.source == source));
            }
        });
        found
    }
}
