//! Where results go: standard output, or a file that is replaced only once all is written.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::{Stop, walk};

/// An open destination.
#[derive(Debug)]
pub enum Output {
    /// Standard output.
    Stdout,
    /// A device or a pipe, which cannot be replaced.
    Device(File),
    /// A regular file, by way of another.
    Replaced(Replacement),
}

/// A hidden file beside the one to be replaced. Dropped without [`Output::write`], it is gone and the old file stays.
#[derive(Debug)]
pub struct Replacement {
    file: File,
    temporary: PathBuf,
    target: PathBuf,
}

impl Output {
    /// Opens the destination before any work is done, so that a mistyped folder is told at once.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn open(path: Option<&Path>) -> Result<Output, Stop> {
        let Some(path) = path else { return Ok(Output::Stdout) };
        open(path).map_err(|error| Stop::writing(&format!("`{}`", walk::name(path)), &error))
    }

    /// Writes all of it with `body`, then puts it in its place.
    ///
    /// # Errors
    /// Writing failed, or the reader has gone away.
    pub fn write(self, body: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Stop> {
        match self {
            Output::Stdout => flushed(io::stdout().lock(), body)
                .map_err(|error| Stop::writing("to standard output", &error)),
            Output::Device(file) => flushed(file, body).map_err(|error| Stop::writing("the output", &error)),
            Output::Replaced(replacement) => {
                let named = format!("`{}`", walk::name(&replacement.target));
                replacement.write(body).map_err(|error| Stop::writing(&named, &error))
            }
        }
    }
}

fn flushed(to: impl Write, body: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, to);
    let written = body(&mut out).and_then(|()| out.flush());
    // After a failure there is nothing left worth flushing.
    drop(out.into_parts());
    written
}

fn open(path: &Path) -> io::Result<Output> {
    let metadata = fs::metadata(path);
    if metadata.as_ref().is_ok_and(fs::Metadata::is_dir) {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
    }
    if metadata.as_ref().is_ok_and(|metadata| !metadata.is_file()) {
        return OpenOptions::new().write(true).open(path).map(Output::Device);
    }
    // A link stays a link: what it points to is replaced.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(target.file_name().unwrap_or_default());
    hidden.push(format!(".{}.tmp", std::process::id()));
    let temporary = target.with_file_name(hidden);
    let file = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
    let replacement = Replacement { file, temporary, target };
    if let Ok(metadata) = metadata {
        replacement.file.set_permissions(metadata.permissions())?;
    }
    Ok(Output::Replaced(replacement))
}

impl Replacement {
    fn write(self, body: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        flushed(&self.file, body)?;
        self.file.sync_all()?;
        fs::rename(&self.temporary, &self.target)
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        // After a rename there is nothing of that name left.
        let _ = fs::remove_file(&self.temporary);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_file_stays_when_writing_fails() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        fs::write(&path, "old").unwrap();
        let output = Output::open(Some(&path)).unwrap();
        assert!(output.write(|_| Err(io::Error::other("no"))).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        let output = Output::open(Some(&path)).unwrap();
        output.write(|out| out.write_all(b"new")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left lying about");
    }
}
