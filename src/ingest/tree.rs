//! JSON that borrows from its text: what is shown of an event is read, spelt and written with no copy of its strings
//! but of those that hold an escape.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::{Number, Value};

/// A JSON value. It may nest as deep as what it was read from; whoever reads it limits that.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Tree<'t> {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// Any number.
    Number(Number),
    /// A string.
    Text(Cow<'t, str>),
    /// An array.
    List(Vec<Tree<'t>>),
    /// An object.
    Object(Object<'t>),
}

/// The members of an object in their order, each key once.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Object<'t>(Vec<Member<'t>>);

/// A key and its value.
pub type Member<'t> = (Cow<'t, str>, Tree<'t>);

impl<'t> Tree<'t> {
    /// Reads a text that holds one value. How deep it nests is not looked at: that was done when the record was read, and a
    /// parser of values stops one level before the reader does.
    ///
    /// # Errors
    /// It is not valid JSON.
    pub(super) fn read(text: &'t str) -> serde_json::Result<Tree<'t>> {
        let mut parser = serde_json::Deserializer::from_str(text);
        parser.disable_recursion_limit();
        let tree = Tree::deserialize(&mut parser)?;
        parser.end().map(|()| tree)
    }

    pub(super) fn owned(text: String) -> Tree<'t> {
        Tree::Text(Cow::Owned(text))
    }

    /// The member of this name, of an object that has it.
    pub fn get(&self, key: &str) -> Option<&Tree<'t>> {
        self.as_object()?.get(key)
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Tree<'t>> {
        match self {
            Tree::Object(object) => object.get_mut(key),
            Tree::Null | Tree::Bool(_) | Tree::Number(_) | Tree::Text(_) | Tree::List(_) => None,
        }
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Tree::Text(text) => Some(text),
            Tree::Null | Tree::Bool(_) | Tree::Number(_) | Tree::List(_) | Tree::Object(_) => None,
        }
    }

    pub(super) fn as_object(&self) -> Option<&Object<'t>> {
        match self {
            Tree::Object(object) => Some(object),
            Tree::Null | Tree::Bool(_) | Tree::Number(_) | Tree::Text(_) | Tree::List(_) => None,
        }
    }

    /// Is it `null`?
    pub fn is_null(&self) -> bool {
        matches!(self, Tree::Null)
    }
}

impl<'t> Object<'t> {
    /// Members that are known to have different keys.
    pub(super) fn of_distinct(members: Vec<Member<'t>>) -> Object<'t> {
        Object(members)
    }

    /// The member of this name.
    pub fn get(&self, key: &str) -> Option<&Tree<'t>> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Tree<'t>> {
        self.0.iter_mut().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// Takes the place of the member of this name, or comes last.
    pub(super) fn insert(&mut self, key: Cow<'t, str>, value: Tree<'t>) {
        match self.get_mut(&key) {
            Some(known) => *known = value,
            None => self.0.push((key, value)),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| &**key)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &Tree<'t>> {
        self.0.iter().map(|(_, value)| value)
    }
}

impl<'t> IntoIterator for Object<'t> {
    type Item = Member<'t>;
    type IntoIter = std::vec::IntoIter<Member<'t>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Of members with the same key the last value stays, at the place of the first.
impl<'t> FromIterator<Member<'t>> for Object<'t> {
    fn from_iter<I: IntoIterator<Item = Member<'t>>>(members: I) -> Object<'t> {
        let members: Vec<Member<'t>> = members.into_iter().collect();
        Object(if are_distinct(&members) { members } else { once(members) })
    }
}

/// So many keys are compared each with each faster than they are hashed.
const FEW: usize = 16;

fn are_distinct(members: &[Member<'_>]) -> bool {
    if members.len() > FEW {
        let mut known = std::collections::HashSet::with_capacity(members.len());
        return members.iter().all(|(key, _)| known.insert(&**key));
    }
    let mut rest = members;
    while let Some(((key, _), others)) = rest.split_first() {
        if others.iter().any(|(other, _)| other == key) {
            return false;
        }
        rest = others;
    }
    true
}

fn once(members: Vec<Member<'_>>) -> Vec<Member<'_>> {
    let mut places = HashMap::new();
    let mut kept: Vec<Member<'_>> = Vec::with_capacity(members.len());
    for (key, value) in members {
        match places.entry(key.clone()) {
            Entry::Vacant(place) => {
                place.insert(kept.len());
                kept.push((key, value));
            }
            Entry::Occupied(place) => {
                if let Some((_, known)) = kept.get_mut(*place.get()) {
                    *known = value;
                }
            }
        }
    }
    kept
}

/// A key, borrowed where it holds no escape.
#[derive(serde::Deserialize)]
struct Key<'t>(#[serde(borrow)] Cow<'t, str>);

impl<'de> Deserialize<'de> for Tree<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Tree<'de>, D::Error> {
        from.deserialize_any(Any)
    }
}

/// Takes whatever value comes.
struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Tree<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Tree<'de>, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Tree<'de>, E> {
        Ok(Tree::Bool(truth))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Tree<'de>, E> {
        Ok(Tree::Number(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Tree<'de>, E> {
        Ok(Tree::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Tree<'de>, E> {
        Ok(Number::from_f64(number).map_or(Tree::Null, Tree::Number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Tree<'de>, E> {
        Ok(Tree::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree<'de>, E> {
        Ok(Tree::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Tree<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = from.next_element()? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Tree<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some((Key(key), value)) = from.next_entry()? {
            members.push((key, value));
        }
        Ok(Tree::Object(members.into_iter().collect()))
    }
}

impl Serialize for Tree<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Tree::Null => out.serialize_unit(),
            Tree::Bool(truth) => out.serialize_bool(*truth),
            Tree::Number(number) => number.serialize(out),
            Tree::Text(text) => out.serialize_str(text),
            Tree::List(items) => out.collect_seq(items),
            Tree::Object(Object(members)) => out.collect_map(members.iter().map(|(key, value)| (key, value))),
        }
    }
}

impl From<Value> for Tree<'_> {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Tree::Null,
            Value::Bool(truth) => Tree::Bool(truth),
            Value::Number(number) => Tree::Number(number),
            Value::String(text) => Tree::Text(Cow::Owned(text)),
            Value::Array(items) => Tree::List(items.into_iter().map(Tree::from).collect()),
            Value::Object(members) => {
                let owned = members.into_iter().map(|(key, value)| (Cow::Owned(key), Tree::from(value)));
                Tree::Object(Object(owned.collect()))
            }
        }
    }
}

impl From<&Tree<'_>> for Value {
    fn from(tree: &Tree<'_>) -> Value {
        match tree {
            Tree::Null => Value::Null,
            Tree::Bool(truth) => Value::Bool(*truth),
            Tree::Number(number) => Value::Number(number.clone()),
            Tree::Text(text) => Value::String(text.to_string()),
            Tree::List(items) => items.iter().map(Value::from).collect(),
            Tree::Object(Object(members)) => {
                Value::Object(members.iter().map(|(key, value)| (key.to_string(), value.into())).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same_as_value(text: &str) {
        let value: Value = serde_json::from_str(text).unwrap();
        let tree = Tree::read(text).unwrap();
        assert_eq!(serde_json::to_string(&tree).unwrap(), value.to_string());
        assert_eq!(Value::from(&tree).to_string(), value.to_string());
        assert_eq!(Tree::from(value), tree);
    }

    #[test]
    fn a_tree_is_what_a_value_is() {
        let numbers =
            "[0, -0, -0.0, 1.0, 1e3, 18446744073709551615, -9223372036854775808, 18446744073709551616, 0.1]";
        for text in [
            numbers,
            "null",
            r#"{"a": [true, false, null, {}, []], "b": {"c": "d"}, "": ""}"#,
            r#"["\u00e4\ud83d\ude00\n\"\\\/", "plain \u007f", "\u0001\u001f\b\f\r\t"]"#,
            r#"{"\u0061\n": 1}"#,
        ] {
            same_as_value(text);
        }
    }

    #[test]
    fn of_a_key_that_comes_again_the_last_value_stays_at_the_first_place() {
        same_as_value(r#"{"a": 1, "b": 2, "\u0061": 3, "c": {"d": 1, "d": null}}"#);
        let many: Vec<String> = (0..100).map(|number| format!("\"k{}\": {number}", number % 40)).collect();
        same_as_value(&format!("{{{}}}", many.join(", ")));
    }

    #[test]
    fn strings_without_escapes_are_borrowed() {
        let text = r#"{"plain": "plain", "b\\": "\\"}"#;
        let Tree::Object(object) = Tree::read(text).unwrap() else { panic!("no object") };
        let borrowed = |text: &Cow<'_, str>| matches!(text, Cow::Borrowed(_));
        let each = object.into_iter().map(|(key, value)| {
            let Tree::Text(value) = value else { panic!("no text") };
            (borrowed(&key), borrowed(&value))
        });
        assert_eq!(each.collect::<Vec<_>>(), [(true, true), (false, false)]);
    }

    #[test]
    fn what_is_no_json_is_an_error() {
        for text in ["", "{", "[1,]", "1 2", "1e999", r#""\ud800""#, "\"\u{1}\""] {
            assert!(Tree::read(text).is_err(), "{text}");
        }
    }
}
