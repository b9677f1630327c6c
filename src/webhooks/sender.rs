//! Sends what is due. One for each node; the leases in the database keep two of them from sending the
//! same message.

use std::collections::HashMap;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;
use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};

use super::model::{Answered, AttemptOutcome, DisabledReason};
use super::schedule;
use super::secrets::Secrets;
use super::signature::signatures;
use super::store;
use super::store::outbox::{self, Claim, Patience, Room};
use super::transport::{Post, Transport};
use crate::config::Config;
use crate::db::{Db, StoreError, WriteCx};
use crate::http::metrics::Metrics;
use crate::kernel::id::{Mint, WebhookId};
use crate::kernel::time::Clock;

/// Messages that a node sends at a time.
const MOST: usize = 32;

/// How long after a look at the database the next one comes, where nothing has ended meanwhile.
const PAUSE: Duration = Duration::from_millis(500);

/// What a lease is longer than the time for a request, in seconds: the database is asked before and
/// after.
const MARGIN_SECONDS: u64 = 20;

/// Sends messages. Cheap to clone.
#[derive(Clone)]
pub struct Sender {
    db: Db,
    clock: Clock,
    mint: Mint,
    secrets: Secrets,
    metrics: Metrics,
    transport: Transport,
    timeout: Duration,
    first_pause: TimeDelta,
    stop: watch::Sender<bool>,
}

impl Sender {
    /// # Errors
    /// Where TLS cannot be set up.
    pub fn new(
        db: Db,
        clock: Clock,
        mint: Mint,
        secrets: Secrets,
        metrics: Metrics,
        config: &Config,
    ) -> Result<Self, rustls::Error> {
        let timeout = config.webhook_timeout;
        Ok(Self {
            db,
            clock,
            mint,
            secrets,
            metrics,
            transport: Transport::new(config.webhook_allow_private, timeout)?,
            timeout,
            first_pause: TimeDelta::from_std(config.webhook_retry).unwrap_or(TimeDelta::hours(1)),
            stop: watch::Sender::new(false),
        })
    }

    /// Sends what is due, again and again. Ends once it is [stopped](Self::stop) and what was under way has
    /// ended.
    pub async fn work(&self) {
        let mut stop = self.stop.subscribe();
        let mut sending = JoinSet::new();
        let mut whose: HashMap<Id, WebhookId> = HashMap::new();
        while !*stop.borrow_and_update() {
            let mut busy: HashMap<WebhookId, usize> = HashMap::new();
            for webhook in whose.values() {
                *busy.entry(*webhook).or_default() += 1;
            }
            let free = MOST.saturating_sub(sending.len());
            match self.claim(busy, free).await {
                Ok(claims) => {
                    for claim in claims {
                        let (sender, webhook) = (self.clone(), claim.webhook);
                        let task = sending.spawn(async move { sender.deliver(claim).await });
                        whose.insert(task.id(), webhook);
                    }
                }
                Err(error) => tracing::warn!(%error, "the outbox could not be read; tried again"),
            }
            tokio::select! {
                Some(ended) = sending.join_next_with_id() => {
                    whose.remove(&id_of(&ended));
                    while let Some(ended) = sending.try_join_next_with_id() {
                        whose.remove(&id_of(&ended));
                    }
                }
                () = tokio::time::sleep(PAUSE) => {}
                _ = stop.changed() => {}
            }
        }
        while sending.join_next().await.is_some() {}
    }

    /// Lets nothing more begin. What is under way goes on for as long as a request may take.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// How long after [`Self::stop`] all has ended.
    pub fn grace(&self) -> Duration {
        self.timeout + Duration::from_secs(1)
    }

    /// Sends what is due now, once; how many messages that were.
    ///
    /// # Errors
    /// A database error.
    pub async fn round(&self) -> Result<usize, StoreError> {
        let claims = self.claim(HashMap::new(), MOST).await?;
        let count = claims.len();
        join_all(claims.into_iter().map(|claim| self.deliver(claim))).await;
        Ok(count)
    }

    async fn claim(
        &self,
        busy: HashMap<WebhookId, usize>,
        free: usize,
    ) -> Result<Vec<Claim>, StoreError> {
        let (db, cx) = (self.db.clone(), self.cx());
        let lease = self.timeout + Duration::from_secs(MARGIN_SECONDS).min(self.timeout * 2);
        let lease = TimeDelta::from_std(lease).unwrap_or(TimeDelta::hours(1));
        let claimed = tokio::task::spawn_blocking(move || {
            let room = Room {
                busy: &busy,
                free,
                lease,
            };
            outbox::claim(&db, &cx, room)
        });
        let panicked = |_| Err(StoreError::Db(crate::db::DbError::Panicked));
        claimed.await.unwrap_or_else(panicked)
    }

    /// Sends one message and writes down what came of it.
    async fn deliver(&self, claim: Claim) {
        let opened = claim
            .secrets
            .iter()
            .map(|sealed| self.secrets.open(claim.webhook, sealed));
        // Of the one before only its end is lost.
        let mut secrets: Vec<Option<Vec<u8>>> = opened.collect();
        let Some(Some(_)) = secrets.first() else {
            return self.give_up(claim.webhook).await;
        };
        let secrets: Vec<Vec<u8>> = secrets.drain(..).flatten().collect();
        let (id, seconds) = (claim.message.to_string(), self.clock.now().timestamp());
        let reply = self
            .transport
            .post(Post {
                url: claim.url.clone(),
                signature: signatures(&secrets, &id, seconds, &claim.body),
                id,
                seconds,
                body: claim.body.clone(),
            })
            .await;
        self.metrics.webhook_attempt(reply.outcome.as_str());
        let now = self.clock.now();
        let asked = match reply.outcome {
            AttemptOutcome::Throttled => reply.retry_after.as_deref(),
            _ => None,
        };
        let answered = Answered {
            outcome: reply.outcome,
            status: reply.status,
            took_ms: i64::try_from(reply.took.as_millis()).unwrap_or(i64::MAX),
            asked: asked.and_then(|header| schedule::asked(header, now)),
        };
        let patience = Patience {
            first: self.first_pause,
            chance: rand::random(),
        };
        let message = claim.message;
        if let Err(error) = outbox::settle(&self.db, self.cx(), claim, answered, patience).await {
            // Its lease runs out, and it is sent again.
            tracing::warn!(%message, %error, "what came of a message was not written down");
        }
    }

    /// Nothing can be signed any more: the installation has another secret than when it was sealed.
    async fn give_up(&self, webhook: WebhookId) {
        let reason = DisabledReason::SecretLost;
        if let Err(error) = store::disable_one(&self.db, self.cx(), webhook, reason).await {
            tracing::warn!(%webhook, %error, "a webhook could not be disabled");
        }
    }

    fn cx(&self) -> WriteCx {
        WriteCx::of_system(self.clock.now(), self.mint.clone())
    }
}

fn id_of(ended: &Result<(Id, ()), JoinError>) -> Id {
    match ended {
        Ok((id, ())) => *id,
        Err(error) => error.id(),
    }
}
