//! The one request of SES that we make, `SendRawEmail` of the Query protocol, with faults in front of it. What was sent
//! is kept, so that a test reads it.

use crate::faults::{Fault, Faults};
use crate::server::{Answer, Failure, Server};
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

const NAMESPACE: &str = "http://ses.amazonaws.com/doc/2010-12-01/";
/// Recipients of a message at most, as of SES.
const MOST_RECIPIENTS: usize = 50;

/// An SES that delivers to nobody.
#[derive(Debug)]
pub struct Ses {
    server: Server,
    faults: Arc<Faults>,
    sent: Arc<Mutex<Vec<Sent>>>,
}

/// A message that was taken for delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The sender of the envelope.
    pub from: String,
    /// Its recipients.
    pub to: Vec<String>,
    /// The message as it was handed over.
    pub message: Vec<u8>,
}

impl Ses {
    /// Starts one.
    pub fn start() -> Self {
        let (faults, sent) = (Arc::new(Faults::default()), Arc::new(Mutex::default()));
        let (for_server, outbox) = (Arc::clone(&faults), Arc::clone(&sent));
        let server = Server::start(move || answer_with(for_server, outbox));
        Self { server, faults, sent }
    }

    /// What `AWS_ENDPOINT_URL` would be.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// The next `times` requests meet this fault, after those that meet faults asked for before.
    pub fn inject(&self, fault: Fault, times: usize) {
        self.faults.plan(Some(fault), times);
    }

    /// Requests received so far, those that met a fault included.
    pub fn requests(&self) -> usize {
        self.faults.requests()
    }

    /// What was sent so far, in order; what was sent and its answer lost included.
    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn answer_with(faults: Arc<Faults>, outbox: Arc<Mutex<Vec<Sent>>>) -> Answer {
    Arc::new(move |request: Request<Bytes>| {
        let fault = faults.next();
        let outbox = Arc::clone(&outbox);
        Box::pin(async move {
            match fault {
                None => Ok(take(&request, &outbox)),
                Some(Fault::LostReply) => {
                    take(&request, &outbox);
                    Err("the connection is cut".into())
                }
                Some(Fault::Silence) => {
                    take(&request, &outbox);
                    std::future::pending().await
                }
                Some(fault) => suffer(fault),
            }
        })
    })
}

/// Faults of which nothing comes. The texts are those of SES, addresses included.
fn suffer(fault: Fault) -> Result<Response<Bytes>, Failure> {
    let unverified = "Email address is not verified. The following identities failed the check in region US-EAST-1: \
         muster@op.example";
    match fault {
        Fault::Throttle => Ok(refusal("Throttling", "Maximum sending rate exceeded.")),
        Fault::MessageRejected => Ok(refusal("MessageRejected", "Message rejected: ann@acme.example")),
        Fault::SenderNotVerified => Ok(refusal("MessageRejected", unverified)),
        Fault::SendingPaused => Ok(refusal("AccountSendingPausedException", "Sending is paused.")),
        Fault::ServerError => {
            let mut response = refusal("InternalFailure", "As the test asked.");
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            Ok(response)
        }
        _ => Err("SES has no such fault".into()),
    }
}

/// Keeps what is sent, or says what is wrong with it.
fn take(request: &Request<Bytes>, outbox: &Mutex<Vec<Sent>>) -> Response<Bytes> {
    let authorization = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if !authorization.is_some_and(|text| text.contains(&format!("Credential={}/", crate::ACCESS_KEY))) {
        let mut response = refusal("InvalidClientTokenId", "The security token is invalid.");
        *response.status_mut() = StatusCode::FORBIDDEN;
        return response;
    }
    let form: HashMap<String, String> = form_urlencoded::parse(request.body()).into_owned().collect();
    match sent(&form) {
        Ok(sent) => {
            let mut outbox = outbox.lock().unwrap_or_else(PoisonError::into_inner);
            outbox.push(sent);
            accepted(outbox.len())
        }
        Err((code, text)) => refusal(code, text),
    }
}

fn sent(form: &HashMap<String, String>) -> Result<Sent, (&'static str, &'static str)> {
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    if field("Action") != "SendRawEmail" || field("Version") != "2010-12-01" {
        return Err(("InvalidAction", "Could not find operation."));
    }
    let to: Vec<String> =
        (1..).map_while(|place| form.get(&format!("Destinations.member.{place}")).cloned()).collect();
    if to.len() > MOST_RECIPIENTS {
        return Err(("InvalidParameterValue", "Recipient count exceeds 50."));
    }
    if to.is_empty() || !to.iter().chain([&field("Source").to_owned()]).all(|address| address.contains('@')) {
        return Err(("InvalidParameterValue", "Missing final '@domain'"));
    }
    let message = STANDARD.decode(field("RawMessage.Data")).unwrap_or_default();
    if !message.windows(4).any(|four| four == b"\r\n\r\n") {
        return Err(("InvalidParameterValue", "The message has no header."));
    }
    Ok(Sent { from: field("Source").to_owned(), to, message })
}

fn accepted(number: usize) -> Response<Bytes> {
    let result = format!("<SendRawEmailResult><MessageId>{number:016x}</MessageId></SendRawEmailResult>");
    let metadata = "<ResponseMetadata><RequestId>0</RequestId></ResponseMetadata>";
    let body =
        format!("<SendRawEmailResponse xmlns=\"{NAMESPACE}\">{result}{metadata}</SendRawEmailResponse>");
    xml(StatusCode::OK, body)
}

fn refusal(code: &str, text: &str) -> Response<Bytes> {
    let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{text}</Message></Error>");
    let body =
        format!("<ErrorResponse xmlns=\"{NAMESPACE}\">{error}<RequestId>0</RequestId></ErrorResponse>");
    xml(StatusCode::BAD_REQUEST, body)
}

fn xml(status: StatusCode, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/xml"));
    response
}
