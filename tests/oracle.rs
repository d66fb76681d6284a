//! A second, slow and plain reading of the language's documents, against which the program is held on random rules and
//! events. `YARAL_SEED=N` asks other questions, `YARAL_QUESTIONS=N` so many times as many.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may panic"
)]

#[path = "oracle/aggregate.rs"]
mod aggregate;
#[path = "oracle/classes.rs"]
mod classes;
#[path = "oracle/compare.rs"]
mod compare;
#[path = "oracle/draft.rs"]
mod draft;
#[path = "oracle/eval.rs"]
mod eval;
#[path = "oracle/events.rs"]
mod events;
#[path = "oracle/fields.rs"]
mod fields;
#[path = "oracle/join.rs"]
mod join;
#[path = "oracle/library.rs"]
mod library;
#[path = "oracle/random.rs"]
mod random;
#[path = "oracle/rule.rs"]
mod rule;
#[path = "oracle/rules.rs"]
mod rules;
#[path = "oracle/shrink.rs"]
mod shrink;
#[path = "oracle/value.rs"]
mod value;
#[path = "oracle/windows.rs"]
mod windows;
#[path = "oracle/world.rs"]
mod world;

use std::collections::BTreeMap;
use std::path::Path;

use classes::{CLASSES, Class, Expected};
use library::Answer;
use random::Random;
use shrink::Question;
use windows::Reported;

/// What became of the questions of a class.
#[derive(Debug, Default)]
struct Tally {
    agreed: usize,
    detecting: usize,
    refused: BTreeMap<String, usize>,
    differences: Vec<String>,
}

/// How many differences of a class are made small and shown.
const SHOWN: usize = 5;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn question(class: &Class, number: u64) -> Question {
    let seed = setting("YARAL_SEED").unwrap_or(1) << 32 | number;
    let mut random = Random::new(seed ^ class.name.len() as u64 * 7919);
    let draft = (class.rule)(&mut random);
    let world = classes::world(&mut random, class);
    Question { draft, world }
}

/// Both answers; an error is why the program does not run the rule.
fn ask(question: &Question, reported: Reported, folder: &Path) -> Result<(usize, Option<String>), String> {
    let rule = library::parse(&question.draft.text())?;
    match library::answer(&rule, &question.world, reported, folder) {
        Answer::Refused(why) => Err(why),
        Answer::Detections(actual) => {
            let expected = windows::detections(&rule, &question.world, reported);
            Ok((expected.len(), compare::difference(&expected, &actual)))
        }
    }
}

fn judge(class: &Class, number: u64, folder: &Path, tally: &mut Tally) {
    let question = question(class, number);
    for reported in [Reported::Covering, Reported::All] {
        match ask(&question, reported, folder) {
            Err(why) => return *tally.refused.entry(why).or_default() += 1,
            Ok((_, Some(_))) if tally.differences.len() >= SHOWN => {
                return tally.differences.push(String::new());
            }
            Ok((_, Some(_))) => {
                let smallest = shrink::shrink(question, &|one| {
                    matches!(ask(one, reported, folder), Ok((_, Some(_))))
                });
                return tally.differences.push(report(number, &smallest, reported, folder));
            }
            Ok((found, None)) => {
                tally.agreed += 1;
                tally.detecting += usize::from(found > 0);
            }
        }
    }
}

fn report(number: u64, question: &Question, reported: Reported, folder: &Path) -> String {
    let lines = |all: &[serde_json::Value]| all.iter().map(|one| format!("{one}\n")).collect::<String>();
    let difference = ask(question, reported, folder).ok().and_then(|found| found.1).unwrap_or_default();
    format!(
        "question {number}, {}\n{}{}{}{difference}\n",
        compare::name(reported),
        question.draft.text(),
        lines(&question.world.events),
        lines(&question.world.entities)
    )
}

#[test]
fn the_program_finds_what_the_documents_say() {
    let folder = tempfile::tempdir().unwrap();
    let only = std::env::var("YARAL_CLASS").ok();
    let mut wrong = String::new();
    for class in CLASSES.iter().filter(|class| only.as_ref().is_none_or(|only| class.name.contains(only))) {
        let mut tally = Tally::default();
        for number in 0..class.questions * setting("YARAL_QUESTIONS").unwrap_or(1) {
            judge(class, number, folder.path(), &mut tally);
        }
        let refused: usize = tally.refused.values().sum();
        println!(
            "{}: {} answers agree ({} with detections), {} differ, {refused} rules not run\n{}",
            class.name,
            tally.agreed,
            tally.detecting,
            tally.differences.len(),
            compare::ranked(&tally.refused)
        );
        tally.differences.iter().for_each(|one| wrong += one);
        if class.expected == Expected::Runs && tally.agreed < class.questions as usize {
            wrong += &format!("{}: too few of these rules are run\n", class.name);
        }
        if class.expected == Expected::Pending && tally.agreed > 0 {
            println!("{}: these rules run now; the class may be expected to\n", class.name);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
