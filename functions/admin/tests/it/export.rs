//! Exports over HTTP.

use crate::{PEOPLE, Server, people};
use domain::directory::{Directory, Shown};
use domain::store::{Kind, Origin};
use serde_json::json;
use std::sync::Arc;

#[tokio::test]
async fn everybody_is_in_the_export_once() {
    let server = Server::start().await;
    let opened = server.store.open(&people()).await.unwrap();
    let directory = Directory::new(Arc::clone(&server.store), opened, Origin::recovery(), "");
    for at in 0..600 {
        let user = json!({ "userName": format!("user{at}"), "name": { "familyName": "=1+1" } });
        directory.create(Kind::User, user, Shown::NOTHING).await.unwrap();
    }
    let path = format!("{PEOPLE}/export.csv");
    let answer = server.get(&path).await.expect(200);
    assert!(answer.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    let mut lines = answer.body.as_str().unwrap().lines();
    let header = lines.next().unwrap();
    assert!(header.starts_with("status,loginName,mail,") && header.ends_with(",_line,_code"), "{header}");
    let mut names: Vec<&str> = lines.map(|line| line.split(',').nth(1).unwrap()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 600);
    assert!(answer.body.as_str().unwrap().contains(",'=1+1,"));
    let none = server.get(&format!("{path}?configuration=nothing")).await;
    none.expect_problem(404, None);
    server.get(&format!("{path}?cursor=x")).await.expect_problem(400, Some("cursor"));
}
