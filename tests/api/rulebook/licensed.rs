//! The rule book for partners with licences: every key, work and instant, on every surface.

use std::collections::HashMap;

use masthead::rights::Role;
use serde_json::{Value, json};

use super::books::Books;
use super::corpus::{self, Work};
use super::deals::{self, Deal};
use super::laws::{self, PROJECTIONS, Projection, Seat};
use super::{Cases, FORMATS, Share, path, set_clock, surfaces};
use crate::support::{Answer, TestApp, both_engines};

/// What was answered last, by key and address: the tag and the bytes.
type Known = HashMap<(String, String), (String, Vec<u8>)>;

/// One reader with a licence, and what it was given.
struct Visit<'a> {
    app: &'a TestApp,
    works: &'a [Work],
    deal: &'a Deal,
    seat: Seat<'a>,
}

impl<'a> Visit<'a> {
    fn new(app: &'a TestApp, works: &'a [Work], deal: &'a Deal) -> Self {
        let seat = Seat {
            name: deal.name,
            reader: deal.reader,
            now: app.clock.now(),
        };
        Self {
            app,
            works,
            deal,
            seat,
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.app.get(path).key(&self.deal.key).send().await
    }

    async fn item(
        &self,
        books: &mut Books<'_>,
        at: usize,
        by_slug: bool,
        projection: Projection,
    ) -> Answer {
        let work = &self.works[at];
        let (of, surface) = match by_slug {
            true => (format!("/slug/{}", work.slug), "slug"),
            false => (format!("/{}", work.id), "id"),
        };
        let answer = self.get(&path(&of, projection, "")).await;
        laws::item(&answer, &self.seat, self.works, at, projection, surface);
        books.items(&answer, self.deal, "item").await;
        answer
    }

    async fn document(&self, books: &mut Books<'_>, at: usize, format: &str) -> Answer {
        let id = &self.works[at].id;
        let answer = self
            .get(&format!("/v1/articles/{id}/representations/{format}"))
            .await;
        surfaces::document(&answer, &self.seat, self.works, at, format);
        books.document(&answer, self.deal, id, format);
        answer
    }

    async fn head(&self, books: &mut Books<'_>, at: usize) {
        let path = format!("/v1/articles/{}", self.works[at].id);
        let ask = self.app.request("HEAD", &path).key(&self.deal.key);
        let answer = ask.send().await;
        surfaces::headers_only(&answer, &self.seat, self.works, at);
        books.nothing(&answer, "HEAD");
    }

    async fn explained(&self, at: usize) {
        let asked = json!({"reader": {"client_id": self.deal.client}, "article_id": self.works[at].id, "at": self.seat.now});
        let answer = self
            .app
            .post("/v1/decisions/explain", asked)
            .by_role(Role::Rights)
            .await;
        surfaces::explained(&answer.expect(200).json(), &self.seat, &self.works[at]);
    }

    /// Asks with the tag of the last answer: 304 if and only if the new one is the same.
    async fn conditionally(
        &self,
        books: &mut Books<'_>,
        known: &mut Known,
        at: usize,
        projection: Projection,
    ) {
        let at_path = path(&format!("/{}", self.works[at].id), projection, "");
        let place = format!("{} × {at_path} at {}", self.deal.name, self.seat.now);
        let key = (self.deal.client.clone(), at_path.clone());
        let asked = match known.get(&key) {
            None => None,
            Some((etag, _)) => {
                let ask = self.app.get(&at_path).key(&self.deal.key);
                Some(ask.header("if-none-match", etag).send().await)
            }
        };
        let fresh = self.item(books, at, false, projection).await;
        if let (Some(asked), Some((etag, bytes))) = (asked, known.get(&key)) {
            let same = fresh.status == 200 && fresh.body == *bytes;
            assert_eq!(asked.status == 304, same, "{place}: {}", asked.status);
            if same {
                assert!(
                    asked.body.is_empty() && asked.header("etag") == etag,
                    "{place}"
                );
                books.nothing(&asked, &place);
            } else {
                assert_eq!(asked.status, fresh.status, "{place}");
                assert!(fresh.status != 200 || asked.body == fresh.body, "{place}");
            }
        }
        if fresh.status == 200 {
            known.insert(key, (fresh.etag(), fresh.body.to_vec()));
        }
    }

    async fn lists(
        &self,
        books: &mut Books<'_>,
        stubs: bool,
        sort: &str,
        projection: Projection,
    ) -> Answer {
        let more = format!("limit=100&count=exact&include_stubs={stubs}&sort={sort}&");
        let answer = self.get(&path("", projection, &more)).await;
        laws::list(&answer, &self.seat, self.works, |_| true, projection, stubs);
        books.items(&answer, self.deal, "list").await;
        answer
    }
}

/// What two surfaces must agree on (rule 4).
fn decision(item: &Value) -> (Value, Value, Value, Value) {
    let credit = &item["attribution"];
    (
        credit["credit_line"].clone(),
        credit["usage"].clone(),
        credit["notices"].clone(),
        credit["byline"].clone(),
    )
}

both_engines! {
    /// Every key, instant and work in lists; alone the works, the surfaces and the projections take turns.
    async fn every_licence_gives_what_the_rules_say_at_every_instant(app) {
        let desk = app.newsroom().await;
        let works = corpus::build(&app, &desk).await;
        let deals = deals::build(&app, &desk, &works).await;
        let cases = Cases::of(&app);
        let (mut books, mut known) = (Books::of(&app, &works), Known::new());
        let mut turn = 0_usize;
        let sorts = ["-published_at", "published_at", "title", "-updated_at"];
        for now in corpus::licensed_clocks() {
            set_clock(&app, now);
            for deal in &deals {
                let visit = Visit::new(&app, &works, deal);
                let projection = |turn: usize| PROJECTIONS[(turn + turn / PROJECTIONS.len()) % PROJECTIONS.len()];
                for at in 0..works.len() {
                    turn += 1;
                    // The lists hold every work at every instant; alone they take turns too.
                    if !turn.is_multiple_of(if corpus::is_boundary(now) { 2 } else { 6 }) {
                        continue;
                    }
                    match (turn / 2 + at) % 7 {
                        0 | 1 => drop(visit.item(&mut books, at, false, projection(turn / 5)).await),
                        2 => drop(visit.item(&mut books, at, true, projection(turn / 5)).await),
                        3 => drop(visit.document(&mut books, at, FORMATS[turn % 3]).await),
                        4 => visit.head(&mut books, at).await,
                        5 => visit.explained(at).await,
                        _ => visit.conditionally(&mut books, &mut known, at, PROJECTIONS[2 + at % 2]).await,
                    }
                }
                for stubs in [false, true] {
                    turn += 1;
                    if stubs && !corpus::is_boundary(now) && turn % 4 < 2 {
                        continue;
                    }
                    visit.lists(&mut books, stubs, sorts[turn % sorts.len()], projection(turn)).await;
                }
            }
        }
        // A test that finds no fault in nothing proves nothing.
        assert!(books.bodies > 1_000, "{} bodies", books.bodies);
        cases.suffice(Share::Licences);
    }

    /// Rule 4: the same reader, work and instant come out the same wherever they meet.
    async fn every_surface_says_the_same(app) {
        let desk = app.newsroom().await;
        let works = corpus::build(&app, &desk).await;
        let deals = deals::build(&app, &desk, &works).await;
        let mut books = Books::of(&app, &works);
        let cases = Cases::of(&app);
        set_clock(&app, corpus::minute(corpus::LICENCE_BEGINS + 10));
        for deal in &deals {
            let visit = Visit::new(&app, &works, deal);
            let all = visit.lists(&mut books, true, "-title", PROJECTIONS[5]).await.json();
            let listed = |id: &str| all["data"].as_array().unwrap().iter().find(|item| item["id"] == id);
            for (at, work) in works.iter().enumerate() {
                let by_id = visit.item(&mut books, at, false, PROJECTIONS[5]).await;
                let by_slug = visit.item(&mut books, at, true, PROJECTIONS[5]).await;
                for format in FORMATS {
                    let document = visit.document(&mut books, at, format).await;
                    let gives = by_id.status == 200 && by_id.json().get("body").is_some();
                    assert_eq!(document.status == 200, gives, "{} × {}", deal.name, work.name);
                }
                visit.head(&mut books, at).await;
                visit.explained(at).await;
                let place = format!("{} × {}", deal.name, work.name);
                assert_eq!(by_id.status, by_slug.status, "{place}");
                assert_eq!(by_id.status == 200, listed(&work.id).is_some(), "{place}");
                if let Some(listed) = listed(&work.id) {
                    assert_eq!(by_id.body, by_slug.body, "{place}");
                    assert_eq!(decision(&by_id.json()), decision(listed), "{place}");
                    // A text and the statement about it are the same too.
                    assert_eq!(by_id.json()["body"], listed["body"], "{place}");
                    assert_eq!(by_id.json()["attribution"]["attestation"], listed["attribution"]["attestation"], "{place}");
                }
            }
        }
        cases.suffice(Share::Surfaces);
    }
}
