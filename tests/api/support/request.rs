//! Requests in a line, answers that say what was wrong with them.

use actix_web::http::header::HeaderMap;
use actix_web::test::TestRequest;
use actix_web::web::Bytes;
use masthead::rights::Role;
use serde_json::Value;

use super::{TestApp, described, twin};

/// A request under construction.
pub struct Ask<'a> {
    app: &'a TestApp,
    method: String,
    path: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Option<Vec<u8>>,
}

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl<'a> Ask<'a> {
    pub fn new(app: &'a TestApp, method: &str, path: &str) -> Self {
        Self {
            app,
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: None,
        }
    }

    pub fn method(&self) -> &str {
        &self.method
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn header(self, name: &str, value: &str) -> Self {
        self.header_bytes(name, value.as_bytes())
    }

    /// A header whose value need not be text.
    pub fn header_bytes(mut self, name: &str, value: &[u8]) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn json(self, body: Value) -> Self {
        self.raw("application/json", body.to_string().into_bytes())
    }

    pub fn raw(mut self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self = self.header("content-type", media_type);
        self.body = Some(body.into());
        self
    }

    /// A body without a media type.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn key(self, key: &str) -> Self {
        self.header("x-api-key", key)
    }

    pub fn if_match(self, etag: &str) -> Self {
        self.header("if-match", etag)
    }

    /// Sends it without a credential, or with the one given. The answer is held against the
    /// published document.
    pub async fn send(self) -> Answer {
        let (method, path) = (self.method.clone(), self.path.clone());
        let (app, headers) = (self.app, self.headers.clone());
        let answer = self.send_unchecked().await;
        described::check(&method, &path, &answer);
        if method == "GET" {
            twin::agrees(app, &path, &headers, &answer).await;
        }
        answer
    }

    /// Sends it and takes whatever comes.
    pub async fn send_unchecked(self) -> Answer {
        let method = self.method.parse().expect("a method");
        let mut request = TestRequest::with_uri(&self.path)
            .method(method)
            .peer_addr("127.0.0.1:5000".parse().expect("an address"));
        for (name, value) in &self.headers {
            request = request.append_header((name.as_str(), value.as_slice()));
        }
        if let Some(body) = self.body {
            request = request.set_payload(body);
        }
        self.app.send(request.to_request()).await
    }

    /// Sends it as a member of staff.
    pub async fn by_role(self, role: Role) -> Answer {
        let token = self.app.token(role).await;
        self.bearer(&token).send().await
    }

    pub async fn by_admin(self) -> Answer {
        self.by_role(Role::Admin).await
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header's value; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    pub fn etag(&self) -> String {
        self.header("etag").to_owned()
    }

    /// The answer, if it has this status; else the test ends and shows it.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        if status >= 400 {
            assert_eq!(self.header("content-type"), "application/problem+json");
            let problem = self.json();
            assert_eq!(problem["status"], status);
            assert!(
                problem["type"]
                    .as_str()
                    .is_some_and(|kind| kind.starts_with("/problems/"))
            );
        }
        self
    }

    /// `id` of the body.
    #[track_caller]
    pub fn id(&self) -> String {
        self.json()["id"].as_str().expect("an id").to_owned()
    }

    /// Pointers and codes of all faults, sorted.
    pub fn faults(&self) -> Vec<(String, String)> {
        let mut faults: Vec<(String, String)> = self.json()["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|fault| {
                let at = fault.get("pointer").or_else(|| fault.get("parameter"));
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                (at.map(text).unwrap_or_default(), text(&fault["code"]))
            })
            .collect();
        faults.sort();
        faults
    }
}

/// Faults as [`Answer::faults`] tells them.
pub fn faults(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut faults: Vec<(String, String)> = expected
        .iter()
        .map(|(at, code)| ((*at).to_owned(), (*code).to_owned()))
        .collect();
    faults.sort();
    faults
}
