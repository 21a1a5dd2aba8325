//! Answers HTTP on a listener, within limits: whoever sends slowly, or opens connections and says nothing, must not
//! keep others from being served.

use super::Stop;
use super::problem::problem;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use std::pin::pin;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// After a connection could not be accepted, as when there are no file descriptors left, so long is waited.
const BEFORE_ACCEPTING_AGAIN: Duration = Duration::from_secs(1);

/// How much of the server one client can take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// For the head of a request, from when the connection is open or its last request answered.
    pub(super) head: Duration,
    /// For the rest: receiving the body, and making the answer.
    pub(super) request: Duration,
    /// Connections open at a time; further ones wait in the system's queue.
    pub(super) connections: usize,
    /// For requests that are running when the server stops.
    pub(super) last_requests: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // A head is sent at once by every client that means it; the time is for lines that lose packets. It also
            // ends connections that are kept open and not used, which clients open again.
            head: Duration::from_secs(10),
            // The largest body takes a second on a slow line, and the slowest answer not many more; identity
            // providers themselves give up after 30 to 60 seconds.
            request: Duration::from_secs(30),
            // An identity provider opens some tens. Many systems give a process 1,024 file descriptors by default,
            // and where these end first, the wait before accepting again does the same work.
            connections: 1024,
            // As long as service managers wait at least before they kill.
            last_requests: Duration::from_secs(10),
        }
    }
}

/// Answers until the server stops; then the listener is closed, and running requests are finished.
pub(super) async fn answer(listener: TcpListener, router: Router, limits: Limits, mut stop: Stop) {
    let router = router.layer(from_fn_with_state(limits.request, within));
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if open.len() < limits.connections => match accepted {
                Ok((stream, _)) => {
                    open.spawn(connection(stream, router.clone(), limits.head, stop.clone()));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection cannot be accepted");
                    stop.or_after(BEFORE_ACCEPTING_AGAIN).await;
                }
            },
            Some(_) = open.join_next() => {}
            () = stop.stopping() => break,
        }
    }
    drop(listener);
    let ended = async { while open.join_next().await.is_some() {} };
    if timeout(limits.last_requests, ended).await.is_err() {
        tracing::warn!("some requests were not finished in time");
    }
}

/// Answers the requests of one connection.
async fn connection(stream: TcpStream, router: Router, head: Duration, mut stop: Stop) {
    // Small answers are sent at once instead of being collected; without that they are only later.
    let _ = stream.set_nodelay(true);
    // Without TLS nobody speaks HTTP/2 with us, and waiting to see which version is spoken has no limit.
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(head);
    let serving = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut serving = pin!(serving);
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = stop.stopping() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(error = %error, "a connection ended early");
    }
}

/// Dropping what answers a request is safe at any time: clients that go away do the same.
async fn within(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    timeout(limit, next.run(request)).await.unwrap_or_else(|_| {
        let detail = format!("the request was not received and answered within {} s", limit.as_secs());
        let mut response = problem(StatusCode::REQUEST_TIMEOUT, &detail);
        // RFC 9110 §15.5.9.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        response
    })
}

#[cfg(test)]
mod tests {
    use super::super::stop::Stopper;
    use super::*;
    use axum::routing::post;
    use std::sync::{Arc, Mutex};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::task::JoinHandle;

    /// Longer than a test takes.
    const LONG: Duration = Duration::from_mins(10);
    const NONE: Limits = Limits { head: LONG, request: LONG, connections: 1024, last_requests: LONG };

    struct Server {
        address: std::net::SocketAddr,
        bodies: Arc<Mutex<Vec<String>>>,
        stopper: Stopper,
        task: JoinHandle<()>,
    }

    /// A server that keeps the bodies it gets.
    async fn server(limits: Limits) -> Server {
        let bodies = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&bodies);
        let keep = async move |body: String| kept.lock().unwrap().push(body);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stopper = Stopper::default();
        let router = Router::new().route("/", post(keep));
        let task = tokio::spawn(answer(listener, router, limits, stopper.stop_signal()));
        Server { address, bodies, stopper, task }
    }

    impl Server {
        /// A connection on which this was sent.
        async fn sent(&self, text: &str) -> TcpStream {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            stream.write_all(text.as_bytes()).await.unwrap();
            stream
        }
    }

    fn request(body: &str, length: usize) -> String {
        format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{body}")
    }

    /// What is answered until the server closes the connection.
    async fn rest(mut stream: TcpStream) -> String {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn a_head_that_does_not_come_ends_the_connection() {
        let server = server(Limits { head: Duration::from_millis(20), ..NONE }).await;
        for head in ["", "POST", "POST / HTTP/1.1\r\nHost: x\r\nSlow: "] {
            let answer = rest(server.sent(head).await).await;
            assert!(!answer.contains("200 OK"), "{answer}");
        }
        let kept_open = rest(server.sent(&request("a", 1)).await).await;
        assert!(kept_open.starts_with("HTTP/1.1 200 OK"), "{kept_open}");
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_is_answered_408() {
        let server = server(Limits { request: Duration::from_millis(20), ..NONE }).await;
        let answer = rest(server.sent(&request("a", 2)).await).await;
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("application/problem+json") && answer.contains("\"status\":408"), "{answer}");
        assert!(server.bodies.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_connection_too_many_waits_for_its_turn() {
        let server = server(Limits { connections: 1, ..NONE }).await;
        let mut first = server.sent("").await;
        let second = server.sent(&request("second", 6).replace("Host", "Connection: close\r\nHost")).await;
        first.write_all(request("first", 5).as_bytes()).await.unwrap();
        first.read_u8().await.unwrap();
        drop(first);
        assert!(rest(second).await.starts_with("HTTP/1.1 200 OK"));
        assert_eq!(*server.bodies.lock().unwrap(), ["first", "second"]);
    }

    #[tokio::test]
    async fn a_stop_finishes_what_is_running_and_gives_up_in_time() {
        let slow = server(NONE).await;
        let mut half = slow.sent(&request("ha", 4)).await;
        let mut idle = slow.sent(&request("idle", 4)).await;
        idle.read_u8().await.unwrap();
        slow.stopper.stop();
        rest(idle).await;
        half.write_all(b"lf").await.unwrap();
        assert!(rest(half).await.starts_with("HTTP/1.1 200 OK"));
        slow.task.await.unwrap();
        assert_eq!(*slow.bodies.lock().unwrap(), ["idle", "half"]);

        let stuck = server(Limits { last_requests: Duration::from_millis(20), ..NONE }).await;
        let _half = stuck.sent(&request("ha", 4)).await;
        stuck.stopper.stop();
        stuck.task.await.unwrap();
    }
}
