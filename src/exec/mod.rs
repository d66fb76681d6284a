//! Runs plans over events: rows, joins, groups, windows, detections.

mod covering;
pub mod detection;
mod engine;
mod eval;
mod evidence;
mod gather;
mod groups;
mod hashed;
mod inside;
mod interner;
mod join;
mod joined;
mod judge;
mod known;
mod layout;
pub mod options;
mod packed;
mod parts;
pub mod query;
mod ranging;
mod reach;
mod ring;
mod router;
mod rows;
mod satisfied;
mod search;
mod shelf;
mod state;
mod steps;
mod store;
mod suppress;
pub mod tally;
pub mod trace;
mod verdicts;
mod windows;

pub use engine::{Program, Run, run, run_all};
