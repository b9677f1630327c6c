//! What stands of an article, for who comes with another revision.

use futures_util::future::LocalBoxFuture;

use crate::articles::store::history;
use crate::db::Db;
use crate::http::conditional::{ChangedBy, Current, Standing};
use crate::kernel::id::{ArticleId, Id as _};

/// Keeps the wall's promise for articles.
pub struct Articles(Db);

impl Articles {
    pub fn new(db: Db) -> Self {
        Self(db)
    }

    async fn look(&self, id: &str) -> Option<Current> {
        let id = ArticleId::parse(id)?;
        match history::latest(&self.0, id).await {
            Ok(latest) => latest.map(|latest| Current {
                revision: latest.revision,
                version: latest.version,
                changed_by: latest.changed_by.map(|by| ChangedBy {
                    id: by.id,
                    name: by.name,
                }),
                changed_at: latest.changed_at,
            }),
            // The 412 stands without it.
            Err(error) => {
                tracing::warn!(%error, "who changed an article could not be read");
                None
            }
        }
    }
}

impl Standing for Articles {
    fn current<'a>(&'a self, id: &'a str) -> LocalBoxFuture<'a, Option<Current>> {
        Box::pin(self.look(id))
    }
}
