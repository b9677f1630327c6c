//! Who may import whom: the table of ARCHITECTURE.md, as code.

use crate::none;
use crate::source::{Kind, Source, all};

/// The parts of a noun, by the name of their file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Mod,
    Model,
    Store,
    View,
    Routes,
    /// Pure rules of stage.
    Workflow,
    /// A pure part of one noun with a table row of its own.
    Pure,
    /// How a noun's credentials are made and looked up, or its ledger kept: it implements a trait of `http`.
    Credentials,
}

/// Where a module stands in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Kernel,
    Rights,
    Config,
    Db,
    Http,
    Noun(String, Part),
    Capability(String),
    App,
}

/// Folders that work across nouns. Nouns never import them.
const CAPABILITIES: &[&str] = &[
    "backup",
    "bulk",
    "decisions",
    "demo",
    "following",
    "ingest",
    "mirror",
    "operations",
    "reprints",
    "search",
    "seed",
    "syndication",
    "transfer",
];

/// Parts of nouns beyond the usual files.
const MORE_PARTS: &[(&str, &str, Part)] = &[
    ("articles", "body", Part::Pure),
    // What comes in is read without knowing what becomes of it.
    ("arrivals", "damage", Part::Pure),
    ("arrivals", "page", Part::Pure),
    ("arrivals", "wires", Part::Pure),
    // What a search asks and what a text answers, as words: no row, no engine.
    ("articles", "search", Part::Pure),
    // Makes and checks the tokens of preview links, as `users` does those of access.
    ("articles", "previews", Part::Credentials),
    // Signs statements and checks them: it keeps `http::ledger`'s promise as `clients` keeps
    // `http::auth`'s, over its own store and the keys.
    ("attestations", "signer", Part::Credentials),
    // What a seal is and where a chain is broken, computed over JSON: no row, no clock.
    ("audit", "chain", Part::Pure),
    // The compact form alone, so that the model may hold what it reads.
    ("attestations", "token", Part::Pure),
    ("clients", "keys", Part::Credentials),
    // It implements a trait of `http` over its own store, as credentials do.
    ("deliveries", "ledger", Part::Credentials),
    ("keys", "installation", Part::Credentials),
    // Seals what others keep, as `seal` does for keys.
    ("keys", "locker", Part::Credentials),
    ("keys", "pair", Part::Credentials),
    ("keys", "ring", Part::Credentials),
    ("keys", "rotation", Part::Credentials),
    ("keys", "seal", Part::Credentials),
    // A file as it comes from a spreadsheet, read without knowing what the list is.
    ("registry", "sheet", Part::Pure),
    ("users", "passwords", Part::Credentials),
    ("users", "sessions", Part::Store),
    ("users", "tokens", Part::Credentials),
    // Networks, pauses and signatures, computed: no row, no clock, no socket.
    ("webhooks", "address", Part::Pure),
    ("webhooks", "schedule", Part::Pure),
    ("webhooks", "signature", Part::Pure),
    // What is sealed, and what sends: over the noun's own store and the keys, by the configuration.
    ("webhooks", "secrets", Part::Credentials),
    ("webhooks", "sender", Part::Credentials),
    ("webhooks", "transport", Part::Credentials),
];

/// The folder of signing keys. It has the files of a noun; what it gives out in its `mod` is
/// for the credentials of all nouns, since access tokens and attestations both sign.
const KEYS: &str = "keys";

/// Imports beyond the table: the file, the path, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[];

fn place(module: &[String]) -> Result<Place, String> {
    let part = |noun: &str, name: Option<&String>| {
        let Some(name) = name.map(String::as_str) else {
            return Ok(Part::Mod);
        };
        let more = MORE_PARTS.iter().find(|(n, m, _)| *n == noun && *m == name);
        match (name, more) {
            (_, Some((_, _, part))) => Ok(*part),
            ("model", _) => Ok(Part::Model),
            ("store", _) => Ok(Part::Store),
            ("view", _) => Ok(Part::View),
            ("routes", _) => Ok(Part::Routes),
            ("workflow", _) => Ok(Part::Workflow),
            // An item that `mod.rs` gives out.
            (item, _) if item.starts_with(char::is_uppercase) || item == "*" => Ok(Part::Mod),
            (other, _) => Err(format!(
                "{noun}::{other} has no place in the table: a noun has mod, model, store, view, routes and workflow (add it to MORE_PARTS with a reason)"
            )),
        }
    };
    match module.first().map_or("", String::as_str) {
        "kernel" => Ok(Place::Kernel),
        "rights" => Ok(Place::Rights),
        "config" => Ok(Place::Config),
        "db" => Ok(Place::Db),
        "http" => Ok(Place::Http),
        "" | "app" | "command" | "main" => Ok(Place::App),
        name if CAPABILITIES.contains(&name) => Ok(Place::Capability(name.to_owned())),
        noun => Ok(Place::Noun(noun.to_owned(), part(noun, module.get(1))?)),
    }
}

/// What a place may import, in words for the message.
fn row(from: &Place) -> &'static str {
    match from {
        Place::Kernel => "kernel imports nothing of ours",
        Place::Rights => "rights imports kernel",
        Place::Config => "config imports kernel and db's URL",
        Place::Db => "db imports kernel; never rights, http or a noun",
        Place::Http => "http imports kernel, rights, db (not its schema) and config; never a noun",
        Place::Noun(_, Part::Mod) => "a noun's mod.rs imports its own files",
        Place::Noun(_, Part::Model) => {
            "x/model imports kernel and rights; never db, http or another noun"
        }
        Place::Noun(_, Part::Store) => {
            "x/store imports its own model, kernel, rights and db; never http, a view or another noun"
        }
        Place::Noun(_, Part::View) => {
            "x/view imports its own model, kernel, rights and http; never db, a store or another noun"
        }
        Place::Noun(_, Part::Routes) => {
            "x/routes imports its own files, kernel, rights, http and db (not its schema); never another noun"
        }
        Place::Noun(_, Part::Workflow) => "x/workflow imports its own model, kernel and rights",
        Place::Noun(_, Part::Pure) => "a pure part of a noun imports kernel",
        Place::Noun(_, Part::Credentials) => {
            "a noun's credentials import its own model, pure part and store, kernel, rights, config, db and http, and what keys gives out"
        }
        Place::Capability(_) => {
            "a capability imports nouns' stores, models and inputs, kernel, rights, http and db (not its schema)"
        }
        Place::App => "app imports everything",
    }
}

fn may(from: &Place, to: &Place, path: &[String]) -> bool {
    let is_schema = *to == Place::Db
        && path
            .get(1)
            .is_some_and(|name| name == "schema" || name == "*");
    match (from, to) {
        (Place::App, _) => true,
        (from, to) if from == to => true,
        (_, Place::Kernel) => true,
        (_, Place::App) => false,
        (Place::Kernel | Place::Rights | Place::Db, _) => false,
        (Place::Config, Place::Db) => path
            .get(1)
            .is_some_and(|name| name == "DatabaseUrl" || name == "url"),
        (Place::Config, _) => false,
        (Place::Http, Place::Rights | Place::Config) => true,
        (Place::Http, Place::Db) => !is_schema,
        (Place::Http, _) => false,
        (Place::Noun(_, Part::Credentials), Place::Noun(other, Part::Mod)) if other == KEYS => true,
        (Place::Noun(noun, part), Place::Noun(other, target)) => {
            noun == other
                && match part {
                    Part::Mod | Part::Routes => true,
                    Part::Model => *target == Part::Pure,
                    Part::Store => matches!(target, Part::Model | Part::Pure | Part::Workflow),
                    Part::View | Part::Workflow => matches!(target, Part::Model | Part::Pure),
                    Part::Pure => false,
                    Part::Credentials => matches!(target, Part::Model | Part::Store | Part::Pure),
                }
        }
        (Place::Noun(_, part), Place::Rights) => !matches!(part, Part::Mod | Part::Pure),
        (Place::Noun(_, part), Place::Db) => match part {
            Part::Store | Part::Credentials => true,
            Part::Routes => !is_schema,
            _ => false,
        },
        (Place::Noun(_, part), Place::Http) => {
            matches!(part, Part::View | Part::Routes | Part::Credentials)
        }
        (Place::Noun(_, part), Place::Config) => *part == Part::Credentials,
        (Place::Noun(..), Place::Capability(_)) => false,
        (Place::Capability(_), Place::Noun(_, target)) => {
            // What comes in is read as the API reads it; what goes out is not its business.
            let is_input = path.iter().any(|name| name.ends_with("Input"));
            matches!(target, Part::Mod | Part::Model | Part::Store | Part::Pure)
                || *target == Part::View && is_input
        }
        (Place::Capability(_), Place::Rights | Place::Http) => true,
        (Place::Capability(_), Place::Db) => !is_schema,
        (Place::Capability(_), Place::Config | Place::Capability(_)) => false,
    }
}

/// Crates and words that a place must do without.
fn foreign(from: &Place, name: &str) -> bool {
    let web = name.starts_with("actix") || name == "utoipa_actix_web";
    let database = name.starts_with("diesel");
    let tasks = matches!(name, "tokio" | "futures_util" | "async" | "await");
    match from {
        Place::App | Place::Capability(_) => false,
        Place::Kernel | Place::Rights => web || database || tasks,
        Place::Config => web || database,
        Place::Db => web,
        Place::Http => database,
        Place::Noun(_, Part::Store | Part::Credentials) => web,
        Place::Noun(_, Part::Routes) => database,
        Place::Noun(_, Part::View | Part::Mod) => web || database || tasks,
        Place::Noun(_, Part::Model) => web || database || tasks || name == "Serialize",
        Place::Noun(_, Part::Workflow | Part::Pure) => web || database || tasks,
    }
}

/// Every import of a source that the table does not allow.
fn broken(source: &Source) -> Vec<String> {
    let from = match place(&source.module) {
        Ok(from) => from,
        Err(reason) => return vec![format!("{}: {reason}", source.name)],
    };
    let mut complaints = Vec::new();
    for named in source.paths() {
        let at = format!("{}:{}", source.name, named.line);
        let path = named.path.join("::");
        if !named.ours {
            if foreign(&from, &named.path[0]) {
                complaints.push(format!(
                    "{at}: names {path}, which has no business there ({})",
                    row(&from)
                ));
            }
            continue;
        }
        let is_glob = named.path.last().is_some_and(|last| last == "*");
        if excepted(&source.name, &path) {
            continue;
        }
        match place(&named.path) {
            Err(reason) => complaints.push(format!("{at}: {reason}")),
            Ok(to) if !may(&from, &to, &named.path) => {
                complaints.push(format!("{at}: imports crate::{path}, but {}", row(&from)));
            }
            Ok(_) if is_glob => complaints.push(format!(
                "{at}: imports crate::{path}: outside tests a glob hides what is imported"
            )),
            Ok(_) => {}
        }
    }
    for token in source.tokens.iter().filter(|token| !source.is_test(token)) {
        let is_word = matches!(token.text.as_str(), "async" | "await" | "Serialize");
        if token.kind == Kind::Ident && is_word && foreign(&from, &token.text) {
            complaints.push(format!(
                "{}:{}: names {}, which has no business there ({})",
                source.name,
                token.line,
                token.text,
                row(&from)
            ));
        }
    }
    complaints.dedup();
    complaints
}

fn excepted(file: &str, path: &str) -> bool {
    EXCEPTIONS
        .iter()
        .any(|(known, allowed, _)| *known == file && *allowed == path)
}

/// Modules of lib.rs in their order.
fn order(lib: &Source) -> Vec<String> {
    let tokens = &lib.tokens;
    (0..tokens.len())
        .filter(|at| tokens[*at].module.is_empty() && lib.starts_with(*at, &["pub", "mod"]))
        .map(|at| tokens[at + 2].text.clone())
        .collect()
}

/// Every import of a module that lib.rs names later.
fn early(order: &[String], source: &Source) -> Vec<String> {
    let rank = |name: &str| order.iter().position(|known| known == name);
    let Some(own) = source.module.first().and_then(|name| rank(name)) else {
        return Vec::new();
    };
    let named = source.paths();
    named
        .iter()
        .filter(|named| named.ours)
        .filter(|named| named.path.first().and_then(|name| rank(name)).is_some_and(|other| other > own))
        .map(|named| {
            format!(
                "{}:{}: imports crate::{}, which stands below it in lib.rs: modules stand in the order of their imports",
                source.name, named.line, named.path.join("::")
            )
        })
        .collect()
}

#[test]
fn imports_go_one_way() {
    none(&all().iter().flat_map(broken).collect::<Vec<_>>());
}

#[test]
fn every_exception_is_still_needed() {
    let sources = all();
    for (file, path, _) in EXCEPTIONS {
        let source = sources.iter().find(|source| source.name == *file);
        let named = source.map(Source::paths).unwrap_or_default();
        assert!(
            named.iter().any(|named| named.path.join("::") == *path),
            "{file} does not import {path} any more: take it off EXCEPTIONS"
        );
    }
}

#[test]
fn lib_names_the_modules_in_the_order_of_their_imports() {
    let sources = all();
    let lib = sources
        .iter()
        .find(|source| source.name == "src/lib.rs")
        .expect("there is a lib.rs");
    let order = order(lib);
    assert!(order.len() > 5, "{order:?}");
    none(
        &sources
            .iter()
            .flat_map(|source| early(&order, source))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn a_wrong_import_is_caught() {
    for (file, code, complaint) in [
        (
            "src/kernel/id.rs",
            "use crate::db::Conn;",
            "src/kernel/id.rs:1: imports crate::db::Conn, but kernel imports nothing of ours",
        ),
        (
            "src/rights/decide.rs",
            "\nuse crate::http;",
            "src/rights/decide.rs:2: imports crate::http, but rights",
        ),
        ("src/rights/decide.rs", "async fn f() {}", "names async"),
        (
            "src/db/mod.rs",
            "use crate::rights::Extent;",
            "but db imports kernel",
        ),
        (
            "src/db/mod.rs",
            "use crate::config::Config;",
            "but db imports kernel",
        ),
        (
            "src/http/page.rs",
            "use crate::authors::view;",
            "but http imports",
        ),
        (
            "src/http/page.rs",
            "use crate::db::schema::authors;",
            "but http imports",
        ),
        (
            "src/http/page.rs",
            "use crate::db;\nfn f() { db::schema::authors::table }",
            "src/http/page.rs:2",
        ),
        (
            "src/http/page.rs",
            "use crate::db as d; fn f() { d::schema::x }",
            "crate::db::schema::x",
        ),
        ("src/http/page.rs", "use crate::db::*;", "crate::db::*"),
        (
            "src/http/page.rs",
            "use diesel::prelude::*;",
            "names diesel::prelude::*",
        ),
        (
            "src/authors/model.rs",
            "use diesel::Queryable;",
            "names diesel::Queryable",
        ),
        (
            "src/authors/model.rs",
            "#[derive(serde::Serialize)] struct A;",
            "Serialize",
        ),
        (
            "src/authors/model.rs",
            "use crate::sections::model::Section;",
            "but x/model",
        ),
        (
            "src/authors/store.rs",
            "use super::view::AuthorView;",
            "imports crate::authors::view::AuthorView, but x/store",
        ),
        (
            "src/authors/store.rs",
            "use crate::sections::store;",
            "but x/store",
        ),
        (
            "src/authors/store/list.rs",
            "use crate::http::page::Paging;",
            "but x/store",
        ),
        (
            "src/authors/view.rs",
            "fn f() { json!(crate::db::Conn) }",
            "imports crate::db::Conn, but x/view",
        ),
        (
            "src/authors/view.rs",
            "mod a { use super::super::store; }",
            "imports crate::authors::store, but x/view",
        ),
        (
            "src/authors/view.rs",
            "use super::{model, store};",
            "imports crate::authors::store, but x/view",
        ),
        ("src/authors/routes.rs", "use super::*;", "a glob hides"),
        (
            "src/articles/routes.rs",
            "use crate::authors::store;",
            "but x/routes",
        ),
        (
            "src/articles/routes.rs",
            "use crate::db::schema::articles;",
            "but x/routes",
        ),
        (
            "src/articles/workflow.rs",
            "use super::store;",
            "but x/workflow",
        ),
        (
            "src/articles/body/read.rs",
            "use crate::rights::Extent;",
            "but a pure part",
        ),
        (
            "src/articles/body/read.rs",
            "use super::super::model;",
            "but a pure part",
        ),
        (
            "src/articles/routes.rs",
            "use crate::search::store;",
            "but x/routes",
        ),
        (
            "src/articles/helpers.rs",
            "fn f() {}",
            "has no place in the table",
        ),
        (
            "src/search/mod.rs",
            "use crate::articles::view::ArticleView;",
            "but a capability",
        ),
        (
            "src/users/tokens.rs",
            "use super::view::UserView;",
            "but a noun's credentials",
        ),
        (
            "src/users/sessions.rs",
            "use super::tokens::Tokens;",
            "but x/store",
        ),
        (
            "src/users/tokens.rs",
            "use crate::keys::routes::get_jwks;",
            "but a noun's credentials",
        ),
        (
            "src/users/store.rs",
            "use crate::keys::Keys;",
            "but x/store",
        ),
        (
            "src/keys/ring.rs",
            "use crate::users::model::User;",
            "but a noun's credentials",
        ),
        (
            "src/authors/routes.rs",
            "use crate::app::App;",
            "but x/routes",
        ),
    ] {
        let complaints = broken(&Source::of(file, code));
        assert!(
            complaints.iter().any(|told| told.contains(complaint)),
            "{file} with {code:?}: {complaints:#?}"
        );
    }
}

#[test]
fn a_right_import_is_let_through() {
    for (file, code) in [
        (
            "src/rights/decide.rs",
            "use crate::kernel::id::ArticleId; use super::terms::Extent;",
        ),
        (
            "src/db/mod.rs",
            "use diesel::prelude::*; use self::schema::authors;",
        ),
        (
            "src/http/page.rs",
            "use crate::db::page::{Mark, Window}; use crate::rights::Use;",
        ),
        (
            "src/authors/store.rs",
            "use super::model::Author; use crate::db::schema::authors; use diesel::prelude::*;",
        ),
        (
            "src/authors/view.rs",
            "use super::model::Author; use crate::http::page::page_of;",
        ),
        (
            "src/authors/routes.rs",
            "use super::{store, view}; use crate::db::page::Mark; use actix_web::get;",
        ),
        (
            "src/articles/store/load.rs",
            "use crate::articles::{body::Body, model::Article};",
        ),
        (
            "src/articles/body/read.rs",
            "use super::blocks::Block; use crate::kernel::text;",
        ),
        (
            "src/search/mod.rs",
            "use crate::articles::{store, view::ArticleInput}; use crate::rights::Use;",
        ),
        (
            "src/users/tokens.rs",
            "use super::sessions; use crate::http::auth::Denied;",
        ),
        ("src/users/tokens.rs", "use crate::keys::{Key, Keys};"),
        ("src/users/sessions.rs", "use super::model::Bearer;"),
        (
            "src/app.rs",
            "use crate::articles::routes; use crate::db::schema::x;",
        ),
        (
            "src/authors/view.rs",
            "#[cfg(test)] mod tests { use super::*; use crate::db::Conn; }",
        ),
    ] {
        none(&broken(&Source::of(file, code)));
    }
}

#[test]
fn a_wrong_order_is_caught() {
    let lib = Source::of(
        "src/lib.rs",
        "pub mod http; pub mod db; pub mod articles { pub mod body; }",
    );
    let order = order(&lib);
    assert_eq!(order, ["http", "db", "articles"]);
    let source = Source::of("src/http/page.rs", "use crate::db::page;");
    assert_eq!(early(&order, &source).len(), 1);
    let source = Source::of("src/db/page.rs", "use crate::http;");
    none(&early(&order, &source));
}
