//! What an API key is, and whose a request's key is.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use moka::sync::Cache;
use secrecy::{ExposeSecret as _, SecretString};

use super::model::{Client, ClientStatus};
use super::store::{self, KeyMark};
use crate::db::{Conn, Db, DbError, Stamp, StoreError};
use crate::http::auth::{ClientPrincipal, Denied, KEY_PREFIX};
use crate::kernel::id::{ClientId, Id as _, PartnerId};
use crate::kernel::secret;
use crate::rights::Licence;

/// Longer than any key of ours.
const LONGEST: usize = 200;

/// What is shown of a key later on: so many characters of its end.
const HINT: usize = 4;

/// A key that was just made. Shown once; never stored.
#[derive(Debug)]
pub struct FreshKey {
    pub secret: SecretString,
    pub mark: KeyMark,
}

impl FreshKey {
    pub fn make() -> Self {
        let fresh = secret::fresh(KEY_PREFIX);
        let text = fresh.expose_secret();
        Self {
            mark: KeyMark {
                hash: secret::digest(&fresh),
                hint: text[text.len() - HINT..].to_owned(),
            },
            secret: fresh,
        }
    }
}

/// Reads the licences of a partner that are not revoked.
pub type Licences = fn(&mut Conn, PartnerId) -> Result<Vec<Licence>, StoreError>;

/// Clients that are kept in memory at most.
const MOST_KEPT: u64 = 10_000;

/// A key's client, with what its partner holds, as the database has both at one instant.
#[derive(Clone)]
struct Known {
    client: Arc<Client>,
    held: Arc<[Licence]>,
    stamp: Stamp,
}

/// Tells whose a key is. Cheap to clone.
#[derive(Clone)]
pub struct ApiKeys {
    db: Db,
    licences: Licences,
    /// Signs addresses together with the hash of a key: without it nobody can who has the hashes.
    secret: Arc<SecretString>,
    /// By the hash of the key. Unknown keys are not kept: whoever guesses fills no memory.
    known: Cache<String, Known>,
}

impl ApiKeys {
    pub fn new(db: Db, licences: Licences, secret: &str) -> Self {
        Self {
            db,
            licences,
            secret: Arc::new(SecretString::from(format!("addresses {secret}"))),
            known: Cache::new(MOST_KEPT),
        }
    }

    /// The client that a key belongs to, with what its partner holds.
    ///
    /// # Errors
    /// [`Denied::Invalid`] for a key that is unknown or revoked, in the same words, and for
    /// an expired one; [`Denied::NotHere`] for a publishable key from another origin.
    pub async fn client(
        &self,
        key: &str,
        origin: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<ClientPrincipal, Denied> {
        if key.len() > LONGEST {
            return Err(UNKNOWN);
        }
        let hash = secret::digest(&SecretString::from(key));
        let known = match self.kept(&hash) {
            Some(known) => known,
            None => self.find(hash).await?.ok_or(UNKNOWN)?,
        };
        admitted(&known, origin, now)
    }

    /// [`ApiKeys::client`] of a key that is kept in memory; `None` for every other, and for one
    /// that is not taken.
    pub fn known(
        &self,
        key: &str,
        origin: Option<&str>,
        now: DateTime<Utc>,
    ) -> Option<ClientPrincipal> {
        if key.len() > LONGEST {
            return None;
        }
        let known = self.kept(&secret::digest(&SecretString::from(key)))?;
        admitted(&known, origin, now).ok()
    }

    /// What makes a path good for who has no way to send a key with it. It ends with the key.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such client, or a database error.
    pub async fn sign(&self, client: ClientId, path: &str) -> Result<String, StoreError> {
        let hash = self.db.read(move |conn| {
            let hash = store::key_hash(conn, client)?;
            hash.ok_or(StoreError::NotFound)
        });
        Ok(secret::mac(&self.secret, &signed(&hash.await?, path)))
    }

    /// The client that has a path signed.
    ///
    /// # Errors
    /// [`Denied::Invalid`] for what is not signed so, in the same words whatever is wrong.
    pub async fn signed_client(
        &self,
        client: &str,
        path: &str,
        signature: &str,
        now: DateTime<Utc>,
    ) -> Result<ClientPrincipal, Denied> {
        let id = ClientId::parse(client).ok_or(UNSIGNED)?;
        let hash = self.db.read(move |conn| Ok(store::key_hash(conn, id)?));
        let hash: Option<String> = hash.await.map_err(denied)?;
        let hash = hash.ok_or(UNSIGNED)?;
        if !secret::is_mac(&self.secret, &signed(&hash, path), signature) {
            return Err(UNSIGNED);
        }
        let known = match self.kept(&hash) {
            Some(known) => known,
            None => self.find(hash).await?.ok_or(UNSIGNED)?,
        };
        if known.client.terms.publishable || known.client.status(now) != ClientStatus::Active {
            return Err(UNSIGNED);
        }
        admitted(&known, None, now)
    }

    /// What is kept of a key, if it is still what the database has.
    fn kept(&self, hash: &str) -> Option<Known> {
        let known = self.known.get(hash)?;
        let marks = self.db.marks();
        let made_of = ["client", "partner", "licence"].map(|noun| marks.noun(noun));
        (self.db.is_fed() && marks.hold(known.stamp, &made_of)).then_some(known)
    }

    async fn find(&self, hash: String) -> Result<Option<Known>, Denied> {
        let licences = self.licences;
        let stamp = self.db.marks().now();
        let name = hash.clone();
        let found = self.db.read(move |conn| {
            let Some(client) = store::by_key(conn, &hash)? else {
                return Ok(None);
            };
            let held = match client.terms.partner {
                Some(partner) if client.revoked_at.is_none() => licences(conn, partner)?,
                _ => Vec::new(),
            };
            Ok(Some(Known {
                client: Arc::new(client),
                held: held.into(),
                stamp,
            }))
        });
        let found = found.await.map_err(denied)?;
        if let Some(known) = &found {
            self.known.insert(name, known.clone());
        }
        Ok(found)
    }
}

const UNKNOWN: Denied = Denied::Invalid("The API key is unknown.");
const UNSIGNED: Denied = Denied::Invalid("The address is not signed, or not any more.");

fn denied(error: StoreError) -> Denied {
    match error {
        StoreError::Db(error) => Denied::Db(error),
        other => Denied::Db(DbError::Corrupt(other.to_string())),
    }
}

/// What is signed of a path.
fn signed(hash: &str, path: &str) -> String {
    format!("{hash} {path}")
}

/// Whether a key is taken now and from there.
fn admitted(
    known: &Known,
    origin: Option<&str>,
    now: DateTime<Utc>,
) -> Result<ClientPrincipal, Denied> {
    let client = &known.client;
    match client.status(now) {
        ClientStatus::Revoked => return Err(UNKNOWN),
        ClientStatus::Expired => return Err(Denied::Invalid("The API key has expired.")),
        ClientStatus::Active => {}
    }
    if client.terms.publishable && !is_at_home(client, origin) {
        return Err(Denied::NotHere(
            "A publishable key is taken from the origins only that it was made for.",
        ));
    }
    let held = || Arc::clone(&known.held);
    Ok(ClientPrincipal {
        client: client.id,
        revision: client.revision,
        partner: client.terms.partner.map(|partner| (partner, held())),
        kind: client.terms.kind,
        channel: client.terms.channel,
        territory: client.terms.territory.clone(),
        scopes: client.terms.scopes.clone(),
        publishable: client.terms.publishable,
    })
}

/// Browsers write an origin in one way only; anything else came from elsewhere.
fn is_at_home(client: &Client, origin: Option<&str>) -> bool {
    origin.is_some_and(|origin| {
        client
            .terms
            .allowed_origins
            .iter()
            .any(|allowed| allowed.as_str() == origin)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_begin_as_keys_do_and_end_in_their_hint() {
        let key = FreshKey::make();
        let text = key.secret.expose_secret();
        assert!(text.starts_with("mh_") && text.len() == 46, "{text}");
        assert!(text.ends_with(&key.mark.hint) && key.mark.hint.len() == 4);
        assert_eq!(key.mark.hash.len(), 64);
        assert!(!format!("{key:?}").contains(text));
    }
}
