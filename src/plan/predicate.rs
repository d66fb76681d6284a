//! From expressions to tests.

use super::compile::{Compiler, Language, Refusal};
use super::scalar::Scope;
use super::{Atom, AtomId, Predicate, Scalar, Site, walk};
use crate::ingest::wanted::{Leaf, SlotId};
use crate::syntax;
use crate::syntax::ast::{self, Comparison, Expr, ExprKind, InList, Literal, Name, Quantifier, Threshold};
use crate::text::Span;
use crate::value::operators::{Case, CompareOp};
use crate::value::{EnumId, Value};

impl Compiler<'_, '_> {
    pub(super) fn site(&mut self, expr: &Expr) -> Result<Site, Refusal> {
        self.predicate(expr, Scope::Row)
    }

    pub(super) fn group_site(&mut self, expr: &Expr) -> Result<Site, Refusal> {
        self.predicate(expr, Scope::Group)
    }

    pub(super) fn test(&mut self, atom: Atom, span: Span) -> Site {
        self.atoms.push(atom);
        Site { predicate: Predicate::Test(AtomId(self.atoms.len() - 1)), span }
    }

    pub(super) fn predicate(&mut self, expr: &Expr, scope: Scope) -> Result<Site, Refusal> {
        let span = expr.span;
        let predicate = match &expr.kind {
            ExprKind::Or(parts) => Predicate::Any(self.all(parts, scope)?),
            ExprKind::And(parts) => Predicate::All(self.all(parts, scope)?),
            ExprKind::Not(inner) => Predicate::Not(Box::new(self.predicate(inner, scope)?)),
            ExprKind::Of(threshold, parts) => self.of(threshold, parts, scope)?,
            ExprKind::Compare(test) => return self.comparison(test, span, scope),
            ExprKind::In(test) => return self.in_list(test, span, scope),
            ExprKind::Absent(name) => return self.absent(name, span),
            ExprKind::Call(call) if super::table::column_argument(call).is_some() => {
                return self.cell_call(call, span, scope);
            }
            ExprKind::Variable(name) if scope == Scope::Group => return self.present(name, span),
            ExprKind::IsNull(_)
            | ExprKind::Arith(..)
            | ExprKind::Negative(_)
            | ExprKind::Call(_)
            | ExprKind::Quantified(..)
            | ExprKind::Field(_)
            | ExprKind::Variable(_)
            | ExprKind::Count(_)
            | ExprKind::List(_)
            | ExprKind::Array(_)
            | ExprKind::Literal(_) => {
                let value = self.value(expr, scope)?;
                return Ok(self.quantified(expr, &value, Atom::Holds(value.clone()), span));
            }
        };
        Ok(Site { predicate, span })
    }

    fn all(&mut self, parts: &[Expr], scope: Scope) -> Result<Vec<Site>, Refusal> {
        parts.iter().map(|part| self.predicate(part, scope)).collect()
    }

    fn of(&mut self, threshold: &Threshold, parts: &[Expr], scope: Scope) -> Result<Predicate, Refusal> {
        let sites = self.all(parts, scope)?;
        Ok(match threshold {
            Threshold::All => Predicate::All(sites),
            Threshold::Any => Predicate::Any(sites),
            Threshold::AtLeast(count) => {
                Predicate::AtLeast(usize::try_from(*count).unwrap_or(usize::MAX), sites)
            }
        })
    }

    /// `$x` in a condition: an event or a placeholder is there, an outcome is true.
    fn present(&mut self, name: &Name, span: Span) -> Result<Site, Refusal> {
        if let Some(index) = self.outcome(name) {
            return Ok(self.test(Atom::Holds(Scalar::Outcome(index)), span));
        }
        self.counted(name, CompareOp::Gt, span)
    }

    /// `!$x` in a condition: no event of it, no value of a placeholder.
    fn absent(&mut self, name: &Name, span: Span) -> Result<Site, Refusal> {
        self.counted(name, CompareOp::Eq, span)
    }

    fn counted(&mut self, name: &Name, op: CompareOp, span: Span) -> Result<Site, Refusal> {
        let left = self.count(name)?;
        let right = Scalar::Const(Value::Int(0));
        let (case, order) = (Case::Exact, None);
        Ok(self.test(Atom::Compare { op, left, right, case, order }, span))
    }

    fn comparison(&mut self, test: &Comparison, span: Span, scope: Scope) -> Result<Site, Refusal> {
        let case = self.case(test.nocase);
        let op = test.op.node;
        for (cell, value, op) in [(&test.right, &test.left, op), (&test.left, &test.right, op.mirrored())] {
            if let ExprKind::List(column) = &cell.kind {
                let value = self.value(value, scope)?;
                return self.cell(column, (value, op, case), span);
            }
        }
        for (value, pattern) in [(&test.left, &test.right), (&test.right, &test.left)] {
            if let ExprKind::Literal(Literal::Regex(text)) = &pattern.kind {
                let value = self.value(value, scope)?;
                let pattern = self.pattern(text, case, pattern.span)?;
                return Ok(self.matches(test, value, pattern, span));
            }
        }
        let (left, right) = (self.value(&test.left, scope)?, self.value(&test.right, scope)?);
        let order = self.enum_of(&left).or(self.enum_of(&right)).filter(|_| op.is_ordering());
        let atom = Atom::Compare { op, left, right, case, order };
        let atom = self.wrap(&test.left, atom);
        let atom = self.wrap(&test.right, atom);
        Ok(self.test(atom, span))
    }

    /// `all x != /p/` means that no element matches, so the negation stands inside `any` and `all`.
    fn matches(&mut self, test: &Comparison, value: Scalar, pattern: usize, span: Span) -> Site {
        let negated = test.op.node == CompareOp::Ne;
        let quantifier = [&test.left, &test.right].into_iter().find_map(quantifier);
        let flipped = |quantifier| match quantifier {
            Quantifier::Any => Quantifier::All,
            Quantifier::All => Quantifier::Any,
        };
        let mut atom = Atom::Matches(value.clone(), pattern);
        if let Some(quantifier) = quantifier {
            let quantifier = if negated { flipped(quantifier) } else { quantifier };
            atom = self.quantify(quantifier, &value, atom);
        }
        let site = self.test(atom, span);
        if negated { Site { predicate: Predicate::Not(Box::new(site)), span } } else { site }
    }

    fn wrap(&self, expr: &Expr, atom: Atom) -> Atom {
        let (Some(quantifier), Atom::Compare { left, right, .. }) = (quantifier(expr), &atom) else {
            return atom;
        };
        let value = [left, right].into_iter().find(|side| self.each_of(side).is_some()).cloned();
        value.map_or(atom.clone(), |value| self.quantify(quantifier, &value, atom))
    }

    /// The test of `value`, for any or all elements where `expr`, which it comes from, says so.
    fn quantified(&mut self, expr: &Expr, value: &Scalar, atom: Atom, span: Span) -> Site {
        let atom = match quantifier(expr) {
            Some(quantifier) => self.quantify(quantifier, value, atom),
            None => atom,
        };
        self.test(atom, span)
    }

    /// How letters compare: as `nocase` says, in a search always without regard to case unless asked otherwise.
    pub(super) fn case(&self, nocase: Option<ast::Place>) -> Case {
        match (nocase, self.subject.language) {
            (Some(_), _) => Case::Fold,
            (None, Language::Rule) => Case::Exact,
            (None, Language::Search(case)) => case,
        }
    }

    fn in_list(&mut self, test: &InList, span: Span, scope: Scope) -> Result<Site, Refusal> {
        let ExprKind::List(list) = &test.list.kind else {
            return Err(Refusal::new(test.list.span, "`in` needs a reference list"));
        };
        let case = self.case(test.nocase);
        let value = self.value(&test.value, scope)?;
        if list.column.is_some() {
            let column = self.column_set(list, test.kind, test.list.span)?;
            return Ok(self.quantified(
                &test.value,
                &value,
                Atom::InColumn(value.clone(), column, case),
                span,
            ));
        }
        let lines = (self.needs.list)(&list.name.node, test.kind);
        let lines = lines.map_err(|why| Refusal::new(test.list.span, why))?;
        self.reference.push(lines);
        let atom = Atom::InList(value.clone(), self.reference.len() - 1, case);
        Ok(self.quantified(&test.value, &value, atom, span))
    }

    /// The field under `any` or `all` in a value.
    fn each_of(&self, value: &Scalar) -> Option<SlotId> {
        let mut found = None;
        walk::scalar(&self.atoms, value, &mut |part| {
            if let Scalar::Each(_, slot) = part {
                found = Some(*slot);
            }
        });
        found
    }

    fn quantify(&self, quantifier: Quantifier, value: &Scalar, atom: Atom) -> Atom {
        match (quantifier, self.each_of(value)) {
            (Quantifier::Any, Some(slot)) => Atom::AnyOf(slot, Box::new(atom)),
            (Quantifier::All, Some(slot)) => Atom::AllOf(slot, Box::new(atom)),
            (Quantifier::Any | Quantifier::All, None) => atom,
        }
    }

    fn enum_of(&self, value: &Scalar) -> Option<EnumId> {
        let (Scalar::Field(_, slot) | Scalar::Each(_, slot)) = value else { return None };
        let Leaf::Enum(id) = self.needs.wanted.slot(*slot).leaf else { return None };
        Some(id)
    }
}

/// `any` or `all` within a value that is tested.
fn quantifier(expr: &Expr) -> Option<Quantifier> {
    let mut found = None;
    syntax::walk(expr, &mut |part| {
        if let ExprKind::Quantified(quantifier, _) = &part.kind {
            found = found.or(Some(*quantifier));
        }
    });
    found
}
