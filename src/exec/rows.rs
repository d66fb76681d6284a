//! The rows of one event: what it keeps where it satisfies all that a source asks of it alone.

use std::ops::Range;

use super::eval::Scope;
use super::layout::Layout;
use super::packed::Packed;
use crate::ingest::record::{Event, NO_ELEMENT};
use crate::ingest::wanted::ListId;
use crate::plan::{Factor, Plan, Site, SourcePlan, Spread};

/// The most rows one event may have.
const MAX_ROWS: u64 = 1_000_000;

/// The rows of a matching event. Their values are among others in a [`Packed`].
#[derive(Debug, Default)]
pub(super) struct Matched {
    /// How many rows there are.
    pub(super) rows: usize,
    /// Where what each keeps is, one row after another.
    pub(super) values: Range<usize>,
    /// The rows of each factor; of those multiplied out, one empty row.
    pub(super) factors: Vec<FactorRows>,
}

/// The rows of a factor that are counted.
#[derive(Debug, Default)]
pub(super) struct FactorRows {
    pub(super) rows: usize,
    pub(super) values: Range<usize>,
    /// Are there more, which are over the limit and were not looked at?
    cut: bool,
}

/// What a source asks of an event.
#[derive(Clone, Copy)]
pub(super) struct Matcher<'m> {
    pub(super) plan: &'m Plan,
    pub(super) source: &'m SourcePlan,
    pub(super) layout: &'m Layout,
    /// Does any aggregate see how often a value comes?
    pub(super) counts: Counts,
}

/// Does any aggregate see how often a value comes?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    Seen,
    Unseen,
}

impl Counts {
    pub(super) fn of(plan: &Plan) -> Counts {
        if plan.counts_rows() { Counts::Seen } else { Counts::Unseen }
    }
}

impl Matcher<'_> {
    /// The rows of the event of `scope`, their values added to `out`; nothing where it does not match. `elements` is
    /// scratch space, one for each list.
    ///
    /// # Errors
    /// Where one event has too many rows.
    pub(super) fn rows(
        &self,
        scope: Scope<'_>,
        elements: &mut Vec<u32>,
        out: &mut Packed,
    ) -> Result<Option<Matched>, String> {
        let before = out.len();
        let matched = self.matched(scope, elements, out);
        if !matches!(matched, Ok(Some(_))) {
            out.truncate(before);
        }
        matched
    }

    fn matched(
        &self,
        scope: Scope<'_>,
        elements: &mut Vec<u32>,
        out: &mut Packed,
    ) -> Result<Option<Matched>, String> {
        forget(elements);
        if !all(&Scope { elements, ..scope }, &self.source.once) {
            return Ok(None);
        }
        let mut matched = Matched::default();
        for (index, factor) in self.source.factors.iter().enumerate() {
            let rows = match factor.spread {
                Spread::Out => FactorRows { rows: 1, ..FactorRows::default() },
                Spread::Counted => self.counted(scope, elements, (factor, index), out),
            };
            if rows.rows == 0 {
                return Ok(None);
            }
            matched.factors.push(rows);
        }
        let spread: Vec<&Factor> =
            self.source.factors.iter().filter(|factor| factor.spread == Spread::Out).collect();
        matched.values.start = out.len();
        self.spread(scope, elements, &spread, (&mut matched, out));
        matched.values.end = out.len();
        self.limit(&matched)?;
        Ok((matched.rows > 0).then_some(matched))
    }

    /// The one row of a record without any field, whatever is asked of it.
    pub(super) fn blank(&self, scope: &Scope<'_>, out: &mut Packed) -> Matched {
        let factor = |captures: &Vec<usize>| FactorRows {
            rows: 1,
            values: self.captures(scope, captures, out),
            ..FactorRows::default()
        };
        let factors = self.layout.factors.iter().map(factor).collect();
        Matched { rows: 1, values: self.captures(scope, &self.layout.row, out), factors }
    }

    /// The rows of a factor by itself. Where nobody sees how many there are, one is enough.
    fn counted(
        &self,
        scope: Scope<'_>,
        elements: &mut Vec<u32>,
        (factor, index): (&Factor, usize),
        out: &mut Packed,
    ) -> FactorRows {
        let captures = self.layout.factors.get(index).map_or(&[][..], Vec::as_slice);
        let mut found = FactorRows { rows: 0, values: out.len()..out.len(), cut: false };
        let Some(event) = scope.event else { return found };
        let may_cut = self.counts == Counts::Seen || is_product(&event, &factor.lists);
        unnest(&event, &factor.lists, elements, &mut |elements| {
            let scope = Scope { elements, ..scope };
            if all(&scope, &factor.filter) {
                found.rows += 1;
                self.captures(&scope, captures, out);
            }
            found.cut = may_cut && found.rows as u64 > MAX_ROWS;
            let enough = self.counts == Counts::Unseen && captures.is_empty() && found.rows > 0;
            !enough && !found.cut
        });
        found.values.end = out.len();
        found
    }

    /// Every choice of the rows of the factors that are multiplied out.
    fn spread(
        &self,
        scope: Scope<'_>,
        elements: &mut Vec<u32>,
        factors: &[&Factor],
        (matched, out): (&mut Matched, &mut Packed),
    ) -> bool {
        let Some((factor, rest)) = factors.split_first() else {
            let scope = Scope { elements, ..scope };
            matched.rows += 1;
            self.captures(&scope, &self.layout.row, out);
            return (matched.rows as u64) <= MAX_ROWS;
        };
        let Some(event) = scope.event else { return false };
        unnest(&event, &factor.lists, elements, &mut |elements| {
            let holds = all(&Scope { elements, ..scope }, &factor.filter);
            !holds || self.spread(scope, elements, rest, (matched, out))
        })
    }

    /// Adds captures to `out`; gives where they are.
    fn captures(&self, scope: &Scope<'_>, indices: &[usize], out: &mut Packed) -> Range<usize> {
        let start = out.len();
        let captures = indices.iter().filter_map(|index| self.source.captures.get(*index));
        captures.for_each(|capture| out.push(scope.value(&capture.value)));
        start..out.len()
    }

    fn limit(&self, matched: &Matched) -> Result<(), String> {
        let counted = matched.factors.iter().fold(1u64, |all, factor| all.saturating_mul(factor.rows as u64));
        let seen = if self.counts == Counts::Seen { counted } else { 1 };
        let is_cut = matched.rows > 0 && matched.factors.iter().any(|factor| factor.cut);
        if !is_cut && seen.saturating_mul(matched.rows as u64) <= MAX_ROWS {
            return Ok(());
        }
        Err(format!("one event has over a million rows for `${}`", self.source.name))
    }
}

/// No element of any list stands for the row to come. Most sources have no list, and to fill nothing takes 60 ns where the C
/// library writes it through a mask to no address.
pub(super) fn forget(elements: &mut [u32]) {
    if !elements.is_empty() {
        elements.fill(NO_ELEMENT);
    }
}

fn all(scope: &Scope<'_>, sites: &[Site]) -> bool {
    sites.iter().all(|site| scope.holds(site))
}

/// Do the rows of these lists multiply? Those of one list, or of lists each within the one before, are no more than the
/// record holds.
fn is_product(event: &Event<'_>, lists: &[ListId]) -> bool {
    let mut pairs = lists.iter().zip(lists.iter().skip(1));
    pairs.any(|(outer, inner)| event.wanted.parent(*inner) != Some(*outer))
}

/// Visits every choice of one element per list, the first list turning slowest; an empty list is one row of zero values.
/// `visit` says whether to go on.
pub(super) fn unnest(
    event: &Event<'_>,
    lists: &[ListId],
    elements: &mut Vec<u32>,
    visit: &mut dyn FnMut(&mut Vec<u32>) -> bool,
) -> bool {
    let Some((list, rest)) = lists.split_first() else { return visit(elements) };
    let parent = match event.wanted.parent(*list) {
        Some(ListId(parent)) => elements.get(parent as usize).copied().unwrap_or(NO_ELEMENT),
        None => 0,
    };
    let mut empty = true;
    for child in event.record.children(*list, parent) {
        empty = false;
        if !choose(event, (*list, child, rest), elements, visit) {
            return false;
        }
    }
    !empty || choose(event, (*list, NO_ELEMENT, rest), elements, visit)
}

fn choose(
    event: &Event<'_>,
    (list, child, rest): (ListId, u32, &[ListId]),
    elements: &mut Vec<u32>,
    visit: &mut dyn FnMut(&mut Vec<u32>) -> bool,
) -> bool {
    if let Some(element) = elements.get_mut(list.0 as usize) {
        *element = child;
    }
    unnest(event, rest, elements, visit)
}
