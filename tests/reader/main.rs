//! The reader from outside: threads, forms of input, damage.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

#[path = "../common/ended.rs"]
mod ended;
#[path = "../common/shared.rs"]
mod shared;

mod cut;
mod damage;
mod evtx;
mod folder;
mod forms;
mod lines;
mod packed;
mod threads;
