//! The composition root: which resources there are, what they share, and the server.
//!
//! Adding a noun means one line in [`configure`].

pub mod chores;
mod doors;
mod follow;
mod standing;
mod takedown;
pub mod webhooks;

pub use follow::{follow, refresh};

use doors::Doors;

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use actix_cors::Cors;
use actix_web::body::MessageBody;
use actix_web::dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, Data};
use actix_web::{App, HttpServer};
use parking_lot::{Mutex, RwLock};
use thiserror::Error;
use utoipa_actix_web::AppExt as _;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_swagger_ui::SwaggerUi;

use crate::articles::previews::Previews;
use crate::articles::store::works::Works;
use crate::attestations::signer::Signer;
use crate::claims::store::takedown::Shelf;
use crate::clients::keys::ApiKeys;
use crate::config::Config;
use crate::db::{Db, DbError, PoolOptions, StoreError, migrate};
use crate::deliveries::ledger::Writer;
use crate::following::Wake;
use crate::http::context::Shared;
use crate::http::edge::{EXPOSED, edge, outside};
use crate::http::identity::Crawlers;
use crate::http::limits::Limits;
use crate::http::metrics::Metrics;
use crate::http::openapi::{self, Routes};
use crate::http::params::Known;
use crate::http::problem::Problem;
use crate::http::ready::Ready;
use crate::http::schemas::Schemas;
use crate::kernel::han::Lexicon;
use crate::kernel::id::Mint;
use crate::kernel::time::Clock;
use crate::keys::installation::SecretError;
use crate::keys::{Foreign, KeysError, Rings};
use crate::operations::routes::{DocumentText, docs_redirect};
use crate::syndication::cuts::Cuts;
use crate::users::passwords::Passwords;
use crate::users::tokens::Tokens;
use crate::webhooks::secrets::Secrets;
use crate::webhooks::sender::Sender;
use crate::webhooks::store::feed::Log;
use crate::{
    advisories, arrivals, articles, attestations, audit, authors, bulk, claims, clients, decisions,
    deliveries, dictionary, following, grants, ingest, jobs, keys, licences, notices, operations,
    partners, registry, reprints, search, sections, settings, sources, syndication, users,
};

/// All resources, in the order in which paths are tried.
pub fn configure(services: &mut ServiceConfig<'_>) {
    users::routes::configure(services);
    keys::routes::configure(services);
    bulk::routes::configure(services);
    articles::routes::configure(services);
    dictionary::routes::configure(services);
    authors::routes::configure(services);
    sections::routes::configure(services);
    sources::routes::configure(services);
    registry::routes::configure(services);
    grants::routes::configure(services);
    attestations::routes::configure(services);
    notices::routes::configure(services);
    partners::routes::configure(services);
    licences::routes::configure(services);
    clients::routes::configure(services);
    crate::webhooks::routes::configure(services);
    deliveries::routes::configure(services);
    claims::routes::configure(services);
    jobs::routes::configure(services);
    search::routes::configure(services);
    syndication::routes::configure(services);
    ingest::routes::configure(services);
    reprints::routes::configure(services);
    advisories::routes::configure(services);
    following::routes::configure(services);
    decisions::routes::configure(services);
    settings::routes::configure(services);
    audit::routes::configure(services);
    operations::routes::configure(services);
}

/// The published document and what is made of it, once for the process. The document itself is not
/// kept: as a tree it takes ten times the room of its text.
pub struct Published {
    /// As it is committed and served.
    pub text: String,
    schemas: Result<Schemas, String>,
    known: Known,
    routes: Data<Routes>,
}

/// The OpenAPI document of this build.
pub fn published() -> &'static Published {
    static PUBLISHED: OnceLock<Published> = OnceLock::new();
    PUBLISHED.get_or_init(|| {
        let (_, api) = App::new()
            .into_utoipa_app()
            .configure(configure)
            .split_for_parts();
        let whole = openapi::finish(serde_json::to_value(api).unwrap_or_default());
        // With those that only the server uses.
        let schemas = Schemas::compile(&whole);
        let document = openapi::swept(whole);
        let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
        text.push('\n');
        Published {
            text,
            schemas,
            known: Known::of(&document),
            routes: Data::new(Routes::of(&document)),
        }
    })
}

/// Why the server did not start.
#[derive(Debug, Error)]
pub enum StartError {
    #[error(transparent)]
    Database(#[from] DbError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("the published document is faulty: {0}")]
    Document(String),
    #[error("metrics: {0}")]
    Metrics(#[from] prometheus::Error),
    #[error("the names of AI crawlers: {0}")]
    Crawlers(#[from] aho_corasick::BuildError),
    #[error("the ledger's thread does not start: {0}")]
    Ledger(#[source] std::io::Error),
    #[error("the thread of the change feed does not start: {0}")]
    Feed(#[source] std::io::Error),
    #[error("TLS of webhooks: {0}")]
    Tls(#[from] rustls::Error),
    #[error("cannot listen: {0}")]
    Listen(#[from] std::io::Error),
}

/// Everything that a running server is made of.
#[derive(Clone)]
pub struct Parts {
    pub shared: Data<Shared>,
    pub tokens: Data<Tokens>,
    pub passwords: Data<Passwords>,
    pub signer: Data<Signer>,
    pub previews: Data<Previews>,
    pub sender: Sender,
    secrets: Data<Secrets>,
    log: Data<Log>,
    works: Data<Works>,
    rings: Data<Rings>,
    cuts: Data<Cuts>,
    /// Wakes who waits for changes.
    pub wake: Data<Wake>,
    shelf: Data<Shelf>,
    routes: Data<Routes>,
    text: Data<DocumentText>,
}

/// Opens the database of a configuration.
///
/// # Errors
/// A [`DbError`] that names what is wrong with it.
pub fn open_database(config: &Config) -> Result<Db, DbError> {
    let options = PoolOptions {
        readers: config.database_readers,
        wait: config.database_wait,
        ..PoolOptions::default()
    };
    let db = Db::open(&config.database_url, options)?;
    Ok(match &config.database_read_url {
        Some(url) => db.with_replica(url, options),
        None => db,
    })
}

/// Puts the server together over a migrated database.
///
/// # Errors
/// [`StartError`].
pub fn assemble(
    config: Config,
    db: Db,
    secret: &str,
    foreign: Foreign,
    clock: Clock,
    mint: Mint,
) -> Result<Parts, StartError> {
    db.follow().map_err(StartError::Feed)?;
    let rings = Rings::open(&db, secret, &clock, foreign)?;
    let tokens = Tokens::new(db.clone(), rings.access.clone(), config.refresh_token_days);
    let signer = Signer::new(db.clone(), rings.attestation.clone(), mint.clone());
    let previews = Previews::new(db.clone(), rings.preview.clone());
    let works = Works::new(db.clone());
    let wake = Data::new(Wake::new(&db));
    let published = published();
    let schemas = published.schemas.as_ref();
    let schemas = schemas.map_err(|fault| StartError::Document(fault.clone()))?;
    let credentials = Arc::new(Doors {
        staff: tokens.clone(),
        clients: ApiKeys::new(db.clone(), licences::store::held_by, secret),
    });
    let secrets = Secrets::new(secret);
    let metrics = Metrics::new()?;
    let sender = Sender::new(
        db.clone(),
        clock.clone(),
        mint.clone(),
        secrets.clone(),
        metrics.clone(),
        &config,
    )?;
    let ledger = Writer::start(db.clone(), clock.clone(), mint.clone());
    let shared = Data::new(Shared {
        attest: Arc::new(signer.clone()),
        ledger: Arc::new(ledger.map_err(StartError::Ledger)?),
        standing: Arc::new(standing::Articles::new(db.clone())),
        schemas,
        known: &published.known,
        metrics,
        limits: Limits::new(&config),
        ready: Ready::new(config.cache_bytes),
        crawlers: Crawlers::new(&config.ai_crawler_agents)?,
        config: Arc::new(config),
        credentials,
        clock,
        mint,
        public_max_age_seconds: AtomicU64::new(0),
        browser_origins: RwLock::new(HashSet::new()),
        lexicon: RwLock::new(Arc::default()),
        in_flight: Mutex::new(HashSet::new()),
        db,
    });
    follow::refresh(&shared)?;
    Ok(Parts {
        shared,
        tokens: Data::new(tokens),
        passwords: Data::new(Passwords::new()),
        signer: Data::new(signer),
        previews: Data::new(previews),
        sender,
        secrets: Data::new(secrets),
        log: Data::new(Log(Arc::new(webhooks::Logs))),
        works: Data::new(works),
        rings: Data::new(rings),
        cuts: Data::default(),
        wake,
        shelf: Data::new(Shelf(Arc::new(takedown::Articles))),
        routes: published.routes.clone(),
        text: Data::new(DocumentText(&published.text)),
    })
}

/// Loads the dictionaries that searches, scripts and pages need.
pub fn prepare() {
    Lexicon::prepare();
    arrivals::damage::prepare();
}

/// The application, once for each worker.
pub fn app(
    parts: &Parts,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = actix_web::Error,
        InitError = (),
    > + use<>,
> {
    let config = &parts.shared.config;
    App::new()
        .app_data(parts.shared.clone())
        .app_data(parts.tokens.clone())
        .app_data(parts.passwords.clone())
        .app_data(parts.signer.clone())
        .app_data(parts.previews.clone())
        .app_data(parts.secrets.clone())
        .app_data(parts.log.clone())
        .app_data(parts.works.clone())
        .app_data(parts.rings.clone())
        .app_data(parts.cuts.clone())
        .app_data(parts.wake.clone())
        .app_data(parts.shelf.clone())
        .app_data(parts.routes.clone())
        .app_data(parts.text.clone())
        .app_data(web::PayloadConfig::new(config.body_limit_bytes))
        .into_utoipa_app()
        .configure(configure)
        .into_app()
        .route("/docs", web::get().to(|| async { docs_redirect() }))
        .service(
            SwaggerUi::new("/docs/{_:.*}").config(utoipa_swagger_ui::Config::from("/openapi.json")),
        )
        .default_service(web::to(nowhere))
        .wrap(from_fn(edge))
        .wrap(cors(&parts.shared))
        .wrap(Compress::default())
        .wrap(from_fn(outside))
}

/// A path that is not there; the edge tells a method that it does not take from it.
async fn nowhere() -> Result<String, Problem> {
    Err(Problem::not_found())
}

fn cors(shared: &Data<Shared>) -> Cors {
    let shared = shared.clone();
    Cors::default()
        .allowed_origin_fn(move |origin, _| {
            let origin = origin.to_str().unwrap_or_default();
            let configured = &shared.config.cors_allowed_origins;
            configured
                .iter()
                .any(|known| known == "*" || known == origin)
                || shared.browser_origins.read().contains(origin)
        })
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allow_any_header()
        .expose_headers(EXPOSED)
        .block_on_origin_mismatch(false)
        .max_age(600)
}

/// A bound server and where it listens.
pub struct Bound {
    pub server: Server,
    pub address: SocketAddr,
}

/// Threads beside each worker for what blocks: together as many as connections that read, and a
/// few for what computes. More would wait for connections, and keep their memory.
fn blocking_threads(config: &Config, workers: usize) -> usize {
    let readers = usize::try_from(config.database_readers).unwrap_or(usize::MAX);
    readers.div_ceil(workers) + 4
}

/// Binds the server; it serves once its future is awaited. Signals are its caller's.
///
/// # Errors
/// [`StartError::Listen`].
pub fn bind(parts: &Parts) -> Result<Bound, StartError> {
    let config = Arc::clone(&parts.shared.config);
    let workers = match config.workers {
        0 => std::thread::available_parallelism().map_or(2, usize::from),
        n => n,
    };
    let factory = parts.clone();
    let server = HttpServer::new(move || app(&factory))
        .workers(workers)
        .worker_max_blocking_threads(blocking_threads(&config, workers))
        .disable_signals()
        .shutdown_timeout(config.shutdown_timeout.as_secs())
        .client_request_timeout(Duration::from_secs(10))
        .bind(config.listen)?;
    let address = server.addrs().first().copied().unwrap_or(config.listen);
    Ok(Bound {
        server: server.run(),
        address,
    })
}

/// Applies what is pending and says so.
///
/// # Errors
/// A [`DbError`].
pub fn migrate_up(db: &Db) -> Result<(), DbError> {
    for name in migrate::up(db)? {
        tracing::info!(migration = %name, "applied");
    }
    Ok(())
}
