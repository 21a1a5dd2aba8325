//! The admin API in this process, for whoever may open the data folder anyway.

use super::request::{Reply, Request};
use crate::failure::Failure;
use adapters::system::SystemRandom;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{self, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ports::Random as _;
use domain::store::Store;
use std::sync::Arc;
use tower::ServiceExt as _;

/// Bytes of an answer that are read; far more than a list of tokens has.
const MAX_REPLY_BYTES: usize = 64 * 1024 * 1024;

/// The router of the admin API, and a key for it that nobody else knows.
#[derive(Clone)]
pub(crate) struct Administration {
    router: Router,
    key: Arc<str>,
}

impl Administration {
    /// On this store.
    pub(crate) fn new(store: Arc<Store>) -> Self {
        let mut random = [0; 32];
        SystemRandom.fill(&mut random);
        let key = URL_SAFE_NO_PAD.encode(random);
        let router = admin::router(admin::Api::new(store, admin::sha256(&key)));
        Self { router, key: key.into() }
    }

    /// What the API answers.
    pub(crate) async fn answer(&self, request: &Request) -> Result<Reply, Failure> {
        let fail = |error: axum::Error| Failure::caused("the answer cannot be read", error);
        let body = request.body.as_ref().map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let call = http::Request::builder()
            .method(request.method.as_str())
            .uri(format!("{}{}", admin::BASE, request.path))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key))
            .body(body)
            .map_err(|error| Failure::caused("the request cannot be made", error))?;
        let Ok(response) = self.router.clone().oneshot(call).await;
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body(), MAX_REPLY_BYTES).await.map_err(fail)?;
        Ok(Reply { status, body: serde_json::from_slice(&bytes).unwrap_or_default() })
    }
}
