//! The works that the rules are tried on, and the instants at which they change.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use masthead::db::schema::{article_listings as listings, articles};
use serde_json::{Value, json};

use super::oracle::{Facts, Terms};
use crate::support::newsroom::{Newsroom, with};
use crate::support::{TestApp, start};

/// A work with words of its own in every part, so that a part that leaks can be seen.
pub struct Work {
    pub name: &'static str,
    pub id: String,
    pub slug: String,
    pub facts: Facts,
    pub credit: &'static str,
    pub notices: [&'static str; 2],
    number: usize,
}

/// The parts of a work: the word that marks each, and the first extent that holds it.
pub const PARTS: [(&str, &str); 11] = [
    ("Ttl", "stub"),
    ("Sub", "stub"),
    ("Smy", "headline"),
    ("Led", "excerpt"),
    ("Hlf", "full"),
    ("Cap", "full"),
    ("Tag", "full"),
    ("Ext", "full"),
    ("Seo", "full"),
    ("Dat", "full"),
    ("End", "full"),
];

/// Marks what waits in the desk's version of a work that is out.
pub const WAITING: &str = "Pnd";

/// The parts that stand in a body.
pub const BODY: [&str; 3] = ["Led", "Hlf", "Cap"];

impl Work {
    /// The word that marks a part of this work and nothing else.
    pub fn mark(&self, part: &str) -> String {
        format!("{part}{:02}x", self.number)
    }
}

/// Minutes after the works came out.
pub fn minute(n: i64) -> DateTime<Utc> {
    start() + TimeDelta::minutes(n)
}

pub const WITHDRAWN: i64 = 60;
pub const EMBARGO_ENDS: i64 = 120;
pub const GRANT_ENDS: i64 = 180;
pub const WORK_ENDS: i64 = 240;
pub const SCHEDULED: i64 = 300;

/// The document of a work. Half of its paragraphs' text is well behind the excerpt.
fn document(desk: &Newsroom, number: usize) -> Value {
    let mark = |part: &str| format!("{part}{number:02}x");
    with(
        desk.own_work("x"),
        json!({
            "title": format!("Title {}", mark("Ttl")), "subtitle": mark("Sub"), "slug": format!("work-{number}"), "summary": mark("Smy"),
            "tags": [mark("Tag")], "extra": {"free": mark("Ext")}, "seo": {"title": mark("Seo")}, "end_mark": mark("End"),
            "dateline": {"place": mark("Dat")}, "ai_label": "assisted",
            "body": {"format": "blocks", "value": [
                {"type": "paragraph", "text": format!("This is {} and it is short.", mark("Led"))},
                {"type": "image", "url": "/q.jpg", "alt": "A quay", "caption": mark("Cap")},
                {"type": "paragraph", "text": format!("The rest is {} and it goes on for a good while longer than what stood before it.", mark("Hlf"))},
            ]},
        }),
    )
}

/// Builds the works. The clock is left at the last boundary.
pub async fn build(app: &TestApp, desk: &Newsroom) -> Vec<Work> {
    let (web_app, web): (&[&str], &[&str]) = (&["web", "app"], &["web"]);
    let terms = |channels, pass_on, extent, until: Option<i64>| {
        Some(Terms {
            channels,
            pass_on,
            extent,
            until: until.map(minute),
        })
    };
    let from = |n| Some(minute(n));
    let whole = || Facts {
        from: from(0),
        ..Facts::default()
    };
    let plan: [(&'static str, Facts); 15] = [
        ("own", whole()),
        (
            "passed on",
            Facts {
                terms: terms(web_app, true, "full", None),
                ..whole()
            },
        ),
        (
            "kept",
            Facts {
                terms: terms(web_app, false, "full", None),
                ..whole()
            },
        ),
        (
            "web only",
            Facts {
                terms: terms(web, true, "full", None),
                ..whole()
            },
        ),
        (
            "app only",
            Facts {
                terms: terms(&["app"], true, "full", None),
                ..whole()
            },
        ),
        (
            "headline",
            Facts {
                terms: terms(web_app, true, "headline", None),
                ..whole()
            },
        ),
        (
            "expiring",
            Facts {
                terms: terms(web_app, true, "full", Some(GRANT_ENDS)),
                ..whole()
            },
        ),
        (
            "withdrawn",
            Facts {
                end: Some((minute(WITHDRAWN), "editorial")),
                ..whole()
            },
        ),
        (
            "withdrawn reprint",
            Facts {
                terms: terms(web_app, true, "full", None),
                end: Some((minute(WITHDRAWN), "editorial")),
                ..whole()
            },
        ),
        (
            "on demand",
            Facts {
                end: Some((minute(WITHDRAWN), "legal")),
                ..whole()
            },
        ),
        (
            "ending",
            Facts {
                end: Some((minute(WORK_ENDS), "rights_expired")),
                ..whole()
            },
        ),
        (
            "embargoed",
            Facts {
                from: from(EMBARGO_ENDS),
                embargo: true,
                ..Facts::default()
            },
        ),
        (
            "embargoed reprint",
            Facts {
                terms: terms(web_app, true, "full", None),
                from: from(EMBARGO_ENDS),
                embargo: true,
                ..Facts::default()
            },
        ),
        ("draft", Facts::default()),
        (
            "scheduled",
            Facts {
                from: from(SCHEDULED),
                ..Facts::default()
            },
        ),
    ];
    let mut works = Vec::new();
    for (number, (name, facts)) in plan.into_iter().enumerate() {
        let mut body = document(desk, number);
        if let Some(terms) = facts.terms {
            let source = app.source(&format!("Wire {name}")).await;
            let grant = json!({"channels": terms.channels, "may_redistribute": terms.pass_on, "max_extent": terms.extent, "valid_until": terms.until});
            let grant = match terms.until {
                None => with(grant, json!({"valid_until": "2100-01-01T00:00:00Z"})),
                Some(_) => grant,
            };
            app.grant(&source, grant).await;
            body = with(
                body,
                json!({"source_id": source, "original": {"title": format!("Original {number:02}"), "authors": ["Wen Ya"], "url": "https://wire.example.com/q"}}),
            );
        }
        let id = app.draft(body).await;
        if facts.from.is_some() {
            app.publish(&id).await.expect(200);
            // An edit waits on every work that is out: the desk alone sees it.
            let waiting = format!("{WAITING}{number:02}x");
            let change = json!({"seo": {"description": waiting}});
            app.edit(&format!("/v1/articles/{id}"), change)
                .await
                .expect(200);
        }
        let credit: &'static str = match facts.terms {
            None => "Source: Harbour Daily",
            Some(_) => format!("Source: Wire {name} (not this site)").leak(),
        };
        works.push(Work {
            name,
            id,
            slug: format!("work-{number}"),
            facts,
            credit,
            notices: [
                if facts.terms.is_some() {
                    "reprint"
                } else {
                    "own_work"
                },
                "contact",
            ],
            number,
        });
    }
    app.clock.advance(TimeDelta::minutes(WITHDRAWN));
    for work in &works {
        match work.facts.end {
            Some((_, "rights_expired")) => app.set_times(&work.id, None, Some(minute(WORK_ENDS))),
            Some((_, class)) => drop(app.withdraw(&work.id, class).await.expect(200)),
            None if work.facts.embargo => app.set_times(&work.id, Some(minute(EMBARGO_ENDS)), None),
            None if work.name == "scheduled" => schedule(app, &work.id),
            None => {}
        }
    }
    app.clock.advance(TimeDelta::minutes(SCHEDULED - WITHDRAWN));
    works
}

/// Makes a published work one that is due later; no operation does so yet.
fn schedule(app: &TestApp, id: &str) {
    let at = minute(SCHEDULED).naive_utc();
    app.db
        .with_writer(|conn| -> QueryResult<()> {
            diesel::update(articles::table.find(id))
                .set((articles::stage.eq("scheduled"), articles::publish_at.eq(at)))
                .execute(conn)?;
            diesel::update(listings::table.filter(listings::article_id.eq(id)))
                .set((
                    listings::stage.eq("scheduled"),
                    listings::visible_from.eq(at),
                ))
                .execute(conn)?;
            Ok(())
        })
        .expect("a connection")
        .expect("it is scheduled");
}

const BOUNDARIES: [i64; 5] = [WITHDRAWN, EMBARGO_ENDS, GRANT_ENDS, WORK_ENDS, SCHEDULED];

/// Every boundary: just before it, at it, and after it.
pub fn clocks() -> Vec<DateTime<Utc>> {
    let tick = TimeDelta::microseconds(1);
    BOUNDARIES
        .into_iter()
        .map(minute)
        .flat_map(|at| [at - tick, at, at + tick])
        .collect()
}

/// Whether something changes at just this instant.
pub fn is_boundary(now: DateTime<Utc>) -> bool {
    BOUNDARIES.into_iter().map(minute).any(|at| at == now)
}
