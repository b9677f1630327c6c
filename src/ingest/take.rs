//! Taking a page in: read, looked up, written down, once for the same bytes.

use thiserror::Error;

use super::compose::{Composed, Reading, doubtful_person};
use super::registers::{House, Registers, Wanted};
use super::view::{IngestOutcome, Report, SourceMatch};
use crate::arrivals::damage;
use crate::arrivals::page::{self, Kind, PageError};
use crate::arrivals::store;
use crate::articles::model::{Contribution, Draft};
use crate::articles::store::load;
use crate::articles::store::write::create_in;
use crate::authors;
use crate::authors::model::AuthorKind;
use crate::authors::view::AuthorInput;
use crate::db::{Conn, DbError, StoreError, Tx};
use crate::kernel::fault::Fault;
use crate::kernel::id::{ArticleId, AuthorId, IngestId, UserId};
use crate::kernel::text::sha256_hex;
use crate::rights::ContributorRole;

/// Bytes of a page, and what is said of them.
#[derive(Debug, Clone)]
pub struct Raw {
    pub bytes: Vec<u8>,
    pub kind: Kind,
    /// As the transport names it.
    pub charset: Option<String>,
}

/// Why a page is not taken in.
#[derive(Debug, Error)]
pub enum Refused {
    #[error(transparent)]
    Page(#[from] PageError),
    /// No draft can be made of it.
    #[error("no draft can be made of it")]
    Draft(Vec<Fault>),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A page that is ready to be kept.
pub struct Ready {
    pub draft: Draft,
    pub composed: Composed,
    sha256: String,
    media_type: &'static str,
    raw: String,
}

impl Raw {
    pub fn sha256(&self) -> String {
        sha256_hex(&self.bytes)
    }
}

/// Reads a page, as this house's pages are read. Takes its time; asks no database.
///
/// # Errors
/// [`PageError`] for what is no text.
pub fn read(raw: &Raw, house: &House) -> Result<Reading, PageError> {
    let page = page::read(&page::Raw {
        bytes: &raw.bytes,
        charset: raw.charset.as_deref(),
        kind: raw.kind,
        zone: house.zone,
        agencies: &house.agencies,
    })?;
    Ok(Reading {
        findings: damage::examine(page.text()),
        sha256: raw.sha256(),
        page,
    })
}

/// Makes a draft of what was read.
///
/// # Errors
/// [`Refused::Draft`] with all faults; a database error.
pub fn prepare(
    conn: &mut Conn,
    raw: &Raw,
    reading: &Reading,
    house: &House,
) -> Result<Ready, Refused> {
    let registers = Registers::load(conn, &reading.wanted())?;
    let composed = reading.compose(&registers, house);
    let mut faults = Vec::new();
    if reading.page.title.is_none() {
        faults.push(Fault::new(
            "/title",
            "required",
            "the page has no title that could be told",
        ));
    }
    if reading.page.blocks.is_empty() {
        faults.push(Fault::new(
            "/body",
            "required",
            "the page has no article that could be told",
        ));
    }
    let draft = match composed.input.clone().parse() {
        Ok(draft) if faults.is_empty() => draft,
        Ok(_) => return Err(Refused::Draft(faults)),
        Err(more) => {
            let known: Vec<String> = faults.iter().map(|fault| fault.pointer.clone()).collect();
            faults.extend(
                more.into_iter()
                    .filter(|fault| !known.contains(&fault.pointer)),
            );
            return Err(Refused::Draft(faults));
        }
    };
    Ok(Ready {
        draft,
        composed,
        sha256: reading.sha256.clone(),
        media_type: match raw.kind {
            Kind::Html => "text/html",
            Kind::Text => "text/plain",
        },
        raw: store::packed(&raw.bytes).map_err(StoreError::from)?,
    })
}

/// Keeps a page with its draft; what is there already stays as it is. With `add_authors` people whom
/// the register does not know are added to it, as they are printed. `only_of` may know of no draft
/// but their own.
///
/// # Errors
/// [`StoreError::State`] where another's draft was made of it, and those of [`create_in`].
pub fn keep(
    tx: &mut Tx<'_>,
    ready: Ready,
    add_authors: bool,
    only_of: Option<UserId>,
) -> Result<(ArticleId, Report), StoreError> {
    if let Some(known) = store::by_digest(tx.conn, &ready.sha256)? {
        if let Some(user) = only_of
            && load::state(tx.conn, known.article)?.created_by != Some(user)
        {
            return Err(StoreError::State(
                "These bytes were taken in by somebody else before: an editor can say where they are."
                    .to_owned(),
            ));
        }
        let report = Report {
            outcome: IngestOutcome::Known,
            ..told(known.report)?
        };
        return Ok((known.article, report));
    }
    let (mut draft, mut report) = (ready.draft, ready.composed.report);
    if add_authors {
        add_people(tx, &mut draft, &mut report)?;
    }
    let article: ArticleId = tx.cx.mint.id(tx.now());
    create_in(tx, article, draft)?;
    let id: IngestId = tx.cx.mint.id(tx.now());
    report.id = Some(id);
    report.outcome = IngestOutcome::Created;
    let told =
        serde_json::to_value(&report).map_err(|error| DbError::Corrupt(error.to_string()))?;
    store::keep(
        tx,
        id,
        &ready.sha256,
        article,
        ready.media_type,
        &told,
        &ready.raw,
    )?;
    Ok((article, report))
}

/// A report as it was kept.
///
/// # Errors
/// [`DbError::Corrupt`].
pub fn told(report: serde_json::Value) -> Result<Report, DbError> {
    let read = serde_json::from_value(report);
    read.map_err(|error| DbError::Corrupt(format!("ingests.report: {error}")))
}

/// Adds the people whom the register does not know, where their names can be those of people. Reporters
/// are ours only where the text surely is.
fn add_people(tx: &mut Tx<'_>, draft: &mut Draft, report: &mut Report) -> Result<(), StoreError> {
    let is_own = report.source_match == SourceMatch::Own;
    let editor = report
        .editor
        .iter_mut()
        .map(|one| (one, AuthorKind::Editor));
    let reporters = report.reporters.iter_mut().filter(|_| is_own);
    let reporters = reporters.map(|one| (one, AuthorKind::Reporter));
    let mut added = Vec::new();
    for (person, kind) in reporters.chain(editor) {
        if person.author_id.is_some() {
            continue;
        }
        let Some(id) = added_person(tx, &person.name, kind)? else {
            continue;
        };
        person.author_id = Some(id);
        match kind {
            AuthorKind::Editor => draft.content.editor_id = Some(id),
            _ => draft.content.contributors.push(Contribution {
                author_id: id,
                role: ContributorRole::Reporter,
            }),
        }
        added.push(doubtful_person(kind, &person.name, 0));
    }
    report.warnings.retain(|warning| !added.contains(warning));
    Ok(())
}

/// Who has this name, by now; nobody where several do, or where nobody can.
fn added_person(
    tx: &mut Tx<'_>,
    name: &str,
    kind: AuthorKind,
) -> Result<Option<AuthorId>, StoreError> {
    // Somebody may have added them meanwhile.
    let wanted = Wanted {
        people: vec![name.to_owned()],
        ..Wanted::default()
    };
    let registers = Registers::load(tx.conn, &wanted)?;
    if !registers.people(name).is_empty() {
        return Ok(registers.person(name));
    }
    let input = AuthorInput {
        name: name.to_owned(),
        real_name: None,
        kind,
        bio: String::new(),
        contact: None,
        active: true,
    };
    let Ok(profile) = input.parse() else {
        return Ok(None);
    };
    let id: AuthorId = tx.cx.mint.id(tx.now());
    authors::store::insert(tx, id, &profile)?;
    Ok(Some(id))
}
