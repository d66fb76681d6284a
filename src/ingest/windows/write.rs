//! Writes a template's tree for one record, in one walk and without making a tree of its own.

use super::json::{close, open, write_text};
use super::record::RawRecord;
use super::template::{Element, Members, Node, Place, Rest, Source};
use super::transform::{Values, Writes};

/// A record beside the places at which a template's names stand in it.
#[derive(Clone, Copy)]
pub(super) struct Located<'r> {
    pub(super) record: RawRecord<'r>,
    /// Per name of the template, its place among the record's values.
    pub(super) places: &'r [Option<usize>],
    /// Per value of the record, the template's name for it.
    pub(super) names: &'r [Option<usize>],
}

impl<'r> Located<'r> {
    fn get(&self, place: &Place) -> Option<&'r str> {
        match place {
            Place::Constant(text) => Some(text),
            Place::System(field) => self.record.system(*field),
            Place::Data(name) => self.record.value((*self.places.get(*name)?)?),
        }
    }
}

impl Source {
    /// Fills `values` with what the row makes of the record, often nothing.
    fn evaluate(&self, located: &Located<'_>, values: &mut Values) {
        values.clear();
        let Some(value) = located.get(&self.place) else { return };
        if self.holds(located) {
            (self.transform.body)(value, self.argument, values);
        }
    }

    fn holds(&self, located: &Located<'_>) -> bool {
        let Some((place, test)) = &self.when else { return true };
        located.get(place).is_some_and(|value| test.holds(value))
    }

    /// Whether the row makes anything of the record.
    fn yields(&self, located: &Located<'_>, values: &mut Values) -> bool {
        self.evaluate(located, values);
        values.first().is_some()
    }

    fn write_value(&self, value: &str, out: &mut Vec<u8>) {
        match self.transform.writes {
            Writes::Text => write_text(out, value),
            Writes::Number => out.extend_from_slice(value.as_bytes()),
        }
    }
}

/// What writing needs besides the tree: the record, room for values, and what to add to a struct.
pub(super) struct Writer<'w> {
    pub(super) located: Located<'w>,
    pub(super) values: &'w mut Values,
    /// Per name of the template, the rows that may use it.
    pub(super) uses: &'w [Vec<Source>],
}

impl Writer<'_> {
    /// Writes the whole event.
    pub(super) fn event(&mut self, members: &Members, out: &mut Vec<u8>) {
        self.object(members, out);
    }

    /// Writes the members, each followed by a comma.
    fn members(&mut self, members: &Members, out: &mut Vec<u8>) {
        for (name, node) in members {
            let before = out.len();
            write_name(out, name);
            if self.node(node, out) {
                out.push(b',');
            } else {
                out.truncate(before);
            }
        }
    }

    /// Writes one part, and says whether there is anything in it.
    fn node(&mut self, node: &Node, out: &mut Vec<u8>) -> bool {
        match node {
            Node::Object(members) => self.object(members, out),
            Node::Elements(elements) => self.elements(elements, out),
            Node::Each(inner, sources) => self.each(Some(inner), sources, out),
            Node::Labels(labels) => self.labels(labels, out),
            Node::Struct(labels, rest) => self.plain_struct(labels, *rest, out),
            Node::List(sources) => self.each(None, sources, out),
            Node::Value(sources) => self.value(sources, out),
        }
    }

    fn object(&mut self, members: &Members, out: &mut Vec<u8>) -> bool {
        let opened = open(out, b'{');
        self.members(members, out);
        close(out, opened, b'}')
    }

    fn elements(&mut self, elements: &[Element], out: &mut Vec<u8>) -> bool {
        let opened = open(out, b'[');
        for element in elements {
            let before = out.len();
            if self.object(&element.members, out) || self.is_made(&element.made_by) {
                out.push(b',');
            } else {
                out.truncate(before);
            }
        }
        close(out, opened, b']')
    }

    fn is_made(&mut self, by: &[Source]) -> bool {
        by.iter().any(|source| source.yields(&self.located, self.values))
    }

    fn each(&mut self, inner: Option<&str>, sources: &[Source], out: &mut Vec<u8>) -> bool {
        let opened = open(out, b'[');
        for source in sources {
            source.evaluate(&self.located, self.values);
            for value in self.values.iter() {
                if let Some(inner) = inner {
                    out.push(b'{');
                    write_name(out, inner);
                }
                source.write_value(value, out);
                out.extend_from_slice(if inner.is_some() { b"}," } else { b"," });
            }
        }
        close(out, opened, b']')
    }

    fn labels(&mut self, labels: &[(&'static str, Vec<Source>)], out: &mut Vec<u8>) -> bool {
        let opened = open(out, b'[');
        for (key, sources) in labels {
            let before = out.len();
            out.extend_from_slice(b"{\"key\":");
            write_text(out, key);
            out.extend_from_slice(b",\"value\":");
            if self.value(sources, out) {
                out.extend_from_slice(b"},");
            } else {
                out.truncate(before);
            }
        }
        close(out, opened, b']')
    }

    fn plain_struct(
        &mut self,
        labels: &[(&'static str, Vec<Source>)],
        rest: Rest,
        out: &mut Vec<u8>,
    ) -> bool {
        let opened = open(out, b'{');
        for (key, sources) in labels {
            let before = out.len();
            write_name(out, key);
            if self.value(sources, out) {
                out.push(b',');
            } else {
                out.truncate(before);
            }
        }
        if rest == Rest::Taken {
            self.unused(labels, out);
        }
        close(out, opened, b'}')
    }

    /// The record's values that no row makes anything of, by their own names.
    fn unused(&mut self, labels: &[(&'static str, Vec<Source>)], out: &mut Vec<u8>) {
        let record = self.located.record;
        for at in 0..record.len() {
            let (Some(name), Some(value)) = (record.name(at), record.value(at)) else { continue };
            let known = self.located.names.get(at).copied().flatten();
            let uses = known.and_then(|name| self.uses.get(name));
            if record.position(name) != Some(at) || uses.is_some_and(|uses| self.is_made(uses)) {
                continue;
            }
            // A key of a row must not be written twice.
            if labels.iter().any(|label| label.0 == name) {
                write_name(out, &format!("EventData.{name}"));
            } else {
                write_name(out, name);
            }
            write_text(out, value);
            out.push(b',');
        }
    }

    /// Writes the first value that a source makes.
    fn value(&mut self, sources: &[Source], out: &mut Vec<u8>) -> bool {
        for source in sources {
            source.evaluate(&self.located, self.values);
            if let Some(value) = self.values.first() {
                source.write_value(value, out);
                return true;
            }
        }
        false
    }
}

fn write_name(out: &mut Vec<u8>, name: &str) {
    write_text(out, name);
    out.push(b':');
}
