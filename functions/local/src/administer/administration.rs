//! The admin API in this process, for whoever may open the data folder anyway.

use super::request::{Reply, Request};
use crate::failure::Failure;
use crate::import::Imports;
use adapters::system::SystemRandom;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{self, HeaderValue, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ports::Random as _;
use futures::StreamExt as _;
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::mpsc;
use tower::ServiceExt as _;

/// Bytes of an answer that are read; far more than a list of tokens has.
const MAX_REPLY_BYTES: usize = 64 * 1024 * 1024;

/// The admin API of a folder, for whoever has this key. Its files can be as large as the disk allows.
pub(crate) fn api(imports: &Imports, key: &str) -> admin::Api {
    let (store, importer) = (Arc::clone(imports.store()), imports.importer().clone());
    admin::Api::new(store, admin::sha256(key), importer, imports.fetching().of_admin())
        .with_uploads_up_to(u64::MAX)
        .telling(Arc::new(imports.folder().clone()))
}

/// The router of the admin API, and a key for it that nobody else knows.
#[derive(Clone)]
pub(crate) struct Administration {
    router: Router,
    key: Arc<str>,
}

impl Administration {
    /// Of the folder with these imports.
    pub(crate) fn new(imports: &Imports) -> Self {
        let mut random = [0; 32];
        SystemRandom.fill(&mut random);
        let key = URL_SAFE_NO_PAD.encode(random);
        let router = admin::router(api(imports, &key));
        Self { router, key: key.into() }
    }

    /// What the API answers.
    pub(crate) async fn answer(&self, request: &Request) -> Result<Reply, Failure> {
        Self::whole(self.call(request).await?).await
    }

    /// What the API answers, a CSV part by part; an answer of another kind comes at the end. It ends early where nobody
    /// takes the parts any more.
    pub(crate) async fn stream(
        &self,
        request: &Request,
        parts: mpsc::Sender<String>,
    ) -> Result<Reply, Failure> {
        let response = self.call(request).await?;
        let media = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
        if !media.is_some_and(|media| media.starts_with(b"text/csv")) {
            return Self::whole(response).await;
        }
        let (status, mut body) = (response.status().as_u16(), response.into_body().into_data_stream());
        while let Some(part) = body.next().await {
            let part = part.map_err(|error| Failure::caused("the answer broke off", error))?;
            let text = String::from_utf8(part.into())
                .map_err(|error| Failure::caused("the answer is no text", error))?;
            if parts.send(text).await.is_err() {
                break;
            }
        }
        Ok(Reply { status, body: Value::Null })
    }

    async fn call(&self, request: &Request) -> Result<Response, Failure> {
        let body = request.body.as_ref().map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let call = http::Request::builder()
            .method(request.method.as_str())
            .uri(format!("{}{}", admin::BASE, request.path))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.key))
            .body(body)
            .map_err(|error| Failure::caused("the request cannot be made", error))?;
        let Ok(response) = self.router.clone().oneshot(call).await;
        Ok(response)
    }

    async fn whole(response: Response) -> Result<Reply, Failure> {
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body(), MAX_REPLY_BYTES).await;
        let bytes = bytes.map_err(|error| Failure::caused("the answer cannot be read", error))?;
        Ok(Reply { status, body: serde_json::from_slice(&bytes).unwrap_or_default() })
    }
}
