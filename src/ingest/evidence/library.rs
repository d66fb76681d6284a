//! The records of samples, fetched again from where they were met.

use std::cell::RefCell;
use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::ingest::held::{Block, Held};
use crate::ingest::sink::{Origin, Whereabouts};
use crate::ingest::source::{Form, PlainFile};
use crate::ingest::windows::evtx::{self, EvtxItem};
use crate::ingest::windows::{FormReader, Mapper};

thread_local! {
    /// One sample mostly comes from where the last ones came from.
    static LIBRARY: RefCell<Library> = RefCell::default();
}

/// The record of an event, as UDM; nothing where it cannot be had again as it was.
pub(super) fn record(origin: &Origin) -> Option<Vec<u8>> {
    LIBRARY.with_borrow_mut(|library| {
        let mut raw = std::mem::take(&mut library.spare);
        raw.clear();
        library.fetch(origin, &mut raw)?;
        Some(match origin.form() {
            Form::Udm => raw,
            Form::Windows => library.map(&raw),
        })
    })
}

/// Takes a record that was shown: the next one has its place in memory.
pub(super) fn give_back(raw: Vec<u8>) {
    if raw.capacity() <= LARGE {
        LIBRARY.with_borrow_mut(|library| library.spare = raw);
    }
}

/// Memory for the seldom record above this is not kept.
const LARGE: usize = 1 << 20;

/// Is the file still what it was?
pub(super) fn has(file: &PlainFile) -> bool {
    LIBRARY.with_borrow_mut(|library| library.file(file).is_some())
}

/// What stays open from one sample to the next.
#[derive(Default)]
struct Library {
    mapper: Option<Mapper>,
    file: Option<(PlainFile, Option<File>)>,
    /// Blocks of held records, unpacked.
    blocks: Recent<Arc<Block>, Vec<u8>>,
    /// The records of the chunks of EVTX files, by the byte where the chunk starts.
    chunks: Recent<(PlainFile, u64), Vec<Vec<u8>>>,
    spare: Vec<u8>,
}

impl Library {
    fn fetch(&mut self, origin: &Origin, raw: &mut Vec<u8>) -> Option<()> {
        match origin.bytes()? {
            Whereabouts::Held(held) => self.held(&held, raw),
            Whereabouts::File(file, start, len) => self.read(file, start, (len as usize, raw)),
            Whereabouts::Evtx(file, start, nth) => self.evtx(file, (start, nth), raw),
        }
    }

    fn map(&mut self, raw: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        if let Ok(record) = FormReader::default().read(raw) {
            self.mapper.get_or_insert_with(|| Mapper::new(&|_| true)).map(&record, &mut out);
        }
        out
    }

    /// The file, where it is still what it was.
    fn file(&mut self, known: &PlainFile) -> Option<&File> {
        if !matches!(&self.file, Some((open, _)) if is_same(open, known)) {
            self.file = Some((known.clone(), unchanged(known)));
        }
        self.file.as_ref().and_then(|(_, file)| file.as_ref())
    }

    fn read(&mut self, known: &PlainFile, start: u64, (len, raw): (usize, &mut Vec<u8>)) -> Option<()> {
        let file = self.file(known)?;
        raw.resize(len, 0);
        read_at(file, raw, start).ok()
    }

    fn held(&mut self, held: &Held, raw: &mut Vec<u8>) -> Option<()> {
        // An open block may have grown since.
        let is_it =
            |block: &Arc<Block>, bytes: &Vec<u8>| Arc::ptr_eq(block, &held.block) && held.of(bytes).is_some();
        let unpack = || Some((Arc::clone(&held.block), held.block.bytes()));
        raw.extend_from_slice(held.of(self.blocks.get(is_it, unpack)?)?);
        Some(())
    }

    fn evtx(&mut self, known: &PlainFile, (start, nth): (u64, u64), raw: &mut Vec<u8>) -> Option<()> {
        self.file(known)?;
        let file = self.file.as_ref().and_then(|(_, file)| file.as_ref());
        let is_it = |(file, at): &(PlainFile, u64), _: &Vec<Vec<u8>>| *at == start && is_same(file, known);
        let unpack = || Some(((known.clone(), start), chunk(file?, start)?));
        let records = self.chunks.get(is_it, unpack)?;
        raw.extend_from_slice(records.get(usize::try_from(nth).ok()?.checked_sub(1)?)?);
        Some(())
    }
}

fn chunk(file: &File, start: u64) -> Option<Vec<Vec<u8>>> {
    let mut records = Vec::new();
    let each = &mut |item: EvtxItem<'_>| {
        if let EvtxItem::Record { json, .. } = item {
            records.push(json.to_vec());
        }
        ControlFlow::Continue(())
    };
    evtx::read_chunk(file, start, each).ok()?;
    Some(records)
}

/// What was unpacked last: a detection has its events from several places, and its neighbours have them from there too.
struct Recent<K, V>(Vec<(K, V)>);

/// So much is held unpacked in each thread: a block or a chunk is some 100 KB.
const HELD: usize = 32;

impl<K, V> Default for Recent<K, V> {
    fn default() -> Recent<K, V> {
        Recent(Vec::new())
    }
}

impl<K, V> Recent<K, V> {
    /// What `is_it` tells, else what `make` gives in the place of what was asked for longest ago.
    fn get(&mut self, is_it: impl Fn(&K, &V) -> bool, make: impl FnOnce() -> Option<(K, V)>) -> Option<&V> {
        match self.0.iter().position(|(key, value)| is_it(key, value)) {
            Some(at) => self.0.get_mut(..=at)?.rotate_right(1),
            None => {
                self.0.truncate(HELD - 1);
                self.0.insert(0, make()?);
            }
        }
        self.0.first().map(|(_, value)| value)
    }
}

/// The same file: its path is compared as text, which takes no taking apart.
fn is_same(one: &PlainFile, other: &PlainFile) -> bool {
    one.len == other.len && one.modified == other.modified && one.path.as_os_str() == other.path.as_os_str()
}

fn unchanged(known: &PlainFile) -> Option<File> {
    let file = File::open(&known.path).ok()?;
    let metadata = file.metadata().ok()?;
    (metadata.len() == known.len && metadata.modified().ok() == known.modified).then_some(file)
}

#[cfg(unix)]
fn read_at(file: &File, raw: &mut [u8], start: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, raw, start)
}

#[cfg(not(unix))]
fn read_at(mut file: &File, raw: &mut [u8], start: u64) -> io::Result<()> {
    use std::io::{Read, Seek, SeekFrom};
    file.seek(SeekFrom::Start(start))?;
    file.read_exact(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_of_late_is_not_made_again() {
        let (mut recent, mut made) = (Recent::default(), 0);
        let mut ask = |number: usize| {
            let make = || {
                made += 1;
                Some((number, number * 10))
            };
            assert_eq!(recent.get(|key, _| *key == number, make), Some(&(number * 10)));
            made
        };
        assert_eq!((0..HELD).map(&mut ask).last(), Some(HELD));
        assert_eq!(ask(0), HELD);
        // It takes the place of the second, which was asked for longest ago.
        assert_eq!(ask(HELD), HELD + 1);
        assert_eq!(ask(0), HELD + 1);
        assert_eq!(ask(1), HELD + 2);
        assert_eq!(recent.get(|_, _| false, || None), None);
    }
}
