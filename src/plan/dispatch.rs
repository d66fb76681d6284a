//! Which plans a record may matter to: each source is filed under tests of which any record it wants satisfies one, so
//! that a record meets the few sources that its values lead to.

use rustc_hash::{FxHashMap, FxHashSet};

use super::facts::{Fact, Facts};
use super::texts::{Element, Placed, TextTest};
use super::{AtomId, Plan, Predicate, Site, SourceId, SourcePlan};
use crate::ingest::wanted::{SlotId, Wanted};
use crate::schema::Root;

/// The sources of all plans, filed.
#[derive(Debug)]
pub struct Dispatch<'p> {
    /// In the order of plans, and of their sources.
    pub targets: Vec<Target>,
    /// For each kind of record, where its sources are filed.
    pub files: Vec<File<'p>>,
    /// What the plans have in common.
    pub facts: Facts,
}

/// A source of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// By position among all plans.
    pub plan: usize,
    /// In it.
    pub source: SourceId,
}

/// Sources by what leads to them.
#[derive(Debug)]
pub struct File<'p> {
    /// The kind of record.
    pub root: Root,
    /// Those that every record may matter to.
    pub always: Vec<usize>,
    /// The fields that lead to others.
    pub fields: Vec<Field<'p>>,
}

/// A field whose values lead to sources.
#[derive(Debug)]
pub struct Field<'p> {
    /// Which.
    pub slot: SlotId,
    /// What is asked of its values.
    pub leads: Vec<Lead<'p>>,
}

/// A test of a value, and the sources that a record may matter to where it holds.
#[derive(Debug)]
pub struct Lead<'p> {
    /// The test.
    pub test: TextTest<'p>,
    /// The fact that it is, where it is one of the element whose value it is.
    pub fact: Option<Fact>,
    /// By position in [`Dispatch::targets`].
    pub targets: Vec<usize>,
}

/// Tests of which one holds for each record a source wants, and how rarely one does.
struct Anchor<'p> {
    /// Each with the number of its atom.
    tests: Vec<(usize, Placed<'p>)>,
    rarity: u32,
}

impl<'p> Dispatch<'p> {
    /// Files the sources of these plans.
    pub fn new(plans: &[&'p Plan], wanted: &Wanted) -> Dispatch<'p> {
        let mut targets = Vec::new();
        let mut anchors: Vec<Option<Anchor<'p>>> = Vec::new();
        for (index, plan) in plans.iter().enumerate() {
            let records = plan.sources.iter().enumerate().filter(|(_, source)| source.kind.root().is_some());
            for (number, source) in records {
                targets.push(Target { plan: index, source: SourceId(number) });
                anchors.push(Finder { plan, wanted }.source(source));
            }
        }
        let anchored = targets.iter().zip(&anchors).flat_map(|(target, anchor)| {
            let tests = anchor.iter().flat_map(|anchor| &anchor.tests);
            tests.map(|(atom, _)| (target.plan, *atom))
        });
        let leading: FxHashSet<(usize, usize)> = anchored.collect();
        let facts = Facts::of(plans, wanted, &|plan, atom| leading.contains(&(plan, atom)));
        let mut filing = Filing { plans, facts: &facts, files: Vec::new(), places: FxHashMap::default() };
        for (number, (target, anchor)) in targets.iter().zip(anchors).enumerate() {
            filing.file(number, *target, anchor);
        }
        let files = filing.files;
        Dispatch { targets, files, facts }
    }
}

/// Looks for the anchors of one plan.
#[derive(Clone, Copy)]
struct Finder<'f, 'p> {
    plan: &'p Plan,
    wanted: &'f Wanted,
}

impl<'p> Finder<'_, 'p> {
    /// All that a source asks of a record by itself must hold, in some row.
    fn source(self, source: &SourcePlan) -> Option<Anchor<'p>> {
        let filters = source.factors.iter().flat_map(|factor| &factor.filter);
        self.best(source.once.iter().chain(filters))
    }

    /// Of tests that must all hold, the rarest.
    fn best<'s>(self, sites: impl Iterator<Item = &'s Site>) -> Option<Anchor<'p>> {
        // The first of equals, so that what is written first is looked at first.
        let found = sites.filter_map(|site| self.site(site));
        found.reduce(|best, next| if next.rarity > best.rarity { next } else { best })
    }

    fn site(self, site: &Site) -> Option<Anchor<'p>> {
        match &site.predicate {
            Predicate::All(sites) => self.best(sites.iter()),
            Predicate::Any(sites) => self.each(sites),
            Predicate::AtLeast(count, sites) if *count > 0 => self.each(sites),
            Predicate::Test(AtomId(index)) => {
                let placed = TextTest::of(self.plan, self.wanted, self.plan.atoms.get(*index)?)?;
                let rarity = placed.test.rarity(self.wanted.slot(placed.slot).leaf);
                Some(Anchor { tests: vec![(*index, placed)], rarity })
            }
            Predicate::AtLeast(..) | Predicate::Not(_) => None,
        }
    }

    /// Of tests of which one must hold, all.
    fn each(self, sites: &[Site]) -> Option<Anchor<'p>> {
        let each: Option<Vec<Anchor<'p>>> = sites.iter().map(|site| self.site(site)).collect();
        let each = each.filter(|each| !each.is_empty())?;
        let least = each.iter().map(|anchor| anchor.rarity).min().unwrap_or(0);
        let many = u32::try_from(each.len()).map_or(u32::BITS, u32::ilog2);
        let tests = each.into_iter().flat_map(|anchor| anchor.tests).collect();
        Some(Anchor { tests, rarity: least.saturating_sub(many) })
    }
}

/// Puts sources where they belong.
struct Filing<'f, 'p> {
    plans: &'f [&'p Plan],
    facts: &'f Facts,
    files: Vec<File<'p>>,
    /// Where the lead of each fact is, by the kind of record.
    places: FxHashMap<(Root, Fact), (usize, usize)>,
}

impl<'p> Filing<'_, 'p> {
    fn file(&mut self, number: usize, target: Target, anchor: Option<Anchor<'p>>) {
        let Some(plan) = self.plans.get(target.plan).copied() else { return };
        let Some(root) = plan.source(target.source).and_then(|source| source.kind.root()) else { return };
        let at = self.files.iter().position(|file| file.root == root).unwrap_or_else(|| {
            self.files.push(File { root, always: Vec::new(), fields: Vec::new() });
            self.files.len() - 1
        });
        match anchor {
            None => self.files.get_mut(at).into_iter().for_each(|file| file.always.push(number)),
            Some(anchor) => {
                for (atom, placed) in anchor.tests {
                    self.lead(at, number, (target.plan, atom), placed);
                }
            }
        }
    }

    /// Has a test lead to a source; the same test of several plans is one.
    fn lead(&mut self, file: usize, number: usize, (plan, atom): (usize, usize), placed: Placed<'p>) {
        let Some(file) = self.files.get_mut(file) else { return };
        let fact = self.facts.of_plan(plan).get(atom).copied().flatten();
        let at = file.fields.iter().position(|field| field.slot == placed.slot).unwrap_or_else(|| {
            file.fields.push(Field { slot: placed.slot, leads: Vec::new() });
            file.fields.len() - 1
        });
        let Some(field) = file.fields.get_mut(at) else { return };
        let known = fact.and_then(|fact| self.places.get(&(file.root, fact)));
        if let Some(lead) = known.and_then(|(_, lead)| field.leads.get_mut(*lead)) {
            if lead.targets.last() != Some(&number) {
                lead.targets.push(number);
            }
            return;
        }
        if let Some(fact) = fact {
            self.places.insert((file.root, fact), (at, field.leads.len()));
        }
        let own = if placed.element == Element::OfRow { fact } else { None };
        field.leads.push(Lead { test: placed.test, fact: own, targets: vec![number] });
    }
}
