//! Which satisfied hop windows of a group are reported: as few as cover every event of a satisfied one.

use rustc_hash::FxHashSet;

use super::groups::Group;
use super::inside::Inside;
use super::reach::Reach;
use super::ring::Ring;
use super::satisfied::{Emit, Holding};
use super::sweep::Sweep;
use super::windows::{Candidate, Moment, Windows, last_number, numbered, numbers};
use crate::value::Duration;

/// A window that holds, with its events.
type Judged<'g> = Option<(Holding<'g>, Vec<Moment>)>;

impl Windows<'_> {
    /// As few windows as cover every event of a satisfied one: for the first event not yet covered, the satisfied window
    /// that contains it and the most uncovered events, the earliest on a tie.
    pub(super) fn covering(&self, group: &Group<'_>, length: Duration, emit: &mut Emit<'_>) {
        if self.stores.len() == 1 && !self.joiner.has_late() {
            return self.covering_alone(group, length, emit);
        }
        let mut covered: FxHashSet<u64> = FxHashSet::default();
        // A window is judged once, though up to ten events in a row ask for it.
        let (mut judged, mut sweep): (Ring<Judged<'_>>, Sweep) = (Ring::new(), self.sweep());
        for moment in self.moments(group) {
            if covered.contains(&moment.1) {
                continue;
            }
            let Some(best) = self.fullest((group, length), moment, (&mut judged, &mut sweep, &covered))
            else {
                continue;
            };
            if let Some(Some((holding, events))) = judged.get(best) {
                covered.extend(events.iter().map(|(_, place)| *place));
                emit(&self.satisfied(group, holding, &mut Sweep::default()));
            }
        }
    }

    /// The number of the satisfied window that contains an event and the most uncovered ones.
    fn fullest<'g>(
        &self,
        (group, length): (&'g Group<'_>, Duration),
        moment: Moment,
        (judged, sweep, covered): (&mut Ring<Judged<'g>>, &mut Sweep, &FxHashSet<u64>),
    ) -> Option<i64> {
        let mut best: Option<(usize, i64)> = None;
        for number in numbers(moment.0, length) {
            let one = judged.get_or(number, || self.judged(group, (number, length), sweep));
            let Some(Some((_, events))) = one else { continue };
            // Asked first: no event then counts the events of windows that it is not in, and each window is counted at
            // most ten times for each that is reported.
            if events.binary_search(&moment).is_err() {
                continue;
            }
            let fresh = events.iter().filter(|(_, place)| !covered.contains(place)).count();
            if best.is_none_or(|(most, _)| fresh > most) {
                best = Some((fresh, number));
            }
        }
        best.map(|(_, number)| number)
    }

    fn judged<'g>(
        &self,
        group: &'g Group<'_>,
        (number, length): (i64, Duration),
        sweep: &mut Sweep,
    ) -> Judged<'g> {
        let holding = self.at(group, (number, length), sweep)?;
        let events = self.events(&holding.rows);
        Some((holding, events))
    }

    /// The window of a group with this number, where it is satisfied.
    fn at<'g>(
        &self,
        group: &'g Group<'_>,
        (number, length): (i64, Duration),
        sweep: &mut Sweep,
    ) -> Option<Holding<'g>> {
        let window = numbered(number, length);
        let Candidate { rows, range, window } = self.candidate(group, window, &mut sweep.near);
        self.holding(group, (rows, range), Some(window), sweep)
    }

    /// The same where every event in a window's time is in the window. Once a window is reported, its events from the
    /// first uncovered one to its end are covered and none after it, so that no set of them is kept, and of the windows
    /// only which satisfied ones there are: a long group would else be in memory ten times over.
    fn covering_alone(&self, group: &Group<'_>, length: Duration, emit: &mut Emit<'_>) {
        let moments = self.events(&Inside::all(&group.rows));
        let end = |number: i64| numbered(number, length).end;
        let past = |number: i64| moments.partition_point(|(at, _)| *at < end(number));
        let (mut judged, mut sweep): (Ring<Option<Holding<'_>>>, Sweep) = (Ring::new(), self.sweep());
        let mut next = 0;
        while let Some((at, _)) = moments.get(next) {
            let holds = |number: &i64| {
                judged
                    .get_or(*number, || self.at(group, (*number, length), &mut sweep))
                    .is_some_and(Option::is_some)
            };
            let satisfied: Vec<i64> = numbers(*at, length).filter(holds).collect();
            // Of those that hold as many, the earliest.
            let fuller = |best: i64, one: i64| if past(one) > past(best) { one } else { best };
            let Some(best) = satisfied.into_iter().reduce(fuller) else {
                // Events of the same step lie in the same windows: they are not asked for again.
                let same = |(other, _): &&Moment| last_number(*other, length) == last_number(*at, length);
                next += moments.iter().skip(next).take_while(same).count();
                continue;
            };
            next = past(best).max(next + 1);
            if let Some(Some(holding)) = judged.get(best) {
                emit(&self.satisfied(group, holding, &mut Sweep::default()));
            }
        }
    }

    /// The events that may be in a window of the group, in time order.
    fn moments(&self, group: &Group<'_>) -> Vec<Moment> {
        let mut moments = match self.joiner.late_sources() {
            0 => return self.events(&Inside::all(&group.rows)),
            1 => self.moments_around(group),
            _ => self.moments_within(group),
        };
        moments.sort_unstable();
        moments.dedup();
        moments
    }

    /// Every event that could join a row in some window.
    fn moments_around(&self, group: &Group<'_>) -> Vec<Moment> {
        let around = (0..group.rows.len()).flat_map(|index| {
            let one = group.rows.chosen([index]);
            let range = Reach::of(self.judge.plan).around(group.rows.span(index));
            self.events(&Inside::Own(self.joiner.outer(one, range)))
        });
        around.collect()
    }

    /// The events of satisfied windows: where one variable that may be absent joins another, an event may join the zero
    /// values of a window, and nothing in a larger one. Each window is judged once more for this.
    fn moments_within(&self, group: &Group<'_>) -> Vec<Moment> {
        let mut moments = Vec::new();
        let Some(window) = self.window else { return moments };
        let mut sweep = self.sweep();
        self.uncounted(|| {
            self.candidates(group, window, &mut |candidate| {
                let Candidate { rows, range, window } = candidate;
                let holding = self.holding(group, (rows, range), Some(window), &mut sweep);
                holding.iter().for_each(|one| moments.extend(self.moments_of(one.rows.rows())));
            });
        });
        moments
    }
}
