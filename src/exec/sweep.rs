//! The windows of a group one after another. Ten hop windows hold each row: what was found of one stands for the next
//! where that holds the same rows, and else only the rows that come and go are looked at.

use std::ops::Range;

use super::eval::JoinedRow;
use super::gather::items;
use super::inside::Inside;
use super::store::RowId;
use super::windows::Windows;
use crate::aggregates::{self, Item, Outcome, Sliding};
use crate::plan::{Gather, Needed, Plan, Shape};
use crate::value::Value;

/// What is known of the windows of a group so far.
#[derive(Default)]
pub(super) struct Sweep {
    /// Where the last window was looked for.
    pub(super) near: Range<usize>,
    last: Option<(Range<usize>, Verdict)>,
    /// The rows that are in the aggregates below.
    within: Range<usize>,
    /// By aggregate; none where it has to be gathered.
    slides: Vec<Option<Box<dyn Sliding>>>,
    /// Distinct events, by source.
    events: Vec<Option<Box<dyn Sliding>>>,
}

/// What the condition makes of a window.
#[derive(Clone)]
pub(super) struct Verdict {
    /// Those that it looks at, where it holds.
    pub(super) outcomes: Option<Vec<Value<'static>>>,
    /// How many results were out of range.
    pub(super) counted: u64,
}

impl Sweep {
    /// Of windows of which so much is looked at.
    pub(super) fn new(windows: &Windows<'_>, needed: &Needed) -> Sweep {
        let plan = windows.judge.plan;
        // Other windows hold a row but once, and a row that may lack an event has others in each.
        if plan.window.is_none_or(|window| window.shape != Shape::Hop) || windows.joiner.has_late() {
            return Sweep::default();
        }
        let slide = |(gather, needed): (&Gather, &bool)| {
            let may = *needed && gather.is_plain() && gather.only_with.is_none();
            gather.aggregate.slide.filter(|_| may).map(|start| start())
        };
        let events = |(source, needed): (usize, &bool)| {
            let may = *needed && !windows.is_row_an_event(source);
            may.then(aggregates::distinct)
        };
        Sweep {
            slides: plan.gathers.iter().zip(&needed.gathers).map(slide).collect(),
            events: needed.events.iter().enumerate().map(events).collect(),
            ..Sweep::default()
        }
    }

    /// Begins anew with no rows.
    fn restart(&mut self, plan: &Plan) {
        self.within = 0..0;
        for (slide, gather) in self.slides.iter_mut().zip(&plan.gathers) {
            *slide = slide.as_ref().and(gather.aggregate.slide).map(|start| start());
        }
        self.events.iter_mut().flatten().for_each(|slide| *slide = aggregates::distinct());
    }

    /// What was found of the same rows before. It saves nine of ten windows of an event that comes alone: with
    /// what slides, half of a run over keys that are seldom met.
    pub(super) fn known(&self, rows: &Inside<'_>) -> Option<&Verdict> {
        let Inside::Run(_, range) = rows else { return None };
        self.last.as_ref().filter(|(known, _)| known == range).map(|(_, verdict)| verdict)
    }

    pub(super) fn remember(&mut self, rows: &Inside<'_>, verdict: &Verdict) {
        self.last = match rows {
            Inside::Run(_, range) => Some((range.clone(), verdict.clone())),
            Inside::Picked(..) | Inside::Own(_) => None,
        };
    }

    /// The needed aggregates of a window that need not be gathered. It saves eight of ten looks at each row.
    pub(super) fn results(
        &mut self,
        windows: &Windows<'_>,
        rows: &Inside<'_>,
        needed: &Needed,
    ) -> Vec<Option<Outcome>> {
        let Inside::Run(..) = rows else { return Vec::new() };
        self.slide(windows, rows);
        let result = |(slide, needed): (&mut Option<Box<dyn Sliding>>, &bool)| {
            let result = slide.as_ref().filter(|_| *needed)?.result();
            // What hangs on order once mostly does so again.
            *slide = slide.take().filter(|_| result.is_some());
            result
        };
        self.slides.iter_mut().zip(&needed.gathers).map(result).collect()
    }

    /// How many distinct events of a source a window has, where that is known.
    pub(super) fn count(
        &mut self,
        windows: &Windows<'_>,
        (rows, source): (&Inside<'_>, usize),
    ) -> Option<usize> {
        let Inside::Run(..) = rows else { return None };
        self.events.get(source)?.as_ref()?;
        self.slide(windows, rows);
        match self.events.get(source)?.as_ref()?.result()? {
            (Value::Int(count), _) => usize::try_from(count).ok(),
            _ => None,
        }
    }

    /// Goes on to the rows of another window.
    fn slide(&mut self, windows: &Windows<'_>, rows: &Inside<'_>) {
        let Inside::Run(all, range) = rows else { return };
        if range.start < self.within.start || range.end < self.within.end {
            self.restart(windows.judge.plan);
        }
        let within = std::mem::replace(&mut self.within, range.clone());
        for index in within.start..within.end.min(range.start) {
            self.each(windows, all.row(index), |slide, item| slide.remove(item));
        }
        for index in within.end.max(range.start)..range.end {
            self.each(windows, all.row(index), |slide, item| slide.add(item));
        }
    }

    /// Visits the aggregates with the values that a row gives each.
    fn each(&mut self, windows: &Windows<'_>, row: &[RowId], visit: impl Fn(&mut dyn Sliding, &Item<'_>)) {
        let joined = JoinedRow { stores: windows.stores, values: windows.values, rows: row };
        for (slide, gather) in self.slides.iter_mut().zip(&windows.judge.plan.gathers) {
            let Some(slide) = slide else { continue };
            items(&joined, &gather.value, |item| visit(slide.as_mut(), item));
        }
        for (slide, (store, row)) in self.events.iter_mut().zip(windows.stores.iter().zip(row)) {
            let (Some(slide), Some(place)) = (slide, store.place(*row)) else { continue };
            let item = Item { number: 0, value: Value::Uint(place), weight: 1 };
            visit(slide.as_mut(), &item);
        }
    }
}
