//! The compact form of a statement (JWS, RFC 7515): header, claims and signature, each in
//! base64url, with dots between them.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::kernel::id::{AttestationId, Id};

/// The media type of statements: no other JWT is taken for one.
pub const TYPE: &str = "masthead-attestation+jwt";

/// The one algorithm.
const ALGORITHM: &str = "EdDSA";

/// A statement as somebody presents it. Nothing of it is proven yet.
#[derive(Debug)]
pub struct Compact<'a> {
    header: Map<String, Value>,
    pub claims: Map<String, Value>,
    /// Header and claims in base64url: what is signed.
    pub message: &'a str,
    pub signature: &'a str,
}

impl<'a> Compact<'a> {
    /// Reads the form; `None` for anything else.
    pub fn read(token: &'a str) -> Option<Self> {
        let (message, signature) = token.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        Some(Self {
            header: object(header)?,
            claims: object(claims)?,
            message,
            signature,
        })
    }

    /// The key that is named, if the header is exactly one of ours.
    pub fn kid(&self) -> Option<&str> {
        named(&self.header)
    }

    pub fn jti(&self) -> Option<AttestationId> {
        AttestationId::parse(self.claims.get("jti")?.as_str()?)
    }

    /// What is not as it was signed: claims that differ, are missing or were added, by name;
    /// then `header`, and `signature` where the claims are the same. `payload` stands for
    /// claims that are the same and written in another way.
    pub fn differences(&self, signed: &Self) -> Vec<String> {
        let names: BTreeSet<&String> = self.claims.keys().chain(signed.claims.keys()).collect();
        let mut found: Vec<String> = names
            .into_iter()
            .filter(|name| self.claims.get(*name) != signed.claims.get(*name))
            .cloned()
            .collect();
        let same_claims = found.is_empty();
        if self.header != signed.header {
            found.push("header".to_owned());
        }
        if same_claims && self.signature != signed.signature {
            found.push("signature".to_owned());
        }
        if found.is_empty() {
            found.push("payload".to_owned());
        }
        found
    }
}

/// The key that one of our own statements names; its claims are not looked at.
pub fn kid(token: &str) -> Option<String> {
    let (header, _) = token.split_once('.')?;
    named(&object(header)?).map(str::to_owned)
}

fn named(header: &Map<String, Value>) -> Option<&str> {
    let says = |name: &str, word: &str| header.get(name).is_some_and(|it| it == word);
    let ours = header.len() == 3 && says("alg", ALGORITHM) && says("typ", TYPE);
    match header.get("kid") {
        Some(Value::String(kid)) if ours => Some(kid),
        _ => None,
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// What is signed, by the id of the key and the canonical claims.
pub fn message(kid: &str, claims: &str) -> String {
    // Canonical as it stands, as long as an id has nothing to escape: it is base64url.
    let header = format!(r#"{{"alg":"{ALGORITHM}","kid":"{kid}","typ":"{TYPE}"}}"#);
    format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims)
    )
}
