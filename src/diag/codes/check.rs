//! YC2xx to YC7xx: what is wrong with names, types, structure and meaning.

super::codes! { CHECK:
    UNKNOWN_FIELD = "YC201" Error "unknown field"
        "The path is not in the UDM schema, so the rule could never be compiled. Wrong: `$e.principal.hostnam`. \
         Right: `$e.principal.hostname`. The help names the nearest field.";
    UNKNOWN_FUNCTION = "YC202" Error "unknown function"
        "No function or aggregate has this name. Names are in lower case, with their namespace. \
         Wrong: `regex($e.f, \"a\")`. Right: `re.regex($e.f, \"a\")`.";
    WRONG_COUNT = "YC301" Error "wrong number of arguments"
        "The function takes another number of arguments. Wrong: `re.regex($e.f)`. Right: `re.regex($e.f, \"a\")`.";
    BAD_ARGUMENT = "YC302" Error "bad argument"
        "A literal argument is none that the function can use, such as an address range that is none. \
         The help says what to write.";
    BAD_PATTERN = "YC501" Error "bad pattern"
        "The pattern is no regular expression as RE2 reads them; look-around and back-references are not part of RE2. \
         Wrong: `/(a/`. Right: `/(a)/`.";
    NOT_RUN = "YC601" Warning "not run yet"
        "The rule is valid, but it needs something that this program does not run yet; `run` skips it and says so.";
}
