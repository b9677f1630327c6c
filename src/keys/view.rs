//! Public keys on the wire.

use serde::Serialize;
use utoipa::ToSchema;

use super::model::PublicKey;
use crate::http::reply::Outward;

/// The public halves of the keys that sign access tokens and attestations (RFC 7517).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Jwks)]
pub struct JwksView {
    pub keys: Vec<JwkView>,
}

impl Outward for JwksView {}

/// A public key (RFC 8037).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Jwk, example = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "use": "sig", "alg": "EdDSA"}))]
pub struct JwkView {
    pub kty: String,
    pub crv: String,
    pub x: String,
    /// As in the header of what it signs: the key's thumbprint (RFC 7638).
    pub kid: String,
    #[serde(rename = "use")]
    pub use_: String,
    pub alg: String,
}

impl JwksView {
    pub fn of(keys: Vec<PublicKey>) -> Self {
        let word = str::to_owned;
        let keys = keys.into_iter().map(|key| JwkView {
            kty: word("OKP"),
            crv: word("Ed25519"),
            x: key.x,
            kid: key.kid,
            use_: word("sig"),
            alg: word("EdDSA"),
        });
        Self {
            keys: keys.collect(),
        }
    }
}
