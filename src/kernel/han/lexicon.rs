//! Where the words of Chinese text part.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use jieba_rs::Jieba;

use super::fold;

/// The dictionary that is part of the program.
static COMMON: LazyLock<Jieba> = LazyLock::new(Jieba::new);

/// A dictionary: the common one, and words of a newsroom's own that are never parted.
#[derive(Debug, Clone, Default)]
pub struct Lexicon {
    own: Option<AhoCorasick>,
}

impl Lexicon {
    /// The common dictionary with these words.
    pub fn of<T: AsRef<str>>(words: impl IntoIterator<Item = T>) -> Self {
        let words: Vec<String> = words.into_iter().map(|word| fold(word.as_ref())).collect();
        let own = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(words.iter().filter(|word| !word.is_empty()));
        // Too many words to look for at once are none: searches part as the common dictionary says.
        Self { own: own.ok() }
    }

    /// Loads the common dictionary, which takes a moment: otherwise the first query does.
    pub fn prepare() {
        LazyLock::force(&COMMON);
    }

    /// The words of a folded run of ideographs. Single characters that no word holds are taken
    /// together, as the names that they mostly are.
    pub fn words(&self, run: &str) -> Vec<String> {
        let mut words = Vec::new();
        let mut from = 0;
        for found in self.own.iter().flat_map(|own| own.find_iter(run)) {
            common(&run[from..found.start()], &mut words);
            words.push(run[found.range()].to_owned());
            from = found.end();
        }
        common(&run[from..], &mut words);
        words
    }
}

/// Adds the words of a run as the common dictionary parts it.
fn common(run: &str, words: &mut Vec<String>) {
    let mut singles = String::new();
    for token in COMMON.cut(run, false) {
        if token.word.chars().nth(1).is_none() {
            singles.push_str(token.word);
            continue;
        }
        if !singles.is_empty() {
            words.push(std::mem::take(&mut singles));
        }
        words.push(token.word.to_owned());
    }
    if !singles.is_empty() {
        words.push(singles);
    }
}

/// Whether the common dictionary has this word, folded.
pub fn is_common(word: &str) -> bool {
    COMMON.has_word(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_part_as_the_dictionaries_say() {
        let common = Lexicon::default();
        assert_eq!(common.words("绵阳营商环境"), ["绵阳", "营商", "环境"]);
        assert_eq!(common.words("采访曹惠君"), ["采访", "曹惠君"]);
        let own = Lexicon::of(["營商環境"]);
        assert_eq!(own.words("绵阳营商环境"), ["绵阳", "营商环境"]);
        assert_eq!(own.words(""), Vec::<String>::new());
    }
}
