//! Whether a licence promises what no source lets us keep.

use super::licence::{Axis, Licence};
use super::terms::{Channel, Grant};

/// What a licence promises beyond what a source's grants hold: the axes on which the nearest
/// single grant falls short. Empty if one grant covers all of it (rule 7).
pub fn excess(licence: &Licence, grants: &[Grant]) -> Vec<Axis> {
    grants
        .iter()
        .map(|grant| short(licence, grant))
        .min_by_key(Vec::len)
        .unwrap_or_else(|| vec![Axis::Redistribution])
}

fn short(licence: &Licence, grant: &Grant) -> Vec<Axis> {
    // Crawlers read under the channel `ai`, partners under any other: see `licence::best`.
    let mut needed = licence.channels.iter().map(|channel| match channel {
        Channel::Ai => Channel::Ai,
        Channel::Web | Channel::App | Channel::Syndication => Channel::Syndication,
    });
    let outlives = match (licence.valid_until, grant.valid_until) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(ours), Some(theirs)) => ours > theirs,
    };
    [
        (Axis::Redistribution, grant.may_redistribute),
        (
            Axis::Channel,
            needed.all(|channel| grant.channels.contains(&channel)),
        ),
        (
            Axis::Territory,
            licence
                .territories
                .iter()
                .all(|code| grant.territories.contains(code)),
        ),
        (
            Axis::Period,
            grant.valid_from <= licence.valid_from && !outlives,
        ),
        (Axis::Extent, licence.extent <= grant.max_extent),
        (Axis::Alteration, licence.alteration <= grant.alteration),
        (Axis::AiInput, !licence.ai_input || grant.ai_input),
        (Axis::AiTrain, !licence.ai_train || grant.ai_train),
    ]
    .into_iter()
    .filter_map(|(axis, holds)| (!holds).then_some(axis))
    .collect()
}
