//! Windows events: from an EVTX record or its JSON to one UDM event, by rows of mapping files.

pub mod coverage;
mod dump;
pub mod evtx;
pub mod explain;
pub mod forms;
mod json;
mod normaliser;
mod record;
mod rows;
mod status;
mod template;
#[cfg(test)]
mod tests;
mod transform;
mod write;

pub use dump::RecordReader;
pub use forms::FormReader;
pub use json::RecordError;
pub use normaliser::{Normal, Normaliser};
pub use record::{RawRecord, RecordBuffer, System};

use dump::{Interest, Wants};
use rows::{EVERY_PROVIDER, Raw, Row, Step, Then};
use rustc_hash::{FxHashMap, FxHashSet};
use template::{Asked, Members, Place, Source};
use transform::Values;
use write::{Located, Writer};

/// Turns Windows records into UDM events, by a template per provider and event id.
#[derive(Debug, Default)]
pub struct Mapper {
    rows: Vec<Asking>,
    /// Per provider with rows of its own, the ids with rows of their own.
    ids: FxHashMap<&'static str, FxHashSet<u32>>,
    /// Made as kinds of event are met: a file holds few of the hundreds there are.
    templates: FxHashMap<Kind, Template>,
    /// Per name of the template at hand, its place in the record.
    places: Vec<Option<usize>>,
    /// Per value of the record at hand, the template's name for it.
    names: Vec<Option<usize>>,
    values: Values,
}

/// A provider, or all of those without rows of their own, and an event id, or all of those without.
type Kind = (&'static str, Option<u32>);

/// A row, and what the run says to it.
#[derive(Debug)]
struct Asking {
    row: Row,
    /// Is what it writes asked for?
    asked: Asked,
    /// The event type it gives, and whether the run may want one of that type.
    gives: Option<Gives>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gives {
    Wanted,
    Unwanted,
}

#[derive(Debug)]
struct Template {
    members: Members,
    names: Vec<&'static str>,
    /// Per name, where it stood in the last record of this kind: it mostly stands there again.
    last: Vec<usize>,
    /// Per name, the rows that take it, asked for or not.
    uses: Vec<Vec<Source>>,
    /// What must be read of a record for all that.
    interest: Interest,
}

impl Default for Template {
    fn default() -> Template {
        Template {
            members: Members::new(),
            names: Vec::new(),
            last: Vec::new(),
            uses: Vec::new(),
            interest: Interest::Everything,
        }
    }
}

impl Mapper {
    /// Makes templates of the rows whose UDM path `wants` asks for. A path is its field names in
    /// `snake_case` without indexes and keys; for labels it goes down to `value` (and `key`), for
    /// `additional` to `fields`.
    pub fn new(wants: &dyn Fn(&[&str]) -> bool) -> Mapper {
        Mapper::for_types(wants, &|_| true)
    }

    /// The same, for a run that passes over events of all types that `of_use` does not hold of.
    pub fn for_types(wants: &dyn Fn(&[&str]) -> bool, of_use: &dyn Fn(&str) -> bool) -> Mapper {
        let rows = rows::rows().filter_map(Result::ok).map(|row| Asking::new(row, wants, of_use)).collect();
        let mut mapper = Mapper { rows, ..Mapper::default() };
        for Asking { row, .. } in mapper.rows.iter().filter(|one| one.row.provider != EVERY_PROVIDER) {
            mapper.ids.entry(row.provider).or_default().extend(&row.ids);
        }
        mapper
    }

    /// Appends the record as one UDM event in JSON, without a line end.
    pub fn map(&mut self, record: &RawRecord<'_>, out: &mut Vec<u8>) {
        let kind = self.kind(record.provider(), record.event_id());
        let Mapper { rows, templates, places, names, values, .. } = self;
        let template = templates.entry(kind).or_insert_with(|| Template::compile(rows, kind));
        template.locate(record, places, names);
        let located = Located { record: *record, places, names };
        Writer { located, values, uses: &template.uses }.event(&template.members, out);
    }

    fn kind(&self, provider: &str, id: Option<u32>) -> Kind {
        let Some((provider, ids)) = self.ids.get_key_value(provider) else { return (EVERY_PROVIDER, None) };
        (provider, id.filter(|id| ids.contains(id)))
    }
}

impl Wants for Mapper {
    fn interest(&mut self, provider: &str, id: Option<u32>) -> &Interest {
        let kind = self.kind(provider, id);
        let Mapper { rows, templates, .. } = self;
        &templates.entry(kind).or_insert_with(|| Template::compile(rows, kind)).interest
    }
}

impl Asking {
    fn new(row: Row, wants: &dyn Fn(&[&str]) -> bool, of_use: &dyn Fn(&str) -> bool) -> Asking {
        let asked = if is_wanted(&row.path, wants) { Asked::Yes } else { Asked::No };
        let gives = match row.raw {
            Raw::Constant(name) if row.written_path == "metadata.event_type" => {
                Some(if of_use(name) { Gives::Wanted } else { Gives::Unwanted })
            }
            Raw::Constant(_) | Raw::System(_) | Raw::Data(_) => None,
        };
        Asking { row, asked, gives }
    }
}

impl Template {
    /// Rows for the id come first, then those for all ids of the provider, then those for all
    /// providers: where several rows give one value, the first that makes something wins.
    fn compile(rows: &[Asking], (provider, id): Kind) -> Template {
        let mut template = Template::default();
        let own =
            |row: &&Asking| row.row.provider == provider && id.is_some_and(|id| row.row.ids.contains(&id));
        let general = |row: &&Asking| row.row.provider == provider && row.row.ids.is_empty();
        let common = |row: &&Asking| row.row.provider == EVERY_PROVIDER && provider != EVERY_PROVIDER;
        let ordered = rows.iter().filter(own).chain(rows.iter().filter(general));
        let ordered: Vec<&Asking> = ordered.chain(rows.iter().filter(common)).collect();
        for Asking { row, asked, .. } in &ordered {
            template.add(row, *asked);
        }
        template::finish(&mut template.members);
        template.last = vec![0; template.names.len()];
        template.interest = if may_be_wanted(&ordered) {
            template::interest(&template.members, &template.names)
        } else {
            Interest::Nothing
        };
        template
    }

    fn add(&mut self, row: &Row, asked: Asked) {
        let mut place = |raw| match raw {
            Raw::Constant(text) => Place::Constant(text),
            Raw::System(field) => Place::System(field),
            Raw::Data(name) => Place::Data(self.name(name)),
        };
        let source = Source::new(row, &mut place);
        if let Some(name) = source.data_name()
            && let Some(uses) = self.uses.get_mut(name)
        {
            uses.push(source.clone());
        }
        template::insert(&mut self.members, &row.path, &source, asked);
    }

    fn name(&mut self, name: &'static str) -> usize {
        let known = self.names.iter().position(|known| *known == name);
        known.unwrap_or_else(|| {
            self.names.push(name);
            self.uses.push(Vec::new());
            self.names.len() - 1
        })
    }

    /// Finds the template's names among the record's values.
    fn locate(
        &mut self,
        record: &RawRecord<'_>,
        places: &mut Vec<Option<usize>>,
        names: &mut Vec<Option<usize>>,
    ) {
        places.clear();
        names.clear();
        names.resize(record.len(), None);
        for (index, (name, last)) in self.names.iter().zip(&mut self.last).enumerate() {
            let same = record.name(*last) == Some(*name);
            let place = if same { Some(*last) } else { record.position(name) };
            places.push(place);
            let Some(place) = place else { continue };
            *last = place;
            if let Some(slot) = names.get_mut(place) {
                *slot = Some(index);
            }
        }
    }
}

/// Is an event type wanted that rows can give? Each can, up to the first that gives its own to any record.
fn may_be_wanted(rows: &[&Asking]) -> bool {
    let giving = rows.iter().filter_map(|one| Some((one.gives?, one.row.when.is_none())));
    for (gives, to_any) in giving {
        if gives == Gives::Wanted || to_any {
            return gives == Gives::Wanted;
        }
    }
    false
}

/// Labels are asked for as a whole, or by either of their two fields.
fn is_wanted(path: &[Step], wants: &dyn Fn(&[&str]) -> bool) -> bool {
    let mut names: Vec<&str> = path.iter().map(|step| step.name).collect();
    if wants(&names) {
        return true;
    }
    let labelled = matches!(path.last(), Some(Step { then: Then::Key(_), name }) if *name != "fields");
    labelled
        && ["key", "value"].into_iter().any(|field| {
            names.push(field);
            let wanted = wants(&names);
            names.pop();
            wanted
        })
}
