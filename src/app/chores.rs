//! Chores: what the server does without being asked. What readers see never waits for one of
//! them; they write down what has come about, and tidy up.
//!
//! Adding one means one line in [`CHORES`]. A chore does a bounded piece of work in transactions
//! of its own and may be killed between any two of them. Every node runs all of them: a chore
//! looks for what is due inside the transaction that does it, and writers follow each other
//! (see [`crate::db`]), so that nothing is done twice.

use std::collections::HashMap;
use std::time::Duration;

use actix_web::web::Data;
use chrono::{DateTime, Utc};

use crate::db::{Db, StoreError, WriteCx};
use crate::http::context::Shared;
use crate::{advisories, articles, audit, bulk, claims, jobs, registry, search, webhooks};

/// Something to do again and again.
#[derive(Debug, Clone, Copy)]
pub struct Chore {
    /// As logs and metrics name it.
    pub name: &'static str,
    /// The pause after a run that left nothing to do, in seconds.
    pub every_seconds: i64,
    /// Does a piece of what is due; whether there may be more.
    pub run: fn(&Db, &WriteCx) -> Result<bool, StoreError>,
}

/// All chores, in the order in which they take turns.
pub const CHORES: &[Chore] = &[
    Chore {
        name: "agenda",
        every_seconds: 1,
        run: articles::store::agenda::run,
    },
    Chore {
        name: "erase_data_of_claims",
        every_seconds: 3_600,
        run: claims::store::expiry::erase,
    },
    Chore {
        name: "work_on_jobs",
        every_seconds: 1,
        run: bulk::work::run,
    },
    Chore {
        name: "fill_search_index",
        every_seconds: 1,
        run: articles::store::reindex::fill,
    },
    Chore {
        name: "remake_search_index",
        every_seconds: 1,
        run: search::work::run,
    },
    Chore {
        name: "forget_job_items",
        every_seconds: 3_600,
        run: jobs::store::sweep,
    },
    Chore {
        name: "remind_of_advisories",
        every_seconds: 60,
        run: advisories::store::write::remind_overdue,
    },
    Chore {
        name: "review_registry",
        every_seconds: 30,
        run: registry::store::reviews::open_due,
    },
    Chore {
        name: "fill_outboxes",
        every_seconds: 1,
        run: super::webhooks::fill,
    },
    Chore {
        name: "forget_webhook_messages",
        every_seconds: 3_600,
        run: webhooks::store::log::sweep,
    },
    Chore {
        name: "forget_previews",
        every_seconds: 3_600,
        run: articles::store::previews::tidy,
    },
    // The last one: it seals what the others have written.
    Chore {
        name: "seal_audit",
        every_seconds: 5,
        run: audit::store::seal::seal,
    },
];

/// Does what is due, again and again. Ends with the process.
pub async fn work(shared: Data<Shared>) {
    let mut next: HashMap<&str, DateTime<Utc>> = HashMap::new();
    let mut left = false;
    loop {
        // What is left over is caught up with at once, but for a breath in which requests' writes
        // take their turns.
        let pause = if left { 5 } else { 500 };
        tokio::time::sleep(Duration::from_millis(pause)).await;
        left = false;
        for chore in CHORES {
            let now = shared.clock.now();
            // A clock that was set back must not keep a chore waiting for hours.
            let waits = next.get(chore.name).is_some_and(|at| {
                *at > now && *at - now <= chrono::TimeDelta::seconds(chore.every_seconds)
            });
            if waits {
                continue;
            }
            match piece(&shared, chore).await {
                Ok(true) => left = true,
                Ok(false) => {
                    let pause = chrono::TimeDelta::seconds(chore.every_seconds);
                    next.insert(chore.name, shared.clock.now() + pause);
                }
                Err(error) => tracing::warn!(chore = chore.name, %error, "not done; tried again"),
            }
        }
    }
}

/// Does everything that is due now, until nothing is left.
///
/// # Errors
/// Those of the chores.
pub async fn catch_up(shared: &Data<Shared>) -> Result<(), StoreError> {
    for chore in CHORES {
        while piece(shared, chore).await? {}
    }
    Ok(())
}

async fn piece(shared: &Data<Shared>, chore: &Chore) -> Result<bool, StoreError> {
    let (db, run) = (shared.db.clone(), chore.run);
    let cx = WriteCx::of_system(shared.clock.now(), shared.mint.clone());
    tokio::task::spawn_blocking(move || run(&db, &cx))
        .await
        .unwrap_or(Err(StoreError::Db(crate::db::DbError::Panicked)))
}
