//! Searches: stages that read those above them.

use std::collections::{BTreeMap, BTreeSet};

use super::scope::{Columns, EventVariable, Language, Scope, expressions, outcomes};
use super::{
    aggregation, conditions, errors, fields, joins, limits, lints, names, rows, setup, types, windows,
};
use crate::diag::Diagnostic;
use crate::schema::{self, Root};
use crate::syntax::ast::{
    Body, CrossJoin, Expr, ExprKind, FieldRef, Name, Search, Stage, WindowClause, WindowWord,
};
use crate::syntax::walk;
use crate::text::Span;
use crate::value::Type;

/// The most named stages.
const MOST_STAGES: usize = 4;

/// Beyond these, which are too many, stages are passed over.
const MOST_READ: usize = 32;

/// A window of a stage goes less often than this into one that is computed from it.
const MOST_OF_A_WINDOW: u64 = 720;

/// All of a search but what stages do not share with rules.
pub(super) fn check(search: &Search, found: &mut Vec<Diagnostic>) {
    let (mut above, mut columns): (Vec<&Stage>, Columns) = (Vec::new(), Columns::new());
    let read = || search.stages.iter().take(MOST_READ);
    let all: Vec<&str> = read().map(|stage| stage.name.node.as_str()).collect();
    stage_names(read(), found);
    for stage in read() {
        let scope = body(&stage.body, &Stages { above: &above, all: &all, columns: &columns }, found);
        columns.extend(kinds(&scope, stage));
        if outputs(&stage.body).is_empty() && !super::scope::is_broken(&stage.body) {
            found.push(errors::stage_empty(&stage.name));
        }
        above.push(stage);
    }
    let stages = Stages { above: &above, all: &all, columns: &columns };
    let scope = body(&search.root, &stages, found);
    let sound = !found.iter().any(Diagnostic::is_error);
    if sound && known(&search.root).is_empty() && stages_alone(&scope, &search.root).is_some() {
        found.push(errors::search_empty(
            search.root.events.as_ref().map_or(search.span.0, |section| section.span.0),
        ));
    }
    cross_joins(&search.cross, (&scope, &stages), found);
    if let Some(section) = &search.export {
        setup::export(&scope, section, found);
    }
    let broken =
        search.stages.iter().map(|stage| &stage.body).chain([&search.root]).any(super::scope::is_broken);
    if !broken && !found.iter().any(Diagnostic::is_error) {
        unread(search, found);
    }
}

/// Names of stages that are taken or reserved, and the first stage too many.
fn stage_names<'t>(stages: impl Iterator<Item = &'t Stage>, found: &mut Vec<Diagnostic>) {
    let mut first: BTreeMap<&str, Span> = BTreeMap::new();
    for (at, Stage { name, .. }) in stages.enumerate() {
        if at == MOST_STAGES {
            found.push(errors::too_many_stages(name, MOST_STAGES));
        }
        if names::is_reserved(&name.node) {
            found.push(errors::reserved_name(&name.node, name.span));
        }
        match first.get(name.node.as_str()) {
            Some(earlier) => found.push(errors::stage_twice(name, *earlier)),
            None => drop(first.insert(&name.node, name.span)),
        }
    }
}

/// Stages whose rows go nowhere.
fn unread(search: &Search, found: &mut Vec<Diagnostic>) {
    let mut read: BTreeSet<&str> =
        search.cross.iter().flat_map(|join| &join.stages).map(|name| name.node.as_str()).collect();
    for body in search.stages.iter().map(|stage| &stage.body).chain([&search.root]) {
        for expr in expressions(body).chain(match_keys(body)).chain(arranged(body)) {
            walk(expr, &mut |part| {
                if let ExprKind::Field(field) | ExprKind::Quantified(_, field) = &part.kind {
                    read.extend(field.variable.as_ref().map(|name| name.node.as_str()));
                }
            });
        }
    }
    let loose = search.stages.iter().filter(|stage| !read.contains(stage.name.node.as_str()));
    found.extend(loose.map(|stage| errors::unused_stage(&stage.name)));
}

pub(super) fn match_keys(body: &Body) -> impl Iterator<Item = &Expr> {
    body.match_.iter().flat_map(|section| &section.items).flat_map(|clause| &clause.keys)
}

/// What `dedup:`, `order:` and `select:` name.
fn arranged(body: &Body) -> impl Iterator<Item = &Expr> {
    let items = body.dedup.iter().chain(&body.select).flat_map(|section| &section.items);
    items.chain(body.order.iter().flat_map(|section| &section.items).map(|item| &item.key))
}

/// The stages that a body may read, and the names of all.
struct Stages<'s, 't> {
    above: &'s [&'t Stage],
    all: &'s [&'t str],
    /// The kinds of what they give.
    columns: &'s Columns<'t>,
}

impl<'t> Stages<'_, 't> {
    fn find(&self, name: &str) -> Option<&'t Stage> {
        self.above.iter().find(|stage| stage.name.node == name).copied()
    }

    fn names(&self) -> Vec<&'t str> {
        self.above.iter().map(|stage| stage.name.node.as_str()).collect()
    }
}

fn body<'t>(body: &'t Body, stages: &Stages<'_, 't>, found: &mut Vec<Diagnostic>) -> Scope<'t> {
    let mut scope = Scope::new(body, Language::Search);
    let strangers = strangers(&scope, stages, found);
    scope.leave_out(stages.all);
    scope.leave_out(&strangers);
    scope.read_stages(stages.columns.clone());
    names::reserved(&scope, found);
    super::expressions(&mut scope, body, found);
    names::placeholders(&scope, found);
    windows::check(&scope, body, found);
    aggregation::check(&scope, body, found);
    conditions::of_search(&scope, body, found);
    limits::check(body, found);
    limits::sources(&scope, found);
    if stages.all.is_empty() {
        joins::connected(&scope, body, found);
    }
    found.extend(joins::strange_table(body));
    reads(body, stages, found);
    found.extend(untimed(&scope, body, stages));
    found.extend(untimed_entities(&scope, body, stages));
    rows::check(&scope, body, found);
    lints::check(&scope, body, found);
    scope
}

/// Variables that are read like a stage, as `$logins.n`, where none has the name.
fn strangers<'t>(scope: &Scope<'t>, stages: &Stages<'_, '_>, found: &mut Vec<Diagnostic>) -> Vec<&'t str> {
    if stages.all.is_empty() {
        return Vec::new();
    }
    let udm = schema::schema().root(Root::Udm);
    let known =
        |word: &str| udm.is_some_and(|root| root.field(word).is_some()) || Root::from_word(word).is_some();
    let unlike = |event: &&EventVariable| event.first_word.is_some_and(|word| !known(word));
    let mut names = Vec::new();
    for (name, event) in
        scope.events.iter().filter(|(name, event)| unlike(event) && !stages.all.contains(name))
    {
        let near = schema::nearest(name, stages.names());
        found.push(errors::stage_not_there(
            &Name::new((*name).to_owned(), event.span),
            &stages.names(),
            near,
        ));
        names.push(*name);
    }
    names
}

/// Each `$stage.word` is an output of a stage above.
fn reads(body: &Body, stages: &Stages<'_, '_>, found: &mut Vec<Diagnostic>) {
    let mut said = BTreeSet::new();
    for expr in expressions(body).chain(match_keys(body)) {
        walk(expr, &mut |part| {
            if let ExprKind::Field(field) | ExprKind::Quantified(_, field) = &part.kind
                && let Some(name) = &field.variable
            {
                read(name, field, part, stages, found);
                overlaps(body, name, stages, &mut said, found);
            }
        });
    }
}

fn read(name: &Name, field: &FieldRef, part: &Expr, stages: &Stages<'_, '_>, found: &mut Vec<Diagnostic>) {
    let Some(stage) = stages.find(&name.node) else {
        if stages.all.contains(&name.node.as_str()) {
            found.push(errors::stage_not_there(name, &stages.names(), None));
        }
        return;
    };
    let (outputs, word) = (outputs(&stage.body), fields::path(field));
    if !outputs.is_empty() && !outputs.contains(&word) {
        found.push(errors::not_an_output(part.span, &stage.name.node, &word, &outputs));
    }
}

/// A window over nothing but rows that happen at no time.
fn untimed(scope: &Scope, body: &Body, stages: &Stages<'_, '_>) -> Option<Diagnostic> {
    let window = window(body)?;
    let read = stages_alone(scope, body)?;
    let timed = |name: &&str| stages.find(name).is_none_or(|stage| self::window(&stage.body).is_some());
    (!read.iter().any(timed)).then(|| errors::untimed_stages(window.span.0, &read))
}

/// A window over entities, which are there for a while and happen at no time; stages may stand beside them.
fn untimed_entities(scope: &Scope, body: &Body, stages: &Stages<'_, '_>) -> Option<Diagnostic> {
    let window = window(body)?;
    let timed = |field: &FieldRef| match &field.variable {
        Some(name) if scope.foreign.contains(name.node.as_str()) => {
            stages.find(&name.node).is_none_or(|stage| self::window(&stage.body).is_some())
        }
        Some(_) | None => !is_of_entity(field),
    };
    let read = read_fields(body);
    let alone = read.iter().any(|field| is_of_entity(field)) && !read.iter().any(|field| timed(field));
    alone.then(|| errors::untimed_entities(window.span.0))
}

fn is_of_entity(field: &FieldRef) -> bool {
    let word = field.segments.first().map(|segment| segment.name.node.as_str());
    word.and_then(schema::root_meant) == Some(Root::Entity)
}

/// Every field that a body reads, but for the bounds of its window.
fn read_fields(body: &Body) -> Vec<&FieldRef> {
    let mut read = Vec::new();
    for expr in expressions(body).chain(match_keys(body)) {
        walk(expr, &mut |part| {
            if let ExprKind::Field(field) | ExprKind::Quantified(_, field) = &part.kind
                && !types::is_window_word(field)
            {
                read.push(field);
            }
        });
    }
    read
}

/// The stages that a body reads, where it reads nothing else.
fn stages_alone<'t>(scope: &Scope<'t>, body: &'t Body) -> Option<Vec<&'t str>> {
    let owner = |field: &'t FieldRef| field.variable.as_ref().map(|name| name.node.as_str());
    let mut read: Vec<&str> = read_fields(body).into_iter().map(owner).collect::<Option<_>>()?;
    read.sort_unstable();
    read.dedup();
    (!read.is_empty() && read.iter().all(|name| scope.foreign.contains(name))).then_some(read)
}

/// A hop or sliding window over rows of another one.
fn overlaps(
    body: &Body,
    name: &Name,
    stages: &Stages<'_, '_>,
    said: &mut BTreeSet<String>,
    found: &mut Vec<Diagnostic>,
) {
    let Some(stage) = stages.find(&name.node) else { return };
    if let (Some(window), Some(inner)) = (tumbling(body), tumbling(&stage.body))
        && windows::seconds(&window.length) >= MOST_OF_A_WINDOW * windows::seconds(&inner.length)
        && said.insert(name.node.clone())
    {
        found.push(errors::stage_window_ratio(window.length.span.0, &name.node));
    }
    if let (Some(window), Some(_)) = (overlapping(body), overlapping(&stage.body))
        && said.insert(name.node.clone())
    {
        found.push(errors::stage_windows(window, &name.node));
    }
}

fn overlapping(body: &Body) -> Option<Span> {
    window(body).filter(|window| window.word == WindowWord::Over).map(|window| window.span.0)
}

fn tumbling(body: &Body) -> Option<&WindowClause> {
    window(body).filter(|window| window.word != WindowWord::Over)
}

fn window(body: &Body) -> Option<&WindowClause> {
    let mut clauses = body.match_.iter().flat_map(|section| &section.items);
    clauses.find_map(|clause| clause.window.as_ref())
}

/// What others may read of a body.
fn outputs(body: &Body) -> Vec<String> {
    let mut all = known(body);
    if window(body).is_some() {
        all.extend(["window_start", "window_end"].map(str::to_owned));
    }
    all
}

/// `$host` is `host`, and a field its path, with its variable where another one has the same path.
pub(super) fn column(body: &Body, key: &Expr) -> Option<String> {
    let Some(field) = key.as_field() else { return key.as_variable().map(|name| name.node.clone()) };
    let path = fields::path(field);
    let alike = match_keys(body).filter_map(Expr::as_field).filter(|other| fields::path(other) == path);
    match &field.variable {
        Some(variable) if alike.count() > 1 => Some(format!("{}.{path}", variable.node)),
        Some(_) | None => Some(path),
    }
}

/// The kinds of what a stage gives, where known. Names of an enum are texts by then.
fn kinds<'t>(scope: &Scope, stage: &'t Stage) -> Columns<'t> {
    let kept = |kind: Type| if matches!(kind, Type::Enum(_)) { Type::Text } else { kind };
    let body = &stage.body;
    let keys = match_keys(body).filter_map(|key| Some((column(body, key)?, types::type_of(scope, key)?)));
    let outcomes =
        scope.outcomes.iter().filter_map(|(name, outcome)| Some(((*name).to_owned(), outcome.kind?)));
    let all = keys.chain(outcomes).map(|(column, kind)| ((stage.name.node.as_str(), column), kept(kind)));
    all.collect()
}

fn cross_joins(joins: &[CrossJoin], (scope, stages): (&Scope, &Stages<'_, '_>), found: &mut Vec<Diagnostic>) {
    for join in joins {
        let before = found.len();
        let known =
            |name: &Name| stages.find(&name.node).is_some() || scope.events.contains_key(name.node.as_str());
        for name in join.stages.iter().filter(|name| !known(name)) {
            let near = schema::nearest(&name.node, stages.names());
            found.push(errors::stage_not_there(name, &stages.names(), near));
        }
        let single = |name: &Name| stages.find(&name.node).is_some_and(|stage| limit(&stage.body) == Some(1));
        if found.len() > before {
            continue;
        }
        match join.stages.as_slice() {
            [only] => found.push(errors::cross_join_of_one(join.span.0, &only.node)),
            all if !all.iter().any(single) => found.push(errors::cross_without_limit(join.span.0)),
            _ => {}
        }
    }
}

fn limit(body: &Body) -> Option<u64> {
    body.limit.as_ref()?.items.first().map(|limit| limit.node)
}

/// What its rows hold besides the bounds of their windows.
pub(super) fn known(body: &Body) -> Vec<String> {
    match_keys(body)
        .filter_map(|key| column(body, key))
        .chain(outcomes(body).map(|(name, _)| name.node.clone()))
        .collect()
}
