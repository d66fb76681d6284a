//! `run --save-test`: what a rule found becomes a test.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::doors::Run;
use super::{Stop, counted, walk};
use crate::exec::detection::{Detection, RuleInfo, Sample};
use crate::report::escape;
use crate::ruletest;
use crate::value::Timestamp;

/// The most detections saved.
const MOST: usize = 10;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Saving<'a> {
    /// The name of the test file, where one is wanted.
    pub name: Option<&'a Path>,
    /// Folders with reference lists, and with data tables.
    pub folders: (&'a [PathBuf], &'a [PathBuf]),
    /// What the rule saw as the present, where that was said.
    pub now: Option<Timestamp>,
}

impl Saving<'_> {
    /// Saves what the first rule that detected anything found, then shortens the evidence to `samples`; gives what is
    /// to be said of it.
    ///
    /// # Errors
    /// The file is already there, or cannot be written.
    pub fn save(self, infos: &[RuleInfo], run: &mut Run, samples: usize) -> Result<Vec<String>, Stop> {
        let Some(name) = self.name else { return Ok(Vec::new()) };
        let first = run.detections.first().and_then(|first| Some((first.rule, infos.get(first.rule)?)));
        let Some((rule, info)) = first else {
            return Ok(vec!["nothing was detected, so no test was saved".to_owned()]);
        };
        let mut own: Vec<Detection> = run.detections.iter().filter(|one| one.rule == rule).cloned().collect();
        let (all, path) = (own.len(), test_file(name));
        own.truncate(MOST);
        if let Some(path) = lost(&own) {
            return Ok(vec![format!("no test was saved: `{}` has changed since it was read", escape(&path))]);
        }
        let reference = format!("{}#{}", walk::name(&relative(Path::new(&info.file), &path)), info.name);
        write(&path, &ruletest::save(&reference, info, &own, self.now))?;
        for evidence in run.detections.iter_mut().flat_map(|detection| &mut detection.events) {
            evidence.samples.truncate(samples);
        }
        self.tell(info, (own.len(), all), &path)
    }

    fn tell(self, info: &RuleInfo, (saved, all): (usize, usize), path: &Path) -> Result<Vec<String>, Stop> {
        let failures = super::test::failures(path, self.folders)?;
        let of = if saved < all { format!(" of {all}") } else { String::new() };
        let tests = counted(saved, "detection");
        let mut lines =
            vec![format!("saved {tests}{of} of rule `{}` as tests in `{}`", info.name, walk::name(path))];
        if !failures.is_empty() {
            lines.push("not all of it is found again among these events alone:".to_owned());
            lines.extend(failures.iter().map(|line| format!("  {line}")));
        }
        Ok(lines)
    }
}

/// A file whose events are no longer what they were: half of them would make no test.
fn lost(own: &[Detection]) -> Option<String> {
    let evidence = own.iter().flat_map(|detection| &detection.events);
    let mut samples = evidence.flat_map(|evidence| evidence.samples.iter());
    samples.find(Sample::is_lost).map(|sample| sample.place().path)
}

fn test_file(name: &Path) -> PathBuf {
    let mut path = name.as_os_str().to_owned();
    if !name.to_string_lossy().ends_with(".test.yaml") {
        path.push(".test.yaml");
    }
    PathBuf::from(path)
}

fn write(path: &Path, text: &str) -> Result<(), Stop> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| Stop::writing(&format!("`{}`", walk::name(path)), &error))
}

/// The path of `file` as seen from the folder of `from`.
fn relative(file: &Path, from: &Path) -> PathBuf {
    let whole = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path));
    let folder = from.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (Ok(file), Ok(folder)) = (whole(file), whole(folder)) else { return file.to_owned() };
    let same = file.components().zip(folder.components()).take_while(|(one, other)| one == other).count();
    let up = folder.components().skip(same).map(|_| Path::new(".."));
    let down = file.components().skip(same).collect::<PathBuf>();
    up.collect::<PathBuf>().join(down)
}
