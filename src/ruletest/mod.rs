//! Tests of rules: reading test files, running them, and saying what differs.

mod compare;
mod cover;
mod events;
mod fields;
mod lists;
mod matching;
mod model;
mod mutate;
mod read;
mod run;
mod save;
mod survivors;
mod tables;
mod times;
mod words;
mod yaml;

pub use compare::Difference;
pub use cover::cover;
pub use model::{Entry, EventSource, Expect, More, Order, RuleRef, TableSource, Test, TestFile, Todo};
pub use mutate::{Change, Mutant, Mutation, mutate};
pub use read::read;
pub use run::{Failure, ListReader, Subject, TableReader, Verdict, run};
pub use save::save;
pub use survivors::{Stale, Survivor, flat, set_aside};
pub use yaml::{Kind, Node};

pub use crate::exec::trace::{Mark, Marks};
