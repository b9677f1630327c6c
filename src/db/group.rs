//! Writes in common commits. A commit costs the same for one write and for many, so writes queue up
//! while one is under way and go together into the next: each under a savepoint of its own, so that
//! one that fails is undone alone. A write that comes alone is committed at once; nobody waits for a
//! group to fill. Nobody is answered before the commit: who reads a clash has read what was kept.
//!
//! Start with [`Queue::write`].

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use tokio::sync::oneshot;

use super::writer::{Turn, Writer};
use super::{Conn, DbError, Transactions, Tx, WriteCx};

/// Writes that wait at most; more are turned away at once.
const QUEUE: usize = 4_096;

/// Writes of one commit at most.
const GROUP: usize = 256;

/// After this long a group takes no further write, so that the other writers of the database have
/// their turns.
const LONG: Duration = Duration::from_millis(50);

/// The way to the thread that writes. The thread ends once the last way to it is gone and the queue
/// is empty.
#[derive(Clone)]
pub(super) struct Queue(SyncSender<Box<dyn Asked>>);

impl Queue {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start(writer: Writer) -> io::Result<Self> {
        let (queue, asked) = sync_channel(QUEUE);
        thread::Builder::new()
            .name("db-writer".to_owned())
            .spawn(move || {
                let mut waiting = Waiting::new(asked);
                while waiting.wait() {
                    // A panic must not end the thread: everybody after it would wait for nothing.
                    // Those of the group hear of it, since nobody is left to answer them.
                    if catch_unwind(AssertUnwindSafe(|| commit(&writer, &mut waiting))).is_err() {
                        tracing::error!("a group of writes panicked outside of its writes");
                    }
                }
            })?;
        Ok(Self(queue))
    }

    /// Asks for a write and waits until it is committed.
    ///
    /// # Errors
    /// Those of `write`, or a [`DbError`]; nothing is kept then.
    pub async fn write<T, E, W>(&self, cx: WriteCx, write: W) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        W: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let asked = Write {
            cx,
            write: Some(write),
            result: None,
            answer,
            asked_at: Instant::now(),
        };
        match self.0.try_send(Box::new(asked)) {
            Ok(()) => answered
                .await
                .unwrap_or_else(|_| Err(DbError::Panicked.into())),
            Err(_) => Err(DbError::Saturated.into()),
        }
    }
}

/// A write, and who waits for it.
trait Asked: Send {
    /// Whether nobody waits for it any more: then it is not begun.
    fn is_gone(&self) -> bool;

    /// How long it has waited.
    fn waited(&self) -> Duration;

    /// Does it in this turn; whether it is to be kept.
    fn run(&mut self, turn: &mut Turn<'_>) -> bool;

    /// Answers it: with what came of it, or else with what became of the commit.
    fn answer(self: Box<Self>, committed: Result<(), &DbError>);
}

struct Write<T, E, W> {
    cx: WriteCx,
    write: Option<W>,
    result: Option<Result<T, E>>,
    answer: oneshot::Sender<Result<T, E>>,
    asked_at: Instant,
}

impl<T, E, W> Asked for Write<T, E, W>
where
    T: Send,
    E: From<DbError> + Send,
    W: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send,
{
    fn is_gone(&self) -> bool {
        self.answer.is_closed()
    }

    fn waited(&self) -> Duration {
        self.asked_at.elapsed()
    }

    fn run(&mut self, turn: &mut Turn<'_>) -> bool {
        let Some(write) = self.write.take() else {
            return false;
        };
        self.cx.now = turn.time(self.cx.now);
        let mut tx = Tx {
            conn: &mut *turn.conn,
            cx: &self.cx,
            told: &mut *turn.told,
        };
        // What a write leaves behind that panicked is undone as that of one that failed.
        let result = catch_unwind(AssertUnwindSafe(|| write(&mut tx)))
            .unwrap_or_else(|_| Err(DbError::Panicked.into()));
        let is_kept = result.is_ok();
        self.result = Some(result);
        is_kept
    }

    fn answer(self: Box<Self>, committed: Result<(), &DbError>) {
        let result = match (committed, self.result) {
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(DbError::Saturated.into()),
            (Err(error), _) => Err(again(error).into()),
        };
        // Who has gone meanwhile does not hear it; what is written stands.
        let _ = self.answer.send(result);
    }
}

/// Those whose turn comes next.
struct Waiting {
    next: VecDeque<Box<dyn Asked>>,
    queue: Receiver<Box<dyn Asked>>,
}

impl Waiting {
    fn new(queue: Receiver<Box<dyn Asked>>) -> Self {
        Self {
            next: VecDeque::new(),
            queue,
        }
    }

    /// Waits until there is one; `false` at the end.
    fn wait(&mut self) -> bool {
        if self.next.is_empty() {
            self.next.extend(self.queue.recv());
        }
        !self.next.is_empty()
    }

    /// The next one that somebody still waits for.
    fn take(&mut self) -> Option<Box<dyn Asked>> {
        loop {
            let next = self.next.pop_front().or_else(|| self.queue.try_recv().ok());
            match next {
                Some(asked) if asked.is_gone() => {}
                next => return next,
            }
        }
    }

    /// Whether there is one now.
    fn has_next(&mut self) -> bool {
        if self.next.is_empty() {
            self.next.extend(self.queue.try_recv());
        }
        !self.next.is_empty()
    }

    /// Those that have waited too long.
    fn late(&mut self, patience: Duration) -> Vec<Box<dyn Asked>> {
        self.next.extend(self.queue.try_iter());
        let (late, next) = std::mem::take(&mut self.next)
            .into_iter()
            .partition(|asked| asked.waited() >= patience);
        self.next = next;
        Vec::from_iter::<VecDeque<_>>(late)
    }
}

/// Why a group was not committed.
enum Undone {
    /// Its only write was not to be kept.
    Alone,
    Broken(DbError),
}

impl From<DbError> for Undone {
    fn from(error: DbError) -> Self {
        Self::Broken(error)
    }
}

/// Commits those who wait, and answers each.
fn commit(writer: &Writer, waiting: &mut Waiting) {
    let mut group = Vec::new();
    let done = writer.transaction(|turn| fill(turn, waiting, &mut group));
    match done {
        Ok(()) | Err(Undone::Alone) => group.into_iter().for_each(|asked| asked.answer(Ok(()))),
        Err(Undone::Broken(error)) => {
            if group.is_empty() {
                // No turn came, or the database gives none. Who has not waited long for a turn
                // waits for the next one.
                let patience = match error {
                    DbError::Saturated => writer.patience(),
                    _ => Duration::ZERO,
                };
                group.extend(waiting.late(patience));
            }
            tracing::error!(%error, writes = group.len(), "no write of a group was kept");
            group
                .into_iter()
                .for_each(|asked| asked.answer(Err(&error)));
        }
    }
}

/// Does the writes that wait, and those that come meanwhile, until none is left or it takes too long.
fn fill(
    turn: &mut Turn<'_>,
    waiting: &mut Waiting,
    group: &mut Vec<Box<dyn Asked>>,
) -> Result<(), Undone> {
    let begun = Instant::now();
    while group.len() < GROUP && begun.elapsed() < LONG {
        let Some(mut asked) = waiting.take() else {
            break;
        };
        let is_alone = group.is_empty() && !waiting.has_next();
        let done = match is_alone {
            true => asked.run(turn).then_some(()).ok_or(Undone::Alone),
            false => apart(turn, &mut *asked).map_err(Undone::from),
        };
        group.push(asked);
        done?;
    }
    Ok(())
}

/// Does a write under a savepoint of its own.
fn apart(turn: &mut Turn<'_>, asked: &mut dyn Asked) -> Result<(), DbError> {
    // What cannot be begun, kept or undone alone is undone with the whole.
    let broken = |error: diesel::result::Error| DbError::Unavailable(error.to_string());
    let (around, numbers) = (depth(turn.conn), turn.told.numbers);
    Transactions::begin_transaction(turn.conn).map_err(broken)?;
    if asked.run(turn) {
        return Transactions::commit_transaction(turn.conn).map_err(broken);
    }
    turn.told.numbers = numbers;
    // More than one level, where a panic came through further savepoints.
    while depth(turn.conn) > around {
        Transactions::rollback_transaction(turn.conn).map_err(broken)?;
    }
    // Less than one, where the engine has given up the whole: what was kept before is not kept.
    match depth(turn.conn) == around {
        true => Ok(()),
        false => Err(DbError::gone()),
    }
}

/// Savepoints and transaction that are open.
fn depth(conn: &mut Conn) -> u32 {
    match conn {
        Conn::Sqlite(conn) => AnsiTransactionManager::transaction_manager_status_mut(conn),
        Conn::Postgres(conn) => AnsiTransactionManager::transaction_manager_status_mut(conn),
    }
    .transaction_depth()
    .ok()
    .flatten()
    .map_or(0, std::num::NonZeroU32::get)
}

/// The error as each of a group is told it.
fn again(error: &DbError) -> DbError {
    match error {
        DbError::Saturated => DbError::Saturated,
        DbError::Panicked => DbError::Panicked,
        DbError::Unavailable(_)
        | DbError::Unique(_)
        | DbError::Reference
        | DbError::Corrupt(_)
        | DbError::Query(_) => DbError::Unavailable(error.to_string()),
    }
}
