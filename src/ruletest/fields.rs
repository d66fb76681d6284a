//! Mappings with known keys: values by name, and an error for every key that means nothing.

use super::yaml::{Kind, Node};
use crate::diag::{Diagnostic, codes};
use crate::schema;
use crate::text::Span;

/// A mapping whose keys are known.
pub(super) struct Fields<'n> {
    entries: &'n [(Node, Node)],
    /// Where a key is missing from; nothing where it may be one that is misspelt.
    whole: Option<(Span, &'static str)>,
}

/// The error for a value of the wrong kind.
pub(super) fn wrong(node: &Node, wanted: &str) -> Diagnostic {
    let message = match node.text() {
        Some(_) if node.is_null() => format!("a value is missing: {wanted}"),
        Some(text) => format!("`{text}` is not {wanted}"),
        None => format!("this is not {wanted}"),
    };
    bad(node.span, message)
}

pub(super) fn bad(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(&codes::BAD_TEST, span, message)
}

/// More names than these are no help.
const MANY: usize = 12;

/// What a word may be meant for.
pub(super) fn meant<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    schema::nearest(word, known.iter().copied()).map_or_else(
        || (1..=MANY).contains(&known.len()).then(|| format!("known: {}", list(&known))),
        |near| Some(format!("did you mean `{near}`?")),
    )
}

fn list(known: &[&str]) -> String {
    known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

impl<'n> Fields<'n> {
    /// The mapping `node` as `what`. Keys that are not `known` are errors.
    pub(super) fn of(
        node: &'n Node,
        what: &'static str,
        known: &[&str],
        found: &mut Vec<Diagnostic>,
    ) -> Fields<'n> {
        let Kind::Map(entries) = &node.kind else {
            found.push(wrong(node, &format!("{what}, a mapping with {}", list(known))));
            return Fields { entries: &[], whole: None };
        };
        let mut whole = Some((node.span, what));
        for (key, _) in entries {
            let word = key.text().unwrap_or_default();
            if !known.contains(&word) {
                let unknown = bad(key.span, format!("{what} has no key `{word}`"));
                found.push(unknown.maybe_help(meant(word, known.iter().copied())));
                whole = None;
            }
        }
        Fields { entries, whole }
    }

    /// The value of a key that is written.
    pub(super) fn get(&self, key: &str) -> Option<&'n Node> {
        self.entries.iter().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value)
    }

    /// The value of a key that must be written.
    pub(super) fn must(&self, key: &str, found: &mut Vec<Diagnostic>) -> Option<&'n Node> {
        let node = self.get(key);
        if let (None, Some((span, what))) = (node, self.whole) {
            found.push(bad(span, format!("{what} needs `{key}`")));
        }
        node
    }

    /// The value of the one key of two that must be written, and which of them it is.
    pub(super) fn either<'k>(
        &self,
        keys: [&'k str; 2],
        found: &mut Vec<Diagnostic>,
    ) -> Option<(&'k str, &'n Node)> {
        let mut written = keys.into_iter().filter_map(|key| Some((key, self.get(key)?)));
        if let (Some(only), None) = (written.next(), written.next()) {
            return Some(only);
        }
        let (span, what) = self.whole?;
        found.push(bad(span, format!("{what} needs one of {}", list(&keys))));
        None
    }

    /// `true` or `false`; false where it is not written.
    pub(super) fn truth(&self, key: &str, found: &mut Vec<Diagnostic>) -> bool {
        let Some(node) = self.get(key) else { return false };
        match &node.kind {
            Kind::Plain(text) if text == "true" => true,
            Kind::Plain(text) if text == "false" => false,
            Kind::Map(_) | Kind::List(_) | Kind::Plain(_) | Kind::Quoted(_) => {
                found.push(wrong(node, "`true` or `false`"));
                false
            }
        }
    }
}
