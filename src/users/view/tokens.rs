//! What signing in takes and gives.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::password;
use crate::http::reply::Outward;
use crate::kernel::fault::{Fault, Faults};
use crate::users::model::{ACCESS_SECONDS, Password};

/// What proves who signs in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "desk@news.example.org", "password": "a long enough passphrase"}))]
pub struct LoginInput {
    #[schema(max_length = 254)]
    pub email: String,
    #[schema(value_type = String, max_length = 200, format = Password, write_only)]
    pub password: SecretString,
}

/// The token to exchange.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"refresh_token": "mhr_Zm9yIHRoZSBkb2N1bWVudCBvbmx5LCBubyB0b2tlbiE"}))]
pub struct RefreshInput {
    #[schema(value_type = String, max_length = 200, write_only)]
    pub refresh_token: SecretString,
}

/// An own new password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"current_password": "a long enough passphrase", "new_password": "another long passphrase"}))]
pub struct PasswordInput {
    #[schema(value_type = String, max_length = 200, format = Password, write_only)]
    pub current_password: SecretString,
    #[schema(value_type = String, min_length = 12, max_length = 200, format = Password, write_only)]
    pub new_password: SecretString,
}

impl PasswordInput {
    /// # Errors
    /// All faults.
    pub fn parse(&self) -> Result<Password, Vec<Fault>> {
        let mut faults = Faults::default();
        let new = password(&mut faults, "/new_password", &self.new_password);
        match (new, faults.finish(())) {
            (Some(new), Ok(())) => Ok(new),
            (_, rest) => Err(rest.err().unwrap_or_default()),
        }
    }
}

/// What a sign-in gives. Neither token can be had again.
#[derive(Serialize, ToSchema)]
#[schema(as = Tokens, example = json!({"access_token": "eyJhbGciOiJFZERTQSIs…", "refresh_token": "mhr_Zm9yIHRoZSBkb2N1bWVudCBvbmx5LCBubyB0b2tlbiE", "token_type": "Bearer", "expires_in": 900}))]
pub struct TokensView {
    /// Proves who calls, as `Authorization: Bearer …`.
    pub access_token: String,
    /// Good for one refresh.
    pub refresh_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds until the access token ends.
    pub expires_in: i64,
}

impl TokensView {
    pub fn of(access_token: String, refresh_token: &SecretString) -> Self {
        Self {
            access_token,
            refresh_token: refresh_token.expose_secret().to_owned(),
            token_type: "Bearer".to_owned(),
            expires_in: ACCESS_SECONDS,
        }
    }
}

impl Outward for TokensView {}
