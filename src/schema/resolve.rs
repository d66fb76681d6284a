//! From the words of a path to a field, with every way a path can be wrong.

use super::{Field, FieldType, Message, Root, nearest, schema};
use crate::syntax::ast::{Access, FieldRef, Segment};
use crate::value::Type;

/// A step of a resolved path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Step {
    /// The name rules use.
    pub name: String,
    /// The name JSON uses.
    pub json: String,
    /// Is the field a list?
    pub repeated: bool,
    /// What stands in brackets after it.
    pub access: Option<StepAccess>,
}

impl Step {
    fn is_keyed(&self) -> bool {
        matches!(self.access, Some(StepAccess::Label(_) | StepAccess::Key(_)))
    }
}

/// What stands in brackets after a step.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StepAccess {
    /// `[0]`
    Index(u64),
    /// `["k"]` on a list of labels.
    Label(String),
    /// `.fields["k"]` on a struct (the word `fields` is no step of its own), or `["k"]` on a map.
    Key(String),
}

/// What a path leads to.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldInfo {
    /// From which root.
    pub root: Root,
    /// The steps after the source word. `.seconds` and `.nanos` of a time are a step of their own.
    pub steps: Vec<Step>,
    /// What the field holds.
    pub kind: FieldType,
    /// The first deprecated step, by its name.
    pub deprecated: Option<String>,
}

impl FieldInfo {
    /// Does the path run through a list without index or key, so that it has a value for each element?
    pub fn is_repeated(&self) -> bool {
        self.after_key().iter().any(|step| step.repeated && step.access.is_none())
    }

    /// Does it read a label, a struct's key or a map's key, which gives one value for the event?
    pub fn is_map_access(&self) -> bool {
        self.steps.iter().any(Step::is_keyed)
    }

    /// Does it end in a key, under which only strings are seen?
    pub fn ends_in_key(&self) -> bool {
        self.steps.last().is_some_and(Step::is_keyed)
    }

    /// The steps behind the last key; all where there is none. Lists before a key make no rows.
    fn after_key(&self) -> &[Step] {
        let key = self.steps.iter().rposition(Step::is_keyed).map_or(0, |at| at + 1);
        self.steps.get(key..).unwrap_or_default()
    }

    /// Is an index written anywhere?
    pub fn is_indexed(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.access, Some(StepAccess::Index(_))))
    }

    /// The type of one value; nothing for messages.
    pub fn value_type(&self) -> Option<Type> {
        self.kind.value_type()
    }

    /// The path as rules write it, without source word, indexes and keys.
    pub fn plain_path(&self) -> String {
        self.steps.iter().map(|step| step.name.as_str()).collect::<Vec<_>>().join(".")
    }
}

/// Why a path leads nowhere.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldError {
    /// No field of this name here; perhaps another was meant.
    Unknown {
        /// Which segment.
        segment: usize,
        /// The message looked into, as written so far; empty for the root.
        within: String,
        /// The nearest field of the message, or a whole path where the word exists elsewhere.
        near: Option<String>,
    },
    /// A scalar has no fields.
    NotMessage {
        /// Which segment.
        segment: usize,
    },
    /// `[0]` on what is no list.
    NotList {
        /// Which segment.
        segment: usize,
    },
    /// `["k"]` on what has no keys.
    NotMap {
        /// Which segment.
        segment: usize,
    },
    /// One list of the path is indexed and another is not.
    PartlyIndexed {
        /// The list without index.
        segment: usize,
    },
    /// An index on a list, and a key on another one behind it.
    IndexBeforeKey {
        /// The list with the index.
        segment: usize,
    },
    /// A path of a source word and nothing else.
    Empty,
}

/// Resolves a field as written; its source word, if any, picks the root, else `default`.
///
/// # Errors
/// Says which segment is wrong, and what may have been meant.
pub fn resolve(field: &FieldRef, default: Root) -> Result<FieldInfo, FieldError> {
    resolve_path(&field.segments, default)
}

/// The same for the segments alone.
///
/// # Errors
/// As [`resolve`].
pub fn resolve_path(segments: &[Segment], default: Root) -> Result<FieldInfo, FieldError> {
    let word = segments.first().and_then(|first| Root::from_word(&first.name.node));
    // `$e.detection.detection.rule_name`: the first word is the source, the second a field.
    let (root, skip) = word.map_or((default, 0), |root| (root, 1));
    let mut walk = Walk { segments, at: skip, steps: Vec::new(), deprecated: None };
    let message = schema().root(root).ok_or(FieldError::Empty)?;
    let kind = walk.message(message)?;
    let info = FieldInfo { root, steps: walk.steps, kind, deprecated: walk.deprecated };
    whole_index(&info, skip)?;
    Ok(info)
}

fn whole_index(info: &FieldInfo, skip: usize) -> Result<(), FieldError> {
    let indexed = |step: &Step| matches!(step.access, Some(StepAccess::Index(_)));
    let key = info.steps.iter().rposition(|step| matches!(step.access, Some(StepAccess::Label(_))));
    if let Some(at) = info.steps.iter().take(key.unwrap_or(0)).position(indexed) {
        return Err(FieldError::IndexBeforeKey { segment: at + skip });
    }
    let bare = info.steps.iter().position(|step| step.repeated && step.access.is_none());
    match bare {
        Some(at) if info.is_indexed() && !info.is_map_access() => {
            Err(FieldError::PartlyIndexed { segment: at + skip })
        }
        _ => Ok(()),
    }
}

struct Walk<'s> {
    segments: &'s [Segment],
    at: usize,
    steps: Vec<Step>,
    deprecated: Option<String>,
}

impl Walk<'_> {
    fn message(&mut self, message: &Message) -> Result<FieldType, FieldError> {
        let mut message = message;
        loop {
            let segment = self.segments.get(self.at).ok_or(FieldError::Empty)?;
            let field = named(message, &segment.name.node).ok_or_else(|| self.unknown(message))?;
            if field.deprecated && self.deprecated.is_none() {
                self.deprecated = Some(field.name.clone());
            }
            let access = self.access(field, segment)?;
            let keyed = matches!(access, Some(StepAccess::Label(_)));
            self.push(field, access);
            self.at += 1;
            if keyed && self.at == self.segments.len() {
                return Ok(FieldType::Text);
            }
            if self.at == self.segments.len() {
                return Ok(field.kind.clone());
            }
            match self.inside(field)? {
                Next::Done(kind) => return Ok(kind),
                Next::Message(next) => message = next,
            }
        }
    }

    fn push(&mut self, field: &Field, access: Option<StepAccess>) {
        let Field { name, json, repeated, .. } = field;
        self.steps.push(Step { name: name.clone(), json: json.clone(), repeated: *repeated, access });
    }

    fn access(&self, field: &Field, segment: &Segment) -> Result<Option<StepAccess>, FieldError> {
        match &segment.access {
            None => Ok(None),
            Some(Access::Index(index)) if field.repeated => Ok(Some(StepAccess::Index(index.node))),
            Some(Access::Index(_)) => Err(FieldError::NotList { segment: self.at }),
            Some(Access::Key(key)) => self.key(field, &key.node).map(Some),
        }
    }

    fn key(&self, field: &Field, key: &str) -> Result<StepAccess, FieldError> {
        match &field.kind {
            FieldType::Message(name)
                if field.repeated && schema().message(name).is_some_and(Message::is_label) =>
            {
                Ok(StepAccess::Label(key.to_owned()))
            }
            FieldType::Map(_) => Ok(StepAccess::Key(key.to_owned())),
            FieldType::Text
            | FieldType::Bytes
            | FieldType::Int
            | FieldType::Uint
            | FieldType::Single
            | FieldType::Float
            | FieldType::Bool
            | FieldType::Timestamp
            | FieldType::Duration
            | FieldType::Struct
            | FieldType::Enum(_)
            | FieldType::Message(_) => Err(FieldError::NotMap { segment: self.at }),
        }
    }

    fn inside(&mut self, field: &Field) -> Result<Next, FieldError> {
        match &field.kind {
            FieldType::Message(name) | FieldType::Map(name) => {
                schema().message(name).map(Next::Message).ok_or(FieldError::Empty)
            }
            FieldType::Struct => self.struct_key().map(Next::Done),
            FieldType::Timestamp | FieldType::Duration => self.time_part().map(Next::Done),
            FieldType::Text
            | FieldType::Bytes
            | FieldType::Int
            | FieldType::Uint
            | FieldType::Single
            | FieldType::Float
            | FieldType::Bool
            | FieldType::Enum(_) => Err(FieldError::NotMessage { segment: self.at }),
        }
    }

    /// `.fields["k"]` after a struct: the last step takes the key, since JSON has no `fields` level.
    fn struct_key(&mut self) -> Result<FieldType, FieldError> {
        let segment = self.segments.get(self.at).ok_or(FieldError::Empty)?;
        if segment.name.node != "fields" {
            let near = Some("fields".to_owned());
            return Err(FieldError::Unknown { segment: self.at, within: self.within(), near });
        }
        let Some(Access::Key(key)) = &segment.access else {
            return Err(FieldError::NotMap { segment: self.at });
        };
        if self.at + 1 < self.segments.len() {
            return Err(FieldError::NotMessage { segment: self.at + 1 });
        }
        if let Some(step) = self.steps.last_mut() {
            step.access = Some(StepAccess::Key(key.node.clone()));
        }
        Ok(FieldType::Text)
    }

    fn time_part(&mut self) -> Result<FieldType, FieldError> {
        const PARTS: [&str; 2] = ["seconds", "nanos"];
        let segment = self.segments.get(self.at).ok_or(FieldError::Empty)?;
        let name = segment.name.node.as_str();
        if !PARTS.contains(&name) {
            let near = Some(nearest(name, PARTS).unwrap_or("seconds").to_owned());
            return Err(FieldError::Unknown { segment: self.at, within: self.within(), near });
        }
        if self.at + 1 < self.segments.len() {
            return Err(FieldError::NotMessage { segment: self.at + 1 });
        }
        let (name, json) = (name.to_owned(), name.to_owned());
        self.steps.push(Step { name, json, repeated: false, access: None });
        Ok(FieldType::Int)
    }

    fn within(&self) -> String {
        self.steps.iter().map(|step| step.name.as_str()).collect::<Vec<_>>().join(".")
    }

    fn unknown(&self, message: &Message) -> FieldError {
        let word = self.segments.get(self.at).map_or("", |segment| segment.name.node.as_str());
        let names = message.fields.iter().map(|field| field.name.as_str());
        let near = nearest(word, names).map(str::to_owned).or_else(|| by_json_name(message, word));
        FieldError::Unknown { segment: self.at, within: self.within(), near }
    }
}

/// The field of that name. Variables of a detection are documented as `int64_value`, and sent as `int64_val`.
fn named<'m>(message: &'m Message, word: &str) -> Option<&'m Field> {
    let short = || word.strip_suffix("_value").map(|kind| format!("{kind}_val"));
    message.field(word).or_else(|| message.field(&short()?))
}

/// A field written in the spelling of JSON: `eventType` for `event_type`.
fn by_json_name(message: &Message, word: &str) -> Option<String> {
    message.field_by_key(word).map(|field| field.name.clone())
}

enum Next {
    Done(FieldType),
    Message(&'static Message),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Span, Spanned};

    fn path(text: &str) -> Vec<Segment> {
        let name = |word: &str| Spanned::new(word.to_owned(), Span::default());
        text.split('.').map(|word| Segment { name: name(word), access: None }).collect()
    }

    #[test]
    fn a_path_through_a_list_is_repeated() {
        let info = resolve_path(&path("udm.security_result.action"), Root::Udm).unwrap();
        assert!(info.is_repeated());
        assert_eq!(info.plain_path(), "security_result.action");
    }

    #[test]
    fn seconds_of_a_time_are_a_whole_number() {
        let info = resolve_path(&path("metadata.event_timestamp.seconds"), Root::Udm).unwrap();
        assert_eq!(info.kind, FieldType::Int);
    }

    #[test]
    fn a_misspelt_field_names_its_neighbour() {
        let error = resolve_path(&path("principal.hostnam"), Root::Udm).unwrap_err();
        let near = Some("hostname".to_owned());
        assert_eq!(error, FieldError::Unknown { segment: 1, within: "principal".to_owned(), near });
    }
}
