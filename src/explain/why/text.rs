//! The trace for people in a terminal: the verdict first, then what came nearest, then the groups.

use super::pick::{self, Picked};
use super::{Explained, group_title, more, one_line, outcome_of, place_text, reason_text, verdict};
use crate::exec::trace::{EventTrace, GroupTrace, Node, Op, Truth};
use crate::report::escape;
use crate::text::Sources;

/// The most of a value that is shown on one line.
const VALUE: usize = 300;

pub(super) fn render(sources: &Sources, rules: &[Explained<'_>], width: usize) -> String {
    let rules: Vec<String> = rules.iter().map(|rule| Text { sources, width }.rule(rule)).collect();
    rules.join("\n")
}

/// Is an event shown with its tree?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tree {
    Shown,
    Hidden,
}

struct Text<'t> {
    sources: &'t Sources,
    width: usize,
}

impl Text<'_> {
    fn rule(&self, rule: &Explained<'_>) -> String {
        let mut out = format!("{}: {}\n", rule.rule, verdict(rule.trace));
        if let Some(why) = &rule.trace.stopped {
            out += &format!("  the rule was stopped: {}\n", escape(why));
        }
        for picked in pick::events(rule.trace) {
            self.variable(&picked, &mut out);
        }
        self.groups(rule, &mut out);
        out
    }

    fn variable(&self, picked: &Picked<'_>, out: &mut String) {
        let Picked { variable, judged, matching, shown } = picked;
        *out += &format!("\n  ${variable}: {}\n", super::matching(picked));
        // Who asks of many events wants to know which match; of one, how.
        let tree = if *matching > 0 && *judged > 1 { Tree::Hidden } else { Tree::Shown };
        for event in shown.iter().filter(|event| event.verdict || *matching == 0) {
            self.event(event, tree, out);
        }
    }

    fn event(&self, event: &EventTrace, tree: Tree, out: &mut String) {
        let at = event.at.map(|at| format!("  {}", at.to_rfc3339())).unwrap_or_default();
        *out += &format!("    {}{at}\n", escape(&place_text(&event.place)));
        if tree == Tree::Shown {
            event.tree.children.iter().for_each(|node| self.node(node, 0, out));
        }
    }

    fn node(&self, node: &Node, depth: usize, out: &mut String) {
        let line = self.sources.get(node.span.source).map(|source| source.position(node.span.start).line);
        let mark = match node.truth {
            Truth::True => "yes",
            Truth::False => "NO ",
            Truth::NotReached => " ? ",
        };
        let indent = "  ".repeat(depth.min(40));
        let text = match node.op {
            Op::And => "all of".to_owned(),
            Op::Or => "one of".to_owned(),
            Op::AtLeast(count) => format!("{count} of"),
            Op::Not => "not".to_owned(),
            Op::Test => self.cut(&one_line(self.sources, node.span), 16 + indent.len()),
        };
        *out += &format!("      {mark} {:>4}  {indent}{text}\n", line.unwrap_or(0));
        if let Some(reason) = &node.reason {
            *out += &format!("                {indent}-> {}\n", value(&reason_text(reason)));
        } else if let (Some((field, met)), Truth::True) = (&node.met, node.truth) {
            *out += &format!("                {indent}   {field} is {}\n", value(&format!("\"{met}\"")));
        }
        node.children.iter().for_each(|child| self.node(child, depth + 1, out));
    }

    fn cut(&self, text: &str, used: usize) -> String {
        let room = self.width.saturating_sub(used).max(30);
        let text = escape(text);
        if text.chars().count() <= room {
            return text.into_owned();
        }
        text.chars().take(room - 1).chain(['…']).collect()
    }

    fn groups(&self, rule: &Explained<'_>, out: &mut String) {
        let groups = pick::groups(rule.trace);
        if !groups.shown.is_empty() {
            *out += "\n  groups\n";
        }
        groups.shown.iter().for_each(|one| group(one, out));
        more(&groups).for_each(|line| *out += &format!("    {line}\n"));
    }
}

fn group(group: &GroupTrace, out: &mut String) {
    *out += &format!("    {}: {}\n", value(&group_title(group)), outcome_of(group));
    for reason in &group.reasons {
        *out += &format!("      -> {}\n", value(&reason_text(reason)));
    }
}

/// A value on one line, safe for a terminal.
fn value(text: &str) -> String {
    let text = escape(text);
    match text.char_indices().nth(VALUE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    }
}
