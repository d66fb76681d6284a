//! Files that are not part of the project: captures, the schema they are mapped to, published rules.

#![allow(dead_code, reason = "each file of tests takes what it needs")]

use std::path::{Path, PathBuf};

/// A part of the shared folder, as a path that holds from any working directory, or a word that there is none.
pub fn shared(part: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("YARAL_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    there(&folder.join(part), "YARAL_SHARED")
}

/// The folder of the rules that Google publishes.
pub fn published() -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("YARAL_RULES") else {
        eprintln!("passed over: no published rules (see YARAL_RULES)");
        return None;
    };
    there(Path::new(&folder), "YARAL_RULES")
}

fn there(path: &Path, variable: &str) -> Option<PathBuf> {
    // Programs under test run in folders of their own, where a relative path leads elsewhere.
    let found = path.canonicalize().ok();
    if found.is_none() {
        eprintln!("passed over: no {} (see {variable})", path.display());
    }
    found
}
