//! The functions of the language: a table with one row and one body each, by namespace.

use crate::regex::Pattern;
use crate::value::{Timestamp, Type, Value};

/// A row of the table.
#[derive(Debug)]
pub struct Function {
    /// As written in a rule: `strings.concat`.
    pub name: &'static str,
    /// The fixed parameters, required ones first.
    pub params: &'static [Param],
    /// What further arguments must be, where any number of them may follow.
    pub rest: Option<Param>,
    /// The type of the result.
    pub returns: Returns,
    /// Computes it.
    pub body: Body,
    /// What a literal argument must satisfy beyond its kind: a valid zone, one capture group at most, …
    pub verify: Option<Verify>,
    /// What it does, in a sentence or two; where the documents are silent, what was chosen.
    pub summary: &'static str,
    /// Where its meaning comes from.
    pub source: &'static str,
    /// Calls with their results, both as rule text; run as tests and printed as documentation.
    pub examples: &'static [Example],
}

/// A parameter.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// For messages and documentation.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Must it be given?
    pub need: Need,
}

/// Whether an argument must be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It must.
    Required,
    /// It may be left out.
    Optional,
}

/// What an argument may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A string or an enum name. Numbers are accepted with a warning and stand for their decimal text.
    Text,
    /// A string literal that is a pattern; a body finds it compiled in [`Args::pattern`].
    Pattern,
    /// A string literal.
    TextLiteral,
    /// A whole number.
    Int,
    /// Any number.
    Number,
    /// A string or any number.
    TextOrNumber,
    /// A string or bytes.
    TextOrBytes,
    /// Bytes.
    Bytes,
    /// A boolean.
    Bool,
    /// Anything but a list.
    Scalar,
    /// A list, such as `strings.split` gives, or a repeated field.
    List,
    /// A repeated field, which is not unnested here: `arrays.length`.
    RepeatedField,
    /// Anything.
    Any,
}

/// The type of a result.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Returns {
    /// Always the same.
    Fixed(Type),
    /// That of the first argument, as for `math.abs`.
    First,
}

/// The arguments of one call. The checker has proved their number and kinds.
#[derive(Debug)]
pub struct Args<'c, 'a> {
    /// In order; those left out are absent.
    pub values: &'c [Value<'a>],
    /// The compiled pattern of the parameter of kind [`Kind::Pattern`].
    pub pattern: Option<&'c Pattern>,
    /// The time of the run, for `timestamp.current_seconds`.
    pub now: Timestamp,
    /// A number fixed by rule and event, for `math.random`.
    pub seed: u64,
}

impl<'c, 'a> Args<'c, 'a> {
    /// The argument at `index`, where given.
    pub fn get(&self, index: usize) -> Option<&'c Value<'a>> {
        self.values.get(index)
    }

    /// The argument at `index` as text; `""` where it was left out or is none.
    pub fn text(&self, index: usize) -> &'c str {
        self.get(index).map(Value::as_str).unwrap_or_default()
    }
}

/// Computes a result. It may borrow from the arguments' own texts. Whatever the input, it ends and does not panic;
/// where the documents give a value for bad input (`""`, 0, false), that is the result.
pub type Body = for<'c, 'a> fn(&Args<'c, 'a>) -> Result<Value<'a>, Overflow>;

/// Judges the literal arguments of a call at check time; `None` stands for an argument that is no literal.
///
/// # Errors
/// Says which argument is wrong, why, and what to write.
pub type Verify = fn(&[Option<Value<'static>>]) -> Result<(), BadLiteral>;

/// Why a literal argument is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLiteral {
    /// Which argument, from 0.
    pub index: usize,
    /// Lower case, no full stop.
    pub message: String,
    /// The correction.
    pub help: String,
}

/// A result out of range; it counts as the zero value, and is counted.
pub use crate::value::operators::Overflow;

/// A call and its result, both as rule text.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// `strings.concat("a", 1)`
    pub call: &'static str,
    /// `"a1"`; a list as `["a", "b"]`.
    pub gives: &'static str,
}

/// The rows, sorted by name.
pub fn all() -> &'static [&'static Function] {
    &[]
}

/// The row with this name.
pub fn find(name: &str) -> Option<&'static Function> {
    all().iter().find(|function| function.name == name).copied()
}
