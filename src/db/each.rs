//! Statements that are compiled for one engine at a time.

/// Runs one statement that the query builder can only compile for one engine at a time.
macro_rules! on_each {
    ($conn:expr, |$c:ident| $body:expr) => {
        match $conn {
            $crate::db::Conn::Sqlite($c) => $body,
            $crate::db::Conn::Postgres($c) => $body,
        }
    };
}

/// Inserts any number of rows. Batches have few sizes, so that a connection compiles each once and
/// keeps it: a statement of another size would be compiled for every batch. Rows must be made
/// with `treat_none_as_default_value = false`, or they go one by one; and they borrow nothing, which
/// is what tells the batches apart.
macro_rules! insert_rows {
    ($conn:expr, $table:expr, $rows:expr) => {
        $crate::db::on_each!($conn, |conn| {
            let (many, rest) = $rows.as_chunks::<32>();
            for rows in many {
                diesel::insert_into($table).values(rows).execute(conn)?;
            }
            let (some, rest) = rest.as_chunks::<6>();
            for rows in some {
                diesel::insert_into($table).values(rows).execute(conn)?;
            }
            for row in rest {
                diesel::insert_into($table).values(row).execute(conn)?;
            }
        })
    };
}
pub(crate) use {insert_rows, on_each};
