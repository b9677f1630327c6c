//! The rules of a claim's stages: which move fits which, and by when the next one is due. Pure.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::model::window::after_days;
use super::model::{Claim, ClaimStage, Terms};
use crate::kernel::words::words;

words! {
    /// A move of the desk. Its word is the last one of the operation's path.
    Move {
        Acknowledge = "acknowledge",
        Hold = "hold",
        Decide = "decide",
        Counter = "counter-notice",
        Restore = "restore",
        Close = "close",
    }
}

/// The stage after a move.
///
/// # Errors
/// What fits the stage instead, in words.
pub fn after(stage: ClaimStage, made: Move) -> Result<ClaimStage, String> {
    next(stage, made).ok_or_else(|| unfit(stage))
}

fn next(stage: ClaimStage, made: Move) -> Option<ClaimStage> {
    use ClaimStage::{Acknowledged, Closed, Countered, Decided, Received, Restored, UnderReview};
    match (made, stage) {
        (Move::Acknowledge, Received) => Some(Acknowledged),
        (Move::Hold, Received | Acknowledged | UnderReview) => Some(UnderReview),
        (Move::Decide, Acknowledged | UnderReview) => Some(Decided),
        (Move::Counter, Decided) => Some(Countered),
        (Move::Restore, Countered) => Some(Restored),
        (Move::Close, Received | Acknowledged | UnderReview | Decided | Countered | Restored) => {
            Some(Closed)
        }
        (
            Move::Acknowledge
            | Move::Hold
            | Move::Decide
            | Move::Counter
            | Move::Restore
            | Move::Close,
            _,
        ) => None,
    }
}

/// The moves that fit a stage.
pub fn fitting(stage: ClaimStage) -> Vec<Move> {
    let all = Move::ALL.iter().copied();
    all.filter(|made| next(stage, *made).is_some()).collect()
}

fn unfit(stage: ClaimStage) -> String {
    let stage_word = stage.as_str();
    let fit: Vec<&str> = fitting(stage).into_iter().map(Move::as_str).collect();
    if fit.is_empty() {
        return format!("The claim is {stage_word}, which is final.");
    }
    format!(
        "The claim is {stage_word}; what fits now: {}.",
        fit.join(", ")
    )
}

/// When the next step of a claim is due; `None` where nothing waits for the desk.
pub fn due(
    stage: ClaimStage,
    received_at: DateTime<Utc>,
    countered_at: Option<DateTime<Utc>>,
    terms: Terms,
    zone: Tz,
) -> Option<DateTime<Utc>> {
    match stage {
        ClaimStage::Received => Some(after_days(received_at, terms.acknowledge_days, zone)),
        ClaimStage::Acknowledged | ClaimStage::UnderReview => {
            Some(after_days(received_at, terms.decide_days, zone))
        }
        ClaimStage::Countered => {
            countered_at.map(|at| after_days(at, terms.acknowledge_days, zone))
        }
        ClaimStage::Decided | ClaimStage::Restored | ClaimStage::Closed => None,
    }
}

/// When personal data goes; `None` while somebody may still need it for the case.
pub fn erasure(
    stage: ClaimStage,
    now: DateTime<Utc>,
    terms: Terms,
    zone: Tz,
) -> Option<DateTime<Utc>> {
    match stage {
        ClaimStage::Decided | ClaimStage::Restored | ClaimStage::Closed => {
            Some(after_days(now, terms.data_days, zone))
        }
        ClaimStage::Received
        | ClaimStage::Acknowledged
        | ClaimStage::UnderReview
        | ClaimStage::Countered => None,
    }
}

/// Whether messages may still be written.
///
/// # Errors
/// Why not.
pub fn may_write(stage: ClaimStage) -> Result<(), String> {
    match stage {
        ClaimStage::Closed => Err("The case is closed; file another claim.".to_owned()),
        ClaimStage::Received
        | ClaimStage::Acknowledged
        | ClaimStage::UnderReview
        | ClaimStage::Decided
        | ClaimStage::Countered
        | ClaimStage::Restored => Ok(()),
    }
}

/// Whether the desk may still say which work a claim is about.
///
/// # Errors
/// Why not.
pub fn may_name_work(claim: &Claim, is_held: bool) -> Result<(), String> {
    if is_held || claim.withdrawn_at.is_some() {
        return Err(
            "Evidence is frozen for the work that the claim names: release it first.".to_owned(),
        );
    }
    match claim.stage {
        ClaimStage::Received | ClaimStage::Acknowledged | ClaimStage::UnderReview => Ok(()),
        stage @ (ClaimStage::Decided
        | ClaimStage::Countered
        | ClaimStage::Restored
        | ClaimStage::Closed) => Err(format!(
            "The claim is {}: the work that it is about stands.",
            stage.as_str()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_move_in_every_stage() {
        // The stage after each move, in the order of Move::ALL; `-` where it does not fit.
        let table = [
            (
                "received",
                ["acknowledged", "under_review", "-", "-", "-", "closed"],
            ),
            (
                "acknowledged",
                ["-", "under_review", "decided", "-", "-", "closed"],
            ),
            (
                "under_review",
                ["-", "under_review", "decided", "-", "-", "closed"],
            ),
            ("decided", ["-", "-", "-", "countered", "-", "closed"]),
            ("countered", ["-", "-", "-", "-", "restored", "closed"]),
            ("restored", ["-", "-", "-", "-", "-", "closed"]),
            ("closed", ["-", "-", "-", "-", "-", "-"]),
        ];
        assert_eq!(table.len(), ClaimStage::ALL.len());
        for (stage, row) in table {
            let stage = ClaimStage::parse(stage).unwrap();
            for (made, next) in Move::ALL.iter().zip(row) {
                let found = after(stage, *made);
                let found = found.map_or("-", ClaimStage::as_str);
                assert_eq!(found, next, "{} in {stage:?}", made.as_str());
            }
        }
    }

    #[test]
    fn a_refusal_names_what_fits() {
        let told = after(ClaimStage::Decided, Move::Restore).unwrap_err();
        assert_eq!(
            told,
            "The claim is decided; what fits now: counter-notice, close."
        );
        let told = after(ClaimStage::Closed, Move::Close).unwrap_err();
        assert_eq!(told, "The claim is closed, which is final.");
    }

    #[test]
    fn steps_are_due_by_stage() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let received = at("2026-06-01T12:00:00Z");
        let terms = Terms {
            acknowledge_days: 3,
            decide_days: 15,
            data_days: 180,
        };
        let zone = Tz::Asia__Shanghai;
        for (stage, due_at, erased) in [
            (ClaimStage::Received, Some("2026-06-04T16:00:00Z"), false),
            (
                ClaimStage::Acknowledged,
                Some("2026-06-16T16:00:00Z"),
                false,
            ),
            (ClaimStage::UnderReview, Some("2026-06-16T16:00:00Z"), false),
            (ClaimStage::Decided, None, true),
            (ClaimStage::Countered, Some("2026-06-24T16:00:00Z"), false),
            (ClaimStage::Restored, None, true),
            (ClaimStage::Closed, None, true),
        ] {
            let countered = Some(at("2026-06-21T00:00:00Z"));
            assert_eq!(
                due(stage, received, countered, terms, zone),
                due_at.map(at),
                "{stage:?}"
            );
            let gone = erasure(stage, received, terms, zone);
            assert_eq!(
                gone,
                erased.then(|| at("2026-11-28T16:00:00Z")),
                "{stage:?}"
            );
            assert_eq!(may_write(stage).is_ok(), stage != ClaimStage::Closed);
        }
    }
}
