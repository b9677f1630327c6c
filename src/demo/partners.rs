//! The demo's partners, each with its licence, if it has one.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::keys::{Names, id_of, take_key};
use super::{DemoError, Loader, invalid, known_id};
use crate::kernel::id::{LicenceId, PartnerId};
use crate::licences::view::LicenceInput;
use crate::partners::view::PartnerInput;
use crate::rights::Extent;
use crate::{licences, partners};

/// A partner of the demo.
#[derive(Debug, Clone)]
pub struct DemoPartner {
    /// Such as `partner_full`: the name of its key in the ready file.
    pub key: String,
    pub id: PartnerId,
    pub name: String,
    /// What it holds, and how much of a work that gives.
    pub licence: Option<(LicenceId, Extent)>,
}

impl Loader<'_> {
    pub(super) async fn partners(
        &self,
        given: Vec<Map<String, Value>>,
        names: &Names<'_>,
        now: DateTime<Utc>,
    ) -> Result<Vec<DemoPartner>, DemoError> {
        let mut made = Vec::new();
        for mut partner in given {
            let key = take_key(&mut partner);
            let licence = partner.remove("licence");
            let input: PartnerInput = self.read(&key, partner)?;
            let profile = input.parse().map_err(invalid(&key))?;
            let name = profile.name.clone();
            let written = partners::store::create(self.db, self.cx(now), profile).await?;
            let id = known_id::<PartnerId>(&written)?;
            let licence = match licence {
                None => None,
                Some(licence) => Some(self.licence(&key, id, licence, names, now).await?),
            };
            made.push(DemoPartner {
                key,
                id,
                name,
                licence,
            });
        }
        Ok(made)
    }

    async fn licence(
        &self,
        key: &str,
        partner: PartnerId,
        given: Value,
        names: &Names<'_>,
        now: DateTime<Utc>,
    ) -> Result<(LicenceId, Extent), DemoError> {
        let mut given: Map<String, Value> = serde_json::from_value(given)?;
        given.insert("partner_id".to_owned(), json!(partner));
        for (list, keys) in [("sections", names.sections), ("sources", names.sources)] {
            let named = given
                .get_mut("selector")
                .and_then(|selector| selector.get_mut(list)?.as_array_mut());
            for one in named.into_iter().flatten() {
                *one = id_of(keys, one)?;
            }
        }
        let input: LicenceInput = self.read(key, given)?;
        let (partner, terms) = input.parse_new().map_err(invalid(key))?;
        let extent = terms.extent;
        let written = licences::store::create(self.db, self.cx(now), partner, terms).await?;
        Ok((known_id::<LicenceId>(&written)?, extent))
    }
}
