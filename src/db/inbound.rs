//! What sources allow us, as it is stored. It stands here because more than one noun needs it,
//! and no noun may ask another one's store. Rows in, text out: `grants` says what they mean to
//! the rules (`TryFrom` for their grant).

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::inbound_grants as grants;
use super::{Conn, DbError};

/// The part of a grant that decisions look at.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = grants)]
pub struct InboundRow {
    pub id: String,
    pub source_id: String,
    pub channels: String,
    pub territories: String,
    pub valid_from: NaiveDateTime,
    pub valid_until: Option<NaiveDateTime>,
    pub max_extent: String,
    pub may_redistribute: bool,
    pub alteration: String,
    pub ai_input: bool,
    pub ai_train: bool,
}

/// The grants of these sources, in the order of their ids. One query.
///
/// # Errors
/// A [`DbError`].
pub fn of_sources(conn: &mut Conn, sources: &[String]) -> Result<Vec<InboundRow>, DbError> {
    Ok(grants::table
        .filter(grants::source_id.eq_any(sources.to_vec()))
        .order(grants::id.asc())
        .select(InboundRow::as_select())
        .load(conn)?)
}
