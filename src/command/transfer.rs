//! Moving to another database from the command line.

use clap::Args;

use super::Failure;
use super::backup::target;
use crate::db::{DatabaseUrl, Db, PoolOptions};
use crate::transfer::{self, TransferError};

#[derive(Debug, Args)]
pub(super) struct TransferArgs {
    /// The database that all is in. It is not changed; a server may run on it, but what is written
    /// after the beginning stays behind.
    #[arg(long, value_name = "URL")]
    from: String,
    /// The database that all is to be in: empty, or an SQLite file that is not there yet.
    #[arg(long, value_name = "URL")]
    to: String,
}

pub(super) fn transfer(args: &TransferArgs) -> Result<(), Failure> {
    let (from, to) = (target(&args.from)?, target(&args.to)?);
    if from == to {
        return Err(Failure::Usage("source and target are the same".to_owned()));
    }
    let started = std::time::Instant::now();
    let source = Db::open_to_read(&from)?;
    let options = PoolOptions {
        readers: 2,
        ..PoolOptions::default()
    };
    let moved = transfer::transfer(&source, &Db::open(&to, options)?, |table, rows| {
        tracing::info!(table, rows, "moving");
    })?;
    let seconds = started.elapsed().as_secs_f64().max(0.001);
    for (name, table) in &moved.tables {
        println!("{:>10}  {}  {name}", table.rows, table.sha256);
    }
    let rows: u64 = moved.tables.values().map(|table| table.rows).sum();
    println!(
        "{} tables, {rows} rows, change {}: the same on both sides; {seconds:.1} s, {:.0} rows/s",
        moved.tables.len(),
        moved.last_change.unwrap_or(0),
        rows as f64 / seconds
    );
    match &from {
        DatabaseUrl::Sqlite(path) => println!(
            "Servers on the target need the source's secret key as MASTHEAD_SECRET_KEY: what is set there, or stands \
             in {}.secret.",
            path.display()
        ),
        DatabaseUrl::Postgres(_) => {
            println!("Servers on the target need the source's secret key as MASTHEAD_SECRET_KEY.");
        }
    }
    match moved.audit.broken {
        None => Ok(()),
        Some((seq, breach)) => Err(Failure::Tampered(seq, breach.told())),
    }
}

/// What to do where nothing was moved.
pub(super) fn told(error: &TransferError) -> String {
    match error {
        TransferError::NotEmpty(_) => format!(
            "{error}. A transfer that was cut off leaves an empty target: this one is in use, or was moved already"
        ),
        other => other.to_string(),
    }
}
