//! `count` and `count_distinct`, and what makes two values the same.

use std::borrow::Cow;

use rustc_hash::FxHashSet;

use super::{Accumulator, Aggregate, ROW, Returns, Sees, Takes, sliding};
use crate::value::operators::{Overflow, whole_value};
use crate::value::{Timestamp, Value};

pub(super) static COUNT: Aggregate = Aggregate {
    name: "count",
    takes: Takes::Any,
    returns: Returns::Int,
    sees: Sees::Rows,
    start: || Box::<Count>::default(),
    slide: Some(|| Box::<sliding::Rows>::default()),
    summary: "How many rows there are, zero values among them.",
    ..ROW
};

#[derive(Debug, Default)]
pub(super) struct Count(u64);

impl Accumulator for Count {
    fn add(&mut self, _: &Value<'_>, weight: u64) {
        self.0 = self.0.saturating_add(weight);
    }

    fn finish(self: Box<Self>) -> (Value<'static>, Option<Overflow>) {
        super::numeric::outcome(whole_value(Some(i128::from(self.0))), Value::Int(0))
    }
}

pub(super) static COUNT_DISTINCT: Aggregate = Aggregate {
    name: "count_distinct",
    takes: Takes::Any,
    returns: Returns::Int,
    sees: Sees::Values,
    start: || Box::<CountDistinct>::default(),
    slide: Some(super::distinct),
    summary: "How many different values there are; the zero value counts as one.",
    ..ROW
};

#[derive(Debug, Default)]
struct CountDistinct(Distinct);

impl Accumulator for CountDistinct {
    fn add(&mut self, value: &Value<'_>, weight: u64) {
        if weight > 0 {
            self.0.insert(value);
        }
    }

    fn finish(self: Box<Self>) -> (Value<'static>, Option<Overflow>) {
        (Value::Int(i64::try_from(self.0.len()).unwrap_or(i64::MAX)), None)
    }
}

/// A set of values: numbers by value whatever their kind, text exactly.
#[derive(Debug, Default)]
pub(super) struct Distinct(FxHashSet<Key<'static>>);

impl Distinct {
    /// Takes in `value`; was it new?
    pub(super) fn insert(&mut self, value: &Value<'_>) -> bool {
        let key = Key::of(value);
        // Seen through a shorter lifetime, so that only a new text is copied.
        let seen: &FxHashSet<Key<'_>> = &self.0;
        if seen.contains(&key) {
            return false;
        }
        self.0.insert(key.into_static())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Equal for values that are the same.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) enum Key<'a> {
    Text(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
    Whole(i128),
    /// The bits of a double that is no whole number of 64 bits.
    Double(u64),
    Bool(bool),
    Time(Timestamp),
    List(Vec<Key<'a>>),
}

impl<'a> Key<'a> {
    fn of(value: &'a Value<'_>) -> Key<'a> {
        match value {
            Value::Text(text) => Key::Text(Cow::Borrowed(text)),
            Value::Bytes(bytes) => Key::Bytes(Cow::Borrowed(bytes)),
            Value::Int(number) => Key::Whole(i128::from(*number)),
            Value::Uint(number) => Key::Whole(i128::from(*number)),
            Value::Float(number) => of_double(*number),
            Value::Bool(truth) => Key::Bool(*truth),
            Value::Time(time) => Key::Time(*time),
            Value::List(items) => Key::List(items.iter().map(Key::of).collect()),
        }
    }

    fn into_static(self) -> Key<'static> {
        match self {
            Key::Text(text) => Key::Text(Cow::Owned(text.into_owned())),
            Key::Bytes(bytes) => Key::Bytes(Cow::Owned(bytes.into_owned())),
            Key::Whole(number) => Key::Whole(number),
            Key::Double(bits) => Key::Double(bits),
            Key::Bool(truth) => Key::Bool(truth),
            Key::Time(time) => Key::Time(time),
            Key::List(items) => Key::List(items.into_iter().map(Key::into_static).collect()),
        }
    }
}

/// What tells numbers apart whatever their kind; nothing of other values.
pub(super) fn number_key(value: &Value<'_>) -> Option<Key<'static>> {
    match value {
        Value::Int(number) => Some(Key::Whole(i128::from(*number))),
        Value::Uint(number) => Some(Key::Whole(i128::from(*number))),
        Value::Float(number) => Some(of_double(*number)),
        Value::Text(_) | Value::Bytes(_) | Value::Bool(_) | Value::Time(_) | Value::List(_) => None,
    }
}

fn of_double(number: f64) -> Key<'static> {
    const END_OF_UNSIGNED: f64 = 18_446_744_073_709_551_616.0;
    if number.abs() < END_OF_UNSIGNED && number.fract() == 0.0 {
        return Key::Whole(number as i128);
    }
    Key::Double(number.to_bits())
}
