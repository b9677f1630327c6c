//! Secrets that have to be used again as they are, and so cannot be kept as a hash: sealed by the
//! installation's secret, so that a stolen copy of the database holds none.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key as CipherKey, Nonce};
use rand::Rng;
use sha2::{Digest as _, Sha256};

use super::ring::KeysError;

/// Seals secrets of one purpose. Cheap to clone.
#[derive(Clone)]
pub struct Locker(ChaCha20Poly1305);

impl Locker {
    /// `purpose` names what is sealed: what one locker has sealed, another does not open.
    pub fn of(secret: &str, purpose: &str) -> Self {
        let key: [u8; 32] = Sha256::new()
            .chain_update("masthead ")
            .chain_update(purpose)
            .chain_update([0])
            .chain_update(secret)
            .finalize()
            .into();
        Self(ChaCha20Poly1305::new(&CipherKey::from(key)))
    }

    /// `name` is bound in: what is sealed cannot be moved to another name.
    ///
    /// # Errors
    /// [`KeysError::Broken`].
    pub fn close(&self, name: &str, secret: &[u8]) -> Result<String, KeysError> {
        let mut nonce = [0; 12];
        rand::rng().fill_bytes(&mut nonce);
        let payload = Payload {
            msg: secret,
            aad: name.as_bytes(),
        };
        let sealed = self.0.encrypt(&Nonce::from(nonce), payload);
        let mut whole = nonce.to_vec();
        whole.extend(sealed.map_err(|_| KeysError::Broken)?);
        Ok(URL_SAFE_NO_PAD.encode(whole))
    }

    /// `None` for what was sealed otherwise.
    pub fn open(&self, name: &str, sealed: &str) -> Option<Vec<u8>> {
        let whole = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, sealed) = whole.split_first_chunk::<12>()?;
        let payload = Payload {
            msg: sealed,
            aad: name.as_bytes(),
        };
        self.0.decrypt(&Nonce::from(*nonce), payload).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_by_the_same_secret_purpose_and_name_only() {
        let locker = Locker::of("one secret", "tests");
        let sealed = locker.close("whk_1", b"hidden").unwrap();
        assert_ne!(sealed, locker.close("whk_1", b"hidden").unwrap());
        assert_eq!(
            locker.open("whk_1", &sealed).as_deref(),
            Some(&b"hidden"[..])
        );
        assert_eq!(locker.open("whk_2", &sealed), None);
        assert_eq!(Locker::of("another", "tests").open("whk_1", &sealed), None);
        assert_eq!(
            Locker::of("one secret", "else").open("whk_1", &sealed),
            None
        );
        for broken in ["", "AAAA", "not base64!", &sealed[1..]] {
            assert_eq!(locker.open("whk_1", broken), None, "{broken}");
        }
    }
}
