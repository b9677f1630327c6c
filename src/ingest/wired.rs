//! Items of a wire as reprints: written as drafts, updated by later versions, withdrawn when their
//! agency takes them back.

use std::cmp::Ordering;

use super::item::{matched, renewed, wanted, written};
use super::registers::{House, Registers};
use super::view::{IngestOutcome, SourceMatch, WarningReport, WireItemReport, WireReport};
use crate::arrivals::store::{self, Item};
use crate::arrivals::wires::{self, Format, Status, Wire, WireError, WireItem};
use crate::articles::model::Draft;
use crate::articles::store::write::{
    change_in, create_in, delete_in, hold_in, stage_of, withdraw_in,
};
use crate::db::{Conn, StoreError, Tx};
use crate::kernel::fault::Fault;
use crate::kernel::id::ArticleId;
use crate::kernel::text::digest_field;
use crate::kernel::time::{from_db, to_db};
use crate::rights::{ReasonClass, Stage};

/// Why the article goes, as readers are told.
const TAKEN_BACK: &str = "The agency that sent it has taken it back.";

/// Takes one item in.
///
/// # Errors
/// A database error: then nothing of the item is kept. What is wrong with the item itself is told in
/// the report.
pub fn take(tx: &mut Tx<'_>, item: &WireItem, house: &House) -> Result<WireItemReport, StoreError> {
    let registers = Registers::load(tx.conn, &wanted(item))?;
    let mut report = of_nothing_kept(item, &registers);
    let known = store::item(tx.conn, &item.guid)?;
    let article = known.as_ref().and_then(|known| known.article);
    report.article_id = article;
    if let Some(known) = &known {
        if known.digest == item.digest {
            report.outcome = IngestOutcome::Known;
            return Ok(report);
        }
        let version = known.version.as_deref();
        if item.compare_version(version, known.version_created_at) == Some(Ordering::Less) {
            report.outcome = IngestOutcome::Stale;
            return Ok(report);
        }
    }
    match item.status {
        Status::Canceled => {
            report.outcome = IngestOutcome::Withdrawn;
            if let Some(id) = article {
                let (left, warning) = take_back(tx, id)?;
                report.article_id = left;
                report.warnings.extend(warning);
            }
        }
        Status::Withheld => {
            report.outcome = IngestOutcome::Withheld;
            if let Some(id) = article {
                report.warnings.extend(still_out(tx, id)?);
            }
        }
        Status::Usable => match written(item, &registers, house) {
            Err(faults) => return Ok(refused(report, &faults)),
            Ok(written) => {
                report.warnings = written.warnings;
                report.outcome = match article {
                    Some(id) => {
                        report.warnings.extend(update(tx, id, item, written.draft)?);
                        IngestOutcome::Updated
                    }
                    None => {
                        let id: ArticleId = tx.cx.mint.id(tx.now());
                        create_in(tx, id, written.draft)?;
                        report.article_id = Some(id);
                        IngestOutcome::Created
                    }
                };
            }
        },
    }
    keep(tx, item, report.article_id)?;
    Ok(report)
}

/// What there is to say of an item without keeping anything of it.
///
/// # Errors
/// A database error.
pub fn look(conn: &mut Conn, item: &WireItem, house: &House) -> Result<WireItemReport, StoreError> {
    let registers = Registers::load(conn, &wanted(item))?;
    let report = of_nothing_kept(item, &registers);
    Ok(match (item.status, written(item, &registers, house)) {
        (Status::Usable, Err(faults)) => refused(report, &faults),
        (Status::Usable, Ok(written)) => WireItemReport {
            warnings: written.warnings,
            ..report
        },
        (Status::Withheld | Status::Canceled, _) => report,
    })
}

/// The report of an item of which nothing is kept.
fn of_nothing_kept(item: &WireItem, registers: &Registers) -> WireItemReport {
    WireItemReport {
        guid: Some(item.guid.clone()),
        version: item.version.clone(),
        outcome: IngestOutcome::DryRun,
        article_id: None,
        source_match: matched(item, registers).0,
        digest: Some(digest_field(&item.digest)),
        embargoed_until: item.embargoed_until,
        warnings: Vec::new(),
    }
}

fn refused(mut report: WireItemReport, faults: &[Fault]) -> WireItemReport {
    report.outcome = IngestOutcome::Refused;
    let told = faults
        .iter()
        .map(|fault| WarningReport::new("refused", format!("{}: {}", fault.pointer, fault.detail)));
    report.warnings.extend(told);
    report
}

/// A later version of what is there: the desk's own additions stay. What is in doubt then.
fn update(
    tx: &mut Tx<'_>,
    id: ArticleId,
    item: &WireItem,
    draft: Draft,
) -> Result<Vec<WarningReport>, StoreError> {
    let mut warnings = Vec::new();
    // First: whoever was given the text that stands is told of its new time, and of no other text.
    if let Some(until) = draft.embargoed_until
        && !hold_in(tx, id, until)?
    {
        let detail = format!(
            "The embargo until {until} is not set: readers see or saw it, or it is scheduled for later, or ends before."
        );
        warnings.push(WarningReport::new("embargo_not_set", detail));
    }
    change_in(tx, id, None, |before| {
        Ok(Draft {
            content: renewed(before, item, draft.content, &mut warnings),
            slug_given: true,
            ..draft
        })
    })?;
    Ok(warnings)
}

/// Withdraws what readers could see; what they never could goes. The article that is left, and what
/// is in doubt.
fn take_back(
    tx: &mut Tx<'_>,
    id: ArticleId,
) -> Result<(Option<ArticleId>, Option<WarningReport>), StoreError> {
    let withdrawn =
        tx.attempt(|tx| withdraw_in(tx, id, None, ReasonClass::Editorial, TAKEN_BACK.to_owned()));
    match withdrawn {
        Ok(_) => return Ok((Some(id), None)),
        Err(StoreError::NotFound) => return Ok((None, None)),
        // Withdrawn before, or never out.
        Err(StoreError::State(_)) => {}
        Err(error) => return Err(error),
    }
    if stage_of(tx, id)? == Stage::Withdrawn {
        return Ok((Some(id), None));
    }
    match tx.attempt(|tx| delete_in(tx, id, None)) {
        Ok(_) => Ok((None, None)),
        Err(StoreError::State(_) | StoreError::InUse(_)) => {
            let detail = "The draft is in use and stays: it must not be published.";
            Ok((Some(id), Some(WarningReport::new("draft_stays", detail))))
        }
        Err(error) => Err(error),
    }
}

/// Says that what the agency wants held back is out, or will be.
fn still_out(tx: &mut Tx<'_>, id: ArticleId) -> Result<Option<WarningReport>, StoreError> {
    let (code, detail) = match stage_of(tx, id)? {
        Stage::Published => ("still_published", "It is published and stays so."),
        Stage::Scheduled => ("still_scheduled", "It is scheduled and stays so."),
        Stage::Draft | Stage::Review => (
            "draft_stays",
            "The draft stays: it must not be published before the agency lets it.",
        ),
        Stage::Withdrawn => return Ok(None),
    };
    Ok(Some(WarningReport::new(code, detail)))
}

fn keep(tx: &mut Tx<'_>, item: &WireItem, article: Option<ArticleId>) -> Result<(), StoreError> {
    let status = match item.status {
        Status::Usable => "usable",
        Status::Withheld => "withheld",
        Status::Canceled => "canceled",
    };
    let kept = Item {
        version: item.version.clone(),
        // As the column holds it.
        version_created_at: item.version_created_at.map(|at| from_db(to_db(at))),
        digest: item.digest.clone(),
        status: status.to_owned(),
        article,
    };
    store::keep_item(tx, &item.guid, &kept)
}

/// Why a document is no wire.
pub struct Unread(pub Fault);

/// Reads a wire.
///
/// # Errors
/// What is wrong with the document as a whole.
pub fn read(bytes: &[u8]) -> Result<Wire, Unread> {
    wires::parse(bytes, None).map_err(|error| {
        let code = match &error {
            WireError::Empty => "empty",
            WireError::TooLong { .. } => "length",
            WireError::NotAWire => "not_a_wire",
            WireError::Malformed { .. } => "malformed",
            WireError::TooDeep { .. } => "too_deep",
            WireError::NoItems => "no_items",
        };
        Unread(Fault::new("", code, error.to_string()))
    })
}

/// The report of what is wrong with a document, to which its items are added.
pub fn begun(wire: &Wire) -> WireReport {
    let faulty = wire.faults.iter().map(|fault| WireItemReport {
        guid: fault.guid.clone(),
        version: None,
        outcome: IngestOutcome::Refused,
        article_id: None,
        source_match: SourceMatch::NeedsReview,
        digest: None,
        embargoed_until: None,
        warnings: vec![WarningReport::new("refused", fault.to_string())],
    });
    WireReport {
        format: match wire.format {
            Format::Ninjs => "ninjs",
            Format::Feed => "feed",
            Format::NewsmlG2 => "newsml_g2",
        }
        .to_owned(),
        items: faulty.collect(),
        warnings: wire
            .warnings
            .iter()
            .map(|warning| WarningReport::new("wire", warning.to_string()))
            .collect(),
    }
}
