//! The stub of the Lambda runtime API, driven as a function's runtime drives it. DynamoDB, S3 and SES are driven by
//! the contract tests of `adapters`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use axum::body::Bytes;
use axum::http::{Request, StatusCode};
use emulator::{FunctionError, RuntimeApi};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

async fn send(api: &RuntimeApi, method: &str, path: &str, body: &Value) -> (StatusCode, String, Value) {
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let request = Request::builder()
        .method(method)
        .uri(format!("http://{}/2018-06-01/runtime/{path}", api.address()))
        .body(Full::from(body.to_string()))
        .unwrap();
    let response = client.request(request).await.unwrap();
    let id =
        response.headers().get("lambda-runtime-aws-request-id").map(|id| id.to_str().unwrap().to_owned());
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, id.unwrap_or_default(), serde_json::from_slice(&body).unwrap_or_default())
}

#[tokio::test]
async fn events_reach_the_function_and_answers_the_caller() {
    let api = RuntimeApi::start();
    for place in 0..3 {
        let event = json!({ "place": place });
        let function = async {
            let (status, id, received) = send(&api, "GET", "invocation/next", &Value::Null).await;
            assert_eq!((status, &received), (StatusCode::OK, &event));
            let path = format!("invocation/{id}/response");
            assert_eq!(send(&api, "POST", &path, &json!({ "answer": place })).await.0, StatusCode::ACCEPTED);
            assert_eq!(send(&api, "POST", &path, &json!("twice")).await.0, StatusCode::BAD_REQUEST);
        };
        let (answer, ()) = tokio::join!(api.invoke(&event), function);
        assert_eq!(answer, Ok(json!({ "answer": place })));
    }
}

#[tokio::test]
async fn failures_of_an_invocation_and_of_the_start_are_told() {
    let api = RuntimeApi::start();
    let event = json!({});
    let error = json!({ "errorType": "Kind", "errorMessage": "text", "stackTrace": [] });
    let expect = Err(FunctionError { kind: "Kind".to_owned(), message: "text".to_owned() });
    let function = async {
        let (_, id, _) = send(&api, "GET", "invocation/next", &Value::Null).await;
        send(&api, "POST", &format!("invocation/{id}/error"), &error).await;
    };
    let (answer, ()) = tokio::join!(api.invoke(&event), function);
    assert_eq!(answer, expect);
    let start = async {
        // Takes the event, so that it is under way, and then gives up.
        send(&api, "GET", "invocation/next", &Value::Null).await;
        send(&api, "POST", "init/error", &error).await
    };
    let (answer, _) = tokio::join!(api.invoke(&event), start);
    assert_eq!(answer, expect);
    assert_eq!(api.invoke(&event).await, expect);
}
