//! The plan of a rule: plain data, with ids in place of names, that a run obeys.

mod compile;
mod early;
mod info;
mod scalar;

pub use compile::{Needs, Refusal, compile};
pub use early::drop_early;
pub use info::{RuleInfo, RuleType};

use crate::aggregates::Aggregate;
use crate::functions::Function;
use crate::ingest::wanted::{ListId, SlotId};
use crate::lists::List;
use crate::regex::Pattern;
use crate::text::Span;
use crate::value::operators::{ArithOp, Case, CompareOp};
use crate::value::{Duration, EnumId, Value};

/// What a rule looks for.
#[derive(Debug)]
pub struct Plan {
    /// What reports show of the rule.
    pub info: RuleInfo,
    /// Its event variable.
    pub variable: String,
    /// Must hold once for the event: the conjuncts of `events` that look into no list.
    pub once: Vec<Site>,
    /// Must hold for a row: the other conjuncts.
    pub filter: Vec<Site>,
    /// Match variables, in source order.
    pub keys: Vec<Key>,
    /// How events are cut into windows; nothing without `match`.
    pub window: Option<WindowPlan>,
    /// Outcomes, in source order.
    pub outcomes: Vec<(String, Scalar)>,
    /// What is gathered over the rows of a group, counts of placeholders among them.
    pub gathers: Vec<Gather>,
    /// Must hold for a group.
    pub condition: Site,
    /// After a detection, further ones of its key are dropped for so long.
    pub suppression: Option<Duration>,
    /// The tests that predicates refer to.
    pub atoms: Vec<Atom>,
    /// The patterns that atoms and calls refer to.
    pub patterns: Vec<Pattern>,
    /// The reference lists that atoms refer to.
    pub reference: Vec<List>,
    /// Lists that rows are unnested by, in the order they are first mentioned, parents before children.
    pub unnest: Vec<ListId>,
}

/// A match variable.
#[derive(Debug)]
pub struct Key {
    /// Without `$`.
    pub name: String,
    /// Its value in a row.
    pub value: Scalar,
}

/// How events are cut into windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowPlan {
    /// The kind.
    pub shape: Shape,
    /// The length.
    pub length: Duration,
}

/// The kinds of window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Overlapping, ten to a length.
    Hop,
    /// Side by side.
    Tumbling,
    /// Ending at each event of the pivot.
    Before,
    /// Starting at each event of the pivot.
    After,
}

/// An aggregate over the rows of a group.
#[derive(Debug)]
pub struct Gather {
    /// Which.
    pub aggregate: &'static Aggregate,
    /// Of what.
    pub value: Scalar,
}

/// A predicate, as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// What must hold.
    pub predicate: Predicate,
    /// Where it stands.
    pub span: Span,
}

/// A tree of tests.
#[derive(Debug, Clone, PartialEq)]
pub enum Predicate {
    /// `and`
    All(Vec<Site>),
    /// `or`
    Any(Vec<Site>),
    /// `not`
    Not(Box<Site>),
    /// One test.
    Test(AtomId),
    /// At least so many.
    AtLeast(usize, Vec<Site>),
}

/// A test, by position in [`Plan::atoms`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtomId(pub usize);

/// One test of a row or of a group.
#[derive(Debug, Clone)]
pub enum Atom {
    /// Two values.
    Compare {
        /// How.
        op: CompareOp,
        /// Left side.
        left: Scalar,
        /// Right side.
        right: Scalar,
        /// Do letters of different case differ?
        case: Case,
        /// The enum whose numbers order the sides.
        order: Option<EnumId>,
    },
    /// A pattern, by position in [`Plan::patterns`].
    Matches(Scalar, usize),
    /// A reference list, by position in [`Plan::reference`].
    InList(Scalar, usize, Case),
    /// A value that is a truth value.
    Holds(Scalar),
    /// A match variable has a value.
    NotZero(Scalar),
    /// `any` of a list's elements; the test sees each as [`Scalar::Each`].
    AnyOf(SlotId, Box<Atom>),
    /// `all` of them.
    AllOf(SlotId, Box<Atom>),
}

/// A value in a row or of a group.
#[derive(Debug, Clone)]
pub enum Scalar {
    /// A literal.
    Const(Value<'static>),
    /// A field.
    Field(SlotId),
    /// The element under test of `any` and `all`.
    Each(SlotId),
    /// A whole repeated field as a list.
    Whole(SlotId),
    /// A function; its pattern by position in [`Plan::patterns`].
    Call(&'static Function, Vec<Scalar>, Option<usize>),
    /// Arithmetic.
    Arith(ArithOp, Box<Scalar>, Box<Scalar>),
    /// `if`
    If(Box<Site>, Box<Scalar>, Box<Scalar>),
    /// A predicate as a value.
    Truth(Box<Site>),
    /// An aggregate, by position in [`Plan::gathers`].
    Gathered(usize),
    /// An earlier outcome, by position in [`Plan::outcomes`].
    Outcome(usize),
    /// `#e`: the distinct events of the group.
    Events,
    /// The start of the window.
    WindowStart,
    /// The end of the window.
    WindowEnd,
}

impl Scalar {
    /// Calls `visit` on every part of a value, but not on the tests inside it.
    pub fn walk(&self, visit: &mut dyn FnMut(&Scalar)) {
        visit(self);
        match self {
            Scalar::Call(_, args, _) => args.iter().for_each(|arg| arg.walk(visit)),
            Scalar::Arith(_, left, right) => {
                left.walk(visit);
                right.walk(visit);
            }
            Scalar::If(_, then, other) => {
                then.walk(visit);
                other.walk(visit);
            }
            Scalar::Const(_)
            | Scalar::Field(_)
            | Scalar::Each(_)
            | Scalar::Whole(_)
            | Scalar::Truth(_)
            | Scalar::Gathered(_)
            | Scalar::Outcome(_)
            | Scalar::Events
            | Scalar::WindowStart
            | Scalar::WindowEnd => {}
        }
    }
}
