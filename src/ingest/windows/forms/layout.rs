//! Forms told by a table: where a record's system fields stand, and under which names its values.

use super::super::record::{RecordBuffer, System};
use super::flat::Flat;

/// Where things stand in a form.
#[derive(Debug)]
pub(super) struct Layout {
    /// Paths of system fields; of several for one field the first that is there counts.
    pub(super) system: &'static [(&'static str, System)],
    /// What stands before the names of values. The empty text takes whatever is left.
    pub(super) data: &'static [&'static str],
    /// How this form spells the names of values.
    pub(super) names: Names,
}

/// How the names of values are spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// `CommandLine`
    AsLogged,
    /// `commandLine`
    LowerCamel,
}

/// Fills the buffer with a record whose paths begin with `wrapper`. Values that stand nowhere in the layout keep their
/// paths as names.
pub(super) fn read(layout: &Layout, flat: &Flat, wrapper: &str, buffer: &mut RecordBuffer) {
    let backslashes = doubled(layout, flat);
    let mut ranks = [usize::MAX; 32];
    let mut element = None;
    for (whole, value) in flat.values() {
        let path = whole.strip_prefix(wrapper).unwrap_or(whole);
        let rank = layout.system.iter().position(|row| row.0 == path);
        if let Some((rank, field)) = rank.and_then(|rank| Some((rank, layout.system.get(rank)?.1))) {
            let best = ranks.get_mut(field as usize);
            if let Some(best) = best.filter(|best| rank < **best && !value.is_empty()) {
                *best = rank;
                buffer.set(field, value);
            }
            continue;
        }
        let single = match backslashes {
            Backslashes::Doubled if value.contains('\\') => Some(value.replace("\\\\", "\\")),
            Backslashes::Doubled | Backslashes::Single => None,
        };
        let value = single.as_deref().unwrap_or(value);
        match layout.data.iter().find_map(|prefix| path.strip_prefix(prefix)) {
            Some(name) => data(layout.names, &mut element, (name, value), buffer),
            None => buffer.push(path, value),
        }
    }
}

/// One value; `element` is the name of an element whose text comes next.
fn data(names: Names, element: &mut Option<String>, (name, value): (&str, &str), buffer: &mut RecordBuffer) {
    match name {
        "Data.@Name" | "Data.#attributes.Name" => return *element = Some(value.to_owned()),
        "Data.#text" | "Data" => {
            return match element.take() {
                Some(name) => buffer.push(&name, value),
                None => buffer.push_unnamed(value),
            };
        }
        _ if name.ends_with(".xmlns") || name.ends_with(".@xmlns") => return,
        _ => {}
    }
    let name = name.strip_suffix(".#text").unwrap_or(name);
    match (names, name.chars().next()) {
        (Names::LowerCamel, Some(first)) if first.is_ascii_lowercase() && !is_numbered(name) => {
            let upper = first.to_ascii_uppercase();
            buffer.push(&format!("{upper}{}", name.get(1..).unwrap_or("")), value);
        }
        (Names::LowerCamel | Names::AsLogged, _) => buffer.push(name, value),
    }
}

/// `param1`, as values without names are called everywhere.
fn is_numbered(name: &str) -> bool {
    name.strip_prefix("param").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a form writes every backslash twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Backslashes {
    Single,
    Doubled,
}

/// Wazuh escapes backslashes once more than JSON does; then no value has an odd number of them in a row.
fn doubled(layout: &Layout, flat: &Flat) -> Backslashes {
    let even = |value: &str| value.split(|letter| letter != '\\').all(|run| run.len() % 2 == 0);
    let all_even = layout.names == Names::LowerCamel && flat.values().all(|(_, value)| even(value));
    if all_even { Backslashes::Doubled } else { Backslashes::Single }
}
