//! From the tree to canonical text, such that `parse(print(tree))` is the tree again. Comments are not printed.

mod expr;

pub use expr::{print_expr, quote};

use super::ast::{
    Assignment, Body, Direction, File, MatchClause, OrderItem, Rule, Search, Section, SetupCall, Side, Stage,
    Stmt, TimeUnit, Unit, WindowClause, WindowWord, WriteRow,
};

/// The whole file.
pub fn print(file: &File) -> String {
    let units: Vec<String> = file.units.iter().map(unit).collect();
    units.join("\n")
}

fn unit(unit: &Unit) -> String {
    match unit {
        Unit::Rule(written) => rule(written),
        Unit::Search(written) => search(written),
    }
}

fn rule(rule: &Rule) -> String {
    let mut out = format!("rule {} {{\n", rule.name.node);
    section(&mut out, "meta", rule.meta.as_ref(), |p| format!("{} = {}", p.key.node, print_expr(&p.value)));
    section(&mut out, "setup", rule.setup.as_ref(), setup_call);
    body(&mut out, &rule.body);
    section(&mut out, "options", rule.options.as_ref(), |p| {
        format!("{} = {}", p.key.node, print_expr(&p.value))
    });
    section(&mut out, "export", rule.export.as_ref(), write_row);
    out.push_str("}\n");
    out
}

fn search(search: &Search) -> String {
    let mut out = String::new();
    for Stage { name, body: inside, .. } in &search.stages {
        out.push_str(&format!("stage {} {{\n", name.node));
        body(&mut out, inside);
        out.push_str("}\n");
    }
    for join in &search.cross {
        let names: Vec<String> = join.stages.iter().map(|name| format!("${}", name.node)).collect();
        out.push_str(&format!("cross join {}\n", names.join(", ")));
    }
    body(&mut out, &search.root);
    section(&mut out, "export", search.export.as_ref(), write_row);
    out
}

fn body(out: &mut String, body: &Body) {
    section(out, "events", body.events.as_ref(), statement);
    section(out, "match", body.match_.as_ref(), match_clause);
    section(out, "outcome", body.outcome.as_ref(), assignment);
    section(out, "condition", body.condition.as_ref(), statement);
    list(out, "dedup", body.dedup.as_ref(), print_expr);
    list(out, "order", body.order.as_ref(), order_item);
    list(out, "limit", body.limit.as_ref(), |n| n.node.to_string());
    list(out, "select", body.select.as_ref(), print_expr);
    list(out, "unselect", body.unselect.as_ref(), print_expr);
}

/// A heading and one line for each item; an empty line is an item that cannot be printed.
fn section<T>(out: &mut String, name: &str, section: Option<&Section<T>>, item: fn(&T) -> String) {
    let Some(section) = section else { return };
    out.push_str(&format!("  {name}:\n"));
    for line in section.items.iter().map(item).filter(|line| !line.is_empty()) {
        out.push_str(&format!("    {line}\n"));
    }
}

/// A heading and its items with commas between.
fn list<T>(out: &mut String, name: &str, section: Option<&Section<T>>, item: fn(&T) -> String) {
    let Some(section) = section else { return };
    let items: Vec<String> = section.items.iter().map(item).collect();
    out.push_str(&format!("  {name}:\n    {}\n", items.join(", ")));
}

fn statement(statement: &Stmt) -> String {
    match statement {
        Stmt::Predicate(expr) => print_expr(expr),
        Stmt::Broken(_) => String::new(),
    }
}

fn assignment(assignment: &Assignment) -> String {
    match assignment {
        Assignment::Set { name, value, .. } => format!("${} = {}", name.node, print_expr(value)),
        Assignment::Broken(_) => String::new(),
    }
}

fn setup_call(call: &SetupCall) -> String {
    let args: Vec<String> = call.args.iter().map(print_expr).collect();
    match call.name.node.as_str() {
        "graph_append" => format!("graph_append [{}]", args.join(", ")),
        name => format!("{name}({})", args.join(", ")),
    }
}

fn write_row(row: &WriteRow) -> String {
    let columns: Vec<String> =
        row.columns.iter().map(|(name, value)| format!("{}: {}", name.node, print_expr(value))).collect();
    format!("%{}.{}({})", row.table.node, row.method.node, columns.join(", "))
}

fn order_item(item: &OrderItem) -> String {
    match item.direction {
        Direction::Ascending => print_expr(&item.key),
        Direction::Descending => format!("{} desc", print_expr(&item.key)),
    }
}

fn match_clause(clause: &MatchClause) -> String {
    let keys: Vec<String> = clause.keys.iter().map(print_expr).collect();
    let parts = [keys.join(", "), clause.window.as_ref().map(window).unwrap_or_default()];
    parts.iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" ")
}

fn window(window: &WindowClause) -> String {
    let mut parts = vec![match window.word {
        WindowWord::Over => "over".to_owned(),
        WindowWord::By => "by".to_owned(),
        WindowWord::OverEvery => "over every".to_owned(),
    }];
    parts.extend(window.first.map(|_| "first".to_owned()));
    parts.push(format!("{}{}", window.length.count, time_unit(window.length.unit.node)));
    if let Some(pivot) = &window.pivot {
        let side = match pivot.side {
            Side::Before => "before",
            Side::After => "after",
        };
        parts.push(format!("{side} ${}", pivot.variable.node));
    }
    parts.extend(window.tumbling.map(|_| "tumbling".to_owned()));
    parts.join(" ")
}

/// The short form of a unit.
fn time_unit(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Second => "s",
        TimeUnit::Minute => "m",
        TimeUnit::Hour => "h",
        TimeUnit::Day => "d",
        TimeUnit::Week => "w",
        TimeUnit::Month => "mo",
    }
}
