//! Paths of events as JSON: those that a search shows, and those that it leaves out.

use serde_json::{Map, Value as Json};

use crate::plan::{Select, Shown};
use crate::schema::{Step, StepAccess};

/// An event cut to the paths that are shown.
pub(super) fn event(event: &Json, select: &Select) -> Map<String, Json> {
    let mut shown = match select.only.as_slice() {
        [] => event.clone(),
        only => kept(event, only),
    };
    for path in &select.but {
        drop_path(&mut shown, &path.steps);
    }
    match shown {
        Json::Object(map) => map,
        other => Map::from_iter([("event".to_owned(), other)]),
    }
}

/// What stays of a value.
enum Mask {
    Nothing,
    Everything,
    /// Of a message these members, in this order.
    Members(Vec<(String, Mask)>),
    /// Of a list, what stays of each element.
    Elements(Vec<Mask>),
}

fn kept(event: &Json, only: &[Shown]) -> Json {
    let mut mask = Mask::Nothing;
    for path in only {
        mark(event, &path.steps, &mut mask);
    }
    apply(event, &mask).unwrap_or_else(|| Json::Object(Map::new()))
}

/// Marks what a value has at a path; nothing where it has nothing there.
fn mark(value: &Json, path: &[Step], mask: &mut Mask) {
    let Some((step, rest)) = path.split_first() else {
        *mask = Mask::Everything;
        return;
    };
    let Json::Object(map) = value else { return };
    let Some(next) = map.get(&step.json).filter(|next| reaches(next, step, rest)) else { return };
    if let Some(member) = member(mask, &step.json) {
        mark_step(next, step, rest, member);
    }
}

fn mark_step(value: &Json, step: &Step, rest: &[Step], mask: &mut Mask) {
    match (&step.access, value) {
        (Some(StepAccess::Key(key)), _) => {
            if let Some(member) = member(mask, key) {
                *member = Mask::Everything;
            }
        }
        (access, Json::Array(items)) => {
            let Some(elements) = elements(mask, items.len()) else { return };
            let chosen = items.iter().zip(elements).enumerate();
            for (_, (item, element)) in chosen.filter(|(index, (item, _))| is_chosen(access, *index, item)) {
                match access {
                    Some(StepAccess::Label(_)) => *element = Mask::Everything,
                    Some(StepAccess::Index(_) | StepAccess::Key(_)) | None => {
                        open(element);
                        mark(item, rest, element);
                    }
                }
            }
        }
        (_, value) => mark(value, rest, mask),
    }
}

/// Is an element of a list one of those that stand in brackets? All are where there are none.
fn is_chosen(access: &Option<StepAccess>, index: usize, item: &Json) -> bool {
    match access {
        None | Some(StepAccess::Key(_)) => true,
        Some(StepAccess::Index(wanted)) => u64::try_from(index).is_ok_and(|index| index == *wanted),
        Some(StepAccess::Label(key)) => item.get("key").and_then(Json::as_str).unwrap_or("") == key,
    }
}

/// The mask of a member; nothing where all of the message stays anyway.
fn member<'m>(mask: &'m mut Mask, name: &str) -> Option<&'m mut Mask> {
    open(mask);
    let Mask::Members(members) = mask else { return None };
    let at = members.iter().position(|(known, _)| known == name).unwrap_or(members.len());
    if at == members.len() {
        members.push((name.to_owned(), Mask::Nothing));
    }
    members.get_mut(at).map(|(_, mask)| mask)
}

/// An element that stays is a message at least, though it may have none of what is asked for.
fn open(mask: &mut Mask) {
    if let Mask::Nothing = mask {
        *mask = Mask::Members(Vec::new());
    }
}

fn elements(mask: &mut Mask, count: usize) -> Option<&mut Vec<Mask>> {
    match mask {
        Mask::Everything => return None,
        Mask::Elements(_) => {}
        Mask::Nothing | Mask::Members(_) => {
            *mask = Mask::Elements((0..count).map(|_| Mask::Nothing).collect())
        }
    }
    match mask {
        Mask::Elements(elements) => Some(elements),
        Mask::Nothing | Mask::Everything | Mask::Members(_) => None,
    }
}

fn apply(value: &Json, mask: &Mask) -> Option<Json> {
    match (mask, value) {
        (Mask::Nothing, _) => None,
        (Mask::Everything, value) => Some(value.clone()),
        (Mask::Members(members), Json::Object(map)) => {
            let shown =
                members.iter().filter_map(|(name, mask)| Some((name.clone(), apply(map.get(name)?, mask)?)));
            Some(Json::Object(shown.collect()))
        }
        (Mask::Elements(elements), Json::Array(items)) => {
            Some(items.iter().zip(elements).filter_map(|(item, mask)| apply(item, mask)).collect())
        }
        (Mask::Members(_) | Mask::Elements(_), _) => None,
    }
}

/// Is anything at the rest of a path, past a step that leads to `value`?
fn reaches(value: &Json, step: &Step, rest: &[Step]) -> bool {
    match (&step.access, value) {
        (Some(StepAccess::Key(key)), _) => value.get(key).is_some(),
        (access @ Some(StepAccess::Label(_)), Json::Array(items)) => {
            items.iter().enumerate().any(|(index, item)| is_chosen(access, index, item))
        }
        (access, Json::Array(items)) => {
            let mut chosen = items.iter().enumerate().filter(|(index, item)| is_chosen(access, *index, item));
            (rest.is_empty() && access.is_none()) || chosen.any(|(_, item)| has(item, rest))
        }
        (_, value) => has(value, rest),
    }
}

fn has(value: &Json, path: &[Step]) -> bool {
    let Some((step, rest)) = path.split_first() else { return true };
    value.get(&step.json).is_some_and(|next| reaches(next, step, rest))
}

/// Takes out what is at a path, and the messages of which nothing is left.
fn drop_path(value: &mut Json, path: &[Step]) {
    let (Some((step, rest)), Json::Object(map)) = (path.split_first(), value) else { return };
    let Some(next) = map.get_mut(&step.json) else { return };
    let before = is_empty(next);
    let whole = drop_step(next, step, rest);
    if whole || (is_empty(next) && !before) {
        map.shift_remove(&step.json);
    }
}

/// Says whether the whole value goes.
fn drop_step(value: &mut Json, step: &Step, rest: &[Step]) -> bool {
    match (&step.access, value) {
        (Some(StepAccess::Key(key)), Json::Object(map)) => drop(map.shift_remove(key)),
        (access @ Some(_), Json::Array(items)) if ends(access, rest) => {
            let mut index = 0;
            items.retain(|item| {
                index += 1;
                !is_chosen(access, index - 1, item)
            });
        }
        (_, _) if rest.is_empty() => return true,
        (access, Json::Array(items)) => {
            let chosen = items.iter_mut().enumerate().filter(|(index, item)| is_chosen(access, *index, item));
            chosen.for_each(|(_, item)| drop_path(item, rest));
        }
        (_, value) => drop_path(value, rest),
    }
    false
}

/// Does a path end with what stands in brackets? What a label holds is the label.
fn ends(access: &Option<StepAccess>, rest: &[Step]) -> bool {
    match access {
        Some(StepAccess::Label(_)) => true,
        Some(StepAccess::Index(_) | StepAccess::Key(_)) | None => rest.is_empty(),
    }
}

/// Nothing is left of a message, or of any in a list.
fn is_empty(value: &Json) -> bool {
    match value {
        Json::Object(map) => map.is_empty(),
        Json::Array(items) => items.iter().all(|item| matches!(item, Json::Object(map) if map.is_empty())),
        _ => false,
    }
}

/// All values at a path of what is shown, joined by `, `; a message as JSON.
pub(super) fn text_at(value: &Json, path: &[Step]) -> String {
    let mut found = Vec::new();
    gather(value, path, &mut found);
    found.join(", ")
}

fn gather(value: &Json, path: &[Step], found: &mut Vec<String>) {
    match (value, path.split_first()) {
        (Json::Array(items), _) => items.iter().for_each(|item| gather(item, path, found)),
        (Json::String(text), None) => found.push(text.clone()),
        (value, None) => found.push(value.to_string()),
        (Json::Object(map), Some((step, rest))) => {
            let Some(next) = map.get(&step.json) else { return };
            match (&step.access, next) {
                (Some(StepAccess::Key(key)), next) => {
                    next.get(key).into_iter().for_each(|value| gather(value, rest, found));
                }
                (Some(StepAccess::Label(_)), Json::Array(labels)) => {
                    let values = labels.iter().filter_map(|label| label.get("value"));
                    values.for_each(|value| gather(value, &[], found));
                }
                (_, next) => gather(next, rest, found),
            }
        }
        _ => {}
    }
}
