//! The table of codes, by range. A code is never reused for another finding.
//!
//! | range | findings |
//! |---|---|
//! | YC0xx | the file: encoding, brackets, strings and comments never closed |
//! | YC1xx | syntax: sections and statements |
//! | YC2xx | names: variables, fields, functions, enums |
//! | YC3xx | types and arguments |
//! | YC4xx | structure: joins, conditions, windows, options |
//! | YC5xx | patterns, lists, tables |
//! | YC55x | tests of rules |
//! | YC6xx | valid, but not run here |
//! | YC7xx | runs, but hardly as meant |
//! | YC8xx | style, said only where it is selected |
//! | YC9xx | runs here, and Google SecOps refuses it; said only where it is asked for |

mod check;
mod lints;
mod syntax;
mod tests;

pub use check::*;
pub use lints::*;
pub use syntax::*;
pub use tests::*;

use super::Code;

/// Writes a table of codes as constants, and a slice of all of them.
macro_rules! codes {
    ($all:ident: $($name:ident = $id:literal $severity:ident $title:literal $page:literal;)*) => {
        $(
            #[doc = concat!($id, ": ", $title)]
            pub static $name: $crate::diag::Code = $crate::diag::Code {
                id: $id,
                severity: $crate::diag::Severity::$severity,
                title: $title,
                page: $page,
            };
        )*
        /// The rows of this table.
        pub static $all: &[&$crate::diag::Code] = &[$(&$name),*];
    };
}
use codes;

/// Every code, in order.
pub fn all() -> impl Iterator<Item = &'static Code> {
    SYNTAX.iter().chain(CHECK).chain(LINTS).chain(STYLE).chain(GOOGLE).chain(TESTS).copied()
}

/// The code with this id, whatever its case.
pub fn find(id: &str) -> Option<&'static Code> {
    all().find(|code| code.id.eq_ignore_ascii_case(id))
}
