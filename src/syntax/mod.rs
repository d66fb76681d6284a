//! From rule text to the tree: scan, parse, build.

pub mod ast;
