//! The works that the rules are tried on, and the instants at which they change.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use masthead::db::schema::{article_listings as listings, articles};
use serde_json::{Value, json};

use super::oracle::{Facts, Terms};
use crate::support::newsroom::{Newsroom, with};
use crate::support::{TestApp, start};

/// How many works, the first ones, differ in what the site itself and its sources say of them.
pub const OF_THE_SITE: usize = 15;

/// A work with words of its own in every part, so that a part that leaks can be seen.
pub struct Work {
    pub name: &'static str,
    pub id: String,
    pub slug: String,
    pub facts: Facts,
    pub credit: &'static str,
    pub notices: [&'static str; 2],
    /// The id of its source.
    pub source: String,
    number: usize,
}

/// Length of the sentence that an excerpt holds.
pub const LED: usize = 30;

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
pub const LICENCE_BEGINS: i64 = 90;
pub const LICENCE_ENDS: i64 = 150;
/// A day after most works came out, and a day after an embargo ended.
pub const ARCHIVE_ENDS: i64 = 24 * 60;
pub const LATE_ARCHIVE_ENDS: i64 = EMBARGO_ENDS + ARCHIVE_ENDS;

/// The document of a work. Half of its paragraphs' text is well behind the excerpt.
fn document(desk: &Newsroom, number: usize, facts: &Facts) -> Value {
    let mark = |part: &str| format!("{part}{number:02}x");
    let mut tags = vec![mark("Tag")];
    tags.extend(facts.tags.iter().map(|tag| (*tag).to_owned()));
    let section = if facts.sections.contains(&"ports") {
        &desk.ports
    } else {
        &desk.economy
    };
    with(
        desk.own_work("x"),
        json!({
            "language": facts.language, "section_id": section,
            "title": format!("Title {}", mark("Ttl")), "subtitle": mark("Sub"), "slug": format!("work-{number}"), "summary": mark("Smy"),
            "tags": tags, "extra": {"free": mark("Ext")}, "seo": {"title": mark("Seo")}, "end_mark": mark("End"),
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
            territories: &["CN"],
            ai: false,
            until: until.map(minute),
        })
    };
    let (all, ai): (&[&str], &[&str]) = (&["web", "app", "syndication"], &["web", "ai"]);
    let from = |n| Some(minute(n));
    let unseen = || Facts {
        source: "own",
        sections: &["economy"],
        language: "en",
        ..Facts::default()
    };
    let whole = || Facts {
        from: from(0),
        ..unseen()
    };
    let passed_on = |terms| Facts { terms, ..whole() };
    let widened = |channels, territories, ai| {
        passed_on(terms(channels, true, "full", None).map(|terms| Terms {
            territories,
            ai,
            ..terms
        }))
    };
    let plan: [(&'static str, Facts); OF_THE_SITE + 10] = [
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
                ..unseen()
            },
        ),
        (
            "embargoed reprint",
            Facts {
                terms: terms(web_app, true, "full", None),
                from: from(EMBARGO_ENDS),
                embargo: true,
                ..unseen()
            },
        ),
        ("draft", unseen()),
        (
            "scheduled",
            Facts {
                from: from(SCHEDULED),
                ..unseen()
            },
        ),
        // What licences tell apart.
        ("syndicated", passed_on(terms(all, true, "full", None))),
        (
            "syndicated in part",
            passed_on(terms(all, true, "excerpt", None)),
        ),
        (
            "syndicated until then",
            passed_on(terms(all, true, "full", Some(GRANT_ENDS))),
        ),
        (
            "syndicated and kept",
            passed_on(terms(all, false, "full", None)),
        ),
        ("syndicated abroad", widened(all, &["CN", "US"], false)),
        ("for machines", widened(ai, &["CN"], true)),
        ("not for machines", widened(ai, &["CN"], false)),
        (
            "syndicated under embargo",
            Facts {
                terms: terms(all, true, "full", None),
                from: from(EMBARGO_ENDS),
                embargo: true,
                ..unseen()
            },
        ),
        (
            "of the ports",
            Facts {
                sections: &["economy", "trade", "ports"],
                tags: &["port"],
                ..whole()
            },
        ),
        (
            "in Chinese",
            Facts {
                language: "zh-Hans",
                tags: &["port"],
                ..whole()
            },
        ),
    ];
    let mut works = Vec::new();
    for (number, (name, mut facts)) in plan.into_iter().enumerate() {
        facts.name = name;
        let mut from_source = desk.own.clone();
        let mut body = document(desk, number, &facts);
        if let Some(terms) = facts.terms {
            facts.source = name;
            let source = app.source(&format!("Wire {name}")).await;
            from_source.clone_from(&source);
            let grant = json!({"territories": terms.territories, "ai_input": terms.ai, "channels": terms.channels, "may_redistribute": terms.pass_on, "max_extent": terms.extent, "valid_until": terms.until});
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
            None if facts.language == "zh-Hans" => "来源：滨海日报",
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
            source: from_source,
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

/// Those at which licences begin and end.
const LICENSED: [i64; 4] = [
    LICENCE_BEGINS,
    LICENCE_ENDS,
    ARCHIVE_ENDS,
    LATE_ARCHIVE_ENDS,
];

/// Every boundary of works: just before it, at it, and after it.
pub fn clocks() -> Vec<DateTime<Utc>> {
    around(&BOUNDARIES)
}

/// Every boundary of works and of licences.
pub fn licensed_clocks() -> Vec<DateTime<Utc>> {
    let mut all = [&BOUNDARIES[..], &LICENSED[..]].concat();
    all.sort_unstable();
    around(&all)
}

fn around(boundaries: &[i64]) -> Vec<DateTime<Utc>> {
    let tick = TimeDelta::microseconds(1);
    let around = |at: &i64| [minute(*at) - tick, minute(*at), minute(*at) + tick];
    boundaries.iter().flat_map(around).collect()
}

/// Whether something changes at just this instant.
pub fn is_boundary(now: DateTime<Utc>) -> bool {
    let mut all = BOUNDARIES.into_iter().chain(LICENSED).map(minute);
    all.any(|at| at == now)
}
