//! The side of the Lambda runtime API that the service plays: hands events to a function and takes its answers.

use crate::server::{Answer, Failure, Server};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http_body_util::BodyExt;
use serde_json::Value;
use std::collections::HashMap;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{mpsc, oneshot};
use tower::ServiceExt;

/// The last moment of the year 2099, in milliseconds since 1970: no function of a test is out of time.
const DEADLINE: &str = "4102444799000";
const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:test";
const TRACE: &str = "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0";

/// A runtime API for one function, which [`RuntimeApi::function`] starts.
#[derive(Debug)]
pub struct RuntimeApi {
    server: Server,
    exchange: Arc<Exchange>,
}

/// The process of a function.
#[derive(Debug)]
pub struct Function(Child);

impl Function {
    /// The number of the process.
    pub fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A function's way of saying that it failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError {
    /// What it calls the error.
    pub kind: String,
    /// What it says of it.
    pub message: String,
}

type Outcome = Result<Value, FunctionError>;

#[derive(Debug)]
struct Exchange {
    waiting: mpsc::UnboundedSender<(String, String)>,
    events: tokio::sync::Mutex<mpsc::UnboundedReceiver<(String, String)>>,
    state: Mutex<Invocations>,
}

#[derive(Debug, Default)]
struct Invocations {
    count: usize,
    under_way: HashMap<String, oneshot::Sender<Outcome>>,
    /// Why the function could not start, if so.
    failed_start: Option<FunctionError>,
}

impl RuntimeApi {
    /// Starts one.
    pub fn start() -> Self {
        let (waiting, events) = mpsc::unbounded_channel();
        let exchange =
            Arc::new(Exchange { waiting, events: tokio::sync::Mutex::new(events), state: Mutex::default() });
        let for_server = Arc::clone(&exchange);
        let server = Server::start(move || answer_with(router(for_server)));
        Self { server, exchange }
    }

    /// Host and port.
    pub fn address(&self) -> String {
        self.server.address().to_string()
    }

    /// Starts a built function as Lambda starts it, with these variables beside those that every function has; it ends
    /// when what this gives is dropped.
    pub fn function(&self, program: &str, variables: &[(&str, &str)]) -> Function {
        let of_every_one = [
            ("AWS_LAMBDA_RUNTIME_API", self.address()),
            ("AWS_LAMBDA_FUNCTION_NAME", "test".to_owned()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1".to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", crate::ACCESS_KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", crate::SECRET_KEY.to_owned()),
        ];
        let mut command = Command::new(program);
        command.env_clear().envs(of_every_one).envs(variables.iter().copied()).stdin(Stdio::null());
        Function(command.spawn().expect("the function was built"))
    }

    /// Hands an event to the function and waits for its answer. The function may start before or after this.
    pub async fn invoke(&self, event: &Value) -> Result<Value, FunctionError> {
        let (reply, answer) = oneshot::channel();
        let id = {
            let mut state = self.exchange.state();
            if let Some(error) = &state.failed_start {
                return Err(error.clone());
            }
            state.count += 1;
            let id = format!("00000000-0000-4000-8000-{:012}", state.count);
            state.under_way.insert(id.clone(), reply);
            id
        };
        self.exchange.waiting.send((id, event.to_string())).expect("the server runs as long as this lives");
        answer.await.expect("an invocation under way is answered in the end")
    }
}

impl Exchange {
    fn state(&self) -> MutexGuard<'_, Invocations> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finish(&self, id: &str, outcome: Outcome) -> StatusCode {
        match self.state().under_way.remove(id) {
            Some(reply) => {
                // The test may have stopped waiting.
                let _ = reply.send(outcome);
                StatusCode::ACCEPTED
            }
            None => StatusCode::BAD_REQUEST,
        }
    }
}

fn router(exchange: Arc<Exchange>) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(succeed))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(fail))
        .route("/2018-06-01/runtime/init/error", post(fail_to_start))
        .with_state(exchange)
}

fn answer_with(router: Router) -> Answer {
    Arc::new(move |request: Request<Bytes>| {
        let router = router.clone();
        Box::pin(async move {
            let response = router.oneshot(request.map(Body::from)).await?;
            let (parts, body) = response.into_parts();
            let body = body.collect().await.map_err(Failure::from)?.to_bytes();
            Ok(Response::from_parts(parts, body))
        })
    })
}

async fn next(State(exchange): State<Arc<Exchange>>) -> Response {
    let event = exchange.events.lock().await.recv().await;
    let Some((id, event)) = event else { return StatusCode::GONE.into_response() };
    let headers = [
        ("lambda-runtime-aws-request-id", id.as_str()),
        ("lambda-runtime-deadline-ms", DEADLINE),
        ("lambda-runtime-invoked-function-arn", FUNCTION),
        ("lambda-runtime-trace-id", TRACE),
        ("content-type", "application/json"),
    ];
    (headers, event).into_response()
}

async fn succeed(
    State(exchange): State<Arc<Exchange>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    // A streamed answer may end in an error after all, told in a trailer that this stub does not read.
    if headers.contains_key("lambda-runtime-function-response-mode") {
        return StatusCode::NOT_IMPLEMENTED;
    }
    let outcome = serde_json::from_slice(&body).map_err(|error| FunctionError {
        kind: "Runtime.InvalidResponse".to_owned(),
        message: error.to_string(),
    });
    exchange.finish(&id, outcome)
}

async fn fail(State(exchange): State<Arc<Exchange>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    exchange.finish(&id, Err(error_of(&body)))
}

async fn fail_to_start(State(exchange): State<Arc<Exchange>>, body: Bytes) -> StatusCode {
    let error = error_of(&body);
    let mut state = exchange.state();
    state.failed_start = Some(error.clone());
    for (_, reply) in state.under_way.drain() {
        let _ = reply.send(Err(error.clone()));
    }
    StatusCode::ACCEPTED
}

fn error_of(body: &[u8]) -> FunctionError {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    FunctionError { kind: text("errorType"), message: text("errorMessage") }
}
