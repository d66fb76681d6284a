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
use rustc_hash::FxHashMap;
use template::{Asked, Members, Place, Source};
use transform::Values;
use write::{Located, Writer};

/// Turns Windows records into UDM events, by a template per provider and event id.
#[derive(Debug)]
pub struct Mapper {
    providers: FxHashMap<&'static str, Provider>,
    /// For providers without rows of their own.
    other: Template,
    /// Per name of the template at hand, its place in the record.
    places: Vec<Option<usize>>,
    /// Per value of the record at hand, the template's name for it.
    names: Vec<Option<usize>>,
    values: Values,
}

#[derive(Debug)]
struct Provider {
    kinds: FxHashMap<u32, Template>,
    /// For ids without rows of their own.
    other: Template,
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
        let rows: Vec<Row> = rows::rows().filter_map(Result::ok).collect();
        let compile = |provider, id| Template::compile(&rows, (provider, id), wants, of_use);
        let mut providers: FxHashMap<&'static str, Provider> = FxHashMap::default();
        for row in rows.iter().filter(|row| row.provider != EVERY_PROVIDER) {
            let provider = providers.entry(row.provider).or_insert_with(|| Provider {
                kinds: FxHashMap::default(),
                other: compile(row.provider, None),
            });
            for id in &row.ids {
                let kind = provider.kinds.entry(*id);
                kind.or_insert_with(|| compile(row.provider, Some(*id)));
            }
        }
        let other = compile(EVERY_PROVIDER, None);
        Mapper { providers, other, places: Vec::new(), names: Vec::new(), values: Values::default() }
    }

    /// Appends the record as one UDM event in JSON, without a line end.
    pub fn map(&mut self, record: &RawRecord<'_>, out: &mut Vec<u8>) {
        let Mapper { providers, other, places, names, values } = self;
        let template = match providers.get_mut(record.provider()) {
            Some(provider) => provider.template(record.event_id()),
            None => other,
        };
        template.locate(record, places, names);
        let located = Located { record: *record, places, names };
        Writer { located, values, uses: &template.uses }.event(&template.members, out);
    }
}

impl Wants for Mapper {
    fn interest(&self, provider: &str, id: Option<u32>) -> &Interest {
        let Some(provider) = self.providers.get(provider) else { return &self.other.interest };
        let kind = id.and_then(|id| provider.kinds.get(&id));
        &kind.unwrap_or(&provider.other).interest
    }
}

impl Provider {
    fn template(&mut self, id: Option<u32>) -> &mut Template {
        id.and_then(|id| self.kinds.get_mut(&id)).unwrap_or(&mut self.other)
    }
}

impl Template {
    /// Rows for the id come first, then those for all ids of the provider, then those for all
    /// providers: where several rows give one value, the first that makes something wins.
    fn compile(
        rows: &[Row],
        (provider, id): (&str, Option<u32>),
        wants: &dyn Fn(&[&str]) -> bool,
        of_use: &dyn Fn(&str) -> bool,
    ) -> Template {
        let mut template = Template::default();
        let own = |row: &&Row| row.provider == provider && id.is_some_and(|id| row.ids.contains(&id));
        let general = |row: &&Row| row.provider == provider && row.ids.is_empty();
        let common = |row: &&Row| row.provider == EVERY_PROVIDER && provider != EVERY_PROVIDER;
        let ordered = rows.iter().filter(own).chain(rows.iter().filter(general));
        let ordered: Vec<&Row> = ordered.chain(rows.iter().filter(common)).collect();
        for row in &ordered {
            template.add(row, if is_wanted(&row.path, wants) { Asked::Yes } else { Asked::No });
        }
        template::finish(&mut template.members);
        template.last = vec![0; template.names.len()];
        template.interest = if event_types(&ordered).any(of_use) {
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

/// The UDM event types that rows can give: each up to the first that gives its own to any record.
fn event_types<'r>(rows: &'r [&Row]) -> impl Iterator<Item = &'static str> + 'r {
    let is_type = |row: &&&Row| row.written_path == "metadata.event_type";
    let mut types = rows.iter().filter(is_type);
    let mut ended = false;
    std::iter::from_fn(move || {
        let row = types.next().filter(|_| !ended)?;
        ended = row.when.is_none();
        match row.raw {
            Raw::Constant(name) => Some(name),
            Raw::System(_) | Raw::Data(_) => None,
        }
    })
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
