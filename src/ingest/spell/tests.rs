//! Each spelling that is read, and the one that is written.

use serde_json::json;

use super::*;

fn same(given: Value, spelt: Value) {
    // As text, so that the order of fields counts.
    assert_eq!(spell(given).to_string(), spelt.to_string());
}

#[test]
fn fields_are_spelt_in_camel_case_and_schema_order_and_unknown_ones_follow() {
    same(
        json!({"zeta": {"a_b": null}, "target": {"hostname": "b"}, "alpha": 1,
               "principal": {"made_up": 1, "hostname": "a"}, "metadata": {"product_name": "p"}}),
        json!({"metadata": {"productName": "p"}, "principal": {"hostname": "a", "made_up": 1},
               "target": {"hostname": "b"}, "zeta": {"a_b": null}, "alpha": 1}),
    );
}

#[test]
fn camel_case_wins_over_snake_case_unless_it_is_null() {
    let wins = json!({"metadata": {"productName": "camel"}});
    same(json!({"metadata": {"productName": "camel", "product_name": "snake"}}), wins.clone());
    same(json!({"metadata": {"product_name": "snake", "productName": "camel"}}), wins);
    same(
        json!({"metadata": {"productName": null, "product_name": "snake"}}),
        json!({"metadata": {"productName": "snake"}}),
    );
}

#[test]
fn null_is_absence() {
    same(
        json!({"metadata": null, "principal": {"ip": ["1.1.1.1", null], "hostname": null}}),
        json!({"principal": {"ip": ["1.1.1.1"]}}),
    );
}

#[test]
fn enums_are_names_and_what_is_unknown_stays() {
    for (given, spelt) in [
        (json!(10001), json!("PROCESS_LAUNCH")),
        (json!("10001"), json!("PROCESS_LAUNCH")),
        (json!("PROCESS_LAUNCH"), json!("PROCESS_LAUNCH")),
        (json!(987_654), json!(987_654)),
        (json!("NEW_TYPE"), json!("NEW_TYPE")),
    ] {
        same(json!({"metadata": {"event_type": given}}), json!({"metadata": {"eventType": spelt}}));
    }
}

#[test]
fn times_are_rfc_3339_in_utc() {
    for given in [
        json!("2024-05-01T12:00:00.5+02:00"),
        json!("2024-05-01 10:00:00.500Z"),
        json!({"seconds": "1714557600", "nanos": 500_000_000}),
        json!({"nanos": 500_000_000, "seconds": 1_714_557_600}),
        json!(1_714_557_600_500_i64),
        json!("1714557600500"),
        json!(1_714_557_600_500_000_i64),
        json!(1_714_557_600.5),
    ] {
        let spelt = json!({"metadata": {"eventTimestamp": "2024-05-01T10:00:00.500Z"}});
        same(json!({"metadata": {"event_timestamp": given}}), spelt);
    }
}

#[test]
fn a_time_that_is_none_stays_as_it_came() {
    for given in [json!("yesterday"), json!({}), json!({"seconds": "x"}), json!({"sec": 1}), json!(true)] {
        same(
            json!({"metadata": {"event_timestamp": given.clone()}}),
            json!({"metadata": {"eventTimestamp": given}}),
        );
    }
}

#[test]
fn lengths_of_time_are_seconds_with_their_unit() {
    for (given, spelt) in [
        (json!("1.5s"), "1.5s"),
        (json!({"seconds": 1, "nanos": 500_000_000}), "1.500s"),
        (json!({"seconds": "-1", "nanos": -500_000_000}), "-1.500s"),
        (json!({"seconds": 9}), "9s"),
        (json!(9), "9s"),
        (json!("9"), "9s"),
        (json!(0.25), "0.250s"),
    ] {
        same(json!({"network": {"session_duration": given}}), json!({"network": {"sessionDuration": spelt}}));
    }
}

#[test]
fn wide_integers_are_strings_and_narrow_ones_numbers() {
    same(
        json!({"network": {"sent_bytes": 18_446_744_073_709_551_615_u64, "received_bytes": "7"},
               "principal": {"port": "443"}, "target": {"port": 80.0}}),
        json!({"principal": {"port": 443}, "target": {"port": 80},
               "network": {"sentBytes": "18446744073709551615", "receivedBytes": "7"}}),
    );
    same(json!({"principal": {"port": "https"}}), json!({"principal": {"port": "https"}}));
}

#[test]
fn a_struct_is_a_plain_object_however_it_is_wrapped() {
    let plain = json!({"additional": {"s": "v", "n": 1, "b": true, "l": ["a", null], "o": {"i": "j"}}});
    same(plain.clone(), plain.clone());
    same(
        json!({"additional": {"fields": {
            "s": {"stringValue": "v"}, "n": {"numberValue": 1}, "b": {"boolValue": true},
            "l": {"listValue": {"values": [{"stringValue": "a"}, {"nullValue": null}]}},
            "o": {"structValue": {"fields": {"i": {"stringValue": "j"}}}}}}}),
        plain.clone(),
    );
    same(
        json!({"additional": {"fields": [
            {"key": "s", "value": {"string_value": "v", "number_value": null}},
            {"key": "n", "value": {"number_value": 1}}, {"key": "b", "value": {"bool_value": true}},
            {"key": "l", "value": {"list_value": {"values": [{"string_value": "a"}, {"null_value": "NULL_VALUE"}]}}},
            {"key": "o", "value": {"struct_value": {"fields": [
                {"key": "i", "value": {"string_value": "j"}}]}}}]}}),
        plain,
    );
}

#[test]
fn what_is_wrapped_as_a_list_and_is_none_stays() {
    for (given, spelt) in [
        (json!({}), json!([])),
        (json!({"values": null}), json!([])),
        (json!({"values": "x"}), json!({"values": "x"})),
        (json!({"values": null, "a": 1, "b": 2}), json!({"values": null, "a": 1, "b": 2})),
    ] {
        same(
            json!({"additional": {"fields": {"l": {"listValue": given}}}}),
            json!({"additional": {"l": spelt}}),
        );
    }
}

#[test]
fn a_real_key_named_fields_stays() {
    for given in [json!({"fields": "x"}), json!({"fields": {"a": "b"}}), json!({"fields": {}, "more": 1})] {
        same(json!({"additional": given.clone()}), json!({"additional": given}));
    }
}

#[test]
fn one_value_where_a_list_belongs_is_a_list_of_one() {
    same(
        json!({"about": {"hostname": "a"}, "principal": {"ip": "1.1.1.1"}, "security_result": {"rule_name": "r"}}),
        json!({"principal": {"ip": ["1.1.1.1"]}, "about": [{"hostname": "a"}],
               "securityResult": [{"ruleName": "r"}]}),
    );
}

#[test]
fn an_object_where_a_list_of_labels_belongs_is_its_pairs() {
    same(
        json!({"metadata": {"ingestion_labels": {"env": "prod", "n": 1, "l": ["a", "b"]}}}),
        json!({"metadata": {"ingestionLabels": [
            {"key": "env", "value": "prod"}, {"key": "n", "value": "1"},
            {"key": "l", "value": "a"}, {"key": "l", "value": "b"}]}}),
    );
    same(
        json!({"metadata": {"ingestion_labels": {"value": "v", "key": "k"}}}),
        json!({"metadata": {"ingestionLabels": [{"key": "k", "value": "v"}]}}),
    );
}

#[test]
fn spelling_twice_changes_nothing() {
    let event = json!({"metadata": {"event_type": 1, "event_timestamp": 5, "id": "YQ=="},
                       "security_result": [{"action": 1, "risk_score": 65.0}], "additional": {"fields": {}}});
    let once = spell(event);
    assert_eq!(spell(once.clone()).to_string(), once.to_string());
}

#[test]
fn what_is_no_event_stays() {
    for given in [json!(null), json!([1]), json!("text"), json!({"metadata": "text", "principal": [1]})] {
        same(given.clone(), given);
    }
}
