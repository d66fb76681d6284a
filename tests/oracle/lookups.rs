//! Random reference lists and data tables.

use std::collections::BTreeMap;

use crate::events::{ADDRESSES, HOSTS, KEYS, NUMBERS, VALUES};
use crate::random::Random;

const NAMES: [&str; 12] = [
    " h1 ",
    "h2",
    "WEB-3 // a printer",
    "web-3\t",
    "\\h1",
    "a",
    "B",
    "443",
    "10.0.0.1",
    "// hosts",
    "   ",
    "H\\\\1",
];
const PATTERNS: [&str; 10] =
    ["^h", "^B$", "  1  ", "web-[0-9]", "(?i)^H", "0\\.0 // private", "// none", "", "a|b", "\\d\\d"];
const NETWORKS: [&str; 7] =
    ["10.0.0.0/24", " 10.0.0.0/8", "fe80::/10 // local", "192.168.0.9", "// none", "", "0.0.0.0/0"];

/// A reference list of each kind.
pub fn lists(random: &mut Random) -> BTreeMap<String, String> {
    let key = KEYS[2];
    let mut list = |name: &str, lines: &[&str], first: &str| {
        let count = random.below(6);
        let lines: String = (0..count).map(|_| random.word(lines) + "\n").collect();
        (name.to_owned(), format!("{first}\n{lines}"))
    };
    let all = [
        list("names", &NAMES, key),
        list("patterns", &PATTERNS, "^x"),
        list("networks", &NETWORKS, "172.16.0.0/12"),
    ];
    all.into()
}

/// Two data tables, with columns of every type and cells of which some are empty.
pub fn tables(random: &mut Random) -> BTreeMap<String, String> {
    let table = |random: &mut Random, header: &str, row: fn(&mut Random) -> String| {
        let rows: String = (0..random.below(4)).map(|_| row(random) + "\n").collect();
        format!("{header}\n{rows}")
    };
    let owners = table(random, "host,network:cidr,least:number,tags:string[]", owner);
    let sites =
        table(random, "site,code:regex,ports:number[],ranges:cidr[],marks:regex[],height:number", site);
    [("owners".to_owned(), owners), ("sites".to_owned(), sites)].into()
}

fn owner(random: &mut Random) -> String {
    let network = random.word(&["10.0.0.0/24", "10.0.0.0/8", "fe80::/10", ""]);
    let tags = several(random, &[&HOSTS[..4], &VALUES[..3]].concat());
    format!("{},{network},{},{tags}", random.pick(&HOSTS), least(random))
}

fn site(random: &mut Random) -> String {
    let code = random.word(&["^h", "1$", "a", ".", "^$", ""]);
    let numbers: Vec<String> = NUMBERS.iter().map(i64::to_string).collect();
    let ports = several(random, &numbers.iter().map(String::as_str).collect::<Vec<_>>());
    let ranges = several(random, &["10.0.0.0/8", "192.168.0.9", "fe80::/10"]);
    let marks = several(random, &["^H", "2", "web"]);
    let address = random.word(&ADDRESSES);
    let name = if random.chance(70) { random.word(&HOSTS) } else { address };
    format!("{name},{code},{ports},{ranges},{marks},{}", random.pick(&["0.5", "2", "443", ""]))
}

fn least(random: &mut Random) -> String {
    if random.chance(15) { String::new() } else { random.pick(&NUMBERS).to_string() }
}

/// A cell of several values, or of none.
fn several(random: &mut Random, values: &[&str]) -> String {
    let cell: Vec<String> = (0..random.below(4)).map(|_| random.word(values)).collect();
    cell.join("|")
}
