//! Random rules with several event variables, all of which must be there or some of which must not.

use crate::draft::Draft;
use crate::random::Random;
use crate::rules::{Kind, Shape, Writer, literal};

pub const NAMES: [&str; 4] = ["a", "b", "c", "d"];

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
pub fn tied(random: &mut Random, count: usize) -> Writer<'_> {
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

pub fn outcomes_over(writer: &mut Writer<'_>, count: usize) {
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

pub fn joins(random: &mut Random) -> Draft {
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

pub fn absence(random: &mut Random) -> Draft {
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

pub fn sliding_joins(random: &mut Random) -> Draft {
    let mut draft = if random.chance(60) { joins(random) } else { absence(random) };
    let side = random.word(&["before", "after"]);
    draft.window = format!("over {} {side} $a", random.pick(&["1m", "5m", "10m"]));
    draft
}
