//! The seal on private keys: who has a copy of the database, and not the installation's
//! secret, signs nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key as CipherKey, Nonce};
use ed25519_dalek::SigningKey;
use rand::Rng;
use sha2::{Digest as _, Sha256};

use super::pair::thumbprint;
use super::ring::KeysError;

/// Seals private keys by a key that is derived from the installation's secret.
pub(super) struct Seal {
    cipher: ChaCha20Poly1305,
    /// For [`super::ring::Keys::fingerprint`]; of another derivation.
    pub(super) mark: [u8; 32],
}

impl Seal {
    pub(super) fn of(secret: &str) -> Self {
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
    pub(super) fn close(&self, kid: &str, private: &SigningKey) -> Result<String, KeysError> {
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

    pub(super) fn open(&self, kid: &str, sealed: &str) -> Option<SigningKey> {
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
