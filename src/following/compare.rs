//! Works held against what a client was told of them.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::articles::model::{Article, Side};
use crate::articles::store::load;
use crate::changes::model::{Happening, News, Standing, Told, tell};
use crate::changes::store::keep::Found;
use crate::changes::store::look;
use crate::db::{Conn, DbError, StoreError};
use crate::kernel::id::{ArticleId, ClientId, Id as _};
use crate::kernel::text::sha256_hex;
use crate::rights::{Carried, CreditBlock, Extent, Held, InBand, Refusal, Use, clear};

/// Works are compared with what a client was told of them.
pub(super) struct Looking {
    pub client: ClientId,
    pub use_: Use,
    pub now: DateTime<Utc>,
    /// The line of the change log after which it is looked at.
    pub since: i64,
    pub last_line: i64,
    /// With the time by which they are put in order.
    pub dated: Vec<(DateTime<Utc>, ArticleId, News)>,
    pub told: Vec<(ArticleId, Option<Told>)>,
    pub looked_at: usize,
}

impl Looking {
    pub fn compare(&mut self, conn: &mut Conn, ids: &[String]) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut happened = look::happened(conn, ids, self.since)?;
        let mut told = look::told(conn, self.client, ids)?;
        let mut works: Vec<Option<Held<Article>>> =
            load::held(conn, ids, Side::Live, false, self.now)?
                .into_iter()
                .map(Some)
                .collect();
        // Works come in the order of the ids, without those that readers never saw.
        let mut works = works.iter_mut().peekable();
        for id in ids {
            let is_next = works
                .peek()
                .and_then(|work| work.as_ref())
                .is_some_and(|work| work.rights().article.to_string() == *id);
            let work = match is_next {
                true => works.next().and_then(Option::take),
                false => None,
            };
            let Some(article) = ArticleId::parse(id) else {
                continue;
            };
            let lines = happened.remove(id).unwrap_or_default();
            self.one(article, told.remove(id), lines, work)?;
        }
        Ok(())
    }

    fn one(
        &mut self,
        article: ArticleId,
        told: Option<Told>,
        lines: Vec<(i64, Happening)>,
        work: Option<Held<Article>>,
    ) -> Result<(), StoreError> {
        let coming = work.as_ref().and_then(|work| self.coming(work));
        let standing = self.standing(work)?;
        let is_hidden = standing == Standing::Nothing;
        let since = told.as_ref().map_or(self.since, |told| told.seen_seq);
        let happened: Vec<Happening> = lines
            .into_iter()
            .filter(|(seq, _)| *seq > since)
            .map(|(_, one)| one)
            .collect();
        let news = tell::tell(told.as_ref(), &happened, &standing, self.now);
        let is_told = !news.is_empty();
        // The order of one work's entries must not depend on the clock that wrote the lines.
        let mut latest = DateTime::<Utc>::MIN_UTC;
        for one in news {
            latest = latest.max(one.at);
            self.dated.push((latest, article, one));
        }
        let held = tell::held(told.clone(), standing);
        let held = match coming.filter(|_| is_hidden) {
            Some(at) => Some(tell::awaited(held, at)),
            None => held,
        };
        let is_same = match (&told, &held) {
            (None, None) => true,
            (Some(told), Some(held)) => !is_told && told.is_same(held),
            (None, Some(_)) | (Some(_), None) => false,
        };
        if !is_same {
            let seen_seq = self.last_line;
            self.told
                .push((article, held.map(|held| Told { seen_seq, ..held })));
        }
        Ok(())
    }

    /// When a work is seen that is not seen yet: it is looked at again then. The change log has told of
    /// it already where this node's clock is behind that of who wrote it.
    fn coming(&self, work: &Held<Article>) -> Option<DateTime<Utc>> {
        let life = &work.rights().lifecycle;
        let times = [life.publish_at, life.visible_from()];
        let coming = times.into_iter().flatten().filter(|at| *at > self.now);
        coming.min().filter(|_| life.has_live_version)
    }

    /// What the client may have of a work now.
    fn standing(&mut self, work: Option<Held<Article>>) -> Result<Standing, StoreError> {
        let Some(work) = work else {
            return Ok(Standing::Nothing);
        };
        let version = work.rights().facts.version;
        let licensed = match clear(work, &self.use_, self.now) {
            Ok(licensed) => licensed,
            Err(Refusal::Gone(withdrawal)) => {
                self.looked_at += 1;
                return Ok(Standing::Gone(withdrawal.reason_class));
            }
            Err(Refusal::NotFound | Refusal::Unattributable) => return Ok(Standing::Nothing),
        };
        self.looked_at += 1;
        let extent = licensed.extent();
        if extent <= Extent::Stub {
            return Ok(Standing::Nothing);
        }
        let usage = &licensed.attribution().usage;
        let is_embargoed = usage.embargoed == Some(true);
        let recheck_at = usage.valid_until.filter(|at| *at > self.now);
        let seen = licensed.present(Seen::of);
        let bytes = serde_json::to_vec(&seen)
            .map_err(|error| StoreError::Db(DbError::Corrupt(error.to_string())))?;
        Ok(Standing::Has {
            told: Told {
                version,
                is_embargoed,
                is_gone: false,
                seen_seq: self.last_line,
                fingerprint: sha256_hex(&bytes),
                recheck_at,
            },
            extent,
        })
    }

    pub fn found(mut self) -> Found {
        self.dated.sort_by_key(|(at, _, _)| *at);
        Found {
            news: self
                .dated
                .into_iter()
                .map(|(_, article, news)| (article, news))
                .collect(),
            told: self.told,
        }
    }
}

/// What a reader sees of a work beside its credit, as far as a version does not fix it: of which
/// the fingerprint is made. It goes nowhere.
#[derive(Serialize)]
struct Seen {
    version: i64,
    slug: String,
    published_at: Option<DateTime<Utc>>,
    /// Ids and names from the root down.
    section: Vec<(String, String)>,
    contributors: Vec<String>,
}

impl Seen {
    fn of(article: Article) -> Self {
        let path = article.section.iter().flat_map(|section| &section.path);
        Self {
            version: article.version,
            slug: article.content.slug.clone(),
            published_at: article.published_at,
            section: path
                .map(|crumb| (crumb.id.to_string(), crumb.name.clone()))
                .collect(),
            contributors: article
                .contributors
                .iter()
                .map(|one| one.person.name.clone())
                .collect(),
        }
    }
}

impl InBand for Seen {
    fn carry(&mut self, _: CreditBlock<'_>) {}

    fn body(&self) -> Option<Carried> {
        None
    }
}
