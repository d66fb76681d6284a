//! Numbers, names, times and lengths of time, from each form that JSON gives them.

use std::borrow::Cow;

use serde_json::Number;

use crate::ingest::tree::{Object, Tree};
use crate::schema::schema;
use crate::value::{EnumId, Timestamp, number};

const NANOS: i128 = 1_000_000_000;

/// The point in time behind RFC 3339, `{seconds, nanos}`, or an epoch number.
pub fn normal_time(value: &Tree<'_>) -> Option<Timestamp> {
    match value {
        Tree::Text(text) => {
            Timestamp::parse(text).or_else(|| Timestamp::from_epoch_number(text.parse().ok()?))
        }
        Tree::Object(parts) => {
            let (seconds, nanos) = seconds_and_nanos(parts)?;
            Timestamp::from_parts(seconds, u32::try_from(nanos).ok()?)
        }
        Tree::Number(number) => match number.as_i64() {
            Some(number) => Timestamp::from_epoch_number(number),
            None => Timestamp::from_epoch_fraction(number.as_f64()?),
        },
        Tree::Null | Tree::Bool(_) | Tree::List(_) => None,
    }
}

/// Nothing where the object holds anything else. Either part may be left out, but not both.
fn seconds_and_nanos(parts: &Object<'_>) -> Option<(i64, i64)> {
    let part = |name| parts.get(name).filter(|value| !value.is_null()).map_or(Some(0), whole);
    let known = parts.keys().all(|key| key == "seconds" || key == "nanos");
    let (seconds, nanos) = (part("seconds")?, part("nanos")?);
    if !known || parts.is_empty() {
        return None;
    }
    Some((i64::try_from(seconds).ok()?, i64::try_from(nanos).ok()?))
}

pub(super) fn timestamp(value: Tree<'_>) -> Tree<'_> {
    match normal_time(&value) {
        Some(_) if value.as_str().is_some_and(is_spelt) => value,
        Some(time) => Tree::owned(time.to_rfc3339()),
        None => value,
    }
}

/// Is this the text of a time as it is written here? There is no leap second in it, nor more digits than needed.
fn is_spelt(time: &str) -> bool {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00";
    let Some((whole, rest)) = time.as_bytes().split_at_checked(SHAPE.len()) else { return false };
    let fits =
        |(letter, shape): (&u8, &u8)| if *shape == b'0' { letter.is_ascii_digit() } else { letter == shape };
    let fraction = match rest {
        [b'Z'] => true,
        [b'.', digits @ .., b'Z'] => matches!(digits.len(), 3 | 6 | 9) && !digits.ends_with(b"000"),
        _ => false,
    };
    fraction && whole.iter().zip(SHAPE).all(fits) && !whole.ends_with(b"60")
}

pub(super) fn duration(value: Tree<'_>) -> Tree<'_> {
    match length(&value) {
        Some(nanos) => Tree::owned(duration_text(nanos)),
        None => value,
    }
}

/// Nanoseconds of a length of time. A string with its unit is spelt as it should be.
fn length(value: &Tree<'_>) -> Option<i128> {
    match value {
        Tree::Object(parts) => {
            let (seconds, nanos) = seconds_and_nanos(parts)?;
            Some(i128::from(seconds) * NANOS + i128::from(nanos))
        }
        Tree::Number(number) => match whole(value) {
            Some(seconds) => seconds.checked_mul(NANOS),
            None => number::truncate((number.as_f64()? * 1_000_000_000.0).round()).map(i128::from),
        },
        Tree::Text(_) => whole(value)?.checked_mul(NANOS),
        Tree::Null | Tree::Bool(_) | Tree::List(_) => None,
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
fn whole(value: &Tree<'_>) -> Option<i128> {
    match value {
        Tree::Number(number) => {
            let signed = number.as_i64().map(i128::from);
            signed.or_else(|| number.as_u64().map(i128::from)).or_else(|| whole_float(number.as_f64()?))
        }
        Tree::Text(text) => text.parse().ok(),
        Tree::Null | Tree::Bool(_) | Tree::List(_) | Tree::Object(_) => None,
    }
}

fn whole_float(float: f64) -> Option<i128> {
    if float.fract() == 0.0 { number::truncate(float).map(i128::from) } else { None }
}

pub(super) fn wide(value: Tree<'_>) -> Tree<'_> {
    if value.as_str().is_some_and(is_whole) {
        return value;
    }
    whole(&value).map_or(value, |number| Tree::owned(number.to_string()))
}

/// Are these digits as a number is written? No more than surely fit.
fn is_whole(text: &str) -> bool {
    let digits = text.as_bytes();
    text == "0"
        || (digits.len() < 20
            && matches!(digits, [b'1'..=b'9', rest @ ..] if rest.iter().all(u8::is_ascii_digit)))
}

pub(super) fn narrow(value: Tree<'_>) -> Tree<'_> {
    whole(&value).and_then(Number::from_i128).map_or(value, Tree::Number)
}

/// A double, whole ones without a point; `NaN` and infinity are strings in JSON.
pub(super) fn float(value: Tree<'_>) -> Tree<'_> {
    let float = match &value {
        Tree::Number(number) => number.as_f64(),
        Tree::Text(text) => text.parse().ok(),
        Tree::Null | Tree::Bool(_) | Tree::List(_) | Tree::Object(_) => None,
    };
    match float.and_then(whole_float) {
        Some(number) => Number::from_i128(number).map_or(value, Tree::Number),
        None => float.and_then(Number::from_f64).map_or(value, Tree::Number),
    }
}

pub(super) fn boolean(value: Tree<'_>) -> Tree<'_> {
    match value.as_str() {
        Some("true") => Tree::Bool(true),
        Some("false") => Tree::Bool(false),
        _ => value,
    }
}

pub(super) fn text(value: Tree<'_>) -> Tree<'_> {
    match value {
        Tree::Number(number) => Tree::owned(number.to_string()),
        Tree::Bool(truth) => Tree::owned(truth.to_string()),
        Tree::Null | Tree::Text(_) | Tree::List(_) | Tree::Object(_) => value,
    }
}

/// The name of an enum's number; an unknown number stays.
pub(super) fn name(id: EnumId, value: Tree<'_>) -> Tree<'_> {
    let number = whole(&value).and_then(|number| i64::try_from(number).ok());
    let name = number.zip(schema().enumeration(id)).and_then(|(number, names)| names.name(number));
    name.map_or(value, |name| Tree::Text(Cow::Borrowed(name)))
}
