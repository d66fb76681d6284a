//! `math.*`: numbers; where a result is undefined or too large, it is 0.

use super::{Args, Example, Function, Kind, ROW, Returns, optional, required};
use crate::value::number::{truncate, unsigned_to_f64};
use crate::value::operators::{Overflow, whole_value};
use crate::value::{Type, Value};

const NUMBER: super::Param = required("number", Kind::Number);

pub(super) static ABS: Function = Function {
    name: "math.abs",
    params: &[NUMBER],
    returns: Returns::First,
    body: abs,
    summary: "The number without its sign, whole or float as it came.",
    examples: &[Example { call: "math.abs(5)", gives: "5" }, Example { call: "math.abs(2.5)", gives: "2.5" }],
    ..ROW
};

fn abs<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    match number(args) {
        Number::Float(number) => Ok(Value::Float(number.abs())),
        Number::Whole(number) => whole_value(Some(number.abs())),
    }
}

/// The two kinds of number, which some functions keep.
enum Number {
    Float(f64),
    Whole(i128),
}

/// The first argument; what is no number counts as the whole number that stands in its text, or as 0.
fn number(args: &Args) -> Number {
    match args.get(0) {
        Some(Value::Float(number)) => Number::Float(*number),
        Some(Value::Uint(number)) => Number::Whole(i128::from(*number)),
        Some(
            Value::Int(_)
            | Value::Text(_)
            | Value::Bytes(_)
            | Value::Bool(_)
            | Value::Time(_)
            | Value::List(_),
        )
        | None => Number::Whole(i128::from(args.int(0))),
    }
}

pub(super) static CEIL: Function = Function {
    name: "math.ceil",
    params: &[NUMBER],
    returns: Returns::Fixed(Type::Int),
    body: |args| Ok(Value::Int(whole(args, f64::ceil))),
    summary: "The next whole number upwards; 0 beyond 64 bits.",
    examples: &[
        Example { call: "math.ceil(2.2)", gives: "3" },
        Example { call: "math.ceil(2.0)", gives: "2" },
    ],
    ..ROW
};

pub(super) static FLOOR: Function = Function {
    name: "math.floor",
    params: &[NUMBER],
    returns: Returns::Fixed(Type::Int),
    body: |args| Ok(Value::Int(whole(args, f64::floor))),
    summary: "The next whole number downwards; 0 beyond 64 bits.",
    examples: &[Example { call: "math.floor(2.8)", gives: "2" }],
    ..ROW
};

fn whole(args: &Args, round: fn(f64) -> f64) -> i64 {
    match number(args) {
        Number::Float(float) => truncate(round(float)).unwrap_or(0),
        Number::Whole(number) => i64::try_from(number).unwrap_or(0),
    }
}

pub(super) static GEO_DISTANCE: Function = Function {
    name: "math.geo_distance",
    params: &[
        required("longitude1", Kind::Number),
        required("latitude1", Kind::Number),
        required("longitude2", Kind::Number),
        required("latitude2", Kind::Number),
    ],
    returns: Returns::Fixed(Type::Float),
    body: geo_distance,
    summary: "Metres along the great circle on a sphere of radius 6371010 m (chosen; it fits the documented samples); \
              -1 where a coordinate is out of range.",
    examples: &[
        Example { call: "math.geo_distance(10.5, 50.25, 10.5, 50.25)", gives: "0.0" },
        Example { call: "math.geo_distance(10, 97.4, 10, 50)", gives: "-1.0" },
    ],
    ..ROW
};

fn geo_distance<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    const RADIUS: f64 = 6_371_010.0;
    let [longitude1, latitude1, longitude2, latitude2] = [0, 1, 2, 3].map(|index| args.number(index));
    let valid = longitude1.abs() <= 180.0
        && longitude2.abs() <= 180.0
        && latitude1.abs() <= 90.0
        && latitude2.abs() <= 90.0;
    if !valid {
        return Ok(Value::Float(-1.0));
    }
    let half_sine = |from: f64, to: f64| ((to - from).to_radians() / 2.0).sin().powi(2);
    let (cosine1, cosine2) = (latitude1.to_radians().cos(), latitude2.to_radians().cos());
    let haversine = half_sine(latitude1, latitude2) + cosine1 * cosine2 * half_sine(longitude1, longitude2);
    Ok(Value::Float(2.0 * RADIUS * haversine.clamp(0.0, 1.0).sqrt().asin()))
}

pub(super) static IS_INCREASING: Function = Function {
    name: "math.is_increasing",
    params: &[
        required("first", Kind::Number),
        required("second", Kind::Number),
        required("third", Kind::Number),
    ],
    returns: Returns::Fixed(Type::Bool),
    body: is_increasing,
    summary: "Is each number larger than the one before? Equal ones are not.",
    examples: &[
        Example { call: "math.is_increasing(1, 2, 3.5)", gives: "true" },
        Example { call: "math.is_increasing(1, 1, 2)", gives: "false" },
    ],
    ..ROW
};

fn is_increasing<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    use crate::value::operators::{Case, CompareOp, compare};
    let less = |pair: &[Value]| match pair {
        [left, right] => compare(CompareOp::Lt, left, right, Case::Exact),
        _ => false,
    };
    Ok(Value::Bool(args.values.windows(2).all(less)))
}

pub(super) static LOG: Function = Function {
    name: "math.log",
    params: &[NUMBER],
    returns: Returns::Fixed(Type::Float),
    body: |args| Ok(finite(args.number(0).ln())),
    summary: "The natural logarithm; 0 (chosen: the documents are silent) for 0 and below.",
    examples: &[Example { call: "math.log(1)", gives: "0.0" }, Example { call: "math.log(0)", gives: "0.0" }],
    ..ROW
};

pub(super) static POW: Function = Function {
    name: "math.pow",
    params: &[required("base", Kind::Number), required("exponent", Kind::Number)],
    returns: Returns::Fixed(Type::Float),
    body: |args| Ok(finite(args.number(0).powf(args.number(1)))),
    summary: "The base to the power of the exponent; 0 where that is too large or (chosen) undefined.",
    examples: &[
        Example { call: "math.pow(2, 2)", gives: "4.0" },
        Example { call: "math.pow(10, 400)", gives: "0.0" },
    ],
    ..ROW
};

fn finite<'a>(number: f64) -> Value<'a> {
    Value::Float(if number.is_finite() { number } else { 0.0 })
}

pub(super) static RANDOM: Function = Function {
    name: "math.random",
    params: &[],
    returns: Returns::Fixed(Type::Float),
    body: random,
    summary: "A number from 0 up to, not including, 1; here fixed by rule and event, so that runs can be repeated.",
    examples: &[],
    ..ROW
};

fn random<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    // SplitMix64; its upper 53 bits fill a double.
    let mut bits = args.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^= bits >> 31;
    Ok(Value::Float(unsigned_to_f64(bits >> 11) / unsigned_to_f64(1 << 53)))
}

pub(super) static ROUND: Function = Function {
    name: "math.round",
    params: &[NUMBER, optional("decimal_places", Kind::Int)],
    returns: Returns::First,
    body: round,
    summary: "Rounded to so many decimals, none unless given; halves go away from 0 (chosen: the documented sample \
              `math.round(1.2567, 2)` = 1.25 contradicts its own text).",
    examples: &[
        Example { call: "math.round(10.7)", gives: "11.0" },
        Example { call: "math.round(1.2345, 2)", gives: "1.23" },
        Example { call: "math.round(2.5)", gives: "3.0" },
    ],
    ..ROW
};

fn round<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    let places = i32::try_from(args.int(1)).unwrap_or(0).clamp(-400, 400);
    match number(args) {
        Number::Float(number) => Ok(Value::Float(round_float(number, places))),
        Number::Whole(number) => round_whole(number, places.min(0).unsigned_abs()),
    }
}

fn round_float(number: f64, places: i32) -> f64 {
    let scale = 10_f64.powi(places.abs());
    let rounded =
        if places < 0 { (number / scale).round() * scale } else { (number * scale).round() / scale };
    if rounded.is_finite() {
        return rounded;
    }
    // So fine that nothing changes, or so coarse that nothing is left.
    if places < 0 { 0.0 } else { number }
}

/// To tens, hundreds, …
fn round_whole<'a>(number: i128, zeros: u32) -> Result<Value<'a>, Overflow> {
    let Some(unit) = 10_i128.checked_pow(zeros) else { return Ok(Value::Int(0)) };
    let half = unit / 2 * number.signum();
    whole_value(number.checked_add(half).and_then(|sum| (sum / unit).checked_mul(unit)))
}

pub(super) static SQRT: Function = Function {
    name: "math.sqrt",
    params: &[NUMBER],
    returns: Returns::Fixed(Type::Float),
    body: |args| Ok(finite(args.number(0).sqrt())),
    summary: "The square root; 0 for numbers below 0.",
    examples: &[Example { call: "math.sqrt(16)", gives: "4.0" }],
    ..ROW
};
