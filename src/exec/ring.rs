//! What was found of the last windows that overlap: ten hold a moment, and those before are never asked for again.

use super::windows::OVERLAP;

/// By the number of a window, counted in steps since the epoch.
pub(super) struct Ring<T>([Option<(i64, T)>; OVERLAP as usize]);

impl<T> Ring<T> {
    pub(super) fn new() -> Ring<T> {
        Ring(std::array::from_fn(|_| None))
    }

    /// What is known of a window, or what `find` says of it.
    pub(super) fn get_or(&mut self, number: i64, find: impl FnOnce() -> T) -> Option<&T> {
        let place = self.0.get_mut(slot(number))?;
        if place.as_ref().is_none_or(|(known, _)| *known != number) {
            *place = Some((number, find()));
        }
        place.as_ref().map(|(_, found)| found)
    }

    pub(super) fn get(&self, number: i64) -> Option<&T> {
        self.0.get(slot(number))?.as_ref().filter(|(known, _)| *known == number).map(|(_, found)| found)
    }
}

fn slot(number: i64) -> usize {
    usize::try_from(number.rem_euclid(OVERLAP)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_windows_in_a_row_are_remembered() {
        let mut ring = Ring::new();
        for number in -30..30 {
            ring.get_or(number, || number * 2);
            for known in number - 9..=number {
                assert_eq!(ring.get(known).copied(), (known >= -30).then_some(known * 2));
            }
            assert_eq!(ring.get(number - 10), None);
            assert_eq!(ring.get_or(number, || 0), Some(&(number * 2)));
        }
    }
}
