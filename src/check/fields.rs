//! Fields: from a path that leads nowhere to a diagnostic that names the nearest one.

use std::collections::{BTreeSet, VecDeque};

use super::scope::{Language, MANY, Scope};
use super::walker::{Place, Walker};
use super::{errors, names, types};
use crate::diag::{Diagnostic, MOST_OF_A_KIND};
use crate::schema::{self, FieldError, FieldInfo, FieldType, Message, Root};
use crate::syntax::ast::{Access, FieldRef, Quantifier, Segment};
use crate::text::Span;

/// A field as a value; the resolved field, where all is well.
pub(super) fn check(walker: &mut Walker, field: &FieldRef, span: Span) -> Option<FieldInfo> {
    let info = check_group(walker, field, span)?;
    if info.value_type().is_some() {
        return Some(info);
    }
    walker.found.push(errors::message_as_value(span, &text(field), &info));
    None
}

/// A field that may also be a message, as for `arrays.length`.
pub(super) fn check_group(walker: &mut Walker, field: &FieldRef, span: Span) -> Option<FieldInfo> {
    if is_foreign(walker.scope, field) {
        return None;
    }
    if types::is_window_word(field) {
        if walker.place == Place::Events {
            walker.found.push(errors::window_word_in_events(span, &text(field)));
        }
        return None;
    }
    if walker.place == Place::Condition && walker.scope.language == Language::Rule {
        walker.found.push(errors::field_in_condition(span, &text(field)));
        return None;
    }
    if !has_variable(walker, field, span) {
        return None;
    }
    two_sources(walker, field);
    match schema::resolve(field, Root::Udm) {
        Ok(info) => {
            walker.found.extend(deprecated(field, span, &info));
            Some(info)
        }
        Err(error) => {
            walker.found.push(unknown(walker, field, span, &error));
            None
        }
    }
}

/// Is it a column of a stage?
pub(super) fn is_foreign(scope: &Scope, field: &FieldRef) -> bool {
    field.variable.as_ref().is_some_and(|name| scope.foreign.contains(name.node.as_str()))
}

/// Composite rules are documented to read the outcomes of a detection by name, deprecated or not.
fn deprecated(field: &FieldRef, span: Span, info: &FieldInfo) -> Option<Diagnostic> {
    let name = info.deprecated.as_ref()?;
    let outcomes = info.root == Root::Detection && name == "outcomes";
    (!outcomes).then(|| errors::deprecated(span, &text(field), name))
}

/// What is left out in the end, being one of very many, needs no search for the nearest name.
fn unknown(walker: &Walker, field: &FieldRef, span: Span, error: &FieldError) -> Diagnostic {
    if walker.found.len() > MOST_OF_A_KIND / 5 {
        return errors::wrong_path(span, &text(field));
    }
    wrong(field, span, error).maybe_help(errors::did_you_mean(glued(walker.scope, field)))
}

/// In a rule every field needs an event variable, and `events:` declares it.
fn has_variable(walker: &mut Walker, field: &FieldRef, span: Span) -> bool {
    match &field.variable {
        Some(name)
            if walker.place == Place::Events || walker.scope.events.contains_key(name.node.as_str()) =>
        {
            true
        }
        Some(name) => {
            names::undeclared_event(walker.scope, name, walker.found);
            false
        }
        None if walker.scope.language == Language::Search => true,
        None => {
            let only = walker.scope.events.keys().next().filter(|_| walker.scope.events.len() == 1).copied();
            walker.found.push(errors::field_without_variable(span, &text(field), only));
            false
        }
    }
}

/// A variable ranges over one source; the first use says which.
fn two_sources(walker: &mut Walker, field: &FieldRef) {
    let Some(name) = &field.variable else { return };
    let word = field.segments.first().and_then(|segment| schema::root_meant(&segment.name.node));
    if let Some(event) = walker.scope.events.get(name.node.as_str())
        && event.root != word.unwrap_or(Root::Udm)
    {
        walker.found.push(errors::two_sources(name.span, &name.node, event.span));
    }
}

/// `any` or `all` before a field.
pub(super) fn quantified(walker: &mut Walker, span: Span, quantifier: Quantifier, field: &FieldRef) {
    let word = quantifier_word(quantifier);
    if is_foreign(walker.scope, field) {
        return walker.found.push(errors::quantified_column(span, word, &text(field)));
    }
    let Some(info) = check(walker, field, span) else { return };
    if info.is_indexed() || info.is_map_access() && !info.is_repeated() {
        walker.found.push(errors::quantified_access(span, word, &text(field)));
    } else if !info.is_repeated() {
        walker.found.push(errors::quantified_scalar(span, word, &text(field)));
    }
}

/// The word as rules write it.
pub(super) fn quantifier_word(quantifier: Quantifier) -> &'static str {
    match quantifier {
        Quantifier::Any => "any",
        Quantifier::All => "all",
    }
}

/// `$logintarget.url`, where `$login.target.url` was meant.
fn glued(scope: &Scope, field: &FieldRef) -> Option<String> {
    let written = field.variable.as_ref()?.node.as_str();
    let udm = schema::schema().root(Root::Udm)?;
    if scope.events.len() > MANY {
        return None;
    }
    let begins = |word: &str| udm.field(word).is_some() || Root::from_word(word).is_some();
    let rest = |event: &str| written.strip_prefix(event).filter(|rest| begins(rest));
    let (event, rest) = scope.events.keys().find_map(|event| Some((event, rest(event)?)))?;
    Some(format!("${event}.{rest}.{}", plain(&field.segments)))
}

/// `graph` for `grahp`, and `graph.entity` for `graphentity`.
fn source_meant(word: &str) -> Option<String> {
    let source = schema::source_meant(word)?;
    match word.strip_prefix(source) {
        Some(rest) if !rest.is_empty() => Some(format!("{source}.{rest}")),
        Some(_) | None => Some(source.to_owned()),
    }
}

fn wrong(field: &FieldRef, span: Span, error: &FieldError) -> crate::diag::Diagnostic {
    let named = |at: usize| field.segments.get(at).map(|segment| &segment.name);
    let place = |at: usize| named(at).map_or(span, |name| name.span);
    let word = |at: usize| named(at).map_or("", |name| name.node.as_str());
    match error {
        FieldError::Unknown { segment, within, near } => {
            let near = near.clone().or_else(|| source_meant(word(*segment)).filter(|_| *segment == 0));
            let near = near.map(|near| path_with(&field.segments, *segment, &near));
            let near = near.or_else(|| elsewhere(&field.segments, *segment));
            let near = near.map(|near| with_variable(field, &near));
            let fields = if near.is_none() {
                fields_there(&field.segments, *segment, word(*segment))
            } else {
                Vec::new()
            };
            errors::unknown_field(place(*segment), word(*segment), within, near, &fields)
        }
        FieldError::NotMessage { segment } => {
            let before = field.segments.get(..*segment).unwrap_or_default();
            errors::no_fields_inside(place(*segment), word(*segment), &with_variable(field, &plain(before)))
        }
        FieldError::NotList { segment } => errors::not_a_list(place(*segment), word(*segment)),
        FieldError::NotMap { segment } => errors::no_keys(place(*segment), word(*segment)),
        FieldError::PartlyIndexed { segment } => errors::partly_indexed(place(*segment), word(*segment)),
        FieldError::IndexBeforeKey { segment } => errors::index_before_key(place(*segment), word(*segment)),
        FieldError::Empty => errors::message_without_path(span, &text(field)),
    }
}

/// The whole path with one word put right.
fn path_with(segments: &[Segment], at: usize, near: &str) -> String {
    let word = |(index, segment): (usize, &Segment)| {
        if index == at { near.to_owned() + &access_text(segment) } else { segment_text(segment) }
    };
    segments.iter().enumerate().map(word).collect::<Vec<_>>().join(".")
}

/// The message that a path leads to.
fn message_at(path: &[Segment]) -> Option<&'static Message> {
    let info = schema::resolve_path(path, Root::Udm).ok()?;
    if let FieldType::Message(name) = &info.kind { schema::schema().message(name) } else { None }
}

/// A path to the word from the message it was looked for in, or else from the root.
fn elsewhere(segments: &[Segment], at: usize) -> Option<String> {
    let word = segments.get(at)?.name.node.as_str();
    let before = segments.get(..at)?;
    let root = segments.first().and_then(|first| Root::from_word(&first.name.node));
    let rest = segments.get(at + 1..)?;
    let inside = message_at(before).and_then(|message| find(message, word));
    let whole = |path: String| if rest.is_empty() { path } else { format!("{path}.{}", plain(rest)) };
    if let Some(path) = inside {
        return Some(whole(format!("{}.{path}", plain(before))));
    }
    let prefix = segments.first().filter(|_| root.is_some()).map(|first| format!("{}.", first.name.node));
    let message = schema::schema().root(root.unwrap_or(Root::Udm))?;
    Some(whole(prefix.unwrap_or_default() + &find(message, word)?))
}

/// Some fields of the message that was looked into: those with a word in common first, then as they stand.
fn fields_there(segments: &[Segment], at: usize, word: &str) -> Vec<String> {
    let Some(before) = segments.get(..at) else { return Vec::new() };
    let root = segments.first().and_then(|first| Root::from_word(&first.name.node));
    let message = match (before, root) {
        ([], _) => schema::schema().root(Root::Udm),
        ([_], Some(root)) => schema::schema().root(root),
        _ => message_at(before),
    };
    let mut names: Vec<&str> = message
        .iter()
        .flat_map(|one| &one.fields)
        .filter(|field| !field.deprecated)
        .map(|field| field.name.as_str())
        .collect();
    let likeness = |name: &&str| name.split('_').map(|part| strsim::damerau_levenshtein(part, word)).min();
    if word.len() <= schema::LONGEST_WORD {
        names.sort_by_key(|name| likeness(name).unwrap_or(usize::MAX));
    }
    names.into_iter().take(5).map(str::to_owned).collect()
}

/// The shortest path from `start` to a field called `word`.
fn find(start: &Message, word: &str) -> Option<String> {
    let mut queue = VecDeque::from([(String::new(), start)]);
    let mut seen = BTreeSet::new();
    while let Some((path, message)) = queue.pop_front() {
        if message.field(word).is_some() {
            return Some(path + word);
        }
        for field in message.fields.iter().filter(|field| !field.deprecated) {
            if let FieldType::Message(name) = &field.kind
                && seen.insert(name.as_str())
                && let Some(next) = schema::schema().message(name)
            {
                queue.push_back((format!("{path}{}.", field.name), next));
            }
        }
    }
    None
}

/// A field as it was written.
pub(super) fn text(field: &FieldRef) -> String {
    with_variable(field, &field.segments.iter().map(segment_text).collect::<Vec<_>>().join("."))
}

fn with_variable(field: &FieldRef, path: &str) -> String {
    match &field.variable {
        Some(name) => format!("${}.{path}", name.node),
        None => path.to_owned(),
    }
}

/// The path as written, without its variable.
pub(super) fn path(field: &FieldRef) -> String {
    plain(&field.segments)
}

fn plain(segments: &[Segment]) -> String {
    segments.iter().map(segment_text).collect::<Vec<_>>().join(".")
}

fn segment_text(segment: &Segment) -> String {
    segment.name.node.clone() + &access_text(segment)
}

fn access_text(segment: &Segment) -> String {
    match &segment.access {
        None => String::new(),
        Some(Access::Index(index)) => format!("[{}]", index.node),
        Some(Access::Key(key)) => format!("[\"{}\"]", key.node.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}
