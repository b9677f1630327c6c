//! What lists look at: one row for each side of an article, with its tags and people.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::texts;
use crate::articles::model::{Content, Side, State};
use crate::db::schema::{article_authors, article_listings as listings, article_tags, sources};
use crate::db::{Conn, DbError, StoreError, insert_rows};
use crate::kernel::id::ArticleId;
use crate::kernel::text::title_key;
use crate::kernel::time::{never, to_db};
use crate::rights::{Origin, SourceKind};

/// A row of the listing.
#[derive(Insertable)]
#[diesel(table_name = listings, treat_none_as_default_value = false)]
pub(super) struct ListingRow {
    article_id: String,
    side: &'static str,
    version: i64,
    stage: &'static str,
    visible_from: chrono::NaiveDateTime,
    visible_until: chrono::NaiveDateTime,
    updated_at: chrono::NaiveDateTime,
    title_key: String,
    slug: String,
    section_id: Option<String>,
    source_id: Option<String>,
    editor_id: Option<String>,
    created_by: Option<String>,
    origin: Option<&'static str>,
    language: String,
    genre: String,
}

#[derive(Insertable)]
#[diesel(table_name = article_tags)]
pub(super) struct TagRow {
    article_id: String,
    side: &'static str,
    tag: String,
}

#[derive(Insertable)]
#[diesel(table_name = article_authors)]
pub(super) struct PersonRow {
    article_id: String,
    side: &'static str,
    author_id: String,
}

/// Everything that lists keep of one side of an article.
pub(super) struct Rows {
    pub listing: ListingRow,
    pub tags: Vec<TagRow>,
    pub people: Vec<PersonRow>,
}

/// Makes the rows of one side.
pub(super) fn rows(
    side: Side,
    state: &State,
    version: i64,
    text: &Content,
    origin: Option<Origin>,
    now: DateTime<Utc>,
) -> Rows {
    let id = state.id.to_string();
    let (side_of, side) = (side, side.as_str());
    let (from, until) = times(state);
    let mut people: Vec<String> = text
        .contributors
        .iter()
        .map(|one| one.author_id.to_string())
        .collect();
    people.sort();
    people.dedup();
    Rows {
        tags: text
            .tags
            .iter()
            .map(|tag| TagRow {
                article_id: id.clone(),
                side,
                tag: tag.clone(),
            })
            .collect(),
        people: people
            .into_iter()
            .map(|author_id| PersonRow {
                article_id: id.clone(),
                side,
                author_id,
            })
            .collect(),
        listing: ListingRow {
            side,
            version,
            stage: state.stage.as_str(),
            visible_from: to_db(from),
            visible_until: to_db(until),
            updated_at: to_db(changed_at(side_of, state, now)),
            title_key: title_key(&text.title),
            slug: text.slug.clone(),
            section_id: text.section_id.map(|id| id.to_string()),
            source_id: text.source_id.map(|id| id.to_string()),
            editor_id: text.editor_id.map(|id| id.to_string()),
            created_by: state.created_by.map(|id| id.to_string()),
            origin: origin.map(Origin::as_str),
            language: text.language.as_str().to_owned(),
            genre: text.genre.clone(),
            article_id: id,
        },
    }
}

/// Replaces one side's rows.
pub(super) fn index(
    conn: &mut Conn,
    side: Side,
    state: &State,
    version: i64,
    text: &Content,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let origin = origin_of(conn, text)?;
    let rows = rows(side, state, version, text, origin, now);
    // Tags and people go with the row.
    diesel::delete(listings::table.find((state.id.to_string(), side.as_str()))).execute(conn)?;
    insert(conn, vec![rows])?;
    texts::keep(conn, side, state, version, text)?;
    Ok(())
}

/// Adds the rows of a new article.
pub(super) fn begin(conn: &mut Conn, state: &State, text: &Content) -> Result<(), StoreError> {
    let origin = origin_of(conn, text)?;
    let rows = rows(Side::Head, state, 1, text, origin, state.created_at);
    insert(conn, vec![rows])?;
    texts::keep_new(conn, vec![texts::New::of(state, text)])?;
    Ok(())
}

/// Whose a text is, by its source.
fn origin_of(conn: &mut Conn, text: &Content) -> Result<Option<Origin>, StoreError> {
    let kind: Option<String> = match text.source_id {
        None => None,
        Some(source) => sources::table
            .find(source.to_string())
            .select(sources::kind)
            .first(conn)
            .optional()?,
    };
    Ok(kind
        .as_deref()
        .and_then(SourceKind::parse)
        .map(Origin::from))
}

/// Adds rows.
pub(super) fn insert(conn: &mut Conn, all: Vec<Rows>) -> Result<(), DbError> {
    let (mut listed, mut tags, mut people) = (Vec::new(), Vec::new(), Vec::new());
    for rows in all {
        listed.push(rows.listing);
        tags.extend(rows.tags);
        people.extend(rows.people);
    }
    insert_rows!(&mut *conn, listings::table, listed);
    insert_rows!(&mut *conn, article_tags::table, tags);
    insert_rows!(conn, article_authors::table, people);
    Ok(())
}

/// Brings stage and times of both sides' rows into line with the state.
pub(super) fn reindex(
    conn: &mut Conn,
    state: &State,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (from, until) = times(state);
    for side in Side::ALL {
        diesel::update(listings::table.find((state.id.to_string(), side.as_str())))
            .set((
                listings::stage.eq(state.stage.as_str()),
                listings::visible_from.eq(to_db(from)),
                listings::visible_until.eq(to_db(until)),
                listings::updated_at.eq(to_db(changed_at(*side, state, now))),
            ))
            .execute(conn)?;
    }
    texts::retime(conn, state)
}

/// Takes one side's rows away.
pub(super) fn remove(conn: &mut Conn, side: Side, id: ArticleId) -> Result<(), StoreError> {
    texts::forget(conn, side, id)?;
    diesel::delete(listings::table.find((id.to_string(), side.as_str()))).execute(conn)?;
    Ok(())
}

/// When a side changed. To readers what they cannot see yet changes at the instant at which they
/// see it: whoever asks for what is new since then must find it.
fn changed_at(side: Side, state: &State, now: DateTime<Utc>) -> DateTime<Utc> {
    let visible_from = state.lifecycle().visible_from();
    match (side, visible_from) {
        (Side::Live, Some(from)) => now.max(from),
        _ => now,
    }
}

/// The end of what was withdrawn, as lists look at it: before all times, so that no clock that
/// is behind shows it again.
pub(super) fn withdrawn_until() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

/// From when until when readers can see an article.
fn times(state: &State) -> (DateTime<Utc>, DateTime<Utc>) {
    let life = state.lifecycle();
    let until = match state.withdrawal {
        Some(_) => withdrawn_until(),
        None => life.visible_until().unwrap_or_else(never),
    };
    (life.visible_from().unwrap_or_else(never), until)
}
