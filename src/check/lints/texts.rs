//! Literals that came through a web page, through a converter, or in one case alone.

use super::uses::{Use, Way};
use super::{View, gathered};
use crate::check::fields;
use crate::diag::{Diagnostic, codes};
use crate::syntax::ast::{ExprKind, FieldRef};
use crate::syntax::print::print_expr;

/// Entities of HTML and what they stand for; none of these characters means anything in a pattern.
const ENTITIES: [(&str, &str); 6] =
    [("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&apos;", "'")];

/// `&gt;` in a literal.
pub(super) fn entities(view: &View, found: &mut Vec<Diagnostic>) {
    for one in &view.uses {
        let places = ENTITIES.iter().flat_map(|(entity, character)| {
            one.text.match_indices(entity).map(move |(at, _)| (at, *entity, *character))
        });
        let mut places: Vec<_> = places.collect();
        places.sort_unstable();
        let Some((at, entity, character)) = places.first().copied() else { continue };
        let span = one.part(at, entity.len()).unwrap_or(one.span);
        let mut diagnostic = Diagnostic::new(
            &codes::HTML_ENTITY,
            span,
            format!("`{entity}` is HTML for `{character}`, which events hold as it is"),
        )
        .help(format!("write `{character}`"));
        for (at, entity, character) in places.into_iter().filter(|(.., character)| *character != "\"") {
            if let Some(span) = one.part(at, entity.len()) {
                diagnostic = diagnostic.fix(span, character);
            }
        }
        found.push(diagnostic);
    }
}

/// A whole value compared with what looks like a pattern, or like the text of one.
pub(super) fn equalities(view: &View, found: &mut Vec<Diagnostic>) {
    let mut edges = Vec::new();
    for one in view.uses.iter().filter(|one| one.way == Way::Whole) {
        if looks_like_a_pattern(one) {
            let message = "this looks like a pattern, and `=` compares it letter by letter";
            let help = format!("write `/{}/` for a pattern", one.text.replace('/', "\\/"));
            found.push(Diagnostic::new(&codes::PATTERN_IN_EQUALITY, one.span, message).help(help));
        } else if is_doubled(one.text) {
            let message = "each backslash of this text is doubled, and a path has single ones";
            let help = "in back quotes a backslash is written once, in double quotes twice";
            found.push(Diagnostic::new(&codes::DOUBLED_BACKSLASH, one.span, message).help(help));
        } else if has_edge(one.text) {
            let message = "this text has a blank at its edge, and `=` compares it with the whole value";
            let help = "take the blank out, or look for a part with `strings.contains`";
            edges.push((
                print_expr(one.subject),
                Diagnostic::new(&codes::EDGE_BLANK, one.span, message).help(help),
            ));
        }
    }
    found.extend(gathered(edges));
}

/// ` -enc `, which no whole value is.
fn has_edge(text: &str) -> bool {
    let inner = text.trim_matches(' ');
    !inner.is_empty() && inner.len() < text.len()
}

/// Of paths, `\\.` is the start of a hidden name.
fn looks_like_a_pattern(one: &Use) -> bool {
    let path = matches!(&one.subject.kind, ExprKind::Field(field) | ExprKind::Quantified(_, field) if ANY_CASE.contains(&last(field)));
    let edges = one.text.len() > 2 && one.text.starts_with('^') && one.text.ends_with('$');
    !path && (one.text.contains(".*") || one.text.contains("\\.") || edges)
}

/// `C:\\Bar\\baz.exe` as the value itself. A share begins with two, and then has single ones.
fn is_doubled(text: &str) -> bool {
    let runs: Vec<usize> = text.split(|letter| letter != '\\').map(str::len).filter(|len| *len > 0).collect();
    let inner = text.match_indices("\\\\").filter(|(at, _)| {
        *at > 0 && !text.get(..*at).is_some_and(|before| before.ends_with([' ', '"', ':', '\\']))
    });
    !runs.is_empty() && runs.iter().all(|len| *len == 2) && (runs.len() > 1 || inner.count() > 0)
}

/// Fields whose values Windows takes in any case.
const ANY_CASE: [&str; 4] = ["command_line", "full_path", "registry_key", "registry_value_name"];

/// A path or a command line compared with regard to case.
pub(super) fn sensitive(view: &View, found: &mut Vec<Diagnostic>) {
    let mut all = Vec::new();
    for one in view.uses.iter().filter(|one| one.way != Way::Cut && !one.folds) {
        let (ExprKind::Field(field) | ExprKind::Quantified(_, field)) = &one.subject.kind else { continue };
        if !ANY_CASE.contains(&last(field)) || !has_case(one) {
            continue;
        }
        let help = match one.way {
            Way::Whole | Way::Pattern => "add `nocase` after the test",
            Way::Part | Way::Cut => {
                "fold the field with `strings.to_lower`, and write the text in small letters"
            }
        };
        let message = format!("`{}` comes in any case, and this test takes one alone", fields::text(field));
        all.push((
            fields::text(field),
            Diagnostic::new(&codes::CASE_SENSITIVE, one.span, message).help(help),
        ));
    }
    found.extend(gathered(all));
}

/// Letters that a value may hold in another case. Paths of Unix have one case alone.
fn has_case(one: &Use) -> bool {
    let text = one.text.trim_start_matches(['^', '(', '.', '*', '\\']);
    if text.starts_with('/') {
        return false;
    }
    if !one.is_pattern() {
        return has_word(text.split(|letter: char| !letter.is_alphanumeric()));
    }
    let plain = letters(text);
    !one.text.contains("(?i") && has_word(plain.split(|letter: char| !letter.is_alphanumeric()))
}

/// A word in which the case may be another: longer than a flag of a command, shorter than what is encoded in base 64.
fn has_word<'w>(mut words: impl Iterator<Item = &'w str>) -> bool {
    const SHORTEST: usize = 3;
    const ENCODED: usize = 16;
    let upper = |word: &str| word.chars().any(char::is_uppercase);
    let lower = |word: &str| word.chars().any(char::is_lowercase);
    let encoded = |word: &str| word.len() >= ENCODED && upper(word) && lower(word);
    words.any(|word| {
        word.chars().filter(|letter| letter.is_alphabetic()).count() >= SHORTEST && !encoded(word)
    })
}

/// The pattern without its escapes and classes.
fn letters(pattern: &str) -> String {
    let (mut escaped, mut class) = (false, false);
    let mut out = String::with_capacity(pattern.len());
    for letter in pattern.chars() {
        if escaped {
            escaped = false;
            out.push(' ');
            continue;
        }
        match letter {
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            _ if !class => out.push(letter),
            _ => {}
        }
    }
    out
}

pub(super) fn last(field: &FieldRef) -> &str {
    field.segments.last().map_or("", |segment| segment.name.node.as_str())
}
