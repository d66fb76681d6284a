//! Pages as JSON: one array, an object for each rule and search.

use serde_json::{Value as Json, json};

use super::attack::{Named, TacticRow};
use super::indicators::Indicator;
use super::{Counted, Kind, Page, Stage};

pub(super) fn render(pages: &[Page]) -> String {
    let pages: Vec<Json> = pages.iter().map(page).collect();
    serde_json::to_string_pretty(&Json::Array(pages)).unwrap_or_default() + "\n"
}

fn page(page: &Page) -> Json {
    let coverage = page.coverage.iter();
    let coverage = coverage.map(|row| json!({ "provider": row.provider, "id": row.id, "title": row.title }));
    let outputs = page.outputs.iter().map(|(name, source)| json!({ "name": name, "source": source }));
    let key = match page.kind {
        Kind::Rule => "rule",
        Kind::Search => "search",
    };
    json!({
        key: page.name,
        "title": page.title,
        "description": page.description,
        "attack": page.attack.iter().map(tactic).collect::<Vec<Json>>(),
        "references": page.references,
        "coverage": coverage.collect::<Vec<Json>>(),
        "body": page.body,
        "stages": page.stages.iter().map(|one| stage(one, page.kind)).collect::<Vec<Json>>(),
        "indicators": page.indicators.iter().map(|row| indicator(row, page.counted)).collect::<Vec<Json>>(),
        "outputs": outputs.collect::<Vec<Json>>(),
    })
}

fn tactic(row: &TacticRow) -> Json {
    let techniques: Vec<Json> = row.techniques.iter().map(named).collect();
    json!({ "tactic": row.tactic.as_ref().map(named), "techniques": techniques })
}

fn named(one: &Named) -> Json {
    json!({ "id": one.id, "name": one.name })
}

fn stage(stage: &Stage, kind: Kind) -> Json {
    if kind == Kind::Search {
        let part = |(heading, lines): &(String, Vec<String>)| {
            (heading.trim_end_matches(':').to_owned(), json!(lines))
        };
        let sections: serde_json::Map<String, Json> = stage.parts.iter().map(part).collect();
        return json!({ "title": stage.title, "sections": sections, "words": stage.words });
    }
    let lines = stage.parts.iter().flat_map(|(_, lines)| lines);
    json!({ "title": stage.title, "predicates": lines.collect::<Vec<_>>(), "words": stage.words })
}

fn indicator(row: &Indicator, counted: Counted) -> Json {
    let values = row.values.iter().map(|(value, others)| match counted {
        Counted::Yes => json!({ "value": value, "otherRules": others }),
        Counted::No => json!({ "value": value }),
    });
    json!({ "field": row.field, "kind": row.kind, "values": values.collect::<Vec<Json>>() })
}
