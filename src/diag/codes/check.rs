//! YC2xx to YC7xx: what is wrong with names, types, structure and meaning.

super::codes! { CHECK:
    UNKNOWN_FIELD = "YC201" Error "unknown field"
        "The path is not in the UDM schema, so it would be empty in every event. The help names the nearest field. \
         Wrong: `$e.principal.hostnam`; right: `$e.principal.hostname`.";
    MESSAGE_AS_VALUE = "YC202" Error "a group of fields used as a value"
        "The path ends at a message, which holds further fields and has no value of its own. Go on to one of its fields. \
         Wrong: `$e.principal.user = \"bob\"`; right: `$e.principal.user.userid = \"bob\"`.";
    NOT_A_LIST = "YC203" Error "index on what is no list"
        "An index in brackets picks an element of a repeated field, and this field is not repeated. \
         Wrong: `$e.principal.hostname[0]`; right: `$e.principal.ip[0]`.";
    NO_KEYS = "YC204" Error "key on what has no keys"
        "A key in brackets works on `additional.fields` and on lists of labels such as `detection_fields`. \
         Wrong: `$e.principal[\"hostname\"]`; right: `$e.additional.fields[\"hostname\"]`.";
    PARTLY_INDEXED = "YC205" Error "only some lists of the path have an index"
        "An index does not go with a key. Where one repeated field of a path has an index, each of them needs one, or the element meant is unclear. \
         Wrong: `$e.security_result.action[0]`; right: `$e.security_result[0].action[0]`.";
    NO_FIELDS_INSIDE = "YC206" Error "a plain value has no fields"
        "The path goes on after a field that holds a plain value. Wrong: `$e.principal.hostname.name`; \
         right: `$e.principal.hostname`.";
    UNDECLARED_VARIABLE = "YC207" Error "undeclared variable"
        "A variable is declared by its use under `events:`, an outcome by its assignment. This one appears nowhere before. \
         Often it is a misspelling; the help names the nearest. Wrong: `$hots over 5m`; right: `$host over 5m`.";
    UNBOUND_PLACEHOLDER = "YC208" Error "placeholder never given a value"
        "A placeholder gets its value from an equality with an event field that stands as a statement of its own or in \
         its outermost `and`. Inside `or`, `not` or `if` the same equality is a test, and a literal is a test everywhere. \
         Wrong: `$host != \"\"` alone; right: `$e.principal.hostname = $host` before it.";
    OUTCOME_TOO_EARLY = "YC209" Error "outcome used before its assignment"
        "Outcomes are computed from top to bottom, so one may use only those above it. Move the assignment up. \
         Wrong: `$a = $b + 1` before `$b = 2`; right: `$b = 2` first.";
    NAME_TAKEN = "YC210" Error "name given twice"
        "A rule gives each outcome a name of its own, which no event variable or placeholder has. Rename one of them. \
         Wrong: `$n = count($e.metadata.id)` twice; right: `$n` and `$m`.";
    TOO_MANY_OUTCOMES = "YC211" Error "more than 20 outcomes"
        "Google SecOps takes at most 20 outcomes in a rule. Remove some, or join texts with `strings.concat`.";
    UNKNOWN_FUNCTION = "YC212" Error "unknown function"
        "No function or aggregate has this name. The help names the nearest. Wrong: `string.to_lower($x)`; \
         right: `strings.to_lower($x)`.";
    FUNCTION_CASE = "YC213" Error "function not in lower case"
        "Functions and aggregates are written in lower case, keywords in any case. Wrong: `Strings.To_Lower($x)`; \
         right: `strings.to_lower($x)`.";
    RESERVED_NAME = "YC214" Error "reserved word as a name"
        "Words of the language are no names of rules and variables. Choose another name. Wrong: `$match`; right: `$matched`.";
    FIELD_WITHOUT_VARIABLE = "YC215" Error "field without event variable"
        "In a rule each field belongs to an event variable; only searches leave it out. \
         Wrong: `principal.hostname = \"a\"`; right: `$e.principal.hostname = \"a\"`.";
    NOT_A_VALUE = "YC216" Error "variable that is no value here"
        "An event variable stands for an event and has no value of its own; in `condition:` the same goes for \
         placeholders, whose values are counted. Name a field, or count with `#`. Wrong: `$e = \"a\"`; \
         right: `$e.principal.hostname = \"a\"`, in `condition:` `#e > 3`.";
    UNKNOWN_ENUM_MEMBER = "YC217" Warning "unknown enum member"
        "The field holds one of a fixed set of names, and this is not among them, so the comparison is never true. \
         Names are upper case. Wrong: `$e.metadata.event_type = \"PROCES_LAUNCH\"`; right: `\"PROCESS_LAUNCH\"`.";
    DUPLICATE_RULE = "YC218" Warning "two rules of one name"
        "Detections name their rule, so two rules of one name cannot be told apart. Rename one.";
    BAD_MATCH_KEY = "YC219" Error "match key is no placeholder"
        "A rule groups events by placeholders. Bind the field to one under `events:` and name that. \
         Wrong: `$e.principal.hostname over 5m`; right: `$e.principal.hostname = $host` and `$host over 5m`.";
    TWO_EVENTS_IN_CALL = "YC220" Error "placeholder from a call over two events"
        "A placeholder may be the result of a function of one event variable's fields. Bind the fields of each event to \
         a placeholder of its own and compare those. Wrong: `$p = strings.concat($a.metadata.id, $b.metadata.id)`.";
    TWO_SOURCES = "YC221" Error "variable over two sources"
        "A variable ranges over events, over the entity graph (`$g.graph.…`) or over detections (`$d.detection.…`), never \
         over two of them. Use a second variable and join the two. Wrong: `$e.metadata.id != \"\"` and \
         `$e.graph.entity.hostname = $host`; right: `$g.graph.entity.hostname = $host`.";

    ARGUMENT_COUNT = "YC301" Error "wrong number of arguments"
        "The function takes fewer or more arguments than were given. The message says how many. \
         Wrong: `strings.contains($x)`; right: `strings.contains($x, \"cmd\")`.";
    ARGUMENT_KIND = "YC302" Error "argument of the wrong kind"
        "The function takes a value of another kind at this place. Convert it with `cast.as_int`, `cast.as_float` or \
         `cast.as_string`. Wrong: `math.abs($e.principal.hostname)`; right: `math.abs($e.target.port - 443)`.";
    BAD_ARGUMENT = "YC303" Error "argument that the function refuses"
        "The literal has the right kind and still no meaning here: a time zone or range that does not exist, a pattern \
         with two groups, and the like. The message names the cause.";
    BOTH_LITERAL = "YC304" Error "two literals compared"
        "The result is the same for every event. One side is a field, a variable or a call. Wrong: `1 = 1`; \
         right: `$e.target.port = 1`.";
    NOCASE_ON_ENUM = "YC305" Error "`nocase` on an enum"
        "The names of an enum have one spelling, so Google SecOps refuses `nocase` there. Take it out and write the \
         name in capitals. Wrong: `$e.metadata.event_type = \"user_login\" nocase`; right: `= \"USER_LOGIN\"`.";
    PATTERN_ON_NUMBER = "YC306" Error "pattern against what is no text"
        "A pattern looks into strings. Compare numbers, booleans and times with `=`, `<` and `>`. \
         Wrong: `$e.target.port = /^44/`; right: `$e.target.port >= 440`.";
    IF_BRANCHES = "YC307" Error "branches of different kinds"
        "Both results of an `if` have one kind, since the outcome has one. Wrong: `if($e.target.port = 22, \"ssh\", 0)`; \
         right: `if($e.target.port = 22, \"ssh\", \"\")`.";
    ELSE_MISSING = "YC308" Error "`if` without a third argument"
        "Only a numeric literal may go without: it stands for 0 otherwise. Wrong: `if($e.target.port = 22, \"ssh\")`; \
         right: `if($e.target.port = 22, \"ssh\", \"\")`.";
    AGGREGATE_KIND = "YC309" Error "aggregate over values of the wrong kind"
        "`max`, `min`, `sum`, `avg` and `stddev` take numbers, `earliest` and `latest` times. For strings there are \
         `array_distinct` and `count_distinct`. Wrong: `max($e.principal.hostname)`; \
         right: `array_distinct($e.principal.hostname)`.";
    RISK_SCORE = "YC310" Error "`$risk_score` is no number"
        "Google SecOps reads the outcome `$risk_score` as a number. Wrong: `$risk_score = \"85\"`; \
         right: `$risk_score = 85`.";
    TEXT_OUTCOME_ORDERED = "YC311" Error "string outcome in an order"
        "Under `condition:` a string outcome may only be compared with `=` and `!=`. Wrong: `$name > \"a\"`; \
         right: `$name = \"a\"`.";
    NULL = "YC312" Error "there is no null"
        "An absent field holds the zero value of its kind: an empty string, 0 or false. Wrong: \
         `$e.principal.hostname is null`; right: `$e.principal.hostname = \"\"`.";
    BARE_VALUE = "YC313" Error "value where a condition belongs"
        "A statement, and each side of `and` and `or`, is a comparison, a list test or a call that gives true or false. \
         Wrong: `$e.principal.hostname`; right: `$e.principal.hostname != \"\"`.";
    QUANTIFIED_SCALAR = "YC314" Error "`any` or `all` does not fit here"
        "`any` and `all` look at the elements of a repeated field, without index or key. They cannot bind a placeholder \
         or join two events. Wrong: `any $e.principal.hostname = \"a\"`; right: `any $e.principal.ip = \"10.0.0.1\"`.";
    LIST_COMPARED = "YC315" Error "list compared with a value"
        "A computed list equals no single value, and `in` looks up no list. Ask whether it contains a value. Wrong: `$ips = \"10.0.0.1\"`; \
         right: `arrays.contains($ips, \"10.0.0.1\")`.";
    OTHER_KIND = "YC316" Warning "two kinds compared"
        "The two sides are of different kinds. `=` and `!=` compare them as text, an order as numbers where the text is \
         one. Google SecOps refuses it. Wrong: `$e.target.port = \"443\"`; right: `$e.target.port = 443`.";
    NUMBER_AS_TEXT = "YC317" Warning "number given for a string"
        "`re.regex` and `in` look at texts, and here at the decimal text of a number. Compare the number itself if that is \
         meant. Wrong: `re.regex($e.target.port, `^443$`)`; right: `$e.target.port = 443`.";
    TEXT_ORDERED = "YC318" Warning "strings in an order"
        "Strings are ordered byte by byte, so `\"9\"` is above `\"10\"`. Convert them where numbers are meant. \
         Wrong: `$e.metadata.product_version > \"9\"`; right: `cast.as_int($e.metadata.product_version) > 9`.";
    BOOL_ORDERED = "YC319" Error "booleans in an order"
        "`true` is neither above nor below `false`. Compare with `=` or `!=`.";
    ARITHMETIC_KIND = "YC320" Error "calculation with what is no number"
        "`+ - * / %` take numbers; strings are joined by `strings.concat`. Wrong: `$a + \"x\"`; \
         right: `strings.concat($a, \"x\")`.";
    STRAY_PATTERN = "YC321" Error "pattern that is no value"
        "A pattern between slashes stands on one side of `=` or `!=`, or as the pattern of an `re.` function. \
         Wrong: `$e.principal.hostname > /a/`; right: `$e.principal.hostname = /a/`.";
    STRAY_LIST = "YC322" Error "list that is no value"
        "A reference list is searched with `in`; a list in brackets follows only `of`. Wrong: \
         `$e.principal.ip = %known`; right: `$e.principal.ip in %known`.";
    NOT_A_LIST_TEST = "YC323" Error "`in` without a list"
        "After `in` comes a reference list or the column of a data table. Wrong: `$e.principal.ip in \"10.0.0.1\"`; \
         right: `$e.principal.ip in %known_ips`.";
    OUTCOME_KIND = "YC324" Error "outcome or count compared with another kind"
        "Under `condition:` an outcome is compared with a literal of its own kind, and a count with a whole number. Wrong: \
         `$name > 5` where `$name` is a string; right: `$name = \"5\"`.";
    MODULUS_ON_FLOAT = "YC325" Error "`%` on what is no whole number"
        "The remainder is defined for whole numbers. A division gives a float. Wrong: `($n / 2) % 2`; \
         right: `math.floor($n / 2) % 2`.";
    TOO_NESTED = "YC326" Error "calls nested more than 20 deep"
        "Google SecOps takes functions, `if` among them, nested 20 deep. Name an inner part with a placeholder or an \
         outcome of its own, and use that.";
    QUANTIFIED_VALUE = "YC327" Error "`any` or `all` where nothing is compared"
        "`any` and `all` ask how many elements of a list pass a comparison or a test. An aggregate already takes every \
         element. Wrong: `count(any $e.principal.ip)`; right: `count($e.principal.ip)`.";
    NOCASE_ON_RANGES = "YC328" Error "`nocase` after `in cidr`"
        "Ranges of addresses have no case, and Google SecOps takes `nocase` after `in` and `in regex` alone. Wrong: \
         `$e.principal.ip in cidr %ours nocase`; right: `$e.principal.ip in cidr %ours`.";
    WINDOW_WORD_HERE = "YC329" Error "`window_start` or `window_end` under `events:`"
        "The bounds of the window belong to a group, which there is only after `events:`. Wrong: `window_start > 5` under \
         `events:`; right: the same under `condition:`, or a comparison of `$e.metadata.event_timestamp`.";

    WINDOW_MISSING = "YC401" Error "match without a window"
        "A rule groups events by its match variables within a window of time. Wrong: `$host`; right: `$host over 5m`.";
    WINDOW_LENGTH = "YC402" Error "window too short or too long"
        "The window of a rule is from 1m to 48h long, in minutes, hours or days. Wrong: `over 30s`; right: `over 1m`.";
    BAD_PIVOT = "YC403" Error "pivot is no event"
        "After `before` and `after` comes an event variable of the rule, and the condition requires it to be there. \
         Wrong: `$host over 5m after $host`; right: `$host over 5m after $login`.";
    EVENT_NOT_IN_CONDITION = "YC404" Error "event variable not used in `condition:`"
        "The condition says of each event variable whether it must be there, by its own name or that of one of its \
         placeholders. Wrong: `condition: $a` where `events:` has `$a` and `$b`; right: `$a and $b`.";
    NOTHING_REQUIRED = "YC405" Error "condition requires no event"
        "At least one event variable must be there for a detection. `!$e`, `#e >= 0`, `#e < 5` and `#e != 2` hold without \
         any event. Wrong: `#e >= 0`, `!$e`; right: `#e > 0`, `$e`.";
    MATCH_IN_CONDITION = "YC406" Error "match variable used in `condition:`"
        "Each group has one value of a match variable, so there is nothing to count. Take it out of the condition. \
         Wrong: `$e and #host > 1` with `$host` under `match:`.";
    NOT_ON_EVENT = "YC407" Error "`not` before an event"
        "The absence of an event is written `!`. Wrong: `$a and not $b`; right: `$a and !$b`.";
    OR_BETWEEN_EVENTS = "YC408" Error "`or` between events"
        "Where a rule has several event variables, their conditions are joined by `and`. Make two rules of it. \
         Wrong: `$a or $b`; right: `$a and $b`.";
    UNKNOWN_OPTION = "YC409" Error "unknown option"
        "Rules have the options `allow_zero_values` and `suppression_window`. The help names the nearest.";
    BAD_OPTION = "YC410" Error "bad value of an option"
        "`allow_zero_values` is `true` or `false`. `suppression_window` is a duration such as `1h`, or 0 for none. \
         Wrong: `suppression_window = \"1h\"`; right: `suppression_window = 1h`.";
    SHORT_SUPPRESSION = "YC411" Error "suppression shorter than the window"
        "In a rule with `match:` the suppression window is longer than the match window, or it would suppress nothing. \
         Wrong: `over 1h` with `suppression_window = 30m`; right: `suppression_window = 2h`.";
    NOT_AGGREGATED = "YC412" Error "field without aggregate"
        "A detection stands for many rows, so an outcome takes a field or placeholder through an aggregate. In a rule \
         without `match:` that goes for repeated fields. Wrong: `$ip = $e.principal.ip`; \
         right: `$ip = array_distinct($e.principal.ip)`.";
    AGGREGATED_TWICE = "YC413" Error "aggregate of an aggregate"
        "Aggregates and outcomes are already one value for the detection. Take the outer or the inner aggregate out. \
         Wrong: `max(count($e.metadata.id))`; right: `count($e.metadata.id)`.";
    AGGREGATE_NOT_HERE = "YC414" Error "aggregate outside of `outcome:`"
        "Aggregates are computed under `outcome:`; the condition then compares the outcome. \
         Wrong: `condition: count($e.metadata.id) > 3`; right: `outcome: $n = count($e.metadata.id)` and `$n > 3`.";
    MATCH_NEEDED = "YC415" Error "several events without `match:`"
        "A rule of two or more event variables joins them within a window, which `match:` gives. \
         Write `match: $host over 5m`.";
    NOT_JOINED = "YC416" Error "events not joined"
        "Each event variable shares a placeholder with another, or one of its fields equals a field of another; without \
         that every pair of events would fit. Wrong: `$a` and `$b` with nothing in common; \
         right: `$a.principal.hostname = $host` and `$b.principal.hostname = $host`.";
    BARE_SUPPRESSION = "YC417" Warning "suppression window without a unit"
        "The number is read as seconds. Write the unit. Wrong: `suppression_window = 3600`; \
         right: `suppression_window = 1h`.";
    COUNT_NOT_HERE = "YC418" Error "`#` or `!` outside of `condition:`"
        "`#e` counts what the whole group holds and `!$e` asks for its absence; both are known only under `condition:`. \
         In an outcome, use `count_distinct`.";
    FIELD_IN_CONDITION = "YC419" Error "field in `condition:`"
        "Under `condition:` stand event variables, counts and outcomes. A field is tested under `events:`, or taken into \
         an outcome. Wrong: `condition: $e and $e.target.port = 22`; right: `events: $e.target.port = 22`.";
    KEY_NOT_REQUIRED = "YC420" Error "match variable of absent events alone"
        "A group is named by values of events that are there, so the condition requires one of the events that give each \
         match variable its value. Wrong: `$host` bound in `$a` alone and `condition: $b and !$a`; right: \
         `$b.principal.hostname = $host` as well.";
    OR_WITHOUT_BRACKETS = "YC421" Error "`or` between events and `and` before an outcome"
        "`and` binds closer than `or`, so the test of the outcome belongs to the last event alone. Put the events in \
         brackets. Wrong: `$e or #ip > 3 and $score > 50`; right: `($e or #ip > 3) and $score > 50`.";
    OPTION_TWICE = "YC422" Warning "option given twice"
        "The option stands twice, and nothing says which of the two is meant. Wrong: `allow_zero_values = true` and \
         `allow_zero_values = false`; right: one of them.";
    BAD_SETUP = "YC423" Error "bad line under `setup:`"
        "`setup:` holds `graph_override(condition)`, `graph_append [$g, %table]` or `graph_exclude(condition)`: at most \
         two, one for each variable over the entity graph that `events:` uses. Wrong: `graph_replace($g, %t)`; \
         right: `graph_append [$g, %t]`.";
    BAD_EXPORT = "YC424" Error "bad line under `export:`"
        "`export:` holds `%table.write_row(column: $variable)`, with match variables, outcomes and literals as values. \
         Wrong: `%t.insert(host: $host)`; right: `%t.write_row(host: $host)`.";
    GROUP_NOT_HERE = "YC425" Error "`group` outside of `events:`"
        "`group` takes several fields as one list, with a row for each value, and a placeholder takes its value there. \
         Wrong: `match: group($e.principal.ip, $e.target.ip) over 5m`; \
         right: `events: $ip = group($e.principal.ip, $e.target.ip)` and `match: $ip over 5m`.";
    IF_IN_CONDITION = "YC426" Error "`if` in `condition:`"
        "`if` chooses between two values under `events:` and `outcome:`. A condition joins tests by `and`, `or` and \
         `not`. Wrong: `if($n > 3, true, false)`; right: `$n > 3`.";
    STAGE_NAME = "YC431" Error "stage that is not there yet"
        "A stage reads the stages above it, by names of their own. Wrong: `$logins.n > 5` before \
         `stage logins { … }`; right: the other way round.";
    STAGE_OUTPUT = "YC432" Error "not an output of the stage"
        "Of a stage one can read its match variables, its outcomes, and `window_start` and `window_end` where it has a \
         window. Wrong: `$logins.count` where the stage has `$n = count(metadata.id)`; right: `$logins.n`.";
    STAGE_EMPTY = "YC433" Error "stage without output"
        "A named stage has match variables or outcomes for others to read. Wrong: a stage of nothing but events; \
         right: add `match:` or `outcome:`.";
    TOO_MANY_STAGES = "YC434" Error "too many stages"
        "A search has at most four named stages before its own statements. Join two of them.";
    CROSS_JOIN = "YC435" Error "bad `cross join`"
        "`cross join` takes two stages, of which one has `limit: 1`, so that it stands beside each row of the other. \
         Wrong: two stages without limit; right: `limit: 1` in the one that gives the total.";
    BAD_ROW_KEY = "YC436" Error "not in the rows of the search"
        "Where a search groups or aggregates, its rows hold match variables and outcomes, and `dedup`, `order` and \
         `select` go by these. Otherwise they go by fields that are not repeated. Wrong: `order: metadata.id` beside \
         `match: $host`; right: `order: $n desc`.";
    BAD_LIMIT = "YC437" Error "bad limit"
        "`limit:` is one whole number from 1 on. Wrong: `limit: 0`; right: `limit: 100`.";
    STAGE_WINDOWS = "YC438" Error "windows of stages upon each other"
        "A stage with an overlapping window (`over`) cannot read another stage that has one. Use `by` in one of them.";
    UNTIMED_STAGES = "YC439" Error "window over rows without a time"
        "A row of a stage happens when its window starts; rows of a stage without a window happen at no time, so that a \
         window over them alone holds nothing. Wrong: `match: $host by day` over `$logins`, whose `match:` is `$host`; \
         right: `match: $host by hour` in the stage, or no window here.";

    SEARCH_WINDOW = "YC440" Error "window of searches in a rule"
        "`over every` and `first` belong to searches. A rule has `over` for overlapping windows and `by` for windows side \
         by side. Wrong: `$host over every 5m`; right: `$host by 5m`.";

    BAD_PATTERN = "YC501" Error "bad pattern"
        "Patterns are RE2: no look-around, no back-references. The label points at the cause. \
         Wrong: `/(?=cmd)/`; right: `/cmd/`.";
    TOO_MANY_LISTS = "YC502" Warning "more list tests than Google takes"
        "Google SecOps takes 10 tests with `in`, of which 5 may be `in regex` and 5 `in cidr`. Join lists.";
    TOO_MANY_SOURCES = "YC503" Warning "more joined than Google takes"
        "A search in Google SecOps joins at most 2 event variables and 1 variable over entities. `yaral run` runs it. \
         Wrong: `$a`, `$b` and `$c` in one search; right: `$a` and `$b` in a stage, and `$c` beside its rows.";

    SETUP = "YC605" Warning "`setup:` is not run"
        "`setup:` changes the entity graph inside Google SecOps. The rule is checked, and `yaral run` passes it over.";
    EXPORT = "YC606" Warning "`export:` is not run"
        "`export:` writes to a data table inside Google SecOps. The rule is checked, and `yaral run` passes it over.";
    METRICS = "YC607" Warning "`metrics` functions are not run"
        "`metrics.*` reads statistics that only Google SecOps keeps. The rule is checked, and `yaral run` passes it over.";
    OTHER_FUNCTIONS = "YC610" Warning "function is not run"
        "Google documents the function, without enough to compute it here. The rule is checked, and `yaral run` passes \
         it over.";
    NOT_COMPILED = "YC611" Warning "not run here"
        "Something keeps `yaral run` from running the rule, such as a reference list that is not there, or a column that \
         its table does not have. The message says what; `run` passes the rule over.";
    UNTIMED_ENTITIES = "YC612" Warning "windows over entities alone are not run"
        "An entity is valid for a while and happens at no time, so `yaral run` puts it into no window of its own and \
         passes the search over. Wrong: `match: $host by 1d` over `$g.graph.…` alone; right: no window, or an event beside it.";
}
