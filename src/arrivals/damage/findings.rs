//! What was found: the places, the clean text and the way from one to the other.

use std::ops::Range;

use super::layers::{Layers, Spot};
use crate::kernel::han::Script;
use crate::kernel::words::words;

/// How many characters of a damaged place are quoted.
const QUOTE_CHARS: usize = 64;
/// How many places are told one by one.
const MOST_TOLD: usize = 10_000;

words! {
    /// What kind of damage it is.
    DamageKind {
        Pinyin = "pinyin",
        Encoding = "encoding",
        Script = "script",
    }
    /// What did the damage, as far as it shows.
    DamageCause {
        /// A reading in brackets after a character.
        InjectedReading = "injected_reading",
        /// An entity of HTML that was never decoded.
        Entity = "entity",
        /// Bytes of one encoding read as another.
        WrongDecoding = "wrong_decoding",
        /// Double-byte characters read one byte off.
        ShiftedBytes = "shifted_bytes",
        /// A replacement character, or a question mark in place of a character.
        LostCharacter = "lost_character",
        /// A character of private use, or one that Unicode has not assigned.
        UnknownCharacter = "unknown_character",
        /// A control character.
        Control = "control",
        /// The whole text is Traditional by a machine.
        MachineScript = "machine_script",
        /// A character that Traditional writers do not use in this word.
        WrongCharacter = "wrong_character",
    }
    /// How likely it is that a machine made the script.
    Likelihood {
        None = "none",
        Possible = "possible",
        Strong = "strong",
    }
}

impl DamageCause {
    /// The kind that it belongs to.
    pub fn kind(self) -> DamageKind {
        match self {
            Self::InjectedReading => DamageKind::Pinyin,
            Self::Entity
            | Self::WrongDecoding
            | Self::ShiftedBytes
            | Self::LostCharacter
            | Self::UnknownCharacter
            | Self::Control => DamageKind::Encoding,
            Self::MachineScript | Self::WrongCharacter => DamageKind::Script,
        }
    }
}

impl DamageCause {
    /// Which cause is named when a place has several: the one that says most.
    pub(super) fn weight(self) -> u8 {
        match self {
            Self::MachineScript | Self::WrongCharacter => 0,
            Self::InjectedReading => 1,
            Self::Entity => 2,
            Self::Control | Self::UnknownCharacter => 3,
            Self::LostCharacter => 4,
            Self::WrongDecoding | Self::ShiftedBytes => 5,
        }
    }
}

/// One damaged place. Offsets and lengths count Unicode scalar values of the text examined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    pub kind: DamageKind,
    pub cause: DamageCause,
    pub offset: usize,
    /// How long the place is; nothing for what is said of the whole text.
    pub length: usize,
    /// The characters that stand there; of a long place the first 64.
    pub quote: String,
    /// What the clean text has instead, where that is certain.
    pub proposal: Option<String>,
    /// What the bytes there say, with U+FFFD for what is lost: a hint for people, never applied.
    pub reading: Option<String>,
}

/// What the characters say of the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScriptReport {
    /// The script of most characters that only one script has.
    pub script: Option<Script>,
    pub machine_made: Likelihood,
    /// How many characters Traditional writers would not use in their words.
    pub mistakes: usize,
    /// Whether the text comes back unchanged when it is converted to Simplified and back.
    pub round_trips: bool,
}

/// The findings in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    /// The places in the order of the text; no two overlap.
    pub damage: Vec<Damage>,
    /// How many places there are beyond those listed. Their proposals are applied, too.
    pub untold: usize,
    /// The text with every proposal applied.
    pub clean: String,
    pub script: ScriptReport,
    /// For each character of the clean text the offset that it, or what it replaces, had.
    origins: Vec<u32>,
    /// For each character of the clean text, where it starts in bytes.
    starts: Vec<u32>,
}

impl Findings {
    /// The clean form of a part of the text examined, in its offsets. What replaces a place belongs
    /// to the part in which the place begins.
    pub fn clean_range(&self, start: usize, end: usize) -> &str {
        let from = self.clean_offset(start);
        let to = self.clean_offset(end).max(from);
        let byte = |place: usize| match self.starts.get(place) {
            Some(&byte) => byte as usize,
            None => self.clean.len(),
        };
        self.clean.get(byte(from)..byte(to)).unwrap_or_default()
    }

    /// The first offset in the clean text that comes from this offset of the text, or from behind it.
    pub fn clean_offset(&self, raw: usize) -> usize {
        self.origins
            .partition_point(|&origin| (origin as usize) < raw)
    }

    /// The offset in the text that a character of the clean text comes from.
    pub fn raw_offset(&self, clean: usize) -> Option<usize> {
        self.origins.get(clean).map(|&origin| origin as usize)
    }
}

/// Puts the findings together.
pub(super) fn conclude(raw: Vec<char>, layers: Layers, script: ScriptReport) -> Findings {
    let (chars, spans, told) = layers.into_parts();
    let clean: String = chars.iter().collect();
    let starts = chars
        .iter()
        .scan(0_u32, |byte, c| {
            let start = *byte;
            *byte = byte.saturating_add(u32::try_from(c.len_utf8()).unwrap_or(u32::MAX));
            Some(start)
        })
        .collect();
    let mut findings = Findings {
        damage: Vec::new(),
        untold: 0,
        clean,
        script,
        origins: spans.iter().map(|span| span.0).collect(),
        starts,
    };
    let mut damage = Vec::new();
    if script.machine_made == Likelihood::Strong {
        damage.push(whole());
    }
    for spot in one_each(told) {
        if damage.len() >= MOST_TOLD {
            findings.untold += 1;
            continue;
        }
        damage.push(tell(spot, &raw, &findings));
    }
    findings.damage = damage;
    findings
}

fn whole() -> Damage {
    Damage {
        kind: DamageKind::Script,
        cause: DamageCause::MachineScript,
        offset: 0,
        length: 0,
        quote: String::new(),
        proposal: None,
        reading: None,
    }
}

fn tell(spot: Spot, raw: &[char], findings: &Findings) -> Damage {
    let Range { start, end } = spot.range;
    let here = raw.get(start..end).unwrap_or_default();
    Damage {
        kind: spot.cause.kind(),
        cause: spot.cause,
        offset: start,
        length: end.saturating_sub(start),
        quote: here.iter().take(QUOTE_CHARS).collect(),
        // Places can have grown together: the proposal is always what the clean text has.
        proposal: spot
            .proposal
            .is_some()
            .then(|| findings.clean_range(start, end).to_owned()),
        reading: spot.reading,
    }
}

/// Places in order, with those made one that overlap, or that touch and are broken.
fn one_each(mut told: Vec<Spot>) -> Vec<Spot> {
    told.sort_by_key(|spot| (spot.range.start, spot.range.end));
    let mut places: Vec<Spot> = Vec::with_capacity(told.len());
    for spot in told {
        match places.last_mut() {
            Some(last) if spot.range.start < last.range.end || are_one_run(last, &spot) => {
                last.join(spot);
            }
            Some(_) | None => places.push(spot),
        }
    }
    places
}

/// Whether two places are parts of one broken run, the next perhaps a stray reading behind it.
fn are_one_run(one: &Spot, next: &Spot) -> bool {
    next.range.start == one.range.end
        && one.cause.kind() == DamageKind::Encoding
        && next.cause.kind() != DamageKind::Script
        && one.proposal.is_none()
        && next.proposal.is_none()
}
