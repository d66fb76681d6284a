//! What must be looked for when only the presence of a match matters.

use regex_syntax::hir::{Hir, HirKind};

/// The pattern without what may match nothing at its ends, printed; nothing where that is all of it.
///
/// `.*x.*` is somewhere in a text exactly when `x` is: the part that was cut can match the empty text at that place.
/// Anchors stay, since they look at the place and not at what matched before.
pub(super) fn reduce(hir: &Hir) -> Option<String> {
    let reduced = trimmed(hir);
    (reduced != *hir && !has_captures_only(&reduced, hir)).then(|| reduced.to_string())
}

/// Dropping the outermost group saves nothing by itself.
fn has_captures_only(reduced: &Hir, hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Capture(capture) => has_captures_only(reduced, &capture.sub),
        HirKind::Empty
        | HirKind::Literal(_)
        | HirKind::Class(_)
        | HirKind::Look(_)
        | HirKind::Repetition(_)
        | HirKind::Concat(_)
        | HirKind::Alternation(_) => reduced == hir,
    }
}

fn trimmed(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Capture(capture) => trimmed(&capture.sub),
        HirKind::Alternation(branches) => Hir::alternation(branches.iter().map(trimmed).collect()),
        HirKind::Concat(parts) => trimmed_row(parts),
        HirKind::Repetition(_) if may_be_nothing(hir) => Hir::empty(),
        HirKind::Empty
        | HirKind::Literal(_)
        | HirKind::Class(_)
        | HirKind::Look(_)
        | HirKind::Repetition(_) => hir.clone(),
    }
}

fn trimmed_row(parts: &[Hir]) -> Hir {
    let solid = |part: &Hir| !may_be_nothing(part);
    let (Some(first), Some(last)) = (parts.iter().position(solid), parts.iter().rposition(solid)) else {
        return Hir::empty();
    };
    let kept = parts.get(first..=last).unwrap_or(parts);
    match kept {
        [one] => trimmed(one),
        several => Hir::concat(several.to_vec()),
    }
}

/// Can it match the empty text wherever it stands?
fn may_be_nothing(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty => true,
        HirKind::Repetition(repetition) => repetition.min == 0,
        HirKind::Capture(capture) => may_be_nothing(&capture.sub),
        HirKind::Literal(_)
        | HirKind::Class(_)
        | HirKind::Look(_)
        | HirKind::Concat(_)
        | HirKind::Alternation(_) => false,
    }
}
