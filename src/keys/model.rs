//! What a signing key is for, and what is told of it.

use chrono::{DateTime, Utc};

use crate::kernel::words::words;

words! {
    /// What a key signs.
    Purpose {
        /// Access tokens of the staff.
        Access = "access",
        /// Statements of what was licensed to whom.
        Attestation = "attestation",
    }
}

impl Purpose {
    /// For how many hours a key is still taken, by default, after the next one has followed
    /// it: longer than anything lives that it has signed.
    pub fn overlap_hours(self) -> u32 {
        match self {
            Self::Access => 1,
            Self::Attestation => 31 * 24,
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
    pub purpose: Purpose,
    pub created_at: DateTime<Utc>,
    /// From when on nothing is taken that it has signed.
    pub retired_at: Option<DateTime<Utc>>,
}
