//! What articles refer to, kept in memory: people, sources with their grants, sections with
//! their ways, the site with its notices. Entries hold until the change log names what they were
//! made of ([`Marks`](crate::db::Marks)).

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use moka::sync::Cache;
use parking_lot::RwLock;

use super::registers::{
    Listed, Registers, Source, Wanted, load_people, load_sections, load_sources, site,
};
use crate::articles::model::{Content, Placed, Side};
use crate::db::schema::{article_agenda as agenda, article_listings as listings};
use crate::db::{Conn, Db, Made, Marks, Place, Stamp, StoreError, notices_in_force};
use crate::kernel::id::{AuthorId, SectionId, SourceId};
use crate::kernel::time::{from_db, never, to_db};
use crate::rights::Site;

/// Most records of each kind.
const MOST: u64 = 20_000;

/// What bears on every article, whoever it is by.
const OF_ALL: [&str; 4] = ["settings", "notice", "section", "grant"];

/// Values of one kind, each of use until the change log names something that it is made of.
struct Shelf<K, V> {
    /// With when each was read.
    values: Cache<K, (Stamp, Arc<V>)>,
    made_of: fn(&Marks, &K) -> Vec<Place>,
}

impl<K, V> Shelf<K, V>
where
    K: Eq + Hash + Copy + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    fn new(made_of: fn(&Marks, &K) -> Vec<Place>) -> Self {
        Self {
            values: Cache::new(MOST),
            made_of,
        }
    }

    /// Values by their ids: those that are of use, and the others as they are loaded.
    fn values(
        &self,
        look: &mut Look<'_>,
        wanted: HashSet<K>,
        load: impl FnOnce(&mut Conn, &HashSet<K>) -> Result<HashMap<K, Arc<V>>, StoreError>,
    ) -> Result<HashMap<K, Arc<V>>, StoreError> {
        let (marks, is_fed) = (look.db.marks(), look.db.is_fed());
        let mut found = HashMap::with_capacity(wanted.len());
        let mut missing = HashSet::new();
        for id in wanted {
            match self.values.get(&id) {
                Some((since, value))
                    if is_fed && marks.hold(since, &(self.made_of)(marks, &id)) =>
                {
                    found.insert(id, value);
                }
                _ => {
                    missing.insert(id);
                }
            }
        }
        if !missing.is_empty() {
            for (id, value) in load(look.conn, &missing)? {
                self.values.insert(id, (look.stamp, Arc::clone(&value)));
                found.insert(id, value);
            }
        }
        Ok(found)
    }
}

/// What articles refer to.
pub(super) struct Memory {
    people: Shelf<AuthorId, Listed>,
    sources: Shelf<SourceId, Source>,
    sections: Shelf<SectionId, Placed>,
    site: RwLock<Option<(Made, Arc<Site>)>>,
    /// Holds until an article appears or goes by itself.
    calm: RwLock<Option<Made>>,
}

/// A snapshot of the database that is looked at.
pub(super) struct Look<'a> {
    pub db: &'a Db,
    pub conn: &'a mut Conn,
    /// Taken before the snapshot began.
    pub stamp: Stamp,
    pub now: DateTime<Utc>,
}

impl Memory {
    pub fn new() -> Self {
        Self {
            people: Shelf::new(|marks, id| vec![marks.record("author", &id.to_string())]),
            sources: Shelf::new(|marks, id| {
                vec![marks.record("source", &id.to_string()), marks.noun("grant")]
            }),
            sections: Shelf::new(|marks, _| vec![marks.noun("section")]),
            site: RwLock::new(None),
            calm: RwLock::new(None),
        }
    }

    /// What a set of articles refers to, from memory as far as it is there.
    pub fn registers<'a>(
        &self,
        look: &mut Look<'_>,
        contents: impl Iterator<Item = &'a Content>,
    ) -> Result<(Registers, Option<DateTime<Utc>>), StoreError> {
        let wanted = Wanted::of(contents);
        let (site, until) = self.site(look)?;
        let registers = Registers {
            site,
            people: self
                .people
                .values(look, wanted.people, |conn, ids| Ok(load_people(conn, ids)?))?,
            sources: self.sources.values(look, wanted.sources, |conn, ids| {
                Ok(load_sources(conn, ids)?)
            })?,
            sections: self.sections.values(look, wanted.sections, load_sections)?,
        };
        Ok((registers, until))
    }

    /// The site, and when the notices in force will be others.
    pub(super) fn site(
        &self,
        look: &mut Look<'_>,
    ) -> Result<(Arc<Site>, Option<DateTime<Utc>>), StoreError> {
        if let Some((made, site)) = &*self.site.read()
            && made.holds(look.db, look.now)
        {
            return Ok((Arc::clone(site), made.until));
        }
        let marks = look.db.marks();
        let site = Arc::new(site(look.conn, look.now)?);
        let made = Made {
            stamp: look.stamp,
            of: vec![marks.noun("settings"), marks.noun("notice")],
            from: look.now,
            until: notices_in_force::next(look.conn, look.now)?,
        };
        let until = made.until;
        *self.site.write() = Some((made, Arc::clone(&site)));
        Ok((site, until))
    }

    /// What a list is made of, whatever is on it: any article may come to it.
    pub fn list_of(&self, look: &mut Look<'_>, parts: Vec<Made>) -> Result<Made, StoreError> {
        let mut made = self.calm(look)?;
        for part in &parts {
            made.takes_in(part);
        }
        Ok(made)
    }

    /// Holds as long as no article changes, and none appears or goes by itself.
    fn calm(&self, look: &mut Look<'_>) -> Result<Made, StoreError> {
        if let Some(made) = &*self.calm.read()
            && made.holds(look.db, look.now)
        {
            return Ok(made.clone());
        }
        let marks = look.db.marks();
        // An empty list has no article that would bring along what bears on all.
        let of = ["article"].into_iter().chain(OF_ALL);
        let made = Made {
            stamp: look.stamp,
            of: of.map(|noun| marks.noun(noun)).collect(),
            from: look.now,
            until: next_turn(look.conn, look.now)?,
        };
        *self.calm.write() = Some(made.clone());
        Ok(made)
    }
}

/// When the next article appears or goes by itself.
fn next_turn(conn: &mut Conn, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, StoreError> {
    let now = to_db(now);
    let appears: Option<NaiveDateTime> = listings::table
        .filter(listings::side.eq(Side::Live.as_str()))
        .filter(listings::visible_from.gt(now))
        .order((listings::visible_from.asc(), listings::article_id.asc()))
        .select(listings::visible_from)
        .first(conn)
        .optional()?;
    let goes: Option<NaiveDateTime> = agenda::table
        .filter(agenda::due_at.gt(now))
        .order((agenda::due_at.asc(), agenda::article_id.asc()))
        .select(agenda::due_at)
        .first(conn)
        .optional()?;
    let turns = [appears, goes].into_iter().flatten();
    Ok(turns.min().map(from_db).filter(|at| *at < never()))
}

/// Everything that articles with these contents are made of, beside themselves.
pub(super) fn made_of(db: &Db, content: &Content) -> Vec<Place> {
    let marks = db.marks();
    let mut of = OF_ALL.map(|noun| marks.noun(noun)).to_vec();
    let people = content.contributors.iter().map(|one| one.author_id);
    let people = people.chain(content.editor_id);
    of.extend(people.map(|id| marks.record("author", &id.to_string())));
    let sources = content.source_id.iter();
    of.extend(sources.map(|id| marks.record("source", &id.to_string())));
    let relations = content.related.iter().chain(&content.translation_of);
    of.extend(relations.map(|id| marks.record("article", &id.to_string())));
    of
}
