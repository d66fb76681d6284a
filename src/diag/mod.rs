//! What is wrong with a rule: diagnostics as values, their codes, and (in `render` alone) how they are shown.

pub mod codes;
pub mod fix;
pub mod render;

use crate::text::Span;

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
            message: message.into(),
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
        self.help = Some(text.into());
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
        self.help = text.or(self.help);
        self
    }

    /// Is it an error?
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
