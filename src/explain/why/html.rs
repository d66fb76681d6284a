//! The trace as a page: verdicts open, trees to unfold.

use super::pick::{self, Picked};
use super::{Explained, group_title, more, one_line, outcome_of, place_text, reason_text, verdict};
use crate::exec::trace::{EventTrace, GroupTrace, Node, Op, Reported, Truth};
use crate::report::markup::{code, escape, page};
use crate::text::Sources;

pub(super) fn render(sources: &Sources, rules: &[Explained<'_>]) -> String {
    let body: String = rules.iter().map(|rule| explained(sources, rule)).collect();
    page("Why, and why not", &body)
}

fn explained(sources: &Sources, rule: &Explained<'_>) -> String {
    let class = if rule.trace.detections.is_empty() { "no" } else { "yes" };
    let mut out = format!("<h1>{}</h1>\n", escape(rule.rule));
    out += &format!("<p class=\"{class}\"><strong>{}</strong></p>\n", verdict(rule.trace));
    if let Some(why) = &rule.trace.stopped {
        out += &format!("<p class=\"no\">The rule was stopped: {}</p>\n", escape(why));
    }
    pick::events(rule.trace).iter().for_each(|picked| variable(sources, picked, &mut out));
    groups(rule, &mut out);
    out
}

fn variable(sources: &Sources, picked: &Picked<'_>, out: &mut String) {
    let Picked { variable, matching, shown, .. } = picked;
    *out += &format!("<h2>${}: {}</h2>\n", escape(variable), super::matching(picked));
    for (index, one) in shown.iter().filter(|event| event.verdict || *matching == 0).enumerate() {
        event(sources, one, index == 0, out);
    }
}

fn event(sources: &Sources, event: &EventTrace, open: bool, out: &mut String) {
    let at = event.at.map(|at| format!(" · {}", at.to_rfc3339())).unwrap_or_default();
    let open = if open { " open" } else { "" };
    *out += &format!("<details{open}><summary>{}{at}</summary>\n", escape(&place_text(&event.place)));
    *out += "<ul class=\"tree\">\n";
    event.tree.children.iter().for_each(|child| node(sources, child, out));
    *out += "</ul></details>\n";
}

fn node(sources: &Sources, tree: &Node, out: &mut String) {
    let line = sources.get(tree.span.source).map_or(0, |source| source.position(tree.span.start).line);
    let (class, mark) = match tree.truth {
        Truth::True => ("yes", "✓"),
        Truth::False => ("no", "✗"),
        Truth::NotReached => ("open", "?"),
    };
    let text = match tree.op {
        Op::And => "all of".to_owned(),
        Op::Or => "one of".to_owned(),
        Op::AtLeast(count) => format!("{count} of"),
        Op::Not => "not".to_owned(),
        Op::Test => code(&one_line(sources, tree.span)),
    };
    *out += &format!("<li><span class=\"{class}\">{mark}</span> <span class=\"soft\">{line}</span> {text}");
    if let Some(reason) = &tree.reason {
        *out += &format!("<span class=\"why {class}\">{}</span>", escape(&reason_text(reason)));
    } else if let Some((field, met)) = &tree.met {
        *out += &format!("<span class=\"why soft\">{} is {}</span>", escape(field), code(met));
    }
    if !tree.children.is_empty() {
        *out += "<ul>\n";
        tree.children.iter().for_each(|child| node(sources, child, out));
        *out += "</ul>";
    }
    *out += "</li>\n";
}

fn groups(rule: &Explained<'_>, out: &mut String) {
    let groups = pick::groups(rule.trace);
    if groups.shown.is_empty() {
        return;
    }
    *out += "<h2>Groups</h2>\n<ul>\n";
    groups.shown.iter().for_each(|one| group(one, out));
    more(&groups).for_each(|line| *out += &format!("<li class=\"soft\">{line}</li>\n"));
    *out += "</ul>\n";
}

fn group(group: &GroupTrace, out: &mut String) {
    let class = match group.reported {
        Reported::Yes => "yes",
        Reported::No => "no",
    };
    let (title, outcome) = (escape(&group_title(group)), escape(&outcome_of(group)));
    *out += &format!("<li>{title}: <span class=\"{class}\">{outcome}</span>");
    for reason in &group.reasons {
        *out += &format!("<span class=\"why\">{}</span>", escape(&reason_text(reason)));
    }
    *out += "</li>\n";
}
