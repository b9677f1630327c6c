//! What the command line can do. Each command reads the configuration, does one thing and
//! says in one line what went wrong if it did.
//!
//! Start with [`Cli`].

#![expect(
    clippy::print_stdout,
    reason = "commands are what speaks to the terminal"
)]

mod accounts;
mod audit;
mod backup;
mod demo;
mod import;
mod keys;
mod log;
mod mirror;
mod registry;
mod serve;
mod signals;
mod transfer;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use serde::Serialize;

use crate::backup::BackupError;
use crate::config::{self, Config, ConfigError, RawConfig};
use crate::db::{Actor, DbError, StoreError, WriteCx};
use crate::demo::DemoError;
use crate::kernel::fault::Fault;
use crate::kernel::id::Mint;
use crate::kernel::time::Clock;
use crate::keys::KeysError;
use crate::mirror::MirrorError;
use crate::seed::SeedError;
use crate::transfer::TransferError;
use crate::users::passwords::PasswordError;
use crate::{app, seed};

/// A headless CMS for newsrooms that cannot forget the credit.
#[derive(Debug, Parser)]
#[command(name = "masthead", version, about)]
struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Command,
}

/// Settings that every command takes. What is not given here comes from `MASTHEAD_*`
/// variables, then from the configuration file, then from the defaults.
#[derive(Debug, Args, Serialize)]
struct Flags {
    /// Configuration file (TOML).
    #[arg(long, global = true, env = "MASTHEAD_CONFIG", value_name = "PATH")]
    #[serde(skip)]
    config: Option<PathBuf>,
    /// `sqlite://PATH` or `postgres://USER:PASSWORD@HOST/NAME`.
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    database_url: Option<String>,
    /// Address and port; port 0 takes a free one.
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    listen: Option<String>,
    /// Threads that serve HTTP; 0 means one per core.
    #[arg(long, global = true, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    workers: Option<usize>,
    /// Requests per minute for each caller; 0 means no limit.
    #[arg(long, global = true, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_limit_per_minute: Option<u32>,
    /// The same for each address that uses a key meant for browsers.
    #[arg(long, global = true, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    publishable_limit_per_minute: Option<u32>,
    /// Sign-in attempts per minute for each address and account; 0 means no limit.
    #[arg(long, global = true, value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    login_limit_per_minute: Option<u32>,
    /// Largest request body.
    #[arg(long, global = true, value_name = "BYTES")]
    #[serde(skip_serializing_if = "Option::is_none")]
    body_limit_bytes: Option<usize>,
    /// `human` or `json`.
    #[arg(long, global = true, value_name = "FORMAT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    log_format: Option<String>,
    /// A tracing filter such as `info` or `masthead=debug`.
    #[arg(long, global = true, value_name = "FILTER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    log_filter: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API.
    Serve {
        /// A file that is put into place, with the base URL in it, once the server listens.
        #[arg(long, value_name = "PATH")]
        ready_file: Option<PathBuf>,
    },
    /// Serve a small newsroom to try things on. Without --database-url it lives in a
    /// temporary database that goes when the server stops.
    Demo {
        /// A file that is put into place once the server listens, with the base URL, an
        /// administrator, keys and the articles in it.
        #[arg(long, value_name = "PATH")]
        ready_file: Option<PathBuf>,
    },
    /// Bring the database's schema up to date and stop.
    Migrate,
    /// Print the OpenAPI document.
    Openapi,
    /// Print the configuration in force, with secrets redacted.
    Config,
    /// Members of staff.
    User {
        #[command(subcommand)]
        command: accounts::UserCommand,
    },
    /// API keys.
    Client {
        #[command(subcommand)]
        command: accounts::ClientCommand,
    },
    /// The keys that sign access tokens, attestations and preview links.
    Keys {
        #[command(subcommand)]
        command: keys::KeysCommand,
    },
    /// The audit log.
    Audit {
        #[command(subcommand)]
        command: audit::AuditCommand,
    },
    /// Dated editions of the state's list of permitted sources.
    Registry {
        #[command(subcommand)]
        command: registry::RegistryCommand,
    },
    /// Copy the whole database while the server writes, and verify the copy.
    Backup(backup::BackupArgs),
    /// Make a database from a backup, where none is yet, and verify it.
    Restore(backup::RestoreArgs),
    /// Take in an archive: pages and wires become drafts, each once, with a report for each. Cut off, it
    /// goes on where it was when it is run again.
    Import(import::ImportArgs),
    /// Keep a folder in step with what a key may read: every article, and no other. It is the reference
    /// for partners' own programs, and needs no database.
    Mirror(mirror::MirrorArgs),
    /// Move everything from one database into another one, which is empty, whatever the engines.
    Transfer(transfer::TransferArgs),
    /// Fill an empty database with articles for measuring; the same ones for the same seed. If it
    /// is cut off, throw the database away.
    Seed {
        /// How many articles.
        #[arg(long, default_value_t = 10_000, value_name = "N")]
        articles: usize,
        /// What they are drawn by.
        #[arg(long, default_value_t = 1, value_name = "S")]
        seed: u64,
    },
}

/// Why a command did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Start(#[from] app::StartError),
    #[error(transparent)]
    Database(#[from] DbError),
    #[error("{}", told(.0))]
    Store(StoreError),
    #[error("{}", lines(.0))]
    Invalid(Vec<Fault>),
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error(transparent)]
    Demo(#[from] DemoError),
    #[error(transparent)]
    Seed(#[from] SeedError),
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error("{}", transfer::told(.0))]
    Transfer(#[from] TransferError),
    #[error(transparent)]
    Mirror(#[from] MirrorError),
    #[error("signals to stop cannot be taken: {0}")]
    Signals(std::io::Error),
    #[error("{0}: {1}")]
    File(String, std::io::Error),
    #[error("the audit log is not as it was sealed: at {0}, {1}")]
    Tampered(i64, &'static str),
    #[error("{0}")]
    Usage(String),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Vec<Fault>> for Failure {
    fn from(faults: Vec<Fault>) -> Self {
        Self::Invalid(faults)
    }
}

fn told(error: &StoreError) -> String {
    match error {
        StoreError::Taken { detail, .. } => detail.clone(),
        StoreError::Clashes(faults) | StoreError::Invalid(faults) => lines(faults),
        StoreError::NotFound => "there is no such record".to_owned(),
        other => other.to_string(),
    }
}

/// Each fault with its place, in a line of its own.
fn lines(faults: &[Fault]) -> String {
    let line = |fault: &Fault| format!("{}: {}", fault.pointer, fault.detail);
    faults.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match obey(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("masthead: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn obey(cli: Cli) -> Result<(), Failure> {
    let flags = serde_json::to_value(&cli.flags).unwrap_or_default();
    let raw = || config::load(cli.flags.config.clone(), &flags);
    match cli.command {
        Command::Openapi => {
            print!("{}", app::published().text);
            Ok(())
        }
        Command::Config => {
            let raw = raw()?;
            raw.parse()?;
            print!("{}", raw.redacted());
            Ok(())
        }
        Command::Serve { ready_file } => serve::serve(start_logging(&raw()?)?, ready_file),
        Command::Demo { ready_file } => {
            demo::demo(raw()?, cli.flags.database_url.is_some(), ready_file)
        }
        Command::Migrate => {
            let config = start_logging(&raw()?)?;
            let db = app::open_database(&config)?;
            app::migrate_up(&db)?;
            println!("The schema is up to date.");
            Ok(())
        }
        Command::User { command } => accounts::user(&start_logging(&raw()?)?, command),
        Command::Client { command } => accounts::client(&start_logging(&raw()?)?, command),
        Command::Keys { command } => keys::keys(&start_logging(&raw()?)?, command),
        Command::Audit { command } => audit::audit(&start_logging(&raw()?)?, command),
        Command::Registry { command } => registry::registry(&start_logging(&raw()?)?, command),
        Command::Backup(args) => backup::backup(&start_logging(&raw()?)?, args),
        Command::Restore(args) => {
            start_logging(&raw()?)?;
            backup::restore(&args)
        }
        Command::Transfer(args) => {
            start_logging(&raw()?)?;
            transfer::transfer(&args)
        }
        Command::Mirror(args) => {
            start_logging(&raw()?)?;
            mirror::mirror(args)
        }
        Command::Import(args) => import::import(&start_logging(&raw()?)?, &args),
        Command::Seed { articles, seed } => fill(&start_logging(&raw()?)?, articles, seed),
    }
}

fn fill(config: &Config, articles: usize, seed: u64) -> Result<(), Failure> {
    let db = app::open_database(config)?;
    app::migrate_up(&db)?;
    let started = std::time::Instant::now();
    seed::fill(&db, articles, seed, |done| {
        if done.is_multiple_of(10_000) {
            tracing::info!(done, of = articles, "seeding");
        }
    })?;
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "{articles} articles in {seconds:.2} s ({:.0} articles/s)",
        articles as f64 / seconds.max(0.001)
    );
    Ok(())
}

/// Parses the configuration and starts the log that it asks for, on standard error.
fn start_logging(raw: &RawConfig) -> Result<Config, Failure> {
    let config = raw.parse()?;
    log::start(&config);
    Ok(config)
}

/// A write by whoever runs the command line.
fn operator() -> WriteCx {
    WriteCx {
        actor: Actor::Operator,
        now: Clock::System.now(),
        mint: Mint::default(),
        request_id: None,
        once: None,
    }
}
