//! What a claim needs to know of a work: which one is meant, when readers could first see it,
//! and whether it is withdrawn by the claim. Never a text.

use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;

use crate::claims::model::Subject;
use crate::claims::model::window::Window;
use crate::db::error::stored;
use crate::db::schema::{article_slugs as slugs, articles, settings};
use crate::db::{Conn, StoreError, notices_in_force};
use crate::kernel::id::{ArticleId, Id};
use crate::kernel::text::is_slug;
use crate::kernel::time::{from_db, to_db};
use crate::rights::lifecycle::{Lifecycle, Visibility, Withdrawal};
use crate::rights::{NoticeKind, ReasonClass, Stage};

/// Id of the one row of settings.
const SETTINGS: i64 = 1;

/// The zone in which calendar days are counted.
pub(super) fn zone(conn: &mut Conn) -> Result<Tz, StoreError> {
    let zone: String = settings::table
        .find(SETTINGS)
        .select(settings::time_zone)
        .first(conn)?;
    Ok(stored(zone.parse().ok(), "settings.time_zone")?)
}

/// The work that a claimant names, if there is such: by id, or by an address of this site that
/// ends with an id or with a slug that the work has or had.
pub(super) fn resolve(conn: &mut Conn, subject: &Subject) -> Result<Option<ArticleId>, StoreError> {
    match subject {
        Subject::Article(id) => is_there(conn, *id).map(|there| there.then_some(*id)),
        Subject::Url(url) => {
            let base: String = settings::table
                .find(SETTINGS)
                .select(settings::base_url)
                .first(conn)?;
            match name_in(&base, url) {
                None => Ok(None),
                Some(name) => by_name(conn, &name),
            }
        }
    }
}

/// Whether there is such an article.
pub(super) fn is_there(conn: &mut Conn, id: ArticleId) -> Result<bool, StoreError> {
    let found = articles::table
        .find(id.to_string())
        .select(articles::id)
        .first::<String>(conn)
        .optional()?;
    Ok(found.is_some())
}

fn by_name(conn: &mut Conn, name: &str) -> Result<Option<ArticleId>, StoreError> {
    if let Some(id) = ArticleId::parse(name) {
        return is_there(conn, id).map(|there| there.then_some(id));
    }
    let id: Option<String> = slugs::table
        .find(name)
        .select(slugs::article_id)
        .first(conn)
        .optional()?;
    id.map(|id| stored(ArticleId::parse(&id), "article_slugs.article_id"))
        .transpose()
        .map_err(StoreError::from)
}

/// What the last part of an address of this site calls a work; `None` for another site.
fn name_in(base: &str, url: &str) -> Option<String> {
    let (base, url) = (url::Url::parse(base).ok()?, url::Url::parse(url).ok()?);
    if base.host_str()? != url.host_str()? || base.port() != url.port() {
        return None;
    }
    let last = url.path_segments()?.rfind(|part| !part.is_empty())?;
    let name = last.split('.').next().unwrap_or_default();
    let is_name = ArticleId::parse(name).is_some() || is_slug(name);
    is_name.then(|| name.to_owned())
}

type Life = (
    String,
    Option<i64>,
    Option<NaiveDateTime>,
    Option<NaiveDateTime>,
    Option<NaiveDateTime>,
    Option<NaiveDateTime>,
    Option<String>,
);

/// The window of a work for a claim that was received at an instant; `None` where readers could
/// not see it by then, or no notice sets a window. What a claimant is told of a hidden work is
/// what he is told of none.
pub(super) fn window(
    conn: &mut Conn,
    article: ArticleId,
    received_at: DateTime<Utc>,
) -> Result<Option<Window>, StoreError> {
    let life: Life = articles::table
        .find(article.to_string())
        .select((
            articles::stage,
            articles::live_version,
            articles::publish_at,
            articles::embargoed_until,
            articles::unpublish_at,
            articles::withdrawn_at,
            articles::withdrawal_class,
        ))
        .first(conn)?;
    let life = lifecycle(life)?;
    let seen = matches!(
        life.visibility(received_at),
        Visibility::Live { .. } | Visibility::Withdrawn(_)
    );
    let Some(published_at) = life.visible_from().filter(|_| seen) else {
        return Ok(None);
    };
    // A work that is dated back may be older than the first notice: then the one that stands
    // beside it counts.
    let days = match window_days(conn, published_at)? {
        None => window_days(conn, received_at)?,
        days => days,
    };
    let zone = zone(conn)?;
    Ok(days.map(|days| Window::new(published_at, days, zone, received_at)))
}

fn lifecycle(life: Life) -> Result<Lifecycle, StoreError> {
    let (stage, live_version, publish_at, embargoed_until, unpublish_at, withdrawn_at, class) =
        life;
    let withdrawal = match (withdrawn_at, class) {
        (Some(at), Some(class)) => Some(Withdrawal {
            at: from_db(at),
            reason_class: stored(ReasonClass::parse(&class), "articles.withdrawal_class")?,
            reason: String::new(),
        }),
        _ => None,
    };
    Ok(Lifecycle {
        stage: stored(Stage::parse(&stage), "articles.stage")?,
        publish_at: publish_at.map(from_db),
        embargoed_until: embargoed_until.map(from_db),
        unpublish_at: unpublish_at.map(from_db),
        withdrawal,
        has_live_version: live_version.is_some(),
    })
}

/// The days that the contact notices in force give; of several languages the most, since a
/// claimant may have read any of them.
fn window_days(conn: &mut Conn, at: DateTime<Utc>) -> Result<Option<i64>, StoreError> {
    let notices = notices_in_force::at(conn, at)?;
    Ok(notices
        .into_iter()
        .filter(|notice| notice.kind == NoticeKind::Contact.as_str())
        .filter_map(|notice| notice.claim_window_days)
        .max())
}

/// When a work was withdrawn, if it is.
pub(super) fn withdrawn_at(
    conn: &mut Conn,
    article: ArticleId,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let found: Option<Option<NaiveDateTime>> = articles::table
        .find(article.to_string())
        .filter(articles::stage.eq(Stage::Withdrawn.as_str()))
        .select(articles::withdrawn_at)
        .first(conn)
        .optional()?;
    Ok(found.flatten().map(from_db))
}

/// Whether the withdrawal that a claim made still stands: nobody has reinstated the work by
/// hand since, or withdrawn it once more.
pub(super) fn stands(
    conn: &mut Conn,
    article: ArticleId,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let now = withdrawn_at(conn, article)?;
    Ok(now.is_some_and(|now| to_db(now) == to_db(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_this_site_name_works() {
        let base = "https://news.example.org/";
        let id = "art_01900000000070008000000000000001";
        for (url, name) in [
            (
                "https://news.example.org/port/harbour-opens",
                Some("harbour-opens"),
            ),
            (
                "https://news.example.org/port/harbour-opens/",
                Some("harbour-opens"),
            ),
            (
                "https://NEWS.example.org/2026/06/harbour-opens.html?a=1#b",
                Some("harbour-opens"),
            ),
            (
                "http://news.example.org/harbour-opens.shtml",
                Some("harbour-opens"),
            ),
            (
                &format!("https://news.example.org/v1/articles/{id}"),
                Some(id),
            ),
            ("https://news.example.org/", None),
            ("https://news.example.org", None),
            ("https://other.example.org/port/harbour-opens", None),
            ("https://news.example.org.evil.example/harbour-opens", None),
            ("https://news.example.org:8443/harbour-opens", None),
            ("https://news.example.org/%E6%B8%AF", None),
            ("https://news.example.org/Harbour_Opens", None),
            ("mailto:harbour-opens@news.example.org", None),
            ("harbour-opens", None),
        ] {
            assert_eq!(name_in(base, url).as_deref(), name, "{url}");
        }
    }
}
