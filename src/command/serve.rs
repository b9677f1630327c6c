//! Serving until a signal says stop.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::Failure;
use crate::app::{self, Parts};
use crate::config::Config;
use crate::kernel::id::Mint;
use crate::kernel::time::Clock;
use crate::keys::{Foreign, installation_secret};

pub(super) fn serve(config: Config, ready_file: Option<PathBuf>) -> Result<(), Failure> {
    let secret = installation_secret(&config).map_err(app::StartError::from)?;
    let db = app::open_database(&config)?;
    app::migrate_up(&db)?;
    let parts = app::assemble(
        config,
        db,
        &secret,
        Foreign::Refuse,
        Clock::System,
        Mint::default(),
    )?;
    actix_web::rt::System::new().block_on(run(&parts, |base_url| {
        ready(ready_file.as_deref(), &json!({"base_url": base_url}))
    }))
}

/// Serves; `listening` is called once with the base URL. SIGTERM and SIGINT let requests
/// in flight finish.
pub(super) async fn run(
    parts: &Parts,
    listening: impl FnOnce(&str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let bound = app::bind(parts)?;
    let base_url = format!("http://{}", bound.address);
    let follower = actix_web::rt::spawn(app::follow(parts.shared.clone()));
    // The server's threads run already; the port is open.
    listening(&base_url)?;
    tracing::info!(%base_url, "listening");
    let served = bound.server.await;
    follower.abort();
    tracing::info!("stopped");
    Ok(served.map_err(app::StartError::from)?)
}

/// Puts the ready file into place in one step, so that whoever waits for it never reads half.
pub(super) fn ready(path: Option<&Path>, content: &Value) -> Result<(), Failure> {
    let Some(path) = path else {
        return Ok(());
    };
    let fail = |error| Failure::File(path.display().to_string(), error);
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    // Only its owner reads it: a demo's keys stand in it.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
    writeln!(file, "{content:#}").map_err(fail)?;
    file.persist(path).map_err(|error| fail(error.error))?;
    Ok(())
}
