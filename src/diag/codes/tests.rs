//! YC8xx: what is wrong with the tests of a rule.

super::codes! { TESTS:
    NOT_YAML = "YC551" Error "not YAML"
        "A test file is one YAML document. The place shows where reading stopped; often the indentation differs from the \
         line above, or a value that holds `: ` or starts with a bracket wants single quotes.";
    BAD_TEST = "YC552" Error "not a test"
        "A test file has `tests`, a list; each test has `name`, `events` and `expect`. An unknown key, a missing one or a \
         value of the wrong kind is an error, as a test that is read half says nothing of the rule.";
    TEST_NAMES_NOTHING = "YC553" Error "the test names what is not there"
        "A test file belongs to the rule file of the same name, or to the one that `rule` names, as in `rule: a.yaral` or \
         `rule: a.yaral#name` for one of its rules. Paths are taken from the folder of the test file.";
}
