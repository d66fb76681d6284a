//! Joined rows by brute force: every copy of every record for every variable, kept where all tests hold.

use serde_json::Value as Json;

use crate::eval::{Copy, Row, Scope, Slot};
use crate::fields;
use crate::rule::{Rule, Test};
use crate::variables::{Presence, Source, Variable};
use crate::world::{Table, World};

/// All that can stand for each variable, in the order of joining.
pub struct Copies<'w>(pub Vec<Vec<Copy<'w>>>);

/// The rows of tables and stages as JSON, which lets copies treat every source alike.
pub fn table_rows(rule: &Rule<'_>, world: &World) -> usize {
    rule.variables.iter().map(|one| rows_of(one, world)).max().unwrap_or(0)
}

/// How many rows a table or a stage has.
fn rows_of(variable: &Variable, world: &World) -> usize {
    match variable.source {
        Source::Event | Source::Entity => 0,
        Source::Table => Table::read(&world.tables[variable.name.trim_start_matches('%')]).rows.len(),
        Source::Stage => world.stages[&variable.name].rows.len(),
    }
}

impl<'w> Copies<'w> {
    /// `blank` has as many values as the longest table or stage has rows.
    pub fn new(rule: &'w Rule<'w>, world: &'w World, blank: &'w [Json]) -> Copies<'w> {
        let of = |index: usize| {
            let variable = &rule.variables[index];
            let records: &[Json] = match variable.source {
                Source::Event => &world.events,
                Source::Entity => &world.entities,
                Source::Table | Source::Stage => &blank[..rows_of(variable, world)],
            };
            let records = records.iter().enumerate();
            let copies = records.flat_map(|(record, json)| {
                let at = time(variable, record, json, world);
                let unnested = fields::copies(json, &variable.lists).into_iter();
                unnested.map(move |elements| Copy { record, json, elements, at })
            });
            copies.collect()
        };
        Copies((0..rule.variables.len()).map(of).collect())
    }
}

/// When a record happened, or a row of a stage.
fn time(variable: &Variable, record: usize, json: &Json, world: &World) -> Option<i64> {
    match variable.source {
        Source::Event => fields::event_time(json),
        Source::Entity | Source::Table => None,
        Source::Stage => world.stages[&variable.name].rows[record].window.map(|window| window.0),
    }
}

/// Joins copies into rows.
pub struct Joiner<'w> {
    pub rule: &'w Rule<'w>,
    pub world: &'w World,
    pub copies: &'w Copies<'w>,
}

impl<'w> Joiner<'w> {
    /// The rows of all variables that must be there, where `may` allows each copy.
    pub fn bounded(&self, may: &dyn Fn(usize, &Copy<'w>) -> bool) -> Vec<Row<'w>> {
        let mut rows: Vec<Row<'w>> = vec![Vec::new()];
        for index in self.variables(Presence::Bounded) {
            rows = rows.iter().flat_map(|row| self.partners(row, index, may)).collect();
        }
        rows
    }

    /// The same rows, each with every partner that may be absent, or with none where there is none.
    pub fn widened(&self, rows: Vec<Row<'w>>, may: &dyn Fn(usize, &Copy<'w>) -> bool) -> Vec<Row<'w>> {
        let mut rows = rows;
        for index in self.variables(Presence::Unbounded) {
            let joined = rows.iter().flat_map(|row| {
                let mut found = self.partners(row, index, may);
                if found.is_empty() {
                    found.push(row.iter().copied().chain([Slot::Absent]).collect());
                }
                found
            });
            rows = joined.collect();
        }
        rows
    }

    fn variables(&self, presence: Presence) -> impl Iterator<Item = usize> {
        let variables = self.rule.variables.iter().enumerate();
        variables.filter(move |(_, one)| one.presence == presence).map(|(index, _)| index)
    }

    fn partners(
        &self,
        row: &[Slot<'w>],
        index: usize,
        may: &dyn Fn(usize, &Copy<'w>) -> bool,
    ) -> Vec<Row<'w>> {
        let copies = self.copies.0[index].iter().filter(|copy| may(index, copy));
        let longer = copies.map(|copy| row.iter().copied().chain([Slot::Here(copy)]).collect());
        longer.filter(|row: &Row<'w>| self.fits(row)).collect()
    }

    /// Do the tests hold that look at the last variable of the row, and does every event lie in the intervals of the entities it is
    /// tied to?
    fn fits(&self, row: &[Slot<'w>]) -> bool {
        let level = row.len() - 1;
        let scope = Scope { rule: self.rule, world: self.world, row, group: None, window: None, each: None };
        let tests = self.rule.conjuncts.iter().filter(|one| one.level == level);
        let held = tests.map(|one| match one.test {
            Test::Holds(expr) => scope.truth(expr),
            Test::NotZero(expr) => !is_zero(&scope, expr),
        });
        held.into_iter().all(|one| one) && self.valid(row)
    }

    fn valid(&self, row: &[Slot<'w>]) -> bool {
        let of = |source: Source| {
            let slots = row.iter().zip(&self.rule.variables).enumerate();
            slots.filter(move |(_, (_, one))| one.source == source).filter_map(
                |(index, (slot, _))| match slot {
                    Slot::Here(copy) => Some((index, *copy)),
                    Slot::Absent => None,
                },
            )
        };
        of(Source::Entity).all(|(index, entity)| {
            let mut tied = of(Source::Event).filter(|(event, _)| self.rule.are_tied(index, *event));
            tied.all(|(_, event)| lies_within(event, entity.json))
        })
    }
}

/// The zero value of an enum is its first name, that of all else what it is anywhere.
fn is_zero(scope: &Scope<'_, '_>, expr: &yaral::syntax::ast::Expr) -> bool {
    let absent: Vec<Slot<'_>> = scope.row.iter().map(|_| Slot::Absent).collect();
    let zero = Scope { row: &absent, ..*scope }.value(expr);
    let value = scope.value(expr);
    value.is_zero() || value == zero
}

fn lies_within(event: &Copy<'_>, entity: &Json) -> bool {
    let interval = entity.get("metadata").and_then(|metadata| metadata.get("interval"));
    let bound = |camel: &str, snake: &str| {
        let found = interval.and_then(|interval| interval.get(camel).or_else(|| interval.get(snake)));
        found.and_then(fields::time)
    };
    let (start, end) = (bound("startTime", "start_time"), bound("endTime", "end_time"));
    let Some(at) = event.at else { return start.is_none() && end.is_none() };
    start.is_none_or(|start| start <= at) && end.is_none_or(|end| at < end)
}
