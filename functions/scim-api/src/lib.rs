//! What identity providers call: SCIM 2.0 over HTTP (RFC 7644).
//!
//! `GET` also answers `HEAD`; every path answers with and without a trailing slash, under `/scim/v2` and
//! under `/t/{tenant}/{directory}/scim/v2`.

mod address;
mod answer;
mod bulk;
mod call;
mod discovery;
mod error;
mod limits;
mod me;
mod request;
mod resources;
mod search;
mod session;

pub use bulk::MAX_OPERATIONS;
pub use limits::LEAST_REQUESTS_PER_SECOND;
pub use request::MAX_BODY_BYTES;
pub use search::{DEFAULT_PAGE, MAX_PAGE};

use axum::Router;
use axum::routing::{MethodRouter, any, get, post};
use domain::ports::Clock;
use domain::store::{Name, Store};
use limits::Limits;
use scim::schema::Registry;
use std::collections::HashMap;
use std::sync::Arc;

/// What the routes share.
#[derive(Clone)]
pub struct Api {
    store: Arc<Store>,
    /// What is shown to who has no token.
    registry: Arc<Registry>,
    limits: Limits,
    regions: Arc<HashMap<Name, String>>,
    longest_answer: Option<u64>,
}

impl Api {
    /// An API on this store. The clock measures the requests of a tenant, where they are limited.
    pub fn new(store: Arc<Store>, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            registry: Arc::new(Registry::builtin()),
            limits: Limits::new(None, clock),
            regions: Arc::default(),
            longest_answer: None,
        }
    }

    /// The same with an end to the bytes of an answer, where what carries it has one: whoever asks for more is told how
    /// to ask for less.
    pub fn answering_up_to(self, bytes: u64) -> Self {
        Self { longest_answer: Some(bytes), ..self }
    }

    /// The same, answering 429 to a tenant that sends more requests a second than this; it never is below
    /// [`LEAST_REQUESTS_PER_SECOND`]. Each process counts for itself.
    pub fn limited(self, requests_per_second: Option<u32>) -> Self {
        Self { limits: self.limits.with_rate(requests_per_second), ..self }
    }

    /// The same with the origins of the regions (`https://eu.muster.example`), to which tokens of them are sent (O5).
    pub fn with_regions(self, origins: HashMap<Name, String>) -> Self {
        Self { regions: Arc::new(origins), ..self }
    }
}

/// The router of the function.
pub fn router(api: Api) -> Router {
    let bases = ["/scim/v2", "/t/{tenant}/{directory}/scim/v2"];
    // A base with a slash behind it is no path of what is nested there.
    let under = |router: Router<Api>, base: &str| {
        router.nest(base, endpoints()).route(&format!("{base}/"), any(error::no_such_path))
    };
    let mut router = bases.into_iter().fold(Router::new(), under);
    if let Some(longest) = api.longest_answer {
        router = router.layer(axum::middleware::from_fn_with_state(longest, answer::bounded));
    }
    router.layer(axum::middleware::from_fn(answer::note)).with_state(api)
}

/// The paths below a base, as the router spells them: whoever guards or tests them must forget none.
pub fn paths() -> impl Iterator<Item = &'static str> {
    routes().into_iter().map(|(path, _)| path)
}

fn routes() -> [(&'static str, MethodRouter<Api>); 11] {
    [
        ("/ServiceProviderConfig", get(discovery::service_provider_config)),
        ("/ResourceTypes", get(discovery::resource_types)),
        ("/ResourceTypes/{name}", get(discovery::resource_type)),
        ("/Schemas", get(discovery::schemas)),
        ("/Schemas/{name}", get(discovery::schema)),
        ("/Me", me::me()),
        ("/Bulk", post(bulk::bulk)),
        ("/.search", post(search::search_all)),
        ("/{endpoint}", resources::collection()),
        ("/{endpoint}/.search", post(search::search_one)),
        ("/{endpoint}/{id}", resources::single()),
    ]
}

fn endpoints() -> Router<Api> {
    let router = routes().into_iter().fold(Router::new(), |router, (path, methods)| {
        router.route(path, methods.clone()).route(&format!("{path}/"), methods)
    });
    router.fallback(error::no_such_path).method_not_allowed_fallback(error::no_such_method)
}
