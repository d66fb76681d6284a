//! The functions of the language: a table with one row and one body each, by namespace.

mod arrays;
mod bytes;
mod cast;
mod fingerprint;
mod hash;
mod host;
mod math;
pub mod metrics;
mod net;
mod optimization;
mod re;
mod strings;
mod timestamp;
mod zone;

use std::borrow::Cow;

use crate::regex::Pattern;
use crate::value::{Timestamp, Type, Value, number, operators};

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

    /// The argument at `index` as text, a number in decimal; `""` where it was left out.
    pub fn text(&self, index: usize) -> Cow<'c, str> {
        self.get(index).map(Value::to_text).unwrap_or_default()
    }

    /// A part of the text at `index`, borrowing from what that borrows from.
    pub fn part(&self, index: usize, cut: impl Fn(&str) -> &str) -> Value<'a> {
        if let Some(Value::Text(Cow::Borrowed(text))) = self.get(index) {
            return Value::text(cut(text));
        }
        Value::owned(cut(&self.text(index)))
    }

    /// The bytes of the text or the bytes at `index`.
    pub fn bytes(&self, index: usize) -> Cow<'c, [u8]> {
        match self.get(index) {
            Some(Value::Bytes(bytes)) => Cow::Borrowed(bytes.as_ref()),
            Some(value) => match value.to_text() {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            },
            None => Cow::default(),
        }
    }

    /// The argument at `index` as a whole number; 0 where it is none.
    pub fn int(&self, index: usize) -> i64 {
        self.get(index).map(to_int).unwrap_or_default()
    }

    /// The argument at `index` as a number; 0 where it is none.
    pub fn number(&self, index: usize) -> f64 {
        self.get(index).map(to_number).unwrap_or_default()
    }

    /// The argument at `index` as a boolean; false where it is none.
    pub fn is_true(&self, index: usize) -> bool {
        matches!(self.get(index), Some(Value::Bool(true)))
    }

    /// The items of the list at `index`; a single value counts as a list of one.
    pub fn items(&self, index: usize) -> &'c [Value<'a>] {
        match self.get(index) {
            Some(Value::List(items)) => items,
            Some(value) => std::slice::from_ref(value),
            None => &[],
        }
    }
}

/// Computes a result. It may borrow from the arguments' own texts. Whatever the input, it ends and does not panic;
/// where the documents give a value for bad input (`""`, 0, false), that is the result.
pub type Body = for<'c, 'a> fn(&Args<'c, 'a>) -> Result<Value<'a>, Overflow>;

/// Judges the literal arguments of a call at check time; `None` stands for an argument that is no literal. A parameter of
/// kind [`Kind::Pattern`] comes parsed as well.
///
/// # Errors
/// Says which argument is wrong, why, and what to write.
pub type Verify = fn(&[Option<Value<'static>>], Option<&Pattern>) -> Result<(), BadLiteral>;

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
static ALL: [&Function; 64] = [
    &arrays::CONCAT,
    &arrays::CONTAINS,
    &arrays::INDEX_TO_FLOAT,
    &arrays::INDEX_TO_INT,
    &arrays::INDEX_TO_STR,
    &arrays::JOIN_STRING,
    &arrays::LENGTH,
    &arrays::MAX,
    &arrays::MIN,
    &arrays::SIZE,
    &bytes::TO_BASE64,
    &cast::AS_BOOL,
    &cast::AS_FLOAT,
    &cast::AS_INT,
    &cast::AS_STRING,
    &hash::FINGERPRINT2011,
    &hash::SHA256,
    &math::ABS,
    &math::CEIL,
    &math::FLOOR,
    &math::GEO_DISTANCE,
    &math::IS_INCREASING,
    &math::LOG,
    &math::POW,
    &math::RANDOM,
    &math::ROUND,
    &math::SQRT,
    &net::IP_IN_RANGE_CIDR,
    &optimization::SAMPLE_RATE,
    &re::CAPTURE,
    &re::CAPTURE_ALL,
    &re::REGEX,
    &re::REPLACE,
    &strings::BASE64_DECODE,
    &strings::COALESCE,
    &strings::CONCAT,
    &strings::CONTAINS,
    &strings::COUNT_SUBSTRINGS,
    &strings::ENDS_WITH,
    &strings::EXTRACT_DOMAIN,
    &strings::EXTRACT_HOSTNAME,
    &strings::FROM_BASE64,
    &strings::FROM_HEX,
    &strings::LENGTH,
    &strings::LTRIM,
    &strings::REVERSE,
    &strings::RTRIM,
    &strings::SPLIT,
    &strings::STARTS_WITH,
    &strings::TO_LOWER,
    &strings::TO_UPPER,
    &strings::TRIM,
    &strings::URL_DECODE,
    &timestamp::AS_UNIX_SECONDS,
    &timestamp::CURRENT_SECONDS,
    &timestamp::DIFF,
    &timestamp::GET_DATE,
    &timestamp::GET_DAY_OF_WEEK,
    &timestamp::GET_HOUR,
    &timestamp::GET_MINUTE,
    &timestamp::GET_TIMESTAMP,
    &timestamp::GET_WEEK,
    &timestamp::NOW,
    &timestamp::TRUNCATE,
];

/// The rows, sorted by name.
pub fn all() -> &'static [&'static Function] {
    &ALL
}

/// The row with this name.
pub fn find(name: &str) -> Option<&'static Function> {
    let index = ALL.binary_search_by_key(&name, |function| function.name).ok()?;
    ALL.get(index).copied()
}

/// What most rows share.
const ROW: Function = Function {
    name: "",
    params: &[],
    rest: None,
    returns: Returns::First,
    body: |_| Ok(Value::Bool(false)),
    verify: None,
    summary: "",
    source: REFERENCE,
    examples: &[],
};

const REFERENCE: &str = "Google SecOps documentation, YARA-L 2.0, page Functions";
const OLD_REFERENCE: &str =
    "Google SecOps documentation of June 2025, YARA-L 2.0 language syntax; gone since";
const STAFF: &str = "posts by Google staff on the SecOps community site; on no reference page";

const fn required(name: &'static str, kind: Kind) -> Param {
    Param { name, kind, need: Need::Required }
}

const fn optional(name: &'static str, kind: Kind) -> Param {
    Param { name, kind, need: Need::Optional }
}

/// The literal text at `index`, where there is one.
fn literal<'v>(values: &'v [Option<Value<'static>>], index: usize) -> Option<Cow<'v, str>> {
    values.get(index)?.as_ref().map(Value::to_text)
}

fn bad(index: usize, message: String, help: &str) -> Result<(), BadLiteral> {
    Err(BadLiteral { index, message, help: help.to_owned() })
}

/// How many items there are.
fn count(length: usize) -> Value<'static> {
    Value::Int(i64::try_from(length).unwrap_or(i64::MAX))
}

/// A whole number from anything: text and doubles are cut at the point; 0 where there is none, or where it does not fit.
fn to_int(value: &Value) -> i64 {
    match value {
        Value::Int(number) => *number,
        Value::Uint(number) => i64::try_from(*number).unwrap_or(0),
        Value::Float(number) => number::truncate(*number).unwrap_or(0),
        Value::Bool(truth) => i64::from(*truth),
        Value::Time(time) => time.seconds(),
        Value::Text(text) => match operators::parse_number(text) {
            Some(number) => to_int(&number),
            None => number::truncate(parse_float(text)).unwrap_or(0),
        },
        Value::Bytes(_) | Value::List(_) => 0,
    }
}

/// A number from anything; 0 where there is none.
fn to_number(value: &Value) -> f64 {
    match value {
        Value::Text(text) => parse_float(text),
        Value::Int(_)
        | Value::Uint(_)
        | Value::Float(_)
        | Value::Bool(_)
        | Value::Time(_)
        | Value::Bytes(_)
        | Value::List(_) => operators::to_double(value),
    }
}

/// A decimal number, with or without exponent; 0 for all other text, and beyond the finite doubles.
fn parse_float(text: &str) -> f64 {
    text.parse().ok().filter(|number: &f64| number.is_finite()).unwrap_or(0.0)
}

#[cfg(test)]
mod tests;
