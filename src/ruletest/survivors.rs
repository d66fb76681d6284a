//! Changes of a rule that no test can notice: what a test file says of them, against what came of the mutants.

use super::fields::{Fields, meant, wrong};
use super::mutate::{Change, Mutation};
use super::yaml::{Kind, Node};
use crate::diag::Diagnostic;
use crate::text::{Sources, Span};

const LEFT_OUT: &str = "left_out";
const TURNED_ROUND: &str = "turned_round";
const SURVIVOR: [&str; 3] = [LEFT_OUT, TURNED_ROUND, "reason"];

/// A change that is known to go unnoticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survivor {
    /// Where it is written.
    pub span: Span,
    /// What is done to the predicate.
    pub change: Change,
    /// The predicate as it stands in the rule, white space aside.
    pub text: String,
    /// Why no test can notice.
    pub reason: String,
}

/// Something that a test file says of a change, and that is not so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// Where it is written.
    pub span: Span,
    /// What is wrong with it.
    pub message: String,
}

/// Reads the value of `survivors`.
pub(super) fn read(node: &Node, found: &mut Vec<Diagnostic>) -> Vec<Survivor> {
    let Kind::List(items) = &node.kind else {
        found.push(wrong(node, "a list of changes that no test can notice"));
        return Vec::new();
    };
    items.iter().filter_map(|item| survivor(item, found)).collect()
}

fn survivor(node: &Node, found: &mut Vec<Diagnostic>) -> Option<Survivor> {
    let fields = Fields::of(node, "a survivor", &SURVIVOR, found);
    let reason = fields.must("reason", found).and_then(|node| text(node, "a reason", found));
    let (key, predicate) = fields.either([LEFT_OUT, TURNED_ROUND], found)?;
    let change = if key == LEFT_OUT { Change::Dropped } else { Change::Flipped };
    let text = text(predicate, "the text of a predicate", found)?;
    Some(Survivor { span: predicate.span, change, text, reason: reason? })
}

fn text(node: &Node, wanted: &str, found: &mut Vec<Diagnostic>) -> Option<String> {
    let text = node.text().map(flat).filter(|text| !text.is_empty());
    if text.is_none() {
        found.push(wrong(node, wanted));
    }
    text
}

/// On one line, as survivors are shown and may be copied from there.
pub fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Sets those survivors of `mutations` aside that `named` gives a reason for. Says what of `named` survives nowhere.
pub fn set_aside(named: &[Survivor], mutations: &mut [&mut Mutation], sources: &Sources) -> Vec<Stale> {
    let written =
        |span: Span| sources.get(span.source).map_or_else(String::new, |text| flat(text.slice(span)));
    let noticed = mutations.iter().flat_map(|mutation| &mutation.noticed);
    let noticed: Vec<(Change, String)> = noticed.map(|(span, change)| (*change, written(*span))).collect();
    let mut survived = vec![false; named.len()];
    for mutation in mutations {
        mutation.survivors.retain(|mutant| {
            let text = written(mutant.span);
            let place = named.iter().position(|one| one.change == mutant.change && one.text == text);
            if let Some(seen) = place.and_then(|place| survived.get_mut(place)) {
                *seen = true;
                mutation.explained += 1;
            }
            place.is_none()
        });
    }
    let rest = named.iter().zip(survived).filter(|(_, survived)| !survived);
    rest.map(|(one, _)| Stale { span: one.span, message: stale(one, &noticed) }).collect()
}

fn stale(one: &Survivor, noticed: &[(Change, String)]) -> String {
    let what = format!("`{}`, {},", one.text, one.change.words());
    if noticed.iter().any(|(change, text)| *change == one.change && *text == one.text) {
        return format!("{what} is noticed; take it out of `survivors`");
    }
    let known = noticed.iter().filter(|(change, _)| *change == one.change).map(|(_, text)| text.as_str());
    let help = meant(&one.text, known).filter(|help| help.starts_with("did")).map(|help| format!("; {help}"));
    format!("{what} is no change that is tried{}", help.unwrap_or_default())
}
