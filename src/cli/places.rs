//! Where reference lists and data tables are looked for: the options that several commands share.

use std::path::{Path, PathBuf};

use clap::Args;

use super::doors::ListFolders;
use super::{Stop, walk};

/// `--lists` and `--tables`.
#[derive(Debug, Args)]
pub struct Places {
    /// A folder with reference lists; repeatable
    #[arg(long, value_name = "DIR")]
    pub lists: Vec<PathBuf>,
    /// A folder with data tables; repeatable
    #[arg(long, value_name = "DIR")]
    pub tables: Vec<PathBuf>,
}

impl Places {
    /// A mistyped folder would otherwise show as lists that are not there.
    ///
    /// # Errors
    /// One of them is no folder.
    pub fn are_folders(&self) -> Result<(), Stop> {
        self.lists.iter().try_for_each(|path| is_folder(path, "--lists", "reference lists"))?;
        self.tables.iter().try_for_each(|path| is_folder(path, "--tables", "data tables"))
    }

    /// For the rules that `root`, a path on the command line, led to.
    pub fn folders(&self, root: &Path) -> ListFolders {
        ListFolders { given: self.lists.clone(), tables: self.tables.clone(), root: root.to_owned() }
    }
}

fn is_folder(path: &Path, option: &str, what: &str) -> Result<(), Stop> {
    if path.is_dir() {
        return Ok(());
    }
    Err(Stop::Cannot(format!("`{}` is no folder; `{option}` takes one with {what}", walk::name(path))))
}
