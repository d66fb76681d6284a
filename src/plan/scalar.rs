//! From expressions to values and tests.

use super::compile::{Compiler, Language, Refusal};
use super::{Atom, AtomId, Gather, Predicate, Presence, Scalar, Site, SourceId, Spread, sources, walk};
use crate::aggregates::Aggregate;
use crate::functions::{self, Kind};
use crate::ingest::wanted::{Leaf, SlotId};
use crate::regex::Pattern;
use crate::schema::{self, Root};
use crate::syntax::ast::{
    self, Arg, Call, Comparison, Expr, ExprKind, InList, Literal, Name, Quantifier, Threshold,
};
use crate::text::Span;
use crate::value::operators::{ArithOp, Case, CompareOp};
use crate::value::{EnumId, Type, Value};
use crate::{aggregates, syntax};

/// Does an expression belong to a row or to a group?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
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

    fn outcome(&self, name: &Name) -> Option<usize> {
        self.outcomes.iter().position(|(known, _)| *known == name.node)
    }

    /// `#x`: distinct events, or distinct values of a placeholder.
    fn count(&mut self, name: &Name) -> Result<Scalar, Refusal> {
        if let Some(source) = self.source_named(&name.node) {
            return Ok(Scalar::Events(source));
        }
        let binding = self.placeholder(name)?;
        let Some(aggregate) = aggregates::find("count_distinct") else {
            return Err(Refusal::new(name.span, "`count_distinct` is not known"));
        };
        let value = self.lift(&binding.value, Spread::Counted);
        let absent = |source: &SourceId| {
            self.sources.get(source.0).is_some_and(|draft| draft.presence == Presence::Unbound)
        };
        let only_with = Some(binding.source).filter(absent);
        self.gathers.push(Gather { aggregate, value, arguments: Vec::new(), only_with });
        Ok(Scalar::Gathered(self.gathers.len() - 1))
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

    fn pattern(&mut self, text: &str, case: Case, span: Span) -> Result<usize, Refusal> {
        let pattern = Pattern::parse(text, case).map_err(|error| Refusal::new(span, error.message))?;
        self.patterns.push(pattern);
        Ok(self.patterns.len() - 1)
    }

    pub(super) fn value(&mut self, expr: &Expr, scope: Scope) -> Result<Scalar, Refusal> {
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
            ExprKind::List(column) => self.table_column(column, expr.span),
            ExprKind::Absent(_) | ExprKind::IsNull(_) | ExprKind::Negative(_) | ExprKind::Array(_) => {
                Err(Refusal::new(expr.span, "this is not run yet"))
            }
        }
    }

    fn variable(&mut self, name: &Name, scope: Scope) -> Result<Scalar, Refusal> {
        if scope == Scope::Group {
            if let Some(index) = self.outcome(name) {
                return Ok(Scalar::Outcome(index));
            }
            if let Some(index) = self.keys.iter().position(|key| key.name == name.node) {
                return Ok(Scalar::Key(index));
            }
            self.aggregated(name.span)?;
        }
        Ok(self.placeholder(name)?.value)
    }

    /// A group of several events has no one value of a field.
    fn aggregated(&self, span: Span) -> Result<(), Refusal> {
        if !self.groups() {
            return Ok(());
        }
        Err(Refusal::new(span, "an event field in `outcome` must be aggregated in a rule with `match`"))
    }

    fn field(&mut self, field: &ast::FieldRef, span: Span, scope: Scope) -> Result<Scalar, Refusal> {
        if let Some(bound) = sources::window_bound(field) {
            return Ok(bound);
        }
        if scope == Scope::Group {
            if let Some(key) = self.field_key(field) {
                return Ok(key);
            }
            self.aggregated(span)?;
        }
        if let Some(column) = self.stage_column(field, span)? {
            return Ok(column);
        }
        let (source, slot) = self.slot(field, span)?;
        self.mention(source, slot, span);
        Ok(Scalar::Field(source, slot))
    }

    /// Rows differ in the list that the slot lies in.
    pub(super) fn mention(&mut self, source: SourceId, slot: SlotId, span: Span) {
        if let Some(list) = self.needs.wanted.slot(slot).list
            && let Some(draft) = self.sources.get_mut(source.0)
        {
            let at = span.start.min(*draft.mentions.get(&list).unwrap_or(&span.start));
            draft.mentions.insert(list, at);
        }
    }

    fn each(&mut self, field: &ast::FieldRef, span: Span) -> Result<Scalar, Refusal> {
        let (source, slot) = self.slot(field, span)?;
        Ok(Scalar::Each(source, slot))
    }

    pub(super) fn slot(&mut self, field: &ast::FieldRef, span: Span) -> Result<(SourceId, SlotId), Refusal> {
        let name = field.variable.as_ref().map_or("", |name| name.node.as_str());
        let unknown = || Refusal::new(span, format!("`${name}` is no event variable"));
        let source = self.source_named(name).ok_or_else(unknown)?;
        let root = self.sources.get(source.0).and_then(|draft| draft.kind.root()).unwrap_or(Root::Udm);
        let info = schema::resolve(field, root).map_err(|_| Refusal::new(span, "unknown field"))?;
        if info.root != root {
            return Err(Refusal::new(span, format!("`${name}` is used for records of two kinds")));
        }
        let slot = self.needs.wanted.field(&info);
        let slot = slot.ok_or_else(|| Refusal::new(span, "a message has no value of its own"))?;
        Ok((source, slot))
    }

    fn call(&mut self, call: &Call, span: Span, scope: Scope) -> Result<Scalar, Refusal> {
        let args = plain(&call.args, span)?;
        if call.name.node == "if" {
            return self.if_call(&args, span, scope);
        }
        if call.name.node == "group" {
            return self.group(&args, span);
        }
        if let Some(aggregate) = aggregates::find(&call.name.node) {
            return self.gather(aggregate, &args, span);
        }
        self.function(call, &args, span, scope)
    }

    fn gather(
        &mut self,
        aggregate: &'static Aggregate,
        args: &[&Expr],
        span: Span,
    ) -> Result<Scalar, Refusal> {
        // The rows of several arguments together see each choice of elements.
        let spread = if args.len() == 1 { Spread::Counted } else { Spread::Out };
        let mut values = Vec::with_capacity(args.len());
        for arg in args {
            let value = self.plain_value(arg)?;
            values.push(self.lift(&value, spread));
        }
        let Some(value) = values.get(aggregate.arguments.value_index()).cloned() else {
            return Err(Refusal::new(span, format!("`{}` needs a value", aggregate.name)));
        };
        let arguments = if values.len() == 1 { Vec::new() } else { values };
        self.gathers.push(Gather { aggregate, value, arguments, only_with: None });
        Ok(Scalar::Gathered(self.gathers.len() - 1))
    }

    /// A value by itself: `any` and `all` ask a question, and have none.
    pub(super) fn plain_value(&mut self, expr: &Expr) -> Result<Scalar, Refusal> {
        let value = self.value(expr, Scope::Row)?;
        if walk::asks(&value) {
            return Err(Refusal::new(expr.span, "`any` and `all` stand in tests only"));
        }
        Ok(value)
    }

    fn function(&mut self, call: &Call, args: &[&Expr], span: Span, scope: Scope) -> Result<Scalar, Refusal> {
        let name = &call.name.node;
        let Some(function) = functions::find(name) else {
            return Err(Refusal::new(span, format!("`{name}` is not run yet")));
        };
        let case = self.case(call.nocase);
        // `re.regex` folds in its pattern, the others by comparing lower case.
        let folds = call.nocase.is_some() && function.params.iter().all(|param| param.kind != Kind::Pattern);
        let (mut values, mut pattern) = (Vec::new(), None);
        for (index, arg) in args.iter().enumerate() {
            let kind = function.params.get(index).map(|param| param.kind);
            if kind == Some(Kind::Pattern) {
                let text =
                    literal_text(arg).ok_or_else(|| Refusal::new(arg.span, "a pattern must be a literal"))?;
                pattern = Some(self.pattern(text, case, arg.span)?);
            }
            let value = self.argument(arg, kind, scope)?;
            values.push(if folds { folded(value) } else { value });
        }
        Ok(Scalar::Call(function, values, pattern))
    }

    fn argument(&mut self, arg: &Expr, kind: Option<Kind>, scope: Scope) -> Result<Scalar, Refusal> {
        if let (Some(Kind::RepeatedField), ExprKind::Field(field)) = (kind, &arg.kind)
            && self.stage_column(field, arg.span)?.is_none()
        {
            let (source, slot) = self.slot(field, arg.span)?;
            return Ok(Scalar::Whole(source, slot));
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
        let then = self.value(then, scope)?;
        let other = match other {
            Some(other) => self.value(other, scope)?,
            None => Scalar::Const(Value::Int(0)),
        };
        let (then, other) = self.of_one_kind(then, other);
        Ok(Scalar::If(test, Box::new(then), Box::new(other)))
    }
}

impl Compiler<'_, '_> {
    /// Branches of which one is a double are both doubles, so that the kind of a value does not change with the data.
    fn of_one_kind(&self, then: Scalar, other: Scalar) -> (Scalar, Scalar) {
        match (self.is_float(&then), self.is_float(&other)) {
            (true, false) => (then, as_float(other)),
            (false, true) => (as_float(then), other),
            (true, true) | (false, false) => (then, other),
        }
    }

    fn is_float(&self, value: &Scalar) -> bool {
        match value {
            Scalar::Const(Value::Float(_)) => true,
            Scalar::Field(_, slot) | Scalar::Each(_, slot) => {
                matches!(self.needs.wanted.slot(*slot).leaf, Leaf::Float | Leaf::Single)
            }
            Scalar::Arith(op, left, right) => {
                *op == ArithOp::Div || self.is_float(left) || self.is_float(right)
            }
            Scalar::If(_, then, other) => self.is_float(then) || self.is_float(other),
            Scalar::Call(function, ..) => function.returns == functions::Returns::Fixed(Type::Float),
            Scalar::Gathered(index) => self.gathers.get(*index).is_some_and(|gather| {
                gather.aggregate.returns == aggregates::Returns::Float
                    || (gather.aggregate.returns == aggregates::Returns::Argument
                        && self.is_float(&gather.value))
            }),
            Scalar::Captured(source, index) => {
                let kept = self.sources.get(source.0).and_then(|draft| draft.kept.get(*index));
                kept.is_some_and(|kept| self.is_float(&kept.value))
            }
            Scalar::Outcome(index) => {
                self.outcomes.get(*index).is_some_and(|(_, value)| self.is_float(value))
            }
            Scalar::Const(_)
            | Scalar::Whole(..)
            | Scalar::Truth(_)
            | Scalar::Key(_)
            | Scalar::Events(_)
            | Scalar::WindowStart
            | Scalar::WindowEnd => false,
        }
    }
}

/// A whole number as a double. Other kinds beside a double are the checker's to refuse.
fn as_float(value: Scalar) -> Scalar {
    match value {
        Scalar::Const(Value::Int(number)) => {
            Scalar::Const(Value::Float(crate::value::number::to_f64(number)))
        }
        Scalar::Const(Value::Uint(number)) => {
            Scalar::Const(Value::Float(crate::value::number::unsigned_to_f64(number)))
        }
        other => Scalar::Arith(ArithOp::Mul, Box::new(other), Box::new(Scalar::Const(Value::Float(1.0)))),
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

/// A text without regard to case.
fn folded(value: Scalar) -> Scalar {
    match functions::find("strings.to_lower") {
        Some(lower) => Scalar::Call(lower, vec![value], None),
        None => value,
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
