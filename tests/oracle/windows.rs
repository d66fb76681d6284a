//! From rows to detections: windows, groups, outcomes, the condition, the reporting rule, suppression.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use yaral::syntax::ast::{Literal, Side, TimeUnit, WindowClause, WindowWord};

use crate::eval::{self, Copy, Group, Row, Scope, Slot};
use crate::join::{Copies, Joiner, table_rows};
use crate::rule::{Rule, Source, conjuncts, predicates};
use crate::value::V;
use crate::world::World;

/// Which satisfied windows are reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reported {
    Covering,
    All,
}

/// A detection.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    pub window: Option<(i64, i64)>,
    pub matches: Vec<(String, V)>,
    pub outcomes: Vec<(String, V)>,
    /// The records of each event variable.
    pub events: BTreeMap<String, BTreeSet<usize>>,
}

/// All detections of a rule.
pub fn detections(rule: &yaral::syntax::ast::Rule, world: &World, reported: Reported) -> Vec<Detection> {
    let rule = Rule::new(rule);
    let blank = vec![Json::Null; table_rows(&rule, world)];
    let copies = Copies::new(&rule, world, &blank);
    let judge = Judge { joiner: Joiner { rule: &rule, world, copies: &copies } };
    let clause = rule.ast.body.match_.as_ref().and_then(|section| section.items.first());
    let found = match clause.and_then(|clause| clause.window.as_ref()) {
        None => judge.alone(),
        Some(window) => judge.windowed(window, reported),
    };
    let mut found: Vec<Detection> = found.into_iter().map(|(_, detection)| detection).collect();
    found.sort_by_key(|one| (one.window.is_none(), one.window.map(|window| window.1), judge.first(one)));
    if reported == Reported::Covering { judge.unsuppressed(found) } else { found }
}

/// A detection and what its match values are told apart by.
type Found = (Vec<String>, Detection);

struct Judge<'w> {
    joiner: Joiner<'w>,
}

impl<'w> Judge<'w> {
    fn rule(&self) -> &'w Rule<'w> {
        self.joiner.rule
    }

    /// Each event alone.
    fn alone(&self) -> Vec<Found> {
        let mut found = Vec::new();
        for record in 0..self.joiner.world.events.len() {
            let rows = self.joiner.bounded(&|_, copy| copy.record == record);
            let at = crate::fields::event_time(&self.joiner.world.events[record]);
            found.extend(self.groups(rows, at.map(|at| (at, at))));
        }
        found
    }

    fn windowed(&self, window: &WindowClause, reported: Reported) -> Vec<Found> {
        let length = length(window);
        if let Some(pivot) = &window.pivot {
            return self.sliding(&pivot.variable.node, pivot.side, length);
        }
        let step = match window.word {
            WindowWord::Over => length / 10,
            WindowWord::By | WindowWord::OverEvery => length,
        };
        let rows = self.joiner.bounded(&|index, copy| self.is_timed(index, copy));
        let mut found = Vec::new();
        for start in self.starts(&rows, length, step) {
            let inside = |at: i64| start <= at && at < start + length;
            found.extend(self.within(&rows, (start, start + length), &inside));
        }
        match (window.word, reported) {
            (WindowWord::Over, Reported::Covering) => self.covering(found),
            (WindowWord::Over, Reported::All) | (WindowWord::By | WindowWord::OverEvery, _) => found,
        }
    }

    fn is_timed(&self, index: usize, copy: &Copy<'w>) -> bool {
        copy.at.is_some() || !eval::is_event(self.rule(), index)
    }

    /// The starts of all windows that hold an event of a row.
    fn starts(&self, rows: &[Row<'w>], length: i64, step: i64) -> BTreeSet<i64> {
        let times: BTreeSet<i64> = rows.iter().flat_map(|row| self.times(row)).collect();
        let of = |at: &i64| {
            let last = at.div_euclid(step) * step;
            (0..length / step).map(move |back| last - back * step)
        };
        times.iter().flat_map(of).collect()
    }

    fn times(&self, row: &Row<'w>) -> Vec<i64> {
        let events = row.iter().enumerate().filter(|(index, _)| eval::is_event(self.rule(), *index));
        let times = events.filter_map(|(_, slot)| match slot {
            Slot::Here(copy) => copy.at,
            Slot::Absent => None,
        });
        times.collect()
    }

    /// The satisfied groups of one window.
    fn within(&self, rows: &[Row<'w>], window: (i64, i64), inside: &dyn Fn(i64) -> bool) -> Vec<Found> {
        let rows = rows.iter().filter(|row| self.times(row).into_iter().all(inside)).cloned().collect();
        let may = |index: usize, copy: &Copy<'w>| {
            !eval::is_event(self.rule(), index) || copy.at.is_some_and(inside)
        };
        self.groups(self.joiner.widened(rows, &may), Some(window))
    }

    /// One window for each pivot event, which stands alone for its variable.
    fn sliding(&self, pivot: &str, side: Side, length: i64) -> Vec<Found> {
        let pivot = self.rule().index(pivot).expect("the pivot is a variable of the rule");
        let rows = self.joiner.bounded(&|index, copy| self.is_timed(index, copy));
        let mut found = Vec::new();
        for record in eval::records(&rows, pivot) {
            let at = crate::fields::event_time(&self.joiner.world.events[record]).unwrap_or(0);
            let (start, end) = match side {
                Side::After => (at, at + length),
                Side::Before => (at - length, at),
            };
            let own = |row: &&Row<'w>| matches!(row[pivot], Slot::Here(copy) if copy.record == record);
            let rows: Vec<Row<'w>> = rows.iter().filter(own).cloned().collect();
            found.extend(self.within(&rows, (start, end), &|at| start <= at && at <= end));
        }
        found
    }

    /// Rows by their match values; of each group, its detection where the condition holds.
    fn groups(&self, mut rows: Vec<Row<'w>>, window: Option<(i64, i64)>) -> Vec<Found> {
        rows.sort_by_cached_key(|row| self.order(row));
        let mut groups: BTreeMap<Vec<String>, Vec<Row<'w>>> = BTreeMap::new();
        for row in rows {
            let key = self.keys(&row).iter().map(|(_, value)| value.identity()).collect();
            groups.entry(key).or_default().push(row);
        }
        let judged = groups.into_iter();
        judged.filter_map(|(key, rows)| Some((key, self.judged(&rows, window)?))).collect()
    }

    fn scope<'g>(&self, row: &'g [Slot<'w>], window: Option<(i64, i64)>) -> Scope<'g, 'w> {
        let (rule, world) = (self.rule(), self.joiner.world);
        Scope { rule, world, row, group: None, window, each: None }
    }

    fn keys(&self, row: &Row<'w>) -> Vec<(String, V)> {
        let scope = self.scope(row, None);
        let bindings = self.rule().keys.iter().map(|key| (key, self.rule().binding(key)));
        bindings
            .map(|(key, binding)| {
                ((*key).to_owned(), scope.value(binding.expect("a match variable is bound")))
            })
            .collect()
    }

    /// By the times of the event variables in source order, then by input order, then by element.
    fn order(&self, row: &Row<'w>) -> (Vec<i64>, Vec<usize>, Vec<usize>) {
        let mut slots: Vec<(&crate::rule::Variable, &Slot<'w>)> =
            self.rule().variables.iter().zip(row).collect();
        slots.sort_by_key(|(variable, _)| (variable.source, variable.place));
        let here: Vec<(Source, Option<&Copy<'w>>)> = slots
            .into_iter()
            .map(|(variable, slot)| match slot {
                Slot::Here(copy) => (variable.source, Some(*copy)),
                Slot::Absent => (variable.source, None),
            })
            .collect();
        let events = || here.iter().filter(|(source, _)| *source == Source::Event).map(|(_, copy)| *copy);
        let others = here.iter().filter(|(source, _)| *source != Source::Event).map(|(_, copy)| *copy);
        let times = events().map(|copy| copy.and_then(|copy| copy.at).unwrap_or(0)).collect();
        let records = events().map(|copy| copy.map_or(0, |copy| copy.record)).collect();
        let own = events().flat_map(elements);
        let rest = others.flat_map(|copy| {
            let record = copy.map_or(0, |copy| copy.record);
            [record].into_iter().chain(elements(copy)).collect::<Vec<_>>()
        });
        (times, records, own.chain(rest).collect())
    }

    fn judged(&self, rows: &[Row<'w>], window: Option<(i64, i64)>) -> Option<Detection> {
        let first = rows.first()?;
        let mut outcomes: Vec<(String, V)> = Vec::new();
        for (name, expr) in &self.rule().outcomes {
            let group = Some(Group { rows, outcomes: &outcomes });
            let value = Scope { group, ..self.scope(first, window) }.value(expr);
            outcomes.push(((*name).to_owned(), value));
        }
        let group = Some(Group { rows, outcomes: &outcomes });
        let scope = Scope { group, ..self.scope(first, window) };
        let condition = conjuncts(&predicates(self.rule().ast.body.condition.as_ref()));
        let held = condition.iter().all(|part| scope.truth(part));
        let events = || self.rule().variables.iter().enumerate();
        let events = events().filter(|(index, _)| eval::is_event(self.rule(), *index));
        let events = events.map(|(index, one)| (one.name.clone(), eval::records(rows, index))).collect();
        let matches = self.keys(first);
        held.then_some(Detection { window, matches, outcomes, events })
    }

    /// The events of a detection, in time order.
    fn members(&self, one: &Detection) -> BTreeSet<(i64, usize)> {
        let records = one.events.values().flatten();
        let time = |record: usize| crate::fields::event_time(&self.joiner.world.events[record]).unwrap_or(0);
        records.map(|record| (time(*record), *record)).collect()
    }

    fn first(&self, one: &Detection) -> usize {
        self.members(one).first().map_or(0, |(_, record)| *record)
    }

    /// For the first event of a satisfied window that is not covered yet, the window with the most uncovered events.
    fn covering(&self, found: Vec<Found>) -> Vec<Found> {
        let mut by_key: BTreeMap<Vec<String>, Vec<Detection>> = BTreeMap::new();
        for (key, detection) in found {
            by_key.entry(key).or_default().push(detection);
        }
        let mut kept = Vec::new();
        for (key, windows) in by_key {
            let mut open: BTreeSet<(i64, usize)> = windows.iter().flat_map(|one| self.members(one)).collect();
            while let Some(first) = open.first().copied() {
                let best = self.best(&windows, first, &open);
                open = open.difference(&self.members(best)).copied().collect();
                kept.push((key.clone(), best.clone()));
            }
        }
        kept
    }

    fn best<'d>(
        &self,
        windows: &'d [Detection],
        first: (i64, usize),
        open: &BTreeSet<(i64, usize)>,
    ) -> &'d Detection {
        let uncovered = |one: &Detection| self.members(one).intersection(open).count();
        let mut holding: Vec<&Detection> =
            windows.iter().filter(|one| self.members(one).contains(&first)).collect();
        holding.sort_by_key(|one| (std::cmp::Reverse(uncovered(one)), one.window));
        holding.first().expect("every open event is in a satisfied window")
    }

    fn unsuppressed(&self, found: Vec<Detection>) -> Vec<Detection> {
        let span = match self.rule().option("suppression_window") {
            Some(Literal::Duration(length)) => length.0,
            Some(Literal::Int(seconds)) => *seconds as i64 * 1_000_000_000,
            _ => 0,
        };
        let mut open: BTreeMap<Vec<String>, i64> = BTreeMap::new();
        let mut kept = Vec::new();
        for one in found {
            let key = self.suppression_key(&one);
            let at = one.window.map(|window| window.1);
            match at {
                Some(at) if open.get(&key).is_some_and(|until| at < *until) => continue,
                Some(at) => drop(open.insert(key, at + span)),
                None => {}
            }
            kept.push(one);
        }
        kept
    }

    fn suppression_key(&self, one: &Detection) -> Vec<String> {
        if self.rule().has_match() {
            return one.matches.iter().map(|(_, value)| value.identity()).collect();
        }
        let key = one.outcomes.iter().filter(|(name, _)| name == "suppression_key");
        key.map(|(_, value)| value.identity()).collect()
    }
}

fn elements(copy: Option<&Copy<'_>>) -> Vec<usize> {
    let choices = copy.into_iter().flat_map(|copy| &copy.elements);
    choices.map(|(_, choice)| choice.map_or(0, |(index, _)| index)).collect()
}

fn length(window: &WindowClause) -> i64 {
    let seconds = match window.length.unit.node {
        TimeUnit::Second => 1,
        TimeUnit::Minute => 60,
        TimeUnit::Hour => 3_600,
        TimeUnit::Day => 86_400,
        TimeUnit::Week | TimeUnit::Month => panic!("rules have no windows of weeks or months"),
    };
    window.length.count as i64 * seconds * 1_000_000_000
}
