//! Webhooks: lists, the delivery log, whose turn it is, and the end of what is old.

use std::collections::HashMap;

use chrono::TimeDelta;
use diesel::connection::set_default_instrumentation;
use diesel::prelude::*;
use masthead::db::page::{Mark, Window};
use masthead::db::schema::{clients, webhook_messages as messages, webhooks};
use masthead::db::{Actor, Conn, Db, StoreError, WriteCx, migrate};
use masthead::kernel::id::{ArticleId, ChangeId, ClientId, Id, Mint, WebhookId};
use masthead::webhooks::model::{
    Answered, AttemptOutcome, DisabledReason, MessageState, MessageType,
};
use masthead::webhooks::store::feed::{Feed, News};
use masthead::webhooks::store::outbox::{self, Patience, Room};
use masthead::webhooks::store::{self as hooks, Filter, log, pump};

use super::{Recorder, now, plans_of, recorded};
use crate::databases;

const HOOK: &str = "whk_01900000000070008000000000000001";

/// A log of two entries about one article.
struct Two;

impl Feed for Two {
    fn advance(&self, _: &Db, _: &WriteCx, _: ClientId) -> Result<bool, StoreError> {
        Ok(false)
    }

    fn after(&self, _: &mut Conn, _: ClientId, n: i64, _: i64) -> Result<Vec<News>, StoreError> {
        let article: ArticleId = Id::parse("art_01900000000070008000000000000001").unwrap();
        let news = (n + 1..=2).map(|n| News {
            n,
            id: Id::parse("chg_01900000000070008000000000000001").unwrap(),
            at: now(),
            kind: MessageType::Updated,
            article,
            entry: serde_json::Value::Null,
        });
        Ok(news.collect())
    }

    fn last(&self, _: &mut Conn, _: ClientId) -> Result<Option<i64>, StoreError> {
        Ok(Some(2))
    }

    fn number(&self, _: &mut Conn, _: ClientId, _: ChangeId) -> Result<Option<i64>, StoreError> {
        Ok(None)
    }
}

fn one_webhook(db: &Db) {
    let at = now().naive_utc();
    let client = "cli_01900000000070008000000000000001";
    let added = db.with_writer(|conn| -> QueryResult<()> {
        diesel::insert_into(clients::table)
            .values((
                clients::id.eq(client),
                clients::revision.eq(1),
                clients::name.eq("x"),
                clients::kind.eq("first_party"),
                clients::channel.eq("web"),
                clients::scopes.eq("[\"articles:read\"]"),
                clients::key_hash.eq("x"),
                clients::key_hint.eq("x"),
                clients::publishable.eq(false),
                clients::allowed_origins.eq("[]"),
                clients::created_at.eq(at),
                clients::updated_at.eq(at),
            ))
            .execute(conn)?;
        diesel::insert_into(webhooks::table)
            .values((
                (
                    webhooks::id.eq(HOOK),
                    webhooks::revision.eq(1),
                    webhooks::client_id.eq(client),
                    webhooks::url.eq("https://hooks.example.org/"),
                    webhooks::types.eq("[]"),
                    webhooks::enabled.eq(true),
                    webhooks::secret.eq("x"),
                    webhooks::position.eq(0),
                ),
                webhooks::starts_at.eq(at),
                webhooks::begins.eq(false),
                webhooks::passes_until.eq(0),
                webhooks::last_n.eq(0),
                webhooks::failures.eq(0),
                webhooks::held_until.eq(at),
                webhooks::created_at.eq(at),
                webhooks::updated_at.eq(at),
            ))
            .execute(conn)?;
        Ok(())
    });
    added.unwrap().unwrap();
}

fn window(after: Option<&str>) -> Window {
    Window {
        limit: 20,
        after: after.map(|id| Mark {
            key: String::new(),
            id: id.to_owned(),
        }),
        count: false,
    }
}

#[actix_web::test]
async fn webhooks_and_their_messages_are_sought() {
    set_default_instrumentation(|| Some(Box::new(Recorder))).unwrap();
    let home = databases::sqlite();
    let db = home.db();
    migrate::up(db).unwrap();
    one_webhook(db);
    let id: WebhookId = Id::parse(HOOK).unwrap();
    let cx = |seconds| WriteCx {
        actor: Actor::System,
        now: now() + TimeDelta::seconds(seconds),
        mint: Mint::seeded(1),
        request_id: None,
        once: None,
    };
    let mut complaints = Vec::new();
    let mut look = |what: &str| {
        let plans = plans_of(db, "webhook");
        let wrong = |step: &String| {
            step.starts_with("SCAN") && !step.contains("USING") || step.contains("TEMP B-TREE")
        };
        if plans.iter().any(wrong) {
            complaints.push(format!("{what}: {}", plans.join(" | ")));
        }
    };
    let all = Filter::default;
    let client = Id::parse("cli_01900000000070008000000000000001");
    let reason = Some(DisabledReason::Gone);
    recorded("webhook");
    for (name, filter) in [
        ("all", all()),
        ("client", Filter { client, ..all() }),
        (
            "enabled",
            Filter {
                enabled: Some(true),
                ..all()
            },
        ),
        ("reason", Filter { reason, ..all() }),
    ] {
        for after in [None, Some(HOOK)] {
            hooks::list(db, filter.clone(), true, window(after))
                .await
                .unwrap();
            look(name);
        }
    }
    db.read_now(hooks::disabled).unwrap();
    look("how many are disabled");
    pump::run(db, &cx(0), &Two).unwrap();
    look("filling the outbox");
    let busy = HashMap::new();
    let room = Room {
        busy: &busy,
        free: 9,
        lease: TimeDelta::seconds(9),
    };
    let claim = outbox::claim(db, &cx(1), room).unwrap().remove(0);
    look("whose turn it is");
    for state in MessageState::ALL.iter().copied().map(Some).chain([None]) {
        for descending in [false, true] {
            for after in [None, Some("1")] {
                log::list(db, id, state, descending, 1, window(after))
                    .await
                    .unwrap();
                look("the delivery log");
            }
        }
    }
    log::attempts(db, claim.message, 0, window(None))
        .await
        .unwrap();
    look("attempts");
    let answered = Answered {
        outcome: AttemptOutcome::Delivered,
        status: Some(204),
        took_ms: 1,
        asked: None,
    };
    let patience = Patience {
        first: TimeDelta::seconds(5),
        chance: 0.0,
    };
    outbox::settle(db, cx(2), claim, answered, patience)
        .await
        .unwrap();
    look("what came of it");
    log::sweep(db, &cx(60 * 86_400)).unwrap();
    look("the end of what is old");
    let left: i64 = db
        .read_now(|conn| {
            messages::table
                .count()
                .get_result(conn)
                .map_err(masthead::db::DbError::from)
        })
        .unwrap();
    assert_eq!(left, 1, "what waits is there");
    crate::none(&complaints);
}
