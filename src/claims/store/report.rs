//! What a report on claims counts.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::{count_star, min};
use diesel::prelude::*;

use crate::claims::model::report::{Fact, Overdue};
use crate::claims::model::{ClaimKind, ClaimStage, Decision};
use crate::db::error::stored;
use crate::db::schema::claims;
use crate::db::{Db, DbError, StoreError};
use crate::kernel::time::{from_db, to_db};

#[derive(Queryable, Selectable)]
#[diesel(table_name = claims)]
struct Row {
    kind: String,
    stage: String,
    decision: Option<String>,
    within_window: Option<bool>,
    received_at: NaiveDateTime,
    acknowledged_at: Option<NaiveDateTime>,
    decided_at: Option<NaiveDateTime>,
}

impl Row {
    fn read(self) -> Result<Fact, DbError> {
        let decision = self.decision.as_deref();
        Ok(Fact {
            kind: stored(ClaimKind::parse(&self.kind), "claims.kind")?,
            stage: stored(ClaimStage::parse(&self.stage), "claims.stage")?,
            decision: decision
                .map(|word| stored(Decision::parse(word), "claims.decision"))
                .transpose()?,
            within_window: self.within_window,
            received_at: from_db(self.received_at),
            acknowledged_at: self.acknowledged_at.map(from_db),
            decided_at: self.decided_at.map(from_db),
        })
    }
}

/// The claims received from `from` on and before `until`, one more than `most` at most; and
/// what is overdue `now`, whenever it was received.
///
/// # Errors
/// A database error.
pub async fn facts(
    db: &Db,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
    most: usize,
) -> Result<(Vec<Fact>, Overdue), StoreError> {
    db.read(move |conn| {
        let rows: Vec<Row> = claims::table
            .filter(claims::received_at.ge(to_db(from)))
            .filter(claims::received_at.lt(to_db(until)))
            .limit(i64::try_from(most).unwrap_or(i64::MAX - 1) + 1)
            .select(Row::as_select())
            .load(conn)?;
        let facts = rows.into_iter().map(Row::read);
        let (count, oldest): (i64, Option<NaiveDateTime>) = claims::table
            .filter(claims::due_at.le(to_db(now)))
            .select((count_star(), min(claims::due_at)))
            .first(conn)?;
        let overdue = Overdue {
            count,
            oldest_due_at: oldest.map(from_db),
        };
        Ok((facts.collect::<Result<_, _>>()?, overdue))
    })
    .await
}
