//! Rows of licences and of what they select, and the way to and from them.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::partner_of;
use crate::db::error::{stored, stored_json, to_json};
use crate::db::schema::{licence_selections as selections, licences};
use crate::db::{Conn, DbError, StoreError};
use crate::kernel::id::{ArticleId, Id, LicenceId, SectionId, SourceId};
use crate::kernel::language::Language;
use crate::kernel::time::{from_db, to_db};
use crate::licences::model::{Licence, Terms};
use crate::rights::{Alteration, Extent, Indexing, LicenceStatus, Selector};

#[derive(Queryable, Selectable)]
#[diesel(table_name = licences)]
pub(super) struct Row {
    id: String,
    revision: i64,
    partner_id: String,
    extent: String,
    excerpt_chars: Option<i64>,
    channels: String,
    territories: String,
    valid_from: NaiveDateTime,
    valid_until: Option<NaiveDateTime>,
    alteration: String,
    embargo_privilege: bool,
    archive_days: Option<i64>,
    quota_per_day: Option<i64>,
    cache_max_age_seconds: i64,
    removal_deadline_hours: i64,
    indexing: String,
    ai_input: bool,
    ai_train: bool,
    status: String,
    contract_ref: Option<String>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// The columns that terms fill.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = licences, treat_none_as_null = true)]
pub(super) struct Columns<'a> {
    extent: &'static str,
    excerpt_chars: Option<i64>,
    channels: String,
    territories: String,
    valid_from: NaiveDateTime,
    valid_until: Option<NaiveDateTime>,
    alteration: &'static str,
    embargo_privilege: bool,
    archive_days: Option<i64>,
    quota_per_day: Option<i64>,
    cache_max_age_seconds: i64,
    removal_deadline_hours: i64,
    indexing: &'static str,
    ai_input: bool,
    ai_train: bool,
    status: &'static str,
    contract_ref: Option<&'a str>,
}

impl<'a> TryFrom<&'a Terms> for Columns<'a> {
    type Error = DbError;

    fn try_from(terms: &'a Terms) -> Result<Self, DbError> {
        Ok(Self {
            extent: terms.extent.as_str(),
            excerpt_chars: terms.excerpt_chars.and_then(|n| i64::try_from(n).ok()),
            channels: to_json(&terms.channels)?,
            territories: to_json(&terms.territories)?,
            valid_from: to_db(terms.valid_from),
            valid_until: terms.valid_until.map(to_db),
            alteration: terms.alteration.as_str(),
            embargo_privilege: terms.embargo_privilege,
            archive_days: terms.archive_days,
            quota_per_day: terms.quota_per_day,
            cache_max_age_seconds: terms.cache_max_age_seconds,
            removal_deadline_hours: terms.removal_deadline_hours,
            indexing: terms.indexing.as_str(),
            ai_input: terms.ai_input,
            ai_train: terms.ai_train,
            status: terms.status.as_str(),
            contract_ref: terms.contract_ref.as_deref(),
        })
    }
}

impl Row {
    fn read(self, selector: Selector) -> Result<Licence, StoreError> {
        Ok(Licence {
            id: stored(LicenceId::parse(&self.id), "licences.id")?,
            revision: self.revision,
            partner: partner_of(&self.partner_id)?,
            terms: Terms {
                selector,
                extent: stored(Extent::parse(&self.extent), "licences.extent")?,
                excerpt_chars: self
                    .excerpt_chars
                    .map(|n| stored(usize::try_from(n).ok(), "licences.excerpt_chars"))
                    .transpose()?,
                channels: stored_json(&self.channels, "licences.channels")?,
                territories: stored_json(&self.territories, "licences.territories")?,
                valid_from: from_db(self.valid_from),
                valid_until: self.valid_until.map(from_db),
                alteration: stored(Alteration::parse(&self.alteration), "licences.alteration")?,
                embargo_privilege: self.embargo_privilege,
                archive_days: self.archive_days,
                quota_per_day: self.quota_per_day,
                cache_max_age_seconds: self.cache_max_age_seconds,
                removal_deadline_hours: self.removal_deadline_hours,
                indexing: stored(Indexing::parse(&self.indexing), "licences.indexing")?,
                ai_input: self.ai_input,
                ai_train: self.ai_train,
                status: stored(LicenceStatus::parse(&self.status), "licences.status")?,
                contract_ref: self.contract_ref,
            },
            created_at: from_db(self.created_at),
            updated_at: from_db(self.updated_at),
        })
    }
}

/// One thing that a licence names: one of the last five is there.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = selections)]
pub(super) struct SelectionRow {
    licence_id: String,
    position: i64,
    section_id: Option<String>,
    source_id: Option<String>,
    article_id: Option<String>,
    language: Option<String>,
    tag: Option<String>,
}

impl SelectionRow {
    fn put_into(self, selector: &mut Selector) -> Result<(), DbError> {
        const AT: &str = "licence_selections";
        if let Some(id) = self.section_id {
            selector.sections.push(stored(SectionId::parse(&id), AT)?);
        }
        if let Some(id) = self.source_id {
            selector.sources.push(stored(SourceId::parse(&id), AT)?);
        }
        if let Some(id) = self.article_id {
            selector.articles.push(stored(ArticleId::parse(&id), AT)?);
        }
        if let Some(tag) = self.language {
            selector.languages.push(stored(Language::parse(&tag), AT)?);
        }
        selector.tags.extend(self.tag);
        Ok(())
    }
}

/// Licences with what they select. One query for all of them.
pub(super) fn with_selections(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<Licence>, StoreError> {
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let named: Vec<SelectionRow> = selections::table
        .filter(selections::licence_id.eq_any(ids))
        .order((selections::licence_id.asc(), selections::position.asc()))
        .select(SelectionRow::as_select())
        .load(conn)?;
    let mut found: HashMap<String, Selector> = HashMap::new();
    for row in named {
        let selector = found.entry(row.licence_id.clone()).or_default();
        row.put_into(selector)?;
    }
    rows.into_iter()
        .map(|row| {
            let selector = found.remove(&row.id).unwrap_or_default();
            row.read(selector)
        })
        .collect()
}

/// A row for each thing that a selector names.
pub(super) fn selections_of(id: LicenceId, selector: &Selector) -> Vec<SelectionRow> {
    let none = || SelectionRow {
        licence_id: id.to_string(),
        position: 0,
        section_id: None,
        source_id: None,
        article_id: None,
        language: None,
        tag: None,
    };
    let sections = selector.sections.iter().map(|id| SelectionRow {
        section_id: Some(id.to_string()),
        ..none()
    });
    let sources = selector.sources.iter().map(|id| SelectionRow {
        source_id: Some(id.to_string()),
        ..none()
    });
    let languages = selector.languages.iter().map(|range| SelectionRow {
        language: Some(range.to_string()),
        ..none()
    });
    let tags = selector.tags.iter().map(|tag| SelectionRow {
        tag: Some(tag.clone()),
        ..none()
    });
    let articles = selector.articles.iter().map(|id| SelectionRow {
        article_id: Some(id.to_string()),
        ..none()
    });
    let all = sections
        .chain(sources)
        .chain(languages)
        .chain(tags)
        .chain(articles);
    (0..)
        .zip(all)
        .map(|(position, row)| SelectionRow { position, ..row })
        .collect()
}
