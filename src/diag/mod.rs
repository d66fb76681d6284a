//! What is wrong with a rule: diagnostics as values, their codes, and (in `render` alone) how they are shown.

pub mod codes;
pub mod fix;
pub mod render;

use std::collections::BTreeMap;

use crate::text::Span;

/// How many findings of one code are told of one text.
pub const MOST_OF_A_KIND: usize = 1000;

/// Keeps of each code the first thousand findings of one text, and one more that says so: a damaged file may have
/// millions, and nobody reads them.
pub fn cap(found: &mut Vec<Diagnostic>) {
    if found.len() <= MOST_OF_A_KIND {
        return;
    }
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    found.retain_mut(|one| {
        let count = seen.entry(one.code.id).or_default();
        *count += 1;
        if *count == MOST_OF_A_KIND + 1 {
            let message = format!("more findings like the {MOST_OF_A_KIND} before this one are left out");
            *one = Diagnostic::new(one.code, one.label.span, message).help("mend those first");
        }
        *count <= MOST_OF_A_KIND + 1
    });
}

/// A text of more characters is cut in its middle.
const LONG_TEXT: usize = 600;

/// The text, without the middle of a name of a million letters.
pub fn short(text: String) -> String {
    if text.len() <= LONG_TEXT {
        return text;
    }
    let keep = LONG_TEXT / 2;
    let start: String = text.chars().take(keep).collect();
    let end: Vec<char> = text.chars().rev().take(keep).collect();
    format!("{start}…{}", end.iter().rev().collect::<String>())
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The rule cannot be run as written, or Google SecOps would refuse it.
    Error,
    /// It runs, but hardly as meant.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// The word used in every output format.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        }
    }
}

/// One row of the table of codes: a kind of finding, never reused.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Such as `YC101`.
    pub id: &'static str,
    /// The severity findings of this kind have unless said otherwise.
    pub severity: Severity,
    /// A few words.
    pub title: &'static str,
    /// The page that `--explain` prints.
    pub page: &'static str,
}

/// A place and what is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// What is underlined.
    pub span: Span,
    /// Said under the underline; may be empty.
    pub text: String,
}

/// One finding. Wording: lower case, no full stop, the user's own words in backticks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its row in [`codes::all`].
    pub code: &'static Code,
    /// How bad it is here.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// The one underlined place.
    pub label: Label,
    /// Further places, such as a first declaration.
    pub also: Vec<Label>,
    /// The correction.
    pub help: Option<String>,
    /// The correction as edits of the text, where it may be made without asking; in the order of the text.
    pub fix: Vec<Edit>,
}

/// A stretch of text and what stands in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What goes.
    pub span: Span,
    /// What comes.
    pub text: String,
}

impl Diagnostic {
    /// A finding of kind `code` at `span`.
    pub fn new(code: &'static Code, span: Span, message: impl Into<String>) -> Diagnostic {
        let label = Label { span, text: String::new() };
        Diagnostic {
            code,
            severity: code.severity,
            message: short(message.into()),
            label,
            also: Vec::new(),
            help: None,
            fix: Vec::new(),
        }
    }

    /// Says something under the underline.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Diagnostic {
        self.label.text = text.into();
        self
    }

    /// Points to a further place.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.also.push(Label { span, text: text.into() });
        self
    }

    /// Says what to write instead.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help = Some(short(text.into()));
        self
    }

    /// Adds an edit that keeps the meaning, or gives the one that was surely meant.
    #[must_use]
    pub fn fix(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.fix.push(Edit { span, text: text.into() });
        self
    }

    /// Says what to write instead, where anything is known.
    #[must_use]
    pub fn maybe_help(mut self, text: Option<String>) -> Diagnostic {
        self.help = text.map(short).or(self.help);
        self
    }

    /// Is it an error?
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
