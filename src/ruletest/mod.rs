//! Tests of rules: reading test files, running them, and saying what differs.

mod compare;
mod events;
mod fields;
mod lists;
mod matching;
mod model;
mod read;
mod run;
mod save;
mod times;
mod words;
mod yaml;

pub use compare::Difference;
pub use model::{Entry, EventSource, Expect, More, Order, RuleRef, Test, TestFile, Todo};
pub use read::read;
pub use run::{Failure, ListReader, Subject, Verdict, run};
pub use save::save;
pub use yaml::{Kind, Node};
