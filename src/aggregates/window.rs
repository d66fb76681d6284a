//! `window.*`: what the rows of a match window say together.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::numeric::{self, Variance};
use super::{Accumulator, Aggregate, Arguments, ROW, Returns, Sees, Takes};
use crate::value::Value;
use crate::value::operators::{Overflow, to_double, total_order};

pub(super) static AVG: Aggregate = Aggregate {
    name: "window.avg",
    arguments: Arguments::MayIgnoreZeros,
    returns: Returns::Float,
    start: || MayIgnoreZeros::start((numeric::AVG.start)()),
    summary: "The mean over all rows, as a float; on request of the rows that are not 0. Over no rows it is 0 (chosen).",
    ..ROW
};

/// Leaves out zeros where the second argument asks for it.
#[derive(Debug)]
struct MayIgnoreZeros(Box<dyn Accumulator>);

impl MayIgnoreZeros {
    fn start(inner: Box<dyn Accumulator>) -> Box<dyn Accumulator> {
        Box::new(MayIgnoreZeros(inner))
    }
}

impl Accumulator for MayIgnoreZeros {
    fn add(&mut self, value: &Value<'_>, weight: u64) {
        self.0.add(value, weight);
    }

    fn add_row(&mut self, values: &[Value<'_>], weight: u64) {
        let ignore = matches!(values.get(1), Some(Value::Bool(true)));
        if let Some(value) = values.first()
            && !(ignore && to_double(value) == 0.0)
        {
            self.0.add(value, weight);
        }
    }

    fn finish(self: Box<Self>) -> (Value<'static>, Option<Overflow>) {
        self.0.finish()
    }
}

pub(super) static FIRST: Aggregate = Aggregate {
    name: "window.first",
    takes: Takes::Any,
    arguments: Arguments::SortedValue,
    returns: Returns::Text,
    sees: Sees::Values,
    start: || Sorted::start(Ordering::Less),
    summary: "The value, as text, of the row with the smallest sort key; of several (chosen) the first in the order of \
              rows. `\"\"` over no rows.",
    ..ROW
};

pub(super) static LAST: Aggregate = Aggregate {
    name: "window.last",
    takes: Takes::Any,
    arguments: Arguments::SortedValue,
    returns: Returns::Text,
    sees: Sees::Values,
    start: || Sorted::start(Ordering::Greater),
    summary: "The value, as text, of the row with the largest sort key; of several (chosen) the last in the order of \
              rows. `\"\"` over no rows.",
    ..ROW
};

/// The value whose key lies furthest in one direction.
#[derive(Debug)]
struct Sorted {
    wanted: Ordering,
    best: Option<(Value<'static>, String)>,
}

impl Sorted {
    fn start(wanted: Ordering) -> Box<dyn Accumulator> {
        Box::new(Sorted { wanted, best: None })
    }

    /// Does a row with this key come before the best so far? Of equal ones the last stays for `window.last` alone.
    fn is_further(&self, key: &Value<'_>) -> bool {
        let Some((best, _)) = &self.best else { return true };
        let order = total_order(key, best);
        order == self.wanted || (order.is_eq() && self.wanted.is_gt())
    }
}

impl Accumulator for Sorted {
    /// Without a key all rows are equal.
    fn add(&mut self, value: &Value<'_>, weight: u64) {
        self.add_row(&[Value::Int(0), value.clone()], weight);
    }

    fn add_row(&mut self, values: &[Value<'_>], weight: u64) {
        if let [key, value] = values
            && weight > 0
            && self.is_further(key)
        {
            self.best = Some((key.clone().into_static(), value.to_text().into_owned()));
        }
    }

    fn finish(self: Box<Self>) -> (Value<'static>, Option<Overflow>) {
        (Value::owned(self.best.map(|(_, value)| value).unwrap_or_default()), None)
    }
}

pub(super) static MEDIAN: Aggregate = Aggregate {
    name: "window.median",
    arguments: Arguments::MayIgnoreZeros,
    returns: Returns::Float,
    start: || MayIgnoreZeros::start(Box::<Median>::default()),
    summary: "The number in the middle of all rows, as a float; on request of the rows that are not 0. Of two in the \
              middle it is the smaller one (chosen: Google takes either). Over no rows it is 0 (chosen).",
    ..ROW
};

/// How many rows have each number. The sign bit is turned such that whole numbers in order are doubles in order.
#[derive(Debug, Default)]
struct Median(BTreeMap<u64, u64>);

impl Accumulator for Median {
    fn add(&mut self, value: &Value<'_>, weight: u64) {
        if weight > 0 {
            // Adding 0 makes one zero of the two.
            let rows = self.0.entry(sortable(to_double(value) + 0.0)).or_default();
            *rows = rows.saturating_add(weight);
        }
    }

    fn finish(self: Box<Self>) -> (Value<'static>, Option<Overflow>) {
        let rows = self.0.values().fold(0_u64, |sum, rows| sum.saturating_add(*rows));
        let middle = rows.div_ceil(2);
        let mut passed = 0_u64;
        let mut numbers = self.0.into_iter();
        let found = numbers.find(|(_, rows)| {
            passed = passed.saturating_add(*rows);
            passed >= middle
        });
        (Value::Float(found.map_or(0.0, |(bits, _)| from_sortable(bits))), None)
    }
}

const SIGN: u64 = 1 << 63;

fn sortable(number: f64) -> u64 {
    let bits = number.to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

fn from_sortable(bits: u64) -> f64 {
    f64::from_bits(if bits & SIGN == 0 { !bits } else { bits & !SIGN })
}

pub(super) static MODE: Aggregate = Aggregate {
    name: "window.mode",
    takes: Takes::Any,
    returns: Returns::Text,
    start: || Box::<Mode>::default(),
    summary: "The value that most rows have, as text; of several (chosen) the one that comes first in the order of rows. \
              `\"\"` over no rows.",
    ..ROW
};

/// How many rows have each value, and which came first.
#[derive(Debug, Default)]
struct Mode(FxHashMap<Box<str>, Tally>);

#[derive(Debug)]
struct Tally {
    rows: u64,
    place: usize,
}

impl Accumulator for Mode {
    fn add(&mut self, value: &Value<'_>, weight: u64) {
        if weight == 0 {
            return;
        }
        let (text, place) = (value.to_text(), self.0.len());
        match self.0.get_mut(text.as_ref()) {
            Some(tally) => tally.rows = tally.rows.saturating_add(weight),
            None => {
                self.0.insert(text.into(), Tally { rows: weight, place });
            }
        }
    }

    fn finish(self: Box<Self>) -> (Value<'static>, Option<Overflow>) {
        let most = self.0.into_iter().max_by_key(|(_, tally)| (tally.rows, std::cmp::Reverse(tally.place)));
        (Value::owned(most.map(|(text, _)| String::from(text)).unwrap_or_default()), None)
    }
}

pub(super) static RANGE: Aggregate = Aggregate {
    name: "window.range",
    arguments: Arguments::MayIgnoreZeros,
    returns: Returns::ListOfFloats,
    sees: Sees::Values,
    start: || MayIgnoreZeros::start(Box::<Range>::default()),
    summary: "The smallest and the largest number, as a list of two floats; on request of the rows that are not 0. \
              Over no rows the list is empty (chosen).",
    ..ROW
};

#[derive(Debug, Default)]
struct Range(Option<(f64, f64)>);

impl Accumulator for Range {
    fn add(&mut self, value: &Value<'_>, weight: u64) {
        let number = to_double(value);
        if weight > 0 {
            let (least, most) = self.0.unwrap_or((number, number));
            self.0 = Some((least.min(number), most.max(number)));
        }
    }

    fn finish(self: Box<Self>) -> (Value<'static>, Option<Overflow>) {
        let ends = self.0.map(|(least, most)| vec![Value::Float(least), Value::Float(most)]);
        (Value::List(ends.unwrap_or_default()), None)
    }
}

pub(super) static STDDEV: Aggregate = Aggregate {
    name: "window.stddev",
    returns: Returns::Float,
    start: || (numeric::STDDEV.start)(),
    summary: "The standard deviation of the sample over all rows, zero values among them; 0 (chosen) below two rows.",
    ..ROW
};

pub(super) static VARIANCE: Aggregate = Aggregate {
    name: "window.variance",
    returns: Returns::Float,
    start: || Box::<Variance>::default(),
    summary: "The variance of the sample over all rows, zero values among them; 0 (chosen) below two rows.",
    ..ROW
};
