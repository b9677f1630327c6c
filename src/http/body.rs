//! Request bodies: bytes, then JSON, then a value of which all faults are told.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::{Bytes, Data};
use actix_web::{FromRequest, HttpRequest};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;

use super::context::Shared;
use super::problem::{Kind, Problem};
use super::schemas::Schemas;
use crate::kernel::fault::Fault;
use crate::kernel::text::sha256_hex;

/// The bytes of a request body. What they mean is found out after the checks that come first.
#[derive(Debug)]
pub struct Body {
    bytes: Bytes,
    media_type: Option<String>,
}

/// The content codings in which a body may come (RFC 9110, 8.4.1). Compressed ones are not
/// taken: a few hundred bytes unfold to gigabytes before any limit could count them.
const CODINGS: [&str; 1] = ["identity"];

/// A JSON document that was sent.
#[derive(Debug)]
pub struct Document {
    value: Value,
    hash: String,
}

impl Body {
    /// SHA-256 of the body, for idempotency.
    pub fn hash(&self) -> String {
        sha256_hex(&self.bytes)
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// 415 for another media type, 400 for what is not JSON.
    pub fn json(&self) -> Result<Document, Problem> {
        self.document(&["application/json"])
    }

    /// The body as a merge patch (RFC 7396).
    ///
    /// # Errors
    /// 415 for another media type, 400 for what is not JSON.
    pub fn merge_patch(&self) -> Result<Document, Problem> {
        self.document(&["application/merge-patch+json", "application/json"])
    }

    /// The body as JSON, or an empty object where there is none.
    ///
    /// # Errors
    /// 415 for another media type, 400 for what is not JSON.
    pub fn optional_json(&self) -> Result<Document, Problem> {
        if self.bytes.is_empty() {
            return Ok(Document {
                value: Value::Object(serde_json::Map::new()),
                hash: self.hash(),
            });
        }
        self.json()
    }

    /// The body as it came, of one of these media types: which one, and the charset that is declared.
    ///
    /// # Errors
    /// 415 for another media type.
    pub fn sent_as(
        &self,
        accepted: &[&'static str],
    ) -> Result<(&'static str, Option<String>), Problem> {
        let essence = self.accepted(accepted)?;
        let media_type = self.media_type.as_deref().unwrap_or_default();
        let charset = media_type.parse::<mime::Mime>().ok();
        let charset = charset.and_then(|mime| {
            let charset = mime.get_param(mime::CHARSET)?;
            Some(charset.as_str().to_owned())
        });
        Ok((essence, charset))
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What stands for the body where only its identity counts.
    pub fn whole(&self) -> Document {
        Document {
            value: Value::Null,
            hash: self.hash(),
        }
    }

    fn accepted(&self, accepted: &[&'static str]) -> Result<&'static str, Problem> {
        let media_type = self.media_type.as_deref().unwrap_or_default();
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        let known = accepted
            .iter()
            .find(|known| essence.eq_ignore_ascii_case(known));
        known.copied().ok_or_else(|| {
            Problem::new(Kind::UnsupportedMediaType)
                .detail(format!("Send {}.", accepted.join(" or ")))
        })
    }

    fn document(&self, accepted: &[&'static str]) -> Result<Document, Problem> {
        self.accepted(accepted)?;
        let value = serde_json::from_slice(&self.bytes).map_err(|error| {
            Problem::new(Kind::NotJson).detail(format!(
                "Line {}, column {}: {}.",
                error.line(),
                error.column(),
                match error.classify() {
                    serde_json::error::Category::Eof => "the document ends too early",
                    serde_json::error::Category::Syntax
                        if error.to_string().contains("recursion") =>
                        "the document is nested too deep",
                    _ => "not valid JSON in UTF-8",
                }
            ))
        })?;
        Ok(Document {
            value,
            hash: self.hash(),
        })
    }
}

impl Document {
    /// That of an operation which takes no body.
    pub fn none() -> Self {
        Self {
            value: Value::Null,
            hash: sha256_hex(b""),
        }
    }

    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The document as a value of `T`, checked against the schema of that name.
    ///
    /// # Errors
    /// 422 with all faults.
    pub fn read<T: DeserializeOwned + ToSchema>(self, schemas: &Schemas) -> Result<T, Problem> {
        read(self.value, schemas)
    }

    /// What `current` becomes by this merge patch.
    ///
    /// # Errors
    /// 422 with all faults of the patch, or else of what it makes.
    pub fn patch<T: DeserializeOwned + Serialize + ToSchema>(
        self,
        current: &T,
        schemas: &Schemas,
    ) -> Result<T, Problem> {
        let name = T::name().replace("Input", "Patch");
        let faults = schemas.faults(&name, &self.value);
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        let mut merged = serde_json::to_value(current)
            .map_err(|error| Problem::new(Kind::Internal).cause(error))?;
        json_patch::merge(&mut merged, &self.value);
        read(merged, schemas)
    }
}

fn read<T: DeserializeOwned + ToSchema>(value: Value, schemas: &Schemas) -> Result<T, Problem> {
    let faults = schemas.faults(&T::name(), &value);
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    // What the schema cannot say (an unassigned territory, say) the type says, one at a time.
    serde_path_to_error::deserialize(value).map_err(|error| {
        let pointer = error
            .path()
            .iter()
            .map(|segment| match segment {
                serde_path_to_error::Segment::Seq { index } => format!("/{index}"),
                serde_path_to_error::Segment::Map { key } => format!("/{key}"),
                serde_path_to_error::Segment::Enum { .. }
                | serde_path_to_error::Segment::Unknown => String::new(),
            })
            .collect::<String>();
        let detail = if error.inner().is_data() {
            error.inner().to_string()
        } else {
            "cannot be read".to_owned()
        };
        Problem::invalid(vec![Fault::new(pointer, "invalid", detail)])
    })
}

impl FromRequest for Body {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let media_type = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        // What cannot be decoded would be read as it is.
        let coding = request.headers().get(header::CONTENT_ENCODING);
        let known = coding.is_none_or(|coding| {
            CODINGS
                .iter()
                .any(|known| coding.as_bytes().eq_ignore_ascii_case(known.as_bytes()))
        });
        if !known {
            let problem = Problem::new(Kind::UnsupportedMediaType)
                .detail(format!(
                    "Content-Encoding takes one of {}.",
                    CODINGS.join(", ")
                ))
                .header(header::ACCEPT_ENCODING, &CODINGS.join(", "));
            return Box::pin(async { Err(problem) });
        }
        // Four fifths of the request's time: what then still comes is the sender's delay.
        let patience = request
            .app_data::<Data<Shared>>()
            .map_or(Duration::from_secs(10), |shared| {
                shared.config.request_timeout.mul_f32(0.8)
            });
        let bytes = Bytes::from_request(request, payload);
        Box::pin(async move {
            tokio::time::timeout(patience, bytes)
                .await
                .map_err(|_| Problem::new(Kind::RequestTimeout))?
                .map(|bytes| Self { bytes, media_type })
                .map_err(|error| unreadable(&error))
        })
    }
}

fn unreadable(error: &actix_web::Error) -> Problem {
    if error.as_response_error().status_code() == actix_web::http::StatusCode::PAYLOAD_TOO_LARGE
        || matches!(
            error.as_error::<PayloadError>(),
            Some(PayloadError::Overflow)
        )
    {
        return Problem::new(Kind::TooLarge);
    }
    Problem::new(Kind::BadRequest).detail("The body could not be read.")
}
