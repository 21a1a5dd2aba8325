//! The SCIM API as it runs in AWS, on DynamoDB by its SDK, with everything in one process: what public test suites
//! are pointed at, which speak HTTP and know nothing of this workspace.
//!
//! Says where it is in one line of JSON, as `muster serve --json` does, and ends when its standard input does.

use adapters::dynamodb::DynamoTable;
use adapters::system::{SystemClock, SystemRandom};
use clap::Parser;
use domain::store::{DirectoryId, Store};
use domain::tenant::{Profile, Settings};
use scim_api::{Api, router};
use std::error::Error;
use std::sync::Arc;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

/// Serves SCIM on an emulated DynamoDB until standard input ends.
#[derive(Debug, Parser)]
struct Options {
    /// How the directory speaks SCIM: standard, entra or strict
    #[arg(long, default_value = "standard", value_parser = profile)]
    profile: Profile,
}

fn profile(text: &str) -> Result<Profile, String> {
    serde_json::from_value(text.into()).map_err(|_| "standard, entra or strict".to_owned())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let emulator = emulator::DynamoDb::start();
    let aws =
        adapters::aws::at_endpoint(&emulator.endpoint(), emulator::ACCESS_KEY, emulator::SECRET_KEY).await;
    let random = Arc::new(SystemRandom);
    let table = DynamoTable::new(&aws, emulator::TABLE, Arc::clone(&random) as _);
    let clock = Arc::new(SystemClock);
    let store = Arc::new(Store::new(Arc::new(table), Arc::clone(&clock) as _, random));
    let directory = DirectoryId::demo()?;
    store.create_directory(&directory).await?;
    let settings = |settings: &Settings| {
        Ok::<_, domain::Error>(Settings { profile: options.profile, ..settings.clone() })
    };
    store.change_settings(&directory, settings).await?;
    let token = store.create_token(&directory).await?.secret;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}/scim/v2", listener.local_addr()?);
    println!("{}", serde_json::json!({ "scim_base": base, "scim_token": token }));
    let server = axum::serve(listener, router(Api::new(store, clock)));
    let mut input = tokio::io::stdin();
    tokio::select! {
        served = server => served?,
        read = async { while input.read(&mut [0; 64]).await? > 0 {} Ok::<_, std::io::Error>(()) } => read?,
    }
    Ok(())
}
