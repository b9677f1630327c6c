//! What is told, as a table.

use super::*;
use crate::rights::ReasonClass;
use chrono::TimeZone;

fn at(minute: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 6, 1, 12, minute, 0).unwrap()
}

fn told(version: i64, fingerprint: &str) -> Told {
    Told {
        version,
        is_embargoed: false,
        is_gone: false,
        seen_seq: 0,
        fingerprint: fingerprint.to_owned(),
        recheck_at: None,
    }
}

fn embargoed(version: i64) -> Told {
    Told {
        is_embargoed: true,
        ..told(version, "embargoed")
    }
}

fn gone(version: i64) -> Told {
    Told {
        is_gone: true,
        ..told(version, "a")
    }
}

fn has(told: Told) -> Standing {
    Standing::Has {
        told,
        extent: Extent::Full,
    }
}

/// Each line a minute after the one before.
fn lines(lines: &[(What, i64)]) -> Vec<Happening> {
    lines
        .iter()
        .zip(0..)
        .map(|(&(what, version), minute)| Happening {
            what,
            at: at(minute),
            version: Some(version),
        })
        .collect()
}

#[test]
fn what_is_told_follows_from_what_was_told_what_happened_and_what_is() {
    use EntryKind as K;
    use What as W;
    let lost = Standing::Gone(ReasonClass::Legal);
    // What was told; what happened; what is; and the entries: kind, version, minute.
    type Case = (
        Option<Told>,
        Vec<Happening>,
        Standing,
        Vec<(K, Option<i64>, u32)>,
    );
    let cases: Vec<Case> = vec![
        // Who never had it.
        (None, vec![], Standing::Nothing, vec![]),
        (
            None,
            lines(&[(W::Published, 1), (W::Withdrawn, 2)]),
            lost.clone(),
            vec![],
        ),
        (
            None,
            vec![],
            has(told(3, "a")),
            vec![(K::Entered, Some(3), 59)],
        ),
        (
            None,
            lines(&[(W::Published, 1)]),
            has(told(1, "a")),
            vec![(K::Created, Some(1), 0)],
        ),
        (
            None,
            lines(&[(W::Published, 1), (W::Corrected, 2)]),
            has(told(2, "a")),
            vec![(K::Created, Some(2), 0)],
        ),
        (
            None,
            lines(&[(W::Embargoed, 1)]),
            has(embargoed(1)),
            vec![(K::Created, Some(1), 0)],
        ),
        (
            None,
            lines(&[(W::Reinstated, 4)]),
            has(told(4, "a")),
            vec![(K::Reinstated, Some(4), 0)],
        ),
        // Who has it.
        (Some(told(1, "a")), vec![], has(told(1, "a")), vec![]),
        (
            Some(told(1, "a")),
            vec![],
            has(told(1, "b")),
            vec![(K::Updated, Some(1), 59)],
        ),
        (
            Some(told(1, "a")),
            lines(&[(W::Published, 1)]),
            has(told(1, "a")),
            vec![],
        ),
        (
            Some(told(1, "a")),
            lines(&[(W::Published, 2)]),
            has(told(2, "b")),
            vec![(K::Updated, Some(2), 0)],
        ),
        (
            Some(told(1, "a")),
            lines(&[(W::Corrected, 2), (W::Corrected, 3)]),
            has(told(3, "b")),
            vec![(K::Corrected, Some(2), 0), (K::Corrected, Some(3), 1)],
        ),
        // A version that no line tells of is told all the same.
        (
            Some(told(1, "a")),
            lines(&[(W::Corrected, 2)]),
            has(told(3, "b")),
            vec![(K::Corrected, Some(2), 0), (K::Updated, Some(3), 59)],
        ),
        (
            Some(told(1, "a")),
            lines(&[(W::Corrected, 2), (W::Withdrawn, 3)]),
            lost.clone(),
            vec![(K::Corrected, Some(2), 0), (K::Withdrawn, None, 1)],
        ),
        (
            Some(told(1, "a")),
            vec![],
            lost.clone(),
            vec![(K::Withdrawn, None, 59)],
        ),
        (
            Some(told(1, "a")),
            lines(&[(W::Withdrawn, 2), (W::Reinstated, 3)]),
            has(told(3, "b")),
            vec![(K::Withdrawn, None, 0), (K::Reinstated, Some(3), 1)],
        ),
        (
            Some(told(1, "a")),
            lines(&[(W::Withdrawn, 2)]),
            has(told(1, "a")),
            vec![(K::Withdrawn, None, 0), (K::Reinstated, Some(1), 59)],
        ),
        (
            Some(told(1, "a")),
            vec![],
            Standing::Nothing,
            vec![(K::Exited, None, 59)],
        ),
        (
            Some(told(1, "a")),
            lines(&[(W::Withdrawn, 2)]),
            Standing::Nothing,
            vec![(K::Withdrawn, None, 0)],
        ),
        // Who had it under embargo.
        (
            Some(embargoed(1)),
            lines(&[(W::Published, 1)]),
            has(told(1, "a")),
            vec![(K::Published, Some(1), 0)],
        ),
        (
            Some(embargoed(1)),
            vec![],
            has(told(1, "a")),
            vec![(K::Published, Some(1), 59)],
        ),
        (
            Some(embargoed(1)),
            vec![],
            Standing::Nothing,
            vec![(K::Exited, None, 59)],
        ),
        // Who was told that it is gone.
        (Some(gone(1)), vec![], lost.clone(), vec![]),
        (Some(gone(1)), vec![], Standing::Nothing, vec![]),
        (
            Some(gone(1)),
            lines(&[(W::Reinstated, 3)]),
            has(told(3, "a")),
            vec![(K::Reinstated, Some(3), 0)],
        ),
        (
            Some(gone(1)),
            vec![],
            has(told(3, "a")),
            vec![(K::Entered, Some(3), 59)],
        ),
    ];
    for (told, happened, standing, expected) in cases {
        let news = tell(told.as_ref(), &happened, &standing, at(59));
        let found: Vec<_> = news
            .iter()
            .map(|one| (one.kind, one.version, one.at))
            .collect();
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(kind, version, minute)| (kind, version, at(minute)))
            .collect();
        assert_eq!(found, expected, "{told:?}, {happened:?}, {standing:?}");
        // The last entry leaves the client with what is so.
        if let Some(last) = news.last() {
            let is_had = matches!(standing, Standing::Has { .. });
            assert_eq!(last.extent.is_some(), is_had, "{standing:?}");
            let class = matches!(standing, Standing::Gone(_)).then_some(ReasonClass::Legal);
            assert_eq!(last.reason_class, class);
        }
        // Who was told it is not told again.
        let kept = held(told, standing.clone());
        assert_eq!(tell(kept.as_ref(), &[], &standing, at(59)), vec![]);
    }
}
