//! Why a decision came out as it did, and what of that is told to the reader.

use super::*;
use crate::rights::explain::missing;

/// The steps of a decision as `rule fact holds [axis]`, a line each. The decision is the same.
fn told(rights: &Rights, use_: &Use) -> String {
    let steps = steps(rights, use_);
    let line = |step: &Step| {
        let mark = if step.holds { '+' } else { '-' };
        let axis = step.axis.map_or("", |axis| axis.as_str());
        format!("{mark}{} {} {axis}", step.rule, step.fact)
            .trim_end()
            .to_owned()
    };
    steps.iter().map(line).collect::<Vec<_>>().join("; ")
}

fn steps(rights: &Rights, use_: &Use) -> Vec<Step> {
    let mut steps = Vec::new();
    let traced = decide_traced(rights, use_, now(), &mut steps);
    assert_eq!(traced, decide(rights, use_, now()));
    assert!(steps.iter().all(|step| !step.detail.is_empty()));
    steps
}

#[test]
fn readers_without_licences() {
    let kept = Grant {
        may_redistribute: false,
        ..grant(1)
    };
    let web = outside(Audience::FirstParty, Channel::Web);
    let public = outside(Audience::Public, Channel::Web);
    let closed = Rights {
        site: Arc::new(Site {
            public_extent: PublicExtent::Stub,
            ..site()
        }),
        ..own()
    };
    let unsourced = Rights {
        source: None,
        ..own()
    };
    for (rights, use_, chain) in [
        (own(), &web, "+8 visibility; +13 origin; +21 audience"),
        (own(), &public, "+8 visibility; +13 origin; +24 audience"),
        (closed, &public, "+8 visibility; +13 origin; -24 audience"),
        (
            reprint(vec![grant(1)]),
            &web,
            "+8 visibility; +21 grant; +21 audience",
        ),
        (
            reprint(Vec::new()),
            &web,
            "+8 visibility; -21 grant; -21 audience",
        ),
        (
            reprint(vec![grant(1)]),
            &public,
            "+8 visibility; +16 grant; +24 audience",
        ),
        (
            reprint(vec![kept.clone()]),
            &web,
            "+8 visibility; +21 grant; +21 audience",
        ),
        (
            reprint(vec![kept]),
            &public,
            "+8 visibility; -16 grant; -24 audience",
        ),
        (
            unsourced.clone(),
            &web,
            "+8 visibility; -21 grant; -21 audience",
        ),
        (unsourced, &public, "+8 visibility; -16 grant; -24 audience"),
        (living(draft()), &web, "-19 visibility"),
        (living(embargoed()), &public, "-19 visibility"),
        (
            living(withdrawn(ReasonClass::Legal, now())),
            &web,
            "-17 visibility",
        ),
        (
            living(withdrawn(ReasonClass::Legal, hours(-24))),
            &web,
            "-17 visibility",
        ),
        (
            own(),
            &as_desk(Role::Viewer, 1),
            "+8 visibility; +4 audience",
        ),
        (
            living(draft()),
            &as_desk(Role::Author, 1),
            "-19 visibility; -4 audience",
        ),
        (
            living(draft()),
            &as_desk(Role::Author, OWNER),
            "-19 visibility; +4 audience",
        ),
    ] {
        assert_eq!(told(&rights, use_), chain);
    }
    let of = |use_| steps(&reprint(vec![grant(1)]), use_)[1].grant_id;
    assert_eq!((of(&web), of(&public)), (Some(id(1)), Some(id(1))));
}

#[test]
fn readers_with_licences() {
    let abroad = Licence {
        territories: vec![territory("DE")],
        ..licence(2)
    };
    let kept = Grant {
        may_redistribute: false,
        ..outward(2)
    };
    let stub = Grant {
        max_extent: Extent::Stub,
        ..outward(1)
    };
    let headline = Grant {
        max_extent: Extent::Headline,
        ..outward(1)
    };
    let early = Licence {
        embargo_privilege: true,
        ..licence(1)
    };
    let one = partner(vec![licence(1)]);
    for (rights, use_, chain) in [
        (own(), &partner(Vec::new()), "+8 visibility; -23 licence"),
        (own(), &crawler(Vec::new()), "+8 visibility; -25 licence"),
        (
            own(),
            &outside(Audience::Partner, Channel::Web),
            "+8 visibility; -23 licence",
        ),
        (
            own(),
            &one,
            "+8 visibility; +22 licence; +7 intersection; +22 licence",
        ),
        (
            own(),
            &partner(vec![abroad, licence(1)]),
            "+8 visibility; -22 licence territory; +22 licence; +7 intersection; +22 licence",
        ),
        (
            reprint(vec![outward(1), kept.clone()]),
            &one,
            "+8 visibility; +16 grant; -16 grant redistribution; +22 licence; +7 intersection; +22 licence",
        ),
        (
            reprint(vec![kept]),
            &one,
            "+8 visibility; -16 grant redistribution; +22 licence; -23 licence",
        ),
        (
            reprint(Vec::new()),
            &one,
            "+8 visibility; -16 grant; +22 licence; -23 licence",
        ),
        (
            reprint(vec![stub]),
            &one,
            "+8 visibility; +16 grant; +22 licence; -7 intersection redistribution; -23 licence",
        ),
        (
            reprint(vec![headline]),
            &one,
            "+8 visibility; +16 grant; +22 licence; +7 intersection extent; +22 licence",
        ),
        (
            reprint(vec![outward(1)]),
            &crawler(vec![ai_licence(1)]),
            "+8 visibility; +16 grant; +22 licence; -7 intersection ai; -25 licence",
        ),
        (
            living(embargoed()),
            &one,
            "-19 visibility; -22 licence embargo; -23 licence",
        ),
        (
            living(embargoed()),
            &partner(vec![early]),
            "-19 visibility; +22 licence; +7 intersection; +22 licence",
        ),
    ] {
        assert_eq!(told(&rights, use_), chain);
    }
}

#[test]
fn steps_name_what_they_are_about() {
    let over = Grant {
        valid_until: Some(now()),
        ..outward(5)
    };
    let rights = reprint(vec![over, outward(6)]);
    let narrow = Licence {
        extent: Extent::Headline,
        ..licence(2)
    };
    let steps = steps(&rights, &partner(vec![narrow, licence(3)]));
    let named: Vec<_> = steps
        .iter()
        .map(|step| (step.fact, step.licence_id, step.grant_id))
        .collect();
    assert_eq!(
        named,
        [
            ("visibility", None, None),
            ("grant", None, Some(id(5))),
            ("grant", None, Some(id(6))),
            ("licence", Some(id(2)), None),
            ("intersection", Some(id(2)), Some(id(6))),
            ("licence", Some(id(3)), None),
            ("intersection", Some(id(3)), Some(id(6))),
            ("licence", Some(id(3)), Some(id(6))),
        ]
    );
    let written = serde_json::to_value(&steps[0]).unwrap();
    assert_eq!(written["rule"], 8);
    assert!(written.get("axis").is_none() && written.get("grant_id").is_none());
}

#[test]
fn what_is_missing_is_told_as_far_as_it_is_fit_to_be() {
    let refusing = |turn: fn(&mut Licence)| {
        let mut licence = licence(1);
        turn(&mut licence);
        partner(vec![licence])
    };
    let suspended = || refusing(|l| l.status = LicenceStatus::Suspended);
    let other_works = || refusing(|l| l.selector = Selector::default());
    let kept = Grant {
        may_redistribute: false,
        ..outward(1)
    };
    let over = Grant {
        valid_until: Some(now()),
        ..outward(1)
    };
    let stub = Grant {
        max_extent: Extent::Stub,
        ..outward(1)
    };
    let headline = Grant {
        max_extent: Extent::Headline,
        ..outward(1)
    };
    use Axis::{Ai, Archive, Extent as Much, Licence as Any, Redistribution, Status, Territory};
    for (name, rights, use_, axes) in [
        ("no licence", own(), partner(Vec::new()), vec![Any]),
        (
            "no holder",
            own(),
            outside(Audience::Partner, Channel::Web),
            vec![Any],
        ),
        (
            "no source's leave either",
            reprint(vec![kept.clone()]),
            partner(Vec::new()),
            vec![Any, Redistribution],
        ),
        ("of other works", own(), other_works(), vec![Any]),
        ("suspended", own(), suspended(), vec![Status]),
        // A licence about other works tells nothing, whatever else is wrong with it.
        (
            "suspended, of other works",
            own(),
            refusing(|l| {
                l.status = LicenceStatus::Suspended;
                l.selector = Selector::default();
            }),
            vec![Any],
        ),
        (
            "each licence tells its side",
            own(),
            partner(vec![
                Licence {
                    archive_days: Some(0),
                    ..licence(2)
                },
                Licence {
                    territories: Vec::new(),
                    ..licence(1)
                },
                Licence {
                    status: LicenceStatus::Suspended,
                    ..licence(3)
                },
                Licence {
                    selector: Selector::default(),
                    ..licence(4)
                },
                Licence {
                    status: LicenceStatus::Suspended,
                    ..licence(5)
                },
            ]),
            vec![Status, Territory, Archive],
        ),
        (
            "kept by the source",
            reprint(vec![kept]),
            partner(vec![licence(1)]),
            vec![Redistribution],
        ),
        // Which of the source's terms fails is the desk's to know.
        (
            "over",
            reprint(vec![over.clone()]),
            partner(vec![licence(1)]),
            vec![Redistribution],
        ),
        (
            "nothing granted",
            reprint(Vec::new()),
            partner(vec![licence(1)]),
            vec![Redistribution],
        ),
        (
            "nothing of it granted",
            reprint(vec![stub]),
            partner(vec![licence(1)]),
            vec![Redistribution],
        ),
        // A grant that fails beside one that holds keeps nobody from anything.
        (
            "suspended, one grant holds",
            reprint(vec![over, outward(2)]),
            suspended(),
            vec![Status],
        ),
        (
            "no body by the source",
            reprint(vec![headline]),
            partner(vec![licence(1)]),
            vec![Much],
        ),
        (
            "no body by the licence",
            own(),
            refusing(|l| l.extent = Extent::Headline),
            vec![Much],
        ),
        (
            "no AI by the licence",
            own(),
            crawler(vec![Licence {
                ai_input: false,
                ..ai_licence(1)
            }]),
            vec![Ai],
        ),
        (
            "no AI by the source",
            reprint(vec![outward(1)]),
            crawler(vec![ai_licence(1)]),
            vec![Ai],
        ),
        (
            "nothing is missing",
            own(),
            partner(vec![licence(1)]),
            vec![],
        ),
        (
            "nothing of an excerpt",
            own(),
            refusing(|l| l.extent = Extent::Excerpt),
            vec![],
        ),
    ] {
        assert_eq!(missing(&steps(&rights, &use_)), axes, "{name}");
    }
}
