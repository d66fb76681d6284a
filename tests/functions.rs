//! The documented calls of every function and aggregate, and the examples in the table of functions.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

use std::borrow::Cow;

use serde_json::Value as Json;
use yaral::aggregates;
use yaral::functions::{self, Args, Function, Kind};
use yaral::regex::Pattern;
use yaral::value::operators::Case;
use yaral::value::{Timestamp, Value};

#[path = "functions/rules.rs"]
mod rules;

const CASES: &str = include_str!("functions/cases.jsonl");

/// Read by the language itself, and run here within whole rules.
const WHOLE_RULES: [&str; 1] = ["if"];

/// Not run: numbers that only Google keeps, and what only searches have.
const LEFT_OUT: [&str; 2] = ["metric", "query"];

/// How a call ended.
#[derive(Debug, PartialEq)]
enum Ending {
    Value(Value<'static>),
    Refused,
}

/// Arguments of a call; under `any` and `all` a list stands for many calls.
fn run(function: &Function, arguments: &[Json], case: Case, now: Timestamp) -> Ending {
    let spread = arguments.iter().position(|argument| argument.get("any").or(argument.get("all")).is_some());
    if let Some(at) = spread {
        return spread_out(function, arguments, at, now);
    }
    let mut values = Vec::new();
    for argument in arguments {
        match to_value(argument, now) {
            Ending::Value(value) => values.push(value),
            other => return other,
        }
    }
    call(function, &values, case, now)
}

fn spread_out(function: &Function, arguments: &[Json], at: usize, now: Timestamp) -> Ending {
    let all = arguments[at].get("all");
    let items = all.or(arguments[at].get("any")).and_then(Json::as_array).unwrap();
    let mut truths = items.iter().map(|item| {
        let mut one = arguments.to_vec();
        one[at] = item.clone();
        run(function, &one, Case::Exact, now) == Ending::Value(Value::Bool(true))
    });
    Ending::Value(Value::Bool(if all.is_some() {
        truths.all(|truth| truth)
    } else {
        truths.any(|truth| truth)
    }))
}

/// Parses the pattern, has the literals judged, runs the body: as the checker and the runner do.
fn call(function: &Function, values: &[Value<'static>], case: Case, now: Timestamp) -> Ending {
    let required = function.params.iter().filter(|param| param.need == functions::Need::Required).count();
    if values.len() < required || (values.len() > function.params.len() && function.rest.is_none()) {
        return Ending::Refused;
    }
    let index = function.params.iter().position(|param| param.kind == Kind::Pattern);
    let pattern = index.map(|index| Pattern::parse(&values[index].to_text(), case));
    let pattern = match pattern {
        Some(Err(_)) => return Ending::Refused,
        Some(Ok(pattern)) => Some(pattern),
        None => None,
    };
    let literals: Vec<_> = values.iter().cloned().map(Some).collect();
    if function.verify.is_some_and(|verify| verify(&literals, pattern.as_ref()).is_err()) {
        return Ending::Refused;
    }
    let args = Args { values, pattern: pattern.as_ref(), now, seed: 7 };
    Ending::Value((function.body)(&args).map_or(Value::Int(0), Value::into_static))
}

fn to_value(json: &Json, now: Timestamp) -> Ending {
    Ending::Value(match json {
        Json::Null => Value::Float(0.0),
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Value::Int(whole),
            None => number.as_u64().map_or_else(|| Value::Float(number.as_f64().unwrap()), Value::Uint),
        },
        Json::String(text) => Value::owned(text.as_str()),
        Json::Array(items) => {
            // Nulls in a list are absent.
            let items = items.iter().filter(|item| !item.is_null()).map(|item| to_value(item, now));
            Value::List(items.map(value_of).collect())
        }
        Json::Object(_) => return special(json, now),
    })
}

fn value_of(ending: Ending) -> Value<'static> {
    match ending {
        Ending::Value(value) => value,
        Ending::Refused => panic!("no value: {ending:?}"),
    }
}

fn special(json: &Json, now: Timestamp) -> Ending {
    let text = |key: &str| json.get(key).and_then(Json::as_str);
    if let Some(nested) = json.get("call") {
        let function = functions::find(nested["fn"].as_str().unwrap()).unwrap();
        return run(function, nested["args"].as_array().unwrap(), Case::Exact, now);
    }
    if let Some(digits) = text("bytes_hex") {
        return Ending::Value(Value::Bytes(Cow::Owned(bytes(digits))));
    }
    if let Some(digits) = text("uint").or(text("int_literal")) {
        let value = digits.parse().map(Value::Int).or_else(|_| digits.parse().map(Value::Uint));
        return Ending::Value(value.unwrap());
    }
    if let Some(literal) = text("yaral_literal") {
        let pattern = literal.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')).unwrap();
        return Ending::Value(Value::owned(pattern));
    }
    if let Some(time) = text("timestamp") {
        return Ending::Value(Value::Time(Timestamp::parse(time).unwrap()));
    }
    if json.get("bytes_invalid").is_some() {
        return Ending::Value(Value::text(""));
    }
    if let (Some(path), Some(event)) = (text("field"), json.get("event")) {
        let names: Vec<_> = path.split('.').collect();
        return Ending::Value(Value::List(leaves(event, &names)));
    }
    panic!("an argument of an unknown kind: {json}")
}

fn bytes(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

/// All values at a path, through every list on it.
fn leaves(json: &Json, path: &[&str]) -> Vec<Value<'static>> {
    match (json, path) {
        (Json::Array(items), _) => items.iter().flat_map(|item| leaves(item, path)).collect(),
        (_, []) => vec![value_of(to_value(json, Timestamp(0)))],
        (_, [name, rest @ ..]) => json.get(name).map(|inner| leaves(inner, rest)).unwrap_or_default(),
    }
}

/// Is the result what the line expects?
fn agrees(ending: &Ending, expected: &Json, line: &Json) -> bool {
    if expected.get("error").is_some() {
        return *ending == Ending::Refused;
    }
    let Ending::Value(value) = ending else { return false };
    if let Some(choices) = expected.get("one_of").and_then(Json::as_array) {
        return choices.iter().any(|choice| agrees(ending, choice, line));
    }
    if let Some(length) = expected.get("len").and_then(Json::as_u64) {
        let Value::List(items) = value else { return false };
        return items.len() as u64 == length && items.windows(2).all(|pair| pair[0] != pair[1]);
    }
    if let Some(range) = expected.get("range").and_then(Json::as_array) {
        let (low, high) = (range[0].as_f64().unwrap(), range[1].as_f64().unwrap());
        return value.as_f64().is_some_and(|number| low <= number && number < high);
    }
    let expected = value_of(to_value(expected, Timestamp(0)));
    if line.get("unordered").is_some() {
        return sorted(value) == sorted(&expected);
    }
    same(value, &expected, line)
}

fn sorted(value: &Value) -> Vec<String> {
    let Value::List(items) = value else { panic!("not a list: {value:?}") };
    let mut texts: Vec<_> = items.iter().map(|item| item.to_text().into_owned()).collect();
    texts.sort();
    texts
}

fn same(value: &Value, expected: &Value, line: &Json) -> bool {
    let (Some(number), Some(wanted)) = (value.as_f64(), expected.as_f64()) else { return value == expected };
    let tolerance = |key: &str| line.get(key).and_then(Json::as_f64).unwrap_or(0.0);
    let close = (number - wanted).abs() <= tolerance("tol").max(tolerance("rel_tol") * wanted.abs());
    let whole = |value: &Value| !matches!(value, Value::Float(_));
    if whole(value) && whole(expected) { value == expected } else { close }
}

fn clock(line: &Json) -> Timestamp {
    line.get("clock").and_then(Json::as_str).and_then(Timestamp::parse).unwrap_or_default()
}

/// The arguments of an aggregate, row by row.
fn rows(arguments: &[Json]) -> Vec<Vec<Value<'static>>> {
    let column = |argument: &Json| -> Option<Vec<Json>> {
        let values = argument.get("values").or(argument.get("timestamps"))?.as_array()?;
        Some(values.iter().filter(|value| !value.is_null()).cloned().collect())
    };
    let columns: Vec<_> = arguments.iter().map(column).collect();
    let length = columns.iter().flatten().map(Vec::len).max().unwrap_or(1);
    let cell = |at: usize, column: usize| match &columns[column] {
        Some(values) => values[at].clone(),
        None => arguments[column].clone(),
    };
    let value = |argument: usize, json: Json| match arguments[argument].get("timestamps") {
        Some(_) => Value::Time(json.as_str().and_then(Timestamp::parse).unwrap()),
        None => value_of(to_value(&json, Timestamp(0))),
    };
    (0..length)
        .map(|at| (0..arguments.len()).map(|column| value(column, cell(at, column))).collect())
        .collect()
}

fn aggregated(name: &str, arguments: &[Json]) -> Ending {
    let aggregate = aggregates::find(name).unwrap_or_else(|| panic!("`{name}` has no row"));
    let (least, most) = aggregate.arguments.bounds();
    assert!((least..=most).contains(&arguments.len()), "`{name}` takes {least} to {most} arguments");
    let mut state = (aggregate.start)();
    rows(arguments).iter().for_each(|row| state.add_row(row, 1));
    Ending::Value(state.finish().0)
}

/// Runs a line, wherever it belongs; nothing for one that is left out.
fn ending(line: &Json) -> Option<Ending> {
    let (name, arguments) = (line["fn"].as_str().unwrap(), line["args"].as_array().unwrap());
    let kind = line.get("kind").and_then(Json::as_str).unwrap_or_default();
    if LEFT_OUT.contains(&kind) {
        return None;
    }
    if WHOLE_RULES.contains(&name) || arguments.iter().any(rules::wants_a_rule) {
        return Some(rules::run(name, arguments));
    }
    if kind == "agg" {
        return Some(aggregated(name, arguments));
    }
    let function = functions::find(name).unwrap_or_else(|| panic!("`{name}` has no row"));
    let case = if line.get("nocase").is_some() { Case::Fold } else { Case::Exact };
    Some(run(function, arguments, case, clock(line)))
}

#[test]
fn every_documented_call_gives_the_documented_result() {
    let (mut wrong, mut ran) = (Vec::new(), 0);
    let mut left = Vec::new();
    for text in CASES.lines() {
        let line: Json = serde_json::from_str(text).unwrap();
        let Some(ending) = ending(&line) else {
            left.push(line["fn"].as_str().unwrap().to_owned());
            continue;
        };
        ran += 1;
        let right = agrees(&ending, &line["returns"], &line);
        match line.get("disputed") {
            Some(_) => eprintln!("disputed, {}: {text}", if right { "agrees" } else { "differs" }),
            None if !right => wrong.push(format!("{ending:?}\n  {text}")),
            None => {}
        }
    }
    eprintln!("{ran} calls ran; left out {left:?}");
    assert!(wrong.is_empty(), "{} calls of {ran} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(left.iter().filter(|name| *name != "group").count(), 13, "metrics alone are left out");
    assert_eq!(ran + left.len(), CASES.lines().count());
}

/// Reads the calls of the examples: names, literals, and lists in results.
struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn eat(&mut self, word: &str) -> bool {
        self.rest = self.rest.trim_start();
        let found = self.rest.starts_with(word);
        self.rest = &self.rest[if found { word.len() } else { 0 }..];
        found
    }

    fn take(&mut self, keep: impl Fn(char) -> bool) -> String {
        let end = self.rest.find(|letter| !keep(letter)).unwrap_or(self.rest.len());
        let taken = self.rest[..end].to_owned();
        self.rest = &self.rest[end..];
        taken
    }

    fn value(&mut self) -> Value<'static> {
        if self.eat("\"") {
            return Value::owned(self.quoted());
        }
        if self.eat("`") {
            let text = self.take(|letter| letter != '`');
            assert!(self.eat("`"));
            return Value::owned(text);
        }
        if self.eat("[") {
            return Value::List(self.row("]"));
        }
        let word = self.take(|letter| letter.is_alphanumeric() || "._-".contains(letter));
        if self.eat("(") {
            let values = self.row(")");
            let function = functions::find(&word).unwrap_or_else(|| panic!("`{word}` has no row"));
            return value_of(call(function, &values, Case::Exact, Timestamp(0)));
        }
        match word.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ if word.contains('.') => Value::Float(word.parse().unwrap()),
            _ => value_of(special(&serde_json::json!({ "uint": word }), Timestamp(0))),
        }
    }

    fn quoted(&mut self) -> String {
        let mut text = String::new();
        let mut letters = self.rest.chars();
        loop {
            match letters.next().expect("a closing quote") {
                '"' => break,
                '\\' => text.extend(letters.next()),
                letter => text.push(letter),
            }
        }
        self.rest = letters.as_str();
        text
    }

    fn row(&mut self, end: &str) -> Vec<Value<'static>> {
        let mut values = Vec::new();
        while !self.eat(end) {
            values.push(self.value());
            self.eat(",");
        }
        values
    }
}

#[test]
fn every_example_in_the_table_holds() {
    for function in functions::all() {
        for example in function.examples {
            assert!(example.call.contains(function.name), "{}", example.call);
            let given = Reader { rest: example.call }.value();
            let expected = Reader { rest: example.gives }.value();
            assert_eq!(given, expected, "{}", example.call);
        }
    }
}
