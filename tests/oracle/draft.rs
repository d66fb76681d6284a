//! A rule or a search under construction: its statements one by one, so that they can be dropped one by one.

/// What the parts make.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Form {
    #[default]
    Rule,
    /// A search or a stage.
    Search,
}

/// The parts of a rule, a search or a stage as text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    /// Tells rules of one world apart.
    pub number: usize,
    pub form: Form,
    /// The stages above a search, by name.
    pub stages: Vec<(String, Draft)>,
    /// Two stages, one of which has one row.
    pub cross: Option<String>,
    pub events: Vec<String>,
    pub keys: Vec<String>,
    pub window: String,
    pub outcomes: Vec<String>,
    pub condition: Vec<String>,
    pub options: Vec<String>,
    pub dedup: Vec<String>,
    pub order: Vec<String>,
    pub limit: Option<usize>,
}

impl Draft {
    pub fn text(&self) -> String {
        match self.form {
            Form::Rule => self.rule(),
            Form::Search => self.search(),
        }
    }

    fn rule(&self) -> String {
        let mut text = format!("rule random_{} {{\n  meta:\n    author = \"chance\"\n", self.number);
        section(&mut text, "events", &self.events);
        self.grouping(&mut text);
        section(&mut text, "options", &self.options);
        text + "}\n"
    }

    fn search(&self) -> String {
        let mut text = String::new();
        for (name, stage) in &self.stages {
            text += &format!("stage {name} {{\n{}}}\n", stage.search());
        }
        text.extend(self.cross.iter().map(|pair| format!("cross join {pair}\n")));
        self.events.iter().for_each(|line| text += &format!("{line}\n"));
        self.grouping(&mut text);
        list(&mut text, "dedup", &self.dedup);
        list(&mut text, "order", &self.order);
        list(&mut text, "limit", &self.limit.map(|limit| limit.to_string()).into_iter().collect::<Vec<_>>());
        text
    }

    fn grouping(&self, text: &mut String) {
        if !self.keys.is_empty() {
            section(text, "match", &[format!("{} {}", self.keys.join(", "), self.window)]);
        }
        section(text, "outcome", &self.outcomes);
        if !self.condition.is_empty() || self.form == Form::Rule {
            section(text, "condition", &[self.condition.join(" and ")]);
        }
    }

    /// The same rule with one thing less, in every way there is.
    pub fn smaller(&self) -> Vec<Draft> {
        let mut all = Vec::new();
        let parts: [fn(&mut Draft) -> &mut Vec<String>; 7] = [
            |draft| &mut draft.outcomes,
            |draft| &mut draft.events,
            |draft| &mut draft.condition,
            |draft| &mut draft.options,
            |draft| &mut draft.keys,
            |draft| &mut draft.dedup,
            |draft| &mut draft.order,
        ];
        for part in parts {
            for at in 0..part(&mut self.clone()).len() {
                let mut draft = self.clone();
                part(&mut draft).remove(at);
                all.push(draft);
            }
        }
        if self.limit.is_some() {
            all.push(Draft { limit: None, ..self.clone() });
        }
        if !self.window.is_empty() && self.form == Form::Search {
            all.push(Draft { window: String::new(), ..self.clone() });
        }
        all.extend(self.fewer_stages());
        all
    }

    fn fewer_stages(&self) -> Vec<Draft> {
        let mut all = Vec::new();
        for at in 0..self.stages.len() {
            let mut draft = self.clone();
            draft.stages.remove(at);
            all.push(draft);
            for stage in self.stages[at].1.smaller() {
                let mut draft = self.clone();
                draft.stages[at].1 = stage;
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

fn list(text: &mut String, name: &str, items: &[String]) {
    if !items.is_empty() {
        section(text, name, &[items.join(", ")]);
    }
}
