//! Detections are made ready to be written by all threads of a run, a stretch each, and written in their order.

use std::io::{self, Write};
use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::Found;
use crate::exec::detection::Detection;

/// So many events are shown by one stretch: some 100 KB, so that few stretches in memory are little.
const STRETCH: usize = 64;

/// Events below which a second thread costs more than it saves.
const FEW: usize = 512;

/// Stretches that wait, for each thread, until those before them are written.
const WAITING: usize = 2;

/// Shows a detection, by its place among all.
type Show<'s> = dyn Fn(usize, &Detection, &mut Vec<u8>) -> io::Result<()> + Sync + 's;

/// Writes what `show` makes of each detection.
///
/// # Errors
/// What the writer gives, or `show`.
pub(super) fn write(out: &mut dyn Write, found: &Found<'_>, show: &Show<'_>) -> io::Result<()> {
    let work = Work { detections: found.detections, show };
    let stretches = stretches(found.detections);
    let threads = found.threads.min(stretches.len() * STRETCH / FEW);
    if threads < 2 {
        let mut text = Vec::new();
        return stretches.into_iter().try_for_each(|stretch| {
            text.clear();
            work.show(stretch, &mut text)?;
            out.write_all(&text)
        });
    }
    thread::scope(|scope| {
        let (sends, shown): (Vec<_>, Vec<_>) = (0..threads).map(|_| sync_channel(WAITING)).unzip();
        let start = |(first, send)| {
            let own = stretches.iter().skip(first).step_by(threads);
            scope.spawn(move || work.send(own, &send))
        };
        let workers: Vec<_> = sends.into_iter().enumerate().map(start).collect();
        let written = in_turn(out, &shown);
        // Those who still work find that nobody listens.
        drop(shown);
        for worker in workers {
            if let Err(panic) = worker.join() {
                resume_unwind(panic);
            }
        }
        written
    })
}

/// What threads show.
#[derive(Clone, Copy)]
struct Work<'w> {
    detections: &'w [Detection],
    show: &'w Show<'w>,
}

impl Work<'_> {
    fn show(&self, stretch: Range<usize>, text: &mut Vec<u8>) -> io::Result<()> {
        let detections = self.detections.get(stretch.clone()).unwrap_or_default();
        stretch.zip(detections).try_for_each(|(at, detection)| (self.show)(at, detection, text))
    }

    fn send<'s>(
        &self,
        stretches: impl Iterator<Item = &'s Range<usize>>,
        to: &SyncSender<io::Result<Vec<u8>>>,
    ) {
        for stretch in stretches {
            let mut text = Vec::new();
            let shown = self.show(stretch.clone(), &mut text);
            if to.send(shown.map(|()| text)).is_err() {
                return;
            }
        }
    }
}

/// Each thread has every so many-th stretch, so that they are written in order by asking one thread after another. The
/// first that has no more has none after it.
fn in_turn(out: &mut dyn Write, shown: &[Receiver<io::Result<Vec<u8>>>]) -> io::Result<()> {
    for from in shown.iter().cycle() {
        let Ok(text) = from.recv() else { return Ok(()) };
        out.write_all(&text?)?;
    }
    Ok(())
}

/// Neighbours that show about as many events together.
fn stretches(detections: &[Detection]) -> Vec<Range<usize>> {
    let (mut all, mut start, mut weight) = (Vec::new(), 0, 0);
    for (at, detection) in detections.iter().enumerate() {
        // The detection itself is about as much as an event.
        weight += 1 + detection.events.iter().map(|evidence| evidence.samples.len()).sum::<usize>();
        if weight >= STRETCH {
            all.push(start..at + 1);
            (start, weight) = (at + 1, 0);
        }
    }
    all.push(start..detections.len());
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exec::detection::Named;

    fn detections(count: usize) -> Vec<Detection> {
        let (matches, outcomes) = (Named::from_iter([]), Named::from_iter([]));
        vec![Detection { rule: 0, window: None, matches, outcomes, events: Vec::new(), first: 0 }; count]
    }

    fn shown(count: usize, threads: usize, show: &Show<'_>) -> io::Result<String> {
        let (detections, mut out) = (detections(count), Vec::new());
        write(
            &mut out,
            &Found { rules: &[], detections: &detections, results: &[], width: 80, threads },
            show,
        )?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn detections_stand_in_their_order_for_any_number_of_threads() {
        for count in [0, 1, STRETCH, FEW - 1, 2 * FEW, 5 * FEW + 7] {
            let expected: String = (0..count).map(|at| format!("{at}\n")).collect();
            for threads in [1, 2, 3, 100] {
                let show: &Show<'_> = &|at, _, text| writeln!(text, "{at}");
                assert_eq!(shown(count, threads, show).unwrap(), expected, "{count} {threads}");
            }
        }
    }

    #[test]
    fn an_error_ends_it_whoever_meets_it() {
        for threads in [1, 3] {
            let show: &Show<'_> =
                &|at, _, _| if at == 3 * FEW { Err(io::Error::other("no more")) } else { Ok(()) };
            assert_eq!(shown(9 * FEW, threads, show).unwrap_err().to_string(), "no more");
        }
    }

    #[test]
    fn a_writer_that_takes_no_more_ends_it() {
        let all = detections(9 * FEW);
        let found = Found { rules: &[], detections: &all, results: &[], width: 80, threads: 3 };
        let mut room = [0; 10];
        let written = write(&mut &mut room[..], &found, &|at, _, text| writeln!(text, "{at}"));
        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::WriteZero);
    }

    #[test]
    #[should_panic(expected = "seventeen")]
    fn a_panic_is_passed_on_as_it_is() {
        let _ = shown(9 * FEW, 2, &|at, _, _| {
            assert!(at != 17, "seventeen");
            Ok(())
        });
    }
}
