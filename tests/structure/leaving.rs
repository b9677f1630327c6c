//! What may leave the process, and by which door. Each list below is kept by hand: a new
//! entry is a decision, and a review sees it.

use std::collections::{BTreeMap, BTreeSet};

use crate::none;
use crate::source::{Kind, Source, all};

/// Who implements `Outward`: views and pages of nouns without protected text. No work is among
/// them: those are [`WORKS`].
const OUTWARD: &[&str] = &[
    // Public notes and reasons, no title and no text.
    "AdvisoryPage",
    "AdvisoryView",
    // What came of sending entries of a client's log, and those entries: ids and words.
    "AttemptPage",
    "AttemptView",
    // Comments and assignments: what the desk says to itself. No operation gives them to others.
    "AssignmentPage",
    "AssignmentView",
    "AuthorPage",
    "AuthorView",
    // What claimants say themselves, and digests; no text of a work.
    "ClaimPage",
    "ClaimReport",
    "ClaimStatusView",
    "ClaimView",
    // Ids, statuses and problems; no text of a work.
    "BulkAnswer",
    // Ids, numbers of versions and words.
    "ChangeView",
    "ChangesPage",
    "ClientPage",
    "ClientView",
    "CommentPage",
    "CommentView",
    "DeliveryPage",
    "DeliveryView",
    // The audit log: who did what to which id. Its details never hold a text.
    "EventLines",
    "EventPage",
    "EventView",
    "ExplanationView",
    "GrantPage",
    "GrantView",
    "JobItemPage",
    "JobPage",
    "JobView",
    "JwksView",
    "HoldView",
    "HoldingsView",
    "LicencePage",
    "LicenceView",
    "MeView",
    "MessagePage",
    "MessageView",
    "Nothing",
    "NoticePage",
    "NoticeRevisionPage",
    "NoticeView",
    "PartnerPage",
    "PartnerView",
    // Names of sources, as the state's list has them.
    "PermittedSourcePage",
    "PolicyView",
    "ReceiptView",
    "RegistryEditionPage",
    "RegistryEditionView",
    // Names the article by its id, and a note of the desk; nothing of the text.
    "RegistryReviewPage",
    "RegistryReviewView",
    // A link, and nothing of what it leads to.
    "PreviewView",
    "RevisionView",
    "SectionPage",
    "SectionTree",
    "SectionView",
    "SessionPage",
    "SessionView",
    "SettingsView",
    "SourcePage",
    "SourceView",
    "TokensView",
    // Counts, no work.
    "UsageReport",
    "UserPage",
    "UserView",
    "VerificationView",
    // Numbers, digests, and the notes of the desk.
    "VersionLineView",
    "VersionPage",
    // What came in, for those who publish: its bytes, and what was read of them.
    "RawPage",
    "Report",
    "WireReport",
    // An address, and what the site says of itself: no work.
    "FeedLinkView",
    "SiteFile",
    "WebhookPage",
    "WebhookView",
    // Names and places that the newsroom does not want parted.
    "WordPage",
    "WordView",
];

/// Who implements `Works`: works with their credit, which leave by the ledger.
const WORKS: &[&str] = &[
    "ArticlePage",
    "CheckView",
    "Deliverable",
    "DocumentReply",
    "FeedReply",
    "Ingested",
    "NewsSitemap",
    "SearchPage",
];

/// Who looks at content under lock, what for, and in how many places.
const INSPECTORS: &[(&str, &str, usize)] = &[
    // The revision for the desk's entity tags, and the ids that a copy is made of.
    ("src/articles/routes/mod.rs", "Edit", 2),
    // What a patch is applied to, and whose draft it is.
    ("src/articles/routes/write.rs", "Edit", 2),
    // What a printed page is held against.
    ("src/reprints/looked.rs", "Compare", 1),
    // What is missing for publishing.
    ("src/articles/store/write/state.rs", "Publish", 1),
];

/// Who gets at ready bytes, and by what: to give them out after a decision, or to tell their size.
const READY: &[(&str, &str)] = &[
    ("src/http/express.rs", "cleared"),
    ("src/http/ready.rs", "measured"),
];

/// Files that may name `HttpResponse`: the writers of answers.
const WRITERS: &[&str] = &[
    "src/http/problem.rs",
    "src/http/reply.rs",
    // Carries what `reply` wrote.
    "src/http/settle.rs",
    // Gives out what `settle` kept, after the same decision and the same ledger.
    "src/http/express.rs",
    // Writes what is outward, one after the other.
    "src/http/events.rs",
    // Probes, metrics and the document: no work passes here.
    "src/operations/routes.rs",
];

/// The types that a source declares to be outward: by `impl`, or as a page.
fn outward(source: &Source) -> Vec<String> {
    implementors(source, "Outward")
}

fn implementors(source: &Source, of: &str) -> Vec<String> {
    let tokens = &source.tokens;
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        if tokens[at].kind != Kind::Ident || source.is_test(&tokens[at]) {
            continue;
        }
        if source.starts_with(at, &[of, "for"]) {
            // The last word of a path; `$name` is the macro's and comes as `page_of!`.
            let mut name = at + 2;
            while source.starts_with(name + 1, &["::"]) {
                name += 2;
            }
            if tokens
                .get(name)
                .is_some_and(|token| token.kind == Kind::Ident)
            {
                found.push(tokens[name].text.clone());
            } else if !source.starts_with(name, &["$"]) {
                found.push(format!(
                    "an unnamed type in {}:{}",
                    source.name, tokens[at].line
                ));
            }
        }
        if of == "Outward" && source.starts_with(at, &["page_of", "!"]) {
            let name = tokens[at..]
                .windows(3)
                .find(|next| next[1].text == "of" && next[0].kind == Kind::Ident);
            found.extend(name.map(|next| next[0].text.clone()));
        }
    }
    found
}

/// Uses of the purposes for which content may be looked at under lock, outside rights.
fn inspectors(source: &Source) -> Vec<(String, String)> {
    let tokens = &source.tokens;
    if source
        .module
        .first()
        .is_some_and(|folder| folder == "rights")
    {
        return Vec::new();
    }
    (0..tokens.len())
        .filter(|at| source.starts_with(*at, &["Purpose", "::"]) && !source.is_test(&tokens[*at]))
        .filter_map(|at| tokens.get(at + 2))
        .map(|purpose| (source.name.clone(), purpose.text.clone()))
        .collect()
}

/// Bodies written past `Reply` and `Problem`.
fn writers(source: &Source) -> Vec<String> {
    let tokens = &source.tokens;
    let mut complaints = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if source.is_test(token) {
            continue;
        }
        let at_line = format!("{}:{}", source.name, token.line);
        // `Body::json()` reads and has no argument.
        let writes =
            source.starts_with(at, &[".", "json", "("]) && !source.starts_with(at + 3, &[")"]);
        if writes || source.starts_with(at, &["web", "::", "Json"]) {
            complaints.push(format!(
                "{at_line}: writes JSON: http::reply::Reply is the only writer of a success body"
            ));
        }
        if token.text == "HttpResponse" && !WRITERS.contains(&source.name.as_str()) {
            complaints.push(format!(
                "{at_line}: names HttpResponse: answers are made by Reply and Problem"
            ));
        }
    }
    complaints
}

#[test]
fn the_list_of_what_may_leave_is_complete() {
    let found: BTreeSet<String> = all().iter().flat_map(outward).collect();
    let known: BTreeSet<String> = OUTWARD.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(
        found, known,
        "who implements Outward has changed: see that it carries no protected text, then change OUTWARD"
    );
}

#[test]
fn the_list_of_what_leaves_by_the_ledger_is_complete() {
    let works = |source: &Source| implementors(source, "Works");
    let found: BTreeSet<String> = all().iter().flat_map(works).collect();
    let known: BTreeSet<String> = WORKS.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(
        found, known,
        "who implements Works has changed: see that each work in it is named by works(), then change WORKS"
    );
}

#[test]
fn the_list_of_who_looks_under_the_lock_is_complete() {
    let mut found: BTreeMap<(String, String), usize> = BTreeMap::new();
    for place in all().iter().flat_map(inspectors) {
        *found.entry(place).or_default() += 1;
    }
    let known: BTreeMap<(String, String), usize> = INSPECTORS
        .iter()
        .map(|(file, purpose, count)| (((*file).to_owned(), (*purpose).to_owned()), *count))
        .collect();
    assert_eq!(
        found, known,
        "who inspects held works has changed: see that nothing is delivered there, then change INSPECTORS"
    );
}

#[test]
fn the_list_of_who_gets_at_ready_bytes_is_complete() {
    let mut found = BTreeSet::new();
    for source in &all() {
        for (at, token) in source.tokens.iter().enumerate() {
            let way = ["cleared", "measured"]
                .into_iter()
                .find(|way| source.starts_with(at, &["answer", ".", way, "("]));
            if let Some(way) = way.filter(|_| !source.is_test(token)) {
                found.insert((source.name.clone(), way.to_owned()));
            }
        }
    }
    let known: BTreeSet<(String, String)> = READY
        .iter()
        .map(|(file, way)| ((*file).to_owned(), (*way).to_owned()))
        .collect();
    assert_eq!(
        found, known,
        "who gets at ready bytes has changed: see that a decision and the ledger come first, then change READY"
    );
}

#[test]
fn only_reply_writes_bodies() {
    none(&all().iter().flat_map(writers).collect::<Vec<_>>());
}

#[test]
fn what_slips_out_is_caught() {
    let source = Source::of(
        "src/users/view.rs",
        "impl crate::http::reply::Outward for Leak {} impl<V: Serialize> Outward for a::Wrap<V> {}
         page_of! { /// Doc. \n LeakPage of Leak }
         #[cfg(test)] mod tests { impl Outward for Fake {} }",
    );
    assert_eq!(outward(&source), ["Leak", "Wrap", "LeakPage"]);
    let source = Source::of("src/users/view.rs", "impl Outward for (A, B) {}");
    assert_eq!(outward(&source), ["an unnamed type in src/users/view.rs:1"]);

    let source = Source::of(
        "src/articles/routes.rs",
        "fn f() { work.inspect(Purpose::Digest, |text| text.len()) }",
    );
    assert_eq!(
        inspectors(&source),
        [("src/articles/routes.rs".to_owned(), "Digest".to_owned())]
    );

    for code in [
        "fn f() { HttpResponse::Ok().finish() }",
        "fn f() { response.json(&body) }",
        "fn f() -> web::Json<A> { todo() }",
    ] {
        assert_eq!(
            writers(&Source::of("src/users/routes.rs", code)).len(),
            1,
            "{code}"
        );
    }
    none(&writers(&Source::of(
        "src/users/routes.rs",
        "fn f() { body.json()? }",
    )));
}
