//! Why, and why not: for chosen events the rule as written, judged completely, and for groups why they were reported or
//! not. Slow and plain beside a run, which it never contradicts: the verdict is that of the run itself.

mod alone;
mod condition;
mod coverage;
mod expression;
mod gaps;
mod groups;
mod name;
mod orphans;
mod reason;
mod sink;
mod subject;
mod tree;
mod windows;

pub use coverage::{Mark, Marks};
pub use sink::{Choice, trace};

use super::detection::{Detection, Place};
use super::options::Reading;
use crate::text::Span;
use crate::value::{Timestamp, Value, Window};

/// What was asked, answered for every rule.
#[derive(Debug, Default)]
pub struct Trace {
    /// In the order of the plans.
    pub rules: Vec<RuleTrace>,
    /// What was read.
    pub reading: Reading,
    /// How many events were chosen.
    pub chosen: u64,
}

/// How a rule judges the chosen events.
#[derive(Debug, Default)]
pub struct RuleTrace {
    /// What a run over the chosen events reports.
    pub detections: Vec<Detection>,
    /// Each chosen event, once for each variable it may stand for.
    pub events: Vec<EventTrace>,
    /// Why groups were reported or not.
    pub groups: Vec<GroupTrace>,
    /// What was seen of each part of the rule.
    pub marks: Marks,
    /// Why the rule could not go on.
    pub stopped: Option<String>,
}

/// An event in the part of one variable.
#[derive(Debug, Clone)]
pub struct EventTrace {
    /// Where it stands.
    pub place: Place,
    /// When it happened.
    pub at: Option<Timestamp>,
    /// The variable, without `$`.
    pub variable: String,
    /// Does it satisfy all that the rule asks of it alone?
    pub verdict: bool,
    /// The statements that speak of the variable.
    pub tree: Node,
}

/// A part of the rule, judged.
#[derive(Debug, Clone)]
pub struct Node {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub op: Op,
    /// Does it hold?
    pub truth: Truth,
    /// Its parts.
    pub children: Vec<Node>,
    /// Why a test does not hold.
    pub reason: Option<Reason>,
    /// The field of a test and the value met, whether it holds or not.
    pub met: Option<(String, String)>,
}

/// The kinds of node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// All of its parts.
    And,
    /// One of them.
    Or,
    /// So many of them.
    AtLeast(usize),
    /// Its part must not hold.
    Not,
    /// A test.
    Test,
}

/// Does a part hold?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// It does.
    True,
    /// It does not.
    False,
    /// This event alone does not decide it.
    NotReached,
}

/// Why something does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// In a word.
    pub code: Code,
    /// The field, as in the rule but without its variable, or what the rule makes of fields; for groups also `#e`,
    /// `$outcome`.
    pub field: Option<String>,
    /// What the rule asks for.
    pub expected: Option<String>,
    /// What was met.
    pub actual: Option<String>,
}

impl Reason {
    /// Is the value met that of a field, rather than a number or a word of ours?
    pub fn is_of_field(&self) -> bool {
        let ours = ["suppression_window", "window_start", "window_end"];
        let is_ours = |field: &String| field.starts_with(['$', '#']) || ours.contains(&field.as_str());
        self.field.as_ref().is_some_and(|field| !is_ours(field))
    }
}

/// Why a test, an event or a group falls short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// The record does not have the field.
    FieldAbsent,
    /// It has another value.
    ValueDiffers,
    /// It has the value, in letters of another case.
    CaseDiffers,
    /// The pattern is nowhere in the value.
    PatternNotFound,
    /// The value is not in the list.
    NotInList,
    /// There is no such list.
    ListMissing,
    /// What the record has there is no value of that type.
    WrongType,
    /// The list has no such index or key.
    NoSuchElement,
    /// A match variable has no value.
    ZeroValueFiltered,
    /// No event stands for the variable.
    VariableUnbound,
    /// The value by which it would be joined is empty.
    JoinKeyEmpty,
    /// Nothing has the same value.
    JoinKeyUnmatched,
    /// What has the same value lies too far away.
    OutsideWindow,
    /// The events lie less than a window apart, but no window holds them all.
    NoSharedWindow,
    /// Too few.
    CountShort,
    /// An outcome does not reach what the condition asks.
    OutcomeShort,
    /// Something is there that must not be.
    AbsentExpected,
    /// The windows that were reported hold these events already.
    CoveredByOther,
    /// An earlier detection of the same key suppresses it.
    Suppressed,
    /// Other events take part in it.
    NotReached,
}

impl Code {
    /// As written in reports.
    pub fn word(self) -> &'static str {
        match self {
            Code::FieldAbsent => "field_absent",
            Code::ValueDiffers => "value_differs",
            Code::CaseDiffers => "case_differs",
            Code::PatternNotFound => "pattern_not_found",
            Code::NotInList => "not_in_list",
            Code::ListMissing => "list_missing",
            Code::WrongType => "wrong_type",
            Code::NoSuchElement => "no_such_element",
            Code::ZeroValueFiltered => "zero_value_filtered",
            Code::VariableUnbound => "variable_unbound",
            Code::JoinKeyEmpty => "join_key_empty",
            Code::JoinKeyUnmatched => "join_key_unmatched",
            Code::OutsideWindow => "outside_window",
            Code::NoSharedWindow => "no_shared_window",
            Code::CountShort => "count_short",
            Code::OutcomeShort => "outcome_short",
            Code::AbsentExpected => "absent_expected",
            Code::CoveredByOther => "covered_by_other",
            Code::Suppressed => "suppressed",
            Code::NotReached => "not_reached",
        }
    }
}

/// Events with the same match values, in one window or out of reach of each other.
#[derive(Debug, Clone)]
pub struct GroupTrace {
    /// The match variables known.
    pub matches: Vec<(String, Value<'static>)>,
    /// The window; nothing where no window came about.
    pub window: Option<Window>,
    /// Is it among the detections?
    pub reported: Reported,
    /// How many distinct events stand for each variable.
    pub counts: Vec<(String, usize)>,
    /// Why it is not.
    pub reasons: Vec<Reason>,
}

/// Is a group among the detections?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reported {
    /// It is.
    Yes,
    /// It is not.
    No,
}
