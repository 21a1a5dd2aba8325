//! Faults that AWS has and emulators have not, asked for by the test, request by request.

use crate::server::{Answer, Failure};
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What happens to a request instead of an ordinary answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Refused for too many requests; nothing was done.
    Throttle,
    /// Answered with status 500; nothing was done.
    ServerError,
    /// Done, but the connection is cut instead of an answer.
    LostReply,
    /// Done, but no answer ever comes.
    Silence,
    /// A batch of gets is answered for its first half only (DynamoDB).
    UnprocessedKeys,
    /// A transaction is cancelled, or a single write refused, for another at work on the first item (DynamoDB).
    TransactionConflict,
    /// A transaction with this token is said to be still under way (DynamoDB).
    TransactionInProgress,
    /// The message is refused for what is in it (SES).
    MessageRejected,
    /// The message is refused for a sender that nobody has verified (SES).
    SenderNotVerified,
    /// The account may not send at present (SES).
    SendingPaused,
}

/// The faults that a test has asked for, and what it wants to know afterwards.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    planned: Mutex<VecDeque<Option<Fault>>>,
    requests: AtomicUsize,
}

impl Faults {
    /// The next `times` requests meet this fault, or none, after those that are planned already.
    pub(crate) fn plan(&self, fault: Option<Fault>, times: usize) {
        let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        planned.extend(std::iter::repeat_n(fault, times));
    }

    /// Requests received so far.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// What the present request meets.
    pub(crate) fn next(&self) -> Option<Fault> {
        self.requests.fetch_add(1, Ordering::SeqCst);
        self.planned.lock().unwrap_or_else(PoisonError::into_inner).pop_front().flatten()
    }
}

/// Puts the faults in front of a DynamoDB or an S3.
pub(crate) fn in_front_of(faults: Arc<Faults>, behind: Answer) -> Answer {
    Arc::new(move |request| {
        let fault = faults.next();
        let behind = Arc::clone(&behind);
        Box::pin(async move {
            match fault {
                None => behind(request).await,
                Some(fault) => suffer(fault, request, behind).await,
            }
        })
    })
}

async fn suffer(fault: Fault, request: Request<Bytes>, behind: Answer) -> Result<Response<Bytes>, Failure> {
    match fault {
        Fault::Throttle if !is_dynamodb(&request) => Ok(xml(StatusCode::SERVICE_UNAVAILABLE, "SlowDown")),
        Fault::Throttle => Ok(dynamodb_error("ProvisionedThroughputExceededException")),
        Fault::ServerError if !is_dynamodb(&request) => {
            Ok(xml(StatusCode::INTERNAL_SERVER_ERROR, "InternalError"))
        }
        Fault::ServerError => {
            let mut response = dynamodb_error("InternalServerError");
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            Ok(response)
        }
        Fault::LostReply => {
            behind(request).await?;
            Err("the connection is cut".into())
        }
        Fault::Silence => {
            behind(request).await?;
            std::future::pending().await
        }
        Fault::UnprocessedKeys => half_a_batch(request, behind).await,
        Fault::TransactionConflict => Ok(conflict(&request)),
        Fault::TransactionInProgress => Ok(dynamodb_error("TransactionInProgressException")),
        Fault::MessageRejected | Fault::SenderNotVerified | Fault::SendingPaused => {
            Err("a fault that only SES has".into())
        }
    }
}

fn is_dynamodb(request: &Request<Bytes>) -> bool {
    request.headers().contains_key("x-amz-target")
}

/// Asks for the first half of the keys, and names the others as unprocessed.
async fn half_a_batch(request: Request<Bytes>, behind: Answer) -> Result<Response<Bytes>, Failure> {
    let (mut parts, body) = request.into_parts();
    let mut asked: Value = serde_json::from_slice(&body)?;
    let mut unprocessed = asked["RequestItems"].clone();
    for (table, rest) in unprocessed.as_object_mut().into_iter().flatten() {
        let keys = rest["Keys"].as_array_mut().ok_or("a batch of gets has keys")?;
        let first = keys.drain(..keys.len().div_ceil(2)).collect();
        asked["RequestItems"][table]["Keys"] = Value::Array(first);
    }
    let body = Bytes::from(serde_json::to_vec(&asked)?);
    parts.headers.remove(header::CONTENT_LENGTH);
    let response = behind(Request::from_parts(parts, body)).await?;
    let mut answered: Value = serde_json::from_slice(response.body())?;
    answered["UnprocessedKeys"] = unprocessed;
    Ok(json_response(StatusCode::OK, &answered))
}

fn conflict(request: &Request<Bytes>) -> Response<Bytes> {
    let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
    let Some(writes) = body["TransactItems"].as_array() else {
        return dynamodb_error("TransactionConflictException");
    };
    let reasons: Vec<Value> = (0..writes.len())
        .map(|place| json!({ "Code": if place == 0 { "TransactionConflict" } else { "None" } }))
        .collect();
    json_response(
        StatusCode::BAD_REQUEST,
        &json!({
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": "Transaction cancelled, see the reasons",
            "CancellationReasons": reasons,
        }),
    )
}

fn dynamodb_error(code: &str) -> Response<Bytes> {
    let kind = format!("com.amazonaws.dynamodb.v20120810#{code}");
    json_response(StatusCode::BAD_REQUEST, &json!({ "__type": kind, "message": "as the test asked" }))
}

fn json_response(status: StatusCode, body: &Value) -> Response<Bytes> {
    response(status, "application/x-amz-json-1.0", body.to_string())
}

fn xml(status: StatusCode, code: &str) -> Response<Bytes> {
    response(
        status,
        "application/xml",
        format!("<Error><Code>{code}</Code><Message>asked for</Message></Error>"),
    )
}

fn response(status: StatusCode, kind: &str, body: String) -> Response<Bytes> {
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, kind)
        .body(Bytes::from(body))
        .expect("a well-formed response")
}
