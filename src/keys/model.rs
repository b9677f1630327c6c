//! What a signing key is for, and what is told of it.

use chrono::{DateTime, Utc};

use crate::kernel::words::words;

words! {
    /// What a key signs.
    KeyPurpose {
        /// Access tokens of the staff.
        Access = "access",
        /// Statements of what was licensed to whom.
        Attestation = "attestation",
        /// Links by which one article can be read before it is out.
        Preview = "preview",
    }
}

impl KeyPurpose {
    /// For how many hours a key is still taken, by default, after the next one has followed
    /// it: longer than anything lives that it has signed.
    pub fn overlap_hours(self) -> u32 {
        match self {
            Self::Access => 1,
            Self::Attestation => 31 * 24,
            Self::Preview => 7 * 24 + 1,
        }
    }
}

/// What to do about keys in the database that this secret cannot open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// Stop: the secret is the wrong one, or the database is another installation's.
    Refuse,
    /// Retire them and make a new one: whoever is signed in gets a new token by refreshing.
    Replace,
}

/// The half of a signing key that everyone may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// Its thumbprint (RFC 7638).
    pub kid: String,
    /// The point, as a JWK gives it (RFC 8037).
    pub x: String,
}

/// What operators are told of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRecord {
    pub kid: String,
    pub purpose: KeyPurpose,
    pub created_at: DateTime<Utc>,
    /// From when on nothing is taken that it has signed.
    pub retired_at: Option<DateTime<Utc>>,
}
