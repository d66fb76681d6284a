//! What reports show of a rule.

/// The rule a detection comes from: what reports show of it.
#[derive(Debug, Clone, Default)]
pub struct RuleInfo {
    /// The rule's name.
    pub name: String,
    /// The rule file as given.
    pub file: String,
    /// Every meta pair, in source order.
    pub meta: Vec<(String, String)>,
    /// SINGLE_EVENT or MULTI_EVENT.
    pub rule_type: RuleType,
    /// Does the rule have a `match` section?
    pub has_match: bool,
}

impl RuleInfo {
    /// The value of a meta key.
    pub fn meta(&self, key: &str) -> Option<&str> {
        self.meta.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

/// Google's two classes of rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RuleType {
    /// No match, or match and nothing but the existence of one event.
    #[default]
    SingleEvent,
    /// Everything else.
    MultiEvent,
}
