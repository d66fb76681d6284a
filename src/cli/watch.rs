//! `--watch`: runs a command again whenever a file that it read changes.

use std::io::{self, IsTerminal, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use rustc_hash::FxHashSet;

use super::{Outcome, Stop, counted, error, guarded, note, walk};

/// An editor writes a file in several steps; a rerun waits until it has been quiet for so long.
const QUIET: Duration = Duration::from_millis(20);

/// A rerun starts at the latest so long after the first change.
const LATEST: Duration = Duration::from_millis(80);

/// What is watched: files, and folders with all below them.
#[derive(Debug, Default)]
pub struct Watched {
    files: FxHashSet<PathBuf>,
    folders: FxHashSet<PathBuf>,
    /// What the command writes itself.
    own: FxHashSet<PathBuf>,
}

impl Watched {
    /// A file or a folder that was read, or would be if it were there.
    pub fn add(&mut self, path: &Path) {
        let absolute = absolute(path);
        // What a link points to changes without the link.
        let real = path.canonicalize().ok().filter(|real| *real != absolute);
        let kind = if path.is_dir() { &mut self.folders } else { &mut self.files };
        kind.extend(real);
        kind.insert(absolute);
    }

    /// The folders of lists and tables beside a rule.
    pub fn add_beside(&mut self, rule: &Path) {
        self.add(&rule.with_file_name("reference_lists"));
        self.add(&rule.with_file_name("data_tables"));
    }

    /// A file that the command writes itself.
    pub fn leave_out(&mut self, path: &Path) {
        self.own.insert(absolute(path));
    }

    fn concerns(&self, path: &Path) -> bool {
        let below = |folder: &PathBuf| path.strip_prefix(folder).is_ok_and(|rest| !is_hidden(rest));
        let named = self.files.contains(path) || self.folders.iter().any(below);
        named && !self.own.contains(path)
    }
}

fn absolute(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute.components().filter(|part| *part != Component::CurDir).collect()
}

/// Nothing is read from hidden entries; editors and we ourselves keep half-written files there.
fn is_hidden(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str().as_encoded_bytes().starts_with(b"."))
}

/// Runs `once` again and again, until somebody ends the program or nobody reads its output. `once` says what it read.
///
/// # Errors
/// The first run could not be carried out, or nothing can be watched here.
pub fn follow(mut once: impl FnMut(&mut Watched) -> Result<Outcome, Stop>) -> Result<Outcome, Stop> {
    let (sender, changes) = mpsc::channel();
    let mut eyes = Eyes::open(sender)?;
    let mut first = true;
    loop {
        let mut watched = Watched::default();
        match guarded(|| once(&mut watched)) {
            Ok(Ok(_)) => {}
            Ok(Err(Stop::Closed)) => return Ok(Outcome::Done),
            Ok(Err(stop)) if first => return Err(stop),
            Ok(Err(Stop::Cannot(message))) => error(&message),
            Ok(Err(Stop::Usage(error))) => return Err(Stop::Usage(error)),
            Err(bug) => error(&format!("this is a bug in yaral: {bug}")),
        }
        first = false;
        eyes.look_at(watched);
        note(&format!("\nwatching {}; press Ctrl-C to end", eyes.shown()));
        let Some(changed) = eyes.wait(&changes) else { return Ok(Outcome::Done) };
        clear(&changed)?;
    }
}

/// Empties the screen, or draws a line where there is none.
fn clear(changed: &Path) -> Result<(), Stop> {
    let here = std::env::current_dir().unwrap_or_default();
    let name = walk::name(changed.strip_prefix(here).unwrap_or(changed));
    let mut out = io::stdout().lock();
    if out.is_terminal() {
        let emptied = out.write_all(b"\x1b[H\x1b[2J\x1b[3J").and_then(|()| out.flush());
        emptied.map_err(|error| Stop::writing("to standard output", &error))?;
    }
    note(&format!("--- `{}` changed", crate::report::escape(&name)));
    Ok(())
}

/// The watcher and what it looks at.
struct Eyes {
    watcher: RecommendedWatcher,
    looked_at: FxHashSet<(PathBuf, bool)>,
    watched: Watched,
}

impl Eyes {
    fn open(sender: Sender<PathBuf>) -> Result<Eyes, Stop> {
        let heard = move |event: notify::Result<Event>| {
            // Whatever is wrong with the news, looking again does no harm.
            let paths = event.map_or_else(|error| error.paths, news);
            // Who has stopped listening need not be told.
            paths.into_iter().for_each(|path| drop(sender.send(path)));
        };
        let watcher = notify::recommended_watcher(heard)
            .map_err(|error| Stop::Cannot(format!("files cannot be watched here: {error}")))?;
        Ok(Eyes { watcher, looked_at: FxHashSet::default(), watched: Watched::default() })
    }

    /// Files are watched by way of their folders, as many editors put a new file in the place of the old.
    fn look_at(&mut self, watched: Watched) {
        for folder in &watched.folders {
            look(&mut self.watcher, &mut self.looked_at, folder, RecursiveMode::Recursive);
        }
        for file in &watched.files {
            let there = file.ancestors().skip(1).find(|folder| folder.is_dir());
            if let Some(folder) = there {
                look(&mut self.watcher, &mut self.looked_at, folder, RecursiveMode::NonRecursive);
            }
        }
        // What a failed run did not come to is still worth a look.
        self.watched.files.extend(watched.files);
        self.watched.folders.extend(watched.folders);
        self.watched.own.extend(watched.own);
    }

    fn shown(&self) -> String {
        let files = self.watched.files.iter().filter(|file| file.is_file()).count();
        let folders = self.watched.folders.len();
        match (files, folders) {
            (files, 0) => counted(files, "file"),
            (0, folders) => counted(folders, "folder"),
            (files, folders) => format!("{} and {}", counted(files, "file"), counted(folders, "folder")),
        }
    }

    /// Waits for a change and for the quiet after it; gives what changed first.
    fn wait(&self, changes: &Receiver<PathBuf>) -> Option<PathBuf> {
        let first = changes.iter().find(|path| self.watched.concerns(path))?;
        let until = Instant::now() + LATEST;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            if changes.recv_timeout(left.min(QUIET)).is_err() {
                break;
            }
        }
        Some(first)
    }
}

fn look(
    watcher: &mut RecommendedWatcher,
    looked_at: &mut FxHashSet<(PathBuf, bool)>,
    folder: &Path,
    mode: RecursiveMode,
) {
    if !looked_at.insert((folder.to_owned(), mode == RecursiveMode::Recursive)) {
        return;
    }
    if let Err(cause) = watcher.watch(folder, mode) {
        error(&format!("`{}` cannot be watched: {cause}", walk::name(folder)));
    }
}

/// The paths of an event that may be a change; being read is none.
fn news(event: Event) -> Vec<PathBuf> {
    match event.kind {
        EventKind::Access(_) => Vec::new(),
        EventKind::Any
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Other => event.paths,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_a_folder_concern_it_unless_they_are_hidden_or_our_own() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mut watched = Watched::default();
        watched.add(folder.path());
        watched.leave_out(&at("out.ndjson"));
        watched.add(Path::new("/elsewhere/a.yaral"));
        assert!(watched.concerns(&at("deep/a.yaral")));
        assert!(watched.concerns(Path::new("/elsewhere/a.yaral")));
        assert!(!watched.concerns(Path::new("/elsewhere/b.yaral")));
        assert!(!watched.concerns(&at(".a.yaral.swp")) && !watched.concerns(&at(".git/index")));
        assert!(!watched.concerns(&at("out.ndjson")));
    }
}
