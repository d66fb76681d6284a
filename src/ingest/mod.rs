//! Reads events: formats, projections, and the spelling of what is shown.

pub mod spell;
