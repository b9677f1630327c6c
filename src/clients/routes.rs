//! Operations on clients.

use utoipa_actix_web::service_config::ServiceConfig;

/// Adds the operations to the server and to the document.
pub fn configure(_services: &mut ServiceConfig<'_>) {}
