//! The parser that pest makes of `grammar/yaral.pest`.

#![allow(missing_docs, clippy::upper_case_acronyms)]

#[derive(pest_derive::Parser)]
#[grammar = "grammar/yaral.pest"]
pub struct Grammar;
