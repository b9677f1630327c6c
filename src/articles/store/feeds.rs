//! What heads a feed: whose it is and what it is about.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::list::Filter;
use super::memory::Look;
use crate::articles::model::{FeedHead, Topic};
use crate::db::error::stored as known;
use crate::db::schema::{authors, sections, settings};
use crate::db::{Made, StoreError};
use crate::kernel::language::Language;
use crate::kernel::time::from_db;

impl Topic {
    /// Which articles it holds.
    pub fn filter(&self) -> Filter {
        let all = Filter::default();
        match self {
            Self::Site => all,
            Self::Section(slug) => Filter {
                section: Some(slug.clone()),
                section_descendants: true,
                ..all
            },
            Self::Author(author) => Filter {
                author: Some(*author),
                ..all
            },
            Self::Tag(tag) => Filter {
                tags: vec![tag.clone()],
                ..all
            },
        }
    }
}

/// Reads it, and adds what it was made of.
pub(super) fn head(
    look: &mut Look<'_>,
    topic: &Topic,
    made: Option<&mut Made>,
) -> Result<FeedHead, StoreError> {
    let row: (String, String, String, String, chrono::NaiveDateTime) = settings::table
        .find(1)
        .select((
            settings::site_name,
            settings::base_url,
            settings::default_language,
            settings::copyright_holder,
            settings::updated_at,
        ))
        .first(look.conn)?;
    let (site_name, base_url, language, copyright_holder, updated_at) = row;
    let updated_at: DateTime<Utc> = from_db(updated_at);
    let about = match topic {
        Topic::Site => None,
        Topic::Tag(tag) => Some((tag.clone(), String::new())),
        Topic::Section(slug) => Some(
            sections::table
                .filter(sections::slug.eq(slug))
                .select((sections::name, sections::description))
                .first(look.conn)?,
        ),
        Topic::Author(id) => {
            let marks = look.db.marks();
            if let Some(made) = made {
                made.of.push(marks.record("author", &id.to_string()));
            }
            let name = authors::table
                .find(id.to_string())
                .select(authors::name)
                .first(look.conn)?;
            Some((name, String::new()))
        }
    };
    Ok(FeedHead {
        site_name,
        base_url: base_url.trim_end_matches('/').to_owned(),
        language: known(Language::parse(&language), "settings.default_language")?,
        copyright_holder,
        updated_at,
        about,
    })
}
