//! From the bytes of a Windows record, in whatever form, to a UDM event in JSON with what a run wants of it.

use super::Mapper;
use super::dump::RecordReader;
use super::forms::FormReader;
use super::json::RecordError;
use super::record::RawRecord;
use crate::ingest::wanted::Wanted;

/// Turns records into events, one after the other in the same memory.
#[derive(Debug)]
pub struct Normaliser {
    records: RecordReader,
    forms: FormReader,
    mapper: Mapper,
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

impl Normaliser {
    /// Makes of each record what `wanted` asks for.
    pub fn new(wanted: &Wanted) -> Normaliser {
        let of_use = |name: &str| wanted.may_want_type(name);
        Normaliser {
            records: RecordReader::default(),
            forms: FormReader::default(),
            mapper: Mapper::for_types(&|path| wanted.wants(path), &of_use),
            mapped: Vec::new(),
        }
    }

    /// Takes a record of an EVTX file, in the form of `evtx_dump`.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn evtx(&mut self, json: &[u8]) -> Result<Normal<'_>, RecordError> {
        let record = self.records.read_wanted(json, &self.mapper)?;
        Ok(record.map_or(Normal::Unwanted, |record| map(&mut self.mapper, &record, &mut self.mapped)))
    }

    /// Takes a record in any of the other forms; of JSON that is no Windows event at all it says
    /// [`RecordError::NoForm`].
    ///
    /// # Errors
    /// It cannot be read, or has none of the forms.
    pub fn form(&mut self, raw: &[u8]) -> Result<Normal<'_>, RecordError> {
        let record = self.forms.read(raw)?;
        Ok(map(&mut self.mapper, &record, &mut self.mapped))
    }
}

fn map<'n>(mapper: &mut Mapper, record: &RawRecord<'_>, mapped: &'n mut Vec<u8>) -> Normal<'n> {
    mapped.clear();
    mapper.map(record, mapped);
    Normal::Event { json: mapped, record: record.record_id().and_then(|id| id.parse().ok()) }
}
