//! ATT&CK tactics and techniques of a rule, in each of the ways that rules name them in `meta`: `tactic` and `technique`
//! by id, `mitre_attack_tactic`, `…_technique` and `…_url` by name, and `mitre` with both in one list.

use super::meta;
use crate::syntax::ast::Rule;

/// Ids, tactics by their short names, and names.
const NAMES: &str = include_str!("attack.txt");

/// A tactic or a technique.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// Empty for a technique given by its name alone.
    pub(super) id: String,
    pub(super) name: String,
}

/// A tactic, and the techniques that serve it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TacticRow {
    /// Nothing where the rule names none and the technique is not known.
    pub(super) tactic: Option<Named>,
    pub(super) techniques: Vec<Named>,
}

struct Line {
    id: &'static str,
    tactics: &'static str,
    name: &'static str,
}

fn lines() -> impl Iterator<Item = Line> {
    let lines = NAMES.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| {
        let mut cells = line.splitn(3, " | ");
        Some(Line { id: cells.next()?, tactics: cells.next()?, name: cells.next()? })
    })
}

/// A tactic for each row, in the order the rule names them; techniques stand with the tactics they serve.
pub(super) fn rows(rule: &Rule) -> Vec<TacticRow> {
    let techniques = techniques(rule);
    let mut tactics = tactics(rule);
    if tactics.is_empty() {
        tactics = implied(&techniques);
    }
    let mut rows: Vec<TacticRow> = tactics
        .into_iter()
        .map(|tactic| TacticRow { tactic: Some(tactic), techniques: Vec::new() })
        .collect();
    for technique in techniques {
        place(&mut rows, technique);
    }
    rows
}

fn place(rows: &mut Vec<TacticRow>, technique: Named) {
    let serves = |row: &TacticRow| {
        let tactic = row.tactic.as_ref().map_or("", |tactic| tactic.id.as_str());
        tactics_of(&technique.id).iter().any(|known| known.id == tactic)
    };
    let fitting: Vec<bool> = rows.iter().map(serves).collect();
    let any = fitting.contains(&true);
    if rows.is_empty() {
        return rows.push(TacticRow { tactic: None, techniques: vec![technique] });
    }
    for (row, fits) in rows.iter_mut().zip(fitting) {
        // A technique that serves none of the tactics named stands with all of them: the author knows best.
        if (fits || !any) && !row.techniques.contains(&technique) {
            row.techniques.push(technique.clone());
        }
    }
}

fn tactics(rule: &Rule) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    for key in ["tactic", "mitre_attack_tactic", "mitre"] {
        let value = meta(rule, key).unwrap_or_default();
        for word in value.split([',', ';']) {
            found.extend(tactic(word).filter(|tactic| !found.contains(tactic)));
        }
    }
    found
}

/// A tactic by id or by name, whatever its spelling.
fn tactic(word: &str) -> Option<Named> {
    let plain = word.trim().to_lowercase().replace(['_', ' '], "-");
    let line = lines()
        .filter(|line| line.id.starts_with("TA"))
        .find(|line| line.id.eq_ignore_ascii_case(&plain) || line.tactics == plain)?;
    Some(Named { id: line.id.to_owned(), name: line.name.to_owned() })
}

fn techniques(rule: &Rule) -> Vec<Named> {
    let given = meta(rule, "mitre_attack_technique").unwrap_or_default();
    let mut found: Vec<Named> = Vec::new();
    for key in ["technique", "mitre_attack_url", "mitre", "mitre_attack_technique"] {
        let value = meta(rule, key).unwrap_or_default();
        for id in ids(&value) {
            let name = match key {
                "mitre_attack_url" if !given.is_empty() && ids(&given).is_empty() => given.clone(),
                _ => name(&id),
            };
            if !found.iter().any(|known| known.id == id) {
                found.push(Named { id, name });
            }
        }
    }
    if found.is_empty() && !given.is_empty() {
        found.push(by_name(&given));
    }
    found
}

fn by_name(given: &str) -> Named {
    let last = given.rsplit(": ").next().unwrap_or(given).trim();
    let line = lines().find(|line| line.id.starts_with('T') && line.name.eq_ignore_ascii_case(last));
    Named { id: line.map(|line| line.id.to_owned()).unwrap_or_default(), name: given.to_owned() }
}

/// `T1078.004` in any of its spellings: `t1078.004`, `…/techniques/T1078/004/`.
fn ids(text: &str) -> Vec<String> {
    let text = text.to_uppercase().replace('/', ".");
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '.');
    let mut found = Vec::new();
    for word in words {
        let parts: Vec<&str> = word.split('.').collect();
        for (index, part) in parts.iter().enumerate().filter(|(_, part)| is_technique(part)) {
            let sub = parts.get(index + 1).filter(|sub| sub.len() == 3 && all_digits(sub));
            found.push(sub.map_or_else(|| (*part).to_owned(), |sub| format!("{part}.{sub}")));
        }
    }
    found
}

fn is_technique(part: &str) -> bool {
    part.strip_prefix('T').is_some_and(|number| number.len() == 4 && all_digits(number))
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The name of a technique; of a part of one, with the name of the whole before it.
fn name(id: &str) -> String {
    let of = |id: &str| lines().find(|line| line.id == id).map(|line| line.name);
    let own = of(id).unwrap_or_default();
    let (own, later) = own.split_once(" > ").unwrap_or((own, ""));
    let whole = id.split_once('.').and_then(|(whole, _)| of(whole));
    let name = match (whole, own) {
        (Some(whole), "") => whole.to_owned(),
        (Some(whole), own) => format!("{whole}: {own}"),
        (None, own) => own.to_owned(),
    };
    if later.is_empty() { name } else { format!("{name} (now {later})") }
}

fn tactics_of(technique: &str) -> Vec<Named> {
    let whole = technique.split('.').next().unwrap_or_default();
    let line = lines().find(|line| line.id == technique).or_else(|| lines().find(|line| line.id == whole));
    let words = line.map(|line| line.tactics).unwrap_or_default();
    words.split(' ').filter_map(tactic).collect()
}

fn implied(techniques: &[Named]) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    for tactic in techniques.iter().flat_map(|technique| tactics_of(&technique.id)) {
        if !found.contains(&tactic) {
            found.push(tactic);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn technique_ids_are_read_in_every_spelling() {
        assert_eq!(ids("execution, t1204, T1059.001"), ["T1204", "T1059.001"]);
        assert_eq!(ids("https://attack.mitre.org/versions/v14/techniques/T1562/001/"), ["T1562.001"]);
        assert!(ids("car.2013-05-009, g0016, s0029").is_empty());
    }

    #[test]
    fn names_say_what_an_old_id_became() {
        assert_eq!(name("T1047"), "Windows Management Instrumentation");
        assert_eq!(name("T1059.001"), "Command and Scripting Interpreter: PowerShell");
        assert_eq!(name("T1086"), "PowerShell (now T1059.001)");
    }

    #[test]
    fn tactics_are_found_by_id_and_by_name() {
        let names = ["TA0002", "Execution", "execution", " Defense_evasion", "Command and Control"];
        let ids: Vec<String> = names.into_iter().filter_map(tactic).map(|one| one.id).collect();
        assert_eq!(ids, ["TA0002", "TA0002", "TA0002", "TA0005", "TA0011"]);
    }

    #[test]
    fn what_an_old_id_became_is_known_and_in_use() {
        for line in lines() {
            let Some((_, later)) = line.name.split_once(" > ") else { continue };
            let found = lines().find(|known| known.id == later);
            assert!(found.is_some_and(|known| !known.name.contains(" > ")), "{}", line.id);
        }
    }

    #[test]
    fn every_line_has_its_columns_and_known_tactics() {
        let written = NAMES.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(lines().count(), written);
        for line in lines().filter(|line| !line.id.starts_with("TA")) {
            assert!(line.tactics.split(' ').all(|word| tactic(word).is_some()), "{}", line.id);
        }
    }
}
