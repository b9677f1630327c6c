//! Which licence reaches which work: one axis after another, each at its exact edge.

use super::*;

/// A licence, a work and a use that fit, until a row of a table turns something.
struct Case {
    licence: Licence,
    rights: Rights,
    use_: Use,
    now: DateTime<Utc>,
}

impl Case {
    fn fitting() -> Self {
        Self {
            licence: licence(1),
            rights: own(),
            use_: partner(Vec::new()),
            now: now(),
        }
    }

    fn lacks(&self) -> Option<Axis> {
        let visibility = self.rights.lifecycle.visibility(self.now);
        self.licence
            .lacks(&self.rights, &self.use_, &visibility, self.now)
    }

    /// The use, by somebody who holds this licence and no other.
    fn held(&self) -> Use {
        Use {
            holder: licensee(Audience::Partner, vec![self.licence.clone()]).holder,
            ..self.use_.clone()
        }
    }
}

type Turn = fn(&mut Case);

fn check(table: &[(&str, Option<Axis>, Turn)]) {
    for (name, axis, turn) in table {
        let mut case = Case::fitting();
        turn(&mut case);
        assert_eq!(case.lacks(), *axis, "{name}");
        // What selects lists and what decides on one work say the same.
        let use_ = case.held();
        let reach = use_.holder.as_ref().unwrap().reach(&use_, case.now);
        let of_the_work = matches!(
            axis,
            None | Some(Axis::Selector | Axis::Archive | Axis::Embargo)
        );
        assert_eq!(!reach.licences.is_empty(), of_the_work, "{name}: reach");
        let granted = decide(&case.rights, &use_, case.now)
            .ok()
            .and_then(|decision| decision.granted);
        assert_eq!(granted.is_some(), axis.is_none(), "{name}: decision");
    }
}

#[test]
fn status_and_period() {
    check(&[
        ("all fits", None, |_| {}),
        ("suspended", Some(Axis::Status), |c| {
            c.licence.status = LicenceStatus::Suspended;
        }),
        ("revoked", Some(Axis::Status), |c| {
            c.licence.status = LicenceStatus::Revoked;
        }),
        ("from now on", None, |c| c.licence.valid_from = now()),
        ("from later on", Some(Axis::Period), |c| {
            c.licence.valid_from = now() + tick();
        }),
        ("until now", Some(Axis::Period), |c| {
            c.licence.valid_until = Some(now());
        }),
        ("until later", None, |c| {
            c.licence.valid_until = Some(now() + tick());
        }),
    ]);
    let licence = Licence {
        valid_until: Some(hours(1)),
        valid_from: hours(-1),
        ..licence(1)
    };
    for (at, within) in [
        (hours(-1) - tick(), false),
        (hours(-1), true),
        (hours(1) - tick(), true),
        (hours(1), false),
    ] {
        assert_eq!(licence.is_within(at), within, "{at}");
    }
}

#[test]
fn channel_and_territory() {
    check(&[
        ("other channels", Some(Axis::Channel), |c| {
            c.licence.channels = vec![Channel::Web, Channel::App, Channel::Ai];
        }),
        ("no channel", Some(Axis::Channel), |c| {
            c.licence.channels.clear();
        }),
        ("among others", None, |c| {
            c.licence.channels = vec![Channel::Web, Channel::Syndication];
        }),
        ("a key for the web", Some(Axis::Channel), |c| {
            c.use_.channel = Channel::Web;
        }),
        ("a key for the web, licensed", None, |c| {
            c.use_.channel = Channel::Web;
            c.licence.channels = vec![Channel::Web];
        }),
        ("another territory", Some(Axis::Territory), |c| {
            c.licence.territories = vec![territory("DE")];
        }),
        ("no territory", Some(Axis::Territory), |c| {
            c.licence.territories.clear();
        }),
        ("among other territories", None, |c| {
            c.licence.territories = vec![territory("DE"), territory("CN")];
        }),
        ("an unknown territory", Some(Axis::Territory), |c| {
            c.use_.territory = None;
        }),
        ("unknown in the site's own", Some(Axis::Territory), |c| {
            c.use_.territory = None;
            c.licence.territories = vec![c.rights.site.territory.clone()];
        }),
        ("a key from abroad", Some(Axis::Territory), |c| {
            c.use_.territory = Some(territory("DE"));
        }),
    ]);
}

#[test]
fn archive_and_embargo() {
    check(&[
        ("archive ends now", Some(Axis::Archive), |c| {
            c.licence.archive_days = Some(1);
        }),
        ("archive ends later", None, |c| {
            c.licence.archive_days = Some(1);
            c.now -= tick();
        }),
        ("archive of two days", None, |c| {
            c.licence.archive_days = Some(2);
        }),
        ("archive of no day", Some(Axis::Archive), |c| {
            c.licence.archive_days = Some(0);
        }),
        ("days that no calendar has", None, |c| {
            c.licence.archive_days = Some(i64::MAX);
        }),
        ("days count from the embargo", None, |c| {
            c.licence.archive_days = Some(1);
            c.rights.lifecycle.embargoed_until = Some(hours(-1));
        }),
        ("embargoed", Some(Axis::Embargo), |c| {
            c.rights.lifecycle = embargoed();
        }),
        ("embargoed, with the privilege", None, |c| {
            c.rights.lifecycle = embargoed();
            c.licence.embargo_privilege = true;
        }),
        ("the embargo ends now", None, |c| {
            c.rights.lifecycle = embargoed();
            c.now = hours(1);
        }),
        ("the embargo ends later", Some(Axis::Embargo), |c| {
            c.rights.lifecycle = embargoed();
            c.now = hours(1) - tick();
        }),
    ]);
}

#[test]
fn use_by_ai_systems() {
    check(&[
        ("partners need no such right", None, |_| {}),
        ("a crawler does", Some(Axis::Ai), |c| {
            c.use_ = crawler(Vec::new());
            c.licence = Licence {
                ai_input: false,
                ..ai_licence(1)
            };
        }),
        ("input", None, |c| {
            c.use_ = crawler(Vec::new());
            c.licence = ai_licence(1);
        }),
        ("training", None, |c| {
            c.use_ = crawler(Vec::new());
            c.licence = Licence {
                ai_input: false,
                ai_train: true,
                ..ai_licence(1)
            };
        }),
        ("on another channel", Some(Axis::Channel), |c| {
            c.use_ = crawler(Vec::new());
            c.licence.ai_input = true;
        }),
    ]);
}

#[test]
fn the_first_axis_is_told() {
    let mut case = Case::fitting();
    case.rights.lifecycle = Lifecycle {
        publish_at: Some(hours(-48)),
        ..embargoed()
    };
    case.use_ = crawler(Vec::new());
    case.licence = Licence {
        selector: Selector::default(),
        status: LicenceStatus::Suspended,
        valid_until: Some(now()),
        territories: Vec::new(),
        archive_days: Some(-1),
        ..licence(1)
    };
    let turns: [(Option<Axis>, Turn); 9] = [
        (Some(Axis::Selector), |c| {
            c.licence.selector = licence(1).selector;
        }),
        (Some(Axis::Status), |c| {
            c.licence.status = LicenceStatus::Active;
        }),
        (Some(Axis::Period), |c| c.licence.valid_until = None),
        (Some(Axis::Channel), |c| {
            c.licence.channels = vec![Channel::Ai];
        }),
        (Some(Axis::Territory), |c| {
            c.licence.territories = vec![territory("CN")];
        }),
        (Some(Axis::Ai), |c| c.licence.ai_train = true),
        (Some(Axis::Archive), |c| c.licence.archive_days = None),
        (Some(Axis::Embargo), |c| c.licence.embargo_privilege = true),
        (None, |_| {}),
    ];
    for (axis, turn) in turns {
        assert_eq!(case.lacks(), axis);
        turn(&mut case);
    }
}

/// What a selector names, in the order of its members: the lists, then the articles.
fn selector(
    sections: &[u128],
    sources: &[u128],
    languages: &[&str],
    tags: &[&str],
    articles: &[u128],
) -> Selector {
    Selector {
        sections: sections.iter().map(|n| id(*n)).collect(),
        sources: sources.iter().map(|n| id(*n)).collect(),
        languages: languages.iter().map(|tag| language(tag)).collect(),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        articles: articles.iter().map(|n| id(*n)).collect(),
    }
}

#[test]
fn selectors_by_each_list_alone_and_together() {
    // The work: article 1 of source 3 in section 5 below 4, in English, tagged `port`.
    for (name, selector, selects) in [
        ("nothing", selector(&[], &[], &[], &[], &[]), false),
        ("its section", selector(&[5], &[], &[], &[], &[]), true),
        ("one above", selector(&[4], &[], &[], &[], &[]), true),
        ("another section", selector(&[6], &[], &[], &[], &[]), false),
        ("one of two", selector(&[6, 4], &[], &[], &[], &[]), true),
        ("its source", selector(&[], &[3], &[], &[], &[]), true),
        ("another source", selector(&[], &[6], &[], &[], &[]), false),
        ("its language", selector(&[], &[], &["en"], &[], &[]), true),
        ("another", selector(&[], &[], &["zh"], &[], &[]), false),
        ("its tag", selector(&[], &[], &[], &["port"], &[]), true),
        ("another tag", selector(&[], &[], &[], &["por"], &[]), false),
        ("itself", selector(&[], &[], &[], &[], &[1]), true),
        ("another work", selector(&[], &[], &[], &[], &[2]), false),
        ("all", selector(&[5], &[3], &["en"], &["port"], &[]), true),
        (
            "not its section",
            selector(&[6], &[3], &["en"], &["port"], &[]),
            false,
        ),
        (
            "not its source",
            selector(&[5], &[6], &["en"], &["port"], &[]),
            false,
        ),
        (
            "not its language",
            selector(&[5], &[3], &["zh"], &["port"], &[]),
            false,
        ),
        (
            "not its tag",
            selector(&[5], &[3], &["en"], &["quay"], &[]),
            false,
        ),
        // A work that is named is meant, whatever the lists beside it say.
        (
            "itself beside others",
            selector(&[6], &[6], &["zh"], &["quay"], &[1]),
            true,
        ),
        (
            "its section beside another work",
            selector(&[5], &[], &[], &[], &[2]),
            true,
        ),
        (
            "another section and work",
            selector(&[6], &[], &[], &[], &[2]),
            false,
        ),
    ] {
        assert_eq!(selector.selects(&own()), selects, "{name}");
        let wide = !name.contains("itself") && !name.contains("work") && name != "nothing";
        assert!(!wide || selector.is_wide(), "{name}");
        assert_eq!(selector.is_empty(), name == "nothing", "{name}");
        let held = partner(vec![Licence {
            selector,
            ..licence(1)
        }]);
        assert_eq!(given(&own(), &held).is_some(), selects, "{name}: decision");
    }
    for wide in [
        selector(&[5], &[], &[], &[], &[]),
        selector(&[], &[3], &[], &[], &[]),
        selector(&[], &[], &["en"], &[], &[]),
        selector(&[], &[], &[], &["port"], &[]),
    ] {
        assert!(wide.is_wide() && !wide.is_empty(), "{wide:?}");
    }
    let one = selector(&[], &[], &[], &[], &[1]);
    assert!(!one.is_wide() && !one.is_empty());
}

#[test]
fn what_a_work_does_not_say_selects_nothing() {
    let bare = Rights {
        facts: Facts::default(),
        ..own()
    };
    for selector in [
        selector(&[5], &[], &[], &[], &[]),
        selector(&[], &[3], &[], &[], &[]),
        selector(&[], &[], &[], &["port"], &[]),
    ] {
        assert!(!selector.selects(&bare), "{selector:?}");
    }
}

#[test]
fn languages_are_ranges() {
    for (tag, range, within) in [
        ("zh", "zh", true),
        ("zh-Hans", "zh", true),
        ("zh-Hant-TW", "zh", true),
        ("zh-Hant-TW", "zh-Hant", true),
        ("zh-Hant", "zh-Hant-TW", false),
        ("zh", "zh-Hans", false),
        ("zh-Hans", "zh-Hant", false),
        ("zh-TW", "zh-Hant", false),
        // Another language, whose code begins alike.
        ("enm", "en", false),
        ("en", "enm", false),
    ] {
        let rights = Rights {
            language: language(tag),
            ..own()
        };
        let range = selector(&[], &[], &[range], &[], &[]);
        assert_eq!(range.selects(&rights), within, "{tag} in {range:?}");
    }
}
