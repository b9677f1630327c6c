//! A page into lines tag by tag, without a tree: for markup that no parser may be given.
//!
//! Takes time in the length of the source, whatever is in it. Must not recurse.
//!
//! Start with [`flatten`].

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts, states,
};

use super::super::lines::Flat;
use super::super::model::{WarningKind, Warnings};
use super::super::view::within;
use super::fence::MAX_ATTRIBUTES;
use super::writer::{Writer, is_gone};
use crate::kernel::markup::{MAX_STALL_BYTES, step};

/// How many tags too long to be one may come before the rest of the page is given up: each takes time in the square of
/// its length.
const MAX_LONG_TAGS: usize = 8;

/// The lines of a page.
pub(super) fn flatten(source: &str, warnings: &mut Warnings) -> Flat {
    let state = RefCell::new(State::default());
    let mut rest = source;
    let mut long_tags = 0;
    while !rest.is_empty() {
        rest = run(rest, &state);
        let mut state = state.borrow_mut();
        if !rest.is_empty() {
            long_tags += 1;
            state.gone = None;
        }
        if long_tags + state.wide_tags > MAX_LONG_TAGS {
            warnings.add(WarningKind::CutOff, format!("{} bytes", rest.len()));
            break;
        }
    }
    let mut state = state.into_inner();
    state.writer.head.title =
        Some(state.title.trim().to_owned()).filter(|title| !title.is_empty() && within(title, 500));
    state.writer.finish()
}

/// Reads until the end, or until a tag or comment is too long; gives back what comes after that.
fn run<'s>(source: &'s str, state: &RefCell<State>) -> &'s str {
    let tokenizer = Tokenizer::new(Sink(state), TokenizerOpts::default());
    let input = BufferQueue::default();
    let mut rest = source;
    let mut stalled = 0;
    while !rest.is_empty() {
        let (step, after) = rest.split_at(step(rest));
        rest = after;
        let before = state.borrow().tokens;
        input.push_back(StrTendril::from(step));
        let _ = tokenizer.feed(&input);
        let state = state.borrow();
        if state.wide_tags > MAX_LONG_TAGS {
            return rest;
        }
        stalled = match state.tokens == before {
            true => stalled + step.len(),
            false => 0,
        };
        if stalled > MAX_STALL_BYTES {
            return rest.split_once('>').map_or("", |(_, after)| after);
        }
    }
    tokenizer.end();
    ""
}

#[derive(Default)]
struct State {
    writer: Writer,
    title: String,
    in_title: bool,
    /// The element that is left out with its content, and how often it is open.
    gone: Option<(String, usize)>,
    tokens: usize,
    wide_tags: usize,
}

struct Sink<'s>(&'s RefCell<State>);

impl TokenSink for Sink<'_> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        state.tokens += 1;
        match token {
            Token::TagToken(tag) => state.tag(&tag),
            Token::CharacterTokens(text) => {
                if state.in_title {
                    state.title.push_str(&text);
                } else if state.gone.is_none() {
                    state.writer.text(&text);
                }
                TokenSinkResult::Continue
            }
            Token::DoctypeToken(_)
            | Token::CommentToken(_)
            | Token::NullCharacterToken
            | Token::EOFToken
            | Token::ParseError(_) => TokenSinkResult::Continue,
        }
    }
}

impl State {
    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        self.wide_tags += usize::from(tag.attrs.len() > MAX_ATTRIBUTES);
        let opens = tag.kind == TagKind::StartTag;
        if name == "title" {
            self.in_title = opens && self.title.is_empty();
        }
        if let Some((gone, depth)) = &mut self.gone {
            if gone == name {
                *depth = if opens {
                    *depth + 1
                } else {
                    depth.saturating_sub(1)
                };
                if *depth == 0 {
                    self.gone = None;
                }
            }
        } else if opens && is_gone(name) && !matches!(name, "head" | "input" | "embed") {
            self.gone = Some((name.to_owned(), 1));
        } else if opens {
            let attr = |wanted: &str| {
                let mut attrs = tag.attrs.iter();
                let found = attrs.find(|attr| &*attr.name.local == wanted);
                found.map(|attr| &*attr.value)
            };
            self.writer.open(name, attr);
        } else {
            self.writer.close(name);
        }
        match name {
            _ if !opens => TokenSinkResult::Continue,
            "title" | "textarea" => TokenSinkResult::RawData(states::RawKind::Rcdata),
            "script" => TokenSinkResult::RawData(states::RawKind::ScriptData),
            "style" | "iframe" | "noembed" | "noframes" | "noscript" => {
                TokenSinkResult::RawData(states::RawKind::Rawtext)
            }
            _ => TokenSinkResult::Continue,
        }
    }
}
