//! What stays of a licence and of its works, and what its holder may know of it.

use masthead::rights::Role;
use serde_json::json;

use crate::support::both_engines;
use crate::support::request::faults;

both_engines! {
    async fn nothing_brings_a_suspended_licence_back_unsaid(app) {
        let deal = app.deal("Gazette", &[json!({"status": "suspended"})]).await;
        let path = format!("/v1/licences/{}", deal.licences[0]);
        let refused = app.edit(&path, json!({"status": null, "quota_per_day": 9})).await.expect(422);
        assert_eq!(refused.faults(), faults(&[("/status", "required")]));
        let kept = app.get(&path).by_role(Role::Rights).await.expect(200).json();
        assert_eq!((&kept["status"], &kept["quota_per_day"]), (&json!("suspended"), &json!(null)));
        let changed = app.edit(&path, json!({"quota_per_day": 9})).await.expect(200).json();
        assert_eq!((&changed["status"], &changed["quota_per_day"]), (&json!("suspended"), &json!(9)));
    }
}
