//! The routers of the functions, on one origin.

use super::problem;
use adapters::system::SystemClock;
use axum::Router;
use axum::http::header;
use axum::routing::get;
use domain::store::Store;
use scim_api::Api;
use std::sync::Arc;

/// Everything that is answered over HTTP.
pub(super) fn router(store: Arc<Store>) -> Router {
    let health = get(async || ([(header::CONTENT_TYPE, "application/json")], r#"{"status":"ok"}"#));
    Router::new()
        .route("/health", health)
        .merge(scim_api::router(Api::new(store, Arc::new(SystemClock))))
        .fallback(problem::no_such_path)
        .method_not_allowed_fallback(problem::no_such_method)
}
