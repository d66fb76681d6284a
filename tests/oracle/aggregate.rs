//! The aggregates, over the values of a group's rows in their order.

use crate::eval::distinct;
use crate::value::{V, finite, whole};

/// The most items an array keeps.
const KEPT: usize = 25;

pub fn is_aggregate(name: &str) -> bool {
    const NAMES: [&str; 11] = [
        "max",
        "min",
        "sum",
        "avg",
        "stddev",
        "count",
        "count_distinct",
        "array",
        "array_distinct",
        "earliest",
        "latest",
    ];
    NAMES.contains(&name)
}

pub fn aggregate(name: &str, values: Vec<V>) -> V {
    match name {
        "count" => V::count(values.len()),
        "count_distinct" => V::count(distinct(values).len()),
        "array" => V::List(values.into_iter().take(KEPT).collect()),
        "array_distinct" => V::List(distinct(values).into_iter().take(KEPT).collect()),
        "sum" => sum(&values),
        "avg" => finite(total(&values) / values.len() as f64),
        "stddev" => stddev(&values),
        "max" | "latest" => {
            values.into_iter().reduce(|a, b| if size(&b) > size(&a) { b } else { a }).unwrap()
        }
        "min" | "earliest" => {
            values.into_iter().reduce(|a, b| if size(&b) < size(&a) { b } else { a }).unwrap()
        }
        other => panic!("`{other}` is no aggregate of the oracle"),
    }
}

/// By which values are ordered: whole numbers and times exactly.
fn size(value: &V) -> (i128, f64) {
    match value {
        V::Int(number) => (*number, 0.0),
        V::Time(nanos) => (i128::from(*nanos), 0.0),
        V::Float(number) => (0, *number),
        V::Text(_) | V::Bool(_) | V::List(_) => panic!("`{value:?}` has no size"),
    }
}

fn sum(values: &[V]) -> V {
    let wholes: Option<Vec<i128>> = values
        .iter()
        .map(|value| match value {
            V::Int(number) => Some(*number),
            V::Text(_) | V::Float(_) | V::Bool(_) | V::Time(_) | V::List(_) => None,
        })
        .collect();
    match wholes {
        Some(numbers) => whole(Some(numbers.iter().sum())),
        None => finite(total(values)),
    }
}

fn total(values: &[V]) -> f64 {
    values.iter().filter_map(V::number).sum()
}

fn stddev(values: &[V]) -> V {
    if values.len() < 2 {
        return V::Float(0.0);
    }
    let mean = total(values) / values.len() as f64;
    let squares = values.iter().filter_map(V::number).map(|number| (number - mean).powi(2));
    finite((squares.sum::<f64>() / (values.len() - 1) as f64).sqrt())
}
