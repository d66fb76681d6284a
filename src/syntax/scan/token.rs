//! Tokens: the coarse pieces that sections and statements are found by.

/// One piece of text and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Is it the first of its line?
    pub opens_line: bool,
}

/// The kinds of token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// `events`, `strings.to_lower`: a word or a dotted path.
    Word,
    /// `$x`, `$e.target.ip`
    Variable,
    /// `#x`
    Count,
    /// `%list`, `%table.column`
    List,
    /// `5`, `1.5`, `30m`
    Number,
    /// `"…"`, a raw string, or one in wrong quotes
    Text,
    /// `/…/`
    Regex,
    /// `(`, `[`, `{`
    Open(Bracket),
    /// `)`, `]`, `}`
    Close(Bracket),
    /// An operator, a comma, a colon, a point.
    Symbol,
    /// A character the language does not know.
    Unknown,
}

impl TokenKind {
    /// How many brackets are open behind a token, where `depth` are before it.
    pub fn depth_behind(self, depth: usize) -> usize {
        match self {
            TokenKind::Open(_) => depth + 1,
            TokenKind::Close(_) => depth.saturating_sub(1),
            TokenKind::Word
            | TokenKind::Variable
            | TokenKind::Count
            | TokenKind::List
            | TokenKind::Number
            | TokenKind::Text
            | TokenKind::Regex
            | TokenKind::Symbol
            | TokenKind::Unknown => depth,
        }
    }
}

/// The three pairs of brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bracket {
    /// `( )`
    Round,
    /// `[ ]`
    Square,
    /// `{ }`
    Curly,
}

impl Bracket {
    /// The closing character.
    pub fn close(self) -> char {
        match self {
            Bracket::Round => ')',
            Bracket::Square => ']',
            Bracket::Curly => '}',
        }
    }

    /// The opening character.
    pub fn open(self) -> char {
        match self {
            Bracket::Round => '(',
            Bracket::Square => '[',
            Bracket::Curly => '{',
        }
    }
}

/// Words that join or open operands; after them an operand is expected.
const BEFORE_OPERAND: [&str; 10] = ["and", "or", "not", "in", "regex", "cidr", "is", "of", "any", "all"];

impl Token {
    /// Its text.
    pub fn text(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }

    /// Is it the word `word`, in any case?
    pub fn is_word(self, text: &str, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text(text).eq_ignore_ascii_case(word)
    }

    /// Is it this operator or sign?
    pub fn is_symbol(self, text: &str, symbol: &str) -> bool {
        self.kind == TokenKind::Symbol && self.text(text) == symbol
    }

    /// Is it an operator that compares, right or wrong?
    pub fn is_compare(self, text: &str) -> bool {
        let known = ["=", "==", "!=", "<>", "<", "<=", ">", ">="];
        self.kind == TokenKind::Symbol && known.contains(&self.text(text))
    }

    /// Must an operand follow it, so that a `/` opens a regular expression?
    pub fn wants_operand(self, text: &str) -> bool {
        match self.kind {
            TokenKind::Symbol | TokenKind::Open(_) => true,
            TokenKind::Word => {
                let word = self.text(text);
                BEFORE_OPERAND.iter().any(|known| word.eq_ignore_ascii_case(known))
            }
            TokenKind::Variable
            | TokenKind::Count
            | TokenKind::List
            | TokenKind::Number
            | TokenKind::Text
            | TokenKind::Regex
            | TokenKind::Close(_)
            | TokenKind::Unknown => false,
        }
    }

    /// Can an operand start with it?
    pub fn opens_operand(self, text: &str) -> bool {
        match self.kind {
            TokenKind::Word => !is_infix(self.text(text)),
            TokenKind::Variable
            | TokenKind::Count
            | TokenKind::List
            | TokenKind::Number
            | TokenKind::Text
            | TokenKind::Regex => true,
            TokenKind::Open(bracket) => bracket != Bracket::Curly,
            TokenKind::Symbol => self.text(text) == "!",
            TokenKind::Close(_) | TokenKind::Unknown => false,
        }
    }

    /// Can a statement start with it?
    pub fn opens_statement(self, text: &str) -> bool {
        match self.kind {
            TokenKind::Number | TokenKind::Text | TokenKind::Regex => false,
            TokenKind::Open(bracket) => bracket == Bracket::Round,
            TokenKind::Word
            | TokenKind::Variable
            | TokenKind::Count
            | TokenKind::List
            | TokenKind::Close(_)
            | TokenKind::Symbol
            | TokenKind::Unknown => self.opens_operand(text),
        }
    }
}

/// Words that go on with an expression and never start one.
fn is_infix(word: &str) -> bool {
    ["and", "or", "nocase", "in", "regex", "cidr", "is", "of", "over", "by", "before", "after"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
}
