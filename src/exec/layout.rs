//! Where the captures of a source are kept: with each of its rows, or with the rows of one counted factor.

use crate::plan::SourcePlan;

/// The places of a source's captures.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// Captures of a row, in order.
    pub(super) row: Vec<usize>,
    /// Captures of each factor's own rows, in order; none for a factor that is multiplied out.
    pub(super) factors: Vec<Vec<usize>>,
    home: Vec<Home>,
}

/// Where a capture is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Home {
    /// With the row, at this place.
    Row(usize),
    /// With the rows of this factor, at this place.
    Factor(usize, usize),
}

impl Layout {
    pub(super) fn new(source: &SourcePlan) -> Layout {
        let mut layout = Layout { factors: vec![Vec::new(); source.factors.len()], ..Layout::default() };
        for (index, capture) in source.captures.iter().enumerate() {
            let home = match capture.factor.and_then(|factor| Some((factor, layout.factors.get_mut(factor)?)))
            {
                Some((factor, own)) => {
                    own.push(index);
                    Home::Factor(factor, own.len() - 1)
                }
                None => {
                    layout.row.push(index);
                    Home::Row(layout.row.len() - 1)
                }
            };
            layout.home.push(home);
        }
        layout
    }

    /// Where the capture with this number is kept.
    pub(super) fn home(&self, capture: usize) -> Home {
        self.home.get(capture).copied().unwrap_or(Home::Row(usize::MAX))
    }
}
