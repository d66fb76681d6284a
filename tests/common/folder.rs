//! A folder to run the program in.

#![allow(clippy::unwrap_used, reason = "the helpers of tests may panic")]
#![allow(dead_code, reason = "each file of tests takes what it needs")]

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::ended::Ended;

/// A folder with some files, gone at the end.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn with(files: &[(&str, &[u8])]) -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        for (name, content) in files {
            folder.write(name, content);
        }
        folder
    }

    pub fn write(&self, name: &str, content: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn run(&self, args: &[&str]) -> Ended {
        self.run_with(args, b"")
    }

    pub fn run_with(&self, args: &[&str], input: &[u8]) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yaral"));
        command.args(args).current_dir(self.0.path());
        assert_cmd::Command::from_std(command).write_stdin(input).output().unwrap().into()
    }
}
