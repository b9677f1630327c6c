//! Request bodies are held against the schemas of the published document itself, so that
//! what is documented and what is taken cannot drift apart, and all faults come at once.

use std::collections::HashMap;

use jsonschema::error::ValidationErrorKind as Rejected;
use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

use super::openapi::references;
use crate::kernel::fault::Fault;

/// Compiled schemas of the document's components, by name.
#[derive(Debug, Default)]
pub struct Schemas(HashMap<String, Schema>);

#[derive(Debug)]
struct Schema {
    validator: Validator,
    /// Pointers to the members whose strings may hold any character.
    open: Vec<String>,
}

/// What a member says of itself whose value is compared and never stored: that it may hold
/// any character, U+0000 too.
const ANY_CHARACTER: &str = "x-any-character";

/// Most faults that one answer lists.
const MOST: usize = 100;

impl Schemas {
    /// Compiles every component that a request body can be: `…Input` and `…Patch`.
    ///
    /// # Errors
    /// The name and fault of a schema that does not compile.
    pub fn compile(document: &Value) -> Result<Self, String> {
        let components = &document["components"]["schemas"];
        let names = components
            .as_object()
            .into_iter()
            .flat_map(|map| map.keys());
        names
            .filter(|name| name.ends_with("Input") || name.ends_with("Patch"))
            .map(|name| {
                // Only what it refers to: with all of them in each, a start took three times as long
                // and ten times the memory.
                let schema = json!({
                    "$ref": format!("{COMPONENTS}{name}"),
                    "components": {"schemas": reached_from(name, components)},
                });
                jsonschema::options()
                    .with_draft(Draft::Draft202012)
                    .should_validate_formats(true)
                    .build(&schema)
                    .map(|validator| {
                        let open = open_members(&components[name]);
                        (name.clone(), Schema { validator, open })
                    })
                    .map_err(|error| format!("{name}: {error}"))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Everything wrong with a document, by the named schema.
    pub fn faults(&self, name: &str, document: &Value) -> Vec<Fault> {
        let mut faults = Vec::new();
        let schema = self.0.get(name);
        let open = schema.map_or(&[][..], |schema| &schema.open);
        nul(document, &mut String::new(), open, &mut faults);
        match schema {
            Some(schema) => {
                for error in schema.validator.iter_errors(document) {
                    explain(&error, &mut faults);
                    if faults.len() >= MOST {
                        break;
                    }
                }
            }
            None => faults.push(Fault::new("", "schema", format!("no schema named {name}"))),
        }
        faults.truncate(MOST);
        faults
    }
}

const COMPONENTS: &str = "#/components/schemas/";

/// The component of this name with all that it refers to, by name.
fn reached_from(name: &str, components: &Value) -> Map<String, Value> {
    let mut reached = Map::new();
    let mut open = vec![name];
    while let Some(name) = open.pop() {
        if let Some(schema) = components.get(name)
            && !reached.contains_key(name)
        {
            reached.insert(name.to_owned(), schema.clone());
            references(schema, COMPONENTS, &mut open);
        }
    }
    reached
}

/// Reads one rejection as faults with the pointer that people expect: a missing member is
/// pointed to where it should stand, and not at its parent.
fn explain(error: &jsonschema::ValidationError<'_>, faults: &mut Vec<Fault>) {
    let at = error.instance_path().to_string();
    let below = |member: &str| below(&at, member);
    let code = match error.kind() {
        Rejected::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            faults.push(Fault::new(below(name), "required", "is missing"));
            return;
        }
        Rejected::AdditionalProperties { unexpected }
        | Rejected::UnevaluatedProperties { unexpected } => {
            faults.extend(
                unexpected
                    .iter()
                    .map(|name| Fault::new(below(name), "unknown_field", "is not known here")),
            );
            return;
        }
        // The branches of a choice say more than "none fits"; tell those of the branch
        // that came closest.
        Rejected::AnyOf { context } | Rejected::OneOfNotValid { context } => {
            if let Some(branch) = context
                .iter()
                .filter(|branch| !branch.iter().any(|error| is_wrong_branch(error, &at)))
                .min_by_key(|branch| branch.len())
            {
                for error in branch {
                    explain(error, faults);
                }
                return;
            }
            if let Some(fault) = no_such_way(context, &at) {
                faults.push(fault);
                return;
            }
            let alien = |branch: &Vec<_>| branch.iter().all(|error| is_type_of(error, &at));
            if context.iter().all(alien) {
                "type"
            } else {
                "choice"
            }
        }
        Rejected::Type { .. } => "type",
        Rejected::Enum { .. } | Rejected::Constant { .. } => "choice",
        Rejected::MaxLength { .. } | Rejected::MinLength { .. } => "length",
        Rejected::MaxItems { .. } | Rejected::MinItems { .. } => "items",
        Rejected::Maximum { .. }
        | Rejected::Minimum { .. }
        | Rejected::ExclusiveMaximum { .. }
        | Rejected::ExclusiveMinimum { .. } => "range",
        Rejected::Pattern { .. } => "pattern",
        Rejected::Format { .. } => "format",
        Rejected::UniqueItems => "duplicate",
        _ => "invalid",
    };
    faults.push(Fault::new(at, code, error.masked().to_string()));
}

/// The fault of a choice by tag where the tag is none of those known: it stands at the tag
/// and names them.
fn no_such_way(context: &[Vec<jsonschema::ValidationError<'_>>], at: &str) -> Option<Fault> {
    let mut tag = None;
    let mut known = Vec::new();
    for branch in context {
        let (place, words) = branch.iter().find_map(|error| match error.kind() {
            Rejected::Enum { options } if is_tag_of(error, at) => {
                Some((error.instance_path().to_string(), options))
            }
            _ => None,
        })?;
        if place == at || tag.get_or_insert_with(|| place.clone()) != &place {
            return None;
        }
        known.extend(words.as_array()?.iter().filter_map(Value::as_str));
    }
    tag.map(|tag| {
        Fault::new(
            tag,
            "choice",
            format!("must be one of {}", known.join(", ")),
        )
    })
}

/// Whether a rejection says that this branch of the choice at `at` was not meant at all.
fn is_wrong_branch(error: &jsonschema::ValidationError<'_>, at: &str) -> bool {
    let is_word = matches!(
        error.kind(),
        Rejected::Constant { .. } | Rejected::Enum { .. }
    );
    is_word && is_tag_of(error, at) || is_type_of(error, at)
}

/// Whether a rejection concerns what stands at `at` or one of its own members: a tag is one, and
/// a word further down is none.
fn is_tag_of(error: &jsonschema::ValidationError<'_>, at: &str) -> bool {
    let place = error.instance_path().to_string();
    let below = place.strip_prefix(at);
    below.is_some_and(|below| !below.trim_start_matches('/').contains('/'))
}

/// Whether a rejection concerns the type of what stands at `at` itself.
fn is_type_of(error: &jsonschema::ValidationError<'_>, at: &str) -> bool {
    matches!(error.kind(), Rejected::Type { .. }) && error.instance_path().to_string() == at
}

/// Pointers to the members of a schema that may hold any character.
fn open_members(schema: &Value) -> Vec<String> {
    let members = schema["properties"].as_object().into_iter().flatten();
    members
        .filter(|(_, member)| member[ANY_CHARACTER] == true)
        .map(|(name, _)| below("", name))
        .collect()
}

/// The pointer to a member of what stands at `at`.
fn below(at: &str, member: &str) -> String {
    format!("{at}/{}", member.replace('~', "~0").replace('/', "~1"))
}

/// U+0000 can be stored by one engine and not by the other: it is refused anywhere but in
/// what is never stored.
fn nul(value: &Value, at: &mut String, open: &[String], faults: &mut Vec<Fault>) {
    match value {
        Value::String(text) => {
            if text.contains('\0') && !open.contains(at) {
                faults.push(Fault::new(&**at, "unsafe_character", "holds U+0000"));
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let length = at.len();
                at.push_str(&format!("/{index}"));
                nul(item, at, open, faults);
                at.truncate(length);
            }
        }
        Value::Object(members) => {
            for (name, item) in members {
                let length = at.len();
                *at = below(at, name);
                if name.contains('\0') {
                    faults.push(Fault::new(
                        at.clone(),
                        "unsafe_character",
                        "the name holds U+0000",
                    ));
                }
                nul(item, at, open, faults);
                at.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_has_all_that_it_refers_to_and_nothing_else() {
        let to = |name: &str| json!({"$ref": format!("{COMPONENTS}{name}")});
        let components = json!({
            "PaperInput": {"properties": {"editor": to("Person"), "issues": {"items": to("Issue")}}},
            "Person": {"oneOf": [{"type": "null"}, to("Name")]},
            "Name": {"type": "string"},
            // Refers to what refers to it.
            "Issue": {"properties": {"paper": to("PaperInput"), "lost": to("Nowhere")}},
            "Stranger": to("Name"),
        });
        let reached = reached_from("PaperInput", &components);
        let mut names: Vec<&String> = reached.keys().collect();
        names.sort();
        assert_eq!(names, ["Issue", "Name", "PaperInput", "Person"]);
        assert_eq!(reached["Person"], components["Person"]);
    }

    #[test]
    fn a_wrong_word_within_a_choice_is_told_where_it_stands() {
        let way = |action: &str, word: &str| {
            json!({"type": "object", "additionalProperties": false, "required": ["action"],
            "properties": {
                "action": {"type": "string", "enum": [action]},
                "params": {"type": "object", "properties": {"class": {"type": "string", "enum": [word]}}}
            }})
        };
        let document = json!({"components": {"schemas": {"BureauInput": {
            "oneOf": [way("open", "a"), way("close", "b")]
        }}}});
        let schemas = Schemas::compile(&document).unwrap();
        for (body, pointer, code) in [
            (
                json!({"action": "close", "params": {"class": "a"}}),
                "/params/class",
                "choice",
            ),
            (
                json!({"action": "close", "params": {"class": 7}}),
                "/params/class",
                "type",
            ),
            (
                json!({"action": "burn", "params": {"class": "c"}}),
                "/action",
                "choice",
            ),
            (json!({"action": 7}), "/action", "choice"),
            (json!([]), "", "type"),
        ] {
            let faults = schemas.faults("BureauInput", &body);
            let found = faults
                .iter()
                .any(|fault| fault.pointer == pointer && fault.code == code);
            assert!(found, "{body}: {faults:?}");
        }
    }

    #[test]
    fn only_what_says_so_may_hold_any_character() {
        let member = |open: bool| json!({"type": ["string", "object"], "x-any-character": open});
        let document = json!({"components": {"schemas": {"BureauInput": {
            "type": "object", "properties": {"a/b": member(true), "name": member(false)}
        }}}});
        let schemas = Schemas::compile(&document).unwrap();
        let pointers = |body: Value| {
            let faults = schemas.faults("BureauInput", &body);
            let all = faults.into_iter().map(|fault| fault.pointer.to_string());
            all.collect::<Vec<_>>()
        };
        assert!(pointers(json!({"a/b": "x\0"})).is_empty());
        assert_eq!(pointers(json!({"a/b": "\0", "name": "\0"})), ["/name"]);
        // The member itself, and not what lies below it or is named like it.
        assert_eq!(pointers(json!({"a/b": {"name": "\0"}})), ["/a~1b/name"]);
        assert_eq!(pointers(json!({"a/b\0": ""})), ["/a~1b\0"]);
    }
}
