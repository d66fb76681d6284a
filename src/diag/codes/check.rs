//! YC2xx to YC7xx: what is wrong with names, types, structure and meaning.

super::codes! { CHECK:
    UNKNOWN_FIELD = "YC201" Error "unknown field"
        "The path is not in the UDM schema. The help names the nearest field.";
}
