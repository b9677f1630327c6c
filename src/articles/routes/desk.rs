//! Who of the desk sees into an article beyond what readers see of it.

use crate::articles::model::Article;
use crate::articles::store::history;
use crate::http::auth::Permission;
use crate::http::context::Cx;
use crate::http::problem::{Kind, Problem};
use crate::kernel::id::ArticleId;
use crate::rights::{Decision, Extent, Held, Role, decide};

/// The article in its head version, without its body, and what this member of staff may have of
/// it: 404 where they may not know of it, 403 for authors where it is another's.
pub(super) async fn in_sight<P: Permission>(
    cx: &Cx<P>,
    id: ArticleId,
) -> Result<(Held<Article>, Decision), Problem> {
    let staff = cx.staff()?;
    let work = history::head(cx.db(), id, cx.now()).await?;
    let decision = decide(work.rights(), &cx.principal().use_(), cx.now())?;
    if staff.role == Role::Author && work.rights().created_by != Some(staff.user) {
        return Err(Problem::new(Kind::Forbidden)
            .detail("Authors see how their own articles came about, and not others'."));
    }
    Ok((work, decision))
}

/// [`in_sight`] of all of it: who talks about a text speaks of what stands in it.
pub(super) async fn in_full<P: Permission>(
    cx: &Cx<P>,
    id: ArticleId,
) -> Result<Held<Article>, Problem> {
    let (work, decision) = in_sight(cx, id).await?;
    if decision.extent == Extent::Full {
        Ok(work)
    } else {
        Err(Problem::new(Kind::Forbidden)
            .detail("This needs a role that may read all of the article."))
    }
}
