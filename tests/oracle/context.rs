//! Random rules that hold events against entities of the graph and against data tables.

use crate::draft::Draft;
use crate::random::Random;
use crate::rules::{Kind, Shape, Writer};
use crate::together::{outcomes_over, tied};

/// How the entities of `$g` are tied to the events of `$a`.
const TIES: [&str; 9] = [
    "$g.graph.entity.hostname = $k",
    "$g.graph.entity.hostname = $k",
    "$k = strings.to_lower($g.graph.entity.hostname)",
    "$g.graph.entity.hostname = $a.target.hostname",
    "$a.principal.ip = $g.graph.entity.ip",
    "$g.graph.entity.hostname = $a.principal.hostname nocase",
    "($g.graph.entity.hostname = $a.target.hostname or $a.principal.user.userid = $g.graph.entity.user.userid)",
    "$g.graph.entity.port = $a.target.port",
    "$g.graph.entity.user.group_identifiers = $a.principal.user.userid",
];

/// What is asked of the entities alone, or beside the events.
const TESTS: [&str; 13] = [
    "$g.graph.metadata.entity_type = \"ASSET\"",
    "$g.graph.metadata.entity_type != \"USER\"",
    "$g.graph.entity.port > 1",
    "any $g.graph.entity.ip = \"10.0.0.1\"",
    "all $g.graph.entity.ip != \"fe80::1\"",
    "$g.graph.entity.ip in cidr %networks",
    "$g.graph.entity.user.userid in %names nocase",
    "$g.graph.entity.user.group_identifiers = /^h/",
    "$g.graph.entity.port <= $a.target.port",
    "$g.graph.entity.user.userid != $a.principal.user.userid",
    "$g.graph.metadata.interval.start_time <= $a.metadata.event_timestamp",
    "($g.graph.entity.port = 443 or $a.principal.port = 1)",
    "$g.graph.entity.user.userid in %owners.host",
];

const OUTCOMES: [&str; 10] = [
    "array_distinct($g.graph.entity.user.userid)",
    "array($g.graph.entity.ip)",
    "count($g.graph.entity.ip)",
    "sum($g.graph.entity.port)",
    "max(if($g.graph.entity.hostname = \"\", 1, $g.graph.entity.port))",
    "earliest($g.graph.metadata.interval.start_time)",
    "count_distinct($g.graph.metadata.entity_type)",
    "array(strings.concat($a.principal.hostname, \"/\", $g.graph.entity.hostname))",
    "array(strings.concat($a.principal.ip, \"/\", $g.graph.entity.port))",
    "avg(arrays.length($g.graph.entity.ip))",
];

fn some_of(writer: &mut Writer<'_>, percent: usize, all: &[&str]) -> Option<String> {
    writer.random.chance(percent).then(|| writer.random.word(all))
}

/// A window of any shape; those that slide start or end at `$a`.
fn window(writer: &mut Writer<'_>) {
    const WINDOWS: [&str; 5] =
        ["by 5m", "by 1h", "over 1m after $a", "over 5m after $a", "over 5m before $a"];
    if let Some(window) = some_of(writer, 35, &WINDOWS) {
        writer.draft.window = window;
    }
}

pub fn entities(random: &mut Random) -> Draft {
    let count = if random.chance(30) { 2 } else { 1 };
    let mut writer = tied(random, count);
    let tie = writer.random.word(&TIES);
    writer.draft.events.push(tie);
    for _ in 0..2 {
        let test = some_of(&mut writer, 22, &TESTS);
        writer.draft.events.extend(test);
    }
    let graph = second(&mut writer);
    for number in 0..writer.random.below(3) {
        let value = writer.random.word(&OUTCOMES);
        writer.draft.outcomes.push(format!("$graph{number} = {value}"));
    }
    outcomes_over(&mut writer, count);
    window(&mut writer);
    key_of_entity(&mut writer);
    presence(&mut writer, count, graph);
    writer.draft
}

/// Another variable over entities now and then, tied to the first or to the events; gives the names of all.
fn second(writer: &mut Writer<'_>) -> &'static [&'static str] {
    const TIES: [&str; 3] = [
        "$i.graph.entity.user.userid = $g.graph.entity.user.userid",
        "$i.graph.entity.hostname = $a.target.hostname",
        "$i.graph.entity.ip = $g.graph.entity.ip",
    ];
    let Some(tie) = some_of(writer, 20, &TIES) else { return &["g"] };
    writer.draft.events.push(tie);
    &["g", "i"]
}

/// A match variable that entities give a value, and what a condition says of it.
fn key_of_entity(writer: &mut Writer<'_>) {
    if writer.random.chance(20) {
        writer.draft.events.push("$user = $g.graph.entity.user.userid".to_owned());
        writer.draft.keys.push("$user".to_owned());
    } else if writer.random.chance(20) {
        writer.draft.events.push("$user = $g.graph.entity.user.userid".to_owned());
        let part = writer.random.word(&["#user > 1", "#user = 1", "$user", "#user >= 2"]);
        writer.draft.condition.push(part);
    }
}

fn presence(writer: &mut Writer<'_>, count: usize, graph: &[&str]) {
    writer.draft.condition.push("$a".to_owned());
    if count > 1 {
        let part = writer.random.word(&["$b", "$b", "#b > 1", "!$b", "#b < 2"]);
        writer.draft.condition.push(part);
    }
    const PARTS: [&str; 9] =
        ["${}", "${}", "${}", "#{} > 1", "!${}", "#{} < 2", "#{} = 0", "#{} >= 0", "#{} = 1"];
    for name in graph {
        let part = writer.random.word(&PARTS).replace("{}", name);
        writer.draft.condition.push(part);
    }
}

/// Equalities with columns, which join rows.
const ROWS: [&str; 17] = [
    "$a.principal.hostname = %owners.host",
    "%owners.host = $k",
    "$a.target.hostname = %owners.tags",
    "$a.principal.ip = %owners.network",
    "re.regex($a.principal.hostname, %sites.code)",
    "net.ip_in_range_cidr($a.principal.ip, %owners.network)",
    "$a.target.port = %sites.ports",
    "$a.target.ip = %sites.ranges",
    "$a.principal.user.userid = %sites.marks",
    "strings.to_lower($a.principal.hostname) = %sites.site",
    "$a.target.port = %owners.least",
    "($a.principal.hostname = %owners.host or $a.target.hostname = %owners.tags)",
    "$a.principal.hostname = %owners.host nocase",
    "any $a.principal.ip = %owners.network",
    "all $a.target.ip = %sites.ranges",
    "net.ip_in_range_cidr(any $a.target.ip, %owners.network)",
    "strings.to_lower(any $a.principal.user.group_identifiers) = %sites.site",
];

/// Values that are looked up.
const LOOKUPS: [&str; 14] = [
    "$a.principal.hostname in %owners.host",
    "$a.principal.hostname in %owners.host nocase",
    "not $a.target.hostname in %owners.tags",
    "any $a.target.ip in %owners.network",
    "all $a.target.ip in %sites.ranges",
    "$a.target.ip in cidr %owners.network",
    "$a.target.port in %sites.ports",
    "$a.principal.port in %owners.least",
    "$a.principal.hostname in regex %sites.code",
    "$a.principal.hostname in %sites.code nocase",
    "not $a.target.hostname in %sites.marks",
    "strings.to_lower($a.principal.user.userid) in %sites.site",
    "$k in %owners.tags",
    "($a.principal.port = 1 or $a.target.hostname in %owners.host)",
];

/// What more is asked of a row that an equality joined.
const BESIDE: [[&str; 7]; 2] = [
    [
        "$a.target.port >= %owners.least",
        "$a.principal.hostname != %owners.host",
        "$a.target.hostname != %owners.tags",
        "%owners.least > 1",
        "$a.principal.ip != %owners.network",
        "not $a.target.hostname = %owners.tags",
        "all $a.principal.ip != %owners.network",
    ],
    [
        "%sites.height < 3",
        "$a.target.port != %sites.ports",
        "$a.principal.hostname != %sites.code",
        "$a.target.port > %sites.height",
        "not re.regex($a.target.hostname, %sites.code)",
        "$a.target.ip != %sites.ranges",
        "strings.concat(any $a.principal.user.group_identifiers, any $a.target.ip) != %sites.code",
    ],
];

const CELLS: [[&str; 9]; 2] = [
    [
        "array(%owners.host)",
        "array_distinct(%owners.network)",
        "sum(%owners.least)",
        "max(%owners.least)",
        "count(%owners.tags)",
        "array(arrays.index_to_str(%owners.tags, 0))",
        "array(strings.concat(%owners.host, $a.principal.ip))",
        "max(if(%owners.tags = $a.principal.hostname, 2, 1))",
        "sum(if(any $a.principal.ip = %owners.network, 2, 1))",
    ],
    [
        "array(%sites.site)",
        "avg(%sites.height)",
        "count(%sites.ports)",
        "sum(arrays.size(%sites.ports))",
        "array(arrays.max(%sites.ports))",
        "array_distinct(strings.concat(%sites.site, $a.principal.hostname))",
        "sum($a.target.port)",
        "array_distinct(%sites.code)",
        "sum(if(all $a.target.ip != %sites.ranges, 2, 1))",
    ],
];

const TABLES: [&str; 2] = ["%owners", "%sites"];

pub fn tables(random: &mut Random) -> Draft {
    let count = 1 + usize::from(random.chance(30));
    let mut writer = tied(random, count);
    for _ in 0..1 + writer.random.below(2) {
        let tests: &[&str] = if writer.random.chance(60) { &ROWS } else { &LOOKUPS };
        let test = writer.random.word(tests);
        writer.draft.events.push(test);
    }
    for at in 0..2 {
        joined(&mut writer, at);
    }
    if writer.random.chance(15) {
        let tie = writer.random.word(&TIES);
        writer.draft.events.push(tie);
        let part = writer.random.word(&["$g", "!$g"]);
        writer.draft.condition.push(part);
    }
    outcomes_over(&mut writer, count);
    window(&mut writer);
    writer.draft.condition.push("$a".to_owned());
    if count > 1 {
        let part = writer.random.word(&["$b", "$b", "$b", "!$b", "#b < 2"]);
        writer.draft.condition.push(part);
    }
    writer.draft
}

/// What the rule says of the rows of a table that it joins.
fn joined(writer: &mut Writer<'_>, at: usize) {
    let equal = |test: &String| ROWS.contains(&test.as_str()) && test.contains(TABLES[at]);
    if !writer.draft.events.iter().any(equal) {
        return;
    }
    let test = some_of(writer, 40, &BESIDE[at]);
    writer.draft.events.extend(test);
    if let Some(value) = some_of(writer, 60, &CELLS[at]) {
        writer.draft.outcomes.push(format!("$cells{at} = {value}"));
    }
    if writer.random.chance(25) {
        let column = ["%owners.host", "%sites.site"][at];
        let name = format!("$t{at}");
        writer.draft.events.push(format!("{name} = {column}"));
        match writer.random.below(3) {
            0 => writer.draft.keys.push(name),
            1 => writer.draft.condition.push(format!("#t{at} > 1")),
            _ => writer.placeholders.push((name, Kind::Host, Shape::One)),
        }
    }
}
