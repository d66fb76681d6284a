//! The tree of a rule file: everything that was written, where it was written, and nothing resolved.
//!
//! Equality of trees ignores places ([`Spanned`] and [`Expr`]), so two layouts of one rule are equal.

mod expr;

pub use expr::{
    Access, Arg, Call, Comparison, Expr, ExprKind, FieldRef, InList, ListKind, ListRef, Literal, Logic, Need,
    Quantifier, Segment, Threshold,
};

use crate::text::{Span, Spanned};

/// A name and where it stands.
pub type Name = Spanned<String>;

/// One file: its rules or its search, and its comments in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct File {
    /// Rules, or one search.
    pub units: Vec<Unit>,
    /// Every comment, `//` and `/* */` alike, delimiters included.
    pub comments: Vec<Span>,
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "nearly every unit is a rule")]
pub enum Unit {
    /// `rule NAME { … }`
    Rule(Rule),
    /// A file of statements without `rule`; boxed, as it is the rarer one.
    Search(Box<Search>),
}

/// `rule NAME { … }`. A section that was not written is `None`; one written empty has no items.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// After the word `rule`.
    pub name: Name,
    /// `meta:`
    pub meta: Option<Section<MetaPair>>,
    /// `setup:`
    pub setup: Option<Section<SetupCall>>,
    /// `events:`, `match:`, `outcome:`, `condition:`
    pub body: Body,
    /// `options:`
    pub options: Option<Section<OptionPair>>,
    /// `export:`
    pub export: Option<Section<WriteRow>>,
    /// From the word `rule` to the closing brace.
    pub span: Place,
    /// Is a section unreadable as a whole or missing? A diagnostic was given.
    pub broken: bool,
}

/// A span that takes no part in equality.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place(pub Span);

impl PartialEq for Place {
    fn eq(&self, _: &Place) -> bool {
        true
    }
}

/// A section: its heading word with colon, and what stands under it.
#[derive(Debug, Clone, PartialEq)]
pub struct Section<T> {
    /// The heading, `events:`. For a search without headings, an empty span.
    pub heading: Place,
    /// Heading and content.
    pub span: Place,
    /// In source order.
    pub items: Vec<T>,
    /// Was something of it left out or unreadable? A diagnostic was given; nothing may be said about what is missing.
    pub broken: bool,
}

/// The sections that rules, searches and stages share.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Body {
    /// Statements, joined by an unwritten `and` that binds looser than `or`.
    pub events: Option<Section<Stmt>>,
    /// `match:`
    pub match_: Option<Section<MatchClause>>,
    /// `outcome:`
    pub outcome: Option<Section<Assignment>>,
    /// `condition:`; more than one statement is an implied `and`.
    pub condition: Option<Section<Stmt>>,
    /// `dedup:` (searches)
    pub dedup: Option<Section<Expr>>,
    /// `order:` (searches)
    pub order: Option<Section<OrderItem>>,
    /// `limit:` (searches)
    pub limit: Option<Section<Spanned<u64>>>,
    /// `select:` (searches)
    pub select: Option<Section<Expr>>,
    /// `unselect:` (searches)
    pub unselect: Option<Section<Expr>>,
}

/// Statements without `rule`: named stages, then the root.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// `stage NAME { … }`
    pub stages: Vec<Stage>,
    /// `cross join $a, $b`
    pub cross: Vec<CrossJoin>,
    /// The query itself.
    pub root: Body,
    /// `export:`
    pub export: Option<Section<WriteRow>>,
    /// The whole search.
    pub span: Place,
}

/// `stage NAME { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// After the word `stage`.
    pub name: Name,
    /// Its sections.
    pub body: Body,
    /// From `stage` to the closing brace.
    pub span: Place,
}

/// `cross join $a, $b`
#[derive(Debug, Clone, PartialEq)]
pub struct CrossJoin {
    /// The stages joined.
    pub stages: Vec<Name>,
    /// The clause.
    pub span: Place,
}

/// `key = "value"` under `meta:`
#[derive(Debug, Clone, PartialEq)]
pub struct MetaPair {
    /// An unquoted word.
    pub key: Name,
    /// Normally a string; anything else is for the checker to refuse.
    pub value: Expr,
}

/// `key = value` under `options:`
#[derive(Debug, Clone, PartialEq)]
pub struct OptionPair {
    /// An unquoted word.
    pub key: Name,
    /// A literal, a duration among them.
    pub value: Expr,
}

/// One line under `setup:`: `graph_override($g.… = %t.c)`, `graph_append [$g, %t]`, `graph_exclude(…)`.
#[derive(Debug, Clone, PartialEq)]
pub struct SetupCall {
    /// `graph_override`, `graph_append` or `graph_exclude`.
    pub name: Name,
    /// What stands in the brackets.
    pub args: Vec<Expr>,
    /// The whole call.
    pub span: Place,
}

/// `%table.write_row(column: $outcome, …)` under `export:`
#[derive(Debug, Clone, PartialEq)]
pub struct WriteRow {
    /// The table, without `%`.
    pub table: Name,
    /// The method, `write_row`.
    pub method: Name,
    /// Column and value.
    pub columns: Vec<(Name, Expr)>,
    /// The whole call.
    pub span: Place,
}

/// A statement of `events:` or `condition:`.
#[derive(Debug, Clone, PartialEq)]
pub enum Stmt {
    /// A predicate.
    Predicate(Expr),
    /// What could not be read; a diagnostic was given.
    Broken(Place),
}

/// `$name = expression` under `outcome:`
#[derive(Debug, Clone, PartialEq)]
pub enum Assignment {
    /// As it should be.
    Set {
        /// Without `$`.
        name: Name,
        /// The right side.
        value: Expr,
        /// The whole statement.
        span: Place,
    },
    /// What could not be read; a diagnostic was given.
    Broken(Place),
}

/// `$a, $b over 5m after $p`
#[derive(Debug, Clone, PartialEq)]
pub struct MatchClause {
    /// Placeholders, and in searches also fields.
    pub keys: Vec<Expr>,
    /// How events are cut into windows, where said.
    pub window: Option<WindowClause>,
    /// Items and window.
    pub span: Place,
}

/// How events are cut into windows.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowClause {
    /// `over` (hop, or sliding with a pivot) or `by`.
    pub word: WindowWord,
    /// `first` before the length (searches over entities).
    pub first: Option<Place>,
    /// The length as written.
    pub length: WindowLength,
    /// `before $p`, `after $p`
    pub pivot: Option<Pivot>,
    /// The word `tumbling` written after `by 5m`.
    pub tumbling: Option<Place>,
    /// The clause without the keys.
    pub span: Place,
}

/// Which word opens a window clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowWord {
    /// `over`
    Over,
    /// `by`
    By,
    /// `over every`, the same as `by`
    OverEvery,
}

/// A window's length: `5m`, `day`, `2 weeks`.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowLength {
    /// The number; 1 where none is written; saturating.
    pub count: u64,
    /// Its unit.
    pub unit: Spanned<TimeUnit>,
    /// As written.
    pub span: Place,
}

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeUnit {
    /// `s`, `second`
    Second,
    /// `m`, `minute`
    Minute,
    /// `h`, `hour`
    Hour,
    /// `d`, `day`
    Day,
    /// `w`, `week`
    Week,
    /// `mo`, `month`
    Month,
}

/// `before $p` or `after $p`
#[derive(Debug, Clone, PartialEq)]
pub struct Pivot {
    /// Which side of the pivot.
    pub side: Side,
    /// The event variable, without `$`.
    pub variable: Name,
}

/// Which side of a pivot a window lies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The window ends at the pivot.
    Before,
    /// The window starts at the pivot.
    After,
}

/// One item of `order:`
#[derive(Debug, Clone, PartialEq)]
pub struct OrderItem {
    /// What to order by.
    pub key: Expr,
    /// `asc` (default) or `desc`.
    pub direction: Direction,
}

/// A direction of `order:`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}
