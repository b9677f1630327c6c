//! A page as a draft, and what there is to say of it. Pure: what the registers know is handed in.

use serde_json::Map;

use super::markup::{count, markup, table, web_url};
use super::registers::{House, Registers, Wanted};
use super::view::{
    ClauseReport, ContactReport, EncodingReport, IngestOutcome, NoticesReport, PersonReport,
    Report, ScriptReport, SourceMatch, SourceReport, TimeReport, WarningReport,
};
use crate::arrivals::damage::Findings;
use crate::arrivals::page::{Block as PageBlock, Excerpt, Notices, Page, WarningKind};
use crate::articles::body::Block;
use crate::articles::view::input::{ArticleInput, BodyInput};
use crate::articles::view::input_parts::{ContributionInput, DatelineInput, OriginalInput};
use crate::authors::model::AuthorKind;
use crate::kernel::han::{Script, script_of};
use crate::kernel::id::SourceId;
use crate::kernel::language::Language;
use crate::kernel::text::{digest_field, is_han};
use crate::rights::{AiLabel, ContributorRole, SourceKind};

/// Longest end mark that an article has.
const END_MARK: usize = 20;

/// A page that was read, and the damage that was found in it.
pub struct Reading {
    pub page: Page,
    pub findings: Findings,
    /// SHA-256 of the bytes, in hexadecimal digits.
    pub sha256: String,
}

/// A draft of a page, and the report.
pub struct Composed {
    pub input: ArticleInput,
    pub report: Report,
}

impl Reading {
    /// The clean form of a piece of the page.
    fn clean(&self, piece: &Excerpt) -> String {
        match piece.at {
            Some(at) => self.clean_at(at, &piece.text),
            // It stands in the page's metadata, which was not looked at.
            None => crate::arrivals::damage::examine(&piece.text).clean,
        }
    }

    fn clean_at(&self, at: usize, text: &str) -> String {
        let length = text.chars().count();
        let raw: String = self.page.text().chars().skip(at).take(length).collect();
        let clean = self.findings.clean_range(at, at + length);
        match (clean == raw, raw == text) {
            // Nothing is damaged: the piece as it was read, lines joined.
            (true, _) => text.trim().to_owned(),
            (false, true) => clean.trim().to_owned(),
            // Lines were joined, so that places are off.
            (false, false) => crate::arrivals::damage::examine(text)
                .clean
                .trim()
                .to_owned(),
        }
    }

    fn cleaned(&self, pieces: &[Excerpt]) -> Vec<String> {
        pieces.iter().map(|piece| self.clean(piece)).collect()
    }

    /// Who wrote it: by the dateline, or else by the line under the title.
    fn reporters(&self) -> Vec<String> {
        let of_dateline = self.page.dateline.iter().flat_map(|line| &line.reporters);
        let mut names: Vec<String> = of_dateline
            .chain(&self.page.authors)
            .map(|name| self.clean(name))
            .collect();
        let mut seen = std::collections::HashSet::new();
        names.retain(|name| !name.is_empty() && seen.insert(name.clone()));
        names
    }

    /// What is to be looked up.
    pub fn wanted(&self) -> Wanted {
        let editor = self.page.editor.iter().map(|editor| self.clean(editor));
        Wanted {
            sources: self
                .page
                .source
                .iter()
                .map(|source| self.clean(&source.label))
                .collect(),
            people: self.reporters().into_iter().chain(editor).collect(),
            sections: self.cleaned(&self.page.breadcrumb),
        }
    }

    /// Makes the draft.
    pub fn compose(&self, registers: &Registers, house: &House) -> Composed {
        let page = &self.page;
        let mut warnings: Vec<WarningReport> = page
            .warnings
            .iter()
            .map(|warning| WarningReport::of(warning.kind, &warning.detail))
            .collect();
        let (source_match, source, source_id) = self.source(registers, &mut warnings);
        let person = |name: &str| PersonReport {
            author_id: registers.person(name),
            name: name.to_owned(),
        };
        let reporters: Vec<PersonReport> =
            self.reporters().iter().map(|name| person(name)).collect();
        let editor = page
            .editor
            .as_ref()
            .map(|editor| person(&self.clean(editor)));
        let doubt = |kind, one: &PersonReport| {
            let bearers = registers.people(&one.name).len();
            (bearers != 1).then(|| doubtful_person(kind, &one.name, bearers))
        };
        let of_reporters = reporters.iter().map(|one| (AuthorKind::Reporter, one));
        let of_editor = editor.iter().map(|one| (AuthorKind::Editor, one));
        let doubts = of_reporters.chain(of_editor);
        warnings.extend(doubts.filter_map(|(kind, one)| doubt(kind, one)));
        let breadcrumb = self.cleaned(&page.breadcrumb);
        let section_id = registers.section(&breadcrumb);
        // A title is one line, whatever parts its words on the page.
        let title = page.title.as_ref().map(|title| {
            let title = self.clean(title);
            title.split_whitespace().collect::<Vec<_>>().join(" ")
        });
        let language = self.language(house);
        let (blocks, dropped) = self.blocks();
        if dropped > 0 {
            let detail = format!("{dropped} pictures have no address that can be kept");
            warnings.push(WarningReport::of(WarningKind::ImagesDropped, &detail));
        }
        let published = page.published.as_ref().map(|time| TimeReport {
            printed: time.raw.text.clone(),
            date: time.date,
            at: time.utc,
        });
        let is_reprint = source_match == SourceMatch::External;
        let original = is_reprint.then(|| OriginalInput {
            title: title.clone(),
            authors: reporters.iter().map(|one| one.name.clone()).collect(),
            author_unstated: None,
            url: page
                .source
                .as_ref()
                .and_then(|source| web_url(source.url.as_deref())),
            print_ref: None,
            published_at: published.as_ref().and_then(|time| time.at),
        });
        // Only an own work's reporters are surely contributors of ours.
        let own = reporters
            .iter()
            .filter(|_| source_match == SourceMatch::Own);
        let contributors = own.filter_map(|one| {
            Some(ContributionInput {
                author_id: one.author_id?,
                role: ContributorRole::Reporter,
            })
        });
        let end_mark = page.end_mark.as_ref().map(|mark| self.clean(mark));
        let input = ArticleInput {
            title: title.clone().unwrap_or_default(),
            subtitle: page.subtitle.as_ref().map(|subtitle| self.clean(subtitle)),
            slug: None,
            summary: String::new(),
            language: language.clone(),
            genre: "news".to_owned(),
            dateline: self.dateline(),
            body: BodyInput::Blocks(blocks),
            section_id,
            tags: Vec::new(),
            contributors: contributors.collect(),
            source_id,
            editor_id: editor.as_ref().and_then(|editor| editor.author_id),
            end_mark: end_mark
                .clone()
                .filter(|mark| mark.chars().count() <= END_MARK),
            ai_label: AiLabel::None,
            ai_label_reason: None,
            seo: None,
            related: Vec::new(),
            translation_of: None,
            original,
            extra: Map::new(),
            change_note: Some("Taken in from a page.".to_owned()),
        };
        let report = Report {
            id: None,
            outcome: IngestOutcome::DryRun,
            digest: digest_field(&self.sha256),
            encoding: EncodingReport {
                name: page.decoding.encoding.to_owned(),
                found_by: page.decoding.origin.as_str().to_owned(),
                malformed: count(page.decoding.malformed_total),
            },
            language,
            script: ScriptReport {
                script: self.findings.script.script,
                machine_made: self.findings.script.machine_made,
            },
            source_match,
            source,
            title,
            editor,
            reporters,
            published,
            dateline: page.dateline.as_ref().map(|line| self.clean(&line.raw)),
            end_mark,
            subheads: self.subheads(),
            paragraphs: count(self.paragraphs()),
            breadcrumb,
            section_id,
            notices: page.notices.as_ref().map(|notices| self.notices(notices)),
            damage: self.findings.damage.iter().map(Into::into).collect(),
            damage_untold: count(self.findings.untold),
            warnings,
        };
        Composed { input, report }
    }

    /// Whose it is: never the newsroom's own unless the register says so, and the page does not
    /// deny it.
    fn source(
        &self,
        registers: &Registers,
        warnings: &mut Vec<WarningReport>,
    ) -> (SourceMatch, Option<SourceReport>, Option<SourceId>) {
        let Some(source) = &self.page.source else {
            return (SourceMatch::NeedsReview, None, None);
        };
        let label = self.clean(&source.label);
        let found = registers.source(&label);
        let report = |source_id| SourceReport {
            label: label.clone(),
            source_id,
            not_this_site: source.not_this_site,
        };
        match found {
            Some((_, SourceKind::Own)) if source.not_this_site => {
                let detail =
                    format!("{label} is an own source, and the page says it is not this site's");
                warnings.push(WarningReport::new("contradictory_source", detail));
                (SourceMatch::NeedsReview, Some(report(None)), None)
            }
            Some((id, SourceKind::Own)) => (SourceMatch::Own, Some(report(Some(id))), Some(id)),
            Some((id, SourceKind::External)) => {
                (SourceMatch::External, Some(report(Some(id))), Some(id))
            }
            None => {
                let detail = format!("The register of sources has no {label}.");
                warnings.push(WarningReport::new("unknown_source", detail));
                (SourceMatch::NeedsReview, Some(report(None)), None)
            }
        }
    }

    fn language(&self, house: &House) -> Language {
        let clean = &self.findings.clean;
        let letters = clean.chars().filter(|c| c.is_alphabetic()).take(5_000);
        let (han, all) = letters.fold((0, 0), |(han, all), c| {
            (han + u32::from(is_han(c)), all + 1)
        });
        if han * 5 > all {
            let script = self.findings.script.script.or_else(|| script_of(clean));
            return Language::in_script(script.unwrap_or(Script::Hans));
        }
        match house.language.primary() {
            "zh" => Language::parse("en").unwrap_or_else(|| house.language.clone()),
            _ => house.language.clone(),
        }
    }

    fn dateline(&self) -> Option<DatelineInput> {
        let line = self.page.dateline.as_ref()?;
        let places = self.cleaned(&line.places);
        Some(DatelineInput {
            place: (!places.is_empty()).then(|| places.join(" ")),
            date: line.date,
            agency: line.agency.as_ref().map(|agency| self.clean(agency)),
        })
    }

    fn subheads(&self) -> Vec<String> {
        let blocks = self.page.blocks.iter();
        blocks
            .filter_map(|placed| match &placed.block {
                PageBlock::Heading { text, .. } => Some(self.clean_at(placed.at, text)),
                _ => None,
            })
            .collect()
    }

    fn paragraphs(&self) -> usize {
        let is_paragraph = |block: &PageBlock| matches!(block, PageBlock::Paragraph { .. });
        self.page
            .blocks
            .iter()
            .filter(|placed| is_paragraph(&placed.block))
            .count()
    }

    /// The body, and how many pictures could not be kept.
    fn blocks(&self) -> (Vec<Block>, usize) {
        let mut dropped = 0;
        let mut blocks = Vec::new();
        for placed in &self.page.blocks {
            let at = placed.at;
            let block = match &placed.block {
                PageBlock::Paragraph { text } => Some(Block::Paragraph {
                    text: markup(&self.clean_at(at, text)),
                }),
                PageBlock::Heading { level, text } => Some(Block::Heading {
                    level: (*level).clamp(2, 4),
                    text: markup(&self.clean_at(at, text)),
                }),
                PageBlock::Quote { text } => Some(Block::Quote {
                    text: markup(&self.clean_at(at, text)),
                    cite: None,
                }),
                PageBlock::List { items } => Some(Block::List {
                    ordered: false,
                    items: items.iter().map(|item| markup(&self.clean(item))).collect(),
                }),
                PageBlock::Table { rows } => table(rows),
                PageBlock::Image { src, alt, caption } => {
                    let image = self.image(src, alt.as_deref(), caption.as_ref());
                    dropped += usize::from(image.is_none());
                    image
                }
            };
            blocks.extend(block);
        }
        (blocks, dropped)
    }

    fn image(&self, src: &str, alt: Option<&str>, caption: Option<&Excerpt>) -> Option<Block> {
        let url = match (src.strip_prefix("//"), src.starts_with('/')) {
            (Some(address), _) => web_url(Some(&format!("https://{address}")))?,
            (None, true) => src.to_owned(),
            (None, false) => web_url(Some(src))?,
        };
        Some(Block::Image {
            url,
            alt: alt
                .map(|alt| crate::arrivals::damage::examine(alt).clean)
                .unwrap_or_default(),
            caption: caption.map(|caption| markup(&self.clean(caption))),
            credit: None,
            width: None,
            height: None,
        })
    }

    fn notices(&self, notices: &Notices) -> NoticesReport {
        NoticesReport {
            clauses: notices
                .clauses
                .iter()
                .map(|clause| ClauseReport {
                    kind: clause.kind,
                    text: self.clean(&clause.text),
                })
                .collect(),
            credit_line: notices.credit_line.as_ref().map(|line| self.clean(line)),
            own_labels: self.cleaned(&notices.own_labels),
            window_days: notices.window_days,
            contact: ContactReport {
                desk: notices.desk.as_ref().map(|desk| self.clean(desk)),
                phones: self.cleaned(&notices.telephones),
                emails: self.cleaned(&notices.emails),
            },
        }
    }
}

/// Says that a name is nobody's in the register, or several people's.
pub(super) fn doubtful_person(kind: AuthorKind, name: &str, bearers: usize) -> WarningReport {
    let code = match (kind, bearers) {
        (AuthorKind::Editor, 0) => "unknown_editor",
        (AuthorKind::Editor, _) => "ambiguous_editor",
        (_, 0) => "unknown_reporter",
        _ => "ambiguous_reporter",
    };
    let detail = match bearers {
        0 => format!("The register of authors has no {name}."),
        _ => format!("The register of authors has {name} {bearers} times."),
    };
    WarningReport::new(code, detail)
}
