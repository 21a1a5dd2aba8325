//! Makes requests of one kind on many connections at once, for a time.

use crate::connection::{Connection, Server};
use crate::failure::Failure;
use crate::kind::{Kind, Text, User};
use crate::times::{Times, now};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Requests of one call, however fast the server is, so that the times fit into memory.
const MOST: usize = 2_000_000;
/// An answer that takes longer than this after the end of the time is not waited for.
const LAST_ANSWERS: Duration = Duration::from_secs(30);

/// Requests of one kind to one server.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    server: Arc<Server>,
    kind: Kind,
    users: Arc<[User]>,
    made: Arc<AtomicUsize>,
}

impl Load {
    /// No request is made yet.
    pub(crate) fn new(server: &Arc<Server>, kind: Kind, users: &Arc<[User]>) -> Self {
        Self { server: Arc::clone(server), kind, users: Arc::clone(users), made: Arc::default() }
    }

    /// How many requests were made so far.
    pub(crate) fn made(&self) -> usize {
        self.made.load(Ordering::Relaxed)
    }

    /// Makes requests on so many connections for so long, going on where the last call stopped.
    ///
    /// # Errors
    /// If one is not answered as it should be. All others are then given up.
    pub(crate) async fn drive(&self, connections: u16, lasting: Duration) -> Result<Times, Failure> {
        // What it costs to connect is not measured.
        let mut open = Vec::new();
        for _ in 0..connections {
            open.push(Connection::open(&self.server).await?);
        }
        let most = MOST / usize::from(connections.max(1));
        let started = now();
        let mut running = JoinSet::new();
        for connection in open {
            running.spawn(self.clone().one(connection, most, started + lasting));
        }
        let mut times = Times::default();
        let ended = async {
            while let Some(ended) = running.join_next().await {
                times
                    .each
                    .extend(ended.map_err(|error| Failure::caused("a connection was given up", error))??);
            }
            Ok(())
        };
        let late = |_| Failure::new(format!("{}: an answer is missing", self.kind.name()));
        timeout(lasting + LAST_ANSWERS, ended).await.map_err(late)??;
        times.elapsed = started.elapsed();
        Ok(times)
    }

    /// Makes one request after the other.
    async fn one(
        self,
        mut connection: Connection,
        most: usize,
        until: Instant,
    ) -> Result<Vec<Duration>, Failure> {
        let (mut text, mut times) = (Text::default(), Vec::new());
        while times.len() < most {
            let number = self.made.fetch_add(1, Ordering::Relaxed);
            self.kind.write(&mut text, &self.server, &self.users, number);
            let asked = now();
            let body = connection.ask(&text.request).await?;
            let answered = now();
            self.kind.check(body)?;
            times.push(answered - asked);
            if answered >= until {
                break;
            }
        }
        Ok(times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::floor;
    use serde_json::{Value, json};
    use tokio::net::TcpListener;

    const USERS: usize = 200;

    /// A floor server within this process, and the users that it serves.
    async fn filled() -> (Arc<Server>, Arc<[User]>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Arc::new(Server::new(listener.local_addr().unwrap(), None));
        tokio::spawn(floor::serve(listener));
        let users: Vec<_> =
            (0..USERS).map(|n| User { id: format!("id{n}"), name: format!("user.{n}") }).collect();
        let page: Vec<_> = users.iter().map(|user| json!({ "id": user.id, "userName": user.name })).collect();
        let mut request = String::new();
        server.write(&mut request, "POST", floor::FILL, &json!({ "Resources": page }).to_string());
        Connection::open(&server).await.unwrap().ask(&request).await.unwrap();
        (server, users.into())
    }

    #[tokio::test]
    async fn every_kind_of_request_is_answered_as_it_should_be() {
        let (server, users) = filled().await;
        for kind in Kind::ALL {
            let load = Load::new(&server, kind, &users);
            let mut made = 0;
            for _ in 0..2 {
                let times = load.drive(3, Duration::from_millis(10)).await.unwrap();
                assert!(times.each.len() >= 3 && times.elapsed >= Duration::from_millis(10), "{kind:?}");
                made += times.each.len();
            }
            assert_eq!(load.made(), made, "{kind:?}");
        }
    }

    #[tokio::test]
    async fn a_wrong_answer_ends_the_load_and_is_shown() {
        let (server, _) = filled().await;
        let absent: Arc<[User]> = [User { id: "x".to_owned(), name: "x".to_owned() }].into();
        for (kind, shown) in [(Kind::Get, "HTTP/1.1 404"), (Kind::Filter, "\"totalResults\":0")] {
            let failed = Load::new(&server, kind, &absent).drive(2, Duration::from_mins(1)).await;
            let text = failed.unwrap_err().to_string();
            assert!(text.contains(shown), "{text}");
        }
    }

    #[tokio::test]
    async fn no_new_user_bears_the_name_of_another() {
        let (server, users) = filled().await;
        let load = Load::new(&server, Kind::Post, &users);
        let times = load.drive(4, Duration::from_millis(20)).await.unwrap();
        let mut request = String::new();
        server.write(&mut request, "GET", "/scim/v2/Users?startIndex=201&count=100000", "");
        let mut connection = Connection::open(&server).await.unwrap();
        let list = serde_json::from_slice::<Value>(connection.ask(&request).await.unwrap()).unwrap();
        let new = list["Resources"].as_array().unwrap();
        let names: std::collections::HashSet<_> = new.iter().map(|user| user["userName"].as_str()).collect();
        assert_eq!((names.len(), new.len()), (times.each.len(), times.each.len()));
    }
}
