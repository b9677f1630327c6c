//! The folder that is kept in step. What is in it is whole after any crash: a file is written
//! aside, brought to disk and put into its place, and the cursor is kept only when all that it stands for
//! is on disk.
//!
//! ```text
//! DIR/articles/<id>.<extension>   what the key may read, and nothing else
//! DIR/advisories/<id>.json        as they stood when they were last told of
//! DIR/.mirror.json                the state
//! DIR/.mirror.told                while all is asked for anew: what was told by now
//! DIR/.mirror.lock
//! ```

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Format, MirrorError};
use crate::kernel::id::{AdvisoryId, ArticleId, Id as _};

const STATE: &str = ".mirror.json";
const TOLD: &str = ".mirror.told";
const LOCK: &str = ".mirror.lock";
/// How a file is named that is not in its place yet, after a dot.
const ASIDE: &str = ".new";

/// What is known of the folder between two runs. No secret is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Where all comes from.
    pub address: String,
    pub format: Format,
    /// The last characters of the key, by which people tell keys apart.
    pub key_hint: String,
    /// What was told up to this entry is in the folder.
    pub cursor: Option<String>,
    /// Whether all is asked for anew, since the server did not know the cursor: what was not told
    /// again by the end is removed.
    pub rebuilding: bool,
    /// What was told of and not to be had then, or to another extent, with the extent that was told: asked for
    /// again once all is told.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub otherwise: BTreeMap<ArticleId, Option<String>>,
}

/// The folder, which no other process works on meanwhile.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    extension: &'static str,
    _lock: File,
}

impl Folder {
    /// Takes the folder; makes it where there is none. What an earlier run has left aside goes.
    ///
    /// # Errors
    /// [`MirrorError::Busy`]; [`MirrorError::Other`] if it mirrors something else; or those of the system.
    pub fn open(path: &Path, fresh: State) -> Result<(Self, State), MirrorError> {
        for folder in [path, &path.join("articles"), &path.join("advisories")] {
            fs::create_dir_all(folder).map_err(at(folder))?;
        }
        let place = path.join(LOCK);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        let lock = options.open(&place).map_err(at(&place))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(MirrorError::Busy(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(MirrorError::File(place, error)),
        }
        let folder = Self {
            path: path.to_owned(),
            extension: fresh.format.extension(),
            _lock: lock,
        };
        let state = folder.state(fresh)?;
        for part in ["articles", "advisories"] {
            for aside in folder.names(part)?.filter(|name| name.starts_with('.')) {
                folder.remove(&folder.path.join(part).join(aside))?;
            }
        }
        Ok((folder, state))
    }

    /// What the folder says of itself; where it says nothing, it has to be empty, and says it from now on.
    fn state(&self, fresh: State) -> Result<State, MirrorError> {
        let place = self.path.join(STATE);
        let other = |why: String| MirrorError::Other(self.path.clone(), why);
        match fs::read(&place) {
            Ok(text) => {
                let known: State = serde_json::from_slice(&text)
                    .map_err(|error| other(format!("{STATE} cannot be read ({error})")))?;
                if known.address != fresh.address {
                    return Err(other(format!("it mirrors {}", known.address)));
                }
                if known.format != fresh.format {
                    let format = known.format.as_str();
                    return Err(other(format!("it holds articles as {format}")));
                }
                Ok(State {
                    key_hint: fresh.key_hint,
                    ..known
                })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                for part in ["articles", "advisories"] {
                    if let Some(name) = self.names(part)?.next() {
                        let why = format!("{part}/{name} is there, and no {STATE}");
                        return Err(other(why));
                    }
                }
                self.keep(&fresh)?;
                Ok(fresh)
            }
            Err(error) => Err(MirrorError::File(place, error)),
        }
    }

    /// Keeps the state. Everything that it stands for is brought to disk before it is.
    ///
    /// # Errors
    /// Those of the system.
    pub fn keep(&self, state: &State) -> Result<(), MirrorError> {
        self.settle()?;
        let text = serde_json::to_vec_pretty(state).unwrap_or_default();
        self.put(&self.path, STATE, &text)?;
        sync(&self.path)
    }

    /// Makes what was put and removed outlast a power cut.
    ///
    /// # Errors
    /// Those of the system.
    pub fn settle(&self) -> Result<(), MirrorError> {
        sync(&self.path.join("articles"))?;
        sync(&self.path.join("advisories"))
    }

    /// Puts an article into its place.
    ///
    /// # Errors
    /// Those of the system.
    pub fn write_article(&self, id: ArticleId, bytes: &[u8]) -> Result<(), MirrorError> {
        let name = format!("{id}.{}", self.extension);
        self.put(&self.path.join("articles"), &name, bytes)
    }

    /// Removes an article; whether it was there.
    ///
    /// # Errors
    /// Those of the system.
    pub fn remove_article(&self, id: ArticleId) -> Result<bool, MirrorError> {
        let name = format!("{id}.{}", self.extension);
        self.remove(&self.path.join("articles").join(name))
    }

    /// Puts an advisory into its place.
    ///
    /// # Errors
    /// Those of the system.
    pub fn write_advisory(&self, id: AdvisoryId, bytes: &[u8]) -> Result<(), MirrorError> {
        self.put(&self.path.join("advisories"), &format!("{id}.json"), bytes)
    }

    /// Forgets what was told: all is asked for anew.
    ///
    /// # Errors
    /// Those of the system.
    pub fn forget_told(&self) -> Result<(), MirrorError> {
        self.remove(&self.path.join(TOLD)).map(drop)
    }

    /// Notes what was told. It may note the same again.
    ///
    /// # Errors
    /// Those of the system.
    pub fn note_told(&self, articles: &[ArticleId]) -> Result<(), MirrorError> {
        let place = self.path.join(TOLD);
        let mut lines = String::new();
        for id in articles {
            // A line before it may have been cut off by a crash.
            lines.push('\n');
            lines.push_str(&id.to_string());
        }
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        options
            .open(&place)
            .and_then(|mut file| {
                file.write_all(lines.as_bytes())?;
                file.sync_all()
            })
            .map_err(at(&place))
    }

    /// Removes what was not told again: the articles that went.
    ///
    /// # Errors
    /// Those of the system.
    pub fn sweep(&self) -> Result<Vec<ArticleId>, MirrorError> {
        let place = self.path.join(TOLD);
        let text = match fs::read_to_string(&place) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(MirrorError::File(place, error)),
        };
        let told: HashSet<ArticleId> = text.lines().filter_map(ArticleId::parse).collect();
        let mut gone: Vec<ArticleId> = self
            .names("articles")?
            .filter_map(|name| ArticleId::parse(name.strip_suffix(&self.ending())?))
            .filter(|id| !told.contains(id))
            .collect();
        gone.sort();
        for id in &gone {
            self.remove_article(*id)?;
        }
        Ok(gone)
    }

    fn ending(&self) -> String {
        format!(".{}", self.extension)
    }

    fn names(&self, part: &str) -> Result<impl Iterator<Item = String> + use<>, MirrorError> {
        let place = self.path.join(part);
        let entries = fs::read_dir(&place).map_err(at(&place))?;
        Ok(entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()))
    }

    fn put(&self, folder: &Path, name: &str, bytes: &[u8]) -> Result<(), MirrorError> {
        let (place, aside) = (folder.join(name), folder.join(format!(".{name}{ASIDE}")));
        File::create(&aside)
            .and_then(|mut file| {
                file.write_all(bytes)?;
                file.sync_all()
            })
            .map_err(at(&aside))?;
        fs::rename(&aside, &place).map_err(at(&place))
    }

    fn remove(&self, place: &Path) -> Result<bool, MirrorError> {
        match fs::remove_file(place) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(MirrorError::File(place.to_owned(), error)),
        }
    }
}

fn at(place: &Path) -> impl FnOnce(io::Error) -> MirrorError {
    let place = place.to_owned();
    |error| MirrorError::File(place, error)
}

#[cfg(unix)]
fn sync(folder: &Path) -> Result<(), MirrorError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(at(folder))
}

/// There a folder cannot be opened, and its entries are kept as they are made.
#[cfg(not(unix))]
fn sync(_folder: &Path) -> Result<(), MirrorError> {
    Ok(())
}
