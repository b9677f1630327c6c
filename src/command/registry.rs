//! The registry from the command line: where the state's list comes in, as the file that it is.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, TimeZone, Utc};
use chrono_tz::Tz;
use clap::Subcommand;

use super::{Failure, operator};
use crate::app;
use crate::config::Config;
use crate::db::page::{Mark, Window};
use crate::db::{Db, WriteCx};
use crate::kernel::fault::Faults;
use crate::kernel::id::EditionId;
use crate::registry::model::{self, Draft, Edition};
use crate::registry::sheet::MOST_BYTES;
use crate::registry::store::import::{import_now, rehearse};
use crate::registry::store::{self, reviews};
use crate::settings;

#[derive(Debug, Subcommand)]
pub(super) enum RegistryCommand {
    /// Bring in an edition of the list of permitted sources from a CSV file in UTF-8 with the
    /// columns name, category, region and homepage_url, of which name is needed. The same file
    /// under the same name changes nothing.
    Import {
        file: PathBuf,
        /// What the edition is called.
        #[arg(long, value_name = "NAME")]
        edition: String,
        /// From when it holds: a date, which begins at midnight in the site's time zone, or an
        /// RFC 3339 time. An open edition before it ends there.
        #[arg(long, value_name = "DATE|TIME")]
        valid_from: String,
        /// Until when: the first instant at which it no longer holds.
        #[arg(long, value_name = "DATE|TIME")]
        valid_until: Option<String>,
        /// Check all and say what would come of it, and change nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Print id, period, number of sources, open reviews and name of every edition.
    List,
}

pub(super) fn registry(config: &Config, command: RegistryCommand) -> Result<(), Failure> {
    let db = app::open_database(config)?;
    app::migrate_up(&db)?;
    match command {
        RegistryCommand::List => list(&db),
        RegistryCommand::Import {
            file,
            edition,
            valid_from,
            valid_until,
            dry_run,
        } => {
            let zone = db.read_now(settings::store::load)?.profile.time_zone;
            let from = instant(&valid_from, zone)?;
            let until = valid_until.map(|at| instant(&at, zone)).transpose()?;
            let entries = model::read_sheet(&bytes(&file)?)?;
            let mut faults = Faults::default();
            let draft = model::edition(&edition, from, until, entries, &mut faults);
            let draft = faults.finish(draft)?;
            match dry_run {
                true => would(&db, &operator(), &draft),
                false => import(&db, &operator(), &draft),
            }
        }
    }
}

/// A file, no longer than one that is read; one byte more tells that it is.
fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |error| Failure::File(path.display().to_string(), error);
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    Ok(bytes)
}

/// Reads a date, as its beginning in a time zone, or a time.
fn instant(text: &str, zone: Tz) -> Result<DateTime<Utc>, Failure> {
    let unknown = || {
        Failure::Usage(format!(
            "{text} is neither a date such as 2026-05-01 nor an RFC 3339 time"
        ))
    };
    let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") else {
        let at = DateTime::parse_from_rfc3339(text).map_err(|_| unknown())?;
        return Ok(at.with_timezone(&Utc));
    };
    // Where clocks go forward at midnight, the day begins a little later.
    (0..=48)
        .map(|quarters| day.and_time(NaiveTime::MIN) + chrono::TimeDelta::minutes(15 * quarters))
        .find_map(|at| zone.from_local_datetime(&at).earliest())
        .map(|at| at.with_timezone(&Utc))
        .ok_or_else(unknown)
}

fn import(db: &Db, cx: &WriteCx, draft: &Draft) -> Result<(), Failure> {
    let imported = import_now(db, cx, draft)?;
    // Also where it was there already: a run that was killed may have left some.
    while reviews::open_due(db, cx)? {}
    if imported.was_there {
        println!("{}  was there already; nothing was changed", imported.id);
        return Ok(());
    }
    println!("{}  {} sources", imported.id, draft.entries.len());
    if let Some(ends) = imported.ends {
        println!("It ends the edition {ends} at {}.", told(draft.valid_from));
    }
    let counts = reviews::open_counts(db, &[imported.id])?;
    if let Some(open) = counts.get(&imported.id) {
        println!(
            "{open} published reprints are of sources that it drops: GET /v1/registry/reviews?status=open"
        );
    }
    Ok(())
}

fn would(db: &Db, cx: &WriteCx, draft: &Draft) -> Result<(), Failure> {
    let preview = rehearse(db, cx, draft)?;
    if preview.was_there {
        println!("The edition is there already; nothing would be changed.");
        return Ok(());
    }
    println!(
        "{} sources, from {}",
        draft.entries.len(),
        told(draft.valid_from)
    );
    if let Some(ends) = preview.ends {
        println!("It would end the edition {ends} there.");
    }
    let dropped = preview.dropped;
    println!(
        "It drops {} sources of this newsroom, with {} published reprints to review.",
        dropped.count, dropped.reprints
    );
    for name in &dropped.sources {
        println!("  {name}");
    }
    if dropped.count > dropped.sources.len() {
        println!("  and {} more", dropped.count - dropped.sources.len());
    }
    println!("Nothing was changed.");
    Ok(())
}

fn list(db: &Db) -> Result<(), Failure> {
    const PAGE: usize = 100;
    let now = operator().now;
    let mut window = Window {
        limit: PAGE as i64 - 1,
        after: None,
        count: false,
    };
    loop {
        let editions = store::list_now(db, &window)?;
        let ids: Vec<EditionId> = editions.iter().map(|edition| edition.id).collect();
        let open = reviews::open_counts(db, &ids)?;
        for edition in &editions {
            let open = open.get(&edition.id).copied().unwrap_or(0);
            println!("{}", line(edition, open, now));
        }
        match editions.last() {
            Some(last) if editions.len() == PAGE => {
                window.after = Some(Mark {
                    key: String::new(),
                    id: last.id.to_string(),
                });
            }
            _ => return Ok(()),
        }
    }
}

fn line(edition: &Edition, open: i64, now: DateTime<Utc>) -> String {
    let until = edition.valid_until.map_or_else(|| "…".to_owned(), told);
    let state = match (edition.valid_from <= now, edition.valid_until) {
        (false, _) => "to come",
        (true, Some(until)) if until <= now => "over",
        (true, _) => "in force",
    };
    format!(
        "{}  {} – {until}  {state}  {} sources  {open} open reviews  {}",
        edition.id,
        told(edition.valid_from),
        edition.entries,
        edition.name
    )
}

fn told(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_begins_where_the_site_is() {
        for (text, zone, at) in [
            (
                "2026-05-01",
                Tz::Asia__Shanghai,
                Some("2026-04-30T16:00:00Z"),
            ),
            ("2026-05-01", Tz::UTC, Some("2026-05-01T00:00:00Z")),
            // Clocks went forward at midnight: the day began at one.
            (
                "2018-11-04",
                Tz::America__Sao_Paulo,
                Some("2018-11-04T03:00:00Z"),
            ),
            // They went back to midnight: the first of the two is the day's beginning.
            (
                "2026-11-01",
                Tz::America__Havana,
                Some("2026-11-01T04:00:00Z"),
            ),
            // A day that was left out has no beginning.
            ("2011-12-30", Tz::Pacific__Apia, None),
            (
                "2026-05-01T00:00:00+08:00",
                Tz::UTC,
                Some("2026-04-30T16:00:00Z"),
            ),
            ("2026-05-01 00:00", Tz::UTC, None),
            ("2026-02-30", Tz::UTC, None),
            ("May", Tz::UTC, None),
        ] {
            let read = instant(text, zone).ok();
            assert_eq!(read, at.map(|at| at.parse().unwrap()), "{text} {zone}");
        }
    }
}
