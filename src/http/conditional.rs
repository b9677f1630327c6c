//! Entity tags and preconditions (RFC 9110, section 13). A tag is
//! `"<revision>.<hash>"`: `If-None-Match` compares all of it, `If-Match` the revision alone.

use actix_web::http::header::{HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH};

use super::problem::{Kind, Problem};
use crate::kernel::text::sha256_hex;

/// The strong tag of a representation: of its bytes and of the coding that it goes out in.
pub fn etag(revision: Option<i64>, bytes: &[u8], coding: &str) -> String {
    let mut seen = Vec::with_capacity(bytes.len() + coding.len() + 1);
    seen.extend_from_slice(bytes);
    seen.push(0);
    seen.extend_from_slice(coding.as_bytes());
    let hash: String = sha256_hex(&seen).chars().take(24).collect();
    format!("\"{}.{hash}\"", revision.unwrap_or(0))
}

/// Whether `If-None-Match` holds this tag, so that the answer is 304.
pub fn none_match(headers: &HeaderMap, etag: &str) -> bool {
    tags(headers, &IF_NONE_MATCH).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}

/// The revisions that `If-Match` names; `None` without the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// `*`: any revision that is there.
    Any,
    Revisions(Vec<i64>),
}

impl Expected {
    /// # Errors
    /// 400 if the header cannot be read as entity tags.
    pub fn read(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        if !headers.contains_key(IF_MATCH) {
            return Ok(None);
        }
        let mut revisions = Vec::new();
        for tag in tags(headers, &IF_MATCH) {
            if tag == "*" {
                return Ok(Some(Self::Any));
            }
            let revision = tag
                .strip_prefix('"')
                .and_then(|tag| tag.strip_suffix('"'))
                .and_then(|tag| tag.split('.').next())
                .and_then(|revision| revision.parse().ok());
            match revision {
                Some(revision) => revisions.push(revision),
                // A well-formed tag of another making matches nothing (RFC 9110, 13.1.1).
                None if tag.trim_start_matches("W/").starts_with('"') => {}
                None => {
                    return Err(Problem::new(Kind::BadRequest).parameter(
                        "If-Match",
                        "format",
                        "must hold entity tags as an ETag gives them, or *",
                    ));
                }
            }
        }
        Ok(Some(Self::Revisions(revisions)))
    }

    pub fn admits(&self, revision: i64) -> bool {
        match self {
            Self::Any => true,
            Self::Revisions(revisions) => revisions.contains(&revision),
        }
    }
}

fn tags<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|tag| !tag.is_empty())
}
