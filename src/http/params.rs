//! Query parameters. Which ones an operation knows is read from the published document:
//! another one is a 400 that names those known.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::problem::{Kind, Problem};
use crate::kernel::id::Id;
use crate::kernel::text;

/// The parameters that each operation knows, by method and path pattern.
#[derive(Debug, Default)]
pub struct Known(HashMap<(String, String), Vec<String>>);

impl Known {
    pub fn of(document: &Value) -> Self {
        let mut known = HashMap::new();
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let names = operation["parameters"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter(|parameter| parameter["in"] == "query")
                    .filter_map(|parameter| parameter["name"].as_str().map(str::to_owned))
                    .collect();
                known.insert((method.to_uppercase(), path.clone()), names);
            }
        }
        Self(known)
    }

    fn names(&self, method: &str, pattern: &str) -> &[String] {
        self.0
            .get(&(method.to_owned(), pattern.to_owned()))
            .map(Vec::as_slice)
            .unwrap_or_default()
    }
}

/// Most faults that one answer lists.
const MOST: usize = 20;

/// The query parameters of a request, in order, checked for names and encoding.
#[derive(Debug, Clone, Default)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// # Errors
    /// 400 for unknown names, control characters and what is not UTF-8.
    pub fn parse(query: &str, known: &Known, method: &str, pattern: &str) -> Result<Self, Problem> {
        let names = known.names(method, pattern);
        let mut problem = Problem::new(Kind::BadParameter);
        let mut pairs = Vec::new();
        let mut told = 0;
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            // The answer to a long query of nonsense must not be longer than that.
            if told >= MOST {
                break;
            }
            if !names.iter().any(|known| *known == name) {
                let list = if names.is_empty() {
                    "none".to_owned()
                } else {
                    names.join(", ")
                };
                let shown: String = name.chars().take(100).collect();
                problem = problem.parameter(
                    &shown,
                    "unknown_parameter",
                    format!("is not known here; known are: {list}"),
                );
                told += 1;
            } else if value.contains('\u{fffd}') || text::stray_control(&value).is_some() {
                problem = problem.parameter(
                    &name,
                    "unsafe_character",
                    "holds a control character or bytes that are not UTF-8",
                );
                told += 1;
            }
            pairs.push((name.into_owned(), value.into_owned()));
        }
        if told > 0 {
            Err(problem)
        } else {
            Ok(Self(pairs))
        }
    }

    /// All values of a repeatable parameter.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The value of a parameter that may stand once.
    ///
    /// # Errors
    /// 400 if it is repeated.
    pub fn one(&self, name: &str) -> Result<Option<&str>, Problem> {
        let mut values = self.all(name);
        let first = values.next();
        if values.next().is_some() {
            return Err(bad(name, "repeated", "may stand once"));
        }
        Ok(first)
    }

    /// # Errors
    /// 400 for anything but `true` or `false`.
    pub fn maybe_flag(&self, name: &str) -> Result<Option<bool>, Problem> {
        self.word(name, |word| word.parse().ok(), "true, false")
    }

    /// A flag that is off where it is not given.
    ///
    /// # Errors
    /// 400 for anything but `true` or `false`.
    pub fn flag(&self, name: &str) -> Result<bool, Problem> {
        Ok(self.maybe_flag(name)?.unwrap_or(false))
    }

    /// A word of a closed set.
    ///
    /// # Errors
    /// 400 for another word.
    pub fn word<T>(
        &self,
        name: &str,
        parse: impl Fn(&str) -> Option<T>,
        known: &str,
    ) -> Result<Option<T>, Problem> {
        self.one(name)?
            .map(|word| {
                parse(word).ok_or_else(|| bad(name, "choice", format!("must be one of {known}")))
            })
            .transpose()
    }

    /// A whole number, counted from 1.
    ///
    /// # Errors
    /// 400 for anything else.
    pub fn number(&self, name: &str) -> Result<Option<i64>, Problem> {
        self.digits(name, 1..=i64::MAX, || {
            "must be a whole number, counted from 1".to_owned()
        })
    }

    /// A whole number within bounds; without an upper one where it is `i64::MAX`.
    ///
    /// # Errors
    /// 400 for anything else.
    pub fn whole(&self, name: &str, within: RangeInclusive<i64>) -> Result<Option<i64>, Problem> {
        let (from, most) = (*within.start(), *within.end());
        self.digits(name, within, || match most {
            i64::MAX => format!("must be a whole number from {from} on"),
            _ => format!("must be a whole number from {from} to {most}"),
        })
    }

    fn digits(
        &self,
        name: &str,
        within: RangeInclusive<i64>,
        detail: impl Fn() -> String,
    ) -> Result<Option<i64>, Problem> {
        self.one(name)?
            .map(|text| {
                Some(text)
                    .filter(|text| text.bytes().all(|b| b.is_ascii_digit()))
                    .and_then(|text| text.parse().ok())
                    .filter(|number| within.contains(number))
                    .ok_or_else(|| bad(name, "range", detail()))
            })
            .transpose()
    }

    /// # Errors
    /// 400 for what is no RFC 3339 time.
    pub fn time(&self, name: &str) -> Result<Option<DateTime<Utc>>, Problem> {
        self.one(name)?
            .map(|value| {
                DateTime::parse_from_rfc3339(value)
                    .ok()
                    .map(|at| at.with_timezone(&Utc))
                    .filter(|at| crate::kernel::time::is_sane(*at))
                    .ok_or_else(|| bad(name, "format", "must be an RFC 3339 time"))
            })
            .transpose()
    }

    /// # Errors
    /// 400 for what is no id of that noun.
    pub fn id<I: Id>(&self, name: &str) -> Result<Option<I>, Problem> {
        self.word(
            name,
            I::parse,
            &format!("the ids that begin with {}_", I::PREFIX),
        )
    }

    /// Comma-separated words of a closed set, such as `fields=title,body`.
    ///
    /// # Errors
    /// 400 for another word, naming those known.
    pub fn list(&self, name: &str, known: &[&str]) -> Result<Option<Vec<String>>, Problem> {
        let Some(value) = self.one(name)? else {
            return Ok(None);
        };
        value
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .map(|word| {
                if known.contains(&word) {
                    Ok(word.to_owned())
                } else {
                    Err(bad(
                        name,
                        "choice",
                        format!("knows no such word; known are: {}", known.join(", ")),
                    ))
                }
            })
            .collect::<Result<_, _>>()
            .map(Some)
    }

    /// The parameters that a cursor is bound to: all but those that move the window.
    pub fn bound(&self) -> Vec<&(String, String)> {
        let mut bound: Vec<_> = self
            .0
            .iter()
            .filter(|(name, _)| {
                !matches!(
                    name.as_str(),
                    "cursor" | "limit" | "count" | "fields" | "include" | "body_format"
                )
            })
            .collect();
        bound.sort();
        bound
    }

    /// The query as it came, with its question mark; empty without parameters.
    pub fn to_query(&self) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        let mut query = url::form_urlencoded::Serializer::for_suffix(String::from("?"), 1);
        query.extend_pairs(&self.0);
        query.finish()
    }

    /// The query with another cursor, for `Link: rel="next"`.
    pub fn with_cursor(&self, cursor: &str) -> String {
        self.but(&["cursor"]).append_pair("cursor", cursor).finish()
    }

    /// The query but for parameters of these names.
    pub fn without(&self, names: &[&str]) -> String {
        self.but(names).finish()
    }

    fn but(&self, names: &[&str]) -> url::form_urlencoded::Serializer<'_, String> {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let kept = self.0.iter();
        query.extend_pairs(kept.filter(|(name, _)| !names.contains(&name.as_str())));
        query
    }
}

/// A 400 about one parameter.
pub fn bad(name: &str, code: &str, detail: impl Into<String>) -> Problem {
    Problem::new(Kind::BadParameter).parameter(name, code, detail)
}
