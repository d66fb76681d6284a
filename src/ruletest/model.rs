//! A test file as data: the rule it belongs to, and for each test its events and what they must lead to.

use std::path::PathBuf;

use super::survivors::Survivor;
use super::yaml::Node;
use crate::text::Span;
use crate::value::Timestamp;

/// A test file.
#[derive(Debug)]
pub struct TestFile {
    /// The rule it names; nothing for all rules of the file of the same name.
    pub rule: Option<RuleRef>,
    /// In source order.
    pub tests: Vec<Test>,
    /// Changes of its rules that no test can notice.
    pub survivors: Vec<Survivor>,
}

/// `file.yaral#name`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRef {
    /// The rule file, from the folder of the test file; empty for the one of the same name.
    pub file: String,
    /// One rule of it.
    pub name: Option<String>,
    /// Where it is written.
    pub span: Span,
}

/// One test.
#[derive(Debug)]
pub struct Test {
    /// A sentence.
    pub name: String,
    /// Where its name stands.
    pub span: Span,
    /// What the rules are run over.
    pub events: Vec<EventSource>,
    /// The latest time among the events written in the test.
    pub last: Option<Timestamp>,
    /// What rules see as the present, where the test says.
    pub now: Option<Timestamp>,
    /// Reference lists by name, and their values.
    pub lists: Vec<(String, Vec<String>)>,
    /// Data tables by name.
    pub tables: Vec<(String, TableSource)>,
    /// Records of the entity graph.
    pub entities: Vec<EventSource>,
    /// What must be found.
    pub expect: Expect,
    /// Is it known to fail?
    pub todo: Todo,
}

/// Is a test known to fail?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Todo {
    /// It must pass.
    No,
    /// `todo: true`
    Yes,
}

/// One item of `events`.
#[derive(Debug, Clone, PartialEq)]
pub enum EventSource {
    /// An event, as a line of JSON.
    Json(String),
    /// A Windows event as XML.
    Xml(String),
    /// A file.
    File {
        /// As written.
        name: String,
        /// From where the program stands.
        path: PathBuf,
    },
}

/// A data table of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableSource {
    /// Written in the test, in the form of a table's file.
    Csv(Vec<u8>),
    /// A file.
    File {
        /// As written.
        name: String,
        /// From where the program stands.
        path: PathBuf,
    },
}

/// What must be found.
#[derive(Debug, Clone)]
pub struct Expect {
    /// How many detections.
    pub count: usize,
    /// May there be more?
    pub more: More,
    /// What is known of them; each holds for another detection.
    pub entries: Vec<Entry>,
}

/// May there be more detections than expected?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum More {
    /// No.
    Refused,
    /// `at_least: true`
    Allowed,
}

/// What must hold of a detection; what is not named need not.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Where it is written.
    pub span: Span,
    /// The name of its rule.
    pub rule: Option<String>,
    /// Match variables and their values.
    pub matches: Vec<(Node, Node)>,
    /// Outcomes and their values.
    pub outcomes: Vec<(Node, Node)>,
    /// Event variables and how many distinct events stand behind each.
    pub events: Vec<(Node, usize)>,
    /// Where the window starts.
    pub start: Option<Timestamp>,
    /// Where it ends.
    pub end: Option<Timestamp>,
    /// How lists are compared.
    pub order: Order,
}

/// How lists are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As sets.
    Ignored,
    /// `ordered: true`
    Kept,
}
