//! What stands in a path: ids, words and numbers. What cannot be one is not there: 404.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use super::problem::Problem;
use crate::kernel::id::Id;
use crate::kernel::text::stray_control;

/// An id in the path. What is no id of the noun is simply not there: 404.
#[derive(Debug, Clone, Copy)]
pub struct PathId<I>(pub I);

impl<I: Id + 'static> FromRequest for PathId<I> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            request
                .match_info()
                .iter()
                .next()
                .and_then(|(_, text)| I::parse(text))
                .map(Self)
                .ok_or_else(Problem::not_found),
        )
    }
}

/// A word in the path, such as a slug.
#[derive(Debug, Clone)]
pub struct PathWord(pub String);

impl FromRequest for PathWord {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            request
                .match_info()
                .iter()
                .next()
                .map(|(_, text)| Self(text.to_owned()))
                .ok_or_else(Problem::not_found),
        )
    }
}

/// Two words in the path, such as a slug and a form.
#[derive(Debug, Clone)]
pub struct PathWords(pub String, pub String);

impl FromRequest for PathWords {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // What no text holds is no word: a database may not take it.
        let is_word = |word: &String| !word.contains('\u{FFFD}') && stray_control(word).is_none();
        let mut words = request.match_info().iter().map(|(_, text)| text.to_owned());
        let read = words.next().filter(is_word).zip(words.next());
        ready(
            read.map(|(one, two)| Self(one, two))
                .ok_or_else(Problem::not_found),
        )
    }
}

/// An id in the path, and the word after it.
#[derive(Debug, Clone)]
pub struct PathTwo<I>(pub I, pub String);

impl<I: Id + 'static> FromRequest for PathTwo<I> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut parts = request.match_info().iter().map(|(_, text)| text);
        let read = parts
            .next()
            .and_then(I::parse)
            .zip(parts.next().map(str::to_owned))
            .map(|(id, word)| Self(id, word));
        ready(read.ok_or_else(Problem::not_found))
    }
}

/// The number in a path, as `{n}`. What is no number counted from 1 is not there: 404.
#[derive(Debug, Clone, Copy)]
pub struct PathN(pub i64);

impl FromRequest for PathN {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            request
                .match_info()
                .get("n")
                .filter(|text| text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0'))
                .and_then(|text| text.parse().ok())
                .map(Self)
                .ok_or_else(Problem::not_found),
        )
    }
}
