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

#[derive(Debug)]
struct Array {
    items: Vec<Value<'static>>,
    limit: usize,
}

impl Default for Array {
    fn default() -> Array {
        Array { items: Vec::new(), limit: LIMIT }
    }
}

impl Accumulator for Array {
    fn add(&mut self, value: &Value<'_>, weight: u64) {
        let room = self.limit.saturating_sub(self.items.len());
        let times = usize::try_from(weight).map_or(room, |weight| weight.min(room));
        self.items.extend((0..times).map(|_| value.clone().into_static()));
    }

    fn keep(&mut self, limit: usize) {
        self.limit = limit;
    }

    fn finish(self: Box<Self>) -> (Value<'static>, Option<Overflow>) {
        (Value::List(self.items), None)
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

#[derive(Debug)]
struct ArrayDistinct {
    items: Vec<Value<'static>>,
    seen: Distinct,
    limit: usize,
}

impl Default for ArrayDistinct {
    fn default() -> ArrayDistinct {
        ArrayDistinct { items: Vec::new(), seen: Distinct::default(), limit: LIMIT }
    }
}

impl Accumulator for ArrayDistinct {
    fn add(&mut self, value: &Value<'_>, weight: u64) {
        if weight > 0 && self.items.len() < self.limit && self.seen.insert(value) {
            self.items.push(value.clone().into_static());
        }
    }

    fn keep(&mut self, limit: usize) {
        self.limit = limit;
    }

    fn finish(self: Box<Self>) -> (Value<'static>, Option<Overflow>) {
        (Value::List(self.items), None)
    }
}
