//! The shapes that leave: one snapshot for each kind of reader. A change of shape shows in
//! review, as a change of these files.

use masthead::rights::{Channel, Role};
use serde_json::{Value, json};

use crate::support::both_engines;
use crate::support::newsroom::with;

/// The answer without what is made by chance or told elsewhere.
fn shown(answer: Value) -> Value {
    fn plain(value: Value) -> Value {
        match value {
            Value::Object(members) => members
                .into_iter()
                .map(|(name, value)| {
                    let value = match value {
                        Value::String(text) if is_id(&text) => json!(format!("{}_…", &text[..3])),
                        other => plain(other),
                    };
                    (name, value)
                })
                .collect(),
            Value::Array(items) => items.into_iter().map(plain).collect(),
            other => other,
        }
    }
    plain(answer)
}

fn is_id(text: &str) -> bool {
    text.len() == 36 && text.as_bytes()[3] == b'_'
}

both_engines! {
    async fn an_article_by_reader(app) {
        let desk = app.newsroom().await;
        let key = app.first_party_key(Channel::Web);
        let body = json!({"format": "markdown", "value": "The quay opens on Monday. Ships dock from noon.\n\n## What changes\n\nShips wait less."});
        let own = app.live(with(desk.own_work("Harbour opens"), json!({"body": body}))).await;
        let reprint = app.live(desk.reprint_of(&desk.wire, "Quay to open soon")).await;
        for (name, id) in [("own", own), ("reprint", reprint)] {
            let path = format!("/v1/articles/{id}");
            let public = app.get(&path).send().await.expect(200).json();
            insta::assert_json_snapshot!(format!("{name}_public"), shown(public));
            let web = app.get(&path).key(&key).send().await.expect(200).json();
            insta::assert_json_snapshot!(format!("{name}_web"), shown(web));
            let editor = app.get(&path).by_role(Role::Editor).await.expect(200).json();
            insta::assert_json_snapshot!(format!("{name}_desk"), shown(editor));
        }
    }
}
