use super::super::wire::{Changed, Named};
use super::*;
use crate::kernel::id::Mint;

fn ids() -> (ArticleId, ArticleId, AdvisoryId) {
    let (mint, now) = (Mint::seeded(7), "2026-06-01T00:00:00Z".parse().unwrap());
    (mint.id(now), mint.id(now), mint.id(now))
}

fn entry(article: ArticleId, kind: &str, advisory: Option<AdvisoryId>) -> Entry {
    Entry {
        id: format!("chg_{kind}"),
        kind: kind.to_owned(),
        at: "2026-06-01T00:00:00Z".parse().unwrap(),
        article: Changed {
            id: article,
            version: Some(2),
            extent: None,
        },
        advisory: advisory.map(|id| Named { id }),
    }
}

#[test]
fn entries_keep_their_order_within_an_article() {
    let (one, other, _) = ids();
    let groups = by_article(vec![
        entry(one, "created", None),
        entry(other, "created", None),
        entry(one, "withdrawn", None),
    ]);
    let told: Vec<(ArticleId, Vec<&str>)> = groups
        .iter()
        .map(|group| {
            let kinds = group.entries.iter().map(|entry| entry.kind.as_str());
            (group.article, kinds.collect())
        })
        .collect();
    assert_eq!(
        told,
        [
            (one, vec!["created", "withdrawn"]),
            (other, vec!["created"])
        ]
    );
}

#[test]
fn the_last_word_about_the_text_decides() {
    let (article, _, advisory) = ids();
    for (kinds, text) in [
        (&["created"][..], Text::Fetched),
        (&["created", "withdrawn"], Text::Removed),
        (&["withdrawn", "reinstated"], Text::Fetched),
        (&["entered", "exited"], Text::Removed),
        (&["exited", "entered", "advisory"], Text::Fetched),
        (&["withdrawn", "advisory"], Text::Removed),
        (&["advisory"], Text::Stays),
        // A kind of tomorrow is a reason to look, and never one to leave a text as it was.
        (&["withdrawn", "unheard_of"], Text::Fetched),
    ] {
        let entries = kinds
            .iter()
            .map(|kind| entry(article, kind, Some(advisory)));
        let group = Group {
            article,
            entries: entries.collect(),
        };
        assert_eq!(group.text(), text, "{kinds:?}");
        assert_eq!(group.advisories(), [advisory], "{kinds:?}");
    }
}

#[test]
fn what_is_older_than_told_falls_short() {
    let (article, _, advisory) = ids();
    let group = |kinds: &[&str]| Group {
        article,
        entries: kinds
            .iter()
            .map(|kind| entry(article, kind, Some(advisory)))
            .collect(),
    };
    let written = |version| Outcome::Written {
        version,
        extent: "full".to_owned(),
    };
    let gone = Outcome::Gone { was_there: false };
    for (kinds, outcome, is_last_page, short) in [
        (&["updated"][..], written(Some(1)), false, true),
        (&["updated"], written(Some(2)), true, false),
        (&["updated"], written(Some(3)), true, false),
        (&["updated"], written(None), true, false),
        (&["updated", "advisory"], written(Some(1)), true, true),
        (&["advisory"], written(Some(1)), true, false),
        (&["created"], gone.clone(), true, true),
        // A later page may say why.
        (&["created"], gone.clone(), false, false),
        (&["created", "withdrawn"], gone, true, false),
    ] {
        let group = group(kinds);
        let standing = group.standing(&outcome, Format::Json);
        assert_eq!(
            group.falls_short(&outcome, &standing, is_last_page),
            short,
            "{kinds:?} {outcome:?}"
        );
    }
}

#[test]
fn what_came_is_held_against_what_was_told() {
    let (article, _, advisory) = ids();
    let written = |extent: &str| Outcome::Written {
        version: Some(2),
        extent: extent.to_owned(),
    };
    let gone = Outcome::Gone { was_there: false };
    let otherwise = |extent: &str| Standing::Otherwise(Some(extent.to_owned()));
    use Format::{Json, Ninjs};
    use Standing::{AsTold, Unknown};
    for (kinds, extent, outcome, format, standing) in [
        (
            &["created"][..],
            "full",
            gone.clone(),
            Json,
            otherwise("full"),
        ),
        (
            &["withdrawn", "reinstated"],
            "full",
            gone.clone(),
            Json,
            otherwise("full"),
        ),
        (&["created"], "full", written("full"), Ninjs, AsTold),
        // More than what was told is no better than less.
        (
            &["updated"],
            "excerpt",
            written("full"),
            Json,
            otherwise("excerpt"),
        ),
        (
            &["updated"],
            "full",
            written("excerpt"),
            Json,
            otherwise("full"),
        ),
        (&["created"], "headline", gone.clone(), Ninjs, AsTold),
        (
            &["created"],
            "headline",
            gone.clone(),
            Json,
            otherwise("headline"),
        ),
        (&["created", "exited"], "full", gone.clone(), Json, AsTold),
        (&["advisory"], "full", written("full"), Json, Unknown),
        (&["advisory"], "full", gone, Json, Unknown),
        (&["advisory"], "full", Outcome::Untouched, Json, Unknown),
    ] {
        let entries = kinds.iter().map(|kind| {
            let mut entry = entry(article, kind, Some(advisory));
            entry.article.extent = Some(extent.to_owned());
            entry
        });
        let group = Group {
            article,
            entries: entries.collect(),
        };
        assert_eq!(
            group.standing(&outcome, format),
            standing,
            "{kinds:?} {extent} {outcome:?}"
        );
    }
}

#[test]
fn what_is_acknowledged_is_what_was_done() {
    let written = |version| Outcome::Written {
        version,
        extent: "full".to_owned(),
    };
    let gone = Outcome::Gone { was_there: true };
    use Acknowledgement::{Action, TooEarly, Unknown};
    for (kind, outcome, may_be_stale, said) in [
        ("correction", written(Some(3)), true, Action("corrected")),
        ("correction", written(Some(4)), true, Action("corrected")),
        ("correction", written(Some(2)), true, TooEarly),
        ("correction", written(Some(2)), false, TooEarly),
        ("correction", written(None), true, Action("corrected")),
        ("correction", gone.clone(), true, Action("removed")),
        ("correction", Outcome::Untouched, true, TooEarly),
        ("withdrawal", gone.clone(), true, Action("removed")),
        ("withdrawal", written(Some(4)), true, Action("none")),
        ("withdrawal", written(Some(2)), true, TooEarly),
        ("withdrawal", written(Some(2)), false, Action("none")),
        ("withdrawal", Outcome::Untouched, true, TooEarly),
        ("reinstatement", written(Some(2)), true, Action("restored")),
        ("reinstatement", gone, true, Action("none")),
        ("unheard_of", written(None), true, Unknown),
    ] {
        let advisory = Advisory {
            kind: kind.to_owned(),
            status: "open".to_owned(),
            version: 3,
        };
        assert_eq!(
            Acknowledgement::of(&advisory, &outcome, may_be_stale),
            said,
            "{kind} {outcome:?}"
        );
    }
}
