//! Who waits for changes is woken by any write of this node, and by what it hears of other nodes'.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::db::{Db, Heed, Touched};
use crate::kernel::id::ClientId;

/// What comes about by the clock alone wakes nobody: who waits looks as often as this.
const LOOK: Duration = Duration::from_secs(1);

/// The pause between two looks of one who waits.
const PAUSE: Duration = Duration::from_millis(100);

/// Requests of one client that may wait at a time.
const MOST_WAITING: usize = 16;

/// Wakes those who wait. Cheap to clone.
#[derive(Clone)]
pub struct Wake {
    writes: Arc<Writes>,
    waiting: Arc<Mutex<HashMap<ClientId, usize>>>,
}

/// Whether nobody is to wait any more.
struct Writes(watch::Sender<bool>);

impl Heed for Writes {
    fn touched(&self, _: &[Touched]) {
        self.0.send_modify(|_| {});
    }

    fn lost(&self) {
        self.0.send_modify(|_| {});
    }
}

impl Wake {
    /// Listens to what is written from now on.
    pub fn new(db: &Db) -> Self {
        let writes = Arc::new(Writes(watch::Sender::new(false)));
        let heed: Arc<dyn Heed> = writes.clone();
        db.tell(&heed);
        Self {
            writes,
            waiting: Arc::default(),
        }
    }

    /// Ends all waiting: the server stops.
    pub fn close(&self) {
        self.writes.0.send_replace(true);
    }

    /// A place among those who wait; `None` if the client has as many as it may.
    pub fn wait(&self, client: ClientId) -> Option<Waiting> {
        let mut waiting = self.waiting.lock();
        let count = waiting.entry(client).or_default();
        (*count < MOST_WAITING).then(|| {
            *count += 1;
            Waiting {
                client,
                news: self.writes.0.subscribe(),
                waiting: Arc::clone(&self.waiting),
            }
        })
    }
}

/// A place among those who wait, given back when it is dropped.
pub struct Waiting {
    client: ClientId,
    news: watch::Receiver<bool>,
    waiting: Arc<Mutex<HashMap<ClientId, usize>>>,
}

impl Waiting {
    /// Returns when something was written since the last call, or it is time to look.
    pub async fn next(&mut self) {
        // However much is written: looking costs those who write.
        tokio::time::sleep(PAUSE).await;
        // Nobody wakes any more when the process ends.
        let _ = tokio::time::timeout(LOOK, self.news.changed()).await;
    }

    /// Whether nobody is to wait any more.
    pub fn is_over(&self) -> bool {
        *self.news.borrow()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut waiting = self.waiting.lock();
        if let Some(count) = waiting.get_mut(&self.client) {
            *count -= 1;
            if *count == 0 {
                waiting.remove(&self.client);
            }
        }
    }
}
