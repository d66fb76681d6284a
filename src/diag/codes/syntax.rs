//! YC0xx and YC1xx: what is wrong before any name is looked up.

super::codes! { SYNTAX:
    NOT_UTF8 = "YC001" Error "not a text"
        "The file holds bytes that are neither UTF-8 nor UTF-16 with a byte order mark. Save the rule as UTF-8.";
    EMPTY_FILE = "YC002" Error "nothing in the file"
        "The file holds only white space and comments, so there is no rule to check. A rule starts with `rule name {`.";
    STRING_NOT_CLOSED = "YC003" Error "string not closed"
        "A string opens with `\"` or a back quote and never ends. All that follows would be read as its content. \
         Write the closing quote, and a quote inside a string as `\\\"`. Wrong: `\"cmd.exe`; right: `\"cmd.exe\"`.";
    COMMENT_NOT_CLOSED = "YC004" Error "comment not closed"
        "A comment opens with `/*` and never ends, so the rest of the file is part of it. Close it with `*/`.";
    BRACKET_NOT_CLOSED = "YC005" Error "bracket not closed"
        "A bracket opens and never closes before its section, its rule or the file ends. The opening one is underlined. \
         Add the closing bracket where the group, call, list or rule ends.";
    STRAY_BRACKET = "YC006" Error "bracket closes nothing"
        "A closing bracket has no opening one before it. Take it out, or add the bracket that it should close.";
    TOO_DEEP = "YC007" Error "nested too deeply"
        "Brackets, `not` and minus signs may be nested 200 deep, and one statement may hold 500 arithmetic operators. \
         No rule written by hand comes near; split the expression, or name parts of it with placeholders.";
    REGEX_NOT_CLOSED = "YC008" Error "regular expression not closed"
        "A regular expression between slashes ends on the line it starts on. Close it with `/`, and write a slash inside \
         it as `\\/`. Wrong: `/c:\\\\temp`; right: `/c:\\\\temp/`.";
    UNKNOWN_CHARACTER = "YC009" Error "unknown character"
        "The character means nothing in YARA-L. It often comes with text copied from a web page or a word processor.";
    SECTION_TOO_LONG = "YC010" Error "section or file too long"
        "A section may hold 500000 words and signs, which no rule written by hand comes near. Long lists of values \
         belong into a reference list or a data table; a rule of many parts is better split. A file may hold 20000 rules.";
    OUTSIDE_RULE = "YC101" Error "text outside of a rule"
        "Something stands before `rule`, after the brace that closes a rule, or before a stage is done. Only comments may \
         stand there. A brace closed too early has the same effect.";
    NO_RULE_HEADER = "YC102" Error "`rule NAME {` is missing"
        "The file has sections that only rules have, but no `rule` line. Write `rule my_rule {` before them and `}` after.";
    BAD_RULE_NAME = "YC103" Error "bad name of a rule"
        "After `rule` comes one name of letters, digits and `_` that does not start with a digit, then `{`. \
         Wrong: `rule my-rule {`; right: `rule my_rule {`.";
    NO_BRACE = "YC104" Error "brace missing after the rule's name"
        "A rule's sections stand between braces. Wrong: `rule r meta:`; right: `rule r { meta:`.";
    UNKNOWN_SECTION = "YC105" Error "unknown section"
        "The word before the colon heads no section. A rule has `meta`, `setup`, `events`, `match`, `outcome`, \
         `condition`, `options` and `export`; a search also `dedup`, `order`, `limit`, `select` and `unselect`.";
    SECTION_TWICE = "YC106" Error "section written twice"
        "A rule has each section once. Put the lines of both under one heading.";
    SECTION_ORDER = "YC107" Error "sections out of order"
        "Sections stand in this order: meta, setup, events, match, outcome, condition, then options and export in rules, \
         and dedup, order, limit, select, unselect and export in searches.";
    SECTION_NOT_HERE = "YC108" Error "section does not belong here"
        "Rules have no `dedup`, `order`, `limit`, `select` or `unselect`; searches have no `meta`, `setup` or `options`.";
    MISSING_SECTION = "YC109" Error "section missing"
        "A rule needs `events:`, which says what to look for, and `condition:`, which says when it is found.";
    MISSING_META = "YC110" Warning "no `meta:`"
        "A rule without `meta` runs, but Google SecOps lists it as required. Write `meta:`, be it with nothing under it.";
    EMPTY_SECTION = "YC111" Error "nothing under a heading"
        "`events`, `match`, `outcome` and `condition` need at least one line. Take the heading out or write the line.";
    BAD_META_VALUE = "YC112" Error "value is not a quoted string"
        "A value under `meta:` is a string in double quotes, never a bare word, a number or an expression. \
         Wrong: `severity = High`; right: `severity = \"High\"`.";
    COLON_MISSING = "YC113" Error "colon missing after a heading"
        "A word that heads a section stands alone on its line, without its colon. Wrong: `events`; right: `events:`.";
    EXPECTED_VALUE = "YC121" Error "value expected"
        "After an operator, a comma, `and`, `or`, `not` or an opening bracket comes a value: a field, a variable, \
         a literal or a call. Wrong: `$e.target.port =`; right: `$e.target.port = 443`.";
    MISSING_OPERATOR = "YC122" Error "operator missing"
        "Two values stand side by side. Write a comparison between them, or `and` or `or` where both are conditions; \
         only whole statements may follow each other without a word. Wrong: `$e.target.port 443`; \
         right: `$e.target.port = 443`.";
    UNEXPECTED = "YC123" Error "cannot be read"
        "The statement breaks off at the underlined place. The message names what could stand there.";
    DOUBLE_EQUALS = "YC124" Error "`==` is not an operator"
        "YARA-L compares with a single `=`. Wrong: `$e.target.port == 443`; right: `$e.target.port = 443`.";
    FOREIGN_OPERATOR = "YC125" Error "operator of another language"
        "`&&`, `||`, `!` before a bracket and `<>` are written `and`, `or`, `not` and `!=`.";
    STRAY_COMMA = "YC126" Error "comma between conditions"
        "Commas separate arguments and match variables. Conditions are joined by `and` or `or`, statements by standing \
         on lines of their own. Wrong: `$a, $b`; right: `$a and $b`.";
    NEGATIVE_NUMBER = "YC127" Error "negative value"
        "YARA-L has no minus sign before a value. Subtract from nought instead. Wrong: `-1`; right: `0 - 1`.";
    NOT_IN = "YC128" Error "`not in`"
        "`not` stands before the whole test. Wrong: `$e.principal.ip not in %l`; right: `not $e.principal.ip in %l`.";
    WRONG_QUOTES = "YC129" Error "wrong quotation marks"
        "A string stands in straight double quotes or in back quotes. Single and typographic quotes are not read.";
    NUMBER_TOO_LARGE = "YC130" Error "number too large"
        "Whole numbers go up to 18446744073709551615, durations up to 292 years.";
    BAD_NUMBER = "YC131" Error "neither a number nor a duration"
        "A number is written in digits, a duration as digits and one of `s`, `m`, `h`, `d` and `w` without a space. \
         Wrong: `5min`; right: `5m`.";
    STRAY_NOCASE = "YC132" Error "`nocase` without a comparison"
        "`nocase` follows a comparison, a list test or a call. Wrong: `$host nocase`; right: `$host = \"a\" nocase`.";
    MISSING_DOLLAR = "YC133" Error "`$` missing"
        "Under `match:` a rule names variables, each with its `$`. Wrong: `host over 5m`; right: `$host over 5m`.";
    CHAINED_COMPARISON = "YC134" Error "two comparisons in a row"
        "A comparison has two sides. Wrong: `1 < $x < 5`; right: `1 < $x and $x < 5`.";
    COLON_FOR_EQUALS = "YC135" Error "`:` in place of `=`"
        "A key and its value are joined by `=`. Wrong: `author: \"me\"`; right: `author = \"me\"`.";
    BAD_WINDOW = "YC136" Error "bad window"
        "A window is `over` or `by` and a length such as `30m`, `4h` or `1d`, with `before $e` or `after $e` for a \
         sliding one. Wrong: `over 30 min`; right: `over 30m`.";
    CROSS_JOIN_IN_RULE = "YC137" Error "`cross join` in a rule"
        "`cross join` joins the stages of a search. A rule joins its event variables by equal fields or placeholders.";
    UNKNOWN_ESCAPE = "YC139" Warning "backslash that escapes nothing"
        "In double quotes `\\n`, `\\t`, `\\r`, `\\\\`, `\\\"` and `\\'` are escapes; before any other letter the backslash stays as it \
         is. `--fix` writes it twice. Wrong: `\"C:\\Tools\"`; right: `\"C:\\\\Tools\"`.";
    QUANTIFIED_CALL = "YC138" Error "`any` or `all` before a call"
        "`any` and `all` stand directly before a repeated field, also inside of a call. Wrong: \
         `any re.regex($e.principal.ip, ...)`; right: `re.regex(any $e.principal.ip, ...)`.";
}
