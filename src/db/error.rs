//! What can go wrong below the handlers. Only `http::problem` turns these into answers.

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use thiserror::Error;

use crate::kernel::fault::Fault;

/// Words of the engines' messages that say: not now. The last four are those of a PostgreSQL
/// server that goes, or has gone, or is not there yet.
const PASSING: [&str; 8] = [
    "locked",
    "busy",
    "disk is full",
    "lock timeout",
    "server closed the connection",
    "terminating connection",
    "the database system is",
    "connection to server",
];

/// The database could not do as asked.
#[derive(Debug, Error)]
pub enum DbError {
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    #[error("no database connection came free in time")]
    Saturated,
    /// A unique key is taken; the text names the constraint or its columns.
    #[error("a unique key is taken: {0}")]
    Unique(String),
    #[error("something still refers to it, or it refers to something absent")]
    Reference,
    #[error("a task in the database layer panicked")]
    Panicked,
    /// A stored value that the code cannot read: the database was changed by another hand.
    #[error("stored data cannot be read: {0}")]
    Corrupt(String),
    #[error(transparent)]
    Query(DieselError),
}

impl DbError {
    /// The engine has given up a transaction by itself.
    pub(super) fn gone() -> Self {
        Self::Unavailable("the transaction is gone".to_owned())
    }
}

impl From<DieselError> for DbError {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => Self::Unique(
                info.constraint_name()
                    .map_or_else(|| info.message().to_owned(), str::to_owned),
            ),
            DieselError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) => {
                Self::Reference
            }
            DieselError::DatabaseError(
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
                info,
            ) => Self::Unavailable(info.message().to_owned()),
            DieselError::DatabaseError(_, ref info)
                if PASSING.iter().any(|word| info.message().contains(word)) =>
            {
                Self::Unavailable(info.message().to_owned())
            }
            error => Self::Query(error),
        }
    }
}

/// Records of one noun that refer to what was to be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InUse {
    /// Plural noun, such as `articles`.
    pub by: &'static str,
    /// Ids of some of them.
    pub ids: Vec<String>,
    /// How many there are in all.
    pub count: i64,
}

/// Why a store did not do as asked.
#[derive(Debug, Error)]
pub enum StoreError {
    #[error("absent")]
    NotFound,
    /// Somebody else changed it first.
    #[error("the revision is {current} by now")]
    Stale { current: i64 },
    #[error("still in use")]
    InUse(Vec<InUse>),
    /// A unique member is taken.
    #[error("{pointer} is taken")]
    Taken {
        pointer: &'static str,
        detail: String,
    },
    /// Unique members are taken, all of them told at once.
    #[error("several members are taken")]
    Clashes(Vec<Fault>),
    /// The operation does not fit the state.
    #[error("{0}")]
    State(String),
    /// The input refers to what is not there, or breaks a rule that needs the database.
    #[error("invalid")]
    Invalid(Vec<Fault>),
    /// The same `Idempotency-Key` with another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::NotFound => Self::NotFound,
            error => Self::Db(error.into()),
        }
    }
}

impl StoreError {
    /// Reads a unique violation as a clash of one member of the input.
    #[must_use]
    pub fn taken(self, key: &str, pointer: &'static str, detail: &str) -> Self {
        match self {
            Self::Db(DbError::Unique(constraint)) if constraint.contains(key) => Self::Taken {
                pointer,
                detail: detail.to_owned(),
            },
            other => other,
        }
    }
}

/// Reads a stored word or id, or says which one cannot be read.
///
/// # Errors
/// [`DbError::Corrupt`].
pub fn stored<T>(value: Option<T>, what: &str) -> Result<T, DbError> {
    value.ok_or_else(|| DbError::Corrupt(what.to_owned()))
}

/// Reads stored JSON.
///
/// # Errors
/// [`DbError::Corrupt`].
pub fn stored_json<T: serde::de::DeserializeOwned>(json: &str, what: &str) -> Result<T, DbError> {
    serde_json::from_str(json).map_err(|error| DbError::Corrupt(format!("{what}: {error}")))
}

/// Writes JSON for a column.
///
/// # Errors
/// [`DbError::Corrupt`] for what JSON cannot say, such as a map with keys that are no strings.
pub fn to_json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String, DbError> {
    serde_json::to_string(value).map_err(|error| DbError::Corrupt(error.to_string()))
}
