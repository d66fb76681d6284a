//! From rows to detections: windows, groups, outcomes, the condition, the reporting rule, suppression.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use yaral::syntax::ast::{self, Expr, Literal, Side, TimeUnit, WindowClause, WindowWord};

use crate::eval::{self, Copy, Group, Row, Scope, Slot};
use crate::join::{Copies, Joiner, table_rows};
use crate::rows::Stages;
use crate::rule::{Language, Rule, Written, conjuncts, predicates};
use crate::value::V;
use crate::variables::{Source, variable as named};
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
pub fn detections(rule: &ast::Rule, world: &World, reported: Reported) -> Vec<Detection> {
    let (options, stages) = (rule.options.as_ref(), &Stages::new());
    let rule = Rule::new(Written { body: &rule.body, options, language: Language::Rule, stages, cross: &[] });
    let blank = vec![Json::Null; table_rows(&rule, world)];
    let copies = Copies::new(&rule, world, &blank);
    let judge = Judge { joiner: Joiner { rule: &rule, world, copies: &copies } };
    let found = match judge.window() {
        None => judge.alone(),
        Some(window) => judge.windowed(window, reported),
    };
    let mut found: Vec<Detection> = found.into_iter().map(|(_, detection)| detection).collect();
    found.sort_by_key(|one| (one.window.is_none(), one.window.map(|window| window.1), judge.first(one)));
    if reported == Reported::Covering { judge.unsuppressed(found) } else { found }
}

/// A detection and what its match values are told apart by.
pub type Found = (Vec<String>, Detection);

pub struct Judge<'w> {
    pub joiner: Joiner<'w>,
}

impl<'w> Judge<'w> {
    fn rule(&self) -> &'w Rule<'w> {
        self.joiner.rule
    }

    pub fn window(&self) -> Option<&'w WindowClause> {
        self.rule().window()
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

    pub fn windowed(&self, window: &WindowClause, reported: Reported) -> Vec<Found> {
        if let Some(pivot) = &window.pivot {
            return self.sliding(&pivot.variable.node, pivot.side, length(window));
        }
        let rows = self.joiner.bounded(&|index, copy| self.is_timed(index, copy));
        let mut found = Vec::new();
        let windows: BTreeSet<(i64, i64)> =
            rows.iter().flat_map(|row| self.times(row)).flat_map(|at| holding(window, at)).collect();
        for (start, end) in windows {
            let inside = |at: i64| start <= at && at < end;
            found.extend(self.within(&rows, (start, end), &inside));
        }
        match (window.word, reported) {
            (WindowWord::Over, Reported::Covering) => self.covering(found),
            (WindowWord::Over, Reported::All) | (WindowWord::By | WindowWord::OverEvery, _) => found,
        }
    }

    fn is_timed(&self, index: usize, copy: &Copy<'w>) -> bool {
        copy.at.is_some() || !eval::is_timed(self.rule(), index)
    }

    fn times(&self, row: &Row<'w>) -> Vec<i64> {
        let events = row.iter().enumerate().filter(|(index, _)| eval::is_timed(self.rule(), *index));
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
            !eval::is_timed(self.rule(), index) || copy.at.is_some_and(inside)
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
    pub fn groups(&self, mut rows: Vec<Row<'w>>, window: Option<(i64, i64)>) -> Vec<Found> {
        rows.sort_by_cached_key(|row| self.order(row));
        let mut groups: BTreeMap<Vec<String>, Vec<Row<'w>>> = BTreeMap::new();
        for row in rows {
            let key = self.keys(&row).iter().map(|(_, value)| value.identity()).collect();
            groups.entry(key).or_default().push(row);
        }
        let judged = groups.into_iter();
        judged.filter_map(|(key, rows)| Some((key, self.judged(&rows, window)?))).collect()
    }

    pub fn scope<'g>(&self, row: &'g [Slot<'w>], window: Option<(i64, i64)>) -> Scope<'g, 'w> {
        let (rule, world) = (self.rule(), self.joiner.world);
        Scope { rule, world, row, group: None, window, each: None }
    }

    fn keys(&self, row: &Row<'w>) -> Vec<(String, V)> {
        let scope = self.scope(row, None);
        let keys = &self.rule().keys;
        keys.iter().map(|key| (column(keys, key), scope.value(key))).collect()
    }

    /// By the times of the event variables in source order, then by input order, then by element.
    pub fn order(&self, row: &Row<'w>) -> (Vec<i64>, Vec<usize>, Vec<usize>) {
        let mut slots: Vec<(usize, &Slot<'w>)> = row.iter().enumerate().collect();
        let variable = |index: usize| &self.rule().variables[index];
        slots.sort_by_key(|(index, _)| (variable(*index).source, variable(*index).place));
        let timed = slots.iter().filter(|(index, _)| eval::is_timed(self.rule(), *index));
        // What has no time comes last, and what is not there first.
        let times = timed.map(|(_, slot)| match slot {
            Slot::Here(copy) => copy.at.unwrap_or(i64::MAX),
            Slot::Absent => 0,
        });
        let times = times.collect();
        let here: Vec<(Source, Option<&Copy<'w>>)> = slots
            .into_iter()
            .map(|(index, slot)| match slot {
                Slot::Here(copy) => (variable(index).source, Some(*copy)),
                Slot::Absent => (variable(index).source, None),
            })
            .collect();
        let events = || here.iter().filter(|(source, _)| *source == Source::Event).map(|(_, copy)| *copy);
        let others = here.iter().filter(|(source, _)| *source != Source::Event).map(|(_, copy)| *copy);
        let records = events().map(|copy| copy.map_or(0, |copy| copy.record + 1)).collect();
        let own = events().flat_map(elements);
        let rest = others.flat_map(|copy| {
            let record = copy.map_or(0, |copy| copy.record + 1);
            [record].into_iter().chain(elements(copy)).collect::<Vec<_>>()
        });
        (times, records, own.chain(rest).collect())
    }

    pub fn judged(&self, rows: &[Row<'w>], window: Option<(i64, i64)>) -> Option<Detection> {
        let first = rows.first()?;
        let mut outcomes: Vec<(String, V)> = Vec::new();
        for (name, expr) in &self.rule().outcomes {
            let group = Some(Group { rows, outcomes: &outcomes });
            let value = Scope { group, ..self.scope(first, window) }.value(expr);
            outcomes.push(((*name).to_owned(), value));
        }
        let group = Some(Group { rows, outcomes: &outcomes });
        let scope = Scope { group, ..self.scope(first, window) };
        let condition = conjuncts(&predicates(self.rule().written.body.condition.as_ref()));
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

/// What a match variable is called: `$host` is `host`, a field its path, with its variable where two have the same.
pub fn column(keys: &[&Expr], key: &Expr) -> String {
    if let Some(name) = named(key) {
        return name.to_owned();
    }
    let path = crate::rows::written(key);
    let alike = keys.iter().filter(|other| crate::rows::written(other) == path).count();
    let variable = crate::rows::variable_of(key).filter(|_| alike > 1);
    variable.map_or(path.clone(), |variable| format!("{variable}.{path}"))
}

/// The windows of fixed length that hold a moment.
fn holding(window: &WindowClause, at: i64) -> Vec<(i64, i64)> {
    const MONDAY: i64 = 4 * 86_400 * 1_000_000_000;
    if window.word == WindowWord::Over {
        let (length, step) = (length(window), length(window) / 10);
        let last = at.div_euclid(step) * step;
        return (0..10).map(|back| (last - back * step, last - back * step + length)).collect();
    }
    let block = |from: i64, length: i64| {
        let start = from + (at - from).div_euclid(length) * length;
        vec![(start, start + length)]
    };
    match window.length.unit.node {
        TimeUnit::Month => vec![months(at, window.length.count as i64)],
        TimeUnit::Week => block(MONDAY, length(window)),
        TimeUnit::Second | TimeUnit::Minute | TimeUnit::Hour | TimeUnit::Day => block(0, length(window)),
    }
}

/// The block of so many months, counted from January 1970, that holds a moment.
fn months(at: i64, count: i64) -> (i64, i64) {
    let begins = |month: i64| {
        let text = format!("{:04}-{:02}-01T00:00:00Z", 1970 + month.div_euclid(12), 1 + month.rem_euclid(12));
        yaral::value::Timestamp::parse(&text).expect("the first of a month is a day").0
    };
    let blocks =
        (-100 * count..12 * 200).step_by(count as usize).map(|month| (begins(month), begins(month + count)));
    let found = blocks.into_iter().find(|(start, end)| *start <= at && at < *end);
    found.expect("events of two centuries")
}

fn length(window: &WindowClause) -> i64 {
    let seconds = match window.length.unit.node {
        TimeUnit::Second => 1,
        TimeUnit::Minute => 60,
        TimeUnit::Hour => 3_600,
        TimeUnit::Day => 86_400,
        TimeUnit::Week => 7 * 86_400,
        TimeUnit::Month => panic!("months are of no one length"),
    };
    window.length.count as i64 * seconds * 1_000_000_000
}
