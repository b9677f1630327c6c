//! What is reserved where no licence says otherwise (rule 25): one set of words for headers,
//! robots.txt and the licence files.

use super::usage::Usage;

/// What may not be done with a text by machines that mine it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reservation {
    /// Whether models may be trained on it.
    pub train: bool,
    /// Whether AI systems may be given it as input.
    pub input: bool,
}

impl Reservation {
    /// Of what is given without a licence.
    pub const UNLICENSED: Self = Self {
        train: false,
        input: false,
    };

    /// Of one answer.
    pub fn of(usage: &Usage) -> Self {
        Self {
            train: usage.ai_train == Some(true),
            input: usage.ai_input == Some(true),
        }
    }

    /// The value of `TDM-Reservation`, and of `tdm-reservation` in tdmrep.json (TDM Reservation Protocol):
    /// text and data mining is reserved, whatever a licence gives to its holder.
    pub const TDM: u8 = 1;

    /// The value of `Content-Usage` (draft-ietf-aipref-attach).
    pub fn content_usage(self) -> &'static str {
        match self.train {
            true => "train-ai=y",
            false => "train-ai=n",
        }
    }

    /// Usages that RSL 1.0 has words for: those permitted, and those prohibited.
    pub fn rsl(self) -> (Vec<&'static str>, Vec<&'static str>) {
        let all = [
            ("search", true),
            ("ai-train", self.train),
            ("ai-input", self.input),
        ];
        let words = |granted| {
            let some = all.iter().filter(move |(_, is)| *is == granted);
            some.map(|(word, _)| *word).collect()
        };
        (words(true), words(false))
    }
}
