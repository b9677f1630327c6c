//! What engines are asked for a query.

use super::query::{Dialect, Level, Query, Unfit};
use crate::kernel::han::Lexicon;

fn query(text: &str) -> Query {
    Query::parse(text, &Lexicon::default()).unwrap()
}

fn sqlite(text: &str, level: Level) -> String {
    query(text).expression(Dialect::Fts5, level)
}

#[test]
fn words_phrases_beginnings_and_exclusions() {
    let whole = |text| sqlite(text, Level::Whole);
    let all = "{title summary body} : ";
    assert_eq!(whole("港口"), format!("({all}\"港口\")"));
    assert_eq!(whole("港"), format!("({all}\"港\" *)"));
    assert_eq!(whole("harbours"), format!("({all}\"\u{2D9}harbour\")"));
    assert_eq!(whole("harb*"), format!("({all}\"harb\" *)"));
    assert_eq!(
        whole("\"港口开放 now\""),
        format!("({all}\"港口 口开 开放 放 now\")")
    );
    assert_eq!(
        whole("\"北京 市\" \"北 京市\""),
        format!("({all}\"北京 京 市\" * AND {all}\"北 京市\")")
    );
    assert_eq!(
        whole("5G\u{3000}e-mail"),
        format!("({all}\"5g\" AND {all}\"e mail\")")
    );
    assert_eq!(
        whole("港口 -营商环境 -e-mail"),
        format!("(({all}\"港口\") NOT ({all}\"营商 商环 环境\" OR {all}\"e mail\"))")
    );
    assert_eq!(
        whole("港口 -title:经济 -crane"),
        format!("(({all}\"港口\") NOT ({{title}} : \"经济\" OR {all}\"\u{2D9}crane\"))")
    );
}

#[test]
fn a_level_looks_at_its_own_fields_only() {
    assert_eq!(sqlite("港口", Level::Titles), "({title} : \"港口\")");
    assert_eq!(sqlite("body:港口", Level::Titles), "(\"\u{2D9}\u{2D9}\")");
    assert_eq!(sqlite("body:港口", Level::Lead), "({lead} : \"港口\")");
    let postgres = |text: &str, level| query(text).expression(Dialect::Tsquery, level);
    assert_eq!(postgres("港口", Level::Whole), "(('港口'))");
    assert_eq!(postgres("港*", Level::Lead), "(('港':*ABC))");
    assert_eq!(
        postgres("\"港口 a\" -b", Level::Summary),
        "((('港口':AB <-> '口':AB <-> 'a':AB)) & !(('\u{2D9}b':AB)))"
    );
}

#[test]
fn what_asks_for_nothing_is_told() {
    let unfit = |text: &str| Query::parse(text, &Lexicon::default()).unwrap_err();
    for nothing in [
        "",
        " ",
        "-",
        "\"\"",
        "-港口",
        "*",
        "()&|!:<->",
        "\"",
        "title:",
        "-title:\"x\"",
    ] {
        assert_eq!(unfit(nothing), Unfit::Nothing, "{nothing}");
    }
    assert_eq!(unfit(&"a".repeat(301)), Unfit::TooLong);
    assert_eq!(unfit(&"a ".repeat(100)), Unfit::TooMany);
}

#[test]
fn words_of_the_newsroom_are_not_parted() {
    let names = Lexicon::of(["林澜港"]);
    let query = Query::parse("林澜港开放", &names).unwrap();
    assert_eq!(query.marks(), ["林澜港", "开放"]);
}
