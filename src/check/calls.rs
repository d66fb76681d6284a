//! Calls: known by name, with arguments of the right number and kind, and literals that mean something.

use super::types::{self, Family};
use super::walker::{Place, Walker, arguments};
use super::{aggregation, errors, fields, group, not_run, unknown};
use crate::aggregates::{self, Aggregate, Arguments, Takes};
use crate::diag::Diagnostic;
use crate::functions::{self, Function, Kind, Need, Param};
use crate::regex::Pattern;
use crate::syntax::ast::{Arg, Call, Expr, ExprKind, Literal, Name};
use crate::syntax::visit;
use crate::text::Span;
use crate::value::operators::Case;
use crate::value::{Type, Value};

/// How far a call is looked into: where its arguments are wrong in themselves, their kinds say nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// Is there such a function, with so many arguments?
    Name,
    /// And are the arguments right?
    Arguments,
}

/// One call, its arguments having been checked in themselves.
pub(super) fn check(walker: &mut Walker, call: &Call, depth: Depth) {
    let name = call.name.node.as_str();
    if let Some(argument) = named_argument(call).filter(|_| is_known(call)) {
        walker.found.push(errors::named_argument(argument));
    } else if name == "if" {
        branches(walker, call, depth);
    } else if name == "group" {
        group::check(walker, call, depth);
    } else if let Some(aggregate) = aggregates::find(name) {
        aggregate_call(walker, call, aggregate, depth);
    } else if let Some(function) = functions::find(name) {
        function_call(walker, call, function, depth);
    } else if not_run::reason(name).is_none() {
        unknown::call(walker, call);
    }
}

/// `string: $x`, which only metrics take.
fn named_argument(call: &Call) -> Option<&Name> {
    call.args.iter().find_map(|argument| match argument {
        Arg::Named(name, _) => Some(name),
        Arg::Plain(_) => None,
    })
}

/// The most calls within one another, `if` among them.
const DEEPEST: usize = 20;

/// Calls nested too deep, said once for a statement, at the first call beyond.
pub(super) fn nesting(walker: &mut Walker, expr: &Expr) {
    let mut open = vec![(expr, 0)];
    while let Some((part, above)) = open.pop() {
        let mut depth = above;
        if let ExprKind::Call(call) = &part.kind {
            depth += 1;
            if depth > DEEPEST {
                walker.found.push(errors::too_nested(call.name.span));
                return;
            }
        }
        open.extend(crate::syntax::children(part).into_iter().rev().map(|child| (child, depth)));
    }
}

/// Is it computed over the rows of a group?
pub(super) fn is_aggregate(name: &str) -> bool {
    aggregates::find(name).is_some()
}

/// Is there a function of this name, be it one that only Google computes?
pub(super) fn is_known(call: &Call) -> bool {
    let name = call.name.node.as_str();
    name == "if" || is_aggregate(name) || functions::find(name).is_some() || is_foreign(call)
}

/// Does it take messages as well as values?
pub(super) fn takes_groups(call: &Call) -> bool {
    let first = functions::find(&call.name.node).and_then(|function| function.params.first());
    first.is_some_and(|param| param.kind == Kind::RepeatedField)
}

/// Is it computed by Google alone, with rules of its own for its arguments?
pub(super) fn is_foreign(call: &Call) -> bool {
    let name = call.name.node.as_str();
    name.starts_with("metrics.") || not_run::reason(name).is_some()
}

fn function_call(walker: &mut Walker, call: &Call, function: &Function, depth: Depth) {
    let least = function.params.iter().filter(|param| param.need == Need::Required).count();
    let most = function.rest.is_none().then_some(function.params.len());
    let given = call.args.len();
    if given < least || most.is_some_and(|most| given > most) {
        walker.found.push(errors::argument_count(call, least, most));
        return;
    }
    if depth == Depth::Name {
        return;
    }
    let before = walker.found.len();
    for (at, expr) in arguments(call).enumerate() {
        if let Some(param) = function.params.get(at).or(function.rest.as_ref()) {
            argument(walker, call, param, expr);
        }
    }
    nocase(walker, call);
    contained(walker, call);
    if !walker.found.iter().skip(before).any(Diagnostic::is_error) {
        verify(walker, call, function);
    }
}

fn argument(walker: &mut Walker, call: &Call, param: &Param, expr: &Expr) {
    match (&expr.kind, param.kind) {
        // A column's type is known only when its table is read.
        (ExprKind::List(_), _) => return,
        (ExprKind::Literal(Literal::Regex(_)), kind) if kind != Kind::Pattern => {
            walker.found.push(errors::stray_pattern(expr.span));
            return;
        }
        _ => {}
    }
    match param.kind {
        Kind::Pattern => pattern_argument(walker, call, expr),
        Kind::TextLiteral if text_literal(expr).is_none() => {
            walker.found.push(errors::literal_wanted(call, expr.span, param.name));
        }
        Kind::TextLiteral => {}
        Kind::RepeatedField => repeated(walker, call, expr),
        Kind::List => list(walker, call, expr),
        Kind::Text
        | Kind::Int
        | Kind::Number
        | Kind::TextOrNumber
        | Kind::TextOrBytes
        | Kind::Bytes
        | Kind::Bool
        | Kind::Scalar
        | Kind::Any => scalar(walker, call, param.kind, expr),
    }
}

fn pattern_argument(walker: &mut Walker, call: &Call, expr: &Expr) {
    if let ExprKind::Literal(Literal::Text(text) | Literal::Raw(text) | Literal::Regex(text)) = &expr.kind {
        pattern(walker, expr.span, text);
    } else {
        walker.found.push(errors::literal_wanted(call, expr.span, "pattern"))
    }
}

/// A pattern that RE2 refuses; `span` holds its quotes or slashes.
pub(super) fn pattern(walker: &mut Walker, span: Span, text: &str) {
    if let Err(error) = Pattern::parse(text, Case::Exact) {
        walker.found.push(errors::bad_pattern(span, text, &error));
    }
}

fn text_literal(expr: &Expr) -> Option<&str> {
    if let ExprKind::Literal(Literal::Text(text) | Literal::Raw(text)) = &expr.kind {
        Some(text)
    } else {
        None
    }
}

fn repeated(walker: &mut Walker, call: &Call, expr: &Expr) {
    let is_field = matches!(&expr.kind, ExprKind::Field(field) if types::field_info(walker.scope, field)
        .is_none_or(|info| info.is_repeated()));
    if !is_field {
        walker.found.push(errors::repeated_wanted(call, expr.span));
    }
}

fn list(walker: &mut Walker, call: &Call, expr: &Expr) {
    let field =
        if let ExprKind::Field(field) = &expr.kind { types::field_info(walker.scope, field) } else { None };
    let repeated = field.is_some_and(|info| info.is_repeated());
    match types::type_of(walker.scope, expr) {
        Some(kind) if !repeated && Family::of(kind) != Family::List => {
            walker.found.push(errors::argument_kind(call, expr.span, "a list", Family::of(kind)));
        }
        _ => {}
    }
}

fn scalar(walker: &mut Walker, call: &Call, wanted: Kind, expr: &Expr) {
    let Some(kind) = types::type_of(walker.scope, expr) else { return };
    let family = Family::of(kind);
    match (fits(wanted, kind), family) {
        (true, _) => {}
        (false, Family::Number) if call.name.node == "re.regex" => {
            walker.found.push(errors::number_as_text(call, expr.span));
        }
        (false, _) => walker.found.push(errors::argument_kind(call, expr.span, kind_name(wanted), family)),
    }
}

fn fits(wanted: Kind, kind: Type) -> bool {
    let family = Family::of(kind);
    match wanted {
        Kind::Text | Kind::Pattern | Kind::TextLiteral | Kind::TextOrBytes => family == Family::Text,
        Kind::Int => matches!(kind, Type::Int | Type::Uint | Type::Time),
        Kind::Number => family == Family::Number,
        Kind::TextOrNumber => matches!(family, Family::Text | Family::Number),
        Kind::Bytes => kind == Type::Bytes,
        Kind::Bool => family == Family::Bool,
        Kind::Scalar => family != Family::List,
        Kind::List | Kind::RepeatedField => family == Family::List,
        Kind::Any => true,
    }
}

fn kind_name(wanted: Kind) -> &'static str {
    match wanted {
        Kind::Text | Kind::Pattern | Kind::TextLiteral => "a string",
        Kind::Int => "a whole number",
        Kind::Number => "a number",
        Kind::TextOrNumber => "a string or a number",
        Kind::TextOrBytes => "a string or bytes",
        Kind::Bytes => "bytes",
        Kind::Bool => "a boolean",
        Kind::Scalar => "a single value",
        Kind::List => "a list",
        Kind::RepeatedField => "a repeated field",
        Kind::Any => "a value",
    }
}

/// A condition looks in a list for what may be in it.
fn contained(walker: &mut Walker, call: &Call) {
    let mut arguments = arguments(call);
    let (Some(list), Some(value)) = (arguments.next(), arguments.next()) else { return };
    if walker.place != Place::Condition || call.name.node != "arrays.contains" {
        return;
    }
    let kind = |expr: &Expr| types::type_of(walker.scope, expr);
    let (Some(Type::List(element)), ExprKind::Literal(_), Some(given)) =
        (kind(list), &value.kind, kind(value))
    else {
        return;
    };
    let (wanted, given) = (Family::of_element(element), Family::of(given));
    // A time is written as text.
    if wanted != given && (wanted, given) != (Family::Time, Family::Text) {
        walker.found.push(errors::other_element(value, wanted, given));
    }
}

fn nocase(walker: &mut Walker, call: &Call) {
    let Some(place) = call.nocase else { return };
    let looked_into = arguments(call).next().and_then(|first| types::type_of(walker.scope, first));
    if call.name.node != "re.regex" {
        walker.found.push(errors::nocase_after_call(place.0, &call.name.node));
    } else if matches!(looked_into, Some(Type::Enum(_))) {
        walker.found.push(errors::nocase_on_enum(place.0));
    }
}

fn verify(walker: &mut Walker, call: &Call, function: &Function) {
    let Some(verify) = function.verify else { return };
    let values: Vec<Option<Value<'static>>> = arguments(call).map(literal).collect();
    let at = function.params.iter().position(|param| param.kind == Kind::Pattern);
    let text = at.and_then(|at| values.get(at)?.as_ref()).map(|value| value.to_text().into_owned());
    let pattern = text.and_then(|text| Pattern::parse(&text, Case::Exact).ok());
    if let Err(bad) = verify(&values, pattern.as_ref()) {
        let span = arguments(call).nth(bad.index).map_or(call.name.span, |expr| expr.span);
        walker.found.push(errors::bad_argument(span, bad));
    }
}

fn literal(expr: &Expr) -> Option<Value<'static>> {
    let ExprKind::Literal(literal) = &expr.kind else { return None };
    match literal {
        Literal::Text(text) | Literal::Raw(text) | Literal::Regex(text) => Some(Value::owned(text.clone())),
        Literal::Int(number) => Some(i64::try_from(*number).map_or(Value::Uint(*number), Value::Int)),
        Literal::Float(number) => Some(Value::Float(*number)),
        Literal::Bool(truth) => Some(Value::Bool(*truth)),
        Literal::Null | Literal::Duration(_) => None,
    }
}

fn branches(walker: &mut Walker, call: &Call, depth: Depth) {
    let [_, then, rest @ ..] = call.args.as_slice() else {
        walker.found.push(errors::argument_count(call, 2, Some(3)));
        return;
    };
    let then = visit::argument(then);
    let kind = |expr: &Expr| types::type_of(walker.scope, expr);
    let found = match rest {
        _ if depth == Depth::Name => None,
        [] => else_missing(call, then, kind(then)),
        [other] => {
            let other = visit::argument(other);
            let families = kind(then).map(Family::of).zip(kind(other).map(Family::of));
            families
                .filter(|(left, right)| left != right)
                .map(|(left, right)| errors::if_branches(other.span, left, right))
        }
        [_, _, ..] => Some(errors::argument_count(call, 2, Some(3))),
    };
    walker.found.extend(found);
}

/// Only a number written out may go without: it stands for 0 otherwise.
fn else_missing(call: &Call, then: &Expr, kind: Option<Type>) -> Option<Diagnostic> {
    let number = kind.map(Family::of) == Some(Family::Number);
    let named = matches!(then.kind, ExprKind::Variable(_) | ExprKind::Field(_));
    (kind.is_some() && (!number || named)).then(|| errors::else_missing(call.name.span, kind))
}

fn aggregate_call(walker: &mut Walker, call: &Call, aggregate: &Aggregate, depth: Depth) {
    let (least, most) = aggregate.arguments.bounds();
    let index = aggregate.arguments.value_index();
    let argument = arguments(call).nth(index).filter(|_| (least..=most).contains(&call.args.len()));
    let Some(argument) = argument else {
        walker.found.push(errors::argument_count(call, least, Some(most)));
        return;
    };
    if depth == Depth::Arguments {
        beside_the_value(walker, call, aggregate.arguments);
    }
    let family = types::type_of(walker.scope, argument).map(Family::of);
    let fits = match aggregate.takes {
        Takes::Number => family.is_none_or(|family| family == Family::Number),
        Takes::Time => family.is_none_or(|family| family == Family::Time),
        // A column of a stage is one value of its row, a list too.
        Takes::Any => family != Some(Family::List) || is_column_of_stage(walker, argument),
    };
    // An aggregate of an aggregate is told as such.
    let twice = aggregation::inside(walker.scope, &call.name.node, argument).is_some();
    if let (false, false, Some(family), Depth::Arguments) = (fits, twice, family, depth) {
        walker.found.push(errors::aggregate_kind(call, argument.span, aggregate.takes, family));
    }
}

fn is_column_of_stage(walker: &Walker, expr: &Expr) -> bool {
    expr.as_field().is_some_and(|field| fields::is_foreign(walker.scope, field))
}

/// What an aggregate takes beside its value.
fn beside_the_value(walker: &mut Walker, call: &Call, beside: Arguments) {
    let (at, wanted) = match beside {
        Arguments::Value => return,
        Arguments::MayIgnoreZeros => (1, Kind::Bool),
        Arguments::SortedValue => (0, Kind::Int),
    };
    if let Some(expr) = arguments(call).nth(at) {
        scalar(walker, call, wanted, expr);
    }
}
