//! Keeping a folder in step with what a key may read.

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use secrecy::SecretString;
use url::Url;

use super::Failure;
use super::signals::Signals;
use crate::kernel::time::Clock;
use crate::mirror::{Format, Mirror, Options, Patience, Told};

#[derive(Debug, Args)]
pub(super) struct MirrorArgs {
    /// Where the API is, without /v1.
    #[arg(long, value_name = "URL")]
    from: Url,
    /// A file with the key on its first line. Without it MASTHEAD_MIRROR_KEY holds the key.
    #[arg(long, value_name = "PATH")]
    key_file: Option<PathBuf>,
    #[arg(
        long,
        hide = true,
        env = "MASTHEAD_MIRROR_KEY",
        hide_env_values = true,
        value_name = "KEY"
    )]
    key: Option<SecretString>,
    /// The folder; it is made where there is none. One folder is for one address and one form.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// In which form articles are kept.
    #[arg(long, value_name = "FORMAT", default_value = "json", value_parser = formats())]
    format: Format,
    /// Go on when caught up, through outages, until a signal says to stop.
    #[arg(long)]
    follow: bool,
    /// Acknowledge advisories once the article is removed or replaced.
    #[arg(long)]
    acknowledge: bool,
}

fn formats() -> impl clap::builder::TypedValueParser<Value = Format> {
    let words = Format::ALL.iter().map(|format| format.as_str());
    PossibleValuesParser::new(words)
        .try_map(|word| Format::parse(&word).ok_or("is no form of an article"))
}

pub(super) fn mirror(args: MirrorArgs) -> Result<(), Failure> {
    let key = match (&args.key_file, args.key) {
        (Some(path), _) => key_in(path)?,
        (None, Some(key)) => key,
        (None, None) => {
            let usage = "a key is needed: --key-file, or MASTHEAD_MIRROR_KEY";
            return Err(Failure::Usage(usage.to_owned()));
        }
    };
    let mut mirror = Mirror::open(Options {
        from: args.from,
        key,
        to: args.to,
        format: args.format,
        follow: args.follow,
        acknowledge: args.acknowledge,
        patience: match args.follow {
            true => Patience::FOREVER,
            false => Patience::ONCE,
        },
        clock: Clock::System,
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| Failure::File("the runtime".to_owned(), error))?;
    let ended = runtime.block_on(async {
        let mut signals = Signals::listen().map_err(Failure::Signals)?;
        let mut tell = |told: Told| println!("{told}");
        tokio::select! {
            ended = mirror.run(&mut tell) => ended.map_err(Failure::from),
            // What was under way is done again by the next run.
            () = signals.next() => Ok(()),
        }
    });
    eprintln!("masthead: {}", mirror.summary());
    ended
}

/// The first line of a file.
fn key_in(path: &Path) -> Result<SecretString, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::File(path.display().to_string(), error))?;
    Ok(SecretString::from(
        text.lines().next().unwrap_or_default().trim().to_owned(),
    ))
}
