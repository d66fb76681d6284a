//! What every event must have to be of use to any plan, so that the reader can drop the others at that point.

use super::needles::needles;
use super::{Atom, AtomId, Plan, Predicate, Scalar, Site, SourceKind};
use crate::ingest::wanted::{SlotId, Wanted};
use crate::schema::{self, Root};
use crate::syntax::ast::Segment;
use crate::text::{Span, Spanned};
use crate::value::Value;
use crate::value::operators::{Case, CompareOp};

/// Tells the reader which events the plans want, where every plan says so of each of its own: by their type, since most
/// events of a log are of other types and are dropped after their first few bytes, and by texts that must be in them, since
/// a line without any need not be read at all.
pub fn drop_early<'p>(plans: impl IntoIterator<Item = &'p Plan>, wanted: &mut Wanted) {
    let plans: Vec<&Plan> = plans.into_iter().collect();
    drop_types(&plans, wanted);
    if let Some(needles) = needles(&plans, wanted) {
        wanted.skip_without(&needles);
    }
}

fn drop_types(plans: &[&Plan], wanted: &mut Wanted) {
    let name = |word: &str| Segment { name: Spanned::new(word.to_owned(), Span::default()), access: None };
    let path = [name("metadata"), name("event_type")];
    let Ok(info) = schema::resolve_path(&path, Root::Udm) else { return };
    let Some(slot) = wanted.field(&info) else { return };
    let sources = plans.iter().flat_map(|plan| plan.sources.iter().map(move |source| (plan, source)));
    let events = sources.filter(|(_, source)| source.kind == SourceKind::Records(Root::Udm));
    let values: Option<Vec<Vec<String>>> =
        events.map(|(plan, source)| required(plan, &source.once, slot)).collect();
    if let Some(values) = values {
        wanted.reject_unless(slot, values.into_iter().flatten().collect());
    }
}

/// The values one of which the field must have for all of `sites` to hold, where they say so.
fn required(plan: &Plan, sites: &[Site], slot: SlotId) -> Option<Vec<String>> {
    sites.iter().find_map(|site| values(plan, site, slot))
}

fn values(plan: &Plan, site: &Site, slot: SlotId) -> Option<Vec<String>> {
    match &site.predicate {
        Predicate::All(sites) => required(plan, sites, slot),
        Predicate::Any(sites) => {
            let each: Option<Vec<_>> = sites.iter().map(|site| values(plan, site, slot)).collect();
            each.map(|each| each.into_iter().flatten().collect())
        }
        Predicate::Test(AtomId(index)) => test(plan.atoms.get(*index)?, slot).map(|value| vec![value]),
        Predicate::Not(_) | Predicate::AtLeast(..) => None,
    }
}

fn test(atom: &Atom, slot: SlotId) -> Option<String> {
    let Atom::Compare { op: CompareOp::Eq, left, right, case: Case::Exact, .. } = atom else { return None };
    let ((Scalar::Field(_, field), Scalar::Const(Value::Text(text)))
    | (Scalar::Const(Value::Text(text)), Scalar::Field(_, field))) = (left, right)
    else {
        return None;
    };
    (*field == slot).then(|| text.to_string())
}
