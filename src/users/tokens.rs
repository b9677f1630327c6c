//! Access tokens (JWT, RFC 9068's type, RFC 7519's claims) and refresh tokens.
//!
//! An access token says who calls and in which session; what they may do is read from the
//! database with every request, so that it cannot go stale. Start with [`Tokens`].

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use rand::Rng;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::model::{ACCESS_SECONDS, Bearer};
use super::sessions;
use crate::db::{Db, DbError};
use crate::http::auth::{Denied, StaffPrincipal};
use crate::kernel::id::{Id, SessionId, UserId};
use crate::kernel::secret;
use crate::keys::{Key, Keys, KeysError};

/// What refresh tokens begin with.
pub const REFRESH_PREFIX: &str = "mhr_";

const ISSUER: &str = "masthead";

/// The media type of access tokens (RFC 9068, 2.1): no other JWT is taken for one.
const TYPE: &str = "at+jwt";

/// Longer than any token of ours; what is longer is not looked at.
const LONGEST: usize = 2_048;

/// The one answer to whatever is wrong with a token: a forger learns nothing from it.
const REFUSED: Denied = Denied::Invalid("The access token is not valid, or not any more.");

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    sid: String,
    iat: i64,
    exp: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    jti: String,
}

/// Makes tokens and tells whose they are. Cheap to clone.
#[derive(Clone)]
pub struct Tokens {
    db: Db,
    keys: Keys,
    lifetime: TimeDelta,
}

impl Tokens {
    /// A session lasts for `refresh_token_days` after its last use.
    pub fn new(db: Db, keys: Keys, refresh_token_days: i64) -> Self {
        Self {
            db,
            keys,
            lifetime: TimeDelta::days(refresh_token_days),
        }
    }

    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// When a session that is used now ends if it is not used again.
    pub fn session_end(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now + self.lifetime
    }

    /// The member of staff that an access token names, as the database has them now.
    ///
    /// # Errors
    /// [`Denied::Invalid`] for a token that is forged, expired, of an ended session or of a
    /// disabled user, without telling which.
    pub async fn staff(&self, token: &str, now: DateTime<Utc>) -> Result<StaffPrincipal, Denied> {
        let kid = kid(token)?;
        let key = self
            .keys
            .find(&kid, now)
            .await
            .map_err(DbError::from)?
            .ok_or(REFUSED)?;
        let bearer = verify(&key, token, now)?;
        let role = sessions::role(&self.db, bearer, now)
            .await?
            .ok_or(REFUSED)?;
        Ok(StaffPrincipal {
            user: bearer.user,
            session: bearer.session,
            role,
        })
    }

    /// An access token for [`ACCESS_SECONDS`].
    ///
    /// # Errors
    /// [`KeysError`] if there is no key to sign with.
    pub async fn access(&self, bearer: Bearer, now: DateTime<Utc>) -> Result<String, KeysError> {
        sign(&self.keys.newest(now).await?, bearer, now)
    }

    /// A refresh token: good for one use.
    pub fn refresh() -> SecretString {
        secret::fresh(REFRESH_PREFIX)
    }
}

fn sign(key: &Key, bearer: Bearer, now: DateTime<Utc>) -> Result<String, KeysError> {
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some(TYPE.to_owned());
    header.kid = Some(key.kid().to_owned());
    let mut random = [0; 16];
    rand::rng().fill_bytes(&mut random);
    let iat = now.timestamp();
    let claims = Claims {
        iss: ISSUER.to_owned(),
        sub: bearer.user.to_string(),
        sid: bearer.session.to_string(),
        iat,
        exp: iat + ACCESS_SECONDS,
        nbf: None,
        jti: hex::encode(random),
    };
    encode(&header, &claims, key.encoding()).map_err(|_| KeysError::Broken)
}

/// The key that a token names, if its header is one that we write.
fn kid(token: &str) -> Result<String, Denied> {
    if token.len() > LONGEST {
        return Err(REFUSED);
    }
    let header = decode_header(token).map_err(|_| REFUSED)?;
    let ours = header.alg == Algorithm::EdDSA
        && header.typ.as_deref() == Some(TYPE)
        && header.crit.is_none();
    match header.kid {
        Some(kid) if ours => Ok(kid),
        _ => Err(REFUSED),
    }
}

fn verify(key: &Key, token: &str, now: DateTime<Utc>) -> Result<Bearer, Denied> {
    // Signature, algorithm and issuer are the crate's; times are held against our own clock.
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.set_issuer(&[ISSUER]);
    validation.set_required_spec_claims(&["iss", "sub", "exp"]);
    let token = decode::<Claims>(token, key.decoding(), &validation).map_err(|_| REFUSED)?;
    let ours = token.header.typ.as_deref() == Some(TYPE)
        && token.header.kid.as_deref() == Some(key.kid())
        && token.header.crit.is_none();
    let claims = token.claims;
    let seconds = now.timestamp();
    let current = seconds < claims.exp && claims.nbf.is_none_or(|nbf| nbf <= seconds);
    match (UserId::parse(&claims.sub), SessionId::parse(&claims.sid)) {
        (Some(user), Some(session)) if ours && current => Ok(Bearer { user, session }),
        _ => Err(REFUSED),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use jsonwebtoken::EncodingKey;
    use serde_json::{Value, json};

    use super::*;
    use crate::kernel::id::Mint;

    fn now() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
    }

    fn bearer() -> Bearer {
        let mint = Mint::seeded(1);
        Bearer {
            user: mint.id(now()),
            session: mint.id(now()),
        }
    }

    fn read(key: &Key, token: &str, now: DateTime<Utc>) -> Option<Bearer> {
        let kid = kid(token).ok()?;
        (kid == key.kid()).then_some(())?;
        verify(key, token, now).ok()
    }

    fn part(value: &Value) -> String {
        URL_SAFE_NO_PAD.encode(value.to_string())
    }

    /// A token of any header and claims, signed by a key as EdDSA.
    fn forge(key: &Key, header: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", part(header), part(claims));
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), key.encoding(), Algorithm::EdDSA)
                .unwrap();
        format!("{message}.{signature}")
    }

    fn header(key: &Key) -> Value {
        json!({"alg": "EdDSA", "typ": "at+jwt", "kid": key.kid()})
    }

    fn claims() -> Value {
        let iat = now().timestamp();
        json!({"iss": "masthead", "sub": bearer().user, "sid": bearer().session,
            "iat": iat, "exp": iat + 900, "jti": "00"})
    }

    fn with(mut value: Value, name: &str, member: Value) -> Value {
        value[name] = member;
        value
    }

    fn without(mut value: Value, name: &str) -> Value {
        value.as_object_mut().unwrap().remove(name);
        value
    }

    #[test]
    fn a_token_is_read_until_the_second_it_expires() {
        let key = Key::fresh();
        let token = sign(&key, bearer(), now()).unwrap();
        assert_eq!(read(&key, &token, now()), Some(bearer()));
        let last = now() + TimeDelta::seconds(ACCESS_SECONDS) - TimeDelta::microseconds(1);
        assert_eq!(read(&key, &token, last), Some(bearer()));
        assert_eq!(
            read(&key, &token, now() + TimeDelta::seconds(ACCESS_SECONDS)),
            None
        );
        assert_eq!(
            read(&key, &forge(&key, &header(&key), &claims()), now()),
            Some(bearer())
        );
    }

    #[test]
    fn forged_tokens_are_refused() {
        let (key, other) = (Key::fresh(), Key::fresh());
        let (head, body) = (header(&key), claims());
        let second = now().timestamp();
        let signed = |head: Value, body: Value| forge(&key, &head, &body);
        let hmac = {
            let head = with(head.clone(), "alg", json!("HS256"));
            let message = format!("{}.{}", part(&head), part(&body));
            let public = EncodingKey::from_secret(key.x().as_bytes());
            let signature =
                jsonwebtoken::crypto::sign(message.as_bytes(), &public, Algorithm::HS256).unwrap();
            format!("{message}.{signature}")
        };
        let good = signed(head.clone(), body.clone());
        let (message, signature) = good.rsplit_once('.').unwrap();
        let unsigned = format!(
            "{}.{}.",
            part(&with(head.clone(), "alg", json!("none"))),
            part(&body)
        );
        let table = [
            ("alg none", unsigned),
            (
                "alg none, signed",
                signed(with(head.clone(), "alg", json!("none")), body.clone()),
            ),
            (
                "alg missing",
                signed(without(head.clone(), "alg"), body.clone()),
            ),
            ("HS256 by the public key", hmac),
            (
                "alg says HS256",
                signed(with(head.clone(), "alg", json!("HS256")), body.clone()),
            ),
            ("another key under this id", forge(&other, &head, &body)),
            (
                "another key under its own id",
                forge(&other, &header(&other), &body),
            ),
            (
                "no key id",
                signed(without(head.clone(), "kid"), body.clone()),
            ),
            (
                "a key in the header",
                signed(
                    with(
                        without(header(&other), "kid"),
                        "jwk",
                        json!({"kty": "OKP", "crv": "Ed25519", "x": other.x()}),
                    ),
                    body.clone(),
                ),
            ),
            (
                "typ JWT",
                signed(with(head.clone(), "typ", json!("JWT")), body.clone()),
            ),
            ("no typ", signed(without(head.clone(), "typ"), body.clone())),
            (
                "crit",
                signed(with(head.clone(), "crit", json!(["exp"])), body.clone()),
            ),
            (
                "wrong iss",
                signed(head.clone(), with(body.clone(), "iss", json!("elsewhere"))),
            ),
            (
                "iss list",
                signed(
                    head.clone(),
                    with(body.clone(), "iss", json!(["masthead", "elsewhere"])),
                ),
            ),
            ("no iss", signed(head.clone(), without(body.clone(), "iss"))),
            (
                "an audience",
                signed(head.clone(), with(body.clone(), "aud", json!("elsewhere"))),
            ),
            (
                "expired",
                signed(head.clone(), with(body.clone(), "exp", json!(second))),
            ),
            ("no exp", signed(head.clone(), without(body.clone(), "exp"))),
            (
                "exp as text",
                signed(head.clone(), with(body.clone(), "exp", json!("9999999999"))),
            ),
            (
                "exp as fraction",
                signed(head.clone(), with(body.clone(), "exp", json!(1e300))),
            ),
            (
                "not yet",
                signed(head.clone(), with(body.clone(), "nbf", json!(second + 1))),
            ),
            (
                "no user",
                signed(head.clone(), without(body.clone(), "sub")),
            ),
            (
                "user of another noun",
                signed(
                    head.clone(),
                    with(body.clone(), "sub", json!(bearer().session)),
                ),
            ),
            (
                "no session",
                signed(head.clone(), without(body.clone(), "sid")),
            ),
            (
                "changed claims",
                format!(
                    "{}.{}.{signature}",
                    part(&head),
                    part(&with(body.clone(), "jti", json!("01")))
                ),
            ),
            ("no signature", format!("{message}.")),
            ("two parts", message.to_owned()),
            ("four parts", format!("{good}.AAAA")),
            ("padding", format!("{good}=")),
            ("empty", String::new()),
            ("dots", "..".to_owned()),
            ("long", format!("{good}{}", "A".repeat(LONGEST))),
        ];
        for (name, token) in table {
            assert_eq!(read(&key, &token, now()), None, "{name}: {token}");
        }
        assert_eq!(read(&key, &good, now()), Some(bearer()));
    }
}
