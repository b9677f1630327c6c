//! Versions on the wire: their list, what changed between two of them, and restoring one.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::ArticleInput;
use crate::articles::body::diff::{self, BlockChange, Budget, Fate, Span};
use crate::articles::model::{
    Article, ChangeKind, Colleague, Comparison, Restoration, VersionLine,
};
use crate::http::page::page_of;
use crate::http::reply::Outward;
use crate::kernel::fault::{Fault, Faults};
use crate::kernel::id::{ArticleId, UserId};
use crate::rights::{Attribution, Carried, CreditBlock, InBand};

/// A member of staff.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"id": "usr_01900000000070008000000000000001", "name": "Lin Yue"}))]
pub struct ColleagueView {
    pub id: UserId,
    /// Absent once they have left.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub name: Option<String>,
}

impl From<Colleague> for ColleagueView {
    fn from(colleague: Colleague) -> Self {
        Self {
            id: colleague.id,
            name: colleague.name,
        }
    }
}

/// A line in the list of an article's versions.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = VersionLine, example = json!({"n": 2, "change_kind": "update", "note": "Shorter.",
    "digest": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "created_by": {"id": "usr_01900000000070008000000000000001", "name": "Lin Yue"}, "created_at": "2026-03-01T08:00:00Z"}))]
pub struct VersionLineView {
    pub n: i64,
    pub change_kind: ChangeKind,
    /// What was said of the change; left out for who may not read the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub note: Option<String>,
    /// SHA-256 of the canonical text.
    pub digest: String,
    /// Who made it; absent where it was no member of staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub created_by: Option<ColleagueView>,
    pub created_at: DateTime<Utc>,
}

impl VersionLineView {
    /// Notes are for those who may read the text: they may speak of it.
    pub fn of(line: VersionLine, with_note: bool) -> Self {
        let name = line.created_by_name;
        Self {
            n: line.n,
            change_kind: line.change_kind,
            note: line.note.filter(|_| with_note),
            digest: line.digest,
            created_by: line.created_by.map(|id| ColleagueView { id, name }),
            created_at: line.created_at,
        }
    }
}

impl Outward for VersionLineView {}

page_of! {
    /// A page of an article's versions.
    VersionPage of VersionLineView
}

/// How an earlier version is restored.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"note": "The shorter text was right.", "ai_label_reason": "That text is by people alone."}))]
pub struct RestoreInput {
    /// A word on why, for the list of versions.
    #[serde(default)]
    #[schema(max_length = 400)]
    pub note: Option<String>,
    /// Why the AI label is lowered, where the earlier version has a lower one; put on record.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub ai_label_reason: Option<String>,
}

impl RestoreInput {
    /// # Errors
    /// All faults.
    pub fn parse(&self, n: i64) -> Result<Restoration, Vec<Fault>> {
        let mut faults = Faults::default();
        let reason = self.ai_label_reason.as_deref();
        let restoration = Restoration {
            n,
            note: faults.optional_line("/note", self.note.as_deref(), 400),
            ai_label_reason: faults.optional_line("/ai_label_reason", reason, 500),
        };
        faults.finish(restoration)
    }
}

/// What became of a member. Scalars have `before` and `after`, each absent where there is none;
/// lists have `added` and `removed`.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"field": "title", "before": "Quay opens on Monday", "after": "Quay opens on Tuesday", "changes": [
    {"op": "same", "text": "Quay opens on "}, {"op": "removed", "text": "Monday"}, {"op": "added", "text": "Tuesday"}]}))]
pub struct FieldChange {
    /// As the member is called where an article is written.
    pub field: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub before: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub after: Option<Value>,
    /// Of `title`, `subtitle` and `summary`: what changed inside.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub changes: Option<Vec<Span>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub added: Option<Vec<Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub removed: Option<Vec<Value>>,
    /// Of a list: whether what is in both stands in another order.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reordered: Option<bool>,
}

/// What changed from one version of an article to another.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({"id": "art_01900000000070008000000000000001", "from": 1, "to": 2, "inline_complete": true,
    "fields": [{"field": "tags", "added": ["port"], "removed": [], "reordered": false}],
    "blocks": [{"op": "same", "count": 3}, {"op": "added", "to": 3, "block": {"type": "paragraph", "text": "Ships wait less."}}]}))]
pub struct DiffView {
    pub id: ArticleId,
    /// The version compared with; null where the first one is compared with nothing.
    #[schema(required = true)]
    pub from: Option<i64>,
    pub to: i64,
    pub fields: Vec<FieldChange>,
    /// The blocks of both bodies in order.
    pub blocks: Vec<BlockChange>,
    /// False where some texts were too long to be compared inside: what changed then has no
    /// `changes`.
    pub inline_complete: bool,
}

/// What changed, with the attribution of the version that is asked for: the shape of the answer.
#[derive(Serialize, ToSchema)]
#[schema(as = VersionDiff)]
pub struct DiffSchema {
    #[serde(flatten)]
    pub diff: DiffView,
    pub attribution: Attribution,
}

/// Members with changes told inside, if they are texts.
const INLINE: [&str; 3] = ["title", "subtitle", "summary"];

impl DiffView {
    /// Compares what was granted of two versions. Takes its time with long texts.
    pub fn of(pair: Comparison) -> Self {
        let Comparison { before, mut after } = pair;
        let mut before = before;
        let old = before.as_mut().map(taken_apart);
        let (old_body, old_members) = old.unwrap_or_default();
        let (new_body, new_members) = taken_apart(&mut after);
        let mut budget = Budget::default();
        let fields = members(&old_members, &new_members, &mut budget);
        let blocks = diff::blocks(&old_body, &new_body, &mut budget);
        Self {
            id: after.state.id,
            from: before.map(|article| article.version),
            to: after.version,
            fields,
            blocks,
            inline_complete: budget.sufficed(),
        }
    }
}

type Parts = (
    Vec<crate::articles::body::Block>,
    serde_json::Map<String, Value>,
);

/// The blocks of an article, and its members as the desk writes them: so no new one is
/// forgotten here.
fn taken_apart(article: &mut Article) -> Parts {
    let body = std::mem::take(&mut article.content.body);
    let input = ArticleInput::from(&article.content);
    let mut members = match serde_json::to_value(input) {
        Ok(Value::Object(members)) => members,
        _ => serde_json::Map::new(),
    };
    members.remove("body");
    let people = article
        .contributors
        .iter()
        .map(|one| json!({"author_id": one.person.id, "name": one.person.name, "role": one.role}));
    members.insert("contributors".to_owned(), people.collect());
    members.retain(|_, value| !value.is_null());
    (body.into_blocks(), members)
}

fn members(
    old: &serde_json::Map<String, Value>,
    new: &serde_json::Map<String, Value>,
    budget: &mut Budget,
) -> Vec<FieldChange> {
    let mut names: Vec<&String> = new.keys().chain(old.keys()).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .filter(|name| old.get(*name) != new.get(*name))
        .filter_map(|name| member(name, old.get(name), new.get(name), budget))
        .collect()
}

fn member(
    name: &str,
    old: Option<&Value>,
    new: Option<&Value>,
    budget: &mut Budget,
) -> Option<FieldChange> {
    let bare = FieldChange {
        field: name.to_owned(),
        before: None,
        after: None,
        changes: None,
        added: None,
        removed: None,
        reordered: None,
    };
    let lists = (
        old.map_or(Some(&[][..]), |value| value.as_array().map(Vec::as_slice)),
        new.map_or(Some(&[][..]), |value| value.as_array().map(Vec::as_slice)),
    );
    if let (Some(old), Some(new)) = lists {
        let without = |some: &[Value], others: &[Value]| -> Vec<Value> {
            let left = some.iter().filter(|item| !others.contains(item));
            left.cloned().collect()
        };
        let (added, removed) = (without(new, old), without(old, new));
        let common = |some: &[Value], gone: &[Value]| without(some, gone);
        let reordered = common(old, &removed) != common(new, &added);
        // Nothing against an empty list: no change.
        let differs = reordered || !added.is_empty() || !removed.is_empty();
        return differs.then_some(FieldChange {
            added: Some(added),
            removed: Some(removed),
            reordered: Some(reordered),
            ..bare
        });
    }
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let is_text = INLINE.contains(&name);
    let changes = is_text.then(|| diff::texts(&text(old), &text(new), budget));
    let changes = changes.flatten();
    // A text that was empty and is absent says the same.
    let same = |spans: &Vec<Span>| spans.iter().all(|span| span.op == Fate::Same);
    if changes.as_ref().is_some_and(same) {
        return None;
    }
    Some(FieldChange {
        before: old.cloned(),
        after: new.cloned(),
        changes,
        ..bare
    })
}

impl InBand for DiffView {
    /// A comparison is read at the desk, as blocks are: beside its attribution.
    fn carry(&mut self, _: CreditBlock<'_>) {}

    /// It is no delivery: only the staff may ask for it.
    fn body(&self) -> Option<Carried> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(old: Value, new: Value) -> Value {
        let map = |value: Value| value.as_object().cloned().unwrap_or_default();
        let changes = members(&map(old), &map(new), &mut Budget::default());
        serde_json::to_value(changes).unwrap()
    }

    #[test]
    fn members_that_changed() {
        for (old, new, told) in [
            (json!({"title": "a"}), json!({"title": "a"}), json!([])),
            (json!({}), json!({"tags": []}), json!([])),
            (json!({}), json!({"summary": ""}), json!([])),
            (
                json!({"genre": "news"}),
                json!({"genre": "analysis"}),
                json!([{"field": "genre", "before": "news", "after": "analysis"}]),
            ),
            (
                json!({"end_mark": "（完）"}),
                json!({}),
                json!([{"field": "end_mark", "before": "（完）"}]),
            ),
            (
                json!({"title": "周一启用"}),
                json!({"title": "周二启用"}),
                json!([{"field": "title", "before": "周一启用", "after": "周二启用", "changes": [
                    {"op": "same", "text": "周"}, {"op": "removed", "text": "一"},
                    {"op": "added", "text": "二"}, {"op": "same", "text": "启用"}]}]),
            ),
            (
                json!({"tags": ["a", "b", "c"]}),
                json!({"tags": ["c", "b", "d"]}),
                json!([{"field": "tags", "added": ["d"], "removed": ["a"], "reordered": true}]),
            ),
            (
                json!({"tags": ["a", "b"]}),
                json!({"tags": ["b"]}),
                json!([{"field": "tags", "added": [], "removed": ["a"], "reordered": false}]),
            ),
        ] {
            assert_eq!(changed(old.clone(), new.clone()), told, "{old} → {new}");
        }
    }
}
