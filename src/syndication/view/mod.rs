//! The files that crawlers look for.

mod rsl;
pub mod sitemaps;
mod xml;

use serde::Serialize;
use serde_json::json;

use super::model::Site;
use crate::http::reply::Outward;
use crate::rights::Reservation;

/// A file of this site as it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SiteFile {
    text: String,
    #[serde(skip)]
    media_type: &'static str,
}

impl Outward for SiteFile {
    fn bytes(&self) -> Result<(Vec<u8>, &'static str), serde_json::Error> {
        Ok((self.text.clone().into_bytes(), self.media_type))
    }
}

impl SiteFile {
    /// robots.txt (RFC 9309): nothing is closed to crawlers, since each answer says what they may have; what they may
    /// do with it stands in `Content-Usage` and in the licence file.
    pub fn robots(site: &Site) -> Self {
        let reserved = Reservation::UNLICENSED;
        let mut lines = vec!["User-agent: *".to_owned()];
        // A crawler that finds itself named heeds the group that names it and no other.
        let named = site.crawlers.iter().filter(|name| is_product_token(name));
        lines.extend(named.map(|name| format!("User-agent: {name}")));
        lines.extend([
            format!("Content-Usage: {}", reserved.content_usage()),
            "Allow: /".to_owned(),
            "Disallow: /v1/auth/".to_owned(),
            String::new(),
            format!("License: {}", site.url("/rsl.xml")),
            format!("Sitemap: {}", site.url("/sitemap.xml")),
            format!("Sitemap: {}", site.url("/sitemaps/news.xml")),
            String::new(),
        ]);
        Self {
            text: lines.join("\n"),
            media_type: "text/plain; charset=utf-8",
        }
    }

    /// `/.well-known/tdmrep.json` of the TDM Reservation Protocol (W3C Community Group).
    pub fn tdmrep(site: &Site) -> Self {
        let mut all = json!({"location": "/*", "tdm-reservation": Reservation::TDM});
        if let Some(url) = &site.acquire_licence_url {
            all["tdm-policy"] = json!(url);
        }
        Self {
            text: json!([all]).to_string(),
            media_type: "application/json",
        }
    }

    /// The licence file of RSL 1.0.
    pub fn rsl(site: &Site) -> Self {
        Self {
            text: rsl::file(site),
            media_type: "application/rsl+xml",
        }
    }

    fn xml(text: String) -> Self {
        Self {
            text,
            media_type: "application/xml; charset=utf-8",
        }
    }
}

/// Whether a name can stand in robots.txt (RFC 9309, section 2.2.1).
fn is_product_token(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphabetic() || matches!(c, '-' | '_');
    !name.is_empty() && name.chars().all(fits)
}

#[cfg(test)]
mod tests;
