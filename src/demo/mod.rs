//! The demo newsroom: a dozen articles written for it, in Chinese and English, own and
//! reprinted. It is written in the API's own words and goes in through the same checks.
//!
//! Start with [`load`].

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use thiserror::Error;
use utoipa::ToSchema;

use self::keys::{Keys, Names, id_of, resolve, shift, take_key, text};
use crate::articles::store::desk;
use crate::articles::store::write::{self as articles, ActionError};
use crate::articles::view::ArticleInput;
use crate::articles::view::actions::{CorrectInput, WithdrawInput};
use crate::authors::view::AuthorInput;
use crate::db::{Actor, Db, StoreError, WriteCx, Written};
use crate::grants::view::GrantInput;
use crate::http::schemas::Schemas;
use crate::kernel::fault::Fault;
use crate::kernel::id::{ArticleId, Id, Mint, SourceId};
use crate::notices::view::NoticeInput;
use crate::rights::Stage;
use crate::sections::view::SectionInput;
use crate::settings::view::SettingsInput;
use crate::sources::view::SourceInput;
use crate::{authors, grants, notices, sections, settings, sources};

const NEWSROOM: &str = include_str!("newsroom.json");

mod keys;
mod partners;

pub use partners::DemoPartner;

/// Why the newsroom could not be set up.
#[derive(Debug, Error)]
pub enum DemoError {
    #[error("the demo's content cannot be read: {0}")]
    Content(#[from] serde_json::Error),
    #[error("the demo's content is invalid at {place}: {faults:?}")]
    Invalid { place: String, faults: Vec<Fault> },
    #[error("the demo's content names {0}, which is not there")]
    Unknown(String),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{place}: {error}")]
    Action { place: String, error: ActionError },
}

/// An article of the demo, as the ready file lists it.
#[derive(Debug, Clone)]
pub struct DemoArticle {
    pub id: ArticleId,
    pub slug: String,
    pub origin: &'static str,
    pub stage: Stage,
    /// Whether readers outside the agency's channels get at most a stub.
    pub stub_only: bool,
}

#[derive(Deserialize)]
struct Newsroom {
    settings: Map<String, Value>,
    sections: Vec<Map<String, Value>>,
    authors: Vec<Map<String, Value>>,
    sources: Vec<Map<String, Value>>,
    notices: Vec<Map<String, Value>>,
    partners: Vec<Map<String, Value>>,
    articles: Vec<Map<String, Value>>,
}

#[derive(Deserialize)]
struct Correction {
    public_note: String,
    body: Option<Value>,
    title: Option<String>,
}

struct Loader<'a> {
    db: &'a Db,
    schemas: &'a Schemas,
    mint: Mint,
}

/// Fills an empty database with the newsroom, all of it in the past of `now`.
///
/// # Errors
/// [`DemoError`].
pub async fn load(
    db: &Db,
    schemas: &Schemas,
    mint: &Mint,
    now: DateTime<Utc>,
) -> Result<(Vec<DemoArticle>, Vec<DemoPartner>), DemoError> {
    let newsroom: Newsroom = serde_json::from_str(NEWSROOM)?;
    let loader = Loader {
        db,
        schemas,
        mint: mint.clone(),
    };
    let founded = now - TimeDelta::days(365);
    loader.settings(newsroom.settings, founded).await?;
    let sections = loader.sections(newsroom.sections, founded).await?;
    let people = loader.authors(newsroom.authors, founded).await?;
    let (sources, closed) = loader.sources(newsroom.sources, founded).await?;
    for (at, notice) in newsroom.notices.into_iter().enumerate() {
        let input: NoticeInput = loader.read(&format!("notices/{at}"), notice)?;
        let draft = input.parse(founded).map_err(invalid("notices"))?;
        notices::store::create(db, loader.cx(founded), draft).await?;
    }
    let shift = shift(&newsroom.articles, now);
    let mut written = Keys::new();
    let mut listed = Vec::new();
    for article in newsroom.articles {
        let place = text(&article, "key");
        let names = Names {
            sections: &sections,
            people: &people,
            sources: &sources,
            articles: &written,
        };
        let one = loader.article(article, &names, shift, now).await?;
        written.insert(place, one.0.id.to_string());
        listed.push(DemoArticle {
            stub_only: closed.contains(&one.1),
            ..one.0
        });
    }
    let names = Names {
        sections: &sections,
        people: &people,
        sources: &sources,
        articles: &written,
    };
    let partners = loader.partners(newsroom.partners, &names, founded).await?;
    Ok((listed, partners))
}

impl Loader<'_> {
    fn cx(&self, now: DateTime<Utc>) -> WriteCx {
        WriteCx {
            actor: Actor::Operator,
            now,
            mint: self.mint.clone(),
            request_id: None,
            once: None,
        }
    }

    /// Reads a record as the API would.
    fn read<T: DeserializeOwned + ToSchema>(
        &self,
        place: &str,
        members: Map<String, Value>,
    ) -> Result<T, DemoError> {
        let value = Value::Object(members);
        let faults = self.schemas.faults(&T::name(), &value);
        if !faults.is_empty() {
            return Err(DemoError::Invalid {
                place: place.to_owned(),
                faults,
            });
        }
        Ok(serde_json::from_value(value)?)
    }

    async fn settings(
        &self,
        given: Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Result<(), DemoError> {
        let current = settings::store::get(self.db).await?;
        let mut members = serde_json::to_value(SettingsInput::from(&current))?;
        json_patch::merge(&mut members, &Value::Object(given));
        let members: Map<String, Value> = serde_json::from_value(members)?;
        let input: SettingsInput = self.read("settings", members)?;
        let profile = input.parse().map_err(invalid("settings"))?;
        settings::store::update(self.db, self.cx(now), current.revision, profile).await?;
        Ok(())
    }

    async fn sections(
        &self,
        given: Vec<Map<String, Value>>,
        now: DateTime<Utc>,
    ) -> Result<Keys, DemoError> {
        let mut keys = Keys::new();
        for mut section in given {
            let key = take_key(&mut section);
            let parent = section.remove("parent").unwrap_or_default();
            section.insert("parent_id".to_owned(), id_of(&keys, &parent)?);
            let input: SectionInput = self.read(&key, section)?;
            let draft = input.parse().map_err(invalid(&key))?;
            let made = sections::store::create(self.db, self.cx(now), draft).await?;
            keys.insert(key, made.resource_id);
        }
        Ok(keys)
    }

    async fn authors(
        &self,
        given: Vec<Map<String, Value>>,
        now: DateTime<Utc>,
    ) -> Result<Keys, DemoError> {
        let mut keys = Keys::new();
        for mut author in given {
            let key = take_key(&mut author);
            let input: AuthorInput = self.read(&key, author)?;
            let profile = input.parse().map_err(invalid(&key))?;
            let made = authors::store::create(self.db, self.cx(now), profile).await?;
            keys.insert(key, made.resource_id);
        }
        Ok(keys)
    }

    /// The sources, and the keys of those whose works go no further than our own channels.
    async fn sources(
        &self,
        given: Vec<Map<String, Value>>,
        now: DateTime<Utc>,
    ) -> Result<(Keys, Vec<String>), DemoError> {
        let (mut keys, mut closed) = (Keys::new(), Vec::new());
        for mut source in given {
            let key = take_key(&mut source);
            let grants: Vec<Map<String, Value>> =
                serde_json::from_value(source.remove("grants").unwrap_or(json!([])))?;
            let input: SourceInput = self.read(&key, source)?;
            let profile = input.parse().map_err(invalid(&key))?;
            let made = sources::store::create(self.db, self.cx(now), profile).await?;
            let id = known_id::<SourceId>(&made)?;
            let mut open = grants.is_empty();
            for grant in grants {
                let input: GrantInput = self.read(&key, grant)?;
                let terms = input.parse().map_err(invalid(&key))?;
                open |= terms.may_redistribute;
                grants::store::create(self.db, self.cx(now), id, terms).await?;
            }
            if !open {
                closed.push(key.clone());
            }
            keys.insert(key, made.resource_id);
        }
        Ok((keys, closed))
    }

    async fn article(
        &self,
        mut given: Map<String, Value>,
        names: &Names<'_>,
        shift: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<(DemoArticle, String), DemoError> {
        let key = take_key(&mut given);
        let source = text(&given, "source");
        let fate = text(&given, "fate");
        given.remove("fate");
        let published_at: Option<DateTime<Utc>> =
            serde_json::from_value(given.remove("published_at").unwrap_or_default())?;
        let correction: Option<Correction> =
            serde_json::from_value(given.remove("correction").unwrap_or_default())?;
        let withdrawal: Option<WithdrawInput> =
            serde_json::from_value(given.remove("withdrawal").unwrap_or_default())?;
        resolve(&mut given, names)?;
        let input: ArticleInput = self.read(&key, given)?;
        let draft = input.clone().parse().map_err(invalid(&key))?;
        let published_at = published_at.map(|at| at - shift);
        let written_at = published_at.unwrap_or(now) - TimeDelta::hours(2);
        let made = articles::create(self.db, self.cx(written_at), draft).await?;
        let id = known_id::<ArticleId>(&made)?;
        let mut stage = Stage::Draft;
        if let Some(at) = published_at {
            articles::publish(self.db, self.cx(at), id, None, None, false)
                .await
                .map_err(action(&key))?;
            stage = Stage::Published;
        }
        let later = published_at.unwrap_or(now) + TimeDelta::hours(6);
        if let Some(correction) = correction {
            self.correct(&key, id, input, correction, later).await?;
        }
        if let Some(withdrawal) = withdrawal {
            let (class, reason) = withdrawal.parse().map_err(invalid(&key))?;
            articles::withdraw(self.db, self.cx(later), id, None, class, reason).await?;
            stage = Stage::Withdrawn;
        }
        debug_assert_eq!(fate, stage.as_str());
        let (slug, origin) = desk::known_as(self.db, id).await?;
        let article = DemoArticle {
            id,
            slug,
            origin,
            stage,
            stub_only: false,
        };
        Ok((article, source))
    }

    async fn correct(
        &self,
        key: &str,
        id: ArticleId,
        mut input: ArticleInput,
        correction: Correction,
        at: DateTime<Utc>,
    ) -> Result<(), DemoError> {
        if let Some(body) = correction.body {
            input.body = serde_json::from_value(body)?;
        }
        if let Some(title) = correction.title {
            input.title = title;
        }
        let (slug, _) = desk::known_as(self.db, id).await?;
        input.slug = Some(slug);
        let draft = input.parse().map_err(invalid(key))?;
        let note = CorrectInput {
            public_note: correction.public_note,
        }
        .parse()
        .map_err(invalid(key))?;
        articles::update(self.db, self.cx(at), id, 2, draft).await?;
        articles::correct(self.db, self.cx(at), id, None, note)
            .await
            .map_err(action(key))?;
        Ok(())
    }
}

fn known_id<I: Id>(written: &Written) -> Result<I, DemoError> {
    I::parse(&written.resource_id).ok_or_else(|| DemoError::Unknown(written.resource_id.clone()))
}

fn invalid(place: &str) -> impl Fn(Vec<Fault>) -> DemoError + '_ {
    move |faults| DemoError::Invalid {
        place: place.to_owned(),
        faults,
    }
}

fn action(place: &str) -> impl Fn(ActionError) -> DemoError + '_ {
    move |error| DemoError::Action {
        place: place.to_owned(),
        error,
    }
}
