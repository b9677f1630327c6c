//! What the site says of itself to machines.

use parking_lot::Mutex;

use crate::articles::store::sitemaps::Place;
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

/// Where the parts of the sitemap end, as far as this process has looked. What was cut once stays a fit place to cut
/// at, whatever comes and goes, so that each look goes on where the last one ended.
#[derive(Debug, Default)]
pub struct Cuts(Mutex<Vec<Place>>);

impl Cuts {
    pub fn known(&self) -> Vec<Place> {
        self.0.lock().clone()
    }

    /// Adds what was found behind `known`, unless another look was faster.
    pub fn add(&self, known: &[Place], found: &[Place]) {
        let mut cuts = self.0.lock();
        if cuts.len() == known.len() {
            cuts.extend(found);
        }
    }
}
