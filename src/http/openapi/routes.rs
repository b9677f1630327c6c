//! The paths that there are, to tell 405 from 404.

use actix_web::dev::ResourceDef;
use actix_web::http::Method;
use serde_json::Value;

use super::METHODS;

/// The paths that there are.
pub struct Routes(Vec<Route>);

struct Route {
    pattern: ResourceDef,
    parameters: usize,
    methods: Vec<Method>,
}

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
                    Route {
                        pattern: ResourceDef::new(path.as_str()),
                        parameters: path.matches('{').count(),
                        methods,
                    }
                })
                .collect(),
        )
    }

    /// The methods that a path takes; empty if there is no such path. Words go before
    /// parameters: `/v1/sections/tree` is no section.
    pub fn methods(&self, path: &str) -> Vec<String> {
        let matching = || self.0.iter().filter(|route| route.pattern.is_match(path));
        let fewest = matching().map(|route| route.parameters).min();
        let mut methods: Vec<String> = matching()
            .filter(|route| Some(route.parameters) == fewest)
            .flat_map(|route| route.methods.iter().map(ToString::to_string))
            .collect();
        if methods.iter().any(|method| method == "GET") {
            methods.push("HEAD".to_owned());
        }
        methods.sort();
        methods.dedup();
        methods
    }
}
