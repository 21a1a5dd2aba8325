//! What identity providers call: SCIM 2.0 over HTTP (RFC 7644).
//!
//! `GET` also answers `HEAD`; every path answers with and without a trailing slash, under `/scim/v2` and
//! under `/t/{tenant}/{directory}/scim/v2`.

mod address;
mod answer;
mod call;
mod discovery;
mod error;
mod request;
mod resources;
mod search;
mod session;

pub use request::MAX_BODY_BYTES;
pub use search::{DEFAULT_PAGE, MAX_PAGE};

use axum::Router;
use axum::routing::{MethodRouter, get};
use domain::store::{Kind, Store};
use domain::tenant::Tokens;
use scim::schema::Registry;
use std::sync::Arc;

/// What the routes share.
#[derive(Clone)]
pub struct Api {
    store: Arc<Store>,
    registry: Arc<Registry>,
    tokens: Arc<Tokens>,
}

impl Api {
    /// An API on this store.
    pub fn new(store: Arc<Store>) -> Self {
        let tokens = Arc::new(Tokens::new(Arc::clone(&store)));
        Self { store, registry: Arc::new(Registry::builtin()), tokens }
    }
}

/// The router of the function.
pub fn router(api: Api) -> Router {
    let under = endpoints();
    Router::new()
        .nest("/scim/v2", under.clone())
        .nest("/t/{tenant}/{directory}/scim/v2", under)
        .layer(axum::middleware::from_fn(answer::note))
        .with_state(api)
}

fn endpoints() -> Router<Api> {
    let routes: [(&str, MethodRouter<Api>); 12] = [
        ("/ServiceProviderConfig", get(discovery::service_provider_config)),
        ("/ResourceTypes", get(discovery::resource_types)),
        ("/ResourceTypes/{name}", get(discovery::resource_type)),
        ("/Schemas", get(discovery::schemas)),
        ("/Schemas/{urn}", get(discovery::schema)),
        ("/.search", search::search(&[Kind::User, Kind::Group])),
        ("/Users/.search", search::search(&[Kind::User])),
        ("/Groups/.search", search::search(&[Kind::Group])),
        ("/Users", resources::collection(Kind::User)),
        ("/Users/{id}", resources::single(Kind::User)),
        ("/Groups", resources::collection(Kind::Group)),
        ("/Groups/{id}", resources::single(Kind::Group)),
    ];
    let router = routes.into_iter().fold(Router::new(), |router, (path, methods)| {
        router.route(path, methods.clone()).route(&format!("{path}/"), methods)
    });
    router.fallback(error::no_such_path).method_not_allowed_fallback(error::no_such_method)
}
