//! Signing keys from the command line: what there is, and the next one.

use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Subcommand, ValueEnum};

use super::{Failure, operator};
use crate::app;
use crate::config::Config;
use crate::keys::installation::installation_secret;
use crate::keys::model::KeyRecord;
use crate::keys::rotation::{list, rotate};
use crate::keys::{Foreign, KeyPurpose};

#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// Print id, purpose, time of making and state of every signing key.
    List,
    /// Make new signing keys and print their ids. Servers that run take them up by themselves.
    Rotate {
        /// Only the key of this purpose; all without it.
        #[arg(long, value_enum)]
        purpose: Option<PurposeWord>,
        /// For how many hours what the old key has signed is still taken; 0 ends it at once, as for
        /// a stolen key. By default 1 for access tokens, 744 (31 days) for attestations and 169 for previews.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=87_600))]
        overlap_hours: Option<u32>,
        /// The installation's secret is lost: retire, at once, the keys that this one cannot open.
        #[arg(long)]
        replace_lost: bool,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum PurposeWord {
    Access,
    Attestation,
    Preview,
}

impl From<PurposeWord> for KeyPurpose {
    fn from(word: PurposeWord) -> Self {
        match word {
            PurposeWord::Access => Self::Access,
            PurposeWord::Attestation => Self::Attestation,
            PurposeWord::Preview => Self::Preview,
        }
    }
}

pub(super) fn keys(config: &Config, command: KeysCommand) -> Result<(), Failure> {
    let db = app::open_database(config)?;
    app::migrate_up(&db)?;
    let cx = operator();
    match command {
        KeysCommand::List => {
            for key in list(&db)? {
                println!(
                    "{}  {:11}  {}  {}",
                    key.kid,
                    key.purpose.as_str(),
                    told(key.created_at),
                    state(&key, cx.now)
                );
            }
        }
        KeysCommand::Rotate {
            purpose,
            overlap_hours,
            replace_lost,
        } => {
            let secret = installation_secret(config).map_err(app::StartError::from)?;
            let foreign = match replace_lost {
                true => Foreign::Replace,
                false => Foreign::Refuse,
            };
            let one = purpose.map(KeyPurpose::from);
            for purpose in KeyPurpose::ALL {
                if one.is_none_or(|one| one == *purpose) {
                    let hours = overlap_hours.unwrap_or(purpose.overlap_hours());
                    let kid = rotate(&db, &secret, &cx, *purpose, hours, foreign)?;
                    println!("{kid}  {}", purpose.as_str());
                }
            }
        }
    }
    Ok(())
}

fn state(key: &KeyRecord, now: DateTime<Utc>) -> String {
    match key.retired_at {
        None => "signs".to_owned(),
        Some(end) if now < end => format!("is taken until {}", told(end)),
        Some(end) => format!("retired at {}", told(end)),
    }
}

fn told(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
