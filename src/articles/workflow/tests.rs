//! Every action in every stage, and the times that can be.

use super::*;
use crate::kernel::id::{Id, Mint};

fn at(hours: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
}

/// A state as it is at hour 10: scheduled for 20, published at 1, withdrawn at 5.
fn state(stage: Stage) -> State {
    let shown = matches!(
        stage,
        Stage::Scheduled | Stage::Published | Stage::Withdrawn
    );
    State {
        id: Mint::seeded(1).id(at(0)),
        revision: 1,
        stage,
        head_version: 3,
        live_version: shown.then_some(2),
        publish_at: shown.then(|| at(if stage == Stage::Scheduled { 20 } else { 1 })),
        embargoed_until: None,
        unpublish_at: None,
        withdrawal: (stage == Stage::Withdrawn).then(|| Withdrawal {
            at: at(5),
            reason_class: ReasonClass::Editorial,
            reason: "x".to_owned(),
        }),
        created_by: None,
        created_at: at(0),
        updated_at: at(0),
    }
}

fn times(publish: Option<i64>, embargo: Option<i64>, end: Option<i64>) -> Timetable {
    Timetable {
        publish_at: publish.map(at),
        embargoed_until: embargo.map(at),
        unpublish_at: end.map(at),
    }
}

fn faults(result: Result<State, Unfit>) -> Vec<(String, &'static str)> {
    match result {
        Err(Unfit::Invalid(faults)) => faults
            .into_iter()
            .map(|fault| (fault.pointer, fault.code))
            .collect(),
        other => panic!("no faults: {other:?}"),
    }
}

#[test]
fn actions_by_stage() {
    let now = at(10);
    for (stage, fits) in [
        (Stage::Draft, [true, false, true, true, false, false, false]),
        (
            Stage::Review,
            [false, true, true, true, false, false, false],
        ),
        (
            Stage::Scheduled,
            [false, true, true, true, false, true, false],
        ),
        (
            Stage::Published,
            [false, false, false, true, true, true, false],
        ),
        (
            Stage::Withdrawn,
            [false, false, false, false, false, true, true],
        ),
    ] {
        let state = state(stage);
        let done = [
            submit(&state).is_ok(),
            send_back(&state).is_ok(),
            schedule(&state, times(Some(30), None, None), now).is_ok(),
            publish(&state, None, false, now).is_ok(),
            correct(&state, now).is_ok(),
            withdraw(&state, ReasonClass::Legal, "x".into(), now).is_ok(),
            reinstate(&state, true, now).is_ok(),
        ];
        assert_eq!(done, fits, "{stage:?}");
    }
}

#[test]
fn the_time_of_publication_stands() {
    let published = publish(&state(Stage::Published), None, false, at(10)).unwrap();
    assert_eq!(published.publish_at, Some(at(1)));
    assert_eq!(published.live_version, Some(3));
    assert!(publish(&state(Stage::Published), Some(at(10)), false, at(10)).is_err());
    assert!(publish(&state(Stage::Draft), Some(at(11)), false, at(10)).is_err());
    // What was scheduled is out now, not when it was to be.
    let early = publish(&state(Stage::Scheduled), None, false, at(10)).unwrap();
    assert_eq!(
        (early.publish_at, early.stage),
        (Some(at(10)), Stage::Published)
    );
}

#[test]
fn times_that_cannot_be_are_told_one_by_one() {
    let now = at(10);
    for (given, expected) in [
        (times(Some(30), None, None), vec![]),
        (times(Some(30), Some(40), Some(50)), vec![]),
        (times(None, Some(40), None), vec![]),
        (times(None, None, None), vec![("/publish_at", "required")]),
        (
            times(None, None, Some(50)),
            vec![("/publish_at", "required")],
        ),
        (times(Some(10), None, None), vec![("/publish_at", "past")]),
        (
            times(Some(9), Some(8), Some(7)),
            vec![
                ("/publish_at", "past"),
                ("/embargoed_until", "past"),
                ("/unpublish_at", "past"),
            ],
        ),
        (
            times(Some(30), Some(30), None),
            vec![("/embargoed_until", "order")],
        ),
        (
            times(Some(30), Some(20), None),
            vec![("/embargoed_until", "order")],
        ),
        (
            times(Some(30), None, Some(30)),
            vec![("/unpublish_at", "order")],
        ),
        (
            times(Some(30), Some(50), Some(40)),
            vec![("/unpublish_at", "order")],
        ),
        (
            times(None, Some(50), Some(50)),
            vec![("/unpublish_at", "order")],
        ),
        (
            times(Some(9), Some(50), Some(40)),
            vec![("/publish_at", "past"), ("/unpublish_at", "order")],
        ),
    ] {
        let result = schedule(&state(Stage::Draft), given, now);
        if expected.is_empty() {
            let scheduled = result.unwrap();
            assert_eq!(scheduled.stage, Stage::Scheduled, "{given:?}");
            assert_eq!(scheduled.live_version, Some(3), "{given:?}");
            assert_eq!(
                scheduled.publish_at,
                given.publish_at.or(Some(now)),
                "{given:?}"
            );
        } else {
            let seen = faults(result);
            let seen: Vec<(&str, &str)> = seen.iter().map(|(p, c)| (p.as_str(), *c)).collect();
            assert_eq!(seen, expected, "{given:?}");
        }
    }
}

#[test]
fn what_readers_see_is_given_an_end_and_nothing_else() {
    let out = state(Stage::Published);
    let ended = schedule(&out, times(None, None, Some(30)), at(10)).unwrap();
    assert_eq!(
        (ended.stage, ended.unpublish_at),
        (Stage::Published, Some(at(30)))
    );
    let again = schedule(&ended, times(Some(1), None, None), at(10)).unwrap();
    assert_eq!(again.unpublish_at, None, "left out means not set");
    let wrong = faults(schedule(&out, times(Some(30), Some(40), Some(9)), at(10)));
    assert_eq!(
        wrong,
        [
            ("/publish_at".to_owned(), "published"),
            ("/embargoed_until".to_owned(), "published"),
            ("/unpublish_at".to_owned(), "past")
        ]
    );
}

#[test]
fn a_sender_holds_back_and_brings_nothing_forward() {
    for (stage, embargo, end, until, held) in [
        (Stage::Draft, None, None, 30, true),
        (Stage::Draft, Some(30), None, 15, true),
        (Stage::Review, None, None, 30, true),
        (Stage::Scheduled, None, None, 30, true),
        (Stage::Scheduled, None, None, 15, true),
        (Stage::Scheduled, Some(30), None, 40, true),
        (Stage::Scheduled, Some(30), None, 25, false),
        (Stage::Scheduled, Some(30), Some(40), 39, true),
        (Stage::Scheduled, Some(30), Some(40), 40, false),
        (Stage::Published, None, None, 30, false),
        (Stage::Withdrawn, None, None, 30, false),
    ] {
        let before = State {
            embargoed_until: embargo.map(at),
            unpublish_at: end.map(at),
            ..state(stage)
        };
        let expected = held.then(|| State {
            embargoed_until: Some(at(until)),
            ..before.clone()
        });
        assert_eq!(
            hold(&before, at(until)),
            expected,
            "{stage:?} {embargo:?} {until}"
        );
    }
}

#[test]
fn an_embargo_is_lifted_by_name_alone() {
    let held = schedule(&state(Stage::Draft), times(None, Some(40), None), at(10)).unwrap();
    assert!(matches!(
        publish(&held, None, false, at(11)),
        Err(Unfit::State(_))
    ));
    let out = publish(&held, None, true, at(11)).unwrap();
    assert_eq!((out.publish_at, out.embargoed_until), (Some(at(11)), None));
    // What is due may be held by those with the privilege: it is corrected, not only changed.
    assert!(correct(&held, at(9)).is_err());
    assert!(correct(&held, at(10)).is_ok());
    // A due time that stands may be said again, with another end of the embargo.
    let longer = schedule(&held, times(Some(10), Some(50), None), at(11)).unwrap();
    assert_eq!(
        (longer.publish_at, longer.embargoed_until),
        (Some(at(10)), Some(at(50)))
    );
    let longer = schedule(&held, times(None, Some(50), None), at(11)).unwrap();
    assert_eq!(longer.publish_at, Some(at(10)));
}

#[test]
fn a_withdrawal_lies_behind_what_it_follows() {
    let mut out = state(Stage::Published);
    out.publish_at = Some(at(10));
    let gone = withdraw(&out, ReasonClass::Legal, "x".into(), at(10)).unwrap();
    assert!(gone.lifecycle().was_ever_visible(at(11)));
    let unseen = withdraw(
        &state(Stage::Scheduled),
        ReasonClass::Legal,
        "x".into(),
        at(10),
    )
    .unwrap();
    assert!(
        !unseen.lifecycle().was_ever_visible(at(30)),
        "it never comes out"
    );
}

#[test]
fn an_end_can_still_become_a_legal_withdrawal() {
    let mut ended = state(Stage::Published);
    ended.unpublish_at = Some(at(8));
    let ended = ended.at(at(10));
    assert_eq!(ended.stage, Stage::Withdrawn);
    let legal = withdraw(&ended, ReasonClass::Legal, "x".into(), at(10)).unwrap();
    let told = legal.lifecycle().withdrawal_at(at(11)).unwrap();
    assert_eq!((told.reason_class, told.at), (ReasonClass::Legal, at(8)));
    let again = |class| withdraw(&legal.clone().at(at(11)), class, "x".into(), at(11));
    assert!(again(ReasonClass::Legal).is_err() && again(ReasonClass::Editorial).is_err());
    for class in [ReasonClass::Editorial, ReasonClass::RightsExpired] {
        assert!(
            withdraw(&ended, class, "x".into(), at(10)).is_err(),
            "{class:?}"
        );
    }
    // Without the withdrawal it is at its end, unless the desk says otherwise.
    let kept = reinstate(&legal.at(at(11)), false, at(11)).unwrap();
    assert_eq!(kept.stage, Stage::Withdrawn);
    assert_eq!(
        kept.withdrawal.map(|gone| gone.reason_class),
        Some(ReasonClass::RightsExpired)
    );
}

#[test]
fn reinstating_gives_back_what_readers_saw() {
    let back = reinstate(&state(Stage::Withdrawn), true, at(10)).unwrap();
    assert_eq!(
        (back.stage, back.live_version, back.publish_at),
        (Stage::Published, Some(2), Some(at(1)))
    );
    assert_eq!(back.withdrawal, None);

    let mut ended = state(Stage::Published);
    ended.unpublish_at = Some(at(8));
    let back = reinstate(&ended.at(at(10)), true, at(10)).unwrap();
    assert_eq!((back.stage, back.unpublish_at), (Stage::Published, None));
    assert_eq!(back.at(at(10)).stage, Stage::Published);

    let unseen = withdraw(
        &state(Stage::Scheduled),
        ReasonClass::Editorial,
        "x".into(),
        at(10),
    )
    .unwrap();
    let back = reinstate(&unseen, true, at(30)).unwrap();
    assert_eq!(
        (back.stage, back.live_version, back.publish_at),
        (Stage::Draft, None, None)
    );
}

#[test]
fn what_is_to_come() {
    let now = at(10);
    let plan = |publish, embargo, end| {
        let state = schedule(&state(Stage::Draft), times(publish, embargo, end), now).unwrap();
        let coming = coming(&state, now);
        coming
            .iter()
            .map(|one| (one.event, one.due_at))
            .collect::<Vec<_>>()
    };
    assert_eq!(plan(Some(20), None, None), [(Event::Publish, at(20))]);
    assert_eq!(
        plan(Some(20), Some(30), Some(40)),
        [
            (Event::Embargo, at(20)),
            (Event::Publish, at(30)),
            (Event::Unpublish, at(40))
        ]
    );
    // Due at once: those with the privilege have it with the write itself.
    assert_eq!(plan(None, Some(30), None), [(Event::Publish, at(30))]);
    assert!(coming(&state(Stage::Published), now).is_empty());
    assert!(
        coming(&state(Stage::Published), at(-1)).is_empty(),
        "out is out, whatever the clock"
    );
    assert!(coming(&state(Stage::Withdrawn), now).is_empty());
    let mut ends = state(Stage::Published);
    ends.unpublish_at = Some(at(40));
    assert_eq!(coming(&ends, now).len(), 1);
}

#[test]
fn a_stage_follows_from_times() {
    let mut scheduled = state(Stage::Scheduled);
    scheduled.unpublish_at = Some(at(30));
    let tick = TimeDelta::microseconds(1);
    for (now, stage) in [
        (at(10), Stage::Scheduled),
        (at(20) - tick, Stage::Scheduled),
        (at(20), Stage::Published),
        (at(30) - tick, Stage::Published),
        (at(30), Stage::Withdrawn),
    ] {
        assert_eq!(scheduled.clone().at(now).stage, stage, "{now}");
    }
    // A clock that is behind does not show again what was withdrawn.
    assert_eq!(state(Stage::Withdrawn).at(at(3)).stage, Stage::Withdrawn);
    assert!(!matches!(
        state(Stage::Withdrawn)
            .at(at(3))
            .lifecycle()
            .visibility(at(3)),
        crate::rights::Visibility::Live { .. }
    ));
}

#[test]
fn authors_write_their_own_drafts() {
    let me = UserId::from_uuid(uuid::Uuid::from_u128(7));
    let mut draft = state(Stage::Draft);
    assert!(!may_write(Role::Author, me, &draft));
    draft.created_by = Some(me);
    assert!(may_write(Role::Author, me, &draft));
    draft.stage = Stage::Review;
    assert!(!may_write(Role::Author, me, &draft));
    assert!(may_write(Role::Editor, me, &draft));
    assert!(!may_write(Role::Rights, me, &draft));
}
