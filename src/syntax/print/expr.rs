//! Expressions as text, with parentheses where the ladder of operators asks for them and nowhere else.

use crate::syntax::ast::{
    Access, Arg, Call, Comparison, Expr, ExprKind, FieldRef, InList, ListKind, ListRef, Literal, Place,
    Quantifier, Threshold,
};
use crate::value::operators::ArithOp;

/// How tightly an expression binds, loosest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Or,
    And,
    Not,
    Compare,
    Sum,
    Product,
    Unit,
}

/// One expression.
pub fn print_expr(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Or(parts) => chain(parts, " or ", Level::And),
        ExprKind::And(parts) => chain(parts, " and ", Level::Not),
        ExprKind::Not(inner) => format!("not {}", at_least(inner, Level::Not)),
        ExprKind::Compare(comparison) => compare(comparison),
        ExprKind::In(list) => in_list(list),
        ExprKind::IsNull(inner) => format!("{} is null", at_least(inner, Level::Sum)),
        ExprKind::Arith(op, left, right) => arith(*op, left, right),
        ExprKind::Negative(inner) => format!("-{}", at_least(inner, Level::Unit)),
        ExprKind::Call(written) => call(written),
        ExprKind::Quantified(Quantifier::Any, path) => format!("any {}", field(path)),
        ExprKind::Quantified(Quantifier::All, path) => format!("all {}", field(path)),
        ExprKind::Field(path) => field(path),
        ExprKind::Variable(name) => format!("${}", name.node),
        ExprKind::Count(name) => format!("#{}", name.node),
        ExprKind::Absent(name) => format!("!${}", name.node),
        ExprKind::List(list) => list_ref(list),
        ExprKind::Of(threshold, parts) => format!("{} of {}", threshold_text(threshold), array(parts)),
        ExprKind::Array(parts) => array(parts),
        ExprKind::Literal(value) => literal(value),
    }
}

fn level(expr: &Expr) -> Level {
    match &expr.kind {
        ExprKind::Or(_) => Level::Or,
        ExprKind::And(_) => Level::And,
        ExprKind::Not(_) => Level::Not,
        ExprKind::Compare(_) | ExprKind::In(_) | ExprKind::IsNull(_) => Level::Compare,
        ExprKind::Arith(ArithOp::Add | ArithOp::Sub, ..) => Level::Sum,
        ExprKind::Arith(ArithOp::Mul | ArithOp::Div | ArithOp::Rem, ..) => Level::Product,
        ExprKind::Call(call) if call.nocase.is_some() => Level::Compare,
        ExprKind::Negative(_)
        | ExprKind::Call(_)
        | ExprKind::Quantified(..)
        | ExprKind::Field(_)
        | ExprKind::Variable(_)
        | ExprKind::Count(_)
        | ExprKind::Absent(_)
        | ExprKind::List(_)
        | ExprKind::Of(..)
        | ExprKind::Array(_)
        | ExprKind::Literal(_) => Level::Unit,
    }
}

fn at_least(expr: &Expr, least: Level) -> String {
    if level(expr) < least { format!("({})", print_expr(expr)) } else { print_expr(expr) }
}

fn chain(parts: &[Expr], joint: &str, least: Level) -> String {
    parts.iter().map(|part| at_least(part, least)).collect::<Vec<_>>().join(joint)
}

fn nocase(place: Option<Place>) -> &'static str {
    if place.is_some() { " nocase" } else { "" }
}

fn compare(comparison: &Comparison) -> String {
    let Comparison { op, left, right, nocase: fold } = comparison;
    let (left, right) = (at_least(left, Level::Sum), at_least(right, Level::Sum));
    format!("{left} {} {right}{}", op.node.symbol(), nocase(*fold))
}

fn in_list(list: &InList) -> String {
    let kind = match list.kind {
        ListKind::Plain => "",
        ListKind::Regex => "regex ",
        ListKind::Cidr => "cidr ",
    };
    let not = if list.negated.is_some() { "not " } else { "" };
    let (value, of) = (at_least(&list.value, Level::Sum), at_least(&list.list, Level::Unit));
    format!("{value} {not}in {kind}{of}{}", nocase(list.nocase))
}

fn arith(op: ArithOp, left: &Expr, right: &Expr) -> String {
    let (own, tighter) = match op {
        ArithOp::Add | ArithOp::Sub => (Level::Sum, Level::Product),
        ArithOp::Mul | ArithOp::Div | ArithOp::Rem => (Level::Product, Level::Unit),
    };
    format!("{} {} {}", at_least(left, own), op.symbol(), at_least(right, tighter))
}

fn call(call: &Call) -> String {
    let args: Vec<String> = call.args.iter().map(arg).collect();
    format!("{}({}){}", call.name.node, args.join(", "), nocase(call.nocase))
}

fn arg(arg: &Arg) -> String {
    match arg {
        Arg::Plain(value) => print_expr(value),
        Arg::Named(name, value) => format!("{}: {}", name.node, print_expr(value)),
    }
}

fn array(parts: &[Expr]) -> String {
    format!("[{}]", parts.iter().map(print_expr).collect::<Vec<_>>().join(", "))
}

fn threshold_text(threshold: &Threshold) -> String {
    match threshold {
        Threshold::AtLeast(count) => count.to_string(),
        Threshold::Any => "any".to_owned(),
        Threshold::All => "all".to_owned(),
    }
}

fn field(field: &FieldRef) -> String {
    let mut parts: Vec<String> = field.variable.iter().map(|name| format!("${}", name.node)).collect();
    for segment in &field.segments {
        parts.push(match &segment.access {
            None => segment.name.node.clone(),
            Some(Access::Index(index)) => format!("{}[{}]", segment.name.node, index.node),
            Some(Access::Key(key)) => format!("{}[{}]", segment.name.node, quote(&key.node)),
        });
    }
    parts.join(".")
}

fn list_ref(list: &ListRef) -> String {
    match &list.column {
        Some(column) => format!("%{}.{}", list.name.node, column.node),
        None => format!("%{}", list.name.node),
    }
}

fn literal(literal: &Literal) -> String {
    match literal {
        Literal::Text(text) => quote(text),
        Literal::Raw(text) => format!("`{text}`"),
        Literal::Regex(pattern) => format!("/{}/", slashed(pattern)),
        Literal::Int(number) => number.to_string(),
        Literal::Float(number) => float(*number),
        Literal::Bool(truth) => truth.to_string(),
        Literal::Null => "null".to_owned(),
        Literal::Duration(length) => length.to_text(),
    }
}

/// A float never prints as a whole number.
fn float(number: f64) -> String {
    let text = number.to_string();
    if text.contains('.') { text } else { format!("{text}.0") }
}

/// A string in double quotes with the escapes it needs.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// A pattern with its slashes escaped again.
fn slashed(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '/' => out.push_str("\\/"),
            '\\' => {
                out.push(c);
                out.extend(chars.next());
            }
            other => out.push(other),
        }
    }
    out
}
