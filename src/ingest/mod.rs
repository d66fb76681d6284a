//! Event files of every known form, read down to the fields that a run asks for.

pub mod windows;
