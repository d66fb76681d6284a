//! From rule text to the tree: scan, parse, build. [`parse`] is the door; [`print()`] is the way back.

pub mod ast;
mod build;
mod errors;
mod explain;
mod file;
mod forgotten;
mod grammar;
mod parse;
pub mod print;
mod scan;
mod sections;
pub mod visit;

pub use print::print;
pub use scan::{Bracket, Token, TokenKind};
pub use visit::{children, conjuncts, walk};

use crate::diag::Diagnostic;
use crate::text::Source;

/// The tree of a text, and what is wrong with its form.
#[derive(Debug, Clone, Default)]
pub struct Parsed {
    /// All that could be read.
    pub file: ast::File,
    /// In the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

impl Parsed {
    fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|found| found.is_error()).count()
    }

    /// How unlikely this reading is: its errors, and the strings that run over a line end.
    fn cost(&self, long: &[u32]) -> usize {
        self.errors() + long.len()
    }
}

/// The tokens of a text that parses: everything but white space and comments.
pub fn tokens(source: &Source) -> Vec<Token> {
    scan::tokens(source, &[]).tokens
}

/// How many strings that run over a line end are tried as ones that were never closed.
const STRINGS_TRIED: usize = 8;

/// Reads a whole text. Never fails: what cannot be read is `Broken` in the tree, with one diagnostic.
///
/// A string may run over a line end, so a forgotten quote turns the rest of the text inside out. Where something is
/// wrong, the strings that do so are therefore tried, one by one, as strings that end with their line; the reading with
/// fewer errors and fewer such strings wins.
pub fn parse(source: &Source) -> Parsed {
    let mut cut = Vec::new();
    let mut tried = Vec::new();
    let (mut best, mut long) = file::read(source, &cut);
    while best.errors() > 0 && tried.len() < STRINGS_TRIED {
        let Some(&next) = long.iter().find(|at| !tried.contains(*at)) else { break };
        tried.push(next);
        cut.push(next);
        let (again, strings) = file::read(source, &cut);
        if again.cost(&strings) <= best.cost(&long) {
            (best, long) = (again, strings);
        } else {
            cut.pop();
        }
    }
    best
}
