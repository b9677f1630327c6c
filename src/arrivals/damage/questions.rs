//! Question marks in place of characters that were lost.
//!
//! Most half-width question marks in Chinese text end questions. To tell a false one costs the desk's
//! trust, so a mark is told only where a question can't end: after a comma or an opening bracket,
//! after a character that needs another, before a particle that never begins a sentence, or between
//! two pieces of words. Any word that asks, in the same sentence, makes the mark a question's.

use super::findings::DamageCause;
use super::layers::Spot;
use crate::kernel::text::is_han;

/// How far back the beginning of a sentence is looked for.
const LONGEST_SENTENCE: usize = 80;

/// Words that ask. In both scripts, since they are looked up as they stand.
const ASKING: [&str; 62] = [
    "吗",
    "嗎",
    "呢",
    "么",
    "麼",
    "谁",
    "誰",
    "哪",
    "怎",
    "几",
    "幾",
    "多少",
    "多久",
    "多大",
    "多远",
    "多遠",
    "多高",
    "为何",
    "為何",
    "如何",
    "何时",
    "何時",
    "何处",
    "何處",
    "何以",
    "何在",
    "何人",
    "何必",
    "何不",
    "是否",
    "能否",
    "可否",
    "难道",
    "難道",
    "岂",
    "豈",
    "还是",
    "還是",
    "啥",
    "咋",
    "究竟",
    "到底",
    "莫非",
    "真的",
    "当真",
    "當真",
    "果真",
    "对吧",
    "對吧",
    "是吧",
    "有没有",
    "有沒有",
    "没有",
    "沒有",
    "吧",
    "啊",
    "呀",
    "问",
    "問",
    "疑",
    "猜",
    "会不会",
];

/// Characters that a sentence can't end with when they stand alone.
const OPEN: &str = "非很极極最更将將把被从從向在为為因若虽雖而且与與和及或其之以于於各每某该該并並即则則据據由使令";

/// Characters that no sentence begins with when they stand alone.
const ENDING: &str = "的了们們着过過吗嗎呢吧之";

/// Characters that often stand alone.
const ALONE: &str = "一二三四五六七八九十百千万亿萬億这這那此我你他她它您谁誰不没沒有无無是为為会會能可要想应應该該\
                     将將已曾正在就才又也都还還再很太更最好大小多少高低长長新老上下前后後里裡内內外中左右来來去到出入\
                     进進开開关關回过過起说說问問答看听聽讲講写寫读讀做作用给給让讓叫请請把被从從向对對与與和或及而且但\
                     因若如虽雖只仅僅每各某全第年月日时時分秒天人家事话話钱錢水车車路书書字题題元个個位名件只隻条條张張\
                     次遍回种種样樣成行走跑吃喝买買卖賣住活死真假快慢早晚涨漲跌升降贵貴难難易热熱冷变變停换換亏虧赚賺\
                     输輸赢贏懂信爱愛恨怕怪累忙够夠完了的着过吗嗎呢吧啊呀嘛哦喂嗯咦哎唉哈啥咋怎";

/// The false question marks. `cover` is that of the text, `broken` has its other broken places in
/// order; `repaired` says that there were more.
pub(super) fn find(chars: &[char], cover: &[u8], broken: &[Spot], repaired: bool) -> Vec<Spot> {
    let page = Page::of(chars, repaired || !broken.is_empty());
    let mut spots = Vec::new();
    let mut at = 0;
    for run in chars.chunk_by(|a, b| (*a == '?') == (*b == '?')) {
        let end = at + run.len();
        if run.first() == Some(&'?') {
            let mark = Mark {
                chars,
                cover,
                start: at,
                end,
            };
            if let Some(run) = mark.run_behind(broken).filter(|_| !mark.asks()) {
                spots.push(Spot::told(at..run, DamageCause::LostCharacter));
                at = end;
                continue;
            }
            if let Some(end) = mark.false_until(&page) {
                spots.push(Spot::told(at..end, DamageCause::LostCharacter));
            }
        }
        at = end;
    }
    spots
}

/// What the whole text says of its question marks.
struct Page {
    /// Its punctuation is full-width, hardly any half-width.
    full_width: bool,
    /// It has other broken places.
    broken: bool,
}

impl Page {
    fn of(chars: &[char], broken: bool) -> Self {
        let count = |wanted: char| chars.iter().filter(|c| **c == wanted).count();
        let behind_han = chars
            .windows(2)
            .filter(|pair| is_han(pair[0]) && pair[1] == ',')
            .count();
        Self {
            full_width: count('，') > behind_han.saturating_mul(3),
            broken,
        }
    }
}

/// A run of half-width question marks.
struct Mark<'a> {
    chars: &'a [char],
    cover: &'a [u8],
    start: usize,
    end: usize,
}

impl Mark<'_> {
    /// Where the place ends when the mark is false.
    fn false_until(&self, page: &Page) -> Option<usize> {
        let next = self.chars.get(self.end).copied().unwrap_or('\n');
        let before = self
            .start
            .checked_sub(1)
            .and_then(|at| self.chars.get(at))
            .copied();
        let before = before.unwrap_or('\n');
        let before_han = is_han(next);
        if !is_han(before) {
            return (before_han && is_impossible(before)).then(|| self.with_fragment());
        }
        if self.asks() {
            return None;
        }
        let alone_before = self.alone(self.start.wrapping_sub(1));
        let alone_after = self.alone(self.end);
        if alone_before && OPEN.contains(before) {
            // With an exclamation mark the place of several characters: a sentence's end was there.
            let exclaims = matches!(next, '!' | '！');
            return Some(self.end + usize::from(exclaims));
        }
        if !before_han {
            return (page.full_width && next == '、').then_some(self.end);
        }
        if alone_after && ENDING.contains(next) {
            return Some(self.end);
        }
        let piece_before = alone_before && !ALONE.contains(before);
        let piece_after = alone_after && !ALONE.contains(next);
        let is_false = match page.full_width || page.broken {
            true => piece_before && alone_after,
            false => piece_before && piece_after,
        };
        is_false.then_some(self.end)
    }

    /// Where the broken run begins that stands behind the mark, or behind the next lone character.
    fn run_behind(&self, broken: &[Spot]) -> Option<usize> {
        let next = broken.partition_point(|run| run.range.start < self.end);
        let start = broken.get(next)?.range.start;
        (start == self.end || (start == self.end + 1 && self.alone(self.end))).then_some(start)
    }

    /// The place with the lone character behind the mark that is the other half of what was lost.
    fn with_fragment(&self) -> usize {
        let closed = self.chars.get(self.end + 1).is_none_or(|c| !is_han(*c));
        self.end + usize::from(closed && self.alone(self.end))
    }

    /// Whether an ideograph stands in no word.
    fn alone(&self, at: usize) -> bool {
        self.cover.get(at) == Some(&1)
    }

    /// Whether a word in the sentence before the mark asks.
    fn asks(&self) -> bool {
        let before = self.chars.get(..self.start).unwrap_or_default();
        let mut sentence: Vec<char> = before
            .iter()
            .rev()
            .take(LONGEST_SENTENCE)
            .take_while(|c| !matches!(c, '。' | '!' | '！' | '?' | '？' | ';' | '；' | '\n'))
            .copied()
            .collect();
        sentence.reverse();
        let text: String = sentence.iter().collect();
        ASKING.iter().any(|word| text.contains(word)) || asks_either(&sentence)
    }
}

/// Whether a question mark can't stand behind this.
fn is_impossible(before: char) -> bool {
    matches!(
        before,
        '。' | ','
            | '，'
            | '、'
            | ':'
            | '：'
            | ';'
            | '；'
            | '('
            | '（'
            | '《'
            | '“'
            | '‘'
            | '「'
            | '『'
    )
}

/// Whether the sentence asks as `去不去` and `好不好` do.
fn asks_either(sentence: &[char]) -> bool {
    sentence.windows(3).any(|three| {
        three[0] == three[2] && matches!(three[1], '不' | '没' | '沒') && is_han(three[0])
    })
}
