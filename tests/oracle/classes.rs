//! The classes of random questions: which rules are made, and whether the program is expected to run them.

use crate::alone::{hop, no_match, slide, tumbling};
use crate::context::{entities, tables};
use crate::draft::Draft;
use crate::random::Random;
use crate::rows::Stages;
use crate::together::{absence, joins, sliding_joins};
use crate::world::World;
use crate::{events, lookups, searches, stages};

/// Must the program run rules of a class?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    Runs,
    #[allow(dead_code, reason = "for what the oracle knows before the program runs it")]
    Pending,
}

/// A class of questions.
pub struct Class {
    pub name: &'static str,
    pub expected: Expected,
    /// Over how many worlds its rules are run.
    pub worlds: u64,
    pub rule: fn(&mut Random) -> Draft,
    /// How many events at most.
    pub events: usize,
    /// How many entities at most.
    pub entities: usize,
    /// Over what stretch events happen.
    pub times: Times,
}

/// Over what stretch events happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    Minutes,
    /// Some days and weeks apart from the others.
    Months,
}

/// Turning a class on is its word in this table.
pub const CLASSES: [Class; 16] = [
    class("no match", 72, no_match, (5, 0)),
    class("hop windows", 72, hop, (10, 0)),
    class("tumbling windows", 46, tumbling, (10, 0)),
    class("sliding, one variable", 31, slide, (8, 0)),
    class("joins", 52, joins, (7, 0)),
    class("absence", 52, absence, (7, 0)),
    class("sliding joins", 41, sliding_joins, (7, 0)),
    class("entities", 50, entities, (8, 6)),
    class("data tables", 40, tables, (6, 2)),
    search("searches of events", 60, searches::of_events, (8, 0)),
    search("searches of groups", 60, searches::of_groups, (9, 0)),
    search("searches of stages", 70, stages::of_stages, (9, 0)),
    search("searches that join", 40, |random| searches::of_rule(random, either_join), (7, 0)),
    search("searches that slide", 25, |random| searches::of_rule(random, either_slide), (7, 0)),
    search("searches of entities", 25, |random| searches::of_rule(random, entities), (7, 5)),
    search("searches of data tables", 25, |random| searches::of_rule(random, tables), (6, 2)),
];

const fn class(
    name: &'static str,
    worlds: u64,
    rule: fn(&mut Random) -> Draft,
    (events, entities): (usize, usize),
) -> Class {
    Class { name, expected: Expected::Runs, worlds, rule, events, entities, times: Times::Minutes }
}

const fn search(
    name: &'static str,
    worlds: u64,
    rule: fn(&mut Random) -> Draft,
    most: (usize, usize),
) -> Class {
    Class { times: Times::Months, ..class(name, worlds, rule, most) }
}

fn either_join(random: &mut Random) -> Draft {
    if random.chance(70) { joins(random) } else { absence(random) }
}

fn either_slide(random: &mut Random) -> Draft {
    if random.chance(50) { sliding_joins(random) } else { slide(random) }
}

/// The world of a question.
pub fn world(random: &mut Random, class: &Class) -> World {
    let timed = if random.chance(30) { 85 } else { 100 };
    let count = random.below(class.events + 1);
    let event = |random: &mut Random| {
        let mut event = events::event(random, timed);
        if class.times == Times::Months && random.chance(40) {
            events::put_off(random, &mut event);
        }
        event
    };
    World {
        events: (0..count).map(|_| event(random)).collect(),
        entities: (0..random.below(class.entities + 1)).map(|_| events::entity(random)).collect(),
        lists: lookups::lists(random),
        tables: lookups::tables(random),
        stages: Stages::new(),
    }
}
