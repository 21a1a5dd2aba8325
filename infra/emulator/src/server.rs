//! An HTTP server in a thread of its own, on a free port, that stops when dropped.

use axum::body::Bytes;
use axum::extract::Request;
use axum::response::Response;
use futures::future::BoxFuture;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// What serving can fail with.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Answers a request. A failure cuts the connection without an answer.
pub(crate) type Answer =
    Arc<dyn Fn(Request<Bytes>) -> BoxFuture<'static, Result<Response<Bytes>, Failure>> + Send + Sync>;

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server; `answer` is made inside its runtime, so that it may start tasks of its own.
    pub(crate) fn start(answer: impl FnOnce() -> Answer + Send + 'static) -> Self {
        let listener = listen();
        let address = listener.local_addr().expect("a bound socket has an address");
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => {}
                    () = serve(listener, answer()) => {}
                }
            });
        });
        Self { address, stop: Some(stop), thread: Some(thread) }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // A panic in there has failed the test already, or did not matter to it.
            let _ = thread.join();
        }
    }
}

/// A socket on a free port of the loopback interface.
pub(crate) fn listen() -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("a socket that tokio can drive");
    listener
}

async fn serve(listener: TcpListener, answer: Answer) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("a socket that tokio can drive");
    while let Ok((stream, _)) = listener.accept().await {
        let answer = Arc::clone(&answer);
        let service =
            tower::service_fn(move |request: axum::http::Request<_>| respond(Arc::clone(&answer), request));
        tokio::spawn(async move {
            // An error is a client that went away, or a fault that was asked for.
            let _ = Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
                .await;
        });
    }
}

async fn respond<B>(answer: Answer, request: axum::http::Request<B>) -> Result<Response<Full<Bytes>>, Failure>
where
    B: axum::body::HttpBody<Data = Bytes> + Send,
    B::Error: Into<Failure>,
{
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(Into::into)?.to_bytes();
    let response = answer(Request::from_parts(parts, body)).await?;
    Ok(response.map(Full::new))
}
