//! The two promises that stand between a licensed body and the wire: a signed statement goes
//! with it (rule 22), and the ledger holds it before its headers leave (rule 10).
//!
//! The nouns `attestations` and `deliveries` keep them; `app` wires them in.

use chrono::{DateTime, Utc};
use futures_util::future::LocalBoxFuture;

use super::problem::{Kind, Problem};
use crate::db::DbError;
use crate::kernel::id::{AttestationId, LicenceId};
use crate::rights::{Delivery, Surface};

/// Signs statements about deliveries.
pub trait Attest: Send + Sync {
    /// One statement for each delivery, in their order: the one given before for the same
    /// subject, unless it is near its end.
    ///
    /// # Errors
    /// A [`DbError`]: then nothing is given out.
    fn attest<'a>(
        &'a self,
        deliveries: &'a [Delivery],
        now: DateTime<Utc>,
    ) -> LocalBoxFuture<'a, Result<Vec<Attested>, DbError>>;

    /// Tells under which base URL the site is to be found: whoever signs is named by it.
    fn issued_by(&self, base_url: &str);
}

/// A signed statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attested {
    pub id: AttestationId,
    /// JWS in compact form.
    pub token: String,
}

/// Keeps the ledger.
pub trait Ledger: Send + Sync {
    /// Writes one row for each delivery, all or none. Checks key, licence, quota and article
    /// once more in the same transaction.
    ///
    /// # Errors
    /// [`Undelivered`]: then nothing is given out.
    fn record<'a>(
        &'a self,
        deliveries: Vec<Delivery>,
        on: Surface,
        request_id: String,
    ) -> LocalBoxFuture<'a, Result<(), Undelivered>>;
}

/// Why the ledger did not take a delivery.
#[derive(Debug)]
pub enum Undelivered {
    /// The licence's quota of the day does not hold so many more.
    Quota {
        licence: LicenceId,
        quota: i64,
        delivered: i64,
        resets_at: DateTime<Utc>,
    },
    /// Key, licence or article are not any more what the decision was made on.
    Changed,
    Db(DbError),
}

impl From<DbError> for Undelivered {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

impl Undelivered {
    /// The answer to who asked at `now`.
    pub fn into_problem(self, now: DateTime<Utc>) -> Problem {
        use actix_web::http::header::RETRY_AFTER;
        match self {
            Self::Quota {
                licence,
                quota,
                delivered,
                resets_at,
            } => {
                let seconds = (resets_at - now).num_seconds().max(0) + 1;
                Problem::new(Kind::QuotaExhausted)
                    .detail(format!(
                        "Licence {licence} gives {quota} bodies a day; {delivered} are given. It begins anew at {}.",
                        resets_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
                    ))
                    .resets_at(resets_at)
                    .header(RETRY_AFTER, &seconds.to_string())
            }
            Self::Changed => Problem::new(Kind::Unavailable)
                .detail("The right changed while the answer was made. Ask again.")
                .header(RETRY_AFTER, "1"),
            Self::Db(error) => error.into(),
        }
    }
}
