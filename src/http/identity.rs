//! Who calls: the credential of a request, and whose it is.

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderName};
use aho_corasick::{AhoCorasick, BuildError};
use chrono::{DateTime, Utc};

use super::auth::{Denied, KEY_PREFIX, Principal};
use super::context::Shared;
use super::problem::Problem;

/// Parts of user agents' names that mark crawlers, whatever their case.
pub struct Crawlers(AhoCorasick);

impl Crawlers {
    /// # Errors
    /// If the names are too many or too long to be looked for at once.
    pub fn new(names: &[String]) -> Result<Self, BuildError> {
        let names = names.iter().filter(|name| !name.is_empty());
        let mut builder = AhoCorasick::builder();
        builder.ascii_case_insensitive(true).build(names).map(Self)
    }

    fn declared_by(&self, agent: &str) -> bool {
        self.0.is_match(agent)
    }
}

/// What a request shows of who sends it.
enum Credential<'a> {
    None {
        agent: &'a str,
    },
    Key(&'a str),
    Token(&'a str),
    /// An address that is signed for a client: for readers of feeds, which send no headers.
    Signed {
        client: String,
        signature: String,
    },
}

/// What addresses can be signed for.
pub const SIGNABLE: &str = "/v1/feeds/";

/// Where addresses are signed.
const SIGNING: &str = "/v1/feeds/link";

/// The parameters of a signed address.
fn signed(request: &HttpRequest) -> Option<Credential<'static>> {
    // To sign is not a thing to be signed.
    if !request.path().starts_with(SIGNABLE) || request.path() == SIGNING {
        return None;
    }
    let (mut client, mut signature) = (None, None);
    for (name, value) in url::form_urlencoded::parse(request.query_string().as_bytes()) {
        match name.as_ref() {
            "client" => client = Some(value.into_owned()),
            "signature" => signature = Some(value.into_owned()),
            _ => {}
        }
    }
    match (client, signature) {
        (None, None) => None,
        (client, signature) => Some(Credential::Signed {
            client: client.unwrap_or_default(),
            signature: signature.unwrap_or_default(),
        }),
    }
}

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

fn text(request: &HttpRequest, name: HeaderName) -> Option<&str> {
    let value = request.headers().get(name);
    value.map(|value| value.to_str().unwrap_or("?"))
}

fn credential(request: &HttpRequest) -> Result<Credential<'_>, Denied> {
    let headers = request.headers();
    if [header::AUTHORIZATION, API_KEY]
        .iter()
        .any(|name| headers.get_all(name).nth(1).is_some())
    {
        return Err(Denied::Invalid("Give one credential, not two."));
    }
    let bearer = match text(request, header::AUTHORIZATION) {
        None => None,
        Some(value) => Some(
            value
                .split_once(' ')
                .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
                .map(|(_, token)| token.trim())
                .ok_or(Denied::Invalid("Authorization takes a Bearer token."))?,
        ),
    };
    let key = text(request, API_KEY);
    if let Some(signed) = signed(request) {
        return match (bearer, key) {
            (None, None) => Ok(signed),
            _ => Err(Denied::Invalid("Give one credential, not two.")),
        };
    }
    match (bearer, key) {
        (Some(_), Some(_)) => Err(Denied::Invalid("Give one credential, not two.")),
        (Some(key), None) | (None, Some(key)) if key.starts_with(KEY_PREFIX) => {
            Ok(Credential::Key(key))
        }
        (Some(token), None) => Ok(Credential::Token(token)),
        (None, Some(_)) => Err(Denied::Invalid("The API key is unknown.")),
        (None, None) => Ok(Credential::None {
            agent: text(request, header::USER_AGENT).unwrap_or_default(),
        }),
    }
}

fn anonymous(shared: &Shared, agent: &str) -> Principal {
    Principal::Anonymous {
        crawler: shared.crawlers.declared_by(agent),
    }
}

/// Who calls, if that is known without asking the database, and is no member of staff.
pub(super) fn known(
    request: &HttpRequest,
    shared: &Shared,
    now: DateTime<Utc>,
) -> Option<Principal> {
    match credential(request).ok()? {
        Credential::None { agent } => Some(anonymous(shared, agent)),
        Credential::Token(_) | Credential::Signed { .. } => None,
        Credential::Key(key) => {
            let origin = text(request, header::ORIGIN);
            let client = shared.credentials.known_client(key, origin, now)?;
            Some(Principal::Client(client))
        }
    }
}

/// Who calls.
///
/// # Errors
/// 401 for a credential that is not taken, 403 for one that is not taken here, or a database
/// error.
pub(super) async fn identify(request: &HttpRequest, shared: &Shared) -> Result<Principal, Problem> {
    let now = shared.clock.now();
    match credential(request)? {
        Credential::None { agent } => Ok(anonymous(shared, agent)),
        Credential::Token(token) => {
            let staff = shared.credentials.staff(token, now).await?;
            Ok(Principal::Staff(staff))
        }
        Credential::Signed { client, signature } => {
            let (doors, path) = (&shared.credentials, request.path());
            let client = doors.signed_client(&client, path, &signature, now).await?;
            Ok(Principal::Client(client))
        }
        Credential::Key(key) => {
            let origin = text(request, header::ORIGIN);
            let client = shared.credentials.client(key, origin, now).await?;
            if client.publishable && !request.method().is_safe() {
                return Err(Denied::NotHere("A publishable key reads only.").into());
            }
            Ok(Principal::Client(client))
        }
    }
}
