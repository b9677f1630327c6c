//! A database of its own for each test, gone afterwards.

use std::io::Write as _;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::prelude::*;
use diesel::{PgConnection, sql_query};

/// The engines that tests run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// Where a test's database lives.
pub struct Home {
    pub url: String,
    folder: Option<tempfile::TempDir>,
    postgres: Option<(String, String)>,
}

static NEXT: AtomicU32 = AtomicU32::new(0);

impl Home {
    /// Where another home's database lives; that one takes it away.
    pub fn of(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            folder: None,
            postgres: None,
        }
    }

    pub fn new(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let folder = tempfile::tempdir().expect("a temporary folder");
                Self {
                    url: format!("sqlite://{}", folder.path().join("test.db").display()),
                    folder: Some(folder),
                    postgres: None,
                }
            }
            Engine::Postgres => {
                let server = postgres_url().expect("asked before");
                let name = format!(
                    "masthead_t_{}_{}",
                    std::process::id(),
                    NEXT.fetch_add(1, Ordering::Relaxed)
                );
                let mut conn = PgConnection::establish(&server).expect("the test server answers");
                sql_query(format!("CREATE DATABASE {name}"))
                    .execute(&mut conn)
                    .expect("a database for the test");
                let mut url: url::Url = server.parse().expect("a URL");
                url.set_path(&name);
                Self {
                    url: url.to_string(),
                    folder: None,
                    postgres: Some((server, name)),
                }
            }
        }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.postgres
            && let Ok(mut conn) = PgConnection::establish(server)
        {
            let _ = sql_query(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
                .execute(&mut conn);
        }
        drop(self.folder.take());
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests are told of the server by their environment"
)]
fn postgres_url() -> Option<String> {
    std::env::var("MASTHEAD_TEST_POSTGRES_URL")
        .ok()
        .filter(|url| !url.is_empty())
}

/// Whether a PostgreSQL server takes part; says once and loudly where none does.
pub fn postgres_is_there() -> bool {
    static SAID: Once = Once::new();
    let there = postgres_url().is_some();
    if !there {
        // Past the test harness's capture, so that it is seen.
        SAID.call_once(|| {
            let _ = std::io::stderr().write_all(
                b"\n*** SKIPPED on PostgreSQL: set MASTHEAD_TEST_POSTGRES_URL to run these tests on both engines ***\n\n",
            );
        });
    }
    there
}
