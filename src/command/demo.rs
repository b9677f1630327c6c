//! A newsroom to try things on.

use std::path::PathBuf;

use rand::RngExt as _;
use rand::distr::Alphanumeric;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::serve::{ready, run};
use super::{Failure, operator, start_logging};
use crate::app::{self, Parts};
use crate::clients::keys::FreshKey;
use crate::clients::view::ClientInput;
use crate::config::RawConfig;
use crate::demo::{self, DemoArticle, DemoPartner};
use crate::kernel::id::Mint;
use crate::kernel::language::Territory;
use crate::kernel::time::Clock;
use crate::keys::Foreign;
use crate::rights::{Channel, ClientKind, Role, Stage};
use crate::users::passwords::hash_now;
use crate::users::view::UserInput;

const EMAIL: &str = "admin@news.example.org";

struct Keys {
    web: String,
    app: String,
    crawler: String,
    /// Each partner with its key.
    partners: Vec<(DemoPartner, String)>,
}

impl Keys {
    fn of_partner(&self, name: &str) -> &str {
        let known = self
            .partners
            .iter()
            .find(|(partner, _)| partner.key == name);
        known.map_or("", |(_, key)| key.as_str())
    }
}

struct Newsroom {
    password: String,
    keys: Keys,
    articles: Vec<DemoArticle>,
}

/// Serves the demo. Only a database named by flag is used; any other setting is left alone.
pub(super) fn demo(
    mut raw: RawConfig,
    own_database: bool,
    ready_file: Option<PathBuf>,
) -> Result<(), Failure> {
    let home = match own_database {
        true => None,
        false => {
            let home = tempfile::Builder::new()
                .prefix("masthead-demo-")
                .tempdir()
                .map_err(|error| Failure::File("the temporary folder".to_owned(), error))?;
            raw.database_url = format!("sqlite://{}", home.path().join("demo.db").display());
            Some(home)
        }
    };
    let config = start_logging(&raw)?;
    let secret = config.secret().map_or_else(|| random(64), str::to_owned);
    let db = app::open_database(&config)?;
    // Before anything is touched: a newsroom's database is not for trying things on.
    if crate::db::migrate::begun(&db)? {
        return Err(Failure::Usage(
            "the database is in use already; the demo takes an empty one".to_owned(),
        ));
    }
    app::migrate_up(&db)?;
    let clock = Clock::System;
    let parts = app::assemble(
        config,
        db,
        &secret,
        Foreign::Replace,
        clock,
        Mint::default(),
    )?;
    let served = actix_web::rt::System::new().block_on(async {
        let newsroom = open(&parts).await?;
        run(&parts, |base_url| {
            print(base_url, &newsroom, home.is_some());
            ready(ready_file.as_deref(), &told(base_url, &newsroom))
        })
        .await
    });
    drop(parts);
    if let Some(home) = home {
        let place = home.path().display().to_string();
        home.close().map_err(|error| Failure::File(place, error))?;
    }
    served
}

/// Fills the database and makes an administrator and a key of each kind.
async fn open(parts: &Parts) -> Result<Newsroom, Failure> {
    let shared = &parts.shared;
    let now = shared.clock.now();
    let (articles, partners) = demo::load(&shared.db, shared.schemas, &shared.mint, now).await?;
    let password = random(20);
    let input = UserInput::new(
        EMAIL.to_owned(),
        "Demo admin".to_owned(),
        Role::Admin,
        SecretString::from(password.clone()),
    );
    let (account, secret) = input.parse()?;
    let hash = hash_now(&secret)?;
    crate::users::store::create_now(&shared.db, &operator(), &account, &hash)?;
    let key = |kind, channel| key(parts, kind, channel, None);
    let partners = partners
        .into_iter()
        .map(|partner| {
            let (kind, channel) = (ClientKind::Partner, Channel::Syndication);
            let key = self::key(parts, kind, channel, Some(&partner))?;
            Ok((partner, key))
        })
        .collect::<Result<_, Failure>>()?;
    Ok(Newsroom {
        password,
        keys: Keys {
            web: key(ClientKind::FirstParty, Channel::Web)?,
            app: key(ClientKind::FirstParty, Channel::App)?,
            crawler: key(ClientKind::AiCrawler, Channel::Ai)?,
            partners,
        },
        articles,
    })
}

fn key(
    parts: &Parts,
    kind: ClientKind,
    channel: Channel,
    partner: Option<&DemoPartner>,
) -> Result<String, Failure> {
    let name = match partner {
        Some(partner) => partner.name.clone(),
        None => format!("Demo {} ({})", kind.as_str(), channel.as_str()),
    };
    let mut input = ClientInput::new(name, kind);
    input.channel = Some(channel);
    input.partner_id = partner.map(|partner| partner.id);
    input.territory = partner.and_then(|_| Territory::parse("CN"));
    let terms = input.parse_new(parts.shared.clock.now())?;
    let fresh = FreshKey::make();
    crate::clients::store::create_now(&parts.shared.db, &operator(), &terms, &fresh.mark)?;
    Ok(fresh.secret.expose_secret().to_owned())
}

fn random(length: usize) -> String {
    rand::rng()
        .sample_iter(Alphanumeric)
        .take(length)
        .map(char::from)
        .collect()
}

/// What the ready file says.
fn told(base_url: &str, newsroom: &Newsroom) -> Value {
    json!({
        "base_url": base_url,
        "admin": {"email": EMAIL, "password": newsroom.password},
        "keys": {
            "web": newsroom.keys.web,
            "app": newsroom.keys.app,
            "partner": newsroom.keys.of_partner("partner"),
            "partner_full": newsroom.keys.of_partner("partner_full"),
            "partner_excerpt": newsroom.keys.of_partner("partner_excerpt"),
            "ai_crawler": newsroom.keys.crawler,
        },
        "licences": newsroom.keys.partners.iter().filter_map(|(partner, _)| {
            let (id, extent) = partner.licence?;
            Some(json!({"id": id, "partner": partner.id, "extent": extent}))
        }).collect::<Vec<_>>(),
        "articles": newsroom.articles.iter().map(|article| json!({
            "id": article.id,
            "slug": article.slug,
            "origin": article.origin,
            "stage": article.stage,
        })).collect::<Vec<_>>(),
    })
}

fn print(base_url: &str, newsroom: &Newsroom, temporary: bool) {
    let keys = &newsroom.keys;
    let slug = |pick: &dyn Fn(&DemoArticle) -> bool| {
        newsroom
            .articles
            .iter()
            .find(|article| pick(article))
            .map_or("", |article| article.slug.as_str())
    };
    let shown = |article: &DemoArticle| article.stage == Stage::Published;
    let own = slug(&|article| shown(article) && article.origin == "own");
    let closed = slug(&|article| shown(article) && article.stub_only);
    let gone = slug(&|article| article.stage == Stage::Withdrawn);
    let at = |slug: &str| format!("{base_url}/v1/articles/slug/{slug}");
    println!(
        "
Masthead demo newsroom at {base_url}  (documentation: {base_url}/docs/)
{}
  admin         {EMAIL}  {}
  web key       {}
  app key       {}
  crawler key   {}
  partner keys  {}  (no licence)
                {}  (a licence for all of a work)
                {}  (a licence for an excerpt)

Worth trying: an excerpt of an own work, a stub of a reprint that may not be passed on,
the full text with credit and notices, a tombstone, and what a licensed partner gets.

curl -s '{}?body_format=text'
curl -s '{}'
curl -s -H 'X-Api-Key: {}' '{}?body_format=html'
curl -s -i -H 'X-Api-Key: {}' '{}'
curl -s -H 'X-Api-Key: {}' '{}?body_format=html'
",
        if temporary {
            "  The database is temporary and goes when this stops (Ctrl-C)."
        } else {
            "  The database stays when this stops (Ctrl-C)."
        },
        newsroom.password,
        keys.web,
        keys.app,
        keys.crawler,
        keys.of_partner("partner"),
        keys.of_partner("partner_full"),
        keys.of_partner("partner_excerpt"),
        at(own),
        at(closed),
        keys.web,
        at(own),
        keys.web,
        at(gone),
        keys.of_partner("partner_full"),
        at(own),
    );
}
