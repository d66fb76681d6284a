//! A template per event kind: the UDM tree that its rows make.

use super::dump::Interest;
use super::record::System;
use super::rows::{Raw, Row, Step, Test, Then};
use super::transform::Transform;

/// Where a value comes from, with names turned into places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Constant(&'static str),
    System(System),
    /// An index into the template's names.
    Data(usize),
}

/// One row's way from a record to values.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) place: Place,
    pub(super) when: Option<(Place, Test)>,
    pub(super) transform: &'static Transform,
    pub(super) argument: &'static str,
}

impl Source {
    pub(super) fn new(row: &Row, mut place: impl FnMut(Raw) -> Place) -> Source {
        let when = row.when.as_ref().map(|(raw, test)| (place(*raw), test.clone()));
        Source { place: place(row.raw), when, transform: row.transform, argument: row.argument }
    }

    /// The name, by its place in the template, of the value that the row takes.
    pub(super) fn data_name(&self) -> Option<usize> {
        match self.place {
            Place::Data(name) => Some(name),
            Place::Constant(_) | Place::System(_) => None,
        }
    }
}

/// An object's members by their JSON names.
pub(super) type Members = Vec<(String, Node)>;

/// One element of a list of messages.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) members: Members,
    /// Everything that would make the element, whether asked for or not: an element must not vanish,
    /// and change what is counted, because a run asks for fewer fields.
    pub(super) made_by: Vec<Source>,
}

/// A part of the tree.
#[derive(Debug)]
pub(super) enum Node {
    /// `"process":{…}`
    Object(Members),
    /// `"securityResult":[{…},{…}]`
    Elements(Vec<Element>),
    /// `"answers":[{"data":…},{"data":…}]`, an element per value
    Each(&'static str, Vec<Source>),
    /// `"labels":[{"key":…,"value":…}]`
    Labels(Vec<(&'static str, Vec<Source>)>),
    /// `"additional":{"Channel":…}`
    Struct(Vec<(&'static str, Vec<Source>)>, Rest),
    /// `"ip":["…"]`
    List(Vec<Source>),
    /// `"hostname":"…"`, from the first source that makes something
    Value(Vec<Source>),
}

/// What becomes of the values that no row uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// They follow in this struct.
    Taken,
    /// They have no place here.
    Left,
}

impl Rest {
    fn or(self, other: Rest) -> Rest {
        if self == Rest::Taken { self } else { other }
    }
}

/// Whether a run asks for what a row writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Yes,
    No,
}

/// Puts a row's source where its path leads.
pub(super) fn insert(members: &mut Members, path: &[Step], source: &Source, asked: Asked) {
    let Some((step, rest)) = path.split_first() else { return };
    // In JSON the keys of a struct's `fields` stand in the struct itself.
    if let [Step { name: "fields", then: Then::Key(key) }] = rest {
        return match asked {
            Asked::Yes => insert_leaf(members, &Step { name: step.name, then: Then::Key(key) }, &[], source),
            Asked::No => {}
        };
    }
    match step.then {
        Then::At(index) => insert_element(members, step.name, index, rest, source, asked),
        Then::Plain if !rest.is_empty() => {
            if let Some(Node::Object(inner)) = member(members, step.name, || Node::Object(Vec::new())) {
                insert(inner, rest, source, asked);
            }
        }
        Then::Plain | Then::Each | Then::Key(_) if asked == Asked::Yes => {
            insert_leaf(members, step, rest, source);
        }
        Then::Plain | Then::Each | Then::Key(_) => {}
    }
}

fn insert_element(
    members: &mut Members,
    name: &'static str,
    index: usize,
    rest: &[Step],
    source: &Source,
    asked: Asked,
) {
    let Some(Node::Elements(elements)) = member(members, name, || Node::Elements(Vec::new())) else { return };
    if elements.len() <= index {
        elements.resize_with(index + 1, Element::default);
    }
    if let Some(element) = elements.get_mut(index) {
        element.made_by.push(source.clone());
        insert(&mut element.members, rest, source, asked);
    }
}

fn insert_leaf(members: &mut Members, step: &Step, rest: &[Step], source: &Source) {
    let inner = rest.first().map(|step| step.name);
    let fresh = || match (step.then, inner) {
        (Then::Each, Some(inner)) => Node::Each(inner, Vec::new()),
        (Then::Each, None) => Node::List(Vec::new()),
        (Then::Key(_), _) => match step.name {
            "additional" => Node::Struct(Vec::new(), Rest::Taken),
            "extracted" => Node::Struct(Vec::new(), Rest::Left),
            _ => Node::Labels(Vec::new()),
        },
        (Then::Plain | Then::At(_), _) => Node::Value(Vec::new()),
    };
    let Some(node) = member(members, step.name, fresh) else { return };
    match (node, step.then) {
        (Node::Labels(labels) | Node::Struct(labels, _), Then::Key(key)) => {
            match labels.iter_mut().find(|label| label.0 == key) {
                Some(label) => label.1.push(source.clone()),
                None => labels.push((key, vec![source.clone()])),
            }
        }
        (Node::Value(sources) | Node::List(sources) | Node::Each(_, sources), _) => {
            sources.push(source.clone())
        }
        (Node::Object(_) | Node::Elements(_) | Node::Labels(_) | Node::Struct(..), _) => {}
    }
}

fn member<'m>(members: &'m mut Members, name: &str, fresh: impl FnOnce() -> Node) -> Option<&'m mut Node> {
    let name = json_name(name);
    let at = members.iter().position(|known| known.0 == name).unwrap_or(members.len());
    if at == members.len() {
        members.push((name, fresh()));
    }
    members.get_mut(at).map(|known| &mut known.1)
}

/// `windows_sid` is `windowsSid` in JSON.
fn json_name(name: &str) -> String {
    let mut words = name.split('_');
    let mut written = words.next().unwrap_or("").to_owned();
    for word in words {
        let mut letters = word.chars();
        written.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        written.push_str(letters.as_str());
    }
    written
}

/// Takes out what nothing is written into, and puts the members of an event in order.
pub(super) fn finish(members: &mut Members) {
    prune(members);
    // What most rules test first is read first.
    members.sort_by_key(|member| match member.0.as_str() {
        "metadata" => 0,
        "additional" => 2,
        _ => 1,
    });
    for (_, node) in members.iter_mut().filter(|member| member.0 == "metadata") {
        if let Node::Object(inner) = node {
            inner.sort_by_key(|member| member.0 != "eventType");
        }
    }
}

/// What must be read of a record for the tree to be written.
pub(super) fn interest(members: &Members, names: &[&'static str]) -> Interest {
    let mut wanted = vec![false; names.len()];
    if note(members, &mut wanted) == Rest::Taken {
        return Interest::Everything;
    }
    let wanted = names.iter().zip(wanted).filter(|(_, wanted)| *wanted);
    Interest::Names(wanted.map(|(name, _)| *name).collect())
}

/// Notes the names that the tree takes; says whether it takes those that no row uses, too.
fn note(members: &Members, wanted: &mut [bool]) -> Rest {
    let mut rest = Rest::Left;
    for (_, node) in members {
        match node {
            Node::Object(inner) => rest = rest.or(note(inner, wanted)),
            Node::Elements(elements) => {
                for element in elements {
                    note_sources(&element.made_by, wanted);
                    rest = rest.or(note(&element.members, wanted));
                }
            }
            Node::Labels(labels) => labels.iter().for_each(|label| note_sources(&label.1, wanted)),
            Node::Struct(labels, own) => {
                labels.iter().for_each(|label| note_sources(&label.1, wanted));
                rest = rest.or(*own);
            }
            Node::Each(_, sources) | Node::List(sources) | Node::Value(sources) => {
                note_sources(sources, wanted);
            }
        }
    }
    rest
}

fn note_sources(sources: &[Source], wanted: &mut [bool]) {
    for source in sources {
        let places = [Some(&source.place), source.when.as_ref().map(|when| &when.0)];
        for place in places.into_iter().flatten() {
            if let Place::Data(name) = place
                && let Some(wanted) = wanted.get_mut(*name)
            {
                *wanted = true;
            }
        }
    }
}

fn prune(members: &mut Members) {
    members.retain_mut(|(_, node)| match node {
        Node::Object(inner) => {
            prune(inner);
            !inner.is_empty()
        }
        Node::Elements(elements) => {
            elements.iter_mut().for_each(|element| prune(&mut element.members));
            elements.iter().any(|element| !element.members.is_empty())
        }
        Node::Each(..) | Node::Labels(_) | Node::Struct(..) | Node::List(_) | Node::Value(_) => true,
    });
}
