//! The matrix for licensed and unlicensed partners and crawlers, cell by cell.

use super::*;

/// Partners and crawlers by what they hold, in the order of the table's columns.
fn licensees() -> [(&'static str, Use); 10] {
    let headline = Licence {
        extent: Extent::Headline,
        ..licence(1)
    };
    let early = Licence {
        embargo_privilege: true,
        ..licence(1)
    };
    let abroad = Licence {
        territories: vec![territory("DE")],
        ..licence(1)
    };
    let early_ai = Licence {
        embargo_privilege: true,
        ..ai_licence(1)
    };
    let no_ai = Licence {
        channels: Channel::ALL.to_vec(),
        ..licence(1)
    };
    [
        ("full", partner(vec![licence(1)])),
        ("headline", partner(vec![headline])),
        ("early", partner(vec![early])),
        ("out of scope", partner(vec![abroad])),
        ("unlicensed", partner(Vec::new())),
        (
            "nowhere",
            Use {
                territory: None,
                ..partner(vec![licence(1)])
            },
        ),
        ("crawler", crawler(vec![ai_licence(1)])),
        ("early crawler", crawler(vec![early_ai])),
        ("crawler of no AI", crawler(vec![no_ai])),
        ("unlicensed crawler", crawler(Vec::new())),
    ]
}

#[test]
fn the_matrix_of_licensees() {
    let ai = Grant {
        ai_input: true,
        ..outward(1)
    };
    let kept = Grant {
        may_redistribute: false,
        ..ai.clone()
    };
    let excerpt = Grant {
        max_extent: Extent::Excerpt,
        ..ai.clone()
    };
    let ended = Lifecycle {
        unpublish_at: Some(now()),
        ..published()
    };
    let due = Lifecycle {
        stage: Stage::Scheduled,
        publish_at: Some(now() + tick()),
        embargoed_until: Some(hours(1)),
        ..published()
    };
    let under = |lifecycle: Lifecycle, grants| Rights {
        lifecycle,
        ..reprint(grants)
    };
    //                                 full headline early | out of scope, unlicensed, nowhere | crawler, early, of no AI, unlicensed
    let table: &[(&str, Rights, &str)] = &[
        (
            "own",
            own(),
            "full headline full stub stub stub full full stub stub",
        ),
        (
            "reprint",
            reprint(vec![ai.clone()]),
            "full headline full stub stub stub full full stub stub",
        ),
        (
            "reprint, no AI",
            reprint(vec![outward(1)]),
            "full headline full stub stub stub stub stub stub stub",
        ),
        (
            "an excerpt",
            reprint(vec![excerpt]),
            "excerpt headline excerpt stub stub stub excerpt excerpt stub stub",
        ),
        (
            "not passed on",
            reprint(vec![kept]),
            "stub stub stub stub stub stub stub stub stub stub",
        ),
        (
            "own channels",
            reprint(vec![grant(1)]),
            "stub stub stub stub stub stub stub stub stub stub",
        ),
        (
            "no grant",
            reprint(Vec::new()),
            "stub stub stub stub stub stub stub stub stub stub",
        ),
        (
            "no source",
            Rights {
                source: None,
                ..own()
            },
            "stub stub stub stub stub stub stub stub stub stub",
        ),
        (
            "embargoed",
            living(embargoed()),
            "404 404 full 404 404 404 404 404 404 404",
        ),
        (
            "embargoed reprint",
            under(embargoed(), vec![ai]),
            "404 404 full 404 404 404 404 404 404 404",
        ),
        (
            "embargoed, own channels",
            under(embargoed(), vec![grant(1)]),
            "404 404 404 404 404 404 404 404 404 404",
        ),
        (
            "due under embargo",
            living(due),
            "404 404 404 404 404 404 404 404 404 404",
        ),
        (
            "draft",
            living(draft()),
            "404 404 404 404 404 404 404 404 404 404",
        ),
        (
            "withdrawn",
            living(withdrawn(ReasonClass::Editorial, now())),
            "410 410 410 410 410 410 410 410 410 410",
        ),
        (
            "on demand",
            living(withdrawn(ReasonClass::Legal, now())),
            "451 451 451 451 451 451 451 451 451 451",
        ),
        (
            "unseen",
            living(withdrawn(ReasonClass::Legal, hours(-24))),
            "404 404 404 404 404 404 404 404 404 404",
        ),
        (
            "ended",
            living(ended),
            "410 410 410 410 410 410 410 410 410 410",
        ),
    ];
    for (name, rights, row) in table {
        let cells: Vec<&str> = row.split(' ').collect();
        assert_eq!(cells.len(), licensees().len(), "{name}");
        for ((reader, use_), expected) in licensees().iter().zip(cells) {
            let decision = decide(rights, use_, now());
            assert_eq!(word(&decision), expected, "{reader} × {name}");
            let Ok(decision) = decision else { continue };
            // Whatever is more than a stub names its licence, and nothing else does.
            let named = decision.granted.map(|granted| granted.licence);
            let owed = (decision.extent > Extent::Stub).then(|| id(1));
            assert_eq!(named, owed, "{reader} × {name}");
            assert_eq!(
                decision.embargoed,
                name.starts_with("embargoed"),
                "{reader} × {name}"
            );
            assert!(!decision.logged, "{reader} × {name}");
        }
    }
}

#[test]
fn licences_are_for_partners_and_crawlers() {
    for audience in [Audience::FirstParty, Audience::Public] {
        let held = Use {
            audience,
            ..partner(vec![Licence {
                embargo_privilege: true,
                ..licence(1)
            }])
        };
        let plain = Use {
            holder: None,
            ..held.clone()
        };
        for rights in [own(), reprint(vec![outward(1)]), living(embargoed())] {
            let decision = decide(&rights, &held, now());
            assert_eq!(decision, decide(&rights, &plain, now()));
            assert!(decision.is_err() || decision.unwrap().granted.is_none());
        }
    }
    // A crawler that is only declared holds nothing.
    let declared = outside(Audience::AiCrawler, Channel::Ai);
    assert_eq!(word(&decide(&own(), &declared, now())), "stub");
}

#[test]
fn an_embargo_that_ends_ends_the_privilege_with_it() {
    let rights = living(embargoed());
    let early = partner(vec![Licence {
        embargo_privilege: true,
        ..licence(1)
    }]);
    let before = decide(&rights, &early, hours(1) - tick()).unwrap();
    assert_eq!(
        (before.embargoed, before.valid_until),
        (true, Some(hours(1)))
    );
    let after = decide(&rights, &early, hours(1)).unwrap();
    assert_eq!((after.embargoed, after.valid_until), (false, None));
}

#[test]
fn a_stub_without_a_licence_tells_nothing_of_the_source_s_terms() {
    let rights = Rights {
        lifecycle: Lifecycle {
            unpublish_at: Some(hours(3)),
            ..published()
        },
        ..reprint(vec![Grant {
            valid_until: Some(hours(1)),
            ..outward(1)
        }])
    };
    for use_ in [partner(Vec::new()), crawler(Vec::new())] {
        let decision = decide(&rights, &use_, now()).unwrap();
        assert_eq!(decision.extent, Extent::Stub);
        assert_eq!(decision.valid_until, Some(hours(3)));
    }
}
