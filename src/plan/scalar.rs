//! From expressions to values.

use super::compile::{Compiler, Refusal};
use super::{Gather, Presence, Scalar, SourceId, Spread, sources, walk};
use crate::aggregates;
use crate::aggregates::{Aggregate, Arguments, Sees};
use crate::functions::{self, Kind};
use crate::ingest::wanted::{Leaf, SlotId};
use crate::regex::Pattern;
use crate::schema::{self, FieldInfo, Root};
use crate::syntax::ast::{self, Arg, Call, Expr, ExprKind, Literal, Name, Quantifier};
use crate::text::Span;
use crate::value::operators::{ArithOp, Case};
use crate::value::{Type, Value};

/// Does an expression belong to a row or to a group?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Row,
    Group,
}
impl Compiler<'_, '_> {
    pub(super) fn scalar(&mut self, expr: &Expr) -> Result<Scalar, Refusal> {
        self.value(expr, Scope::Row)
    }

    pub(super) fn group_scalar(&mut self, expr: &Expr) -> Result<Scalar, Refusal> {
        self.value(expr, Scope::Group)
    }

    pub(super) fn outcome(&self, name: &Name) -> Option<usize> {
        self.outcomes.iter().position(|(known, _)| *known == name.node)
    }

    /// `#x`: distinct events, or distinct values of a placeholder.
    pub(super) fn count(&mut self, name: &Name) -> Result<Scalar, Refusal> {
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

    pub(super) fn pattern(&mut self, text: &str, case: Case, span: Span) -> Result<usize, Refusal> {
        let pattern = Pattern::parse(text, case).map_err(|error| Refusal::new(span, error.message))?;
        self.patterns.push(pattern);
        Ok(self.patterns.len() - 1)
    }

    pub(super) fn value(&mut self, expr: &Expr, scope: Scope) -> Result<Scalar, Refusal> {
        match &expr.kind {
            ExprKind::Literal(literal) => constant(literal, expr.span),
            ExprKind::Field(field) => self.field(field, expr.span, scope),
            ExprKind::Quantified(quantifier, field) => self.each(*quantifier, field, expr.span),
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

    fn each(&mut self, quantifier: Quantifier, field: &ast::FieldRef, span: Span) -> Result<Scalar, Refusal> {
        let (source, slot) = self.slot(field, span)?;
        self.asked.push((quantifier, Scalar::Whole(source, slot)));
        Ok(Scalar::Each(source, slot, self.asked.len() - 1))
    }

    pub(super) fn slot(&mut self, field: &ast::FieldRef, span: Span) -> Result<(SourceId, SlotId), Refusal> {
        let (source, info) = self.resolved(field, span)?;
        let slot = self.needs.wanted.field(&info);
        let slot = slot.ok_or_else(|| Refusal::new(span, "a message has no value of its own"))?;
        Ok((source, slot))
    }

    fn resolved(&self, field: &ast::FieldRef, span: Span) -> Result<(SourceId, FieldInfo), Refusal> {
        let name = field.variable.as_ref().map_or("", |name| name.node.as_str());
        let unknown = || Refusal::new(span, format!("`${name}` is no event variable"));
        let source = self.source_named(name).ok_or_else(unknown)?;
        let root = self.sources.get(source.0).and_then(|draft| draft.kind.root()).unwrap_or(Root::Udm);
        let info = schema::resolve(field, root).map_err(|_| Refusal::new(span, "unknown field"))?;
        if info.root != root {
            return Err(Refusal::new(span, format!("`${name}` is used for records of two kinds")));
        }
        Ok((source, info))
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
        let spread = spread_of(aggregate, args);
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
            let (source, info) = self.resolved(field, arg.span)?;
            return Ok(Scalar::Whole(source, self.needs.wanted.elements(&info)));
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
            Scalar::Field(_, slot) | Scalar::Each(_, slot, _) => {
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
    let float = |number| Scalar::Const(Value::Float(number));
    if let Scalar::Const(Value::Int(number)) = value {
        return float(crate::value::number::to_f64(number));
    }
    if let Scalar::Const(Value::Uint(number)) = value {
        return float(crate::value::number::unsigned_to_f64(number));
    }
    Scalar::Arith(ArithOp::Mul, Box::new(value), Box::new(float(1.0)))
}

/// Are the rows of the lists in the arguments multiplied out? Several arguments together see each choice of elements, but
/// of the rows that share the furthest key one is enough.
fn spread_of(aggregate: &Aggregate, args: &[&Expr]) -> Spread {
    let is_alone = args.len() == 1;
    let is_switched = args.get(1).is_some_and(|switch| switch.as_literal().is_some());
    match aggregate.arguments {
        Arguments::Value | Arguments::SortedValue => Spread::Counted,
        Arguments::MayIgnoreZeros if is_alone => Spread::Counted,
        Arguments::MayIgnoreZeros if is_switched && aggregate.sees == Sees::Values => Spread::Counted,
        Arguments::MayIgnoreZeros => Spread::Out,
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

/// A text without regard to case.
fn folded(value: Scalar) -> Scalar {
    match functions::find("strings.to_lower") {
        Some(lower) => Scalar::Call(lower, vec![value], None),
        None => value,
    }
}

fn literal_text(expr: &Expr) -> Option<&str> {
    if let Some(Literal::Regex(text)) = expr.as_literal() { Some(text) } else { expr.as_text() }
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
