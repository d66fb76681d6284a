//! Texts and patterns brought to one case, so that one search finds the literals of patterns of either kind.

use std::borrow::Cow;

use regex_syntax::hir::{Capture, Class, ClassUnicode, Hir, HirKind, Repetition};

use crate::value::operators;

/// `text` with every letter in the form that stands for all its cases: `K` (Kelvin) is `k`, `ſ` is `s`. Letter by letter,
/// so that a part of a text becomes a part of what the text becomes. A text that is all ASCII stays as it is: who
/// searches it has to take letters of either case for the same.
pub fn fold_text(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut folded = String::with_capacity(text.len());
    let mut letter = [0; 4];
    for one in text.chars() {
        match one {
            // The one letter whose lower case is two.
            'İ' => folded.push_str("i\u{307}"),
            other => folded.extend(operators::folded(other.encode_utf8(&mut letter))),
        }
    }
    Cow::Owned(folded)
}

/// The pattern whose literals are what becomes of those of a match when its text is folded: classes of the cases of one
/// letter are that letter. Only its literals are of use.
pub(super) fn fold(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Literal(literal) => {
            let text = String::from_utf8_lossy(&literal.0).to_ascii_lowercase();
            Hir::literal(fold_text(&text).as_bytes())
        }
        HirKind::Class(Class::Unicode(class)) => one_letter(class).unwrap_or_else(|| hir.clone()),
        HirKind::Repetition(repetition) => {
            Hir::repetition(Repetition { sub: Box::new(fold(&repetition.sub)), ..repetition.clone() })
        }
        HirKind::Capture(capture) => {
            Hir::capture(Capture { sub: Box::new(fold(&capture.sub)), ..capture.clone() })
        }
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(fold).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(fold).collect()),
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(Class::Bytes(_)) => hir.clone(),
    }
}

/// More than any letter has cases.
const MOST_CASES: usize = 6;

/// The letter that all of the class fold to.
fn one_letter(class: &ClassUnicode) -> Option<Hir> {
    let letters = class.ranges().iter().flat_map(|range| range.start()..=range.end());
    let mut found: Option<String> = None;
    for (count, letter) in letters.enumerate() {
        let text = letter.to_ascii_lowercase().to_string();
        let folded = fold_text(&text).into_owned();
        if count >= MOST_CASES || found.as_ref().is_some_and(|known| *known != folded) {
            return None;
        }
        found = Some(folded);
    }
    found.map(|letter| Hir::literal(letter.into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_beyond_ascii_that_are_cases_of_ascii_letters_become_those() {
        assert_eq!(fold_text("taſkliſt \u{212a}"), "tasklist k");
        assert_eq!(fold_text("ÄRGER"), "ärger");
        assert_eq!(fold_text("WHOAMI"), "WHOAMI");
    }

    #[test]
    fn the_classes_of_a_letter_are_one_literal() {
        let folded = |text: &str| fold(&regex_syntax::parse(text).unwrap());
        assert_eq!(folded("(?i)tasklist"), Hir::literal(*b"tasklist"));
        assert_eq!(folded("TaskList"), Hir::literal(*b"tasklist"));
        assert_eq!(folded("(?i)ärger"), Hir::literal("ärger".as_bytes()));
        assert_ne!(folded("[ab]"), Hir::literal(*b"a"));
    }
}
