//! What operators call: tenants, directories, their tokens and their declared schemas, over HTTP below `/api/v1`.
//!
//! Every path but that of the document which describes them wants the operator's key. Errors are problem details
//! (RFC 9457); lists are `{"items", "next"}`.

mod answer;
mod body;
mod directories;
mod error;
mod key;
mod openapi;
mod place;
mod schemas;
mod shape;
mod tenants;
mod tokens;

pub use body::MAX_BODY_BYTES;
pub use key::sha256;
pub use openapi::document;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, any, delete, get};
use domain::store::Store;
use key::KeyHash;
use std::sync::Arc;

/// The path that all others are below.
pub const BASE: &str = "/api/v1";
/// The path of the OpenAPI document, below [`BASE`]; the only one that wants no key.
pub const OPENAPI: &str = "/openapi.json";

/// What the routes share.
#[derive(Clone)]
pub struct Api {
    store: Arc<Store>,
    key: KeyHash,
}

impl Api {
    /// An API on this store, for whoever has the key with this SHA-256.
    pub fn new(store: Arc<Store>, key_sha256: [u8; 32]) -> Self {
        Self { store, key: KeyHash::new(key_sha256) }
    }
}

/// The router of the function.
pub fn router(api: Api) -> Router {
    let guarded =
        endpoints().into_iter().fold(Router::new(), |router, (path, methods)| router.route(path, methods));
    let under = guarded
        .route_layer(from_fn_with_state(api.clone(), key::demand))
        .route(OPENAPI, get(openapi::show))
        .fallback(error::no_such_path)
        .method_not_allowed_fallback(error::no_such_method);
    // What is nested does not answer at its base with a slash.
    let base = any(error::no_such_path);
    Router::new()
        .nest(BASE, under)
        .route(&format!("{BASE}/"), base)
        .layer(from_fn(answer::note))
        .with_state(api)
}

/// The paths below [`BASE`] that want the key, as the router has them.
pub fn guarded_paths() -> Vec<&'static str> {
    endpoints().into_iter().map(|(path, _)| path).collect()
}

fn endpoints() -> [(&'static str, MethodRouter<Api>); 8] {
    [
        ("/tenants", get(tenants::list).post(tenants::create)),
        ("/tenants/{tenant}", get(tenants::show)),
        ("/tenants/{tenant}/directories", get(directories::list).post(directories::create)),
        ("/tenants/{tenant}/directories/{directory}", get(directories::show).patch(directories::change)),
        ("/tenants/{tenant}/directories/{directory}/tokens", get(tokens::list).post(tokens::create)),
        ("/tenants/{tenant}/directories/{directory}/tokens/{id}", delete(tokens::revoke)),
        (
            "/tenants/{tenant}/directories/{directory}/schemas",
            get(schemas::list).post(schemas::declare).put(schemas::replace),
        ),
        ("/tenants/{tenant}/directories/{directory}/schemas/{name}", delete(schemas::withdraw)),
    ]
}
