//! Which of several licences is used, and that nothing is joined across them.

use super::*;
use crate::kernel::id::{GrantId, LicenceId};

/// Which licence and which grant are used: in this order and in the other one.
fn chosen(grants: &[Grant], licences: &[Licence]) -> Option<(LicenceId, Option<GrantId>)> {
    let pick = |grants: Vec<Grant>, licences: Vec<Licence>| {
        let rights = if grants.is_empty() {
            own()
        } else {
            reprint(grants)
        };
        given(&rights, &partner(licences)).map(|granted| (granted.licence, granted.grant))
    };
    let first = pick(grants.to_vec(), licences.to_vec());
    let turned = |of: &[Licence]| of.iter().rev().cloned().collect();
    let other = pick(grants.iter().rev().cloned().collect(), turned(licences));
    assert_eq!(first, other, "order does not matter");
    first
}

fn ours(licences: &[Licence]) -> LicenceId {
    chosen(&[], licences).unwrap().0
}

#[test]
fn the_widest_then_the_longest_then_the_latest_then_the_lowest() {
    let excerpt = |n, chars| Licence {
        extent: Extent::Excerpt,
        excerpt_chars: Some(chars),
        ..licence(n)
    };
    let until = |n, end| Licence {
        valid_until: Some(hours(end)),
        ..licence(n)
    };
    let headline = |n| Licence {
        extent: Extent::Headline,
        ..licence(n)
    };
    for (name, licences, used) in [
        ("lowest id", vec![licence(2), licence(1), licence(3)], 1),
        ("widest", vec![headline(1), excerpt(2, 900), until(3, 1)], 3),
        (
            "excerpt before headline",
            vec![headline(1), excerpt(2, 1)],
            2,
        ),
        (
            "longest",
            vec![excerpt(1, 100), excerpt(2, 300), excerpt(3, 200)],
            2,
        ),
        (
            "longest before latest",
            vec![
                excerpt(1, 100),
                Licence {
                    valid_until: Some(hours(1)),
                    ..excerpt(2, 300)
                },
            ],
            2,
        ),
        ("latest", vec![until(1, 2), until(2, 4), until(3, 3)], 2),
        ("no end is later than any", vec![until(1, 2), licence(2)], 2),
        ("the same end", vec![until(2, 2), until(1, 2)], 1),
    ] {
        assert_eq!(ours(&licences), id(used), "{name}");
    }
    // An end that is not the licence's own makes them equal.
    let rights = living(Lifecycle {
        unpublish_at: Some(hours(1)),
        ..published()
    });
    let use_ = partner(vec![until(1, 2), until(2, 4)]);
    assert_eq!(given(&rights, &use_).unwrap().licence, id(1));
}

#[test]
fn a_licence_that_does_not_reach_is_not_chosen() {
    let wide = Licence {
        territories: vec![territory("DE")],
        ..licence(1)
    };
    let narrow = Licence {
        extent: Extent::Headline,
        ..licence(2)
    };
    assert_eq!(ours(&[wide.clone(), narrow.clone()]), id(2));
    assert_eq!(chosen(&[], &[wide]), None);
    assert_eq!(chosen(&[], &[]), None);
    assert_eq!(ours(&[narrow]), id(2));
}

#[test]
fn axes_are_never_joined_across_licences() {
    let elsewhere = Licence {
        channels: vec![Channel::Web],
        ..licence(1)
    };
    let abroad = Licence {
        territories: vec![territory("DE")],
        ..licence(2)
    };
    assert_eq!(chosen(&[], &[elsewhere.clone(), abroad.clone()]), None);
    // The extent of one, the end and the terms of another: no.
    let short = Licence {
        valid_until: Some(hours(1)),
        alteration: Alteration::None,
        cache_max_age_seconds: 1,
        ..licence(3)
    };
    let narrow = Licence {
        extent: Extent::Headline,
        alteration: Alteration::Translate,
        ai_input: true,
        ..licence(4)
    };
    let granted = given(&own(), &partner(vec![elsewhere, abroad, short, narrow])).unwrap();
    assert_eq!(
        (granted.licence, granted.valid_until, granted.alteration),
        (id(3), Some(hours(1)), Alteration::None)
    );
    assert_eq!(
        (granted.cache_max_age_seconds, granted.ai_input),
        (1, false)
    );
}

#[test]
fn axes_are_never_joined_across_grants() {
    let kept = Grant {
        may_redistribute: false,
        ..outward(1)
    };
    let own_channels = grant(2);
    let abroad = Grant {
        territories: vec![territory("DE")],
        ..outward(3)
    };
    let over = Grant {
        valid_until: Some(now()),
        ..outward(4)
    };
    let licences = [licence(1)];
    let apart = [kept, own_channels, abroad, over];
    assert_eq!(chosen(&apart, &licences), None);
    // The widest of those that do: with its own end and alteration.
    let short = Grant {
        valid_until: Some(hours(2)),
        ..outward(6)
    };
    let narrow = Grant {
        max_extent: Extent::Headline,
        alteration: Alteration::Translate,
        ..outward(5)
    };
    let all = [&apart[..], &[narrow.clone(), short.clone()]].concat();
    assert_eq!(chosen(&all, &licences), Some((id(1), Some(id(6)))));
    let granted = given(&reprint(vec![narrow, short]), &partner(vec![licence(1)])).unwrap();
    assert_eq!(granted.valid_until, Some(hours(2)));
    assert_eq!(granted.alteration, Alteration::None);
    // Among equals the lowest, and the licence before the grant.
    let licences = [licence(2), licence(1)];
    let grants = [outward(8), outward(7)];
    assert_eq!(chosen(&grants, &licences), Some((id(1), Some(id(7)))));
    // The choice is among pairs: what a licence promises counts as far as the grant lets it.
    let two = [
        Licence {
            extent: Extent::Headline,
            ..licence(1)
        },
        licence(2),
    ];
    let headline = Grant {
        max_extent: Extent::Headline,
        ..outward(1)
    };
    assert_eq!(chosen(&[headline], &two), Some((id(1), Some(id(1)))));
}

#[test]
fn a_reader_s_reach() {
    let open = licence(1);
    let closed = Licence {
        status: LicenceStatus::Suspended,
        ..licence(2)
    };
    let other_works = Licence {
        selector: Selector::default(),
        embargo_privilege: false,
        archive_days: Some(0),
        ..licence(3)
    };
    let use_ = partner(vec![open.clone(), closed, other_works.clone()]);
    let reach = use_.holder.as_ref().unwrap().reach(&use_, now());
    assert_eq!(reach.licences, [open, other_works]);
    assert_eq!(reach.inbound, Some((Channel::Syndication, territory("CN"))));
    let use_ = crawler(vec![ai_licence(1), licence(2)]);
    let reach = use_.holder.as_ref().unwrap().reach(&use_, now());
    assert_eq!(reach.licences, [ai_licence(1)]);
    assert_eq!(reach.inbound, Some((Channel::Ai, territory("CN"))));
    let nowhere = Use {
        territory: None,
        ..use_
    };
    let reach = nowhere.holder.as_ref().unwrap().reach(&nowhere, now());
    assert_eq!(reach, crate::rights::licence::Reach::default());
}
