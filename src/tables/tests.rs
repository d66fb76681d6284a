#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;

fn table(text: &str) -> Table {
    Table::parse("t", text.as_bytes()).unwrap()
}

fn wrong(text: &str) -> Vec<(usize, String)> {
    let bad = Table::parse("t", text.as_bytes()).unwrap_err();
    bad.into_iter().map(|bad| (bad.line, bad.message)).collect()
}

fn equals(table: &Table, row: usize, column: &str, value: &Value) -> bool {
    let at = (row, table.column(column).unwrap());
    let equal = table.matches(at, CompareOp::Eq, value, Case::Exact);
    if table.columns()[at.1].holds == Holds::One {
        assert_eq!(table.matches(at, CompareOp::Ne, value, Case::Exact), !equal);
    }
    equal
}

const SITES: &str = "\u{feff}site,net:cidr,host:regex, ports : number ,owners:string[]\r\n\
                     \"Zurich, HQ\",10.0.0.0/8,^zh-\\d+$,443,ada|bob\r\n\
                     Bern,2001:db8::/32,^be-,22.5,\r\n\
                     ,,,,\r\n";

#[test]
fn a_header_types_its_columns() {
    let table = table(SITES);
    let kinds: Vec<_> =
        table.columns().iter().map(|column| (column.name.as_str(), column.kind, column.holds)).collect();
    let expected = [
        ("site", ColumnKind::Text, Holds::One),
        ("net", ColumnKind::Cidr, Holds::One),
        ("host", ColumnKind::Regex, Holds::One),
        ("ports", ColumnKind::Number, Holds::One),
        ("owners", ColumnKind::Text, Holds::Many),
    ];
    assert_eq!(kinds, expected);
    assert_eq!(table.rows().len(), 3);
    assert_eq!(table.columns()[4].value_type(), Type::List(Element::Text));
}

#[test]
fn equal_to_a_range_or_a_pattern_is_what_lies_in_it() {
    let table = table(SITES);
    assert!(
        equals(&table, 0, "net", &Value::text("10.9.8.7"))
            && equals(&table, 1, "net", &Value::text("2001:db8::1"))
    );
    assert!(
        !equals(&table, 0, "net", &Value::text("11.0.0.1"))
            && !equals(&table, 0, "net", &Value::text("10.0.0.0/8"))
    );
    assert!(
        equals(&table, 0, "host", &Value::text("zh-12")) && !equals(&table, 0, "host", &Value::text("ZH-12"))
    );
    let folded = table.matches((0, 2), CompareOp::Eq, &Value::text("ZH-12"), Case::Fold);
    assert!(folded);
}

#[test]
fn numbers_compare_by_value_and_strings_whole() {
    let table = table(SITES);
    assert!(equals(&table, 0, "ports", &Value::Int(443)) && equals(&table, 0, "ports", &Value::Float(443.0)));
    let above = |value: i64| table.matches((1, 3), CompareOp::Gt, &Value::Int(value), Case::Exact);
    assert!(above(23) && !above(22));
    assert!(
        equals(&table, 0, "site", &Value::text("Zurich, HQ"))
            && !equals(&table, 0, "site", &Value::text("Zurich"))
    );
}

#[test]
fn of_several_values_any_will_do() {
    let table = table(SITES);
    assert!(
        equals(&table, 0, "owners", &Value::text("ada")) && equals(&table, 0, "owners", &Value::text("bob"))
    );
    assert!(
        !equals(&table, 0, "owners", &Value::text("ada|bob"))
            && !equals(&table, 1, "owners", &Value::text(""))
    );
    assert_eq!(table.cell((0, 4)).unwrap().items()[1].value(), Value::text("bob"));
}

#[test]
fn an_empty_cell_is_a_zero_value_and_fits_no_address() {
    let table = table(SITES);
    assert!(equals(&table, 2, "site", &Value::text("")) && equals(&table, 2, "ports", &Value::Int(0)));
    assert!(!equals(&table, 2, "net", &Value::text("")) && !equals(&table, 2, "host", &Value::text("")));
}

fn is_in(table: &Table, column: &str, kind: ListKind, value: &Value) -> bool {
    table.set(table.column(column).unwrap(), kind).unwrap().contains(value, Case::Exact)
}

#[test]
fn a_value_is_looked_up_in_a_whole_column() {
    let table = table(SITES);
    assert!(is_in(&table, "net", ListKind::Plain, &Value::text("10.0.0.1")));
    assert!(is_in(&table, "net", ListKind::Cidr, &Value::text("2001:db8::1")));
    assert!(!is_in(&table, "net", ListKind::Cidr, &Value::text("")));
    assert!(is_in(&table, "host", ListKind::Regex, &Value::text("be-anything")));
    assert!(is_in(&table, "ports", ListKind::Plain, &Value::text("443")));
    assert!(is_in(&table, "ports", ListKind::Plain, &Value::Float(22.5)));
    assert!(!is_in(&table, "ports", ListKind::Plain, &Value::Int(80)));
    assert!(is_in(&table, "owners", ListKind::Plain, &Value::text("bob")));
    assert!(!is_in(&table, "owners", ListKind::Plain, &Value::text("ada|bob")));
}

#[test]
fn strings_may_be_looked_up_as_patterns_or_ranges() {
    let table = table("host,net\n^a,10.0.0.0/8\nb$,host\n");
    assert!(is_in(&table, "host", ListKind::Regex, &Value::text("ab")));
    let bad = table.set(1, ListKind::Cidr).unwrap_err();
    assert_eq!((bad[0].line, bad[0].message.as_str()), (3, "`host` is no range of addresses"));
    let typed = Table::parse("t", b"port:number\n1\n").unwrap();
    assert_eq!(typed.set(0, ListKind::Regex).unwrap_err()[0].message, "the column `port` holds numbers");
}

#[test]
fn every_bad_cell_is_named_with_its_line_and_column() {
    let found = wrong("ip:cidr,n:number[],p:regex\n10.0.0.0/33,1|x,(\n\"10.0.0.0/8\",1|2,a,b\n");
    let expected = [
        (2, "column `ip`: `10.0.0.0/33` is no range of addresses"),
        (2, "column `n`: `x` is no number"),
        (2, "column `p`: `(`: this group is never closed"),
        (3, "this row has 4 cells, and the header has 3"),
    ];
    assert_eq!(found, expected.map(|(line, message)| (line, message.to_owned())));
}

#[test]
fn a_header_is_judged_before_its_rows() {
    assert!(wrong("")[0].1.contains("lacks its header"));
    assert!(wrong("ip:adress\n")[0].1.contains("`ip:adress` has no such type"));
    assert!(wrong("a,a:number\n")[0].1.contains("two columns `a`"));
    assert!(wrong("a,:cidr\n")[0].1.contains("no name"));
    assert!(wrong(&"a,".repeat(COLUMN_LIMIT + 1))[0].1.contains("1002 columns"));
}

#[test]
fn lines_are_counted_over_cells_that_run_over_them() {
    assert_eq!(wrong("a,n:number\n\"one\ntwo\",1\nx,y\n")[0].0, 4);
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let bad = Table::parse("t", b"a\nb\n\xff\n").unwrap_err();
    assert_eq!((bad[0].line, bad[0].message.as_str()), (3, "this row is not UTF-8"));
}

#[test]
fn a_table_above_the_limit_is_refused() {
    let bad = Table::parse("t", &vec![b'x'; SIZE_LIMIT + 1]).unwrap_err();
    assert!(bad[0].message.contains("above the limit"));
}

#[test]
fn a_table_is_found_beside_the_rule_or_above_it() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("data_tables/sites.csv");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, SITES).unwrap();
    let rule = root.path().join("deep/a.yaral");
    assert_eq!(find("sites", &[], &rule, root.path()), Some(path));
    assert_eq!(find("../data_tables/sites", &[], &rule, root.path()), None);
    assert_eq!(find("site", &[], &rule, root.path()), None);
}
