//! The elements that `any` and `all` range over.

use super::eval::Scope;
use crate::ingest::record::NO_ELEMENT;
use crate::ingest::wanted::SlotId;
use crate::plan::{Range, Scalar};
use crate::value::Value;

/// An element of a list under `any` or `all`.
#[derive(Debug)]
pub(super) enum Element<'s> {
    /// Of a list of the record, by its place.
    OfRecord(u32),
    /// Of a list that rows keep.
    Kept(Value<'s>),
}

/// The element that an `any` or `all` of a test stands at, and those further out.
#[derive(Debug)]
pub(super) struct UnderTest<'s> {
    /// See [`Range::number`].
    number: usize,
    element: Element<'s>,
    outer: Option<&'s UnderTest<'s>>,
}

impl<'s> Scope<'s> {
    /// Each element of a list in turn. Those of a record are numbers, so that none of its values is copied.
    pub(super) fn elements(&self, range: &'s Range) -> impl Iterator<Item = UnderTest<'s>> + use<'s> {
        let (number, outer) = (range.number, self.each);
        let (count, kept) = if let Scalar::Whole(_, slot) = &range.list {
            (self.count(*slot), Vec::new())
        } else if let Value::List(items) = self.value(&range.list) {
            (0, items)
        } else {
            (0, Vec::new())
        };
        let elements = (0..count).map(Element::OfRecord).chain(kept.into_iter().map(Element::Kept));
        elements.map(move |element| UnderTest { number, element, outer })
    }

    /// Where an element is under test.
    pub(super) fn at<'e>(&self, element: &'e UnderTest<'e>) -> Scope<'e>
    where
        's: 'e,
    {
        let scope: Scope<'e> = *self;
        Scope { each: Some(element), ..scope }
    }

    /// The element that the `any` or `all` of this number stands at: one of its own test, so the nearest.
    fn under_test(&self, number: usize) -> Option<&'s Element<'s>> {
        let mut around = std::iter::successors(self.each, |one| one.outer);
        around.find(|one| one.number == number).map(|one| &one.element)
    }

    /// Its place in the record; none where rows keep the list.
    pub(super) fn place(&self, number: usize) -> Option<u32> {
        match self.under_test(number) {
            Some(Element::OfRecord(place)) => Some(*place),
            Some(Element::Kept(_)) => None,
            None => Some(NO_ELEMENT),
        }
    }

    /// Its value.
    pub(super) fn each_value(&self, slot: SlotId, number: usize) -> Value<'s> {
        match self.under_test(number) {
            Some(Element::OfRecord(place)) => self.field(slot, *place),
            Some(Element::Kept(value)) => value.borrowed(),
            None => self.field(slot, NO_ELEMENT),
        }
    }

    /// How many elements the list of a field has.
    pub(super) fn count(&self, slot: SlotId) -> u32 {
        let count = self.event.and_then(|event| Some(event.record.count(event.wanted.slot(slot).list?)));
        u32::try_from(count.unwrap_or(0)).unwrap_or(NO_ELEMENT)
    }
}
