//! Runs plans over events: rows, joins, groups, windows, detections.

pub mod detection;
mod engine;
mod eval;
mod evidence;
mod gather;
mod hashed;
mod interner;
mod join;
mod joined;
mod judge;
mod known;
mod layout;
pub mod options;
mod packed;
pub mod query;
mod router;
mod rows;
mod search;
mod shelf;
mod state;
mod store;
mod suppress;
pub mod tally;
pub mod trace;
mod verdicts;
mod windows;

pub use engine::{Program, Run, run, run_all};
