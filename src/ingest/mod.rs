//! From bytes to events: formats, and one lazy reader that fetches only what the plans ask for.

pub mod evidence;
pub mod json;
pub mod read;
pub mod reading;
pub mod record;
pub mod sink;
pub mod source;
pub mod spell;
pub mod wanted;
pub mod windows;
