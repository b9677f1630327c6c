//! What a set of articles refers to: people, sources with their grants, sections, the
//! site and its notices. One query for each register, however many articles.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::articles::model::{Content, Crumb, Person, Placed};
use crate::db::error::{stored as known, stored_json};
use crate::db::schema::{authors, sections, settings, sources};
use crate::db::{Conn, DbError, StoreError, inbound, notices_in_force, tree};
use crate::kernel::id::{AuthorId, Id, NoticeId, SectionId, SourceId};
use crate::kernel::language::{Language, Territory};
use crate::rights::{
    Contact, Editor, Grant, Notice, NoticeKind, PublicExtent, Site, SourceFacts, SourceKind,
};

/// A source as the rules need it.
pub(super) struct Source {
    pub id: SourceId,
    pub facts: SourceFacts,
    pub grants: Vec<Grant>,
}

/// A person, as readers and as the credit know them.
pub(super) struct Listed {
    person: Person,
    real_name: Option<String>,
}

/// Everything that a set of articles refers to.
pub(super) struct Registers {
    pub site: Arc<Site>,
    pub people: HashMap<AuthorId, Arc<Listed>>,
    pub sources: HashMap<SourceId, Arc<Source>>,
    pub sections: HashMap<SectionId, Arc<Placed>>,
}

/// The ids that a set of articles refers to.
#[derive(Default)]
pub(super) struct Wanted {
    pub people: HashSet<AuthorId>,
    pub sources: HashSet<SourceId>,
    pub sections: HashSet<SectionId>,
}

impl Wanted {
    pub fn of<'a>(contents: impl Iterator<Item = &'a Content>) -> Self {
        let mut wanted = Self::default();
        for content in contents {
            let people = content.contributors.iter().map(|one| one.author_id);
            wanted.people.extend(people);
            wanted.people.extend(content.editor_id);
            wanted.sources.extend(content.source_id);
            wanted.sections.extend(content.section_id);
        }
        wanted
    }
}

impl Registers {
    pub fn load<'a>(
        conn: &mut Conn,
        contents: impl Iterator<Item = &'a Content>,
        now: DateTime<Utc>,
    ) -> Result<Self, StoreError> {
        let wanted = Wanted::of(contents);
        Ok(Self {
            site: Arc::new(site(conn, now)?),
            people: load_people(conn, &wanted.people)?,
            sources: load_sources(conn, &wanted.sources)?,
            sections: load_sections(conn, &wanted.sections)?,
        })
    }

    pub fn source(&self, id: SourceId) -> Option<&Source> {
        self.sources.get(&id).map(|source| &**source)
    }

    pub fn person(&self, id: AuthorId) -> Option<&Person> {
        self.people.get(&id).map(|listed| &listed.person)
    }

    pub fn editor(&self, id: AuthorId) -> Option<Editor> {
        self.people.get(&id).map(|listed| Editor {
            name: listed.person.name.clone(),
            real_name: listed.real_name.clone(),
        })
    }

    pub fn placed(&self, id: SectionId) -> Option<Placed> {
        self.sections.get(&id).map(|placed| Placed::clone(placed))
    }
}

fn strings<I: Id>(ids: &HashSet<I>) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

pub(super) fn load_people(
    conn: &mut Conn,
    ids: &HashSet<AuthorId>,
) -> Result<HashMap<AuthorId, Arc<Listed>>, DbError> {
    type Row = (String, String, Option<String>, String, String);
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Row> = authors::table
        .filter(authors::id.eq_any(strings(ids)))
        .select((
            authors::id,
            authors::name,
            authors::real_name,
            authors::kind,
            authors::bio,
        ))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, name, real_name, kind, bio)| {
            let id = known(AuthorId::parse(&id), "authors.id")?;
            let person = Person {
                id,
                name,
                kind,
                bio,
            };
            Ok((id, Arc::new(Listed { person, real_name })))
        })
        .collect()
}

pub(super) fn load_sources(
    conn: &mut Conn,
    ids: &HashSet<SourceId>,
) -> Result<HashMap<SourceId, Arc<Source>>, DbError> {
    type Row = (String, String, String, String, String, Option<String>);
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Row> = sources::table
        .filter(sources::id.eq_any(strings(ids)))
        .select((
            sources::id,
            sources::name,
            sources::credit_label,
            sources::official_forms,
            sources::kind,
            sources::homepage_url,
        ))
        .load(conn)?;
    let mut found: HashMap<SourceId, Source> = HashMap::new();
    for (id, name, credit_label, forms, kind, homepage_url) in rows {
        let id = known(SourceId::parse(&id), "sources.id")?;
        let forms: BTreeMap<Language, String> = stored_json(&forms, "sources.official_forms")?;
        found.insert(
            id,
            Source {
                id,
                facts: SourceFacts {
                    name,
                    credit_label,
                    official_forms: forms,
                    kind: known(SourceKind::parse(&kind), "sources.kind")?,
                    homepage_url,
                },
                grants: Vec::new(),
            },
        );
    }
    for row in inbound::of_sources(conn, &strings(ids))? {
        let source = known(SourceId::parse(&row.source_id), "inbound_grants.source_id")?;
        if let Some(source) = found.get_mut(&source) {
            source.grants.push(row.try_into()?);
        }
    }
    let found = found.into_iter();
    Ok(found.map(|(id, source)| (id, Arc::new(source))).collect())
}

pub(super) fn load_sections(
    conn: &mut Conn,
    ids: &HashSet<SectionId>,
) -> Result<HashMap<SectionId, Arc<Placed>>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let wanted = strings(ids);
    let descriptions: HashMap<String, String> = sections::table
        .filter(sections::id.eq_any(wanted.clone()))
        .select((sections::id, sections::description))
        .load(conn)?
        .into_iter()
        .collect();
    let paths = tree::paths(conn, &wanted)?;
    ids.iter()
        .filter_map(|id| {
            let description = descriptions.get(&id.to_string())?.clone();
            let path = paths.get(&id.to_string())?;
            let path = path
                .iter()
                .map(|crumb| {
                    Ok(Crumb {
                        id: known(SectionId::parse(&crumb.id), "sections.id")?,
                        slug: crumb.slug.clone(),
                        name: crumb.name.clone(),
                    })
                })
                .collect::<Result<_, DbError>>();
            Some(path.map(|path| {
                (
                    *id,
                    Arc::new(Placed {
                        id: *id,
                        path,
                        description,
                    }),
                )
            }))
        })
        .collect::<Result<_, _>>()
        .map_err(StoreError::from)
}

/// The site with the notices in force.
pub(super) fn site(conn: &mut Conn, now: DateTime<Utc>) -> Result<Site, StoreError> {
    type Row = (
        String,
        String,
        String,
        String,
        String,
        String,
        i64,
        Option<String>,
    );
    let row: Row = settings::table
        .find(1)
        .select((
            settings::base_url,
            settings::time_zone,
            settings::default_language,
            settings::territory,
            settings::copyright_holder,
            settings::public_extent,
            settings::public_excerpt_chars,
            settings::acquire_licence_url,
        ))
        .first(conn)?;
    let (base_url, zone, language, territory, holder, extent, chars, acquire) = row;
    Ok(Site {
        base_url,
        time_zone: known(zone.parse().ok(), "settings.time_zone")?,
        default_language: known(Language::parse(&language), "settings.default_language")?,
        territory: known(Territory::parse(&territory), "settings.territory")?,
        copyright_holder: holder,
        public_extent: known(PublicExtent::parse(&extent), "settings.public_extent")?,
        public_excerpt_chars: usize::try_from(chars).unwrap_or_default(),
        acquire_licence_url: acquire,
        notices: notices_in_force::at(conn, now)?
            .into_iter()
            .map(notice)
            .collect::<Result<_, _>>()?,
    })
}

fn notice(row: notices_in_force::InForce) -> Result<Notice, DbError> {
    let contact: Option<Contact> = row
        .contact
        .as_deref()
        .map(|json| stored_json(json, "notice_revisions.contact"))
        .transpose()?;
    Ok(Notice {
        id: known(NoticeId::parse(&row.notice_id), "notices.id")?,
        kind: known(NoticeKind::parse(&row.kind), "notices.kind")?,
        revision: row.n,
        language: known(Language::parse(&row.language), "notices.language")?,
        text: row.text,
        contact,
        claim_window_days: row.claim_window_days,
    })
}
