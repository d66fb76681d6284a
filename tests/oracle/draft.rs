//! A rule under construction: its statements one by one, so that they can be dropped one by one.

/// The parts of a rule as text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    pub events: Vec<String>,
    pub keys: Vec<String>,
    pub window: String,
    pub outcomes: Vec<String>,
    pub condition: Vec<String>,
    pub options: Vec<String>,
}

impl Draft {
    pub fn text(&self) -> String {
        let mut text = String::from("rule random {\n  meta:\n    author = \"chance\"\n");
        section(&mut text, "events", &self.events);
        if !self.keys.is_empty() {
            section(&mut text, "match", &[format!("{} {}", self.keys.join(", "), self.window)]);
        }
        section(&mut text, "outcome", &self.outcomes);
        section(&mut text, "condition", &[self.condition.join(" and ")]);
        section(&mut text, "options", &self.options);
        text + "}\n"
    }

    /// The same rule with one thing less, in every way there is.
    pub fn smaller(&self) -> Vec<Draft> {
        let mut all = Vec::new();
        let parts: [fn(&mut Draft) -> &mut Vec<String>; 5] = [
            |draft| &mut draft.outcomes,
            |draft| &mut draft.events,
            |draft| &mut draft.condition,
            |draft| &mut draft.options,
            |draft| &mut draft.keys,
        ];
        for part in parts {
            for at in 0..part(&mut self.clone()).len() {
                let mut draft = self.clone();
                part(&mut draft).remove(at);
                all.push(draft);
            }
        }
        all
    }
}

fn section(text: &mut String, name: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    text.push_str(&format!("  {name}:\n"));
    lines.iter().for_each(|line| text.push_str(&format!("    {line}\n")));
}
