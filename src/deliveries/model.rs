//! What the ledger holds, and what has to stand for it to take more.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};

use crate::kernel::id::{
    ArticleId, AttestationId, ClientId, DeliveryId, LicenceId, PartnerId, SectionId,
};
use crate::kernel::time::next_utc_day;
use crate::kernel::words::words;
use crate::rights::{Delivery, Extent, LicenceStatus, Lifecycle, Surface, Visibility};

words! {
    /// What a usage report is grouped by.
    UsageGroup {
        Partner = "partner",
        Article = "article",
        Section = "section",
        /// The day (UTC) on which the body was given.
        Day = "day",
        Extent = "extent",
    }
}

/// A row of the ledger. Rows are never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    pub id: DeliveryId,
    pub at: DateTime<Utc>,
    pub partner: PartnerId,
    pub client: ClientId,
    pub licence: LicenceId,
    pub licence_revision: i64,
    pub article: ArticleId,
    /// Where the article stood when it was given.
    pub section: Option<SectionId>,
    pub version: i64,
    /// SHA-256 of the version's canonical text, in hexadecimal.
    pub digest: String,
    /// SHA-256 of the body as it went out, in hexadecimal.
    pub content_digest: String,
    /// As it was sent.
    pub credit_line: String,
    pub extent: Extent,
    pub format: String,
    pub surface: Surface,
    pub attestation: Option<AttestationId>,
    pub request_id: Option<String>,
}

/// What one request gives out: the ledger takes all of it or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    pub deliveries: Vec<Delivery>,
    pub surface: Surface,
    pub request_id: String,
}

/// Why the ledger does not take a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The licence's quota of the day does not hold so many more.
    Quota {
        licence: LicenceId,
        quota: i64,
        delivered: i64,
        resets_at: DateTime<Utc>,
    },
    /// Key, licence or article are not any more what the decision was made on.
    Changed,
}

/// A key as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyNow {
    pub revision: i64,
    pub partner: Option<PartnerId>,
    pub expires_at: Option<DateTime<Utc>>,
    pub is_revoked: bool,
}

/// A licence as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicenceNow {
    pub revision: i64,
    pub partner: PartnerId,
    pub status: LicenceStatus,
    pub valid_from: DateTime<Utc>,
    pub valid_until: Option<DateTime<Utc>>,
    /// Bodies on a day (UTC).
    pub quota_per_day: Option<i64>,
}

/// An article as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleNow {
    pub live_version: Option<i64>,
    pub life: Lifecycle,
}

impl KeyNow {
    /// Whether it is the key that the request was admitted with, and still taken.
    fn admits(&self, delivery: &Delivery, now: DateTime<Utc>) -> bool {
        self.revision == delivery.client_revision
            && self.partner == Some(delivery.partner)
            && !self.is_revoked
            && self.expires_at.is_none_or(|end| now < end)
    }
}

impl LicenceNow {
    /// Whether it is the licence that the decision was made on, and still in force.
    fn grants(&self, delivery: &Delivery, now: DateTime<Utc>) -> bool {
        self.revision == delivery.licence_revision
            && self.partner == delivery.partner
            && self.status == LicenceStatus::Active
            && self.valid_from <= now
            && self.valid_until.is_none_or(|end| now < end)
    }
}

impl ArticleNow {
    /// Whether the version that was read is still what this reader sees.
    fn shows(&self, delivery: &Delivery, now: DateTime<Utc>) -> bool {
        let is_shown = match self.life.visibility(now) {
            Visibility::Live { .. } => true,
            Visibility::Embargoed => delivery.embargoed,
            Visibility::Unpublished | Visibility::Withdrawn(_) | Visibility::WithdrawnUnseen(_) => {
                false
            }
        };
        is_shown && self.live_version == Some(delivery.version)
    }
}

/// What stands at an instant, as far as some batches are concerned. Batches that are taken
/// count against those after them.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    pub keys: HashMap<ClientId, KeyNow>,
    pub licences: HashMap<LicenceId, LicenceNow>,
    pub articles: HashMap<ArticleId, ArticleNow>,
    /// Bodies that licences have given on the day; none is 0.
    pub delivered: HashMap<LicenceId, i64>,
}

impl Standing {
    /// Takes a batch whole, or not at all.
    ///
    /// # Errors
    /// [`Refusal`]; nothing is counted then.
    pub fn take(&mut self, deliveries: &[Delivery], now: DateTime<Utc>) -> Result<(), Refusal> {
        if !deliveries.iter().all(|delivery| self.holds(delivery, now)) {
            return Err(Refusal::Changed);
        }
        let mut after: HashMap<LicenceId, i64> = HashMap::new();
        for delivery in deliveries {
            let licence = delivery.licence;
            *after.entry(licence).or_insert_with(|| self.given(licence)) += 1;
        }
        // In the order of the batch, so that the same batch is always refused for the same licence.
        for licence in deliveries.iter().map(|delivery| delivery.licence) {
            let quota = self.licences.get(&licence).and_then(|it| it.quota_per_day);
            if let Some(quota) = quota
                && after.get(&licence).is_some_and(|count| *count > quota)
            {
                return Err(Refusal::Quota {
                    licence,
                    quota,
                    delivered: self.given(licence),
                    resets_at: next_utc_day(now),
                });
            }
        }
        self.delivered.extend(after);
        Ok(())
    }

    fn given(&self, licence: LicenceId) -> i64 {
        self.delivered.get(&licence).copied().unwrap_or(0)
    }

    /// Whether everything that the decision rested on is as it was.
    fn holds(&self, delivery: &Delivery, now: DateTime<Utc>) -> bool {
        let key = self.keys.get(&delivery.client);
        let licence = self.licences.get(&delivery.licence);
        let article = self.articles.get(&delivery.article);
        delivery.valid_until.is_none_or(|end| now < end)
            && key.is_some_and(|key| key.admits(delivery, now))
            && licence.is_some_and(|licence| licence.grants(delivery, now))
            && article.is_some_and(|article| article.shows(delivery, now))
    }
}

/// Which rows a list holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    pub partner: Option<PartnerId>,
    pub client: Option<ClientId>,
    pub licence: Option<LicenceId>,
    pub article: Option<ArticleId>,
    pub section: Option<SectionId>,
    pub extent: Option<Extent>,
    pub from: Option<DateTime<Utc>>,
    /// The first instant that is not in it.
    pub until: Option<DateTime<Utc>>,
}

/// What a usage report is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageQuery {
    pub from: NaiveDate,
    /// The first day that is not in it.
    pub until: NaiveDate,
    /// At least one, each once.
    pub group_by: Vec<UsageGroup>,
    pub partner: Option<PartnerId>,
    pub licence: Option<LicenceId>,
    pub article: Option<ArticleId>,
    pub section: Option<SectionId>,
    /// Groups that are counted at most; one more is read, to tell that there are more.
    pub most: usize,
}

/// How many bodies were given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    pub bodies: i64,
    /// Different articles among them.
    pub articles: i64,
}

/// What was given within one group; only what it is grouped by is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub partner: Option<PartnerId>,
    pub partner_name: Option<String>,
    pub article: Option<ArticleId>,
    pub section: Option<SectionId>,
    pub day: Option<NaiveDate>,
    pub extent: Option<Extent>,
    pub count: Count,
}

/// What was given out over some days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    pub groups: Vec<Group>,
    pub total: Count,
}
