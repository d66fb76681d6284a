//! How far a long run is, on a terminal.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{BinaryBytes, HumanCount, HumanDuration, ProgressBar, ProgressStyle};

use super::doors::{Input, Progress};

/// A run that ends sooner needs no bar.
const PATIENCE: Duration = Duration::from_secs(1);
const REFRESH: Duration = Duration::from_millis(200);

/// A bar while it lives, where somebody can see it.
pub struct Watch(Option<Watched>);

struct Watched {
    progress: Arc<Progress>,
    /// Dropped, it ends the thread.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Watches a run over these inputs.
    pub fn start(inputs: &[Input]) -> Watch {
        if !io::stderr().is_terminal() {
            return Watch(None);
        }
        let progress = Arc::new(Progress::default());
        let (stop, stopped) = channel();
        let (seen, total) = (Arc::clone(&progress), total(inputs));
        let thread = thread::spawn(move || show(&seen, total, &stopped));
        Watch(Some(Watched { progress, stop: Some(stop), thread: Some(thread) }))
    }

    /// What the run is to tell how far it is.
    pub fn progress(&self) -> Option<Arc<Progress>> {
        self.0.as_ref().map(|watched| Arc::clone(&watched.progress))
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        drop(self.stop.take());
        // A bar that failed is no reason to fail.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// The bytes to read, where that can be known.
fn total(inputs: &[Input]) -> Option<u64> {
    inputs.iter().map(size).sum()
}

fn size(input: &Input) -> Option<u64> {
    match input {
        Input::Stdin => None,
        Input::Memory { bytes, .. } => u64::try_from(bytes.len()).ok(),
        Input::File { path, .. } => {
            // What cannot be looked at is told when it is read.
            Some(std::fs::metadata(path).map_or(0, |metadata| metadata.len()))
        }
    }
}

fn show(progress: &Progress, total: Option<u64>, stopped: &Receiver<()>) {
    let goes_on = |wait| stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout);
    if !goes_on(PATIENCE) {
        return;
    }
    let (bar, start) = (bar(total), Instant::now() - PATIENCE);
    loop {
        bar.set_message(said(progress, total, start.elapsed()));
        bar.set_position(progress.bytes());
        if !goes_on(REFRESH) {
            return bar.finish_and_clear();
        }
    }
}

/// `1,204 records, 1.2 GiB/s, 3 seconds left`
fn said(progress: &Progress, total: Option<u64>, elapsed: Duration) -> String {
    let (bytes, millis) = (progress.bytes(), u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX).max(1));
    let rate = (bytes.saturating_mul(1000) / millis).max(1);
    let records = HumanCount(progress.records());
    let left = total.map_or_else(String::new, |total| {
        let seconds = Duration::from_secs(total.saturating_sub(bytes) / rate);
        format!(", {:#} left", HumanDuration(seconds))
    });
    format!("{records} records, {}/s{left}", BinaryBytes(rate))
}

fn bar(total: Option<u64>) -> ProgressBar {
    let (bar, template) = match total {
        Some(total) => {
            let template = "{wide_bar} {bytes}/{total_bytes}, {msg}";
            (ProgressBar::new(total), template)
        }
        None => (ProgressBar::no_length(), "{spinner} {bytes}, {msg}"),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_has_no_known_size() {
        assert_eq!(total(&[Input::Stdin]), None);
        assert_eq!(total(&[]), Some(0));
    }

    #[test]
    fn what_is_said_is_how_much_how_fast_and_how_long() {
        let said = said(&Progress::default(), Some(10), Duration::from_secs(2));
        assert_eq!(said, "0 records, 1 B/s, 10s left");
    }

    #[test]
    fn the_templates_are_sound() {
        for total in [Some(1), None] {
            bar(total).finish_and_clear();
        }
    }
}
