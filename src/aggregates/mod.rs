//! The aggregates of the language: a table with one row and one accumulator each.

mod collecting;
mod counting;
mod numeric;

use crate::value::Value;
use crate::value::operators::Overflow;

/// The most items that `array` and `array_distinct` keep.
pub const LIMIT: usize = 25;

/// A row of the table.
#[derive(Debug)]
pub struct Aggregate {
    /// As written in a rule: `count_distinct`.
    pub name: &'static str,
    /// What its argument may be.
    pub takes: Takes,
    /// The type of the result.
    pub returns: Returns,
    /// Does it matter how often a value comes?
    pub sees: Sees,
    /// Begins an aggregation.
    pub start: fn() -> Box<dyn Accumulator>,
    /// What it does, in a sentence or two; where the documents are silent, what was chosen.
    pub summary: &'static str,
    /// Where its meaning comes from.
    pub source: &'static str,
}

/// What an argument may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Any number.
    Number,
    /// A point in time.
    Time,
    /// Anything but a list.
    Any,
}

/// The type of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returns {
    /// A whole number.
    Int,
    /// A double.
    Float,
    /// That of the argument.
    Argument,
    /// A list of what the argument is.
    ListOfArgument,
}

/// What an aggregate sees of the rows behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sees {
    /// Every row: a value that comes twice counts twice.
    Rows,
    /// The values alone, however often they come.
    Values,
}

/// An aggregation under way.
pub trait Accumulator: std::fmt::Debug + Send {
    /// Takes in `value`, behind which stand `weight` rows; no rows change nothing.
    fn add(&mut self, value: &Value<'_>, weight: u64);

    /// The result; out of range it is a zero value, and [`Overflow`] says so.
    fn finish(self: Box<Self>) -> (Value<'static>, Option<Overflow>);
}

const ROW: Aggregate = Aggregate {
    name: "",
    takes: Takes::Number,
    returns: Returns::Argument,
    sees: Sees::Rows,
    start: || Box::<counting::Count>::default(),
    summary: "",
    source: "https://docs.cloud.google.com/chronicle/docs/yara-l/functions#aggregates",
};

static ALL: [&Aggregate; 11] = [
    &numeric::MAX,
    &numeric::MIN,
    &numeric::SUM,
    &numeric::AVG,
    &numeric::STDDEV,
    &counting::COUNT,
    &counting::COUNT_DISTINCT,
    &collecting::ARRAY,
    &collecting::ARRAY_DISTINCT,
    &numeric::EARLIEST,
    &numeric::LATEST,
];

/// Every aggregate.
pub fn all() -> &'static [&'static Aggregate] {
    &ALL
}

/// The aggregate that rules call `name`.
///
/// ```
/// # use yaral::{aggregates, value::Value};
/// let mut sum = (aggregates::find("sum").unwrap().start)();
/// sum.add(&Value::Int(20), 2);
/// sum.add(&Value::Int(2), 1);
/// assert_eq!(sum.finish(), (Value::Int(42), None));
/// ```
pub fn find(name: &str) -> Option<&'static Aggregate> {
    ALL.iter().find(|row| row.name == name).copied()
}

#[cfg(test)]
mod tests;
