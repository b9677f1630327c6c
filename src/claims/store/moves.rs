//! The desk's moves: each in one transaction with what it does to the work and with its lines
//! in the journal.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::{Value, json};

use super::takedown::Shelf;
use super::{NOUN, find, holds, messages, rows, works};
use crate::claims::model::{Claim, ClaimStage, CounterNotice, Remedy, Ruling, Terms};
use crate::claims::workflow::{self, Move};
use crate::db::schema::claims;
use crate::db::takedowns::keepers;
use crate::db::{Change, Db, Entry, StoreError, Tx, WriteCx, Written};
use crate::kernel::id::{ArticleId, ClaimId};
use crate::kernel::time::{never, to_db};

/// What a move has in common with the others: whose case, what to tell the claimant, and how
/// long things may take.
#[derive(Debug, Clone)]
pub struct Act {
    pub claim: ClaimId,
    pub message: Option<String>,
    pub terms: Terms,
}

/// Confirms that a claim was received and is in order.
///
/// # Errors
/// [`StoreError::NotFound`], [`StoreError::State`] with what fits the stage, or a database error.
pub async fn acknowledge(db: &Db, cx: WriteCx, act: Act) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        let (claim, stage) = begin(tx, &act, Move::Acknowledge)?;
        acknowledged(tx, &claim)?;
        end(tx, &claim, stage, &act, json!({"move": "acknowledge"}))
    })
    .await
}

/// Freezes the evidence and, for the time being, takes the work back from readers where there
/// is a reason for the public.
///
/// # Errors
/// As [`acknowledge`]; [`StoreError::State`] where no work was found, evidence is frozen
/// already, or the work is not to be seen.
pub async fn hold(
    db: &Db,
    cx: WriteCx,
    act: Act,
    public_reason: Option<String>,
    shelf: Shelf,
) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        let (claim, stage) = begin(tx, &act, Move::Hold)?;
        let article = work(tx, &claim)?;
        if let Some(hold) = holds::active(tx.conn, claim.id)? {
            let detail = format!("The evidence is frozen already, by {}.", hold.id);
            return Err(StoreError::State(detail));
        }
        acknowledged(tx, &claim)?;
        let is_interim = public_reason.is_some();
        holds::freeze(tx, &claim, article, is_interim)?;
        if let Some(reason) = public_reason {
            withdraw(tx, &claim, article, reason, &shelf)?;
        }
        let detail = json!({"move": "hold", "interim": is_interim});
        end(tx, &claim, stage, &act, detail)
    })
    .await
}

/// Ends the freeze. A work that was taken back for the time being goes back to readers.
///
/// # Errors
/// As [`acknowledge`]; [`StoreError::State`] where nothing is frozen.
pub async fn release(db: &Db, cx: WriteCx, act: Act, shelf: Shelf) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        let claim = find(tx.conn, act.claim)?;
        let hold = holds::active(tx.conn, claim.id)?;
        let hold =
            hold.ok_or_else(|| StoreError::State("No evidence is frozen for it.".to_owned()))?;
        messages::say(tx, claim.id, act.message.as_deref())?;
        holds::release(tx, &hold)?;
        if claim.is_held_back() {
            give_back(tx, &claim, &shelf)?;
        }
        end(tx, &claim, claim.stage, &act, json!({"move": "release"}))
    })
    .await
}

/// Decides a claim, and does what follows from it.
///
/// # Errors
/// As [`acknowledge`]; [`StoreError::State`] where there is no work to withdraw.
pub async fn decide(
    db: &Db,
    cx: WriteCx,
    act: Act,
    ruling: Ruling,
    shelf: Shelf,
) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        let (claim, stage) = begin(tx, &act, Move::Decide)?;
        match ruling.remedy {
            Remedy::Withdraw => {
                let article = work(tx, &claim)?;
                match works::withdrawn_at(tx.conn, article)? {
                    None => withdraw(tx, &claim, article, ruling.reason.clone(), &shelf)?,
                    // On another claim: from now on on this one as well, whatever becomes of that.
                    Some(at) if kept_by_another(tx, &claim, article, at)? => {
                        set_withdrawn(tx, claim.id, Some(at))?;
                    }
                    // On this claim already, or by hand: then it stays so.
                    Some(_) => {}
                }
            }
            // What is held back stays so until the text is mended and the hold released.
            Remedy::Correct => {
                work(tx, &claim)?;
            }
            Remedy::None if claim.withdrawn_at.is_some() => give_back(tx, &claim, &shelf)?,
            Remedy::None => {}
        }
        let (decision, remedy) = (ruling.decision, ruling.remedy);
        diesel::update(claims::table.find(claim.id.to_string()))
            .set((
                claims::decided_at.eq(Some(to_db(tx.now()))),
                claims::decision.eq(Some(decision.as_str())),
                claims::remedy.eq(Some(remedy.as_str())),
                claims::decision_reason.eq(Some(ruling.reason)),
            ))
            .execute(tx.conn)?;
        let detail =
            json!({"move": "decide", "decision": decision.as_str(), "action": remedy.as_str()});
        end(tx, &claim, stage, &act, detail)
    })
    .await
}

/// Takes the objection of whoever answers for a work that was withdrawn on the claim.
///
/// # Errors
/// As [`acknowledge`]; [`StoreError::State`] where nothing was withdrawn.
pub async fn counter(
    db: &Db,
    cx: WriteCx,
    act: Act,
    notice: CounterNotice,
) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        let (claim, stage) = begin(tx, &act, Move::Counter)?;
        if claim.withdrawn_at.is_none() {
            return Err(StoreError::State(
                "No work was withdrawn on this claim: there is nothing to object to.".to_owned(),
            ));
        }
        diesel::update(claims::table.find(claim.id.to_string()))
            .set((
                claims::countered_at.eq(Some(to_db(tx.now()))),
                claims::counter_notice.eq(Some(rows::counter(notice)?)),
            ))
            .execute(tx.conn)?;
        end(tx, &claim, stage, &act, json!({"move": "counter-notice"}))
    })
    .await
}

/// Gives the work back to readers after a counter-notice.
///
/// # Errors
/// As [`acknowledge`]; [`StoreError::State`] where the work can no longer be shown.
pub async fn restore(db: &Db, cx: WriteCx, act: Act, shelf: Shelf) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        let (claim, stage) = begin(tx, &act, Move::Restore)?;
        give_back(tx, &claim, &shelf)?;
        diesel::update(claims::table.find(claim.id.to_string()))
            .set(claims::restored_at.eq(Some(to_db(tx.now()))))
            .execute(tx.conn)?;
        end(tx, &claim, stage, &act, json!({"move": "restore"}))
    })
    .await
}

/// Ends a case. Evidence stays frozen until it is released.
///
/// # Errors
/// As [`acknowledge`]; [`StoreError::State`] while the work is held back undecided.
pub async fn close(db: &Db, cx: WriteCx, act: Act) -> Result<Written, StoreError> {
    db.write_once(cx, move |tx| {
        let (claim, stage) = begin(tx, &act, Move::Close)?;
        if claim.is_held_back() {
            return Err(StoreError::State(
                "The work is held back for the time being: release it, or decide that it stays withdrawn.".to_owned(),
            ));
        }
        diesel::update(claims::table.find(claim.id.to_string()))
            .set(claims::closed_at.eq(Some(to_db(tx.now()))))
            .execute(tx.conn)?;
        end(tx, &claim, stage, &act, json!({"move": "close"}))
    })
    .await
}

/// The claim, and the stage that the move leads to; what the claimant is told is written down.
fn begin(tx: &mut Tx<'_>, act: &Act, made: Move) -> Result<(Claim, ClaimStage), StoreError> {
    let claim = find(tx.conn, act.claim)?;
    let stage = workflow::after(claim.stage, made).map_err(StoreError::State)?;
    messages::say(tx, claim.id, act.message.as_deref())?;
    Ok((claim, stage))
}

/// Writes the stage, what is due in it, and the journal.
fn end(
    tx: &mut Tx<'_>,
    claim: &Claim,
    stage: ClaimStage,
    act: &Act,
    mut detail: Value,
) -> Result<Written, StoreError> {
    let now = tx.now();
    let zone = works::zone(tx.conn)?;
    let revision = claim.revision + 1;
    let name = claim.id.to_string();
    let due = match stage == claim.stage {
        // Nothing that leaves the stage as it is moves its end.
        true => claim.due_at,
        false => workflow::due(stage, claim.received_at, Some(now), act.terms, zone),
    };
    let erase = match stage == claim.stage {
        true => claim.erase_at,
        false => workflow::erasure(stage, now, act.terms, zone),
    };
    diesel::update(claims::table.find(&name))
        .set((
            claims::revision.eq(revision),
            claims::stage.eq(stage.as_str()),
            claims::due_at.eq(to_db(due.unwrap_or_else(never))),
            claims::erase_at.eq(to_db(erase.unwrap_or_else(never))),
            claims::updated_at.eq(to_db(now)),
        ))
        .execute(tx.conn)?;
    detail["stage"] = json!(stage.as_str());
    tx.record(Entry::new(Change::Updated, NOUN, &name).detail(detail))?;
    Ok(Written::changed(claim.id, revision))
}

/// Who freezes the evidence at once has acknowledged the claim thereby.
fn acknowledged(tx: &mut Tx<'_>, claim: &Claim) -> Result<(), StoreError> {
    let at: DateTime<Utc> = claim.acknowledged_at.unwrap_or(tx.cx.now);
    diesel::update(claims::table.find(claim.id.to_string()))
        .set(claims::acknowledged_at.eq(Some(to_db(at))))
        .execute(tx.conn)?;
    Ok(())
}

/// The work that the claim is about. It may be gone: naming one keeps nothing from being deleted.
fn work(tx: &mut Tx<'_>, claim: &Claim) -> Result<ArticleId, StoreError> {
    if let Some(article) = claim.article
        && works::is_there(tx.conn, article)?
    {
        return Ok(article);
    }
    Err(StoreError::State(
        "No work was found for what the claim names, or it is gone: set article_id by PATCH first."
            .to_owned(),
    ))
}

/// Takes the work back from readers, and remembers that the claim did so.
fn withdraw(
    tx: &mut Tx<'_>,
    claim: &Claim,
    article: ArticleId,
    reason: String,
    shelf: &Shelf,
) -> Result<(), StoreError> {
    if works::withdrawn_at(tx.conn, article)?.is_some() {
        return Err(StoreError::State(
            "It is withdrawn already: the evidence can be frozen without a public reason."
                .to_owned(),
        ));
    }
    shelf.0.withdraw(tx, article, reason)?;
    let at = works::withdrawn_at(tx.conn, article)?;
    set_withdrawn(tx, claim.id, at)
}

/// Whether another claim keeps the work withdrawn by that withdrawal.
fn kept_by_another(
    tx: &mut Tx<'_>,
    claim: &Claim,
    article: ArticleId,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let name = claim.id.to_string();
    let keepers = keepers(tx.conn, &article.to_string(), at)?;
    Ok(keepers.iter().any(|keeper| *keeper != name))
}

/// Gives the work back to readers, unless somebody has changed by hand what the claim did, or
/// another claim keeps it away.
fn give_back(tx: &mut Tx<'_>, claim: &Claim, shelf: &Shelf) -> Result<(), StoreError> {
    if let (Some(article), Some(at)) = (claim.article, claim.withdrawn_at)
        && works::stands(tx.conn, article, at)?
        && !kept_by_another(tx, claim, article, at)?
    {
        shelf
            .0
            .reinstate(tx, article, format!("Given back after claim {}.", claim.id))?;
    }
    set_withdrawn(tx, claim.id, None)
}

fn set_withdrawn(
    tx: &mut Tx<'_>,
    id: ClaimId,
    at: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    diesel::update(claims::table.find(id.to_string()))
        .set(claims::withdrawn_at.eq(at.map(to_db)))
        .execute(tx.conn)?;
    Ok(())
}
