//! The examination: all events, or those from a number on, held against their seals, batch by
//! batch. It reads and nothing else.

use diesel::dsl::{max, min};
use diesel::prelude::*;

use super::{Row, last_seal};
use crate::audit::chain::{Breach, Link, START, step};
use crate::audit::model::{Examination, Head};
use crate::db::schema::{audit_events as events, audit_seals as seals};
use crate::db::{Conn, Db, DbError, StoreError};

/// Numbers that are read at once.
const BATCH: i64 = 1_000;

/// What there was when the examination began. What is written meanwhile is not looked at.
struct Bounds {
    first_event: Option<i64>,
    last: i64,
    last_seal: i64,
}

/// Where an examination reads: a database, a snapshot for each batch; or one snapshot throughout.
trait Reads {
    fn read<T>(
        &mut self,
        read: impl FnOnce(&mut Conn) -> Result<T, StoreError>,
    ) -> Result<T, StoreError>;
}

impl Reads for &Db {
    fn read<T>(
        &mut self,
        read: impl FnOnce(&mut Conn) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.read_now(read)
    }
}

impl Reads for &mut Conn {
    fn read<T>(
        &mut self,
        read: impl FnOnce(&mut Conn) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        read(self)
    }
}

/// Walks along the chain from a number on, until the end or the first broken place, and holds it
/// against seals that were kept elsewhere. From later than 1, the seal before is taken on trust.
/// Blocks.
///
/// # Errors
/// A database error.
pub fn examine(db: &Db, from: i64, expected: &[Head]) -> Result<Examination, StoreError> {
    over(db, from, expected)
}

/// [`examine`] of what one transaction sees.
///
/// # Errors
/// A database error.
pub fn examine_in(
    conn: &mut Conn,
    from: i64,
    expected: &[Head],
) -> Result<Examination, StoreError> {
    over(conn, from, expected)
}

fn over(mut reads: impl Reads, from: i64, expected: &[Head]) -> Result<Examination, StoreError> {
    let from = from.max(1);
    let mut found = Examination {
        from,
        broken: None,
        sealed: 0,
        unsealed: 0,
        head: None,
    };
    let bounds = reads.read(bounds)?;
    if let Some(first) = bounds.first_event.filter(|first| *first < 1) {
        found.broken = Some((first, Breach::ExtraEvent));
        return Ok(found);
    }
    if let Err(broken) = walk(&mut reads, &bounds, &mut found)? {
        found.broken = Some(broken);
        return Ok(found);
    }
    found.broken = reads.read(|conn| other(conn, expected))?;
    Ok(found)
}

fn bounds(conn: &mut Conn) -> Result<Bounds, StoreError> {
    // Two questions: both engines answer each from one end of the index, not both at once.
    let first_event: Option<i64> = events::table.select(min(events::seq)).first(conn)?;
    let last_event: Option<i64> = events::table.select(max(events::seq)).first(conn)?;
    let last_seal = last_seal(conn)?;
    Ok(Bounds {
        first_event,
        last: last_event.unwrap_or(0).max(last_seal),
        last_seal,
    })
}

/// Fills in what was found; the first broken place, if there is one.
fn walk(
    reads: &mut impl Reads,
    bounds: &Bounds,
    found: &mut Examination,
) -> Result<Result<(), (i64, Breach)>, StoreError> {
    let before = found.from - 1;
    let mut previous = match before {
        0 => START.to_owned(),
        // Nothing from there on is sealed: all there is to see is whether a number is missing.
        _ if before > bounds.last_seal => String::new(),
        _ => match reads.read(|conn| Ok(seal_of(conn, before)?))? {
            Some(seal) => seal,
            None => return Ok(Err((before, Breach::MissingSeal))),
        },
    };
    let mut done = before;
    while done < bounds.last {
        // One more than is walked over: it tells one fault from another.
        let links = match reads.read(|conn| links(conn, done, bounds))? {
            Ok(links) => links,
            Err(twice) => return Ok(Err((twice, Breach::ExtraEvent))),
        };
        let batch = usize::try_from(BATCH).unwrap_or(usize::MAX);
        for (at, here) in links.iter().enumerate().take(batch) {
            if here.seq > bounds.last_seal {
                if here.event.is_none() {
                    return Ok(Err((here.seq, Breach::MissingEvent)));
                }
                found.unsealed += 1;
                continue;
            }
            match step(&previous, here, links.get(at + 1)) {
                Ok(seal) => {
                    found.sealed += 1;
                    found.head = Some(Head {
                        seq: here.seq,
                        hash: seal.clone(),
                    });
                    previous = seal;
                }
                Err(breach) => return Ok(Err((here.seq, breach))),
            }
        }
        done = done.saturating_add(BATCH);
    }
    Ok(Ok(()))
}

/// What stands under each number after this one, up to one more than a batch; a number that
/// stands twice, if one does.
fn links(
    conn: &mut Conn,
    done: i64,
    bounds: &Bounds,
) -> Result<Result<Vec<Link>, i64>, StoreError> {
    let end = done.saturating_add(BATCH + 1).min(bounds.last);
    let mut links: Vec<Link> = (done + 1..=end)
        .map(|seq| Link {
            seq,
            ..Link::default()
        })
        .collect();
    let place = |seq: i64| usize::try_from(seq - done - 1).unwrap_or(usize::MAX);
    let rows: Vec<Row> = events::table
        .filter(events::seq.gt(done).and(events::seq.le(end)))
        .order(events::seq.asc())
        // No more than there are numbers, and one that gives a double away.
        .limit(BATCH + 2)
        .select(Row::as_select())
        .load(conn)?;
    for row in rows {
        let seq = row.seq;
        if let Some(link) = links.get_mut(place(seq))
            && link.event.replace(row.read().document()).is_some()
        {
            return Ok(Err(seq));
        }
    }
    let rows: Vec<(i64, String)> = seals::table
        .filter(seals::seq.gt(done).and(seals::seq.le(end)))
        // Seals that were made since the beginning count from the next examination on.
        .filter(seals::seq.le(bounds.last_seal))
        .select((seals::seq, seals::hash))
        .load(conn)?;
    for (seq, hash) in rows {
        if let Some(link) = links.get_mut(place(seq)) {
            link.seal = Some(hash);
        }
    }
    Ok(Ok(links))
}

fn seal_of(conn: &mut Conn, seq: i64) -> Result<Option<String>, DbError> {
    Ok(seals::table
        .find(seq)
        .select(seals::hash)
        .first(conn)
        .optional()?)
}

/// The first number under which another seal stands than the expected one, or none.
fn other(conn: &mut Conn, expected: &[Head]) -> Result<Option<(i64, Breach)>, StoreError> {
    let mut expected: Vec<&Head> = expected.iter().collect();
    expected.sort_by_key(|head| head.seq);
    for head in expected {
        if seal_of(conn, head.seq)?.as_deref() != Some(head.hash.as_str()) {
            return Ok(Some((head.seq, Breach::OtherChain)));
        }
    }
    Ok(None)
}
