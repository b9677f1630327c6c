//! What is asked of the server, and what its answers mean.

use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use url::{Host, Url};

use super::line::{Line, Patience};
use super::wire::{Advisory, Article, Changes};
use super::{Format, MirrorError};
use crate::kernel::id::{AdvisoryId, ArticleId};
use crate::kernel::time::Clock;

/// Entries that are asked for at once: as many as the server gives.
const PAGE: u32 = 100;
/// How long a request may take, beyond what it is asked to wait.
const PATIENCE: Duration = Duration::from_secs(60);

/// The server, asked with one key.
pub struct Api {
    base: Url,
    line: Line,
}

/// An article in the form that was asked for.
#[derive(Debug)]
pub enum Text {
    Given {
        bytes: Vec<u8>,
        version: Option<i64>,
        extent: String,
    },
    /// The key may have no text of it, or it is gone.
    Nothing,
}

impl Api {
    /// # Errors
    /// [`MirrorError::Address`] of an address that cannot be asked, or over which the key would travel
    /// in the open; [`MirrorError::Key`] of a key that is none.
    pub fn new(
        from: &Url,
        key: &SecretString,
        patience: Patience,
        clock: Clock,
    ) -> Result<Self, MirrorError> {
        let mut base = from.clone();
        let is_here = match base.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        if base.scheme() != "https" && !(base.scheme() == "http" && is_here) {
            return Err(MirrorError::Address(
                "it has to be https://…, or http:// on this machine".to_owned(),
            ));
        }
        if !base.username().is_empty() || base.password().is_some() || base.query().is_some() {
            return Err(MirrorError::Address(
                "it is taken without a user, a password or a query".to_owned(),
            ));
        }
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let mut key = HeaderValue::from_str(key.expose_secret()).map_err(|_| MirrorError::Key)?;
        key.set_sensitive(true);
        let line = Line::new(key, base.scheme() == "http", patience, clock)?;
        Ok(Self { base, line })
    }

    /// The address, as it is kept.
    pub fn address(&self) -> &str {
        self.base.as_str()
    }

    /// The changes after an entry; waits for so many seconds where there are none.
    ///
    /// # Errors
    /// [`MirrorError::CursorLost`], or why there is no answer.
    pub async fn changes(&self, after: Option<&str>, wait: u64) -> Result<Changes, MirrorError> {
        let mut url = self.url("v1/changes")?;
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("limit", &PAGE.to_string());
            if let Some(after) = after {
                query.append_pair("after", after);
            }
            if wait > 0 {
                query.append_pair("wait", &wait.to_string());
            }
        }
        let answer = self
            .line
            .ask(Method::GET, url, None, PATIENCE + Duration::from_secs(wait))
            .await?;
        match answer.status {
            StatusCode::OK => answer.read(),
            StatusCode::GONE if answer.refusal().slug() == "cursor-lost" => {
                Err(MirrorError::CursorLost)
            }
            _ => Err(answer.refused("v1/changes")),
        }
    }

    /// An article, as the key may have it now.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn article(&self, format: Format, id: ArticleId) -> Result<Text, MirrorError> {
        let path = format.path(id);
        let answer = self
            .line
            .ask(Method::GET, self.url(&path)?, None, PATIENCE)
            .await?;
        let (version, extent) = match answer.status {
            StatusCode::OK if format == Format::Json => {
                let article: Article = answer.read()?;
                (article.version, article.attribution.usage.extent)
            }
            StatusCode::OK => (answer.version(), answer.extent()?),
            StatusCode::NOT_FOUND
            | StatusCode::GONE
            | StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS
                if answer.is_a_no() =>
            {
                return Ok(Text::Nothing);
            }
            StatusCode::FORBIDDEN if answer.refusal().slug() == "licence-required" => {
                return Ok(Text::Nothing);
            }
            _ => return Err(answer.refused(&path)),
        };
        match extent.as_str() {
            "stub" => Ok(Text::Nothing),
            _ => Ok(Text::Given {
                bytes: answer.body,
                version,
                extent,
            }),
        }
    }

    /// An advisory, as it came and as it is understood; `None` where there is none.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn advisory(
        &self,
        id: AdvisoryId,
    ) -> Result<Option<(Vec<u8>, Advisory)>, MirrorError> {
        self.about_advisory(Method::GET, &format!("v1/advisories/{id}"), None)
            .await
    }

    /// Acknowledges an advisory; how it stands then.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn acknowledge(
        &self,
        id: AdvisoryId,
        action: &str,
    ) -> Result<Option<(Vec<u8>, Advisory)>, MirrorError> {
        let path = format!("v1/advisories/{id}/acknowledge");
        self.about_advisory(Method::POST, &path, Some(json!({"action": action})))
            .await
    }

    async fn about_advisory(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Option<(Vec<u8>, Advisory)>, MirrorError> {
        let url = self.url(path)?;
        let answer = self.line.ask(method, url, body, PATIENCE).await?;
        match answer.status {
            StatusCode::OK => {
                let advisory = answer.read()?;
                Ok(Some((answer.body, advisory)))
            }
            StatusCode::NOT_FOUND if answer.is_a_no() => Ok(None),
            _ => Err(answer.refused(path)),
        }
    }

    fn url(&self, path: &str) -> Result<Url, MirrorError> {
        let joined = self.base.join(path);
        joined.map_err(|error| MirrorError::Address(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(from: &str) -> Result<Api, MirrorError> {
        let key = SecretString::from("mh_1");
        Api::new(&from.parse().unwrap(), &key, Patience::ONCE, Clock::System)
    }

    #[test]
    fn addresses() {
        for (from, kept) in [
            ("https://news.example.org", "https://news.example.org/"),
            (
                "https://news.example.org/api",
                "https://news.example.org/api/",
            ),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
            ("http://[::1]:8080/", "http://[::1]:8080/"),
            ("http://localhost:8080/", "http://localhost:8080/"),
        ] {
            assert_eq!(api(from).unwrap().address(), kept);
        }
        let under = api("https://news.example.org/api").unwrap();
        assert_eq!(
            under.url("v1/changes").unwrap().as_str(),
            "https://news.example.org/api/v1/changes"
        );
        for from in [
            "http://news.example.org",
            "http://10.0.0.1",
            "ftp://127.0.0.1",
            "https://user@news.example.org",
            "https://news.example.org/?key=1",
        ] {
            assert!(matches!(api(from), Err(MirrorError::Address(_))), "{from}");
        }
    }
}
