//! `// yaral: allow(CODE)`: comments that silence what is found in the statement they end or precede, or in a whole rule.

use crate::diag::{Diagnostic, codes};
use crate::syntax::ast::{Assignment, Body, File, Section, Stmt, Unit};
use crate::text::{Source, Span};

/// One comment, and where it holds.
struct Allow {
    comment: Span,
    names: Vec<String>,
    /// Nothing where no statement follows.
    over: Option<Span>,
}

/// What is left of `found` once the comments of the file are heard, and a warning for each that silences nothing.
pub fn silence(source: &Source, file: &File, mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let places = places(file);
    let mut unused = Vec::new();
    for allow in file.comments.iter().filter_map(|comment| read(source, file, &places, *comment)) {
        for name in &allow.names {
            let before = found.len();
            found.retain(|one| !allow.over.is_some_and(|over| is_meant(one, name, over)));
            if found.len() == before {
                unused.push(diagnostic(allow.comment, name));
            }
        }
        if allow.names.is_empty() {
            unused.push(unreadable(allow.comment));
        }
    }
    found.extend(unused);
    found.sort_by_key(|one| (one.label.span.start, one.label.span.end));
    found
}

fn is_meant(one: &Diagnostic, name: &str, over: Span) -> bool {
    let at = one.label.span;
    one.code.id.eq_ignore_ascii_case(name) && over.start <= at.start && at.start <= over.end
}

fn diagnostic(comment: Span, name: &str) -> Diagnostic {
    match codes::find(name) {
        Some(code) => {
            Diagnostic::new(&codes::UNUSED_ALLOW, comment, format!("`{}` is not found here", code.id))
                .help("take the comment out, or put it at the end of the statement or on the line above")
        }
        None => Diagnostic::new(&codes::UNUSED_ALLOW, comment, format!("there is no code `{name}`"))
            .help("write a code as it stands beside the finding, such as `YC713`"),
    }
}

fn unreadable(comment: Span) -> Diagnostic {
    Diagnostic::new(&codes::UNUSED_ALLOW, comment, "this comment for `yaral` says nothing it knows")
        .help("write `// yaral: allow(YC713)`, with commas between several codes")
}

fn read(source: &Source, file: &File, places: &[Span], comment: Span) -> Option<Allow> {
    let text = source.slice(comment);
    let block = text.strip_prefix("/*").map(|text| text.trim_end_matches("*/"));
    // `// see the ticket // yaral: allow(YC713)` says both.
    let line = text.strip_prefix("//").map(|text| text.rsplit_once("//").map_or(text, |(_, last)| last));
    let said = line.or(block)?.trim().strip_prefix("yaral:")?.trim();
    // A block may end a line that goes on, so only the other form is heard.
    let said = if block.is_some() { "" } else { said };
    let list = said.strip_prefix("allow").map(str::trim_start).and_then(|rest| rest.strip_prefix('('));
    let list = list.and_then(|rest| rest.split_once(')')).map_or("", |(list, _)| list);
    let names = list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    Some(Allow { comment, names, over: over(source, file, places, comment) })
}

/// The statement that the comment ends or stands in, else the rule or the statement that follows.
fn over(source: &Source, file: &File, places: &[Span], comment: Span) -> Option<Span> {
    let line = source.position(comment.start).line;
    let ends = |place: &&Span| {
        place.end <= comment.start && source.position(place.end.saturating_sub(1)).line == line
    };
    let holds = |place: &&Span| place.start < comment.start && comment.end < place.end;
    let here = places.iter().rfind(ends).or_else(|| places.iter().find(holds));
    let rules = file.units.iter().filter_map(|unit| match unit {
        Unit::Rule(rule) => Some(rule.span.0),
        Unit::Search(_) => None,
    });
    let next = |spans: &mut dyn Iterator<Item = Span>| {
        spans.filter(|span| span.start >= comment.end).min_by_key(|span| span.start)
    };
    let (rule, statement) = (next(&mut rules.into_iter()), next(&mut places.iter().copied()));
    // After the brace of one rule, nothing is said of the next.
    let closes = file.units.iter().any(|unit| match unit {
        Unit::Rule(rule) => ends(&&rule.span.0),
        Unit::Search(_) => false,
    });
    here.copied().or(match (rule, statement) {
        _ if closes => None,
        (Some(rule), Some(statement)) if statement.start < rule.start => Some(statement),
        (Some(rule), _) => Some(rule),
        (None, statement) => statement,
    })
}

/// Every statement, in the order of the text.
fn places(file: &File) -> Vec<Span> {
    let mut places = Vec::new();
    for unit in &file.units {
        match unit {
            Unit::Rule(rule) => {
                places.extend(items(rule.meta.as_ref()).map(|pair| pair.key.span.to(pair.value.span)));
                places.extend(items(rule.setup.as_ref()).map(|call| call.span.0));
                body(&rule.body, &mut places);
                places.extend(items(rule.options.as_ref()).map(|pair| pair.key.span.to(pair.value.span)));
                places.extend(items(rule.export.as_ref()).map(|row| row.span.0));
            }
            Unit::Search(search) => {
                search.stages.iter().for_each(|stage| body(&stage.body, &mut places));
                places.extend(search.cross.iter().map(|join| join.span.0));
                body(&search.root, &mut places);
            }
        }
    }
    places.sort_by_key(|place| (place.start, place.end));
    places
}

fn items<T>(section: Option<&Section<T>>) -> impl Iterator<Item = &T> {
    section.into_iter().flat_map(|section| &section.items)
}

fn body(body: &Body, places: &mut Vec<Span>) {
    let statement = |stmt: &Stmt| match stmt {
        Stmt::Predicate(expr) => expr.span,
        Stmt::Broken(place) => place.0,
    };
    places.extend(items(body.events.as_ref()).map(statement));
    places.extend(items(body.match_.as_ref()).map(|clause| clause.span.0));
    places.extend(items(body.outcome.as_ref()).map(|item| match item {
        Assignment::Set { span, .. } => span.0,
        Assignment::Broken(place) => place.0,
    }));
    places.extend(items(body.condition.as_ref()).map(statement));
    for section in [&body.dedup, &body.select, &body.unselect] {
        places.extend(items(section.as_ref()).map(|item| item.span));
    }
    places.extend(items(body.order.as_ref()).map(|item| item.key.span));
    places.extend(items(body.limit.as_ref()).map(|limit| limit.span));
}
