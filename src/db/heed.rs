//! Who keeps copies of records hears of every change to them: of this node's own once they are
//! committed and before they are acknowledged, of other nodes' by the change log.

use std::sync::{Arc, Weak};

use parking_lot::RwLock;

use super::journal::Numbers;

/// A record that a write has changed, as the change log names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Touched {
    /// Singular noun, such as `article`.
    pub resource: String,
    pub id: String,
}

impl Touched {
    pub fn new(resource: &str, id: &str) -> Self {
        Self {
            resource: resource.to_owned(),
            id: id.to_owned(),
        }
    }
}

/// What a transaction is to tell once it is committed.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub records: Vec<Touched>,
    pub numbers: Numbers,
    /// A part could not be begun, kept or undone alone: the engine may have given up the whole, and
    /// a further part would be kept as one of its own.
    pub is_broken: bool,
}

/// Keeps copies of records.
pub trait Heed: Send + Sync {
    /// These have changed: no copy made before this call is used after it.
    fn touched(&self, records: &[Touched]);

    /// Nobody knows what has changed: no copy made before this call is used after it.
    fn lost(&self);
}

/// All who are to hear of changes. Who is gone is forgotten.
#[derive(Clone, Default)]
pub(super) struct Heeds(Arc<RwLock<Vec<Weak<dyn Heed>>>>);

impl Heeds {
    pub fn add(&self, heed: &Arc<dyn Heed>) {
        let mut all = self.0.write();
        all.retain(|one| one.strong_count() > 0);
        all.push(Arc::downgrade(heed));
    }

    pub fn touched(&self, records: &[Touched]) {
        if !records.is_empty() {
            self.each(|heed| heed.touched(records));
        }
    }

    pub fn lost(&self) {
        self.each(|heed| heed.lost());
    }

    fn each(&self, tell: impl Fn(&dyn Heed)) {
        for heed in self.0.read().iter().filter_map(Weak::upgrade) {
            tell(&*heed);
        }
    }
}
