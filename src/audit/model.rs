//! What an event is, what a list of them is asked for, and what an examination found.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::chain::Breach;
use crate::kernel::words::words;

words! {
    /// What kind of actor did it.
    ActorKind {
        /// A member of staff.
        User = "user",
        /// An API client.
        Client = "client",
        /// Nobody known.
        Anonymous = "anonymous",
        /// Whoever runs the command line.
        Operator = "operator",
        /// The server itself, doing a chore.
        System = "system",
    }
}

/// An event, word for word as it is stored: what somebody has tampered with must be readable
/// too, so nothing is parsed here.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub seq: i64,
    pub id: String,
    pub at: DateTime<Utc>,
    pub actor_kind: String,
    pub actor_id: Option<String>,
    pub action: String,
    pub resource: String,
    pub resource_id: String,
    pub request_id: Option<String>,
    pub detail: Option<Value>,
}

impl Event {
    /// What is sealed: all of the event, as it goes over the wire.
    pub fn document(&self) -> Value {
        json!({
            "seq": self.seq,
            "id": self.id,
            "at": self.at,
            "actor_kind": self.actor_kind,
            "actor_id": self.actor_id,
            "action": self.action,
            "resource": self.resource,
            "resource_id": self.resource_id,
            "request_id": self.request_id,
            "detail": self.detail,
        })
    }
}

/// A stored detail. One that is not as the journal writes it (no JSON, a name that stands twice,
/// other spaces) counts as a text, so that no change of it goes unseen.
pub fn detail(stored: &str) -> Value {
    serde_json::from_str::<Value>(stored)
        .ok()
        .filter(|value| serde_json::to_string(value).is_ok_and(|again| again == stored))
        .unwrap_or_else(|| Value::String(stored.to_owned()))
}

/// An event's place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// 64 hexadecimal digits.
    pub hash: String,
    pub sealed_at: DateTime<Utc>,
}

/// An event, and its seal once it has one.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    pub event: Event,
    pub seal: Option<Seal>,
}

/// Which events a list holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    pub actor: Option<String>,
    pub actor_kind: Option<ActorKind>,
    pub action: Option<&'static str>,
    /// Singular noun.
    pub resource: Option<String>,
    pub resource_id: Option<String>,
    pub from: Option<DateTime<Utc>>,
    /// The first instant that is not in it.
    pub until: Option<DateTime<Utc>>,
}

/// Where a page of the list ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub at: DateTime<Utc>,
    pub seq: i64,
}

/// A seal, and the number that it stands under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub seq: i64,
    pub hash: String,
}

impl Head {
    /// Reads `SEQ:HASH`.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (seq, hash) = text
            .split_once(':')
            .ok_or("must be a number and a seal, such as 120:9f86…")?;
        let seq = seq
            .parse()
            .ok()
            .filter(|seq| *seq >= 1)
            .ok_or("must begin with a whole number from 1 on")?;
        let is_hash = hash.len() == 64
            && hash
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        match is_hash {
            true => Ok(Self {
                seq,
                hash: hash.to_owned(),
            }),
            false => Err("must end with 64 lower-case hexadecimal digits".to_owned()),
        }
    }
}

/// What an examination found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    /// The first number that was looked at.
    pub from: i64,
    /// The first broken place.
    pub broken: Option<(i64, Breach)>,
    /// Events looked at whose seal fits.
    pub sealed: i64,
    /// Events after the last seal.
    pub unsealed: i64,
    /// The last seal that fits: to be kept where who can write to the database cannot.
    pub head: Option<Head>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_is_read_as_it_was_written_or_not_at_all() {
        for (stored, read) in [
            (r#"{"a":1}"#, json!({"a": 1})),
            (r#"{"a": 1}"#, json!(r#"{"a": 1}"#)),
            (r#"{"a":1,"a":1}"#, json!(r#"{"a":1,"a":1}"#)),
            (r#"{"a":1"#, json!(r#"{"a":1"#)),
            ("", json!("")),
        ] {
            assert_eq!(detail(stored), read, "{stored}");
        }
    }

    #[test]
    fn heads_are_read() {
        let hash = "0".repeat(64);
        assert_eq!(
            Head::parse(&format!("12:{hash}")),
            Ok(Head { seq: 12, hash })
        );
        let wrong = ["", "12", ":", "0:", "x:y", "12:abc", "-1:0", "12:0:0"];
        for text in wrong.map(str::to_owned).into_iter().chain([
            format!("0:{}", "0".repeat(64)),
            format!("1:{}", "F".repeat(64)),
            format!("99999999999999999999:{}", "0".repeat(64)),
        ]) {
            assert!(Head::parse(&text).is_err(), "{text}");
        }
    }
}
