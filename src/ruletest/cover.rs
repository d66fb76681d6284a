//! Which parts of rules their tests saw hold, and saw not hold.

use super::model::Test;
use super::run::{Subject, compile, prepared};
use crate::exec::trace::{Choice, Marks, trace};
use crate::ingest::wanted::Wanted;
use crate::plan::{self, Plan, Written};

/// What `tests` see of each rule of `subject`, in its order. A test that cannot be run sees nothing.
pub fn cover(tests: &[&Test], subject: &Subject<'_>) -> Vec<Marks> {
    let mut seen = vec![Marks::default(); subject.rules.len()];
    for test in tests {
        for (all, marks) in seen.iter_mut().zip(one(test, subject).unwrap_or_default()) {
            all.merge(&marks);
        }
    }
    seen
}

fn one(test: &Test, subject: &Subject<'_>) -> Result<Vec<Marks>, String> {
    let mut wanted = Wanted::default();
    let compiled = compile(test, subject, &mut wanted, plan::compile_written)?;
    let (plans, written): (Vec<Plan>, Vec<Written>) = compiled.into_iter().unzip();
    let (inputs, options) = prepared(test, &wanted);
    let traced = trace((&plans, &written), &wanted, &inputs, &options, &Choice::All);
    Ok(traced.rules.into_iter().map(|rule| rule.marks).collect())
}
