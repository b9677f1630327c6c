//! A client's change feed: by pages, by waiting for what comes, or as server-sent events.

use std::time::{Duration, Instant};

use actix_web::web::Data;
use actix_web::{Either, get};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::advance::{admitted, step};
use super::view::{ChangeView, ChangesPage, ChangesPosition};
use super::wake::{Waiting, Wake};
use crate::changes::model::Entry;
use crate::changes::store;
use crate::db::{StoreError, WriteCx};
use crate::http::auth::{FollowChanges, Principal};
use crate::http::context::{Cx, Shared};
use crate::http::events::Events;
use crate::http::problem::{Kind, Problem};
use crate::http::reply::Reply;
use crate::kernel::id::{ChangeId, ClientId, Id as _};

/// Works that are looked at for one answer. What is left is looked at for the next one.
const MOST_LOOKED_AT: usize = 2_000;

/// Pieces that are done for one answer, whatever they hold.
const MOST_PIECES: usize = 200;

/// The longest wait, in seconds.
const MOST_WAIT: i64 = 30;

/// How long a stream lasts: its listener comes back, and its key is admitted anew.
const STREAM: Duration = Duration::from_secs(300);

/// The pause after which a stream shows that it is alive.
const ALIVE: Duration = Duration::from_secs(15);

/// Adds the operations to the server and to the document.
pub fn configure(services: &mut ServiceConfig<'_>) {
    services.service(list_changes);
}

/// Where to go on. Only documents it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the document is generated from it")]
struct ChangesParams {
    /// `page.next` of the answer before; without it, from the beginning.
    #[param(required = false)]
    after: ChangeId,
    /// Changes on a page.
    #[param(required = false, minimum = 1, maximum = 100, default = 20)]
    limit: i64,
    /// For how many seconds the answer may wait for something to tell.
    #[param(required = false, minimum = 0, maximum = 30, default = 0)]
    wait: i64,
}

/// Follow what changes
///
/// Everything that the key's client has to know, in one order, without gaps: works that come, are changed, corrected, withdrawn or reinstated, that come into the scope of its licences or leave it, and advisories to its partner. From the beginning it builds up what the client may have, beyond stubs; each entry leaves the client with what is so by then.
///
/// Entries have no text: read the work where `href` says. Keep `page.next` once what was told is done; whatever is cut off, it is told again from there. `wait` holds the answer back until there is something to tell, for four fifths of the time that the server gives any request at most. With `Accept: text/event-stream` the entries come as server-sent events; `Last-Event-ID` stands in place of `after`.
///
/// 410 `cursor-lost` says that the log has no such entry, since the database was restored or the entry is another client's: begin anew without `after`, and drop what is not told until `is_caught_up`.
#[utoipa::path(tag = "changes", params(ChangesParams, ("Last-Event-ID" = Option<ChangeId>, Header, description = "For server-sent events: the id of the last one.")),
    responses((status = 410, description = "The log has no such entry.", body = crate::http::problem::ProblemDocument, content_type = "application/problem+json"),
        (status = 200, description = "A page of changes, or a stream of them.", content((ChangesPage = "application/json"), (String = "text/event-stream", example = json!("id: chg_0190f3c27a007000800000000000000a\nevent: corrected\ndata: {…}\n\n"))))),
    extensions(("x-permission" = json!("follow_changes"))))]
#[get("/v1/changes")]
pub async fn list_changes(
    cx: Cx<FollowChanges>,
    shared: Data<Shared>,
    wake: Data<Wake>,
) -> Result<Either<Reply<ChangesPage>, Events>, Problem> {
    let asked = Asked::read(&cx, shared)?;
    if cx.wanted(&["application/json", "text/event-stream"])? == 1 {
        return Ok(Either::Right(stream(asked, &wake).await?));
    }
    let wait = Duration::from_secs(
        cx.params()
            .whole("wait", 0..=MOST_WAIT)?
            .unwrap_or(0)
            .unsigned_abs(),
    );
    // The answer has its own way to go before the request is given up.
    let most = cx.shared().config.request_timeout.mul_f32(0.8);
    let until = Instant::now() + wait.min(most);
    let mut page = asked.page().await?;
    if page.is_empty_end() && !wait.is_zero() {
        let mut waiting = place(&wake, asked.client)?;
        while page.is_empty_end() && Instant::now() < until {
            let left = until.saturating_duration_since(Instant::now());
            if tokio::time::timeout(left, waiting.next()).await.is_ok() && waiting.is_over() {
                break;
            }
            page = asked.page().await?;
        }
    }
    Ok(Either::Left(Reply::ok(page.view())))
}

fn place(wake: &Wake, client: ClientId) -> Result<Waiting, Problem> {
    wake.wait(client).ok_or_else(|| {
        Problem::new(Kind::TooManyRequests)
            .detail("So many requests of this key wait already that no other may.")
            .header(actix_web::http::header::RETRY_AFTER, "30")
    })
}

/// Who asks for what follows which entry.
#[derive(Clone)]
struct Asked {
    shared: Data<Shared>,
    client: ClientId,
    after: Option<ChangeId>,
    limit: i64,
}

/// What was found for an answer.
struct Page {
    entries: Vec<Entry>,
    next: Option<ChangeId>,
    is_caught_up: bool,
}

impl Page {
    /// Whether there is nothing to tell, and all was looked at.
    fn is_empty_end(&self) -> bool {
        self.entries.is_empty() && self.is_caught_up
    }

    fn view(&self) -> ChangesPage {
        ChangesPage {
            data: self.entries.iter().map(ChangeView::of).collect(),
            page: ChangesPosition {
                next: self.next,
                is_caught_up: self.is_caught_up,
            },
        }
    }
}

impl Asked {
    fn read(cx: &Cx<FollowChanges>, shared: Data<Shared>) -> Result<Self, Problem> {
        let Principal::Client(client) = cx.principal() else {
            return Err(Problem::new(Kind::Forbidden));
        };
        let last = actix_web::http::header::HeaderName::from_static("last-event-id");
        let after = match cx.header(last) {
            Some(text) => Some(ChangeId::parse(text).ok_or_else(lost)?),
            None => cx.params().id("after")?,
        };
        Ok(Self {
            shared,
            client: client.client,
            after,
            limit: cx.params().whole("limit", 1..=100)?.unwrap_or(20),
        })
    }

    fn write(&self) -> WriteCx {
        let shared = &self.shared;
        WriteCx::of_system(shared.clock.now(), shared.mint.clone())
    }

    /// What there is to tell, after the log was brought as near to now as it needs to be.
    async fn page(&self) -> Result<Page, Problem> {
        let asked = self.clone();
        let found = tokio::task::spawn_blocking(move || find(&asked)).await;
        let found = found.map_err(|error| Problem::new(Kind::Internal).cause(error))?;
        found.map_err(|error| match error {
            StoreError::NotFound => lost(),
            error => error.into(),
        })
    }

    /// Whether the key is still taken.
    async fn is_admitted(&self) -> bool {
        let (client, now) = (self.client, self.shared.clock.now());
        let found = self.shared.db.read(move |conn| admitted(conn, client, now));
        found.await.is_ok_and(|client| client.is_some())
    }
}

fn lost() -> Problem {
    Problem::new(Kind::CursorLost)
}

/// [`StoreError::NotFound`] where the log has no such entry.
fn find(asked: &Asked) -> Result<Page, StoreError> {
    let db = &asked.shared.db;
    let start = db.read_now(|conn| match asked.after {
        Some(after) => store::number(conn, asked.client, after)?.ok_or(StoreError::NotFound),
        None => Ok(0),
    })?;
    let read = || db.read_now(|conn| store::after(conn, asked.client, start, asked.limit + 1));
    let limit = usize::try_from(asked.limit).unwrap_or(usize::MAX);
    let mut found = read()?;
    let (mut looked_at, mut more) = (0, true);
    for _ in 0..MOST_PIECES {
        if found.len() > limit || looked_at >= MOST_LOOKED_AT || !more {
            break;
        }
        // Each at its own time.
        let step = step(db, &asked.write(), asked.client)?;
        (looked_at, more) = (looked_at + step.looked_at, step.more);
        found = read()?;
    }
    let is_caught_up = found.len() <= limit && !more;
    found.truncate(limit);
    let entries: Vec<Entry> = found.into_iter().map(|(_, entry)| entry).collect();
    Ok(Page {
        next: entries.last().map(|entry| entry.id).or(asked.after),
        entries,
        is_caught_up,
    })
}

/// A listener.
struct Listener {
    asked: Asked,
    waiting: Waiting,
    until: Instant,
}

async fn stream(asked: Asked, wake: &Wake) -> Result<Events, Problem> {
    let waiting = place(wake, asked.client)?;
    // A cursor that is lost is told before the stream begins.
    asked.page().await?;
    let listener = Listener {
        asked,
        waiting,
        until: Instant::now() + STREAM,
    };
    Ok(Events::of(listener, heard))
}

/// What a listener is told next; `None` where the stream ends. Whatever goes wrong ends it: the listener
/// comes back and is told what it is.
async fn heard(mut listener: Listener) -> Option<(Vec<ChangeView>, Listener)> {
    let quiet = Instant::now() + ALIVE;
    loop {
        if Instant::now() >= listener.until || !listener.asked.is_admitted().await {
            return None;
        }
        let page = listener.asked.page().await.ok()?;
        listener.asked.after = page.next;
        if !page.entries.is_empty() || Instant::now() >= quiet {
            return Some((page.view().data, listener));
        }
        if page.is_caught_up {
            listener.waiting.next().await;
            if listener.waiting.is_over() {
                return None;
            }
        }
    }
}
