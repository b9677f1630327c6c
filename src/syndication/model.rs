//! What the site says of itself to machines.

use crate::settings::model::Settings;

/// Where things are, and whose. What is reserved is the same for everything that is given without a
/// licence: see [`crate::rights::Reservation`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    pub name: String,
    /// Without a slash at the end.
    pub base_url: String,
    pub copyright_holder: String,
    pub acquire_licence_url: Option<String>,
    /// Parts of the names of crawlers of AI systems.
    pub crawlers: Vec<String>,
}

impl Site {
    pub fn of(settings: Settings, crawlers: &[String]) -> Self {
        let profile = settings.profile;
        Self {
            name: profile.site_name,
            base_url: profile.base_url.trim_end_matches('/').to_owned(),
            copyright_holder: profile.copyright_holder,
            acquire_licence_url: profile.acquire_licence_url,
            crawlers: crawlers.to_vec(),
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }
}
