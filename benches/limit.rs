//! The limit that `just bench` measures against: a bare actix handler with the same bytes, the same allocator and the
//! same number of workers as the server, and nothing around it. It answers every path with one file, and 304 where
//! `If-None-Match` names its tag.
//!
//! `benches/run.py` starts it; under `cargo bench` it does nothing.

use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;

use actix_web::http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use clap::Parser;

#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
struct Args {
    /// The file whose bytes every request is answered with.
    #[arg(long)]
    body: Option<PathBuf>,
    #[arg(long, default_value = "application/json")]
    content_type: String,
    #[arg(long, default_value = "")]
    content_encoding: String,
    #[arg(long, default_value = "\"limit\"")]
    etag: String,
    #[arg(long, default_value_t = 2)]
    workers: usize,
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// A file that is put into place, with the base URL in it, once the handler listens.
    #[arg(long, default_value = "limit.json")]
    ready_file: PathBuf,
    /// What `cargo bench` says to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

struct Answer {
    body: Bytes,
    content_type: String,
    content_encoding: String,
    etag: String,
}

async fn answer(request: HttpRequest, answer: Data<Answer>) -> HttpResponse {
    let asked = request.headers().get(IF_NONE_MATCH);
    if asked.is_some_and(|tag| tag.as_bytes() == answer.etag.as_bytes()) {
        return HttpResponse::NotModified()
            .insert_header((ETAG, answer.etag.as_str()))
            .finish();
    }
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_TYPE, answer.content_type.as_str()))
        .insert_header((ETAG, answer.etag.as_str()));
    if !answer.content_encoding.is_empty() {
        response.insert_header(("content-encoding", answer.content_encoding.as_str()));
    }
    response.body(answer.body.clone())
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let Some(body) = args.body else {
        return Ok(());
    };
    let data = Data::new(Answer {
        body: std::fs::read(body)?.into(),
        content_type: args.content_type,
        content_encoding: args.content_encoding,
        etag: args.etag,
    });
    let factory = move || {
        App::new()
            .app_data(data.clone())
            .route("/{path:.*}", web::get().to(answer))
    };
    actix_web::rt::System::new().block_on(async move {
        let server = HttpServer::new(factory)
            .workers(args.workers)
            .bind(args.listen)?;
        let address = server.addrs().first().copied().unwrap_or(args.listen);
        let running = server.run();
        let new = args.ready_file.with_extension("new");
        std::fs::write(&new, format!("{{\"base_url\": \"http://{address}\"}}\n"))?;
        std::fs::rename(&new, &args.ready_file)?;
        running.await?;
        Ok(())
    })
}
