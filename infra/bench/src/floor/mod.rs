//! The other server: the routes that are measured, answered from ready JSON. It asks for no token, validates nothing
//! and forgets everything. What it costs is the cost of HTTP, of the client, and of parsing where a body is sent.

mod documents;

use crate::failure::Failure;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt as _;
use documents::Documents;
use std::io::{self, Write as _};
use std::sync::Arc;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use tokio::runtime::Builder;

/// Where the client hands over a page of a listing, whose resources are then served.
pub(crate) const FILL: &str = "/fill";
/// Bytes of a body, enough for every page that is handed over.
const LARGEST_BODY: usize = 16 * 1024 * 1024;

/// Serves on a free port of this machine, prints the address, and ends when the standard input does: no floor outlives
/// the client that started it.
pub(crate) fn run() -> Result<(), Failure> {
    // The runtime that `muster serve` has.
    let runtime = Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::caused("the runtime cannot be started", error))?;
    let result = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        writeln!(io::stdout(), "{}", listener.local_addr()?)?;
        let mut input = tokio::io::stdin();
        tokio::select! {
            served = serve(listener) => served,
            // Nothing is ever sent: this is the end.
            _ = input.read_u8() => Ok(()),
        }
    });
    runtime.shutdown_background();
    result.map_err(|error| Failure::caused("the floor server cannot serve", error))
}

/// Answers on this listener for good.
pub(crate) async fn serve(listener: TcpListener) -> io::Result<()> {
    // An error would make an answer late and not wrong.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    axum::serve(listener, router()).await
}

fn router() -> Router {
    Router::new()
        .route("/scim/v2/Users", get(search).post(create))
        .route("/scim/v2/Users/{id}", get(read).patch(change))
        .route(FILL, post(fill))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(Arc::new(Documents::default()))
}

async fn read(State(documents): State<Arc<Documents>>, Path(id): Path<String>) -> Response {
    answer(StatusCode::OK, documents.by_id(&id), StatusCode::NOT_FOUND)
}

/// Understands `filter=userName+eq+%22…%22` of names that need no escapes, and `startIndex=…&count=…`, in this order.
async fn search(State(documents): State<Arc<Documents>>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let name = query.strip_prefix("filter=userName+eq+%22").and_then(|rest| rest.strip_suffix("%22"));
    let found = match name {
        Some(name) => Some(documents.by_name(name)),
        None => page_of(&query).map(|(start, count)| documents.page(start, count)),
    };
    answer(StatusCode::OK, found, StatusCode::BAD_REQUEST)
}

async fn change(State(documents): State<Arc<Documents>>, Path(id): Path<String>, body: Bytes) -> Response {
    answer(StatusCode::OK, documents.change(&id, &body), StatusCode::BAD_REQUEST)
}

async fn create(State(documents): State<Arc<Documents>>, body: Bytes) -> Response {
    answer(StatusCode::CREATED, documents.create(&body), StatusCode::BAD_REQUEST)
}

async fn fill(State(documents): State<Arc<Documents>>, body: Bytes) -> StatusCode {
    if documents.fill(&body).is_some() { StatusCode::NO_CONTENT } else { StatusCode::BAD_REQUEST }
}

fn page_of(query: &str) -> Option<(usize, usize)> {
    let (start, count) = query.strip_prefix("startIndex=")?.split_once("&count=")?;
    Some((start.parse().ok()?, count.parse().ok()?))
}

/// What was found, with a status, or else this status.
fn answer(status: StatusCode, found: Option<Bytes>, otherwise: StatusCode) -> Response {
    match found {
        Some(body) => (status, [(header::CONTENT_TYPE, "application/scim+json")], body).into_response(),
        None => otherwise.into_response(),
    }
}
