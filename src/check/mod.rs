//! What is wrong with a rule beyond its form: names, arguments, patterns.

use crate::aggregates;
use crate::diag::{Diagnostic, codes};
use crate::functions::{self, Function, Kind};
use crate::regex::Pattern;
use crate::schema::{self, FieldError, Root, nearest};
use crate::syntax::ast::{
    Arg, Assignment, Body, Call, Expr, ExprKind, FieldRef, File, Literal, Rule, Segment, Stmt, Unit,
};
use crate::syntax::walk;
use crate::text::Span;
use crate::value::Value;
use crate::value::operators::Case;

/// Everything wrong with the rules of a file beyond their form.
pub fn check(file: &File) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for unit in &file.units {
        match unit {
            Unit::Rule(rule) => body(&rule.body, &mut found),
            Unit::Search(search) => {
                search.stages.iter().for_each(|stage| body(&stage.body, &mut found));
                body(&search.root, &mut found);
            }
        }
    }
    found
}

/// What of a rule is valid but not run here; a plan names the rest when it is made.
pub fn unsupported(rule: &Rule) -> Vec<Diagnostic> {
    let setup = rule.setup.as_ref().map(|section| (section.heading.0, "`setup`"));
    let export = rule.export.as_ref().map(|section| (section.heading.0, "`export`"));
    [setup, export]
        .into_iter()
        .flatten()
        .map(|(span, what)| not_run(span, format!("{what} is not run yet")))
        .collect()
}

/// Something valid that this program does not run yet.
pub fn not_run(span: Span, why: String) -> Diagnostic {
    Diagnostic::new(&codes::NOT_RUN, span, why)
}

fn body(body: &Body, found: &mut Vec<Diagnostic>) {
    let statements = body.events.iter().chain(&body.condition).flat_map(|section| &section.items);
    for stmt in statements {
        match stmt {
            Stmt::Predicate(expr) => walk(expr, &mut |part| expression(part, found)),
            Stmt::Broken(_) => {}
        }
    }
    for item in body.outcome.iter().flat_map(|section| &section.items) {
        match item {
            Assignment::Set { value, .. } => walk(value, &mut |part| expression(part, found)),
            Assignment::Broken(_) => {}
        }
    }
}

fn expression(expr: &Expr, found: &mut Vec<Diagnostic>) {
    match &expr.kind {
        ExprKind::Field(field) | ExprKind::Quantified(_, field) => path(field, expr.span, found),
        ExprKind::Call(one) => call(one, expr.span, found),
        ExprKind::Literal(Literal::Regex(text)) => pattern(text, expr.span, found),
        _ => {}
    }
}

fn path(field: &FieldRef, span: Span, found: &mut Vec<Diagnostic>) {
    let first = field.segments.first().map(|segment| segment.name.node.as_str());
    if field.variable.is_none() && matches!(first, Some("window_start" | "window_end")) {
        return;
    }
    if let Err(error) = schema::resolve(field, Root::Udm) {
        found.push(field_error(&field.segments, span, error));
    }
}

fn field_error(segments: &[Segment], span: Span, error: FieldError) -> Diagnostic {
    let name = |index: usize| segments.get(index).map_or("", |segment| segment.name.node.as_str());
    let at = |index: usize| segments.get(index).map_or(span, |segment| segment.name.span);
    let new = |index: usize, message: String| Diagnostic::new(&codes::UNKNOWN_FIELD, at(index), message);
    match error {
        FieldError::Unknown { segment, within, near } => {
            let place = if within.is_empty() { "an event".to_owned() } else { format!("`{within}`") };
            new(segment, format!("{place} has no field `{}`", name(segment)))
                .maybe_help(near.map(|near| format!("did you mean `{near}`?")))
        }
        FieldError::NotMessage { segment } => {
            new(segment, format!("`{}` stands below a field that has no fields", name(segment)))
                .help("end the path one step earlier")
        }
        FieldError::NotList { segment } => {
            new(segment, format!("`{}` is no list, so it has no index", name(segment)))
                .help("leave out the brackets")
        }
        FieldError::NotMap { segment } => new(segment, format!("`{}` is not read by a key", name(segment)))
            .help("a key in brackets works on lists of labels and after `.fields`"),
        FieldError::PartlyIndexed { segment } => {
            new(segment, format!("the list `{}` has no index, though another of the path has", name(segment)))
                .help("write an index after every list of the path, or after none")
        }
        FieldError::Empty => Diagnostic::new(&codes::UNKNOWN_FIELD, span, "the path leads to no field"),
    }
}

fn call(call: &Call, span: Span, found: &mut Vec<Diagnostic>) {
    let name = call.name.node.as_str();
    if name == "if" || name == "group" || aggregates::find(name).is_some() {
        return;
    }
    if name.starts_with("metrics.") || name.starts_with("window.") || name.starts_with("period_start_for_") {
        return;
    }
    match functions::find(name) {
        Some(function) => arguments(function, call, span, found),
        None => found.push(unknown_function(call)),
    }
}

fn unknown_function(call: &Call) -> Diagnostic {
    let name = call.name.node.as_str();
    let known =
        functions::all().iter().map(|row| row.name).chain(aggregates::all().iter().map(|row| row.name));
    let near = nearest(name, known.chain(["if"]));
    Diagnostic::new(&codes::UNKNOWN_FUNCTION, call.name.span, format!("there is no function `{name}`"))
        .maybe_help(near.map(|near| format!("did you mean `{near}`?")))
}

fn arguments(function: &Function, call: &Call, span: Span, found: &mut Vec<Diagnostic>) {
    let needed = function.params.iter().filter(|param| param.need == functions::Need::Required).count();
    let given = call.args.len();
    if given < needed || (given > function.params.len() && function.rest.is_none()) {
        let message = format!("`{}` does not take {given} arguments", function.name);
        let names: Vec<&str> = function.params.iter().map(|param| param.name).collect();
        let help = format!("it takes `{}({})`", function.name, names.join(", "));
        return found.push(Diagnostic::new(&codes::WRONG_COUNT, span, message).help(help));
    }
    verify(function, call, found);
}

fn verify(function: &Function, call: &Call, found: &mut Vec<Diagnostic>) {
    let case = if call.nocase.is_some() { Case::Fold } else { Case::Exact };
    let args: Vec<&Expr> = call.args.iter().filter_map(plain).collect();
    let mut compiled = None;
    for (param, arg) in function.params.iter().zip(&args) {
        let ExprKind::Literal(Literal::Text(text) | Literal::Raw(text)) = &arg.kind else { continue };
        if param.kind == Kind::Pattern {
            match Pattern::parse(text, case) {
                Ok(pattern) => compiled = Some(pattern),
                Err(_) => return pattern(text, arg.span, found),
            }
        }
    }
    let Some(verify) = function.verify else { return };
    let literals: Vec<Option<Value<'static>>> = args.iter().map(|arg| literal(arg)).collect();
    if let Err(bad) = verify(&literals, compiled.as_ref()) {
        let span = args.get(bad.index).map_or(call.name.span, |arg| arg.span);
        found.push(Diagnostic::new(&codes::BAD_ARGUMENT, span, bad.message).help(bad.help));
    }
}

fn plain(arg: &Arg) -> Option<&Expr> {
    match arg {
        Arg::Plain(expr) => Some(expr),
        Arg::Named(..) => None,
    }
}

fn literal(expr: &Expr) -> Option<Value<'static>> {
    match &expr.kind {
        ExprKind::Literal(Literal::Text(text) | Literal::Raw(text) | Literal::Regex(text)) => {
            Some(Value::owned(text.clone()))
        }
        ExprKind::Literal(Literal::Int(number)) => i64::try_from(*number).ok().map(Value::Int),
        ExprKind::Literal(Literal::Float(number)) => Some(Value::Float(*number)),
        ExprKind::Literal(Literal::Bool(truth)) => Some(Value::Bool(*truth)),
        _ => None,
    }
}

fn pattern(text: &str, span: Span, found: &mut Vec<Diagnostic>) {
    if let Err(error) = Pattern::parse(text, Case::Exact) {
        found.push(Diagnostic::new(&codes::BAD_PATTERN, span, error.message).maybe_help(error.help));
    }
}
