//! The Lambda function `scim-api`: wires the router to DynamoDB.

use adapters::config::FunctionConfig;
use domain::store::Store;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    Ok(())
}
