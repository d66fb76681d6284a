//! Random statements: tests, bindings, outcomes, conditions.

use crate::draft::{Draft, Form};
use crate::events::{ACTIONS, ADDRESSES, HOSTS, NUMBERS, SCORES, SIZES, TYPES, VALUES};
use crate::random::Random;

/// What a field holds, as far as tests on it differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Host,
    Address,
    Label,
    Number,
    Size,
    Score,
    Truth,
    EventType,
    Action,
    Direction,
    Moment,
}

/// Whether a path runs through a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    One,
    Many,
}

/// A field of events.
pub type Field = (&'static str, Kind, Shape);

pub const FIELDS: [Field; 40] = [
    ("principal.hostname", Kind::Host, Shape::One),
    ("target.hostname", Kind::Host, Shape::One),
    ("principal.user.userid", Kind::Host, Shape::One),
    ("metadata.product_event_type", Kind::Host, Shape::One),
    ("principal.hostname", Kind::Host, Shape::One),
    ("principal.port", Kind::Number, Shape::One),
    ("target.port", Kind::Number, Shape::One),
    ("network.sent_bytes", Kind::Size, Shape::One),
    ("network.received_bytes", Kind::Size, Shape::One),
    ("target.file.size", Kind::Size, Shape::One),
    ("network.tls.established", Kind::Truth, Shape::One),
    ("metadata.event_type", Kind::EventType, Shape::One),
    ("metadata.event_type", Kind::EventType, Shape::One),
    ("metadata.event_timestamp", Kind::Moment, Shape::One),
    ("metadata.collected_timestamp", Kind::Moment, Shape::One),
    ("metadata.event_timestamp.seconds", Kind::Number, Shape::One),
    ("metadata.event_timestamp.nanos", Kind::Number, Shape::One),
    ("network.direction", Kind::Direction, Shape::One),
    ("additional.fields[\"k\"]", Kind::Label, Shape::One),
    ("additional.fields[\"kind\"]", Kind::Label, Shape::One),
    ("metadata.ingestion_labels[\"k\"]", Kind::Label, Shape::One),
    ("principal.resource.attribute.labels[\"x\"]", Kind::Label, Shape::One),
    ("security_result.detection_fields[\"k\"]", Kind::Label, Shape::One),
    ("principal.ip[0]", Kind::Address, Shape::One),
    ("target.ip[1]", Kind::Address, Shape::One),
    ("about[1].hostname", Kind::Host, Shape::One),
    ("principal.ip", Kind::Address, Shape::Many),
    ("target.ip", Kind::Address, Shape::Many),
    ("principal.user.group_identifiers", Kind::Host, Shape::Many),
    ("about.hostname", Kind::Host, Shape::Many),
    ("about.ip", Kind::Address, Shape::Many),
    ("about.port", Kind::Number, Shape::Many),
    ("security_result.rule_name", Kind::Host, Shape::Many),
    ("security_result.action", Kind::Action, Shape::Many),
    ("security_result.risk_score", Kind::Score, Shape::Many),
    ("security_result.detection_fields.key", Kind::Label, Shape::Many),
    ("security_result.detection_fields.value", Kind::Label, Shape::Many),
    ("metadata.ingestion_labels.value", Kind::Label, Shape::Many),
    ("network.dns.answers.name", Kind::Host, Shape::Many),
    ("network.dns.answers.ttl", Kind::Number, Shape::Many),
];

/// A literal of a kind.
pub fn literal(random: &mut Random, kind: Kind) -> String {
    match kind {
        Kind::Host => format!("\"{}\"", random.pick(&HOSTS)),
        Kind::Address => format!("\"{}\"", random.pick(&ADDRESSES)),
        Kind::Label => format!("\"{}\"", random.pick(&VALUES)),
        Kind::Number => random.pick(&NUMBERS).to_string(),
        Kind::Size => random.pick(&SIZES).to_string(),
        Kind::Score => format!("{:?}", random.pick(&SCORES)),
        Kind::Truth => random.word(&["true", "false"]),
        Kind::EventType => format!("\"{}\"", random.pick(&TYPES)),
        Kind::Action => format!("\"{}\"", random.pick(&ACTIONS)),
        Kind::Direction => random.word(&["\"INBOUND\"", "\"OUTBOUND\"", "\"UNKNOWN_DIRECTION\""]),
        Kind::Moment => random.word(&["\"2024-05-01T10:05:00Z\"", "\"2024-05-01 10:00:06Z\""]),
    }
}

pub fn is_text(kind: Kind) -> bool {
    match kind {
        Kind::Host | Kind::Address | Kind::Label => true,
        Kind::Number
        | Kind::Size
        | Kind::Score
        | Kind::Truth
        | Kind::EventType
        | Kind::Action
        | Kind::Direction
        | Kind::Moment => false,
    }
}

pub fn is_number(kind: Kind) -> bool {
    matches!(kind, Kind::Number | Kind::Size | Kind::Score)
}

/// Writes the statements of one rule, remembering what was bound.
pub struct Writer<'r> {
    pub random: &'r mut Random,
    /// Fields that this rule draws from; few, so that statements meet.
    pub fields: Vec<Field>,
    /// Placeholders with their kind and shape.
    pub placeholders: Vec<(String, Kind, Shape)>,
    pub draft: Draft,
}

impl<'r> Writer<'r> {
    pub fn new(random: &'r mut Random) -> Writer<'r> {
        let count = 3 + random.below(6);
        let fields = (0..count).map(|_| *random.pick(&FIELDS)).collect();
        Writer { random, fields, placeholders: Vec::new(), draft: Draft::default() }
    }

    pub fn field(&mut self) -> Field {
        *self.random.pick(&self.fields)
    }

    /// A predicate on one event variable, nested as deep as `depth` allows.
    pub fn predicate(&mut self, variable: &str, depth: usize) -> String {
        if depth == 0 || self.random.chance(60) {
            return self.test(variable);
        }
        let one = self.predicate(variable, depth - 1);
        match self.random.below(4) {
            0 => format!("not ({one})"),
            1 => format!("({one} and {})", self.predicate(variable, depth - 1)),
            _ => format!("({one} or {})", self.predicate(variable, depth - 1)),
        }
    }

    fn test(&mut self, variable: &str) -> String {
        if !self.placeholders.is_empty() && self.random.chance(25) {
            let (name, kind, _) = self.random.pick(&self.placeholders).clone();
            return self.kind_test(&name, kind);
        }
        let (path, kind, shape) = self.field();
        let field = format!("${variable}.{path}");
        if shape == Shape::Many && self.random.chance(30) {
            let word = self.random.word(&["any", "all"]);
            if self.random.chance(25) {
                return self.of_two_lists(&format!("{word} {field}"), variable, kind);
            }
            return self.kind_test(&format!("{word} {field}"), kind);
        }
        if self.random.chance(12) {
            return self.between(variable, &field, kind);
        }
        self.kind_test(&field, kind)
    }

    /// A test of a field against another of its event, or against a placeholder.
    fn between(&mut self, variable: &str, field: &str, kind: Kind) -> String {
        let (other, ..) = self.alike(kind);
        let op = self.random.word(&["=", "!="]);
        match self.random.below(6) {
            0 if kind == Kind::Number => format!("{field} + ${variable}.target.port > ${variable}.{other}"),
            1 if !self.placeholders.is_empty() => {
                format!("not {field} {op} {}", self.random.pick(&self.placeholders).0)
            }
            2 => format!("any ${variable}.about.hostname {op} {field}"),
            3 => format!("if({field} {op} ${variable}.{other}, 1, 2) = 1"),
            _ => format!("{field} {op} ${variable}.{other}"),
        }
    }

    /// A test in which two lists are asked, or one list twice.
    fn of_two_lists(&mut self, value: &str, variable: &str, kind: Kind) -> String {
        let alike = FIELDS.into_iter().filter(|field| field.1 == kind && field.2 == Shape::Many);
        let all: Vec<Field> = alike.collect();
        let word = self.random.word(&["any", "all"]);
        let other = format!("{word} ${variable}.{}", self.random.pick(&all).0);
        let op = self.random.word(&["=", "!="]);
        match self.random.below(5) {
            0 => format!("strings.concat({value}, {other}) = /{}/", self.random.pick(&["1h", "a.*b", "00"])),
            1 => format!("strings.concat({value}, {other}) != /{}/", self.random.pick(&["1h", "a.*b", "00"])),
            2 if matches!(kind, Kind::Host | Kind::Address | Kind::Label) => {
                format!("strings.contains({value}, {other})")
            }
            _ => format!("{value} {op} {other}"),
        }
    }

    /// Another field of a kind.
    pub fn alike(&mut self, kind: Kind) -> Field {
        let all: Vec<Field> = FIELDS.into_iter().filter(|field| field.1 == kind).collect();
        *self.random.pick(&all)
    }

    fn kind_test(&mut self, value: &str, kind: Kind) -> String {
        match kind {
            Kind::Host | Kind::Address | Kind::Label => self.text_test(value, kind),
            Kind::Number | Kind::Size | Kind::Score => self.number_test(value, kind),
            Kind::EventType | Kind::Action | Kind::Direction => {
                let op = self.random.word(&["=", "!=", "=", ">=", "<"]);
                format!("{value} {op} {}", literal(self.random, kind))
            }
            Kind::Truth => {
                let op = self.random.word(&["=", "!="]);
                format!("{value} {op} {}", literal(self.random, kind))
            }
            Kind::Moment => {
                let op = self.random.word(&["<", "<=", ">", ">=", "!="]);
                format!("{value} {op} {}", literal(self.random, kind))
            }
        }
    }

    fn text_test(&mut self, value: &str, kind: Kind) -> String {
        let literal = literal(self.random, kind);
        let nocase = if self.random.chance(40) { " nocase" } else { "" };
        match self.random.below(16) {
            0..=3 => format!("{value} = {literal}{nocase}"),
            4..=6 => format!("{value} != {literal}{nocase}"),
            7 => format!("{value} = /{}/{nocase}", self.random.pick(&["^h", "1", "a|b", "0\\.0", "^$"])),
            8 => format!("{value} != /{}/{nocase}", self.random.pick(&["^h", "1", "b$"])),
            9 => format!("re.regex({value}, `{}`){nocase}", self.random.pick(&["^h", "2$", "."])),
            10 => format!("strings.to_lower({value}) = {literal}"),
            11 => format!("{value} in %names{nocase}"),
            12 | 13 => self.list_test(value, kind, nocase),
            _ => self.call_test(value),
        }
    }

    fn call_test(&mut self, value: &str) -> String {
        let folded = if self.random.chance(30) { " nocase" } else { "" };
        match self.random.below(5) {
            0 => format!("strings.starts_with({value}, \"H\"){folded}"),
            1 => format!("arrays.index_to_str(strings.split({value}, \".\"), 1) = \"0\""),
            2 => format!("strings.coalesce({value}, \"none\") = \"none\""),
            3 => format!("cast.as_int(re.capture({value}, `([0-9]+)`)) > 1"),
            _ => format!("strings.contains({value}, \"h\"){folded}"),
        }
    }

    fn list_test(&mut self, value: &str, kind: Kind, nocase: &str) -> String {
        match self.random.below(5) {
            0 => format!("strings.to_lower({value}) in %names{nocase}"),
            1 => format!("re.replace({value}, `[0-9]`, \"\") in regex %patterns{nocase}"),
            2 => format!("strings.concat({value}, \"\") in %names{nocase}"),
            _ if kind == Kind::Address => format!("{value} in cidr %networks"),
            _ => format!("{value} in regex %patterns{nocase}"),
        }
    }

    fn number_test(&mut self, value: &str, kind: Kind) -> String {
        let op = self.random.word(&["=", "!=", "<", "<=", ">", ">="]);
        let literal = literal(self.random, kind);
        let calculable = kind != Kind::Size && !value.starts_with("any") && !value.starts_with("all");
        match self.random.below(10) {
            0 if calculable => format!("{value} + 1 {op} {literal}"),
            1 if calculable => format!("{value} / 2 {op} {literal}"),
            2 if calculable && kind == Kind::Number => format!("{value} % 2 {op} 1"),
            3 => format!("{value} {op} \"{}\"", self.random.pick(&["443", "x", "2", ""])),
            4 => format!("{literal} {op} {value}"),
            5 if calculable => format!("if({value} {op} {literal}, 2, 1) = 1"),
            _ => format!("{value} {op} {literal}"),
        }
    }

    /// The values of several fields of a kind.
    fn grouped(&mut self, variable: &str, kind: Kind) -> String {
        let is_whole = |path: &str| !path.contains('[') && !path.contains("event_timestamp");
        let alike = FIELDS.into_iter().filter(|field| field.1 == kind && is_whole(field.0));
        let all: Vec<Field> = alike.collect();
        let count = 2 + self.random.below(2);
        let fields: Vec<String> =
            (0..count).map(|_| format!("${variable}.{}", self.random.pick(&all).0)).collect();
        format!("group({})", fields.join(", "))
    }

    /// A placeholder bound to a field or to a function of it.
    pub fn bind(&mut self, variable: &str) {
        let name = format!("$p{}", self.placeholders.len());
        if self.random.chance(10) {
            let kind = *self.random.pick(&[Kind::Host, Kind::Host, Kind::Address, Kind::Number, Kind::Label]);
            let value = self.grouped(variable, kind);
            self.draft.events.push(format!("{name} = {value}"));
            return self.placeholders.push((name, kind, Shape::Many));
        }
        let (path, kind, shape) = self.field();
        let field = format!("${variable}.{path}");
        let (value, kind) = match self.random.below(8) {
            0 if is_text(kind) => (format!("strings.to_lower({field})"), kind),
            1 if is_text(kind) => (format!("strings.concat({field}, \"-\", ${variable}.target.port)"), kind),
            2 if is_text(kind) => (format!("re.capture({field}, `([a-z]+)`)"), kind),
            3 if kind == Kind::Number => (format!("{field} + 1"), kind),
            _ => (field, kind),
        };
        let sides = if self.random.chance(50) { (&name, &value) } else { (&value, &name) };
        self.draft.events.push(format!("{} = {}", sides.0, sides.1));
        self.placeholders.push((name, kind, shape));
    }

    /// `N` of the placeholders become match variables.
    pub fn keys(&mut self, count: usize) {
        for _ in 0..count {
            let name = self.random.pick(&self.placeholders).0.clone();
            if !self.draft.keys.contains(&name) {
                self.draft.keys.push(name);
            }
        }
    }

    pub fn hop(&mut self) {
        self.draft.window = format!("over {}", self.random.pick(&["1m", "2m", "5m", "10m", "1h"]));
    }

    /// Something to aggregate, of a kind: a field, a placeholder, a choice, a calculation.
    fn inner(&mut self, variable: &str) -> (String, Kind) {
        if !self.placeholders.is_empty() && self.random.chance(35) {
            let (name, kind, _) = self.random.pick(&self.placeholders).clone();
            return (name, kind);
        }
        let (path, kind, _) = self.field();
        let field = format!("${variable}.{path}");
        match self.random.below(8) {
            0 => (format!("if({}, 10, 2)", self.test(variable)), Kind::Number),
            1 => (format!("if({}, 1.5)", self.test(variable)), Kind::Score),
            2 => (format!("if({}, \"yes\", \"no\")", self.test(variable)), Kind::Host),
            3 if kind == Kind::Number => (format!("{field} * 3 - 1"), Kind::Number),
            4 if is_text(kind) => (format!("strings.concat({field}, \"!\")"), Kind::Host),
            5 if kind == Kind::Number => (format!("arrays.length(${variable}.about.ip)"), Kind::Number),
            _ => (field, kind),
        }
    }

    /// A whole number of an event.
    fn number(&mut self, variable: &str) -> String {
        let (path, ..) = self.alike(Kind::Number);
        format!("${variable}.{path} - 1")
    }

    fn aggregate(&mut self, variable: &str) -> String {
        let (inner, kind) = self.inner(variable);
        let numeric = ["max", "min", "sum", "avg", "stddev", "count", "count_distinct", "array"];
        let any = ["count", "count_distinct", "array", "array_distinct", "array_distinct"];
        let name = match kind {
            Kind::Moment => self.random.word(&["earliest", "latest", "count_distinct"]),
            kind if is_number(kind) => self.random.word(&numeric),
            _ => self.random.word(&any),
        };
        format!("{name}({inner})")
    }

    /// An outcome, over aggregates and earlier outcomes.
    pub fn outcome(&mut self, variable: &str) {
        let name = format!("$o{}", self.draft.outcomes.len());
        let number = self.number_outcome();
        let windowed = !self.draft.keys.is_empty();
        let value = match (self.random.below(12), number) {
            (0, Some(number)) if self.random.chance(80) => format!("if({number} > 1, {number} + 10, 0)"),
            (1, Some(number)) => format!("{number} * 2 + count({})", self.inner(variable).0),
            (2, Some(number)) => format!("max(if({}, 5)) - {number} / 4", self.test(variable)),
            (3, _) if windowed => self.random.word(&["window_start", "window_end"]),
            (4, _) if windowed && self.draft.form == Form::Search => {
                self.random.pick(&self.draft.keys).clone()
            }
            (4, _) if windowed => format!("array_distinct({})", self.random.pick(&self.draft.keys)),
            (5, _) => literal(self.random, Kind::Number),
            (6, _) if windowed => {
                format!("if(window_start > {}, \"late\", \"early\")", literal(self.random, Kind::Moment))
            }
            (7, _) => format!("math.abs(2 - max({}))", self.number(variable)),
            _ => self.aggregate(variable),
        };
        self.draft.outcomes.push(format!("{name} = {value}"));
    }

    /// An earlier outcome that is a whole number for certain.
    fn number_outcome(&mut self) -> Option<String> {
        let counts = self.draft.outcomes.iter().filter(|line| line.contains("= count"));
        let names: Vec<String> =
            counts.filter_map(|line| line.split(" =").next().map(str::to_owned)).collect();
        (!names.is_empty()).then(|| self.random.pick(&names).clone())
    }

    /// What a condition may say besides naming its events.
    pub fn condition_parts(&mut self) {
        let free: Vec<String> = self.placeholders.iter().map(|one| one.0.clone()).collect();
        let free: Vec<String> = free.into_iter().filter(|name| !self.draft.keys.contains(name)).collect();
        if !free.is_empty() && self.random.chance(30) {
            let name = self.random.pick(&free).trim_start_matches('$').to_owned();
            let part = self.random.word(&["#{} > 1", "#{} >= 2", "#{} = 1", "#{} < 3", "2 <= #{}", "${}"]);
            self.draft.condition.push(part.replace("{}", &name));
        }
        if let (Some(number), true) = (self.number_outcome(), self.random.chance(40)) {
            let part =
                self.random.word(&["{} > 1", "{} != 2", "({} = 1 or {} >= 3)", "not {} > 2", "3 > {}"]);
            self.draft.condition.push(part.replace("{}", &number));
        }
        self.array_part();
    }

    fn array_part(&mut self) {
        let arrays =
            self.draft.outcomes.iter().filter(|line| line.contains("= array") && line.contains("host"));
        let names: Vec<String> =
            arrays.filter_map(|line| line.split(" =").next().map(str::to_owned)).collect();
        if !names.is_empty() && self.random.chance(30) {
            let name = self.random.pick(&names);
            self.draft.condition.push(format!("arrays.contains({name}, \"h1\")"));
        }
    }
}
