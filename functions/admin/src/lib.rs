//! What operators call: tenants, directories, their tokens and declared schemas, their imports, over HTTP below
//! `/api/v1`.
//!
//! Every path wants the operator's key, but that of the document which describes them, and the addresses that are given
//! out for one file. Errors are problem details (RFC 9457); lists are `{"items", "next"}`; a POST with an
//! `Idempotency-Key` is done once.

mod answer;
mod body;
mod configurations;
mod directories;
mod error;
mod export;
mod files;
mod key;
mod made;
mod once;
mod openapi;
mod parameters;
mod place;
mod pulls;
mod runs;
mod schemas;
mod shape;
mod tenants;
mod tokens;
mod uploads;

pub use body::MAX_BODY_BYTES;
pub use key::sha256;
pub use made::Made;
pub use openapi::document;
pub use pulls::Pulls;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, any, delete, get, post, put};
use domain::import::engine::Importer;
use domain::store::Store;
use key::KeyHash;
use made::Unheard;
use std::sync::Arc;

/// The path that all others are below.
pub const BASE: &str = "/api/v1";
/// Bytes of a file that is a body, unless another limit is set: as many as Lambda takes.
pub const UPLOAD_BYTES: u64 = 6 * 1024 * 1024;
/// The path of the OpenAPI document, below [`BASE`]; it wants no key.
pub const OPENAPI: &str = "/openapi.json";
/// The path of the addresses that are given out for files, below [`BASE`]; it wants no key.
pub const UPLOAD: &str = "/tenants/{tenant}/directories/{directory}/uploads/{pass}";

/// What the routes share.
#[derive(Clone)]
pub struct Api {
    store: Arc<Store>,
    key: KeyHash,
    importer: Importer,
    pulls: Pulls,
    upload_bytes: u64,
    made: Arc<dyn Made>,
}

impl Api {
    /// An API on this store, for whoever has the key with this SHA-256. Files are imported by this importer, which is on
    /// the same store, and fetched by way of these pulls.
    pub fn new(store: Arc<Store>, key_sha256: [u8; 32], importer: Importer, pulls: Pulls) -> Self {
        let (key, made) = (KeyHash::new(key_sha256), Arc::new(Unheard));
        Self { store, key, importer, pulls, upload_bytes: UPLOAD_BYTES, made }
    }

    /// The same, with files that are bodies of at most so many bytes, instead of [`UPLOAD_BYTES`].
    pub fn with_uploads_up_to(self, upload_bytes: u64) -> Self {
        Self { upload_bytes, ..self }
    }

    /// The same, telling what is made to whoever has something to make beside it.
    pub fn telling(self, made: Arc<dyn Made>) -> Self {
        Self { made, ..self }
    }
}

/// The router of the function.
pub fn router(api: Api) -> Router {
    let guarded =
        endpoints().into_iter().fold(Router::new(), |router, (path, methods)| router.route(path, methods));
    let under = guarded
        .route_layer(from_fn_with_state(api.clone(), once::once))
        .route_layer(from_fn_with_state(api.clone(), key::demand))
        .route(UPLOAD, put(uploads::receive))
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

fn endpoints() -> Vec<(&'static str, MethodRouter<Api>)> {
    let mut endpoints = of_tenants();
    endpoints.extend(of_imports());
    endpoints.extend(of_pulls());
    endpoints
}

fn of_tenants() -> Vec<(&'static str, MethodRouter<Api>)> {
    vec![
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

fn of_imports() -> Vec<(&'static str, MethodRouter<Api>)> {
    vec![
        (
            "/tenants/{tenant}/directories/{directory}/configurations",
            get(configurations::list).post(configurations::create),
        ),
        (
            "/tenants/{tenant}/directories/{directory}/configurations/{name}",
            get(configurations::show)
                .put(configurations::replace)
                .patch(configurations::change)
                .delete(configurations::remove),
        ),
        ("/tenants/{tenant}/directories/{directory}/template.csv", get(configurations::template)),
        ("/tenants/{tenant}/directories/{directory}/export.csv", get(export::export)),
        ("/tenants/{tenant}/directories/{directory}/preview", post(uploads::preview)),
        ("/tenants/{tenant}/directories/{directory}/uploads", post(uploads::create)),
        ("/tenants/{tenant}/directories/{directory}/runs", get(runs::list)),
        ("/tenants/{tenant}/directories/{directory}/runs/{id}", get(runs::show)),
        ("/tenants/{tenant}/directories/{directory}/runs/{id}/plan", get(runs::plan)),
        ("/tenants/{tenant}/directories/{directory}/runs/{id}/report.csv", get(runs::report)),
        ("/tenants/{tenant}/directories/{directory}/runs/{id}/approve", post(runs::approve)),
        ("/tenants/{tenant}/directories/{directory}/runs/{id}/discard", post(runs::discard)),
        ("/tenants/{tenant}/directories/{directory}/runs/{id}/cancel", post(runs::cancel)),
        ("/tenants/{tenant}/directories/{directory}/runs/{id}/revert", post(runs::revert)),
    ]
}

fn of_pulls() -> Vec<(&'static str, MethodRouter<Api>)> {
    vec![
        ("/tenants/{tenant}/directories/{directory}/configurations/{name}/run", post(pulls::run)),
        (
            "/tenants/{tenant}/directories/{directory}/configurations/{name}/test-access",
            post(pulls::test_access),
        ),
        (
            "/tenants/{tenant}/directories/{directory}/configurations/{name}/ssh-key",
            get(pulls::show_ssh_key).post(pulls::create_ssh_key),
        ),
        (
            "/tenants/{tenant}/directories/{directory}/configurations/{name}/pgp-keys",
            get(pulls::list_pgp_keys).post(pulls::create_pgp_key),
        ),
        (
            "/tenants/{tenant}/directories/{directory}/configurations/{name}/pgp-keys/{key}/public-key",
            get(pulls::public_pgp_key),
        ),
        (
            "/tenants/{tenant}/directories/{directory}/configurations/{name}/pgp-keys/{key}/retire",
            post(pulls::retire_pgp_key),
        ),
    ]
}
