//! The rule book in every answer: readers × works × surfaces × projections × instants, against
//! the [`oracle`](super::oracle).

use proptest::prelude::*;
use serde_json::Value;

use super::oracle::{Expected, Verdict, line, verdict};
use super::worlds::{OF_THE_RULE_BOOK, World, cases, worlds};
use super::*;

const SUMMARY: &str = "In short.";

/// A work as it is stored, or as much of it as was loaded or left.
#[derive(Clone)]
struct Sheet {
    summary: Option<&'static str>,
    body: Option<String>,
}

impl Sheet {
    fn whole() -> Self {
        Self {
            summary: Some(SUMMARY),
            body: Some("x".repeat(100)),
        }
    }
}

impl Cut for Sheet {
    fn cut(self, extent: Extent, excerpt_chars: usize) -> Self {
        let length = match extent {
            Extent::Full => usize::MAX,
            Extent::Excerpt => excerpt_chars,
            Extent::Stub | Extent::Headline => 0,
        };
        Self {
            summary: self.summary.filter(|_| extent >= Extent::Headline),
            body: self
                .body
                .filter(|_| extent >= Extent::Excerpt)
                .map(|body| body.chars().take(length).collect()),
        }
    }
}

/// In which form a body is asked for, if it is.
#[derive(Debug, Clone, Copy)]
enum Form {
    Without,
    Blocks,
    Html,
    Text,
}

#[derive(serde::Serialize)]
struct Page {
    #[serde(skip)]
    form: Form,
    summary: Option<&'static str>,
    body: Option<String>,
}

impl Page {
    fn of(sheet: Sheet, form: Form, surface: Surface) -> Self {
        Self {
            form,
            summary: sheet.summary.filter(|_| surface != Surface::Representation),
            body: sheet.body.filter(|_| !matches!(form, Form::Without)),
        }
    }
}

impl InBand for Page {
    fn carry(&mut self, credit: CreditBlock<'_>) {
        let Some(body) = &mut self.body else { return };
        match self.form {
            Form::Html if credit.is_licensed() => body.push_str(&credit.html()),
            Form::Text => *body = format!("{body}\n{}", credit.text()),
            Form::Without | Form::Blocks | Form::Html => {}
        }
    }

    fn body(&self) -> Option<Carried> {
        self.body.as_ref().map(|body| Carried {
            format: "text",
            sha256: format!("{} bytes", body.len()),
        })
    }
}

fn forms() -> impl Strategy<Value = Form> {
    prop::sample::select(vec![Form::Without, Form::Blocks, Form::Html, Form::Text])
}

fn answer(world: &World, form: Form, surface: Surface) -> Result<Deliverable<Page>, Refusal> {
    let work = Held::lock(Sheet::whole(), world.rights.clone());
    let licensed = clear(work, &world.use_, world.now)?;
    Ok(licensed.present(|sheet| Page::of(sheet, form, surface)))
}

fn kind(refusal: &Refusal) -> Verdict {
    match refusal {
        Refusal::NotFound => Verdict::NotFound,
        Refusal::Unattributable => Verdict::Uncredited,
        Refusal::Gone(gone) => Verdict::Gone {
            legal: gone.reason_class == ReasonClass::Legal,
        },
    }
}

/// Rules 1–5, 13–15 and 20: the credit in one answer.
fn credited(world: &World, form: Form, written: &Value) -> Result<(), TestCaseError> {
    let rights = &world.rights;
    let credit = &written["attribution"];
    let reprint = rights.origin() == Some(Origin::Reprint);
    let line = line(rights);
    prop_assert_eq!(credit["credit_line"].as_str(), Some(line.as_str()));
    let kinds: Vec<_> = credit["notices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n["kind"].as_str().unwrap())
        .collect();
    prop_assert_eq!(
        kinds,
        [if reprint { "reprint" } else { "own_work" }, "contact"]
    );
    prop_assert_eq!(&credit["source"]["name"], "Coastal Wire Service");
    prop_assert_eq!(&credit["ai_label"], rights.ai_label.as_str());
    prop_assert_eq!(&credit["editor"], "Chen An");
    let original = rights
        .original
        .as_ref()
        .and_then(|original| original.title.as_deref());
    prop_assert_eq!(credit["original"]["title"].as_str(), original);
    prop_assert_eq!(
        &credit["byline"],
        if reprint { "Wen Ya" } else { "Lin Yue" }
    );
    let duties: Vec<_> = credit["usage"]["duties"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    for (duty, owed) in [
        ("print_credit_line", true),
        ("show_notices", true),
        ("mark_as_reprint", reprint),
        (
            "show_original_title",
            original.is_some_and(|title| title != rights.title),
        ),
        ("keep_ai_label", rights.ai_label != AiLabel::None),
    ] {
        prop_assert_eq!(duties.contains(&duty), owed, "{}", duty);
    }
    let is_licensed = !credit["usage"]["licence_id"].is_null();
    if let Some(body) = written["body"].as_str() {
        let in_text = format!("\n{line}\n");
        let in_markup = format!(">{line}<");
        match form {
            Form::Text => prop_assert!(body.contains(&in_text)),
            Form::Html => prop_assert_eq!(body.contains(&in_markup), is_licensed),
            Form::Blocks | Form::Without => {}
        }
    }
    Ok(())
}

/// Rules 7, 10, 19, 22 and 24: how much is in one answer, and on what terms.
fn measured(
    expected: &Expected,
    item: &Deliverable<Page>,
    written: &Value,
) -> Result<(), TestCaseError> {
    let usage = &item.attribution().usage;
    prop_assert_eq!(usage.extent, expected.extent);
    prop_assert_eq!(usage.embargoed.is_some(), expected.embargoed);
    let length = written["body"]
        .as_str()
        .map(|body| body.chars().take_while(|c| *c == 'x').count());
    match expected.extent {
        Extent::Stub => prop_assert!(written["summary"].is_null() && length.is_none()),
        Extent::Headline => prop_assert_eq!(length, None),
        Extent::Excerpt => prop_assert!(length.is_none_or(|n| Some(n) == expected.chars)),
        Extent::Full => prop_assert!(length.is_none_or(|n| n == 100)),
    }
    let pair = expected.licensed.as_ref();
    prop_assert_eq!(item.owed().is_some(), pair.is_some() && length.is_some());
    prop_assert_eq!(usage.licence_id, pair.map(|pair| pair.licence.id));
    prop_assert_eq!(usage.alteration, pair.map(|pair| pair.alteration()));
    prop_assert_eq!(usage.ai_input, pair.map(|pair| pair.ai_input()));
    prop_assert_eq!(usage.ai_train, pair.map(|pair| pair.ai_train()));
    prop_assert_eq!(
        usage.cache_max_age,
        pair.map(|pair| pair.licence.cache_max_age_seconds)
    );
    if let Some(pair) = pair {
        prop_assert_eq!(usage.valid_until, pair.end);
    }
    if let Some(owed) = item.owed() {
        prop_assert_eq!(Some(owed.licence), usage.licence_id);
        prop_assert_eq!(&owed.credit_line, &item.attribution().credit_line);
        prop_assert_eq!(
            (owed.extent, owed.valid_until),
            (usage.extent, usage.valid_until)
        );
        prop_assert_eq!(
            owed.content_digest.clone(),
            format!("{} bytes", written["body"].as_str().unwrap().len())
        );
    }
    Ok(())
}

#[test]
fn the_worlds_are_of_all_kinds() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = std::collections::BTreeMap::new();
    let all = 4_000;
    for _ in 0..all {
        let world = worlds().new_tree(&mut runner).unwrap().current();
        let kind = match verdict(&world) {
            Verdict::NotFound => "404",
            Verdict::Gone { legal: true } => "451",
            Verdict::Gone { legal: false } => "410",
            Verdict::Uncredited => "503",
            Verdict::Given(given) => match (&given.licensed, given.extent) {
                (Some(_), _) if given.embargoed => "early",
                (Some(pair), _) if pair.grant.is_some() => "licensed reprint",
                (Some(_), _) => "licensed",
                (None, Extent::Stub) => "stub",
                (None, _) => "unlicensed",
            },
        };
        *seen.entry(kind).or_insert(0) += 1;
    }
    // In a thousand, at least.
    for (kind, least) in [
        ("404", 50),
        ("451", 10),
        ("410", 50),
        ("503", 20),
        ("early", 10),
        ("licensed reprint", 20),
        ("licensed", 50),
        ("stub", 50),
        ("unlicensed", 50),
    ] {
        let share = seen.get(kind).copied().unwrap_or(0) * 1_000 / all;
        assert!(share >= least, "{kind}: {seen:?}");
    }
}

proptest! {
    #![proptest_config(cases(OF_THE_RULE_BOOK))]

    #[test]
    fn the_rule_book(world in worlds(), form in forms()) {
        let verdict = verdict(&world);
        let mut credits = Vec::new();
        for surface in Surface::ALL {
            match (answer(&world, form, *surface), &verdict) {
                (Ok(item), Verdict::Given(expected)) => {
                    let written = serde_json::to_value(&item).unwrap();
                    measured(expected, &item, &written)?;
                    if world.rights.source.is_some() && !world.is_desk() {
                        credited(&world, form, &written)?;
                    }
                    prop_assert_eq!(world.decide().unwrap().logged, expected.logged);
                    credits.push(item.attribution().clone());
                }
                (Err(refusal), verdict) => prop_assert_eq!(&kind(&refusal), verdict),
                (Ok(item), verdict) => prop_assert!(false, "{:?} instead of {verdict:?}", item.attribution()),
            }
        }
        // Rule 4: the same on every surface.
        prop_assert!(credits.windows(2).all(|two| two[0] == two[1]));
    }
}
