//! What a rule needs beside itself: reference lists, data tables, entities.

use std::collections::{BTreeMap, BTreeSet};

use super::scope::{Language, Scope, expressions};
use crate::diag::{Diagnostic, codes};
use crate::schema::Root;
use crate::syntax::ast::{Body, ExprKind, File, Unit};
use crate::syntax::walk;
use crate::text::Span;

/// Something to be found in a folder or a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NeedKind {
    /// `%name`
    List,
    /// `%name.column`
    Table,
    /// A variable over `graph`.
    Entities,
}

/// One thing needed, where it is first named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// What it is.
    pub kind: NeedKind,
    /// Without `%`; the variable for entities.
    pub name: String,
    /// Where.
    pub span: Span,
}

impl Need {
    /// That it is not there.
    pub fn missing(&self) -> Diagnostic {
        let name = &self.name;
        let (what, help) = match self.kind {
            NeedKind::List => (
                format!("the reference list `%{name}`"),
                format!("write it as `{name}.txt`, and name its folder with `--lists`"),
            ),
            NeedKind::Table => (
                format!("the data table `%{name}`"),
                format!("write it as `{name}.csv`, and name its folder with `--tables`"),
            ),
            NeedKind::Entities => (
                format!("the file of entities for `${name}`"),
                "name a file that is there with `--entities`".to_owned(),
            ),
        };
        Diagnostic::new(&codes::LIST_MISSING, self.span, format!("{what} is not there")).help(help)
    }
}

/// All that the rules and searches of a file need, each once.
pub fn needs(file: &File) -> Vec<Need> {
    let mut found: BTreeMap<(NeedKind, String), Span> = BTreeMap::new();
    for unit in &file.units {
        match unit {
            Unit::Rule(rule) => of_body(&rule.body, Language::Rule, &mut found),
            Unit::Search(search) => {
                let stages = search.stages.iter().map(|stage| &stage.body);
                stages.chain([&search.root]).for_each(|body| of_body(body, Language::Search, &mut found));
            }
        }
    }
    found.into_iter().map(|((kind, name), span)| Need { kind, name, span }).collect()
}

fn of_body(body: &Body, language: Language, found: &mut BTreeMap<(NeedKind, String), Span>) {
    for expr in expressions(body) {
        walk(expr, &mut |part| {
            if let ExprKind::List(list) = &part.kind {
                let kind = if list.column.is_some() { NeedKind::Table } else { NeedKind::List };
                found.entry((kind, list.name.node.clone())).or_insert(part.span);
            }
        });
    }
    let scope = Scope::new(body, language);
    for (name, event) in scope.events.iter().filter(|(_, event)| event.root == Root::Entity) {
        found.entry((NeedKind::Entities, (*name).to_owned())).or_insert(event.span);
    }
}

/// The columns of a table that a rule names.
pub fn columns<'b>(body: &'b Body, table: &str) -> Vec<&'b str> {
    let mut found = BTreeSet::new();
    for expr in expressions(body) {
        walk(expr, &mut |part| match &part.kind {
            ExprKind::List(list) if list.name.node == table => {
                found.extend(list.column.as_ref().map(|column| column.node.as_str()));
            }
            _ => {}
        });
    }
    found.into_iter().collect()
}
