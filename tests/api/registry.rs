//! The registry: editions of the list of permitted sources, and what a delisting leaves behind.

mod command;
mod delisting;
mod editions;

use serde_json::{Value, json};

use crate::support::TestApp;

/// An edition with these names on it.
fn edition(name: &str, valid_from: &str, names: &[&str]) -> Value {
    let entries: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
    json!({"name": name, "valid_from": valid_from, "entries": entries})
}

/// Brings an edition in; its id.
async fn imported(app: &TestApp, edition: Value) -> String {
    app.made("/v1/registry/editions", edition).await
}

/// The reviews, by article.
async fn reviewed(app: &TestApp, query: &str) -> Vec<String> {
    let path = format!("/v1/registry/reviews?limit=100&{query}");
    let page = app.get(&path).by_admin().await.expect(200).json();
    let all = page["data"].as_array().unwrap().iter();
    let mut articles: Vec<String> = all
        .map(|review| review["article_id"].as_str().unwrap().to_owned())
        .collect();
    articles.sort();
    articles
}

fn sorted<const N: usize>(ids: [&String; N]) -> Vec<String> {
    let mut ids = ids.map(String::clone).to_vec();
    ids.sort();
    ids
}
