//! Reference lists: finding the file of `%name`, reading its lines, and asking whether a text is among them.

use std::net::IpAddr;
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

use ipnet::IpNet;
use rustc_hash::FxHashSet;

use crate::regex::Pattern;
use crate::syntax::ast::ListKind;
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
    Cidr(Vec<IpNet>),
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
        let lines = match kind {
            ListKind::Plain => Lines::Plain(strings(entries)),
            ListKind::Regex => Lines::Regex(patterns(entries)?),
            ListKind::Cidr => Lines::Cidr(ranges(entries)?),
        };
        Ok(List { lines, warnings })
    }

    /// Is `text` in the list? Case is of no matter to ranges; what is no address is in none.
    pub fn contains(&self, text: &str, case: Case) -> bool {
        match &self.lines {
            Lines::Plain(strings) => strings.contains(text, case),
            Lines::Regex(patterns) => patterns.of(case).iter().any(|pattern| pattern.is_match(text)),
            Lines::Cidr(ranges) => text
                .parse::<IpAddr>()
                .is_ok_and(|address| ranges.iter().any(|range| range.contains(&address))),
        }
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

impl Strings {
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
    fn of(&self, case: Case) -> &[Pattern] {
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

fn strings(entries: Vec<Entry>) -> Strings {
    let exact = entries.into_iter().map(|entry| entry.value.into_boxed_str()).collect();
    Strings { exact, folded: OnceLock::new() }
}

fn patterns(entries: Vec<Entry>) -> Result<Patterns, Vec<BadLine>> {
    let exact = each(entries, |value| {
        Pattern::parse(value, Case::Exact).map_err(|error| format!("`{value}`: {error}"))
    })?;
    Ok(Patterns { exact, folded: OnceLock::new() })
}

fn ranges(entries: Vec<Entry>) -> Result<Vec<IpNet>, Vec<BadLine>> {
    each(entries, |value| range(value).ok_or_else(|| format!("`{value}` is no range of addresses")))
}

fn range(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// Reads every entry, or says of each bad one what is wrong.
fn each<T>(entries: Vec<Entry>, read: fn(&str) -> Result<T, String>) -> Result<Vec<T>, Vec<BadLine>> {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for Entry { line, value, .. } in entries {
        match read(&value) {
            Ok(value) => good.push(value),
            Err(message) => bad.push(BadLine { line, message }),
        }
    }
    if bad.is_empty() { Ok(good) } else { Err(bad) }
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
    if !is_plain(name) {
        return None;
    }
    let beside = parents(rule_file, root).map(|folder| folder.join(FOLDER));
    folders.iter().cloned().chain(beside).find_map(|folder| in_folder(name, &folder))
}

/// A name comes from a rule and may not lead out of its folder.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '-')
}

fn in_folder(name: &str, folder: &Path) -> Option<PathBuf> {
    [name.to_owned(), format!("{name}.txt")]
        .map(|file| folder.join(file))
        .into_iter()
        .find(|path| path.is_file())
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
mod tests {
    use super::*;

    fn plain(text: &str) -> List {
        List::parse(text, ListKind::Plain).unwrap()
    }

    fn has(list: &List, text: &str) -> bool {
        list.contains(text, Case::Exact)
    }

    #[test]
    fn comments_blank_lines_and_white_space_at_the_ends_are_left_out() {
        let list = plain("\u{feff}// hosts\r\n  ws1 // first\r\n\r\n\tws 2\t\r\n");
        assert!(has(&list, "ws1") && has(&list, "ws 2"));
        assert!(!has(&list, "") && !has(&list, "// hosts"));
        assert!(list.warnings().is_empty());
        let Lines::Plain(strings) = list.lines() else { panic!() };
        assert_eq!(strings.exact.len(), 2);
    }

    #[test]
    fn a_backslash_takes_the_next_character_as_it_is() {
        let list = plain(
            r"http:\/\/evil
C:\\temp
ends in space\ 
lone\",
        );
        for text in ["http://evil", r"C:\temp", "ends in space ", r"lone\"] {
            assert!(has(&list, text), "{text}");
        }
    }

    #[test]
    fn a_value_cut_at_a_comment_is_warned_about() {
        let list = plain("good\nhttp://evil");
        assert!(has(&list, "http:"));
        assert_eq!(list.warnings()[0].line, 2);
    }

    #[test]
    fn case_counts_unless_folded() {
        let list = plain("CMD.exe\nÄrger");
        assert!(!has(&list, "cmd.EXE"));
        assert!(list.contains("cmd.EXE", Case::Fold) && list.contains("äRGER", Case::Fold));
        assert!(!list.contains("cmd", Case::Fold));
    }

    #[test]
    fn patterns_are_found_anywhere_and_keep_their_escapes() {
        let list = List::parse("^a\\.exe$ // one\n\\/bin\\/sh", ListKind::Regex).unwrap();
        assert!(has(&list, "a.exe") && has(&list, "in /bin/sh -c"));
        assert!(!has(&list, "A.EXE") && !has(&list, "abexe"));
        assert!(list.contains("A.EXE", Case::Fold));
    }

    #[test]
    fn ranges_of_both_families_stand_in_one_list() {
        let list = List::parse("10.0.0.0/8\n2001:db8::/32\n192.0.2.7", ListKind::Cidr).unwrap();
        assert!(has(&list, "10.255.0.1") && has(&list, "2001:db8::1") && has(&list, "192.0.2.7"));
        assert!(!has(&list, "192.0.2.8") && !has(&list, "") && !has(&list, "host"));
    }

    #[test]
    fn every_bad_line_is_named_with_its_number() {
        let bad = List::parse("10.0.0.0/8\nhost\n10.0.0.0/99", ListKind::Cidr).unwrap_err();
        assert_eq!(bad.iter().map(|bad| bad.line).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(bad[0].message, "`host` is no range of addresses");
        let bad = List::parse("ok\n(", ListKind::Regex).unwrap_err();
        assert_eq!(bad[0].line, 2);
    }

    #[test]
    fn a_list_above_the_limit_is_refused() {
        let bad = List::parse(&"x\n".repeat(SIZE_LIMIT / 2 + 1), ListKind::Plain).unwrap_err();
        assert_eq!(bad[0].message, "the list has 6000002 bytes, above the limit of 6000000");
    }

    fn touch(path: PathBuf) -> PathBuf {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "x").unwrap();
        path
    }

    #[test]
    fn a_folder_given_comes_before_those_above_the_rule() {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        let (rule, given) = (at("rules/deep/a.yaral"), [at("given")]);
        let outside = touch(at("reference_lists/hosts"));
        assert_eq!(find("hosts", &[], &rule, &at("rules")), None);
        assert_eq!(find("hosts", &[], &rule, root.path()), Some(outside));
        let above = touch(at("rules/reference_lists/hosts.txt"));
        assert_eq!(find("hosts", &given, &rule, &at("rules")), Some(above));
        let named = touch(at("given/hosts"));
        assert_eq!(find("hosts", &given, &rule, &at("rules")), Some(named));
    }

    #[test]
    fn a_name_never_leads_out_of_its_folder() {
        let root = tempfile::tempdir().unwrap();
        touch(root.path().join("secret"));
        let given = [root.path().join("lists"), root.path().to_owned()];
        for name in ["../secret", "/secret", "lists/../secret", "..", ""] {
            assert_eq!(find(name, &given, Path::new("a.yaral"), Path::new(".")), None, "{name}");
        }
        assert!(find("secret", &given, Path::new("a.yaral"), Path::new(".")).is_some());
    }

    #[test]
    fn only_folders_below_the_root_are_climbed() {
        let climbed = |rule, root| {
            parents(Path::new(rule), Path::new(root))
                .map(|path| path.display().to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(climbed("a.yaral", "."), [""]);
        assert_eq!(climbed("./x/a.yaral", "."), ["./x", "."]);
        assert_eq!(climbed("x/y/a.yaral", "x"), ["x/y", "x"]);
        assert_eq!(climbed("/x/a.yaral", "."), ["/x"]);
    }
}
