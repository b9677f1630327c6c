//! The reference consumer: a folder that holds what a key may read, and stays so.
//!
//! It knows the server by its API alone, as a partner's own program does. A page of the change feed is
//! taken whole: each article that it tells of is fetched or removed, all of that is brought to disk,
//! and only then the cursor is kept. So it may be killed anywhere: what is told again is done again.
//!
//! Start with [`Mirror::run`].

mod api;
mod folder;
mod format;
mod line;
pub mod plan;
mod told;
pub mod wire;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _};
use secrecy::{ExposeSecret as _, SecretString};
use thiserror::Error;
use url::Url;

pub use self::folder::State;
pub use self::format::Format;
pub use self::line::Patience;
pub use self::told::{Summary, Told};

use self::api::{Api, Text};
use self::folder::Folder;
use self::plan::{Acknowledgement, Group, Outcome, Standing, by_article, is_as_told};
use self::wire::{Advisory, Changes};
use crate::kernel::id::{AdvisoryId, ArticleId};
use crate::kernel::time::Clock;

/// Articles that are fetched at once.
const AT_ONCE: usize = 4;
/// For how many seconds the server is asked to wait for a change.
const WAIT_SECONDS: u64 = 30;
/// Before a page is taken again of which something did not hold yet.
const MOMENT: Duration = Duration::from_secs(1);
/// How often it is. After that what is there is taken, since it may have become so meanwhile, and an advisory that
/// cannot be acknowledged is left open, and comes again as a reminder.
const MOST_AGAIN: u32 = 5;
/// The pause, in seconds, after which a run that does not follow no longer asks for what came otherwise than told.
const LAST_PAUSE: u64 = 16;
/// The last characters of a key, which are no secret.
const HINT_CHARS: usize = 4;

/// What is mirrored, and where.
#[derive(Debug)]
pub struct Options {
    pub from: Url,
    pub key: SecretString,
    pub to: PathBuf,
    pub format: Format,
    /// Whether it goes on when it has caught up.
    pub follow: bool,
    /// Whether advisories are acknowledged once what they ask for is done.
    pub acknowledge: bool,
    /// How long it goes on without an answer.
    pub patience: Patience,
    pub clock: Clock,
}

/// Why a mirror stopped. The folder is whole all the same, and the next run goes on where it stands.
#[derive(Debug, Error)]
pub enum MirrorError {
    #[error("the address cannot be taken: {0}")]
    Address(String),
    #[error("the key is none: it begins with mh_ and stands on one line")]
    Key,
    #[error("another process keeps {0} in step")]
    Busy(PathBuf),
    #[error("{0} is not taken: {1}")]
    Other(PathBuf, String),
    #[error("{0}: {1}")]
    File(PathBuf, #[source] io::Error),
    #[error("the server does not answer: {}", chain(.0))]
    Unanswered(#[source] reqwest::Error),
    #[error("{path} was answered with {status} ({why})")]
    Refused {
        path: String,
        status: u16,
        why: String,
    },
    #[error("{why}; the server asks to come back in {seconds} s")]
    Later { seconds: u64, why: String },
    #[error("an answer cannot be understood: {0}")]
    Answer(String),
    #[error("the server does not know the cursor")]
    CursorLost,
    #[error("{0} was told to be new, and the server gives an older version")]
    Behind(ArticleId),
}

/// An error with what is behind it: the first line alone says "error sending request".
fn chain(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

/// What came of all that a page says of one article.
struct Done {
    article: ArticleId,
    standing: Standing,
    told: Vec<Told>,
}

/// What came of an advisory that was to be acknowledged.
enum Answered {
    Yes(Told),
    /// There is nothing that could be said.
    No,
    TooEarly,
}

/// A folder and the server that it follows.
pub struct Mirror {
    api: Api,
    folder: Folder,
    state: State,
    format: Format,
    follow: bool,
    acknowledge: bool,
    summary: Summary,
}

impl Mirror {
    /// Takes the folder. Nothing is asked yet.
    ///
    /// # Errors
    /// [`MirrorError`] of the address, the key or the folder.
    pub fn open(options: Options) -> Result<Self, MirrorError> {
        let api = Api::new(&options.from, &options.key, options.patience, options.clock)?;
        let key = options.key.expose_secret();
        let hint = key.char_indices().rev().nth(HINT_CHARS - 1);
        // Of a key that is as short as that, nothing is kept.
        let hint = hint.filter(|(at, _)| *at > 2 * HINT_CHARS);
        let fresh = State {
            address: api.address().to_owned(),
            format: options.format,
            key_hint: hint.map_or(String::new(), |(at, _)| key[at..].to_owned()),
            cursor: None,
            rebuilding: false,
            otherwise: BTreeMap::new(),
        };
        let (folder, state) = Folder::open(&options.to, fresh)?;
        Ok(Self {
            api,
            folder,
            state,
            format: options.format,
            follow: options.follow,
            acknowledge: options.acknowledge,
            summary: Summary::default(),
        })
    }

    /// Brings the folder in step, and keeps it so where it is to follow. It may be dropped at any point
    /// where it waits, as the process may be killed at any point at all.
    ///
    /// # Errors
    /// [`MirrorError`].
    pub async fn run(&mut self, tell: &mut dyn FnMut(Told)) -> Result<(), MirrorError> {
        self.summary.cursor.clone_from(&self.state.cursor);
        // `pause`: until what came otherwise than told is asked for again, in seconds.
        let (mut wait, mut again, mut pause) = (0, 0, 1);
        loop {
            let changes = match self.api.changes(self.state.cursor.as_deref(), wait).await {
                Err(MirrorError::CursorLost) => {
                    self.begin_anew(tell)?;
                    wait = 0;
                    continue;
                }
                other => other?,
            };
            let is_caught_up = changes.page.is_caught_up;
            match self.take(changes, again < MOST_AGAIN, tell).await {
                Err(MirrorError::Behind(article)) => {
                    tracing::warn!(%article, "the page is taken again in a moment");
                    tokio::time::sleep(MOMENT).await;
                    again += 1;
                    continue;
                }
                other => other?,
            }
            again = 0;
            let is_as_told = self.state.otherwise.is_empty();
            match (is_caught_up, is_as_told) {
                (false, _) => wait = 0,
                (true, true) if !self.follow => return Ok(()),
                (true, true) => (wait, pause) = (WAIT_SECONDS, 1),
                // It does not become so by itself, as far as is known.
                (true, false) if !self.follow && pause >= LAST_PAUSE => return Ok(()),
                (true, false) => (wait, pause) = (pause, (pause * 2).min(WAIT_SECONDS)),
            }
        }
    }

    /// What was done by now.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// The server lost the place: it was put back to an earlier time, or the key is another one.
    fn begin_anew(&mut self, tell: &mut dyn FnMut(Told)) -> Result<(), MirrorError> {
        let Some(cursor) = self.state.cursor.clone() else {
            let why = "it does not know a cursor where none was sent".to_owned();
            return Err(MirrorError::Answer(why));
        };
        tell(Told::Lost { cursor });
        // Before it is said that all is asked for anew, nothing is on the list; afterwards it is all that counts.
        self.folder.forget_told()?;
        self.state.cursor = None;
        self.state.rebuilding = true;
        self.state.otherwise.clear();
        self.folder.keep(&self.state)
    }

    /// Does what a page says, and keeps the cursor behind it. Where it is exact, it does not pass over
    /// a text that is older than what was told, or an advisory that cannot be acknowledged yet.
    async fn take(
        &mut self,
        changes: Changes,
        exact: bool,
        tell: &mut dyn FnMut(Told),
    ) -> Result<(), MirrorError> {
        let Changes { data, page } = changes;
        let groups = by_article(data);
        let articles: Vec<ArticleId> = groups.iter().map(|group| group.article).collect();
        let (this, is_last) = (&*self, page.is_caught_up);
        let done = futures_util::stream::iter(groups)
            .map(|group| this.settle(group, exact, is_last))
            .buffered(AT_ONCE)
            .try_collect::<Vec<Done>>()
            .await?;
        let mut otherwise = self.state.otherwise.clone();
        for one in &done {
            match &one.standing {
                Standing::Otherwise(told) => otherwise.insert(one.article, told.clone()),
                Standing::AsTold => otherwise.remove(&one.article),
                Standing::Unknown => continue,
            };
        }
        let mut told: Vec<Told> = done.into_iter().flat_map(|one| one.told).collect();
        if page.is_caught_up {
            told.extend(self.ask_again(&mut otherwise).await?);
        }
        if self.state.rebuilding && !articles.is_empty() {
            self.folder.note_told(&articles)?;
        }
        let moved = page.next.is_some() && page.next != self.state.cursor;
        self.state.cursor = page.next.or(self.state.cursor.take());
        let mut swept = Vec::new();
        if self.state.rebuilding && page.is_caught_up {
            swept = self.folder.sweep()?;
            self.state.rebuilding = false;
        } else if !moved && otherwise == self.state.otherwise {
            return Ok(());
        }
        self.state.otherwise = otherwise;
        self.folder.keep(&self.state)?;
        let swept = swept.into_iter().map(|article| Told::Swept { article });
        for told in told.into_iter().chain(swept) {
            self.summary.count(&told);
            tell(told);
        }
        self.summary.cursor.clone_from(&self.state.cursor);
        Ok(())
    }

    /// Does what is said of one article: its text, and then what is owed for it.
    async fn settle(&self, group: Group, exact: bool, is_last: bool) -> Result<Done, MirrorError> {
        let mut advisories = Vec::new();
        for id in group.advisories() {
            if let Some((bytes, advisory)) = self.api.advisory(id).await? {
                self.folder.write_advisory(id, &bytes)?;
                advisories.push((id, advisory));
            }
        }
        let owed = |advisory: &Advisory| self.acknowledge && advisory.is_open();
        let text = match group.text() {
            // The entry about the text may stand on another page: one has to look, to say what was done.
            plan::Text::Stays if advisories.iter().any(|(_, a)| owed(a)) => plan::Text::Fetched,
            text => text,
        };
        let outcome = match text {
            plan::Text::Stays => Outcome::Untouched,
            plan::Text::Removed => self.drop_text(group.article)?,
            plan::Text::Fetched => self.fetch_text(group.article).await?,
        };
        let (article, standing) = (group.article, group.standing(&outcome, self.format));
        if exact && group.falls_short(&outcome, &standing, is_last) {
            return Err(MirrorError::Behind(article));
        }
        let may_be_stale = exact && !group.is_borne_out(&outcome);
        let mut told: Vec<Told> = group
            .entries
            .into_iter()
            .map(|entry| Told::Change {
                entry,
                outcome: outcome.clone(),
            })
            .collect();
        if advisories.iter().any(|(_, advisory)| owed(advisory)) {
            // What is acknowledged has to be so after a power cut, too.
            self.folder.settle()?;
        }
        for (id, advisory) in advisories {
            if owed(&advisory) {
                match self.answer(id, &advisory, &outcome, may_be_stale).await? {
                    Answered::Yes(done) => told.push(done),
                    Answered::No => {}
                    Answered::TooEarly if exact => return Err(MirrorError::Behind(article)),
                    Answered::TooEarly => tracing::warn!(%id, "an advisory is left open"),
                }
            }
        }
        Ok(Done {
            article,
            standing,
            told,
        })
    }

    /// Asks once more for what came otherwise than it was told. The log has told all by now: what is not so all the
    /// same will be, or the log will say why.
    async fn ask_again(
        &self,
        otherwise: &mut BTreeMap<ArticleId, Option<String>>,
    ) -> Result<Vec<Told>, MirrorError> {
        let outcomes: Vec<(ArticleId, Outcome)> =
            futures_util::stream::iter(otherwise.keys().copied())
                .map(async |article| Ok((article, self.fetch_text(article).await?)))
                .buffered(AT_ONCE)
                .try_collect()
                .await?;
        let mut told = Vec::new();
        for (article, outcome) in outcomes {
            let extent = otherwise.get(&article).cloned().flatten();
            if is_as_told(extent.as_deref(), &outcome, self.format) {
                otherwise.remove(&article);
                told.push(Told::Again { article, outcome });
            }
        }
        Ok(told)
    }

    fn drop_text(&self, article: ArticleId) -> Result<Outcome, MirrorError> {
        let was_there = self.folder.remove_article(article)?;
        Ok(Outcome::Gone { was_there })
    }

    async fn fetch_text(&self, article: ArticleId) -> Result<Outcome, MirrorError> {
        match self.api.article(self.format, article).await? {
            Text::Nothing => self.drop_text(article),
            Text::Given {
                bytes,
                version,
                extent,
            } => {
                self.folder.write_article(article, &bytes)?;
                Ok(Outcome::Written { version, extent })
            }
        }
    }

    /// Acknowledges an advisory, now that what it asks for is done.
    async fn answer(
        &self,
        id: AdvisoryId,
        advisory: &Advisory,
        outcome: &Outcome,
        may_be_stale: bool,
    ) -> Result<Answered, MirrorError> {
        match Acknowledgement::of(advisory, outcome, may_be_stale) {
            Acknowledgement::TooEarly => Ok(Answered::TooEarly),
            Acknowledgement::Unknown => {
                tracing::warn!(%id, kind = %advisory.kind, "an advisory is left to people");
                Ok(Answered::No)
            }
            Acknowledgement::Action(action) => {
                let Some((bytes, _)) = self.api.acknowledge(id, action).await? else {
                    return Ok(Answered::No);
                };
                self.folder.write_advisory(id, &bytes)?;
                Ok(Answered::Yes(Told::Acknowledged { id, action }))
            }
        }
    }
}
