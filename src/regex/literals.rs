//! Literals that a text must contain for a pattern to match: food for a prefilter.

use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind};

use crate::value::operators::Case;

/// A text that a match contains.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Literal {
    /// The text; in lower case under [`Case::Fold`].
    pub text: String,
    /// [`Case::Fold`] means ASCII letters of either case; such a text is all ASCII.
    pub case: Case,
}

/// Above so many literals a prefilter no longer pays.
const MOST: usize = 64;

/// A set of which every matching text contains at least one.
pub(super) fn required(hir: &Hir) -> Option<Vec<Literal>> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(_) => None,
        HirKind::Literal(_) => longest(&runs(std::slice::from_ref(hir))),
        HirKind::Repetition(repetition) if repetition.min == 0 => None,
        HirKind::Repetition(repetition) => required(&repetition.sub),
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Alternation(branches) => {
            let sets: Option<Vec<_>> = branches.iter().map(required).collect();
            let all: Vec<Literal> = sets?.into_iter().flatten().collect();
            (all.len() <= MOST).then_some(all)
        }
        HirKind::Concat(parts) => {
            let within = parts.iter().filter_map(required);
            within.chain(longest(&runs(parts))).max_by_key(|set| worth(set))
        }
    }
}

/// Several such sets, of which every matching text meets each, as far as they stand side by side.
pub(super) fn all_required(hir: &Hir) -> Vec<Vec<Literal>> {
    match hir.kind() {
        HirKind::Capture(capture) => all_required(&capture.sub),
        HirKind::Concat(parts) => {
            let within = parts.iter().filter(|part| !matches!(part.kind(), HirKind::Literal(_)));
            let within = within.filter_map(required);
            within.chain(runs(parts).into_iter().map(|run| vec![run])).collect()
        }
        HirKind::Empty
        | HirKind::Look(_)
        | HirKind::Class(_)
        | HirKind::Literal(_)
        | HirKind::Repetition(_)
        | HirKind::Alternation(_) => required(hir).into_iter().collect(),
    }
}

/// The shortest literal decides how rarely a set is found.
fn worth(set: &[Literal]) -> usize {
    set.iter().map(|literal| literal.text.len()).min().unwrap_or(0)
}

fn longest(runs: &[Literal]) -> Option<Vec<Literal>> {
    runs.iter().max_by_key(|run| run.text.len()).map(|run| vec![run.clone()])
}

/// The stretches of a row that are fixed but for the case of ASCII letters.
fn runs(parts: &[Hir]) -> Vec<Literal> {
    let mut runs = Runs::default();
    for part in parts {
        match part.kind() {
            HirKind::Literal(literal) => runs.exact(&String::from_utf8_lossy(&literal.0)),
            HirKind::Class(Class::Unicode(class)) => match either_case(class) {
                Some(letter) => runs.folded(letter),
                None => runs.end(),
            },
            HirKind::Empty
            | HirKind::Class(Class::Bytes(_))
            | HirKind::Look(_)
            | HirKind::Repetition(_)
            | HirKind::Capture(_)
            | HirKind::Concat(_)
            | HirKind::Alternation(_) => runs.end(),
        }
    }
    runs.end();
    runs.done
}

#[derive(Default)]
struct Runs {
    done: Vec<Literal>,
    text: String,
    /// Has the run a letter of either case?
    folds: bool,
    /// Has it a letter of one case, or beyond ASCII?
    fixed: bool,
}

impl Runs {
    fn exact(&mut self, text: &str) {
        let fixed = !text.is_ascii() || text.bytes().any(|letter| letter.is_ascii_alphabetic());
        if fixed && self.folds {
            self.end();
        }
        self.fixed |= fixed;
        self.text.push_str(text);
    }

    fn folded(&mut self, letter: char) {
        if self.fixed {
            self.end();
        }
        self.folds = true;
        self.text.push(letter);
    }

    fn end(&mut self) {
        let text = std::mem::take(&mut self.text);
        let case = if self.folds { Case::Fold } else { Case::Exact };
        (self.folds, self.fixed) = (false, false);
        if !text.is_empty() {
            self.done.push(Literal { text, case });
        }
    }
}

/// The lower case of an ASCII letter, where the class is that letter in both cases and nothing else: `(?i)k` also
/// matches the Kelvin sign, so it is no such class.
fn either_case(class: &ClassUnicode) -> Option<char> {
    let [upper, lower] = class.ranges() else { return None };
    let single = upper.start() == upper.end() && lower.start() == lower.end();
    let pair = upper.start().is_ascii_uppercase() && upper.start().to_ascii_lowercase() == lower.start();
    (single && pair).then_some(lower.start())
}
