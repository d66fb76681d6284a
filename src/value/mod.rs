//! Values of the language, their types, and how they compare; times, durations and windows.

pub mod network;
pub mod number;
pub mod operators;
pub mod time;

use std::borrow::Cow;

pub use time::{Duration, Timestamp, Window};

/// An enum of the UDM schema, by position in [`crate::schema`]'s table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnumId(pub u16);

/// The type of an expression. There is no null: every type has a zero value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    /// `string`; zero `""`.
    Text,
    /// `bytes`, compared as the text given; zero empty.
    Bytes,
    /// Signed 64-bit whole number; zero 0.
    Int,
    /// Unsigned 64-bit whole number; zero 0.
    Uint,
    /// Double; zero 0.0.
    Float,
    /// `true` or `false`; zero false.
    Bool,
    /// A name of an enum; zero is the enum's first name.
    Enum(EnumId),
    /// A point in time; zero is the epoch.
    Time,
    /// A list of values of one kind; zero is empty.
    List(Element),
}

/// What a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Element {
    /// Strings (and enum names).
    Text,
    /// Whole numbers.
    Int,
    /// Doubles.
    Float,
    /// Booleans.
    Bool,
    /// Times.
    Time,
}

/// A value. Text and bytes borrow from the event where they can.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// A string, or an enum's name.
    Text(Cow<'a, str>),
    /// Bytes, as computed by a function; bytes *fields* are text.
    Bytes(Cow<'a, [u8]>),
    /// A whole number.
    Int(i64),
    /// A whole number above the signed range, or from an unsigned field.
    Uint(u64),
    /// A double.
    Float(f64),
    /// A boolean.
    Bool(bool),
    /// A point in time.
    Time(Timestamp),
    /// A list.
    List(Vec<Value<'a>>),
}

impl<'a> Value<'a> {
    /// A string that borrows.
    pub fn text(text: &'a str) -> Value<'a> {
        Value::Text(Cow::Borrowed(text))
    }

    /// A string of its own.
    pub fn owned(text: impl Into<String>) -> Value<'static> {
        Value::Text(Cow::Owned(text.into()))
    }

    /// The same value, borrowing its text from this one: a literal is used for every event, and copied for none.
    pub fn borrowed(&self) -> Value<'_> {
        match self {
            Value::Text(text) => Value::text(text),
            Value::Bytes(bytes) => Value::Bytes(Cow::Borrowed(bytes)),
            Value::Int(number) => Value::Int(*number),
            Value::Uint(number) => Value::Uint(*number),
            Value::Float(number) => Value::Float(*number),
            Value::Bool(truth) => Value::Bool(*truth),
            Value::Time(time) => Value::Time(*time),
            Value::List(items) => Value::List(items.iter().map(Value::borrowed).collect()),
        }
    }

    /// The same value, borrowing from nothing.
    pub fn into_static(self) -> Value<'static> {
        match self {
            Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Value::Bytes(bytes) => Value::Bytes(Cow::Owned(bytes.into_owned())),
            Value::Int(number) => Value::Int(number),
            Value::Uint(number) => Value::Uint(number),
            Value::Float(number) => Value::Float(number),
            Value::Bool(truth) => Value::Bool(truth),
            Value::Time(time) => Value::Time(time),
            Value::List(items) => Value::List(items.into_iter().map(Value::into_static).collect()),
        }
    }

    /// Its text as the language writes it: whole floats without a point, lists joined by `, `.
    ///
    /// ```
    /// # use yaral::value::Value;
    /// assert_eq!(Value::Float(65.0).to_text(), "65");
    /// assert_eq!(Value::List(vec![Value::Int(1), Value::Int(2)]).to_text(), "1, 2");
    /// ```
    pub fn to_text(&self) -> Cow<'_, str> {
        match self {
            Value::Text(text) => Cow::Borrowed(text.as_ref()),
            Value::Bytes(bytes) => String::from_utf8_lossy(bytes),
            Value::Int(number) => Cow::Owned(number.to_string()),
            Value::Uint(number) => Cow::Owned(number.to_string()),
            Value::Float(number) => Cow::Owned(number::float_text(*number)),
            Value::Bool(truth) => Cow::Borrowed(if *truth { "true" } else { "false" }),
            Value::Time(time) => Cow::Owned(time.to_rfc3339()),
            Value::List(items) => Cow::Owned(items.iter().map(Value::to_text).collect::<Vec<_>>().join(", ")),
        }
    }

    /// As a double, where it is a number; otherwise nothing.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Int(number) => Some(number::to_f64(*number)),
            Value::Uint(number) => Some(number::unsigned_to_f64(*number)),
            Value::Float(number) => Some(*number),
            Value::Text(_) | Value::Bytes(_) | Value::Bool(_) | Value::Time(_) | Value::List(_) => None,
        }
    }

    /// As text, where it is text; a function whose argument types were checked may rely on it.
    pub fn as_str(&self) -> &str {
        match self {
            Value::Text(text) => text,
            Value::Bytes(_)
            | Value::Int(_)
            | Value::Uint(_)
            | Value::Float(_)
            | Value::Bool(_)
            | Value::Time(_)
            | Value::List(_) => "",
        }
    }
}
