//! How files are written: not too long, and without ways to panic.

use crate::none;
use crate::source::{Kind, Source, all};

/// Longest file that nobody has to explain.
const LONGEST_LINES: usize = 400;

/// Longer files. Each one's module head says why it is not split, with the words
/// "longer than 400 lines".
const LONGER: &[&str] = &["src/db/schema.rs", "src/http/problem.rs"];

fn too_long(source: &Source) -> Vec<String> {
    let lines = source.text.lines().count();
    let explained = source
        .text
        .lines()
        .filter_map(|line| line.strip_prefix("//!"))
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(" ")
        .contains("longer than 400 lines");
    let is_listed = LONGER.contains(&source.name.as_str());
    let name = &source.name;
    if lines <= LONGEST_LINES && is_listed {
        vec![format!(
            "{name}: has {lines} lines by now: take it off LONGER, and the excuse off its head"
        )]
    } else if lines > LONGEST_LINES && !(is_listed && explained) {
        vec![format!(
            "{name}: has {lines} lines: split it, or say in its head why it is longer than 400 lines and put it on LONGER"
        )]
    } else {
        Vec::new()
    }
}

fn panics(source: &Source) -> Vec<String> {
    let tokens = &source.tokens;
    let mut complaints = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let calls = ["unwrap", "expect", "unwrap_err", "expect_err"];
        let macros = [
            "panic",
            "todo",
            "unimplemented",
            "unreachable",
            "dbg",
            "assert",
        ];
        let is_call = calls.contains(&token.text.as_str())
            && source.starts_with(at + 1, &["("])
            && at
                .checked_sub(1)
                .is_some_and(|before| matches!(tokens[before].text.as_str(), "." | "::"));
        let is_macro = macros.contains(&token.text.as_str()) && source.starts_with(at + 1, &["!"]);
        if token.kind == Kind::Ident && (is_call || is_macro) && !source.is_test(token) {
            complaints.push(format!(
                "{}:{}: {} panics: give an error",
                source.name, token.line, token.text
            ));
        }
    }
    complaints
}

#[test]
fn no_file_is_too_long() {
    none(&all().iter().flat_map(too_long).collect::<Vec<_>>());
}

#[test]
fn nothing_panics_outside_tests() {
    none(&all().iter().flat_map(panics).collect::<Vec<_>>());
}

#[test]
fn long_files_and_panics_are_caught() {
    let long = "// a line\n".repeat(401);
    assert_eq!(too_long(&Source::of("src/a/b.rs", &long)).len(), 1);
    assert_eq!(
        too_long(&Source::of("src/http/problem.rs", &long)).len(),
        1,
        "no reason given"
    );
    let explained = format!("//! It is longer\n//! than 400 lines: one table.\n{long}");
    none(&too_long(&Source::of("src/http/problem.rs", &explained)));
    assert_eq!(
        too_long(&Source::of("src/a/b.rs", &explained)).len(),
        1,
        "not listed"
    );
    assert_eq!(
        too_long(&Source::of("src/http/problem.rs", "")).len(),
        1,
        "no longer long"
    );

    for code in [
        "fn f() { a.unwrap() }",
        "fn f() { a.b()\n.expect(\"c\") }",
        "fn f() { a.map(Option::unwrap()) }",
        "fn f() { json!({\"a\": b.unwrap()}) }",
        "fn f() { panic!(\"a\") }",
    ] {
        assert_eq!(panics(&Source::of("src/a/b.rs", code)).len(), 1, "{code}");
    }
    for code in [
        "fn f() { a.unwrap_or(b).unwrap_or_default() }",
        "#[expect(dead_code, reason = \"a\")] fn f() {}",
        "#[cfg(test)] mod tests { fn f() { a.unwrap() } }",
        "#[cfg(test)] fn f() { a.unwrap() }",
    ] {
        none(&panics(&Source::of("src/a/b.rs", code)));
    }
    let after = "#[cfg(test)] fn f() {} fn g() { a.unwrap() }";
    assert_eq!(
        panics(&Source::of("src/a/b.rs", after)).len(),
        1,
        "the item after a test"
    );
}
