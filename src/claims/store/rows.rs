//! Claims as rows, and the way back.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::claims::model::window::Window;
use crate::claims::model::{
    Claim, ClaimKind, ClaimStage, Claimant, CounterNotice, Decision, Evidence, Grounds, Line,
    Message, MessageFrom, Remedy, RequestedAction, Ruling,
};
use crate::db::error::{stored, stored_json, to_json};
use crate::db::schema::{claim_messages as messages, claims};
use crate::db::{DbError, StoreError};
use crate::kernel::id::{ArticleId, ClaimId, Id, UserId};
use crate::kernel::time::{from_db, unless_never};

#[derive(Queryable, Selectable)]
#[diesel(table_name = claims)]
pub(super) struct Row {
    id: String,
    revision: i64,
    kind: String,
    stage: String,
    requested_action: String,
    subject: Option<String>,
    article_id: Option<String>,
    claimant: Option<String>,
    grounds: Option<String>,
    published_at: Option<NaiveDateTime>,
    window_days: Option<i64>,
    window_ends_at: Option<NaiveDateTime>,
    within_window: Option<bool>,
    received_at: NaiveDateTime,
    acknowledged_at: Option<NaiveDateTime>,
    decided_at: Option<NaiveDateTime>,
    decision: Option<String>,
    remedy: Option<String>,
    decision_reason: Option<String>,
    counter_notice: Option<String>,
    countered_at: Option<NaiveDateTime>,
    restored_at: Option<NaiveDateTime>,
    closed_at: Option<NaiveDateTime>,
    withdrawn_at: Option<NaiveDateTime>,
    internal_note: Option<String>,
    due_at: NaiveDateTime,
    erase_at: NaiveDateTime,
    personal_data_erased_at: Option<NaiveDateTime>,
    updated_at: NaiveDateTime,
}

impl Row {
    pub(super) fn read(self) -> Result<Claim, StoreError> {
        let window = self.window();
        let ruling = self.ruling()?;
        let claimant: Option<StoredClaimant> = json(self.claimant, "claims.claimant")?;
        let grounds: Option<StoredGrounds> = json(self.grounds, "claims.grounds")?;
        let counter: Option<StoredCounter> = json(self.counter_notice, "claims.counter_notice")?;
        let action = RequestedAction::parse(&self.requested_action);
        Ok(Claim {
            id: stored(ClaimId::parse(&self.id), "claims.id")?,
            revision: self.revision,
            kind: stored(ClaimKind::parse(&self.kind), "claims.kind")?,
            stage: stored(ClaimStage::parse(&self.stage), "claims.stage")?,
            requested_action: stored(action, "claims.requested_action")?,
            subject: self.subject,
            article: article(self.article_id)?,
            claimant: claimant.map(Claimant::from),
            grounds: grounds.map(Grounds::from),
            window,
            received_at: from_db(self.received_at),
            acknowledged_at: self.acknowledged_at.map(from_db),
            decided_at: self.decided_at.map(from_db),
            ruling,
            counter: counter.map(CounterNotice::from),
            countered_at: self.countered_at.map(from_db),
            restored_at: self.restored_at.map(from_db),
            closed_at: self.closed_at.map(from_db),
            withdrawn_at: self.withdrawn_at.map(from_db),
            internal_note: self.internal_note,
            due_at: unless_never(from_db(self.due_at)),
            erase_at: unless_never(from_db(self.erase_at)),
            erased_at: self.personal_data_erased_at.map(from_db),
            updated_at: from_db(self.updated_at),
        })
    }

    fn window(&self) -> Option<Window> {
        Some(Window {
            days: self.window_days?,
            published_at: from_db(self.published_at?),
            ends_at: from_db(self.window_ends_at?),
            within: self.within_window?,
        })
    }

    fn ruling(&self) -> Result<Option<Ruling>, DbError> {
        let (Some(decision), Some(remedy)) = (&self.decision, &self.remedy) else {
            return Ok(None);
        };
        Ok(Some(Ruling {
            decision: stored(Decision::parse(decision), "claims.decision")?,
            remedy: stored(Remedy::parse(remedy), "claims.remedy")?,
            reason: self.decision_reason.clone().unwrap_or_default(),
        }))
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = claims)]
pub(super) struct LineRow {
    id: String,
    kind: String,
    stage: String,
    requested_action: String,
    article_id: Option<String>,
    within_window: Option<bool>,
    received_at: NaiveDateTime,
    due_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl LineRow {
    pub(super) fn read(self) -> Result<Line, StoreError> {
        let action = RequestedAction::parse(&self.requested_action);
        Ok(Line {
            id: stored(ClaimId::parse(&self.id), "claims.id")?,
            kind: stored(ClaimKind::parse(&self.kind), "claims.kind")?,
            stage: stored(ClaimStage::parse(&self.stage), "claims.stage")?,
            requested_action: stored(action, "claims.requested_action")?,
            article: article(self.article_id)?,
            within_window: self.within_window,
            received_at: from_db(self.received_at),
            due_at: unless_never(from_db(self.due_at)),
            updated_at: from_db(self.updated_at),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = messages)]
pub(super) struct MessageRow {
    n: i64,
    author: String,
    user_id: Option<String>,
    text: Option<String>,
    at: NaiveDateTime,
}

impl MessageRow {
    pub(super) fn read(self) -> Result<Message, StoreError> {
        Ok(Message {
            n: self.n,
            from: stored(MessageFrom::parse(&self.author), "claim_messages.author")?,
            by: self.user_id.as_deref().and_then(UserId::parse),
            text: self.text,
            at: from_db(self.at),
        })
    }
}

fn article(id: Option<String>) -> Result<Option<ArticleId>, DbError> {
    id.map(|id| stored(ArticleId::parse(&id), "claims.article_id"))
        .transpose()
}

fn json<T: serde::de::DeserializeOwned>(
    text: Option<String>,
    what: &str,
) -> Result<Option<T>, DbError> {
    text.map(|text| stored_json(&text, what)).transpose()
}

/// Writes what is personal in a form of its own, that the wire may change without it.
pub(super) fn claimant(claimant: Claimant) -> Result<String, DbError> {
    to_json(&StoredClaimant {
        name: claimant.name,
        organisation: claimant.organisation,
        email: claimant.email,
        phone: claimant.phone,
        postal_address: claimant.postal_address,
        acting_for: claimant.acting_for,
    })
}

/// [`claimant`] of what a claim rests on.
pub(super) fn grounds(grounds: Grounds) -> Result<String, DbError> {
    to_json(&StoredGrounds {
        statement: grounds.statement,
        work_description: grounds.work_description,
        ownership_statement: grounds.ownership_statement,
        declares_accuracy: grounds.declares_accuracy,
        declares_good_faith: grounds.declares_good_faith,
        evidence: grounds
            .evidence
            .into_iter()
            .map(|one| (one.description, one.url))
            .collect(),
    })
}

/// [`claimant`] of a counter-notice.
pub(super) fn counter(counter: CounterNotice) -> Result<String, DbError> {
    to_json(&StoredCounter {
        name: counter.name,
        email: counter.email,
        postal_address: counter.postal_address,
        statement: counter.statement,
        declares_good_faith: counter.declares_good_faith,
    })
}

#[derive(Serialize, Deserialize)]
struct StoredClaimant {
    name: String,
    organisation: Option<String>,
    email: String,
    phone: Option<String>,
    postal_address: Option<String>,
    acting_for: Option<String>,
}

impl From<StoredClaimant> for Claimant {
    fn from(stored: StoredClaimant) -> Self {
        Self {
            name: stored.name,
            organisation: stored.organisation,
            email: stored.email,
            phone: stored.phone,
            postal_address: stored.postal_address,
            acting_for: stored.acting_for,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct StoredGrounds {
    statement: String,
    work_description: Option<String>,
    ownership_statement: Option<String>,
    declares_accuracy: bool,
    declares_good_faith: bool,
    /// Description and address of each.
    evidence: Vec<(String, Option<String>)>,
}

impl From<StoredGrounds> for Grounds {
    fn from(stored: StoredGrounds) -> Self {
        let evidence = stored.evidence.into_iter();
        Self {
            statement: stored.statement,
            work_description: stored.work_description,
            ownership_statement: stored.ownership_statement,
            declares_accuracy: stored.declares_accuracy,
            declares_good_faith: stored.declares_good_faith,
            evidence: evidence
                .map(|(description, url)| Evidence { description, url })
                .collect(),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct StoredCounter {
    name: String,
    email: String,
    postal_address: Option<String>,
    statement: String,
    declares_good_faith: bool,
}

impl From<StoredCounter> for CounterNotice {
    fn from(stored: StoredCounter) -> Self {
        Self {
            name: stored.name,
            email: stored.email,
            postal_address: stored.postal_address,
            statement: stored.statement,
            declares_good_faith: stored.declares_good_faith,
        }
    }
}
