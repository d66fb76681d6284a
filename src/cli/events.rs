//! EVENTS on the command line: which files are read, in which order.

use std::fs;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashMap;

use super::doors::{Input, InputOrigin};
use super::walk;

/// What EVENTS stand for.
#[derive(Debug, Default)]
pub struct Events {
    /// In input order.
    pub inputs: Vec<Input>,
    /// Paths that do not exist or cannot be looked into, with the cause.
    pub failures: Vec<(String, String)>,
    seen: FxHashMap<PathBuf, usize>,
}

/// The files of `entities`, which hold records of the entity graph, then those of `paths`: as given, folders by path
/// bytes; a file named twice counts once. No paths are standard input.
pub fn expand(entities: &[PathBuf], paths: &[PathBuf]) -> Events {
    let mut events = Events::default();
    entities.iter().for_each(|path| events.path(path));
    if paths.is_empty() {
        events.stdin();
    }
    for path in paths {
        events.path(path);
    }
    events
}

impl Events {
    fn path(&mut self, path: &Path) {
        if path.as_os_str() == "-" {
            return self.stdin();
        }
        match fs::metadata(path) {
            Err(error) => self.failures.push((walk::name(path), error.to_string())),
            Ok(metadata) if metadata.is_dir() => self.folder(path),
            Ok(_) => self.file(path.to_owned(), InputOrigin::Named),
        }
    }

    fn stdin(&mut self) {
        if !self.inputs.contains(&Input::Stdin) {
            self.inputs.push(Input::Stdin);
        }
    }

    fn folder(&mut self, path: &Path) {
        let found = walk::files(path);
        self.failures.extend(found.failures);
        for path in found.files {
            self.file(path, InputOrigin::InFolder);
        }
    }

    fn file(&mut self, path: PathBuf, how: InputOrigin) {
        let next = self.inputs.len();
        let place = *self.seen.entry(walk::identity(&path)).or_insert(next);
        match (self.inputs.get_mut(place), how) {
            (None, _) => self.inputs.push(Input::File { name: walk::name(&path), path, origin: how }),
            // Whoever names a file wants to hear that it holds no events, whatever folder it was found in before.
            (Some(Input::File { origin, .. }), InputOrigin::Named) => *origin = InputOrigin::Named,
            (
                Some(Input::File { .. } | Input::Stdin | Input::Memory { .. }),
                InputOrigin::Named | InputOrigin::InFolder,
            ) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(events: &Events) -> Vec<(String, InputOrigin)> {
        let name = |input: &Input| match input {
            Input::Stdin | Input::Memory { .. } => (input.name().to_owned(), InputOrigin::Named),
            Input::File { path, origin, .. } => {
                (path.file_name().unwrap().to_string_lossy().into_owned(), *origin)
            }
        };
        events.inputs.iter().map(name).collect()
    }

    #[test]
    fn nothing_is_standard_input() {
        assert_eq!(expand(&[], &[]).inputs, [Input::Stdin]);
        assert_eq!(expand(&[], &["-".into(), "-".into()]).inputs, [Input::Stdin]);
    }

    #[test]
    fn a_file_named_twice_counts_once_where_it_came_first() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b", "a", "c"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let at = |name: &str| folder.path().join(name);
        let events = expand(&[], &[at("c"), folder.path().to_owned(), at("b"), at("./c")]);
        let expected = [("c", InputOrigin::Named), ("a", InputOrigin::InFolder), ("b", InputOrigin::Named)];
        assert_eq!(names(&events), expected.map(|(name, how)| (name.to_owned(), how)));
    }

    #[test]
    fn a_path_that_does_not_exist_is_named_and_the_others_are_kept() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let events = expand(&[], &["/no/such/file".into(), file.path().to_owned()]);
        assert_eq!(events.inputs.len(), 1);
        assert_eq!(events.failures.first().unwrap().0, "/no/such/file");
    }
}
