//! What a client is told, from what it was told, what has happened, and what it may have now.

use chrono::{DateTime, Utc};

use super::{ChangeKind, Happening, News, Standing, Told, What};
use crate::rights::{Extent, ReasonClass};

/// The entries about one work, in their order. What happened in between is told as well, to who had
/// the work by then; the last entry always leaves the client with what it may have now.
///
/// `now` is the time of an entry that nothing in the change log stands for.
pub fn tell(
    told: Option<&Told>,
    happened: &[Happening],
    standing: &Standing,
    now: DateTime<Utc>,
) -> Vec<News> {
    match (told.filter(|told| !told.is_gone), standing) {
        (Some(told), standing) => changed(told, happened, standing, now),
        (None, Standing::Has { told: has, extent }) => {
            let (kind, at) =
                appeared(told.is_some(), happened).unwrap_or((ChangeKind::Entered, now));
            vec![has_now(kind, at, has, *extent)]
        }
        (None, Standing::Gone(_) | Standing::Nothing) => Vec::new(),
    }
}

/// By what a work that the client did not have has come to it.
fn appeared(was_gone: bool, happened: &[Happening]) -> Option<(ChangeKind, DateTime<Utc>)> {
    let last = |what: &[What]| happened.iter().rev().find(|one| what.contains(&one.what));
    let created =
        last(&[What::Published, What::Embargoed]).map(|one| (ChangeKind::Created, one.at));
    let back = last(&[What::Reinstated]).map(|one| (ChangeKind::Reinstated, one.at));
    match was_gone {
        true => back.or(created),
        false => created.or(back),
    }
}

/// What became of a work that the client had.
fn changed(
    told: &Told,
    happened: &[Happening],
    standing: &Standing,
    now: DateTime<Utc>,
) -> Vec<News> {
    let extent = match standing {
        Standing::Has { extent, .. } => Some(*extent),
        Standing::Gone(_) | Standing::Nothing => None,
    };
    let mut news = Vec::new();
    let (mut version, mut is_gone, mut is_embargoed) = (told.version, false, told.is_embargoed);
    for one in happened {
        let newer = one.version.filter(|n| *n > version);
        let kind = match one.what {
            What::Withdrawn if !is_gone => ChangeKind::Withdrawn,
            What::Reinstated if is_gone => ChangeKind::Reinstated,
            What::Published if is_embargoed && !is_gone => ChangeKind::Published,
            What::Corrected if newer.is_some() && !is_gone => ChangeKind::Corrected,
            What::Published if newer.is_some() && !is_gone => ChangeKind::Updated,
            What::Embargoed
            | What::Published
            | What::Corrected
            | What::Withdrawn
            | What::Reinstated => continue,
        };
        is_gone = kind == ChangeKind::Withdrawn;
        is_embargoed &= kind != ChangeKind::Published;
        if !is_gone {
            version = one.version.unwrap_or(version);
        }
        news.push(News {
            kind,
            at: one.at,
            version: (!is_gone).then_some(version),
            extent: extent.filter(|_| !is_gone),
            reason_class: None,
            advisory: None,
        });
    }
    settle(told, standing, version, is_gone, now, &mut news);
    news
}

/// Ends what is told with what stands.
fn settle(
    told: &Told,
    standing: &Standing,
    version: i64,
    is_gone: bool,
    now: DateTime<Utc>,
    news: &mut Vec<News>,
) {
    match standing {
        Standing::Has { told: has, extent } if is_gone => {
            news.push(has_now(ChangeKind::Reinstated, now, has, *extent));
        }
        Standing::Has { told: has, extent } => {
            let is_same = news.is_empty() && has.fingerprint == told.fingerprint;
            let is_told = !news.is_empty() && has.version == version;
            if !is_same && !is_told {
                let kind = match told.is_embargoed && !has.is_embargoed && news.is_empty() {
                    true => ChangeKind::Published,
                    false => ChangeKind::Updated,
                };
                news.push(has_now(kind, now, has, *extent));
            }
        }
        Standing::Gone(class) => {
            if !is_gone {
                news.push(no_longer(ChangeKind::Withdrawn, now));
            }
            if let Some(last) = news.last_mut() {
                last.reason_class = Some(*class);
            }
        }
        Standing::Nothing if is_gone => {}
        Standing::Nothing => news.push(no_longer(ChangeKind::Exited, now)),
    }
}

fn has_now(kind: ChangeKind, at: DateTime<Utc>, has: &Told, extent: Extent) -> News {
    News {
        kind,
        at,
        version: Some(has.version),
        extent: Some(extent),
        reason_class: None,
        advisory: None,
    }
}

fn no_longer(kind: ChangeKind, at: DateTime<Utc>) -> News {
    News {
        kind,
        at,
        version: None,
        extent: None,
        reason_class: None::<ReasonClass>,
        advisory: None,
    }
}

/// What is kept of what a client was told, once it was told; `None` where nothing is.
pub fn held(told: Option<Told>, standing: Standing) -> Option<Told> {
    match (told, standing) {
        (_, Standing::Has { told, .. }) => Some(told),
        (Some(told), Standing::Gone(_)) => Some(Told {
            is_gone: true,
            recheck_at: None,
            ..told
        }),
        // Who knows of a withdrawal is told if the work comes back.
        (Some(told), Standing::Nothing) if told.is_gone => Some(Told {
            recheck_at: None,
            ..told
        }),
        (_, Standing::Gone(_) | Standing::Nothing) => None,
    }
}

/// What is kept of a work that nobody sees before an instant, at which it is looked at again.
pub fn awaited(held: Option<Told>, at: DateTime<Utc>) -> Told {
    let told = held.unwrap_or(Told {
        version: 0,
        is_embargoed: false,
        is_gone: true,
        seen_seq: 0,
        fingerprint: String::new(),
        recheck_at: None,
    });
    Told {
        recheck_at: Some(at),
        ..told
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        use ChangeKind as K;
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
}
