//! A Lambda function that does nothing, with what every function has: the runtime, HTTP events, and a log.

use lambda_http::{Body, Error, Request, Response, run, service_fn};

async fn nothing(_: Request) -> Result<Response<Body>, Error> {
    Ok(Response::new(Body::Empty))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_http::tracing::init_default_subscriber();
    run(service_fn(nothing)).await
}
