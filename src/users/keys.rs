//! The keys that sign access tokens: Ed25519, kept in the database and sealed there by the
//! installation's secret, so that all nodes share them and a stolen copy of the database
//! signs nothing.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key as CipherKey, Nonce};
use diesel::prelude::*;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey as _;
use jsonwebtoken::{DecodingKey, EncodingKey};
use parking_lot::{Mutex, RwLock};
use rand::Rng;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::config::Config;
use crate::db::schema::signing_keys;
use crate::db::{Actor, Change, Conn, DatabaseUrl, Db, DbError, Entry, Tx, WriteCx};
use crate::kernel::id::Mint;
use crate::kernel::text::sha256_hex;
use crate::kernel::time::{Clock, to_db};

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

/// One key pair, ready for use.
#[derive(Clone)]
pub struct Key {
    kid: String,
    /// The public half, as a JWK gives it (RFC 8037).
    x: String,
    sign: EncodingKey,
    verify: DecodingKey,
}

impl Key {
    fn of(private: &SigningKey) -> Result<Self, KeysError> {
        let x = URL_SAFE_NO_PAD.encode(private.verifying_key().as_bytes());
        let der = private.to_pkcs8_der().map_err(|_| KeysError::Broken)?;
        Ok(Self {
            kid: thumbprint(&x),
            sign: EncodingKey::from_ed_der(der.as_bytes()),
            verify: DecodingKey::from_ed_der(private.verifying_key().as_bytes()),
            x,
        })
    }

    pub fn kid(&self) -> &str {
        &self.kid
    }

    pub fn x(&self) -> &str {
        &self.x
    }

    pub(super) fn encoding(&self) -> &EncodingKey {
        &self.sign
    }

    pub(super) fn decoding(&self) -> &DecodingKey {
        &self.verify
    }

    #[cfg(test)]
    pub(super) fn fresh() -> Self {
        Self::of(&fresh()).unwrap()
    }
}

/// The name of a public key that anyone can compute from it (RFC 7638, RFC 8037).
fn thumbprint(x: &str) -> String {
    let jwk = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(jwk))
}

fn fresh() -> SigningKey {
    let mut seed = [0; 32];
    rand::rng().fill_bytes(&mut seed);
    SigningKey::from_bytes(&seed)
}

/// Seals private keys by a key that is derived from the installation's secret.
struct Seal {
    cipher: ChaCha20Poly1305,
    /// For [`Keys::fingerprint`]; of another derivation.
    mark: [u8; 32],
}

impl Seal {
    fn of(secret: &str) -> Self {
        let derive = |label: &str| -> [u8; 32] {
            Sha256::new()
                .chain_update(label)
                .chain_update([0])
                .chain_update(secret)
                .finalize()
                .into()
        };
        Self {
            cipher: ChaCha20Poly1305::new(&CipherKey::from(derive("masthead signing keys v1"))),
            mark: derive("masthead request fingerprints v1"),
        }
    }

    /// The id is bound in: a sealed key cannot be moved into another row.
    fn close(&self, kid: &str, private: &SigningKey) -> Result<String, KeysError> {
        let mut nonce = [0; 12];
        rand::rng().fill_bytes(&mut nonce);
        let payload = Payload {
            msg: private.as_bytes(),
            aad: kid.as_bytes(),
        };
        let sealed = self
            .cipher
            .encrypt(&Nonce::from(nonce), payload)
            .map_err(|_| KeysError::Broken)?;
        let mut whole = nonce.to_vec();
        whole.extend(sealed);
        Ok(URL_SAFE_NO_PAD.encode(whole))
    }

    fn open(&self, kid: &str, sealed: &str) -> Option<SigningKey> {
        let whole = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, sealed) = whole.split_first_chunk::<12>()?;
        let payload = Payload {
            msg: sealed,
            aad: kid.as_bytes(),
        };
        let seed = self.cipher.decrypt(&Nonce::from(*nonce), payload).ok()?;
        let private = SigningKey::from_bytes(&seed.try_into().ok()?);
        let x = URL_SAFE_NO_PAD.encode(private.verifying_key().as_bytes());
        (thumbprint(&x) == kid).then_some(private)
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

    /// All keys whose tokens are taken, newest first.
    ///
    /// # Errors
    /// A database error.
    pub async fn all(&self) -> Result<Vec<Key>, KeysError> {
        self.reread(SOONEST).await?;
        Ok(self.0.ring.read().clone())
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

/// Why there is no secret key.
#[derive(Debug, Error)]
pub enum SecretError {
    #[error(
        "a PostgreSQL database needs a secret key that all nodes share: set MASTHEAD_SECRET_KEY to at least 32 random \
         characters, such as those of `openssl rand -hex 32`, and keep it"
    )]
    Missing,
    #[error("the secret key file {0} cannot be used: {1}")]
    File(PathBuf, io::Error),
}

/// The secret that seals the signing keys: the configured one, or for SQLite that in the
/// file beside the database, which is made where it is not there.
///
/// # Errors
/// [`SecretError`].
pub fn installation_secret(config: &Config) -> Result<String, SecretError> {
    match (config.secret(), &config.database_url) {
        (Some(secret), _) => Ok(secret.to_owned()),
        (None, DatabaseUrl::Postgres(_)) => Err(SecretError::Missing),
        (None, DatabaseUrl::Sqlite(database)) => {
            let mut path = database.clone().into_os_string();
            path.push(".secret");
            let path = PathBuf::from(path);
            secret_beside(&path).map_err(|error| SecretError::File(path, error))
        }
    }
}

fn secret_beside(path: &Path) -> io::Result<String> {
    match read_secret(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make_secret(path)?;
            read_secret(path)
        }
        outcome => outcome,
    }
}

fn read_secret(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    // A longer file is not one of ours.
    fs::File::open(path)?
        .take(4_096)
        .read_to_string(&mut text)?;
    let secret = text.trim();
    if secret.len() < 32 {
        return Err(io::Error::other("it holds fewer than 32 characters"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
            tracing::warn!(path = %path.display(), "the secret key file can be read by others than its owner");
        }
    }
    Ok(secret.to_owned())
}

/// Writes a new secret aside and links it into place: the file is never seen half-written,
/// and where another process was faster, its file stays.
fn make_secret(path: &Path) -> io::Result<()> {
    let mut random = [0; 32];
    rand::rng().fill_bytes(&mut random);
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // Made with mode 0600.
    let mut aside = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(aside, "{}", hex::encode(random))?;
    aside.as_file().sync_all()?;
    match aside.persist_noclobber(path) {
        Ok(_) => fs::File::open(folder)?.sync_all(),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RawConfig;
    use crate::db::{PoolOptions, migrate};

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

    #[test]
    fn what_is_sealed_opens_by_the_same_secret_under_the_same_id_only() {
        let private = fresh();
        let kid = Key::of(&private).unwrap().kid;
        let sealed = Seal::of(SECRET).close(&kid, &private).unwrap();
        let again = Seal::of(SECRET).close(&kid, &private).unwrap();
        assert_ne!(sealed, again, "a nonce is used once");
        let open = |secret: &str, kid: &str, sealed: &str| {
            Seal::of(secret).open(kid, sealed).map(|key| key.to_bytes())
        };
        assert_eq!(open(SECRET, &kid, &sealed), Some(private.to_bytes()));
        assert_eq!(
            open("another secret of enough length!", &kid, &sealed),
            None
        );
        assert_eq!(open(SECRET, "another id", &sealed), None);
        for broken in [
            "",
            "AAAA",
            "not base64!",
            &sealed[1..],
            &sealed[..sealed.len() - 2],
        ] {
            assert_eq!(open(SECRET, &kid, broken), None, "{broken}");
        }
    }

    #[test]
    fn thumbprints_are_those_of_rfc_8037() {
        // RFC 8037, A.3.
        assert_eq!(
            thumbprint("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
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

    #[test]
    fn postgres_needs_a_secret_and_sqlite_keeps_one_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let secret = |database_url: String, secret_key: Option<&str>| {
            let raw = RawConfig {
                database_url,
                secret_key: secret_key.map(str::to_owned),
                ..RawConfig::default()
            };
            installation_secret(&raw.parse().unwrap())
        };
        let missing = secret("postgres://db/news".to_owned(), None).unwrap_err();
        assert!(missing.to_string().contains("MASTHEAD_SECRET_KEY"));
        let given = secret("postgres://db/news".to_owned(), Some(SECRET)).unwrap();
        assert_eq!(given, SECRET);
        let url = format!("sqlite://{}", folder.path().join("news.db").display());
        let made = secret(url.clone(), None).unwrap();
        assert_eq!(secret(url.clone(), None).unwrap(), made);
        assert!(folder.path().join("news.db.secret").is_file());
        assert_eq!(
            secret(url, Some(SECRET)).unwrap(),
            SECRET,
            "what is given counts"
        );
    }

    #[test]
    fn the_secret_beside_a_database_is_made_once_and_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("news.db.secret");
        let secret = secret_beside(&path).unwrap();
        assert_eq!(secret.len(), 64);
        assert_eq!(secret_beside(&path).unwrap(), secret);
        make_secret(&path).unwrap();
        assert_eq!(
            secret_beside(&path).unwrap(),
            secret,
            "a second maker leaves it alone"
        );
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            1,
            "nothing is left beside it"
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        fs::write(&path, "short").unwrap();
        assert!(secret_beside(&path).is_err());
    }
}
