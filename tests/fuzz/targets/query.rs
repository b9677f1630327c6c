//! What anybody types is a query or is refused; no engine is told more than the words of it, and what is shown as found
//! lies within the text. Before the first line break stands the query, behind it the text.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use masthead_fuzz::articles::search::snippet::{Snippet, piece, whole};
use masthead_fuzz::articles::search::{Dialect, Field, Level, Query, Texts};
use masthead_fuzz::kernel::han::Lexicon;

static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::default);

/// Outside of its quoted words an expression holds what this program writes there, and nothing else.
fn is_closed(expression: &str, quote: char) -> bool {
    let parts: Vec<&str> = expression.split(quote).collect();
    let known = |part: &&str| part.chars().all(|c| c.is_ascii_alphabetic() || " (){}:*&|!<->".contains(c));
    parts.len() % 2 == 1 && parts.iter().step_by(2).all(|part| known(part))
}

fn is_within(found: &Snippet) -> bool {
    let length = found.text.chars().count();
    let mut end = 0;
    found.highlights.iter().all(|range| {
        let fits = end <= range.start && range.start < range.end && range.end <= length;
        end = range.end;
        fits
    })
}

fuzz_target!(|data: &str| {
    let (words, text) = data.split_once('\n').unwrap_or((data, data));
    let texts = Texts::of([words, "", text, data]);
    let (columns, vector) = (texts.columns(), texts.vector());
    assert!(columns.iter().all(|column| !column.contains(['"', '\''])));
    assert!(vector.matches('\'').count() % 2 == 0 && !vector.contains('\\'));
    let Ok(query) = Query::parse(words, &LEXICON) else { return };
    for level in [Level::Titles, Level::Summary, Level::Lead, Level::Whole] {
        for (dialect, quote) in [(Dialect::Fts5, '"'), (Dialect::Tsquery, '\'')] {
            let expression = query.expression(dialect, level);
            assert!(is_closed(&expression, quote), "{expression}");
            let ranked = query.ranked(dialect, Level::Titles, None, level);
            assert!(is_closed(&ranked, quote), "{ranked}");
        }
    }
    let found = [whole(Field::Title, text, &query), piece(Field::Body, text, &query)];
    assert!(found.iter().flatten().all(is_within));
});
