//! Which events and groups are shown to people: those that tell most.

use crate::exec::trace::{Code, EventTrace, GroupTrace, Node, Reported, RuleTrace, Truth};

/// Trees shown for one variable.
const TREES: usize = 3;

/// Groups shown of one kind.
const GROUPS: usize = 5;

/// The events of one variable.
pub(super) struct Picked<'p> {
    pub(super) variable: &'p str,
    /// How many were judged, and how many satisfy it.
    pub(super) judged: usize,
    pub(super) matching: usize,
    /// Those that come nearest.
    pub(super) shown: Vec<&'p EventTrace>,
}

/// By variable, in the order they are first met.
pub(super) fn events(trace: &RuleTrace) -> Vec<Picked<'_>> {
    let mut variables: Vec<&str> = Vec::new();
    for event in &trace.events {
        if !variables.contains(&event.variable.as_str()) {
            variables.push(&event.variable);
        }
    }
    let pick = |variable| {
        let mut own: Vec<&EventTrace> =
            trace.events.iter().filter(|event| event.variable == variable).collect();
        let (judged, matching) = (own.len(), own.iter().filter(|event| event.verdict).count());
        own.sort_by_key(|event| (!event.verdict, std::cmp::Reverse(nearness(&event.tree))));
        own.truncate(TREES);
        Picked { variable, judged, matching, shown: own }
    };
    variables.into_iter().map(pick).collect()
}

/// How many statements do not fail, then how many tests hold.
fn nearness(tree: &Node) -> (usize, usize) {
    let kept = tree.children.iter().filter(|child| child.truth != Truth::False).count();
    (kept, holding(tree))
}

fn holding(node: &Node) -> usize {
    let own = usize::from(node.children.is_empty() && node.truth == Truth::True);
    own + node.children.iter().map(holding).sum::<usize>()
}

/// Groups worth showing, reported ones last, and how many more there are of each kind.
pub(super) struct Groups<'g> {
    pub(super) shown: Vec<&'g GroupTrace>,
    pub(super) more_short: usize,
    pub(super) more_reported: usize,
    pub(super) covered: usize,
}

/// Windows that others cover are only counted, unless there is nothing else.
pub(super) fn groups(trace: &RuleTrace) -> Groups<'_> {
    let is_covered =
        |group: &&GroupTrace| group.reasons.iter().any(|reason| reason.code == Code::CoveredByOther);
    let (covered, others): (Vec<_>, Vec<_>) = trace.groups.iter().partition(is_covered);
    let (reported, short): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|group| group.reported == Reported::Yes);
    let (more_short, more_reported) =
        (short.len().saturating_sub(GROUPS), reported.len().saturating_sub(GROUPS));
    let shown = short.into_iter().take(GROUPS).chain(reported.into_iter().take(GROUPS)).collect();
    Groups { shown, more_short, more_reported, covered: covered.len() }
}
