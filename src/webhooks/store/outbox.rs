//! Whose turn it is, and what came of it. A message is leased before it is sent, so that no two nodes
//! send it at once unless the first has not been heard of for a lease; and what came of it is
//! written before the next one about the same article has its turn.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use rand::seq::SliceRandom as _;

use super::find;
use super::rows::Row;
use super::standing::{disable, may_follow};
use crate::db::error::stored;
use crate::db::schema::{webhook_attempts as attempts, webhook_messages as messages, webhooks};
use crate::db::{Conn, Db, StoreError, Tx, WriteCx};
use crate::kernel::id::{Id as _, MessageId, WebhookId};
use crate::kernel::time::{from_db, to_db};
use crate::webhooks::model::{
    Answered, AttemptOutcome, DisabledReason, MessageState, MessageType, Webhook,
};
use crate::webhooks::schedule;

/// Messages to one webhook that a node sends at a time.
const AT_ONCE: usize = 8;

/// So many failures in a row leave a webhook one message at a time until one succeeds: a receiver that is
/// away, or hangs, holds up no other and gets no storm when it comes back.
const STRUGGLING: i64 = 8;

/// Webhooks that are looked at together.
const PAGE: i64 = 200;

/// A message that this node is to send now.
#[derive(Debug, Clone)]
pub struct Claim {
    pub webhook: WebhookId,
    pub message: MessageId,
    /// The attempt's number.
    pub n: i64,
    pub url: String,
    pub body: String,
    /// The sealed secrets, the newest first.
    pub secrets: Vec<String>,
}

/// What a node may take on.
#[derive(Debug, Clone, Copy)]
pub struct Room<'a> {
    /// Messages that it is sending, by webhook.
    pub busy: &'a HashMap<WebhookId, usize>,
    /// How many more it may send.
    pub free: usize,
    /// How long it has for each.
    pub lease: TimeDelta,
}

/// Takes what is due and fits, of each webhook in turn.
///
/// # Errors
/// A database error.
pub fn claim(db: &Db, cx: &WriteCx, room: Room<'_>) -> Result<Vec<Claim>, StoreError> {
    if room.free == 0 {
        return Ok(Vec::new());
    }
    // Looking costs no writer's turn.
    let due = db.read_now(|conn| due(conn, cx.now, room))?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    db.write_now(cx, |tx| {
        let mut claims = Vec::new();
        for (webhook, message) in due {
            claims.extend(take(tx, webhook, &message, room.lease)?);
        }
        Ok(claims)
    })
}

/// Messages that are due, one of each webhook after the other, up to what fits.
fn due(
    conn: &mut Conn,
    now: DateTime<Utc>,
    room: Room<'_>,
) -> Result<Vec<(WebhookId, String)>, StoreError> {
    let (mut after, mut queues) = (String::new(), Vec::new());
    loop {
        let page: Vec<Row> = webhooks::table
            .filter(webhooks::enabled.eq(true))
            .filter(webhooks::id.gt(&after))
            .order(webhooks::id.asc())
            .limit(PAGE)
            .select(Row::as_select())
            .load(conn)?;
        if page.is_empty() {
            break;
        }
        for row in page {
            let webhook = row.read()?;
            after = webhook.id.to_string();
            let queue = due_of(conn, &webhook, now, room)?;
            if !queue.is_empty() {
                queues.push((webhook.id, queue));
            }
        }
    }
    // Where there is more than fits, chance says who is first.
    queues.shuffle(&mut rand::rng());
    let mut chosen = Vec::new();
    for round in 0..AT_ONCE {
        for (webhook, queue) in &queues {
            if let Some(message) = queue.get(round).filter(|_| chosen.len() < room.free) {
                chosen.push((*webhook, message.clone()));
            }
        }
    }
    Ok(chosen)
}

fn due_of(
    conn: &mut Conn,
    webhook: &Webhook,
    now: DateTime<Utc>,
    room: Room<'_>,
) -> Result<Vec<String>, StoreError> {
    let most = match webhook.failures >= STRUGGLING {
        true => 1,
        false => AT_ONCE,
    };
    let busy = room.busy.get(&webhook.id).copied().unwrap_or(0);
    let slots = most.saturating_sub(busy);
    if slots == 0 || webhook.held_until > now {
        return Ok(Vec::new());
    }
    let now = to_db(now);
    Ok(messages::table
        .filter(messages::webhook_id.eq(webhook.id.to_string()))
        .filter(messages::state.eq(MessageState::Due.as_str()))
        .filter(messages::due_at.le(now))
        .filter(messages::lease_until.le(now))
        .order(messages::due_at.asc())
        .limit(i64::try_from(slots).unwrap_or(0))
        .select(messages::id)
        .load(conn)?)
}

/// Leases a message, if it is still due, and puts the attempt down.
fn take(
    tx: &mut Tx<'_>,
    id: WebhookId,
    message: &str,
    lease: TimeDelta,
) -> Result<Option<Claim>, StoreError> {
    let now = tx.now();
    let webhook = match find(tx.conn, id) {
        Ok(webhook) if webhook.target.enabled && webhook.held_until <= now => webhook,
        Ok(_) | Err(StoreError::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    };
    if may_follow(tx.conn, webhook.client, now)? != Some(true) {
        disable(tx, id, DisabledReason::ClientEnded)?;
        return Ok(None);
    }
    let due: Option<(i64, Option<chrono::NaiveDateTime>, String)> = messages::table
        .find(message)
        .filter(messages::state.eq(MessageState::Due.as_str()))
        .filter(messages::due_at.le(to_db(now)))
        .filter(messages::lease_until.le(to_db(now)))
        .select((
            messages::attempts,
            messages::first_attempt_at,
            messages::body,
        ))
        .first(tx.conn)
        .optional()?;
    let Some((before, began, body)) = due else {
        return Ok(None);
    };
    let n = before + 1;
    diesel::update(messages::table.find(message))
        .set((
            messages::attempts.eq(n),
            messages::first_attempt_at.eq(began.unwrap_or(to_db(now))),
            messages::lease_until.eq(to_db(now + lease)),
        ))
        .execute(tx.conn)?;
    // Of the one before nothing was heard in time.
    diesel::update(
        attempts::table
            .filter(attempts::message_id.eq(message))
            .filter(attempts::outcome.eq(AttemptOutcome::Sending.as_str())),
    )
    .set(attempts::outcome.eq(AttemptOutcome::Interrupted.as_str()))
    .execute(tx.conn)?;
    diesel::insert_into(attempts::table)
        .values((
            attempts::message_id.eq(message),
            attempts::n.eq(n),
            attempts::at.eq(to_db(now)),
            attempts::outcome.eq(AttemptOutcome::Sending.as_str()),
        ))
        .execute(tx.conn)?;
    let (secret, old): (String, Option<String>) = webhooks::table
        .find(id.to_string())
        .select((webhooks::secret, webhooks::old_secret))
        .first(tx.conn)?;
    let old = old.filter(|_| webhook.old_secret_until.is_some_and(|end| now < end));
    Ok(Some(Claim {
        webhook: id,
        message: stored(MessageId::parse(message), "webhook_messages.id")?,
        n,
        url: webhook.target.url,
        body,
        secrets: [secret].into_iter().chain(old).collect(),
    }))
}

/// How attempts are followed by others.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// The pause after the first failure.
    pub first: TimeDelta,
    /// 0..1: where in the pause to come.
    pub chance: f64,
}

/// Writes down what came of an attempt, and what follows. An attempt that another has followed
/// meanwhile changes nothing any more but its own line.
///
/// # Errors
/// A database error.
pub async fn settle(
    db: &Db,
    cx: WriteCx,
    claim: Claim,
    answered: Answered,
    patience: Patience,
) -> Result<(), StoreError> {
    db.write(cx, move |tx| settle_in(tx, &claim, answered, patience))
        .await
}

fn settle_in(
    tx: &mut Tx<'_>,
    claim: &Claim,
    answered: Answered,
    patience: Patience,
) -> Result<(), StoreError> {
    let message = claim.message.to_string();
    diesel::update(attempts::table.find((&message, claim.n)))
        .set((
            attempts::outcome.eq(answered.outcome.as_str()),
            attempts::status.eq(answered.status.map(i32::from)),
            attempts::took_ms.eq(answered.took_ms),
        ))
        .execute(tx.conn)?;
    let standing: Option<(String, String, Option<chrono::NaiveDateTime>)> = messages::table
        .find(&message)
        .filter(messages::attempts.eq(claim.n))
        .filter(messages::state.eq(MessageState::Due.as_str()))
        .select((messages::stream, messages::kind, messages::first_attempt_at))
        .first(tx.conn)
        .optional()?;
    let Some((stream, kind, began)) = standing else {
        return Ok(());
    };
    let is_ping = kind == MessageType::Ping.as_str();
    let began = began.map_or(tx.now(), from_db);
    // What another address answered says nothing of this one.
    let has_moved = find(tx.conn, claim.webhook)?.target.url != claim.url;
    if has_moved && answered.outcome != AttemptOutcome::Delivered {
        diesel::update(messages::table.find(&message))
            .set((
                messages::due_at.eq(to_db(tx.now())),
                messages::lease_until.eq(to_db(tx.now())),
            ))
            .execute(tx.conn)?;
        return Ok(());
    }
    match answered.outcome {
        AttemptOutcome::Delivered => delivered(tx, claim, &stream),
        AttemptOutcome::Gone => {
            failed(tx, claim, is_ping, Some(tx.now()), None)?;
            disable(tx, claim.webhook, DisabledReason::Gone)
        }
        AttemptOutcome::Sending
        | AttemptOutcome::Rejected
        | AttemptOutcome::Throttled
        | AttemptOutcome::TimedOut
        | AttemptOutcome::Unreachable
        | AttemptOutcome::RefusedAddress
        | AttemptOutcome::Interrupted => {
            // Those since it was tried as if for the first time.
            let tried: i64 = attempts::table
                .filter(attempts::message_id.eq(&message))
                .filter(attempts::at.ge(to_db(began)))
                .count()
                .get_result(tx.conn)?;
            let next = schedule::next(
                tried,
                patience.first,
                patience.chance,
                answered.asked,
                began,
                tx.now(),
            );
            failed(tx, claim, is_ping, next, answered.asked)?;
            match next.is_none() && !is_ping {
                true => disable(tx, claim.webhook, DisabledReason::Exhausted),
                false => Ok(()),
            }
        }
    }
}

/// The receiver has it: the next one about the same article has its turn.
fn delivered(tx: &mut Tx<'_>, claim: &Claim, stream: &str) -> Result<(), StoreError> {
    let now = to_db(tx.now());
    diesel::update(messages::table.find(claim.message.to_string()))
        .set((
            messages::state.eq(MessageState::Delivered.as_str()),
            messages::finished_at.eq(now),
            messages::lease_until.eq(now),
        ))
        .execute(tx.conn)?;
    diesel::update(webhooks::table.find(claim.webhook.to_string()))
        .set((
            webhooks::failures.eq(0),
            webhooks::last_delivered_at.eq(now),
        ))
        .execute(tx.conn)?;
    let next: Option<String> = messages::table
        .filter(messages::webhook_id.eq(claim.webhook.to_string()))
        .filter(messages::stream.eq(stream))
        .filter(messages::state.eq(MessageState::Waiting.as_str()))
        .order(messages::n.asc())
        .select(messages::id)
        .first(tx.conn)
        .optional()?;
    if let Some(next) = next {
        diesel::update(messages::table.find(next))
            .set((
                messages::state.eq(MessageState::Due.as_str()),
                messages::due_at.eq(now),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// The receiver has not got it: it is tried again at `next`, or given up. A pause that the receiver
/// asked for holds for all that goes there.
fn failed(
    tx: &mut Tx<'_>,
    claim: &Claim,
    is_ping: bool,
    next: Option<DateTime<Utc>>,
    asked: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    let (row, now) = (messages::table.find(claim.message.to_string()), tx.now());
    match next.filter(|_| !is_ping) {
        Some(next) => diesel::update(row)
            .set((
                messages::due_at.eq(to_db(next)),
                messages::lease_until.eq(to_db(now)),
            ))
            .execute(tx.conn)?,
        None => diesel::update(row)
            .set((
                messages::state.eq(MessageState::Failed.as_str()),
                messages::finished_at.eq(to_db(now)),
                messages::lease_until.eq(to_db(now)),
            ))
            .execute(tx.conn)?,
    };
    let webhook = find(tx.conn, claim.webhook)?;
    let held = asked.map_or(webhook.held_until, |asked| asked.max(webhook.held_until));
    diesel::update(webhooks::table.find(claim.webhook.to_string()))
        .set((
            webhooks::failures.eq(webhook.failures + 1),
            webhooks::held_until.eq(to_db(held)),
        ))
        .execute(tx.conn)?;
    Ok(())
}
