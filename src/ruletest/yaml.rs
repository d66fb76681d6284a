//! From YAML text to a tree in which every value knows its place and keeps the letters it was written with.

use std::collections::hash_map::Entry;

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span as Found, Tag};
use rustc_hash::FxHashMap;

use crate::diag::{Diagnostic, Label, codes};
use crate::text::{Source, Span};

/// The most values of one file, those repeated by aliases counted each time.
const MAX_NODES: usize = 1_000_000;

/// How deep lists and mappings may be nested.
const MAX_DEPTH: usize = 100;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Where.
    pub span: Span,
}

/// The kinds of value.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Keys and values, in source order; no key stands twice.
    Map(Vec<(Node, Node)>),
    /// `[a, b]`
    List(Vec<Node>),
    /// Without quotes: a number, `true`, `null` or a text, by its letters.
    Plain(String),
    /// In quotes, or a block: always a text.
    Quoted(String),
}

impl Node {
    /// Its text, where it is a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Plain(text) | Kind::Quoted(text) => Some(text),
            Kind::Map(_) | Kind::List(_) => None,
        }
    }

    /// Is it written as nothing, as in `key:` or `null`?
    pub fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Plain(text) if ["", "~", "null", "Null", "NULL"].contains(&text.as_str()))
    }

    /// As JSON. A number keeps its letters where JSON has such numbers, and is a text otherwise, as `007` is.
    pub fn json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match &self.kind {
            Kind::Map(entries) => {
                let key = |key: &Node| key.text().unwrap_or_default().to_owned();
                Json::Object(entries.iter().map(|(name, value)| (key(name), value.json())).collect())
            }
            Kind::List(items) => Json::Array(items.iter().map(Node::json).collect()),
            Kind::Quoted(text) => Json::String(text.clone()),
            Kind::Plain(text) => plain(text),
        }
    }

    fn size(&self) -> usize {
        match &self.kind {
            Kind::Map(entries) => {
                1 + entries.iter().map(|(key, value)| key.size() + value.size()).sum::<usize>()
            }
            Kind::List(items) => 1 + items.iter().map(Node::size).sum::<usize>(),
            Kind::Plain(_) | Kind::Quoted(_) => 1,
        }
    }
}

fn plain(text: &str) -> serde_json::Value {
    use serde_json::Value as Json;
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Json::Null,
        "true" | "True" | "TRUE" => Json::Bool(true),
        "false" | "False" | "FALSE" => Json::Bool(false),
        _ => number(text).unwrap_or_else(|| Json::String(text.to_owned())),
    }
}

/// A number whose letters come back when it is written again; others stay texts, so that nothing of them is lost.
fn number(text: &str) -> Option<serde_json::Value> {
    let value: serde_json::Value = serde_json::from_str(text).ok().filter(serde_json::Value::is_number)?;
    let written = value.to_string();
    (written == text).then_some(value)
}

/// Reads a file that holds one document; an empty one gives nothing.
///
/// # Errors
/// Where it is no YAML, or has more in it than a test file may.
pub fn read(source: &Source) -> Result<Option<Node>, Box<Diagnostic>> {
    let mut options = Options::default();
    (options.flow_nesting_limit, options.block_nesting_limit) = (MAX_DEPTH, MAX_DEPTH);
    let (open, anchors) = (Vec::new(), FxHashMap::default());
    let mut builder = Builder { open, anchors, nodes: 0, root: None };
    for item in Parser::new_from_str_with_options(&source.text, options) {
        let (event, at) = item.map_err(|error| scan_error(source, &error))?;
        builder.event(event, span(source, &at))?;
    }
    Ok(builder.root)
}

fn span(source: &Source, at: &Found) -> Span {
    let range = at.byte_range().unwrap_or_default();
    // The span of a collection is the bracket or the first key that opens it; an end of line is nothing to underline.
    let text = source.text.get(range.clone()).unwrap_or_default();
    Span::new(source.id, range.start..range.start + text.trim_end().len())
}

fn scan_error(source: &Source, error: &ScanError) -> Box<Diagnostic> {
    let at = error.marker().byte_offset().unwrap_or_default().min(source.text.len());
    let message = format!("the file is no YAML: {}", error.info());
    refuse(Span::new(source.id, at..at), message)
}

struct Builder {
    /// Collections not yet closed.
    open: Vec<Draft>,
    anchors: FxHashMap<usize, Node>,
    nodes: usize,
    root: Option<Node>,
}

/// A collection whose end is still to come.
struct Draft {
    inside: Inside,
    span: Span,
    /// By which it can be repeated; 0 is none.
    anchor: usize,
}

enum Inside {
    Map(Entries),
    List(Vec<Node>),
}

#[derive(Default)]
struct Entries {
    done: Vec<(Node, Node)>,
    /// Where each key was written.
    known: FxHashMap<String, Span>,
    /// What `<<` brought; keys that are written win.
    merged: Vec<(Node, Node)>,
    key: Option<Node>,
}

impl Builder {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Box<Diagnostic>> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let quoted = style != ScalarStyle::Plain || is_text(tag.as_deref(), span)?;
                let text = text.into_owned();
                let kind = if quoted { Kind::Quoted(text) } else { Kind::Plain(text) };
                self.add(Node { kind, span }, anchor)
            }
            Event::MappingStart(_, anchor, _) => self.open(Inside::Map(Entries::default()), span, anchor),
            Event::SequenceStart(_, anchor, _) => self.open(Inside::List(Vec::new()), span, anchor),
            Event::MappingEnd | Event::SequenceEnd => self.close(),
            Event::Alias(anchor) => self.repeat(anchor, span),
            Event::DocumentStart(..) if self.root.is_some() => {
                Err(refuse(span, "a test file is one document; write its tests under one `tests`"))
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, inside: Inside, span: Span, anchor: usize) -> Result<(), Box<Diagnostic>> {
        if self.open.len() >= MAX_DEPTH {
            return Err(refuse(span, format!("nested more than {MAX_DEPTH} deep")));
        }
        self.open.push(Draft { inside, span, anchor });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Box<Diagnostic>> {
        let Some(Draft { inside, span, anchor }) = self.open.pop() else { return Ok(()) };
        let kind = match inside {
            Inside::Map(entries) => Kind::Map(entries.close()),
            Inside::List(items) => Kind::List(items),
        };
        self.add(Node { kind, span }, anchor)
    }

    fn repeat(&mut self, anchor: usize, span: Span) -> Result<(), Box<Diagnostic>> {
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(refuse(span, "the value repeated here is still being written"));
        };
        // Counted before it is copied: names of lists of names of lists grow beyond any memory.
        self.nodes += node.size();
        self.limit(span)?;
        let copy = Node { span, ..node.clone() };
        self.add(copy, 0)
    }

    fn limit(&self, span: Span) -> Result<(), Box<Diagnostic>> {
        if self.nodes <= MAX_NODES {
            return Ok(());
        }
        Err(refuse(span, format!("the file has more than {MAX_NODES} values")))
    }

    fn add(&mut self, node: Node, anchor: usize) -> Result<(), Box<Diagnostic>> {
        self.nodes += 1;
        self.limit(node.span)?;
        if anchor != 0 {
            self.nodes += node.size();
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|draft| &mut draft.inside) {
            None => self.root = Some(node),
            Some(Inside::List(items)) => items.push(node),
            Some(Inside::Map(entries)) => entries.add(node)?,
        }
        Ok(())
    }
}

impl Entries {
    /// Takes a key, or the value of the one before.
    fn add(&mut self, node: Node) -> Result<(), Box<Diagnostic>> {
        let Some(key) = self.key.take() else {
            self.key = Some(node);
            return Ok(());
        };
        let Some(name) = key.text() else {
            return Err(refuse(key.span, "a key is a word, not a list or a mapping"));
        };
        if key.kind == Kind::Plain("<<".to_owned()) {
            return self.merge(node);
        }
        if let Some(first) = self.known.insert(name.to_owned(), key.span) {
            let mut twice = refuse(key.span, format!("the key `{name}` stands twice"));
            twice.also.push(Label { span: first, text: "first here".to_owned() });
            return Err(twice);
        }
        self.done.push((key, node));
        Ok(())
    }

    fn merge(&mut self, node: Node) -> Result<(), Box<Diagnostic>> {
        let Kind::Map(other) = node.kind else { return Err(refuse(node.span, "`<<` takes a mapping")) };
        self.merged.extend(other);
        Ok(())
    }

    fn close(mut self) -> Vec<(Node, Node)> {
        for (key, value) in self.merged {
            let name = key.text().unwrap_or_default().to_owned();
            if let Entry::Vacant(free) = self.known.entry(name) {
                free.insert(key.span);
                self.done.push((key, value));
            }
        }
        self.done
    }
}

fn refuse(span: Span, message: impl Into<String>) -> Box<Diagnostic> {
    Box::new(Diagnostic::new(&codes::NOT_YAML, span, message))
}

/// Does the tag say that the value is a text, as `!!str 5` does?
fn is_text(tag: Option<&Tag>, span: Span) -> Result<bool, Box<Diagnostic>> {
    match tag.map(|tag| (tag.is_yaml_core_schema_tag("str"), tag)) {
        None => Ok(false),
        Some((true, _)) => Ok(true),
        Some((false, tag)) => Err(refuse(span, format!("the tag `{}` is not read", tag.original()))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::text::Sources;

    fn parsed(text: &str) -> Result<Option<Node>, String> {
        let mut sources = Sources::default();
        let id = sources.add("a.test.yaml", text);
        read(sources.get(id).unwrap()).map_err(|error| error.message)
    }

    #[test]
    fn letters_of_numbers_are_kept() {
        let text = "[5020, 1.0, 007, 1e5, 0x10, true, yes, null, '5', 2024-05-01T10:00:00Z]";
        let expected =
            json!([5020, 1.0, "007", "1e5", "0x10", true, "yes", null, "5", "2024-05-01T10:00:00Z"]);
        assert_eq!(parsed(text).unwrap().unwrap().json(), expected);
    }

    #[test]
    fn aliases_and_merged_mappings_repeat_values() {
        let node = parsed("a: &a {x: 1, y: 2}\nb: *a\nc: {<<: *a, y: 3}").unwrap().unwrap();
        assert_eq!(node.json(), json!({"a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 2}, "c": {"y": 3, "x": 1}}));
    }

    #[test]
    fn values_multiplied_by_aliases_are_refused() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let list = vec![format!("*a{}", level - 1); 10].join(", ");
            text += &format!("a{level}: &a{level} [{list}]\n");
        }
        assert!(parsed(&text).unwrap_err().contains("more than 1000000 values"));
    }

    #[test]
    fn what_is_nested_without_end_is_refused() {
        assert!(parsed(&"[".repeat(100_000)).is_err());
        assert!(parsed(&"- ".repeat(100_000)).is_err());
    }

    #[test]
    fn a_key_twice_and_a_second_document_are_errors() {
        assert_eq!(parsed("a: 1\na: 2").unwrap_err(), "the key `a` stands twice");
        assert!(parsed("a: 1\n---\nb: 2").unwrap_err().contains("one document"));
        assert!(parsed("a: [1").unwrap_err().starts_with("the file is no YAML"));
        assert_eq!(parsed("# nothing\n").unwrap(), None);
    }
}
