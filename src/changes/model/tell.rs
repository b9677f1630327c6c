//! What a client is told, from what it was told, what has happened, and what it may have now.

use chrono::{DateTime, Utc};

use super::{EntryKind, Happening, News, Standing, Told, What};
use crate::rights::Extent;

/// The entries about one work, in their order. What happened in between is told as well, to who had
/// the work by then; the last entry always leaves the client with what it may have now.
///
/// `now` is the time of an entry that nothing in the change log stands for.
pub fn tell(
    told: Option<&Told>,
    happened: &[Happening],
    standing: &Standing,
    now: DateTime<Utc>,
) -> Vec<News> {
    match (told.filter(|told| !told.is_gone), standing) {
        (Some(told), standing) => changed(told, happened, standing, now),
        (None, Standing::Has { told: has, extent }) => {
            let (kind, at) =
                appeared(told.is_some(), happened).unwrap_or((EntryKind::Entered, now));
            vec![has_now(kind, at, has, *extent)]
        }
        (None, Standing::Gone(_) | Standing::Nothing) => Vec::new(),
    }
}

/// By what a work that the client did not have has come to it.
fn appeared(was_gone: bool, happened: &[Happening]) -> Option<(EntryKind, DateTime<Utc>)> {
    let last = |what: &[What]| happened.iter().rev().find(|one| what.contains(&one.what));
    let created = last(&[What::Published, What::Embargoed]).map(|one| (EntryKind::Created, one.at));
    let back = last(&[What::Reinstated]).map(|one| (EntryKind::Reinstated, one.at));
    match was_gone {
        true => back.or(created),
        false => created.or(back),
    }
}

/// What became of a work that the client had.
fn changed(
    told: &Told,
    happened: &[Happening],
    standing: &Standing,
    now: DateTime<Utc>,
) -> Vec<News> {
    let extent = match standing {
        Standing::Has { extent, .. } => Some(*extent),
        Standing::Gone(_) | Standing::Nothing => None,
    };
    let mut news = Vec::new();
    let (mut version, mut is_gone, mut is_embargoed) = (told.version, false, told.is_embargoed);
    for one in happened {
        let newer = one.version.filter(|n| *n > version);
        let kind = match one.what {
            What::Withdrawn if !is_gone => EntryKind::Withdrawn,
            What::Reinstated if is_gone => EntryKind::Reinstated,
            What::Published if is_embargoed && !is_gone => EntryKind::Published,
            What::Corrected if newer.is_some() && !is_gone => EntryKind::Corrected,
            What::Published if newer.is_some() && !is_gone => EntryKind::Updated,
            What::Embargoed
            | What::Published
            | What::Corrected
            | What::Withdrawn
            | What::Reinstated => continue,
        };
        is_gone = kind == EntryKind::Withdrawn;
        is_embargoed &= kind != EntryKind::Published;
        if !is_gone {
            version = one.version.unwrap_or(version);
        }
        let has = (!is_gone).then_some((version, extent));
        news.push(News::of(kind, one.at, has));
    }
    settle(told, standing, version, is_gone, now, &mut news);
    news
}

/// Ends what is told with what stands.
fn settle(
    told: &Told,
    standing: &Standing,
    version: i64,
    is_gone: bool,
    now: DateTime<Utc>,
    news: &mut Vec<News>,
) {
    match standing {
        Standing::Has { told: has, extent } if is_gone => {
            news.push(has_now(EntryKind::Reinstated, now, has, *extent));
        }
        Standing::Has { told: has, extent } => {
            let is_same = news.is_empty() && has.fingerprint == told.fingerprint;
            let is_told = !news.is_empty() && has.version == version;
            if !is_same && !is_told {
                let kind = match told.is_embargoed && !has.is_embargoed && news.is_empty() {
                    true => EntryKind::Published,
                    false => EntryKind::Updated,
                };
                news.push(has_now(kind, now, has, *extent));
            }
        }
        Standing::Gone(class) => {
            if !is_gone {
                news.push(News::of(EntryKind::Withdrawn, now, None));
            }
            if let Some(last) = news.last_mut() {
                last.reason_class = Some(*class);
            }
        }
        Standing::Nothing if is_gone => {}
        Standing::Nothing => news.push(News::of(EntryKind::Exited, now, None)),
    }
}

fn has_now(kind: EntryKind, at: DateTime<Utc>, has: &Told, extent: Extent) -> News {
    News::of(kind, at, Some((has.version, Some(extent))))
}

/// What is kept of what a client was told, once it was told; `None` where nothing is.
pub fn held(told: Option<Told>, standing: Standing) -> Option<Told> {
    match (told, standing) {
        (_, Standing::Has { told, .. }) => Some(told),
        (Some(told), Standing::Gone(_)) => Some(Told {
            is_gone: true,
            recheck_at: None,
            ..told
        }),
        // Who knows of a withdrawal is told if the work comes back.
        (Some(told), Standing::Nothing) if told.is_gone => Some(Told {
            recheck_at: None,
            ..told
        }),
        (_, Standing::Gone(_) | Standing::Nothing) => None,
    }
}

/// What is kept of a work that nobody sees before an instant, at which it is looked at again.
pub fn awaited(held: Option<Told>, at: DateTime<Utc>) -> Told {
    let told = held.unwrap_or(Told {
        version: 0,
        is_embargoed: false,
        is_gone: true,
        seen_seq: 0,
        fingerprint: String::new(),
        recheck_at: None,
    });
    Told {
        recheck_at: Some(at),
        ..told
    }
}

#[cfg(test)]
mod tests;
