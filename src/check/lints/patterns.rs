//! Patterns that match nothing, everything, or more than was meant.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

use super::uses::{Use, Way};
use super::{View, alternatives, gathered};
use crate::check::types;
use crate::diag::{Diagnostic, codes};
use crate::regex::Pattern;
use crate::schema;
use crate::syntax::ast::{Expr, ExprKind};
use crate::value::Type;
use crate::value::operators::Case;

/// Each literal at most once.
pub(super) fn check(view: &View, found: &mut Vec<Diagnostic>) {
    let mut wildcards = Vec::new();
    for one in &view.uses {
        match if one.is_pattern() { pattern(view, one) } else { text(one) } {
            Some(one) if one.code == &codes::LEADING_WILDCARD => wildcards.push((String::new(), one)),
            other => found.extend(other),
        }
    }
    found.extend(gathered(wildcards));
}

/// A text that the folded other side never holds.
fn text(one: &Use) -> Option<Diagnostic> {
    let fold = fold(one.subject)?;
    let wrong = !one.folds && one.text.chars().any(|letter| fold.never(letter));
    wrong
        .then(|| never(one, &format!("the other side is {}, and this is not", fold.name())).help(fold.help()))
}

fn pattern(view: &View, one: &Use) -> Option<Diagnostic> {
    let case = if one.folds { Case::Fold } else { Case::Exact };
    let pattern = Pattern::parse(one.text, case).ok()?;
    let hir = regex_syntax::parse(pattern.rust()).ok()?;
    if let Some(why) = impossible(&hir) {
        return Some(misplaced(one, why));
    }
    if let Some(fold) = fold(one.subject)
        && requires(&hir, &|letter| fold.never(letter))
    {
        let why = format!("the other side is {}, and this asks for another case", fold.name());
        return Some(never(one, &why).help(fold.help()));
    }
    if one.way == Way::Cut {
        return None;
    }
    if let Some(found) = no_member(view, one, &pattern) {
        return Some(found);
    }
    if hir.properties().minimum_len() == Some(0) && always(&pattern) {
        let message = "this pattern matches every value";
        return Some(
            Diagnostic::new(&codes::ALWAYS_TRUE, one.span, message).help(
                "take the test out, or write what the value must hold, such as `.+` for anything at all",
            ),
        );
    }
    unescaped_dot(one).or_else(|| alternatives::twice(one)).or_else(|| open_ends(one))
}

/// Probes that between them hold every printable character, alone and together.
fn always(pattern: &Pattern) -> bool {
    let printable: String = (' '..='~').collect();
    let mut singles = printable.chars().map(String::from);
    pattern.is_match("") && pattern.is_match(&printable) && singles.all(|one| pattern.is_match(&one))
}

fn never(one: &Use, why: &str) -> Diagnostic {
    Diagnostic::new(&codes::NEVER_MATCHES, one.span, format!("this never matches: {why}"))
}

/// The anchor for which a pattern, or a branch of it, matches nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Anchor {
    Start,
    End,
}

fn misplaced(one: &Use, anchor: Anchor) -> Diagnostic {
    let (sign, place, help) = match anchor {
        Anchor::Start => {
            ('^', "the start of the value, and text comes before it", "write `\\^` for the character")
        }
        Anchor::End => {
            ('$', "the end of the value, and text comes after it", "write `\\$` for the character")
        }
    };
    let span = inner_anchor(one.text, sign).and_then(|at| one.part(at, 1));
    let message = format!("`{sign}` is {place}: this never matches");
    Diagnostic::new(&codes::NEVER_MATCHES, span.unwrap_or(one.span), message).help(help)
}

/// Where the sign stands with something before it, or after it, outside of escapes and classes.
fn inner_anchor(text: &str, sign: char) -> Option<usize> {
    let (mut escaped, mut class) = (false, false);
    for (at, letter) in text.char_indices() {
        let skip = escaped;
        escaped = !skip && letter == '\\';
        if skip || escaped {
            continue;
        }
        match letter {
            '[' => class = true,
            ']' => class = false,
            _ => {}
        }
        let inner = if sign == '^' { at > 0 } else { at + 1 < text.len() };
        if letter == sign && !class && inner {
            return Some(at);
        }
    }
    None
}

/// An anchor in the middle, in any branch.
fn impossible(hir: &Hir) -> Option<Anchor> {
    match hir.kind() {
        HirKind::Concat(parts) => parts.iter().find_map(impossible).or_else(|| in_the_middle(parts)),
        HirKind::Alternation(parts) => parts.iter().find_map(impossible),
        HirKind::Capture(capture) => impossible(&capture.sub),
        HirKind::Repetition(repetition) => impossible(&repetition.sub),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => None,
    }
}

fn in_the_middle(parts: &[Hir]) -> Option<Anchor> {
    let (mut consumed, mut ended) = (false, false);
    for part in parts {
        let properties = part.properties();
        let takes = properties.minimum_len().unwrap_or(0) > 0;
        if consumed && properties.look_set_prefix().contains(Look::Start) {
            return Some(Anchor::Start);
        }
        if ended && takes {
            return Some(Anchor::End);
        }
        consumed |= takes;
        ended |= properties.look_set_suffix().contains(Look::End);
    }
    None
}

/// Does every match hold a character of this kind?
fn requires(hir: &Hir, kind: &dyn Fn(char) -> bool) -> bool {
    match hir.kind() {
        HirKind::Literal(literal) => String::from_utf8_lossy(&literal.0).chars().any(kind),
        HirKind::Class(Class::Unicode(class)) => {
            let letters = class.ranges().iter().flat_map(|range| [range.start(), range.end()]);
            !class.ranges().is_empty() && class.ranges().len() < 3 && letters.into_iter().all(kind)
        }
        HirKind::Concat(parts) => parts.iter().any(|part| requires(part, kind)),
        HirKind::Alternation(parts) => parts.iter().all(|part| requires(part, kind)),
        HirKind::Capture(capture) => requires(&capture.sub, kind),
        HirKind::Repetition(repetition) => repetition.min > 0 && requires(&repetition.sub, kind),
        HirKind::Class(Class::Bytes(_)) | HirKind::Empty | HirKind::Look(_) => false,
    }
}

/// What `strings.to_lower` and `strings.to_upper` leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Folded {
    Lower,
    Upper,
}

impl Folded {
    fn never(self, letter: char) -> bool {
        match self {
            Folded::Lower => letter.is_ascii_uppercase(),
            Folded::Upper => letter.is_ascii_lowercase(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Folded::Lower => "in small letters",
            Folded::Upper => "in capitals",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Folded::Lower => "write it in small letters",
            Folded::Upper => "write it in capitals",
        }
    }
}

fn fold(subject: &Expr) -> Option<Folded> {
    let ExprKind::Call(call) = &subject.kind else { return None };
    match call.name.node.as_str() {
        "strings.to_lower" => Some(Folded::Lower),
        "strings.to_upper" => Some(Folded::Upper),
        _ => None,
    }
}

/// A pattern over an enum, none of whose names it finds.
fn no_member(view: &View, one: &Use, pattern: &Pattern) -> Option<Diagnostic> {
    let Some(Type::Enum(id)) = types::type_of(view.scope, one.subject) else { return None };
    let names = &schema::schema().enumeration(id)?.names;
    if names.iter().any(|name| pattern.is_match(name)) {
        return None;
    }
    let help = "the names of the enum are in capitals, such as ".to_owned();
    let some = names.iter().skip(1).take(3).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Some(never(one, "no name of the enum fits it").help(help + &some))
}

/// `microsoft.com`: the dot stands for any character.
fn unescaped_dot(one: &Use) -> Option<Diagnostic> {
    let dots = dots(one.text);
    let at = dots.first().copied()?;
    let message = "this `.` stands for any character, and the words beside it suggest a point";
    let span = one.part(at, 1).unwrap_or(one.span);
    let mut found = Diagnostic::new(&codes::UNESCAPED_DOT, span, message).help("write `\\.`");
    for span in dots.into_iter().filter_map(|at| one.part(at, 1)) {
        found = found.fix(span, "\\.");
    }
    Some(found)
}

/// Dots between two words of two letters or more, outside of classes.
fn dots(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let word = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    let before = |at: usize| {
        let letter = |back: usize| at.checked_sub(back);
        word(letter(1)) && word(letter(2)) && letter(3).and_then(|at| bytes.get(at)) != Some(&b'\\')
    };
    let (mut found, mut escaped, mut class) = (Vec::new(), false, false);
    for (at, byte) in bytes.iter().enumerate() {
        if escaped {
            escaped = false;
            continue;
        }
        match byte {
            b'\\' => escaped = true,
            b'[' => class = true,
            b']' => class = false,
            b'.' if !class && before(at) && word(Some(at + 1)) && word(Some(at + 2)) => found.push(at),
            _ => {}
        }
    }
    found
}

/// `.*` at an end finds nothing that the rest does not find.
fn open_ends(one: &Use) -> Option<Diagnostic> {
    let start = one.text.starts_with(".*") && !one.text.starts_with(".*?") && one.text.len() > 2;
    if !start {
        return None;
    }
    let span = one.part(0, 2).unwrap_or(one.span);
    let message = "a pattern is found anywhere in the value, so `.*` at its start changes nothing";
    let found = Diagnostic::new(&codes::LEADING_WILDCARD, span, message).help("take `.*` out");
    Some(if span == one.span { found } else { found.fix(span, "") })
}
