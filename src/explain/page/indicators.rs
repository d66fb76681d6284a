//! Indicators: the fields, kinds of test and values that a rule looks for, and how many other rules look for the same.

use std::collections::{BTreeMap, BTreeSet};

use super::tests_of::Subjects;
use crate::syntax::ast::Rule;

/// A field, a kind of test, and the values it is held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Indicator {
    pub(super) field: String,
    pub(super) kind: String,
    /// Each with how many other rules of the catalogue look for the same.
    pub(super) values: Vec<(String, usize)>,
}

/// Whose indicators they are: a rule does not count itself, and no rule is a search.
pub(super) enum Named<'n> {
    Rule(&'n str),
    Search,
}

/// What the rules of a folder look for.
#[derive(Debug, Default)]
pub struct Catalog {
    /// For each field, kind and value the names of the rules.
    rules: BTreeMap<(String, String, String), BTreeSet<String>>,
}

impl Catalog {
    /// Takes in a rule.
    pub fn add(&mut self, rule: &Rule) {
        for test in Subjects::of(rule).all() {
            let key = (test.subject, test.kind, test.value);
            self.rules.entry(key).or_default().insert(rule.name.node.clone());
        }
    }

    fn others(&self, page: &Named<'_>, key: (String, String, String)) -> usize {
        let rules = self.rules.get(&key);
        let is_other = |name: &&String| match page {
            Named::Rule(own) => name.as_str() != *own,
            Named::Search => true,
        };
        rules.map_or(0, |names| names.iter().filter(is_other).count())
    }
}

/// By field and kind; the event type says where to look, not what for.
pub(super) fn rows(name: &Named<'_>, bodies: &[Subjects<'_>], catalog: Option<&Catalog>) -> Vec<Indicator> {
    let mut rows: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let tests = bodies.iter().flat_map(Subjects::all);
    for test in tests.filter(|test| test.field != "metadata.event_type") {
        let values = rows.entry((test.subject, test.kind)).or_default();
        if !values.contains(&test.value) {
            values.push(test.value);
        }
    }
    let row = |((field, kind), values): ((String, String), Vec<String>)| {
        let count = |value: String| {
            let key = (field.clone(), kind.clone(), value.clone());
            (value, catalog.map_or(0, |catalog| catalog.others(name, key)))
        };
        let values = values.into_iter().map(count).collect();
        Indicator { field: field.clone(), kind: kind.clone(), values }
    };
    rows.into_iter().map(row).collect()
}
