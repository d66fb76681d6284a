//! Which lists of a source are independent: each group of lists that tests or values tie together is a factor, and the
//! rows of different factors multiply without being written out where only aggregates look at them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::compile::Draft;
use super::lift::Kept;
use super::{Atom, Capture, Factor, Gather, Scalar, SourceId, SourcePlan, Spread, walk};
use crate::ingest::wanted::{ListId, Wanted};
use crate::schema::Step;

/// What the work looks at.
pub(super) struct Needs<'n> {
    pub(super) atoms: &'n [Atom],
    pub(super) gathers: &'n [Gather],
    /// How many sources there are.
    pub(super) sources: usize,
    pub(super) wanted: &'n Wanted,
}

/// The plan of a source.
pub(super) fn source(id: SourceId, draft: Draft, needs: &Needs) -> SourcePlan {
    let (mut once, mut filters) = (Vec::new(), Vec::new());
    for site in draft.filters {
        let lists = walk::site_lists(needs.atoms, needs.wanted, &site);
        if lists.is_empty() { once.push(site) } else { filters.push((site, lists)) }
    }
    let mut trees = Trees::new(&draft.mentions, needs.wanted);
    let tied = filters.iter().map(|(_, lists)| lists).chain(draft.kept.iter().map(|kept| &kept.lists));
    tied.for_each(|lists| trees.tie(lists));
    let mut factors = trees.factors(&draft.mentions);
    spread(&mut factors, &draft.kept);
    if needs.shows_order(id) && !factors.is_empty() && (factors.len() > 1 || needs.sources > 1) {
        factors = one(factors, &draft.mentions, needs.wanted);
    }
    for (site, lists) in filters {
        let one = factors.iter_mut().find(|factor| factor.lists.iter().any(|list| lists.contains(list)));
        if let Some(factor) = one {
            factor.filter.push(site);
        }
    }
    let captures = draft.kept.into_iter().map(|kept| capture(kept, &factors, needs.wanted)).collect();
    SourcePlan {
        name: draft.name,
        kind: draft.kind,
        presence: draft.presence,
        once,
        factors,
        captures,
        timed_by: draft.timed_by,
        interval: draft.interval,
    }
}

fn capture(kept: Kept, factors: &[Factor], wanted: &Wanted) -> Capture {
    let counted = |factor: &Factor| {
        factor.spread == Spread::Counted && factor.lists.iter().any(|list| kept.lists.contains(list))
    };
    let path = if let Scalar::Field(_, slot) = &kept.value { wanted.path(*slot) } else { None };
    Capture { factor: factors.iter().position(counted), value: kept.value, path }
}

/// The field whose value a value is, or a list of whose values.
pub(super) fn shown(value: &Scalar, sources: &[SourcePlan], needs: &Needs) -> Option<Arc<[Step]>> {
    /// Those that give back what they are given.
    const SAME: [&str; 4] = ["array", "array_distinct", "max", "min"];
    match value {
        Scalar::Field(_, slot) => needs.wanted.path(*slot),
        Scalar::Captured(SourceId(source), capture) => {
            sources.get(*source)?.captures.get(*capture)?.path.clone()
        }
        Scalar::Gathered(index) => {
            let gather = needs.gathers.get(*index)?;
            SAME.contains(&gather.aggregate.name).then(|| shown(&gather.value, sources, needs))?
        }
        Scalar::Const(_)
        | Scalar::Each(..)
        | Scalar::Whole(..)
        | Scalar::Call(..)
        | Scalar::Arith(..)
        | Scalar::If(..)
        | Scalar::Truth(_)
        | Scalar::Outcome(_)
        | Scalar::Key(_)
        | Scalar::Events(_)
        | Scalar::WindowStart
        | Scalar::WindowEnd => None,
    }
}

impl Needs<'_> {
    /// Does an aggregate show values in the order of rows, each as often as it comes? Of several sources, the order of
    /// one shows in the values of another.
    fn shows_order(&self, id: SourceId) -> bool {
        let mut shown = self.gathers.iter().filter(|gather| gather.aggregate.name == "array");
        shown.any(|gather| {
            self.sources > 1 || matches!(gather.value, Scalar::Captured(source, _) if source == id)
        })
    }
}

/// Marks the factors whose rows are multiplied out.
fn spread(factors: &mut [Factor], kept: &[Kept]) {
    let out: BTreeSet<ListId> = kept
        .iter()
        .filter(|kept| kept.spread == Spread::Out)
        .flat_map(|kept| kept.lists.iter().copied())
        .collect();
    for factor in factors.iter_mut() {
        if factor.lists.iter().any(|list| out.contains(list)) {
            factor.spread = Spread::Out;
        }
    }
}

/// All lists as one factor, multiplied out in the order they are first mentioned.
fn one(factors: Vec<Factor>, mentions: &BTreeMap<ListId, u32>, wanted: &Wanted) -> Vec<Factor> {
    let trees = Trees::new(mentions, wanted);
    let mut first: BTreeMap<ListId, u32> = BTreeMap::new();
    for list in factors.iter().flat_map(|factor| &factor.lists) {
        let below = mentions.iter().filter(|(other, _)| trees.is_within(**other, *list));
        first.insert(*list, below.map(|(_, at)| *at).min().unwrap_or(u32::MAX));
    }
    let lists = trees.ordered(first).into_iter().map(|(.., list)| list).collect();
    vec![Factor { lists, filter: Vec::new(), spread: Spread::Out }]
}

/// Lists by the outermost list they lie in, and which of those are tied together.
struct Trees<'t> {
    wanted: &'t Wanted,
    /// For each outermost list the one that stands for all it is tied to.
    head: BTreeMap<ListId, ListId>,
}

impl<'t> Trees<'t> {
    fn new(mentions: &BTreeMap<ListId, u32>, wanted: &'t Wanted) -> Trees<'t> {
        let mut trees = Trees { wanted, head: BTreeMap::new() };
        for list in mentions.keys() {
            let root = trees.root(*list);
            trees.head.insert(root, root);
        }
        trees
    }

    fn root(&self, list: ListId) -> ListId {
        let mut at = list;
        while let Some(parent) = self.wanted.parent(at) {
            at = parent;
        }
        at
    }

    fn tie(&mut self, lists: &BTreeSet<ListId>) {
        let heads: BTreeSet<ListId> =
            lists.iter().filter_map(|list| self.head.get(&self.root(*list))).copied().collect();
        let Some(first) = heads.first().copied() else { return };
        self.head.values_mut().filter(|head| heads.contains(head)).for_each(|head| *head = first);
    }

    /// The factors, in the order they are first mentioned.
    fn factors(&self, mentions: &BTreeMap<ListId, u32>) -> Vec<Factor> {
        let mut groups: BTreeMap<ListId, BTreeMap<ListId, u32>> = BTreeMap::new();
        for (list, at) in mentions {
            let Some(head) = self.head.get(&self.root(*list)) else { continue };
            let group = groups.entry(*head).or_default();
            let mut part = Some(*list);
            while let Some(list) = part {
                let first = group.entry(list).or_insert(*at);
                *first = (*first).min(*at);
                part = self.wanted.parent(list);
            }
        }
        let mut groups: Vec<Vec<(u32, usize, ListId)>> =
            groups.into_values().map(|group| self.ordered(group)).collect();
        groups.sort();
        let lists = |group: Vec<(u32, usize, ListId)>| group.into_iter().map(|(.., list)| list).collect();
        groups
            .into_iter()
            .map(|group| Factor { lists: lists(group), filter: Vec::new(), spread: Spread::Counted })
            .collect()
    }

    /// Is `list` this one, or does it lie in it?
    fn is_within(&self, list: ListId, outer: ListId) -> bool {
        std::iter::successors(Some(list), |list| self.wanted.parent(*list)).any(|one| one == outer)
    }

    /// By first mention, parents before children.
    fn ordered(&self, group: BTreeMap<ListId, u32>) -> Vec<(u32, usize, ListId)> {
        let mut lists: Vec<(u32, usize, ListId)> =
            group.into_iter().map(|(list, at)| (at, self.depth(list), list)).collect();
        lists.sort_unstable();
        lists
    }

    fn depth(&self, list: ListId) -> usize {
        std::iter::successors(self.wanted.parent(list), |list| self.wanted.parent(*list)).count()
    }
}
