//! Random searches of several stages.

use crate::draft::{Draft, Form};
use crate::random::Random;
use crate::rules::{Kind, Writer};
use crate::searches::{arranged, names, single};

/// Fields of one text that most events have.
const KEYS: [&str; 3] = ["principal.hostname", "target.hostname", "principal.user.userid"];

/// Groups by one or two texts, `$h` and `$u`, with numbers `$n`, `$s`, `$m` and a list `$l`.
fn groups(random: &mut Random) -> Draft {
    let mut writer = Writer::new(random);
    writer.draft.form = Form::Search;
    let first = writer.random.word(&KEYS);
    writer.draft.events.push(format!("$h = {first}"));
    writer.draft.keys.push("$h".to_owned());
    if writer.random.chance(30) {
        let (path, kind, _) = single(writer.random);
        let path = if kind == Kind::Host { path.to_owned() } else { "principal.user.userid".to_owned() };
        writer.draft.events.push(format!("{path} = $u"));
        writer.draft.keys.push("$u".to_owned());
    }
    filter(&mut writer);
    writer.draft.window = writer.random.word(&["", "", "by 1m", "by 5m", "by hour", "by day"]);
    writer.draft.outcomes = [
        "$n = count(metadata.event_type)",
        "$s = sum(target.port)",
        "$m = avg(principal.port)",
        "$l = array_distinct(target.hostname)",
        "$t = max(target.port)",
    ]
    .map(str::to_owned)
    .to_vec();
    if writer.random.chance(25) {
        let part = writer.random.word(&["$n > 1", "$s >= 1", "$m < 100", "$n = 1"]);
        writer.draft.condition.push(part);
    }
    cut(&mut writer);
    writer.draft
}

fn filter(writer: &mut Writer<'_>) {
    if writer.random.chance(50) {
        let predicate = writer.predicate("e", 1).replace("$e.", "");
        writer.draft.events.push(predicate);
    }
}

fn cut(writer: &mut Writer<'_>) {
    if writer.random.chance(35) {
        let mut keys = writer.draft.keys.clone();
        keys.extend(names(&writer.draft.outcomes));
        arranged(writer, &keys);
    }
}

/// A row of plain values for each event: `$h`, `$n`, `$s`.
fn rows(random: &mut Random) -> Draft {
    let mut writer = Writer::new(random);
    writer.draft.form = Form::Search;
    filter(&mut writer);
    if writer.draft.events.is_empty() {
        writer.draft.events.push("principal.port >= 0".to_owned());
    }
    let first = writer.random.word(&KEYS);
    writer.draft.outcomes =
        vec![format!("$h = {first}"), "$n = target.port".to_owned(), "$s = principal.port".to_owned()];
    cut(&mut writer);
    writer.draft
}

/// One row for everything: `$all_n`, `$all_m`.
fn total(random: &mut Random, from: Option<&str>) -> Draft {
    let field =
        |column: &str, field: &str| from.map_or(field.to_owned(), |stage| format!("${stage}.{column}"));
    let mut draft = Draft { form: Form::Search, limit: Some(1), ..Draft::default() };
    if from.is_none() {
        draft.events.push(format!("{} != \"\"", random.word(&KEYS)));
    }
    draft.outcomes = vec![
        format!("$all_n = count({})", field("h", "principal.port")),
        format!("$all_m = max({})", field("n", "target.port")),
    ];
    draft
}

/// A stage over the rows of another: `$h`, `$n`, `$s`.
fn over(random: &mut Random, stage: &str) -> Draft {
    let mut draft = Draft { form: Form::Search, ..Draft::default() };
    draft.events.push(format!("$h = ${stage}.h"));
    if random.chance(40) {
        draft.events.push(test(random, stage));
    }
    draft.keys.push("$h".to_owned());
    draft.outcomes = vec![
        format!("$n = count(${stage}.n)"),
        format!("$s = sum(${stage}.s)"),
        format!("$x = max(if(${stage}.n > 1, ${stage}.s, 0))"),
    ];
    draft
}

fn test(random: &mut Random, stage: &str) -> String {
    const TESTS: [&str; 8] = [
        "$x.n > 1",
        "$x.s != 0",
        "$x.h != \"h1\"",
        "$x.h = /^h/",
        "($x.n = 1 or $x.h = \"H1\")",
        "not $x.h in %names",
        "strings.to_lower($x.h) = \"h1\"",
        "$x.s - $x.n >= 1",
    ];
    random.word(&TESTS).replace("$x", &format!("${stage}"))
}

/// Whether the rows of a stage have windows.
fn is_windowed(draft: &Draft) -> bool {
    !draft.window.is_empty()
}

pub fn of_stages(random: &mut Random) -> Draft {
    let grouped = random.chance(70);
    let first = if grouped { groups(random) } else { rows(random) };
    match random.below(6) {
        0 => over_one(random, first),
        1 => over_two(random, first),
        2 => with_events(random, first),
        3 => joined(random, first),
        4 => crossed(random, first),
        _ => plain(random, first),
    }
}

fn search(stages: Vec<(&str, Draft)>) -> Draft {
    let stages = stages.into_iter().map(|(name, draft)| (name.to_owned(), draft)).collect();
    Draft { form: Form::Search, stages, ..Draft::default() }
}

/// Groups of the rows of a stage.
fn over_one(random: &mut Random, first: Draft) -> Draft {
    let (windowed, lists) = (is_windowed(&first), first.outcomes.len() == 5);
    let mut draft = search(vec![("a", first)]);
    let key = random.word(&["$h", "$h", "$a.h", "$k"]);
    if key != "$a.h" {
        draft.events.push(if key == "$k" { "$k = $a.n".to_owned() } else { "$h = $a.h".to_owned() });
    }
    if random.chance(50) {
        draft.events.push(test(random, "a"));
    }
    draft.keys.push(key);
    if windowed && random.chance(50) {
        draft.window = random.word(&["by 5m", "by hour", "by day", "by week"]);
    }
    let all = [
        "$c = count($a.n)",
        "$d = sum($a.s)",
        "$e = avg($a.s)",
        "$f = array($a.n)",
        "$g = array_distinct($a.h)",
        "$i = min($a.n) + max($a.s)",
        "$j = window.median($a.n)",
        "$p = window.first($a.n, $a.h)",
    ];
    draft.outcomes = (0..1 + random.below(4)).map(|_| random.word(&all)).collect();
    draft.outcomes.sort();
    draft.outcomes.dedup();
    if windowed && random.chance(50) {
        draft.outcomes.push("$q = min($a.window_start) + max($a.window_end)".to_owned());
    }
    if lists && random.chance(30) {
        draft.outcomes.push("$r = max(arrays.size($a.l))".to_owned());
        draft.outcomes.push("$t = avg($a.m)".to_owned());
    }
    if random.chance(30) && draft.outcomes.iter().any(|line| line.starts_with("$c")) {
        draft.condition.push("$c > 1".to_owned());
    }
    finish(random, draft)
}

fn finish(random: &mut Random, draft: Draft) -> Draft {
    let mut keys = draft.keys.clone();
    keys.extend(names(&draft.outcomes));
    let mut writer = Writer { draft, ..Writer::new(random) };
    arranged(&mut writer, &keys);
    writer.draft
}

fn over_two(random: &mut Random, first: Draft) -> Draft {
    let middle = over(random, "a");
    let mut draft = search(vec![("a", first), ("b", middle)]);
    draft.events.push("$n = $b.n".to_owned());
    draft.keys.push("$n".to_owned());
    draft.outcomes = ["$hosts = array_distinct($b.h)", "$most = max($b.x)", "$c = count($b.s)"]
        .map(str::to_owned)
        .to_vec();
    finish(random, draft)
}

/// Events that share a text with a row of a stage.
fn with_events(random: &mut Random, first: Draft) -> Draft {
    let mut draft = search(vec![("a", first)]);
    let field = random.word(&KEYS);
    let tie = random.word(&["$e.{} = $a.h", "$a.h = $e.{}", "$k = $e.{}\n$k = $a.h"]);
    draft.events.push(tie.replace("{}", &field));
    draft.events.push(format!("$h = $e.{}", random.word(&KEYS)));
    if random.chance(30) {
        draft.events.push("$e.target.port > $a.n".to_owned());
    }
    draft.keys.push("$h".to_owned());
    draft.window = random.word(&["", "", "by 5m", "by day"]);
    draft.outcomes = [
        "$c = count($e.target.port)",
        "$m = max($a.n)",
        "$x = sum($e.target.port - $a.n)",
        "$l = array_distinct(strings.concat($e.target.hostname, \"/\", $a.h))",
    ]
    .map(str::to_owned)
    .to_vec();
    finish(random, draft)
}

/// Rows of two stages side by side.
fn joined(random: &mut Random, first: Draft) -> Draft {
    let other = match random.below(3) {
        0 => groups(random),
        1 => rows(random),
        _ => over(random, "a"),
    };
    let mut draft = search(vec![("a", first), ("b", other)]);
    let tie = random.word(&["$a.h = $b.h", "$h = $a.h\n$h = $b.h", "strings.to_lower($a.h) = $b.h"]);
    draft.events.push(tie);
    if random.chance(40) {
        draft.events.push(random.word(&["$a.n < $b.n", "$a.n != $b.s", "$a.s + $b.n > 2"]));
    }
    if random.chance(50) {
        draft.outcomes = ["$host = $a.h", "$left = $a.n", "$right = $b.n * 2"].map(str::to_owned).to_vec();
        return finish(random, draft);
    }
    draft.events.push("$k = $a.h".to_owned());
    draft.keys.push("$k".to_owned());
    draft.outcomes =
        ["$left = sum($a.n)", "$right = max($b.n)", "$c = count($b.h)"].map(str::to_owned).to_vec();
    finish(random, draft)
}

/// A row of totals beside each row of a stage, or beside each event.
fn crossed(random: &mut Random, first: Draft) -> Draft {
    let from = random.word(&["", "a"]);
    let total = total(random, (from == "a").then_some("a"));
    let mut draft = search(vec![("a", first), ("b", total)]);
    draft.cross = Some(random.word(&["$a, $b", "$b, $a"]));
    if random.chance(50) {
        draft.events.push("$a.n < $b.all_m".to_owned());
    }
    draft.outcomes =
        vec!["$host = $a.h".to_owned(), "$part = $a.n / $b.all_n".to_owned(), "$every = $b.all_n".to_owned()];
    if random.chance(50) {
        draft.events.push("$h = $a.h".to_owned());
        draft.keys.push("$h".to_owned());
        draft.outcomes = vec!["$c = count($a.n)".to_owned(), "$part = max($a.n) / max($b.all_n)".to_owned()];
    }
    finish(random, draft)
}

/// The rows of a stage as they are.
fn plain(random: &mut Random, first: Draft) -> Draft {
    let windowed = is_windowed(&first);
    let mut draft = search(vec![("a", first)]);
    if random.chance(50) {
        draft.events.push(test(random, "a"));
    }
    draft.outcomes = vec!["$host = $a.h".to_owned(), "$number = $a.n".to_owned()];
    if windowed {
        draft.outcomes.push("$start = $a.window_start".to_owned());
        draft.outcomes.push("$day = timestamp.get_date($a.window_end)".to_owned());
    }
    if random.chance(40) {
        draft.condition.push("$number > 1".to_owned());
    }
    finish(random, draft)
}
