//! Tests of one text: what a test of a plan asks of the value of one field, and which texts such a value must contain.

use std::borrow::Cow;

use super::{Atom, Plan, Scalar};
use crate::ingest::wanted::{Leaf, SlotId, Wanted};
use crate::regex::{self, Pattern, fold_text};
use crate::schema::schema;
use crate::value::Value;
use crate::value::operators::{Case, CompareOp, text_equal};

/// A test of one text.
#[derive(Debug)]
pub struct TextTest<'p> {
    reaches: Reaches,
    asks: Asks<'p>,
    /// How the texts that satisfy it are found.
    pub finding: Finding<'p>,
}

/// How the text of a field reaches a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reaches {
    AsItIs,
    InLowerCase,
}

/// What is asked of it.
#[derive(Debug)]
enum Asks<'p> {
    Equals(Cow<'p, str>, Case),
    Contains(Cow<'p, str>),
    StartsWith(Cow<'p, str>),
    EndsWith(Cow<'p, str>),
    Matches(&'p Pattern),
}

/// Where a test of one text stands: the field, and whether any element will do.
#[derive(Debug)]
pub(super) struct Placed<'p> {
    pub(super) slot: SlotId,
    pub(super) element: Element,
    pub(super) test: TextTest<'p>,
}

/// Which element of its list a field's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// That of the row.
    OfRow,
    /// Any.
    Any,
}

/// How a search finds the texts that may satisfy a test.
#[derive(Debug, PartialEq, Eq)]
pub enum Finding<'t> {
    /// By the whole text.
    Whole(Cow<'t, str>),
    /// By these sets, the rarest first: of each set each of the texts contains one once it is folded, letters of either
    /// case being the same.
    Needles(Vec<Vec<String>>),
}

/// Shorter texts are in nearly all values.
const SHORTEST: usize = 2;

/// Of so many sets each is looked for. More tell little more.
pub const MOST_SETS: usize = 3;

impl<'p> TextTest<'p> {
    /// What the test asks, where it asks it of the text of one field, and asks more than an empty text gives.
    pub(super) fn of(plan: &'p Plan, wanted: &Wanted, atom: &'p Atom) -> Option<Placed<'p>> {
        let (element, atom) = if let Atom::AnyOf(_, inner) = atom {
            (Element::Any, inner.as_ref())
        } else {
            (Element::OfRow, atom)
        };
        let (value, asks) = asked(plan, atom)?;
        let (slot, reaches) = reached(value, element)?;
        let finding = finding(reaches, &asks)?;
        let zero = zero(wanted.slot(slot).leaf)?;
        (!finding.may_find(&zero)).then_some(Placed {
            slot,
            element,
            test: TextTest { reaches, asks, finding },
        })
    }

    /// Does it hold for this text?
    pub fn holds(&self, text: &str) -> bool {
        match self.reaches {
            Reaches::AsItIs => self.asks.holds(text),
            Reaches::InLowerCase => self.asks.holds(&text.to_lowercase()),
        }
    }

    /// How rarely it holds, as far as its text tells: about once in two to that power values.
    pub(super) fn rarity(&self, leaf: Leaf) -> u32 {
        match &self.finding {
            // Of the names of an enum some are on a great part of all events.
            Finding::Whole(_) if matches!(leaf, Leaf::Enum(_)) => ENUM_BITS,
            Finding::Whole(text) => regex::rarity(text).min(WHOLE_BITS),
            Finding::Needles(sets) => sets.first().map_or(0, |set| rarity(set)),
        }
    }
}

impl Finding<'_> {
    /// Is this among the texts that are found?
    fn may_find(&self, text: &str) -> bool {
        let folded = fold_text(text).to_ascii_lowercase();
        match self {
            Finding::Whole(whole) => *whole == text,
            Finding::Needles(sets) => sets.iter().all(|set| set.iter().any(|needle| folded.contains(needle))),
        }
    }
}

/// Nothing where no search finds them.
fn finding<'p>(reaches: Reaches, asks: &Asks<'p>) -> Option<Finding<'p>> {
    if let (Reaches::AsItIs, Asks::Equals(text, Case::Exact)) = (reaches, asks) {
        return Some(Finding::Whole(text.clone()));
    }
    let mut sets = match asks {
        Asks::Equals(text, _) | Asks::Contains(text) | Asks::StartsWith(text) | Asks::EndsWith(text) => {
            vec![vec![fold_text(text).to_ascii_lowercase()]]
        }
        Asks::Matches(pattern) => pattern.folded_literals(),
    };
    // Lower case and folding agree on which letters become ASCII letters, and on no others.
    let sound = |needle: &String| reaches == Reaches::AsItIs || needle.is_ascii();
    let useful = |needle: &String| sound(needle) && needle.len() >= SHORTEST;
    sets.retain(|set| !set.is_empty() && set.iter().all(useful));
    sets.sort_by_cached_key(|set| std::cmp::Reverse(rarity(set)));
    sets.truncate(MOST_SETS);
    (!sets.is_empty()).then_some(Finding::Needles(sets))
}

/// The needle met most often decides; more of them are met more often.
fn rarity(set: &[String]) -> u32 {
    let least = set.iter().map(|needle| regex::rarity(needle)).min().unwrap_or(0);
    least.saturating_sub(u32::try_from(set.len()).map_or(u32::BITS, u32::ilog2))
}

const ENUM_BITS: u32 = 2;

/// Most fields that are compared as a whole have few values.
const WHOLE_BITS: u32 = 8;

impl Asks<'_> {
    fn holds(&self, text: &str) -> bool {
        match self {
            Asks::Equals(known, case) => text_equal(text, known, *case),
            Asks::Contains(part) => text.contains(&**part),
            Asks::StartsWith(part) => !part.is_empty() && text.starts_with(&**part),
            Asks::EndsWith(part) => !part.is_empty() && text.ends_with(&**part),
            Asks::Matches(pattern) => pattern.is_match(text),
        }
    }
}

/// What a test asks, and of which value.
fn asked<'p>(plan: &'p Plan, atom: &'p Atom) -> Option<(&'p Scalar, Asks<'p>)> {
    match atom {
        Atom::Compare { op: CompareOp::Eq, left, right, case, .. } => {
            let sides = [(left, right), (right, left)];
            let found = sides.into_iter().find_map(|(value, text)| Some((value, constant(text)?)));
            found.map(|(value, text)| (value, Asks::Equals(text, *case)))
        }
        Atom::Matches(value, pattern) => Some((value, Asks::Matches(plan.patterns.get(*pattern)?))),
        Atom::Holds(Scalar::Call(function, args, pattern)) => {
            called(plan, function.name, args, pattern.as_ref())
        }
        Atom::Compare { .. }
        | Atom::InList(..)
        | Atom::InColumn(..)
        | Atom::Cell(_)
        | Atom::Holds(_)
        | Atom::NotZero(_)
        | Atom::AnyOf(..)
        | Atom::AllOf(..) => None,
    }
}

fn called<'p>(
    plan: &'p Plan,
    name: &str,
    args: &'p [Scalar],
    pattern: Option<&usize>,
) -> Option<(&'p Scalar, Asks<'p>)> {
    let (value, rest) = args.split_first()?;
    let text = || rest.first().and_then(constant);
    let asks = match (name, pattern) {
        ("re.regex", Some(pattern)) => Asks::Matches(plan.patterns.get(*pattern)?),
        ("strings.contains", None) => Asks::Contains(text()?),
        ("strings.starts_with", None) => Asks::StartsWith(text()?),
        ("strings.ends_with", None) => Asks::EndsWith(text()?),
        _ => return None,
    };
    Some((value, asks))
}

impl Scalar {
    /// The value within `strings.to_lower(…)`.
    pub(super) fn lowered(&self) -> Option<&Scalar> {
        let Scalar::Call(function, args, None) = self else { return None };
        args.first().filter(|_| function.name == "strings.to_lower")
    }
}

/// A text that is written in the rule, perhaps brought to lower case.
fn constant(value: &Scalar) -> Option<Cow<'_, str>> {
    if let Some(Scalar::Const(Value::Text(text))) = value.lowered() {
        return Some(Cow::Owned(text.to_lowercase()));
    }
    let Scalar::Const(value) = value else { return None };
    match value {
        Value::Text(text) => Some(Cow::Borrowed(text)),
        // A whole number is its digits, and nothing else is.
        Value::Int(number) => Some(Cow::Owned(number.to_string())),
        Value::Bytes(_)
        | Value::Uint(_)
        | Value::Float(_)
        | Value::Bool(_)
        | Value::Time(_)
        | Value::List(_) => None,
    }
}

/// The field that a value is, and how its text reaches the test.
fn reached(value: &Scalar, element: Element) -> Option<(SlotId, Reaches)> {
    if let Some(inner) = value.lowered() {
        return reached(inner, element).map(|(slot, _)| (slot, Reaches::InLowerCase));
    }
    let ((Scalar::Field(_, slot), Element::OfRow) | (Scalar::Each(_, slot, _), Element::Any)) =
        (value, element)
    else {
        return None;
    };
    Some((*slot, Reaches::AsItIs))
}

/// The text of a field that is not there; nothing for fields that are no text and no whole number.
fn zero(leaf: Leaf) -> Option<Cow<'static, str>> {
    match leaf {
        Leaf::Text | Leaf::MapText => Some(Cow::Borrowed("")),
        Leaf::Enum(id) => schema().enumeration(id).map(|known| Cow::Borrowed(known.zero())),
        Leaf::Whole => Some(Cow::Borrowed("0")),
        Leaf::Single | Leaf::Float | Leaf::Bool | Leaf::Time | Leaf::Seconds | Leaf::Nanos => None,
    }
}
