//! The simple model that clients' logs are held against, and the consumers that keep in step with them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::support::TestApp;

/// Works that there are at most.
pub(super) const WORKS: usize = 40;

/// A work, as the model has it.
#[derive(Debug, Clone)]
pub(super) struct Work {
    pub(super) id: String,
    pub(super) is_own: bool,
    pub(super) is_of_ports: bool,
    pub(super) is_tagged: bool,
    pub(super) publish_at: DateTime<Utc>,
    pub(super) embargoed_until: Option<DateTime<Utc>>,
    pub(super) unpublish_at: Option<DateTime<Utc>>,
    pub(super) is_withdrawn: bool,
    /// An action on it is under way.
    pub(super) is_taken: bool,
}

impl Work {
    pub(super) fn visible_from(&self) -> DateTime<Utc> {
        self.embargoed_until
            .map_or(self.publish_at, |until| until.max(self.publish_at))
    }

    pub(super) fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.is_withdrawn || self.unpublish_at.is_some_and(|at| at <= now)
    }

    pub(super) fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.visible_from() <= now && !self.is_over(now)
    }

    pub(super) fn is_held_back(&self, now: DateTime<Utc>) -> bool {
        self.publish_at <= now && now < self.visible_from() && !self.is_over(now)
    }
}

/// What a licence is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    Ports,
    Wire,
    Tagged,
}

#[derive(Debug, Clone)]
pub(super) struct Licence {
    pub(super) id: String,
    pub(super) about: About,
    pub(super) extent: &'static str,
    pub(super) has_privilege: bool,
    pub(super) is_active: bool,
    pub(super) from: DateTime<Utc>,
    pub(super) until: Option<DateTime<Utc>>,
}

impl Licence {
    pub(super) fn selects(&self, work: &Work, now: DateTime<Utc>) -> bool {
        let is_about = match self.about {
            About::Ports => work.is_of_ports,
            About::Wire => !work.is_own,
            About::Tagged => work.is_tagged,
        };
        let is_on =
            self.is_active && self.from <= now && self.until.is_none_or(|until| now < until);
        is_about && is_on && (work.is_live(now) || (self.has_privilege && work.is_held_back(now)))
    }
}

/// The world, as the model has it.
pub(super) struct World {
    pub(super) works: Vec<Work>,
    pub(super) licences: Vec<Licence>,
    /// Whether the wire lets us pass on what it sells us.
    pub(super) is_granted: bool,
}

pub(super) const EXTENTS: [&str; 3] = ["headline", "excerpt", "full"];

impl World {
    /// What the partner may have, by id.
    pub(super) fn partners(&self, now: DateTime<Utc>) -> BTreeMap<String, &'static str> {
        let rank = |extent: &str| EXTENTS.iter().position(|it| *it == extent);
        let best = |work: &Work| {
            let of = self
                .licences
                .iter()
                .filter(|licence| licence.selects(work, now));
            of.map(|licence| licence.extent)
                .max_by_key(|extent| rank(extent))
        };
        let open = self
            .works
            .iter()
            .filter(|work| work.is_own || self.is_granted);
        open.filter_map(|work| Some((work.id.clone(), best(work)?)))
            .collect()
    }

    /// What the site's own app may have: the wire covers it in any case.
    pub(super) fn apps(&self, now: DateTime<Utc>) -> BTreeMap<String, &'static str> {
        let live = self.works.iter().filter(|work| work.is_live(now));
        live.map(|work| (work.id.clone(), "full")).collect()
    }
}

/// Keeps in step with what it is told, and is killed now and then.
pub(super) struct Consumer {
    pub(super) key: String,
    /// What it has on its disk: extent and version by id.
    pub(super) held: BTreeMap<String, (String, i64)>,
    /// The cursor that it wrote down last.
    pub(super) cursor: Option<String>,
}

impl Consumer {
    pub(super) fn new(key: String) -> Self {
        Self {
            key,
            held: BTreeMap::new(),
            cursor: None,
        }
    }

    /// One page, of which it may not see the end. Whether it has caught up.
    pub(super) async fn poll(
        &mut self,
        app: &TestApp,
        limit: u32,
        killed_after: Option<usize>,
    ) -> bool {
        let after = self
            .cursor
            .as_ref()
            .map(|id| format!("&after={id}"))
            .unwrap_or_default();
        let path = format!("/v1/changes?limit={limit}{after}");
        let page = app
            .get(&path)
            .key(&self.key)
            .send_unchecked()
            .await
            .expect(200)
            .json();
        for (n, entry) in page["data"].as_array().unwrap().iter().enumerate() {
            if killed_after == Some(n) {
                return false;
            }
            self.apply(entry);
        }
        if killed_after.is_some() {
            return false;
        }
        self.cursor = page["page"]["next"].as_str().map(str::to_owned);
        page["page"]["is_caught_up"] == true
    }

    pub(super) fn apply(&mut self, entry: &Value) {
        let article = &entry["article"];
        let id = article["id"].as_str().unwrap();
        match entry["kind"].as_str().unwrap() {
            "advisory" => {}
            "withdrawn" | "exited" => {
                self.held.remove(id);
            }
            _ => {
                // Of what was taken back since, an entry has no extent: a later one says why.
                let extent = article["extent"].as_str().unwrap_or("none").to_owned();
                self.held.insert(
                    id.to_owned(),
                    (extent, article["version"].as_i64().unwrap()),
                );
            }
        }
    }

    pub(super) fn has(&self) -> BTreeMap<String, &str> {
        self.held
            .iter()
            .map(|(id, (extent, _))| (id.clone(), extent.as_str()))
            .collect()
    }
}

impl Work {
    /// Actions on what ends by itself would meet its end.
    pub(super) fn is_live_then(&self, now: DateTime<Utc>) -> bool {
        self.is_live(now) && self.unpublish_at.is_none()
    }
}
