//! One pair of keys: the private half signs, the public half is for everyone.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey as _;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use rand::Rng;
use sha2::{Digest as _, Sha256};

use super::ring::KeysError;

/// One key pair, ready for use.
#[derive(Clone)]
pub struct Key {
    pub(super) kid: String,
    /// The public half, as a JWK gives it (RFC 8037).
    pub(super) x: String,
    sign: EncodingKey,
    verify: DecodingKey,
}

impl Key {
    pub(super) fn of(private: &SigningKey) -> Result<Self, KeysError> {
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

    #[cfg(test)]
    pub(crate) fn x(&self) -> &str {
        &self.x
    }

    pub(crate) fn encoding(&self) -> &EncodingKey {
        &self.sign
    }

    pub(crate) fn decoding(&self) -> &DecodingKey {
        &self.verify
    }

    /// The signature of a message, as a JWS has it.
    ///
    /// # Errors
    /// [`KeysError::Broken`].
    pub fn sign(&self, message: &[u8]) -> Result<String, KeysError> {
        jsonwebtoken::crypto::sign(message, &self.sign, Algorithm::EdDSA)
            .map_err(|_| KeysError::Broken)
    }

    /// Whether a signature, as a JWS has it, is this key's of this message.
    pub fn verifies(&self, message: &[u8], signature: &str) -> bool {
        jsonwebtoken::crypto::verify(signature, message, &self.verify, Algorithm::EdDSA)
            .unwrap_or(false)
    }

    #[cfg(test)]
    pub(crate) fn fresh() -> Self {
        Self::of(&fresh()).unwrap()
    }
}

/// The name of a public key that anyone can compute from it (RFC 7638, RFC 8037).
pub(super) fn thumbprint(x: &str) -> String {
    let jwk = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(jwk))
}

pub(super) fn fresh() -> SigningKey {
    let mut seed = [0; 32];
    rand::rng().fill_bytes(&mut seed);
    SigningKey::from_bytes(&seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thumbprints_are_those_of_rfc_8037() {
        // RFC 8037, A.3.
        assert_eq!(
            thumbprint("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
    }
}
