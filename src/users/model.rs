//! What a user and a session are.

use std::fmt;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};

use crate::kernel::id::{SessionId, UserId};
use crate::kernel::text::{char_count, unsafe_mark};
use crate::rights::Role;

/// A member of staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub revision: i64,
    pub account: Account,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What an administrator says of a user, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub email: Email,
    pub name: String,
    pub role: Role,
    /// Whether the user may sign in and act.
    pub active: bool,
}

impl Account {
    /// Whether this account keeps the installation manageable.
    pub fn is_active_admin(&self) -> bool {
        self.active && self.role == Role::Admin
    }
}

/// A mail address, trimmed and in lower case: the same for all who write it in their own way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Longest address, in Unicode scalar values (RFC 5321, 4.5.3.1.3, less the brackets).
    pub const MAX: usize = 254;

    /// Reads an address. What lies on either side of the `@` is for the mail server to judge.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        let (local, domain) = text.split_once('@')?;
        let ok = !local.is_empty()
            && !domain.is_empty()
            && !domain.contains('@')
            && char_count(&text) <= Self::MAX
            && unsafe_mark(&text).is_none()
            && !text.contains(char::is_whitespace);
        ok.then_some(Self(text))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A password of acceptable length. Never printed.
#[derive(Debug, Clone)]
pub struct Password(SecretString);

impl Password {
    /// Shortest and longest, in Unicode scalar values.
    pub const MIN: usize = 12;
    pub const MAX: usize = 200;

    pub fn parse(secret: &SecretString) -> Option<Self> {
        (Self::MIN..=Self::MAX)
            .contains(&char_count(secret.expose_secret()))
            .then(|| Self(secret.clone()))
    }

    pub fn secret(&self) -> &SecretString {
        &self.0
    }
}

/// An argon2id hash in PHC form. Not a secret to be shown either.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    pub fn new(phc: String) -> Self {
        Self(phc)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(***)")
    }
}

/// A sign-in that has not come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub user_agent: Option<String>,
    pub created_at: DateTime<Utc>,
    /// When it last got new tokens.
    pub last_used_at: DateTime<Utc>,
    /// When it ends if it gets no new ones.
    pub expires_at: DateTime<Utc>,
}

/// How long an access token is taken.
pub const ACCESS_SECONDS: i64 = 15 * 60;

/// Whose a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bearer {
    pub user: UserId,
    pub session: SessionId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, read) in [
            ("desk@news.example.org", Some("desk@news.example.org")),
            ("  Desk@News.Example.org ", Some("desk@news.example.org")),
            ("編輯@新聞.example", Some("編輯@新聞.example")),
            ("", None),
            ("desk", None),
            ("@news.example.org", None),
            ("desk@", None),
            ("a@b@c", None),
            ("de sk@news.example.org", None),
            ("desk\u{202e}@news.example.org", None),
            ("desk\0@news.example.org", None),
            ("de\u{200b}sk@news.example.org", None),
        ] {
            assert_eq!(
                Email::parse(text).as_ref().map(Email::as_str),
                read,
                "{text:?}"
            );
        }
        assert!(Email::parse(&format!("{}@x", "a".repeat(252))).is_some());
        assert!(Email::parse(&format!("{}@x", "a".repeat(253))).is_none());
    }

    #[test]
    fn passwords_count_characters_and_stay_hidden() {
        let read = |text: &str| Password::parse(&SecretString::from(text));
        assert!(read("elf letters").is_none());
        assert!(read("twelve chars").is_some());
        assert!(read("十二個漢字也是一個好密碼").is_some());
        assert!(read(&"x".repeat(200)).is_some());
        assert!(read(&"x".repeat(201)).is_none());
        assert!(!format!("{:?}", read("twelve chars")).contains("twelve"));
    }
}
