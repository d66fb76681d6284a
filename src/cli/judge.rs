//! Everything found in rule files under the settings of their folders.

use std::collections::BTreeMap;
use std::path::Path;

use super::doors::{Folding, ListFolders};
use super::rules::{RuleFile, Rules};
use super::settings::Settings;
use super::{Stop, doors, spread};
use crate::check::{Need, NeedKind};
use crate::diag::{Diagnostic, Severity};
use crate::ingest::wanted::Wanted;
use crate::syntax::ast::{File, Unit};

/// What is wrong.
#[derive(Debug, Default)]
pub struct Report {
    /// In the order of files and places.
    pub found: Vec<Diagnostic>,
    /// Is there a warning where warnings are denied?
    pub denied: bool,
}

/// Judges every file by the settings of the path that led to it.
///
/// # Errors
/// Settings that cannot be read.
pub fn judge(rules: &Rules, settings: impl Fn(&Path) -> Result<Settings, Stop>) -> Result<Report, Stop> {
    let mut known: BTreeMap<&Path, Settings> = BTreeMap::new();
    for file in &rules.files {
        if !known.contains_key(file.root.as_path()) {
            known.insert(&file.root, settings(&file.root)?);
        }
    }
    let across = across(rules);
    let found = spread::each(&rules.files, |file| {
        let settings = known.get(file.root.as_path())?;
        let twice = across.get(&file.source).cloned().unwrap_or_default();
        Some((settings, one(rules, file, settings, twice)))
    });
    let mut report = Report::default();
    for (settings, found) in found.into_iter().flatten() {
        report.denied |=
            !settings.deny.is_empty() && found.iter().any(|one| one.severity == Severity::Warning);
        report.found.extend(found);
    }
    Ok(report)
}

/// Names that stand in several files, by the file of the later one.
fn across(rules: &Rules) -> BTreeMap<crate::text::SourceId, Vec<Diagnostic>> {
    let name = |file: &RuleFile| rules.sources.get(file.source).map_or("", |source| source.name.as_str());
    let files: Vec<(&str, &File)> = rules.files.iter().map(|file| (name(file), &file.parsed.file)).collect();
    let mut by_file: BTreeMap<_, Vec<Diagnostic>> = BTreeMap::new();
    for found in doors::duplicates_across(&files) {
        by_file.entry(found.label.span.source).or_default().push(found);
    }
    by_file
}

fn one(rules: &Rules, file: &RuleFile, settings: &Settings, twice: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let tree = &file.parsed.file;
    let mut found = file.parsed.diagnostics.clone();
    found.extend(doors::check(tree));
    found.extend(doors::style(tree));
    found.extend(twice);
    let Some(source) = rules.sources.get(file.source) else { return found };
    let folders = folders(file, settings);
    let missing = missing(tree, &source.name, &folders, settings);
    let is_whole = missing.is_empty() && !found.iter().any(Diagnostic::is_error);
    found.extend(missing);
    if is_whole {
        found.extend(tree.units.iter().flat_map(|unit| not_compiled(unit, &source.name, &folders)));
    }
    if settings.google {
        doors::google(tree, &mut found);
    }
    let mut found = doors::silence(source, tree, found);
    found.retain(|one| settings.reports(one.code));
    found
}

fn folders(file: &RuleFile, settings: &Settings) -> ListFolders {
    let (given, tables) = (settings.lists.clone(), settings.tables.clone());
    ListFolders { given, tables, root: file.root.clone() }
}

/// What keeps a sound unit from running, such as a column that its table lacks, or a list of ranges that are none.
fn not_compiled(unit: &Unit, name: &str, folders: &ListFolders) -> Vec<Diagnostic> {
    let mut wanted = Wanted::default();
    let compiled = match unit {
        Unit::Rule(rule) if doors::unsupported(rule).is_empty() => {
            doors::compile(rule, name, folders, &mut wanted).err()
        }
        Unit::Search(search) if doors::unsupported_search(search).is_empty() => {
            doors::compile_search(search, (name, name), (folders, Folding::Folded), &mut wanted).err()
        }
        Unit::Rule(_) | Unit::Search(_) => None,
    };
    compiled.unwrap_or_default()
}

/// Lists, tables and entities that are not there.
fn missing(tree: &File, name: &str, folders: &ListFolders, settings: &Settings) -> Vec<Diagnostic> {
    let needs = doors::needs(tree);
    let is_missing = |need: &&Need| match need.kind {
        NeedKind::List => folders.list(&need.name, name).is_none(),
        NeedKind::Table => folders.table(&need.name, name).is_none(),
        NeedKind::Entities => settings.entities.iter().any(|path| !path.exists()),
    };
    needs.iter().filter(is_missing).map(Need::missing).collect()
}
