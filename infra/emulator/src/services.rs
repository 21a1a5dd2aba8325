//! The few requests that we make of KMS, EventBridge Scheduler and Lambda: each in memory, with throttling in front.

use crate::faults::{Fault, Faults};
use crate::server::{Answer, Failure, Server};
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What a request of a service comes to: its status, and its document.
type Done = (StatusCode, Value);
/// One service: what it makes of a request, which it is told by operation or method, path and body.
type Serve = Arc<dyn Fn(&str, &str, &Value) -> Done + Send + Sync>;

/// A service that runs.
#[derive(Debug)]
struct Service {
    server: Server,
    faults: Arc<Faults>,
}

impl Service {
    fn start(serve: Serve) -> Self {
        let faults = Arc::new(Faults::default());
        let for_server = Arc::clone(&faults);
        let server = Server::start(move || answer_with(for_server, serve));
        Self { server, faults }
    }
}

macro_rules! service {
    ($($name:ident)*) => {
        $(impl $name {
            /// What `AWS_ENDPOINT_URL` would be.
            pub fn endpoint(&self) -> String {
                format!("http://{}", self.service.server.address())
            }

            /// The next `times` requests meet this fault.
            pub fn inject(&self, fault: Fault, times: usize) {
                self.service.faults.plan(Some(fault), times);
            }

            /// Requests received so far, those that met a fault included.
            pub fn requests(&self) -> usize {
                self.service.faults.requests()
            }
        })*
    };
}
service!(Kms Scheduler Lambda);

fn answer_with(faults: Arc<Faults>, serve: Serve) -> Answer {
    Arc::new(move |request: Request<Bytes>| {
        let (fault, serve) = (faults.next(), Arc::clone(&serve));
        Box::pin(async move { answer(fault, &serve, &request) })
    })
}

fn answer(fault: Option<Fault>, serve: &Serve, request: &Request<Bytes>) -> Result<Response<Bytes>, Failure> {
    let refusal =
        |status, code: &str| Ok(respond((status, json!({ "__type": code, "message": "as the test asked" }))));
    let done = || {
        let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok());
        let operation =
            target.map_or(request.method().as_str(), |target| target.rsplit('.').next().unwrap_or(target));
        let body = serde_json::from_slice(request.body()).unwrap_or_default();
        serve(operation, request.uri().path(), &body)
    };
    match fault {
        None => Ok(respond(done())),
        Some(Fault::Throttle) => refusal(StatusCode::BAD_REQUEST, "ThrottlingException"),
        Some(Fault::LostReply) => {
            done();
            Err("the connection is cut".into())
        }
        Some(_) => refusal(StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure"),
    }
}

fn respond((status, body): Done) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    if let Some(code) = body.get("__type").and_then(Value::as_str) {
        let code = header::HeaderValue::try_from(code).ok();
        headers.extend(code.map(|code| (header::HeaderName::from_static("x-amzn-errortype"), code)));
    }
    response
}

fn refused(status: StatusCode, code: &str) -> Done {
    (status, json!({ "__type": code, "message": code }))
}

/// A KMS with one key, which is sure of nobody: what it wraps says in clear for whom.
#[derive(Debug)]
pub struct Kms {
    service: Service,
}

impl Kms {
    /// Starts one.
    pub fn start() -> Self {
        let made = Mutex::new(0u8);
        let serve = move |operation: &str, _: &str, body: &Value| {
            let context = body["EncryptionContext"].clone();
            match operation {
                "GenerateDataKey" if body["KeySpec"] == "AES_256" => {
                    let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
                    *made = made.wrapping_add(1);
                    let plain = STANDARD.encode([*made; 32]);
                    let wrapped = json!({ "context": context, "plain": plain }).to_string();
                    (
                        StatusCode::OK,
                        json!({ "KeyId": "k", "Plaintext": plain, "CiphertextBlob": STANDARD.encode(wrapped) }),
                    )
                }
                "Decrypt" => {
                    let blob = STANDARD
                        .decode(body["CiphertextBlob"].as_str().unwrap_or_default())
                        .unwrap_or_default();
                    match serde_json::from_slice::<Value>(&blob) {
                        Ok(wrapped) if wrapped["context"] == context => {
                            (StatusCode::OK, json!({ "KeyId": "k", "Plaintext": wrapped["plain"] }))
                        }
                        _ => refused(StatusCode::BAD_REQUEST, "InvalidCiphertextException"),
                    }
                }
                _ => refused(StatusCode::BAD_REQUEST, "UnsupportedOperationException"),
            }
        };
        Self { service: Service::start(Arc::new(serve)) }
    }
}

/// Schedules that never fire.
#[derive(Debug)]
pub struct Scheduler {
    service: Service,
    schedules: Arc<Mutex<BTreeMap<String, Value>>>,
}

impl Scheduler {
    /// Starts one.
    pub fn start() -> Self {
        let schedules: Arc<Mutex<BTreeMap<String, Value>>> = Arc::default();
        let kept = Arc::clone(&schedules);
        let serve = move |method: &str, path: &str, body: &Value| {
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            let name = path.trim_start_matches("/schedules/").to_owned();
            let is_there = kept.contains_key(&name);
            match Method::try_from(method).unwrap_or_default() {
                Method::POST if is_there => refused(StatusCode::CONFLICT, "ConflictException"),
                Method::PUT | Method::DELETE if !is_there => {
                    refused(StatusCode::NOT_FOUND, "ResourceNotFoundException")
                }
                Method::POST | Method::PUT => {
                    kept.insert(name, body.clone());
                    (StatusCode::OK, json!({ "ScheduleArn": "arn:aws:scheduler:::schedule/x" }))
                }
                _ => {
                    kept.remove(&name);
                    (StatusCode::OK, json!({}))
                }
            }
        };
        let service = Service::start(Arc::new(serve));
        Self { service, schedules }
    }

    /// What was asked for, by the names of schedules.
    pub fn schedules(&self) -> BTreeMap<String, Value> {
        self.schedules.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A Lambda whose functions all answer the same.
#[derive(Debug)]
pub struct Lambda {
    service: Service,
    events: Arc<Mutex<Vec<Value>>>,
}

impl Lambda {
    /// Starts one; this is what its functions answer.
    pub fn start(answer: Value) -> Self {
        let events: Arc<Mutex<Vec<Value>>> = Arc::default();
        let kept = Arc::clone(&events);
        let serve = move |_: &str, path: &str, body: &Value| {
            if !path.ends_with("/functions/sftp-pull/invocations") {
                return refused(StatusCode::NOT_FOUND, "ResourceNotFoundException");
            }
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(body.clone());
            (StatusCode::OK, answer.clone())
        };
        let service = Service::start(Arc::new(serve));
        Self { service, events }
    }

    /// The events so far.
    pub fn events(&self) -> Vec<Value> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
