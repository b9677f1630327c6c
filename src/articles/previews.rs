//! Preview links: a signed token for one article, for those who have no other credential.
//!
//! A token is short and says little: which article, in which version, by whose leave, until
//! when. It is good while its signature is, while its row is there, and while who gave it out is
//! on the staff; what it shows is decided anew with every request. Start with [`Previews`].

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};

use super::model::Preview;
use super::store::previews as store;
use crate::db::{Db, DbError, StoreError};
use crate::http::auth::Denied;
use crate::kernel::id::{ArticleId, Id, PreviewId, UserId};
use crate::keys::{Key, Keys, KeysError};
use crate::rights::Role;

const ISSUER: &str = "masthead";

/// The media type of preview tokens: no other JWT is taken for one.
const TYPE: &str = "masthead-preview+jwt";

/// Longer than any token of ours; what is longer is not looked at.
const LONGEST: usize = 1_024;

/// The one answer to whatever is wrong with a token: a forger learns nothing from it.
pub const REFUSED: Denied = Denied::Invalid("The preview token is not valid, or not any more.");

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Claims {
    iss: String,
    /// The article.
    sub: String,
    /// Its version; the head version without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ver: Option<i64>,
    /// The member of staff by whose leave it is.
    usr: String,
    iat: i64,
    exp: i64,
    jti: String,
}

impl Claims {
    fn of(preview: &Preview) -> Self {
        Self {
            iss: ISSUER.to_owned(),
            sub: preview.article.to_string(),
            ver: preview.version,
            usr: preview.issued_by.to_string(),
            iat: preview.issued_at.timestamp(),
            exp: preview.expires_at.timestamp(),
            jti: preview.id.to_string(),
        }
    }

    fn is_sound(&self) -> bool {
        ArticleId::parse(&self.sub).is_some() && UserId::parse(&self.usr).is_some()
    }
}

/// Makes tokens and tells what they are for. Cheap to clone.
#[derive(Clone)]
pub struct Previews {
    db: Db,
    keys: Keys,
}

impl Previews {
    pub fn new(db: Db, keys: Keys) -> Self {
        Self { db, keys }
    }

    /// The token of a preview.
    ///
    /// # Errors
    /// [`KeysError`] if there is no key to sign with.
    pub async fn token(&self, preview: &Preview, now: DateTime<Utc>) -> Result<String, KeysError> {
        sign(&self.keys.newest(now).await?, preview)
    }

    /// What a token is for, and the role that who gave it out has now.
    ///
    /// # Errors
    /// [`Denied::Invalid`] for a token that is forged, expired or ended, or whose issuer has
    /// left, without telling which.
    pub async fn open(&self, token: &str, now: DateTime<Utc>) -> Result<(Preview, Role), Denied> {
        let kid = kid(token).ok_or(REFUSED)?;
        let key = self.keys.find(&kid, now).await.map_err(DbError::from)?;
        let claims = verify(&key.ok_or(REFUSED)?, token, now).ok_or(REFUSED)?;
        let id = PreviewId::parse(&claims.jti).ok_or(REFUSED)?;
        let found = store::standing(&self.db, id).await.map_err(stored)?;
        // The row says the same: a key that was stolen and retired gives nobody another article.
        found
            .filter(|(preview, _)| Claims::of(preview) == claims)
            .ok_or(REFUSED)
    }
}

fn stored(error: StoreError) -> Denied {
    match error {
        StoreError::Db(error) => Denied::Db(error),
        StoreError::NotFound
        | StoreError::Stale { .. }
        | StoreError::InUse(_)
        | StoreError::Taken { .. }
        | StoreError::Clashes(_)
        | StoreError::State(_)
        | StoreError::Invalid(_)
        | StoreError::KeyReused => REFUSED,
    }
}

fn sign(key: &Key, preview: &Preview) -> Result<String, KeysError> {
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some(TYPE.to_owned());
    header.kid = Some(key.kid().to_owned());
    encode(&header, &Claims::of(preview), key.encoding()).map_err(|_| KeysError::Broken)
}

/// The key that a token names, if its header is one that we write.
fn kid(token: &str) -> Option<String> {
    if token.len() > LONGEST {
        return None;
    }
    let header = decode_header(token).ok()?;
    let ours = header.alg == Algorithm::EdDSA
        && header.typ.as_deref() == Some(TYPE)
        && header.crit.is_none();
    header.kid.filter(|_| ours)
}

fn verify(key: &Key, token: &str, now: DateTime<Utc>) -> Option<Claims> {
    // Signature, algorithm and issuer are the crate's; times are held against our own clock.
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.set_issuer(&[ISSUER]);
    validation.set_required_spec_claims(&["iss", "sub", "exp"]);
    let claims = decode::<Claims>(token, key.decoding(), &validation)
        .ok()?
        .claims;
    (now.timestamp() < claims.exp && claims.is_sound()).then_some(claims)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use chrono::TimeDelta;
    use serde_json::{Value, json};

    use super::*;
    use crate::kernel::id::Mint;

    fn now() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
    }

    fn preview() -> Preview {
        let mint = Mint::seeded(1);
        Preview {
            id: mint.id(now()),
            article: mint.id(now()),
            version: Some(3),
            issued_by: mint.id(now()),
            issued_at: now(),
            expires_at: now() + TimeDelta::hours(1),
        }
    }

    fn read(key: &Key, token: &str, now: DateTime<Utc>) -> Option<Claims> {
        (kid(token)? == key.kid()).then_some(())?;
        verify(key, token, now)
    }

    fn part(value: &Value) -> String {
        URL_SAFE_NO_PAD.encode(value.to_string())
    }

    #[test]
    fn tokens_end_to_the_second() {
        let key = Key::fresh();
        let token = sign(&key, &preview()).unwrap();
        let claims = Some(Claims::of(&preview()));
        let end = TimeDelta::hours(1);
        assert_eq!(read(&key, &token, now()), claims);
        assert_eq!(
            read(&key, &token, now() + end - TimeDelta::microseconds(1)),
            claims
        );
        assert_eq!(read(&key, &token, now() + end), None);
        assert_eq!(read(&Key::fresh(), &token, now()), None);
    }

    #[test]
    fn nothing_but_our_own_is_taken() {
        let key = Key::fresh();
        let head = json!({"alg": "EdDSA", "typ": TYPE, "kid": key.kid()});
        let body = serde_json::to_value(Claims::of(&preview())).unwrap();
        let with = |value: &Value, name: &str, member: Value| {
            let mut changed = value.clone();
            changed[name] = member;
            changed
        };
        let signed = |head: &Value, body: &Value| {
            let message = format!("{}.{}", part(head), part(body));
            let signature = key.sign(message.as_bytes()).unwrap();
            format!("{message}.{signature}")
        };
        let good = signed(&head, &body);
        assert!(read(&key, &good, now()).is_some());
        let (message, signature) = good.rsplit_once('.').unwrap();
        for (name, token) in [
            (
                "an access token",
                signed(&with(&head, "typ", json!("at+jwt")), &body),
            ),
            (
                "another algorithm",
                signed(&with(&head, "alg", json!("HS256")), &body),
            ),
            (
                "no algorithm",
                signed(&with(&head, "alg", json!("none")), &body),
            ),
            (
                "another key",
                signed(&with(&head, "kid", json!("x")), &body),
            ),
            (
                "another issuer",
                signed(&head, &with(&body, "iss", json!("x"))),
            ),
            (
                "another noun",
                signed(&head, &with(&body, "sub", body["usr"].clone())),
            ),
            ("nobody's", signed(&head, &with(&body, "usr", json!("")))),
            (
                "a version as text",
                signed(&head, &with(&body, "ver", json!("3"))),
            ),
            (
                "expired",
                signed(&head, &with(&body, "exp", json!(now().timestamp()))),
            ),
            (
                "other claims",
                format!(
                    "{}.{}.{signature}",
                    part(&head),
                    part(&with(&body, "ver", json!(1)))
                ),
            ),
            ("no signature", format!("{message}.")),
            ("two parts", message.to_owned()),
            ("nothing", String::new()),
            ("long", format!("{good}{}", "A".repeat(LONGEST))),
        ] {
            assert_eq!(read(&key, &token, now()), None, "{name}");
        }
    }
}
