//! Numbers, names, times and lengths of time, from each form that JSON gives them.

use serde_json::{Map, Number, Value};

use crate::schema::schema;
use crate::value::{EnumId, Timestamp, number};

const NANOS: i128 = 1_000_000_000;

/// The point in time behind RFC 3339, `{seconds, nanos}`, or an epoch number.
pub fn normal_time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => {
            Timestamp::parse(text).or_else(|| Timestamp::from_epoch_number(text.parse().ok()?))
        }
        Value::Object(parts) => {
            let (seconds, nanos) = seconds_and_nanos(parts)?;
            Timestamp::from_parts(seconds, u32::try_from(nanos).ok()?)
        }
        Value::Number(number) => match number.as_i64() {
            Some(number) => Timestamp::from_epoch_number(number),
            None => fractional(number.as_f64()?),
        },
        Value::Null | Value::Bool(_) | Value::Array(_) => None,
    }
}

/// Seconds with a fraction, which a double holds to the microsecond; larger units lose theirs.
pub(in crate::ingest) fn fractional(time: f64) -> Option<Timestamp> {
    const LAST_OF_SECONDS: f64 = 100_000_000_000.0;
    if time.abs() >= LAST_OF_SECONDS {
        return Timestamp::from_epoch_number(number::truncate(time)?);
    }
    number::truncate((time * 1_000_000.0).round())?.checked_mul(1_000).map(Timestamp)
}

/// Nothing where the object holds anything else. Either part may be left out, but not both.
fn seconds_and_nanos(parts: &Map<String, Value>) -> Option<(i64, i64)> {
    let part = |name| parts.get(name).filter(|value| !value.is_null()).map_or(Some(0), whole);
    let known = parts.keys().all(|key| key == "seconds" || key == "nanos");
    let (seconds, nanos) = (part("seconds")?, part("nanos")?);
    if !known || parts.is_empty() {
        return None;
    }
    Some((i64::try_from(seconds).ok()?, i64::try_from(nanos).ok()?))
}

pub(super) fn timestamp(value: Value) -> Value {
    normal_time(&value).map_or(value, |time| Value::String(time.to_rfc3339()))
}

pub(super) fn duration(value: Value) -> Value {
    match length(&value) {
        Some(nanos) => Value::String(duration_text(nanos)),
        None => value,
    }
}

/// Nanoseconds of a length of time. A string with its unit is spelt as it should be.
fn length(value: &Value) -> Option<i128> {
    match value {
        Value::Object(parts) => {
            let (seconds, nanos) = seconds_and_nanos(parts)?;
            Some(i128::from(seconds) * NANOS + i128::from(nanos))
        }
        Value::Number(number) => match whole(value) {
            Some(seconds) => seconds.checked_mul(NANOS),
            None => number::truncate((number.as_f64()? * 1_000_000_000.0).round()).map(i128::from),
        },
        Value::String(_) => whole(value)?.checked_mul(NANOS),
        Value::Null | Value::Bool(_) | Value::Array(_) => None,
    }
}

/// With 0, 3, 6 or 9 digits of fraction.
fn duration_text(nanos: i128) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let (seconds, rest) = (nanos.abs() / NANOS, nanos.abs() % NANOS);
    match (rest, rest % 1_000_000, rest % 1_000) {
        (0, ..) => format!("{sign}{seconds}s"),
        (_, 0, _) => format!("{sign}{seconds}.{:03}s", rest / 1_000_000),
        (_, _, 0) => format!("{sign}{seconds}.{:06}s", rest / 1_000),
        _ => format!("{sign}{seconds}.{rest:09}s"),
    }
}

/// A whole number, given as one, as a float without fraction, or as digits.
fn whole(value: &Value) -> Option<i128> {
    match value {
        Value::Number(number) => {
            let signed = number.as_i64().map(i128::from);
            signed.or_else(|| number.as_u64().map(i128::from)).or_else(|| whole_float(number.as_f64()?))
        }
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn whole_float(float: f64) -> Option<i128> {
    if float.fract() == 0.0 { number::truncate(float).map(i128::from) } else { None }
}

pub(super) fn wide(value: Value) -> Value {
    whole(&value).map_or(value, |number| Value::String(number.to_string()))
}

pub(super) fn narrow(value: Value) -> Value {
    whole(&value).and_then(Number::from_i128).map_or(value, Value::Number)
}

/// A double, whole ones without a point; `NaN` and infinity are strings in JSON.
pub(super) fn float(value: Value) -> Value {
    let float = match &value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    match float.and_then(whole_float) {
        Some(number) => Number::from_i128(number).map_or(value, Value::Number),
        None => float.and_then(Number::from_f64).map_or(value, Value::Number),
    }
}

pub(super) fn boolean(value: Value) -> Value {
    match value.as_str() {
        Some("true") => Value::Bool(true),
        Some("false") => Value::Bool(false),
        _ => value,
    }
}

pub(super) fn text(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::String(number.to_string()),
        Value::Bool(truth) => Value::String(truth.to_string()),
        Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) => value,
    }
}

/// The name of an enum's number; an unknown number stays.
pub(super) fn name(id: EnumId, value: Value) -> Value {
    let number = whole(&value).and_then(|number| i64::try_from(number).ok());
    let name = number.zip(schema().enumeration(id)).and_then(|(number, names)| names.name(number));
    name.map_or(value, |name| Value::String(name.to_owned()))
}
