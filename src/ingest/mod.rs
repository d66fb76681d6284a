//! From bytes to events: formats, and one lazy reader that fetches only what the plans ask for.
//!
//! A run opens its inputs one after another (`open`, `archive`, `piped`), cuts them into chunks that end where records
//! end (`cut`), walks chunks in workers (`walk`, `tally`, `pool`), and merges what comes of them in input order (`reading`).

mod archive;
mod block;
mod chunk;
pub mod count;
mod crowd;
mod cut;
pub mod evidence;
mod grouped;
mod held;
pub mod json;
mod kinds;
pub mod known;
mod mend;
pub mod needle;
mod open;
mod order;
mod over;
mod pairs;
mod piped;
mod pool;
pub mod progress;
pub mod read;
pub mod reading;
pub mod record;
mod sieve;
pub mod sink;
pub mod source;
pub mod spell;
mod steady;
mod tally;
pub mod tree;
mod walk;
pub mod wanted;
pub mod windows;
