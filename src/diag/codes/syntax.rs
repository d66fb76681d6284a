//! YC0xx and YC1xx: what is wrong before any name is looked up.

super::codes! { SYNTAX:
    NOT_UTF8 = "YC001" Error "not a text"
        "The file holds bytes that are neither UTF-8 nor UTF-16 with a byte order mark. Save the rule as UTF-8.";
}
