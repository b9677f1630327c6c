//! Following the change log: what this process keeps of settings and clients is as fresh as a
//! second on every node.

use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::web::Data;
use diesel::dsl::max;
use diesel::prelude::*;

use crate::db::schema::changes;
use crate::db::{Conn, DbError, StoreError};
use crate::http::context::Shared;
use crate::{clients, settings};

/// Follows the change log, so that what this process keeps of settings and clients is as
/// fresh as a second on every node. Ends with the process.
pub async fn follow(shared: Data<Shared>) {
    let mut seen = None;
    let mut ticks: u64 = 0;
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        ticks += 1;
        if ticks.is_multiple_of(60) {
            shared.limits.sweep();
        }
        let last = shared
            .db
            .read(|conn| {
                changes::table
                    .select(max(changes::seq))
                    .first::<Option<i64>>(conn)
                    .map_err(DbError::from)
            })
            .await;
        match last {
            Ok(last) if last == seen => {}
            Ok(last) => match refresh(&shared) {
                Ok(()) => seen = last,
                Err(error) => tracing::warn!(%error, "settings could not be read anew"),
            },
            Err(error) => tracing::warn!(%error, "the change log could not be read"),
        }
    }
}

/// Reads anew what the process keeps of settings and clients.
///
/// # Errors
/// A database error.
pub fn refresh(shared: &Shared) -> Result<(), StoreError> {
    let now = shared.clock.now();
    let (settings, origins) = shared.db.read_now(|conn: &mut Conn| {
        let settings = settings::store::load(conn)?;
        let origins = clients::store::browser_origins(conn, now)?;
        Ok::<_, StoreError>((settings, origins))
    })?;
    shared
        .public_max_age_seconds
        .store(settings.profile.max_age(), Ordering::Relaxed);
    *shared.browser_origins.write() = origins;
    shared.attest.issued_by(&settings.profile.base_url);
    Ok(())
}
