//! The UDM schema, from Google's proto: from a field path to what the field is.

mod load;
mod resolve;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;

pub use resolve::{FieldError, FieldInfo, Step, StepAccess, resolve, resolve_path};

use crate::value::{EnumId, Type};

/// What a variable of a rule ranges over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Root {
    /// `$e.metadata…`, `$e.udm.metadata…`: UDM events.
    Udm,
    /// `$e.graph.…`: entity context.
    Entity,
    /// `$e.detection.…`: detections of other rules.
    Detection,
}

impl Root {
    /// The source word of a path, where there is one.
    pub fn from_word(word: &str) -> Option<Root> {
        match word {
            "udm" => Some(Root::Udm),
            "graph" => Some(Root::Entity),
            "detection" => Some(Root::Detection),
            _ => None,
        }
    }
}

/// The type of a field before repetition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldType {
    /// A string.
    Text,
    /// Bytes, compared as the text given.
    Bytes,
    /// `int32`, `int64`
    Int,
    /// `uint32`, `uint64`
    Uint,
    /// `float`: shown as the shortest text of 32 bits.
    Single,
    /// `double`
    Float,
    /// `bool`
    Bool,
    /// An enum.
    Enum(EnumId),
    /// A point in time, with `.seconds` and `.nanos`.
    Timestamp,
    /// A length of time, with `.seconds` and `.nanos`.
    Duration,
    /// Any JSON object; read by `.fields["key"]`.
    Struct,
    /// A message of the schema.
    Message(String),
    /// A map from strings to a message.
    Map(String),
}

/// A field of a message.
#[derive(Debug, Clone)]
pub struct Field {
    /// The name rules use.
    pub name: String,
    /// The name JSON uses: lowerCamelCase.
    pub json: String,
    /// Its type, of one element where it is repeated.
    pub kind: FieldType,
    /// Is it a list?
    pub repeated: bool,
    /// Is it a whole number of 64 bits, which JSON writes as a string?
    pub wide: bool,
    /// Does Google advise against it?
    pub deprecated: bool,
}

/// A message: its fields by name, and in the order of the schema.
#[derive(Debug, Clone, Default)]
pub struct Message {
    /// In schema order.
    pub fields: Vec<Field>,
    by_name: FxHashMap<String, usize>,
    /// By the name that JSON uses, and by that of rules where it is no other field's name in JSON.
    by_key: FxHashMap<String, usize>,
}

impl Message {
    /// The field that rules call `name`.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.get(*self.by_name.get(name)?)
    }

    /// The field that JSON calls `key`, in either spelling.
    pub fn field_by_key(&self, key: &str) -> Option<&Field> {
        self.position_of_key(key).and_then(|index| self.fields.get(index))
    }

    /// Where in [`Message::fields`] the field with this JSON key stands, in either spelling.
    pub fn position_of_key(&self, key: &str) -> Option<usize> {
        self.by_key.get(key).copied()
    }

    /// Is it a list entry with `key` and `value`, so that `["k"]` works on a list of it?
    pub fn is_label(&self) -> bool {
        let text =
            |name| self.field(name).is_some_and(|field| field.kind == FieldType::Text && !field.repeated);
        text("key") && text("value")
    }
}

/// An enum: its names in the order of declaration, with their numbers.
#[derive(Debug, Clone, Default)]
pub struct Enum {
    /// Names in the order of declaration.
    pub names: Vec<String>,
    numbers: BTreeMap<String, i64>,
}

impl Enum {
    /// The number of a name; nothing for a name the schema does not know.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.numbers.get(name).copied()
    }

    /// The name of a number.
    pub fn name(&self, number: i64) -> Option<&str> {
        self.names.iter().find(|name| self.number(name) == Some(number)).map(String::as_str)
    }

    /// The name that stands for an absent field.
    pub fn zero(&self) -> &str {
        self.name(0).or(self.names.first().map(String::as_str)).unwrap_or_default()
    }
}

/// The whole schema.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    messages: FxHashMap<String, Message>,
    enums: Vec<Enum>,
    enum_ids: BTreeMap<String, EnumId>,
}

static SCHEMA: LazyLock<Schema> = LazyLock::new(load::load);

/// The schema, read once.
pub fn schema() -> &'static Schema {
    &SCHEMA
}

impl Schema {
    /// The message of this name.
    pub fn message(&self, name: &str) -> Option<&Message> {
        self.messages.get(name)
    }

    /// The message a source word leads to.
    pub fn root(&self, root: Root) -> Option<&Message> {
        self.message(match root {
            Root::Udm => "Event",
            Root::Entity => "Entity",
            Root::Detection => "Collection",
        })
    }

    /// The enum with this id.
    pub fn enumeration(&self, id: EnumId) -> Option<&Enum> {
        self.enums.get(usize::from(id.0))
    }

    /// The id of the enum of this name.
    pub fn enum_id(&self, name: &str) -> Option<EnumId> {
        self.enum_ids.get(name).copied()
    }
}

impl FieldType {
    /// The type its values have in expressions; nothing for messages, structs and maps.
    pub fn value_type(&self) -> Option<Type> {
        match self {
            FieldType::Text => Some(Type::Text),
            FieldType::Bytes => Some(Type::Bytes),
            FieldType::Int => Some(Type::Int),
            FieldType::Uint => Some(Type::Uint),
            FieldType::Single | FieldType::Float => Some(Type::Float),
            FieldType::Bool => Some(Type::Bool),
            FieldType::Enum(id) => Some(Type::Enum(*id)),
            FieldType::Timestamp => Some(Type::Time),
            FieldType::Duration | FieldType::Struct | FieldType::Message(_) | FieldType::Map(_) => None,
        }
    }
}

/// No name of the language or the schema is near so long; comparing takes the square of the length.
pub const LONGEST_WORD: usize = 80;

/// The source word that a first word of a path was meant for, where it is no field itself: `graph` for `grahp` and for
/// `graphentity`.
pub fn source_meant(word: &str) -> Option<&'static str> {
    const SOURCES: [&str; 3] = ["graph", "detection", "udm"];
    // So it is with almost every word, which then is compared with none.
    if schema().root(Root::Udm).is_some_and(|root| root.field(word).is_some()) {
        return None;
    }
    nearest(word, SOURCES).or_else(|| SOURCES.into_iter().find(|source| word.starts_with(source)))
}

/// The kind of record that a path with this first word leads into, as far as the word says or means to.
pub fn root_meant(word: &str) -> Option<Root> {
    Root::from_word(source_meant(word).unwrap_or(word))
}

/// The word nearest to `word` among `known`, if any is near enough to be meant.
pub fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    if word.len() > LONGEST_WORD {
        return None;
    }
    let folded = word.to_lowercase();
    let near = |name: &&str| strsim::damerau_levenshtein(&folded, &name.to_lowercase());
    let best = known.into_iter().map(|name| (near(&name), name)).min_by_key(|(distance, _)| *distance)?;
    let limit = (word.chars().count() / 3).max(1);
    (best.0 <= limit).then_some(best.1)
}
