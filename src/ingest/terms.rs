//! What an agency says of its item beside the text: its identifiers and terms, kept in the article's `extra`.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::item::cut;
use super::view::WarningReport;
use crate::arrivals::wires::{Term, WireItem};
use crate::articles::model::{EXTRA_BYTES, extra_bytes};
use crate::kernel::text::digest_field;

/// Bytes of an agency's notice, and of its terms, that are kept with the article.
const TERMS: usize = 4_000;
/// Where in `extra` the agency's own identifiers and terms stand.
const WIRE: &str = "wire";

/// The agency's own identifiers and terms, as they came, as far as there is room for them.
pub(super) fn of(item: &WireItem, warnings: &mut Vec<WarningReport>) -> Map<String, Value> {
    let time = |at: Option<DateTime<Utc>>| at.map(|at| at.to_rfc3339());
    let mut terms = |name: &str, text: Option<&str>| {
        let text = text?.trim();
        if text.len() > TERMS {
            let detail = format!("Of {name} the first {TERMS} bytes are kept.");
            warnings.push(WarningReport::new("terms_cut", detail));
        }
        Some(cut_bytes(text, TERMS))
    };
    let wire = json!({
        "guid": cut(&item.guid, 1_000),
        "version": item.version.as_deref().map(|version| cut(version, 200)),
        "digest": digest_field(&item.digest),
        "copyright_holder": item.copyright_holder.as_ref().and_then(|party| Some(cut(party.name.as_deref()?, 500))),
        "copyright_notice": terms("copyright_notice", item.copyright_notice.as_deref()),
        "usage_terms": terms("usage_terms", item.usage_terms.as_deref()),
        "rights_expire_at": time(item.rights_expire_at),
        "genres": item.genres.iter().take(20).filter_map(term).collect::<Vec<_>>(),
        "subjects": item.subjects.iter().take(50).filter_map(term).collect::<Vec<_>>(),
    });
    fitted(Map::new(), wire, warnings)
}

/// `extra` with what a wire says in it, less of its terms where there is no room for all.
fn fitted(
    mut extra: Map<String, Value>,
    wire: Value,
    warnings: &mut Vec<WarningReport>,
) -> Map<String, Value> {
    extra.insert(WIRE.to_owned(), wire);
    for name in ["subjects", "genres", "usage_terms", "copyright_notice"] {
        if extra_bytes(&extra) <= EXTRA_BYTES {
            break;
        }
        let wire = extra.get_mut(WIRE).and_then(Value::as_object_mut);
        if wire.is_some_and(|wire| wire.remove(name).is_some()) {
            let detail = format!("There is no room for {name}.");
            warnings.push(WarningReport::new("terms_cut", detail));
        }
    }
    extra
}

/// The desk's `extra` with what a later version of the item says.
pub(super) fn renewed(
    desk: Map<String, Value>,
    mut theirs: Map<String, Value>,
    warnings: &mut Vec<WarningReport>,
) -> Map<String, Value> {
    let wire = theirs.remove(WIRE).unwrap_or_default();
    fitted(desk, wire, warnings)
}

fn term(term: &Term) -> Option<String> {
    let name = term
        .name
        .as_ref()
        .or(term.code.as_ref())
        .or(term.uri.as_ref())?;
    Some(cut(name, 100))
}

/// [`cut`] to a length in bytes.
fn cut_bytes(text: &str, most: usize) -> String {
    let text = text.trim();
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    cut(&text[..end], most)
}
