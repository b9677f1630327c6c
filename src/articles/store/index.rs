//! What lists look at: one row for each side of an article, with its tags and people.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::articles::model::{Content, Side, State};
use crate::db::schema::{article_authors, article_listings as listings, article_tags, sources};
use crate::db::{Conn, StoreError, on_each};
use crate::kernel::text::title_key;
use crate::kernel::time::{never, to_db};
use crate::rights::lifecycle::visible_from;

use super::load::lifecycle;

/// Replaces one side's row.
pub(super) fn index(
    conn: &mut Conn,
    side: Side,
    state: &State,
    version: i64,
    text: &Content,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let id = state.id.to_string();
    let source = text.source_id.map(|source| source.to_string());
    let origin: Option<String> = match &source {
        None => None,
        Some(source) => sources::table
            .find(source)
            .select(sources::kind)
            .first::<String>(conn)
            .optional()?,
    };
    // Tags and people go with the row.
    diesel::delete(listings::table.find((&id, side.as_str()))).execute(conn)?;
    diesel::insert_into(listings::table)
        .values((
            (
                listings::article_id.eq(&id),
                listings::side.eq(side.as_str()),
                listings::version.eq(version),
                listings::stage.eq(state.stage.as_str()),
                listings::visible_from.eq(to_db(from(state))),
                listings::visible_until.eq(to_db(until(state))),
                listings::updated_at.eq(to_db(now)),
                listings::title_key.eq(title_key(&text.title)),
            ),
            (
                listings::slug.eq(&text.slug),
                listings::section_id.eq(text.section_id.map(|id| id.to_string())),
                listings::source_id.eq(source),
                listings::editor_id.eq(text.editor_id.map(|id| id.to_string())),
                listings::created_by.eq(state.created_by.map(|id| id.to_string())),
                // A source's kind says whose work it is, in the origin's own words.
                listings::origin.eq(origin.map(|kind| match kind.as_str() {
                    "own" => "own",
                    _ => "reprint",
                })),
                listings::language.eq(text.language.as_str()),
                listings::genre.eq(&text.genre),
            ),
        ))
        .execute(conn)?;
    let tags: Vec<_> = text
        .tags
        .iter()
        .map(|tag| {
            (
                article_tags::article_id.eq(&id),
                article_tags::side.eq(side.as_str()),
                article_tags::tag.eq(tag),
            )
        })
        .collect();
    if !tags.is_empty() {
        on_each!(conn, |conn| diesel::insert_into(article_tags::table)
            .values(&tags)
            .execute(conn))?;
    }
    let mut people: Vec<String> = text
        .contributors
        .iter()
        .map(|one| one.author_id.to_string())
        .collect();
    people.sort();
    people.dedup();
    let people: Vec<_> = people
        .into_iter()
        .map(|author| {
            (
                article_authors::article_id.eq(&id),
                article_authors::side.eq(side.as_str()),
                article_authors::author_id.eq(author),
            )
        })
        .collect();
    if !people.is_empty() {
        on_each!(conn, |conn| diesel::insert_into(article_authors::table)
            .values(&people)
            .execute(conn))?;
    }
    Ok(())
}

/// Brings stage and times of both sides' rows into line with the state.
pub(super) fn reindex(
    conn: &mut Conn,
    state: &State,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    diesel::update(listings::table.filter(listings::article_id.eq(state.id.to_string())))
        .set((
            listings::stage.eq(state.stage.as_str()),
            listings::visible_from.eq(to_db(from(state))),
            listings::visible_until.eq(to_db(until(state))),
            listings::updated_at.eq(to_db(now)),
        ))
        .execute(conn)?;
    Ok(())
}

fn from(state: &State) -> DateTime<Utc> {
    visible_from(state.publish_at, state.embargoed_until).unwrap_or_else(never)
}

fn until(state: &State) -> DateTime<Utc> {
    lifecycle(state)
        .visible_until()
        .unwrap_or_else(never)
}
