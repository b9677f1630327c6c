//! Instants: half-open, exact, and told beforehand where they are known.

use super::*;
use crate::rights::lifecycle::Visibility;

#[test]
fn times_are_half_open() {
    let live = |v: &Visibility| matches!(v, Visibility::Live { .. });
    let gone = |v: &Visibility| matches!(v, Visibility::Withdrawn(_));
    let unseen = |v: &Visibility| matches!(v, Visibility::WithdrawnUnseen(_));
    let held = |v: &Visibility| *v == Visibility::Embargoed;
    let not_yet = |v: &Visibility| *v == Visibility::Unpublished;
    type Is = fn(&Visibility) -> bool;
    // What it is just before the boundary, and from it on.
    let table: [(&str, Lifecycle, DateTime<Utc>, Is, Is); 7] = [
        (
            "publication",
            Lifecycle {
                publish_at: Some(hours(1)),
                ..published()
            },
            hours(1),
            not_yet,
            live,
        ),
        (
            "embargo",
            Lifecycle {
                embargoed_until: Some(hours(1)),
                ..published()
            },
            hours(1),
            held,
            live,
        ),
        (
            "due before the embargo ends",
            Lifecycle {
                publish_at: Some(hours(1)),
                embargoed_until: Some(hours(2)),
                ..published()
            },
            hours(1),
            not_yet,
            held,
        ),
        (
            "end",
            Lifecycle {
                unpublish_at: Some(hours(1)),
                ..published()
            },
            hours(1),
            live,
            gone,
        ),
        (
            "withdrawal",
            withdrawn(ReasonClass::Legal, hours(1)),
            hours(1),
            live,
            gone,
        ),
        (
            "end before it was seen",
            Lifecycle {
                embargoed_until: Some(hours(2)),
                unpublish_at: Some(hours(1)),
                ..published()
            },
            hours(1),
            held,
            unseen,
        ),
        (
            "withdrawn as it came",
            withdrawn(ReasonClass::Legal, hours(-24)),
            hours(-24),
            not_yet,
            unseen,
        ),
    ];
    for (name, lifecycle, boundary, before, after) in table {
        for (step, is) in [
            (-tick(), before),
            (TimeDelta::zero(), after),
            (tick(), after),
        ] {
            let seen = lifecycle.visibility(boundary + step);
            assert!(is(&seen), "{name}, {step}: {seen:?}");
        }
    }
    let (from, until) = (hours(-1), hours(1));
    let grant = Grant {
        valid_from: from,
        valid_until: Some(until),
        ..grant(1)
    };
    for (at, covers) in [
        (from - tick(), false),
        (from, true),
        (until - tick(), true),
        (until, false),
    ] {
        assert_eq!(
            grant.covers(Channel::Web, &territory("CN"), at),
            covers,
            "{at}"
        );
    }
}

#[test]
fn what_readers_never_had_is_withdrawn_at_its_instant_too() {
    let unseen = Lifecycle {
        has_live_version: false,
        ..withdrawn(ReasonClass::Editorial, hours(1))
    };
    assert_eq!(
        unseen.visibility(hours(1) - tick()),
        Visibility::Unpublished
    );
    let gone = unseen.visibility(hours(1));
    assert!(matches!(gone, Visibility::WithdrawnUnseen(_)), "{gone:?}");
}

#[test]
fn the_first_end_counts_and_a_hand_says_why() {
    let two = |withdrawn_at, unpublish_at| Lifecycle {
        unpublish_at: Some(unpublish_at),
        ..withdrawn(ReasonClass::Legal, withdrawn_at)
    };
    for (lifecycle, at, class) in [
        (two(hours(-2), hours(-1)), hours(-2), ReasonClass::Legal),
        // What had expired and was then withdrawn on a legal demand says so.
        (two(hours(-1), hours(-2)), hours(-2), ReasonClass::Legal),
        (two(hours(-1), hours(1)), hours(-1), ReasonClass::Legal),
    ] {
        let Visibility::Withdrawn(gone) = lifecycle.visibility(now()) else {
            panic!("{lifecycle:?}");
        };
        assert_eq!((gone.at, gone.reason_class), (at, class));
        assert_eq!(lifecycle.visible_until(), Some(at));
    }
}

#[test]
fn what_was_seen_is_not_deleted() {
    for (lifecycle, seen) in [
        (draft(), false),
        (published(), true),
        (
            Lifecycle {
                has_live_version: false,
                ..published()
            },
            false,
        ),
        (
            Lifecycle {
                embargoed_until: Some(hours(1)),
                ..published()
            },
            false,
        ),
        (withdrawn(ReasonClass::Editorial, now()), true),
        (withdrawn(ReasonClass::Editorial, hours(-24)), false),
        (
            Lifecycle {
                unpublish_at: Some(hours(-1)),
                ..published()
            },
            true,
        ),
    ] {
        assert_eq!(lifecycle.was_ever_visible(now()), seen, "{lifecycle:?}");
    }
}

#[test]
fn a_decision_names_the_first_instant_at_which_it_may_end() {
    let ending = |n: i64| Grant {
        valid_until: Some(hours(n)),
        ..grant(1)
    };
    let kept = Grant {
        may_redistribute: false,
        ..ending(5)
    };
    let web = outside(Audience::FirstParty, Channel::Web);
    let public = outside(Audience::Public, Channel::Web);
    let partner = outside(Audience::Partner, Channel::Web);
    let ends = |rights: Rights| Rights {
        lifecycle: Lifecycle {
            unpublish_at: Some(hours(3)),
            ..published()
        },
        ..rights
    };
    for (name, rights, use_, until) in [
        ("own", own(), &web, None),
        ("own with an end", ends(own()), &web, Some(3)),
        ("grant", reprint(vec![ending(2)]), &web, Some(2)),
        (
            "grant after the end",
            ends(reprint(vec![ending(5)])),
            &web,
            Some(3),
        ),
        (
            "grant before the end",
            ends(reprint(vec![ending(2)])),
            &public,
            Some(2),
        ),
        (
            "the longest of equals",
            reprint(vec![
                ending(2),
                Grant {
                    id: id(2),
                    ..ending(4)
                },
            ]),
            &public,
            Some(4),
        ),
        (
            "without end before with",
            reprint(vec![ending(2), grant(2)]),
            &public,
            None,
        ),
        (
            "withdrawal to come",
            living(withdrawn(ReasonClass::Legal, hours(1))),
            &web,
            Some(1),
        ),
        // What a grant does not give, its end does not take; and what sources allow us is the desk's.
        ("a stub for all time", reprint(vec![kept]), &public, None),
        (
            "a stub of what ends",
            ends(reprint(vec![ending(2)])),
            &partner,
            Some(3),
        ),
    ] {
        let decision = decide(&rights, use_, now()).unwrap();
        assert_eq!(decision.valid_until, until.map(hours), "{name}");
    }
}
