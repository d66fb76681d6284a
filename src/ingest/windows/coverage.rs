//! Which UDM fields the mapping fills for which Windows event: what a rule can expect to see.

use super::record::System;
use super::rows::{EVERY_PROVIDER, Raw, Row, Then, rows};

/// What the mapping fills for one kind of event.
#[derive(Debug)]
pub struct Kind {
    /// The provider, as events name it.
    pub provider: &'static str,
    /// The event id.
    pub id: u32,
    filled: Vec<Filled>,
}

#[derive(Debug)]
struct Filled {
    path: String,
    holds: Holds,
}

/// What is known of the value before any event is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Constant(&'static str),
    Provider,
    Id,
    Anything,
}

/// Every kind of event with rows of its own, in the order of the mapping.
pub fn kinds() -> Vec<Kind> {
    let rows: Vec<Row> = rows().filter_map(Result::ok).collect();
    let mut kinds: Vec<Kind> = Vec::new();
    for row in rows.iter().filter(|row| row.provider != EVERY_PROVIDER) {
        for id in &row.ids {
            if !kinds.iter().any(|kind| (kind.provider, kind.id) == (row.provider, *id)) {
                kinds.push(Kind {
                    provider: row.provider,
                    id: *id,
                    filled: filled(&rows, row.provider, *id),
                });
            }
        }
    }
    kinds.sort_by_key(|kind| kind.id);
    kinds
}

/// Of several rows for one path the first without a condition hides those after it.
fn filled(rows: &[Row], provider: &str, id: u32) -> Vec<Filled> {
    let own = rows.iter().filter(|row| row.provider == provider && row.ids.contains(&id));
    let general = rows.iter().filter(|row| row.provider == provider && row.ids.is_empty());
    let common = rows.iter().filter(|row| row.provider == EVERY_PROVIDER);
    let (mut filled, mut settled): (Vec<Filled>, Vec<String>) = (Vec::new(), Vec::new());
    for row in own.chain(general).chain(common) {
        let path = path(row);
        if settled.contains(&path) {
            continue;
        }
        let holds = match row.raw {
            Raw::Constant(text) => Holds::Constant(text),
            Raw::System(System::Provider) => Holds::Provider,
            Raw::System(System::EventId) if row.transform.name == "text" => Holds::Id,
            Raw::System(_) | Raw::Data(_) => Holds::Anything,
        };
        let is_list = row.path.iter().any(|step| step.then == Then::Each);
        if row.when.is_none() && !is_list && matches!(row.raw, Raw::Constant(_)) {
            settled.push(path.clone());
        }
        filled.push(Filled { path, holds });
    }
    filled
}

/// Field names with points between, a key in brackets; the places in lists are left out.
fn path(row: &Row) -> String {
    let steps = row.path.iter().map(|step| match step.then {
        Then::Key(key) => format!("{}[\"{key}\"]", step.name),
        Then::Plain | Then::At(_) | Then::Each => step.name.to_owned(),
    });
    steps.collect::<Vec<_>>().join(".")
}

impl Kind {
    /// Can such an event have a value in the field that satisfies the test? Where the value is not known beforehand, it
    /// is enough that there is one.
    pub fn can_hold(&self, path: &str, test: &dyn Fn(&str) -> bool) -> bool {
        let own = self.filled.iter().filter(|filled| is_at(&filled.path, path));
        own.into_iter().any(|filled| match filled.holds {
            Holds::Constant(text) => test(text),
            Holds::Provider => test(self.provider),
            Holds::Id => test(&self.id.to_string()),
            Holds::Anything => true,
        })
    }
}

/// Labels with a key fill `key` and `value` of their list, too.
fn is_at(filled: &str, path: &str) -> bool {
    let label = || {
        let list = filled.split_once('[').map(|(list, _)| list);
        list.is_some_and(|list| path.strip_prefix(list).is_some_and(|rest| matches!(rest, ".key" | ".value")))
    };
    filled == path || label()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(path: &str, value: &str) -> Vec<(&'static str, u32)> {
        let all = kinds();
        let fits = all.iter().filter(|kind| {
            kind.can_hold("metadata.event_type", &|known| known == value) && kind.can_hold(path, &|_| true)
        });
        fits.map(|kind| (kind.provider, kind.id)).collect()
    }

    #[test]
    fn an_event_counts_only_where_it_has_type_and_field() {
        let starts = ids("target.process.command_line", "PROCESS_LAUNCH");
        assert!(starts.contains(&("Microsoft-Windows-Sysmon", 1)));
        assert!(starts.contains(&("Microsoft-Windows-Security-Auditing", 4688)));
        assert!(!starts.iter().any(|(_, id)| *id == 25));
        assert!(ids("target.file.full_path", "FILE_CREATION").contains(&("Microsoft-Windows-Sysmon", 11)));
        assert!(ids("metadata.id", "PROCESS_LAUNCH").is_empty());
    }
}
