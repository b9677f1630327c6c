//! Entity tags and preconditions (RFC 9110, section 13). A tag is
//! `"<revision>.<hash>"`: `If-None-Match` compares all of it, `If-Match` the revision alone.

use actix_web::http::header::{HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH};
use chrono::{DateTime, Utc};
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::{Kind, Problem};
use crate::kernel::id::UserId;
use crate::kernel::text::sha256_hex;

/// What stands where a precondition failed, and who made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"revision": 8, "version": 5, "changed_by": {"id": "usr_01900000000070008000000000000001", "name": "Lin Yue"},
    "changed_at": "2026-03-01T08:00:00Z"}))]
pub struct Current {
    pub revision: i64,
    /// The newest version.
    pub version: i64,
    /// Who made the last change; absent where it was no member of staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub changed_by: Option<ChangedBy>,
    pub changed_at: DateTime<Utc>,
}

/// A member of staff who made a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChangedBy {
    pub id: UserId,
    /// Absent once they have left.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub name: Option<String>,
}

/// Tells what stands of a resource. Asked by the wall for every 412, so that no operation can
/// forget to say whose work it would have overwritten.
pub trait Standing: Send + Sync {
    /// `None` where nothing is to be told of this id.
    fn current<'a>(&'a self, id: &'a str) -> LocalBoxFuture<'a, Option<Current>>;
}

/// The strong tag of a representation: of its bytes and of the coding that it goes out in.
pub fn etag(revision: Option<i64>, bytes: &[u8], coding: &str) -> String {
    let mut seen = Vec::with_capacity(bytes.len() + coding.len() + 1);
    seen.extend_from_slice(bytes);
    seen.push(0);
    seen.extend_from_slice(coding.as_bytes());
    let hash: String = sha256_hex(&seen).chars().take(24).collect();
    format!("\"{}.{hash}\"", revision.unwrap_or(0))
}

/// Whether `If-None-Match` holds this tag, so that the answer is 304. One that cannot be read
/// holds none.
pub fn none_match(headers: &HeaderMap, etag: &str) -> bool {
    match Tags::read(headers, &IF_NONE_MATCH) {
        Some(Tags::Any) => true,
        Some(Tags::These(tags)) => tags.iter().any(|tag| tag.text == etag.as_bytes()),
        None => false,
    }
}

/// The revisions that `If-Match` names; `None` without the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// `*`: any revision that is there.
    Any,
    Revisions(Vec<i64>),
}

impl Expected {
    /// Well-formed tags of another making match nothing (RFC 9110, 13.1.1), and so do weak ones.
    ///
    /// # Errors
    /// 400 if the header cannot be read as entity tags.
    pub fn read(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        if !headers.contains_key(IF_MATCH) {
            return Ok(None);
        }
        match Tags::read(headers, &IF_MATCH) {
            Some(Tags::Any) => Ok(Some(Self::Any)),
            Some(Tags::These(tags)) => Ok(Some(Self::Revisions(
                tags.iter().filter_map(Tag::revision).collect(),
            ))),
            None => Err(Problem::new(Kind::BadRequest).parameter(
                "If-Match",
                "format",
                "must hold entity tags as an ETag gives them, or *",
            )),
        }
    }

    pub fn admits(&self, revision: i64) -> bool {
        match self {
            Self::Any => true,
            Self::Revisions(revisions) => revisions.contains(&revision),
        }
    }
}

/// An entity tag as it was sent.
#[derive(Debug, PartialEq, Eq)]
struct Tag<'a> {
    weak: bool,
    /// With its quotes.
    text: &'a [u8],
}

impl Tag<'_> {
    /// The revision that a tag of ours begins with.
    fn revision(&self) -> Option<i64> {
        let text = std::str::from_utf8(self.text).ok()?;
        let digits = text.trim_matches('"').split('.').next()?;
        let plain = !self.weak && digits.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| digits.parse().ok()).flatten()
    }
}

/// A list of entity tags, or `*`.
#[derive(Debug, PartialEq, Eq)]
enum Tags<'a> {
    Any,
    These(Vec<Tag<'a>>),
}

impl<'a> Tags<'a> {
    /// All lines of the header; `None` if they cannot be read (RFC 9110, 8.8.3 and 13.1.1).
    fn read(headers: &'a HeaderMap, name: &HeaderName) -> Option<Self> {
        let mut tags = Vec::new();
        for value in headers.get_all(name) {
            let mut rest = value.as_bytes().trim_ascii();
            if rest == b"*" {
                return Some(Self::Any);
            }
            while !rest.is_empty() {
                let weak = rest.starts_with(b"W/");
                let opaque = if weak { rest.get(2..)? } else { rest };
                let inside = opaque.strip_prefix(b"\"")?;
                let end = inside.iter().position(|b| *b == b'"')?;
                let (text, after) = opaque.split_at_checked(end + 2)?;
                // What stands between the quotes: no blank, no control.
                if inside.get(..end)?.iter().any(|b| *b <= b' ' || *b == 0x7f) {
                    return None;
                }
                tags.push(Tag { weak, text });
                let after = after.trim_ascii_start();
                rest = match after.strip_prefix(b",") {
                    Some(more) => more.trim_ascii_start(),
                    None if after.is_empty() => after,
                    None => return None,
                };
            }
        }
        (!tags.is_empty()).then_some(Self::These(tags))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn expected(lines: &[&str]) -> Option<Expected> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(IF_MATCH, HeaderValue::from_str(line).unwrap());
        }
        Expected::read(&headers).ok().flatten()
    }

    #[test]
    fn revisions_are_read_from_tags() {
        for (lines, revisions) in [
            (&["\"1.ab\""][..], &[1][..]),
            (&["\"1\""], &[1]),
            (&["\"1.ab\" , \"2.cd\"", "\"3.e,f\""], &[1, 2, 3]),
            (&["W/\"1.ab\", \"x\", \"\", \"-1.a\", \"+1.a\""], &[]),
            (&["\"99999999999999999999.a\""], &[]),
        ] {
            let read = expected(lines);
            assert_eq!(
                read,
                Some(Expected::Revisions(revisions.to_vec())),
                "{lines:?}"
            );
        }
        assert_eq!(expected(&["*"]), Some(Expected::Any));
        for bad in [
            "",
            ",",
            "1",
            "\"1",
            "1\"",
            "\"1.a\"; \"2.b\"",
            "\"1 2\"",
            "W/1",
            "**",
            "\"1\"x",
        ] {
            assert_eq!(expected(&[bad]), None, "{bad}");
        }
    }
}
