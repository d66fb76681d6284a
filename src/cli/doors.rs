//! The doors of the library that the commands go through.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use crate::check::{
    check, duplicates_across, google, needs, silence, style, unsupported, unsupported_search,
};
pub use crate::diag::render::{
    Colour, github as render_github, json as render_json, sarif as render_sarif, text as render_text,
};
pub use crate::exec::{Program, Run};
pub use crate::fmt::{LeftAlone, format_parsed};
pub use crate::ingest::progress::Progress;
pub use crate::ingest::source::{Input, InputOrigin};
pub use crate::plan::{Folding, Lacking, Plan, Query, Written};

use crate::check::columns;
use crate::diag::{Diagnostic, codes};
use crate::ingest::wanted::Wanted;
use crate::lists::{self, List};
use crate::plan::{self, Needs};
use crate::syntax::ast::{ListKind, Rule, Search};
use crate::tables::{self, Table};
use crate::text::Span;

/// Where reference lists and data tables are looked for.
#[derive(Debug, Clone, Default)]
pub struct ListFolders {
    /// Those of `--lists`, which come first.
    pub given: Vec<PathBuf>,
    /// Those of `--tables`, likewise.
    pub tables: Vec<PathBuf>,
    /// The rule path on the command line: no folder above it is searched.
    pub root: PathBuf,
}

impl ListFolders {
    /// The highest folder that is searched.
    fn top(&self) -> &Path {
        if self.root.is_dir() { &self.root } else { self.root.parent().unwrap_or(Path::new("")) }
    }

    /// The file of the reference list that a rule in `file` means by `name`.
    pub fn list(&self, name: &str, file: &str) -> Option<PathBuf> {
        lists::find(name, &self.given, Path::new(file), self.top())
    }

    /// The file of the data table that a rule in `file` means by `name`.
    pub fn table(&self, name: &str, file: &str) -> Option<PathBuf> {
        tables::find(name, &self.tables, Path::new(file), self.top())
    }
}

/// A plan, or why there is none. The fields it reads join those already in `wanted`.
///
/// # Errors
/// What keeps the rule from running, a list that is not there among it.
pub fn compile(
    rule: &Rule,
    file: &str,
    folders: &ListFolders,
    wanted: &mut Wanted,
) -> Result<Plan, Vec<Diagnostic>> {
    let mut list = |name: &str, kind: ListKind| read_list(name, kind, file, folders);
    let mut table = |name: &str| read_table(name, file, folders);
    let needs = Needs { wanted, list: &mut list, table: &mut table };
    plan::compile(rule, file, needs).map_err(refused)
}

/// The same for a search.
///
/// # Errors
/// As [`compile`].
pub fn compile_search(
    search: &Search,
    (name, file): (&str, &str),
    (folders, folding): (&ListFolders, Folding),
    wanted: &mut Wanted,
) -> Result<Query, Vec<Diagnostic>> {
    let mut list = |name: &str, kind: ListKind| read_list(name, kind, file, folders);
    let mut table = |name: &str| read_table(name, file, folders);
    let needs = Needs { wanted, list: &mut list, table: &mut table };
    plan::compile_search(search, name, folding, needs).map_err(refused)
}

fn refused(refusal: plan::Refusal) -> Vec<Diagnostic> {
    vec![Diagnostic::new(&codes::NOT_COMPILED, refusal.span, refusal.why)]
}

/// The data table that a rule in `file` means by `name`.
///
/// # Errors
/// It is not there, or no such table.
pub fn read_table(name: &str, file: &str, folders: &ListFolders) -> Result<Table, String> {
    let missing = || format!("the data table `%{name}` is not there: no file `{name}.csv`");
    let path = folders.table(name, file).ok_or_else(missing)?;
    let shown = path.display();
    let bytes = std::fs::read(&path).map_err(|error| format!("`{shown}` cannot be read: {error}"))?;
    Table::parse(name, &bytes)
        .map_err(|bad| format!("`{shown}` is no such table: {}", lists::first(&bad, "line")))
}

/// The same, with the rule as written. A list or a table that cannot be had is noted and stands as an empty one, so that
/// the rest of the rule can be explained.
///
/// # Errors
/// What else keeps the rule from running.
pub fn compile_written(
    rule: &Rule,
    file: &str,
    folders: &ListFolders,
    wanted: &mut Wanted,
) -> Result<(Plan, Written), Vec<Diagnostic>> {
    let missing = RefCell::new(BTreeMap::new());
    let note = |what: Lacking, path: Option<PathBuf>, why: &str| {
        let why = if path.is_some() { why } else { "no such file" };
        missing.borrow_mut().insert(what, why.to_owned());
    };
    let mut list = |name: &str, kind: ListKind| {
        read_list(name, kind, file, folders).or_else(|why| {
            note(Lacking::List(name.to_owned()), folders.list(name, file), &why);
            List::parse("", kind).map_err(|_| why)
        })
    };
    let mut table = |name: &str| {
        read_table(name, file, folders).or_else(|why| {
            note(Lacking::Table(name.to_owned()), folders.table(name, file), &why);
            Table::parse(name, columns(&rule.body, name).join(",").as_bytes()).map_err(|_| why)
        })
    };
    let needs = Needs { wanted, list: &mut list, table: &mut table };
    let (plan, mut written) = plan::compile_written(rule, file, needs).map_err(refused)?;
    written.missing = missing.into_inner();
    Ok((plan, written))
}

/// The reference list that a rule in `file` means by `name`.
///
/// # Errors
/// It is not there, or no such list.
pub fn read_list(name: &str, kind: ListKind, file: &str, folders: &ListFolders) -> Result<List, String> {
    let missing = || format!("the reference list `%{name}` is not there: no file `{name}` or `{name}.txt`");
    let path = folders.list(name, file).ok_or_else(missing)?;
    let shown = path.display();
    let text =
        std::fs::read_to_string(&path).map_err(|error| format!("`{shown}` cannot be read: {error}"))?;
    List::parse(&text, kind)
        .map_err(|bad| format!("`{shown}` is no such list: {}", lists::first(&bad, "line")))
}

/// Does `inner` begin within `outer`?
pub fn within(inner: Span, outer: Span) -> bool {
    inner.source == outer.source && outer.start <= inner.start && inner.start <= outer.end
}
