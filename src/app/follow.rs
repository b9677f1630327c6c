//! What this process keeps of settings, clients and the dictionary: read anew when a change is heard of, this
//! node's own or, by the change feed, another's.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::web::Data;
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval};

use crate::db::{Conn, Heed, StoreError, Touched};
use crate::http::context::Shared;
use crate::{clients, dictionary, settings};

/// What the records are called of which something is kept.
const KEPT: [&str; 3] = ["client", "settings", dictionary::store::NOUN];

/// Ticks, of a second each, between two sweeps of the limits.
const SWEEP: u64 = 60;

/// Hears that something kept has changed.
#[derive(Default)]
struct Ear(Notify);

impl Heed for Ear {
    // Reading anew is left to who waits: the writer who tells this still holds a connection.
    fn touched(&self, records: &[Touched]) {
        if records
            .iter()
            .any(|record| KEPT.contains(&record.resource.as_str()))
        {
            self.0.notify_one();
        }
    }

    fn lost(&self) {
        self.0.notify_one();
    }
}

/// Keeps them fresh. Ends with the process.
pub async fn follow(shared: Data<Shared>) {
    let ear = Arc::new(Ear::default());
    let heed: Arc<dyn Heed> = Arc::<Ear>::clone(&ear);
    shared.db.tell(&heed);
    let mut seconds = interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut ticks, mut is_stale): (u64, bool) = (0, true);
    loop {
        tokio::select! {
            () = ear.0.notified() => is_stale = true,
            _ = seconds.tick() => {
                ticks += 1;
                if ticks.is_multiple_of(SWEEP) {
                    shared.limits.sweep();
                }
            }
        }
        // Where the feed has fallen silent, looking is what is left.
        if is_stale || !shared.db.is_fed() {
            let kept = shared.clone();
            let refreshed = tokio::task::spawn_blocking(move || refresh(&kept)).await;
            is_stale = !matches!(refreshed, Ok(Ok(())));
            if let Ok(Err(error)) = refreshed {
                tracing::warn!(%error, "settings could not be read anew");
            }
        }
    }
}

/// Reads anew what the process keeps.
///
/// # Errors
/// A database error.
pub fn refresh(shared: &Shared) -> Result<(), StoreError> {
    let now = shared.clock.now();
    let (settings, origins, lexicon) = shared.db.read_now(|conn: &mut Conn| {
        let settings = settings::store::load(conn)?;
        let origins: HashSet<String> = clients::store::browser_origins(conn, now)?;
        let lexicon = dictionary::store::lexicon(conn)?;
        Ok::<_, StoreError>((settings, origins, lexicon))
    })?;
    shared
        .public_max_age_seconds
        .store(settings.profile.max_age(), Ordering::Relaxed);
    *shared.browser_origins.write() = origins;
    *shared.lexicon.write() = Arc::new(lexicon);
    shared.attest.issued_by(&settings.profile.base_url);
    Ok(())
}
