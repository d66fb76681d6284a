//! `--fix` and `--diff`: corrections that are safe, made or shown.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use similar::TextDiff;

use super::output::Output;
use super::rules::{RuleFile, Rules};
use super::{Stop, counted, warning};
use crate::diag::{Diagnostic, fix as fixes};
use crate::syntax;
use crate::text::Source;

/// Corrections can overlap, and then wait for the next pass.
pub const MOST_PASSES: usize = 5;

/// What was done.
#[derive(Debug, Default)]
pub struct Mended {
    /// Times over all files.
    pub passes: usize,
    findings: usize,
    files: Vec<String>,
}

impl Mended {
    /// In a line.
    pub fn summary(&self) -> String {
        match self.findings {
            0 => "nothing to mend".to_owned(),
            findings => {
                format!("mended {} in {}", counted(findings, "finding"), counted(self.files.len(), "file"))
            }
        }
    }
}

/// Every file that a correction changes, with its text as it would be.
fn changes<'r>(rules: &'r Rules, found: &[Diagnostic]) -> Vec<(&'r Source, String, usize)> {
    let changed = |source: &'r Source| {
        let own = found.iter().filter(|one| one.label.span.source == source.id);
        let (text, count) = fixes::apply(source, own);
        (count > 0).then_some((source, text, count))
    };
    rules.sources.iter().filter_map(changed).collect()
}

/// The files as the corrections leave them, one pass after the other; `judge` says what is left to be found.
///
/// # Errors
/// Those of `judge`.
pub fn settled(
    rules: &Rules,
    found: &[Diagnostic],
    judge: &dyn Fn(&Rules) -> Result<Vec<Diagnostic>, Stop>,
) -> Result<Rules, Stop> {
    let mut last = rewritten(rules, found);
    for _ in 1..MOST_PASSES {
        let found = judge(&last)?;
        if changes(&last, &found).is_empty() {
            break;
        }
        last = rewritten(&last, &found);
    }
    Ok(last)
}

fn rewritten(rules: &Rules, found: &[Diagnostic]) -> Rules {
    let changed = changes(rules, found);
    let mut fresh = Rules::default();
    for file in &rules.files {
        let Some(source) = rules.sources.get(file.source) else { continue };
        let text = changed.iter().find(|(one, ..)| one.id == source.id).map(|(_, text, _)| text);
        let id = fresh.sources.add(source.name.clone(), text.unwrap_or(&source.text).clone());
        let again = text.and_then(|_| fresh.sources.get(id)).map(syntax::parse);
        let parsed = again.unwrap_or_else(|| file.parsed.clone());
        let (path, root) = (file.path.clone(), file.root.clone());
        fresh.files.push(RuleFile { source: id, path, root, parsed });
    }
    fresh
}

/// What became of the texts, as a unified diff; was there any change?
///
/// # Errors
/// Writing failed.
pub fn diff(out: &mut dyn Write, before: &Rules, after: &Rules) -> io::Result<bool> {
    let mut any = false;
    for (old, new) in before.sources.iter().zip(after.sources.iter()) {
        if old.text == new.text {
            continue;
        }
        any = true;
        // Behind a blank, `patch` takes the end of a name from a tab.
        let end = if old.name.contains(' ') { "\t" } else { "" };
        let name = format!("{}{end}", old.name);
        let diff = TextDiff::from_lines(&old.text, &new.text);
        write!(out, "{}", diff.unified_diff().header(&name, &name))?;
    }
    Ok(any)
}

/// Makes the corrections; was there any?
///
/// # Errors
/// A file cannot be written.
pub fn fix(rules: &Rules, found: &[Diagnostic], mended: &mut Mended) -> Result<bool, Stop> {
    mended.passes += 1;
    let mut any = false;
    for (source, text, count) in changes(rules, found) {
        let path = Path::new(&source.name);
        let Some(whole) = encoded(path, &text) else {
            warning(&format!("`{}` is not UTF-8 and is left as it is", source.name));
            continue;
        };
        Output::open(Some(path))?.write(|out| out.write_all(&whole))?;
        any = true;
        mended.findings += count;
        if !mended.files.contains(&source.name) {
            mended.files.push(source.name.clone());
        }
    }
    Ok(any)
}

/// The text in the encoding that the file has; nothing where it is of none that is known.
fn encoded(path: &Path, text: &str) -> Option<Vec<u8>> {
    let bytes = fs::read(path).ok()?;
    let units = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    let (mark, text): (&[u8], Vec<u8>) = match bytes.as_slice() {
        [0xff, 0xfe, ..] => (&[0xff, 0xfe], units(u16::to_le_bytes)),
        [0xfe, 0xff, ..] => (&[0xfe, 0xff], units(u16::to_be_bytes)),
        [0xef, 0xbb, 0xbf, ..] => (&[0xef, 0xbb, 0xbf], text.as_bytes().to_vec()),
        _ => std::str::from_utf8(&bytes).ok().map(|_| (&[] as &[u8], text.as_bytes().to_vec()))?,
    };
    Some([mark, &text].concat())
}
