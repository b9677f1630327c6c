//! The paths that there are, to tell 405 from 404.

use actix_web::dev::ResourceDef;
use actix_web::http::Method;
use serde_json::Value;

use super::METHODS;

/// The paths that there are, to tell 405 from 404.
pub struct Routes(Vec<(ResourceDef, Vec<Method>)>);

impl Routes {
    pub fn of(document: &Value) -> Self {
        let paths = document["paths"].as_object();
        Self(
            paths
                .into_iter()
                .flatten()
                .map(|(path, item)| {
                    let methods = METHODS
                        .iter()
                        .filter(|method| item.get(**method).is_some())
                        .filter_map(|method| method.to_uppercase().parse().ok())
                        .collect();
                    (ResourceDef::new(path.as_str()), methods)
                })
                .collect(),
        )
    }

    /// The methods that a path takes; empty if there is no such path.
    pub fn methods(&self, path: &str) -> Vec<String> {
        let mut methods: Vec<String> = self
            .0
            .iter()
            .filter(|(pattern, _)| pattern.is_match(path))
            .flat_map(|(_, methods)| methods.iter().map(ToString::to_string))
            .collect();
        if methods.iter().any(|method| method == "GET") {
            methods.push("HEAD".to_owned());
        }
        methods.sort();
        methods.dedup();
        methods
    }
}
