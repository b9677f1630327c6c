//! What a preview link gives: what the desk gives to its giver, and never more.

use super::*;

/// The givers, in the order of the tables' columns: an author of one's own, and of others' works.
fn givers() -> [(Use, Use); 6] {
    [
        (Role::Admin, 1),
        (Role::Rights, 2),
        (Role::Editor, 3),
        (Role::Author, OWNER),
        (Role::Author, 4),
        (Role::Viewer, 5),
    ]
    .map(|(role, user)| (previewing(role, user), as_desk(role, user)))
}

#[test]
fn a_link_gives_what_its_giver_has_and_a_tombstone_after_a_withdrawal() {
    let embargo = Lifecycle {
        embargoed_until: Some(hours(1)),
        ..published()
    };
    let draft = Lifecycle {
        stage: Stage::Draft,
        publish_at: None,
        has_live_version: false,
        ..published()
    };
    let over = Lifecycle {
        unpublish_at: Some(now()),
        ..published()
    };
    for (name, rights, expected) in [
        ("own", own(), "full full full full 404 full"),
        (
            "reprint",
            reprint(Vec::new()),
            "full full full full 404 full",
        ),
        ("draft", living(draft), "full full full full 404 full"),
        (
            "embargoed",
            living(embargo),
            "full full full full 404 headline",
        ),
        (
            "withdrawn",
            living(withdrawn(ReasonClass::Editorial, now())),
            "410 410 410 410 410 410",
        ),
        (
            "on demand",
            living(withdrawn(ReasonClass::Legal, now())),
            "451 451 451 451 451 451",
        ),
        (
            "unseen",
            living(withdrawn(ReasonClass::Legal, hours(-24))),
            "404 404 404 404 404 404",
        ),
        ("ended", living(over), "410 410 410 410 410 410"),
    ] {
        let given = givers().map(|(link, desk)| {
            let (link, desk) = (decide(&rights, &link, now()), decide(&rights, &desk, now()));
            // Never more than the desk gives, and on record where that is.
            if let Ok(link) = &link {
                assert_eq!(Ok(link), desk.as_ref(), "{name}");
            }
            word(&link)
        });
        assert_eq!(given.join(" "), expected, "{name}");
    }
}

#[test]
fn nothing_is_shown_by_a_link_without_its_credit() {
    let bare = Rights {
        source: None,
        ..own()
    };
    let unnoticed = Rights {
        site: std::sync::Arc::new(Site {
            notices: Vec::new(),
            ..(*own().site).clone()
        }),
        ..own()
    };
    for rights in [bare, unnoticed] {
        let (link, desk) = (previewing(Role::Editor, 3), as_desk(Role::Editor, 3));
        for (use_, attributed) in [(link, false), (desk, true)] {
            let decision = decide(&rights, &use_, now()).unwrap();
            assert_eq!(
                Attribution::of(&rights, &use_, &decision).is_some(),
                attributed
            );
        }
    }
}
