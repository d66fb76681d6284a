//! What `=`, `<`, `+` and their kin mean for two values.

use std::cmp::Ordering;

use super::{Value, number};

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// `=`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

/// An arithmetic operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ArithOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`, always a float
    Div,
    /// `%`, whole numbers only
    Rem,
}

/// Whether letters of different case are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Case {
    /// They differ.
    Exact,
    /// They do not: Unicode simple folding.
    Fold,
}

impl CompareOp {
    /// As written in a rule.
    pub fn symbol(self) -> &'static str {
        match self {
            CompareOp::Eq => "=",
            CompareOp::Ne => "!=",
            CompareOp::Lt => "<",
            CompareOp::Le => "<=",
            CompareOp::Gt => ">",
            CompareOp::Ge => ">=",
        }
    }

    /// The same test with its sides exchanged.
    #[must_use]
    pub fn mirrored(self) -> CompareOp {
        match self {
            CompareOp::Eq => CompareOp::Eq,
            CompareOp::Ne => CompareOp::Ne,
            CompareOp::Lt => CompareOp::Gt,
            CompareOp::Le => CompareOp::Ge,
            CompareOp::Gt => CompareOp::Lt,
            CompareOp::Ge => CompareOp::Le,
        }
    }

    /// Does it order its sides, rather than tell them apart?
    pub fn is_ordering(self) -> bool {
        match self {
            CompareOp::Eq | CompareOp::Ne => false,
            CompareOp::Lt | CompareOp::Le | CompareOp::Gt | CompareOp::Ge => true,
        }
    }

    /// Does it hold for two sides in this order? Sides in no order satisfy `!=` alone.
    pub fn holds(self, order: Option<Ordering>) -> bool {
        match (self, order) {
            (CompareOp::Eq, order) => order == Some(Ordering::Equal),
            (CompareOp::Ne, order) => order != Some(Ordering::Equal),
            (_, None) => false,
            (CompareOp::Lt, Some(order)) => order.is_lt(),
            (CompareOp::Le, Some(order)) => order.is_le(),
            (CompareOp::Gt, Some(order)) => order.is_gt(),
            (CompareOp::Ge, Some(order)) => order.is_ge(),
        }
    }
}

impl ArithOp {
    /// As written in a rule.
    pub fn symbol(self) -> &'static str {
        match self {
            ArithOp::Add => "+",
            ArithOp::Sub => "-",
            ArithOp::Mul => "*",
            ArithOp::Div => "/",
            ArithOp::Rem => "%",
        }
    }
}

/// `left op right`. Numbers compare by value, text bytewise. Values of different kinds are told apart by their text, and
/// ordered as numbers where the text is one.
///
/// ```
/// # use yaral::value::{Value, operators::{compare, Case, CompareOp}};
/// assert!(compare(CompareOp::Eq, &Value::Int(443), &Value::text("443"), Case::Exact));
/// assert!(compare(CompareOp::Lt, &Value::Int(9), &Value::text("10"), Case::Exact));
/// assert!(compare(CompareOp::Eq, &Value::text("A"), &Value::text("a"), Case::Fold));
/// ```
pub fn compare(op: CompareOp, left: &Value, right: &Value, case: Case) -> bool {
    op.holds(order(op, left, right, case))
}

fn order(op: CompareOp, left: &Value, right: &Value, case: Case) -> Option<Ordering> {
    match (left, right) {
        (Value::Text(a), Value::Text(b)) => Some(text_order(a, b, case)),
        (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
        (Value::Time(time), Value::Text(text)) => Some(time.cmp(&super::Timestamp::parse(text)?)),
        (Value::Text(text), Value::Time(time)) => Some(super::Timestamp::parse(text)?.cmp(time)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        _ => numbers(left, right).unwrap_or_else(|| mixed(op, left, right, case)),
    }
}

/// The order of two numbers; nothing where one is not a number.
fn numbers(left: &Value, right: &Value) -> Option<Option<Ordering>> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => Some(Some(a.cmp(b))),
        (Value::Uint(a), Value::Uint(b)) => Some(Some(a.cmp(b))),
        (Value::Int(a), Value::Uint(b)) => Some(Some(u64::try_from(*a).map_or(Ordering::Less, |a| a.cmp(b)))),
        (Value::Uint(a), Value::Int(b)) => {
            Some(Some(u64::try_from(*b).map_or(Ordering::Greater, |b| a.cmp(&b))))
        }
        _ => Some(left.as_f64()?.partial_cmp(&right.as_f64()?)),
    }
}

fn mixed(op: CompareOp, left: &Value, right: &Value, case: Case) -> Option<Ordering> {
    let (a, b) = (left.to_text(), right.to_text());
    if op.is_ordering()
        && let (Some(a), Some(b)) = (parse_number(&a), parse_number(&b))
    {
        return numbers(&a, &b).flatten();
    }
    Some(text_order(&a, &b, case))
}

/// A text that counts as a number: an optional sign, digits, and an optional decimal part.
pub fn parse_number(text: &str) -> Option<Value<'static>> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    if let Ok(number) = text.parse() {
        return Some(Value::Int(number));
    }
    text.parse().ok().map(Value::Uint).or_else(|| text.parse().ok().map(Value::Float))
}

fn text_order(left: &str, right: &str, case: Case) -> Ordering {
    match case {
        Case::Exact => left.as_bytes().cmp(right.as_bytes()),
        Case::Fold => folded(left).cmp(folded(right)),
    }
}

/// Are the two texts the same under `case`?
pub fn text_equal(left: &str, right: &str, case: Case) -> bool {
    match case {
        Case::Exact => left == right,
        Case::Fold => {
            left.eq_ignore_ascii_case(right) || (needs_folding(left, right) && folded(left).eq(folded(right)))
        }
    }
}

/// Two ASCII texts that differ beyond ASCII case cannot meet by Unicode folding.
fn needs_folding(left: &str, right: &str) -> bool {
    !(left.is_ascii() && right.is_ascii())
}

/// The characters of a text under Unicode simple folding: every character goes to the lower case of its upper case where
/// both are single characters, so that `ſ`, `S` and `s` meet, and `K` (Kelvin), `K` and `k`.
pub fn folded(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().map(fold)
}

fn fold(letter: char) -> char {
    if letter.is_ascii() {
        return letter.to_ascii_lowercase();
    }
    single(single(letter, char::to_uppercase), char::to_lowercase)
}

fn single<I: Iterator<Item = char>>(letter: char, change: fn(char) -> I) -> char {
    let mut changed = change(letter);
    match (changed.next(), changed.next()) {
        (Some(one), None) => one,
        _ => letter,
    }
}

/// A result out of range is a zero value and is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overflow;

/// `left op right` on numbers; what is not a number counts as 0. `/` always gives a float, by zero gives 0; `%` takes
/// the sign of the left side, by zero gives 0.
///
/// # Errors
/// [`Overflow`] where the result leaves the whole numbers of 64 bits or the finite doubles.
pub fn arithmetic(op: ArithOp, left: &Value, right: &Value) -> Result<Value<'static>, Overflow> {
    match (whole(left), whole(right), op) {
        (Some(a), Some(b), ArithOp::Add) => whole_value(a.checked_add(b)),
        (Some(a), Some(b), ArithOp::Sub) => whole_value(a.checked_sub(b)),
        (Some(a), Some(b), ArithOp::Mul) => whole_value(a.checked_mul(b)),
        (Some(a), Some(b), ArithOp::Rem) => whole_value(Some(a.checked_rem(b).unwrap_or(0))),
        _ => float_arithmetic(op, left.as_f64().unwrap_or(0.0), right.as_f64().unwrap_or(0.0)),
    }
}

fn whole(value: &Value) -> Option<i128> {
    match value {
        Value::Int(number) => Some(i128::from(*number)),
        Value::Uint(number) => Some(i128::from(*number)),
        Value::Text(_)
        | Value::Bytes(_)
        | Value::Float(_)
        | Value::Bool(_)
        | Value::Time(_)
        | Value::List(_) => None,
    }
}

/// The value of a whole number: signed where it fits, else unsigned.
///
/// # Errors
/// [`Overflow`] where it fits neither.
pub fn whole_value(number: Option<i128>) -> Result<Value<'static>, Overflow> {
    let number = number.ok_or(Overflow)?;
    match i64::try_from(number) {
        Ok(signed) => Ok(Value::Int(signed)),
        Err(_) => u64::try_from(number).map(Value::Uint).map_err(|_| Overflow),
    }
}

fn float_arithmetic(op: ArithOp, left: f64, right: f64) -> Result<Value<'static>, Overflow> {
    let result = match op {
        ArithOp::Add => left + right,
        ArithOp::Sub => left - right,
        ArithOp::Mul => left * right,
        ArithOp::Div if right == 0.0 => 0.0,
        ArithOp::Div => left / right,
        ArithOp::Rem if right == 0.0 => 0.0,
        ArithOp::Rem => left % right,
    };
    if result.is_finite() { Ok(Value::Float(result)) } else { Err(Overflow) }
}

/// An order over values of any kind, for sorting and for distinct counts: numbers by value, then text, then the rest.
pub fn total_order(left: &Value, right: &Value) -> Ordering {
    let rank = |value: &Value| match value {
        Value::Bool(_) => 0,
        Value::Int(_) | Value::Uint(_) | Value::Float(_) => 1,
        Value::Time(_) => 2,
        Value::Text(_) => 3,
        Value::Bytes(_) => 4,
        Value::List(_) => 5,
    };
    rank(left).cmp(&rank(right)).then_with(|| match (left, right) {
        (Value::Bytes(a), Value::Bytes(b)) => a.cmp(b),
        (Value::Float(a), Value::Float(b)) => a.total_cmp(b),
        (Value::List(a), Value::List(b)) => {
            let pairs = a.iter().zip(b).map(|(a, b)| total_order(a, b));
            pairs.fold(Ordering::Equal, Ordering::then).then(a.len().cmp(&b.len()))
        }
        _ => order(CompareOp::Lt, left, right, Case::Exact).unwrap_or(Ordering::Equal),
    })
}

/// `number` as a double, for aggregates; what is not a number counts as 0.
pub fn to_double(value: &Value) -> f64 {
    match value {
        Value::Bool(true) => 1.0,
        Value::Time(time) => number::to_f64(time.seconds()),
        Value::Text(_)
        | Value::Bytes(_)
        | Value::Int(_)
        | Value::Uint(_)
        | Value::Float(_)
        | Value::Bool(false)
        | Value::List(_) => value.as_f64().unwrap_or(0.0),
    }
}
