//! `max`, `min`, `sum`, `avg`, `stddev` over numbers, `earliest` and `latest` over times.

use std::cmp::Ordering;

use super::{Accumulator, Aggregate, ROW, Returns, Sees, Takes, sliding};
use crate::value::operators::{Overflow, to_double, total_order, whole_value};
use crate::value::{Timestamp, Value, number};

pub(super) static MAX: Aggregate = Aggregate {
    name: "max",
    sees: Sees::Values,
    start: || Extreme::start(Ordering::Greater, Value::Int(0)),
    slide: Some(|| sliding::Furthest::start(Ordering::Greater, Value::Int(0))),
    summary: "The largest value, whole or float as it came; 0 over no rows.",
    ..ROW
};

pub(super) static MIN: Aggregate = Aggregate {
    name: "min",
    sees: Sees::Values,
    start: || Extreme::start(Ordering::Less, Value::Int(0)),
    slide: Some(|| sliding::Furthest::start(Ordering::Less, Value::Int(0))),
    summary: "The smallest value, whole or float as it came; 0 over no rows.",
    ..ROW
};

pub(super) static LATEST: Aggregate = Aggregate {
    name: "latest",
    takes: Takes::Time,
    sees: Sees::Values,
    start: || Extreme::start(Ordering::Greater, Value::Time(Timestamp(0))),
    slide: Some(|| sliding::Furthest::start(Ordering::Greater, Value::Time(Timestamp(0)))),
    summary: "The last point in time, to the nanosecond; the epoch over no rows.",
    ..ROW
};

pub(super) static EARLIEST: Aggregate = Aggregate {
    name: "earliest",
    takes: Takes::Time,
    sees: Sees::Values,
    start: || Extreme::start(Ordering::Less, Value::Time(Timestamp(0))),
    slide: Some(|| sliding::Furthest::start(Ordering::Less, Value::Time(Timestamp(0)))),
    summary: "The first point in time, to the nanosecond; the epoch over no rows.",
    ..ROW
};

/// The value furthest in one direction.
#[derive(Debug)]
struct Extreme {
    /// How a value stands to the best so far when it takes its place.
    wanted: Ordering,
    best: Option<Value<'static>>,
    none: Value<'static>,
}

impl Extreme {
    fn start(wanted: Ordering, none: Value<'static>) -> Box<dyn Accumulator> {
        Box::new(Extreme { wanted, best: None, none })
    }
}

impl Accumulator for Extreme {
    fn add(&mut self, value: &Value<'_>, weight: u64) {
        let further = |best: &Value<'static>| total_order(value, best) == self.wanted;
        if weight > 0 && self.best.as_ref().is_none_or(further) {
            self.best = Some(value.clone().into_static());
        }
    }

    fn finish(self: Box<Self>) -> (Value<'static>, Option<Overflow>) {
        (self.best.unwrap_or(self.none), None)
    }
}

pub(super) static SUM: Aggregate = Aggregate {
    name: "sum",
    start: || Box::new(Sum::NONE),
    slide: Some(|| sliding::Total::start(|whole, _| outcome(whole_value(Some(whole)), Value::Int(0)))),
    summary: "The sum over all rows: whole where all are whole, else a float. Out of range it is 0; only the total \
              counts for that.",
    ..ROW
};

#[derive(Debug)]
struct Sum {
    /// Nothing once 128 bits did not hold it.
    whole: Option<i128>,
    /// The sum of the floats, once there is one.
    floats: Option<f64>,
}

impl Sum {
    /// Of no rows.
    const NONE: Sum = Sum { whole: Some(0), floats: None };

    /// As a double; infinite where it is out of range.
    fn total(&self) -> f64 {
        self.whole.map_or(f64::INFINITY, |whole| whole as f64) + self.floats.unwrap_or(0.0)
    }
}

impl Accumulator for Sum {
    fn add(&mut self, value: &Value<'_>, weight: u64) {
        match whole(value) {
            Some(number) => {
                let product = number.checked_mul(i128::from(weight));
                self.whole = self.whole.zip(product).and_then(|(sum, product)| sum.checked_add(product));
            }
            None => {
                let product = to_double(value) * number::unsigned_to_f64(weight);
                self.floats = Some(self.floats.unwrap_or(0.0) + product);
            }
        }
    }

    fn finish(self: Box<Self>) -> (Value<'static>, Option<Overflow>) {
        match self.floats {
            None => outcome(whole_value(self.whole), Value::Int(0)),
            Some(_) => double(self.total()),
        }
    }
}

pub(super) fn whole(value: &Value<'_>) -> Option<i128> {
    match value {
        Value::Int(number) => Some(i128::from(*number)),
        Value::Uint(number) => Some(i128::from(*number)),
        Value::Bool(truth) => Some(i128::from(*truth)),
        Value::Text(_) | Value::Bytes(_) | Value::Float(_) | Value::Time(_) | Value::List(_) => None,
    }
}

pub(super) static AVG: Aggregate = Aggregate {
    name: "avg",
    returns: Returns::Float,
    start: || Box::new(Average { sum: Sum::NONE, moments: Moments::default() }),
    slide: Some(|| sliding::Total::start(|whole, rows| double(whole as f64 / rows.max(1.0)))),
    summary: "The mean over all rows, zero values among them, as a float; 0 over no rows.",
    ..ROW
};

/// The sum divided once, which is the nearest double for whole numbers; the mean kept on the way is rounded at each row,
/// and stands in where the sum is out of range.
#[derive(Debug)]
struct Average {
    sum: Sum,
    moments: Moments,
}

impl Accumulator for Average {
    fn add(&mut self, value: &Value<'_>, weight: u64) {
        self.sum.add(value, weight);
        self.moments.add(to_double(value), weight);
    }

    fn finish(self: Box<Self>) -> (Value<'static>, Option<Overflow>) {
        let mean = self.sum.total() / self.moments.rows.max(1.0);
        double(if mean.is_finite() { mean } else { self.moments.mean })
    }
}

pub(super) static STDDEV: Aggregate = Aggregate {
    name: "stddev",
    returns: Returns::Float,
    start: || Box::<Deviation>::default(),
    summary: "The standard deviation of the sample over all rows, zero values among them; 0 below two rows. The \
              documents do not state the form; this is that of `window.stddev`.",
    ..ROW
};

#[derive(Debug, Default)]
struct Deviation(Moments);

impl Accumulator for Deviation {
    fn add(&mut self, value: &Value<'_>, weight: u64) {
        self.0.add(to_double(value), weight);
    }

    fn finish(self: Box<Self>) -> (Value<'static>, Option<Overflow>) {
        double(self.0.variance().sqrt())
    }
}

/// The square of the standard deviation.
#[derive(Debug, Default)]
pub(super) struct Variance(Moments);

impl Accumulator for Variance {
    fn add(&mut self, value: &Value<'_>, weight: u64) {
        self.0.add(to_double(value), weight);
    }

    fn finish(self: Box<Self>) -> (Value<'static>, Option<Overflow>) {
        double(self.0.variance())
    }
}

/// Mean and squared distances from it, kept by Welford's method: sums of squares would lose what large numbers share.
#[derive(Debug, Default)]
struct Moments {
    rows: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64, weight: u64) {
        if weight == 0 {
            return;
        }
        let weight = number::unsigned_to_f64(weight);
        self.rows += weight;
        let before = value - self.mean;
        self.mean += before * (weight / self.rows);
        self.squares += weight * before * (value - self.mean);
    }

    /// That of a sample; 0 below two rows.
    fn variance(&self) -> f64 {
        if self.rows < 2.0 { 0.0 } else { self.squares / (self.rows - 1.0) }
    }
}

fn double(number: f64) -> (Value<'static>, Option<Overflow>) {
    if number.is_finite() { (Value::Float(number), None) } else { (Value::Float(0.0), Some(Overflow)) }
}

/// A result, or `zero` where it is out of range.
pub(super) fn outcome(
    result: Result<Value<'static>, Overflow>,
    zero: Value<'static>,
) -> (Value<'static>, Option<Overflow>) {
    result.map_or_else(|overflow| (zero, Some(overflow)), |value| (value, None))
}
