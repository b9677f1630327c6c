//! Signatures of the Standard Webhooks specification (1.0.0): HMAC-SHA-256 over id, time and body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// What a secret's text begins with.
pub const PREFIX: &str = "whsec_";

/// A secret as it is shown: the prefix and the bytes in base64.
pub fn shown(secret: &[u8]) -> String {
    format!("{PREFIX}{}", STANDARD.encode(secret))
}

/// The value of `webhook-signature`: one for each secret, between blanks. `seconds` is that of
/// `webhook-timestamp`, since 1970.
pub fn signatures(secrets: &[impl AsRef<[u8]>], id: &str, seconds: i64, body: &str) -> String {
    let each = secrets
        .iter()
        .filter_map(|secret| sign(secret.as_ref(), id, seconds, body));
    each.collect::<Vec<_>>().join(" ")
}

/// `None` for no key that there is: HMAC takes keys of any length.
fn sign(secret: &[u8], id: &str, seconds: i64, body: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(format!("{id}.{seconds}.{body}").as_bytes());
    Some(format!(
        "v1,{}",
        STANDARD.encode(mac.finalize().into_bytes())
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specification_s_own_example_comes_out() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = r#"{"test": 2432232314}"#;
        assert_eq!(
            signatures(
                &[&secret],
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                body
            ),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
        assert_eq!(shown(&secret), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    }

    #[test]
    fn two_secrets_make_two_signatures() {
        let both = signatures(&[[1; 32], [2; 32]], "msg_1", 1, "{}");
        let (one, other) = both.split_once(' ').unwrap();
        assert_eq!(one, signatures(&[[1; 32]], "msg_1", 1, "{}"));
        assert_eq!(other, signatures(&[[2; 32]], "msg_1", 1, "{}"));
        assert_ne!(one, other);
    }
}
