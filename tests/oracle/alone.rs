//! Random rules with one event variable.

use crate::draft::Draft;
use crate::random::Random;
use crate::rules::Writer;

pub fn no_match(random: &mut Random) -> Draft {
    let mut writer = Writer::new(random);
    for _ in 0..writer.random.below(3) {
        writer.bind("e");
    }
    for _ in 0..1 + writer.random.below(2) {
        let predicate = writer.predicate("e", 2);
        writer.draft.events.push(predicate);
    }
    for _ in 0..writer.random.below(5) {
        writer.outcome("e");
    }
    if writer.random.chance(15) {
        writer.draft.outcomes.push("$suppression_key = max(5)".to_owned());
        writer.draft.options.push("suppression_window = 5m".to_owned());
    }
    alone(&mut writer);
    writer.draft
}

/// The condition of a rule with one event variable.
fn alone(writer: &mut Writer<'_>) {
    let event =
        ["$e", "$e", "#e > 0", "#e >= 2", "#e = 1", "(2 > #e and $e)", "($e or #e > 3)", "#e != 2 and $e"];
    let part = writer.random.word(&event);
    writer.draft.condition.push(part);
    writer.condition_parts();
    if writer.draft.condition.len() > 1 && writer.random.chance(15) {
        let parts = writer.draft.condition.join(", ");
        writer.draft.condition =
            vec![format!("{} of [{parts}]", writer.random.pick(&["1", "2", "any", "all"]))];
    }
}

fn grouped(random: &mut Random) -> Writer<'_> {
    let mut writer = Writer::new(random);
    for _ in 0..1 + writer.random.below(3) {
        writer.bind("e");
    }
    for _ in 0..writer.random.below(3) {
        let predicate = writer.predicate("e", 2);
        writer.draft.events.push(predicate);
    }
    let keys = 1 + writer.random.below(2);
    writer.keys(keys);
    if writer.random.chance(30) {
        writer.draft.options.push("allow_zero_values = true".to_owned());
    }
    writer
}

fn judged(mut writer: Writer<'_>) -> Draft {
    for _ in 0..writer.random.below(5) {
        writer.outcome("e");
    }
    alone(&mut writer);
    writer.draft
}

pub fn hop(random: &mut Random) -> Draft {
    let mut writer = grouped(random);
    writer.hop();
    suppress(&mut writer);
    judged(writer)
}

fn suppress(writer: &mut Writer<'_>) {
    if writer.random.chance(15) {
        writer.draft.options.push("suppression_window = 2h".to_owned());
    }
}

pub fn tumbling(random: &mut Random) -> Draft {
    let mut writer = grouped(random);
    writer.draft.window = format!("by {}", writer.random.pick(&["1m", "5m", "1h", "1d"]));
    judged(writer)
}

pub fn slide(random: &mut Random) -> Draft {
    let mut writer = grouped(random);
    let side = writer.random.word(&["before", "after"]);
    writer.draft.window = format!("over {} {side} $e", writer.random.pick(&["1m", "5m"]));
    judged(writer)
}
