//! The settings in the database: one row.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::model::{Profile, Settings};
use crate::db::error::stored;
use crate::db::schema::settings;
use crate::db::{Change, Conn, Db, Entry, StoreError, WriteCx};
use crate::kernel::language::{Language, Territory};
use crate::kernel::time::{from_db, to_db};
use crate::rights::PublicExtent;

const NOUN: &str = "settings";

/// Id of the one row.
const ONLY: i64 = 1;

#[derive(Queryable, Selectable)]
#[diesel(table_name = settings)]
struct Row {
    revision: i64,
    site_name: String,
    base_url: String,
    time_zone: String,
    default_language: String,
    territory: String,
    copyright_holder: String,
    public_extent: String,
    public_excerpt_chars: i64,
    acquire_licence_url: Option<String>,
    public_max_age_seconds: i64,
    updated_at: NaiveDateTime,
}

/// The columns that a profile fills.
#[derive(AsChangeset)]
#[diesel(table_name = settings, treat_none_as_null = true)]
struct Columns<'a> {
    site_name: &'a str,
    base_url: &'a str,
    time_zone: &'static str,
    default_language: &'a str,
    territory: &'a str,
    copyright_holder: &'a str,
    public_extent: &'static str,
    public_excerpt_chars: i64,
    acquire_licence_url: Option<&'a str>,
    public_max_age_seconds: i64,
}

impl<'a> From<&'a Profile> for Columns<'a> {
    fn from(profile: &'a Profile) -> Self {
        Self {
            site_name: &profile.site_name,
            base_url: &profile.base_url,
            time_zone: profile.time_zone.name(),
            default_language: profile.default_language.as_str(),
            territory: profile.territory.as_str(),
            copyright_holder: &profile.copyright_holder,
            public_extent: profile.public_extent.as_str(),
            public_excerpt_chars: profile.public_excerpt_chars,
            acquire_licence_url: profile.acquire_licence_url.as_deref(),
            public_max_age_seconds: profile.public_max_age_seconds,
        }
    }
}

impl Row {
    fn read(self) -> Result<Settings, StoreError> {
        let language = Language::parse(&self.default_language);
        Ok(Settings {
            revision: self.revision,
            profile: Profile {
                site_name: self.site_name,
                base_url: self.base_url,
                time_zone: stored(self.time_zone.parse().ok(), "settings.time_zone")?,
                default_language: stored(language, "settings.default_language")?,
                territory: stored(Territory::parse(&self.territory), "settings.territory")?,
                copyright_holder: self.copyright_holder,
                public_extent: stored(
                    PublicExtent::parse(&self.public_extent),
                    "settings.public_extent",
                )?,
                public_excerpt_chars: self.public_excerpt_chars,
                acquire_licence_url: self.acquire_licence_url,
                public_max_age_seconds: self.public_max_age_seconds,
            },
            updated_at: from_db(self.updated_at),
        })
    }
}

/// # Errors
/// A database error.
pub async fn get(db: &Db) -> Result<Settings, StoreError> {
    db.read(load).await
}

/// The settings over a connection at hand, as the start and other reads need them.
///
/// # Errors
/// A database error.
pub fn load(conn: &mut Conn) -> Result<Settings, StoreError> {
    settings::table
        .find(ONLY)
        .select(Row::as_select())
        .first(conn)
        .map_err(StoreError::from)
        .and_then(Row::read)
}

/// Replaces the settings if they still have this revision.
///
/// # Errors
/// [`StoreError::Stale`], or a database error.
pub async fn update(
    db: &Db,
    cx: WriteCx,
    revision: i64,
    profile: Profile,
) -> Result<(), StoreError> {
    db.write(cx, move |tx| {
        check(tx.conn, revision)?;
        diesel::update(settings::table.find(ONLY))
            .set((
                settings::revision.eq(revision + 1),
                Columns::from(&profile),
                settings::updated_at.eq(to_db(tx.now())),
            ))
            .execute(tx.conn)?;
        tx.record(Entry::new(Change::Updated, NOUN, &ONLY.to_string()))?;
        Ok(())
    })
    .await
}

fn check(conn: &mut Conn, revision: i64) -> Result<(), StoreError> {
    let current: i64 = settings::table
        .find(ONLY)
        .select(settings::revision)
        .first(conn)?;
    if current == revision {
        Ok(())
    } else {
        Err(StoreError::Stale { current })
    }
}
