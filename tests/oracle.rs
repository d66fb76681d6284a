//! A second, slow and plain reading of the language's documents, against which the program is held on random rules,
//! searches and events. `YARAL_SEED=N` asks other questions, `YARAL_QUESTIONS=N` so many times as many.

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
#[path = "oracle/alone.rs"]
mod alone;
#[path = "oracle/bound.rs"]
mod bound;
#[path = "oracle/calls.rs"]
mod calls;
#[path = "oracle/cases.rs"]
mod cases;
#[path = "oracle/cells.rs"]
mod cells;
#[path = "oracle/classes.rs"]
mod classes;
#[path = "oracle/compare.rs"]
mod compare;
#[path = "oracle/context.rs"]
mod context;
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
#[path = "oracle/lookups.rs"]
mod lookups;
#[path = "oracle/random.rs"]
mod random;
#[path = "oracle/rows.rs"]
mod rows;
#[path = "oracle/rule.rs"]
mod rule;
#[path = "oracle/rules.rs"]
mod rules;
#[path = "oracle/searches.rs"]
mod searches;
#[path = "oracle/short.rs"]
mod short;
#[path = "oracle/shrink.rs"]
mod shrink;
#[path = "common/small.rs"]
mod small;
#[path = "oracle/stages.rs"]
mod stages;
#[path = "oracle/together.rs"]
mod together;
#[path = "oracle/value.rs"]
mod value;
#[path = "oracle/variables.rs"]
mod variables;
#[path = "oracle/windows.rs"]
mod windows;
#[path = "oracle/world.rs"]
mod world;

use std::collections::BTreeMap;
use std::path::Path;

use cases::Case;
use classes::{CLASSES, Class, Expected};
use draft::Draft;
use library::{Answer, How};
use random::Random;
use shrink::Question;
use value::Letters;
use windows::Reported;
use yaral::syntax::ast::Unit;

/// What became of the questions of a class.
#[derive(Debug, Default)]
struct Tally {
    agreed: usize,
    detecting: usize,
    refused: BTreeMap<String, usize>,
    differing: usize,
    /// The first differences, made small.
    shown: String,
}

/// How many differences of a class are made small and shown.
const SHOWN: usize = 5;

/// How many rules run together over one world.
const TOGETHER: usize = 8;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// The rules of a world, and the world.
fn questions(class: &Class, number: u64) -> Vec<Question> {
    let seed = setting("YARAL_SEED").unwrap_or(1) << 32 | number;
    let mut random = Random::new(seed ^ (class.name.len() as u64 * 7919));
    let world = classes::world(&mut random, class);
    let drafts = (0..TOGETHER).map(|number| Draft { number, ..(class.rule)(&mut random) });
    drafts.map(|draft| Question { draft, world: world.clone() }).collect()
}

/// Both answers to questions about one world; an error is why the program does not run a rule.
fn ask(questions: &[Question], how: How, folder: &Path) -> Vec<Result<Both, String>> {
    let units: Vec<Result<Unit, String>> =
        questions.iter().map(|question| library::parse(&question.draft.text())).collect();
    let sound: Vec<&Unit> = units.iter().flatten().collect();
    let mut answers = library::answers(&sound, &questions[0].world, how, folder).into_iter();
    let both = units.iter().zip(questions).map(|(unit, question)| {
        let unit = unit.as_ref().map_err(Clone::clone)?;
        held(unit, answers.next().expect("one answer for each rule"), &question.world, how)
    });
    both.collect()
}

/// The program's answer held against the oracle's.
fn held(unit: &Unit, answer: Answer, world: &world::World, how: How) -> Result<Both, String> {
    match (unit, answer) {
        (_, Answer::Refused(why)) => Err(why),
        (Unit::Rule(rule), Answer::Detections(actual)) => {
            let expected = windows::detections(rule, world, how.reported);
            Ok(Both { found: expected.len(), difference: compare::difference(&expected, &actual) })
        }
        (Unit::Search(search), Answer::Rows(actual)) => {
            let expected = rows::rows(search, world, how.letters);
            Ok(Both { found: expected.rows.len(), difference: compare::of_rows(&expected, &actual) })
        }
        (Unit::Rule(_), Answer::Rows(_)) | (Unit::Search(_), Answer::Detections(_)) => {
            panic!("a rule gives detections and a search rows")
        }
    }
}

/// Each question is put twice.
const HOWS: [How; 2] = [
    How { reported: Reported::Covering, letters: Letters::Folded },
    How { reported: Reported::All, letters: Letters::Exact },
];

/// How many detections or rows the oracle finds, and what the program finds differently.
struct Both {
    found: usize,
    difference: Option<String>,
}

fn judge(class: &Class, number: u64, folder: &Path, tally: &mut Tally) {
    let questions = questions(class, number);
    for how in HOWS {
        for (question, answer) in questions.iter().zip(ask(&questions, how, folder)) {
            match answer {
                Err(why) => *tally.refused.entry(why).or_default() += 1,
                Ok(Both { difference: Some(difference), .. }) => {
                    tally.differing += 1;
                    if tally.differing <= SHOWN && class.expected == Expected::Runs {
                        tally.shown += &report(number, question, how, folder).unwrap_or(format!(
                            "question {number}: only together with other rules\n{}{difference}\n",
                            question.draft.text()
                        ));
                    }
                }
                Ok(Both { found, difference: None }) => {
                    tally.agreed += 1;
                    tally.detecting += usize::from(found > 0);
                }
            }
        }
    }
}

/// The difference, made small; nothing where the rule alone is answered alike.
fn report(number: u64, question: &Question, how: How, folder: &Path) -> Option<String> {
    let difference = |one: &Question| {
        let answer = ask(std::slice::from_ref(one), how, folder).pop()?;
        answer.ok()?.difference
    };
    difference(question)?;
    let smallest = shrink::shrink(question.clone(), &|one| difference(one).is_some());
    let lines = |all: &[serde_json::Value]| all.iter().map(|one| format!("{one}\n")).collect::<String>();
    let text = smallest.draft.text();
    let files = smallest.world.lists.iter().chain(&smallest.world.tables);
    let named = files.filter(|(name, _)| text.contains(&format!("%{name}")));
    let files: String = named.map(|(name, file)| format!("%{name}:\n{file}")).collect();
    Some(format!(
        "question {number}, {}\n{text}{}{}{files}{}\n\n",
        compare::name(how),
        lines(&smallest.world.events),
        lines(&smallest.world.entities),
        difference(&smallest).unwrap_or_default()
    ))
}

fn summary(class: &Class, tally: &Tally) -> String {
    let refused: usize = tally.refused.values().sum();
    format!(
        "{}: {} answers agree ({} that find something), {} differ, {refused} not run\n{}",
        class.name,
        tally.agreed,
        tally.detecting,
        tally.differing,
        compare::ranked(&tally.refused)
    )
}

/// What is wrong with the answers of a class.
fn verdict(class: &Class, tally: Tally) -> String {
    let refused: usize = tally.refused.values().sum();
    match class.expected {
        Expected::Runs if refused > tally.agreed => {
            tally.shown + &format!("{}: too few of these rules are run\n", class.name)
        }
        Expected::Runs => tally.shown,
        Expected::Pending => {
            if tally.differing == 0 && tally.agreed > refused {
                println!("{}: these rules run now; say so in the table of classes\n", class.name);
            }
            String::new()
        }
    }
}

/// Asks all questions of a class; gives what is wrong with the answers.
fn examine(class: &Class) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut tally = Tally::default();
    for number in 0..class.worlds * setting("YARAL_QUESTIONS").unwrap_or(1) {
        judge(class, number, folder.path(), &mut tally);
    }
    println!("{}", summary(class, &tally));
    verdict(class, tally)
}

#[test]
fn the_program_finds_what_the_documents_say() {
    let only = std::env::var("YARAL_CLASS").ok();
    let asked = CLASSES.iter().filter(|class| only.as_ref().is_none_or(|only| class.name.contains(only)));
    let wrong: String = std::thread::scope(|scope| {
        let started: Vec<_> = asked.map(|class| scope.spawn(|| examine(class))).collect();
        started.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{wrong}");
}

/// Arguments that say what is read, which is nothing the oracle knows of.
fn is_of_reading(case: &Case) -> bool {
    case.args.iter().any(|arg| arg != "--all-windows")
}

#[test]
fn the_oracle_finds_what_was_worked_out_by_hand() {
    let mut wrong = String::new();
    for case in cases::all().iter().filter(|case| !is_of_reading(case)) {
        let text = std::fs::read_to_string(case.folder.join("rule.yaral")).unwrap();
        let unit = library::parse(&text).unwrap_or_else(|why| panic!("{}: {why}", case.name));
        let Unit::Rule(rule) = unit else { panic!("{}: no rule", case.name) };
        let reported = if case.args.is_empty() { Reported::Covering } else { Reported::All };
        let found = windows::detections(&rule, &short::world(&case.folder), reported);
        let (found, expected) =
            (short::lines(found.iter().map(short::detection)), short::lines(case.expected.iter().cloned()));
        if found != expected {
            wrong +=
                &format!("{}\n  expected:\n{}  found:\n{}", case.name, expected.concat(), found.concat());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Small searches that run, over nothing but events, lists and tables.
fn is_plain(case: &small::Small) -> bool {
    let args = case.args.iter().all(|arg| arg == "--case-sensitive");
    args && case.is_rows && case.exit == 0 && !case.search.contains("$d.detection")
}

#[test]
fn the_oracle_gives_the_rows_worked_out_by_hand() {
    let mut wrong = String::new();
    for case in small::all().iter().filter(|case| is_plain(case)) {
        let unit = library::parse(&case.search).unwrap_or_else(|why| panic!("{}: {why}", case.name));
        let Unit::Search(search) = unit else { panic!("{}: no search", case.name) };
        let letters = if case.args.is_empty() { Letters::Folded } else { Letters::Exact };
        let found = short::rows(&search, &rows::rows(&search, &short::small_world(case), letters));
        let expected: Vec<serde_json::Value> =
            case.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        // A row that is an event is known by its place alone.
        let same = match found.iter().any(serde_json::Value::is_u64) {
            true => found.len() == expected.len(),
            false => short::alike(&found.iter().cloned().collect(), &expected.iter().cloned().collect()),
        };
        if !same {
            wrong += &format!("{}\n  expected: {expected:?}\n  found: {found:?}\n", case.name);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
