//! Secrets that are handed out once and recognised later: refresh tokens, API keys.
//!
//! Only their SHA-256 is kept. A plain, fast hash is right here, and only here: such a secret
//! has 256 random bits, so that nobody finds it by trying, however fast. What people choose
//! goes through argon2id (`users::passwords`).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::Rng;
use secrecy::{ExposeSecret, SecretString};

use super::text::sha256_hex;

/// A fresh secret: the prefix that tells what it is, and 32 random bytes in base64url.
pub fn fresh(prefix: &str) -> SecretString {
    let mut random = [0; 32];
    rand::rng().fill_bytes(&mut random);
    SecretString::from(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random)))
}

/// What is stored of a secret, and what it is looked up by.
pub fn digest(secret: &SecretString) -> String {
    sha256_hex(secret.expose_secret().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_long_distinct_and_marked() {
        let (one, other) = (fresh("mh_"), fresh("mh_"));
        assert!(one.expose_secret().starts_with("mh_"));
        assert_eq!(one.expose_secret().len(), 3 + 43);
        assert_ne!(one.expose_secret(), other.expose_secret());
        assert_ne!(digest(&one), digest(&other));
        assert_eq!(digest(&one).len(), 64);
    }
}
