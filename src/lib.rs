//! `yaral` checks and runs YARA-L 2.0 rules, the detection language of Google SecOps, over event files.

pub mod aggregates;
pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
pub mod diag;
pub mod exec;
pub mod explain;
pub mod fmt;
pub mod functions;
pub mod ingest;
pub mod lists;
pub mod plan;
pub mod regex;
pub mod report;
pub mod ruletest;
pub mod schema;
pub mod syntax;
pub mod tables;
pub mod text;
pub mod value;
