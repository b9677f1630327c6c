//! Users, sessions and tokens on the wire. What comes in holds passwords; nothing that goes
//! out does.

mod tokens;

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize, Serializer};
use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, Schema};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::model::{Account, Email, Password, Session, User};
use crate::http::auth::RULES;
use crate::http::page::page_of;
use crate::http::reply::Outward;
use crate::kernel::fault::{Fault, Faults};
use crate::kernel::id::{SessionId, UserId};
use crate::rights::Role;

pub use tokens::{LoginInput, PasswordInput, RefreshInput, TokensView};

/// A member of staff, as an administrator changes one. A password that is left out stays.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "desk@news.example.org", "name": "Lin Yue", "role": "editor", "password": "a long enough passphrase", "active": true}))]
pub struct UserChangeInput {
    /// Unique, whatever the case.
    #[schema(min_length = 3, max_length = 254)]
    pub email: String,
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    pub role: Role,
    /// Never comes out. A new one ends the user's sessions.
    #[serde(default, serialize_with = "hide", skip_serializing_if = "always")]
    #[schema(value_type = String, min_length = 12, max_length = 200, format = Password, write_only, required = false)]
    pub password: Option<SecretString>,
    /// Whether the user may sign in and act; counts from the next request.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub active: bool,
}

fn yes() -> bool {
    true
}

/// Passwords are read and never written; `skip_serializing` would take them out of the
/// document too.
fn always(_: &Option<SecretString>) -> bool {
    true
}

fn hide<S: Serializer>(_: &Option<SecretString>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_none()
}

fn password(faults: &mut Faults, pointer: &str, secret: &SecretString) -> Option<Password> {
    let read = Password::parse(secret);
    if read.is_none() {
        faults.push(
            pointer,
            "length",
            format!(
                "must have {} to {} characters",
                Password::MIN,
                Password::MAX
            ),
        );
    }
    read
}

impl UserChangeInput {
    /// Checks what the schema cannot say.
    ///
    /// # Errors
    /// All faults.
    pub fn parse(&self) -> Result<(Account, Option<Password>), Vec<Fault>> {
        let mut faults = Faults::default();
        let email = Email::parse(&self.email);
        if email.is_none() {
            faults.push(
                "/email",
                "format",
                "must be a mail address: one @, something on either side of it, no spaces or control characters",
            );
        }
        let name = faults.line("/name", &self.name, 1..=200);
        let secret = self
            .password
            .as_ref()
            .and_then(|secret| password(&mut faults, "/password", secret));
        match (email, faults.finish(())) {
            (Some(email), Ok(())) => Ok((
                Account {
                    email,
                    name,
                    role: self.role,
                    active: self.active,
                },
                secret,
            )),
            (_, rest) => Err(rest.err().unwrap_or_default()),
        }
    }
}

impl From<&User> for UserChangeInput {
    fn from(user: &User) -> Self {
        Self {
            email: user.account.email.as_str().to_owned(),
            name: user.account.name.clone(),
            role: user.account.role,
            password: None,
            active: user.account.active,
        }
    }
}

/// A new member of staff: the same members, and a password.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct UserInput(UserChangeInput);

impl UserInput {
    /// An active user, for the command line.
    pub fn new(email: String, name: String, role: Role, password: SecretString) -> Self {
        Self(UserChangeInput {
            email,
            name,
            role,
            password: Some(password),
            active: true,
        })
    }

    /// Checks what the schema cannot say.
    ///
    /// # Errors
    /// All faults.
    pub fn parse(&self) -> Result<(Account, Password), Vec<Fault>> {
        match self.0.parse()? {
            (account, Some(password)) => Ok((account, password)),
            (_, None) => Err(vec![Fault::new("/password", "required", "is missing")]),
        }
    }
}

impl PartialSchema for UserInput {
    fn schema() -> RefOr<Schema> {
        AllOfBuilder::new()
            .description(Some("A new member of staff."))
            .item(Ref::from_schema_name(UserChangeInput::name()))
            .item(ObjectBuilder::new().required("password"))
            .into()
    }
}

impl ToSchema for UserInput {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("UserInput")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((
            UserChangeInput::name().into_owned(),
            UserChangeInput::schema(),
        ));
        UserChangeInput::schemas(schemas);
    }
}

/// A member of staff.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = User, example = json!({"id": "usr_01900000000070008000000000000001", "email": "desk@news.example.org", "name": "Lin Yue", "role": "editor", "active": true, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}))]
pub struct UserView {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub role: Role,
    /// Whether the user may sign in and act.
    pub active: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            email: user.account.email.as_str().to_owned(),
            name: user.account.name,
            role: user.account.role,
            active: user.account.active,
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}

impl Outward for UserView {}

page_of! {
    /// A page of the staff.
    UserPage of UserView
}

/// Who is signed in, and what they may do.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Me, example = json!({"user": {"id": "usr_01900000000070008000000000000001", "email": "desk@news.example.org", "name": "Lin Yue", "role": "editor", "active": true, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}, "session_id": "ses_01900000000070008000000000000002", "permissions": ["read_articles", "write_articles"]}))]
pub struct MeView {
    pub user: UserView,
    /// The session of the token that was sent.
    pub session_id: SessionId,
    /// Permissions of the role, by the names that the documentation uses.
    pub permissions: Vec<String>,
}

impl MeView {
    pub fn of(user: User, session_id: SessionId) -> Self {
        let permissions = RULES
            .iter()
            .filter(|rule| rule.roles.contains(&user.account.role))
            .map(|rule| rule.name.to_owned())
            .collect();
        Self {
            user: user.into(),
            session_id,
            permissions,
        }
    }
}

impl Outward for MeView {}

/// A sign-in that has not come to its end.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Session, example = json!({"id": "ses_01900000000070008000000000000002", "user_agent": "Mozilla/5.0", "created_at": "2026-01-01T00:00:00Z", "last_used_at": "2026-01-02T00:00:00Z", "expires_at": "2026-02-01T00:00:00Z", "current": true}))]
pub struct SessionView {
    pub id: SessionId,
    /// What the browser or program called itself at the sign-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub user_agent: Option<String>,
    pub created_at: DateTime<Utc>,
    /// When it last got new tokens.
    pub last_used_at: DateTime<Utc>,
    /// When it ends if it gets no new ones.
    pub expires_at: DateTime<Utc>,
    /// Whether the token that was sent belongs to it.
    pub current: bool,
}

impl SessionView {
    /// `current` is the session of the one who reads.
    pub fn of(session: Session, current: SessionId) -> Self {
        Self {
            current: session.id == current,
            id: session.id,
            user_agent: session.user_agent,
            created_at: session.created_at,
            last_used_at: session.last_used_at,
            expires_at: session.expires_at,
        }
    }
}

impl Outward for SessionView {}

page_of! {
    /// A page of sessions, newest first.
    SessionPage of SessionView
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(email: &str, name: &str, password: &str) -> Vec<String> {
        UserInput::new(
            email.into(),
            name.into(),
            Role::Editor,
            SecretString::from(password),
        )
        .parse()
        .err()
        .unwrap_or_default()
        .into_iter()
        .map(|fault| format!("{} {}", fault.pointer, fault.code))
        .collect()
    }

    #[test]
    fn all_faults_come_at_once() {
        assert!(
            faults(
                "desk@news.example.org",
                "Lin Yue",
                "a long enough passphrase"
            )
            .is_empty()
        );
        assert_eq!(
            faults("desk", " \u{202e}", "short"),
            [
                "/email format",
                "/name unsafe_character",
                "/password length"
            ]
        );
    }

    #[test]
    fn passwords_are_neither_printed_nor_written_out() {
        let input = UserChangeInput {
            email: "desk@news.example.org".into(),
            name: "Lin Yue".into(),
            role: Role::Editor,
            password: Some(SecretString::from("a long enough passphrase")),
            active: true,
        };
        assert!(!format!("{input:?}").contains("passphrase"));
        assert!(
            !serde_json::to_string(&input)
                .unwrap()
                .contains("passphrase")
        );
    }
}
