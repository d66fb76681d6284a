//! From the bytes of a Windows record, in whatever form, to a UDM event in JSON with what a run wants of it.

use super::Mapper;
use super::dump::RecordReader;
use super::forms::FormReader;
use super::json::RecordError;
use super::record::RawRecord;
use crate::ingest::wanted::Wanted;

/// Turns records into events, one after the other in the same memory.
#[derive(Debug)]
pub struct Normaliser<'w> {
    records: RecordReader,
    forms: FormReader,
    wanted: &'w Wanted,
    /// Made for the first Windows record, as most runs see none: the rows take as long as starting does otherwise.
    mapper: Option<Mapper>,
    mapped: Vec<u8>,
}

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Normal<'n> {
    /// An event.
    Event {
        /// The event in JSON, fit to be read like any other.
        json: &'n [u8],
        /// The EventRecordID, where the record has one.
        record: Option<u64>,
    },
    /// No plan wants such an event.
    Unwanted,
}

impl<'w> Normaliser<'w> {
    /// Makes of each record what `wanted` asks for.
    pub fn new(wanted: &'w Wanted) -> Normaliser<'w> {
        Normaliser {
            records: RecordReader::default(),
            forms: FormReader::default(),
            wanted,
            mapper: None,
            mapped: Vec::new(),
        }
    }

    /// Takes a record of an EVTX file, in the form of `evtx_dump`.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn evtx(&mut self, json: &[u8]) -> Result<Normal<'_>, RecordError> {
        let mapper = mapper(&mut self.mapper, self.wanted);
        let record = self.records.read_wanted(json, mapper)?;
        Ok(record.map_or(Normal::Unwanted, |record| map(mapper, &record, &mut self.mapped)))
    }

    /// Takes a record in any of the other forms; of JSON that is no Windows event at all it says
    /// [`RecordError::NoForm`].
    ///
    /// # Errors
    /// It cannot be read, or has none of the forms.
    pub fn form(&mut self, raw: &[u8]) -> Result<Normal<'_>, RecordError> {
        let record = self.forms.read(raw)?;
        Ok(map(mapper(&mut self.mapper, self.wanted), &record, &mut self.mapped))
    }
}

fn mapper<'m>(mapper: &'m mut Option<Mapper>, wanted: &Wanted) -> &'m mut Mapper {
    mapper.get_or_insert_with(|| {
        Mapper::for_types(&|path| wanted.wants(path), &|name| wanted.may_want_type(name))
    })
}

fn map<'n>(mapper: &mut Mapper, record: &RawRecord<'_>, mapped: &'n mut Vec<u8>) -> Normal<'n> {
    mapped.clear();
    mapper.map(record, mapped);
    Normal::Event { json: mapped, record: record.record_id().and_then(|id| id.parse().ok()) }
}
