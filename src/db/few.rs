//! Rows by ids. A list of ids is a statement of its own for every length, which the connection
//! compiles each time; a few ids are asked for one by one, by a statement that it keeps.

use diesel::result::QueryResult;

use super::Conn;

/// As many are asked for one by one: more cost more than one compilation.
const FEW: usize = 3;

/// Loads the rows of `ids`: by `one` for each if they are few, or else by `many`.
///
/// # Errors
/// Those of the queries.
pub fn rows_of<R>(
    conn: &mut Conn,
    ids: Vec<String>,
    one: impl Fn(&mut Conn, &str) -> QueryResult<Option<R>>,
    many: impl FnOnce(&mut Conn, Vec<String>) -> QueryResult<Vec<R>>,
) -> QueryResult<Vec<R>> {
    if ids.len() > FEW {
        return many(conn, ids);
    }
    let mut rows = Vec::with_capacity(ids.len());
    for id in &ids {
        rows.extend(one(conn, id)?);
    }
    Ok(rows)
}
