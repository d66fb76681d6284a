//! The plan of a rule: plain data, with ids in place of names, that a run obeys.

mod bind;
mod compile;
pub mod dispatch;
mod early;
mod factors;
pub mod facts;
mod group;
mod info;
mod lift;
mod needed;
mod needles;
mod predicate;
mod query;
mod scalar;
mod sections;
mod sources;
mod table;
pub mod texts;
mod walk;
pub mod written;

pub use compile::{Needs, Refusal, compile};
pub use early::drop_early;
pub use info::{RuleInfo, RuleType};
pub use needed::{Needed, fewest_rows};
pub use query::{DEFAULT_LIMIT, Folding, Query, RowsPlan, Select, Shown, Unit, compile_search};
pub use written::{Lacking, Written, compile_written};

use std::sync::Arc;

use crate::aggregates::Aggregate;
use crate::functions::Function;
use crate::ingest::wanted::{ListId, SlotId};
use crate::lists::List;
use crate::regex::Pattern;
use crate::schema::{Root, Step};
use crate::tables::{ColumnSet, Table};
use crate::text::Span;
use crate::value::operators::{ArithOp, Case, CompareOp};
use crate::value::{Duration, EnumId, Value};

/// What a rule looks for.
#[derive(Debug)]
pub struct Plan {
    /// What reports show of the rule.
    pub info: RuleInfo,
    /// What a search makes of its rows; nothing in a rule, which makes detections.
    pub rows: Option<RowsPlan>,
    /// What its rows are made of: event variables in source order, then entities.
    pub sources: Vec<SourcePlan>,
    /// Equalities that tie two sources.
    pub joins: Vec<Join>,
    /// Everything else that must hold between sources.
    pub across: Vec<Across>,
    /// Match variables, in source order.
    pub keys: Vec<Key>,
    /// How events are cut into windows; nothing without `match`.
    pub window: Option<WindowPlan>,
    /// Outcomes, in source order.
    pub outcomes: Vec<(String, Scalar)>,
    /// For each outcome the field whose value, or a list of whose values, it is; none where it is something else.
    pub shown: Vec<Option<Arc<[Step]>>>,
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
    /// The data tables that sources and atoms refer to.
    pub tables: Vec<Table>,
    /// The columns that atoms look values up in.
    pub columns: Vec<LookedUp>,
}

/// A source of rows, by position in [`Plan::sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub usize);

/// One source of rows: an event variable or an entity variable, and what its records must satisfy by themselves.
#[derive(Debug)]
pub struct SourcePlan {
    /// Without `$`.
    pub name: String,
    /// What it ranges over.
    pub kind: SourceKind,
    /// Must a group have it?
    pub presence: Presence,
    /// Must hold once for the record: the conjuncts that look into no list.
    pub once: Vec<Site>,
    /// The independent lists that rows are unnested by, in the order they are first mentioned.
    pub factors: Vec<Factor>,
    /// What a row keeps.
    pub captures: Vec<Capture>,
    /// The event variables that an entity is tied to, whose time must lie in its interval.
    pub timed_by: Vec<SourceId>,
    /// Where an entity's interval is kept: its start and its end, by position in [`SourcePlan::captures`].
    pub interval: Option<(usize, usize)>,
}

/// What a source ranges over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// Records of the input: UDM events, entities, detections.
    Records(Root),
    /// The rows of a data table, by position in [`Plan::tables`].
    Table(usize),
    /// The rows of a stage, by position in [`Query::stages`].
    Stage(usize, StageTime),
}

/// When the rows of a stage happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StageTime {
    /// At no time: they are context, as the rows of a table.
    Never,
    /// When their own windows start, where nothing else says which windows they lie in.
    WindowStart,
}

impl SourceKind {
    /// The kind of record, where it ranges over records.
    pub fn root(self) -> Option<Root> {
        match self {
            SourceKind::Records(root) => Some(root),
            SourceKind::Table(_) | SourceKind::Stage(..) => None,
        }
    }

    /// Do its rows happen at a time, so that windows hold them? Entities and tables are context.
    pub fn is_timed(self) -> bool {
        match self {
            SourceKind::Records(Root::Udm | Root::Detection)
            | SourceKind::Stage(_, StageTime::WindowStart) => true,
            SourceKind::Records(Root::Entity)
            | SourceKind::Table(_)
            | SourceKind::Stage(_, StageTime::Never) => false,
        }
    }
}

/// Must a group have rows of a source?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It must.
    Bound,
    /// Where it has none, one row of zero values stands for it.
    Unbound,
}

/// Lists that tests or values tie together; different factors are independent, and their rows multiply.
#[derive(Debug)]
pub struct Factor {
    /// Parents before children, in the order they are first mentioned.
    pub lists: Vec<ListId>,
    /// Must hold for a row of these lists.
    pub filter: Vec<Site>,
    /// Are its rows multiplied out, or only counted?
    pub spread: Spread,
}

/// Are the rows of a factor multiplied out?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spread {
    /// Yes: a key, a join or a test across sources tells them apart.
    Out,
    /// No: only aggregates look at them, so the product with other lists is a number.
    Counted,
}

/// A value that a row keeps for what comes later.
#[derive(Debug)]
pub struct Capture {
    /// The value.
    pub value: Scalar,
    /// The factor whose rows it differs in, where that is only counted.
    pub factor: Option<usize>,
    /// The field that it is, to show it again; none where it is none as a whole.
    pub path: Option<Arc<[Step]>>,
}

/// An equality, or an `or` of equalities, that ties two sources.
#[derive(Debug)]
pub struct Join {
    /// One of them must hold; each ties the same two sources.
    pub any: Vec<Tie>,
    /// Where it stands.
    pub span: Span,
}

/// Two values of different sources that must be equal.
#[derive(Debug, Clone, Copy)]
pub struct Tie {
    /// One source and the capture compared.
    pub left: (SourceId, usize),
    /// The other.
    pub right: (SourceId, usize),
    /// Do letters of different case differ?
    pub case: Case,
}

/// A predicate over several sources.
#[derive(Debug)]
pub struct Across {
    /// What must hold; its fields are captures.
    pub site: Site,
    /// Which sources it looks at.
    pub sources: Vec<SourceId>,
}

/// A match variable.
#[derive(Debug)]
pub struct Key {
    /// Without `$`.
    pub name: String,
    /// The source it is taken from.
    pub source: SourceId,
    /// Its value in a row of that source, by position in [`SourcePlan::captures`].
    pub capture: usize,
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
    /// Side by side, so many weeks, from Mondays.
    Weeks(i64),
    /// Side by side, so many months of the calendar.
    Months(i64),
    /// Ending at each event of the pivot.
    Before(SourceId),
    /// Starting at each event of the pivot.
    After(SourceId),
}

/// An aggregate over the rows of a group.
#[derive(Debug)]
pub struct Gather {
    /// Which.
    pub aggregate: &'static Aggregate,
    /// Of what.
    pub value: Scalar,
    /// All arguments in order, that value among them, where there are several.
    pub arguments: Vec<Scalar>,
    /// Rows without this source do not count: `#p` of a placeholder that only an absent event would bind.
    pub only_with: Option<SourceId>,
}

impl Gather {
    /// Is it of a value that rows have?
    pub fn is_plain(&self) -> bool {
        let is_there = matches!(self.value, Scalar::Captured(..) | Scalar::Const(_));
        is_there && self.arguments.is_empty()
    }
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
    /// A column of a data table, by position in [`Plan::columns`].
    InColumn(Scalar, usize, Case),
    /// A cell of a table's row.
    Cell(Box<CellTest>),
    /// A value that is a truth value.
    Holds(Scalar),
    /// A match variable has a value.
    NotZero(Scalar),
    /// `any` of a list's elements; the test sees each as [`Scalar::Each`].
    AnyOf(Range, Box<Atom>),
    /// `all` of them.
    AllOf(Range, Box<Atom>),
}

/// What an `any` or `all` ranges over.
#[derive(Debug, Clone)]
pub struct Range {
    /// The list: [`Scalar::Whole`], or where rows keep that.
    pub list: Scalar,
    /// Which `any` or `all` of its test it is, in the order they are written: the first stands outermost.
    pub number: usize,
}

/// A column of a data table that values are looked up in.
#[derive(Debug)]
pub struct LookedUp {
    /// As the rule writes it: `%table.column`.
    pub name: String,
    /// Its values.
    pub set: ColumnSet,
}

/// A value against a cell of a table's row, as the type of its column says.
#[derive(Debug, Clone)]
pub struct CellTest {
    /// The left side.
    pub value: Scalar,
    /// How.
    pub op: CompareOp,
    /// The table, by position in [`Plan::tables`].
    pub table: usize,
    /// The column.
    pub column: usize,
    /// The number of the row.
    pub row: Scalar,
    /// Do letters of different case differ?
    pub case: Case,
}

/// A value in a row or of a group.
#[derive(Debug, Clone)]
pub enum Scalar {
    /// A literal.
    Const(Value<'static>),
    /// A field of a source.
    Field(SourceId, SlotId),
    /// The element under test of an `any` or `all`, by [`Range::number`].
    Each(SourceId, SlotId, usize),
    /// A whole repeated field as a list.
    Whole(SourceId, SlotId),
    /// What a row of a source keeps, by position in [`SourcePlan::captures`].
    Captured(SourceId, usize),
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
    /// A match variable, by position in [`Plan::keys`].
    Key(usize),
    /// `#e`: the distinct events of a source in the group.
    Events(SourceId),
    /// The start of the window.
    WindowStart,
    /// The end of the window.
    WindowEnd,
}

impl Plan {
    /// The source with this id.
    pub fn source(&self, id: SourceId) -> Option<&SourcePlan> {
        self.sources.get(id.0)
    }

    /// Does any aggregate see how often a value comes?
    pub fn counts_rows(&self) -> bool {
        self.gathers.iter().any(|gather| gather.aggregate.sees == crate::aggregates::Sees::Rows)
    }

    /// The test with this id.
    pub fn atom(&self, id: AtomId) -> Option<&Atom> {
        self.atoms.get(id.0)
    }
}
