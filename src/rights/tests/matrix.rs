//! The matrix, cell by cell.

use super::*;

#[test]
fn the_matrix() {
    let web_only = Grant {
        channels: vec![Channel::Web],
        ..grant(1)
    };
    let app_only = Grant {
        channels: vec![Channel::App],
        ..grant(1)
    };
    let others_only = Grant {
        channels: vec![Channel::Syndication, Channel::Ai],
        ..grant(1)
    };
    let kept = Grant {
        may_redistribute: false,
        ..grant(1)
    };
    let short = |extent| Grant {
        max_extent: extent,
        ..grant(1)
    };
    let expired = Grant {
        valid_until: Some(now()),
        ..grant(1)
    };
    let to_come = Grant {
        valid_from: now() + tick(),
        ..grant(1)
    };
    let abroad = Grant {
        territories: vec![territory("DE")],
        ..grant(1)
    };
    let nowhere = Grant {
        territories: Vec::new(),
        ..grant(1)
    };
    let embargo = Lifecycle {
        embargoed_until: Some(hours(1)),
        ..published()
    };
    let unsourced = Rights {
        source: None,
        grants: vec![grant(1)],
        ..own()
    };
    //                                                                admin rights editor owner author viewer | web app partner syndication public crawler
    let table: &[(&str, Rights, &str)] = &[
        (
            "own",
            own(),
            "full full full full full full full full stub stub excerpt stub",
        ),
        (
            "redistributable",
            reprint(vec![grant(1)]),
            "full full full full full full full full stub stub excerpt stub",
        ),
        (
            "not redistributable",
            reprint(vec![kept.clone()]),
            "full full full full full full full full stub stub stub stub",
        ),
        (
            "web only",
            reprint(vec![web_only]),
            "full full full full full full full stub stub stub excerpt stub",
        ),
        (
            "app only",
            reprint(vec![app_only]),
            "full full full full full full stub full stub stub stub stub",
        ),
        (
            "other channels only",
            reprint(vec![others_only]),
            "full full full full full full stub stub stub stub stub stub",
        ),
        (
            "an excerpt",
            reprint(vec![short(Extent::Excerpt)]),
            "full full full full full full excerpt excerpt stub stub excerpt stub",
        ),
        (
            "a headline",
            reprint(vec![short(Extent::Headline)]),
            "full full full full full full headline headline stub stub headline stub",
        ),
        (
            "a stub",
            reprint(vec![short(Extent::Stub)]),
            "full full full full full full stub stub stub stub stub stub",
        ),
        (
            "expired",
            reprint(vec![expired]),
            "full full full full full full stub stub stub stub stub stub",
        ),
        (
            "to come",
            reprint(vec![to_come]),
            "full full full full full full stub stub stub stub stub stub",
        ),
        (
            "abroad",
            reprint(vec![abroad]),
            "full full full full full full stub stub stub stub stub stub",
        ),
        (
            "nowhere",
            reprint(vec![nowhere]),
            "full full full full full full stub stub stub stub stub stub",
        ),
        (
            "no grant",
            reprint(Vec::new()),
            "full full full full full full stub stub stub stub stub stub",
        ),
        // Axes are never joined: the public gets the grant that may be passed on, and its extent.
        (
            "two grants",
            reprint(vec![
                kept,
                Grant {
                    id: id(2),
                    ..short(Extent::Headline)
                },
            ]),
            "full full full full full full full full stub stub headline stub",
        ),
        (
            "no source",
            unsourced,
            "full full full full full full stub stub stub stub stub stub",
        ),
        (
            "withdrawn",
            living(withdrawn(ReasonClass::Editorial, now())),
            "full full full full 404 headline 410 410 410 410 410 410",
        ),
        (
            "on demand",
            living(withdrawn(ReasonClass::Legal, now())),
            "full full full full 404 headline 451 451 451 451 451 451",
        ),
        (
            "unseen",
            living(withdrawn(ReasonClass::Legal, hours(-24))),
            "full full full full 404 headline 404 404 404 404 404 404",
        ),
        (
            "ended",
            living(Lifecycle {
                unpublish_at: Some(now()),
                ..published()
            }),
            "full full full full 404 headline 410 410 410 410 410 410",
        ),
        (
            "embargoed",
            living(embargo.clone()),
            "full full full full 404 headline 404 404 404 404 404 404",
        ),
        (
            "embargoed draft",
            living(Lifecycle {
                embargoed_until: Some(hours(1)),
                ..draft()
            }),
            "full full full full 404 headline 404 404 404 404 404 404",
        ),
        (
            "due under embargo",
            living(Lifecycle {
                publish_at: Some(hours(1)),
                embargoed_until: Some(hours(2)),
                ..published()
            }),
            "full full full full 404 headline 404 404 404 404 404 404",
        ),
        (
            "embargo over",
            living(Lifecycle {
                embargoed_until: Some(now()),
                ..published()
            }),
            "full full full full full full full full stub stub excerpt stub",
        ),
        (
            "draft",
            living(draft()),
            "full full full full 404 full 404 404 404 404 404 404",
        ),
        (
            "in review",
            living(Lifecycle {
                stage: Stage::Review,
                ..draft()
            }),
            "full full full full 404 full 404 404 404 404 404 404",
        ),
        (
            "scheduled",
            living(Lifecycle {
                stage: Stage::Scheduled,
                publish_at: Some(now() + tick()),
                ..published()
            }),
            "full full full full 404 full 404 404 404 404 404 404",
        ),
    ];
    for (name, rights, row) in table {
        let cells: Vec<&str> = row.split(' ').collect();
        assert_eq!(cells.len(), readers().len(), "{name}");
        for ((reader, use_), expected) in readers().iter().zip(cells) {
            assert_eq!(
                word(&decide(rights, use_, now())),
                expected,
                "{reader} × {name}"
            );
        }
    }
}

#[test]
fn the_public_gets_what_the_setting_says_and_the_grant_allows() {
    for (setting, of_own, of_excerpt, of_headline) in [
        (PublicExtent::Stub, "stub", "stub", "stub"),
        (PublicExtent::Excerpt, "excerpt", "excerpt", "headline"),
        (PublicExtent::Full, "full", "excerpt", "headline"),
    ] {
        let site = Arc::new(Site {
            public_extent: setting,
            ..site()
        });
        let public = outside(Audience::Public, Channel::Web);
        let given = |rights: Rights| {
            word(&decide(
                &Rights {
                    site: Arc::clone(&site),
                    ..rights
                },
                &public,
                now(),
            ))
        };
        let short = |extent| {
            reprint(vec![Grant {
                max_extent: extent,
                ..grant(1)
            }])
        };
        assert_eq!(given(own()), of_own, "{setting:?}");
        assert_eq!(given(short(Extent::Excerpt)), of_excerpt, "{setting:?}");
        assert_eq!(given(short(Extent::Headline)), of_headline, "{setting:?}");
        let kept = reprint(vec![Grant {
            may_redistribute: false,
            ..grant(1)
        }]);
        assert_eq!(given(kept), "stub", "{setting:?}");
    }
}

#[test]
fn a_key_reads_where_it_is_for() {
    let abroad = Grant {
        territories: vec![territory("DE")],
        ..grant(1)
    };
    let key = |code| Use {
        territory: Some(territory(code)),
        ..outside(Audience::FirstParty, Channel::App)
    };
    assert_eq!(
        word(&decide(&reprint(vec![abroad.clone()]), &key("DE"), now())),
        "full"
    );
    assert_eq!(
        word(&decide(&reprint(vec![abroad]), &key("CN"), now())),
        "stub"
    );
    assert_eq!(
        word(&decide(&reprint(vec![grant(1)]), &key("DE"), now())),
        "stub"
    );
    assert_eq!(
        word(&decide(&own(), &key("DE"), now())),
        "full",
        "own works have no inbound limit"
    );
}

#[test]
fn sensitive_readings_of_the_desk_are_logged() {
    let embargo = || Lifecycle {
        embargoed_until: Some(hours(1)),
        ..published()
    };
    for (name, lifecycle, logged) in [
        ("live", published(), false),
        ("draft", draft(), false),
        ("embargoed", embargo(), true),
        (
            "embargoed draft",
            Lifecycle {
                embargoed_until: Some(hours(1)),
                ..draft()
            },
            true,
        ),
        ("withdrawn", withdrawn(ReasonClass::Editorial, now()), true),
        (
            "withdrawn unseen",
            withdrawn(ReasonClass::Editorial, hours(-25)),
            true,
        ),
        (
            "ended",
            Lifecycle {
                unpublish_at: Some(hours(-1)),
                ..published()
            },
            true,
        ),
    ] {
        for (reader, use_) in readers().into_iter().take(6) {
            let Ok(decision) = decide(&living(lifecycle.clone()), &use_, now()) else {
                continue;
            };
            let body = decision.extent == Extent::Full;
            assert_eq!(decision.logged, logged && body, "{reader} × {name}");
        }
    }
}
