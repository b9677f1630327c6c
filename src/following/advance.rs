//! Brings a client's log nearer to now.
//!
//! It is found in a snapshot and then kept in a short transaction, if nobody else has brought the
//! log forward meanwhile: two nodes that do so at once write it once.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::compare::Looking;
use crate::articles::store::agenda;
use crate::changes::model::{EntryKind, Feed, News};
use crate::changes::store;
use crate::changes::store::keep::{Found, begin, keep};
use crate::changes::store::look;
use crate::clients::model::{Client, ClientStatus};
use crate::clients::store as clients;
use crate::db::{Conn, Db, StoreError, WriteCx};
use crate::kernel::id::{ClientId, Mint};
use crate::licences;
use crate::rights::{Licence, Scope};

/// Lines, and works, that are looked at in one piece.
const PIECE: i64 = 500;

/// Lines that are read again rather than written down that they were read.
const FEW: usize = 100;

/// A clock may be this much behind that of another node without anything having been set back.
const LAG: TimeDelta = TimeDelta::seconds(5);

/// Pieces of the agenda that are written down before a look.
const AGENDA: usize = 10;

/// How far a piece went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Whether there may be more.
    pub more: bool,
    /// Works that were looked at and that the client may know of. The others must not count: where
    /// a page ends would tell of them (rule 19).
    pub looked_at: usize,
}

impl Step {
    const NOTHING: Self = Self {
        more: false,
        looked_at: 0,
    };
}

/// Brings a client's log a piece nearer to now; whether there may be more. A client whose key is not
/// taken is told nothing.
///
/// # Errors
/// A database error: then nothing of the piece is kept.
pub fn advance(db: &Db, cx: &WriteCx, client: ClientId) -> Result<bool, StoreError> {
    Ok(step(db, cx, client)?.more)
}

pub(super) fn step(db: &Db, cx: &WriteCx, client: ClientId) -> Result<Step, StoreError> {
    // What came about by itself stands in the change log first, so that it is told as what it is.
    // Its ids come from nowhere else: what is hidden must not shift those of others (rule 19).
    let own = WriteCx {
        mint: Mint::default(),
        ..cx.clone()
    };
    for _ in 0..AGENDA {
        if !agenda::run(db, &own)? {
            break;
        }
    }
    match db.read_now(|conn| piece(conn, client, cx.now))? {
        Piece::Nothing => Ok(Step::NOTHING),
        Piece::Begin(feed) => {
            db.write_now(cx, |tx| begin(tx, client, &feed))?;
            Ok(Step {
                more: true,
                looked_at: 0,
            })
        }
        Piece::Found { feed, found, step } => {
            let kept = db.write_now(cx, |tx| keep(tx, client, &feed, &found))?;
            Ok(Step {
                more: step.more || !kept,
                ..step
            })
        }
    }
}

enum Piece {
    Nothing,
    /// The client asks for the first time.
    Begin(Feed),
    Found {
        /// At the revision that was read, and otherwise as it is to be.
        feed: Feed,
        found: Found,
        step: Step,
    },
}

fn piece(conn: &mut Conn, client: ClientId, now: DateTime<Utc>) -> Result<Piece, StoreError> {
    let last_line = look::last_line(conn)?;
    let Some(old) = store::feed(conn, client)? else {
        return Ok(Piece::Begin(Feed {
            revision: 1,
            last_n: 0,
            seen_seq: last_line,
            seen_at: now,
            sweep_after: Some(String::new()),
            sweep_again: false,
        }));
    };
    let lines = look::lines(conn, old.seen_seq, PIECE)?;
    // What another node has written is decided on at its time, where that is a little later.
    let written = lines.iter().map(look::Line::at).max().unwrap_or(now);
    let now = if written - now <= LAG {
        now.max(written)
    } else {
        now
    };
    let due = look::due(conn, client, now, PIECE)?;
    let is_quiet = lines.is_empty() && due.is_empty() && old.sweep_after.is_none();
    if is_quiet && old.seen_at == now {
        return Ok(Piece::Nothing);
    }
    let Some(reader) = admitted(conn, client, now)? else {
        return Ok(Piece::Nothing);
    };
    let partner = reader.terms.partner;
    let held = match partner {
        Some(partner) => licences::store::held_by(conn, partner)?,
        None => Vec::new(),
    };
    let (from, until) = (old.seen_at.min(now), old.seen_at.max(now));
    let mut feed = old.clone();
    feed.seen_at = now;
    // What was found under a clock that was ahead may not be so under this one.
    if old.seen_at - now > LAG {
        feed.sweep();
    }
    let bearing = look::bearing(conn, client, partner, &lines)?;
    if bearing.all || turned(&held, from, until) || look::turned(conn, from, until)? {
        feed.sweep();
    }
    if is_quiet && feed.sweep_after.is_none() {
        return Ok(Piece::Nothing);
    }
    let sent = match partner {
        Some(partner) => look::sent(conn, partner, &lines)?,
        None => Vec::new(),
    };
    let is_all = |count: usize| i64::try_from(count).is_ok_and(|count| count < PIECE);
    let is_read = is_all(lines.len());
    feed.seen_seq = match lines.last() {
        Some(line) if !is_read => line.seq,
        _ => last_line,
    };
    let mut ids: BTreeSet<String> = bearing.articles;
    let mut more = !is_read || !is_all(due.len());
    ids.extend(due);
    if !more && let Some(after) = &feed.sweep_after {
        let works = look::next_works(conn, after, PIECE)?;
        feed.sweep_after = match works.last() {
            Some(last) if !is_all(works.len()) => Some(last.clone()),
            _ => feed.sweep_again.then(String::new),
        };
        feed.sweep_again &= feed.sweep_after.as_ref().is_some_and(|it| !it.is_empty());
        ids.extend(works);
    }
    more |= feed.sweep_after.is_some();
    let ids: Vec<String> = ids.into_iter().collect();
    let mut looking = Looking {
        client,
        use_: reader.use_(held.into()),
        now,
        since: old.seen_seq,
        last_line,
        dated: Vec::new(),
        told: Vec::new(),
        looked_at: 0,
    };
    looking.compare(conn, &ids)?;
    looking.dated.extend(sent.into_iter().map(|sent| {
        let news = News {
            advisory: Some(sent.advisory),
            ..News::of(EntryKind::Advisory, sent.at, Some((sent.version, None)))
        };
        (sent.at, sent.article, news)
    }));
    let step = Step {
        more,
        looked_at: looking.looked_at,
    };
    let found = looking.found();
    let is_worth_it = !found.news.is_empty()
        || !found.told.is_empty()
        || lines.len() >= FEW
        || (&feed.sweep_after, feed.sweep_again) != (&old.sweep_after, old.sweep_again);
    Ok(match is_worth_it {
        true => Piece::Found { feed, found, step },
        false => Piece::Nothing,
    })
}

/// The client, where its key would be taken now, and lets it follow its log.
pub(super) fn admitted(
    conn: &mut Conn,
    id: ClientId,
    now: DateTime<Utc>,
) -> Result<Option<Client>, StoreError> {
    let client = match clients::find(conn, id) {
        Err(StoreError::NotFound) => return Ok(None),
        client => client?,
    };
    let may = client.status(now) == ClientStatus::Active
        && client.terms.scopes.contains(&Scope::Articles);
    Ok(may.then_some(client))
}

/// Whether a licence of the client's partner began or ended in `(from, until]`.
fn turned(held: &[Licence], from: DateTime<Utc>, until: DateTime<Utc>) -> bool {
    let within = |at: DateTime<Utc>| from < at && at <= until;
    held.iter()
        .any(|it| within(it.valid_from) || it.valid_until.is_some_and(within))
}
