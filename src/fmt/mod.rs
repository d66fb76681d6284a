//! One layout for rules: lines, indents and blanks are set anew, words and comments stay.
//!
//! The tokens of a text are written again in their order. Where a unit, a section or a statement starts is known from
//! the tree and always starts a line; within a statement the lines stay as they were broken.

mod layout;
mod pieces;
mod spacing;
mod starts;

use crate::diag::Diagnostic;
use crate::syntax::{self, Parsed};
use crate::text::{Source, Sources};

/// Why a text was left alone.
#[derive(Debug)]
pub enum LeftAlone {
    /// Its form is wrong; what is found, warnings among it.
    Errors(Vec<Diagnostic>),
    /// The new text would not have meant the same. That is a mistake of the formatter.
    Changed,
}

/// The text in the one layout.
///
/// # Errors
/// Why there is none.
pub fn format(source: &Source) -> Result<String, LeftAlone> {
    format_parsed(source, &syntax::parse(source))
}

/// The same for a text that was parsed already.
///
/// # Errors
/// Why there is none.
pub fn format_parsed(source: &Source, parsed: &Parsed) -> Result<String, LeftAlone> {
    if is_broken(parsed) {
        return Err(LeftAlone::Errors(parsed.diagnostics.clone()));
    }
    let text = layout::write(source, &parsed.file);
    let again = read(&text);
    let same = !is_broken(&again) && again.file.units == parsed.file.units;
    if same && again.file.comments.len() == parsed.file.comments.len() {
        Ok(text)
    } else {
        Err(LeftAlone::Changed)
    }
}

fn is_broken(parsed: &Parsed) -> bool {
    parsed.diagnostics.iter().any(Diagnostic::is_error)
}

fn read(text: &str) -> Parsed {
    let mut sources = Sources::default();
    let id = sources.add("formatted", text);
    sources.get(id).map(syntax::parse).unwrap_or_default()
}

#[cfg(test)]
mod tests;
