//! The pure parts, by criterion: what a decision, a presentation, a comparison and the cutting of a text take on one
//! core. `just bench-rules` runs it; `just bench-rules decide` runs what has that word in its name.
//!
//! The works are those of `masthead seed`, loaded from a database in memory once for each iteration that uses one up:
//! loading is not timed. Under `text` stands what the rules cut texts by (sentences, graphemes, slugs, sort keys) and what the
//! search index and queries do.

#![expect(clippy::expect_used, reason = "a bench that can't be set up ends")]

use std::hint::black_box;

use chrono::{DateTime, Utc};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use masthead::articles::body::{Block, diff};
use masthead::articles::model::{Article, Side};
use masthead::articles::search::{self, Texts};
use masthead::articles::store::load;
use masthead::articles::view::output::{ArticleView, Projection};
use masthead::db::{Conn, DatabaseUrl, Db, PoolOptions, StoreError, migrate};
use masthead::kernel::han::Lexicon;
use masthead::kernel::text::{char_count, is_han, name_key, sha256_hex, slugify, title_key};
use masthead::kernel::time::Clock;
use masthead::rights::{Audience, Channel, Held, Licensed, Purpose, Use, clear, decide};
use masthead::seed;

/// Two hundred seeded works, of which one is used.
struct Newsroom {
    db: Db,
    id: String,
    now: DateTime<Utc>,
    _folder: tempfile::TempDir,
}

impl Newsroom {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bench.db");
        let url = DatabaseUrl::parse(&format!("sqlite://{}", path.display())).expect("a URL");
        let db = Db::open(&url, PoolOptions::default()).expect("a database");
        migrate::up(&db).expect("tables");
        seed::fill(&db, 200, 7, |_| {}).expect("works");
        let id = db
            .read_now(|conn: &mut Conn| {
                use diesel::prelude::*;
                use masthead::db::schema::articles;
                articles::table
                    .select(articles::id)
                    .order(articles::id)
                    .first::<String>(conn)
                    .map_err(StoreError::from)
            })
            .expect("a work");
        Self {
            db,
            id,
            now: Clock::System.now(),
            _folder: folder,
        }
    }

    fn work(&self) -> Held<Article> {
        self.db
            .read_now(|conn| load::one(conn, self.id.clone(), Side::Live, self.now))
            .expect("the work")
    }

    fn licensed(&self, reader: &Use) -> Licensed<Article> {
        clear(self.work(), reader, self.now).expect("a decision")
    }
}

fn reader(audience: Audience) -> Use {
    Use {
        audience,
        channel: Channel::Web,
        territory: None,
        holder: None,
    }
}

fn decisions(c: &mut Criterion) {
    let newsroom = Newsroom::new();
    let work = newsroom.work();
    for (name, audience) in [
        ("decide/first party", Audience::FirstParty),
        ("decide/public", Audience::Public),
        ("decide/crawler", Audience::AiCrawler),
    ] {
        let reader = reader(audience);
        c.bench_function(name, |b| {
            b.iter(|| decide(black_box(work.rights()), &reader, newsroom.now));
        });
    }
}

fn presentations(c: &mut Criterion) {
    let newsroom = Newsroom::new();
    let shape = Projection::default();
    for (name, audience) in [
        ("first party", Audience::FirstParty),
        ("public", Audience::Public),
    ] {
        let reader = reader(audience);
        c.bench_function(&format!("clear/{name}"), |b| {
            b.iter_batched(
                || newsroom.work(),
                |work| clear(work, &reader, newsroom.now),
                BatchSize::SmallInput,
            );
        });
        c.bench_function(&format!("present/{name}"), |b| {
            b.iter_batched(
                || newsroom.licensed(&reader),
                |work| work.present(|article| ArticleView::of(article, &shape)),
                BatchSize::SmallInput,
            );
        });
        c.bench_function(&format!("present and serialise/{name}"), |b| {
            b.iter_batched(
                || newsroom.licensed(&reader),
                |work| {
                    serde_json::to_vec(&work.present(|article| ArticleView::of(article, &shape)))
                },
                BatchSize::SmallInput,
            );
        });
    }
}

/// The blocks of the work, and the same after an editor's round: one added, one gone, one changed.
fn edited(newsroom: &Newsroom) -> (Vec<Block>, Vec<Block>) {
    let before: Vec<Block> = newsroom.work().inspect(Purpose::Edit, |article| {
        article.content.body.blocks().to_vec()
    });
    let mut after = before.clone();
    after.remove(1);
    after.insert(
        4,
        Block::Paragraph {
            text: "A paragraph that was not there before. It has two sentences.".to_owned(),
        },
    );
    if let Some(Block::Paragraph { text }) = after.first_mut() {
        text.push_str(" One more sentence at its end.");
    }
    (before, after)
}

fn comparisons(c: &mut Criterion) {
    let (before, after) = edited(&Newsroom::new());
    c.bench_function("diff/blocks of an edit", |b| {
        b.iter(|| {
            diff::blocks(
                black_box(&before),
                black_box(&after),
                &mut diff::Budget::default(),
            )
        });
    });
    c.bench_function("diff/blocks of no edit", |b| {
        b.iter(|| {
            diff::blocks(
                black_box(&before),
                black_box(&before),
                &mut diff::Budget::default(),
            )
        });
    });
}

fn texts(c: &mut Criterion) {
    let newsroom = Newsroom::new();
    let body = newsroom
        .work()
        .inspect(Purpose::Edit, |article| article.content.body.clone());
    let text = body.to_text();
    let title = "港口经济 opens 新闻中心: 第 12 届 City Council 预算会议";
    let name = |what: &str| format!("text/{what}, {} characters", char_count(&text));
    c.bench_function(&name("excerpt of whole sentences"), |b| {
        b.iter(|| black_box(&body).excerpt(200));
    });
    c.bench_function(&name("words counted"), |b| {
        b.iter(|| black_box(&body).word_count());
    });
    c.bench_function(&name("HTML"), |b| b.iter(|| black_box(&body).to_html()));
    c.bench_function(&name("Han characters found"), |b| {
        b.iter(|| black_box(&text).chars().filter(|c| is_han(*c)).count());
    });
    c.bench_function(&name("digest"), |b| {
        b.iter(|| sha256_hex(black_box(&text).as_bytes()));
    });
    c.bench_function(&name("cut for the index"), |b| {
        b.iter(|| Texts::of([title, title, black_box(&text), &text]).columns());
    });
    let lexicon = Lexicon::default();
    c.bench_function("text/a query", |b| {
        b.iter(|| {
            search::Query::parse(
                black_box("港口经济 title:harbours -\"City Council\""),
                &lexicon,
            )
        });
    });
    c.bench_function("text/slug of a title", |b| {
        b.iter(|| slugify(black_box(title)));
    });
    c.bench_function("text/sort key of a title", |b| {
        b.iter(|| title_key(black_box(title)));
    });
    c.bench_function("text/key of a name", |b| {
        b.iter(|| name_key(black_box(title)));
    });
}

criterion_group!(rules, decisions, presentations, comparisons, texts);
criterion_main!(rules);
