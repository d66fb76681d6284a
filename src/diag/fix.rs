//! Corrections made: the edits of diagnostics put into the text they speak of.

use super::{Diagnostic, Edit};
use crate::text::Source;

/// The text of `source` with all fixes of `diagnostics` that point into it, and how many diagnostics were mended. Of
/// fixes that overlap, the first is made; running again makes the others.
pub fn apply<'d>(source: &Source, diagnostics: impl IntoIterator<Item = &'d Diagnostic>) -> (String, usize) {
    let mut chosen: Vec<&Edit> = Vec::new();
    let mut mended = 0;
    for diagnostic in diagnostics {
        let here = diagnostic.fix.iter().all(|edit| edit.span.source == source.id);
        let free = |edit: &Edit| !chosen.iter().any(|other| overlap(edit, other));
        if here && !diagnostic.fix.is_empty() && diagnostic.fix.iter().all(free) {
            chosen.extend(&diagnostic.fix);
            mended += 1;
        }
    }
    chosen.sort_by_key(|edit| (edit.span.start, edit.span.end));
    (written(&source.text, &chosen), mended)
}

fn overlap(left: &Edit, right: &Edit) -> bool {
    left.span.start < right.span.end && right.span.start < left.span.end
}

fn written(text: &str, edits: &[&Edit]) -> String {
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for edit in edits {
        let range = edit.span.range();
        out.push_str(text.get(at..range.start).unwrap_or_default());
        out.push_str(&edit.text);
        at = range.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}
