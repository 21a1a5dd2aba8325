//! Each identity provider from its connection test to the last deletion: what it sends, and what it relies on in
//! every answer.

mod entra;
mod google;
mod jumpcloud;
mod okta;
mod onelogin;
mod ping;

use crate::server::{Answer, Server, encoded};
use serde_json::{Value, json};

/// An identity provider with its habits.
struct Client<'s> {
    server: &'s Server,
    headers: Vec<(&'static str, String)>,
}

impl<'s> Client<'s> {
    /// One that sends these headers beside its token.
    fn new(server: &'s Server, headers: &[(&'static str, &str)]) -> Self {
        let own = headers.iter().map(|(name, value)| (*name, (*value).to_owned()));
        let bearer = ("authorization", format!("Bearer {}", server.token));
        Self { server, headers: own.chain([bearer]).collect() }
    }

    /// Sends a request. Whatever the answer is, a body is SCIM JSON, and an error says its status as a string.
    async fn ask(&self, method: &str, path: &str, body: Value) -> Answer {
        let headers: Vec<(&str, &str)> = self.headers.iter().map(|(name, value)| (*name, &**value)).collect();
        let answer = self.server.ask_with(&headers, method, path, body).await;
        if !answer.body.is_null() {
            assert_eq!(answer.headers["content-type"], "application/scim+json", "{answer:?}");
        }
        if answer.status.as_u16() >= 400 {
            assert_eq!(answer.body["status"], answer.status.as_str(), "{answer:?}");
        }
        answer
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, Value::Null).await
    }

    async fn patch(&self, path: &str, operations: Value) -> Answer {
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
        self.ask("PATCH", path, json!({ "schemas": schemas, "Operations": operations })).await
    }

    /// Those that a filter finds, with the parameters that the client adds.
    async fn find(&self, endpoint: &str, filter: &str, more: &str) -> Vec<Value> {
        let answer = self.get(&format!("/{endpoint}?filter={}{more}", encoded(filter))).await;
        let total = answer.body["totalResults"].as_u64().unwrap_or_default();
        answer.expect_list(total)
    }

    /// The only one that a filter finds.
    async fn find_one(&self, endpoint: &str, filter: &str, more: &str) -> Value {
        let mut found = self.find(endpoint, filter, more).await;
        assert_eq!(found.len(), 1, "{filter}");
        found.remove(0)
    }
}
