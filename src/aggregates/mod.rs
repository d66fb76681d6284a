//! The aggregates of the language: a table with one row and one accumulator each.

mod collecting;
mod counting;
mod numeric;
mod sliding;
mod window;

use crate::value::Value;
use crate::value::operators::Overflow;

/// The most items that `array` and `array_distinct` keep.
pub const LIMIT: usize = 25;

/// The most that they keep in a search of several stages.
pub const STAGE_LIMIT: usize = 10_000;

/// A row of the table.
#[derive(Debug)]
pub struct Aggregate {
    /// As written in a rule: `count_distinct`.
    pub name: &'static str,
    /// What the value that it aggregates may be.
    pub takes: Takes,
    /// What stands beside that value.
    pub arguments: Arguments,
    /// The type of the result.
    pub returns: Returns,
    /// Does it matter how often a value comes?
    pub sees: Sees,
    /// Begins an aggregation.
    pub start: fn() -> Box<dyn Accumulator>,
    /// Begins one over windows that overlap, where its result hangs on neither order nor rounding.
    pub slide: Option<fn() -> Box<dyn Sliding>>,
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

/// What stands beside the value in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arguments {
    /// Nothing: `max(value)`.
    Value,
    /// A boolean that may be left out: `window.avg(value, ignore_zeros)`.
    MayIgnoreZeros,
    /// A whole number that says which row is first: `window.first(sort_by, value)`.
    SortedValue,
}

impl Arguments {
    /// The fewest and the most that may be given.
    pub fn bounds(self) -> (usize, usize) {
        match self {
            Arguments::Value => (1, 1),
            Arguments::MayIgnoreZeros => (1, 2),
            Arguments::SortedValue => (2, 2),
        }
    }

    /// What each is called, the value among them.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Arguments::Value => &["value"],
            Arguments::MayIgnoreZeros => &["value", "ignore_zeros"],
            Arguments::SortedValue => &["sort_by", "value"],
        }
    }

    /// Which of them is the value.
    pub fn value_index(self) -> usize {
        match self {
            Arguments::Value | Arguments::MayIgnoreZeros => 0,
            Arguments::SortedValue => 1,
        }
    }
}

/// The type of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returns {
    /// Text, whatever the argument.
    Text,
    /// A whole number.
    Int,
    /// A double.
    Float,
    /// That of the argument.
    Argument,
    /// A list of what the argument is.
    ListOfArgument,
    /// A list of doubles.
    ListOfFloats,
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

    /// Takes in all arguments of the call for `weight` rows that share them, in the order of the rows; see
    /// [`Arguments`].
    fn add_row(&mut self, values: &[Value<'_>], weight: u64) {
        if let Some(value) = values.first() {
            self.add(value, weight);
        }
    }

    /// Keeps so many items from now on, where it keeps items at all.
    fn keep(&mut self, _limit: usize) {}

    /// The result; out of range it is a zero value, and [`Overflow`] says so.
    fn finish(self: Box<Self>) -> (Value<'static>, Option<Overflow>);
}

/// An aggregation over neighbouring rows: windows that overlap share most of theirs, so that each is taken in once and
/// given back once, and not looked at for each window.
pub trait Sliding {
    /// Takes in the next item.
    fn add(&mut self, item: &Item<'_>);

    /// Gives back the first of those that are in.
    fn remove(&mut self, item: &Item<'_>);

    /// What an [`Accumulator`] makes of those that are in; nothing where only that can tell.
    fn result(&self) -> Option<Outcome>;
}

/// A result; out of range it is a zero value, and [`Overflow`] says so.
pub type Outcome = (Value<'static>, Option<Overflow>);

/// A value that is aggregated.
#[derive(Debug)]
pub struct Item<'v> {
    /// Equal for equal values, and for no others.
    pub number: u32,
    /// The value.
    pub value: Value<'v>,
    /// How many rows stand behind it.
    pub weight: u64,
}

const ROW: Aggregate = Aggregate {
    name: "",
    takes: Takes::Number,
    arguments: Arguments::Value,
    returns: Returns::Argument,
    sees: Sees::Rows,
    start: || Box::<counting::Count>::default(),
    slide: None,
    summary: "",
    source: "https://docs.cloud.google.com/chronicle/docs/yara-l/functions#aggregates",
};

static ALL: [&Aggregate; 19] = [
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
    &window::AVG,
    &window::FIRST,
    &window::LAST,
    &window::MEDIAN,
    &window::MODE,
    &window::RANGE,
    &window::STDDEV,
    &window::VARIANCE,
];

/// How many different items there are.
pub fn distinct() -> Box<dyn Sliding> {
    Box::<sliding::Different>::default()
}

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
