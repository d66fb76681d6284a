//! What a rule runs over: events, entities, reference lists, data tables.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;
use regex::{Regex, RegexBuilder};
use serde_json::Value as Json;
use yaral::syntax::ast::ListKind;

use crate::rows::Stages;
use crate::value::{self, Letters, V};

/// All that a rule can look at.
#[derive(Debug, Clone, Default)]
pub struct World {
    pub events: Vec<Json>,
    pub entities: Vec<Json>,
    /// Reference lists as written, by name.
    pub lists: BTreeMap<String, String>,
    /// Data tables as written, by name.
    pub tables: BTreeMap<String, String>,
    /// What the stages of the search at hand gave so far.
    pub stages: Stages,
}

/// Is `value` in a reference list?
pub fn in_list(text: &str, kind: ListKind, value: &str, letters: Letters) -> bool {
    lines(text).iter().any(|line| fits(line, kind, value, letters))
}

fn lines(text: &str) -> Vec<String> {
    let kept = text.lines().map(|line| line.split("//").next().unwrap_or("").trim().to_owned());
    kept.filter(|line| !line.is_empty()).collect()
}

fn fits(line: &str, kind: ListKind, value: &str, letters: Letters) -> bool {
    match kind {
        ListKind::Plain => value::equal(&V::text(&unescaped(line)), &V::text(value), letters),
        ListKind::Regex => found(line, value, letters),
        ListKind::Cidr => in_network(line, value),
    }
}

fn unescaped(line: &str) -> String {
    let mut out = String::new();
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        out.push(if letter == '\\' { letters.next().unwrap_or('\\') } else { letter });
    }
    out
}

/// Is there a match of a pattern anywhere in a text?
pub fn found(pattern: &str, text: &str, letters: Letters) -> bool {
    thread_local! {
        static COMPILED: RefCell<BTreeMap<(String, Letters), Regex>> = const { RefCell::new(BTreeMap::new()) };
    }
    COMPILED.with_borrow_mut(|compiled| {
        let pattern = compiled.entry((pattern.to_owned(), letters)).or_insert_with(|| {
            let folded = letters == Letters::Folded;
            RegexBuilder::new(pattern).case_insensitive(folded).build().expect("the pattern compiles")
        });
        pattern.is_match(text)
    })
}

pub fn in_network(network: &str, address: &str) -> bool {
    let network: Option<IpNet> = network.parse().ok().or(network.parse::<IpAddr>().ok().map(IpNet::from));
    match (network, address.parse::<IpAddr>()) {
        (Some(network), Ok(address)) => network.contains(&address),
        _ => false,
    }
}

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Text,
    Number,
    Regex,
    Cidr,
}

/// A data table: columns with their type, and rows of cells, each with one value or, in a list column, any number.
#[derive(Debug, Clone, Default)]
pub struct Table {
    pub columns: Vec<(String, Column)>,
    /// Which columns are lists.
    pub several: Vec<bool>,
    pub rows: Vec<Vec<Vec<String>>>,
}

impl Table {
    /// Reads a CSV without quotes.
    pub fn read(text: &str) -> Table {
        let mut lines = text.lines();
        let header: Vec<&str> = lines.next().unwrap_or("").split(',').collect();
        let several: Vec<bool> = header.iter().map(|head| head.ends_with("[]")).collect();
        let cells = |line: &str| {
            let cells = line.split(',').zip(&several);
            cells.map(|(cell, several)| cell_values(cell, *several)).collect()
        };
        let rows = lines.map(cells).collect();
        Table { columns: header.iter().map(|head| column(head)).collect(), rows, several }
    }

    pub fn column(&self, name: &str) -> (usize, Column) {
        let found = self.columns.iter().position(|(known, _)| known == name);
        let at = found.expect("the column is in the table");
        (at, self.columns[at].1)
    }
}

fn cell_values(cell: &str, several: bool) -> Vec<String> {
    match several {
        true if cell.is_empty() => Vec::new(),
        true => cell.split('|').map(str::to_owned).collect(),
        false => vec![cell.to_owned()],
    }
}

fn column(head: &str) -> (String, Column) {
    let (name, kind) = head.split_once(':').unwrap_or((head, "string"));
    let kind = match kind.trim_end_matches("[]") {
        "number" => Column::Number,
        "regex" => Column::Regex,
        "cidr" => Column::Cidr,
        _ => Column::Text,
    };
    (name.to_owned(), kind)
}
