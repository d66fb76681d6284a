//! From the tree of a test file to its tests. All mistakes are reported, not the first alone.

use std::path::Path;

use super::fields::{Fields, bad, wrong};
use super::model::{Entry, EventSource, Expect, More, Order, RuleRef, Test, TestFile, Todo};
use super::yaml::{self, Kind, Node};
use super::{events, survivors, tables, times};
use crate::diag::Diagnostic;
use crate::text::Source;
use crate::value::Timestamp;

const FILE: [&str; 3] = ["rule", "tests", "survivors"];
const TEST: [&str; 11] =
    ["name", "events", "expect", "at_least", "ordered", "base", "now", "lists", "tables", "entities", "todo"];
const ENTRY: [&str; 6] = ["rule", "match", "outcomes", "events", "time_window", "ordered"];
const WINDOW: [&str; 4] = ["startTime", "endTime", "start_time", "end_time"];

/// Reads a test file. Paths in it are taken from `folder`.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read(source: &Source, folder: &Path) -> Result<TestFile, Vec<Diagnostic>> {
    let root = match yaml::read(source) {
        Ok(Some(root)) => root,
        Ok(None) => {
            return Err(vec![bad(source.span().start_point(), "the file is empty").help("write `tests:`")]);
        }
        Err(error) => return Err(vec![*error]),
    };
    let mut reader = Reader { folder, base: times::BASE, found: Vec::new() };
    let file = reader.file(&root);
    if reader.found.is_empty() { Ok(file) } else { Err(reader.found) }
}

struct Reader<'f> {
    folder: &'f Path,
    /// What `t` is in the test that is read.
    base: Timestamp,
    found: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn file(&mut self, root: &Node) -> TestFile {
        let fields = Fields::of(root, "a test file", &FILE, &mut self.found);
        let rule = fields.get("rule").and_then(|node| self.rule(node));
        let tests = fields.must("tests", &mut self.found).map_or(&[][..], |node| match &node.kind {
            Kind::List(items) => items,
            Kind::Map(_) | Kind::Plain(_) | Kind::Quoted(_) => {
                self.found.push(wrong(node, "a list of tests"));
                &[]
            }
        });
        let tests = tests.iter().map(|test| self.test(test)).collect();
        let survivors = fields.get("survivors");
        let survivors = survivors.map(|all| survivors::read(all, &mut self.found)).unwrap_or_default();
        TestFile { rule, tests, survivors }
    }

    fn rule(&mut self, node: &Node) -> Option<RuleRef> {
        let text = self.text(node, "a rule file, as `a.yaral` or `a.yaral#name`")?;
        let (file, name) = match text.rsplit_once('#') {
            Some((file, name)) => (file, Some(name.to_owned())),
            None => (text.as_str(), None),
        };
        Some(RuleRef { file: file.to_owned(), name, span: node.span })
    }

    fn text(&mut self, node: &Node, wanted: &str) -> Option<String> {
        let text = node.text().filter(|text| !text.is_empty());
        if text.is_none() {
            self.found.push(wrong(node, wanted));
        }
        text.map(ToOwned::to_owned)
    }

    fn time(&mut self, node: Option<&Node>) -> Option<Timestamp> {
        let node = node?;
        let time = node.text().and_then(|text| times::time(text, self.base));
        if time.is_none() {
            self.found.push(times::no_time(node));
        }
        time
    }

    fn test(&mut self, node: &Node) -> Test {
        let fields = Fields::of(node, "a test", &TEST, &mut self.found);
        self.base = times::BASE;
        self.base = self.time(fields.get("base")).unwrap_or(times::BASE);
        let name = fields.must("name", &mut self.found);
        let span = name.map_or(node.span, |name| name.span);
        let name = name.and_then(|name| self.text(name, "a name"));
        let (events, last) = self.events(&fields);
        Test {
            name: name.unwrap_or_default(),
            span,
            events,
            last,
            now: self.time(fields.get("now")),
            lists: fields.get("lists").map(|lists| self.lists(lists)).unwrap_or_default(),
            tables: fields
                .get("tables")
                .map(|all| tables::read(all, self.folder, &mut self.found))
                .unwrap_or_default(),
            entities: self.entities(&fields),
            expect: self.expect(&fields),
            todo: if fields.truth("todo", &mut self.found) { Todo::Yes } else { Todo::No },
        }
    }

    fn events(&mut self, fields: &Fields<'_>) -> (Vec<EventSource>, Option<Timestamp>) {
        let node = fields.must("events", &mut self.found);
        let items = node.map_or(&[][..], |node| self.one_or_more(node, "an event"));
        let mut last = None;
        let mut all = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let (event, at) = self.event(item, index);
            all.push(event);
            last = last.max(at);
        }
        (all, last)
    }

    fn one_or_more<'n>(&mut self, node: &'n Node, what: &str) -> &'n [Node] {
        match &node.kind {
            Kind::List(items) => items,
            Kind::Map(_) | Kind::Plain(_) | Kind::Quoted(_) if !node.is_null() => std::slice::from_ref(node),
            Kind::Map(_) | Kind::Plain(_) | Kind::Quoted(_) => {
                self.found
                    .push(wrong(node, &format!("{what}, a path or a list of them; write `[]` for none")));
                &[]
            }
        }
    }

    fn entities(&mut self, fields: &Fields<'_>) -> Vec<EventSource> {
        let items = fields.get("entities").map_or(&[][..], |node| self.one_or_more(node, "an entity"));
        let entity = |item: &Node| match &item.kind {
            Kind::Map(_) => events::entity(item, self.base, &mut self.found),
            Kind::Plain(_) | Kind::Quoted(_) | Kind::List(_) => {
                let name = self.text(item, "an entity or the path of a file of entities").unwrap_or_default();
                EventSource::File { path: self.folder.join(&name), name }
            }
        };
        items.iter().map(entity).collect()
    }

    fn event(&mut self, node: &Node, index: usize) -> (EventSource, Option<Timestamp>) {
        match &node.kind {
            Kind::Map(_) => events::inline(node, (self.base, index), &mut self.found),
            Kind::Plain(text) | Kind::Quoted(text) if text.trim_start().starts_with('<') => {
                (EventSource::Xml(text.clone()), None)
            }
            Kind::Plain(_) | Kind::Quoted(_) | Kind::List(_) => {
                let name = self.text(node, "an event or the path of an event file").unwrap_or_default();
                (EventSource::File { path: self.folder.join(&name), name }, None)
            }
        }
    }

    fn lists(&mut self, node: &Node) -> Vec<(String, Vec<String>)> {
        let Kind::Map(entries) = &node.kind else {
            self.found.push(wrong(node, "a mapping from the names of lists to their values"));
            return Vec::new();
        };
        let mut all = Vec::with_capacity(entries.len());
        for (name, values) in entries {
            let name = name.text().unwrap_or_default().trim_start_matches('%').to_owned();
            let Kind::List(values) = &values.kind else {
                self.found.push(wrong(values, &format!("a list, the values of `%{name}`")));
                continue;
            };
            all.push((name, values.iter().filter_map(|value| self.line(value)).collect()));
        }
        all
    }

    /// A value of a list.
    fn line(&mut self, node: &Node) -> Option<String> {
        let text = self.text(node, "a value of a list")?;
        if text.contains(['\n', '\r']) {
            self.found.push(bad(node.span, "a value of a list is one line"));
            return None;
        }
        Some(text)
    }

    fn expect(&mut self, fields: &Fields<'_>) -> Expect {
        let more = if fields.truth("at_least", &mut self.found) { More::Allowed } else { More::Refused };
        let order = order(fields, &mut self.found);
        let nothing = Expect { count: 0, more, entries: Vec::new() };
        let Some(node) = fields.must("expect", &mut self.found) else { return nothing };
        match &node.kind {
            Kind::List(items) => {
                let entries: Vec<Entry> = items.iter().map(|item| self.entry(item, order)).collect();
                Expect { count: entries.len(), more, entries }
            }
            Kind::Plain(word) if word == "none" => nothing,
            Kind::Plain(word) if word.parse::<usize>().is_ok() => {
                Expect { count: word.parse().unwrap_or_default(), ..nothing }
            }
            Kind::Plain(_) | Kind::Quoted(_) | Kind::Map(_) => {
                self.found.push(wrong(node, "a number of detections, `none` or a list of detections"));
                nothing
            }
        }
    }

    fn entry(&mut self, node: &Node, order_of_test: Order) -> Entry {
        let fields = Fields::of(node, "a detection", &ENTRY, &mut self.found);
        let rule = fields.get("rule").and_then(|rule| self.text(rule, "the name of a rule"));
        let (start, end) = self.window(fields.get("time_window"));
        let order = match order(&fields, &mut self.found) {
            Order::Ignored if fields.get("ordered").is_none() => order_of_test,
            own @ (Order::Ignored | Order::Kept) => own,
        };
        let (matches, outcomes) = (self.values(fields.get("match")), self.values(fields.get("outcomes")));
        let events = self.counts(fields.get("events"));
        Entry { span: node.span, rule, matches, outcomes, events, start, end, order }
    }

    fn window(&mut self, node: Option<&Node>) -> (Option<Timestamp>, Option<Timestamp>) {
        let Some(node) = node else { return (None, None) };
        let fields = Fields::of(node, "a time window", &WINDOW, &mut self.found);
        let start = fields.get("startTime").or_else(|| fields.get("start_time"));
        let end = fields.get("endTime").or_else(|| fields.get("end_time"));
        (self.time(start), self.time(end))
    }

    /// Variables and their values.
    fn values(&mut self, node: Option<&Node>) -> Vec<(Node, Node)> {
        match node.map(|node| (&node.kind, node)) {
            None => Vec::new(),
            Some((Kind::Map(entries), _)) => {
                let nested = |value: &Node| match &value.kind {
                    Kind::Map(_) => true,
                    Kind::List(items) => items.iter().any(|item| item.text().is_none()),
                    Kind::Plain(_) | Kind::Quoted(_) => false,
                };
                let wrongs = entries.iter().filter(|(_, value)| nested(value));
                self.found.extend(wrongs.map(|(_, value)| wrong(value, "a value or a list of values")));
                entries.clone()
            }
            Some((_, node)) => {
                self.found.push(wrong(node, "a mapping from variables to values"));
                Vec::new()
            }
        }
    }

    fn counts(&mut self, node: Option<&Node>) -> Vec<(Node, usize)> {
        let mut counts = Vec::new();
        for (name, value) in self.values(node) {
            match value.text().and_then(|text| text.parse().ok()) {
                Some(count) => counts.push((name, count)),
                None => self.found.push(wrong(&value, "a number of events")),
            }
        }
        counts
    }
}

fn order(fields: &Fields<'_>, found: &mut Vec<Diagnostic>) -> Order {
    if fields.truth("ordered", found) { Order::Kept } else { Order::Ignored }
}
