//! Finding test files, and the rules that each belongs to.

use std::fs;
use std::path::{Path, PathBuf};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::cli::rules::{self, RuleFile, Rules};
use crate::cli::watch::Watched;
use crate::cli::{Stop, doors, walk, warning};
use crate::diag::{Diagnostic, codes};
use crate::ruletest::{self, EventSource, RuleRef, Survivor, Test, TestFile};
use crate::schema;
use crate::syntax::ast::{Rule, Unit};
use crate::text::SourceId;

/// Endings of test files.
const ENDINGS: [&str; 2] = [".test.yaml", ".test.yml"];

/// The largest test file read, in bytes.
const MAX_FILE: u64 = 16 << 20;

/// All test files of a command, with the rules they belong to.
#[derive(Debug, Default)]
pub struct Suites {
    /// Rule files, and the texts of both kinds of file.
    pub rules: Rules,
    /// The test files, in order.
    pub groups: Vec<Group>,
    /// What is wrong with either.
    pub diagnostics: Vec<Diagnostic>,
    loaded: FxHashMap<PathBuf, usize>,
}

/// A test file.
#[derive(Debug)]
pub struct Group {
    /// Its path as shown.
    pub name: String,
    /// Its tests.
    pub tests: Vec<Test>,
    /// Changes of its rules that they cannot notice.
    pub survivors: Vec<Survivor>,
    /// Which rule file it belongs to, by place.
    rule_file: usize,
    /// The one rule it picks.
    picked: Option<String>,
    /// Why none of it is run.
    pub broken: Option<String>,
}

/// Finds, reads and parses everything under `paths`.
///
/// # Errors
/// A path that does not exist or cannot be read, and paths that hold no tests at all.
pub fn load(paths: &[PathBuf]) -> Result<Suites, Stop> {
    let mut suites = Suites::default();
    let (mut seen, mut bare) = (FxHashSet::default(), Vec::new());
    for root in paths {
        let found = find(root)?;
        bare.extend(Some(root).filter(|_| found.is_empty()));
        for path in found {
            if seen.insert(walk::identity(&path)) {
                suites.file(&path, root)?;
            }
        }
    }
    if suites.groups.is_empty() {
        let named: Vec<String> = paths.iter().map(|path| format!("`{}`", walk::name(path))).collect();
        let named = named.join(", ");
        return Err(Stop::Cannot(format!("no tests found in {named}; test files end in .test.yaml")));
    }
    bare.iter().for_each(|root| warning(&format!("no tests found in `{}`", walk::name(root))));
    Ok(suites)
}

fn find(root: &Path) -> Result<Vec<PathBuf>, Stop> {
    let metadata = fs::metadata(root).map_err(|error| unreadable(root, &error.to_string()))?;
    if !metadata.is_dir() {
        return Ok(vec![if rules::is_rule(root) { beside(root)? } else { root.to_owned() }]);
    }
    let found = walk::files(root);
    if let Some((path, cause)) = found.failures.first() {
        return Err(unreadable(Path::new(path), cause));
    }
    Ok(found.files.into_iter().filter(|path| stem(path).is_some()).collect())
}

/// The test file of a rule file.
fn beside(rule: &Path) -> Result<PathBuf, Stop> {
    let candidates = ENDINGS.map(|ending| rule.with_extension(ending.trim_start_matches('.')));
    let named = walk::name(rule);
    let none = || Stop::Cannot(format!("`{named}` has no tests: no file `{}`", walk::name(&candidates[0])));
    candidates.iter().find(|path| path.is_file()).cloned().ok_or_else(none)
}

/// The path without the ending of a test file.
fn stem(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let stem = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending))?;
    Some(path.with_file_name(stem))
}

fn unreadable(path: &Path, cause: &str) -> Stop {
    Stop::Cannot(format!("cannot read tests from `{}`: {cause}", walk::name(path)))
}

impl Suites {
    fn file(&mut self, path: &Path, root: &Path) -> Result<(), Stop> {
        let size = fs::metadata(path).map_err(|error| unreadable(path, &error.to_string()))?.len();
        if size > MAX_FILE {
            return Err(unreadable(path, &format!("it is larger than {MAX_FILE} bytes")));
        }
        let bytes = fs::read(path).map_err(|error| unreadable(path, &error.to_string()))?;
        let name = walk::name(path);
        let source = rules::add(&mut self.rules.sources, name.clone(), &bytes);
        let folder = path.parent().unwrap_or(Path::new(""));
        let read = source.and_then(|source| self.read(source, folder));
        let group = match read {
            Ok(file) => self.group(name, path, root, file)?,
            Err(found) => {
                self.diagnostics.extend(found);
                Group {
                    name,
                    tests: Vec::new(),
                    survivors: Vec::new(),
                    rule_file: 0,
                    picked: None,
                    broken: Some("the test file has errors".into()),
                }
            }
        };
        self.groups.push(group);
        Ok(())
    }

    fn read(&self, source: SourceId, folder: &Path) -> Result<TestFile, Vec<Diagnostic>> {
        self.rules.sources.get(source).map_or(Err(Vec::new()), |source| ruletest::read(source, folder))
    }

    fn group(&mut self, name: String, path: &Path, root: &Path, file: TestFile) -> Result<Group, Stop> {
        let TestFile { rule, tests, survivors } = file;
        let picked = rule.as_ref().and_then(|rule| rule.name.clone());
        let mut group = Group { name, tests, survivors, rule_file: 0, picked, broken: None };

        match self.rule_file(path, root, rule.as_ref())? {
            Ok(index) => group.rule_file = index,
            Err(why) => {
                group.broken = Some(why);
                return Ok(group);
            }
        }
        group.broken = self.unfit(&group, rule.as_ref());
        Ok(group)
    }

    /// The rule file of the test file at `path`, by place; or why there is none.
    fn rule_file(
        &mut self,
        path: &Path,
        root: &Path,
        rule: Option<&RuleRef>,
    ) -> Result<Result<usize, String>, Stop> {
        let named = rule.filter(|rule| !rule.file.is_empty());
        let candidates = match named {
            Some(rule) => vec![path.with_file_name(&rule.file)],
            None => default_rules(path),
        };
        let Some(found) = candidates.iter().find(|path| path.is_file()) else {
            let missing = candidates.first().map(|path| walk::name(path)).unwrap_or_default();
            let why = format!("the rule file `{missing}` is not there");
            if let Some(rule) = named {
                let code = &codes::TEST_NAMES_NOTHING;
                self.diagnostics.push(Diagnostic::new(code, rule.span, why.clone()));
            }
            return Ok(Err(why));
        };
        let key = walk::identity(found);
        if let Some(index) = self.loaded.get(&key) {
            return Ok(Ok(*index));
        }
        let index = self.rules.files.len();
        rules::read(&mut self.rules, found, root)?;
        self.loaded.insert(key, index);
        Ok(Ok(index))
    }

    /// Why the rules of a group cannot be tested; what is wrong with them is told once.
    fn unfit(&mut self, group: &Group, rule: Option<&RuleRef>) -> Option<String> {
        let file = self.rules.files.get(group.rule_file)?;
        let rules = chosen(file, group.picked.as_deref());
        if let (true, Some(name), Some(rule)) = (rules.is_empty(), &group.picked, rule) {
            let why = format!("there is no rule `{name}` in its rule file");
            let near = schema::nearest(name, all(file).map(|rule| rule.name.node.as_str()));
            let help = near.map(|near| format!("did you mean `{near}`?"));
            let code = &codes::TEST_NAMES_NOTHING;
            self.diagnostics.push(Diagnostic::new(code, rule.span, why.clone()).maybe_help(help));
            return Some(why);
        }
        let mut found = errors(file, &rules, group.picked.is_some());
        if found.is_empty() {
            return rules
                .is_empty()
                .then(|| "its rule file holds no rule; searches are not tested yet".to_owned());
        }
        found.retain(|one| !self.diagnostics.contains(one));
        self.diagnostics.extend(found);
        Some("its rules do not check, or use what is not run".to_owned())
    }

    /// All files that were read or looked for.
    pub fn watch(&self, watched: &mut Watched) {
        for group in &self.groups {
            watched.add(Path::new(&group.name));
            default_rules(Path::new(&group.name)).iter().for_each(|rule| watched.add(rule));
            group.tests.iter().flat_map(|test| test.entities.iter().chain(&test.events)).for_each(|event| {
                match event {
                    EventSource::File { path, .. } => watched.add(path),
                    EventSource::Json(_) | EventSource::Xml(_) => {}
                }
            });
        }
        for file in &self.rules.files {
            let name = self.rules.sources.get(file.source).map_or("", |source| source.name.as_str());
            watched.add(Path::new(name));
            watched.add_beside(Path::new(name));
        }
    }

    /// The rules of a group that can be tested.
    pub fn subject(&self, group: &Group) -> Option<(&RuleFile, Vec<&Rule>)> {
        let file = self.rules.files.get(group.rule_file).filter(|_| group.broken.is_none())?;
        Some((file, chosen(file, group.picked.as_deref())))
    }
}

/// The rule files of the same name as a test file.
fn default_rules(path: &Path) -> Vec<PathBuf> {
    let stem = stem(path).unwrap_or_else(|| path.with_extension(""));
    let with = |ending: &str| {
        let mut name = stem.clone().into_os_string();
        name.push(ending);
        PathBuf::from(name)
    };
    vec![with(".yaral"), with(".yl2")]
}

fn all(file: &RuleFile) -> impl Iterator<Item = &Rule> {
    file.parsed.file.units.iter().filter_map(|unit| match unit {
        Unit::Rule(rule) => Some(rule),
        Unit::Search(_) => None,
    })
}

fn chosen<'f>(file: &'f RuleFile, name: Option<&str>) -> Vec<&'f Rule> {
    all(file).filter(|rule| name.is_none_or(|name| rule.name.node == name)).collect()
}

/// What keeps rules from being tested: errors of theirs, or of the whole file where all of it is meant.
fn errors(file: &RuleFile, rules: &[&Rule], picked: bool) -> Vec<Diagnostic> {
    let mut found = file.parsed.diagnostics.clone();
    found.extend(doors::check(&file.parsed.file));
    let inside = |one: &Diagnostic| rules.iter().any(|rule| doors::within(one.label.span, rule.span.0));
    found.retain(|one| one.is_error() && (!picked || inside(one)));
    found.extend(rules.iter().flat_map(|rule| doors::unsupported(rule)));
    found
}
