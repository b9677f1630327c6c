//! What a work needs before readers may see it, one fault per missing item.

use super::*;
use crate::rights::publish::{Listing, obstacles};

#[test]
fn what_stands_between_a_work_and_its_publication() {
    type Row = (
        &'static str,
        Rights,
        Listing,
        Vec<(&'static str, &'static str)>,
    );
    let table: Vec<Row> = {
        let whole = || reprint(vec![grant(1)]);
        let original = |change: &dyn Fn(&mut Original)| {
            let mut rights = whole();
            change(rights.original.as_mut().unwrap());
            rights
        };
        let without = |kind| {
            let notices = site()
                .notices
                .into_iter()
                .filter(|notice| notice.kind != kind)
                .collect();
            Arc::new(Site { notices, ..site() })
        };
        let unstated = Unstated {
            reason: "No byline.".to_owned(),
        };
        let nameless = Editor {
            name: "C. An".to_owned(),
            real_name: None,
        };
        vec![
            ("own", own(), Listing::NoList, vec![]),
            ("own is on no list", own(), Listing::Unlisted, vec![]),
            (
                "own needs no editor",
                Rights {
                    editor: None,
                    ..own()
                },
                Listing::NoList,
                vec![],
            ),
            ("reprint", whole(), Listing::Listed, vec![]),
            (
                "no source",
                Rights {
                    source: None,
                    ..own()
                },
                Listing::NoList,
                vec![("/source_id", "required")],
            ),
            (
                "title",
                original(&|o| o.title = None),
                Listing::NoList,
                vec![("/original/title", "required")],
            ),
            (
                "authors",
                original(&|o| o.authors.clear()),
                Listing::NoList,
                vec![("/original/authors", "required")],
            ),
            (
                "unstated",
                original(&|o| {
                    o.authors.clear();
                    o.author_unstated = Some(unstated.clone());
                }),
                Listing::NoList,
                vec![],
            ),
            (
                "reference",
                original(&|o| o.url = None),
                Listing::NoList,
                vec![("/original/url", "required")],
            ),
            (
                "in print",
                original(&|o| {
                    o.url = None;
                    o.print_ref = Some("Page 3".to_owned());
                }),
                Listing::NoList,
                vec![],
            ),
            (
                "editor",
                Rights {
                    editor: None,
                    ..whole()
                },
                Listing::NoList,
                vec![("/editor_id", "required")],
            ),
            (
                "real name",
                Rights {
                    editor: Some(nameless),
                    ..whole()
                },
                Listing::NoList,
                vec![("/editor_id", "real_name_required")],
            ),
            (
                "grant",
                Rights {
                    grants: Vec::new(),
                    ..whole()
                },
                Listing::NoList,
                vec![("/source_id", "no_inbound_grant")],
            ),
            (
                "other channel",
                Rights {
                    grants: vec![Grant {
                        channels: vec![Channel::Syndication],
                        ..grant(1)
                    }],
                    ..whole()
                },
                Listing::NoList,
                vec![("/source_id", "no_inbound_grant")],
            ),
            (
                "app is enough",
                Rights {
                    grants: vec![Grant {
                        channels: vec![Channel::App],
                        ..grant(1)
                    }],
                    ..whole()
                },
                Listing::NoList,
                vec![],
            ),
            (
                "expired",
                Rights {
                    grants: vec![Grant {
                        valid_until: Some(now()),
                        ..grant(1)
                    }],
                    ..whole()
                },
                Listing::NoList,
                vec![("/source_id", "no_inbound_grant")],
            ),
            (
                "unlisted",
                whole(),
                Listing::Unlisted,
                vec![("/source_id", "source_not_listed")],
            ),
            (
                "own notice",
                Rights {
                    site: without(NoticeKind::OwnWork),
                    ..own()
                },
                Listing::NoList,
                vec![("", "notice_required")],
            ),
            (
                "reprint notice",
                Rights {
                    site: without(NoticeKind::Reprint),
                    ..whole()
                },
                Listing::NoList,
                vec![("", "notice_required")],
            ),
            (
                "not its notice",
                Rights {
                    site: without(NoticeKind::Reprint),
                    ..own()
                },
                Listing::NoList,
                vec![],
            ),
            (
                "contact",
                Rights {
                    site: without(NoticeKind::Contact),
                    ..own()
                },
                Listing::NoList,
                vec![("", "notice_required")],
            ),
            (
                "everything at once",
                Rights {
                    editor: None,
                    original: None,
                    grants: Vec::new(),
                    site: Arc::new(Site {
                        notices: Vec::new(),
                        ..site()
                    }),
                    ..whole()
                },
                Listing::Unlisted,
                vec![
                    ("/original/title", "required"),
                    ("/original/authors", "required"),
                    ("/original/url", "required"),
                    ("/editor_id", "required"),
                    ("/source_id", "no_inbound_grant"),
                    ("/source_id", "source_not_listed"),
                    ("", "notice_required"),
                    ("", "notice_required"),
                ],
            ),
            (
                "a reprint that lost its source",
                Rights {
                    source: None,
                    editor: None,
                    original: Some(Original::default()),
                    ..whole()
                },
                Listing::NoList,
                vec![
                    ("/source_id", "required"),
                    ("/original/title", "required"),
                    ("/original/authors", "required"),
                    ("/original/url", "required"),
                    ("/editor_id", "required"),
                ],
            ),
        ]
    };
    for (name, rights, listing, expected) in table {
        let faults = obstacles(&rights, listing, now());
        let found: Vec<_> = faults
            .iter()
            .map(|fault| (fault.pointer.as_str(), fault.code))
            .collect();
        assert_eq!(found, expected, "{name}");
    }
}
