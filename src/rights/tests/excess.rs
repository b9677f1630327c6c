//! What a licence promises beyond what the source's grants hold.

use super::*;
use crate::rights::licence::excess;

/// The site's own excerpt.
const USUAL: usize = 200;

fn excerpt(licence: &mut Licence, chars: Option<usize>) {
    licence.extent = Extent::Excerpt;
    licence.excerpt_chars = chars;
}

#[test]
fn each_axis_alone() {
    type Turn = fn(&mut Licence, &mut Grant);
    let table: [(&str, &[Axis], Turn); 28] = [
        ("within", &[], |_, _| {}),
        ("kept", &[Axis::Redistribution], |_, g| {
            g.may_redistribute = false;
        }),
        ("no syndication", &[Axis::Channel], |_, g| {
            g.channels = vec![Channel::Web, Channel::Ai];
        }),
        ("syndication alone", &[], |_, g| {
            g.channels = vec![Channel::Syndication];
        }),
        ("the web of partners", &[], |l, g| {
            l.channels = vec![Channel::Web, Channel::App];
            g.channels = vec![Channel::Syndication];
        }),
        (
            "the web of partners, not passed on",
            &[Axis::Channel],
            |l, g| {
                l.channels = vec![Channel::Web];
                g.channels = vec![Channel::Web];
            },
        ),
        ("crawlers", &[], |l, g| {
            l.channels = vec![Channel::Ai];
            g.channels = vec![Channel::Ai];
        }),
        ("no crawlers", &[Axis::Channel], |l, g| {
            l.channels = vec![Channel::Ai];
            g.channels = vec![Channel::Syndication];
        }),
        ("partners and crawlers", &[Axis::Channel], |l, g| {
            l.channels = vec![Channel::Ai, Channel::Syndication];
            g.channels = vec![Channel::Syndication];
        }),
        ("crawlers and partners", &[Axis::Channel], |l, g| {
            l.channels = vec![Channel::Web, Channel::Ai];
            g.channels = vec![Channel::Ai];
        }),
        ("abroad", &[Axis::Territory], |l, _| {
            l.territories.push(territory("DE"));
        }),
        ("fewer territories", &[], |_, g| {
            g.territories.push(territory("DE"));
        }),
        ("from before", &[Axis::Period], |l, g| {
            l.valid_from = g.valid_from - tick();
        }),
        ("from later", &[], |l, g| {
            l.valid_from = g.valid_from + tick();
        }),
        ("no end", &[Axis::Period], |_, g| {
            g.valid_until = Some(hours(1));
        }),
        ("the same end", &[], |l, g| {
            l.valid_until = Some(hours(1));
            g.valid_until = Some(hours(1));
        }),
        ("a later end", &[Axis::Period], |l, g| {
            l.valid_until = Some(hours(1) + tick());
            g.valid_until = Some(hours(1));
        }),
        ("an end where none is needed", &[], |l, _| {
            l.valid_until = Some(hours(1));
        }),
        ("extent", &[Axis::Extent], |_, g| {
            g.max_extent = Extent::Excerpt;
        }),
        ("less extent", &[], |l, _| l.extent = Extent::Headline),
        ("the usual excerpt", &[], |l, g| {
            excerpt(l, Some(USUAL));
            g.max_extent = Extent::Excerpt;
        }),
        ("a longer excerpt", &[Axis::Extent], |l, g| {
            excerpt(l, Some(USUAL + 1));
            g.max_extent = Extent::Excerpt;
        }),
        ("an excerpt of no length of its own", &[], |l, g| {
            excerpt(l, None);
            g.max_extent = Extent::Excerpt;
        }),
        ("a long excerpt of what may go out in full", &[], |l, _| {
            excerpt(l, Some(USUAL + 1));
        }),
        ("alteration", &[Axis::Alteration], |l, _| {
            l.alteration = Alteration::Translate;
        }),
        ("ai_input", &[Axis::AiInput], |l, _| l.ai_input = true),
        ("ai_train", &[Axis::AiTrain], |l, _| l.ai_train = true),
        ("unused ai rights", &[], |_, g| {
            g.ai_input = true;
            g.ai_train = true;
        }),
    ];
    for (name, axes, turn) in table {
        let mut licence = licence(1);
        let mut grant = Grant {
            alteration: Alteration::Cut,
            ..outward(1)
        };
        turn(&mut licence, &mut grant);
        assert_eq!(excess(&licence, &[grant], USUAL), axes, "{name}");
    }
    let of_ai = |grant: Grant| {
        let licence = Licence {
            ai_input: true,
            ai_train: true,
            ..licence(1)
        };
        excess(&licence, &[grant], USUAL)
    };
    let whole = Grant {
        alteration: Alteration::Cut,
        ai_input: true,
        ai_train: true,
        ..outward(1)
    };
    assert_eq!(of_ai(whole), []);
}

#[test]
fn one_grant_must_cover_all_and_the_nearest_is_told() {
    assert_eq!(excess(&licence(1), &[], USUAL), [Axis::Redistribution]);
    let near = Grant {
        max_extent: Extent::Headline,
        alteration: Alteration::Cut,
        ..outward(1)
    };
    let far = Grant {
        may_redistribute: false,
        territories: Vec::new(),
        ..outward(2)
    };
    let whole = Grant {
        alteration: Alteration::Translate,
        ..outward(3)
    };
    for (grants, axes) in [
        (vec![near.clone(), far.clone()], vec![Axis::Extent]),
        (vec![far.clone(), near.clone()], vec![Axis::Extent]),
        (
            vec![far.clone()],
            vec![Axis::Redistribution, Axis::Territory, Axis::Alteration],
        ),
        (vec![near, far, whole], vec![]),
    ] {
        assert_eq!(excess(&licence(1), &grants, USUAL), axes);
    }
}
