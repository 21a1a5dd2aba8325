//! Bulk (RFC 7644 §3.7): many operations in one request, each with its own outcome.

use crate::answer::json;
use crate::call::{Call, kind_at};
use crate::error::Failure;
use crate::request::Body;
use axum::http::StatusCode;
use axum::response::Response;
use domain::directory::{Directory, Resource, Shown, Versions};
use domain::store::Kind;
use scim::bulk::{Malformed, Method, Operation, Outcome, Request, Step, Target, resolve, response, without};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// Operations that one request may have.
pub const MAX_OPERATIONS: usize = 1_000;

/// `/Bulk`.
pub(crate) async fn bulk(call: Call, body: Body) -> Result<Response, Failure> {
    call.for_all()?;
    let body = body.of(&call.directory)?;
    let request = Request::parse(body, &call.directory.opened().registry, MAX_OPERATIONS)?;
    let mut work = Work::new(&call.directory, &request);
    for step in request.schedule() {
        work.step(step).await;
    }
    let outcomes = work.outcomes.into_iter().flatten().collect();
    Ok(json(StatusCode::OK, &response(outcomes)))
}

/// A bulk request that is being carried out.
struct Work<'a> {
    directory: &'a Directory,
    request: &'a Request,
    /// The ids of what was created, by `bulkId`.
    ids: HashMap<String, String>,
    outcomes: Vec<Option<Outcome>>,
    errors: usize,
    /// Whether the store is out of reach.
    stopped: bool,
}

/// What came of an operation.
struct Done {
    status: StatusCode,
    location: Option<String>,
    version: Option<String>,
}

impl<'a> Work<'a> {
    fn new(directory: &'a Directory, request: &'a Request) -> Self {
        let outcomes = request.operations.iter().map(|_| None).collect();
        Self { directory, request, ids: HashMap::new(), outcomes, errors: 0, stopped: false }
    }

    /// Whether no more is to be tried: the client wants it so after so many errors, or the store is out of reach.
    fn is_over(&self) -> bool {
        self.stopped || self.request.fail_on_errors.is_some_and(|most| self.errors >= most)
    }

    async fn step(&mut self, step: Step) {
        let (Step::Whole(at) | Step::Begin(at) | Step::Complete(at)) = step;
        let Some(operation) = self.request.operations.get(at) else { return };
        // What was begun is completed or taken back although no more is tried: no operation is half done.
        let wanted = match step {
            Step::Complete(_) => self.is_begun(at),
            Step::Whole(_) | Step::Begin(_) => !self.is_over(),
        };
        if !wanted {
            return;
        }
        let done = match (operation, step) {
            (Err(malformed), _) => Err(malformed.error.clone().into()),
            (Ok(operation), Step::Begin(_)) => self.begin(operation).await,
            (Ok(operation), Step::Complete(_)) => self.complete(operation).await,
            (Ok(operation), Step::Whole(_)) => self.whole(operation).await,
        };
        self.settle(at, operation, done);
    }

    fn is_begun(&self, at: usize) -> bool {
        self.outcomes.get(at).and_then(Option::as_ref).is_some_and(|outcome| outcome.status < 400)
    }

    fn settle(&mut self, at: usize, operation: &Result<Operation, Malformed>, done: Result<Done, Failure>) {
        let (method, bulk_id) = match operation {
            Ok(operation) => (Some(operation.method), operation.bulk_id.clone()),
            Err(malformed) => (malformed.method, malformed.bulk_id.clone()),
        };
        let outcome = match done {
            Ok(Done { status, location, version }) => {
                Outcome { method, bulk_id, location, version, status: status.as_u16(), response: None }
            }
            Err(failure) => {
                self.errors += 1;
                // No later operation would fare better; what was done until here is told all the same.
                self.stopped |= failure.status == StatusCode::SERVICE_UNAVAILABLE;
                let location = match operation {
                    Ok(operation) => self.address(operation),
                    Err(malformed) => malformed.target.as_ref().and_then(|target| self.address_of(target)),
                };
                let response = Some(failure.document());
                Outcome {
                    method,
                    bulk_id,
                    location,
                    version: None,
                    status: failure.status.as_u16(),
                    response,
                }
            }
        };
        if let Some(slot) = self.outcomes.get_mut(at) {
            *slot = Some(outcome);
        }
    }

    /// The address of the resource that an operation is about, if it is known.
    fn address(&self, operation: &Operation) -> Option<String> {
        let kind = kind_at(self.directory, &operation.endpoint).ok()?;
        Some(self.directory.location(kind, operation.id(&self.ids).ok()??))
    }

    /// The same, of an operation that cannot be understood otherwise.
    fn address_of(&self, (endpoint, target): &(String, Target)) -> Option<String> {
        let id = match target {
            Target::Id(id) => id,
            Target::BulkId(bulk_id) => self.ids.get(bulk_id)?,
        };
        Some(self.directory.location(kind_at(self.directory, endpoint).ok()?, id))
    }

    async fn whole(&mut self, operation: &Operation) -> Result<Done, Failure> {
        let data = match &operation.data {
            Some(data) => resolve(data, &self.ids).map_err(|bulk_id| unresolved(&bulk_id))?,
            None => Value::Null,
        };
        if operation.method == Method::Post {
            return self.create(operation, data).await;
        }
        let id =
            operation.id(&self.ids).map_err(|bulk_id| unresolved(&bulk_id))?.unwrap_or_default().to_owned();
        let kind = kind_at(self.directory, &operation.endpoint)?;
        let seen = operation.version.as_deref().map_or(Versions::Any, Versions::parse);
        let (directory, shown) = (self.directory, Shown::NOTHING);
        let changed = match operation.method {
            Method::Put => directory.replace(kind, &id, &seen, data, shown).await?,
            Method::Patch => directory.patch(kind, &id, &seen, &data, shown).await?,
            _ => {
                directory.delete(kind, &id, &seen).await?;
                return Ok(Done {
                    status: StatusCode::NO_CONTENT,
                    location: self.address(operation),
                    version: None,
                });
            }
        };
        Ok(self.done(StatusCode::OK, &changed))
    }

    async fn create(&mut self, operation: &Operation, data: Value) -> Result<Done, Failure> {
        let kind = kind_at(self.directory, &operation.endpoint)?;
        let created = self.directory.create(kind, data, Shown::NOTHING).await?;
        self.ids.extend(operation.bulk_id.clone().map(|bulk_id| (bulk_id, created.id.to_string())));
        Ok(self.done(StatusCode::CREATED, &created))
    }

    /// Creates a resource without what refers to those that are not there yet.
    async fn begin(&mut self, operation: &Operation) -> Result<Done, Failure> {
        let data = operation.data.clone().unwrap_or_default();
        let missing: HashSet<String> = operation
            .references()
            .into_iter()
            .filter(|bulk_id| !self.ids.contains_key(*bulk_id))
            .map(str::to_owned)
            .collect();
        let data = without(&data, &missing);
        let data = resolve(&data, &self.ids).map_err(|bulk_id| unresolved(&bulk_id))?;
        self.create(operation, data).await
    }

    /// Brings it to its full data. If that fails, it is taken back: no operation is half done. Where the store is out
    /// of reach neither can be, and the client is told to come back.
    async fn complete(&mut self, operation: &Operation) -> Result<Done, Failure> {
        if self.stopped {
            return Err(domain::Error::Unavailable("the store was out of reach before".into()).into());
        }
        let kind = kind_at(self.directory, &operation.endpoint)?;
        let id =
            operation.bulk_id.as_ref().and_then(|bulk_id| self.ids.get(bulk_id)).cloned().unwrap_or_default();
        let completed = self.replace(kind, &id, operation).await;
        if completed.is_err() {
            self.directory.delete(kind, &id, &Versions::Any).await?;
            self.ids.retain(|_, created| *created != id);
        }
        completed
    }

    async fn replace(&self, kind: Kind, id: &str, operation: &Operation) -> Result<Done, Failure> {
        let data = operation.data.clone().unwrap_or_default();
        let data = resolve(&data, &self.ids).map_err(|bulk_id| unresolved(&bulk_id))?;
        let completed = self.directory.replace(kind, id, &Versions::Any, data, Shown::NOTHING).await?;
        Ok(self.done(StatusCode::CREATED, &completed))
    }

    fn done(&self, status: StatusCode, resource: &Resource) -> Done {
        let location = Some(self.directory.location(resource.kind(), resource.id));
        Done { status, location, version: Some(resource.etag()) }
    }
}

/// A `bulkId` that nothing was created under, as its operation failed or there is none.
fn unresolved(bulk_id: &str) -> Failure {
    let shown: String = bulk_id.chars().take(80).collect();
    let detail = format!("bulkId:{shown} names nothing that was created by this request");
    scim::error::Error::new(scim::error::ErrorKind::InvalidValue, detail).into()
}
