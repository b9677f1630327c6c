//! Serving until a signal says stop.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::pin::pin;

use serde_json::{Value, json};

use super::Failure;
use super::signals::Signals;
use crate::app::{self, Parts};
use crate::config::Config;
use crate::kernel::id::Mint;
use crate::kernel::time::Clock;
use crate::keys::Foreign;
use crate::keys::installation::installation_secret;

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

/// Serves; `listening` is called once with the base URL. A signal to stop lets requests in
/// flight finish; the next one does not.
pub(super) async fn run(
    parts: &Parts,
    listening: impl FnOnce(&str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    // Before anybody can know of the server: whoever sees it may stop it.
    let mut signals = Signals::listen().map_err(Failure::Signals)?;
    let bound = app::bind(parts)?;
    let base_url = format!("http://{}", bound.address);
    let follower = actix_web::rt::spawn(app::follow(parts.shared.clone()));
    let worker = actix_web::rt::spawn(app::chores::work(parts.shared.clone()));
    let sender = parts.sender.clone();
    let sending = actix_web::rt::spawn(async move { sender.work().await });
    // The server's threads run already; the port is open.
    listening(&base_url)?;
    tracing::info!(%base_url, "listening");
    // Beside the serving: the first search or page would wait for it.
    let _dictionaries = std::thread::Builder::new()
        .name("dictionaries".to_owned())
        .spawn(app::prepare);
    let handle = bound.server.handle();
    let mut server = pin!(bound.server);
    let served = tokio::select! {
        served = &mut server => served,
        () = signals.next() => {
            tracing::info!("stopping");
            parts.wake.close();
            // The server ends by itself when the last request has.
            let _ended = handle.stop(true);
            tokio::select! {
                served = &mut server => served,
                () = signals.next() => Ok(()),
            }
        }
    };
    parts.sender.stop();
    let grace = parts.sender.grace();
    if tokio::time::timeout(grace, sending).await.is_err() {
        tracing::warn!("messages to webhooks were still under way; they are sent again");
    }
    follower.abort();
    worker.abort();
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
