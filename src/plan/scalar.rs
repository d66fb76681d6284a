//! From expressions to values and tests.

use std::collections::BTreeSet;

use super::compile::{Compiler, Refusal};
use super::{Atom, AtomId, Gather, Predicate, Scalar, Site};
use crate::functions::{self, Kind};
use crate::ingest::wanted::{Leaf, ListId};
use crate::regex::Pattern;
use crate::schema::{self, Root};
use crate::syntax::ast::{
    self, Arg, Call, Comparison, Expr, ExprKind, InList, Literal, Name, Quantifier, Threshold,
};
use crate::text::Span;
use crate::value::operators::{Case, CompareOp};
use crate::value::{EnumId, Value};
use crate::{aggregates, syntax};

/// Does an expression belong to a row or to a group?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Row,
    Group,
}

impl Compiler<'_, '_> {
    pub(super) fn site(&mut self, expr: &Expr) -> Result<Site, Refusal> {
        self.predicate(expr, Scope::Row)
    }

    pub(super) fn group_site(&mut self, expr: &Expr) -> Result<Site, Refusal> {
        self.predicate(expr, Scope::Group)
    }

    pub(super) fn scalar(&mut self, expr: &Expr) -> Result<Scalar, Refusal> {
        self.value(expr, Scope::Row)
    }

    pub(super) fn group_scalar(&mut self, expr: &Expr) -> Result<Scalar, Refusal> {
        self.value(expr, Scope::Group)
    }

    pub(super) fn test(&mut self, atom: Atom, span: Span) -> Site {
        self.atoms.push(atom);
        Site { predicate: Predicate::Test(AtomId(self.atoms.len() - 1)), span }
    }

    fn predicate(&mut self, expr: &Expr, scope: Scope) -> Result<Site, Refusal> {
        let span = expr.span;
        let predicate = match &expr.kind {
            ExprKind::Or(parts) => Predicate::Any(self.all(parts, scope)?),
            ExprKind::And(parts) => Predicate::All(self.all(parts, scope)?),
            ExprKind::Not(inner) => Predicate::Not(Box::new(self.predicate(inner, scope)?)),
            ExprKind::Of(threshold, parts) => self.of(threshold, parts, scope)?,
            ExprKind::Compare(test) => return self.comparison(test, span, scope),
            ExprKind::In(test) => return self.in_list(test, span, scope),
            ExprKind::Variable(name) if scope == Scope::Group => return self.present(name, span),
            _ => {
                let value = self.value(expr, scope)?;
                return Ok(self.quantified(expr, Atom::Holds(value), span));
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
        let left = self.count(name)?;
        let right = Scalar::Const(Value::Int(0));
        let (op, case, order) = (CompareOp::Gt, Case::Exact, None);
        Ok(self.test(Atom::Compare { op, left, right, case, order }, span))
    }

    fn outcome(&self, name: &Name) -> Option<usize> {
        self.outcomes.iter().position(|(known, _)| *known == name.node)
    }

    /// `#x`: distinct events, or distinct values of a placeholder.
    fn count(&mut self, name: &Name) -> Result<Scalar, Refusal> {
        if name.node == self.variable {
            return Ok(Scalar::Events);
        }
        let (value, _) = self.placeholder(name)?;
        let Some(aggregate) = aggregates::find("count_distinct") else {
            return Err(Refusal::new(name.span, "`count_distinct` is not known"));
        };
        self.gathers.push(Gather { aggregate, value });
        Ok(Scalar::Gathered(self.gathers.len() - 1))
    }

    pub(super) fn placeholder(&mut self, name: &Name) -> Result<(Scalar, BTreeSet<ListId>), Refusal> {
        let unbound = || Refusal::new(name.span, format!("`${}` is never given a value", name.node));
        let (value, touched) = self.bound.get(&name.node).cloned().ok_or_else(unbound)?;
        self.touched.extend(touched.iter().copied());
        Ok((value, touched))
    }

    fn comparison(&mut self, test: &Comparison, span: Span, scope: Scope) -> Result<Site, Refusal> {
        let case = if test.nocase.is_some() { Case::Fold } else { Case::Exact };
        let op = test.op.node;
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
            atom = quantify(quantifier, &value, atom);
        }
        let site = self.test(atom, span);
        if negated { Site { predicate: Predicate::Not(Box::new(site)), span } } else { site }
    }

    fn wrap(&self, expr: &Expr, atom: Atom) -> Atom {
        let (Some(quantifier), Atom::Compare { left, right, .. }) = (quantifier(expr), &atom) else {
            return atom;
        };
        let value = [left, right].into_iter().find(|side| each(side).is_some()).cloned();
        value.map_or(atom.clone(), |value| quantify(quantifier, &value, atom))
    }

    fn quantified(&mut self, expr: &Expr, atom: Atom, span: Span) -> Site {
        let Atom::Holds(value) = &atom else { return self.test(atom, span) };
        let mut found = None;
        syntax::walk(expr, &mut |part| found = found.or(quantifier(part)));
        let value = value.clone();
        let atom = found.map_or(atom.clone(), |quantifier| quantify(quantifier, &value, atom));
        self.test(atom, span)
    }

    fn in_list(&mut self, test: &InList, span: Span, scope: Scope) -> Result<Site, Refusal> {
        let ExprKind::List(list) = &test.list.kind else {
            return Err(Refusal::new(test.list.span, "`in` needs a reference list"));
        };
        if list.column.is_some() {
            return Err(Refusal::new(test.list.span, "data tables are not run yet"));
        }
        let case = if test.nocase.is_some() { Case::Fold } else { Case::Exact };
        let value = self.value(&test.value, scope)?;
        let lines = (self.needs.list)(&list.name.node, test.kind);
        let lines = lines.map_err(|why| Refusal::new(test.list.span, why))?;
        self.reference.push(lines);
        let atom = Atom::InList(value.clone(), self.reference.len() - 1, case);
        let atom = match quantifier(&test.value) {
            Some(quantifier) => quantify(quantifier, &value, atom),
            None => atom,
        };
        Ok(self.test(atom, span))
    }

    fn enum_of(&self, value: &Scalar) -> Option<EnumId> {
        let (Scalar::Field(slot) | Scalar::Each(slot)) = value else { return None };
        match self.needs.wanted.slot(*slot).leaf {
            Leaf::Enum(id) => Some(id),
            Leaf::Text
            | Leaf::MapText
            | Leaf::Whole
            | Leaf::Single
            | Leaf::Float
            | Leaf::Bool
            | Leaf::Time
            | Leaf::Seconds
            | Leaf::Nanos => None,
        }
    }

    fn pattern(&mut self, text: &str, case: Case, span: Span) -> Result<usize, Refusal> {
        let pattern = Pattern::parse(text, case).map_err(|error| Refusal::new(span, error.message))?;
        self.patterns.push(pattern);
        Ok(self.patterns.len() - 1)
    }

    fn value(&mut self, expr: &Expr, scope: Scope) -> Result<Scalar, Refusal> {
        match &expr.kind {
            ExprKind::Literal(literal) => constant(literal, expr.span),
            ExprKind::Field(field) => self.field(field, expr.span, scope),
            ExprKind::Quantified(_, field) => self.each(field, expr.span),
            ExprKind::Variable(name) => self.variable(name, scope),
            ExprKind::Count(name) => self.count(name),
            ExprKind::Arith(op, left, right) => {
                let (left, right) = (self.value(left, scope)?, self.value(right, scope)?);
                Ok(Scalar::Arith(*op, Box::new(left), Box::new(right)))
            }
            ExprKind::Call(call) => self.call(call, expr.span, scope),
            ExprKind::Or(_)
            | ExprKind::And(_)
            | ExprKind::Not(_)
            | ExprKind::Compare(_)
            | ExprKind::In(_)
            | ExprKind::Of(..) => Ok(Scalar::Truth(Box::new(self.predicate(expr, scope)?))),
            ExprKind::Absent(_)
            | ExprKind::IsNull(_)
            | ExprKind::Negative(_)
            | ExprKind::List(_)
            | ExprKind::Array(_) => Err(Refusal::new(expr.span, "this is not run yet")),
        }
    }

    fn variable(&mut self, name: &Name, scope: Scope) -> Result<Scalar, Refusal> {
        match self.outcome(name) {
            Some(index) if scope == Scope::Group => Ok(Scalar::Outcome(index)),
            _ => self.placeholder(name).map(|(value, _)| value),
        }
    }

    fn field(&mut self, field: &ast::FieldRef, span: Span, scope: Scope) -> Result<Scalar, Refusal> {
        if field.variable.is_none() {
            match field.segments.as_slice() {
                [one] if one.name.node == "window_start" => return Ok(Scalar::WindowStart),
                [one] if one.name.node == "window_end" => return Ok(Scalar::WindowEnd),
                _ => {}
            }
        }
        if scope == Scope::Group && self.rule.body.match_.is_some() {
            return Err(Refusal::new(
                span,
                "an event field in `outcome` must be aggregated in a rule with `match`",
            ));
        }
        let slot = self.slot(field, span)?;
        self.touched.extend(self.needs.wanted.slot(slot).list);
        Ok(Scalar::Field(slot))
    }

    fn each(&mut self, field: &ast::FieldRef, span: Span) -> Result<Scalar, Refusal> {
        Ok(Scalar::Each(self.slot(field, span)?))
    }

    fn slot(&mut self, field: &ast::FieldRef, span: Span) -> Result<crate::ingest::wanted::SlotId, Refusal> {
        let info = schema::resolve(field, Root::Udm).map_err(|_| Refusal::new(span, "unknown field"))?;
        match info.root {
            Root::Udm => {}
            Root::Entity => return Err(Refusal::new(span, "entity graph variables are not run yet")),
            Root::Detection => return Err(Refusal::new(span, "detection variables are not run yet")),
        }
        self.needs.wanted.field(&info).ok_or_else(|| Refusal::new(span, "a message has no value of its own"))
    }

    fn call(&mut self, call: &Call, span: Span, scope: Scope) -> Result<Scalar, Refusal> {
        let args = plain(&call.args, span)?;
        if call.name.node == "if" {
            return self.if_call(&args, span, scope);
        }
        if let Some(aggregate) = aggregates::find(&call.name.node) {
            let [value] = args.as_slice() else {
                return Err(Refusal::new(span, "an aggregate takes one argument"));
            };
            let value = self.value(value, Scope::Row)?;
            self.gathers.push(Gather { aggregate, value });
            return Ok(Scalar::Gathered(self.gathers.len() - 1));
        }
        self.function(call, &args, span, scope)
    }

    fn function(&mut self, call: &Call, args: &[&Expr], span: Span, scope: Scope) -> Result<Scalar, Refusal> {
        let name = &call.name.node;
        let Some(function) = functions::find(name) else {
            return Err(Refusal::new(span, format!("`{name}` is not run yet")));
        };
        let case = if call.nocase.is_some() { Case::Fold } else { Case::Exact };
        let (mut values, mut pattern) = (Vec::new(), None);
        for (index, arg) in args.iter().enumerate() {
            let kind = function.params.get(index).map(|param| param.kind);
            if kind == Some(Kind::Pattern) {
                let text =
                    literal_text(arg).ok_or_else(|| Refusal::new(arg.span, "a pattern must be a literal"))?;
                pattern = Some(self.pattern(text, case, arg.span)?);
            }
            values.push(self.argument(arg, kind, scope)?);
        }
        Ok(Scalar::Call(function, values, pattern))
    }

    fn argument(&mut self, arg: &Expr, kind: Option<Kind>, scope: Scope) -> Result<Scalar, Refusal> {
        if let (Some(Kind::RepeatedField), ExprKind::Field(field)) = (kind, &arg.kind) {
            return Ok(Scalar::Whole(self.slot(field, arg.span)?));
        }
        self.value(arg, scope)
    }

    fn if_call(&mut self, args: &[&Expr], span: Span, scope: Scope) -> Result<Scalar, Refusal> {
        let (test, then, other) = match args {
            [test, then] => (test, then, None),
            [test, then, other] => (test, then, Some(other)),
            _ => return Err(Refusal::new(span, "`if` takes two or three arguments")),
        };
        let test = Box::new(self.predicate(test, scope)?);
        let then = Box::new(self.value(then, scope)?);
        let other = match other {
            Some(other) => self.value(other, scope)?,
            None => Scalar::Const(Value::Int(0)),
        };
        Ok(Scalar::If(test, then, Box::new(other)))
    }
}

fn plain(args: &[Arg], span: Span) -> Result<Vec<&Expr>, Refusal> {
    let mut plain = Vec::with_capacity(args.len());
    for arg in args {
        match arg {
            Arg::Plain(expr) => plain.push(expr),
            Arg::Named(..) => return Err(Refusal::new(span, "named arguments are not run yet")),
        }
    }
    Ok(plain)
}

fn quantifier(expr: &Expr) -> Option<Quantifier> {
    match &expr.kind {
        ExprKind::Quantified(quantifier, _) => Some(*quantifier),
        ExprKind::Call(call) => call.args.iter().find_map(|arg| quantifier(syntax::visit::argument(arg))),
        _ => None,
    }
}

fn each(value: &Scalar) -> Option<crate::ingest::wanted::SlotId> {
    let mut found = None;
    value.walk(&mut |part| {
        if let Scalar::Each(slot) = part {
            found = Some(*slot);
        }
    });
    found
}

fn quantify(quantifier: Quantifier, value: &Scalar, atom: Atom) -> Atom {
    match (quantifier, each(value)) {
        (Quantifier::Any, Some(slot)) => Atom::AnyOf(slot, Box::new(atom)),
        (Quantifier::All, Some(slot)) => Atom::AllOf(slot, Box::new(atom)),
        (Quantifier::Any | Quantifier::All, None) => atom,
    }
}

fn literal_text(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Literal(Literal::Text(text) | Literal::Raw(text) | Literal::Regex(text)) => Some(text),
        _ => None,
    }
}

fn constant(literal: &Literal, span: Span) -> Result<Scalar, Refusal> {
    Ok(Scalar::Const(match literal {
        Literal::Text(text) | Literal::Raw(text) | Literal::Regex(text) => Value::owned(text.clone()),
        Literal::Int(number) => i64::try_from(*number).map_or(Value::Uint(*number), Value::Int),
        Literal::Float(number) => Value::Float(*number),
        Literal::Bool(truth) => Value::Bool(*truth),
        Literal::Duration(length) => Value::Int(length.0 / crate::value::time::SECOND),
        Literal::Null => return Err(Refusal::new(span, "there is no null in this language")),
    }))
}
