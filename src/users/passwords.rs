//! Keeping and checking passwords: argon2id with OWASP's parameters, off the async threads,
//! few at a time, and as slow for people who are not there as for those who are.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use tokio::sync::Semaphore;

use super::model::{Password, PasswordHash};
use crate::kernel::secret;

/// OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// How long a sign-in waits for its turn before the answer is 503.
const PATIENCE: Duration = Duration::from_secs(5);

/// What an unknown user's password is held against, so that it takes as long.
static NOBODY: LazyLock<Option<PasswordHash>> = LazyLock::new(|| hash(&secret::fresh("")).ok());

/// Why a password was neither hashed nor checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PasswordError {
    #[error("too many passwords are being checked")]
    Busy,
    #[error("the password could not be hashed")]
    Broken,
}

/// Hashes and checks passwords. Each takes 19 MiB and tens of milliseconds of a core: a
/// flood of sign-ins waits here and eats neither memory nor the threads of other work.
#[derive(Debug, Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

impl Passwords {
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        LazyLock::force(&NOBODY);
        Self {
            turns: Arc::new(Semaphore::new(cores.clamp(2, 4))),
        }
    }

    /// # Errors
    /// [`PasswordError::Busy`] if no turn comes in time.
    pub async fn hash(&self, password: Password) -> Result<PasswordHash, PasswordError> {
        self.take_turn(move || hash(password.secret())).await
    }

    /// Whether the password is the one of this hash. Without a hash, since there is no such
    /// user, the answer is no after the same work.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] if no turn comes in time.
    pub async fn verify(
        &self,
        known: Option<PasswordHash>,
        password: SecretString,
    ) -> Result<bool, PasswordError> {
        self.take_turn(move || match known {
            Some(known) => matches(&known, &password),
            None => {
                let nobody = NOBODY.as_ref().ok_or(PasswordError::Broken)?;
                matches(nobody, &password).map(|_| false)
            }
        })
        .await
    }

    async fn take_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let turn = tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned())
            .await
            .map_err(|_| PasswordError::Busy)?
            .map_err(|_| PasswordError::Busy)?;
        tokio::task::spawn_blocking(move || {
            // Held until the work is done, even if nobody waits for it any more.
            let _turn = turn;
            work()
        })
        .await
        .unwrap_or(Err(PasswordError::Broken))
    }
}

/// [`Passwords::hash`] on this thread, for the command line.
///
/// # Errors
/// [`PasswordError::Broken`] if the machine has no memory or no randomness left.
pub fn hash_now(password: &Password) -> Result<PasswordHash, PasswordError> {
    hash(password.secret())
}

fn hash(password: &SecretString) -> Result<PasswordHash, PasswordError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| PasswordError::Broken)?;
    let hash: phc::PasswordHash = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password(password.expose_secret().as_bytes())
        .map_err(|_| PasswordError::Broken)?;
    Ok(PasswordHash::new(hash.to_string()))
}

/// The parameters are those that the hash names, so that old hashes go on to work.
fn matches(known: &PasswordHash, password: &SecretString) -> Result<bool, PasswordError> {
    let known = phc::PasswordHash::new(known.as_str()).map_err(|_| PasswordError::Broken)?;
    match Argon2::default().verify_password(password.expose_secret().as_bytes(), &known) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(_) => Err(PasswordError::Broken),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::parse(&SecretString::from(text)).unwrap()
    }

    #[test]
    fn hashes_are_salted_argon2id_with_the_chosen_costs() {
        let one = hash_now(&password("correct horse battery")).unwrap();
        let other = hash_now(&password("correct horse battery")).unwrap();
        assert_ne!(one, other);
        assert!(
            one.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{}",
            one.as_str()
        );
        assert!(!format!("{one:?}").contains("argon2id"));
    }

    #[tokio::test]
    async fn only_the_right_password_of_a_known_user_matches() {
        let passwords = Passwords::new();
        let hash = passwords
            .hash(password("correct horse battery"))
            .await
            .unwrap();
        for (known, tried, fits) in [
            (Some(hash.clone()), "correct horse battery", true),
            (Some(hash.clone()), "correct horse batterx", false),
            (Some(hash), "", false),
            (None, "correct horse battery", false),
        ] {
            let verified = passwords.verify(known, SecretString::from(tried)).await;
            assert_eq!(verified, Ok(fits), "{tried}");
        }
    }
}
