//! The routers of the functions, on one origin.

use super::problem;
use crate::administer;
use crate::failure::Failure;
use crate::session::Session;
use adapters::config::Config;
use adapters::system::SystemClock;
use axum::Router;
use axum::http::header;
use axum::routing::get;
use std::sync::Arc;

/// What the routers are set up with.
pub(super) struct Settings {
    /// Opens the admin API.
    pub(super) admin_key: String,
    /// What a tenant may send a second, if there is a limit.
    pub(super) requests_per_second: Option<u32>,
}

/// Everything that is answered over HTTP.
///
/// # Errors
/// Where the environment says something about regions that cannot be meant.
pub(super) fn router(session: &Session, settings: &Settings) -> Result<Router, Failure> {
    let regions = Config::from_process().regions().map_err(|error| Failure::new(error.to_string()))?;
    let scim = scim_api::Api::new(Arc::clone(&session.store), Arc::new(SystemClock))
        .limited(settings.requests_per_second)
        .with_regions(regions);
    let admin = administer::api(&session.imports, &settings.admin_key);
    let health = get(async || ([(header::CONTENT_TYPE, "application/json")], r#"{"status":"ok"}"#));
    Ok(Router::new()
        .route("/health", health)
        .merge(scim_api::router(scim))
        .merge(admin::router(admin))
        .fallback(problem::no_such_path)
        .method_not_allowed_fallback(problem::no_such_method))
}
