//! Use by AI systems: a term to partners, the right itself to crawlers.

use super::*;

#[test]
fn both_must_allow_use_by_ai_systems() {
    let flags = [(false, false), (false, true), (true, false), (true, true)];
    for (input, train) in flags {
        let licence = |n| Licence {
            ai_input: input,
            ai_train: train,
            ..ai_licence(n)
        };
        let of_own = given(&own(), &crawler(vec![licence(1)]));
        assert_eq!(of_own.is_some(), input || train);
        for (their_input, their_train) in flags {
            let grant = Grant {
                ai_input: their_input,
                ai_train: their_train,
                ..outward(1)
            };
            let both = (input && their_input, train && their_train);
            let name = format!(
                "{:?} under {:?}",
                (input, train),
                (their_input, their_train)
            );
            // To a partner they are terms among others, to a crawler the right itself.
            let to_partner = Licence {
                channels: vec![Channel::Syndication],
                ..licence(1)
            };
            let granted = given(&reprint(vec![grant.clone()]), &partner(vec![to_partner])).unwrap();
            assert_eq!((granted.ai_input, granted.ai_train), both, "{name}");
            let to_crawler = given(&reprint(vec![grant]), &crawler(vec![licence(1)]));
            assert_eq!(
                to_crawler.map(|granted| (granted.ai_input, granted.ai_train)),
                Some(both).filter(|(input, train)| *input || *train),
                "{name}"
            );
        }
    }
}

#[test]
fn crawlers_are_served_under_the_channel_ai() {
    for (channels, to_crawlers, to_partners) in [
        (vec![Channel::Ai], true, false),
        (vec![Channel::Syndication], false, true),
        (vec![Channel::Web, Channel::App], false, false),
        (vec![Channel::Ai, Channel::Syndication], true, true),
    ] {
        let rights = reprint(vec![Grant {
            channels: channels.clone(),
            ai_input: true,
            ..outward(1)
        }]);
        let served = |use_| given(&rights, &use_).is_some();
        assert_eq!(
            served(crawler(vec![ai_licence(1)])),
            to_crawlers,
            "{channels:?}"
        );
        assert_eq!(
            served(partner(vec![licence(1)])),
            to_partners,
            "{channels:?}"
        );
    }
    let kept = Grant {
        may_redistribute: false,
        ai_input: true,
        ..outward(1)
    };
    assert_eq!(
        given(&reprint(vec![kept]), &crawler(vec![ai_licence(1)])),
        None
    );
}

#[test]
fn ai_rights_are_not_joined_across_grants_and_licences() {
    let trains = Licence {
        ai_input: false,
        ai_train: true,
        ..ai_licence(1)
    };
    let input_only = Grant {
        ai_input: true,
        ..outward(1)
    };
    let rights = reprint(vec![input_only]);
    assert_eq!(given(&rights, &crawler(vec![trains.clone()])), None);
    let narrow = Licence {
        extent: Extent::Headline,
        ..ai_licence(2)
    };
    let granted = given(&rights, &crawler(vec![trains, narrow])).unwrap();
    assert_eq!((granted.licence, granted.extent), (id(2), Extent::Headline));
}
