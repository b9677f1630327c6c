//! The seal on private keys: who has a copy of the database, and not the installation's
//! secret, signs nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use sha2::{Digest as _, Sha256};

use super::locker::Locker;
use super::pair::thumbprint;
use super::ring::KeysError;

/// Seals private keys by a key that is derived from the installation's secret.
pub(super) struct Seal {
    locker: Locker,
    /// For [`super::ring::Keys::fingerprint`]; of another derivation.
    pub(super) mark: [u8; 32],
}

impl Seal {
    pub(super) fn of(secret: &str) -> Self {
        let mark = Sha256::new()
            .chain_update("masthead request fingerprints v1")
            .chain_update([0])
            .chain_update(secret);
        Self {
            locker: Locker::of(secret, "signing keys v1"),
            mark: mark.finalize().into(),
        }
    }

    /// The id is bound in: a sealed key cannot be moved into another row.
    pub(super) fn close(&self, kid: &str, private: &SigningKey) -> Result<String, KeysError> {
        self.locker.close(kid, private.as_bytes())
    }

    pub(super) fn open(&self, kid: &str, sealed: &str) -> Option<SigningKey> {
        let seed = self.locker.open(kid, sealed)?;
        let private = SigningKey::from_bytes(&seed.try_into().ok()?);
        let x = URL_SAFE_NO_PAD.encode(private.verifying_key().as_bytes());
        (thumbprint(&x) == kid).then_some(private)
    }
}

#[cfg(test)]
mod tests {
    use super::super::pair::{Key, fresh};
    use super::*;

    const SECRET: &str = "a secret of an installation, long enough";

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
}
