//! Who makes statements and checks them: [`Signer`], which keeps the wall's promise
//! [`Attest`].

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::future::LocalBoxFuture;
use moka::sync::Cache;
use parking_lot::RwLock;

use super::model::{Statement, Subject, Verdict};
use super::store::{self, Fresh, Kept, Standing};
use super::token::{self, Compact, kid};
use crate::db::{Actor, Db, DbError, WriteCx};
use crate::http::ledger::{Attest, Attested};
use crate::kernel::id::{AttestationId, Mint};
use crate::keys::{Key, KeyPurpose, Keys};
use crate::rights::Delivery;

/// What this node keeps of statements in memory, in bytes.
const MOST_BYTES: u64 = 8 << 20;

/// Subjects that it keeps besides; each takes some 2 kB.
const MOST_NAMED: u64 = 2_000;

/// How long a statement may be that is looked at, in bytes.
const LONGEST: usize = 8_192;

/// What an entry takes besides its texts, in bytes, roughly.
const ENTRY_BYTES: usize = 256;

/// Makes statements and checks them. Cheap to clone.
#[derive(Clone)]
pub struct Signer(Arc<Inner>);

struct Inner {
    db: Db,
    keys: Keys,
    mint: Mint,
    /// The site's base URL.
    issuer: RwLock<Arc<str>>,
    /// By the hash of the subject. An entry counts only while it may be given out again.
    recent: Cache<String, Arc<Kept>>,
    /// By the statement that a delivery names: what it is about, as this issuer says it.
    named: Cache<AttestationId, (Arc<str>, Arc<Subject>)>,
}

impl Attest for Signer {
    fn attest<'a>(
        &'a self,
        deliveries: &'a [Delivery],
        now: DateTime<Utc>,
    ) -> LocalBoxFuture<'a, Result<Vec<Attested>, DbError>> {
        Box::pin(self.all(deliveries, now))
    }

    fn issued_by(&self, base_url: &str) {
        if **self.0.issuer.read() != *base_url {
            *self.0.issuer.write() = Arc::from(base_url);
        }
    }
}

impl Signer {
    /// Who signs by these keys, which are to be those of attestations.
    pub fn new(db: Db, keys: Keys, mint: Mint) -> Self {
        let recent = Cache::builder()
            .max_capacity(MOST_BYTES)
            .weigher(|subject: &String, kept: &Arc<Kept>| {
                let bytes = ENTRY_BYTES + subject.len() * 2 + kept.token.len();
                u32::try_from(bytes).unwrap_or(u32::MAX)
            })
            .build();
        Self(Arc::new(Inner {
            db,
            keys,
            mint,
            issuer: RwLock::new(Arc::from("")),
            recent,
            named: Cache::new(MOST_NAMED),
        }))
    }

    async fn all(
        &self,
        deliveries: &[Delivery],
        now: DateTime<Utc>,
    ) -> Result<Vec<Attested>, DbError> {
        let issuer = Arc::clone(&self.0.issuer.read());
        let subjects = deliveries
            .iter()
            .map(|delivery| self.subject(&issuer, delivery))
            .collect::<Result<Vec<_>, _>>()
            .map_err(unsaid)?;
        // Asked for first: that is when this node notices that a key has been retired.
        let key = self.0.keys.newest(now).await?;
        let mut found: HashMap<String, Arc<Kept>> = HashMap::new();
        let mut missing: Vec<Subject> = Vec::new();
        let mut seen: HashSet<&str> = HashSet::new();
        for subject in subjects.iter().filter(|it| seen.insert(&it.hash)) {
            match self.recent(subject, now) {
                Some(kept) => {
                    found.insert(subject.hash.clone(), kept);
                }
                None => missing.push(Subject::clone(subject)),
            }
        }
        if !missing.is_empty() {
            for kept in self.kept_or_made(missing, key, now).await? {
                let kept = Arc::new(kept);
                let subject = kept.subject.clone();
                self.0.recent.insert(subject.clone(), Arc::clone(&kept));
                found.insert(subject, kept);
            }
        }
        let attested = subjects.iter().filter_map(|subject| {
            found.get(&subject.hash).map(|kept| Attested {
                id: kept.id,
                token: kept.token.clone(),
            })
        });
        Ok(attested.collect())
    }

    /// The subject of a delivery. One that leaves again, as it is, names its statement already.
    fn subject(
        &self,
        issuer: &Arc<str>,
        delivery: &Delivery,
    ) -> Result<Arc<Subject>, serde_json::Error> {
        let named = delivery.attestation.and_then(|id| self.0.named.get(&id));
        if let Some((_, subject)) = named.filter(|(by, _)| by == issuer) {
            return Ok(subject);
        }
        let subject = Arc::new(Subject::of(issuer, delivery)?);
        if let Some(id) = delivery.attestation {
            let said = (Arc::clone(issuer), Arc::clone(&subject));
            self.0.named.insert(id, said);
        }
        Ok(subject)
    }

    fn recent(&self, subject: &Subject, now: DateTime<Utc>) -> Option<Arc<Kept>> {
        self.0.recent.get(&subject.hash).filter(|kept| {
            subject.is_reusable(kept.expires_at, now)
                && kid(&kept.token).is_some_and(|kid| self.0.keys.holds(&kid, kept.expires_at))
        })
    }

    /// The statements that any node has made about these subjects, and new ones where there is
    /// none.
    async fn kept_or_made(
        &self,
        mut missing: Vec<Subject>,
        key: Key,
        now: DateTime<Utc>,
    ) -> Result<Vec<Kept>, DbError> {
        let purpose = KeyPurpose::Attestation.as_str();
        let wanted = hashes(&missing);
        let standing = self
            .0
            .db
            .read(move |conn| store::standing(conn, &wanted, purpose, now))
            .await?;
        let mut kept = Vec::new();
        missing.retain(|subject| match again(&standing, subject, now) {
            Some(one) => {
                kept.push(one);
                false
            }
            None => true,
        });
        if missing.is_empty() {
            return Ok(kept);
        }
        let cx = WriteCx {
            actor: Actor::Anonymous,
            now,
            mint: self.0.mint.clone(),
            request_id: None,
            once: None,
        };
        let made = self.0.db.write(cx, move |tx| {
            // Looked at once more in turn: another node may have been faster.
            let standing = store::standing(tx.conn, &hashes(&missing), purpose, now)?;
            let mut all = Vec::new();
            let mut fresh = Vec::new();
            for subject in &missing {
                all.push(match again(&standing, subject, now) {
                    Some(one) => one,
                    None => {
                        let made = make(&key, subject, tx.cx.mint.id(now), now)?;
                        let one = Kept {
                            id: made.id,
                            subject: made.subject.clone(),
                            token: made.token.clone(),
                            expires_at: made.expires_at,
                        };
                        fresh.push(made);
                        one
                    }
                });
            }
            store::keep(tx.conn, &fresh)?;
            Ok::<_, DbError>(all)
        });
        kept.extend(made.await?);
        Ok(kept)
    }

    /// Tells what a presented statement is worth. The work is bounded by its length: one
    /// signature and one reading of a few rows.
    ///
    /// # Errors
    /// A database error, and nothing else: whatever is wrong with a statement is a verdict.
    pub async fn verify(&self, given: &str, now: DateTime<Utc>) -> Result<Verdict, DbError> {
        let nothing = || Ok(Verdict::Tampered(Vec::new()));
        if given.len() > LONGEST {
            return nothing();
        }
        let Some(presented) = Compact::read(given) else {
            return nothing();
        };
        let Some(id) = presented.jti() else {
            return nothing();
        };
        let Some(known) = store::find(&self.0.db, id, now).await? else {
            return nothing();
        };
        let Some(signed) = Compact::read(&known.token) else {
            return Err(DbError::Corrupt("attestations.token".to_owned()));
        };
        // The claims are held against ours even under a good signature: so a stolen key does
        // not put other words under an id that is known.
        let authentic = known.token == given
            || presented.claims == signed.claims && self.signed(&presented, now).await?;
        match Statement::read(&presented.claims) {
            Some(statement) if authentic => Ok(Verdict::of(statement, known.revoked, now)),
            _ => Ok(Verdict::Tampered(presented.differences(&signed))),
        }
    }

    async fn signed(&self, presented: &Compact<'_>, now: DateTime<Utc>) -> Result<bool, DbError> {
        let Some(kid) = presented.kid() else {
            return Ok(false);
        };
        let key = self.0.keys.find(kid, now).await?;
        Ok(key.is_some_and(|key| key.verifies(presented.message.as_bytes(), presented.signature)))
    }
}

/// The newest statement about a subject that is given out again: it is far enough from its
/// end, and the key that signed it is taken until then.
fn again(standing: &Standing, subject: &Subject, now: DateTime<Utc>) -> Option<Kept> {
    let holds = |kept: &Kept| {
        let end = kid(&kept.token).and_then(|kid| standing.keys.get(&kid));
        end.is_some_and(|end| end.is_none_or(|end| kept.expires_at <= end))
    };
    standing
        .statements
        .iter()
        .find(|kept| {
            kept.subject == subject.hash && subject.is_reusable(kept.expires_at, now) && holds(kept)
        })
        .cloned()
}

fn make(
    key: &Key,
    subject: &Subject,
    id: AttestationId,
    now: DateTime<Utc>,
) -> Result<Fresh, DbError> {
    let (claims, expires_at) = subject.state(id, now).map_err(unsaid)?;
    let message = token::message(key.kid(), &claims);
    let signature = key.sign(message.as_bytes())?;
    Ok(Fresh {
        id,
        subject: subject.hash.clone(),
        partner: subject.partner,
        licence: subject.licence,
        article: subject.article,
        token: format!("{message}.{signature}"),
        issued_at: now,
        expires_at,
    })
}

fn hashes(subjects: &[Subject]) -> Vec<String> {
    subjects.iter().map(|it| it.hash.clone()).collect()
}

fn unsaid(error: serde_json::Error) -> DbError {
    DbError::Corrupt(error.to_string())
}

#[cfg(test)]
mod tests;
