//! Random searches of one body: events and groups put in order and cut, and rules read as searches.

use crate::draft::{Draft, Form};
use crate::random::Random;
use crate::rules::{FIELDS, Field, Kind, Shape, Writer, is_number, is_text, literal};

/// A field that has one value.
pub fn single(random: &mut Random) -> Field {
    let all: Vec<Field> = FIELDS.into_iter().filter(|field| field.2 == Shape::One).collect();
    *random.pick(&all)
}

/// Fields without their variable, as they are mostly typed.
fn bare(draft: &mut Draft) {
    let strip = |lines: &mut Vec<String>| lines.iter_mut().for_each(|line| *line = line.replace("$e.", ""));
    for lines in [&mut draft.events, &mut draft.keys, &mut draft.outcomes, &mut draft.dedup, &mut draft.order]
    {
        strip(lines);
    }
    draft.condition.retain(|part| !part.contains("$e") && !part.contains("#e"));
}

fn filters(writer: &mut Writer<'_>) {
    for _ in 0..1 + writer.random.below(2) {
        let predicate = writer.predicate("e", 2);
        writer.draft.events.push(predicate);
    }
}

/// Events, or a row of plain values for each.
pub fn of_events(random: &mut Random) -> Draft {
    let mut writer = Writer::new(random);
    writer.draft.form = Form::Search;
    for _ in 0..writer.random.below(2) {
        writer.bind("e");
    }
    filters(&mut writer);
    for _ in 0..writer.random.below(4) {
        plain_outcome(&mut writer);
    }
    let mut keys: Vec<String> = (0..2).map(|_| format!("$e.{}", single(writer.random).0)).collect();
    keys.extend(writer.placeholders.iter().filter(|one| one.2 == Shape::One).map(|one| one.0.clone()));
    keys.extend(names(&writer.draft.outcomes));
    arranged(&mut writer, &keys);
    let mut draft = writer.draft;
    if random.chance(60) {
        bare(&mut draft);
    }
    draft
}

fn plain_outcome(writer: &mut Writer<'_>) {
    let name = format!("$o{}", writer.draft.outcomes.len());
    let (path, kind, _) = single(writer.random);
    let field = format!("$e.{path}");
    let value = match writer.random.below(6) {
        0 if is_text(kind) => format!("strings.concat({field}, \"-\", $e.target.port)"),
        1 if kind == Kind::Number => format!("{field} * 2 + 1"),
        2 => format!("if({field} = {}, \"yes\", \"no\")", literal(writer.random, kind)),
        3 => format!("if({field} != {}, 5)", literal(writer.random, kind)),
        _ => field,
    };
    writer.draft.outcomes.push(format!("{name} = {value}"));
    if is_number(kind) && writer.random.chance(30) && value.starts_with("$e") {
        let part = writer.random.word(&["{} > 1", "{} != 2", "not {} = 443", "({} < 2 or {} > 400)"]);
        writer.draft.condition.push(part.replace("{}", &name));
    }
}

/// The names of outcomes that are no lists.
pub fn names(outcomes: &[String]) -> Vec<String> {
    let single = outcomes.iter().filter(|line| !line.contains("= array") && !line.contains("= window.range"));
    single.filter_map(|line| line.split(" =").next().map(str::to_owned)).collect()
}

/// Any of `dedup:`, `order:` and `limit:` over some of the keys.
pub fn arranged(writer: &mut Writer<'_>, keys: &[String]) {
    let some = |random: &mut Random| {
        let count = 1 + random.below(2);
        let mut some: Vec<String> = (0..count).map(|_| random.pick(keys).clone()).collect();
        some.dedup();
        some
    };
    if keys.is_empty() {
        return;
    }
    if writer.random.chance(30) {
        writer.draft.dedup = some(writer.random);
    }
    if writer.random.chance(60) {
        let keys = some(writer.random);
        let turn = |key: String, random: &mut Random| key + &random.word(&["", " asc", " desc", " desc"]);
        writer.draft.order = keys.into_iter().map(|key| turn(key, writer.random)).collect();
    }
    if writer.random.chance(30) {
        writer.draft.limit = Some(1 + writer.random.below(4));
    }
}

/// Rows that stand for many: with windows, over the whole search, or one for everything.
pub fn of_groups(random: &mut Random) -> Draft {
    let mut writer = Writer::new(random);
    writer.draft.form = Form::Search;
    for _ in 0..1 + writer.random.below(2) {
        writer.bind("e");
    }
    filters(&mut writer);
    let everything = writer.random.chance(15);
    if !everything {
        keys(&mut writer);
        writer.draft.window = window(writer.random);
    }
    for _ in 0..1 + writer.random.below(4) {
        outcome(&mut writer);
    }
    writer.condition_parts();
    let mut keys = writer.draft.keys.clone();
    keys.extend(names(&writer.draft.outcomes));
    if !writer.draft.window.is_empty() {
        keys.extend(["window_start".to_owned(), "window_end".to_owned()]);
    }
    arranged(&mut writer, &keys);
    let mut draft = writer.draft;
    without_windows(&mut draft);
    if random.chance(60) {
        bare(&mut draft);
    }
    draft
}

/// Placeholders and fields.
fn keys(writer: &mut Writer<'_>) {
    let count = 1 + writer.random.below(2);
    writer.keys(count);
    if writer.random.chance(50) {
        let field = format!("$e.{}", writer.field().0);
        let at = writer.random.below(writer.draft.keys.len() + 1);
        writer.draft.keys.insert(at, field);
        writer.draft.keys.truncate(2);
    }
}

fn window(random: &mut Random) -> String {
    const LENGTHS: [&str; 15] = [
        "",
        "",
        "by 1m",
        "by 5m",
        "by hour",
        "by 2h",
        "by day",
        "by 2d",
        "by week",
        "by 2w",
        "by month",
        "over every 10m",
        "over every day",
        "over 5m",
        "over 1h",
    ];
    random.word(&LENGTHS)
}

fn outcome(writer: &mut Writer<'_>) {
    if !writer.draft.keys.is_empty() && writer.random.chance(30) {
        let value = windowed(writer);
        let name = format!("$o{}", writer.draft.outcomes.len());
        return writer.draft.outcomes.push(format!("{name} = {value}"));
    }
    writer.outcome("e");
}

/// One of `window.*`.
fn windowed(writer: &mut Writer<'_>) -> String {
    let (path, kind, _) = writer.field();
    let field = format!("$e.{path}");
    let number = match kind {
        Kind::Number | Kind::Size | Kind::Score => field.clone(),
        _ => "$e.target.port".to_owned(),
    };
    match writer.random.below(10) {
        0 => format!("window.avg({number}, {})", writer.random.pick(&["true", "false"])),
        1 => format!("window.median({number}, true)"),
        2 => format!("window.median({number})"),
        3 => format!("window.stddev({number})"),
        4 => format!("window.first($e.metadata.event_timestamp.seconds, {field})"),
        5 => format!("window.last($e.target.port, {field})"),
        6 => format!("window.range({number}, true)"),
        7 => format!("window.first($e.about.port, {field})"),
        8 => format!("window.last($e.network.dns.answers.ttl, {field})"),
        _ => format!("window.mode({field})"),
    }
}

/// Without a window there are no bounds of one.
fn without_windows(draft: &mut Draft) {
    if draft.window.is_empty() {
        draft.outcomes.retain(|line| !line.contains("window_"));
        let known = names(&draft.outcomes);
        let there = |item: &String| {
            let name = item.split(' ').next().unwrap_or("").to_owned();
            !name.starts_with("$o") || known.contains(&name)
        };
        draft.order.retain(there);
        draft.dedup.retain(there);
    }
}

/// A rule read as a search: its condition may be left out, and its window as well.
pub fn of_rule(random: &mut Random, rule: fn(&mut Random) -> Draft) -> Draft {
    let mut draft = rule(random);
    draft.form = Form::Search;
    draft.options.clear();
    if random.chance(40) && !draft.condition.iter().any(|part| part.contains('!')) {
        draft.condition.clear();
    }
    if !draft.window.contains("before") && !draft.window.contains("after") {
        draft.window = random.word(&["", "", "by 5m", "by hour", "by day", "over 10m"]);
    }
    let mut keys = draft.keys.clone();
    keys.extend(names(&draft.outcomes));
    let mut writer = Writer { draft, ..Writer::new(random) };
    arranged(&mut writer, &keys);
    let mut draft = writer.draft;
    without_windows(&mut draft);
    draft
}
