//! Rule files: finding them, reading them as text, and parsing what was read.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use super::{Stop, spread, walk, warning};
use crate::diag::{Diagnostic, codes};
use crate::syntax::{self, Parsed};
use crate::text::{MAX_SOURCE, SourceId, Sources, Span};

/// What a search on the command line is called.
const SEARCH: &str = "search";

/// Endings of rule files in a folder.
const ENDINGS: [&str; 2] = ["yaral", "yl2"];

/// One rule file, parsed.
#[derive(Debug)]
pub struct RuleFile {
    /// Its text.
    pub source: SourceId,
    /// Where it lies; nothing for standard input.
    pub path: Option<PathBuf>,
    /// The path on the command line that led to it.
    pub root: PathBuf,
    /// Its tree, and what is wrong with its form.
    pub parsed: Parsed,
}

/// All rule files of a command, in order.
#[derive(Debug, Default)]
pub struct Rules {
    /// Their texts.
    pub sources: Sources,
    /// The files.
    pub files: Vec<RuleFile>,
}

/// Finds, reads and parses everything under `paths`. A file that is no text is kept, with a diagnostic that says where.
///
/// # Errors
/// A path that does not exist or cannot be read, and paths that hold no rule at all.
pub fn load(paths: &[PathBuf]) -> Result<Rules, Stop> {
    load_all(paths, &[])
}

/// The same, and searches given as texts.
///
/// # Errors
/// As [`load`].
pub fn load_all(paths: &[PathBuf], searches: &[String]) -> Result<Rules, Stop> {
    let mut sources = Sources::default();
    let mut texts: Vec<Text> = searches.iter().map(|text| Text::typed(&mut sources, text)).collect();
    let (mut seen, mut bare) = (FxHashSet::default(), Vec::new());
    for root in paths {
        let found = find(root)?;
        bare.extend(Some(root).filter(|_| found.is_empty()));
        for path in found {
            if seen.insert(walk::identity(&path)) {
                texts.push(Text::open(&mut sources, path, root)?);
            }
        }
    }
    if texts.is_empty() {
        let named: Vec<String> = paths.iter().map(|path| format!("`{}`", walk::name(path))).collect();
        let message = format!("no rules found in {}; rule files end in .yaral or .yl2", named.join(", "));
        return Err(Stop::Cannot(message));
    }
    bare.iter().for_each(|root| warning(&format!("no rules found in `{}`", walk::name(root))));
    let parsed = spread::each(&texts, |text| text.parse(&sources));
    let files = texts.into_iter().zip(parsed).map(|(text, parsed)| text.file(parsed)).collect();
    Ok(Rules { sources, files })
}

fn find(root: &Path) -> Result<Vec<PathBuf>, Stop> {
    let metadata = fs::metadata(root).map_err(|error| unreadable(root, &error.to_string()))?;
    if !metadata.is_dir() {
        return Ok(vec![root.to_owned()]);
    }
    let found = walk::files(root);
    if let Some((path, cause)) = found.failures.first() {
        return Err(unreadable(Path::new(path), cause));
    }
    Ok(found.files.into_iter().filter(|path| is_rule(path)).collect())
}

/// Is it named as a rule file?
pub fn is_rule(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

fn unreadable(path: &Path, cause: &str) -> Stop {
    Stop::Cannot(format!("cannot read rules from `{}`: {cause}", walk::name(path)))
}

/// Reads and parses standard input, which is called `-`.
///
/// # Errors
/// It cannot be read.
pub fn from_stdin() -> Result<Rules, Stop> {
    let (mut rules, mut bytes) = (Rules::default(), Vec::new());
    let root = Path::new("-");
    let most = u64::try_from(MAX_SOURCE).unwrap_or(u64::MAX).saturating_add(1);
    let read = io::stdin().lock().take(most).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(root, &error.to_string()))?;
    let text = Text::take(&mut rules.sources, &bytes, None, root)?;
    rules.add(text);
    Ok(rules)
}

/// Reads and parses the file at `path`, which the path `root` of the command line led to.
///
/// # Errors
/// It cannot be read.
pub fn read(rules: &mut Rules, path: &Path, root: &Path) -> Result<(), Stop> {
    let text = Text::open(&mut rules.sources, path.to_owned(), root)?;
    rules.add(text);
    Ok(())
}

impl Rules {
    fn add(&mut self, text: Text) {
        let parsed = text.parse(&self.sources);
        self.files.push(text.file(parsed));
    }
}

/// One rule file before it is parsed.
struct Text {
    source: SourceId,
    path: Option<PathBuf>,
    root: PathBuf,
    bad: Option<Bad>,
}

impl Text {
    /// A search of the command line.
    fn typed(sources: &mut Sources, text: &str) -> Text {
        Text { source: sources.add(SEARCH, text), path: None, root: PathBuf::new(), bad: None }
    }

    fn open(sources: &mut Sources, path: PathBuf, root: &Path) -> Result<Text, Stop> {
        let bytes = fs::read(&path).map_err(|error| unreadable(&path, &error.to_string()))?;
        Text::take(sources, &bytes, Some(path), root)
    }

    fn take(sources: &mut Sources, bytes: &[u8], path: Option<PathBuf>, root: &Path) -> Result<Text, Stop> {
        let named = path.as_deref().unwrap_or(root);
        if bytes.len() > MAX_SOURCE {
            return Err(unreadable(named, &format!("it is larger than {MAX_SOURCE} bytes")));
        }
        let (text, bad) = decode(bytes);
        let source = sources.add(walk::name(named), text);
        Ok(Text { source, path, root: root.to_owned(), bad })
    }

    fn parse(&self, sources: &Sources) -> Parsed {
        match &self.bad {
            Some(bad) => Parsed { diagnostics: vec![not_a_text(self.source, bad)], ..Parsed::default() },
            None => sources.get(self.source).map(syntax::parse).unwrap_or_default(),
        }
    }

    fn file(self, parsed: Parsed) -> RuleFile {
        RuleFile { source: self.source, path: self.path, root: self.root, parsed }
    }
}

/// Takes in a file that is no rule; where it is no text, an error says where.
pub fn add(sources: &mut Sources, name: String, bytes: &[u8]) -> Result<SourceId, Vec<Diagnostic>> {
    let (text, bad) = decode(bytes);
    let source = sources.add(name, text);
    match bad {
        Some(bad) => Err(vec![not_a_text(source, &bad)]),
        None => Ok(source),
    }
}

/// Where a file stops being a text.
#[derive(Debug, PartialEq, Eq)]
struct Bad {
    /// In the text as decoded, in bytes.
    at: usize,
    /// In the file, in bytes.
    offset: usize,
}

fn not_a_text(source: SourceId, bad: &Bad) -> Diagnostic {
    // U+FFFD, which stands for the bad bytes, is three bytes long.
    let span = Span::new(source, bad.at..bad.at + '\u{fffd}'.len_utf8());
    let message = format!("not a text: the bytes at offset {} are neither UTF-8 nor UTF-16", bad.offset);
    Diagnostic::new(&codes::NOT_UTF8, span, message).help("save the file as UTF-8")
}

/// The text of a file, and its first bytes that are none. Bad bytes are U+FFFD in the text.
fn decode(bytes: &[u8]) -> (String, Option<Bad>) {
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest, 3),
        _ => utf8(bytes, 0),
    }
}

fn utf8(bytes: &[u8], mark: usize) -> (String, Option<Bad>) {
    let bad = std::str::from_utf8(bytes).err().map(|error| error.valid_up_to());
    (String::from_utf8_lossy(bytes).into_owned(), bad.map(|at| Bad { at, offset: at + mark }))
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> (String, Option<Bad>) {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let (mut text, mut bad, mut offset) = (String::with_capacity(bytes.len()), None, 2);
    for letter in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        let here = Bad { at: text.len(), offset };
        offset += letter.as_ref().map_or(2, |letter| letter.len_utf16() * 2);
        bad = bad.or(letter.is_err().then_some(here));
        text.push(letter.unwrap_or('\u{fffd}'));
    }
    if !rest.is_empty() {
        bad = bad.or(Some(Bad { at: text.len(), offset }));
        text.push('\u{fffd}');
    }
    (text, bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_with_and_without_mark_are_read() {
        assert_eq!(decode("rüle".as_bytes()), ("rüle".to_owned(), None));
        assert_eq!(decode(b"\xef\xbb\xbfrule"), ("rule".to_owned(), None));
        assert_eq!(decode(b"\xff\xfer\0u\0"), ("ru".to_owned(), None));
        assert_eq!(decode(b"\xfe\xff\0r\0u"), ("ru".to_owned(), None));
    }

    #[test]
    fn bytes_that_are_no_text_are_named_with_their_place() {
        assert_eq!(decode(b"ru\xffle"), ("ru\u{fffd}le".to_owned(), Some(Bad { at: 2, offset: 2 })));
        assert_eq!(decode(b"\xef\xbb\xbfr\xff").1, Some(Bad { at: 1, offset: 4 }));
        assert_eq!(decode(b"\xff\xfer\0\0\xd8u\0").1, Some(Bad { at: 1, offset: 4 }));
        assert_eq!(decode(b"\xff\xfer\0u").1, Some(Bad { at: 1, offset: 4 }));
    }
}
