//! From a question on which the answers differ to the smallest one that still does.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::draft::Draft;
use crate::world::World;

/// A question.
#[derive(Debug, Clone)]
pub struct Question {
    pub draft: Draft,
    pub world: World,
}

/// Takes away whatever can be taken away while the answers still differ.
pub fn shrink(question: Question, differs: &dyn Fn(&Question) -> bool) -> Question {
    let mut best = question;
    let mut tries = 0;
    'again: loop {
        for smaller in smaller(&best) {
            tries += 1;
            if tries > 3_000 {
                return best;
            }
            if differs(&smaller) {
                best = smaller;
                continue 'again;
            }
        }
        return best;
    }
}

fn smaller(question: &Question) -> Vec<Question> {
    let mut all = Vec::new();
    for draft in question.draft.smaller() {
        all.push(Question { draft, world: question.world.clone() });
    }
    for at in 0..question.world.events.len() {
        let mut less = question.clone();
        less.world.events.remove(at);
        all.push(less);
    }
    for at in 0..question.world.entities.len() {
        let mut less = question.clone();
        less.world.entities.remove(at);
        all.push(less);
    }
    all.extend(shorter(question, |world| &mut world.lists));
    all.extend(shorter(question, |world| &mut world.tables));
    for at in 0..question.world.events.len() {
        for event in less(&question.world.events[at]) {
            let mut question = question.clone();
            question.world.events[at] = event;
            all.push(question);
        }
    }
    all
}

/// With one line less in a list or a table, which keeps its first.
fn shorter(question: &Question, files: fn(&mut World) -> &mut BTreeMap<String, String>) -> Vec<Question> {
    let mut all = Vec::new();
    for (name, text) in files(&mut question.world.clone()) {
        let lines: Vec<&str> = text.lines().collect();
        for at in 1..lines.len() {
            let mut fewer = lines.clone();
            fewer.remove(at);
            let mut question = question.clone();
            files(&mut question.world).insert(name.clone(), fewer.join("\n") + "\n");
            all.push(question);
        }
    }
    all
}

/// A JSON value with one member or item less, at any depth.
fn less(json: &Json) -> Vec<Json> {
    match json {
        Json::Object(members) => {
            let without = members.keys().map(|key| {
                let mut fewer = members.clone();
                fewer.shift_remove(key);
                Json::Object(fewer)
            });
            let deeper = members.iter().flat_map(|(key, value)| {
                less(value).into_iter().map(|value| {
                    let mut other = members.clone();
                    other.insert(key.clone(), value);
                    Json::Object(other)
                })
            });
            without.chain(deeper).collect()
        }
        Json::Array(items) => {
            let without = (0..items.len()).map(|at| {
                let mut fewer = items.clone();
                fewer.remove(at);
                Json::Array(fewer)
            });
            let deeper = items.iter().enumerate().flat_map(|(at, value)| {
                less(value).into_iter().map(move |value| {
                    let mut other = items.clone();
                    other[at] = value;
                    Json::Array(other)
                })
            });
            without.chain(deeper).collect()
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Vec::new(),
    }
}
