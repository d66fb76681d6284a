//! Runs plans over events.

pub mod detection;
pub mod options;
