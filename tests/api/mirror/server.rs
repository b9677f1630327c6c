//! A server that speaks as much of the API as a mirror asks.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use masthead::kernel::id::{AdvisoryId, ArticleId, Mint};
use masthead::kernel::time::Clock;
use masthead::mirror::{Format, Mirror, MirrorError, Options, Patience, State, Summary};
use parking_lot::Mutex;
use secrecy::SecretString;
use serde_json::{Value, json};

pub const KEY: &str = "mh_a-key-that-nobody-has-x4Qc";

/// What the server says of an article.
#[derive(Clone)]
pub enum Says {
    Text(i64),
    Stub,
    Status(u16, &'static str),
}

/// A request that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Came {
    pub method: String,
    pub path: String,
    pub query: String,
}

#[derive(Default)]
pub struct Said {
    pub log: Vec<Value>,
    pub articles: HashMap<ArticleId, Says>,
    pub advisories: BTreeMap<AdvisoryId, Value>,
    /// The next answers, whatever is asked: status, `Retry-After`.
    pub faults: VecDeque<(u16, Option<&'static str>)>,
    /// What is refused once, whatever is said of it.
    pub refused: HashSet<ArticleId>,
    /// Answers after which there is nothing but 503.
    pub dies_after: Option<usize>,
    pub came: Vec<Came>,
    /// Of each acknowledgement: what was said, and the files that were there when it came.
    pub acknowledged: Vec<(AdvisoryId, Value, Vec<String>)>,
    pub folder: PathBuf,
    pub ratelimit: Option<&'static str>,
    numbers: usize,
}

pub struct Server {
    pub said: Arc<Mutex<Said>>,
    pub folder: tempfile::TempDir,
    address: SocketAddr,
    handle: ServerHandle,
    mint: Mint,
}

fn serve(said: &Arc<Mutex<Said>>, at: SocketAddr) -> (ServerHandle, SocketAddr) {
    let data = web::Data::new(said.clone());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .default_service(web::to(answer))
    })
    .workers(1)
    .bind(at)
    .unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    (handle, address)
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

impl Server {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let said = Arc::new(Mutex::new(Said {
            folder: folder.path().to_owned(),
            ..Said::default()
        }));
        let (handle, address) = serve(&said, ([127, 0, 0, 1], 0).into());
        Self {
            said,
            folder,
            address,
            handle,
            mint: Mint::seeded(11),
        }
    }

    /// Ends the server that has died, with all that it has been asked and has not answered, and starts
    /// another one in its place.
    pub async fn revive(&mut self) {
        self.handle.stop(false).await;
        self.said.lock().dies_after = None;
        (self.handle, _) = serve(&self.said, self.address);
    }

    /// A new article that the key may read.
    pub fn publish(&self) -> ArticleId {
        let id = self.mint.id(at());
        self.tell(id, "created", Says::Text(1));
        id
    }

    /// Something happens to an article. The entry names the version that there is then, if any.
    pub fn tell(&self, id: ArticleId, kind: &str, says: Says) {
        self.entry(id, kind, None);
        if let Says::Text(version) = says {
            let mut said = self.said.lock();
            let entry = said.log.last_mut().unwrap();
            entry["article"]["version"] = json!(version);
        }
        self.said.lock().articles.insert(id, says);
    }

    pub fn entry(&self, id: ArticleId, kind: &str, advisory: Option<AdvisoryId>) {
        let mut said = self.said.lock();
        said.numbers += 1;
        let entry = json!({
            "id": format!("chg_{:032x}", said.numbers), "kind": kind, "at": "2026-06-01T00:00:00Z",
            "article": {"id": id, "href": format!("/v1/articles/{id}"), "version": null, "extent": null},
            "reason_class": null,
            "advisory": advisory.map(|id| json!({"id": id, "href": format!("/v1/advisories/{id}")})),
        });
        said.log.push(entry);
    }

    pub fn advise(&self, article: ArticleId, kind: &str, version: i64) -> AdvisoryId {
        let id: AdvisoryId = self.mint.id(at());
        let advisory = json!({"id": id, "kind": kind, "status": "open", "version": version, "article_id": article});
        self.said.lock().advisories.insert(id, advisory);
        self.entry(article, "advisory", Some(id));
        id
    }

    pub fn options(&self, format: Format) -> Options {
        Options {
            from: format!("http://{}/", self.address).parse().unwrap(),
            key: SecretString::from(KEY),
            to: self.folder.path().to_owned(),
            format,
            follow: false,
            acknowledge: true,
            patience: Patience {
                attempts: Some(1),
                ..Patience::ONCE
            },
            clock: Clock::System,
        }
    }

    /// One run from the beginning to the end, as a process.
    pub async fn run(&self, format: Format) -> Result<(Summary, Vec<String>), MirrorError> {
        let mut mirror = Mirror::open(self.options(format))?;
        let mut lines = Vec::new();
        mirror.run(&mut |told| lines.push(told.to_string())).await?;
        Ok((mirror.summary().clone(), lines))
    }

    pub async fn mirror(&self) -> Summary {
        self.run(Format::Json).await.unwrap().0
    }

    /// What was asked since this was asked last.
    pub fn came(&self) -> Vec<Came> {
        std::mem::take(&mut self.said.lock().came)
    }

    pub fn state(&self) -> State {
        serde_json::from_slice(&std::fs::read(self.folder.path().join(".mirror.json")).unwrap())
            .unwrap()
    }

    /// The articles that the key may read, each as it should be in the folder.
    pub fn readable(&self, format: Format) -> BTreeMap<String, String> {
        let said = self.said.lock();
        let texts = said.articles.iter().filter_map(|(id, says)| match says {
            Says::Text(version) => Some((
                format!("{id}.{}", format.extension()),
                text(*id, *version, format == Format::Json),
            )),
            Says::Stub | Says::Status(..) => None,
        });
        texts.collect()
    }

    /// The articles that are in the folder.
    pub fn held(&self) -> BTreeMap<String, String> {
        files(&self.folder.path().join("articles"))
            .into_iter()
            .map(|path| {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                (name, std::fs::read_to_string(path).unwrap())
            })
            .collect()
    }

    pub fn is_in_step(&self, format: Format) {
        assert_eq!(self.held(), self.readable(format));
    }
}

fn at() -> chrono::DateTime<chrono::Utc> {
    "2026-06-01T00:00:00Z".parse().unwrap()
}

pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn text(id: ArticleId, version: i64, is_json: bool) -> String {
    match is_json {
        true => json!({"id": id, "version": version, "attribution": {"credit_line": "Source: A", "usage": {"extent": "full"}}})
            .to_string(),
        false => format!("text of {id} in version {version}"),
    }
}

async fn answer(
    request: HttpRequest,
    body: web::Bytes,
    said: web::Data<Arc<Mutex<Said>>>,
) -> HttpResponse {
    let mut said = said.lock();
    said.came.push(Came {
        method: request.method().to_string(),
        path: request.path().to_owned(),
        query: request.query_string().to_owned(),
    });
    if request
        .headers()
        .get("x-api-key")
        .is_none_or(|key| key != KEY)
    {
        return problem(401, "unauthorized");
    }
    if let Some((status, retry_after)) = said.faults.pop_front() {
        let mut answer = problem(status, "of-a-test");
        if let Some(after) = retry_after {
            let name = match status {
                307 => actix_web::http::header::LOCATION,
                _ => actix_web::http::header::RETRY_AFTER,
            };
            answer.headers_mut().insert(name, after.parse().unwrap());
        }
        return answer;
    }
    if let Some(left) = &mut said.dies_after {
        if *left == 0 {
            return problem(503, "unavailable");
        }
        *left -= 1;
    }
    let parts: Vec<&str> = request.path().split('/').skip(2).collect();
    let query = web::Query::<HashMap<String, String>>::from_query(request.query_string()).unwrap();
    let mut answer = match parts.as_slice() {
        ["changes"] => changes(&said, &query),
        ["articles", id, ..] if is_refused(&mut said, id) => problem(403, "licence-required"),
        ["articles", id] => article(&said, id, true),
        ["articles", id, "representations", _] => article(&said, id, false),
        ["advisories", id] => match AdvisoryId::try_from((*id).to_owned())
            .ok()
            .and_then(|id| said.advisories.get(&id))
        {
            Some(advisory) => HttpResponse::Ok().body(advisory.to_string()),
            None => problem(404, "not-found"),
        },
        ["advisories", id, "acknowledge"] => {
            let id = AdvisoryId::try_from((*id).to_owned()).unwrap();
            let there = files(&said.folder.join("articles"));
            let there = there
                .iter()
                .map(|path| std::fs::read_to_string(path).unwrap());
            let there = there.collect();
            let given = serde_json::from_slice(&body).unwrap();
            said.acknowledged.push((id, given, there));
            let advisory = said.advisories.get_mut(&id).unwrap();
            advisory["status"] = json!("acknowledged");
            HttpResponse::Ok().body(advisory.to_string())
        }
        _ => problem(404, "not-found"),
    };
    if let Some(left) = said.ratelimit.take() {
        let headers = answer.headers_mut();
        headers.insert("ratelimit".parse().unwrap(), left.parse().unwrap());
    }
    answer
}

fn changes(said: &Said, query: &HashMap<String, String>) -> HttpResponse {
    let after = query.get("after");
    let start = match after {
        None => 0,
        Some(after) => match said.log.iter().position(|entry| entry["id"] == **after) {
            Some(at) => at + 1,
            None => return problem(410, "cursor-lost"),
        },
    };
    let limit: usize = query
        .get("limit")
        .map_or(20, |limit| limit.parse().unwrap());
    let data: Vec<Value> = said.log[start..].iter().take(limit).cloned().collect();
    let next = data.last().map(|entry| entry["id"].clone());
    let next = next.or(after.map(|after| json!(after)));
    let is_caught_up = start + data.len() == said.log.len();
    HttpResponse::Ok().body(
        json!({"data": data, "page": {"next": next, "is_caught_up": is_caught_up}}).to_string(),
    )
}

fn is_refused(said: &mut Said, id: &str) -> bool {
    let id = ArticleId::try_from(id.to_owned()).ok();
    id.is_some_and(|id| said.refused.remove(&id))
}

fn article(said: &Said, id: &str, is_json: bool) -> HttpResponse {
    let known = ArticleId::try_from(id.to_owned()).ok();
    match known.and_then(|id| Some((id, said.articles.get(&id)?))) {
        None => problem(404, "not-found"),
        Some((_, Says::Status(status, kind))) => problem(*status, kind),
        Some((_, Says::Stub)) if !is_json => problem(403, "licence-required"),
        Some((_, Says::Stub)) => HttpResponse::Ok().body(
            json!({"id": id, "version": 1, "attribution": {"usage": {"extent": "stub"}}})
                .to_string(),
        ),
        Some((id, Says::Text(version))) => HttpResponse::Ok()
            .insert_header(("etag", format!("\"{version}.abc\"")))
            .insert_header(("masthead-usage", r#"{"extent":"full"}"#))
            .body(text(id, *version, is_json)),
    }
}

fn problem(status: u16, kind: &str) -> HttpResponse {
    let status = actix_web::http::StatusCode::from_u16(status).unwrap();
    HttpResponse::build(status)
        .content_type("application/problem+json")
        .body(
            json!({"type": format!("/problems/{kind}"), "title": "No", "status": status.as_u16()})
                .to_string(),
        )
}
