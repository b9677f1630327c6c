//! Server-sent events (WHATWG HTML, "Server-sent events"): what is [`Outward`], one after the other, for
//! as long as somebody listens.

use std::convert::Infallible;
use std::future::Future;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::web::Bytes;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, Responder};
use futures_util::stream::{self, Stream};

use super::edge::HeadersOnly;
use super::reply::Outward;

/// What can be told as an event.
pub trait Event: Outward {
    /// What a listener that comes back sends as `Last-Event-ID`.
    fn id(&self) -> String;
    /// The type of the event.
    fn kind(&self) -> &'static str;
}

/// How long a listener waits before it comes back, in milliseconds.
const RETRY: &str = "retry: 2000\n\n";

/// Keeps the connection from being taken for dead.
const ALIVE: &str = ":\n\n";

/// A stream of events.
pub struct Events(std::pin::Pin<Box<dyn Stream<Item = Result<Bytes, Infallible>>>>);

impl Events {
    /// Tells what `next` finds, until it finds that the stream is over (`None`). Where it finds nothing
    /// new, the connection is kept alive. What cannot be written ends it: an event that is passed over
    /// would be missed for good.
    pub fn of<S, E, F>(state: S, next: impl Fn(S) -> F + 'static) -> Self
    where
        S: 'static,
        E: Event,
        F: Future<Output = Option<(Vec<E>, S)>> + 'static,
    {
        let begun = stream::iter([Ok(Bytes::from_static(RETRY.as_bytes()))]);
        let told = stream::unfold(state, move |state| {
            let found = next(state);
            async move {
                let (events, state) = found.await?;
                Some((Ok(Bytes::from(written(&events)?)), state))
            }
        });
        Self(Box::pin(stream::StreamExt::chain(begun, told)))
    }
}

fn written<E: Event>(events: &[E]) -> Option<Vec<u8>> {
    if events.is_empty() {
        return Some(ALIVE.into());
    }
    let mut text = Vec::new();
    for event in events {
        // JSON has no line breaks outside of what it escapes.
        let (data, _) = event.bytes().ok()?;
        text.extend(format!("id: {}\nevent: {}\ndata: ", event.id(), event.kind()).into_bytes());
        text.extend(data);
        text.extend(b"\n\n");
    }
    Some(text)
}

impl Responder for Events {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::build(StatusCode::OK);
        response
            .insert_header((CONTENT_TYPE, "text/event-stream"))
            .insert_header((CACHE_CONTROL, "no-store"))
            // Who compresses waits for more; each event is to leave at once. So for proxies.
            .insert_header((CONTENT_ENCODING, "identity"))
            .insert_header(("X-Accel-Buffering", "no"));
        match request.extensions().contains::<HeadersOnly>() {
            true => response.finish(),
            false => response.streaming(self.0),
        }
    }
}
