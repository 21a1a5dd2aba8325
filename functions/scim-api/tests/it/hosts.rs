//! Host names that stand for a directory, and what is found at an address without a token.

use crate::server::{Answer, Server};
use axum::body::Body;
use axum::http::Request;
use serde_json::Value;

async fn ask(server: &Server, host: &str, path: &str, token: Option<&str>) -> Answer {
    let request = Request::builder().uri(path).header("host", host);
    let request = token
        .into_iter()
        .fold(request, |request, token| request.header("authorization", format!("Bearer {token}")));
    server.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_host_name_agrees_with_the_token_or_the_answer_is_401() {
    let server = Server::start().await;
    server.set(|settings| settings.hosts = vec!["people.acme.example".to_owned()]).await;
    for host in
        ["people.acme.example", "PEOPLE.Acme.Example", "people.acme.example:8443", "people.acme.example."]
    {
        let answer = ask(&server, host, "/scim/v2/Users", Some(&server.token)).await;
        answer.expect_list(0);
        for path in ["/scim/v2/Users", "/t/acme/people/scim/v2/Users", "/t/acme/advocates/scim/v2/Users"] {
            for token in [&server.other_token, &server.stranger_token] {
                ask(&server, host, path, Some(token)).await.expect_error(401, None);
            }
        }
        ask(&server, host, "/t/acme/advocates/scim/v2/Users", Some(&server.token))
            .await
            .expect_error(401, None);
    }
    // Any other host stands for none.
    for token in [&server.token, &server.other_token, &server.stranger_token] {
        ask(&server, "scim.example", "/scim/v2/Users", Some(token)).await.expect_list(0);
    }
    server.set(|settings| settings.hosts = Vec::new()).await;
    ask(&server, "people.acme.example", "/scim/v2/Users", Some(&server.other_token)).await.expect_list(0);
}

#[tokio::test]
async fn discovery_with_a_token_is_that_of_its_directory() {
    let server = Server::start().await;
    server.set(|settings| settings.hosts = vec!["people.acme.example".to_owned()]).await;
    for path in ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas", "/ResourceTypes/Group"] {
        let address = format!("/scim/v2{path}");
        let without = ask(&server, "people.acme.example", &address, None).await.expect(200);
        let with = ask(&server, "people.acme.example", &address, Some(&server.token)).await.expect(200);
        assert_eq!(with.body, without.body);
        // A token that is sent must be good.
        for wrong in ["muster_wrong", &server.other_token] {
            ask(&server, "people.acme.example", &address, Some(wrong)).await.expect_error(401, None);
        }
        let foreign = format!("/t/acme/people/scim/v2{path}");
        ask(&server, "h", &foreign, Some(&server.stranger_token)).await.expect_error(401, None);
    }
    let tag: Value = ask(&server, "h", "/t/acme/people/scim/v2/Schemas", None).await.expect(200).body;
    let location = tag["Resources"][0]["meta"]["location"].as_str().unwrap();
    assert!(location.starts_with("http://h/t/acme/people/scim/v2/Schemas/urn:"), "{location}");
}

/// A directory may be called as the end of the base is.
#[tokio::test]
async fn regression_a_directory_called_v2_of_a_tenant_called_scim() {
    let server = Server::start().await;
    let name = |text| domain::store::Name::new(text).unwrap();
    let id = domain::store::DirectoryId::new(name("scim"), name("v2"));
    server.store.create_directory(&id).await.unwrap();
    let token = server.store.create_token(&id).await.unwrap().secret;
    server.ask_as(&token, "POST", "/Users", crate::server::user("ada")).await.expect(201);
    let answer = ask(&server, "h", "/t/scim/v2/scim/v2/Users", Some(&token)).await.expect(200);
    let location = answer.body["Resources"][0]["meta"]["location"].as_str().unwrap();
    assert!(location.starts_with("http://h/t/scim/v2/scim/v2/Users/"), "{location}");
}

#[tokio::test]
async fn without_a_host_there_is_no_address() {
    let server = Server::start().await;
    let request =
        Request::builder().uri("/scim/v2/Users").header("authorization", format!("Bearer {}", server.token));
    server.send(request.body(Body::empty()).unwrap()).await.expect_error(400, None);
    let request = Request::builder().uri("/scim/v2/Schemas");
    server.send(request.body(Body::empty()).unwrap()).await.expect_error(400, None);
}
