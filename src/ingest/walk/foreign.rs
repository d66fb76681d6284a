//! Records that are no UDM: Windows events, in JSON or XML, which are made into UDM first.

use super::unwrap::{Around, Fault, NOT_UTF_8, count, place, whole};
use super::{Met, Receiver, Walked, Walker};
use crate::ingest::json::JsonError;
use crate::ingest::read::{Read, read};
use crate::ingest::record::{Event, Record};
use crate::ingest::source::Form;
use crate::ingest::wanted::Wanted;
use crate::ingest::windows::forms::{self, Chance};
use crate::ingest::windows::{Normal, RecordError};
use crate::schema::Root;

impl Walker<'_> {
    /// Any value: UDM or what is around some, or else a Windows event. Gives how many bytes it took, unless it was
    /// dropped before its end.
    pub(super) fn any(
        &mut self,
        met: Met<'_>,
        around: Around,
        walked: &mut Walked,
        out: &mut dyn Receiver,
    ) -> Result<Option<usize>, Fault> {
        if forms::chance(met.raw) == Chance::Sure
            && let Some(done) = self.windows_event(met, around, out)
        {
            return done;
        }
        match self.value(met, around, walked, out) {
            Err(Fault::Foreign) => self.windows_event(met, around, out).unwrap_or(Err(Fault::Foreign)),
            done => done,
        }
    }

    /// Nothing where the value is no Windows event.
    fn windows_event(
        &mut self,
        met: Met<'_>,
        around: Around,
        out: &mut dyn Receiver,
    ) -> Option<Result<Option<usize>, Fault>> {
        let end = forms::extent(met.raw)?;
        let raw = met.raw.get(..end)?;
        let (mapped, position) = match self.windows.form(raw) {
            Ok(Normal::Event { json, record }) => {
                (json, record.map_or(met.position, |id| met.position.logged(id)))
            }
            Ok(Normal::Unwanted) => {
                count(around, out);
                return Some(Ok(Some(end)));
            }
            Err(RecordError::NoForm) => return None,
            Err(error) => return Some(Err(Fault::Form(error))),
        };
        // The other forms are read to their end in any case.
        if raw.starts_with(b"{")
            && let Err(error) = whole(self.care, raw)
        {
            return Some(Err(error.into()));
        }
        count(around, out);
        let met = Met { position, form: Form::Windows, raw, ..met };
        let done = hand_on((self.wanted, &mut self.record), mapped, met, out);
        if done.is_ok() && std::str::from_utf8(raw).is_err() {
            let _ = out.damage(place(position), NOT_UTF_8.to_owned());
        }
        Some(done.map(|()| Some(end)).map_err(Fault::from))
    }
}

/// Hands on the event that was made of a record.
pub(super) fn hand_on(
    (wanted, record): (&Wanted, &mut Record),
    mapped: &[u8],
    met: Met<'_>,
    out: &mut dyn Receiver,
) -> Result<(), JsonError> {
    match read(wanted, Root::Udm, mapped, record)? {
        Read::Rejected | Read::Entity => {}
        Read::Whole(_) => out.event(&Event { root: Root::Udm, wanted, record, bytes: mapped }, met),
    }
    Ok(())
}
