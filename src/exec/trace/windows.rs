//! The windows of a group, satisfied or not: why each was reported or was not.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::alone::outcomes;
use super::condition::{Shortfall, shortfalls};
use super::coverage::Marks;
use super::name::Names;
use super::{Code, GroupTrace, Reason, Reported};
use crate::exec::eval::{JoinedRow, Scope};
use crate::exec::gather::Gathering;
use crate::exec::groups::Group;
use crate::exec::inside::Inside;
use crate::exec::store::RowId;
use crate::exec::windows::{Candidate, Moment, Windows, containing};
use crate::plan::{Shape, SourceId, WindowPlan};
use crate::value::{Duration, Timestamp, Window};

/// A group of events, and whether it was found before suppression.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) trace: GroupTrace,
    pub(super) found: Reported,
    /// Where in the input its first event stands.
    pub(super) first: u64,
}

impl Draft {
    pub(super) fn unreported(trace: GroupTrace) -> Draft {
        Draft { trace, found: Reported::No, first: 0 }
    }
}

/// A window that was judged.
struct Judged {
    window: Window,
    events: Vec<Moment>,
    counts: Vec<usize>,
    short: Vec<Shortfall>,
}

impl Judged {
    fn is_satisfied(&self) -> bool {
        self.short.is_empty()
    }
}

/// Explains the windows of a plan's groups.
pub(super) struct WindowTrace<'w> {
    pub(super) windows: &'w Windows<'w>,
    pub(super) names: Names<'w>,
    /// What was seen of the condition.
    pub(super) marks: &'w RefCell<Marks>,
}

impl WindowTrace<'_> {
    /// What became of the windows of a group.
    pub(super) fn group(&self, group: &Group<'_>, out: &mut Vec<Draft>) {
        let judged: Vec<Judged> =
            self.candidates(group).into_iter().filter_map(|one| self.judge(group, one)).collect();
        let mut found: BTreeSet<Window> = BTreeSet::new();
        self.windows.group(group, &mut |one| found.extend(one.window));
        let covered: BTreeSet<Moment> =
            judged.iter().filter(|one| one.is_satisfied()).flat_map(|one| one.events.clone()).collect();
        self.satisfied(group, &judged, &found, out);
        self.short(group, &judged, covered.clone(), out);
        self.parted(group, &judged, &covered, out);
        self.beside(group, out);
    }

    /// The windows of pivots whose joined events all lie on their other side.
    fn beside(&self, group: &Group<'_>, out: &mut Vec<Draft>) {
        let Some(WindowPlan { shape: Shape::Before(pivot) | Shape::After(pivot), .. }) = self.windows.window
        else {
            return;
        };
        let empty = self.candidates(group).into_iter().filter(|one| one.rows.is_empty());
        for Candidate { window, .. } in empty {
            let nearest = self.nearest_outside(group, pivot, window);
            let Some((source, side, away)) = nearest else { continue };
            let reason = Reason {
                code: Code::OutsideWindow,
                field: Some(self.names.variable(source)),
                expected: Some(format!(
                    "within the window of {} at `{}`",
                    self.length(),
                    self.names.variable(pivot)
                )),
                actual: Some(format!("{} {side} it", span_text(away))),
            };
            out.push(Draft::unreported(GroupTrace {
                matches: self.matches(group),
                window: Some(window),
                reported: Reported::No,
                counts: Vec::new(),
                reasons: vec![reason],
            }));
        }
    }

    /// Of the rows of the pivot at this window: the variable whose event keeps the nearest of them out, and how far it
    /// lies before or after.
    fn nearest_outside(
        &self,
        group: &Group<'_>,
        pivot: SourceId,
        window: Window,
    ) -> Option<(SourceId, &'static str, Duration)> {
        let at = |row: &[RowId], source: usize| {
            self.windows.stores.get(source).zip(row.get(source)).and_then(|(store, id)| store.at(*id))
        };
        let of_pivot = |row: &&[RowId]| {
            at(row, pivot.0).is_some_and(|at| match self.windows.window.map(|window| window.shape) {
                Some(Shape::Before(_)) => at == window.end,
                Some(_) | None => at == window.start,
            })
        };
        let farthest = |row: &[RowId]| {
            let sources = (0..row.len()).filter_map(|source| Some((SourceId(source), at(row, source)?)));
            let away = sources.map(|(source, at)| match at < window.start {
                true => (source, "before", Duration(window.start.0 - at.0)),
                false => (source, "after", Duration(at.0.saturating_sub(window.end.0))),
            });
            away.max_by_key(|(.., away)| *away)
        };
        let rows = group.rows.rows().filter(of_pivot).filter_map(farthest);
        rows.min_by_key(|(.., away)| *away)
    }

    fn satisfied(
        &self,
        group: &Group<'_>,
        judged: &[Judged],
        found: &BTreeSet<Window>,
        out: &mut Vec<Draft>,
    ) {
        let (reported, others): (Vec<&Judged>, Vec<&Judged>) =
            judged.iter().filter(|one| one.is_satisfied()).partition(|one| found.contains(&one.window));
        let mut told: BTreeSet<&[Moment]> = reported.iter().map(|one| one.events.as_slice()).collect();
        for one in reported {
            let first = one.events.iter().map(|(_, place)| *place).min().unwrap_or(0);
            out.push(Draft { found: Reported::Yes, trace: self.draft(group, one, Vec::new()), first });
        }
        for one in others {
            if told.insert(&one.events) {
                let reason = Reason {
                    code: Code::CoveredByOther,
                    field: None,
                    expected: Some("events that no reported window holds".to_owned()),
                    actual: Some(events_text(one.events.len(), "all of them reported")),
                };
                out.push(Draft::unreported(self.draft(group, one, vec![reason])));
            }
        }
    }

    /// As few of the other windows as hold every event that no satisfied one does.
    fn short(&self, group: &Group<'_>, judged: &[Judged], mut seen: BTreeSet<Moment>, out: &mut Vec<Draft>) {
        let short: Vec<&Judged> = judged.iter().filter(|one| !one.is_satisfied()).collect();
        let moments: BTreeSet<Moment> = short.iter().flat_map(|one| one.events.clone()).collect();
        for moment in moments {
            if seen.contains(&moment) {
                continue;
            }
            let fresh = |one: &&&Judged| one.events.iter().filter(|event| !seen.contains(event)).count();
            let holding = short.iter().filter(|one| one.events.contains(&moment));
            let Some(best) = holding.rev().max_by_key(fresh) else { continue };
            seen.extend(&best.events);
            let reasons = best.short.iter().flat_map(|short| self.reasons(group, judged, short)).collect();
            out.push(Draft::unreported(self.draft(group, best, reasons)));
        }
    }

    fn draft(&self, group: &Group<'_>, one: &Judged, reasons: Vec<Reason>) -> GroupTrace {
        let sources = self.names.plan.sources.iter().map(|source| source.name.clone());
        GroupTrace {
            matches: self.matches(group),
            window: Some(one.window),
            reported: Reported::No,
            counts: sources.zip(one.counts.iter().copied()).collect(),
            reasons,
        }
    }

    fn matches(&self, group: &Group<'_>) -> Vec<(String, crate::value::Value<'static>)> {
        let names = self.names.plan.keys.iter().map(|key| key.name.clone());
        names.zip(group.key.iter().map(|value| value.clone().into_static())).collect()
    }

    /// What is too few for every window may be enough for its length, when the events lie across the edges of windows.
    fn reasons(&self, group: &Group<'_>, judged: &[Judged], short: &Shortfall) -> Vec<Reason> {
        let mut reasons = vec![short.reason.clone()];
        let Some((source, needed)) = short.needed else { return reasons };
        let moments = self.moments(group, source);
        let Some((count, span)) = self.most_within(&moments) else { return reasons };
        let needed_at_once = usize::try_from(needed).unwrap_or(usize::MAX);
        if count >= needed_at_once && !self.has_window(judged, &moments, needed_at_once) {
            reasons.push(Reason {
                code: Code::NoSharedWindow,
                field: short.reason.field.clone(),
                expected: Some(format!("{needed} in one window of {}", self.length())),
                actual: Some(format!("{count} within {}, but in no one window", span_text(span))),
            });
        }
        reasons
    }

    fn length_of(&self) -> Duration {
        self.windows.window.map(|window| window.length).unwrap_or_default()
    }

    fn is_hop(&self) -> bool {
        self.windows.window.is_some_and(|window| window.shape == Shape::Hop)
    }

    fn length(&self) -> String {
        self.length_of().to_text()
    }

    /// The distinct events of a source, in time order.
    fn moments(&self, group: &Group<'_>, source: SourceId) -> Vec<Moment> {
        let Some(store) = self.windows.stores.get(source.0) else { return Vec::new() };
        let mut moments: Vec<Moment> =
            group.rows.rows().filter_map(|row| store.moment(*row.get(source.0)?)).collect();
        moments.sort_unstable();
        moments.dedup();
        moments
    }

    /// Is there a window that holds so many of the events, whatever else it holds?
    fn has_window(&self, judged: &[Judged], moments: &[Moment], needed: usize) -> bool {
        let Some(window) = self.windows.window else { return false };
        let spans = moments.windows(needed.max(1)).filter_map(|run| Some((run.first()?.0, run.last()?.0)));
        match window.shape {
            Shape::Before(_) | Shape::After(_) => spans.into_iter().any(|(first, last)| {
                judged.iter().any(|one| one.window.start <= first && last <= one.window.end)
            }),
            Shape::Hop | Shape::Tumbling | Shape::Weeks(_) | Shape::Months(_) => {
                spans.into_iter().any(|span| !containing(window, span).is_empty())
            }
        }
    }

    /// The most events that lie less than a window apart, and how far they do.
    fn most_within(&self, moments: &[Moment]) -> Option<(usize, Duration)> {
        let within = |index: usize, (first, _): &Moment| {
            let end = first.plus(self.length_of());
            let inside = moments.iter().skip(index).take_while(move |(at, _)| *at < end);
            let last = inside.clone().last().map_or(*first, |(at, _)| *at);
            (inside.count(), Duration(last.0 - first.0))
        };
        let all = moments.iter().enumerate().map(|(index, moment)| within(index, moment));
        all.max_by_key(|(count, span)| (*count, std::cmp::Reverse(*span)))
    }

    /// Joined events that no window holds together, and no satisfied window otherwise.
    fn parted(&self, group: &Group<'_>, judged: &[Judged], covered: &BTreeSet<Moment>, out: &mut Vec<Draft>) {
        let windows: Vec<Window> = judged.iter().map(|one| one.window).collect();
        let apart = |index: &usize| {
            let (first, last) = group.rows.span(*index);
            !windows.iter().any(|window| window.start <= first && last < window.end)
        };
        let is_sliding = |window: WindowPlan| matches!(window.shape, Shape::Before(_) | Shape::After(_));
        if self.windows.window.is_none_or(is_sliding) {
            return;
        }
        let new = |index: &usize| {
            let row = Inside::Picked(&group.rows, vec![*index]);
            !self.windows.events(&row).iter().all(|event| covered.contains(event))
        };
        let rows = (0..group.rows.len()).filter(apart).filter(new);
        let nearest = rows.map(|index| group.rows.span(index)).min_by_key(|(first, last)| last.0 - first.0);
        let Some((first, last)) = nearest else { return };
        out.push(Draft::unreported(self.apart(group, first, last)));
    }

    fn apart(&self, group: &Group<'_>, first: Timestamp, last: Timestamp) -> GroupTrace {
        let sure = Duration(self.length_of().0 / 10 * 9);
        let expected = if self.is_hop() {
            format!("events at most {} apart, which share a window for certain", span_text(sure))
        } else {
            format!("events in the same {}", self.length())
        };
        GroupTrace {
            matches: self.matches(group),
            window: None,
            reported: Reported::No,
            counts: Vec::new(),
            reasons: vec![Reason {
                code: Code::NoSharedWindow,
                field: None,
                expected: Some(expected),
                actual: Some(format!("{} apart", span_text(Duration(last.0 - first.0)))),
            }],
        }
    }

    /// Every window that may hold rows of the group.
    fn candidates<'g>(&self, group: &'g Group<'_>) -> Vec<Candidate<'g>> {
        let mut all = Vec::new();
        if let Some(window) = self.windows.window {
            self.windows.candidates(group, window, &mut |candidate| all.push(candidate));
        }
        all
    }

    fn judge(&self, group: &Group<'_>, Candidate { rows, range, window }: Candidate<'_>) -> Option<Judged> {
        if rows.is_empty() {
            return None;
        }
        let (windows, judge) = (self.windows, self.windows.judge);
        let rows = if windows.joiner.has_late() { Inside::Own(windows.outer(&rows, range)) } else { rows };
        let events = windows.events(&rows);
        let seed = events.first().map_or(0, |(_, place)| *place);
        let bare = Scope::bare(judge.plan, judge.overflows);
        let scope = Scope { keys: &group.key, window: Some(window), now: judge.options.now, seed, ..bare };
        let mut gathering = Gathering::new(judge.plan, judge.overflows);
        for row in rows.rows() {
            let row = JoinedRow { stores: windows.stores, values: windows.values, rows: row };
            gathering.add(row, &scope);
        }
        let (gathered, counts) = (gathering.finish(), windows.counts(&rows));
        let scope = Scope { gathered: &gathered, counts: &counts, ..scope };
        let outcomes = outcomes(scope);
        let scope = Scope { outcomes: &outcomes, ..scope };
        self.marks.borrow_mut().site(scope, &judge.plan.condition);
        let short = shortfalls(self.names, scope);
        Some(Judged { window, events, counts, short })
    }
}

fn events_text(count: usize, what: &str) -> String {
    format!("{count} {}, {what}", if count == 1 { "event" } else { "events" })
}

/// A length of time to the millisecond, in words that add up: `4m48s`.
pub(super) fn span_text(span: Duration) -> String {
    let (seconds, millis) = (span.0 / crate::value::time::SECOND, span.0 / 1_000_000 % 1_000);
    let mut text = String::new();
    for (size, unit) in [(86_400, "d"), (3_600, "h"), (60, "m")] {
        let count = seconds % (size * 60 * 24) / size;
        let count = match unit {
            "d" => seconds / size,
            "h" => seconds / size % 24,
            _ => count % 60,
        };
        if count > 0 {
            text.push_str(&format!("{count}{unit}"));
        }
    }
    match (seconds % 60, millis) {
        (0, 0) if !text.is_empty() => text,
        (left, 0) => format!("{text}{left}s"),
        (left, millis) => format!("{text}{left}.{millis:03}s"),
    }
}
