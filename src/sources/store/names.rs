//! Sources by the names that mean them.

use diesel::prelude::*;

use crate::db::error::stored;
use crate::db::schema::{source_names, sources};
use crate::db::{Conn, StoreError};
use crate::kernel::id::{Id, SourceId};
use crate::rights::SourceKind;

/// The sources that any of these names means: the name's key, the source, and whose works it has.
///
/// # Errors
/// A database error.
pub fn named(
    conn: &mut Conn,
    keys: Vec<String>,
) -> Result<Vec<(String, SourceId, SourceKind)>, StoreError> {
    let rows: Vec<(String, String, String)> = source_names::table
        .inner_join(sources::table.on(sources::id.eq(source_names::source_id)))
        .filter(source_names::name_key.eq_any(keys))
        .select((source_names::name_key, sources::id, sources::kind))
        .load(conn)?;
    rows.into_iter()
        .map(|(key, id, kind)| {
            let id = stored(SourceId::parse(&id), "sources.id")?;
            Ok((key, id, stored(SourceKind::parse(&kind), "sources.kind")?))
        })
        .collect()
}

/// Names by which sources are known, the first of them: enough to tell an agency from a place.
///
/// # Errors
/// A database error.
pub fn names(conn: &mut Conn, most: i64) -> Result<Vec<String>, StoreError> {
    Ok(source_names::table
        .order(source_names::name_key)
        .limit(most)
        .select(source_names::name_key)
        .load(conn)?)
}
