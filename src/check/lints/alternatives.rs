//! Alternatives of a pattern that stand in it twice.

use std::collections::BTreeSet;
use std::ops::Range;

use super::uses::Use;
use crate::diag::{Diagnostic, codes};

/// The alternatives that repeat another one beside them, said once for a pattern.
pub(super) fn twice(one: &Use) -> Option<Diagnostic> {
    let repeated = repeated(one.text);
    let first = repeated.first()?;
    let written = one.text.get(first.clone())?;
    let span = one.part(first.start, first.len()).unwrap_or(one.span);
    let message = format!("the alternative `{written}` stands in this pattern already");
    let found = Diagnostic::new(&codes::WRITTEN_TWICE, span, message);
    let mut found = found.help("take one out, or write what was meant");
    for part in &repeated {
        // Groups have numbers, which stay.
        let plain = one.text.get(part.clone()).is_some_and(|text| !text.contains('('));
        if let Some(span) = one.part(part.start - 1, part.len() + 1).filter(|_| plain) {
            found = found.fix(span, "");
        }
    }
    Some(found)
}

/// A group that is open, or the whole pattern.
struct Group {
    /// Where the alternative begins that is being read.
    start: usize,
    done: Vec<Range<usize>>,
}

/// The second and further of equal alternatives. Of `\Q…\E`, which hides brackets, nothing is said.
fn repeated(text: &str) -> Vec<Range<usize>> {
    if text.contains("\\Q") {
        return Vec::new();
    }
    let mut open = vec![Group { start: 0, done: Vec::new() }];
    let mut found = Vec::new();
    let (mut escaped, mut class) = (false, None);
    for (at, byte) in text.bytes().enumerate() {
        if escaped {
            escaped = false;
            continue;
        }
        match (byte, class) {
            (b'\\', _) => escaped = true,
            // A bracket that opens a class is a letter of it.
            (b']', Some(from)) if at > from => class = None,
            (_, Some(_)) => {}
            (b'[', None) => class = Some(at + 1 + usize::from(text.as_bytes().get(at + 1) == Some(&b'^'))),
            (b'(', None) => open.push(Group { start: behind_flags(text, at + 1), done: Vec::new() }),
            (b'|', None) => open.last_mut().into_iter().for_each(|group| group.cut(at)),
            (b')', None) if open.len() > 1 => {
                found.extend(open.pop().into_iter().flat_map(|group| group.close(text, at)))
            }
            _ => {}
        }
    }
    found.extend(open.pop().into_iter().flat_map(|group| group.close(text, text.len())));
    found.sort_by_key(|range| range.start);
    found
}

/// Behind `?:` and `?P<name>`.
fn behind_flags(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let end = rest.strip_prefix('?').and_then(|flags| flags.find([':', '>', ')']));
    end.map_or(at, |end| at + end + 2)
}

impl Group {
    fn cut(&mut self, at: usize) {
        self.done.push(self.start.min(at)..at);
        self.start = at + 1;
    }

    fn close(mut self, text: &str, at: usize) -> Vec<Range<usize>> {
        self.cut(at);
        let mut seen = BTreeSet::new();
        let again = |part: &Range<usize>| {
            let written = text.get(part.clone()).unwrap_or_default();
            !written.is_empty() && !seen.insert(written)
        };
        self.done.into_iter().filter(again).collect()
    }
}
