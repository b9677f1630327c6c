//! Whether a licence promises what no source lets us keep.

use super::licence::{Axis, Licence};
use super::terms::{Channel, Extent, Grant};

/// What a licence promises beyond what a source's grants hold: the axes on which the nearest
/// single grant falls short. Empty if one grant covers all of it (rule 7). `usual` is the length
/// of the site's own excerpts.
pub fn excess(licence: &Licence, grants: &[Grant], usual: usize) -> Vec<Axis> {
    grants
        .iter()
        .map(|grant| short(licence, grant, usual))
        .min_by_key(Vec::len)
        .unwrap_or_else(|| vec![Axis::Redistribution])
}

fn short(licence: &Licence, grant: &Grant, usual: usize) -> Vec<Axis> {
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
    // A grant names no length: see `Licence::meet`.
    let too_long = licence.extent == Extent::Excerpt
        && grant.max_extent == Extent::Excerpt
        && licence.excerpt_chars.is_some_and(|chars| chars > usual);
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
        (
            Axis::Extent,
            licence.extent <= grant.max_extent && !too_long,
        ),
        (Axis::Alteration, licence.alteration <= grant.alteration),
        (Axis::AiInput, !licence.ai_input || grant.ai_input),
        (Axis::AiTrain, !licence.ai_train || grant.ai_train),
    ]
    .into_iter()
    .filter_map(|(axis, holds)| (!holds).then_some(axis))
    .collect()
}
