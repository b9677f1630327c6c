//! The one who writes the ledger: a thread of its own that commits in groups.
//!
//! A commit costs the same for one row and for many, so requests queue up while one is under
//! way and go together into the next. A request that comes alone is committed at once. The
//! ledger may hold more than was received, if somebody leaves while it is written; never less.
//!
//! [`Db::write`] groups writes as well, each with its own reads and inserts. Here a whole group is
//! read and inserted by the same few statements, however many bodies are in it.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;

use futures_util::future::LocalBoxFuture;
use tokio::sync::oneshot;

use super::model::{Batch, Refusal};
use super::store::record::record;
use crate::db::{Actor, Db, DbError, WriteCx};
use crate::http::ledger::{Ledger, Undelivered};
use crate::kernel::id::Mint;
use crate::kernel::time::Clock;
use crate::rights::{Delivery, Surface};

/// Requests that wait at most; more are turned away at once.
const QUEUE: usize = 4_096;

/// Requests of one commit at most.
const GROUP: usize = 256;

/// Bodies after which a group takes no further request, so that no commit takes long.
const BODIES: usize = 1_000;

/// A batch, and who waits for it.
struct Asked {
    batch: Batch,
    answer: oneshot::Sender<Result<(), Undelivered>>,
}

/// The way to the thread that writes. The thread ends once the last way to it is gone and the
/// queue is empty.
pub struct Writer {
    queue: SyncSender<Asked>,
}

impl Writer {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start(db: Db, clock: Clock, mint: Mint) -> io::Result<Self> {
        let (queue, asked) = sync_channel(QUEUE);
        thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || {
                while let Some(group) = next_group(&asked) {
                    settle(&db, &clock, &mint, group);
                }
            })?;
        Ok(Self { queue })
    }
}

impl Ledger for Writer {
    fn record<'a>(
        &'a self,
        deliveries: Vec<Delivery>,
        on: Surface,
        request_id: String,
    ) -> LocalBoxFuture<'a, Result<(), Undelivered>> {
        let (answer, answered) = oneshot::channel();
        let batch = Batch {
            deliveries,
            surface: on,
            request_id,
        };
        let queued = self.queue.try_send(Asked { batch, answer });
        Box::pin(async move {
            match queued {
                Ok(()) => answered.await.unwrap_or(Err(DbError::Saturated.into())),
                Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                    Err(DbError::Saturated.into())
                }
            }
        })
    }
}

/// Waits for a request, and takes those that came meanwhile along. `None` at the end.
fn next_group(asked: &Receiver<Asked>) -> Option<Vec<Asked>> {
    let mut group = vec![asked.recv().ok()?];
    let mut bodies = group[0].batch.deliveries.len();
    while group.len() < GROUP && bodies < BODIES {
        let Ok(next) = asked.try_recv() else { break };
        bodies += next.batch.deliveries.len();
        group.push(next);
    }
    Some(group)
}

/// Commits a group and answers each of it.
fn settle(db: &Db, clock: &Clock, mint: &Mint, group: Vec<Asked>) {
    // Who has gone gets nothing, and so owes nothing.
    let (batches, answers): (Vec<Batch>, Vec<_>) = group
        .into_iter()
        .filter(|asked| !asked.answer.is_closed())
        .map(|asked| (asked.batch, asked.answer))
        .unzip();
    if batches.is_empty() {
        return;
    }
    let cx = WriteCx {
        actor: Actor::Operator,
        now: clock.now(),
        mint: mint.clone(),
        request_id: None,
        once: None,
    };
    // A panic must not end the thread: everybody after it would wait for nothing.
    let recorded = catch_unwind(AssertUnwindSafe(|| record(db, &cx, clock, &batches)))
        .unwrap_or(Err(DbError::Panicked));
    match recorded {
        Ok(outcomes) => {
            for (answer, outcome) in answers.into_iter().zip(outcomes) {
                // Who has gone meanwhile does not hear it; the rows stand.
                let _ = answer.send(outcome.map_err(Undelivered::from));
            }
        }
        Err(error) => {
            tracing::error!(%error, requests = batches.len(), "the ledger took nothing");
            for answer in answers {
                let _ = answer.send(Err(again(&error).into()));
            }
        }
    }
}

/// The error as each of a group is told it.
fn again(error: &DbError) -> DbError {
    match error {
        DbError::Saturated | DbError::Panicked => DbError::Saturated,
        DbError::Unavailable(_)
        | DbError::Unique(_)
        | DbError::Reference
        | DbError::Corrupt(_)
        | DbError::Query(_) => DbError::Unavailable(error.to_string()),
    }
}

impl From<Refusal> for Undelivered {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Changed => Self::Changed,
            Refusal::Quota {
                licence,
                quota,
                delivered,
                resets_at,
            } => Self::Quota {
                licence,
                quota,
                delivered,
                resets_at,
            },
        }
    }
}
