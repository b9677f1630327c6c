//! Claims, filed as anyone files them and moved as the desk moves them.

use masthead::rights::Role;
use serde_json::{Value, json};

use super::newsroom::with;
use super::{Answer, Ask, TestApp};

impl TestApp {
    /// The least that a claim needs, but for what `members` say.
    pub fn complaint(&self, members: Value) -> Value {
        let claim = json!({
            "kind": "accuracy", "statement": "The quay is older than that.", "requested_action": "correct",
            "claimant": {"name": "Wen Ya", "email": "wen@wire.example.org", "phone": "+86-00-1111-2222"},
        });
        with(claim, members)
    }

    /// A notice of takedown with all that it needs.
    pub fn takedown(&self, article: &str) -> Value {
        self.complaint(json!({
            "kind": "copyright", "article_id": article, "requested_action": "remove",
            "claimant": {"name": "Wen Ya", "organisation": "Coastal Wire", "email": "wen@wire.example.org", "postal_address": "1 Quay Road"},
            "work_description": "A photograph of the old quay.", "ownership_statement": "Taken by our photographer.",
            "declares_accuracy": true, "declares_good_faith": true,
            "evidence": [{"description": "Our first publication", "url": "https://wire.example.org/quay"}]
        }))
    }

    /// Files a claim; its id and the token of its receipt.
    pub async fn claim(&self, claim: Value) -> (String, String) {
        let receipt = self
            .post("/v1/claims", claim)
            .send()
            .await
            .expect(201)
            .json();
        let text = |name: &str| receipt[name].as_str().expect(name).to_owned();
        (text("id"), text("token"))
    }

    /// What the claimant sees.
    pub async fn follow(&self, claim: &str, token: &str) -> Answer {
        let path = format!("/v1/claims/{claim}/status");
        self.get(&path).header("x-claim-token", token).send().await
    }

    /// A claimant's message, not yet sent.
    pub fn reply(&self, claim: &str, token: &str, text: &str) -> Ask<'_> {
        let path = format!("/v1/claims/{claim}/replies");
        self.post(&path, json!({"text": text}))
            .header("x-claim-token", token)
    }

    /// A move by whoever manages rights.
    pub async fn move_claim(&self, claim: &str, made: &str, body: Value) -> Answer {
        let path = format!("/v1/claims/{claim}/{made}");
        self.post(&path, body).by_role(Role::Rights).await
    }

    /// What the desk sees.
    pub async fn case(&self, claim: &str) -> Value {
        let path = format!("/v1/claims/{claim}");
        self.get(&path)
            .by_role(Role::Rights)
            .await
            .expect(200)
            .json()
    }

    /// A claim about this work that has come to this stage, and its token. `words` tell it from
    /// others.
    pub async fn claim_in(&self, article: &str, stage: &str, words: &str) -> (String, String) {
        let claim = self.complaint(json!({"article_id": article, "statement": words}));
        let (id, token) = self.claim(claim).await;
        let moves: [(&str, &str, Value); 6] = [
            ("acknowledged", "acknowledge", json!({})),
            ("under_review", "hold", json!({})),
            (
                "decided",
                "decide",
                json!({"decision": "upheld", "action": "withdraw", "reason": "Used without a licence."}),
            ),
            ("countered", "counter-notice", objection()),
            ("restored", "restore", json!({})),
            ("closed", "close", json!({})),
        ];
        let last = moves.iter().position(|(to, ..)| *to == stage);
        for (_, made, body) in &moves[..last.map_or(0, |at| at + 1)] {
            self.move_claim(&id, made, body.clone()).await.expect(200);
        }
        assert_eq!(self.case(&id).await["stage"], stage);
        (id, token)
    }
}

/// A counter-notice.
pub fn objection() -> Value {
    json!({"name": "Lin Yue", "email": "lin@news.example.org", "statement": "It is mine.", "declares_good_faith": true})
}
