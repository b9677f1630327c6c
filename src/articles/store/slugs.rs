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
    let slug = match given {
        Some(slug) => match owner(conn, slug)? {
            Some(other) if other != id.to_string() => {
                return Err(StoreError::Taken {
                    pointer: "/slug",
                    detail: format!("the slug {slug} belongs to another article"),
                });
            }
            _ => slug.to_owned(),
        },
        None => free(conn, id, &slugify(title))?,
    };
    let mine = owner(conn, &slug)?.is_some();
    if !mine {
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

/// The first of `base`, `base-2`, `base-3` … that is free or the article's own. Looks
/// exponentially ahead, so that a thousand briefs of one title cost a dozen look-ups each.
fn free(conn: &mut Conn, id: ArticleId, base: &str) -> Result<String, StoreError> {
    let name = |n: u64| match n {
        1 => base.to_owned(),
        n => format!("{base}-{n}"),
    };
    let open = |conn: &mut Conn, n: u64| -> Result<bool, StoreError> {
        Ok(owner(conn, &name(n))?.is_none_or(|other| other == id.to_string()))
    };
    if open(conn, 1)? {
        return Ok(name(1));
    }
    let (mut taken, mut candidate) = (1, 2);
    while !open(conn, candidate)? {
        taken = candidate;
        candidate *= 2;
    }
    // Between a taken number and a free one there is a free one right after a taken one.
    while candidate - taken > 1 {
        let middle = taken + (candidate - taken) / 2;
        if open(conn, middle)? {
            candidate = middle;
        } else {
            taken = middle;
        }
    }
    Ok(name(candidate))
}
