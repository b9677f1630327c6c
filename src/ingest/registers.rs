//! What a page or a wire names, found in the newsroom's registers. Nothing is found that the registers
//! do not have by that very name, in either script, or have more than once.

use std::collections::HashMap;

use chrono_tz::Tz;

use crate::db::{Conn, StoreError};
use crate::kernel::han::{Script, convert, fold};
use crate::kernel::id::{AuthorId, SectionId, SourceId};
use crate::kernel::language::Language;
use crate::kernel::text::name_key;
use crate::rights::SourceKind;
use crate::{authors, sections, settings, sources};

/// Names of sources that datelines are read with.
const MOST_NAMES: i64 = 2_000;

/// What the newsroom is like: how its pages are read.
#[derive(Debug, Clone)]
pub struct House {
    pub zone: Tz,
    pub language: Language,
    /// Names that mean an agency and no place.
    pub agencies: Vec<String>,
}

impl House {
    /// # Errors
    /// A database error.
    pub fn load(conn: &mut Conn) -> Result<Self, StoreError> {
        let settings = settings::store::load(conn)?;
        Ok(Self {
            zone: settings.profile.time_zone,
            language: settings.profile.default_language,
            agencies: sources::store::names(conn, MOST_NAMES)?,
        })
    }
}

/// What a text names.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The first one that is found counts.
    pub sources: Vec<String>,
    pub people: Vec<String>,
    pub sections: Vec<String>,
}

/// What of it is in the registers.
#[derive(Debug, Clone, Default)]
pub struct Registers {
    sources: HashMap<String, (SourceId, SourceKind)>,
    people: HashMap<String, Vec<AuthorId>>,
    sections: HashMap<String, Vec<SectionId>>,
}

impl Registers {
    /// # Errors
    /// A database error.
    pub fn load(conn: &mut Conn, wanted: &Wanted) -> Result<Self, StoreError> {
        let keys = in_both_scripts(&wanted.sources);
        let keys = keys.iter().map(|name| name_key(name)).collect();
        let found = sources::store::named(conn, keys)?;
        let sources = found
            .into_iter()
            .map(|(key, id, kind)| (fold(&key), (id, kind)));
        let people = authors::store::named(conn, &in_both_scripts(&wanted.people))?;
        let places = sections::store::named(conn, &in_both_scripts(&wanted.sections))?;
        Ok(Self {
            sources: sources.collect(),
            people: by_name(people),
            sections: by_name(places),
        })
    }

    pub fn source(&self, label: &str) -> Option<(SourceId, SourceKind)> {
        self.sources.get(&fold(&name_key(label))).copied()
    }

    /// All who bear this name.
    pub fn people(&self, name: &str) -> &[AuthorId] {
        self.people.get(&fold(name)).map_or(&[], Vec::as_slice)
    }

    /// Who bears this name: nobody where several do.
    pub fn person(&self, name: &str) -> Option<AuthorId> {
        only(self.people(name))
    }

    /// The last of these crumbs that is the name of one section.
    pub fn section(&self, crumbs: &[String]) -> Option<SectionId> {
        let mut known = crumbs
            .iter()
            .rev()
            .filter_map(|name| only(self.sections.get(&fold(name))?));
        known.next()
    }
}

fn by_name<I>(found: Vec<(String, I)>) -> HashMap<String, Vec<I>> {
    let mut named: HashMap<String, Vec<I>> = HashMap::new();
    for (name, id) in found {
        named.entry(fold(&name)).or_default().push(id);
    }
    named
}

fn only<I: Copy>(ids: &[I]) -> Option<I> {
    match ids {
        [only] => Some(*only),
        _ => None,
    }
}

/// Each name as it stands and in either script.
fn in_both_scripts(names: &[String]) -> Vec<String> {
    let mut all: Vec<String> = names
        .iter()
        .flat_map(|name| {
            [
                name.clone(),
                convert(name, Script::Hans),
                convert(name, Script::Hant),
            ]
        })
        .collect();
    all.sort();
    all.dedup();
    all
}
