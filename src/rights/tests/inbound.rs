//! Inbound ∩ outbound: no licence gives more than a grant of the source holds, axis by axis.

use super::*;

/// What one licence gives a partner of a reprint under one grant.
fn met(licence: Licence, grant: Grant) -> Option<Granted> {
    given(&reprint(vec![grant]), &partner(vec![licence]))
}

#[test]
fn a_grant_must_pass_works_on() {
    type Turn = fn(&mut Grant);
    let table: [(&str, bool, Turn); 13] = [
        ("all fits", true, |_| {}),
        ("only syndication", true, |g| {
            g.channels = vec![Channel::Syndication];
        }),
        ("not to be passed on", false, |g| g.may_redistribute = false),
        ("own channels and crawlers", false, |g| {
            g.channels = vec![Channel::Web, Channel::App, Channel::Ai];
        }),
        ("no channel", false, |g| g.channels.clear()),
        ("abroad", false, |g| g.territories = vec![territory("DE")]),
        ("abroad and here", true, |g| {
            g.territories.push(territory("DE"));
        }),
        ("nowhere", false, |g| g.territories.clear()),
        ("from now on", true, |g| g.valid_from = now()),
        ("from later on", false, |g| g.valid_from = now() + tick()),
        ("until now", false, |g| g.valid_until = Some(now())),
        ("until later", true, |g| {
            g.valid_until = Some(now() + tick());
        }),
        ("nothing of it", false, |g| g.max_extent = Extent::Stub),
    ];
    for (name, covers, turn) in table {
        let mut grant = outward(1);
        turn(&mut grant);
        assert_eq!(met(licence(1), grant).is_some(), covers, "{name}");
    }
    let nobody = Use {
        territory: None,
        ..partner(vec![licence(1)])
    };
    assert_eq!(given(&reprint(vec![outward(1)]), &nobody), None, "unknown");
    let without = given(&reprint(Vec::new()), &partner(vec![licence(1)]));
    assert_eq!(without, None, "no grant");
    // Without a source nobody can say that it may be passed on.
    let unsourced = Rights {
        source: None,
        ..reprint(vec![outward(1)])
    };
    assert_eq!(given(&unsourced, &partner(vec![licence(1)])), None);
}

#[test]
fn the_narrower_extent_counts() {
    for (ours, theirs, both) in [
        (Extent::Headline, Extent::Headline, Extent::Headline),
        (Extent::Headline, Extent::Excerpt, Extent::Headline),
        (Extent::Headline, Extent::Full, Extent::Headline),
        (Extent::Excerpt, Extent::Headline, Extent::Headline),
        (Extent::Excerpt, Extent::Excerpt, Extent::Excerpt),
        (Extent::Excerpt, Extent::Full, Extent::Excerpt),
        (Extent::Full, Extent::Headline, Extent::Headline),
        (Extent::Full, Extent::Excerpt, Extent::Excerpt),
        (Extent::Full, Extent::Full, Extent::Full),
    ] {
        let licence = Licence {
            extent: ours,
            ..licence(1)
        };
        let grant = Grant {
            max_extent: theirs,
            ..outward(1)
        };
        let granted = met(licence.clone(), grant).unwrap();
        assert_eq!(granted.extent, both, "{ours:?} under {theirs:?}");
        let granted = given(&own(), &partner(vec![licence])).unwrap();
        assert_eq!(granted.extent, ours, "own works have no inbound limit");
    }
}

#[test]
fn the_shorter_excerpt_counts() {
    // The site's own excerpt has 200 characters; a grant names no length.
    for (name, ours, chars, theirs, both) in [
        (
            "ours is short",
            Extent::Excerpt,
            Some(100),
            Some(Extent::Excerpt),
            100,
        ),
        (
            "ours is long",
            Extent::Excerpt,
            Some(500),
            Some(Extent::Excerpt),
            200,
        ),
        (
            "ours is usual",
            Extent::Excerpt,
            None,
            Some(Extent::Excerpt),
            200,
        ),
        (
            "theirs is whole",
            Extent::Excerpt,
            Some(500),
            Some(Extent::Full),
            500,
        ),
        (
            "theirs is whole, ours usual",
            Extent::Excerpt,
            None,
            Some(Extent::Full),
            200,
        ),
        (
            "ours is whole",
            Extent::Full,
            None,
            Some(Extent::Excerpt),
            200,
        ),
        (
            "a length of a whole",
            Extent::Full,
            Some(5),
            Some(Extent::Excerpt),
            200,
        ),
        ("own", Extent::Excerpt, Some(500), None, 500),
        ("own, usual", Extent::Excerpt, None, None, 200),
        ("no excerpt", Extent::Full, Some(500), Some(Extent::Full), 0),
        (
            "a headline",
            Extent::Excerpt,
            Some(500),
            Some(Extent::Headline),
            0,
        ),
    ] {
        let licence = Licence {
            extent: ours,
            excerpt_chars: chars,
            ..licence(1)
        };
        let rights = theirs.map_or_else(own, |max_extent| {
            reprint(vec![Grant {
                max_extent,
                ..outward(1)
            }])
        });
        let decision = decide(&rights, &partner(vec![licence]), now()).unwrap();
        assert_eq!(decision.excerpt_chars, both, "{name}");
        assert_eq!(decision.granted.unwrap().excerpt_chars, both, "{name}");
    }
}

#[test]
fn the_lesser_alteration_counts() {
    for (n, ours) in Alteration::ALL.iter().enumerate() {
        let licence = Licence {
            alteration: *ours,
            ..licence(1)
        };
        for (m, theirs) in Alteration::ALL.iter().enumerate() {
            let grant = Grant {
                alteration: *theirs,
                ..outward(1)
            };
            let both = met(licence.clone(), grant).unwrap().alteration;
            assert_eq!(both, Alteration::ALL[n.min(m)], "{ours:?} under {theirs:?}");
        }
        let of_own = given(&own(), &partner(vec![licence])).unwrap();
        assert_eq!(of_own.alteration, *ours);
    }
}

#[test]
fn the_first_end_counts() {
    /// Hours from now on.
    #[derive(Clone, Copy, Default)]
    struct Ends {
        unpublished: Option<i64>,
        withdrawn: Option<i64>,
        licence: Option<i64>,
        grant: Option<i64>,
        archive_days: Option<i64>,
        embargo: Option<i64>,
    }
    let none = Ends::default();
    let all = Ends {
        unpublished: Some(5),
        withdrawn: Some(6),
        licence: Some(7),
        grant: Some(8),
        archive_days: Some(2),
        embargo: None,
    };
    for (name, ends, end) in [
        ("no end", none, None),
        ("unpublished", all, Some(5)),
        (
            "withdrawn",
            Ends {
                withdrawn: Some(1),
                ..all
            },
            Some(1),
        ),
        (
            "licence",
            Ends {
                licence: Some(1),
                ..all
            },
            Some(1),
        ),
        (
            "grant",
            Ends {
                grant: Some(1),
                ..all
            },
            Some(1),
        ),
        // Published a day ago.
        (
            "archive",
            Ends {
                unpublished: Some(50),
                withdrawn: None,
                licence: None,
                grant: None,
                ..all
            },
            Some(24),
        ),
        (
            "embargo",
            Ends {
                embargo: Some(3),
                ..all
            },
            Some(3),
        ),
        (
            "embargo alone",
            Ends {
                embargo: Some(3),
                ..none
            },
            Some(3),
        ),
        (
            "embargo after the licence",
            Ends {
                embargo: Some(30),
                ..all
            },
            Some(5),
        ),
        (
            "archive after an embargo",
            Ends {
                embargo: Some(-2),
                archive_days: Some(1),
                ..none
            },
            Some(22),
        ),
    ] {
        let lifecycle = Lifecycle {
            unpublish_at: ends.unpublished.map(hours),
            embargoed_until: ends.embargo.map(hours),
            withdrawal: ends
                .withdrawn
                .and_then(|n| withdrawn(ReasonClass::Editorial, hours(n)).withdrawal),
            ..published()
        };
        let rights = Rights {
            lifecycle,
            ..reprint(vec![Grant {
                valid_until: ends.grant.map(hours),
                ..outward(1)
            }])
        };
        let licence = Licence {
            valid_until: ends.licence.map(hours),
            archive_days: ends.archive_days,
            embargo_privilege: true,
            ..licence(1)
        };
        let decision = decide(&rights, &partner(vec![licence]), now()).unwrap();
        assert_eq!(decision.valid_until, end.map(hours), "{name}");
        assert_eq!(
            decision.granted.unwrap().valid_until,
            end.map(hours),
            "{name}"
        );
        assert_eq!(
            decision.embargoed,
            ends.embargo.is_some_and(|n| n > 0),
            "{name}"
        );
    }
}

#[test]
fn the_rest_is_the_licence_s() {
    let licence = Licence {
        revision: 12,
        cache_max_age_seconds: 77,
        removal_deadline_hours: 6,
        indexing: Indexing::Allowed,
        ..licence(21)
    };
    let expected = Granted {
        licence: id(21),
        licence_revision: 12,
        grant: Some(id(31)),
        extent: Extent::Full,
        excerpt_chars: 0,
        valid_until: None,
        alteration: Alteration::None,
        indexing: Indexing::Allowed,
        cache_max_age_seconds: 77,
        removal_deadline_hours: 6,
        ai_input: false,
        ai_train: false,
    };
    assert_eq!(met(licence.clone(), outward(31)).as_ref(), Some(&expected));
    let of_own = Granted {
        grant: None,
        alteration: Alteration::Cut,
        ..expected
    };
    assert_eq!(given(&own(), &partner(vec![licence])), Some(of_own));
}
