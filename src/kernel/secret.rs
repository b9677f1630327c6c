//! Secrets that are handed out once and recognised later: refresh tokens, API keys.
//!
//! Only their SHA-256 is kept. A plain, fast hash is right here, and only here: such a secret
//! has 256 random bits, so that nobody finds it by trying, however fast. What people choose
//! goes through argon2id (`users::passwords`).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use rand::Rng;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256, Sha512};

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

/// HMAC-SHA-256 (RFC 2104) of a text under the SHA-512 of a secret, in base64url.
pub fn mac(secret: &SecretString, text: &str) -> String {
    URL_SAFE_NO_PAD.encode(keyed(secret, text).finalize().into_bytes())
}

/// Whether this is the [`mac`] of the text; takes as long wherever the two differ.
pub fn is_mac(secret: &SecretString, text: &str, mac: &str) -> bool {
    let bytes = URL_SAFE_NO_PAD.decode(mac);
    bytes.is_ok_and(|bytes| keyed(secret, text).verify_slice(&bytes).is_ok())
}

fn keyed(secret: &SecretString, text: &str) -> Hmac<Sha256> {
    // A key of the block's length: of secrets of all lengths.
    let mut mac = Hmac::<Sha256>::new(&Sha512::digest(secret.expose_secret()));
    mac.update(text.as_bytes());
    mac
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

    #[test]
    fn a_mac_is_of_one_text_under_one_secret() {
        let (one, other) = (fresh("a"), fresh("a"));
        let made = mac(&one, "/v1/feeds/site.rss");
        assert!(is_mac(&one, "/v1/feeds/site.rss", &made));
        assert!(!is_mac(&other, "/v1/feeds/site.rss", &made));
        assert!(!is_mac(&one, "/v1/feeds/site.atom", &made));
        for wrong in ["", "=", &made[1..], &format!("{made}A")] {
            assert!(!is_mac(&one, "/v1/feeds/site.rss", wrong), "{wrong}");
        }
    }
}
