//! The keys that sign access tokens: Ed25519, kept in the database and sealed there by the
//! installation's secret, so that all nodes share them and a stolen copy of the database
//! signs nothing.

mod installation;
mod pair;
mod seal;

use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use parking_lot::{Mutex, RwLock};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::model::PublicKey;
use crate::db::schema::signing_keys;
use crate::db::{Actor, Change, Conn, Db, DbError, Entry, Tx, WriteCx};
use crate::kernel::id::Mint;
use crate::kernel::text::sha256_hex;
use crate::kernel::time::{Clock, to_db};

pub use installation::{SecretError, installation_secret};
pub use pair::Key;
use pair::fresh;
use seal::Seal;

/// What these keys are for, as the table says it.
const PURPOSE: &str = "access";

/// An unknown key id makes a node look into the table, but not more often than this.
const SOONEST: Duration = Duration::from_secs(1);

/// After this long a node looks into the table by itself: another may have retired a key.
const LATEST: Duration = Duration::from_secs(60);

/// What to do about keys in the database that this secret cannot open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// Stop: the secret is the wrong one, or the database is another installation's.
    Refuse,
    /// Retire them and make a new one: whoever is signed in gets a new token by refreshing.
    Replace,
}

/// Why there are no signing keys.
#[derive(Debug, Error)]
pub enum KeysError {
    #[error(
        "the signing key {0} in the database was sealed by another secret key. Give the one that this installation \
         was begun with (MASTHEAD_SECRET_KEY, or the .secret file beside the SQLite database)"
    )]
    Foreign(String),
    #[error("a signing key could not be made")]
    Broken,
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<diesel::result::Error> for KeysError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Db(error.into())
    }
}

/// The signing keys of the installation. Cheap to clone.
#[derive(Clone)]
pub struct Keys(Arc<Inner>);

struct Inner {
    db: Db,
    seal: Seal,
    /// Newest first.
    ring: RwLock<Vec<Key>>,
    read_at: Mutex<Instant>,
}

impl Keys {
    /// Opens the keys in the database, and makes the first one where there is none. Blocks.
    ///
    /// # Errors
    /// [`KeysError::Foreign`] for keys of another secret, if they are to be refused; or a
    /// database error.
    pub fn open(db: &Db, secret: &str, clock: &Clock, foreign: Foreign) -> Result<Self, KeysError> {
        let seal = Seal::of(secret);
        let found = db.read_now(|conn| load(conn, &seal))?;
        if let (Foreign::Refuse, Some(kid)) = (foreign, found.foreign.first()) {
            return Err(KeysError::Foreign(kid.clone()));
        }
        let ring = if found.foreign.is_empty() && !found.ring.is_empty() {
            found.ring
        } else {
            let cx = WriteCx {
                actor: Actor::Operator,
                now: clock.now(),
                mint: Mint::default(),
                request_id: None,
                once: None,
            };
            // Looked at once more in turn: another node may have been faster.
            db.write_now(&cx, |tx| settle(tx, &seal, foreign))?
        };
        Ok(Self(Arc::new(Inner {
            db: db.clone(),
            seal,
            ring: RwLock::new(ring),
            read_at: Mutex::new(long_ago()),
        })))
    }

    /// The key that signs: the newest.
    ///
    /// # Errors
    /// [`KeysError::Broken`] if all have been retired since this node started.
    pub async fn newest(&self) -> Result<Key, KeysError> {
        self.reread(LATEST).await?;
        self.0.ring.read().first().cloned().ok_or(KeysError::Broken)
    }

    /// The key of this id, if tokens signed by it are taken.
    ///
    /// # Errors
    /// A database error, when an unknown key is looked for.
    pub async fn find(&self, kid: &str) -> Result<Option<Key>, KeysError> {
        self.reread(LATEST).await?;
        if let Some(key) = self.known(kid) {
            return Ok(Some(key));
        }
        self.reread(SOONEST).await?;
        Ok(self.known(kid))
    }

    /// The public halves of all keys whose tokens are taken, newest first.
    ///
    /// # Errors
    /// A database error.
    pub async fn public(&self) -> Result<Vec<PublicKey>, KeysError> {
        self.reread(SOONEST).await?;
        let ring = self.0.ring.read();
        let public = ring.iter().map(|key| PublicKey {
            kid: key.kid.clone(),
            x: key.x.clone(),
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

    fn known(&self, kid: &str) -> Option<Key> {
        self.0
            .ring
            .read()
            .iter()
            .find(|key| key.kid == kid)
            .cloned()
    }

    /// Reads the table, if that was not done within `recently`.
    async fn reread(&self, recently: Duration) -> Result<(), KeysError> {
        {
            let mut read_at = self.0.read_at.lock();
            if read_at.elapsed() < recently {
                return Ok(());
            }
            *read_at = Instant::now();
        }
        let inner = self.0.clone();
        let found = self.0.db.read(move |conn| load(conn, &inner.seal)).await?;
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

/// An instant after which no wait counts any more.
fn long_ago() -> Instant {
    let now = Instant::now();
    now.checked_sub(LATEST).unwrap_or(now)
}

/// The keys that are not retired, and the ids of those that cannot be opened.
struct Found {
    ring: Vec<Key>,
    foreign: Vec<String>,
}

fn load(conn: &mut Conn, seal: &Seal) -> Result<Found, KeysError> {
    let rows: Vec<(String, String)> = signing_keys::table
        .filter(signing_keys::purpose.eq(PURPOSE))
        .filter(signing_keys::retired_at.is_null())
        .order((signing_keys::created_at.desc(), signing_keys::kid.desc()))
        .select((signing_keys::kid, signing_keys::sealed_private_key))
        .load(conn)?;
    let mut found = Found {
        ring: Vec::new(),
        foreign: Vec::new(),
    };
    for (kid, sealed) in rows {
        match seal.open(&kid, &sealed) {
            Some(private) => found.ring.push(Key::of(&private)?),
            None => found.foreign.push(kid),
        }
    }
    Ok(found)
}

fn settle(tx: &mut Tx<'_>, seal: &Seal, foreign: Foreign) -> Result<Vec<Key>, KeysError> {
    let found = load(tx.conn, seal)?;
    for kid in &found.foreign {
        match foreign {
            Foreign::Refuse => return Err(KeysError::Foreign(kid.clone())),
            Foreign::Replace => {
                diesel::update(signing_keys::table.find(kid))
                    .set(signing_keys::retired_at.eq(to_db(tx.now())))
                    .execute(tx.conn)?;
                tx.record(Entry::new(Change::Revoked, "signing_key", kid))?;
            }
        }
    }
    if found.ring.is_empty() {
        return Ok(vec![add(tx, seal)?]);
    }
    Ok(found.ring)
}

/// Makes a key; from now on it signs.
fn add(tx: &mut Tx<'_>, seal: &Seal) -> Result<Key, KeysError> {
    let private = fresh();
    let key = Key::of(&private)?;
    diesel::insert_into(signing_keys::table)
        .values((
            signing_keys::kid.eq(&key.kid),
            signing_keys::purpose.eq(PURPOSE),
            signing_keys::public_key.eq(&key.x),
            signing_keys::sealed_private_key.eq(seal.close(&key.kid, &private)?),
            signing_keys::created_at.eq(to_db(tx.now())),
        ))
        .execute(tx.conn)?;
    tx.record(Entry::new(Change::Created, "signing_key", &key.kid))?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::db::{DatabaseUrl, PoolOptions, migrate};

    const SECRET: &str = "a secret of an installation, long enough";

    fn clock() -> Clock {
        Clock::fixed(chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::days(20_000))
    }

    fn database(folder: &Path) -> Db {
        let path = folder.join("news.db");
        let url = DatabaseUrl::parse(&format!("sqlite://{}", path.display())).unwrap();
        let db = Db::open(&url, PoolOptions::default()).unwrap();
        migrate::up(&db).unwrap();
        db
    }

    #[tokio::test]
    async fn nodes_share_keys_and_find_each_others() {
        let folder = tempfile::tempdir().unwrap();
        let db = database(folder.path());
        let open = |secret, foreign| Keys::open(&db, secret, &clock(), foreign);
        let one = open(SECRET, Foreign::Refuse).unwrap();
        let other = open(SECRET, Foreign::Refuse).unwrap();
        let kid = one.newest().await.unwrap().kid;
        assert_eq!(other.newest().await.unwrap().kid, kid);

        let later = open(SECRET, Foreign::Refuse).unwrap();
        let cx = WriteCx {
            actor: Actor::Operator,
            now: clock().now() + chrono::TimeDelta::seconds(1),
            mint: Mint::default(),
            request_id: None,
            once: None,
        };
        let added = db.write_now(&cx, |tx| add(tx, &Seal::of(SECRET))).unwrap();
        assert!(later.known(&added.kid).is_none());
        assert!(later.find(&added.kid).await.unwrap().is_some());
        assert!(
            later.find(&kid).await.unwrap().is_some(),
            "the older one still verifies"
        );
        assert_eq!(
            later.newest().await.unwrap().kid,
            added.kid,
            "the newest signs"
        );
        assert!(later.find("nobody's").await.unwrap().is_none());
    }

    #[test]
    fn keys_of_another_secret_are_refused_or_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let db = database(folder.path());
        let open = |secret, foreign| Keys::open(&db, secret, &clock(), foreign);
        let first = open(SECRET, Foreign::Refuse).unwrap().0.ring.read()[0]
            .kid
            .clone();
        let strange = "another secret of enough length!";
        let refused = open(strange, Foreign::Refuse).err().unwrap();
        assert!(matches!(&refused, KeysError::Foreign(kid) if *kid == first));
        assert!(refused.to_string().contains("MASTHEAD_SECRET_KEY"));
        let replaced = open(strange, Foreign::Replace).unwrap();
        assert_ne!(replaced.0.ring.read()[0].kid, first);
        assert_eq!(replaced.0.ring.read().len(), 1);
        assert!(
            open(SECRET, Foreign::Refuse).is_err(),
            "the new key is the other secret's"
        );
    }
}
