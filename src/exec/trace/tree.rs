//! The statements of a rule on one event: every part is judged, none is passed over.

use super::name::Names;
use super::{Code, Node, Op, Reason, Truth, reason, subject};
use crate::exec::eval::Scope;
use crate::exec::rows::unnest;
use crate::ingest::record::{Event, NO_ELEMENT};
use crate::plan::written::{Part, PartKind};
use crate::plan::{Factor, Scalar, Site, SourceId, SourcePlan};

/// Rows of one event that are gone through to find the best.
const ROWS_TRIED: usize = 100_000;

/// Rows of one event whose letters are looked at in other case.
const ROWS_LIKENED: usize = 1_000;

/// All that the rule says of a variable, judged on the event of `scope`.
pub(super) fn tree(
    names: Names<'_>,
    id: SourceId,
    scope: Scope<'_>,
    elements: &mut Vec<u32>,
) -> Option<Node> {
    let source = names.plan.source(id)?;
    choose_row(names, source, scope, elements);
    let judge = Judging { names, id, scope: Scope { elements, ..scope } };
    let statements = names.written.statements.iter().flat_map(|statement| &statement.views);
    let own = statements.filter(|(source, _)| *source == id);
    let children: Vec<Node> = own.map(|(_, part)| judge.node(part)).collect();
    Some(Node {
        span: names.written.heading,
        op: Op::And,
        truth: all(&children),
        children,
        reason: None,
        met: None,
    })
}

/// Sets the elements of the row that satisfies most statements; independent lists are decided one by one.
fn choose_row(names: Names<'_>, source: &SourcePlan, scope: Scope<'_>, elements: &mut Vec<u32>) {
    elements.fill(NO_ELEMENT);
    let Some(event) = scope.event else { return };
    for factor in &source.factors {
        let best = best_row(names, factor, (&event, scope), elements);
        for (list, element) in factor.lists.iter().zip(best) {
            if let Some(place) = elements.get_mut(list.0 as usize) {
                *place = element;
            }
        }
    }
}

/// Of rows that satisfy as many, the first that fails by the case of its letters alone, for it comes nearest.
fn best_row(
    names: Names<'_>,
    factor: &Factor,
    (event, scope): (&Event<'_>, Scope<'_>),
    elements: &mut Vec<u32>,
) -> Vec<u32> {
    let mut best: Option<((usize, usize), Vec<u32>)> = None;
    let mut tried = 0;
    unnest(event, &factor.lists, elements, &mut |elements| {
        let scope = Scope { elements, ..scope };
        let holding = factor.filter.iter().filter(|site| scope.holds(site)).count();
        let near = if tried < ROWS_LIKENED { near(names, factor, scope) } else { 0 };
        if best.as_ref().is_none_or(|(most, _)| (holding, near) > *most) {
            let own = |list: &crate::ingest::wanted::ListId| elements.get(list.0 as usize).copied();
            best = Some(((holding, near), factor.lists.iter().filter_map(own).collect()));
        }
        tried += 1;
        holding < factor.filter.len() && tried < ROWS_TRIED
    });
    best.map(|(_, row)| row).unwrap_or_default()
}

/// How many statements about the row fail by the case of letters.
fn near(names: Names<'_>, factor: &Factor, scope: Scope<'_>) -> usize {
    let failing = factor.filter.iter().filter(|site| !scope.holds(site));
    let reasons = failing.filter_map(|site| reason::why(names, scope, site));
    reasons.filter(|reason| reason.code == Code::CaseDiffers).count()
}

struct Judging<'j> {
    names: Names<'j>,
    id: SourceId,
    scope: Scope<'j>,
}

impl<'j> Judging<'j> {
    fn node(&self, part: &'j Part) -> Node {
        let (op, parts) = match &part.kind {
            PartKind::All(parts) => (Op::And, parts.as_slice()),
            PartKind::Any(parts) => (Op::Or, parts.as_slice()),
            PartKind::AtLeast(count, parts) => (Op::AtLeast(*count), parts.as_slice()),
            PartKind::Not(inner) => (Op::Not, std::slice::from_ref(inner.as_ref())),
            PartKind::Test(site) => return self.test(part, site, None),
            PartKind::Binding(value, site) => return self.test(part, site, Some(value)),
            PartKind::Across(site) => return self.across(part, site),
        };
        let children: Vec<Node> = parts.iter().map(|part| self.node(part)).collect();
        let truth = match op {
            Op::AtLeast(count) => at_least(&children, count),
            Op::Not => negated(&children),
            Op::And => all(&children),
            Op::Or | Op::Test => at_least(&children, 1),
        };
        let reason = match (&part.kind, truth) {
            (PartKind::Not(inner), Truth::False) => {
                children.first().and_then(|child| self.excluded(inner, child))
            }
            _ => None,
        };
        Node { span: part.span, op, truth, children, reason, met: None }
    }

    fn test(&self, part: &Part, site: &'j Site, bound: Option<&'j Scalar>) -> Node {
        let holds = self.scope.holds(site);
        let met = match bound {
            Some(value) => self.value(value),
            None => subject::met(self.names, self.scope, site),
        };
        Node {
            span: part.span,
            op: Op::Test,
            truth: if holds { Truth::True } else { Truth::False },
            children: Vec::new(),
            reason: if holds { None } else { reason::why(self.names, self.scope, site) },
            met,
        }
    }

    fn value(&self, value: &'j Scalar) -> Option<(String, String)> {
        Some((self.names.field(self.id, value)?, super::name::shown(&self.scope.value(value))))
    }

    /// Why a part that holds should not: the first of its tests that makes it hold. `node` is the part, judged.
    fn excluded(&self, part: &'j Part, node: &Node) -> Option<Reason> {
        if node.truth != Truth::True {
            return None;
        }
        match &part.kind {
            PartKind::All(parts) | PartKind::Any(parts) | PartKind::AtLeast(_, parts) => {
                let mut judged = parts.iter().zip(&node.children);
                judged.find_map(|(part, node)| self.excluded(part, node))
            }
            PartKind::Not(_) => node.children.first().and_then(failing),
            PartKind::Test(site) | PartKind::Binding(_, site) => {
                reason::why_not(self.names, self.scope, site)
            }
            PartKind::Across(_) => None,
        }
    }

    fn across(&self, part: &Part, site: &'j Site) -> Node {
        let (own, others) = subject::sides(self.names, self.id, site);
        let met = own.and_then(|value| {
            let field = self.names.field(self.id, value)?;
            Some((field, subject::alone(self.names, self.scope, site, value)))
        });
        let others: Vec<String> = others.into_iter().map(|source| self.names.variable(source)).collect();
        let reason = Reason {
            code: Code::NotReached,
            field: met.as_ref().map(|(field, _)| field.clone()),
            expected: Some(format!("judged together with {}", others.join(", "))),
            actual: met.as_ref().map(|(_, value)| value.clone()),
        };
        let (span, op, truth) = (part.span, Op::Test, Truth::NotReached);
        Node { span, op, truth, children: Vec::new(), reason: Some(reason), met }
    }
}

/// Why a part does not hold: the reason of the first that does not.
fn failing(node: &Node) -> Option<Reason> {
    if node.truth != Truth::False {
        return None;
    }
    node.reason.clone().or_else(|| node.children.iter().find_map(failing))
}

fn all(children: &[Node]) -> Truth {
    if children.iter().any(|child| child.truth == Truth::False) {
        return Truth::False;
    }
    let open = children.iter().any(|child| child.truth == Truth::NotReached);
    if open { Truth::NotReached } else { Truth::True }
}

fn at_least(children: &[Node], count: usize) -> Truth {
    let of = |truth| children.iter().filter(|child| child.truth == truth).count();
    if of(Truth::True) >= count {
        return Truth::True;
    }
    if of(Truth::True) + of(Truth::NotReached) >= count { Truth::NotReached } else { Truth::False }
}

fn negated(children: &[Node]) -> Truth {
    match children.first().map(|child| child.truth) {
        Some(Truth::True) => Truth::False,
        Some(Truth::False) => Truth::True,
        Some(Truth::NotReached) | None => Truth::NotReached,
    }
}
