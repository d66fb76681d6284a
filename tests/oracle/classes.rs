//! The classes of random questions: which rules are made, and whether the program is expected to run them.

use crate::draft::Draft;
use crate::events;
use crate::random::Random;
use crate::rows::Stages;
use crate::rules::{Kind, Shape, Writer, literal, reference_lists};
use crate::world::World;
use crate::{searches, stages};

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
    class("entities", 46, entities, (6, 4)),
    class("data tables", 40, tables, (6, 0)),
    search("searches of events", 60, searches::of_events, (8, 0)),
    search("searches of groups", 60, searches::of_groups, (9, 0)),
    search("searches of stages", 70, stages::of_stages, (9, 0)),
    search("searches that join", 40, |random| searches::of_rule(random, either_join), (7, 0)),
    search("searches that slide", 25, |random| searches::of_rule(random, either_slide), (7, 0)),
    search("searches of entities", 25, |random| searches::of_rule(random, entities), (6, 4)),
    search("searches of data tables", 25, |random| searches::of_rule(random, tables), (6, 0)),
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

/// A data table with a column of each type.
fn owners(random: &mut Random) -> String {
    let row = |random: &mut Random| {
        format!(
            "{},{},{},{}|{}",
            random.pick(&events::HOSTS),
            random.pick(&["10.0.0.0/24", "10.0.0.0/8", "fe80::/10"]),
            random.pick(&events::NUMBERS),
            random.pick(&events::HOSTS),
            random.pick(&events::VALUES)
        )
    };
    let rows: String = (0..random.below(4)).map(|_| row(random) + "\n").collect();
    format!("host,network:cidr,least:number,tags:string[]\n{rows}")
}

/// The world of a question.
pub fn world(random: &mut Random, class: &Class) -> World {
    let timed = if random.chance(30) { 85 } else { 100 };
    let count = random.below(class.events + 1);
    let lists = reference_lists().into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
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
        lists,
        tables: [("owners".to_owned(), owners(random))].into(),
        stages: Stages::new(),
    }
}

fn no_match(random: &mut Random) -> Draft {
    let mut writer = Writer::new(random);
    for _ in 0..writer.random.below(3) {
        writer.bind("e");
    }
    for _ in 0..1 + writer.random.below(2) {
        let predicate = writer.predicate("e", 2);
        writer.draft.events.push(predicate);
    }
    for _ in 0..writer.random.below(5) {
        writer.outcome("e");
    }
    if writer.random.chance(15) {
        writer.draft.outcomes.push("$suppression_key = max(5)".to_owned());
        writer.draft.options.push("suppression_window = 5m".to_owned());
    }
    alone(&mut writer);
    writer.draft
}

/// The condition of a rule with one event variable.
fn alone(writer: &mut Writer<'_>) {
    let event =
        ["$e", "$e", "#e > 0", "#e >= 2", "#e = 1", "(2 > #e and $e)", "($e or #e > 3)", "#e != 2 and $e"];
    let part = writer.random.word(&event);
    writer.draft.condition.push(part);
    writer.condition_parts();
    if writer.draft.condition.len() > 1 && writer.random.chance(15) {
        let parts = writer.draft.condition.join(", ");
        writer.draft.condition =
            vec![format!("{} of [{parts}]", writer.random.pick(&["1", "2", "any", "all"]))];
    }
}

fn grouped(random: &mut Random) -> Writer<'_> {
    let mut writer = Writer::new(random);
    for _ in 0..1 + writer.random.below(3) {
        writer.bind("e");
    }
    for _ in 0..writer.random.below(3) {
        let predicate = writer.predicate("e", 2);
        writer.draft.events.push(predicate);
    }
    let keys = 1 + writer.random.below(2);
    writer.keys(keys);
    if writer.random.chance(30) {
        writer.draft.options.push("allow_zero_values = true".to_owned());
    }
    writer
}

fn judged(mut writer: Writer<'_>) -> Draft {
    for _ in 0..writer.random.below(5) {
        writer.outcome("e");
    }
    alone(&mut writer);
    writer.draft
}

fn hop(random: &mut Random) -> Draft {
    let mut writer = grouped(random);
    writer.hop();
    suppress(&mut writer);
    judged(writer)
}

fn suppress(writer: &mut Writer<'_>) {
    if writer.random.chance(15) {
        writer.draft.options.push("suppression_window = 2h".to_owned());
    }
}

fn tumbling(random: &mut Random) -> Draft {
    let mut writer = grouped(random);
    writer.draft.window = format!("by {}", writer.random.pick(&["1m", "5m", "1h", "1d"]));
    judged(writer)
}

fn slide(random: &mut Random) -> Draft {
    let mut writer = grouped(random);
    let side = writer.random.word(&["before", "after"]);
    writer.draft.window = format!("over {} {side} $e", writer.random.pick(&["1m", "5m"]));
    judged(writer)
}

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// A field that most events have, or now and then any other of its kind.
fn common(writer: &mut Writer<'_>) -> (&'static str, Shape) {
    match writer.random.below(5) {
        0 | 1 => ("principal.hostname", Shape::One),
        2 => ("target.hostname", Shape::One),
        3 => ("principal.user.userid", Shape::One),
        _ => {
            let (path, _, shape) = writer.alike(Kind::Host);
            (path, shape)
        }
    }
}

/// How a pair of variables is tied together; the first has `$k` bound.
fn tie(writer: &mut Writer<'_>, one: &str, other: &str, field: &str) {
    let (path, _) = common(writer);
    let tie = match writer.random.below(11) {
        4 => format!("strings.to_lower(${other}.{path}) = $k"),
        5 => format!("$k = re.capture(${other}.{path}, `^([a-zA-Z0-9-]*)`)"),
        6 => format!(
            "(${one}.{field} = ${other}.{path} nocase or ${other}.principal.port = ${one}.target.port)"
        ),
        0 => format!("${one}.{field} = ${other}.{path}"),
        1 => format!("${other}.{path} = ${one}.{field} nocase"),
        2 => format!("strings.to_lower(${other}.{path}) = ${one}.{field}"),
        3 => format!("(${one}.{field} = ${other}.{path} or ${one}.target.hostname = ${other}.{path})"),
        _ => format!("${other}.{path} = $k"),
    };
    writer.draft.events.push(tie);
}

/// Variables tied to the first one, each with a test of its own now and then.
fn tied(random: &mut Random, count: usize) -> Writer<'_> {
    let mut writer = Writer::new(random);
    let (path, shape) = common(&mut writer);
    writer.draft.events.push(format!("$a.{path} = $k"));
    writer.placeholders.push(("$k".to_owned(), Kind::Host, shape));
    writer.draft.keys.push("$k".to_owned());
    for name in &NAMES[1..count] {
        let from = if *name == "c" && writer.random.chance(30) { "b" } else { "a" };
        tie(&mut writer, from, name, path);
    }
    for name in &NAMES[..count] {
        if writer.random.chance(20) {
            let kind = literal(writer.random, Kind::EventType);
            writer.draft.events.push(format!("${name}.metadata.event_type = {kind}"));
        }
        if writer.random.chance(25) {
            writer.placeholders.clear();
            let predicate = writer.predicate(name, 1);
            writer.draft.events.push(predicate);
        }
    }
    writer.placeholders = vec![("$k".to_owned(), Kind::Host, Shape::One)];
    writer.draft.window = format!("over {}", writer.random.pick(&["2m", "5m", "10m", "10m", "1h"]));
    if writer.random.chance(25) {
        writer.draft.options.push("allow_zero_values = true".to_owned());
    }
    writer
}

/// Inequalities and time order between the first two variables.
fn across(writer: &mut Writer<'_>) {
    const TESTS: [&str; 15] = [
        "($a.principal.port = 1 or $b.target.port = 443)",
        "if($a.principal.hostname = $b.principal.hostname, 1, 0) = 1",
        "$b.metadata.event_timestamp.seconds - $a.metadata.event_timestamp.seconds < 60",
        "$a.additional.fields[\"k\"] = $b.additional.fields[\"k\"]",
        "$a.target.port = $b.principal.port",
        "$a.metadata.event_type = $b.metadata.event_type",
        "$a.security_result.action = $b.security_result.action",
        "$a.network.sent_bytes = $b.network.received_bytes",
        "$a.metadata.ingestion_labels[\"k\"] != $b.additional.fields[\"kind\"] nocase",
        "$a.metadata.event_timestamp.seconds < $b.metadata.event_timestamp.seconds",
        "$a.metadata.event_timestamp <= $b.metadata.event_timestamp",
        "$a.principal.port != $b.principal.port",
        "$a.target.port < $b.target.port",
        "$a.principal.ip = $b.target.ip",
        "not $a.principal.user.userid = $b.principal.user.userid",
    ];
    if writer.random.chance(40) {
        let test = writer.random.word(&TESTS);
        writer.draft.events.push(test);
    }
}

/// A placeholder of one variable that is no match variable.
fn extra(writer: &mut Writer<'_>, name: &str) {
    if writer.random.chance(40) {
        let (path, kind, shape) = writer.field();
        let placeholder = format!("$q{name}");
        writer.draft.events.push(format!("${name}.{path} = {placeholder}"));
        writer.placeholders.push((placeholder, kind, shape));
    }
}

/// An outcome over two variables at once.
fn outcome_across(writer: &mut Writer<'_>) {
    const VALUES: [&str; 4] = [
        "max(if($a.principal.hostname = $b.principal.hostname, 5, 1))",
        "sum($a.target.port + $b.target.port)",
        "array_distinct(strings.concat($a.principal.hostname, \"/\", $b.target.hostname))",
        "count(if($b.target.hostname = \"\" and $a.target.port != 1, 1, 0))",
    ];
    if writer.random.chance(30) {
        let value = writer.random.word(&VALUES);
        writer.draft.outcomes.push(format!("$across = {value}"));
    }
}

fn outcomes_over(writer: &mut Writer<'_>, count: usize) {
    for _ in 0..writer.random.below(4) {
        let name = writer.random.word(&NAMES[..count]);
        writer.outcome(&name);
    }
}

/// Another match variable, of any of the variables.
fn second_key(writer: &mut Writer<'_>) {
    if writer.random.chance(25) {
        let (path, kind, shape) = writer.field();
        let name = writer.random.word(&["a", "b"]);
        writer.draft.events.push(format!("$second = ${name}.{path}"));
        writer.placeholders.push(("$second".to_owned(), kind, shape));
        writer.draft.keys.push("$second".to_owned());
    }
}

fn joins(random: &mut Random) -> Draft {
    let count = [2, 2, 2, 3, 4][random.below(5)];
    let mut writer = tied(random, count);
    across(&mut writer);
    extra(&mut writer, "b");
    outcomes_over(&mut writer, count);
    outcome_across(&mut writer);
    second_key(&mut writer);
    for name in &NAMES[..count] {
        let part = writer.random.word(&["${}", "${}", "${}", "#{} > 0", "#{} >= 2", "#{} = 1"]);
        writer.draft.condition.push(part.replace("{}", name));
    }
    writer.condition_parts();
    writer.draft
}

fn absence(random: &mut Random) -> Draft {
    let count = [2, 2, 2, 3][random.below(4)];
    let mut writer = tied(random, count);
    across(&mut writer);
    extra(&mut writer, "b");
    outcomes_over(&mut writer, count);
    outcome_across(&mut writer);
    let absent = ["!${}", "#{} = 0", "#{} < 2", "#{} <= 1", "#{} >= 0", "0 = #{}"];
    writer.draft.condition.push("$a".to_owned());
    for name in &NAMES[1..count] {
        let unbounded = *name == "b" || writer.random.chance(40);
        let part = if unbounded { writer.random.word(&absent) } else { "${}".to_owned() };
        let part = if part.starts_with("!$") { "!${}".to_owned() } else { part };
        writer.draft.condition.push(part.replace("{}", name));
    }
    if writer.placeholders.iter().any(|one| one.0 == "$qb") && writer.random.chance(50) {
        let part = writer.random.word(&["#qb < 2", "#qb = 0", "#qb <= 1", "#qb >= 0", "#qb > 0"]);
        writer.draft.condition.push(part);
    }
    writer.draft
}

fn sliding_joins(random: &mut Random) -> Draft {
    let mut draft = if random.chance(60) { joins(random) } else { absence(random) };
    let side = random.word(&["before", "after"]);
    draft.window = format!("over {} {side} $a", random.pick(&["1m", "5m", "10m"]));
    draft
}

fn entities(random: &mut Random) -> Draft {
    let count = if random.chance(25) { 2 } else { 1 };
    let mut writer = tied(random, count);
    writer.draft.events.push("$g.graph.entity.hostname = $k".to_owned());
    if writer.random.chance(40) {
        writer.draft.events.push("$g.graph.metadata.entity_type = \"ASSET\"".to_owned());
    }
    if writer.random.chance(40) {
        writer.draft.outcomes.push("$owners = array_distinct($g.graph.entity.user.userid)".to_owned());
    }
    outcomes_over(&mut writer, 1);
    for name in &NAMES[..count] {
        writer.draft.condition.push(format!("${name}"));
    }
    let part = writer.random.word(&["$g", "$g", "#g > 1", "!$g", "#g < 2"]);
    writer.draft.condition.push(part);
    writer.draft
}

fn tables(random: &mut Random) -> Draft {
    let mut writer = tied(random, 1);
    let tests = [
        "$a.principal.hostname = %owners.host",
        "%owners.host = $k",
        "$a.target.hostname = %owners.tags",
        "$a.principal.ip = %owners.network",
        "$a.principal.hostname in %owners.host",
        "not $a.target.hostname in %owners.tags",
        "any $a.target.ip in %owners.network",
        "$a.target.ip in cidr %owners.network",
    ];
    for _ in 0..1 + writer.random.below(2) {
        let test = writer.random.word(&tests);
        writer.draft.events.push(test);
    }
    if writer.draft.events.iter().any(|test| test.contains("= %")) && writer.random.chance(40) {
        let test = ["$a.target.port >= %owners.least", "$a.principal.hostname != %owners.host"];
        let test = writer.random.word(&test);
        writer.draft.events.push(test);
    }
    outcomes_over(&mut writer, 1);
    writer.draft.condition.push("$a".to_owned());
    writer.draft
}
