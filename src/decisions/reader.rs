//! Whose decision is asked about: a key as it stands, or a reader by description.

use chrono::{DateTime, Utc};

use crate::articles::model::Side;
use crate::articles::store::load;
use crate::clients;
use crate::clients::model::{Client, ClientStatus};
use crate::db::{Conn, Db, StoreError};
use crate::kernel::fault::Fault;
use crate::kernel::id::{ArticleId, ClientId, PartnerId};
use crate::kernel::language::Territory;
use crate::licences;
use crate::partners;
use crate::partners::model::Partner;
use crate::rights::{Audience, Channel, Holder, Rights, Step, Use};

/// A reader, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reader {
    Client(ClientId),
    Described {
        audience: Audience,
        channel: Channel,
        territory: Option<Territory>,
        partner: Option<PartnerId>,
    },
}

/// Everything that the decision is made on.
pub struct Case {
    pub rights: Rights,
    pub use_: Use,
    pub client: Option<ClientId>,
    /// What was found of the key, before the rules are asked.
    pub steps: Vec<Step>,
    /// Whether the key is taken at that time.
    pub is_admitted: bool,
}

/// Loads a case: the work on the side that this reader looks at, the key, and all licences of
/// its partner, as they stand now.
///
/// # Errors
/// [`StoreError::NotFound`] without such an article, [`StoreError::Invalid`] for a client or a
/// partner that is not there, or a database error.
pub async fn case(
    db: &Db,
    article: ArticleId,
    reader: Reader,
    at: DateTime<Utc>,
) -> Result<Case, StoreError> {
    let (client, (audience, channel, territory, partner)) = match reader {
        Reader::Client(id) => {
            let client = known(clients::store::get(db, id).await, "client")?;
            let reads = of_client(&client);
            (Some(client), reads)
        }
        Reader::Described {
            audience,
            channel,
            territory,
            partner,
        } => (None, (audience, channel, territory, partner)),
    };
    let partner = match partner {
        Some(id) => Some(known(partners::store::get(db, id).await, "partner")?),
        None => None,
    };
    db.read(move |conn| {
        let holder = match &partner {
            None => None,
            Some(partner) => Some(Holder {
                partner: partner.id,
                client: None,
                licences: licences::store::all_of(conn, partner.id)?.into(),
            }),
        };
        let side = match audience {
            Audience::Desk { .. } => Side::Head,
            _ => Side::Live,
        };
        let rights = rights(conn, article, side, at)?;
        let (is_admitted, steps) = admission(client.as_ref(), partner.as_ref(), at);
        Ok(Case {
            rights,
            use_: Use {
                audience,
                channel,
                territory,
                holder,
            },
            client: client.map(|client| client.id),
            steps,
            is_admitted,
        })
    })
    .await
}

/// What the reader names by id has to be there.
fn known<T>(found: Result<T, StoreError>, noun: &str) -> Result<T, StoreError> {
    found.map_err(|error| match error {
        StoreError::NotFound => StoreError::Invalid(vec![Fault::new(
            format!("/reader/{noun}_id"),
            "unknown",
            format!("there is no such {noun}"),
        )]),
        error => error,
    })
}

/// The rights of a work; those of its draft where readers could never see it.
fn rights(
    conn: &mut Conn,
    article: ArticleId,
    side: Side,
    at: DateTime<Utc>,
) -> Result<Rights, StoreError> {
    let id = article.to_string();
    let work = match load::one(conn, id.clone(), side, at) {
        Err(StoreError::NotFound) => load::one(conn, id, Side::Head, at)?,
        work => work?,
    };
    Ok(work.rights().clone())
}

fn of_client(client: &Client) -> (Audience, Channel, Option<Territory>, Option<PartnerId>) {
    let terms = &client.terms;
    (
        terms.kind.into(),
        terms.channel,
        terms.territory.clone(),
        terms.partner,
    )
}

/// Whether the reader is let in at all, and what was found of its key and its partner.
fn admission(
    client: Option<&Client>,
    partner: Option<&Partner>,
    at: DateTime<Utc>,
) -> (bool, Vec<Step>) {
    let key = client.map(|client| of_key(client, at));
    let has_ended = partner
        .and_then(|partner| partner.ended_at)
        .is_some_and(|ended| ended <= at);
    let over = has_ended.then(|| {
        let detail = "The partner has ended: no key of it is taken.";
        Step::new(6, "partner", false, detail)
    });
    let steps: Vec<Step> = key.into_iter().chain(over).collect();
    (steps.iter().all(|step| step.holds), steps)
}

/// Whether the key is taken.
fn of_key(client: &Client, at: DateTime<Utc>) -> Step {
    let status = client.status(at);
    let revoked_by_then = client.revoked_at.is_some_and(|revoked| revoked <= at);
    let admitted = match status {
        ClientStatus::Active => true,
        ClientStatus::Expired => false,
        ClientStatus::Revoked => !revoked_by_then,
    };
    let detail = if admitted {
        "The key is taken.".to_owned()
    } else {
        format!("The key is not taken: {}.", status.as_str())
    };
    Step::new(6, "key", admitted, detail)
}
