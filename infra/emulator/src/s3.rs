//! S3 in memory, with versions, and with faults in front of it.

mod bucket;

use crate::faults::{Fault, Faults, in_front_of};
use crate::server::{Answer, Server};
use axum::body::Bytes;
use axum::extract::Request;
use bucket::Bucket;
use http_body_util::BodyExt;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use std::sync::Arc;

/// The name of the bucket that every emulated S3 has.
pub const BUCKET: &str = "muster";

/// An S3 with one empty bucket [`BUCKET`], which keeps versions.
#[derive(Debug)]
pub struct S3 {
    server: Server,
    faults: Arc<Faults>,
}

impl S3 {
    /// Starts one.
    pub fn start() -> Self {
        let faults = Arc::new(Faults::default());
        let for_server = Arc::clone(&faults);
        let server = Server::start(move || in_front_of(for_server, answer_with(service())));
        Self { server, faults }
    }

    /// What `AWS_ENDPOINT_URL` would be. Buckets are part of the path.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// The next `times` requests meet this fault, after those that meet faults asked for before.
    pub fn inject(&self, fault: Fault, times: usize) {
        self.faults.plan(Some(fault), times);
    }

    /// The next `requests` requests meet no fault, after those that meet faults asked for before.
    pub fn skip(&self, requests: usize) {
        self.faults.plan(None, requests);
    }

    /// Requests received so far, those that met a fault included.
    pub fn requests(&self) -> usize {
        self.faults.requests()
    }
}

fn service() -> S3Service {
    let mut builder = S3ServiceBuilder::new(Bucket::default());
    builder.set_auth(SimpleAuth::from_single(crate::ACCESS_KEY, crate::SECRET_KEY));
    builder.build()
}

fn answer_with(service: S3Service) -> Answer {
    Arc::new(move |request: Request<Bytes>| {
        let service = service.clone();
        Box::pin(async move {
            let response =
                service.call(request.map(s3s::Body::from)).await.map_err(|error| format!("{error:?}"))?;
            let (parts, body) = response.into_parts();
            let body = body.collect().await?.to_bytes();
            Ok(axum::http::Response::from_parts(parts, body))
        })
    })
}
