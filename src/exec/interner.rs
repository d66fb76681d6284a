//! The values that rows keep, each once: rows hold numbers in their place.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHasher};

use crate::value::Value;
use crate::value::operators::{Case, folded};

/// A value, by position in its [`Interner`].
pub(super) type ValueId = u32;

/// No further value of the same hash.
const END: u32 = u32::MAX;

/// From here on the number of a value is a whole number itself: nothing is looked up for ports, sizes and counts.
const WHOLE: u32 = 1 << 31;

/// From here on it is one written as a text, as most logs write the numbers of processes.
const WRITTEN: u32 = 1 << 30;

/// Values by number, and numbers by value.
#[derive(Debug, Default)]
pub(super) struct Interner {
    values: Vec<Value<'static>>,
    /// The last value of each hash, and from each value the one before it: no value is held twice.
    last: FxHashMap<u64, Head>,
    before: Vec<u32>,
    /// What texts are compared by where case matters; [`END`] for what is no text. A join looks here and not at the texts,
    /// which lie far apart.
    compared: Vec<ValueId>,
}

/// A value, with its text where that is short: users, hosts and addresses are told apart without a look at the values,
/// which lie far from each other.
#[derive(Debug)]
struct Head {
    id: u32,
    len: u8,
    short: [u8; SHORT],
}

const SHORT: usize = 19;

/// The length of what is no short text.
const LONG: u8 = u8::MAX;

impl Head {
    fn new(id: u32, value: &Value<'_>) -> Head {
        let mut head = Head { id, len: LONG, short: [0; SHORT] };
        if let Value::Text(text) = value
            && let Some(place) = head.short.get_mut(..text.len())
        {
            place.copy_from_slice(text.as_bytes());
            head.len = u8::try_from(text.len()).unwrap_or(LONG);
        }
        head
    }

    fn is(&self, value: &Value<'_>) -> bool {
        let Value::Text(text) = value else { return false };
        usize::from(self.len) == text.len() && self.short.get(..text.len()) == Some(text.as_bytes())
    }
}

impl Interner {
    /// The number of a value.
    pub(super) fn id(&mut self, value: Value<'_>) -> ValueId {
        if let Some(id) = own(&value) {
            return id;
        }
        let hash = hash(&value);
        let known = self.last.get(&hash);
        if let Some(known) = known.filter(|known| known.is(&value)) {
            return known.id;
        }
        let head = known.map_or(END, |known| known.id);
        let mut at = head;
        while let Some(known) = self.values.get(at as usize) {
            if *known == value {
                return at;
            }
            at = self.before.get(at as usize).copied().unwrap_or(END);
        }
        let id = u32::try_from(self.values.len()).ok().filter(|id| *id < WRITTEN).unwrap_or(END);
        self.compared.push(match &value {
            Value::Text(text) => written(text).and_then(whole).unwrap_or(id),
            Value::Bytes(_)
            | Value::Int(_)
            | Value::Uint(_)
            | Value::Float(_)
            | Value::Bool(_)
            | Value::Time(_)
            | Value::List(_) => END,
        });
        self.last.insert(hash, Head::new(id, &value));
        self.values.push(value.into_static());
        self.before.push(head);
        id
    }

    /// The value of a number.
    pub(super) fn value(&self, id: ValueId) -> Value<'_> {
        if (WHOLE..END).contains(&id) {
            return Value::Int(i64::from(id - WHOLE));
        }
        if (WRITTEN..WHOLE).contains(&id) {
            return Value::owned((id - WRITTEN).to_string());
        }
        self.values.get(id as usize).map_or(Value::Int(0), Value::borrowed)
    }

    /// The number of what a value is compared by in an equality: its text, folded where case does not matter.
    pub(super) fn comparable(&mut self, id: ValueId, case: Case) -> ValueId {
        match (self.compared.get(id as usize), case) {
            (None, _) => return bare(id),
            (Some(known), Case::Exact) if *known != END => return *known,
            (Some(_), _) => {}
        }
        let text = match (self.values.get(id as usize), case) {
            (Some(value), Case::Exact) => value.to_text().into_owned(),
            (Some(value), Case::Fold) => folded(&value.to_text()).collect(),
            (None, _) => return id,
        };
        let id = self.id(Value::Text(Cow::Owned(text)));
        self.compared.get(id as usize).copied().unwrap_or_else(|| bare(id))
    }
}

/// The number that a value is itself.
fn own(value: &Value<'_>) -> Option<ValueId> {
    match value {
        Value::Int(number) => whole(u32::try_from(*number).ok()?),
        Value::Text(text) => written(text)?.checked_add(WRITTEN).filter(|id| *id < WHOLE),
        Value::Bytes(_)
        | Value::Uint(_)
        | Value::Float(_)
        | Value::Bool(_)
        | Value::Time(_)
        | Value::List(_) => None,
    }
}

fn whole(number: u32) -> Option<ValueId> {
    number.checked_add(WHOLE).filter(|id| *id != END)
}

/// The number of a whole number, however it is written.
fn bare(id: ValueId) -> ValueId {
    if (WRITTEN..WHOLE).contains(&id) { id - WRITTEN + WHOLE } else { id }
}

/// The whole number that is written so, and no other way.
fn written(text: &str) -> Option<u32> {
    let first = text.bytes().next().filter(u8::is_ascii_digit)?;
    let is_plain = first != b'0' || text.len() == 1;
    if is_plain { text.parse().ok() } else { None }
}

fn hash(value: &Value<'_>) -> u64 {
    let mut hasher = FxHasher::default();
    feed(value, &mut hasher);
    hasher.finish()
}

fn feed(value: &Value<'_>, hasher: &mut FxHasher) {
    std::mem::discriminant(value).hash(hasher);
    match value {
        Value::Text(text) => text.hash(hasher),
        Value::Bytes(bytes) => bytes.hash(hasher),
        Value::Int(number) => number.hash(hasher),
        Value::Uint(number) => number.hash(hasher),
        // Both zeros are one value.
        Value::Float(number) => (number + 0.0).to_bits().hash(hasher),
        Value::Bool(truth) => truth.hash(hasher),
        Value::Time(time) => time.hash(hasher),
        Value::List(items) => items.iter().for_each(|item| feed(item, hasher)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_one_number() {
        let mut known = Interner::default();
        let first = known.id(Value::text("a"));
        assert_eq!(known.id(Value::owned("a")), first);
        assert_ne!(known.id(Value::Int(1)), known.id(Value::Float(1.0)));
        assert_eq!(known.value(first), Value::text("a"));
    }

    #[test]
    fn texts_of_every_length_are_told_apart() {
        let mut known = Interner::default();
        let texts: Vec<String> = (0..300).flat_map(|len| ["a", "b"].map(|of| of.repeat(len) + "é")).collect();
        let ids: Vec<ValueId> = texts.iter().map(|text| known.id(Value::text(text))).collect();
        for (text, id) in texts.iter().zip(&ids) {
            assert_eq!(known.id(Value::text(text)), *id);
            assert_eq!(known.value(*id), Value::text(text));
        }
    }

    #[test]
    fn whole_numbers_come_out_as_they_went_in() {
        let mut known = Interner::default();
        let near = [1_i64 << 30, 1 << 31, 1 << 32].into_iter().flat_map(|bound| bound - 2..bound + 2);
        for number in near.chain([0, 1, 443, 1 << 40, -1, i64::MIN, i64::MAX]) {
            let id = known.id(Value::Int(number));
            assert_eq!(known.id(Value::Int(number)), id);
            assert_eq!(known.value(id), Value::Int(number));
            let text = known.id(Value::owned(number.to_string()));
            assert_eq!(known.value(text), Value::owned(number.to_string()));
            assert_ne!(id, text);
            let unsigned = u64::try_from(number).ok().map(|number| known.id(Value::Uint(number)));
            for case in [Case::Exact, Case::Fold] {
                assert_eq!(known.comparable(id, case), known.comparable(text, case), "{number}");
                let other = unsigned.map_or(text, |id| known.comparable(id, case));
                assert_eq!(known.comparable(other, case), known.comparable(text, case), "{number}");
            }
        }
        for other in ["00", "01", "+1", "1 ", "", "1.0"] {
            let text = known.id(Value::text(other));
            assert_eq!(known.comparable(text, Case::Exact), text, "{other}");
        }
    }

    #[test]
    fn equal_values_of_different_kinds_are_compared_by_the_same_text() {
        let mut known = Interner::default();
        let [number, text, upper] =
            [Value::Int(443), Value::text("443"), Value::text("A")].map(|v| known.id(v));
        assert_eq!(known.comparable(number, Case::Exact), known.comparable(text, Case::Exact));
        let lower = known.id(Value::text("a"));
        assert_eq!(known.comparable(upper, Case::Fold), known.comparable(lower, Case::Fold));
        assert_ne!(known.comparable(upper, Case::Exact), known.comparable(lower, Case::Exact));
    }
}
