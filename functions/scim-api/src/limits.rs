//! How much one tenant may ask at once, so that it leaves something for the others.

use crate::error::Failure;
use axum::http::StatusCode;
use domain::ports::Clock;
use domain::store::Name;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What is always served, whatever the limit says: identity providers count on it.
pub const LEAST_REQUESTS_PER_SECOND: u32 = 25;
/// Tenants that are counted at once; those that have been quiet are forgotten beyond it.
const MAX_COUNTED: usize = 10_000;

/// A bucket of requests for each tenant, which fills as time goes by and holds those of a second.
#[derive(Clone)]
pub(crate) struct Limits {
    rate: Option<f64>,
    clock: Arc<dyn Clock>,
    buckets: Arc<Mutex<HashMap<Name, Bucket>>>,
}

/// Requests that are left, and when that was so, in milliseconds.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    at: i64,
}

impl Limits {
    /// At most so many requests a second for each tenant and process; none means no limit.
    pub(crate) fn new(rate: Option<u32>, clock: Arc<dyn Clock>) -> Self {
        Self { rate: None, clock, buckets: Arc::default() }.with_rate(rate)
    }

    /// The same with another limit.
    pub(crate) fn with_rate(self, rate: Option<u32>) -> Self {
        Self { rate: rate.map(|rate| f64::from(rate.max(LEAST_REQUESTS_PER_SECOND))), ..self }
    }

    /// Counts a request of a tenant.
    ///
    /// # Errors
    /// 429 with the seconds to wait.
    pub(crate) fn admit(&self, tenant: &Name) -> Result<(), Failure> {
        let Some(rate) = self.rate else { return Ok(()) };
        let now = self.clock.now().as_millisecond();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MAX_COUNTED && !buckets.contains_key(tenant) {
            buckets.retain(|_, bucket| now - bucket.at < 1000);
        }
        let bucket = buckets.entry(tenant.clone()).or_insert(Bucket { left: rate, at: now });
        let elapsed = (now - bucket.at).max(0) as f64 / 1000.0;
        *bucket = Bucket { left: (bucket.left + elapsed * rate).min(rate), at: now.max(bucket.at) };
        if bucket.left >= 1.0 {
            bucket.left -= 1.0;
            return Ok(());
        }
        let detail =
            format!("more than {rate} requests a second of this tenant; send the request again in a second");
        Err(Failure::new(StatusCode::TOO_MANY_REQUESTS, detail).retried_after(1))
    }
}
