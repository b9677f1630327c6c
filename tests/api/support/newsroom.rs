//! A small newsroom: what articles refer to, and the moves of their lives in one line each.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use masthead::db::schema::{article_listings as listings, articles, audit_events, changes};
use masthead::rights::lifecycle::visible_from;
use serde_json::{Value, json};

use super::{Answer, TestApp};

/// Ids of what articles refer to.
#[derive(Debug, Clone)]
pub struct Newsroom {
    /// The site itself.
    pub own: String,
    /// Another medium, with a grant for web and app that may be passed on.
    pub wire: String,
    pub wire_grant: String,
    /// Printed as `Lin Yue`.
    pub reporter: String,
    /// Printed as `C. An`, in truth `Chen An`.
    pub editor: String,
    /// `economy`, and below it `trade`, and below that `ports`.
    pub economy: String,
    pub trade: String,
    pub ports: String,
}

impl Newsroom {
    /// The least that an own work needs.
    pub fn own_work(&self, title: &str) -> Value {
        json!({
            "title": title, "language": "en", "summary": format!("{title}, in short."),
            "source_id": self.own, "editor_id": self.editor, "section_id": self.economy,
            "contributors": [{"author_id": self.reporter, "role": "reporter"}],
            "body": {"format": "markdown", "value":
                "The quay opens on Monday. Ships dock from noon.\n\nThe second half tells the rest. It is longer than the first by far."},
        })
    }

    /// The least that a reprint of this source needs.
    pub fn reprint_of(&self, source: &str, title: &str) -> Value {
        let mut work = self.own_work(title);
        work["source_id"] = json!(source);
        work["original"] = json!({"title": "Quay to open", "authors": ["Wen Ya"], "url": "https://wire.example.com/quay"});
        work
    }
}

/// A document with some members replaced.
pub fn with(mut document: Value, members: Value) -> Value {
    for (name, value) in members.as_object().expect("an object") {
        document[name] = value.clone();
    }
    document
}

impl TestApp {
    /// Adds something as an administrator; its id.
    #[track_caller]
    pub fn made(&self, path: &str, body: Value) -> impl Future<Output = String> {
        let (path, ask) = (path.to_owned(), self.post(path, body));
        async move {
            let answer = ask.by_admin().await;
            assert_eq!(answer.status, 201, "{path}: {}", answer.text());
            answer.id()
        }
    }

    pub async fn newsroom(&self) -> Newsroom {
        for (language, own, reprint, contact) in [
            (
                "en",
                "No reprint without authorisation.",
                "Passed on for information.",
                "Complain within 30 days.",
            ),
            (
                "zh-Hans",
                "未经授权不得转载。",
                "转载仅为传递信息。",
                "请于三十日内联系。",
            ),
        ] {
            for (kind, text) in [("own_work", own), ("reprint", reprint)] {
                self.made(
                    "/v1/notices",
                    json!({"kind": kind, "language": language, "text": text}),
                )
                .await;
            }
            let desk = json!({"desk": "Newsroom", "email": "desk@news.example.org"});
            let contact = json!({"kind": "contact", "language": language, "text": contact, "contact": desk, "claim_window_days": 30});
            self.made("/v1/notices", contact).await;
        }
        let own = json!({"name": "Harbour Daily", "credit_label": "Harbour Daily", "kind": "own",
            "official_forms": {"zh-Hans": "滨海日报"}, "homepage_url": "https://news.example.org"});
        let wire = self.source("Coastal Wire").await;
        let wire_grant = self.grant(&wire, json!({})).await;
        let section = |name: &str, above: Option<&str>| {
            let mut section = json!({"name": name});
            if let Some(above) = above {
                section["parent_id"] = json!(above);
            }
            self.made("/v1/sections", section)
        };
        let economy = section("Economy", None).await;
        let trade = section("Trade", Some(&economy)).await;
        Newsroom {
            own: self.made("/v1/sources", own).await,
            wire,
            wire_grant,
            reporter: self
                .made(
                    "/v1/authors",
                    json!({"name": "Lin Yue", "kind": "reporter", "bio": "Covers the port."}),
                )
                .await,
            editor: self
                .made(
                    "/v1/authors",
                    json!({"name": "C. An", "real_name": "Chen An", "kind": "editor"}),
                )
                .await,
            ports: section("Ports", Some(&trade)).await,
            economy,
            trade,
        }
    }

    /// Another medium.
    pub async fn source(&self, name: &str) -> String {
        self.made(
            "/v1/sources",
            json!({"name": name, "credit_label": name, "kind": "external"}),
        )
        .await
    }

    /// What a source allows: everything on web and app, but for `terms`.
    pub async fn grant(&self, source: &str, terms: Value) -> String {
        let grant = json!({
            "channels": ["web", "app"], "territories": ["CN"], "valid_from": "2026-01-01T00:00:00Z",
            "max_extent": "full", "may_redistribute": true, "alteration": "format"
        });
        self.made(&format!("/v1/sources/{source}/grants"), with(grant, terms))
            .await
    }

    pub async fn draft(&self, work: Value) -> String {
        self.made("/v1/articles", work).await
    }

    /// A work that is out.
    pub async fn live(&self, work: Value) -> String {
        let id = self.draft(work).await;
        self.publish(&id).await.expect(200);
        id
    }

    pub async fn publish(&self, id: &str) -> Answer {
        self.post(&format!("/v1/articles/{id}/publish"), json!({}))
            .by_admin()
            .await
    }

    pub async fn withdraw(&self, id: &str, class: &str) -> Answer {
        let reason =
            json!({"reason_class": class, "reason": "The figures could not be confirmed."});
        self.post(&format!("/v1/articles/{id}/withdraw"), reason)
            .by_admin()
            .await
    }

    /// The answer to a change by an administrator who has just read.
    pub async fn edit(&self, path: &str, change: Value) -> Answer {
        let seen = self.get(path).by_admin().await.expect(200);
        self.patch(path, change)
            .if_match(&seen.etag())
            .by_admin()
            .await
    }

    /// Sets the times that no operation sets yet, on the article and on its listing rows.
    pub fn set_times(
        &self,
        id: &str,
        embargoed_until: Option<DateTime<Utc>>,
        unpublish_at: Option<DateTime<Utc>>,
    ) {
        let change = |conn: &mut masthead::db::Conn| -> QueryResult<()> {
            let publish_at: Option<NaiveDateTime> = articles::table
                .find(id)
                .select(articles::publish_at)
                .first(conn)?;
            let from = visible_from(publish_at.map(|at| at.and_utc()), embargoed_until);
            let never = masthead::kernel::time::never();
            // What is held back is on the schedule.
            let stage = if embargoed_until.is_some() {
                "scheduled"
            } else {
                "published"
            };
            diesel::update(articles::table.find(id))
                .set((
                    articles::stage.eq(stage),
                    articles::embargoed_until.eq(embargoed_until.map(|at| at.naive_utc())),
                    articles::unpublish_at.eq(unpublish_at.map(|at| at.naive_utc())),
                ))
                .execute(conn)?;
            diesel::update(listings::table.filter(listings::article_id.eq(id)))
                .set((
                    listings::stage.eq(stage),
                    listings::visible_from.eq(from.unwrap_or(never).naive_utc()),
                    listings::visible_until.eq(unpublish_at.unwrap_or(never).naive_utc()),
                ))
                .execute(conn)?;
            Ok(())
        };
        self.change(change);
    }

    /// Who did what to a record, in order: kind of actor, id of the actor, action.
    pub fn audit(&self, id: &str) -> Vec<(String, Option<String>, String)> {
        let read = |conn: &mut masthead::db::Conn| {
            audit_events::table
                .filter(audit_events::resource_id.eq(id))
                .order(audit_events::seq.asc())
                .select((
                    audit_events::actor_kind,
                    audit_events::actor_id,
                    audit_events::action,
                ))
                .load(conn)
        };
        self.db
            .with_writer(read)
            .expect("a connection")
            .expect("the audit log is read")
    }

    /// How often a reading of a record was put on record.
    pub fn readings(&self, id: &str) -> usize {
        self.audit(id)
            .iter()
            .filter(|(_, _, action)| action == "read")
            .count()
    }

    /// The change log: sequence number, kind, noun, id, version.
    pub fn changes(&self) -> Vec<(i64, String, String, String, Option<i64>)> {
        let read = |conn: &mut masthead::db::Conn| {
            changes::table
                .order(changes::seq.asc())
                .select((
                    changes::seq,
                    changes::kind,
                    changes::resource,
                    changes::resource_id,
                    changes::version,
                ))
                .load(conn)
        };
        self.db
            .with_writer(read)
            .expect("a connection")
            .expect("the change log is read")
    }
}
