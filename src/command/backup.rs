//! Backups from the command line, and the way back.

use std::path::PathBuf;

use chrono::SecondsFormat;
use clap::Args;
use secrecy::SecretString;

use super::Failure;
use crate::app;
use crate::backup::{self, Keep, Order};
use crate::config::Config;
use crate::db::DatabaseUrl;
use crate::kernel::time::Clock;
use crate::keys::installation::secret_there;

#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    /// A folder that is there, for one more backup of a series; or a file that is not, ending with
    /// `.db` for SQLite and with `.dump` for PostgreSQL.
    #[arg(long, value_name = "DIR|FILE")]
    to: PathBuf,
    /// Keep so many of the newest of the series in the folder, and remove older ones once the new one
    /// is verified. With --keep-days, what either keeps stays; without both, all stay.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
    /// Keep those of the series that are not older than so many days.
    #[arg(long, value_name = "D", value_parser = clap::value_parser!(u32).range(..=36_500))]
    keep_days: Option<u32>,
    /// The name of the series: backups of others in the same folder are left alone.
    #[arg(long, value_name = "NAME", default_value = "masthead")]
    name: String,
    /// Put the installation's secret key beside the copy. Who has both can sign as this installation.
    #[arg(long)]
    with_secret: bool,
    /// The folder of `pg_dump` and `pg_restore`, where they are not on the PATH.
    #[arg(long, value_name = "DIR")]
    postgres_bin: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    /// The copy; its manifest is beside it.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// `sqlite://PATH` of a file that is not there, or the URL of an empty PostgreSQL database.
    #[arg(long, value_name = "URL")]
    to: String,
    /// The folder of `pg_restore`, where it is not on the PATH.
    #[arg(long, value_name = "DIR")]
    postgres_bin: Option<PathBuf>,
}

pub(super) fn backup(config: &Config, args: BackupArgs) -> Result<(), Failure> {
    if (args.keep.is_some() || args.keep_days.is_some()) && !args.to.is_dir() {
        return Err(Failure::Usage(
            "--keep and --keep-days are for a series: --to must be a folder".to_owned(),
        ));
    }
    let secret = match args.with_secret {
        true => Some(
            secret_there(config)
                .map_err(app::StartError::from)?
                .map(SecretString::from)
                .ok_or(backup::BackupError::NoSecret)?,
        ),
        false => None,
    };
    let order = Order {
        database: config.database_url.clone(),
        to: args.to,
        series: args.name,
        keep: Keep {
            newest: args.keep.and_then(|n| usize::try_from(n).ok()),
            days: args.keep_days,
        },
        secret,
        postgres_bin: args.postgres_bin,
    };
    let taken = backup::take(&order, || Clock::System.now())?;
    let manifest = &taken.manifest;
    let rows: u64 = manifest.tables.values().map(|table| table.rows).sum();
    println!("{}", taken.file.display());
    println!(
        "{} bytes, {} tables, {rows} rows, change {}, as of {}; verified",
        manifest.bytes,
        manifest.tables.len(),
        manifest.last_change.unwrap_or(0),
        manifest
            .taken_at
            .to_rfc3339_opts(SecondsFormat::Millis, true)
    );
    for path in &taken.removed {
        println!("removed {}", path.display());
    }
    if !manifest.has_secret {
        println!(
            "The secret key is not in it. Without the secret key nobody can open the signing keys of a restored \
             database: keep it elsewhere, or take backups --with-secret."
        );
    }
    match manifest.audit.broken {
        None => Ok(()),
        Some(seq) => Err(Failure::Usage(format!(
            "the backup is kept and nothing older was removed, but the audit log is not as it was sealed, at {seq}: \
             look with `masthead audit verify`"
        ))),
    }
}

pub(super) fn restore(args: &RestoreArgs) -> Result<(), Failure> {
    let to = target(&args.to)?;
    let restored = backup::restore(&args.from, &to, args.postgres_bin.as_deref())?;
    let manifest = &restored.manifest;
    let rows: u64 = manifest.tables.values().map(|table| table.rows).sum();
    println!(
        "{to}: {} tables, {rows} rows, change {}, as of {}; verified",
        manifest.tables.len(),
        manifest.last_change.unwrap_or(0),
        manifest
            .taken_at
            .to_rfc3339_opts(SecondsFormat::Millis, true)
    );
    match (&restored.secret, &to) {
        (Some(path), DatabaseUrl::Sqlite(_)) => {
            println!("The secret key is in {}.", path.display());
        }
        (Some(path), DatabaseUrl::Postgres(_)) => println!(
            "Servers need the secret key that is in {}, as MASTHEAD_SECRET_KEY.",
            path.display()
        ),
        (None, _) => println!(
            "The secret key was not in the backup: give servers the old one as MASTHEAD_SECRET_KEY. If it is lost, \
             `masthead keys rotate --replace-lost` makes new signing keys."
        ),
    }
    if !restored.pending.is_empty() {
        println!(
            "{} migrations are to come: `masthead migrate` or the next start applies them.",
            restored.pending.len()
        );
    }
    match manifest.audit.broken {
        None => Ok(()),
        Some(seq) => Err(Failure::Usage(format!(
            "all is restored as it was, and the audit log was not as it was sealed, at {seq}"
        ))),
    }
}

/// A database that an argument names.
pub(super) fn target(url: &str) -> Result<DatabaseUrl, Failure> {
    DatabaseUrl::parse(url).map_err(|error| Failure::Usage(error.to_string()))
}
