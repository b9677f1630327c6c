//! Taking an archive in from the command line.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::{Failure, operator};
use crate::app;
use crate::config::Config;
use crate::ingest::files::{self, Options, Taken};
use crate::ingest::registers::House;
use crate::ingest::view::IngestOutcome;
use crate::kernel::fault::Fault;
use crate::kernel::time::Clock;

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// Pages (.html, .txt), wires (.json, .xml), JSON lines with `html` or `text` (.jsonl), or folders
    /// of such files.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Print a report for each as a line of JSON.
    #[arg(long)]
    json: bool,
    /// Keep nothing.
    #[arg(long)]
    dry_run: bool,
    /// Add people whom the register of authors does not know, as they are printed.
    #[arg(long)]
    add_authors: bool,
    /// The encoding of pages that do not name one; found from the bytes without it.
    #[arg(long, value_name = "LABEL")]
    charset: Option<String>,
}

pub(super) fn import(config: &Config, args: &ImportArgs) -> Result<(), Failure> {
    let files = files::found(&args.paths)
        .map_err(|(path, error)| Failure::File(path.display().to_string(), error))?;
    let db = app::open_database(config)?;
    app::migrate_up(&db)?;
    let house = db.read_now(House::load)?;
    let options = Options {
        dry_run: args.dry_run,
        add_authors: args.add_authors,
        charset: args.charset.clone(),
    };
    let bar = bar(files.len());
    let mut counts: BTreeMap<IngestOutcome, u64> = BTreeMap::new();
    let mut tell = |name: &str, taken: &Taken| {
        *counts.entry(taken.outcome()).or_default() += 1;
        bar.suspend(|| print(name, taken, args.json));
        bar.set_message(format!("{} looked at", counts.values().sum::<u64>()));
    };
    for path in &files {
        let taken = files::each(path, &options, |arrival| {
            let name = arrival.name.clone();
            let now = Clock::System.now();
            let taken = files::take(&db, arrival, &house, &options, |_| operator(), now)?;
            tell(&name, &taken);
            Ok::<(), Stopped>(())
        });
        match taken {
            Ok(()) => {}
            Err(Stopped::Store(error)) => return Err(Failure::Store(error)),
            // What can be read of the others is taken in all the same.
            Err(Stopped::File(error)) => {
                let fault = Fault::new("", "unreadable_file", error.to_string());
                tell(&path.display().to_string(), &Taken::Refused(vec![fault]));
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    let told: Vec<String> = counts
        .iter()
        .map(|(outcome, count)| format!("{count} {}", outcome.as_str()))
        .collect();
    eprintln!("masthead: {} files: {}", files.len(), told.join(", "));
    match counts.get(&IngestOutcome::Refused) {
        None => Ok(()),
        Some(refused) => Err(Failure::Usage(format!("{refused} could not be taken in"))),
    }
}

/// Why the rest of a file was not taken in. What was before is kept.
enum Stopped {
    File(std::io::Error),
    Store(crate::db::StoreError),
}

impl From<std::io::Error> for Stopped {
    fn from(error: std::io::Error) -> Self {
        Self::File(error)
    }
}

impl From<crate::db::StoreError> for Stopped {
    fn from(error: crate::db::StoreError) -> Self {
        Self::Store(error)
    }
}

/// On a terminal how far it is; elsewhere nothing.
fn bar(files: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(u64::try_from(files).unwrap_or(u64::MAX));
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} files, {msg}, {eta} left");
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn print(name: &str, taken: &Taken, json: bool) {
    if json {
        println!("{}", line(name, taken));
        return;
    }
    match taken {
        Taken::Page { article, report } => {
            let place = article.map(|id| id.to_string()).unwrap_or_default();
            println!(
                "{name}: {} {place} ({}, {} damaged places, {} warnings)",
                report.outcome.as_str(),
                report.source_match.as_str(),
                report.damage.len(),
                report.warnings.len()
            );
        }
        Taken::Wire(report) => {
            for item in &report.items {
                let place = item.article_id.map(|id| id.to_string()).unwrap_or_default();
                let guid = item.guid.as_deref().unwrap_or("(without an identifier)");
                println!("{name}: {guid}: {} {place}", item.outcome.as_str());
            }
        }
        Taken::Refused(faults) => {
            println!("{name}: refused: {}", super::lines(faults));
        }
    }
}

fn line(name: &str, taken: &Taken) -> Value {
    match taken {
        Taken::Page { article, report } => {
            json!({"file": name, "outcome": report.outcome, "article_id": article, "report": report})
        }
        Taken::Wire(report) => {
            json!({"file": name, "outcome": taken.outcome(), "report": report})
        }
        Taken::Refused(faults) => {
            let told = |fault: &Fault| json!({"pointer": fault.pointer, "code": fault.code, "detail": fault.detail});
            let errors: Vec<Value> = faults.iter().map(told).collect();
            json!({"file": name, "outcome": IngestOutcome::Refused, "errors": errors})
        }
    }
}
