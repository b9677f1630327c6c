//! The test application: the real one over a fresh database, a fixed clock and seeded ids.

pub mod claims;
pub mod corpus;
pub mod described;
pub mod engine;
pub mod ledger;
pub mod licensing;
pub mod newsroom;
pub mod request;
pub mod twin;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::OnceLock;

use actix_http::Request;
use actix_web::body::{MessageBody, to_bytes};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::test::TestRequest;
use chrono::{DateTime, TimeZone, Utc};
use futures_util::future::LocalBoxFuture;
use masthead::app::{Parts, app, assemble, migrate_up, open_database};
use masthead::clients::keys::FreshKey;
use masthead::clients::model::{Origin, Terms};
use masthead::config::{Config, RawConfig};
use masthead::db::{Actor, Db, WriteCx};
use masthead::http::auth::{ClientKind, Scope};
use masthead::kernel::id::{ClientId, Mint, PartnerId, UserId};
use masthead::kernel::language::Territory;
use masthead::kernel::time::Clock;
use masthead::keys::Foreign;
use masthead::partners::model::Profile;
use masthead::rights::{Channel, Role};
use masthead::users::model::{Account, Email, Password, PasswordHash};
use masthead::users::passwords::hash_now;
use masthead::users::sessions::{self, SignIn};
use secrecy::{ExposeSecret, SecretString};

pub use engine::Engine;
pub use request::{Answer, Ask};

/// The password of every user that [`TestApp::user`] makes.
pub const PASSWORD: &str = "correct horse battery";

type Call = Box<dyn Fn(Request) -> LocalBoxFuture<'static, ServiceResponse>>;

/// What seals the keys of every application under test.
const SECRET: &str = "a secret for tests that is long enough";

/// The application under test.
pub struct TestApp {
    pub parts: Parts,
    pub db: Db,
    pub clock: Clock,
    call: Call,
    sent: Cell<usize>,
    tokens: RefCell<HashMap<Role, Signed>>,
    users: RefCell<HashMap<Role, UserId>>,
    partner: RefCell<Option<PartnerId>>,
    /// Keys whose reading leaves nothing in the ledger.
    own_keys: RefCell<Vec<String>>,
    twin: RefCell<Option<Rc<twin::Twin>>>,
    // Dropped last: takes the database away.
    _home: engine::Home,
}

/// When somebody signed in, and with what token.
struct Signed {
    at: DateTime<Utc>,
    token: String,
}

/// When tests happen.
pub fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 6, 1, 12, 0, 0).unwrap()
}

impl TestApp {
    pub async fn new(engine: Engine) -> Self {
        Self::with(engine, |_| {}).await
    }

    /// The application with another configuration.
    pub async fn with(engine: Engine, change: impl FnOnce(&mut RawConfig)) -> Self {
        let home = engine::Home::new(engine);
        let mut raw = RawConfig {
            database_url: home.url.clone(),
            database_readers: 2,
            rate_limit_per_minute: 0,
            publishable_limit_per_minute: 0,
            login_limit_per_minute: 0,
            claims_limit_per_minute: 0,
            claims_limit_per_day: 0,
            // Receivers of webhooks listen on this machine.
            webhook_allow_private: true,
            webhook_timeout_seconds: 1,
            ..RawConfig::default()
        };
        change(&mut raw);
        let config: Config = raw.parse().expect("the test configuration is good");
        let db = open_database(&config).expect("the test database opens");
        migrate_up(&db).expect("migrations apply");
        Self::over(config, db, Clock::fixed(start()), Mint::seeded(1), home).await
    }

    /// The application anew over the same database at the same time, its ids made from `seed` on.
    pub async fn restarted(self, seed: u64) -> Self {
        let config = Config::clone(&self.parts.shared.config);
        Self::over(config, self.db, self.clock, Mint::seeded(seed), self._home).await
    }

    /// Another node over the same database, under the same clock. It lives no longer than this one.
    pub async fn beside(&self, seed: u64) -> Self {
        let config = Config::clone(&self.parts.shared.config);
        let db = open_database(&config).expect("the test database opens");
        let home = engine::Home::of(self.url());
        self.user_of(Role::Admin);
        let node = Self::over(config, db, self.clock.clone(), Mint::seeded(seed), home).await;
        node.users.borrow_mut().extend(self.users.borrow().iter());
        node
    }

    async fn over(config: Config, db: Db, clock: Clock, mint: Mint, home: engine::Home) -> Self {
        let parts = assemble(
            config,
            db.clone(),
            SECRET,
            Foreign::Refuse,
            clock.clone(),
            mint,
        )
        .expect("the application comes together");
        let call = called(Rc::new(actix_web::test::init_service(app(&parts)).await));
        Self {
            parts,
            db,
            clock,
            call,
            sent: Cell::new(0),
            tokens: RefCell::new(HashMap::new()),
            users: RefCell::new(HashMap::new()),
            partner: RefCell::new(None),
            own_keys: RefCell::new(Vec::new()),
            twin: RefCell::new(None),
            _home: home,
        }
    }

    /// Sends a request and reads the whole answer.
    pub async fn send(&self, request: Request) -> Answer {
        self.sent.set(self.sent.get() + 1);
        read(&self.call, request).await
    }

    /// Begins a request as somebody without a credential.
    /// How many requests were sent so far.
    pub fn sent(&self) -> usize {
        self.sent.get()
    }

    pub fn get(&self, path: &str) -> Ask<'_> {
        Ask::new(self, "GET", path)
    }

    pub fn post(&self, path: &str, body: serde_json::Value) -> Ask<'_> {
        Ask::new(self, "POST", path).json(body)
    }

    pub fn put(&self, path: &str, body: serde_json::Value) -> Ask<'_> {
        Ask::new(self, "PUT", path).json(body)
    }

    pub fn patch(&self, path: &str, body: serde_json::Value) -> Ask<'_> {
        Ask::new(self, "PATCH", path).json(body)
    }

    pub fn delete(&self, path: &str) -> Ask<'_> {
        Ask::new(self, "DELETE", path)
    }

    pub fn request(&self, method: &str, path: &str) -> Ask<'_> {
        Ask::new(self, method, path)
    }

    /// Lets the server do all that is due by now and that nobody asks for.
    pub async fn chores(&self) {
        let done = masthead::app::chores::catch_up(&self.parts.shared).await;
        done.expect("the chores are done");
    }

    /// Lets the process hear of what it keeps.
    pub fn refresh(&self) {
        masthead::app::refresh(&self.parts.shared).expect("what is kept is read");
    }

    /// Where its database is.
    pub fn url(&self) -> &str {
        &self._home.url
    }

    pub fn write(&self) -> WriteCx {
        WriteCx {
            actor: Actor::Operator,
            now: self.clock.now(),
            mint: self.parts.shared.mint.clone(),
            request_id: None,
            once: None,
        }
    }

    /// Adds a user with [`PASSWORD`].
    pub fn user(&self, email: &str, role: Role) -> UserId {
        let account = Account {
            email: Email::parse(email).expect("a mail address"),
            name: email.to_owned(),
            role,
            active: true,
        };
        masthead::users::store::create_now(&self.db, &self.write(), &account, &hashed())
            .expect("the user is added")
    }

    /// An access token of a new session of this user.
    pub async fn token_of(&self, user: UserId) -> String {
        let sign_in = SignIn {
            user,
            password_hash: hashed(),
            user_agent: None,
            token: format!(
                "{:?}",
                self.parts.shared.mint.id::<ClientId>(self.clock.now())
            ),
            expires_at: self.clock.now() + chrono::TimeDelta::days(30),
        };
        let bearer = sessions::start(&self.db, self.write(), sign_in)
            .await
            .expect("the session begins");
        self.parts
            .tokens
            .access(bearer, self.clock.now())
            .await
            .expect("a token is signed")
    }

    /// An access token of a user with this role, the same user for the whole test; a new
    /// token once the clock has outrun the old one.
    pub async fn token(&self, role: Role) -> String {
        let now = self.clock.now();
        let known = self
            .tokens
            .borrow()
            .get(&role)
            .map(|it| (it.at, it.token.clone()));
        if let Some((at, token)) = known
            && (now - at).abs() < chrono::TimeDelta::minutes(10)
        {
            return token;
        }
        let user = self.user_of(role);
        let token = self.token_of(user).await;
        let signed = Signed {
            at: now,
            token: token.clone(),
        };
        self.tokens.borrow_mut().insert(role, signed);
        token
    }

    /// The user with this role, the same for the whole test.
    pub fn user_of(&self, role: Role) -> UserId {
        *self
            .users
            .borrow_mut()
            .entry(role)
            .or_insert_with(|| self.user(&format!("{}@desk.example.org", role.as_str()), role))
    }

    /// A key of an own frontend on this channel, for everything there is to read.
    pub fn first_party_key(&self, channel: Channel) -> String {
        self.key(self.terms(ClientKind::FirstParty, channel)).1
    }

    /// A partner without a licence, the same for the whole test.
    pub fn partner(&self) -> PartnerId {
        *self.partner.borrow_mut().get_or_insert_with(|| {
            let profile = Profile {
                name: "Gulf Evening Post".to_owned(),
                contact: None,
                homepage_url: None,
            };
            self.db
                .write_now(&self.write(), |tx| {
                    let id: PartnerId = tx.cx.mint.id(tx.now());
                    masthead::partners::store::insert(tx, id, &profile).map(|()| id)
                })
                .expect("the partner is added")
        })
    }

    /// What a key is good for. Those of partners belong to [`TestApp::partner`], in China.
    pub fn terms(&self, kind: ClientKind, channel: Channel) -> Terms {
        let partner = (kind == ClientKind::Partner).then(|| self.partner());
        Terms {
            name: format!("{} {}", kind.as_str(), channel.as_str()),
            kind,
            channel,
            partner,
            territory: partner.and_then(|_| Territory::parse("CN")),
            scopes: vec![Scope::Articles, Scope::Catalogue],
            publishable: false,
            allowed_origins: Vec::<Origin>::new(),
            expires_at: None,
        }
    }

    /// A client and its key.
    pub fn key(&self, terms: Terms) -> (ClientId, String) {
        let fresh = FreshKey::make();
        let id = masthead::clients::store::create_now(&self.db, &self.write(), &terms, &fresh.mark)
            .expect("the client is added");
        let key = fresh.secret.expose_secret().to_owned();
        if terms.kind == ClientKind::FirstParty {
            self.own_keys.borrow_mut().push(key.clone());
        }
        (id, key)
    }
}

/// A way to call an application in process.
fn called<S, B>(service: Rc<S>) -> Call
where
    S: Service<Request, Response = ServiceResponse<B>, Error = actix_web::Error> + 'static,
    B: MessageBody + 'static,
{
    Box::new(move |request| {
        let service = Rc::clone(&service);
        Box::pin(async move {
            match service.call(request).await {
                Ok(response) => response.map_into_boxed_body(),
                Err(error) => {
                    let request = TestRequest::default().to_http_request();
                    ServiceResponse::from_err(error, request).map_into_boxed_body()
                }
            }
        })
    })
}

/// Sends a request and reads the whole answer.
async fn read(call: &Call, request: Request) -> Answer {
    let response = call(request).await;
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let body = to_bytes(response.into_body()).await.unwrap_or_default();
    Answer {
        status,
        headers,
        body,
    }
}

/// One hash for all: hashing is slow on purpose.
fn hashed() -> PasswordHash {
    static HASH: OnceLock<String> = OnceLock::new();
    let text = HASH.get_or_init(|| {
        let password = Password::parse(&SecretString::from(PASSWORD)).expect("long enough");
        hash_now(&password).expect("it hashes").as_str().to_owned()
    });
    PasswordHash::new(text.clone())
}

/// Runs one test body on both engines. PostgreSQL takes part where
/// `MASTHEAD_TEST_POSTGRES_URL` names a server; otherwise the test says that it was skipped.
macro_rules! both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports, reason = "bodies differ in what they use")]
            use super::*;

            async fn body($app: $crate::support::TestApp) $body

            #[actix_web::test]
            async fn sqlite() {
                body($crate::support::TestApp::new($crate::support::Engine::Sqlite).await).await;
            }

            #[actix_web::test]
            async fn postgres() {
                if $crate::support::engine::postgres_is_there() {
                    body($crate::support::TestApp::new($crate::support::Engine::Postgres).await).await;
                }
            }
        }
    )+};
}
pub(crate) use both_engines;
