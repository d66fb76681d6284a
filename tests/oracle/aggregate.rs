//! The aggregates, over the values of a group's rows in their order.

use crate::eval::distinct;
use crate::value::{V, finite, whole};

pub fn is_aggregate(name: &str) -> bool {
    const NAMES: [&str; 19] = [
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
        "window.avg",
        "window.median",
        "window.stddev",
        "window.variance",
        "window.mode",
        "window.first",
        "window.last",
        "window.range",
    ];
    NAMES.contains(&name)
}

/// An aggregate over the arguments of each row; an array keeps so many items.
pub fn aggregate(name: &str, rows: Vec<Vec<V>>, kept: usize) -> V {
    if let "window.first" | "window.last" = name {
        return at_the_end(name, rows);
    }
    let rows = if name.starts_with("window.") { without_zeros(rows) } else { rows };
    let values: Vec<V> = rows.into_iter().map(|mut row| row.remove(0)).collect();
    match name {
        "count" => V::count(values.len()),
        "count_distinct" => V::count(distinct(values).len()),
        "array" => V::List(values.into_iter().take(kept).collect()),
        "array_distinct" => V::List(distinct(values).into_iter().take(kept).collect()),
        "window.avg" if values.is_empty() => V::Float(0.0),
        "window.avg" => aggregate("avg", values.into_iter().map(|value| vec![value]).collect(), kept),
        "window.stddev" => stddev(&values),
        "window.variance" => match stddev(&values) {
            V::Float(root) => finite(root * root),
            other => other,
        },
        "window.median" => V::Float(middle(sorted(&values))),
        "window.mode" => mode(values),
        "window.range" => {
            let numbers = sorted(&values);
            let ends = numbers.first().zip(numbers.last());
            V::List(ends.into_iter().flat_map(|(least, most)| [V::Float(*least), V::Float(*most)]).collect())
        }
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

/// Rows whose value is not zero, where the second argument asks for them.
fn without_zeros(mut rows: Vec<Vec<V>>) -> Vec<Vec<V>> {
    rows.retain(|row| row.get(1) != Some(&V::Bool(true)) || !row[0].is_zero());
    rows
}

/// As text, the value of the first row with the smallest key, or of the last with the largest.
fn at_the_end(name: &str, rows: Vec<Vec<V>>) -> V {
    let further = |a: &Vec<V>, b: &Vec<V>| match name {
        "window.first" => size(&b[0]) < size(&a[0]),
        _ => size(&b[0]) >= size(&a[0]),
    };
    let found = rows.into_iter().reduce(|a, b| if further(&a, &b) { b } else { a });
    V::Text(found.map_or(String::new(), |row| row[1].shown()))
}

fn sorted(values: &[V]) -> Vec<f64> {
    let mut numbers: Vec<f64> = values.iter().filter_map(V::number).collect();
    numbers.sort_by(f64::total_cmp);
    numbers
}

/// The smaller of the two in the middle, where there are two.
fn middle(numbers: Vec<f64>) -> f64 {
    numbers.get(numbers.len().saturating_sub(1) / 2).copied().unwrap_or(0.0)
}

/// As text, the value of most rows; of several the one that came first.
fn mode(values: Vec<V>) -> V {
    let texts: Vec<String> = values.iter().map(V::shown).collect();
    let rows = |text: &String| texts.iter().filter(|other| *other == text).count();
    let most = texts.iter().map(rows).max();
    V::Text(texts.iter().find(|text| Some(rows(text)) == most).cloned().unwrap_or_default())
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
