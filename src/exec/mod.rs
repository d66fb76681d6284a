//! Runs plans over events: rows, groups, windows, detections.

pub mod detection;
mod engine;
mod eval;
mod groups;
pub mod options;

pub use engine::{Run, run};
