//! Licensed works: the terms that go with them, and what the ledger is told.

use super::*;
use crate::rights::attribution::Duty;

/// A content of one text, and its shape with the credit inside.
struct Text(&'static str);

impl Cut for Text {
    fn cut(self, extent: Extent, excerpt_chars: usize) -> Self {
        match extent {
            Extent::Full => self,
            Extent::Excerpt => Self(&self.0[..excerpt_chars.min(self.0.len())]),
            Extent::Stub | Extent::Headline => Self(""),
        }
    }
}

#[derive(serde::Serialize)]
pub(super) struct Page {
    text: String,
    licensed: bool,
}

impl InBand for Page {
    fn carry(&mut self, credit: CreditBlock<'_>) {
        self.licensed = credit.is_licensed();
        if !self.text.is_empty() {
            self.text = format!("{}\n{}", self.text, credit.text());
        }
    }

    fn body(&self) -> Option<Carried> {
        (!self.text.is_empty()).then(|| Carried {
            format: "text",
            sha256: format!("digest of {}", self.text),
        })
    }
}

impl Standalone for Page {}

pub(super) fn presented(rights: Rights, use_: &Use, text: &'static str) -> Deliverable<Page> {
    clear(Held::lock(Text(text), rights), use_, now())
        .unwrap()
        .present(|text| Page {
            text: text.0.to_owned(),
            licensed: false,
        })
}

fn usage(rights: Rights, use_: &Use) -> serde_json::Value {
    serde_json::to_value(presented(rights, use_, "Ships.")).unwrap()["attribution"]["usage"].take()
}

#[test]
fn a_licence_s_terms_stand_in_the_answer() {
    let licence = Licence {
        valid_until: Some(hours(2)),
        extent: Extent::Excerpt,
        excerpt_chars: Some(4),
        ai_train: true,
        ..licence(1)
    };
    let grant = Grant {
        alteration: Alteration::Format,
        ai_train: true,
        ..outward(1)
    };
    assert_eq!(
        usage(reprint(vec![grant]), &partner(vec![licence])),
        serde_json::json!({
            "extent": "excerpt", "licence_id": "lic_00000000000000000000000000000001",
            "duties": ["print_credit_line", "show_notices", "mark_as_reprint", "show_original_title", "remove_when_withdrawn"],
            "valid_until": "2026-06-01T14:00:00Z", "indexing": "noindex", "cache_max_age": 600,
            "removal_deadline_hours": 24, "alteration": "format", "ai_input": false, "ai_train": true,
        })
    );
    // Without a licence there are no such members at all.
    for use_ in [
        partner(Vec::new()),
        outside(Audience::FirstParty, Channel::Web),
    ] {
        let mut usage = usage(own(), &use_);
        usage["extent"].take();
        assert_eq!(
            usage,
            serde_json::json!({
                "extent": null, "licence_id": null, "duties": ["print_credit_line", "show_notices"], "valid_until": null,
            })
        );
    }
}

#[test]
fn duties_of_licensees() {
    use Duty::{
        HoldUntilPublished, KeepAiLabel, NoAlteration, PrintCreditLine, RemoveWhenWithdrawn,
        ShowNotices,
    };
    let unchanged = Licence {
        alteration: Alteration::None,
        embargo_privilege: true,
        ..licence(1)
    };
    let early = Licence {
        embargo_privilege: true,
        ..licence(1)
    };
    let labelled = Rights {
        ai_label: AiLabel::Assisted,
        ..own()
    };
    for (rights, licence, duties) in [
        (
            own(),
            licence(1),
            vec![PrintCreditLine, ShowNotices, RemoveWhenWithdrawn],
        ),
        (
            own(),
            unchanged.clone(),
            vec![
                PrintCreditLine,
                ShowNotices,
                NoAlteration,
                RemoveWhenWithdrawn,
            ],
        ),
        (
            labelled,
            licence(1),
            vec![
                PrintCreditLine,
                ShowNotices,
                KeepAiLabel,
                RemoveWhenWithdrawn,
            ],
        ),
        (
            living(embargoed()),
            early,
            vec![
                PrintCreditLine,
                ShowNotices,
                HoldUntilPublished,
                RemoveWhenWithdrawn,
            ],
        ),
        (
            living(embargoed()),
            unchanged,
            vec![
                PrintCreditLine,
                ShowNotices,
                NoAlteration,
                HoldUntilPublished,
                RemoveWhenWithdrawn,
            ],
        ),
    ] {
        let held_back = duties.contains(&HoldUntilPublished);
        let answer = presented(rights, &partner(vec![licence]), "Ships.");
        let usage = &answer.attribution().usage;
        assert_eq!(usage.duties, duties);
        assert_eq!(usage.embargoed, held_back.then_some(true));
        assert_eq!(answer.owed().unwrap().embargoed, held_back);
    }
}

#[test]
fn a_delivery_says_what_went_to_whom() {
    let licence = Licence {
        valid_until: Some(hours(2)),
        ..licence(21)
    };
    let answer = presented(reprint(vec![outward(1)]), &partner(vec![licence]), "Ships.");
    let document = &answer.alone().text;
    let line = "Source: Coastal Wire (not this site)";
    assert!(
        document.starts_with(&format!("Ships.\n{line}\n")),
        "{document}"
    );
    let expected = Delivery {
        partner: id(8),
        client: id(9),
        client_revision: 4,
        licence: id(21),
        licence_revision: 3,
        valid_until: Some(hours(2)),
        embargoed: false,
        article: id(1),
        section: Some(id(5)),
        version: 2,
        digest: "ab".repeat(32),
        // Of what goes out, the credit in it.
        content_digest: format!("digest of {document}"),
        credit_line: line.to_owned(),
        extent: Extent::Full,
        format: "text",
        attestation: None,
    };
    assert_eq!(answer.owed(), Some(&expected));
    assert_eq!(answer.valid_until(), Some(hours(2)));
}

#[test]
fn nothing_is_owed_where_no_body_goes_out_under_a_licence() {
    let headline = Licence {
        extent: Extent::Headline,
        ..licence(1)
    };
    let web = outside(Audience::FirstParty, Channel::Web);
    for (name, use_, text, licensed, owed) in [
        ("licensed", partner(vec![licence(1)]), "Ships.", true, true),
        (
            "licensed crawler",
            crawler(vec![ai_licence(1)]),
            "Ships.",
            true,
            true,
        ),
        (
            "a list without bodies",
            partner(vec![licence(1)]),
            "",
            true,
            false,
        ),
        ("a headline", partner(vec![headline]), "Ships.", true, false),
        ("unlicensed", partner(Vec::new()), "Ships.", false, false),
        ("first party", web, "Ships.", false, false),
        (
            "public",
            outside(Audience::Public, Channel::Web),
            "Ships.",
            false,
            false,
        ),
        ("desk", as_desk(Role::Editor, 1), "Ships.", false, false),
    ] {
        let mut answer = presented(own(), &use_, text);
        assert_eq!(
            answer.attribution().usage.licence_id.is_some(),
            licensed,
            "{name}"
        );
        assert_eq!(answer.owed().is_some(), owed, "{name}");
        // A statement goes only with what the ledger will hold.
        answer.attest(id(40), "eyJ.signed".to_owned());
        let token = owed.then_some("eyJ.signed");
        assert_eq!(answer.attribution().attestation.as_deref(), token, "{name}");
        assert_eq!(
            answer.owed().and_then(|owed| owed.attestation),
            owed.then(|| id(40)),
            "{name}"
        );
        let written = serde_json::to_value(&answer).unwrap();
        assert_eq!(
            written["attribution"].get("attestation").is_some(),
            owed,
            "{name}"
        );
        assert_eq!(
            written["licensed"], licensed,
            "{name}: every markup carries the credit"
        );
        assert!(written.get("owed").is_none(), "{name}");
    }
}

#[test]
fn without_a_key_nothing_licensed_goes_out() {
    let mut use_ = partner(vec![licence(1)]);
    use_.holder.as_mut().unwrap().client = None;
    assert_eq!(
        word(&decide(&own(), &use_, now())),
        "full",
        "a what-if decides all the same"
    );
    let refused = clear(Held::lock(Text("Ships."), own()), &use_, now()).err();
    assert_eq!(refused, Some(Refusal::Unattributable));
    // What needs no licence needs no key.
    use_.holder.as_mut().unwrap().licences = Vec::new().into();
    let stub = clear(Held::lock(Text("Ships."), own()), &use_, now()).unwrap();
    assert_eq!(stub.extent(), Extent::Stub);
}

#[test]
fn what_is_cleared_says_what_it_is() {
    let editor = as_desk(Role::Editor, 1);
    for (rights, logged) in [(own(), false), (living(embargoed()), true)] {
        let licensed = clear(Held::lock(Text(""), rights), &editor, now()).unwrap();
        assert_eq!((licensed.article(), licensed.logged()), (id(1), logged));
        assert_eq!(licensed.extent(), Extent::Full);
    }
    let held = Held::lock(Text("Ships."), own());
    assert_eq!(held.rights().article, id(1));
    assert_eq!(held.inspect(Purpose::Digest, |text| text.0.len()), 6);
    let printed = format!("{held:?}");
    assert!(
        printed.starts_with("Held") && printed.contains("quay"),
        "{printed}"
    );
    assert!(
        !printed.contains("Ships"),
        "what is held cannot be printed: {printed}"
    );
}
