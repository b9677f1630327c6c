//! Partners with a licence, and bodies on their way to them.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use masthead::db::schema::{clients, deliveries, licences, partners};
use masthead::db::{Conn, Heed as _};
use masthead::http::auth::ClientKind;
use masthead::http::ledger::Undelivered;
use masthead::kernel::id::{ArticleId, ClientId, Id, LicenceId, PartnerId, SectionId};
use masthead::rights::{Channel, Delivery, Extent, Surface};

use super::TestApp;

/// A partner with one key and one licence.
#[derive(Debug, Clone, Copy)]
pub struct Licensee {
    pub partner: PartnerId,
    pub client: ClientId,
    pub licence: LicenceId,
}

impl Licensee {
    /// A body of the first version of an article.
    pub fn owed(&self, article: &str) -> Delivery {
        Delivery {
            partner: self.partner,
            client: self.client,
            client_revision: 1,
            licence: self.licence,
            licence_revision: 1,
            valid_until: None,
            embargoed: false,
            article: ArticleId::parse(article).expect("an article"),
            section: None,
            version: 1,
            digest: "a".repeat(64),
            content_digest: "b".repeat(64),
            credit_line: "Source: Harbour Daily".to_owned(),
            extent: Extent::Full,
            format: "html",
            attestation: None,
        }
    }
}

impl TestApp {
    /// A partner with a key and a licence that has begun and has no end.
    pub fn licensee(&self, name: &str, quota: Option<i64>) -> Licensee {
        let now = self.clock.now();
        let mint = &self.parts.shared.mint;
        let (partner, licence): (PartnerId, LicenceId) = (mint.id(now), mint.id(now));
        let (client, _) = self.key(self.terms(ClientKind::Partner, Channel::Syndication));
        let at = now.naive_utc();
        self.change(|conn| {
            diesel::insert_into(partners::table)
                .values((
                    partners::id.eq(partner.to_string()),
                    partners::revision.eq(1),
                    partners::name.eq(name),
                    partners::name_key.eq(name),
                    partners::created_at.eq(at),
                    partners::updated_at.eq(at),
                ))
                .execute(conn)?;
            self.add_licence(conn, licence, partner, quota)?;
            diesel::update(clients::table.find(client.to_string()))
                .set(clients::partner_id.eq(partner.to_string()))
                .execute(conn)
        });
        Licensee {
            partner,
            client,
            licence,
        }
    }

    /// Another licence of the same partner.
    pub fn another_licence(&self, of: Licensee, quota: Option<i64>) -> Licensee {
        let licence: LicenceId = self.parts.shared.mint.id(self.clock.now());
        self.change(|conn| self.add_licence(conn, licence, of.partner, quota));
        Licensee { licence, ..of }
    }

    fn add_licence(
        &self,
        conn: &mut Conn,
        id: LicenceId,
        partner: PartnerId,
        quota: Option<i64>,
    ) -> QueryResult<usize> {
        let at = self.clock.now().naive_utc();
        diesel::insert_into(licences::table)
            .values((
                (
                    licences::id.eq(id.to_string()),
                    licences::revision.eq(1),
                    licences::partner_id.eq(partner.to_string()),
                    licences::extent.eq("full"),
                    licences::channels.eq(r#"["web"]"#),
                    licences::territories.eq(r#"["CN"]"#),
                    licences::valid_from.eq(at),
                    licences::alteration.eq("none"),
                    licences::embargo_privilege.eq(false),
                    licences::quota_per_day.eq(quota),
                ),
                (
                    licences::cache_max_age_seconds.eq(3600),
                    licences::removal_deadline_hours.eq(24),
                    licences::indexing.eq("noindex"),
                    licences::ai_input.eq(false),
                    licences::ai_train.eq(false),
                    licences::status.eq("active"),
                    licences::created_at.eq(at),
                    licences::updated_at.eq(at),
                ),
            ))
            .execute(conn)
    }

    /// Changes the database past the application.
    #[track_caller]
    pub fn change<T>(&self, change: impl FnOnce(&mut Conn) -> QueryResult<T>) -> T {
        let changed = self.db.with_writer(change);
        // No line of the change log tells of it.
        self.db.marks().lost();
        changed.expect("a connection").expect("it is changed")
    }

    /// Asks the ledger to take bodies.
    pub async fn deliver(&self, owed: Vec<Delivery>) -> Result<(), Undelivered> {
        let ledger = &self.parts.shared.ledger;
        ledger
            .record(owed, Surface::Item, "a request".to_owned())
            .await
    }

    /// How many rows the ledger has.
    pub fn ledger_rows(&self) -> i64 {
        self.change(|conn| deliveries::table.count().get_result(conn))
    }

    /// What licences have given on a day, as quotas are held against it.
    pub fn given(&self, licence: LicenceId, day: &str) -> i64 {
        use masthead::db::schema::delivery_counts as counts;
        self.change(|conn| {
            counts::table
                .find((licence.to_string(), day.to_owned()))
                .select(counts::delivered)
                .first(conn)
                .optional()
        })
        .unwrap_or(0)
    }

    /// Moves the clock to an instant.
    pub fn set_clock(&self, to: DateTime<Utc>) {
        self.clock.advance(to - self.clock.now());
    }
}

/// A microsecond, the least that the engines tell apart.
pub const TICK: TimeDelta = TimeDelta::microseconds(1);

/// A section as the ledger has it.
pub fn section(id: &str) -> Option<SectionId> {
    Some(SectionId::parse(id).expect("a section"))
}
