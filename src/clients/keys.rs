//! What an API key is, and whose a request's key is.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};

use super::model::{Client, ClientStatus};
use super::store::{self, KeyMark};
use crate::db::{Conn, Db, DbError, StoreError};
use crate::http::auth::{ClientPrincipal, Denied, KEY_PREFIX};
use crate::kernel::id::PartnerId;
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

/// Tells whose a key is. Cheap to clone.
#[derive(Clone)]
pub struct ApiKeys {
    db: Db,
    licences: Licences,
}

impl ApiKeys {
    pub fn new(db: Db, licences: Licences) -> Self {
        Self { db, licences }
    }

    /// The client that a key belongs to, with what its partner holds, as the database has both
    /// at one instant.
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
        const UNKNOWN: Denied = Denied::Invalid("The API key is unknown.");
        if key.len() > LONGEST {
            return Err(UNKNOWN);
        }
        let hash = secret::digest(&SecretString::from(key));
        let (client, held) = self.find(hash).await?.ok_or(UNKNOWN)?;
        match client.status(now) {
            ClientStatus::Revoked => return Err(UNKNOWN),
            ClientStatus::Expired => return Err(Denied::Invalid("The API key has expired.")),
            ClientStatus::Active => {}
        }
        if client.terms.publishable && !is_at_home(&client, origin) {
            return Err(Denied::NotHere(
                "A publishable key is taken from the origins only that it was made for.",
            ));
        }
        Ok(ClientPrincipal {
            client: client.id,
            revision: client.revision,
            partner: client.terms.partner.map(|partner| (partner, held)),
            kind: client.terms.kind,
            channel: client.terms.channel,
            territory: client.terms.territory,
            scopes: client.terms.scopes,
            publishable: client.terms.publishable,
        })
    }

    async fn find(&self, hash: String) -> Result<Option<(Client, Arc<[Licence]>)>, Denied> {
        let licences = self.licences;
        let found = self.db.read(move |conn| {
            let Some(client) = store::by_key(conn, &hash)? else {
                return Ok(None);
            };
            let held = match client.terms.partner {
                Some(partner) if client.revoked_at.is_none() => licences(conn, partner)?,
                _ => Vec::new(),
            };
            Ok(Some((client, held.into())))
        });
        found.await.map_err(|error| match error {
            StoreError::Db(error) => Denied::Db(error),
            other => Denied::Db(DbError::Corrupt(other.to_string())),
        })
    }
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
