//! Reference lists: finding the file of `%name`, reading its lines, and asking whether a text is among them.

use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

use ipnet::IpNet;
use rustc_hash::FxHashSet;

use crate::regex::Pattern;
use crate::syntax::ast::ListKind;
use crate::value::network::{self, Ranges};
use crate::value::operators::{Case, folded};

/// The largest list that Google takes, in bytes.
pub const SIZE_LIMIT: usize = 6_000_000;

/// The folder beside a rule, or above it, where lists are looked for.
const FOLDER: &str = "reference_lists";

/// A list, parsed once.
#[derive(Debug)]
pub struct List {
    lines: Lines,
    warnings: Vec<BadLine>,
}

/// The values of a list, in the form they are compared in.
#[derive(Debug)]
pub enum Lines {
    /// Strings, compared whole.
    Plain(Strings),
    /// Patterns, found anywhere.
    Regex(Patterns),
    /// Ranges of addresses of both families.
    Cidr(Ranges),
}

/// Strings as written, and folded once a rule asks without regard to case.
#[derive(Debug, Default)]
pub struct Strings {
    exact: FxHashSet<Box<str>>,
    folded: OnceLock<FxHashSet<Box<str>>>,
}

/// Patterns as written, and case-insensitive ones once a rule asks for them.
#[derive(Debug, Default)]
pub struct Patterns {
    exact: Vec<Pattern>,
    folded: OnceLock<Vec<Pattern>>,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// The line, from 1.
    pub line: usize,
    /// Lower case, no full stop.
    pub message: String,
}

impl List {
    /// Reads a list. White space at the ends, blank lines and `//` comments are left out; in a list of strings `\` takes
    /// the next character as it is, in one of patterns `\/` is `/`.
    ///
    /// ```
    /// # use yaral::{lists::List, syntax::ast::ListKind, value::operators::Case};
    /// let list = List::parse("10.0.0.0/8 // ours\n", ListKind::Cidr).unwrap();
    /// assert!(list.contains("10.1.2.3", Case::Exact));
    /// ```
    ///
    /// # Errors
    /// Every line that is no pattern or no range, with its number; or that the list is too large.
    pub fn parse(text: &str, kind: ListKind) -> Result<List, Vec<BadLine>> {
        if text.len() > SIZE_LIMIT {
            return Err(vec![too_large(text.len())]);
        }
        let entries = entries(text, kind);
        let warnings = entries.iter().filter_map(cut_short).collect();
        let values = entries.iter().map(|entry| (entry.line, entry.value.as_str()));
        Ok(List { lines: Lines::of(values, kind)?, warnings })
    }

    /// Is `text` in the list? Case is of no matter to ranges; what is no address is in none.
    pub fn contains(&self, text: &str, case: Case) -> bool {
        self.lines.contains(text, case)
    }

    /// The values.
    pub fn lines(&self) -> &Lines {
        &self.lines
    }

    /// Lines that may not mean what they seem to: a value cut at a `//` inside it.
    pub fn warnings(&self) -> &[BadLine] {
        &self.warnings
    }
}

impl Lines {
    /// Takes in values with the lines they stand on.
    ///
    /// # Errors
    /// Every value that is no pattern or no range, with its line.
    pub fn of<'v>(
        values: impl Iterator<Item = (usize, &'v str)>,
        kind: ListKind,
    ) -> Result<Lines, Vec<BadLine>> {
        Ok(match kind {
            ListKind::Plain => Lines::Plain(Strings::of(values)),
            ListKind::Regex => Lines::Regex(Patterns::of(each(values, pattern)?)),
            ListKind::Cidr => Lines::Cidr(Ranges::of(&each(values, range)?)),
        })
    }

    /// Is `text` among them? Case is of no matter to ranges; what is no address is in none.
    pub fn contains(&self, text: &str, case: Case) -> bool {
        match self {
            Lines::Plain(strings) => strings.contains(text, case),
            Lines::Regex(patterns) => patterns.any_matches(text, case),
            Lines::Cidr(ranges) => ranges.contains(text),
        }
    }
}

impl Strings {
    fn of<'v>(values: impl Iterator<Item = (usize, &'v str)>) -> Strings {
        Strings { exact: values.map(|(_, text)| Box::from(text)).collect(), folded: OnceLock::new() }
    }

    fn contains(&self, text: &str, case: Case) -> bool {
        match case {
            Case::Exact => self.exact.contains(text),
            Case::Fold => self.folded().contains(fold(text).as_ref()),
        }
    }

    fn folded(&self) -> &FxHashSet<Box<str>> {
        self.folded.get_or_init(|| self.exact.iter().map(|text| fold(text)).collect())
    }
}

fn fold(text: &str) -> Box<str> {
    folded(text).collect::<String>().into_boxed_str()
}

impl Patterns {
    /// Takes in patterns that heed case.
    pub fn of(exact: Vec<Pattern>) -> Patterns {
        Patterns { exact, folded: OnceLock::new() }
    }

    /// Is any of them found in `text`?
    pub fn any_matches(&self, text: &str, case: Case) -> bool {
        self.under(case).iter().any(|pattern| pattern.is_match(text))
    }

    fn under(&self, case: Case) -> &[Pattern] {
        match case {
            Case::Exact => &self.exact,
            Case::Fold => self.folded.get_or_init(|| self.exact.iter().filter_map(ignoring_case).collect()),
        }
    }
}

/// A pattern that is good is good without regard to case; only one at the very limit of size could be lost.
fn ignoring_case(pattern: &Pattern) -> Option<Pattern> {
    Pattern::parse(pattern.text(), Case::Fold).ok()
}

/// What is left of a line.
struct Entry {
    line: usize,
    value: String,
    /// The value runs straight into a comment.
    cut: Cut,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    /// It ends with the line, or white space stands before the comment.
    Clean,
    /// `//` follows its last character.
    Inside,
}

fn entries(text: &str, kind: ListKind) -> Vec<Entry> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let numbered = text.lines().enumerate();
    numbered.map(|(index, raw)| entry(index + 1, raw, kind)).filter(|entry| !entry.value.is_empty()).collect()
}

fn entry(line: usize, raw: &str, kind: ListKind) -> Entry {
    let mut entry = Entry { line, value: String::new(), cut: Cut::Clean };
    let mut letters = raw.trim_start().chars().peekable();
    // White space that was escaped is part of the value.
    let mut end = 0;
    while let Some(letter) = letters.next() {
        if letter == '/' && letters.peek() == Some(&'/') {
            if end == entry.value.len() && end > 0 {
                entry.cut = Cut::Inside;
            }
            break;
        }
        let escaped = (letter == '\\').then(|| letters.next()).flatten();
        push(&mut entry.value, letter, escaped, kind);
        if escaped.is_some() || !letter.is_whitespace() {
            end = entry.value.len();
        }
    }
    entry.value.truncate(end);
    entry
}

fn push(value: &mut String, letter: char, escaped: Option<char>, kind: ListKind) {
    match (kind, escaped) {
        (ListKind::Plain, Some(escaped)) | (ListKind::Regex, Some(escaped @ '/')) => value.push(escaped),
        (ListKind::Regex | ListKind::Cidr, Some(escaped)) => value.extend([letter, escaped]),
        (ListKind::Plain | ListKind::Regex | ListKind::Cidr, None) => value.push(letter),
    }
}

/// A value as a pattern, or what is wrong with it.
///
/// # Errors
/// It is no pattern.
pub fn pattern(text: &str) -> Result<Pattern, String> {
    Pattern::parse(text, Case::Exact).map_err(|error| format!("`{text}`: {error}"))
}

/// A value as a range of addresses, or what is wrong with it.
///
/// # Errors
/// It is no range.
pub fn range(text: &str) -> Result<IpNet, String> {
    network::parse_range(text).ok_or_else(|| format!("`{text}` is no range of addresses"))
}

/// Reads every value, or says of each bad one what is wrong.
fn each<'v, T>(
    values: impl Iterator<Item = (usize, &'v str)>,
    read: fn(&str) -> Result<T, String>,
) -> Result<Vec<T>, Vec<BadLine>> {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for (line, value) in values {
        match read(value) {
            Ok(value) => good.push(value),
            Err(message) => bad.push(BadLine { line, message }),
        }
    }
    if bad.is_empty() { Ok(good) } else { Err(bad) }
}

/// The first of bad lines, for a message; `unit` is what lines are called.
pub fn first(bad: &[BadLine], unit: &str) -> String {
    bad.first().map(|bad| format!("{unit} {}: {}", bad.line, bad.message)).unwrap_or_default()
}

fn too_large(bytes: usize) -> BadLine {
    BadLine { line: 1, message: format!("the list has {bytes} bytes, above the limit of {SIZE_LIMIT}") }
}

fn cut_short(entry: &Entry) -> Option<BadLine> {
    let message = || format!("`{}` is cut at `//`, which starts a comment; write `\\/\\/`", entry.value);
    (entry.cut == Cut::Inside).then(|| BadLine { line: entry.line, message: message() })
}

/// The file of list `name`: `name` or `name.txt` in each of `folders`, else in a folder `reference_lists` beside the rule
/// or in a parent of it up to `root`, the folder named on the command line.
pub fn find(name: &str, folders: &[PathBuf], rule_file: &Path, root: &Path) -> Option<PathBuf> {
    let place = Place { beside: FOLDER, endings: &["", ".txt"] };
    find_in(place, name, &Search { folders, rule_file, root })
}

/// What a kind of file is called, and where it lies.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The folder beside a rule.
    pub beside: &'static str,
    /// What may follow the name.
    pub endings: &'static [&'static str],
}

/// Where to look.
#[derive(Debug, Clone, Copy)]
pub struct Search<'p> {
    /// The folders given, which come first.
    pub folders: &'p [PathBuf],
    /// The rule that names the file.
    pub rule_file: &'p Path,
    /// The path on the command line: no folder above it is searched.
    pub root: &'p Path,
}

/// The file called `name` of a kind of file.
pub fn find_in(place: Place, name: &str, search: &Search) -> Option<PathBuf> {
    if !is_plain(name) {
        return None;
    }
    let beside = parents(search.rule_file, search.root).map(|folder| folder.join(place.beside));
    let in_folder = |folder: PathBuf| {
        let mut paths = place.endings.iter().map(|ending| folder.join(format!("{name}{ending}")));
        paths.find(|path| path.is_file())
    };
    search.folders.iter().cloned().chain(beside).find_map(in_folder)
}

/// A name comes from a rule and may not lead out of its folder.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '-')
}

/// The folder of `rule_file` and those above it, as far as `root`; the folder alone where it is not under `root`.
fn parents<'p>(rule_file: &'p Path, root: &Path) -> impl Iterator<Item = &'p Path> + use<'p> {
    let folder = rule_file.parent().unwrap_or(Path::new(""));
    folder.ancestors().take(1 + levels_below(folder, root))
}

/// How many folders lie between `root` and `folder`. An absolute path is not under a relative one, although every path
/// starts with the empty one.
fn levels_below(folder: &Path, root: &Path) -> usize {
    if folder.is_absolute() != root.is_absolute() {
        return 0;
    }
    let plain =
        |path: &Path| path.components().filter(|part| *part != Component::CurDir).collect::<PathBuf>();
    plain(folder).strip_prefix(plain(root)).map_or(0, |rest| rest.components().count())
}

#[cfg(test)]
mod tests;
