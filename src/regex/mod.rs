//! Patterns as RE2 reads them, run by the Rust `regex` crate.

mod class;
mod cursor;
mod fold;
mod literals;
mod rarity;
mod search;
mod translate;

use std::ops::Range;
use std::sync::OnceLock;

use ::regex::{Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};

use crate::value::operators::Case;

pub use fold::fold_text;
pub use literals::Literal;
pub use rarity::rarity;

/// A pattern, checked; compiled when it is first used.
#[derive(Debug)]
pub struct Pattern {
    text: String,
    case: Case,
    rust: String,
    groups: usize,
    whole: OnceLock<Option<Regex>>,
    /// What [`Pattern::is_match`] looks for, where that is less than the whole.
    reduced: Option<String>,
    finder: OnceLock<Option<Regex>>,
    hir: Hir,
}

/// Why RE2 refuses a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PatternError {
    /// Lower case, no full stop.
    pub message: String,
    /// The correction.
    pub help: Option<String>,
    /// Where, in bytes of the pattern.
    pub at: Range<usize>,
}

impl PatternError {
    fn new(at: Range<usize>, message: impl Into<String>, help: &str) -> PatternError {
        let help = (!help.is_empty()).then(|| help.to_owned());
        PatternError { message: message.into(), help, at }
    }
}

/// The most bytes that one compiled pattern may take.
const SIZE_LIMIT: usize = 10 << 20;

/// Patterns estimated above so many steps are compiled at once, to learn whether they fit.
const CERTAIN_TO_FIT: u64 = 10_000;

impl Pattern {
    /// Reads `text` as RE2 does. [`Case::Fold`] has it begin with `(?i)`; the pattern's own flags still count.
    ///
    /// ```
    /// # use yaral::{regex::Pattern, value::operators::Case};
    /// let pattern = Pattern::parse(r"^cmd\.exe$", Case::Fold).unwrap();
    /// assert!(pattern.is_match("CMD.EXE"));
    /// ```
    ///
    /// # Errors
    /// Says what RE2 refuses, and where.
    pub fn parse(text: &str, case: Case) -> Result<Pattern, PatternError> {
        let translation = translate::translate(text)?;
        let rust = match case {
            Case::Exact => translation.rust,
            Case::Fold => format!("(?i){}", translation.rust),
        };
        let hir = regex_syntax::parse(&rust).map_err(|error| beyond_us(text, &error))?;
        let pattern = Pattern {
            text: text.to_owned(),
            case,
            rust,
            groups: translation.groups,
            whole: OnceLock::new(),
            reduced: search::reduce(&hir),
            finder: OnceLock::new(),
            hir,
        };
        if steps(&pattern.hir) > CERTAIN_TO_FIT && pattern.regex().is_none() {
            return Err(too_large(text));
        }
        Ok(pattern)
    }

    /// Is there a match anywhere in `text`?
    pub fn is_match(&self, text: &str) -> bool {
        let regex = match &self.reduced {
            Some(reduced) => self.finder.get_or_init(|| compile(reduced)).as_ref(),
            None => self.regex(),
        };
        regex.is_some_and(|regex| regex.is_match(text))
    }

    /// The whole pattern, compiled, for captures and replacements; [`Pattern::parse`] has made sure that there is one.
    pub fn regex(&self) -> Option<&Regex> {
        self.whole.get_or_init(|| compile(&self.rust)).as_ref()
    }

    /// How many capture groups it has.
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// As written in the rule.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The case it was parsed under.
    pub fn case(&self) -> Case {
        self.case
    }

    /// The same pattern in the syntax of the `regex` crate. Groups have lost their names.
    pub fn rust(&self) -> &str {
        &self.rust
    }

    /// Literals of which every text with a match contains at least one, chosen by what each is worth to whoever looks for
    /// them; one worth 0 is of no use. Nothing where there are none worth a search.
    pub fn literals_by(&self, worth: &dyn Fn(&Literal) -> u32) -> Option<Vec<Literal>> {
        literals::required(&self.hir, worth)
    }

    /// Sets of literals of which every text with a match contains one of each set, once it is as [`fold_text`] leaves it
    /// and in lower case: for a search that takes letters of either case for the same.
    pub fn folded_literals(&self) -> Vec<Vec<String>> {
        let rarity = |literal: &Literal| rarity(&literal.text);
        let sets = literals::all_required(&fold::fold(&self.hir), &rarity).into_iter();
        sets.map(|set| set.into_iter().map(|literal| literal.text).collect()).collect()
    }
}

fn compile(rust: &str) -> Option<Regex> {
    RegexBuilder::new(rust).size_limit(SIZE_LIMIT).build().ok()
}

/// A rough count of the steps of the compiled pattern, never far too low.
fn steps(hir: &Hir) -> u64 {
    let sum = |parts: &[Hir]| parts.iter().map(steps).fold(0, u64::saturating_add);
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => u64::try_from(literal.0.len()).unwrap_or(u64::MAX),
        HirKind::Class(regex_syntax::hir::Class::Unicode(class)) => 4 * class.ranges().len() as u64,
        HirKind::Class(regex_syntax::hir::Class::Bytes(class)) => class.ranges().len() as u64,
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min).max(1);
            steps(&repetition.sub).saturating_mul(u64::from(times))
        }
        HirKind::Capture(capture) => steps(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => sum(parts),
    }
}

fn too_large(text: &str) -> PatternError {
    let help = "shorten its counted repetitions, such as `{1000}`";
    PatternError::new(0..text.len(), "this pattern is too large to compile", help)
}

/// RE2 would take it, the `regex` crate does not: nesting too deep.
fn beyond_us(text: &str, error: &regex_syntax::Error) -> PatternError {
    let reason = match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        _ => error.to_string(),
    };
    PatternError::new(0..text.len(), format!("this pattern cannot be compiled: {reason}"), "simplify it")
}

#[cfg(test)]
mod tests;
