//! The damage that scraping did to Chinese text: each place is told, and the clean text proposed.
//!
//! Three kinds: readings put in brackets after characters, runs whose bytes were decoded wrongly or
//! lost, and Traditional text that a machine made from Simplified. What follows with certainty from
//! what is there is proposed and applied to the clean text; everything else is told and left as it
//! stands. This module must not guess a lost character, convert a script unasked, parse HTML, do
//! I/O or look at a clock.
//!
//! Start with [`examine`]. The steps stand in the order in which a text goes through them:
//! `entities`, `mojibake`, controls, `pinyin`, then `shifted` and `lost` (which only tell), then `script`.
//! A character that comes out of an entity can be a bracket of an injected reading: that is why
//! each step reads what the one before it left, and `layers` keeps track of where things were.

mod entities;
mod findings;
mod gbk;
mod layers;
mod lost;
mod mojibake;
mod pinyin;
mod questions;
mod script;
mod shifted;
mod words_in;

pub use findings::{Damage, DamageCause, DamageKind, Findings, Likelihood, ScriptReport};
pub use pinyin::strip_injected;

use crate::kernel::han::{self, Lexicon, Script};
use layers::Layers;

/// How often the bytes of a text can have been read wrongly, one misreading upon the other.
const MISREADINGS: usize = 3;

/// Finds the damage of a text, which is best a whole page: how frequent a kind of damage is decides
/// about single places.
pub fn examine(text: &str) -> Findings {
    let raw: Vec<char> = text.chars().collect();
    let mut layers = Layers::new(&raw);
    layers.take(entities::find(layers.chars()));
    for _ in 0..MISREADINGS {
        let decoded = mojibake::find(layers.chars());
        if decoded.is_empty() {
            break;
        }
        layers.take(decoded);
    }
    // No text can hold them, and a database may refuse them. Wrongly decoded bytes can be among them.
    layers.take(lost::controls(layers.chars()));
    let injected = pinyin::find(layers.chars());
    let reads_aloud = injected.iter().any(|spot| spot.proposal.is_some());
    layers.take(injected);

    let cover = words_in::cover(layers.chars());
    let mut broken = shifted::find(layers.chars(), &cover);
    broken.extend(lost::find(layers.chars()));
    let mut broken = layers::joined(broken, &cover);
    let repaired = layers.has_told(DamageKind::Encoding);
    let false_questions = questions::find(layers.chars(), &cover, &broken, repaired);
    broken.extend(false_questions);
    let broken = layers::joined(broken, &cover);
    let (report, wrong) = script::find(layers.chars(), &cover, &broken, reads_aloud);
    layers.take(broken);
    layers.take(wrong);
    findings::conclude(raw, layers, report)
}

/// The text in Simplified characters: a derived text, made only when somebody asks for it.
pub fn simplified(clean: &str) -> String {
    han::convert(clean, Script::Hans)
}

/// Loads the dictionaries, which takes a moment: otherwise the first text does.
pub fn prepare() {
    Lexicon::prepare();
    han::prepare();
    gbk::prepare();
    pinyin::prepare();
}

#[cfg(test)]
mod tests;
