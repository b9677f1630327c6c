//! The keys of one purpose, as a node keeps them in memory.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use parking_lot::{Mutex, RwLock};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::model::{Foreign, KeyPurpose, PublicKey};
use super::pair::{Key, fresh};
use super::seal::Seal;
use super::store;
use crate::db::{Actor, Conn, Db, DbError, Tx, WriteCx};
use crate::kernel::id::Mint;
use crate::kernel::text::sha256_hex;
use crate::kernel::time::Clock;

/// An unknown key id makes a node look into the table, but not more often than this.
const SOONEST: Duration = Duration::from_secs(1);

/// After this long a node looks into the table by itself: another may have retired a key.
const LATEST: Duration = Duration::from_secs(60);

/// Why there are no signing keys.
#[derive(Debug, Error)]
pub enum KeysError {
    #[error(
        "the signing key {0} in the database was sealed by another secret key. Give the one that this installation \
         was begun with (MASTHEAD_SECRET_KEY, or the .secret file beside the SQLite database). Where it is lost for \
         good, `masthead keys rotate --replace-lost` makes new signing keys"
    )]
    Foreign(String),
    #[error("a signing key could not be made")]
    Broken,
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<KeysError> for DbError {
    fn from(error: KeysError) -> Self {
        match error {
            KeysError::Db(error) => error,
            KeysError::Foreign(_) | KeysError::Broken => Self::Corrupt(error.to_string()),
        }
    }
}

/// The signing keys of one purpose. Cheap to clone.
#[derive(Clone)]
pub struct Keys(Arc<Inner>);

struct Inner {
    db: Db,
    seal: Seal,
    purpose: KeyPurpose,
    /// Newest first.
    ring: RwLock<Vec<Held>>,
    read_at: Mutex<Instant>,
}

/// A key whose signatures are taken.
#[derive(Clone)]
pub(super) struct Held {
    pub(super) key: Key,
    /// Until when. It signs no more once an end is set.
    pub(super) until: Option<DateTime<Utc>>,
}

impl Held {
    fn counts(&self, now: DateTime<Utc>) -> bool {
        self.until.is_none_or(|end| now < end)
    }
}

impl Keys {
    /// Opens the keys in the database, and makes the first one where there is none. Blocks.
    ///
    /// # Errors
    /// [`KeysError::Foreign`] for keys of another secret, if they are to be refused; or a
    /// database error.
    pub fn open(
        db: &Db,
        secret: &str,
        clock: &Clock,
        foreign: Foreign,
        purpose: KeyPurpose,
    ) -> Result<Self, KeysError> {
        let (seal, now) = (Seal::of(secret), clock.now());
        let found = db.read_now(|conn| load(conn, &seal, purpose, now))?;
        if let (Foreign::Refuse, Some(kid)) = (foreign, found.foreign.first()) {
            return Err(KeysError::Foreign(kid.clone()));
        }
        let ring = if found.foreign.is_empty() && found.signs() {
            found.ring
        } else {
            let cx = WriteCx {
                actor: Actor::Operator,
                now,
                mint: Mint::default(),
                request_id: None,
                once: None,
            };
            // Looked at once more in turn: another node may have been faster.
            db.write_now(&cx, |tx| settle(tx, &seal, purpose, foreign))?
        };
        Ok(Self(Arc::new(Inner {
            db: db.clone(),
            seal,
            purpose,
            ring: RwLock::new(ring),
            read_at: Mutex::new(long_ago()),
        })))
    }

    /// The key that signs: the newest of those without an end.
    ///
    /// # Errors
    /// [`KeysError::Broken`] if all have been retired since this node started.
    pub async fn newest(&self, now: DateTime<Utc>) -> Result<Key, KeysError> {
        self.reread(LATEST, now).await?;
        let ring = self.0.ring.read();
        let signing = ring.iter().find(|held| held.until.is_none());
        signing
            .map(|held| held.key.clone())
            .ok_or(KeysError::Broken)
    }

    /// The key of this id, if what it has signed is taken.
    ///
    /// # Errors
    /// A database error, when an unknown key is looked for.
    pub async fn find(&self, kid: &str, now: DateTime<Utc>) -> Result<Option<Key>, KeysError> {
        self.reread(LATEST, now).await?;
        if let Some(key) = self.known(kid, now) {
            return Ok(Some(key));
        }
        self.reread(SOONEST, now).await?;
        Ok(self.known(kid, now))
    }

    /// Whether what the key of this id has signed is taken up to an instant, as far as this
    /// node knows. Asks no database.
    pub fn holds(&self, kid: &str, until: DateTime<Utc>) -> bool {
        let ring = self.0.ring.read();
        ring.iter()
            .any(|held| held.key.kid == kid && held.until.is_none_or(|end| until <= end))
    }

    /// The public halves of all keys whose signatures are taken, newest first.
    ///
    /// # Errors
    /// A database error.
    pub async fn public(&self, now: DateTime<Utc>) -> Result<Vec<PublicKey>, KeysError> {
        self.reread(SOONEST, now).await?;
        let ring = self.0.ring.read();
        let public = ring
            .iter()
            .filter(|held| held.counts(now))
            .map(|held| PublicKey {
                kid: held.key.kid.clone(),
                x: held.key.x.clone(),
            });
        Ok(public.collect())
    }

    /// A hash of something that holds a password, such as a request's body: nobody can try
    /// passwords against it without the installation's secret.
    pub fn fingerprint(&self, text: &str) -> String {
        let inner = Sha256::new()
            .chain_update(self.0.seal.mark)
            .chain_update(text)
            .finalize();
        let mut outer = self.0.seal.mark.to_vec();
        outer.extend_from_slice(&inner);
        sha256_hex(&outer)
    }

    fn known(&self, kid: &str, now: DateTime<Utc>) -> Option<Key> {
        let ring = self.0.ring.read();
        let held = ring.iter().find(|held| held.key.kid == kid);
        held.filter(|held| held.counts(now))
            .map(|held| held.key.clone())
    }

    /// Reads the table, if that was not done within `recently`.
    async fn reread(&self, recently: Duration, now: DateTime<Utc>) -> Result<(), KeysError> {
        {
            let mut read_at = self.0.read_at.lock();
            if read_at.elapsed() < recently {
                return Ok(());
            }
            *read_at = Instant::now();
        }
        let inner = Arc::clone(&self.0);
        let read = move |conn: &mut Conn| load(conn, &inner.seal, inner.purpose, now);
        let found = match self.0.db.read(read).await {
            Ok(found) => found,
            Err(error) => {
                // A reading that failed is none: a retired key must not sign on for it.
                *self.0.read_at.lock() = long_ago();
                return Err(error);
            }
        };
        for kid in &found.foreign {
            tracing::warn!(
                kid,
                "a signing key in the database was sealed by another secret key"
            );
        }
        *self.0.ring.write() = found.ring;
        Ok(())
    }
}

/// The keys of all purposes.
#[derive(Clone)]
pub struct Rings {
    pub access: Keys,
    pub attestation: Keys,
    pub preview: Keys,
}

impl Rings {
    /// [`Keys::open`] for each purpose.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn open(db: &Db, secret: &str, clock: &Clock, foreign: Foreign) -> Result<Self, KeysError> {
        let open = |purpose| Keys::open(db, secret, clock, foreign, purpose);
        Ok(Self {
            access: open(KeyPurpose::Access)?,
            attestation: open(KeyPurpose::Attestation)?,
            preview: open(KeyPurpose::Preview)?,
        })
    }

    /// The public halves of all keys whose signatures others check. What preview keys have
    /// signed is for this server alone.
    ///
    /// # Errors
    /// A database error.
    pub async fn public(&self, now: DateTime<Utc>) -> Result<Vec<PublicKey>, KeysError> {
        let mut keys = self.access.public(now).await?;
        keys.extend(self.attestation.public(now).await?);
        Ok(keys)
    }
}

/// An instant after which no wait counts any more.
fn long_ago() -> Instant {
    let now = Instant::now();
    now.checked_sub(LATEST).unwrap_or(now)
}

/// The keys whose signatures are taken, and the ids of those among them that cannot be opened.
pub(super) struct Found {
    pub(super) ring: Vec<Held>,
    pub(super) foreign: Vec<String>,
}

impl Found {
    /// Whether there is a key to sign with.
    fn signs(&self) -> bool {
        self.ring.iter().any(|held| held.until.is_none())
    }
}

pub(super) fn load(
    conn: &mut Conn,
    seal: &Seal,
    purpose: KeyPurpose,
    now: DateTime<Utc>,
) -> Result<Found, KeysError> {
    let mut found = Found {
        ring: Vec::new(),
        foreign: Vec::new(),
    };
    for key in store::taken(conn, purpose, now)? {
        match seal.open(&key.kid, &key.private) {
            Some(private) => found.ring.push(Held {
                key: Key::of(&private)?,
                until: key.retired_at,
            }),
            None => found.foreign.push(key.kid),
        }
    }
    Ok(found)
}

fn settle(
    tx: &mut Tx<'_>,
    seal: &Seal,
    purpose: KeyPurpose,
    foreign: Foreign,
) -> Result<Vec<Held>, KeysError> {
    let found = load(tx.conn, seal, purpose, tx.now())?;
    replace(tx, &found, foreign)?;
    let signs = found.signs();
    let mut ring = found.ring;
    if !signs {
        let key = add(tx, seal, purpose)?;
        ring.insert(0, Held { key, until: None });
    }
    Ok(ring)
}

/// Retires keys that this secret cannot open, or refuses them.
pub(super) fn replace(tx: &mut Tx<'_>, found: &Found, foreign: Foreign) -> Result<(), KeysError> {
    for kid in &found.foreign {
        match foreign {
            Foreign::Refuse => return Err(KeysError::Foreign(kid.clone())),
            Foreign::Replace => store::retire(tx, kid, tx.now())?,
        }
    }
    Ok(())
}

/// Makes a key; from now on it signs.
pub(super) fn add(tx: &mut Tx<'_>, seal: &Seal, purpose: KeyPurpose) -> Result<Key, KeysError> {
    let private = fresh();
    let key = Key::of(&private)?;
    let sealed = seal.close(&key.kid, &private)?;
    store::insert(tx, purpose, (&key.kid, &key.x), &sealed)?;
    Ok(key)
}

#[cfg(test)]
mod tests;
