//! Filing: an article's tags and its section, without a look at the rest of it.

use super::write::change_in;
use crate::articles::model::{Content, Draft};
use crate::db::{StoreError, Tx, Written};
use crate::kernel::fault::Fault;
use crate::kernel::id::{ArticleId, SectionId};

/// Tags that an article has at most.
const MOST_TAGS: usize = 50;

/// Adds tags in their order; those that are there stay where they are.
///
/// # Errors
/// [`StoreError::Invalid`] where there would be too many, [`StoreError::NotFound`], or a database
/// error.
pub fn tag_in(tx: &mut Tx<'_>, id: ArticleId, tags: &[String]) -> Result<Written, StoreError> {
    change_in(tx, id, None, |before| {
        let mut all = before.tags.clone();
        all.extend(
            tags.iter()
                .filter(|tag| !before.tags.contains(tag))
                .cloned(),
        );
        if all.len() > MOST_TAGS {
            let detail = format!("it would have {} tags; {MOST_TAGS} are allowed", all.len());
            return Err(StoreError::Invalid(vec![Fault::new(
                "/tags", "items", detail,
            )]));
        }
        Ok(filed(Content {
            tags: all,
            ..before.clone()
        }))
    })
}

/// Takes tags away; those that are not there are no fault.
///
/// # Errors
/// [`StoreError::NotFound`], or a database error.
pub fn untag_in(tx: &mut Tx<'_>, id: ArticleId, tags: &[String]) -> Result<Written, StoreError> {
    change_in(tx, id, None, |before| {
        let mut after = before.clone();
        after.tags.retain(|tag| !tags.contains(tag));
        Ok(filed(after))
    })
}

/// Puts an article into a section.
///
/// # Errors
/// [`StoreError::Invalid`] if there is no such section, [`StoreError::NotFound`], or a database
/// error.
pub fn move_in(tx: &mut Tx<'_>, id: ArticleId, section: SectionId) -> Result<Written, StoreError> {
    change_in(tx, id, None, |before| {
        Ok(filed(Content {
            section_id: Some(section),
            ..before.clone()
        }))
    })
}

/// The change of a text that keeps its slug and its label.
fn filed(content: Content) -> Draft {
    Draft {
        content,
        slug_given: true,
        ai_label_reason: None,
        change_note: None,
        embargoed_until: None,
    }
}
