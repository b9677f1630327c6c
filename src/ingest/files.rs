//! Files to take in: single pages, folders of them, JSON lines, wires.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use walkdir::WalkDir;

use super::registers::House;
use super::take::{self, Raw, Refused};
use super::view::{IngestOutcome, Report, WireReport};
use super::wired::{self, Unread, begun};
use crate::arrivals::page::{Kind, MAX_BYTES};
use crate::db::{Db, StoreError, WriteCx};
use crate::kernel::fault::Fault;
use crate::kernel::id::ArticleId;

/// Longest line of a file of JSON lines: a page, and what is written around it.
const MAX_LINE: u64 = 4 * MAX_BYTES as u64;

/// How files are taken in.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub dry_run: bool,
    pub add_authors: bool,
    /// The encoding of pages that do not name one.
    pub charset: Option<String>,
}

/// What a file holds, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Page(Kind),
    Lines,
    Wire,
}

/// Something to take in.
pub struct Arrival {
    /// Its path; of a line also its number.
    pub name: String,
    content: Content,
}

enum Content {
    Page(Raw),
    Wire(Vec<u8>),
    /// A line that holds no page.
    Faulty(Fault),
}

/// What became of it.
pub enum Taken {
    Page {
        article: Option<ArticleId>,
        report: Box<Report>,
    },
    Wire(WireReport),
    Refused(Vec<Fault>),
}

impl Taken {
    pub fn outcome(&self) -> IngestOutcome {
        match self {
            Self::Page { report, .. } => report.outcome,
            // That of all its items, or that something was refused, or changed.
            Self::Wire(report) => {
                let all: BTreeSet<_> = report.items.iter().map(|item| item.outcome).collect();
                match all.first() {
                    Some(only) if all.len() == 1 => *only,
                    Some(_) if !all.contains(&IngestOutcome::Refused) => IngestOutcome::Updated,
                    _ => IngestOutcome::Refused,
                }
            }
            Self::Refused(_) => IngestOutcome::Refused,
        }
    }
}

fn form(path: &Path) -> Option<Form> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    Some(match ending.as_str() {
        "html" | "htm" | "xhtml" | "shtml" => Form::Page(Kind::Html),
        "txt" | "text" => Form::Page(Kind::Text),
        "jsonl" | "ndjson" => Form::Lines,
        "json" | "xml" | "rss" | "atom" => Form::Wire,
        _ => return None,
    })
}

/// The files that these paths mean, in the order of their names: of a folder all below it that can be
/// taken in, by their endings.
///
/// # Errors
/// The path and the error where one cannot be looked at; a file that is named and cannot be taken in.
pub fn found(paths: &[PathBuf]) -> Result<Vec<PathBuf>, (PathBuf, std::io::Error)> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            // Named by itself it is tried, whatever its ending.
            std::fs::metadata(path).map_err(|error| (path.clone(), error))?;
            files.push(path.clone());
            continue;
        }
        for entry in WalkDir::new(path).sort_by_file_name() {
            let entry = entry.map_err(|error| (path.clone(), error.into()))?;
            if entry.file_type().is_file() && form(entry.path()).is_some() {
                files.push(entry.into_path());
            }
        }
    }
    Ok(files)
}

/// A line of a file of pages.
#[derive(Deserialize)]
struct Line {
    html: Option<String>,
    text: Option<String>,
}

/// Hands over what a file holds, one by one.
///
/// # Errors
/// Those of reading it, and of `each`.
pub fn each<E: From<std::io::Error>>(
    path: &Path,
    options: &Options,
    mut each: impl FnMut(Arrival) -> Result<(), E>,
) -> Result<(), E> {
    let name = path.display().to_string();
    let page = |bytes, kind| {
        Content::Page(Raw {
            bytes,
            kind,
            charset: options.charset.clone(),
        })
    };
    match form(path).unwrap_or(Form::Page(Kind::Html)) {
        Form::Page(kind) => {
            let content = page(bounded(path)?, kind);
            each(Arrival { name, content })
        }
        Form::Wire => {
            let content = Content::Wire(bounded(path)?);
            each(Arrival { name, content })
        }
        Form::Lines => {
            let mut file = BufReader::new(File::open(path)?);
            for n in 1_u64.. {
                let mut line = Vec::new();
                let length = (&mut file).take(MAX_LINE).read_until(b'\n', &mut line)?;
                if line.is_empty() {
                    break;
                }
                let is_cut = length as u64 == MAX_LINE && !line.ends_with(b"\n");
                if is_cut {
                    file.skip_until(b'\n')?;
                }
                if line.trim_ascii().is_empty() {
                    continue;
                }
                let content = match is_cut {
                    true => Content::Faulty(Fault::new(
                        "",
                        "length",
                        format!("the line is longer than {MAX_LINE} bytes"),
                    )),
                    false => of_line(&line),
                };
                let name = format!("{name}:{n}");
                each(Arrival { name, content })?;
            }
            Ok(())
        }
    }
}

/// The page that a line of JSON holds.
fn of_line(line: &[u8]) -> Content {
    let (text, kind) = match serde_json::from_slice(line) {
        Ok(Line {
            html: Some(html),
            text: None,
        }) => (html, Kind::Html),
        Ok(Line {
            html: None,
            text: Some(text),
        }) => (text, Kind::Text),
        Ok(_) => {
            let detail = "a line has either `html` or `text`";
            return Content::Faulty(Fault::new("", "malformed", detail));
        }
        Err(error) => return Content::Faulty(Fault::new("", "malformed", error.to_string())),
    };
    Content::Page(Raw {
        bytes: text.into_bytes(),
        kind,
        charset: Some("utf-8".to_owned()),
    })
}

/// A file's bytes, one more than are taken at most: then it is refused for its length.
fn bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    let most = u64::try_from(MAX_BYTES)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    let mut bytes = Vec::new();
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Takes something in.
///
/// # Errors
/// A database error.
pub fn take(
    db: &Db,
    arrival: Arrival,
    house: &House,
    options: &Options,
    cx: impl Fn(DateTime<Utc>) -> WriteCx,
    now: DateTime<Utc>,
) -> Result<Taken, StoreError> {
    match arrival.content {
        Content::Page(raw) => take_page(db, &raw, house, options, &cx(now)),
        Content::Faulty(fault) => Ok(Taken::Refused(vec![fault])),
        Content::Wire(bytes) => match wired::read(&bytes) {
            Err(Unread(fault)) => Ok(Taken::Refused(vec![fault])),
            Ok(wire) => {
                let mut report = begun(&wire);
                for item in &wire.items {
                    report.items.push(match options.dry_run {
                        true => db.read_now(|conn| wired::look(conn, item, house))?,
                        false => db.write_now(&cx(now), |tx| wired::take(tx, item, house))?,
                    });
                }
                Ok(Taken::Wire(report))
            }
        },
    }
}

fn take_page(
    db: &Db,
    raw: &Raw,
    house: &House,
    options: &Options,
    cx: &WriteCx,
) -> Result<Taken, StoreError> {
    let prepared = take::read(raw, house)
        .map_err(Refused::from)
        .and_then(|reading| {
            db.read_now(|conn| Ok::<_, StoreError>(take::prepare(conn, raw, &reading, house)))?
        });
    let ready = match prepared {
        Ok(ready) => ready,
        Err(Refused::Page(error)) => {
            let fault = Fault::new("", "unreadable_page", error.to_string());
            return Ok(Taken::Refused(vec![fault]));
        }
        Err(Refused::Draft(faults)) => return Ok(Taken::Refused(faults)),
        Err(Refused::Store(error)) => return Err(error),
    };
    if options.dry_run {
        return Ok(Taken::Page {
            article: None,
            report: Box::new(ready.composed.report),
        });
    }
    let kept = db.write_now(cx, |tx| {
        tx.attempt(|tx| take::keep(tx, ready, options.add_authors, None))
    });
    match kept {
        Ok((article, report)) => Ok(Taken::Page {
            article: Some(article),
            report: Box::new(report),
        }),
        Err(StoreError::Invalid(faults)) => Ok(Taken::Refused(faults)),
        Err(error) => Err(error),
    }
}
