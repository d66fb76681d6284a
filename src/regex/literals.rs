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

/// What a literal is worth to whoever looks for it.
type Worth<'w> = &'w dyn Fn(&Literal) -> u32;

/// A set of which every matching text contains at least one: of several sets the one of most worth.
pub(super) fn required(hir: &Hir, worth: Worth<'_>) -> Option<Vec<Literal>> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(_) => None,
        HirKind::Literal(_) => best(runs(std::slice::from_ref(hir)), worth),
        HirKind::Repetition(repetition) if repetition.min == 0 => None,
        HirKind::Repetition(repetition) => required(&repetition.sub, worth),
        HirKind::Capture(capture) => required(&capture.sub, worth),
        HirKind::Alternation(branches) => {
            let sets: Option<Vec<_>> = branches.iter().map(|branch| required(branch, worth)).collect();
            let all: Vec<Literal> = sets?.into_iter().flatten().collect();
            (all.len() <= MOST).then_some(all)
        }
        HirKind::Concat(parts) => {
            let within = parts.iter().filter_map(|part| required(part, worth));
            within.chain(best(runs(parts), worth)).max_by_key(|set| least(set, worth))
        }
    }
}

/// Several such sets, of which every matching text meets each, as far as they stand side by side.
pub(super) fn all_required(hir: &Hir, worth: Worth<'_>) -> Vec<Vec<Literal>> {
    match hir.kind() {
        HirKind::Capture(capture) => all_required(&capture.sub, worth),
        HirKind::Concat(parts) => {
            let within = parts.iter().filter(|part| !matches!(part.kind(), HirKind::Literal(_)));
            let within = within.filter_map(|part| required(part, worth));
            within.chain(runs(parts).into_iter().map(|run| vec![run])).collect()
        }
        HirKind::Empty
        | HirKind::Look(_)
        | HirKind::Class(_)
        | HirKind::Literal(_)
        | HirKind::Repetition(_)
        | HirKind::Alternation(_) => required(hir, worth).into_iter().collect(),
    }
}

/// The literal met most often decides how rarely a set is found.
fn least(set: &[Literal], worth: Worth<'_>) -> u32 {
    set.iter().map(worth).min().unwrap_or(0)
}

fn best(runs: Vec<Literal>, worth: Worth<'_>) -> Option<Vec<Literal>> {
    let useful = runs.into_iter().filter(|run| worth(run) > 0);
    useful.max_by_key(worth).map(|run| vec![run])
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
