//! What must hold of a work elsewhere than in JSON: as a document, in headers alone, explained.

use serde_json::Value;

use super::corpus::{PARTS, Work};
use super::laws::{Seat, cached, headers, marks, nothing_leaks, raw, refusal};
use super::oracle::{Given, Reader, reach};
use crate::support::Answer;

/// A work as a document of its own: a body, or what is missing for one.
pub fn document(answer: &Answer, seat: &Seat<'_>, works: &[Work], at: usize, format: &str) {
    let work = &works[at];
    let expected = seat.given(work);
    let place = format!("{} × {} × {format} at {}", seat.name, work.name, seat.now);
    let raw = raw(answer);
    let marks = marks(&raw);
    let has_body = matches!(expected, Given::Part(extent) if reach(extent) >= reach("excerpt"));
    for (n, other) in works.iter().enumerate() {
        let given = if n == at && has_body {
            expected
        } else {
            Given::Status(404)
        };
        nothing_leaks((&raw, &marks), other, seat, given, &place);
    }
    match expected {
        Given::Status(status) => refusal(answer, status, work, &place),
        Given::Part(_) if !has_body => {
            assert_eq!(answer.status, 403, "{place}: {raw}");
            assert_eq!(answer.header("etag"), "", "{place}");
            assert_eq!(answer.header("cache-control"), "no-store", "{place}");
            let problem = answer.json();
            assert_eq!(problem["type"], "/problems/licence-required", "{place}");
            // Who could hold a licence is told on which sides it fails.
            assert!(
                !matches!(seat.reader, Reader::Partner(_))
                    || problem["missing"]
                        .as_array()
                        .is_some_and(|axes| !axes.is_empty())
                    || seat.right(work).is_some(),
                "{place}: {raw}"
            );
        }
        Given::Part(extent) => {
            assert_eq!(answer.status, 200, "{place}: {raw}");
            let text = answer.text();
            assert!(text.contains(work.credit), "{place}: {text}");
            assert!(text.contains(&work.mark("Ttl")), "{place}: {text}");
            for part in ["Led", "Hlf"] {
                let since = if part == "Led" { "excerpt" } else { "full" };
                let there = seat.holds(work, Given::Part(extent), part, since);
                assert_eq!(
                    text.contains(&work.mark(part)),
                    there,
                    "{place}: {part} in {text}"
                );
            }
            cached(answer, seat, &[work], &place);
        }
    }
}

/// What answers without a body say in their headers. The server takes the body off behind the
/// application.
pub fn headers_only(answer: &Answer, seat: &Seat<'_>, works: &[Work], at: usize) {
    let place = format!("{} × {} × HEAD at {}", seat.name, works[at].name, seat.now);
    let raw = headers(answer);
    let marks = marks(&raw);
    for work in works {
        nothing_leaks((&raw, &marks), work, seat, Given::Status(404), &place);
    }
    match seat.given(&works[at]) {
        Given::Status(status) => assert_eq!(answer.status, status, "{place}"),
        Given::Part(_) => {
            assert_eq!(answer.status, 200, "{place}");
            cached(answer, seat, &[&works[at]], &place);
        }
    }
}

/// An explanation says what the reader is given.
pub fn explained(explanation: &Value, seat: &Seat<'_>, work: &Work) {
    let place = format!("{} × {} explained at {}", seat.name, work.name, seat.now);
    let outcome = match seat.given(work) {
        Given::Part(extent) => extent,
        Given::Status(404) => "not_found",
        Given::Status(410) => "gone",
        Given::Status(_) => "unavailable_for_legal_reasons",
    };
    assert_eq!(explanation["outcome"], outcome, "{place}: {explanation}");
    let right = seat.right(work);
    let granted = &explanation["granted"];
    assert_eq!(
        granted["licence_id"].as_str(),
        right.as_ref().map(|right| right.licence),
        "{place}: {explanation}"
    );
    assert_eq!(
        granted["embargoed"] == true,
        right.is_some_and(|right| right.embargoed),
        "{place}"
    );
    let credit = matches!(seat.given(work), Given::Part(_)).then_some(work.credit);
    assert_eq!(explanation["credit_line"].as_str(), credit, "{place}");
    assert!(
        !explanation["steps"].as_array().unwrap().is_empty(),
        "{place}"
    );
    for (part, _) in PARTS {
        assert!(
            !explanation.to_string().contains(&work.mark(part)),
            "{place}"
        );
    }
}
