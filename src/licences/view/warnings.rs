//! What a licence promises beyond what sources allow us, in words.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::kernel::id::SourceId;
use crate::licences::model::{Inbound, Licence};
use crate::rights::licence::excess;
use crate::rights::{self, Axis};

/// A source, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(example = json!({"id": "src_01900000000070008000000000000001", "name": "Coastal Wire"}))]
pub struct SourceName {
    pub id: SourceId,
    pub name: String,
}

/// An axis on which a licence promises more than sources allow us. No work is given beyond what its source allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LicenceWarning, example = json!({"axis": "redistribution", "sources": [{"id": "src_01900000000070008000000000000001", "name": "Coastal Wire"}], "detail": "These sources do not let us pass their works on."}))]
pub struct Warning {
    pub axis: Axis,
    pub sources: Vec<SourceName>,
    /// One sentence for people.
    pub detail: String,
}

/// What a licence promises beyond what each of these sources allows, by axis. Where a source
/// allows an excerpt, it is one of the site's `usual` length.
pub fn warnings(licence: &Licence, sources: &[Inbound], usual: usize) -> Vec<Warning> {
    let licence = rights::Licence::from(licence.clone());
    let mut found: BTreeMap<Axis, Vec<SourceName>> = BTreeMap::new();
    for source in sources {
        for axis in excess(&licence, &source.grants, usual) {
            found.entry(axis).or_default().push(SourceName {
                id: source.id,
                name: source.name.clone(),
            });
        }
    }
    found
        .into_iter()
        .map(|(axis, sources)| Warning {
            axis,
            sources,
            detail: detail(axis).to_owned(),
        })
        .collect()
}

fn detail(axis: Axis) -> &'static str {
    match axis {
        Axis::Redistribution => "These sources do not let us pass their works on.",
        Axis::Channel => {
            "These sources do not allow the channel by which the licence passes works on."
        }
        Axis::Territory => "The licence names territories that these sources do not.",
        Axis::Period => "The licence holds at times at which these sources allow nothing.",
        Axis::Extent => "The licence gives more of a work than these sources allow.",
        Axis::Alteration => "The licence lets more be done to the text than these sources do.",
        Axis::AiInput => "These sources do not allow works as input to AI systems.",
        Axis::AiTrain => "These sources do not allow the training of AI systems on works.",
        // Axes of the decision on one work, which no comparison of terms brings up.
        Axis::Licence
        | Axis::Status
        | Axis::Selector
        | Axis::Archive
        | Axis::Embargo
        | Axis::Ai => "The licence and what these sources allow do not meet.",
    }
}
