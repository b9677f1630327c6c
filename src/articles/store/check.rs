//! Whether what a draft refers to is there.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::articles::model::Content;
use crate::db::few::rows_of;
use crate::db::schema::{articles, authors, sections, sources};
use crate::db::{Conn, DbError, StoreError, permitted};
use crate::kernel::fault::Faults;
use crate::kernel::id::{ArticleId, SourceId};
use crate::kernel::time::to_db;
use crate::rights::publish::Listing;

/// Holds a draft against the registers. `before` is the version it follows: whom that one
/// named may stay, even if new work may no longer name them.
///
/// # Errors
/// [`StoreError::Invalid`] with a fault for each reference to what is not there.
pub(super) fn check_references(
    conn: &mut Conn,
    id: ArticleId,
    before: Option<&Content>,
    text: &Content,
) -> Result<(), StoreError> {
    let mut faults = Faults::default();
    people(conn, before, text, &mut faults)?;
    if let Some(section) = text.section_id {
        let found = sections::table
            .find(section.to_string())
            .select(sections::id)
            .first::<String>(conn)
            .optional()?;
        if found.is_none() {
            faults.push("/section_id", "unknown", "there is no such section");
        }
    }
    if let Some(source) = text.source_id {
        let kind = sources::table
            .find(source.to_string())
            .select(sources::kind)
            .first::<String>(conn)
            .optional()?;
        match kind.as_deref() {
            None => faults.push("/source_id", "unknown", "there is no such source"),
            Some("own") if text.original.is_some() => faults.push(
                "/original",
                "not_a_reprint",
                "an own work has no original elsewhere",
            ),
            Some(_) => {}
        }
    }
    linked(conn, id, text, &mut faults)?;
    faults.finish(()).map_err(StoreError::Invalid)
}

fn people(
    conn: &mut Conn,
    before: Option<&Content>,
    text: &Content,
    faults: &mut Faults,
) -> Result<(), DbError> {
    let named = |text: &Content| -> Vec<(String, String)> {
        let contributors = text.contributors.iter().enumerate().map(|(at, one)| {
            (
                format!("/contributors/{at}/author_id"),
                one.author_id.to_string(),
            )
        });
        let editor = text
            .editor_id
            .map(|id| ("/editor_id".to_owned(), id.to_string()));
        contributors.chain(editor).collect()
    };
    let wanted = named(text);
    if wanted.is_empty() {
        return Ok(());
    }
    let stays: HashSet<String> = before
        .map(|before| named(before).into_iter().map(|(_, id)| id).collect())
        .unwrap_or_default();
    let ids: BTreeSet<String> = wanted.iter().map(|(_, id)| id.clone()).collect();
    let columns = (authors::id, authors::active);
    let found: Vec<(String, bool)> = rows_of(
        conn,
        ids.into_iter().collect(),
        |conn, id| {
            let one = authors::table.find(id).select(columns);
            one.first(conn).optional()
        },
        |conn, ids| {
            let many = authors::table.filter(authors::id.eq_any(ids));
            many.select(columns).load(conn)
        },
    )?;
    for (pointer, id) in wanted {
        match found.iter().find(|(known, _)| *known == id) {
            None => faults.push(
                pointer,
                "unknown",
                "there is no such author in the register",
            ),
            Some((_, false)) if !stays.contains(&id) => faults.push(
                pointer,
                "inactive",
                "is no longer active: new work does not name this person",
            ),
            Some(_) => {}
        }
    }
    Ok(())
}

fn linked(
    conn: &mut Conn,
    id: ArticleId,
    text: &Content,
    faults: &mut Faults,
) -> Result<(), DbError> {
    let related = text
        .related
        .iter()
        .enumerate()
        .map(|(at, other)| (format!("/related/{at}"), *other));
    let translated = text
        .translation_of
        .map(|other| ("/translation_of".to_owned(), other));
    let wanted: Vec<(String, ArticleId)> = related.chain(translated).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = wanted.iter().map(|(_, other)| other.to_string()).collect();
    let found: Vec<String> = articles::table
        .filter(articles::id.eq_any(ids))
        .select(articles::id)
        .load(conn)?;
    for (pointer, other) in wanted {
        if other == id {
            faults.push(pointer, "self", "an article does not refer to itself");
        } else if !found.contains(&other.to_string()) {
            faults.push(pointer, "unknown", "there is no such article");
        }
    }
    Ok(())
}

/// What the lists of permitted sources say of a source at a date (rule 14). A list is in
/// force where an edition of the registry holds at that date, or any source has a registration
/// of its own; a source is listed by one of its names on that edition, or by its registration.
pub(super) fn listing(
    conn: &mut Conn,
    source: Option<SourceId>,
    at: DateTime<Utc>,
) -> Result<Listing, DbError> {
    let at = to_db(at);
    let edition = permitted::edition_at(conn, at)?;
    if edition.is_none() && !permitted::any_registered(conn, at)? {
        return Ok(Listing::NoList);
    }
    let source: Vec<String> = source.iter().map(ToString::to_string).collect();
    let listed = match edition {
        Some(edition) => !permitted::on_edition(conn, &edition, &source)?.is_empty(),
        None => false,
    };
    if listed || !permitted::registered(conn, at, &source)?.is_empty() {
        Ok(Listing::Listed)
    } else {
        Ok(Listing::Unlisted)
    }
}
