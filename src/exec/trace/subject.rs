//! What a test looks at, and what that is.

use std::collections::BTreeSet;

use super::name::{Names, shown};
use crate::exec::eval::Scope;
use crate::plan::{Atom, Predicate, Scalar, Site, SourceId};
use crate::value::Value;

/// Of a test across sources: the part that comes from `own` alone, and the other sources.
pub(super) fn sides<'f>(
    names: Names<'f>,
    own: SourceId,
    site: &'f Site,
) -> (Option<&'f Scalar>, BTreeSet<SourceId>) {
    let truth = Scalar::Truth(Box::new(site.clone()));
    let mut others = names.plan.sources_in(&truth);
    others.remove(&own);
    let alone = |value: &&Scalar| names.plan.sources_in(value).into_iter().eq([own]);
    let value = match first_atom(names, site) {
        Some(Atom::Compare { left, right, .. }) => [left, right].into_iter().find(alone),
        Some(atom) => subject(names, atom).filter(alone),
        None => None,
    };
    (value, others)
}

/// What a part of a test across sources is, which comes from one of them alone: under `any` and `all` for each element.
pub(super) fn alone<'f>(names: Names<'f>, scope: Scope<'f>, site: &'f Site, part: &'f Scalar) -> String {
    first_atom(names, site).map_or_else(|| shown(&scope.value(part)), |atom| actual(names, scope, atom, part))
}

/// The value that a test looks at, and its field.
pub(super) fn met<'f>(names: Names<'f>, scope: Scope<'f>, site: &'f Site) -> Option<(String, String)> {
    let value = subject(names, first_atom(names, site)?)?;
    Some((names.any_field(value)?, actual(names, scope, first_atom(names, site)?, value)))
}

fn first_atom<'f>(names: Names<'f>, site: &'f Site) -> Option<&'f Atom> {
    match &site.predicate {
        Predicate::All(sites) | Predicate::Any(sites) | Predicate::AtLeast(_, sites) => {
            sites.iter().find_map(|site| first_atom(names, site))
        }
        Predicate::Not(inner) => first_atom(names, inner),
        Predicate::Test(id) => names.plan.atom(*id),
    }
}

/// The side of a test that comes from an event.
pub(super) fn subject<'f>(names: Names<'f>, atom: &'f Atom) -> Option<&'f Scalar> {
    match atom {
        Atom::Compare { left, right, .. } => {
            [left, right].into_iter().find(|side| names.any_field(side).is_some())
        }
        Atom::Matches(value, _) | Atom::InList(value, ..) | Atom::NotZero(value) => Some(value),
        Atom::InColumn(value, ..) => Some(value),
        Atom::Cell(test) => Some(&test.value),
        Atom::Holds(value) => Some(tested(value)),
        Atom::AnyOf(_, inner) | Atom::AllOf(_, inner) => subject(names, inner),
    }
}

/// What a truth function looks at: the first of its arguments that is not written out.
pub(super) fn tested(value: &Scalar) -> &Scalar {
    match value {
        Scalar::Call(_, args, _) => args.iter().find(|arg| !matches!(arg, Scalar::Const(_))).unwrap_or(value),
        _ => value,
    }
}

/// What the value that a test looks at is; under `any` and `all` for each element.
pub(super) fn actual<'f>(names: Names<'f>, scope: Scope<'f>, atom: &'f Atom, value: &'f Scalar) -> String {
    each_value(names, scope, atom, value)
        .map_or_else(|| shown(&scope.value(value)), |all| shown(&Value::List(all)))
}

/// What a value is for each choice of elements that it depends on; nothing where it depends on none. There may be many, of
/// which the first are shown.
fn each_value(
    names: Names<'_>,
    scope: Scope<'_>,
    atom: &Atom,
    value: &Scalar,
) -> Option<Vec<Value<'static>>> {
    const MOST: usize = 1_000;
    let (Atom::AnyOf(range, inner) | Atom::AllOf(range, inner)) = atom else { return None };
    if !names.plan.differs_within(range, value) {
        return each_value(names, scope, inner, value);
    }
    let each = scope.elements(range).flat_map(|element| {
        let scope = scope.at(&element);
        each_value(names, scope, inner, value).unwrap_or_else(|| vec![scope.value(value).into_static()])
    });
    Some(each.take(MOST).collect())
}
