//! The rule book: audience × work × surface × projection × clock. The [`oracle`] says what the text of the
//! rules says; the [`laws`] hold every answer, byte by byte, against it.

mod books;
mod corpus;
mod deals;
mod laws;
mod licensed;
mod oracle;
mod surfaces;
mod traces;

use chrono::{DateTime, Utc};
use masthead::http::auth::ClientKind;
use masthead::rights::{Channel, Role};

use crate::support::{Answer, Ask, TestApp, both_engines};
use corpus::Work;
use laws::{PROJECTIONS, Projection, Seat};
use oracle::{Key, Reader};

/// How a reader makes itself known.
enum Door {
    Staff(Role),
    Key(String),
    Agent,
    None,
}

/// A partner without a licence.
static UNLICENSED: Key = Key {
    channel: "syndication",
    territory: "CN",
    licences: Vec::new(),
};

fn readers(app: &TestApp) -> Vec<(&'static str, Reader, Door)> {
    let key = |kind, channel| Door::Key(app.key(app.terms(kind, channel)).1);
    vec![
        ("admin", Reader::Desk, Door::Staff(Role::Admin)),
        ("rights", Reader::Desk, Door::Staff(Role::Rights)),
        ("editor", Reader::Desk, Door::Staff(Role::Editor)),
        ("author", Reader::Author, Door::Staff(Role::Author)),
        ("viewer", Reader::Viewer, Door::Staff(Role::Viewer)),
        (
            "web",
            Reader::Own("web"),
            key(ClientKind::FirstParty, Channel::Web),
        ),
        (
            "app",
            Reader::Own("app"),
            key(ClientKind::FirstParty, Channel::App),
        ),
        (
            "partner",
            Reader::Partner(&UNLICENSED),
            key(ClientKind::Partner, Channel::Syndication),
        ),
        (
            "partner on the web",
            Reader::Partner(&UNLICENSED),
            key(ClientKind::Partner, Channel::Web),
        ),
        (
            "crawler",
            Reader::Crawler(None),
            key(ClientKind::AiCrawler, Channel::Ai),
        ),
        ("crawler by name", Reader::Crawler(None), Door::Agent),
        ("public", Reader::Public, Door::None),
    ]
}

async fn through(door: &Door, ask: Ask<'_>) -> Answer {
    match door {
        Door::Staff(role) => ask.by_role(*role).await,
        Door::Key(key) => ask.key(key).send().await,
        Door::Agent => {
            ask.header(
                "user-agent",
                "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)",
            )
            .send()
            .await
        }
        Door::None => ask.send().await,
    }
}

fn set_clock(app: &TestApp, to: DateTime<Utc>) {
    app.clock.advance(to - app.clock.now());
}

fn path(of: &str, projection: Projection, more: &str) -> String {
    format!("/v1/articles{of}?{more}{}", projection.query)
}

async fn one(
    app: &TestApp,
    seat: &Seat<'_>,
    door: &Door,
    works: &[Work],
    at: usize,
    projection: Projection,
    by_slug: bool,
) {
    let work = &works[at];
    let (of, surface) = if by_slug {
        (format!("/slug/{}", work.slug), "slug")
    } else {
        (format!("/{}", work.id), "id")
    };
    let answer = through(door, app.get(&path(&of, projection, ""))).await;
    laws::item(&answer, seat, works, at, projection, surface);
}

/// The forms of a work that stand alone.
const FORMATS: [&str; 3] = ["html", "markdown", "text"];

async fn document(
    app: &TestApp,
    seat: &Seat<'_>,
    door: &Door,
    works: &[Work],
    at: usize,
    format: &str,
) {
    let path = format!("/v1/articles/{}/representations/{format}", works[at].id);
    let answer = through(door, app.get(&path)).await;
    surfaces::document(&answer, seat, works, at, format);
}

/// How many HTTP cases each test makes at least, on each engine.
#[derive(Debug, Clone, Copy)]
enum Share {
    Readers = 4_500,
    Projections = 3_400,
    Errors = 4_400,
    Licences = 5_000,
    Surfaces = 4_000,
    Traces = 1_700,
}

impl Share {
    const ALL: [Self; 6] = [
        Self::Readers,
        Self::Projections,
        Self::Errors,
        Self::Licences,
        Self::Surfaces,
        Self::Traces,
    ];
}

/// How many they are together, at least.
const CASES: usize = 5_000;

const _: () = {
    let (mut sum, mut at) = (0, 0);
    while at < Share::ALL.len() {
        sum += Share::ALL[at] as usize;
        at += 1;
    }
    assert!(sum >= CASES, "the rule book's tests ask for too little");
};

/// Counts the cases of a test: the requests from here on, when its works are there.
struct Cases<'a> {
    app: &'a TestApp,
    before: usize,
}

impl<'a> Cases<'a> {
    fn of(app: &'a TestApp) -> Self {
        Self {
            app,
            before: app.sent(),
        }
    }

    /// The test has made its share.
    fn suffice(&self, share: Share) {
        let made = self.app.sent() - self.before;
        assert!(made >= share as usize, "{share:?}: {made} cases");
    }
}

both_engines! {
    /// Every reader, work and instant, on every surface; projections take turns.
    async fn every_reader_gets_of_every_work_what_the_rules_say_at_every_instant(app) {
        let desk = app.newsroom().await;
        let works = corpus::build(&app, &desk).await;
        let readers = readers(&app);
        let cases = Cases::of(&app);
        let mut turn = 0;
        let mut next = || {
            turn += 1;
            PROJECTIONS[(turn + turn / PROJECTIONS.len()) % PROJECTIONS.len()]
        };
        for now in corpus::clocks() {
            set_clock(&app, now);
            for (name, reader, door) in &readers {
                let seat = Seat { name, reader: *reader, now };
                let at_boundary = corpus::is_boundary(now);
                // Beside a boundary it is enough to ask as one of those who get the same.
                if !at_boundary && ["rights", "editor", "partner on the web"].contains(name) {
                    continue;
                }
                for at in 0..works.len() {
                    // What licences alone tell apart is the licensed readers' matter.
                    if at < corpus::OF_THE_SITE || at_boundary {
                        one(&app, &seat, door, &works, at, next(), false).await;
                    }
                    if at_boundary && at % 2 == 0 {
                        one(&app, &seat, door, &works, at, next(), true).await;
                    } else if at_boundary {
                        document(&app, &seat, door, &works, at, FORMATS[at % 3]).await;
                    }
                }
                let projection = next();
                let all = through(door, app.get(&path("", projection, "limit=100&count=exact&"))).await;
                laws::list(&all, &seat, &works, |_| true, projection, false);
                let projection = next();
                let reprints = through(door, app.get(&path("", projection, "limit=100&sort=title&origin=reprint&language=en&include_stubs=true&"))).await;
                laws::list(&reprints, &seat, &works, |work| work.facts.terms.is_some(), projection, true);
            }
        }
        cases.suffice(Share::Readers);
    }

    /// Every reader, work and projection, at an instant at which all of them differ.
    async fn no_projection_shows_more(app) {
        let desk = app.newsroom().await;
        let works = corpus::build(&app, &desk).await;
        let now = corpus::minute(corpus::EMBARGO_ENDS - 30);
        set_clock(&app, now);
        let mut readers = readers(&app);
        let telling = ["excerpts", "excerpts of next to nothing", "headlines", "privileged", "a machine"];
        for deal in deals::build(&app, &desk, &works).await {
            if telling.contains(&deal.name) {
                readers.push((deal.name, deal.reader, Door::Key(deal.key)));
            }
        }
        let cases = Cases::of(&app);
        for (name, reader, door) in &readers {
            let seat = Seat { name, reader: *reader, now };
            for projection in PROJECTIONS {
                for at in 0..works.len() {
                    one(&app, &seat, door, &works, at, projection, false).await;
                }
                let all = through(door, app.get(&path("", projection, "limit=100&"))).await;
                laws::list(&all, &seat, &works, |_| true, projection, false);
            }
        }
        cases.suffice(Share::Projections);
    }

    /// Errors hold no text, and a work that may not be known of answers as one that is not there.
    async fn errors_tell_nothing(app) {
        let desk = app.newsroom().await;
        let works = corpus::build(&app, &desk).await;
        let nothing = "/v1/articles/art_01900000000070008000000000000009";
        let cases = Cases::of(&app);
        for now in [corpus::minute(corpus::EMBARGO_ENDS - 30), corpus::minute(corpus::SCHEDULED)] {
            set_clock(&app, now);
            for (name, reader, door) in &readers(&app) {
                let seat = Seat { name, reader: *reader, now };
                for wrong in ["?fields=secret", "?include=versions,x", "?include=versions", "?body_format=pdf", "?colour=red", "?fields=a&fields=b", "/nothing", "/publish"] {
                    let of_nothing = through(door, app.get(&format!("{nothing}{wrong}"))).await;
                    for work in &works {
                        let place = format!("{name} × {} × {wrong} at {now}", work.name);
                        let answer = through(door, app.get(&format!("/v1/articles/{}{wrong}", work.id))).await;
                        if answer.status == 200 {
                            continue;
                        }
                        let raw = laws::raw(&answer);
                        for work in &works {
                            for (part, _) in corpus::PARTS {
                                assert!(!raw.contains(&work.mark(part)), "{place}: {raw}");
                            }
                        }
                        assert!(!raw.contains("secret-"), "{place}");
                        if seat.given(work) == oracle::Given::Status(404) {
                            let told = |answer: &Answer| {
                                let mut problem = answer.json();
                                problem["instance"].take();
                                problem["request_id"].take();
                                (answer.status, problem, answer.header("etag").to_owned(), answer.header("allow").to_owned())
                            };
                            assert_eq!(told(&answer), told(&of_nothing), "{place}");
                        }
                    }
                }
            }
        }
        cases.suffice(Share::Errors);
    }
}
