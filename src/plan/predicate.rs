//! From expressions to tests.

use super::compile::{Compiler, Language, Refusal};
use super::scalar::Scope;
use super::{Atom, AtomId, Predicate, Range, Scalar, Site};
use crate::ingest::wanted::Leaf;
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
            ExprKind::Compare(test) => return self.single(|it| it.comparison(test, span, scope)),
            ExprKind::In(test) => return self.single(|it| it.in_list(test, span, scope)),
            ExprKind::Absent(name) => return self.absent(name, span),
            ExprKind::Call(call) if super::table::column_argument(call).is_some() => {
                return self.single(|it| it.cell_call(call, span, scope));
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
                return self.single(|it| it.truth(expr, scope));
            }
        };
        Ok(Site { predicate, span })
    }

    /// A single test. Each `any` and `all` in its values is its own, and of no test around it.
    fn single(&mut self, test: impl FnOnce(&mut Self) -> Result<Site, Refusal>) -> Result<Site, Refusal> {
        let around = std::mem::take(&mut self.asked);
        let site = test(self);
        self.asked = around;
        site
    }

    /// The test as each `any` and `all` in its values asks it, the first of them outermost.
    pub(super) fn ask(&mut self, atom: Atom, span: Span) -> Site {
        let asked = std::mem::take(&mut self.asked).into_iter().enumerate();
        let atom = asked.rev().fold(atom, |inner, (number, (quantifier, list))| {
            let (range, inner) = (Range { list, number }, Box::new(inner));
            match quantifier {
                Quantifier::Any => Atom::AnyOf(range, inner),
                Quantifier::All => Atom::AllOf(range, inner),
            }
        });
        self.test(atom, span)
    }

    fn truth(&mut self, expr: &Expr, scope: Scope) -> Result<Site, Refusal> {
        let value = self.value(expr, scope)?;
        Ok(self.ask(Atom::Holds(value), expr.span))
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
                return Ok(self.matches(op, value, pattern, span));
            }
        }
        let (left, right) = (self.value(&test.left, scope)?, self.value(&test.right, scope)?);
        let order = self.enum_of(&left).or(self.enum_of(&right)).filter(|_| op.is_ordering());
        Ok(self.ask(Atom::Compare { op, left, right, case, order }, span))
    }

    /// `all x != /p/` means that no element matches, so the negation stands inside `any` and `all`.
    fn matches(&mut self, op: CompareOp, value: Scalar, pattern: usize, span: Span) -> Site {
        let atom = Atom::Matches(value, pattern);
        if op != CompareOp::Ne {
            return self.ask(atom, span);
        }
        for (quantifier, _) in &mut self.asked {
            *quantifier = match quantifier {
                Quantifier::Any => Quantifier::All,
                Quantifier::All => Quantifier::Any,
            };
        }
        let site = self.ask(atom, span);
        Site { predicate: Predicate::Not(Box::new(site)), span }
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
            return Ok(self.ask(Atom::InColumn(value, column, case), span));
        }
        let lines = (self.needs.list)(&list.name.node, test.kind);
        let lines = lines.map_err(|why| Refusal::new(test.list.span, why))?;
        self.reference.push(lines);
        Ok(self.ask(Atom::InList(value, self.reference.len() - 1, case), span))
    }

    fn enum_of(&self, value: &Scalar) -> Option<EnumId> {
        let (Scalar::Field(_, slot) | Scalar::Each(_, slot, _)) = value else { return None };
        let Leaf::Enum(id) = self.needs.wanted.slot(*slot).leaf else { return None };
        Some(id)
    }
}
