//! Expressions: predicates and values alike, with what they are made of.

use super::{Name, Place};
use crate::text::{Span, Spanned};
use crate::value::Duration;
use crate::value::operators::{ArithOp, CompareOp};

/// An expression: one ladder for predicates and values alike, types come later. Parentheses leave no node of their own,
/// but the span of a parenthesised expression includes them.
#[derive(Debug, Clone)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where.
    pub span: Span,
}

impl PartialEq for Expr {
    fn eq(&self, other: &Expr) -> bool {
        self.kind == other.kind
    }
}

impl Expr {
    /// How it is made of conditions.
    pub fn logic(&self) -> Logic<'_> {
        match &self.kind {
            ExprKind::And(parts) => Logic::And(parts),
            ExprKind::Or(parts) => Logic::Or(parts),
            ExprKind::Of(threshold, parts) => Logic::Of(threshold, parts),
            ExprKind::Not(inner) => Logic::Not(inner),
            ExprKind::Compare(_)
            | ExprKind::In(_)
            | ExprKind::IsNull(_)
            | ExprKind::Arith(..)
            | ExprKind::Negative(_)
            | ExprKind::Call(_)
            | ExprKind::Quantified(..)
            | ExprKind::Field(_)
            | ExprKind::Variable(_)
            | ExprKind::Count(_)
            | ExprKind::Absent(_)
            | ExprKind::List(_)
            | ExprKind::Array(_)
            | ExprKind::Literal(_) => Logic::Alone,
        }
    }

    /// A field without `any` or `all`.
    pub fn as_field(&self) -> Option<&FieldRef> {
        if let ExprKind::Field(field) = &self.kind { Some(field) } else { None }
    }

    /// A field, be it after `any` or `all` or not.
    pub fn as_any_field(&self) -> Option<&FieldRef> {
        if let ExprKind::Field(field) | ExprKind::Quantified(_, field) = &self.kind {
            Some(field)
        } else {
            None
        }
    }

    /// `$x`
    pub fn as_variable(&self) -> Option<&Name> {
        if let ExprKind::Variable(name) = &self.kind { Some(name) } else { None }
    }

    /// A comparison.
    pub fn as_compare(&self) -> Option<&Comparison> {
        if let ExprKind::Compare(comparison) = &self.kind { Some(comparison) } else { None }
    }

    /// A function or an aggregate.
    pub fn as_call(&self) -> Option<&Call> {
        if let ExprKind::Call(call) = &self.kind { Some(call) } else { None }
    }

    /// A literal.
    pub fn as_literal(&self) -> Option<&Literal> {
        if let ExprKind::Literal(literal) = &self.kind { Some(literal) } else { None }
    }

    /// The text of a string in either kind of quotes.
    pub fn as_text(&self) -> Option<&str> {
        if let Literal::Text(text) | Literal::Raw(text) = self.as_literal()? { Some(text) } else { None }
    }

    /// `%list` or `%table.column`
    pub fn as_list(&self) -> Option<&ListRef> {
        if let ExprKind::List(list) = &self.kind { Some(list) } else { None }
    }

    /// `%table.column`
    pub fn as_column(&self) -> Option<&ListRef> {
        self.as_list().filter(|list| list.column.is_some())
    }
}

/// How an expression is made of conditions.
#[derive(Debug, Clone, Copy)]
pub enum Logic<'e> {
    /// `a and b`
    And(&'e [Expr]),
    /// `a or b`
    Or(&'e [Expr]),
    /// `2 of [a, b]`
    Of(&'e Threshold, &'e [Expr]),
    /// `not a`
    Not(&'e Expr),
    /// It is one by itself.
    Alone,
}

/// The kinds of expression.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// `a or b or c`; two or more.
    Or(Vec<Expr>),
    /// `a and b and c`; two or more.
    And(Vec<Expr>),
    /// `not a`
    Not(Box<Expr>),
    /// `a = b`, with an optional `nocase`
    Compare(Box<Comparison>),
    /// `a in regex %list nocase`
    In(Box<InList>),
    /// `a is null`, `a is not null`; never run, kept for the checker
    IsNull(Box<Expr>),
    /// `a + b`
    Arith(ArithOp, Box<Expr>, Box<Expr>),
    /// `-a`; never valid, kept for the checker's help
    Negative(Box<Expr>),
    /// `strings.concat(a, b)`, `max(a)`, `if(a, b, c)`
    Call(Call),
    /// `any $e.target.ip`, `all principal.ip`
    Quantified(Quantifier, FieldRef),
    /// `$e.target.ip`, `principal.ip` (searches), `window_start`
    Field(FieldRef),
    /// `$x`: an event variable, placeholder or outcome
    Variable(Name),
    /// `#x`
    Count(Name),
    /// `!$x`
    Absent(Name),
    /// `%list` or `%table.column`
    List(ListRef),
    /// `2 of [a, b]`, `any of [a, b]`, `all of [a, b]`
    Of(Threshold, Vec<Expr>),
    /// `[a, b]`; never valid outside `of` and `setup`, kept for the checker
    Array(Vec<Expr>),
    /// A literal.
    Literal(Literal),
}

/// `left op right nocase`
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The operator.
    pub op: Spanned<CompareOp>,
    /// Left side.
    pub left: Expr,
    /// Right side.
    pub right: Expr,
    /// The word `nocase`, where written.
    pub nocase: Option<Place>,
}

/// Whether a comparison of a number of events or values holds only where there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It does: `#e > 0`.
    One,
    /// It holds without any, or depends on more than a number: `#e >= 0`, `#e < 3`, `#a < #b`.
    None,
}

impl Comparison {
    /// The variables whose number stands on one side, and whether the other side asks for one (`language.md` §6).
    pub fn counted(&self) -> impl Iterator<Item = (&Name, Need)> {
        let op = self.op.node;
        let sides = [(&self.left, op, &self.right), (&self.right, op.mirrored(), &self.left)];
        sides.into_iter().filter_map(|(side, op, other)| {
            let ExprKind::Count(name) = &side.kind else { return None };
            Some((name, need(op, other)))
        })
    }
}

fn need(op: CompareOp, other: &Expr) -> Need {
    let positive = match other.as_literal() {
        Some(Literal::Int(number)) => *number > 0,
        Some(Literal::Float(number)) => *number > 0.0,
        Some(
            Literal::Text(_)
            | Literal::Raw(_)
            | Literal::Regex(_)
            | Literal::Bool(_)
            | Literal::Null
            | Literal::Duration(_),
        )
        | None => return Need::None,
    };
    match op {
        CompareOp::Gt => Need::One,
        CompareOp::Ge | CompareOp::Eq if positive => Need::One,
        CompareOp::Ge | CompareOp::Eq | CompareOp::Ne | CompareOp::Lt | CompareOp::Le => Need::None,
    }
}

/// `value in kind %list nocase`
#[derive(Debug, Clone, PartialEq)]
pub struct InList {
    /// What is looked up.
    pub value: Expr,
    /// How lines are compared.
    pub kind: ListKind,
    /// Normally a list or a table's column.
    pub list: Expr,
    /// The word `nocase`, where written.
    pub nocase: Option<Place>,
    /// `not` before `in`; never valid, kept for the checker's help.
    pub negated: Option<Place>,
}

/// How the lines of a list are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ListKind {
    /// `in %l`: as strings.
    Plain,
    /// `in regex %l`
    Regex,
    /// `in cidr %l`
    Cidr,
}

/// A function or aggregate call.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Dotted name as written: `re.regex`, `max`, `if`.
    pub name: Name,
    /// In order.
    pub args: Vec<Arg>,
    /// `nocase` after the closing parenthesis.
    pub nocase: Option<Place>,
}

/// An argument.
#[derive(Debug, Clone, PartialEq)]
pub enum Arg {
    /// `expression`
    Plain(Expr),
    /// `period: 1d`, `principal.user.userid: $u` (metrics functions)
    Named(Name, Expr),
}

/// `any` or `all` before a repeated field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantifier {
    /// At least one element.
    Any,
    /// Every element.
    All,
}

/// How many of a list of conditions must hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Threshold {
    /// `N of`: at least so many.
    AtLeast(u64),
    /// `any of`
    Any,
    /// `all of`
    All,
}

/// A field: `$e.target.ip[0]`, `$e.additional.fields["k"]`, or without variable in searches.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldRef {
    /// The variable before the first point, without `$`.
    pub variable: Option<Name>,
    /// The words of the path with their indexes and keys; a source word (`udm`, `graph`, `detection`) comes first where written.
    pub segments: Vec<Segment>,
}

/// One step of a field's path.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// The word.
    pub name: Name,
    /// `[0]` or `["key"]` after it.
    pub access: Option<Access>,
}

/// What stands in brackets after a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Access {
    /// `[0]`
    Index(Spanned<u64>),
    /// `["key"]`
    Key(Spanned<String>),
}

/// `%list` or `%table.column`
#[derive(Debug, Clone, PartialEq)]
pub struct ListRef {
    /// Without `%`.
    pub name: Name,
    /// After the point.
    pub column: Option<Name>,
}

/// A literal.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `"…"`, unescaped; an unknown escape keeps its backslash.
    Text(String),
    /// A raw string in back quotes: no escapes at all.
    Raw(String),
    /// `/…/` with `\/` read as `/`, all else as written.
    Regex(String),
    /// A whole number up to 2^64 - 1. Larger ones do not parse.
    Int(u64),
    /// `1.5`
    Float(f64),
    /// `true`, `false`
    Bool(bool),
    /// `null`; never valid, kept for the checker's help
    Null,
    /// `30m`, `1d` (options and named arguments)
    Duration(Duration),
}
