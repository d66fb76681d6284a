//! Folders on the command line: every file below, in the order of path bytes.

use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

/// The files below a folder, and what could not be looked into.
#[derive(Debug, Default)]
pub struct Found {
    /// Sorted by path bytes.
    pub files: Vec<PathBuf>,
    /// Path and cause.
    pub failures: Vec<(String, String)>,
}

/// Looks through `folder`. Hidden entries and links to folders are left out; links to files are files.
pub fn files(folder: &Path) -> Found {
    let mut found = Found::default();
    let walk = WalkDir::new(folder).into_iter().filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry));
    for entry in walk {
        match entry {
            Ok(entry) if entry.depth() > 0 && entry.path().is_file() => found.files.push(entry.into_path()),
            Ok(_) => {}
            Err(error) => found.failures.push(failure(folder, &error)),
        }
    }
    found.files.sort_by(|a, b| a.as_os_str().as_encoded_bytes().cmp(b.as_os_str().as_encoded_bytes()));
    found
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
}

fn failure(folder: &Path, error: &walkdir::Error) -> (String, String) {
    let cause = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
    (name(error.path().unwrap_or(folder)), cause)
}

/// A path as reports show it: as given, joined with `/`.
pub fn name(path: &Path) -> String {
    let shown = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' {
        shown.into_owned()
    } else {
        shown.replace(std::path::MAIN_SEPARATOR, "/")
    }
}

/// What tells whether two paths are the same file.
pub fn identity(path: &Path) -> PathBuf {
    // What a shell hands over as `<(…)` has no canonical path, but its own is good enough.
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn files_come_by_path_bytes_without_hidden_ones() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("r");
        for path in ["a/z.yaral", "a.yaral", "B.yaral", ".hidden.yaral", ".git/x.yaral", "a/.h/y.yaral"] {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let found = files(&root);
        let names: Vec<_> = found.files.iter().map(|path| name(path.strip_prefix(&root).unwrap())).collect();
        assert_eq!(names, ["B.yaral", "a.yaral", "a/z.yaral"]);
        assert!(found.failures.is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_file_is_followed_and_one_to_a_folder_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (inside, outside) = (folder.path().join("in"), folder.path().join("out"));
        fs::create_dir_all(&inside).unwrap();
        fs::create_dir_all(&outside).unwrap();
        fs::write(outside.join("x.yaral"), "").unwrap();
        std::os::unix::fs::symlink(&outside, inside.join("folder")).unwrap();
        std::os::unix::fs::symlink(outside.join("x.yaral"), inside.join("file.yaral")).unwrap();
        assert_eq!(files(&inside).files, [inside.join("file.yaral")]);
    }
}
