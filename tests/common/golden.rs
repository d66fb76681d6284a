//! What is expected of a case, in a file beside it; `YARAL_BLESS=1` writes it anew.

use std::path::Path;

/// Is `actual` what the file at `path` says?
pub fn golden(path: &Path, actual: &str) {
    if std::env::var_os("YARAL_BLESS").is_some() {
        std::fs::write(path, actual).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(actual, expected, "{}: run with YARAL_BLESS=1 and read the difference", path.display());
}
