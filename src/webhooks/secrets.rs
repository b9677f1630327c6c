//! The secrets of webhooks: made here, shown once, and sealed where they are kept.

use rand::Rng;
use secrecy::SecretString;

use super::signature::shown;
use crate::db::{DbError, StoreError};
use crate::kernel::id::WebhookId;
use crate::keys::Locker;

/// A secret's bytes.
const LENGTH: usize = 32;

/// Makes and opens the secrets. Cheap to clone.
#[derive(Clone)]
pub struct Secrets(Locker);

/// A secret that was just made.
pub struct Fresh {
    /// As the receiver gets it, this one time.
    pub shown: SecretString,
    /// As it is kept.
    pub sealed: String,
}

impl Secrets {
    /// Under the installation's secret.
    pub fn new(secret: &str) -> Self {
        Self(Locker::of(secret, "webhook secrets v1"))
    }

    /// A new secret for this webhook.
    ///
    /// # Errors
    /// Where nothing can be sealed, which a test would show.
    pub fn fresh(&self, webhook: WebhookId) -> Result<Fresh, StoreError> {
        let mut secret = [0; LENGTH];
        rand::rng().fill_bytes(&mut secret);
        let sealed = self.0.close(&webhook.to_string(), &secret);
        Ok(Fresh {
            shown: SecretString::from(shown(&secret)),
            sealed: sealed.map_err(DbError::from)?,
        })
    }

    /// The bytes to sign with; `None` for what another installation has sealed.
    pub fn open(&self, webhook: WebhookId, sealed: &str) -> Option<Vec<u8>> {
        self.0.open(&webhook.to_string(), sealed)
    }
}
