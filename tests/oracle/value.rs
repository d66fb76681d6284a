//! Values of the oracle: what they are, how they compare, and how they are counted with.

use std::cmp::Ordering;

use yaral::value::Timestamp;
use yaral::value::operators::{ArithOp, CompareOp};

use crate::world;

/// A value. Whole numbers are wide enough for both 64-bit ranges; times are nanoseconds since the epoch.
#[derive(Debug, Clone, PartialEq)]
pub enum V {
    Text(String),
    Int(i128),
    Float(f64),
    Bool(bool),
    Time(i64),
    List(Vec<V>),
}

impl V {
    pub fn text(text: &str) -> V {
        V::Text(text.to_owned())
    }

    pub fn count(number: usize) -> V {
        V::Int(number as i128)
    }

    pub fn is_true(&self) -> bool {
        *self == V::Bool(true)
    }

    /// The text the language gives a value.
    pub fn shown(&self) -> String {
        match self {
            V::Text(text) => text.clone(),
            V::Int(number) => number.to_string(),
            V::Float(number) => float_text(*number),
            V::Bool(truth) => truth.to_string(),
            V::Time(nanos) => Timestamp(*nanos).to_rfc3339(),
            V::List(items) => items.iter().map(V::shown).collect::<Vec<_>>().join(", "),
        }
    }

    pub fn number(&self) -> Option<f64> {
        match self {
            V::Int(number) => Some(*number as f64),
            V::Float(number) => Some(*number),
            V::Text(_) | V::Bool(_) | V::Time(_) | V::List(_) => None,
        }
    }

    /// Under which a value is told apart from others of its kind, and sorted in no order that means anything.
    pub fn identity(&self) -> String {
        match self {
            V::Text(text) => format!("t{text}"),
            V::Int(_) | V::Float(_) => format!("n{}", self.shown()),
            V::Bool(truth) => format!("b{truth}"),
            V::Time(nanos) => format!("d{nanos}"),
            V::List(items) => format!("l{:?}", items.iter().map(V::identity).collect::<Vec<_>>()),
        }
    }

    /// The zero value of the same kind?
    pub fn is_zero(&self) -> bool {
        match self {
            V::Text(text) => text.is_empty(),
            V::Int(number) => *number == 0,
            V::Float(number) => *number == 0.0,
            V::Bool(truth) => !truth,
            V::Time(nanos) => *nanos == 0,
            V::List(items) => items.is_empty(),
        }
    }
}

fn float_text(number: f64) -> String {
    if number == 0.0 { "0".to_owned() } else { number.to_string() }
}

/// Letters alike under simple folding, by the one authority on it at hand.
fn folds_to(left: &str, right: &str) -> bool {
    world::found(&format!("^(?:{})$", regex::escape(left)), right, Letters::Folded)
}

/// Do letters of different case differ?
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Letters {
    Exact,
    Folded,
}

/// `left op right`.
pub fn holds(op: CompareOp, left: &V, right: &V, letters: Letters) -> bool {
    match op {
        CompareOp::Eq => equal(left, right, letters),
        CompareOp::Ne => !equal(left, right, letters),
        CompareOp::Lt => order(left, right).is_some_and(Ordering::is_lt),
        CompareOp::Le => order(left, right).is_some_and(Ordering::is_le),
        CompareOp::Gt => order(left, right).is_some_and(Ordering::is_gt),
        CompareOp::Ge => order(left, right).is_some_and(Ordering::is_ge),
    }
}

/// Values of one kind by value, of two kinds by their text.
pub fn equal(left: &V, right: &V, letters: Letters) -> bool {
    match (left, right) {
        (V::Int(a), V::Int(b)) => a == b,
        (V::Int(_) | V::Float(_), V::Int(_) | V::Float(_)) => left.number() == right.number(),
        (V::Bool(a), V::Bool(b)) => a == b,
        (V::Time(a), V::Time(b)) => a == b,
        (V::Time(time), V::Text(text)) | (V::Text(text), V::Time(time)) => {
            Timestamp::parse(text).is_some_and(|read| read.0 == *time)
        }
        _ => same_text(&left.shown(), &right.shown(), letters),
    }
}

fn same_text(left: &str, right: &str, letters: Letters) -> bool {
    left == right || (letters == Letters::Folded && folds_to(left, right))
}

fn order(left: &V, right: &V) -> Option<Ordering> {
    match (left, right) {
        (V::Text(a), V::Text(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
        (V::Int(a), V::Int(b)) => Some(a.cmp(b)),
        (V::Bool(a), V::Bool(b)) => Some(a.cmp(b)),
        (V::Time(a), V::Time(b)) => Some(a.cmp(b)),
        (V::Time(a), V::Text(b)) => Timestamp::parse(b).map(|b| a.cmp(&b.0)),
        (V::Text(a), V::Time(b)) => Timestamp::parse(a).map(|a| a.0.cmp(b)),
        _ => match (as_number(left), as_number(right)) {
            (Some(V::Int(a)), Some(V::Int(b))) => Some(a.cmp(&b)),
            (Some(a), Some(b)) => a.number()?.partial_cmp(&b.number()?),
            _ => Some(left.shown().as_bytes().cmp(right.shown().as_bytes())),
        },
    }
}

/// Text counts as a number when it is an optional sign, digits, and an optional decimal part.
fn as_number(value: &V) -> Option<V> {
    match value {
        V::Int(_) | V::Float(_) => Some(value.clone()),
        V::Text(text) => {
            let shaped = world::found(r"^[-+]?[0-9]+(\.[0-9]+)?$", text, Letters::Exact);
            let whole = text.parse().ok().map(V::Int);
            whole.or_else(|| text.parse().ok().map(V::Float)).filter(|_| shaped)
        }
        V::Bool(_) | V::Time(_) | V::List(_) => None,
    }
}

/// A whole number of one of the 64-bit ranges, else the zero value.
pub fn whole(number: Option<i128>) -> V {
    let fits = |number: &i128| (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(number);
    V::Int(number.filter(fits).unwrap_or(0))
}

/// A finite double, else the zero value.
pub fn finite(number: f64) -> V {
    V::Float(if number.is_finite() { number } else { 0.0 })
}

/// `left op right` on numbers.
pub fn arithmetic(op: ArithOp, left: &V, right: &V) -> V {
    if let (V::Int(a), V::Int(b)) = (left, right) {
        match op {
            ArithOp::Add => return whole(a.checked_add(*b)),
            ArithOp::Sub => return whole(a.checked_sub(*b)),
            ArithOp::Mul => return whole(a.checked_mul(*b)),
            ArithOp::Rem => return whole(Some(if *b == 0 { 0 } else { a % b })),
            ArithOp::Div => {}
        }
    }
    let (a, b) = (left.number().unwrap_or(0.0), right.number().unwrap_or(0.0));
    match op {
        ArithOp::Add => finite(a + b),
        ArithOp::Sub => finite(a - b),
        ArithOp::Mul => finite(a * b),
        ArithOp::Div | ArithOp::Rem if b == 0.0 => V::Float(0.0),
        ArithOp::Div => finite(a / b),
        ArithOp::Rem => finite(a % b),
    }
}
