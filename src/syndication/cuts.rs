//! Where the parts of the sitemap end.

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

use crate::articles::store::sitemaps::ends;
use crate::db::page::Mark;
use crate::db::{Db, StoreError};

/// For how long places are kept. Parts grow where works come in behind their time, and are cut anew after it.
const KEPT: TimeDelta = TimeDelta::days(1);

/// The places, as far as this process has looked. What was cut once stays a fit place to cut at, whatever comes and
/// goes, so that each look goes on where the last one ended.
#[derive(Debug, Default)]
pub struct Cuts(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    since: DateTime<Utc>,
    places: Vec<Mark>,
}

impl Cuts {
    /// All that there are. One look at a time; what it has found is kept, should it be cut off.
    ///
    /// # Errors
    /// A database error.
    pub async fn known(&self, db: &Db, now: DateTime<Utc>) -> Result<Vec<Mark>, StoreError> {
        let mut known = self.0.lock().await;
        if now - known.since > KEPT {
            *known = Known {
                since: now,
                places: Vec::new(),
            };
        }
        loop {
            let found = ends(db, known.places.last().cloned(), now).await?;
            if found.is_empty() {
                return Ok(known.places.clone());
            }
            known.places.extend(found);
        }
    }
}
