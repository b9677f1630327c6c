//! How a message goes out: one POST over HTTP/1.1, to public addresses only. Names are looked up at
//! each connection, and what is found is judged before anything is connected to, so that a name that
//! leads elsewhere the second time gains nothing. No redirect is followed, and no proxy is used.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{self, HeaderValue};
use hyper::{Request, Response};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use url::Url;

use super::address;
use super::model::AttemptOutcome;

/// What is read of an answer's body, so that its connection can be used again. Nothing is kept.
const MOST_READ: usize = 16 * 1024;

/// How long a connection is kept without use, in seconds.
const IDLE_SECONDS: u64 = 30;

const AGENT: &str = concat!("Masthead/", env!("CARGO_PKG_VERSION"), " (webhooks)");

/// Sends requests. Cheap to clone.
#[derive(Clone)]
pub struct Transport {
    client: Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>,
    allow_private: bool,
    timeout: Duration,
}

/// What is sent, headers included.
#[derive(Debug, Clone)]
pub struct Post {
    pub url: String,
    pub id: String,
    /// Seconds since 1970.
    pub seconds: i64,
    pub signature: String,
    pub body: String,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub outcome: AttemptOutcome,
    pub status: Option<u16>,
    pub retry_after: Option<String>,
    pub took: Duration,
}

impl Transport {
    /// `timeout` is for the whole of a request.
    ///
    /// # Errors
    /// Where TLS cannot be set up.
    pub fn new(allow_private: bool, timeout: Duration) -> Result<Self, rustls::Error> {
        let mut http = HttpConnector::new_with_resolver(Resolver { allow_private });
        http.enforce_http(false);
        http.set_connect_timeout(Some(timeout));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls()?)
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(IDLE_SECONDS))
            .build(connector);
        Ok(Self {
            client,
            allow_private,
            timeout,
        })
    }

    /// Posts, and says what came of it.
    pub async fn post(&self, post: Post) -> Reply {
        let began = Instant::now();
        let reply = |outcome, status, retry_after| Reply {
            outcome,
            status,
            retry_after,
            took: began.elapsed(),
        };
        // Numbers in the place of a name are looked up by nobody.
        let url = Url::parse(&post.url).ok();
        let is_good = url.is_some_and(|url| address::fault(&url, self.allow_private).is_none());
        let Some(request) = is_good.then(|| request(post)).flatten() else {
            return reply(AttemptOutcome::RefusedAddress, None, None);
        };
        let answered = tokio::time::timeout(self.timeout, self.client.request(request)).await;
        let response = match answered {
            Err(_) => return reply(AttemptOutcome::TimedOut, None, None),
            Ok(Err(error)) if is_refused(&error) => {
                return reply(AttemptOutcome::RefusedAddress, None, None);
            }
            Ok(Err(error)) => {
                tracing::debug!(?error, "a webhook's receiver was not reached");
                return reply(AttemptOutcome::Unreachable, None, None);
            }
            Ok(Ok(response)) => response,
        };
        let status = response.status().as_u16();
        let retry_after = response.headers().get(header::RETRY_AFTER);
        let retry_after = retry_after.and_then(|value| value.to_str().ok().map(str::to_owned));
        let outcome = match status {
            200..=299 => AttemptOutcome::Delivered,
            410 => AttemptOutcome::Gone,
            429 => AttemptOutcome::Throttled,
            503 if retry_after.is_some() => AttemptOutcome::Throttled,
            _ => AttemptOutcome::Rejected,
        };
        let left = self.timeout.saturating_sub(began.elapsed());
        // The status has said it all.
        drop(tokio::time::timeout(left, drain(response)).await);
        reply(outcome, Some(status), retry_after)
    }
}

/// The machine's own certificates (`SSL_CERT_FILE` and `SSL_CERT_DIR` name others).
fn tls() -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (good, _) = roots.add_parsable_certificates(found.certs);
    if good == 0 {
        tracing::warn!(
            "no certificates of authorities were found: no webhook can be sent by https"
        );
    }
    let builder = ClientConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn request(post: Post) -> Option<Request<Full<Bytes>>> {
    let mut signature = HeaderValue::from_str(&post.signature).ok()?;
    signature.set_sensitive(true);
    // As `url` writes it: in ASCII.
    let url = Url::parse(&post.url).ok()?;
    Request::post(url.as_str())
        .header(header::USER_AGENT, AGENT)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "*/*")
        .header("webhook-id", post.id)
        .header("webhook-timestamp", post.seconds)
        .header("webhook-signature", signature)
        .body(Full::new(Bytes::from(post.body)))
        .ok()
}

async fn drain(response: Response<Incoming>) {
    let (mut body, mut read) = (response.into_body(), 0);
    while let Some(Ok(frame)) = body.frame().await {
        read += frame.data_ref().map_or(0, Bytes::len);
        if read > MOST_READ {
            return;
        }
    }
}

/// A name leads to addresses that are refused only.
#[derive(Debug)]
struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name leads to private, local or reserved addresses only")
    }
}

impl Error for Refused {}

fn is_refused(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        // What looks names up may only tell of it within an error of input and output.
        let within = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        if error.is::<Refused>() || within.is_some_and(|within| within.is::<Refused>()) {
            return true;
        }
        next = error.source();
    }
    false
}

/// Looks names up, and leaves out what is not public.
#[derive(Debug, Clone, Copy)]
struct Resolver {
    allow_private: bool,
}

/// Addresses that may be connected to.
type Found = std::vec::IntoIter<SocketAddr>;

impl tower_service::Service<Name> for Resolver {
    type Response = Found;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Found>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            public(found, allow_private)
        })
    }
}

fn public(found: impl Iterator<Item = SocketAddr>, allow_private: bool) -> io::Result<Found> {
    let kept: Vec<SocketAddr> = found
        .filter(|at| allow_private || address::is_public(at.ip()))
        .collect();
    match kept.is_empty() {
        true => Err(io::Error::other(Refused)),
        false => Ok(kept.into_iter()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(addresses: &[&str], allow_private: bool) -> Option<Vec<String>> {
        let all = addresses.iter().map(|text| text.parse().unwrap());
        let kept = public(all, allow_private).ok()?;
        Some(kept.map(|at| at.ip().to_string()).collect())
    }

    #[test]
    fn of_what_a_name_leads_to_only_the_public_is_kept() {
        let mixed = [
            "127.0.0.1:0",
            "1.1.1.1:0",
            "[fe80::1]:0",
            "[2606:4700::1]:0",
        ];
        let public = vec!["1.1.1.1".to_owned(), "2606:4700::1".to_owned()];
        assert_eq!(found(&mixed, false), Some(public));
        assert_eq!(found(&["10.0.0.1:0", "[::ffff:8.8.8.8]:0"], false), None);
        assert_eq!(
            found(&["10.0.0.1:0"], true),
            Some(vec!["10.0.0.1".to_owned()])
        );
        assert_eq!(found(&[], true), None);
    }

    fn post(url: &str) -> Post {
        Post {
            url: url.to_owned(),
            id: "msg_1".to_owned(),
            seconds: 1,
            signature: "v1,AAAA".to_owned(),
            body: "{}".to_owned(),
        }
    }

    #[tokio::test]
    async fn neither_numbers_nor_names_lead_to_this_machine() {
        // Somebody listens there, and must hear nothing.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let strict = Transport::new(false, Duration::from_secs(5)).unwrap();
        for host in ["127.0.0.1", "localhost", "0x7f.1", "[::ffff:127.0.0.1]"] {
            let reply = strict.post(post(&format!("https://{host}:{port}/"))).await;
            assert_eq!(reply.outcome, AttemptOutcome::RefusedAddress, "{host}");
        }
        assert!(listener.accept().is_err(), "nobody has connected");
        // What the resolver refuses is told as such, past all layers.
        let name = "localhost".parse().unwrap();
        let mut resolver = Resolver {
            allow_private: false,
        };
        let refused = tower_service::Service::<Name>::call(&mut resolver, name).await;
        assert!(is_refused(&refused.err().unwrap()));
        let mut http = HttpConnector::new_with_resolver(resolver);
        http.enforce_http(false);
        let bare: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build(http);
        let error = bare
            .request(request(post(&format!("http://localhost:{port}/"))).unwrap())
            .await
            .err()
            .unwrap();
        assert!(is_refused(&error), "{error:?}");
        assert!(listener.accept().is_err(), "nobody has connected");
    }
}
