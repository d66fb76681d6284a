//! YC7xx: what runs, but hardly as meant; YC8xx: style, said only where it is asked for.

super::codes! { LINTS:
    DEPRECATED_FIELD = "YC701" Warning "deprecated field"
        "Google advises against the field; parsers may have stopped to fill it, and the rule then misses events. \
         The help names its successor where there is one. Wrong: `$e.principal.resource.type = \"BUCKET\"`; \
         right: `$e.principal.resource.resource_type = \"STORAGE_BUCKET\"`.";
    NOCASE_AFTER_CALL = "YC702" Warning "`nocase` after a function other than `re.regex`"
        "It is read as folding case, but Google documents `nocase` only for comparisons, lists and `re.regex`. \
         Wrong: `strings.contains($x, \"CMD\") nocase`; right: `strings.contains(strings.to_lower($x), \"cmd\")`.";
    NOCASE_WITHOUT_TEXT = "YC703" Warning "`nocase` without effect"
        "Only text has upper and lower case; on numbers, booleans and address ranges `nocase` changes nothing. \
         Take it out. Wrong: `$e.target.port = 22 nocase`; right: `$e.target.port = 22`.";
    HTML_ENTITY = "YC704" Warning "HTML entity in a literal"
        "The rule was copied from a web page or passed through a converter, and a `>` became `&gt;`. Events hold the \
         character itself, so the test finds nothing. `--fix` puts the character back. Wrong: `/1&gt;.*2&gt;&amp;1/`; \
         right: `/1>.*2>&1/`.";
    CONTRADICTION = "YC705" Warning "tests that exclude each other"
        "All statements of `events:`, and all sides of an `and`, must hold at once. One value cannot equal two texts or \
         lie in two ranges, so the rule never fires. Wrong: `$e.target.port = 22` above `$e.target.port = 23`; \
         right: `$e.target.port = 22 or $e.target.port = 23`.";
    NEVER_MATCHES = "YC706" Warning "pattern or text that never matches"
        "An anchor stands in the middle of a pattern, or the other side is folded to one case and the literal is in the \
         other, or no name of an enum fits. Wrong: `/C:\\\\$Recycle/`, `strings.to_lower($x) = \"CMD\"`; \
         right: `/C:\\\\\\$Recycle/`, `strings.to_lower($x) = \"cmd\"`.";
    ALWAYS_TRUE = "YC707" Warning "test that always holds"
        "A pattern that also fits the empty text is found in every value, and one value always differs from one of two \
         texts. The test leaves nothing out. Wrong: `$x = /.*/`, `$x != \"a\" or $x != \"b\"`; \
         right: `$x = /.+/`, `$x != \"a\" and $x != \"b\"`.";
    HASH_LENGTH = "YC708" Warning "hash of the wrong length"
        "An md5 has 32 hexadecimal digits, a sha1 40, a sha256 64. A literal of another length equals none. Often it is \
         the hash of another kind. Wrong: `$e.target.file.md5 = \"da39a3ee5e6b4b0d3255bfef95601890afd80709\"`; \
         right: `$e.target.file.sha1 = \"da39a3ee5e6b4b0d3255bfef95601890afd80709\"`.";
    HASH_CASE = "YC709" Warning "hash in capitals"
        "Parsers write hashes in small letters, and `=` regards case. Wrong: `$e.target.file.md5 = \"D41D8CD9…\"`; \
         right: `$e.target.file.md5 = \"d41d8cd9…\"`, or `nocase` after it.";
    REPEATED_NEGATION = "YC710" Warning "`!=` or `not` on a list"
        "A test of a repeated field without `any` or `all` looks at one element at a time, so a denial holds as soon as \
         one element differs, and nearly every event has such an element. Wrong: `$e.principal.ip != \"10.0.0.1\"`; \
         right: `not any $e.principal.ip = \"10.0.0.1\"`.";
    UNGUARDED_JOIN = "YC711" Warning "join of absent values"
        "An absent field is the empty text, and the empty text equals itself, so events that lack the field all join. A \
         match variable is guarded by itself. Wrong: `$a.principal.ip = $b.principal.ip` alone; \
         right: `$a.principal.ip != \"\"` beside it.";
    ABSENCE_IN_HOP_WINDOW = "YC712" Warning "absence in overlapping windows"
        "An event lies in ten windows of `over`, and each is judged alone. `$a and !$b` holds unless every one of them \
         has a `$b`. A window that opens at the event has no such edge. Wrong: `$host over 10m` with `$a and !$b`; \
         right: `$host over 10m after $a`.";
    UNESCAPED_DOT = "YC713" Warning "unescaped dot in a pattern"
        "A dot in a pattern is any character, so the pattern finds more than the name that was meant. `--fix` escapes \
         it. Wrong: `/login.microsoft.com/`; right: `/login\\.microsoft\\.com/`.";
    WRITTEN_TWICE = "YC714" Warning "written twice"
        "A test, an alternative of a pattern, or a key of `meta:` stands twice side by side, or both results of an `if` are the same. It changes nothing, and often another \
         field or value was meant. Wrong: `$x = \"a\" or $x = \"a\"`; right: `$x = \"a\" or $x = \"b\"`.";
    UNUSED_PLACEHOLDER = "YC715" Warning "placeholder that nothing uses"
        "The placeholder is bound and never read. Wrong: `$e.principal.hostname = $host` where `$host` stands nowhere \
         else; right: `$host` under `match:` or `outcome:`, or no such statement.";
    UNUSED_STAGE = "YC716" Warning "stage that nothing reads"
        "The rows of the stage are computed and thrown away. Wrong: `stage logins { … }` where `$logins` stands nowhere; \
         right: a statement such as `$logins.user = $user`.";
    LEADING_WILDCARD = "YC717" Info "`.*` at the start of a pattern"
        "A pattern is found anywhere in a value, so `.*` at its start costs time and finds nothing more. `--fix` takes it \
         out. Wrong: `/.*whoami/`; right: `/whoami/`.";
    NO_EVENT_FILTER = "YC718" Warning "events of every kind"
        "Nothing is asked of the `metadata` of the event variable, so every event is looked into, and a field such as a \
         hostname is found in kinds that were not meant. Wrong: `$e.target.port = 22` alone; \
         right: `$e.metadata.event_type = \"NETWORK_CONNECTION\"` above it.";
    CASE_SENSITIVE = "YC719" Warning "path or command line in one case"
        "Windows takes paths, registry keys and commands in any case, and a test without `nocase` in one alone. \
         Searches fold case by themselves, but for functions such as `strings.contains`. \
         Wrong: `$e.target.process.command_line = /whoami/`; right: `$e.target.process.command_line = /whoami/ nocase`.";
    PATTERN_IN_EQUALITY = "YC720" Warning "pattern in quotes after `=`"
        "`=` compares a text in quotes letter by letter; a pattern stands between slashes. Wrong: \
         `$e.network.dns.questions.name = \"accounts\\\\.google\\\\.com\"`; right: `= /accounts\\.google\\.com/`.";
    DOUBLED_BACKSLASH = "YC721" Warning "two backslashes in a row in a text"
        "Back quotes take a backslash as it is, so two stay two, and no path has two but at its start. \
         Wrong: `` `C:\\\\Windows\\\\cmd.exe` ``; right: `` `C:\\Windows\\cmd.exe` ``.";
    UNUSED_ALLOW = "YC722" Warning "comment that silences nothing"
        "`// yaral: allow(CODE)` ends or precedes a statement in which the code is found, or stands before the rule. Here \
         nothing of that code is found, so the comment can go; errors are never silenced. Wrong: \
         `// yaral: allow(YC713)` beside a statement without such a dot; right: no comment.";
    EDGE_BLANK = "YC724" Warning "blank at the edge of a whole value"
        "`=` compares the whole value, and few values begin or end with a blank. Often a part was meant. Wrong: \
         `$e.target.process.command_line = \" -enc \"`; right: `strings.contains($e.target.process.command_line, \" -enc \")`.";
    LIST_MISSING = "YC723" Warning "list or table that is not there"
        "The rule needs a reference list, a data table or entities, and none of the folders looked into has it; \
         `yaral run` passes the rule over. Write the file, or name its folder with `--lists`, `--tables` or `--entities`.";
    FRACTION_OF_A_COUNT = "YC725" Warning "count compared with a fraction"
        "Events and values are counted in whole numbers. Wrong: `#e > 2.5`; right: `#e > 2`.";
}

super::codes! { STYLE:
    META_INCOMPLETE = "YC801" Warning "`meta:` lacks what published rules have"
        "The style guide of published rules asks for `author`, `description`, `severity` and `priority`. Wrong: \
         `author` alone; right: `author = \"…\"`, `description = \"…\"`, `severity = \"High\"` and `priority = \"High\"`.";
    META_EMPTY = "YC802" Warning "empty value under `meta:`"
        "The key is there and says nothing. Wrong: `reference = \"\"`; right: `reference = \"https://…\"`, or no such key.";
    META_LEVEL = "YC803" Warning "unknown level"
        "`severity` and `priority` are `Info`, `Low`, `Medium`, `High` or `Critical`. `--fix` mends the case. \
         Wrong: `severity = \"low\"`; right: `severity = \"Low\"`.";
    SCORE_MISSING = "YC804" Warning "no risk score"
        "Published rules give their detections a score in the outcome `$risk_score`: 10, 35, 65, 85 or 95 by severity. \
         Wrong: no `outcome:`; right: `$risk_score = max(65)`.";
    SCORE_OF_ANOTHER_LEVEL = "YC805" Warning "risk score of another severity"
        "The style guide pairs severities and scores: Info 10, Low 35, Medium 65, High 85, Critical 95. \
         Wrong: `severity = \"High\"` and `$risk_score = 75`; right: `$risk_score = 85`.";
    BARE_NAME = "YC806" Warning "event variable of no meaning"
        "A name that says what the events are makes conditions and detections readable. Wrong: `$e`; right: `$login`.";
}

super::codes! { GOOGLE:
    GOOGLE_REFUSES = "YC901" Error "form that Google SecOps refuses"
        "The rule runs here, and Google's compiler is narrower: no whole number beside an unsigned field, no statement \
         that opens with a calculation in brackets, no lists beside comparisons in one `or`, no `any` and `all` before \
         `in` or in the `if` of an outcome, no list under `condition:`, no `math.round`, no `group`, no `by day` for `by 1d`. Said with `--google` alone. Wrong: \
         `($a - $b) / 60 > 1`; right: `1 < ($a - $b) / 60`.";
}
