//! Slugs: unique over all articles and all time. One that readers could have met stays
//! with its article and leads to the new one.

use diesel::prelude::*;

use crate::db::schema::article_slugs as slugs;
use crate::db::{Conn, StoreError};
use crate::kernel::id::ArticleId;
use crate::kernel::text::slugify;

/// Takes a slug for an article: the given one, or one made from the title with a number
/// where that is needed to tell it apart.
///
/// # Errors
/// [`StoreError::Taken`] if a given one belongs to another article.
pub fn take(
    conn: &mut Conn,
    id: ArticleId,
    given: Option<&str>,
    title: &str,
) -> Result<String, StoreError> {
    let (slug, is_mine) = match given {
        Some(slug) => match owner(conn, slug)? {
            Some(other) if other != id.to_string() => {
                return Err(StoreError::Taken {
                    pointer: "/slug",
                    detail: format!("the slug {slug} belongs to another article"),
                });
            }
            owner => (slug.to_owned(), owner.is_some()),
        },
        None => free(conn, id, &slugify(title))?,
    };
    if !is_mine {
        diesel::insert_into(slugs::table)
            .values((
                slugs::slug.eq(&slug),
                slugs::article_id.eq(id.to_string()),
                slugs::seen.eq(false),
            ))
            .execute(conn)?;
    }
    Ok(slug)
}

/// Gives back the slugs of an article that nobody met and that it no longer has.
pub fn release(conn: &mut Conn, id: ArticleId, keep: &str) -> Result<(), StoreError> {
    diesel::delete(
        slugs::table
            .filter(slugs::article_id.eq(id.to_string()))
            .filter(slugs::seen.eq(false))
            .filter(slugs::slug.ne(keep)),
    )
    .execute(conn)?;
    Ok(())
}

/// Marks a slug as one that readers may meet.
pub fn show(conn: &mut Conn, slug: &str) -> Result<(), StoreError> {
    diesel::update(slugs::table.find(slug))
        .set(slugs::seen.eq(true))
        .execute(conn)?;
    Ok(())
}

fn owner(conn: &mut Conn, slug: &str) -> Result<Option<String>, StoreError> {
    Ok(slugs::table
        .find(slug)
        .select(slugs::article_id)
        .first(conn)
        .optional()?)
}

/// The first of `base`, `base-2`, `base-3` … that is free or the article's own, and which. Looks
/// exponentially ahead, so that a thousand briefs of one title cost a dozen look-ups each.
fn free(conn: &mut Conn, id: ArticleId, base: &str) -> Result<(String, bool), StoreError> {
    let name = |n: u64| match n {
        1 => base.to_owned(),
        n => format!("{base}-{n}"),
    };
    // Of one that is open, whether it is the article's own.
    let open = |conn: &mut Conn, n: u64| -> Result<Option<bool>, StoreError> {
        Ok(match owner(conn, &name(n))? {
            None => Some(false),
            Some(other) => (other == id.to_string()).then_some(true),
        })
    };
    if let Some(is_mine) = open(conn, 1)? {
        return Ok((name(1), is_mine));
    }
    let (mut taken, mut candidate) = (1, 2);
    let mut found = loop {
        match open(conn, candidate)? {
            Some(is_mine) => break is_mine,
            None => taken = candidate,
        }
        candidate *= 2;
    };
    // Between a taken number and a free one there is a free one right after a taken one.
    while candidate - taken > 1 {
        let middle = taken + (candidate - taken) / 2;
        match open(conn, middle)? {
            Some(is_mine) => (candidate, found) = (middle, is_mine),
            None => taken = middle,
        }
    }
    Ok((name(candidate), found))
}
