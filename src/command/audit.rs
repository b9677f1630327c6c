//! The audit log from the command line: whether it is as it was sealed, and all of it.

use std::io::{BufWriter, Write as _};

use clap::Subcommand;
use serde_json::json;

use super::Failure;
use crate::app;
use crate::audit::model::{Examination, Head};
use crate::audit::store::{self, verify::examine};
use crate::audit::view::EventView;
use crate::config::Config;
use crate::db::{Db, migrate};

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Hold every event against its seal, and tell the first broken place. Ends with 0 if all is
    /// as it was sealed, else with 1. Changes nothing.
    Verify {
        /// Begin at this number, and take the seal before it on trust.
        #[arg(long, value_name = "SEQ", default_value_t = 1, value_parser = clap::value_parser!(i64).range(1..))]
        from: i64,
        /// A head that an earlier run told and that was kept elsewhere; may be repeated. Without
        /// one, who can write to the database can seal anew what they have changed.
        #[arg(long, value_name = "SEQ:HASH", value_parser = Head::parse)]
        expect: Vec<Head>,
        /// Tell it as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write the events to standard output, one on each line, as JSON.
    Export {
        /// Only those after this number.
        #[arg(long, value_name = "SEQ", default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..))]
        after: i64,
        /// Leave out the newest events, which have no seal yet.
        #[arg(long)]
        sealed: bool,
    },
}

/// Events that are read at once.
const BATCH: i64 = 1_000;

pub(super) fn audit(config: &Config, command: AuditCommand) -> Result<(), Failure> {
    let db = app::open_database(config)?;
    // To look at a database must not change it.
    if !migrate::pending(&db)?.is_empty() {
        return Err(Failure::Usage(
            "the schema is not up to date: run `masthead migrate` first".to_owned(),
        ));
    }
    match command {
        AuditCommand::Verify { from, expect, json } => {
            let found = examine(&db, from, &expect)?;
            match json {
                true => println!("{}", report(&found)),
                false => tell(&found),
            }
            match found.broken {
                None => Ok(()),
                Some((seq, breach)) => Err(Failure::Tampered(seq, breach.told())),
            }
        }
        AuditCommand::Export { after, sealed } => export(&db, after, sealed),
    }
}

fn report(found: &Examination) -> serde_json::Value {
    json!({
        "intact": found.broken.is_none(),
        "broken": found.broken.map(|(seq, breach)| json!({
            "seq": seq, "what": breach.as_str(), "detail": breach.told(),
        })),
        "from": found.from,
        "sealed": found.sealed,
        "unsealed": found.unsealed,
        "head": found.head.as_ref().map(|head| json!({"seq": head.seq, "hash": head.hash})),
    })
}

fn tell(found: &Examination) {
    if let Some((seq, breach)) = found.broken {
        println!("broken at {seq}: {} ({})", breach.told(), breach.as_str());
    }
    println!("{} events as they were sealed", found.sealed);
    if found.broken.is_none() {
        println!("{} events without a seal yet", found.unsealed);
    }
    if let Some(head) = &found.head {
        let name = match found.broken {
            None => "head",
            Some(_) => "good up to",
        };
        println!("{name} {}:{}", head.seq, head.hash);
    }
}

fn export(db: &Db, after: i64, sealed: bool) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::File("standard output".to_owned(), error);
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut after = after;
    loop {
        let batch = db.read_now(|conn| store::after(conn, after, BATCH, sealed))?;
        let Some(last) = batch.last().map(|recorded| recorded.event.seq) else {
            break;
        };
        for recorded in batch {
            serde_json::to_writer(&mut out, &EventView::from(recorded))
                .map_err(|error| failed(error.into()))?;
            out.write_all(b"\n").map_err(failed)?;
        }
        after = last;
    }
    out.flush().map_err(failed)
}
