//! Configuration: flags over environment (`MASTHEAD_*`) over an optional TOML file over
//! defaults, read once, all faults told at once, then passed and never global.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::db::DatabaseUrl;

/// Configuration as it is written. Every member can be given as a flag, as
/// `MASTHEAD_<NAME>`, or in the TOML file by the same name.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RawConfig {
    /// `sqlite://PATH` or `postgres://…`.
    pub database_url: String,
    /// A PostgreSQL read replica of `database_url`, for reads that may be answered there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_read_url: Option<String>,
    /// Address and port; port 0 takes a free one.
    pub listen: String,
    /// Threads that serve HTTP; 0 means one per core.
    pub workers: usize,
    /// Connections that read the database at the same time.
    pub database_readers: u32,
    /// Bytes of answers that are kept ready in memory; 0 keeps none.
    pub cache_bytes: u64,
    /// How long a request waits for a database connection.
    pub database_wait_seconds: u64,
    /// Seals the signing keys. Made beside an SQLite database when it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_key: Option<String>,
    /// Requests per minute for each key, member of staff or address; 0 means no limit.
    pub rate_limit_per_minute: u32,
    /// The same for keys that stand in browsers.
    pub publishable_limit_per_minute: u32,
    /// Sign-in attempts per minute for each address and each account; 0 means no limit.
    pub login_limit_per_minute: u32,
    /// Attempts per minute to file a claim, for each address; 0 means no limit.
    pub claims_limit_per_minute: u32,
    /// Claims that one address may file in a day; 0 means no limit.
    pub claims_limit_per_day: u32,
    /// Calendar days within which the receipt of a claim is acknowledged.
    pub claim_acknowledge_days: i64,
    /// Calendar days within which a claim is decided.
    pub claim_decide_days: i64,
    /// How long the personal data of claimants is kept after the end of a case.
    pub claim_data_days: i64,
    /// Largest request body.
    pub body_limit_bytes: usize,
    /// Longest time that a request may take.
    pub request_timeout_seconds: u64,
    /// How long requests in flight may go on after a signal to stop.
    pub shutdown_timeout_seconds: u64,
    /// Origins of browsers that may call besides those of publishable keys; `*` means any.
    pub cors_allowed_origins: Vec<String>,
    /// Whether the address of a caller is read from `X-Forwarded-For` (only behind a proxy).
    pub trust_forwarded_for: bool,
    /// Parts of user agent names that mark AI crawlers.
    pub ai_crawler_agents: Vec<String>,
    /// How long a session lasts without use.
    pub refresh_token_days: i64,
    /// Whether webhooks may go to private addresses and by plain http: for development, and for
    /// receivers within one's own network.
    pub webhook_allow_private: bool,
    /// Longest time that the receiver of a webhook may take.
    pub webhook_timeout_seconds: u64,
    /// The pause after a webhook's first failure; each further one doubles it, up to 8 hours.
    pub webhook_retry_seconds: u64,
    /// `human` or `json`.
    pub log_format: String,
    /// A tracing filter such as `info` or `masthead=debug`.
    pub log_filter: String,
}

impl Default for RawConfig {
    fn default() -> Self {
        Self {
            database_url: "sqlite://masthead.db".to_owned(),
            database_read_url: None,
            listen: "127.0.0.1:8080".to_owned(),
            workers: 0,
            database_readers: 8,
            cache_bytes: 32 * 1024 * 1024,
            database_wait_seconds: 5,
            secret_key: None,
            rate_limit_per_minute: 1_200,
            publishable_limit_per_minute: 300,
            login_limit_per_minute: 10,
            claims_limit_per_minute: 10,
            claims_limit_per_day: 20,
            claim_acknowledge_days: 3,
            claim_decide_days: 15,
            claim_data_days: 180,
            body_limit_bytes: 2 * 1024 * 1024,
            request_timeout_seconds: 40,
            shutdown_timeout_seconds: 30,
            cors_allowed_origins: Vec::new(),
            trust_forwarded_for: false,
            ai_crawler_agents: [
                "GPTBot",
                "OAI-SearchBot",
                "ChatGPT-User",
                "ClaudeBot",
                "Claude-Web",
                "anthropic-ai",
                "CCBot",
                "PerplexityBot",
                "Bytespider",
                "Amazonbot",
                "Applebot-Extended",
                "Google-Extended",
                "Meta-ExternalAgent",
                "cohere-ai",
                "DeepSeekBot",
            ]
            .map(str::to_owned)
            .to_vec(),
            refresh_token_days: 30,
            webhook_allow_private: false,
            webhook_timeout_seconds: 10,
            webhook_retry_seconds: 5,
            log_format: "human".to_owned(),
            log_filter: "info".to_owned(),
        }
    }
}

/// Configuration as the program uses it.
#[derive(Debug, Clone)]
pub struct Config {
    pub database_url: DatabaseUrl,
    pub database_read_url: Option<DatabaseUrl>,
    pub listen: SocketAddr,
    pub workers: usize,
    pub database_readers: u32,
    pub cache_bytes: u64,
    pub database_wait: Duration,
    pub secret_key: Option<SecretString>,
    pub rate_limit_per_minute: u32,
    pub publishable_limit_per_minute: u32,
    pub login_limit_per_minute: u32,
    pub claims_limit_per_minute: u32,
    pub claims_limit_per_day: u32,
    pub claim_acknowledge_days: i64,
    pub claim_decide_days: i64,
    pub claim_data_days: i64,
    pub body_limit_bytes: usize,
    pub request_timeout: Duration,
    pub shutdown_timeout: Duration,
    pub cors_allowed_origins: Vec<String>,
    pub trust_forwarded_for: bool,
    pub ai_crawler_agents: Vec<String>,
    pub refresh_token_days: i64,
    pub webhook_allow_private: bool,
    pub webhook_timeout: Duration,
    pub webhook_retry: Duration,
    pub log_json: bool,
    pub log_filter: String,
}

/// Everything wrong with a configuration.
#[derive(Debug, Error)]
#[error("the configuration is not usable:\n{}", .0.iter().map(|f| format!("  {f}")).collect::<Vec<_>>().join("\n"))]
pub struct ConfigError(pub Vec<String>);

/// Reads the configuration: `flags` (only the members given) over `MASTHEAD_*` over the
/// file over the defaults. `DATABASE_URL` and `DATABASE_READ_URL` count where the variables with
/// the prefix are not set.
///
/// # Errors
/// [`ConfigError`] with all faults.
pub fn load(file: Option<PathBuf>, flags: &serde_json::Value) -> Result<RawConfig, ConfigError> {
    let mut figment = Figment::from(Serialized::defaults(RawConfig::default()));
    if let Some(file) = file {
        if !file.is_file() {
            return Err(ConfigError(vec![format!(
                "the configuration file {} is not there",
                file.display()
            )]));
        }
        figment = figment.merge(Toml::file_exact(file));
    }
    figment
        .merge(Env::raw().only(&["DATABASE_URL", "DATABASE_READ_URL"]))
        // What stands in the environment of the tests and of their scripts is not for the program.
        .merge(Env::prefixed("MASTHEAD_").ignore(&[
            "config",
            // `masthead mirror` takes it, and no setting.
            "mirror_key",
            "test_postgres_url",
            "test_replica_url",
            "test_replica_data",
            "postgres_bin",
        ]))
        .merge(Serialized::defaults(flags))
        .extract()
        .map_err(|errors| ConfigError(errors.into_iter().map(|e| e.to_string()).collect()))
}

impl RawConfig {
    /// Parses the members.
    ///
    /// # Errors
    /// [`ConfigError`] with all faults.
    pub fn parse(&self) -> Result<Config, ConfigError> {
        let mut faults = Vec::new();
        let mut check = |ok: bool, fault: &str| {
            if !ok {
                faults.push(fault.to_owned());
            }
        };
        check(
            matches!(self.log_format.as_str(), "human" | "json"),
            "log_format: must be human or json",
        );
        check(
            self.log_filter
                .parse::<tracing_subscriber::EnvFilter>()
                .is_ok(),
            "log_filter: is no tracing filter",
        );
        check(
            (1..=512).contains(&self.database_readers),
            "database_readers: must be 1 to 512",
        );
        check(
            self.cache_bytes <= 1 << 40,
            "cache_bytes: must be at most 1099511627776",
        );
        check(
            (1..=300).contains(&self.database_wait_seconds),
            "database_wait_seconds: must be 1 to 300",
        );
        check(
            (1_024..=256 * 1024 * 1024).contains(&self.body_limit_bytes),
            "body_limit_bytes: must be 1024 to 268435456",
        );
        check(
            (1..=3_600).contains(&self.request_timeout_seconds),
            "request_timeout_seconds: must be 1 to 3600",
        );
        check(
            self.shutdown_timeout_seconds <= 3_600,
            "shutdown_timeout_seconds: must be at most 3600",
        );
        check(
            (1..=3_650).contains(&self.refresh_token_days),
            "refresh_token_days: must be 1 to 3650",
        );
        check(
            (1..=60).contains(&self.webhook_timeout_seconds),
            "webhook_timeout_seconds: must be 1 to 60",
        );
        check(
            (1..=3_600).contains(&self.webhook_retry_seconds),
            "webhook_retry_seconds: must be 1 to 3600",
        );
        check(
            (1..=90).contains(&self.claim_acknowledge_days),
            "claim_acknowledge_days: must be 1 to 90",
        );
        check(
            (1..=365).contains(&self.claim_decide_days),
            "claim_decide_days: must be 1 to 365",
        );
        check(
            (1..=3_650).contains(&self.claim_data_days),
            "claim_data_days: must be 1 to 3650",
        );
        check(
            self.secret_key.as_ref().is_none_or(|key| key.len() >= 32),
            "secret_key: must have at least 32 characters",
        );
        let listen = self.listen.parse().ok();
        check(
            listen.is_some(),
            "listen: must be an address and a port, such as 127.0.0.1:8080",
        );
        let database_url = DatabaseUrl::parse(&self.database_url);
        if let Err(error) = &database_url {
            faults.push(format!("database_url: {error}"));
        }
        let database_read_url = match self.database_read_url.as_deref().map(DatabaseUrl::parse) {
            None => None,
            Some(Ok(url)) => Some(url),
            Some(Err(error)) => {
                faults.push(format!("database_read_url: {error}"));
                None
            }
        };
        let engines = (&database_url, &database_read_url);
        if let (Ok(url), Some(read)) = engines
            && !matches!(
                (url, read),
                (DatabaseUrl::Postgres(_), DatabaseUrl::Postgres(_))
            )
        {
            faults.push(
                "database_read_url: only a PostgreSQL database has replicas, of its own kind"
                    .to_owned(),
            );
        }
        match (listen, database_url) {
            (Some(listen), Ok(database_url)) if faults.is_empty() => Ok(Config {
                database_url,
                database_read_url,
                listen,
                workers: self.workers,
                database_readers: self.database_readers,
                cache_bytes: self.cache_bytes,
                database_wait: Duration::from_secs(self.database_wait_seconds),
                secret_key: self.secret_key.clone().map(SecretString::from),
                rate_limit_per_minute: self.rate_limit_per_minute,
                publishable_limit_per_minute: self.publishable_limit_per_minute,
                login_limit_per_minute: self.login_limit_per_minute,
                claims_limit_per_minute: self.claims_limit_per_minute,
                claims_limit_per_day: self.claims_limit_per_day,
                claim_acknowledge_days: self.claim_acknowledge_days,
                claim_decide_days: self.claim_decide_days,
                claim_data_days: self.claim_data_days,
                body_limit_bytes: self.body_limit_bytes,
                request_timeout: Duration::from_secs(self.request_timeout_seconds),
                shutdown_timeout: Duration::from_secs(self.shutdown_timeout_seconds),
                cors_allowed_origins: self.cors_allowed_origins.clone(),
                trust_forwarded_for: self.trust_forwarded_for,
                ai_crawler_agents: self.ai_crawler_agents.clone(),
                refresh_token_days: self.refresh_token_days,
                webhook_allow_private: self.webhook_allow_private,
                webhook_timeout: Duration::from_secs(self.webhook_timeout_seconds),
                webhook_retry: Duration::from_secs(self.webhook_retry_seconds),
                log_json: self.log_format == "json",
                log_filter: self.log_filter.clone(),
            }),
            _ => Err(ConfigError(faults)),
        }
    }

    /// The configuration in force as TOML, with secrets and passwords redacted.
    pub fn redacted(&self) -> String {
        let mut shown = self.clone();
        shown.database_url = DatabaseUrl::parse(&self.database_url)
            .map_or_else(|_| "(not understood)".to_owned(), |url| url.to_string());
        shown.database_read_url = self.database_read_url.as_deref().map(|url| {
            DatabaseUrl::parse(url)
                .map_or_else(|_| "(not understood)".to_owned(), |url| url.to_string())
        });
        shown.secret_key = self.secret_key.as_ref().map(|_| "***".to_owned());
        toml::to_string_pretty(&shown).unwrap_or_else(|error| format!("# {error}\n"))
    }
}

impl Config {
    pub fn secret(&self) -> Option<&str> {
        self.secret_key.as_ref().map(ExposeSecret::expose_secret)
    }
}
