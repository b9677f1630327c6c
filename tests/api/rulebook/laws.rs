//! What must hold of every answer.

use std::collections::HashSet;

use chrono::{DateTime, Datelike as _, TimeDelta, Utc};
use serde_json::Value;

use super::corpus::{BODY, LED, PARTS, WAITING, Work};
use super::oracle::{Given, Reader, Right, given, reach, right};
use crate::support::Answer;

/// How an article is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Projection {
    pub query: &'static str,
    /// The parts that it asks for; `None` for all.
    parts: Option<&'static [&'static str]>,
    /// Whether a list gives bodies under it.
    listed_body: bool,
    format: &'static str,
}

pub const PROJECTIONS: [Projection; 8] = [
    Projection {
        query: "",
        parts: None,
        listed_body: false,
        format: "html",
    },
    Projection {
        query: "fields=title",
        parts: Some(&["Ttl"]),
        listed_body: false,
        format: "html",
    },
    Projection {
        query: "fields=body",
        parts: Some(&BODY),
        listed_body: true,
        format: "html",
    },
    Projection {
        query: "body_format=blocks",
        parts: None,
        listed_body: true,
        format: "blocks",
    },
    Projection {
        query: "body_format=html",
        parts: None,
        listed_body: true,
        format: "html",
    },
    Projection {
        query: "body_format=markdown",
        parts: None,
        listed_body: true,
        format: "markdown",
    },
    Projection {
        query: "body_format=text",
        parts: None,
        listed_body: true,
        format: "text",
    },
    Projection {
        query: "include=section,authors,source",
        parts: None,
        listed_body: false,
        format: "html",
    },
];

/// One reader at one instant.
#[derive(Debug, Clone, Copy)]
pub struct Seat<'a> {
    pub name: &'a str,
    pub reader: Reader,
    pub now: DateTime<Utc>,
}

impl Seat<'_> {
    pub fn given(&self, work: &Work) -> Given {
        given(self.reader, &work.facts, self.now)
    }

    /// The right of a licensed reader.
    pub fn right(&self, work: &Work) -> Option<Right> {
        right(self.reader, &work.facts, self.now)
    }

    /// Whether a part of a work goes to who is given so much of it.
    pub(super) fn holds(&self, work: &Work, given: Given, part: &str, since: &str) -> bool {
        // Whole sentences only: a short excerpt may hold none.
        let fits = part != "Led"
            || given == Given::Part("full")
            || self.right(work).is_none_or(|right| right.chars >= LED);
        fits && matches!(given, Given::Part(extent) if reach(extent) >= reach(since))
    }
}

/// Everything that goes over the wire, as text.
pub fn raw(answer: &Answer) -> String {
    answer.text() + &headers(answer)
}

pub(super) fn headers(answer: &Answer) -> String {
    let mut raw = String::new();
    for (name, value) in &answer.headers {
        raw.push_str(&format!(
            "\n{name}: {}",
            String::from_utf8_lossy(value.as_bytes())
        ));
    }
    raw
}

/// The words that mark parts of works, as far as they are in a text.
pub(super) fn marks(raw: &str) -> HashSet<&str> {
    let parts = PARTS.iter().map(|(part, _)| *part).chain([WAITING]);
    parts
        .flat_map(|part| raw.match_indices(part))
        .filter_map(|(at, part)| raw.get(at..at + part.len() + 2))
        .collect()
}

/// Nothing of a work goes out but what its reader may have.
pub(super) fn nothing_leaks(
    (raw, marks): (&str, &HashSet<&str>),
    work: &Work,
    seat: &Seat<'_>,
    given: Given,
    place: &str,
) {
    let there = |part: &str| marks.contains(work.mark(part).as_str());
    for (part, since) in PARTS {
        assert!(
            !there(part) || seat.holds(work, given, part, since),
            "{place}: {part} of {} leaks: {raw}",
            work.name
        );
    }
    let of_the_desk = matches!(seat.reader, Reader::Desk | Reader::Viewer);
    assert!(
        (of_the_desk && given == Given::Part("full")) || !there(WAITING),
        "{place}: what waits on {} leaks: {raw}",
        work.name
    );
}

/// An answer that is about one work.
pub fn item(
    answer: &Answer,
    seat: &Seat<'_>,
    works: &[Work],
    at: usize,
    projection: Projection,
    surface: &str,
) {
    let work = &works[at];
    let expected = seat.given(work);
    let place = format!(
        "{} × {} × {surface} × {:?} at {}",
        seat.name, work.name, projection.query, seat.now
    );
    let raw = raw(answer);
    let marks = marks(&raw);
    for (n, other) in works.iter().enumerate() {
        nothing_leaks(
            (&raw, &marks),
            other,
            seat,
            if n == at {
                expected
            } else {
                Given::Status(404)
            },
            &place,
        );
    }
    match expected {
        Given::Status(status) => refusal(answer, status, work, &place),
        Given::Part(extent) => {
            assert_eq!(answer.status, 200, "{place}: {}", answer.text());
            presented(&answer.json(), seat, work, extent, projection, true, &place);
            cached(answer, seat, &[work], &place);
        }
    }
}

pub(super) fn refusal(answer: &Answer, status: u16, work: &Work, place: &str) {
    assert_eq!(answer.status, status, "{place}: {}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store", "{place}");
    assert_eq!(answer.header("etag"), "", "{place}");
    let problem = answer.json();
    let mut members: Vec<&str> = problem
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    members.sort_unstable();
    if status == 404 {
        // As of what was never there.
        assert_eq!(
            members,
            ["instance", "request_id", "status", "title", "type"],
            "{place}"
        );
    } else {
        assert_eq!(
            problem["reason_class"].as_str(),
            work.facts.end.map(|(_, class)| class),
            "{place}"
        );
        let mut known = vec![
            "instance",
            "reason",
            "reason_class",
            "request_id",
            "status",
            "title",
            "type",
            "withdrawn_at",
        ];
        known.retain(|name| *name != "reason" || work.name != "ending");
        assert_eq!(members, known, "{place}");
    }
}

/// The JSON of a work under an extent.
fn presented(
    json: &Value,
    seat: &Seat<'_>,
    work: &Work,
    extent: &'static str,
    projection: Projection,
    with_body: bool,
    place: &str,
) {
    let credit = &json["attribution"];
    assert_eq!(credit["credit_line"], work.credit, "{place}");
    assert_eq!(credit["usage"]["extent"], extent, "{place}");
    assert_eq!(credit["ai_label"], "assisted", "{place}");
    assert!(
        json["stage"].is_string() && json["id"] == work.id.as_str(),
        "{place}"
    );
    let notices: Vec<(&str, bool)> = credit["notices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|notice| {
            (
                notice["kind"].as_str().unwrap(),
                notice["id"].is_string() && notice["revision"].is_i64(),
            )
        })
        .collect();
    assert_eq!(notices, work.notices.map(|kind| (kind, true)), "{place}");
    let reprint = work.facts.terms.is_some();
    assert_eq!(
        credit["source"]["kind"],
        if reprint { "external" } else { "own" },
        "{place}"
    );
    assert!(
        credit["source"]["name"]
            .as_str()
            .is_some_and(|name| !name.is_empty()),
        "{place}"
    );
    assert_eq!(
        credit["original"]["title"].is_string(),
        reprint,
        "{place}: both titles are shown"
    );
    assert_eq!(credit["editor"], "Chen An", "{place}");
    let right = seat.right(work);
    licensed(credit, right.as_ref(), json.get("body").is_some(), place);
    // What may be given and is asked for is there: a test that finds no leak in nothing proves nothing.
    let text = json.to_string();
    for (part, since) in PARTS {
        let asked = projection.parts.is_none_or(|parts| parts.contains(&part));
        let loaded = with_body || !BODY.contains(&part);
        let there = asked && loaded && seat.holds(work, Given::Part(extent), part, since);
        assert_eq!(
            text.contains(&work.mark(part)),
            there,
            "{place}: {part} in {text}"
        );
    }
    let body = json.get("body");
    let asked = projection.parts.is_none_or(|parts| parts.contains(&"Led"));
    assert_eq!(
        body.is_some(),
        asked && with_body && reach(extent) >= reach("excerpt"),
        "{place}"
    );
    if let Some(body) = body {
        assert_eq!(body["format"], projection.format, "{place}");
        assert_eq!(
            body.get("derived").is_some(),
            extent == "excerpt",
            "{place}"
        );
        let text = body["value"].as_str().unwrap_or_default();
        let carried = match projection.format {
            "text" => format!("\n{}\n", work.credit),
            _ => work.credit.to_owned(),
        };
        // Of a licence's every text, of others the format without metadata (rules 5 and 22).
        if projection.format == "text" || (right.is_some() && projection.format != "blocks") {
            assert!(
                format!("\n{text}").contains(&carried),
                "{place}: the credit travels inside the text: {text}"
            );
        }
    }
}

/// What goes with a licence, and with nothing else.
fn licensed(credit: &Value, right: Option<&Right>, has_body: bool, place: &str) {
    let usage = &credit["usage"];
    assert_eq!(
        usage["licence_id"].as_str(),
        right.map(|right| right.licence),
        "{place}"
    );
    assert_eq!(
        usage["embargoed"] == true,
        right.is_some_and(|right| right.embargoed),
        "{place}"
    );
    let duties = usage["duties"].as_array().unwrap();
    assert_eq!(
        duties.iter().any(|duty| duty == "hold_until_published"),
        usage["embargoed"] == true,
        "{place}"
    );
    for member in [
        "indexing",
        "cache_max_age",
        "removal_deadline_hours",
        "ai_input",
    ] {
        assert_eq!(
            usage.get(member).is_some(),
            right.is_some(),
            "{place}: {member}"
        );
    }
    if let Some(right) = right {
        // What a source allows without an end, it allows until the year 2100.
        let until = usage["valid_until"].as_str().map(|at| at.parse().unwrap());
        let until = until.filter(|at: &DateTime<Utc>| at.year() < 2100);
        assert_eq!(until, right.until, "{place}");
    }
    assert_eq!(
        credit.get("attestation").is_some(),
        has_body && right.is_some(),
        "{place}: a statement where there is a body"
    );
}

/// A list holds every work that its reader may see, each as it would be alone, and no trace of any other.
pub fn list(
    answer: &Answer,
    seat: &Seat<'_>,
    works: &[Work],
    wanted: impl Fn(&Work) -> bool,
    projection: Projection,
    stubs: bool,
) {
    let place = format!(
        "{} × list × {:?} at {}",
        seat.name, projection.query, seat.now
    );
    assert_eq!(answer.status, 200, "{place}: {}", answer.text());
    let (json, raw) = (answer.json(), raw(answer));
    let marks = marks(&raw);
    let mut there: Vec<&Work> = Vec::new();
    for work in works {
        let expected = match seat.given(work) {
            // A partner's list holds what is above a stub, and the rest where it is asked for.
            Given::Part("stub") if !stubs && matches!(seat.reader, Reader::Partner(_)) => {
                Given::Status(404)
            }
            Given::Part(extent) if wanted(work) => Given::Part(extent),
            _ => Given::Status(404),
        };
        nothing_leaks((&raw, &marks), work, seat, expected, &place);
        let item = json["data"]
            .as_array()
            .unwrap()
            .iter()
            .find(|item| item["id"] == work.id.as_str());
        match (expected, item) {
            (Given::Part(extent), Some(item)) => {
                presented(
                    item,
                    seat,
                    work,
                    extent,
                    projection,
                    projection.listed_body,
                    &format!("{place}, {}", work.name),
                );
                there.push(work);
            }
            (Given::Status(_), None) => assert!(
                !raw.contains(&work.id) && !raw.contains(&format!("{}\"", work.slug)),
                "{place}: a trace of {}",
                work.name
            ),
            (expected, _) => panic!("{place}: {} should be {expected:?}", work.name),
        }
    }
    assert_eq!(
        json["data"].as_array().unwrap().len(),
        there.len(),
        "{place}"
    );
    if json["page"].get("total").is_some() {
        assert_eq!(json["page"]["total"], there.len(), "{place}");
    }
    cached(answer, seat, &there, &place);
}

/// No cache keeps an answer longer than the works in it may be shown.
pub(super) fn cached(answer: &Answer, seat: &Seat<'_>, works: &[&Work], place: &str) {
    let kept = answer.header("cache-control");
    match seat.reader {
        Reader::Public => {
            let seconds: i64 = kept
                .split(['=', ','])
                .filter_map(|word| word.trim().parse::<i64>().ok())
                .sum();
            assert!(
                kept.starts_with("public, max-age=") && seconds <= 60,
                "{place}: {kept}"
            );
            for work in works {
                let ends = [
                    work.facts.end.map(|(at, _)| at),
                    work.facts.terms.and_then(|terms| terms.until),
                ];
                for end in ends.into_iter().flatten().filter(|end| *end > seat.now) {
                    assert!(
                        TimeDelta::seconds(seconds) <= end - seat.now,
                        "{place}: {kept}"
                    );
                }
            }
        }
        Reader::Own(_) => assert_eq!(kept, "private, no-cache", "{place}"),
        _ => assert_eq!(kept, "private, no-store", "{place}"),
    }
    // Whoever shows no key may be a crawler.
    let crawls = matches!(seat.reader, Reader::Crawler(_) | Reader::Public);
    assert_eq!(
        answer.header("tdm-reservation"),
        if crawls { "1" } else { "" },
        "{place}"
    );
    assert_eq!(
        answer.header("content-usage"),
        if crawls { "train-ai=n" } else { "" },
        "{place}"
    );
    assert!(answer.etag().starts_with('"'), "{place}");
}
