//! A very small newsroom: one of everything, so that every path leads somewhere.

use diesel::prelude::*;
use masthead::db::schema::{advisories, audit_events, deliveries, registry_reviews as reviews};
use masthead::http::auth::ClientKind;
use masthead::jobs::model::{JobKind, NewJob};
use masthead::jobs::store as jobs;
use masthead::kernel::id::{RegistryReviewId, UserId};
use masthead::rights::{Channel, Role};
use serde_json::json;

use super::{Ask, TestApp};
use crate::openapi::Operation;

/// Ids of what there is.
#[derive(Debug, Clone)]
pub struct Corpus {
    /// Published, an own work.
    pub article: String,
    pub slug: String,
    /// A draft of the user with the role `author`, without a source.
    pub draft: String,
    pub author: String,
    pub section: String,
    pub own_source: String,
    pub source: String,
    pub grant: String,
    pub notice: String,
    pub client: String,
    /// A body that was given to a partner.
    pub delivery: String,
    /// What the partner of the keys for partners was told of the article.
    pub advisory: String,
    /// The partner of the keys for partners.
    pub partner: String,
    /// Theirs, over nothing that there is.
    pub licence: String,
    /// A claim about the article that has come to its end, so that no move fits it.
    pub claim: String,
    /// The token of its receipt.
    pub claim_token: String,
    /// A hold of it, released.
    pub hold: String,
    /// An administrator's, which nobody has begun.
    pub job: String,
    /// An edition of the list of permitted sources that is over.
    pub edition: String,
    /// An open review by that edition.
    pub review: String,
    /// A user whom nobody needs.
    pub user: String,
    /// What was done first.
    pub event: String,
    /// An administrator's, on the article.
    pub comment: String,
    /// An administrator's, on the article.
    pub assignment: String,
    /// The author's, on the draft.
    pub draft_comment: String,
    pub word: String,
    /// Of the client, with a ping that is due.
    pub webhook: String,
    pub message: String,
    /// A partner's key.
    pub partner_client: String,
    pub ingest: String,
    /// The author's, on the draft.
    pub draft_assignment: String,
    /// Where the article is read by a preview link, with its token.
    pub preview: String,
}

impl TestApp {
    /// A job of this user that nobody has begun.
    pub fn job_of(&self, user: UserId) -> String {
        let job = NewJob {
            kind: JobKind::ArticlesBulk,
            params: json!({"action": "delete"}),
            created_by: user,
            targets: [
                "art_01900000000070008000000000000008",
                "art_01900000000070008000000000000009",
            ]
            .map(str::to_owned)
            .to_vec(),
            owner: None,
        };
        let made = self
            .db
            .write_now(&self.write(), |tx| jobs::create_in(tx, job));
        made.expect("the job is put down").to_string()
    }
}

impl Corpus {
    pub async fn make(app: &TestApp) -> Self {
        let add = async |path: &str, body| app.post(path, body).by_admin().await.expect(201).id();
        let author = add(
            "/v1/authors",
            json!({"name": "林月", "real_name": "林月华", "kind": "reporter"}),
        )
        .await;
        let section = add(
            "/v1/sections",
            json!({"name": "Economy", "slug": "economy"}),
        )
        .await;
        let own_source = add(
            "/v1/sources",
            json!({"name": "Harbour Daily", "credit_label": "Harbour Daily", "kind": "own"}),
        )
        .await;
        let source = add(
            "/v1/sources",
            json!({"name": "Coastal Wire", "credit_label": "Coastal Wire", "kind": "external"}),
        )
        .await;
        let grant = add(
            &format!("/v1/sources/{source}/grants"),
            json!({"channels": ["web"], "territories": ["CN"], "valid_from": "2026-01-01T00:00:00Z",
                "max_extent": "full", "may_redistribute": false, "alteration": "format"}),
        )
        .await;
        let notice = add(
            "/v1/notices",
            json!({"kind": "own_work", "language": "en", "text": "All rights reserved."}),
        )
        .await;
        add(
            "/v1/notices",
            json!({"kind": "contact", "language": "en", "text": "Write to us within 30 days.",
            "contact": {"desk": "Newsroom"}, "claim_window_days": 30}),
        )
        .await;
        let article = add("/v1/articles", json!({
            "title": "Harbour opens its new quay", "slug": "harbour-opens", "language": "en", "source_id": own_source,
            "section_id": section, "summary": "Ships dock from Monday.", "tags": ["port"],
            "contributors": [{"author_id": author, "role": "reporter"}],
            "body": {"format": "markdown", "value": "The quay opens on Monday. Ships wait less.\n\n## More\n\nIt was built in two years."}
        })).await;
        app.post(&format!("/v1/articles/{article}/publish"), json!({}))
            .by_admin()
            .await
            .expect(200);
        let draft = app
            .post(
                "/v1/articles",
                json!({"title": "A draft", "language": "en"}),
            )
            .by_role(Role::Author)
            .await
            .expect(201)
            .id();
        let (client, _) = app.key(app.terms(ClientKind::FirstParty, Channel::App));
        let licensee = app.licensee("Coastal Gazette", None);
        app.deliver(vec![licensee.owed(&article)])
            .await
            .expect("the ledger takes it");
        let delivery = app.change(|conn| deliveries::table.select(deliveries::id).first(conn));
        let partner = app.partner().to_string();
        let licence = add(
            "/v1/licences",
            json!({"partner_id": partner, "selector": {"tags": ["nothing has this"]}, "extent": "full",
                "channels": ["syndication"], "territories": ["CN"], "valid_from": "2026-01-01T00:00:00Z"}),
        )
        .await;
        let (claim, claim_token) = app
            .claim(app.complaint(json!({"article_id": article})))
            .await;
        let hold = app
            .move_claim(&claim, "hold", json!({}))
            .await
            .expect(200)
            .json();
        for made in ["release", "close"] {
            app.move_claim(&claim, made, json!({})).await.expect(200);
        }
        // Told past the application: a delivery of its own would stand in every report.
        let advisory = "adv_01900000000070008000000000000001".to_owned();
        let at = app.clock.now().naive_utc();
        app.change(|conn| {
            diesel::insert_into(advisories::table)
                .values((
                    advisories::id.eq(&advisory),
                    advisories::revision.eq(1),
                    advisories::partner_id.eq(&partner),
                    advisories::article_id.eq(&article),
                    advisories::version.eq(1),
                    advisories::kind.eq("correction"),
                    advisories::text.eq("An earlier version gave a wrong date."),
                    advisories::issued_at.eq(at),
                    advisories::due_at.eq(at + chrono::TimeDelta::days(1)),
                    advisories::status.eq("open"),
                    advisories::remind_at.eq(at + chrono::TimeDelta::days(1)),
                    advisories::reminders.eq(0),
                ))
                .execute(conn)
        });
        let edition = add(
            "/v1/registry/editions",
            json!({"name": "List of 2021", "valid_from": "2021-01-01T00:00:00Z", "valid_until": "2022-01-01T00:00:00Z",
                "entries": [{"name": "Coastal Wire"}, {"name": "Gulf Post"}]}),
        )
        .await;
        let review = review(app, &edition, &source, &article);
        let user = app.user("nobody@desk.example.org", Role::Viewer);
        let remark = json!({"text": "Is the date confirmed?"});
        let comment = add(&format!("/v1/articles/{article}/comments"), remark.clone()).await;
        let draft_comment = app
            .post(&format!("/v1/articles/{draft}/comments"), remark)
            .by_role(Role::Author)
            .await
            .expect(201)
            .id();
        let order = |role| json!({"user_id": app.user_of(role), "task": "check"});
        let assignment = add(
            &format!("/v1/articles/{article}/assignments"),
            order(Role::Admin),
        )
        .await;
        let draft_assignment = add(
            &format!("/v1/articles/{draft}/assignments"),
            order(Role::Author),
        )
        .await;
        let preview = app
            .post(&format!("/v1/articles/{article}/previews"), json!({}))
            .by_admin()
            .await
            .expect(201)
            .json()["url"]
            .as_str()
            .expect("an address")
            .to_owned();
        let webhook = add(
            "/v1/webhooks",
            json!({"client_id": client, "url": "https://hooks.example.org/masthead"}),
        )
        .await;
        let ping = app.request("POST", &format!("/v1/webhooks/{webhook}/ping"));
        let message = ping.by_admin().await.expect(202).id();
        Self {
            article,
            slug: "harbour-opens".to_owned(),
            draft,
            author,
            section,
            own_source,
            source,
            grant,
            notice,
            client: client.to_string(),
            delivery,
            advisory,
            partner,
            licence,
            claim,
            claim_token,
            hold: hold["holds"][0]["id"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            job: app.job_of(app.user_of(Role::Admin)),
            edition,
            review,
            user: user.to_string(),
            event: app.change(|conn| {
                let events = audit_events::table.order(audit_events::seq);
                events.select(audit_events::id).first(conn)
            }),
            partner_client: {
                let terms = app.terms(ClientKind::Partner, Channel::Syndication);
                app.key(terms).0.to_string()
            },
            ingest: ingested(app).await,
            webhook,
            message,
            word: add("/v1/dictionary", json!({"word": "澜港市"})).await,
            comment,
            assignment,
            draft_comment,
            draft_assignment,
            preview,
        }
    }

    /// The token of the preview link.
    pub fn preview_token(&self) -> &str {
        self.preview.split_once('=').expect("a token").1
    }

    /// A path of the document that leads somewhere.
    pub fn path(&self, path: &str) -> String {
        let is_feed = path.starts_with("/v1/feeds/");
        let path = path
            .replace("{n}", "1")
            .replace("{slug}", if is_feed { "economy" } else { &self.slug })
            .replace("{tag}", "port")
            .replace("{format}", if is_feed { "rss" } else { "html" })
            .replace("{message_id}", &self.message)
            .replace("{comment_id}", &self.comment)
            .replace("{assignment_id}", &self.assignment)
            .replace("{kind}", "not-found");
        match path.contains("{id}") {
            true => path.replace("{id}", self.id(&path)),
            false => path,
        }
    }

    /// Sends what an operation asks for beside a credential: the token of a receipt.
    pub fn sign<'a>(&self, operation: &Operation, ask: Ask<'a>) -> Ask<'a> {
        let parameters = operation.value["parameters"].as_array();
        let asks = parameters
            .into_iter()
            .flatten()
            .any(|parameter| parameter["name"] == "X-Claim-Token");
        match asks {
            true => ask.header("x-claim-token", &self.claim_token),
            false => ask,
        }
    }

    /// The id that stands for `{id}` in a path of the document.
    pub fn id(&self, path: &str) -> &str {
        let mut words = path.strip_prefix("/v1/").unwrap_or_default().split('/');
        let noun = match words.next() {
            // Its nouns stand one word further down.
            Some("registry" | "feeds") => words.next(),
            noun => noun,
        };
        match noun.unwrap_or_default() {
            "editions" => &self.edition,
            "reviews" => &self.review,
            "articles" => &self.article,
            "audit-events" => &self.event,
            "authors" => &self.author,
            "sections" => &self.section,
            "sources" => &self.source,
            "grants" => &self.grant,
            "notices" => &self.notice,
            "clients" => &self.client,
            "deliveries" => &self.delivery,
            "advisories" => &self.advisory,
            "partners" => &self.partner,
            "licences" => &self.licence,
            "claims" => &self.claim,
            "holds" => &self.hold,
            "jobs" => &self.job,
            "dictionary" => &self.word,
            "webhooks" => &self.webhook,
            "ingest" => &self.ingest,
            "users" => &self.user,
            "me" => "ses_01900000000070008000000000000001",
            _ => panic!("nothing is known for {path}"),
        }
    }
}

/// A page that was taken in.
async fn ingested(app: &TestApp) -> String {
    let page =
        "<h1>Crane stands still</h1><p>The crane stood still on Monday.</p><p>It works again.</p>";
    let ask = app.request("POST", "/v1/ingest").raw("text/html", page);
    let answer = ask.by_admin().await.expect(201).json();
    answer["report"]["id"].as_str().expect("an id").to_owned()
}

/// An open review, as a pass makes one.
pub fn review(app: &TestApp, edition: &str, source: &str, article: &str) -> String {
    let now = app.clock.now();
    let id: RegistryReviewId = app.parts.shared.mint.id(now);
    app.change(|conn| {
        diesel::insert_into(reviews::table)
            .values((
                reviews::id.eq(id.to_string()),
                reviews::edition_id.eq(edition),
                reviews::source_id.eq(source),
                reviews::article_id.eq(article),
                reviews::reprint_at.eq(now.naive_utc()),
                reviews::due_at.eq(now.naive_utc()),
                reviews::status.eq("open"),
                reviews::created_at.eq(now.naive_utc()),
            ))
            .execute(conn)
    });
    id.to_string()
}

/// The path, with what it cannot do without: words to look for, a feed to be signed.
pub fn with_words(path: &str) -> String {
    let (place, query) = path.split_once('?').unwrap_or((path, ""));
    let asks = |pair: &str| pair == "q" || pair.starts_with("q=");
    let between = if query.is_empty() { "?" } else { "&" };
    match place {
        "/v1/search" if !query.split('&').any(asks) => format!("{path}{between}q=port"),
        "/v1/feeds/link" if query.is_empty() => format!("{path}?path=/v1/feeds/site.rss"),
        _ => path.to_owned(),
    }
}
