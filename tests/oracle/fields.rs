//! Fields of a record as JSON: what a path leads to, in one unnested copy or in the whole record.

use serde_json::Value as Json;
use yaral::schema::{FieldInfo, FieldType, Root, Step, StepAccess, resolve, schema};
use yaral::syntax::ast::FieldRef;
use yaral::value::Timestamp;

use crate::value::V;

/// The words of a path down to a repeated field; names a list that copies are made over.
pub type ListPath = Vec<String>;

/// A copy of a record: for each list it is unnested by, the element it stands for, if the list has any.
pub type Elements<'j> = Vec<(ListPath, Option<(usize, &'j Json)>)>;

pub fn info(field: &FieldRef) -> FieldInfo {
    resolve(field, Root::Udm).expect("the checker has accepted the field")
}

/// The lists an unmodified reference unnests, parents before children.
pub fn lists(info: &FieldInfo) -> Vec<ListPath> {
    if !info.is_repeated() {
        return Vec::new();
    }
    let repeated = |at: &usize| info.steps[*at].repeated && info.steps[*at].access.is_none();
    (0..info.steps.len()).filter(repeated).map(|at| words(&info.steps[..=at])).collect()
}

fn words(steps: &[Step]) -> ListPath {
    steps.iter().map(|step| step.name.clone()).collect()
}

/// What copies of a record are made over.
#[derive(Debug, Clone)]
pub enum Unnested {
    /// A repeated field, by the steps to it.
    List(Vec<Step>),
    /// The values of several fields, one after another.
    Group(Vec<FieldInfo>),
}

/// The values of fields, one after another, as `any` sees them; a field without any has one that is not there.
fn grouped<'j>(record: &'j Json, fields: &[FieldInfo]) -> Vec<&'j Json> {
    let of = |info: &FieldInfo| {
        let found = all(Some(record), &info.steps);
        let values: Vec<&Json> = found.into_iter().map(|json| json.unwrap_or(&Json::Null)).collect();
        if values.is_empty() { vec![&Json::Null] } else { values }
    };
    fields.iter().flat_map(of).collect()
}

/// The value of a group of fields in a copy.
pub fn group_value(path: &ListPath, info: &FieldInfo, copy: &Elements<'_>) -> V {
    let found = copy.iter().find(|(known, _)| known == path).and_then(|(_, choice)| *choice);
    typed(found.map(|(_, json)| json).filter(|json| !json.is_null()), &info.kind, None)
}

/// The member of an object in either spelling; camelCase wins, `null` is absence.
fn member<'j>(object: &'j Json, step: &Step) -> Option<&'j Json> {
    let found = object.get(&step.json).filter(|value| !value.is_null());
    found.or_else(|| object.get(&step.name).filter(|value| !value.is_null()))
}

/// The elements of a list, `null` being none; one message where a list belongs is a list of one.
fn elements(value: &Json) -> Vec<&Json> {
    match value {
        Json::Array(items) => items.iter().filter(|item| !item.is_null()).collect(),
        Json::Null => Vec::new(),
        other => vec![other],
    }
}

/// Every copy of a record over `lists`, the first list turning slowest; an empty list is one copy without element.
pub fn copies<'j>(record: &'j Json, lists: &[(ListPath, Unnested)]) -> Vec<Elements<'j>> {
    let mut all: Vec<Elements<'j>> = vec![Vec::new()];
    for (path, unnested) in lists {
        let mut next = Vec::new();
        for copy in all {
            let found = match unnested {
                Unnested::List(steps) => {
                    reach(Some(record), steps, &copy, 0).map(elements).unwrap_or_default()
                }
                Unnested::Group(fields) => grouped(record, fields),
            };
            let choices: Vec<Option<(usize, &Json)>> = found.into_iter().enumerate().map(Some).collect();
            let choices = if choices.is_empty() { vec![None] } else { choices };
            for choice in choices {
                let mut longer = copy.clone();
                longer.push((path.clone(), choice));
                next.push(longer);
            }
        }
        all = next;
    }
    all
}

/// What `steps` lead to in a copy; a list among them gives its element of the copy, the last step the field as it is.
fn reach<'j>(from: Option<&'j Json>, steps: &[Step], copy: &Elements<'j>, at: usize) -> Option<&'j Json> {
    let mut here = from?;
    for index in at..steps.len() {
        let found = member(here, &steps[index])?;
        if index + 1 == steps.len() {
            return Some(found);
        }
        here = match steps[index].repeated {
            true => element(steps, index, copy)?,
            false => found,
        };
    }
    Some(here)
}

fn element<'j>(steps: &[Step], index: usize, copy: &Elements<'j>) -> Option<&'j Json> {
    let path = words(&steps[..=index]);
    copy.iter().find(|(known, _)| *known == path).and_then(|(_, choice)| choice.map(|(_, json)| json))
}

/// The value of an unmodified, indexed or keyed reference in a copy; without record, its zero value.
pub fn value(record: Option<&Json>, info: &FieldInfo, copy: &Elements<'_>) -> V {
    if info.is_map_access() {
        return keyed(record, info);
    }
    let (path, part) = path_and_part(info);
    let found = if info.is_indexed() { indexed(record, path) } else { plain(record, path, copy) };
    typed(found, &info.kind, part)
}

fn plain<'j>(record: Option<&'j Json>, path: &[Step], copy: &Elements<'j>) -> Option<&'j Json> {
    let found = reach(record, path, copy, 0)?;
    if path.last().is_some_and(|last| last.repeated) {
        return element(path, path.len() - 1, copy);
    }
    Some(found)
}

fn indexed<'j>(record: Option<&'j Json>, path: &[Step]) -> Option<&'j Json> {
    let mut here = record?;
    for step in path {
        here = member(here, step)?;
        if let Some(StepAccess::Index(index)) = step.access {
            here = elements(here).get(index as usize).copied()?;
        }
    }
    Some(here)
}

/// The first value of a key, element by element.
fn keyed(record: Option<&Json>, info: &FieldInfo) -> V {
    let mut here: Vec<&Json> = record.into_iter().collect();
    for (index, step) in info.steps.iter().enumerate() {
        let found = here.iter().filter_map(|json| member(json, step));
        here = match &step.access {
            None if step.repeated => found.flat_map(elements).collect(),
            None => found.collect(),
            Some(StepAccess::Index(at)) => {
                found.filter_map(|json| elements(json).get(*at as usize).copied()).collect()
            }
            Some(StepAccess::Label(key)) => {
                let labels = found.flat_map(elements);
                let has_key = |label: &&Json| label.get("key").and_then(Json::as_str).unwrap_or("") == key;
                let labels: Vec<&Json> = labels.filter(has_key).collect();
                if index + 1 == info.steps.len() {
                    let value = labels.first().and_then(|label| label.get("value"));
                    return V::text(value.and_then(Json::as_str).unwrap_or(""));
                }
                labels
            }
            Some(StepAccess::Key(key)) => found.filter_map(|json| json.get(key)).collect(),
        };
    }
    V::text(here.first().and_then(|json| json.as_str()).unwrap_or(""))
}

/// Every value of a repeated field in the whole record.
pub fn all_values(record: Option<&Json>, info: &FieldInfo) -> Vec<V> {
    let (path, part) = path_and_part(info);
    all(record, path).into_iter().map(|json| typed(json, &info.kind, part)).collect()
}

/// What a path leads to in the whole record: something for each element, be it there or not.
fn all<'j>(record: Option<&'j Json>, path: &[Step]) -> Vec<Option<&'j Json>> {
    let mut here: Vec<Option<&Json>> = record.map(Some).into_iter().collect();
    for step in path {
        let inside = here.into_iter().map(|json| json.and_then(|json| member(json, step)));
        here = match step.repeated {
            true => inside.flatten().flat_map(elements).map(Some).collect(),
            false => inside.collect(),
        };
    }
    here
}

/// The steps in the JSON, and `seconds` or `nanos` where the path ends in such a part of a time.
fn path_and_part(info: &FieldInfo) -> (&[Step], Option<&str>) {
    let Some((last, rest)) = info.steps.split_last() else { return (&[], None) };
    let part = ["seconds", "nanos"].into_iter().find(|part| *part == last.name);
    match part {
        Some(part) if !rest.is_empty() && time_before(info) => (rest, Some(part)),
        _ => (&info.steps, None),
    }
}

/// Is the last step but one a time or a duration?
fn time_before(info: &FieldInfo) -> bool {
    let mut message = schema().root(info.root);
    for step in &info.steps {
        let Some(field) = message.and_then(|message| message.field(&step.name)) else { return true };
        message = match &field.kind {
            FieldType::Message(name) => schema().message(name),
            _ => None,
        };
    }
    false
}

/// The value of JSON as the kind of its field; what is absent is the zero value.
fn typed(json: Option<&Json>, kind: &FieldType, part: Option<&str>) -> V {
    if let Some(part) = part {
        let nanos = json.and_then(time).unwrap_or(0);
        let (seconds, rest) = (nanos.div_euclid(1_000_000_000), nanos.rem_euclid(1_000_000_000));
        return V::Int(i128::from(if part == "seconds" { seconds } else { rest }));
    }
    let text = json.and_then(Json::as_str);
    match kind {
        FieldType::Text | FieldType::Bytes => match json {
            Some(number @ Json::Number(_)) => V::text(&number.to_string()),
            _ => V::text(text.unwrap_or("")),
        },
        FieldType::Int | FieldType::Uint => V::Int(json.and_then(whole).unwrap_or(0)),
        FieldType::Single | FieldType::Float => V::Float(json.and_then(double).unwrap_or(0.0)),
        FieldType::Bool => V::Bool(json.and_then(Json::as_bool).unwrap_or(false)),
        FieldType::Enum(id) => {
            let zero = schema().enumeration(*id).map_or("", |names| names.zero());
            V::text(text.unwrap_or(zero))
        }
        FieldType::Timestamp => V::Time(json.and_then(time).unwrap_or(0)),
        FieldType::Duration | FieldType::Struct | FieldType::Message(_) | FieldType::Map(_) => V::text(""),
    }
}

fn whole(json: &Json) -> Option<i128> {
    json.as_i64().map(i128::from).or(json.as_u64().map(i128::from)).or_else(|| json.as_str()?.parse().ok())
}

fn double(json: &Json) -> Option<f64> {
    json.as_f64().or_else(|| json.as_str()?.parse().ok())
}

/// RFC 3339, or an epoch number by its size.
pub fn time(json: &Json) -> Option<i64> {
    if let Some(number) = json.as_i64().or_else(|| json.as_str()?.parse().ok()) {
        let scale = match number.unsigned_abs() {
            size if size < 100_000_000_000 => 1_000_000_000,
            size if size < 100_000_000_000_000 => 1_000_000,
            size if size < 100_000_000_000_000_000 => 1_000,
            _ => 1,
        };
        return number.checked_mul(scale);
    }
    Timestamp::parse(json.as_str()?).map(|read| read.0)
}

/// When an event happened, where it says so.
pub fn event_time(record: &Json) -> Option<i64> {
    let metadata = record.get("metadata")?;
    let found = metadata.get("eventTimestamp").filter(|json| !json.is_null());
    time(found.or_else(|| metadata.get("event_timestamp"))?)
}
