//! When records last changed, as far as this process has heard: what tells whether a copy in
//! memory still says what the database says.
//!
//! Time here is a count of changes. A reader notes it ([`Marks::now`]) before its snapshot
//! begins and stamps what it has read with it; the copy holds for as long as nothing that it is
//! made of has changed since ([`Marks::hold`]). A change is marked after its commit and before it
//! is acknowledged, so that no copy survives it that a later request could meet: a snapshot that
//! began before the commit carries a stamp from before the mark.
//!
//! Marks are kept in a table of fixed size by the hash of what they are about. Two records that
//! share a place share their marks: then a copy is made anew that need not have been, and never
//! kept that should not.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};

use super::Db;
use super::heed::{Heed, Touched};

/// Places, a power of two; each takes eight bytes.
const PLACES: usize = 1 << 15;

/// A count of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp(u64);

/// Where the marks of a record, or of a whole noun, stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(u16);

/// The last change of everything.
pub struct Marks {
    hasher: RandomState,
    changes: AtomicU64,
    /// No stamp from before this counts.
    floor: AtomicU64,
    places: Box<[AtomicU64]>,
}

impl Default for Marks {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            changes: AtomicU64::new(1),
            floor: AtomicU64::new(0),
            places: (0..PLACES).map(|_| AtomicU64::new(0)).collect(),
        }
    }
}

impl Marks {
    /// To be asked before the snapshot that is stamped with it begins.
    pub fn now(&self) -> Stamp {
        Stamp(self.changes.load(Ordering::SeqCst))
    }

    /// The place of one record.
    pub fn record(&self, resource: &str, id: &str) -> Place {
        self.place(self.hasher.hash_one((resource, id)))
    }

    /// The place of all records of a noun.
    pub fn noun(&self, resource: &str) -> Place {
        self.place(self.hasher.hash_one(resource))
    }

    /// Whether nothing of this has changed since.
    pub fn hold(&self, since: Stamp, made_of: &[Place]) -> bool {
        since.0 >= self.floor.load(Ordering::SeqCst)
            && made_of.iter().all(|place| self.last(*place) <= since.0)
    }

    fn last(&self, place: Place) -> u64 {
        self.places
            .get(usize::from(place.0))
            .map_or(u64::MAX, |last| last.load(Ordering::SeqCst))
    }

    fn place(&self, hash: u64) -> Place {
        // The lowest bits of the hash: no more than the table has places.
        let low = hash % PLACES as u64;
        Place(u16::try_from(low).unwrap_or(0))
    }

    fn mark(&self, place: Place, change: u64) {
        if let Some(last) = self.places.get(usize::from(place.0)) {
            last.fetch_max(change, Ordering::SeqCst);
        }
    }

    fn next(&self) -> u64 {
        self.changes.fetch_add(1, Ordering::SeqCst) + 1
    }
}

impl Heed for Marks {
    fn touched(&self, records: &[Touched]) {
        let change = self.next();
        for record in records {
            self.mark(self.record(&record.resource, &record.id), change);
            self.mark(self.noun(&record.resource), change);
        }
    }

    fn lost(&self) {
        let change = self.next();
        self.floor.fetch_max(change, Ordering::SeqCst);
    }
}

/// What a copy was made of, and for how long it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub stamp: Stamp,
    pub of: Vec<Place>,
    /// The instant that it was made for.
    pub from: DateTime<Utc>,
    /// The first instant at which it would be made otherwise, if one is known.
    pub until: Option<DateTime<Utc>>,
}

impl Made {
    /// Whether the copy is what would be made at `now`.
    pub fn holds(&self, db: &Db, now: DateTime<Utc>) -> bool {
        // A clock that was set back shows what was before: that is made anew.
        self.from <= now
            && self.until.is_none_or(|until| now < until)
            && db.is_fed()
            && db.marks().hold(self.stamp, &self.of)
    }

    /// The copy is no longer what would be made at this instant, if that is to come.
    pub fn ends(&mut self, at: DateTime<Utc>) {
        if at > self.from {
            self.until = Some(self.until.map_or(at, |until| until.min(at)));
        }
    }

    /// A copy of which the other one is a part.
    pub fn takes_in(&mut self, part: &Made) {
        self.stamp = self.stamp.min(part.stamp);
        self.from = self.from.max(part.from);
        self.of.extend(&part.of);
        self.of.sort_unstable();
        self.of.dedup();
        if let Some(until) = part.until {
            self.until = Some(self.until.map_or(until, |own| own.min(until)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_holds_until_something_it_is_made_of_changes() {
        let marks = Marks::default();
        let made_of = [
            marks.record("article", "art_1"),
            marks.record("author", "aut_1"),
            marks.noun("notice"),
        ];
        let stamp = marks.now();
        assert!(marks.hold(stamp, &made_of));
        for change in [
            Touched::new("article", "art_1"),
            Touched::new("author", "aut_1"),
            Touched::new("notice", "ntc_7"),
        ] {
            let before = marks.now();
            assert!(marks.hold(before, &made_of));
            marks.touched(&[change]);
            assert!(!marks.hold(before, &made_of));
            assert!(marks.hold(marks.now(), &made_of));
        }
        assert!(!marks.hold(stamp, &made_of));
    }

    #[test]
    fn a_change_while_a_copy_was_being_made_ends_it() {
        let marks = Marks::default();
        let place = marks.record("article", "art_1");
        let before_the_snapshot = marks.now();
        marks.touched(&[Touched::new("article", "art_1")]);
        assert!(!marks.hold(before_the_snapshot, &[place]));
    }

    #[test]
    fn what_is_lost_ends_every_copy() {
        let marks = Marks::default();
        let stamp = marks.now();
        marks.lost();
        assert!(!marks.hold(stamp, &[]));
        assert!(marks.hold(marks.now(), &[]));
    }
}
