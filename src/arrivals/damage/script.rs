//! Traditional text that a machine made from Simplified, one character for another.
//!
//! Where Simplified has one character for several, such text has the wrong one: `頭發` for `頭髮`, or
//! the Simplified one left as it was: `干部`. A place is told only if the pair of characters is one
//! that no Traditional writer takes for the other, and the dictionary knows the word, both by itself
//! and within its sentence. What may be another region's way of writing is no mistake.

use super::findings::{DamageCause, Likelihood, ScriptReport};
use super::layers::Spot;
use crate::kernel::han::{Script, convert, script_of, simple};
use crate::kernel::text::is_han;

/// So many mistakes leave no doubt.
const STRONG: usize = 3;
/// A shorter text comes back unchanged by chance.
const LONG_ENOUGH: usize = 200;

/// Wrong and right, where one is never written for the other.
const MISTAKES: [(char, &str); 47] = [
    ('后', "後"),
    ('後', "后"),
    ('干', "幹乾"),
    ('幹', "干乾"),
    ('乾', "干幹"),
    ('制', "製"),
    ('製', "制"),
    ('里', "裡裏"),
    ('裡', "里"),
    ('裏', "里"),
    ('面', "麵麪"),
    ('麵', "面"),
    ('麪', "面"),
    ('發', "髮"),
    ('髮', "發"),
    ('于', "於"),
    ('几', "幾"),
    ('余', "餘"),
    ('餘', "余"),
    ('云', "雲"),
    ('雲', "云"),
    ('谷', "穀"),
    ('穀', "谷"),
    ('斗', "鬥鬭"),
    ('鬥', "斗"),
    ('征', "徵"),
    ('徵', "征"),
    ('准', "準"),
    ('范', "範"),
    ('舍', "捨"),
    ('捨', "舍"),
    ('划', "劃"),
    ('种', "種"),
    ('松', "鬆"),
    ('鬆', "松"),
    ('系', "係繫"),
    ('係', "系繫"),
    ('鐘', "鍾"),
    ('鍾', "鐘"),
    ('複', "復"),
    ('復', "複"),
    ('歷', "曆"),
    ('曆', "歷"),
    ('獲', "穫"),
    ('臟', "髒"),
    ('髒', "臟"),
    ('并', "並併"),
];

/// Simplified characters that Traditional text has in a few words only, all of which the dictionary
/// knows: everywhere else they are left over.
const LEFT_OVER: &str = "于后几准种划范余并";

/// Words, in Simplified, whose characters are right as the table of single characters has them. The
/// dictionary doesn't tell words that it knows from words that it takes character by character, and
/// may not know a word such as `製麵`.
const KNOWN: &str = " 征求 征收 征集 征税 特征 象征 制度 制定 控制 限制 机制 体制 制裁 制约 强制 管制 编制 抑制 法制 抵制 面对 方面 里面 面积 全面 面临 \
                     表面 见面 上面 下面 前面 后面 当面 面前 层面 局面 画面 面向 对面 片面 面貌 地面 路面 书面 山谷 河谷 \
                     硅谷 峡谷 低谷 长征 远征 征途 征服 出征 松树 松柏 松林 宿舍 校舍 系统 系列 体系 干部 骨干 才干 主干 \
                     干线 能干 干活 干事 干劲 城里 这里 那里 哪里 家里 心里 手里 夜里 斗争 战斗 奋斗 搏斗 风云 白云 云南 \
                     发展 发现 发生 发表 发布 开发 出发 发言 发挥 恢复 复兴 回复 修复 历史 经历 历年 学历 获得 获奖 心脏 ";

/// Surnames among them: the first character of a word may be one.
const SURNAMES: &str = "后干里于几余云谷范种松征麵鐘鍾";

/// Words that begin with a surname's character and are no names.
const NO_NAMES: &str = " 后来 后者 后面 后续 后期 后果 后天 干部 干净 干燥 干活 干线 干事 干劲 于是 里面 种植 种类 \
                        种子 征求 征收 征集 征税 范围 范例 范畴 余额 几乎 云南 松树 松柏 松林 征途 征服 ";

/// Writings of one character that regions differ in.
const VARIANTS: [(char, char); 40] = [
    ('爲', '為'),
    ('裏', '裡'),
    ('羣', '群'),
    ('峯', '峰'),
    ('衆', '眾'),
    ('啓', '啟'),
    ('喫', '吃'),
    ('説', '說'),
    ('臺', '台'),
    ('綫', '線'),
    ('祕', '秘'),
    ('麪', '麵'),
    ('牀', '床'),
    ('鈎', '鉤'),
    ('竈', '灶'),
    ('痹', '痺'),
    ('僞', '偽'),
    ('癡', '痴'),
    ('溼', '濕'),
    ('纔', '才'),
    ('擡', '抬'),
    ('佔', '占'),
    ('着', '著'),
    ('脣', '唇'),
    ('閒', '閑'),
    ('諮', '咨'),
    ('註', '注'),
    ('託', '托'),
    ('佈', '布'),
    ('遊', '游'),
    ('週', '周'),
    ('洩', '泄'),
    ('檐', '簷'),
    ('污', '汙'),
    ('彙', '匯'),
    ('採', '采'),
    ('蹟', '跡'),
    ('嘗', '嚐'),
    ('昇', '升'),
    ('核', '覈'),
];

/// What the script of the text is, and where it is wrong outside the broken runs. `cover` is that of
/// the text; `read_aloud` says that readings were injected, which goes with machine-made script.
pub(super) fn find(
    chars: &[char],
    cover: &[u8],
    broken: &[Spot],
    read_aloud: bool,
) -> (ScriptReport, Vec<Spot>) {
    let text: String = chars.iter().collect();
    let script = script_of(&text);
    let mut report = ScriptReport {
        script,
        machine_made: Likelihood::None,
        mistakes: 0,
        round_trips: false,
    };
    if script != Some(Script::Hant) {
        return (report, Vec::new());
    }
    let simplified: Vec<char> = convert(&text, Script::Hans).chars().collect();
    let back: Vec<char> = convert(&simplified.iter().collect::<String>(), Script::Hant)
        .chars()
        .collect();
    if back.len() != chars.len() || simplified.len() != chars.len() {
        return (report, Vec::new());
    }
    report.round_trips = chars
        .iter()
        .zip(&back)
        .all(|(c, back)| same(*c) == same(*back));
    let whole = Text {
        chars,
        simplified: &simplified,
        back: &back,
        cover,
    };
    let mut wrong = whole.wrong_words();
    wrong.retain(|spot| !touches(broken, spot));
    report.mistakes = wrong.len();
    let han = chars.iter().filter(|c| is_han(**c)).count();
    report.machine_made = match report.mistakes {
        STRONG.. => Likelihood::Strong,
        _ if read_aloud => Likelihood::Strong,
        1.. => Likelihood::Possible,
        0 if report.round_trips && han >= LONG_ENOUGH => Likelihood::Possible,
        0 => Likelihood::None,
    };
    (report, wrong)
}

/// The writing that stands for all of a character's.
fn same(c: char) -> char {
    VARIANTS
        .iter()
        .find(|(variant, _)| *variant == c)
        .map_or(c, |(_, common)| *common)
}

fn touches(broken: &[Spot], spot: &Spot) -> bool {
    let next = broken.partition_point(|run| run.range.end <= spot.range.start);
    broken
        .get(next)
        .is_some_and(|run| run.range.start < spot.range.end)
}

struct Text<'a> {
    chars: &'a [char],
    simplified: &'a [char],
    back: &'a [char],
    cover: &'a [u8],
}

impl Text<'_> {
    /// The wrong characters, each with the right one.
    fn wrong_words(&self) -> Vec<Spot> {
        let mut wrong = Vec::new();
        let mut at = 0;
        while let Some(length) = self.cover.get(at) {
            let length = usize::from(*length).max(1);
            if length > 1 && at + length <= self.chars.len() {
                self.wrong_in(at, length, &mut wrong);
            }
            at += length;
        }
        wrong
    }

    fn wrong_in(&self, at: usize, length: usize, wrong: &mut Vec<Spot>) {
        let word = at..at + length;
        if self.chars[word.clone()] == self.back[word.clone()] {
            return;
        }
        let plain: String = self.simplified[word.clone()].iter().collect();
        let alone: Vec<char> = convert(&plain, Script::Hant).chars().collect();
        for place in word {
            let (c, right) = (self.chars[place], self.back[place]);
            let named = place == at && SURNAMES.contains(c) && !lists(NO_NAMES, &plain);
            let known = LEFT_OVER.contains(c) || !is_default(right) || lists(KNOWN, &plain);
            if is_mistake(c, right) && known && !named && alone.get(place - at) == Some(&right) {
                let right = if right == '裏' { '裡' } else { same(right) };
                wrong.push(Spot::repaired(
                    place..place + 1,
                    DamageCause::WrongCharacter,
                    right,
                ));
            }
        }
    }
}

fn is_mistake(c: char, right: char) -> bool {
    c != right
        && simple(c) == simple(right)
        && MISTAKES
            .iter()
            .any(|(wrong, rights)| *wrong == c && rights.contains(right))
}

fn lists(words: &str, word: &str) -> bool {
    words.contains(&format!(" {word} "))
}

/// Whether the table of single characters has this one for its Simplified form.
fn is_default(right: char) -> bool {
    let plain = simple(right);
    convert(plain.encode_utf8(&mut [0; 4]), Script::Hant).starts_with(right)
}
