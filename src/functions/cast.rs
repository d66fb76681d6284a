//! `cast.*`: from one type to another; what cannot be cast is the zero value.

use super::{Args, Example, Function, Kind, ROW, Returns, optional, required};
use crate::value::operators::Overflow;
use crate::value::{Type, Value};

pub(super) static AS_BOOL: Function = Function {
    name: "cast.as_bool",
    params: &[required("string_or_int", Kind::Scalar)],
    returns: Returns::Fixed(Type::Bool),
    body: as_bool,
    summary: "True for the number 1 and for `true` in any case; false for all else, the text `1` included.",
    examples: &[
        Example { call: r#"cast.as_bool("True")"#, gives: "true" },
        Example { call: "cast.as_bool(2)", gives: "false" },
    ],
    ..ROW
};

fn as_bool<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    let truth = match args.get(0) {
        Some(Value::Bool(truth)) => *truth,
        Some(Value::Int(number)) => *number == 1,
        Some(Value::Uint(number)) => *number == 1,
        Some(Value::Text(text)) => text.eq_ignore_ascii_case("true"),
        Some(Value::Float(_) | Value::Bytes(_) | Value::Time(_) | Value::List(_)) | None => false,
    };
    Ok(Value::Bool(truth))
}

pub(super) static AS_FLOAT: Function = Function {
    name: "cast.as_float",
    params: &[required("string", Kind::TextOrNumber)],
    returns: Returns::Fixed(Type::Float),
    body: |args| Ok(Value::Float(args.number(0))),
    summary: "The number that a text stands for, 0 for other text. The product keeps seven decimals, this keeps all.",
    examples: &[
        Example { call: r#"cast.as_float("0.5")"#, gives: "0.5" },
        Example { call: r#"cast.as_float("str")"#, gives: "0.0" },
    ],
    ..ROW
};

pub(super) static AS_INT: Function = Function {
    name: "cast.as_int",
    params: &[required("string", Kind::TextOrNumber)],
    returns: Returns::Fixed(Type::Int),
    body: |args| Ok(Value::Int(args.int(0))),
    summary: "The whole number that a text or a number stands for, cut at the point (chosen: the documents show no \
              half); 0 for other text and beyond 64 bits.",
    examples: &[
        Example { call: r#"cast.as_int("2.9")"#, gives: "2" },
        Example { call: r#"cast.as_int("str")"#, gives: "0" },
    ],
    ..ROW
};

pub(super) static AS_STRING: Function = Function {
    name: "cast.as_string",
    params: &[required("value", Kind::Scalar), optional("default_string", Kind::Text)],
    returns: Returns::Fixed(Type::Text),
    body: as_string,
    summary: "The value as text, bytes as UTF-8. The default, or `\"\"`, for a whole number above the signed range and \
              (chosen) for bytes that are not UTF-8.",
    examples: &[
        Example { call: "cast.as_string(123)", gives: r#""123""# },
        Example { call: "cast.as_string(true)", gives: r#""true""# },
        Example { call: r#"cast.as_string(strings.from_hex("ff"), "bad")"#, gives: r#""bad""# },
    ],
    ..ROW
};

fn as_string<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    let text = match args.get(0) {
        Some(Value::Uint(number)) => i64::try_from(*number).ok().map(|number| number.to_string()),
        Some(Value::Bytes(bytes)) => std::str::from_utf8(bytes).ok().map(str::to_owned),
        Some(text @ Value::Text(_)) => return Ok(text.clone()),
        Some(
            other @ (Value::Int(_) | Value::Float(_) | Value::Bool(_) | Value::Time(_) | Value::List(_)),
        ) => Some(other.to_text().into_owned()),
        None => None,
    };
    Ok(Value::owned(text.unwrap_or_else(|| args.text(1).into_owned())))
}
