//! `array` and `array_distinct`: the values themselves, in first-seen order.

use super::counting::Distinct;
use super::{Accumulator, Aggregate, LIMIT, ROW, Returns, Sees, Takes};
use crate::value::Value;
use crate::value::operators::Overflow;

pub(super) static ARRAY: Aggregate = Aggregate {
    name: "array",
    takes: Takes::Any,
    returns: Returns::ListOfArgument,
    sees: Sees::Rows,
    start: || Box::<Array>::default(),
    summary: "The values of all rows, zero values among them, in the order of the rows; the first 25, where Google \
              keeps any 25.",
    ..ROW
};

#[derive(Debug, Default)]
struct Array(Vec<Value<'static>>);

impl Accumulator for Array {
    fn add(&mut self, value: &Value<'_>, weight: u64) {
        let room = LIMIT.saturating_sub(self.0.len());
        let times = usize::try_from(weight).map_or(room, |weight| weight.min(room));
        self.0.extend((0..times).map(|_| value.clone().into_static()));
    }

    fn finish(self: Box<Self>) -> (Value<'static>, Option<Overflow>) {
        (Value::List(self.0), None)
    }
}

pub(super) static ARRAY_DISTINCT: Aggregate = Aggregate {
    name: "array_distinct",
    takes: Takes::Any,
    returns: Returns::ListOfArgument,
    sees: Sees::Values,
    start: || Box::<ArrayDistinct>::default(),
    summary: "The different values, the zero value among them, in the order they are first seen; the first 25, where \
              Google keeps any 25.",
    ..ROW
};

#[derive(Debug, Default)]
struct ArrayDistinct {
    items: Vec<Value<'static>>,
    seen: Distinct,
}

impl Accumulator for ArrayDistinct {
    fn add(&mut self, value: &Value<'_>, weight: u64) {
        if weight > 0 && self.items.len() < LIMIT && self.seen.insert(value) {
            self.items.push(value.clone().into_static());
        }
    }

    fn finish(self: Box<Self>) -> (Value<'static>, Option<Overflow>) {
        (Value::List(self.items), None)
    }
}
