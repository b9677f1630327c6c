//! Prometheus metrics: requests by route and status with latencies, pool use, and how late the agenda is.

use std::time::Duration;

use prometheus::{
    Encoder as _, Gauge, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec,
    IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};

use super::ready::Ready;
use crate::db::Db;

/// The metrics of the process.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    latency: HistogramVec,
    connections: IntGaugeVec,
    agenda: Gauge,
    feed: Gauge,
    replica: IntCounterVec,
    ready: IntGauge,
    webhook_attempts: IntCounterVec,
    webhooks_disabled: IntGaugeVec,
}

/// Counts the answers of one route, without looking for it each time.
#[derive(Clone)]
pub struct Meter {
    given: IntCounter,
    known: IntCounter,
    latency: Histogram,
}

impl Meter {
    /// An answer of 200, or else of 304.
    pub fn observe(&self, is_known: bool, took: Duration) {
        let counter = if is_known { &self.known } else { &self.given };
        counter.inc();
        self.latency.observe(took.as_secs_f64());
    }
}

impl Metrics {
    /// # Errors
    /// If two metrics have one name, which a test would show.
    pub fn new() -> Result<Self, prometheus::Error> {
        let metrics = Self {
            registry: Registry::new(),
            requests: IntCounterVec::new(
                Opts::new(
                    "http_requests_total",
                    "Requests by method, route and status.",
                ),
                &["method", "route", "status"],
            )?,
            latency: HistogramVec::new(
                HistogramOpts::new(
                    "http_request_duration_seconds",
                    "Time from the request's head to the answer's, by method and route.",
                )
                .buckets(vec![
                    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0,
                ]),
                &["method", "route"],
            )?,
            connections: IntGaugeVec::new(
                Opts::new("database_connections", "Connections by pool and state."),
                &["pool", "state"],
            )?,
            agenda: Gauge::new(
                "agenda_lateness_seconds",
                "For how long the eldest event of the agenda has been due.",
            )?,
            feed: Gauge::new(
                "change_feed_age_seconds",
                "Since when nothing is known of the change log; from 1 on, copies are not used.",
            )?,
            replica: IntCounterVec::new(
                Opts::new(
                    "replica_reads_total",
                    "Reads that may go to the replica, by where they were answered and why.",
                ),
                &["outcome"],
            )?,
            ready: IntGauge::new(
                "ready_answers_bytes",
                "What the answers that are kept ready take, of cache_bytes.",
            )?,
            webhook_attempts: IntCounterVec::new(
                Opts::new(
                    "webhook_attempts_total",
                    "Attempts of this node to deliver messages, by what came of them.",
                ),
                &["outcome"],
            )?,
            webhooks_disabled: IntGaugeVec::new(
                Opts::new(
                    "webhooks_disabled",
                    "Webhooks that the server has disabled by itself, by reason.",
                ),
                &["reason"],
            )?,
        };
        let Self {
            registry,
            requests,
            latency,
            connections,
            agenda,
            feed,
            replica,
            ready,
            webhook_attempts,
            webhooks_disabled,
        } = &metrics;
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(latency.clone()))?;
        registry.register(Box::new(connections.clone()))?;
        registry.register(Box::new(agenda.clone()))?;
        registry.register(Box::new(feed.clone()))?;
        registry.register(Box::new(replica.clone()))?;
        registry.register(Box::new(ready.clone()))?;
        registry.register(Box::new(webhook_attempts.clone()))?;
        registry.register(Box::new(webhooks_disabled.clone()))?;
        Ok(metrics)
    }

    pub fn observe(&self, method: &str, route: &str, status: u16, took: Duration) {
        self.requests
            .with_label_values(&[method, route, &status.to_string()])
            .inc();
        self.latency
            .with_label_values(&[method, route])
            .observe(took.as_secs_f64());
    }

    /// What counts the answers of one route that are ready.
    pub fn meter(&self, method: &str, route: &str) -> Meter {
        let answers = |status| self.requests.with_label_values(&[method, route, status]);
        Meter {
            given: answers("200"),
            known: answers("304"),
            latency: self.latency.with_label_values(&[method, route]),
        }
    }

    /// For how long the eldest event of the agenda has been due.
    pub fn agenda_is_late(&self, seconds: f64) {
        self.agenda.set(seconds);
    }

    /// An attempt to deliver a message has ended.
    pub fn webhook_attempt(&self, outcome: &str) {
        self.webhook_attempts.with_label_values(&[outcome]).inc();
    }

    /// How many webhooks the server has disabled for a reason.
    pub fn webhooks_are_disabled(&self, reason: &str, count: i64) {
        self.webhooks_disabled
            .with_label_values(&[reason])
            .set(count);
    }

    /// The metrics in the Prometheus text format.
    ///
    /// # Errors
    /// If they cannot be encoded.
    pub fn render(&self, db: &Db, ready: &Ready) -> Result<String, prometheus::Error> {
        for (pool, busy, total) in db.pool_use() {
            self.connections
                .with_label_values(&[pool, "busy"])
                .set(i64::from(busy));
            self.connections
                .with_label_values(&[pool, "open"])
                .set(i64::from(total));
        }
        let age = db.feed_age().map_or(f64::INFINITY, |age| age.as_secs_f64());
        self.feed.set(age);
        for (outcome, count) in db.replica_reads() {
            let counter = self.replica.with_label_values(&[outcome]);
            counter.reset();
            counter.inc_by(count);
        }
        self.ready
            .set(i64::try_from(ready.bytes()).unwrap_or(i64::MAX));
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}
