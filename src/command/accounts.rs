//! People and keys from the command line: the first administrator comes from here.

use std::io::Read as _;

use clap::{Subcommand, ValueEnum};
use secrecy::{ExposeSecret, SecretString};

use super::{Failure, operator};
use crate::app;
use crate::clients::keys::FreshKey;
use crate::clients::view::ClientInput;
use crate::config::Config;
use crate::db::Db;
use crate::kernel::id::{ClientId, Id, PartnerId};
use crate::kernel::language::Territory;
use crate::kernel::time::Clock;
use crate::rights::{Channel, ClientKind, Role};
use crate::users::passwords::hash_now;
use crate::users::view::UserInput;

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Add a member of staff.
    Create {
        /// Mail address, by which they sign in.
        #[arg(long)]
        email: String,
        /// Name as others see it.
        #[arg(long)]
        name: String,
        #[arg(long, value_enum, default_value = "admin")]
        role: RoleWord,
        /// Read the password from standard input instead of asking for it.
        #[arg(long)]
        password_stdin: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum ClientCommand {
    /// Add an API client and print its key, which is not shown again.
    Create {
        #[arg(long)]
        name: String,
        #[arg(long, value_enum, default_value = "first-party")]
        kind: KindWord,
        /// Id of the partner on whose behalf the key is used; partners' keys need it.
        #[arg(long)]
        partner: Option<String>,
        /// Where its readers are; by default what its kind usually has.
        #[arg(long, value_enum)]
        channel: Option<ChannelWord>,
        /// ISO 3166-1 alpha-2 code of where it publishes; needed where there is a partner.
        #[arg(long)]
        territory: Option<String>,
        /// For browsers: reads only, from the origins given.
        #[arg(long)]
        publishable: bool,
        /// An origin that a publishable key may be used from; may be repeated.
        #[arg(long = "origin")]
        origins: Vec<String>,
    },
    /// End a key for good.
    Revoke {
        /// Id of the client.
        id: String,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum RoleWord {
    Admin,
    Rights,
    Editor,
    Author,
    Viewer,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum KindWord {
    FirstParty,
    Partner,
    AiCrawler,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum ChannelWord {
    Web,
    App,
    Syndication,
    Ai,
}

impl From<RoleWord> for Role {
    fn from(word: RoleWord) -> Self {
        match word {
            RoleWord::Admin => Self::Admin,
            RoleWord::Rights => Self::Rights,
            RoleWord::Editor => Self::Editor,
            RoleWord::Author => Self::Author,
            RoleWord::Viewer => Self::Viewer,
        }
    }
}

impl From<KindWord> for ClientKind {
    fn from(word: KindWord) -> Self {
        match word {
            KindWord::FirstParty => Self::FirstParty,
            KindWord::Partner => Self::Partner,
            KindWord::AiCrawler => Self::AiCrawler,
        }
    }
}

impl From<ChannelWord> for Channel {
    fn from(word: ChannelWord) -> Self {
        match word {
            ChannelWord::Web => Self::Web,
            ChannelWord::App => Self::App,
            ChannelWord::Syndication => Self::Syndication,
            ChannelWord::Ai => Self::Ai,
        }
    }
}

fn open(config: &Config) -> Result<Db, Failure> {
    let db = app::open_database(config)?;
    app::migrate_up(&db)?;
    Ok(db)
}

pub(super) fn user(config: &Config, command: UserCommand) -> Result<(), Failure> {
    let UserCommand::Create {
        email,
        name,
        role,
        password_stdin,
    } = command;
    let password = password(password_stdin)?;
    let input = UserInput::new(email, name, role.into(), password);
    let (account, password) = input.parse()?;
    let db = open(config)?;
    let hash = hash_now(&password)?;
    let id = crate::users::store::create_now(&db, &operator(), &account, &hash)?;
    println!("{id}");
    Ok(())
}

/// Reads one password: all of standard input but the line's end.
fn password(from_stdin: bool) -> Result<SecretString, Failure> {
    if !from_stdin {
        eprintln!("Password (12 characters or more), then Enter:");
    }
    let mut text = String::new();
    let read = if from_stdin {
        std::io::stdin().read_to_string(&mut text)
    } else {
        std::io::stdin().read_line(&mut text)
    };
    read.map_err(|error| Failure::File("standard input".to_owned(), error))?;
    Ok(SecretString::from(text.trim_end_matches(['\n', '\r'])))
}

pub(super) fn client(config: &Config, command: ClientCommand) -> Result<(), Failure> {
    match command {
        ClientCommand::Create {
            name,
            kind,
            partner,
            channel,
            territory,
            publishable,
            origins,
        } => {
            let territory = territory
                .map(|code| {
                    Territory::parse(&code).ok_or_else(|| {
                        Failure::Usage(format!("{code} is no ISO 3166-1 alpha-2 code"))
                    })
                })
                .transpose()?;
            let partner = partner
                .map(|id| {
                    PartnerId::parse(&id)
                        .ok_or_else(|| Failure::Usage(format!("{id} is no partner's id")))
                })
                .transpose()?;
            let mut input = ClientInput::new(name, kind.into());
            input.partner_id = partner;
            input.channel = channel.map(Channel::from).or(input.channel);
            input.territory = territory;
            input.publishable = publishable;
            input.allowed_origins = origins;
            let terms = input.parse_new(Clock::System.now())?;
            let db = open(config)?;
            let key = FreshKey::make();
            let id = crate::clients::store::create_now(&db, &operator(), &terms, &key.mark)?;
            println!("{id}\n{}", key.secret.expose_secret());
        }
        ClientCommand::Revoke { id } => {
            let id = ClientId::parse(&id)
                .ok_or_else(|| Failure::Usage(format!("{id} is no client's id")))?;
            crate::clients::store::revoke_now(&open(config)?, &operator(), id)?;
            println!("revoked");
        }
    }
    Ok(())
}
