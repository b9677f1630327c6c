//! Which sources may be reprinted at an instant: what the dated editions of the state's list and
//! the sources' own registrations say. `articles` asks before a reprint is published (rule 14),
//! `registry` when an edition drops a source.
//!
//! Must not decide what follows from it. Start with [`edition_at`].

use chrono::NaiveDateTime;
use diesel::dsl::exists;
use diesel::prelude::*;

use super::schema::{
    registry_editions as editions, registry_entries as entries, source_names as names,
    source_registrations as registrations,
};
use super::{Conn, DbError};

/// The edition in force at an instant. Their periods are half-open (rule 8) and never overlap.
///
/// # Errors
/// A [`DbError`].
pub fn edition_at(conn: &mut Conn, at: NaiveDateTime) -> Result<Option<String>, DbError> {
    // The newest that has begun is the only one that can still be running.
    let newest: Option<(String, Option<NaiveDateTime>)> = editions::table
        .filter(editions::valid_from.le(at))
        .order(editions::valid_from.desc())
        .select((editions::id, editions::valid_until))
        .first(conn)
        .optional()?;
    Ok(newest
        .filter(|(_, until)| until.is_none_or(|until| at < until))
        .map(|(id, _)| id))
}

/// Those of these sources that have one of their names on an edition.
///
/// # Errors
/// A [`DbError`].
pub fn on_edition(
    conn: &mut Conn,
    edition: &str,
    sources: &[String],
) -> Result<Vec<String>, DbError> {
    let entry = entries::table
        .filter(entries::edition_id.eq(edition))
        .filter(entries::name_key.eq(names::name_key));
    Ok(names::table
        .filter(names::source_id.eq_any(sources))
        .filter(exists(entry))
        .select(names::source_id)
        .distinct()
        .load(conn)?)
}

/// Whether any source at all has a registration of its own that is in force.
///
/// # Errors
/// A [`DbError`].
pub fn any_registered(conn: &mut Conn, at: NaiveDateTime) -> Result<bool, DbError> {
    let found: Option<String> = registrations::table
        .filter(registrations::valid_from.le(at))
        .filter(
            registrations::valid_until
                .is_null()
                .or(registrations::valid_until.gt(at)),
        )
        .select(registrations::source_id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

/// Those of these sources that have a registration of their own that is in force.
///
/// # Errors
/// A [`DbError`].
pub fn registered(
    conn: &mut Conn,
    at: NaiveDateTime,
    sources: &[String],
) -> Result<Vec<String>, DbError> {
    Ok(registrations::table
        .filter(registrations::source_id.eq_any(sources))
        .filter(registrations::valid_from.le(at))
        .filter(
            registrations::valid_until
                .is_null()
                .or(registrations::valid_until.gt(at)),
        )
        .select(registrations::source_id)
        .distinct()
        .load(conn)?)
}
