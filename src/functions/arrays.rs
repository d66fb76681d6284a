//! `arrays.*`: lists of one row.

use super::{Args, Example, Function, Kind, ROW, Returns, count, optional, required, to_int, to_number};
use crate::value::operators::{Case, CompareOp, Overflow, compare};
use crate::value::{Element, Type, Value};

const ARRAY: super::Param = required("array", Kind::List);
const INDEX: super::Param = required("index", Kind::Int);

pub(super) static CONCAT: Function = Function {
    name: "arrays.concat",
    params: &[required("first", Kind::List), required("second", Kind::List)],
    returns: Returns::Fixed(Type::List(Element::Text)),
    body: concat,
    summary: "The items of both lists, in order; duplicates stay.",
    examples: &[Example {
        call: r#"arrays.concat(strings.split("a,b"), strings.split("b,c"))"#,
        gives: r#"["a", "b", "b", "c"]"#,
    }],
    ..ROW
};

fn concat<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    let items = args.items(0).iter().chain(args.items(1));
    Ok(Value::List(items.cloned().collect()))
}

pub(super) static CONTAINS: Function = Function {
    name: "arrays.contains",
    params: &[ARRAY, required("value", Kind::Scalar)],
    returns: Returns::Fixed(Type::Bool),
    body: contains,
    summary: "Is the value among the items? Documented for outcome lists in `condition`; accepted everywhere.",
    examples: &[
        Example { call: r#"arrays.contains(strings.split("a,b"), "b")"#, gives: "true" },
        Example { call: r#"arrays.contains(strings.split("a,b"), "B")"#, gives: "false" },
    ],
    ..ROW
};

fn contains<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    let Some(value) = args.get(1) else { return Ok(Value::Bool(false)) };
    let found = args.items(0).iter().any(|item| compare(CompareOp::Eq, item, value, Case::Exact));
    Ok(Value::Bool(found))
}

pub(super) static INDEX_TO_FLOAT: Function = Function {
    name: "arrays.index_to_float",
    params: &[ARRAY, INDEX],
    returns: Returns::Fixed(Type::Float),
    body: |args| Ok(Value::Float(item(args).map_or(0.0, to_number))),
    summary: "The item as a number. The first is 0, the last -1; 0 outside the list and for text that is no number.",
    examples: &[Example { call: r#"arrays.index_to_float(strings.split("1.5,2"), 0)"#, gives: "1.5" }],
    ..ROW
};

pub(super) static INDEX_TO_INT: Function = Function {
    name: "arrays.index_to_int",
    params: &[ARRAY, INDEX],
    returns: Returns::Fixed(Type::Int),
    body: |args| Ok(Value::Int(item(args).map_or(0, to_int))),
    summary: "The item as a whole number, cut at the point (chosen: the documents show 1.2 alone). The first is 0, the \
              last -1; 0 outside the list and for text that is no number.",
    examples: &[
        Example { call: r#"arrays.index_to_int(strings.split("44,11"), 1)"#, gives: "11" },
        Example { call: r#"arrays.index_to_int(strings.split("44,11"), 5)"#, gives: "0" },
    ],
    ..ROW
};

pub(super) static INDEX_TO_STR: Function = Function {
    name: "arrays.index_to_str",
    params: &[ARRAY, INDEX],
    returns: Returns::Fixed(Type::Text),
    body: index_to_str,
    summary: "The item as text. The first is 0, the last -1; `\"\"` outside the list.",
    examples: &[
        Example { call: r#"arrays.index_to_str(strings.split("a,b"), 1)"#, gives: r#""b""# },
        Example { call: r#"arrays.index_to_str(strings.split("a,b"), 6)"#, gives: r#""""# },
    ],
    ..ROW
};

fn index_to_str<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    Ok(match item(args) {
        None => Value::text(""),
        Some(text @ Value::Text(_)) => text.clone(),
        Some(other) => Value::owned(other.to_text()),
    })
}

/// The item of the list at 0 which the index at 1 means.
fn item<'c, 'a>(args: &Args<'c, 'a>) -> Option<&'c Value<'a>> {
    let (items, index) = (args.items(0), args.int(1));
    let offset = usize::try_from(index.unsigned_abs()).ok()?;
    let at = if index < 0 { items.len().checked_sub(offset)? } else { offset };
    items.get(at)
}

pub(super) static JOIN_STRING: Function = Function {
    name: "arrays.join_string",
    params: &[ARRAY, optional("delimiter", Kind::Text)],
    returns: Returns::Fixed(Type::Text),
    body: join_string,
    summary: "The items as one text, the delimiter between them; none unless given. Empty items keep their place.",
    examples: &[
        Example { call: r#"arrays.join_string(strings.split("a,b"), "-")"#, gives: r#""a-b""# },
        Example { call: r#"arrays.join_string(strings.split("a,b"))"#, gives: r#""ab""# },
    ],
    ..ROW
};

fn join_string<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    let items: Vec<_> = args.items(0).iter().map(Value::to_text).collect();
    Ok(Value::owned(items.join(&*args.text(1))))
}

pub(super) static LENGTH: Function = Function {
    name: "arrays.length",
    params: &[required("repeated_field", Kind::RepeatedField)],
    returns: Returns::Fixed(Type::Int),
    body: |args| Ok(count(args.items(0).len())),
    summary: "How many values a repeated field has, over all repeated fields on its path.",
    examples: &[],
    ..ROW
};

pub(super) static MAX: Function = Function {
    name: "arrays.max",
    params: &[ARRAY],
    returns: Returns::Fixed(Type::Float),
    body: |args| Ok(Value::Float(args.items(0).iter().map(to_number).reduce(f64::max).unwrap_or(0.0))),
    summary: "The largest item, as a float; 0 for an empty list.",
    examples: &[Example { call: r#"arrays.max(strings.split("10,20"))"#, gives: "20.0" }],
    ..ROW
};

pub(super) static MIN: Function = Function {
    name: "arrays.min",
    params: &[ARRAY, optional("ignore_zeros", Kind::Bool)],
    returns: Returns::Fixed(Type::Float),
    body: min,
    summary: "The smallest item, as a float, on request of those that are not 0; 0 where none is left.",
    examples: &[
        Example { call: r#"arrays.min(strings.split("10,20,0"), true)"#, gives: "10.0" },
        Example { call: r#"arrays.min(strings.split("10,20,0"))"#, gives: "0.0" },
    ],
    ..ROW
};

fn min<'a>(args: &Args<'_, 'a>) -> Result<Value<'a>, Overflow> {
    let keep_zeros = !args.is_true(1);
    let numbers = args.items(0).iter().map(to_number).filter(|number| keep_zeros || *number != 0.0);
    Ok(Value::Float(numbers.reduce(f64::min).unwrap_or(0.0)))
}

pub(super) static SIZE: Function = Function {
    name: "arrays.size",
    params: &[ARRAY],
    returns: Returns::Fixed(Type::Int),
    body: |args| Ok(count(args.items(0).len())),
    summary: "How many items a list has; for a repeated field there is `arrays.length`.",
    examples: &[Example { call: r#"arrays.size(strings.split("a,b"))"#, gives: "2" }],
    ..ROW
};
