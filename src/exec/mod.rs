//! Runs plans over events: rows, joins, groups, windows, detections.

pub mod detection;
mod engine;
mod eval;
mod evidence;
mod gather;
mod interner;
mod join;
mod joined;
mod judge;
mod layout;
pub mod options;
pub mod query;
mod rows;
mod state;
mod store;
mod suppress;
mod windows;

pub use engine::{Program, Run, run, run_all};
