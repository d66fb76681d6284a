//! The type of an expression. Nothing where it is unknown, and then no rule about types applies.

use super::scope::Scope;
use crate::aggregates::{self, Aggregate};
use crate::functions;
use crate::schema::{self, FieldInfo, Root};
use crate::syntax::ast::{Arg, Call, Expr, ExprKind, FieldRef, Literal};
use crate::syntax::visit::argument;
use crate::value::operators::ArithOp;
use crate::value::{Element, Type};

/// What can be compared with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Text,
    Number,
    Bool,
    Time,
    List,
}

impl Family {
    pub(super) fn of(kind: Type) -> Family {
        match kind {
            Type::Text | Type::Bytes | Type::Enum(_) => Family::Text,
            Type::Int | Type::Uint | Type::Float => Family::Number,
            Type::Bool => Family::Bool,
            Type::Time => Family::Time,
            Type::List(_) => Family::List,
        }
    }

    pub(super) fn of_element(element: Element) -> Family {
        match element {
            Element::Text => Family::Text,
            Element::Int | Element::Float => Family::Number,
            Element::Bool => Family::Bool,
            Element::Time => Family::Time,
        }
    }

    /// With its article.
    pub(super) fn name(self) -> &'static str {
        match self {
            Family::Text => "a string",
            Family::Number => "a number",
            Family::Bool => "a boolean",
            Family::Time => "a time",
            Family::List => "a list",
        }
    }
}

/// The type of an expression.
pub(super) fn type_of(scope: &Scope, expr: &Expr) -> Option<Type> {
    match &expr.kind {
        ExprKind::Or(_)
        | ExprKind::And(_)
        | ExprKind::Not(_)
        | ExprKind::Compare(_)
        | ExprKind::In(_)
        | ExprKind::Absent(_)
        | ExprKind::Of(..) => Some(Type::Bool),
        ExprKind::Count(_) => Some(Type::Int),
        ExprKind::Arith(op, left, right) => arithmetic(*op, type_of(scope, left), type_of(scope, right)),
        ExprKind::Negative(inner) => type_of(scope, inner),
        ExprKind::Call(call) => call_type(scope, call),
        ExprKind::Quantified(_, field) | ExprKind::Field(field) => field_type(scope, field),
        ExprKind::Variable(name) => variable(scope, &name.node),
        ExprKind::Literal(literal) => literal_type(literal),
        ExprKind::IsNull(_) | ExprKind::List(_) | ExprKind::Array(_) => None,
    }
}

/// A field, resolved, where it can be: not of a stage, and known to the schema.
pub(super) fn field_info(scope: &Scope, field: &FieldRef) -> Option<FieldInfo> {
    if field.variable.as_ref().is_some_and(|name| scope.foreign.contains(name.node.as_str())) {
        return None;
    }
    schema::resolve(field, Root::Udm).ok()
}

/// Is it `window_start` or `window_end`?
pub(super) fn is_window_word(field: &FieldRef) -> bool {
    let [segment] = field.segments.as_slice() else { return false };
    field.variable.is_none() && ["window_start", "window_end"].contains(&segment.name.node.as_str())
}

fn field_type(scope: &Scope, field: &FieldRef) -> Option<Type> {
    if is_window_word(field) {
        return Some(Type::Time);
    }
    match &field.variable {
        Some(name) if scope.foreign.contains(name.node.as_str()) => {
            scope.columns.get(&(name.node.as_str(), super::fields::path(field))).copied()
        }
        Some(_) | None => field_info(scope, field)?.value_type(),
    }
}

fn variable(scope: &Scope, name: &str) -> Option<Type> {
    match scope.outcomes.get(name) {
        Some(outcome) if outcome.assigned => outcome.kind,
        _ => scope.placeholders.get(name)?.kind,
    }
}

/// The type of a literal; patterns, null and durations are no values.
pub(super) fn literal_type(literal: &Literal) -> Option<Type> {
    match literal {
        Literal::Text(_) | Literal::Raw(_) => Some(Type::Text),
        Literal::Int(number) if i64::try_from(*number).is_err() => Some(Type::Uint),
        Literal::Int(_) => Some(Type::Int),
        Literal::Float(_) => Some(Type::Float),
        Literal::Bool(_) => Some(Type::Bool),
        Literal::Regex(_) | Literal::Null | Literal::Duration(_) => None,
    }
}

fn arithmetic(op: ArithOp, left: Option<Type>, right: Option<Type>) -> Option<Type> {
    let float = [left, right].contains(&Some(Type::Float));
    match op {
        ArithOp::Div => Some(Type::Float),
        ArithOp::Add | ArithOp::Sub | ArithOp::Mul | ArithOp::Rem => {
            Some(if float { Type::Float } else { Type::Int })
        }
    }
}

fn call_type(scope: &Scope, call: &Call) -> Option<Type> {
    let name = call.name.node.as_str();
    let at = |index: usize| type_of(scope, call.args.get(index).map(argument)?);
    if name == "if" {
        return if_type(scope, &call.args);
    }
    if name == "group" {
        return at(0);
    }
    if let Some(aggregate) = aggregates::find(name) {
        return aggregate_type(aggregate, at(aggregate.arguments.value_index()));
    }
    match functions::find(name)?.returns {
        functions::Returns::Fixed(kind) => Some(kind),
        functions::Returns::First => at(0),
    }
}

fn if_type(scope: &Scope, args: &[Arg]) -> Option<Type> {
    let branch = |at: usize| type_of(scope, args.get(at).map(argument)?);
    match (branch(1), branch(2)) {
        (Some(Type::Enum(_)), _) => Some(Type::Text),
        (Some(Type::Int | Type::Uint), Some(Type::Float)) => Some(Type::Float),
        (then, other) => then.or(other),
    }
}

fn aggregate_type(aggregate: &Aggregate, first: Option<Type>) -> Option<Type> {
    match aggregate.returns {
        aggregates::Returns::Text => Some(Type::Text),
        aggregates::Returns::ListOfFloats => Some(Type::List(Element::Float)),
        aggregates::Returns::Int => Some(Type::Int),
        aggregates::Returns::Float => Some(Type::Float),
        aggregates::Returns::Argument => first,
        aggregates::Returns::ListOfArgument => Some(Type::List(element(first?))),
    }
}

fn element(kind: Type) -> Element {
    match kind {
        Type::Text | Type::Bytes | Type::Enum(_) => Element::Text,
        Type::Int | Type::Uint => Element::Int,
        Type::Float => Element::Float,
        Type::Bool => Element::Bool,
        Type::Time => Element::Time,
        Type::List(element) => element,
    }
}
