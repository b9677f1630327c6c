//! The ledger in the database: reading it. [`record`] adds to it, [`usage`] sums it up.

pub mod record;
pub mod usage;

use std::collections::HashSet;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;
use uuid::Builder;

use super::model::{Filter, Recorded};
use crate::db::error::stored;
use crate::db::page::{Window, id_page};
use crate::db::schema::deliveries;
use crate::db::{Db, StoreError};
use crate::kernel::id::{
    ArticleId, AttestationId, ClientId, DeliveryId, Id, LicenceId, PartnerId, SectionId,
};
use crate::kernel::time::{from_db, to_db};
use crate::rights::{Extent, Surface};

#[derive(Queryable, Selectable)]
#[diesel(table_name = deliveries)]
struct Row {
    id: String,
    at: NaiveDateTime,
    partner_id: String,
    client_id: String,
    licence_id: String,
    licence_revision: i64,
    article_id: String,
    section_id: Option<String>,
    version: i64,
    digest: String,
    content_digest: String,
    credit_line: String,
    extent: String,
    format: String,
    surface: String,
    attestation_id: Option<String>,
    request_id: Option<String>,
}

impl Row {
    fn read(self) -> Result<Recorded, StoreError> {
        let attestation = self.attestation_id.as_deref();
        Ok(Recorded {
            id: stored(DeliveryId::parse(&self.id), "deliveries.id")?,
            at: from_db(self.at),
            partner: stored(PartnerId::parse(&self.partner_id), "deliveries.partner_id")?,
            client: stored(ClientId::parse(&self.client_id), "deliveries.client_id")?,
            licence: stored(LicenceId::parse(&self.licence_id), "deliveries.licence_id")?,
            licence_revision: self.licence_revision,
            article: stored(ArticleId::parse(&self.article_id), "deliveries.article_id")?,
            section: self
                .section_id
                .map(|id| stored(SectionId::parse(&id), "deliveries.section_id"))
                .transpose()?,
            version: self.version,
            digest: self.digest,
            content_digest: self.content_digest,
            credit_line: self.credit_line,
            extent: stored(Extent::parse(&self.extent), "deliveries.extent")?,
            format: self.format,
            surface: stored(Surface::parse(&self.surface), "deliveries.surface")?,
            attestation: attestation
                .map(|id| stored(AttestationId::parse(id), "deliveries.attestation_id"))
                .transpose()?,
            request_id: self.request_id,
        })
    }
}

/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub async fn get(db: &Db, id: DeliveryId) -> Result<Recorded, StoreError> {
    db.read(move |conn| {
        deliveries::table
            .find(id.to_string())
            .select(Row::as_select())
            .first(conn)
            .map_err(StoreError::from)
            .and_then(Row::read)
    })
    .await
}

/// Those of these articles that a partner was given in full, in whatever version.
///
/// # Errors
/// A database error.
pub async fn given_in_full(
    db: &Db,
    partner: PartnerId,
    articles: Vec<ArticleId>,
) -> Result<HashSet<ArticleId>, StoreError> {
    db.read(move |conn| {
        let ids = articles.iter().map(ArticleId::to_string);
        let given: Vec<String> = deliveries::table
            .filter(deliveries::article_id.eq_any(ids.collect::<Vec<_>>()))
            .filter(deliveries::partner_id.eq(partner.to_string()))
            .filter(deliveries::extent.eq(Extent::Full.as_str()))
            .select(deliveries::article_id)
            .distinct()
            .load(conn)?;
        let read = |id: String| stored(ArticleId::parse(&id), "deliveries.article_id");
        Ok(given.into_iter().map(read).collect::<Result<_, _>>()?)
    })
    .await
}

/// One page in the order in which bodies were given, with one row too many if there are more,
/// and the total if asked for.
///
/// # Errors
/// A database error.
pub async fn list(
    db: &Db,
    filter: Filter,
    descending: bool,
    window: Window,
) -> Result<(Vec<Recorded>, Option<i64>), StoreError> {
    db.read(move |conn| {
        let total = match window.count {
            true => Some(matching(&filter).count().get_result(conn)?),
            false => None,
        };
        let after = window.after.clone().map(|mark| mark.id).unwrap_or_default();
        let query = matching(&filter);
        let rows: Vec<Row> = id_page!(query, window, descending, deliveries::id, after)
            .select(Row::as_select())
            .load(conn)?;
        let page = rows.into_iter().map(Row::read).collect::<Result<_, _>>()?;
        Ok((page, total))
    })
    .await
}

type Boxed<'a> = deliveries::BoxedQuery<'a, crate::db::MultiBackend>;

/// The rows that a filter lets through.
fn matching<'a>(filter: &Filter) -> Boxed<'a> {
    let mut query = deliveries::table.into_boxed();
    if let Some(partner) = filter.partner {
        query = query.filter(deliveries::partner_id.eq(partner.to_string()));
    }
    if let Some(client) = filter.client {
        query = query.filter(deliveries::client_id.eq(client.to_string()));
    }
    if let Some(licence) = filter.licence {
        query = query.filter(deliveries::licence_id.eq(licence.to_string()));
    }
    if let Some(article) = filter.article {
        query = query.filter(deliveries::article_id.eq(article.to_string()));
    }
    if let Some(section) = filter.section {
        query = query.filter(deliveries::section_id.eq(section.to_string()));
    }
    if let Some(extent) = filter.extent {
        query = query.filter(deliveries::extent.eq(extent.as_str()));
    }
    // Ids sort by the millisecond: a bound on them lets every index seek, the time settles it.
    if let Some(from) = filter.from {
        query = query
            .filter(deliveries::id.ge(lowest(from)))
            .filter(deliveries::at.ge(to_db(from)));
    }
    if let Some(until) = filter.until {
        query = query
            .filter(deliveries::id.lt(lowest(until + TimeDelta::milliseconds(1))))
            .filter(deliveries::at.lt(to_db(until)));
    }
    query
}

/// The lowest id that a row of this millisecond can have.
fn lowest(at: DateTime<Utc>) -> String {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
    let uuid = Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid();
    DeliveryId::from_uuid(uuid).to_string()
}
