//! The whole measurement: for each size two servers, and for each kind of request both in turns.

use crate::cli::Arguments;
use crate::connection::{Connection, Server};
use crate::drive::Load;
use crate::failure::Failure;
use crate::floor;
use crate::kind::{Kind, User};
use crate::muster::Muster;
use crate::process::Running;
use crate::report::{Measured, OfKind, OfSize, Report};
use crate::times::Times;
use serde_json::Value;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::process::Command;

/// Before a kind is measured on a server, so that neither cold caches nor growing buffers are in the figures.
const WARM_UP: Duration = Duration::from_millis(200);
/// Turns of each server; noise of the machine that lasts longer than one hits both.
const TURNS: u32 = 2;

/// Measures every size, the command at this path being Muster.
///
/// # Errors
/// If a server cannot be started or answers otherwise than it should.
pub(crate) async fn all_sizes(muster: &Path, arguments: &Arguments) -> Result<Report, Failure> {
    let mut sizes = Vec::new();
    for users in &arguments.sizes {
        sizes.push(size(muster, *users, arguments).await?);
    }
    Ok(Report { connections: arguments.connections, time: arguments.time(), sizes })
}

async fn size(command: &Path, size: u32, arguments: &Arguments) -> Result<OfSize, Failure> {
    say(&format!("{size} users: importing"));
    let muster = Muster::start(command).await?;
    let empty = muster.running.resident();
    muster.fill(command, size).await?;
    let pages = muster.pages(size).await?;
    let (floor, floor_server) = start_floor().await?;
    hand_over(&pages, &floor_server).await?;
    let users = users(&pages, size)?;
    drop(pages);
    let filled = muster.running.resident();
    let servers = [Arc::new(floor_server), Arc::new(muster.server.clone())];
    let (mut kinds, mut posted) = (Vec::new(), 0);
    for kind in Kind::ALL {
        say(&format!("{size} users: {}", kind.name()));
        let loads = servers.each_ref().map(|server| Load::new(server, kind, &users));
        let [floor, measured] = in_turns(&loads, arguments).await?;
        if kind == Kind::Post {
            posted = loads.last().map_or(0, Load::made);
        }
        kinds.push(OfKind { kind, floor: floor.summary(), muster: measured.summary() });
    }
    let memory =
        Measured { empty, filled, loaded: muster.running.resident(), floor: floor.resident(), posted };
    muster.end().await?;
    floor.end().await?;
    Ok(OfSize { users: size, memory, kinds })
}

/// What was measured of each load, half of the time after half of the time.
async fn in_turns(loads: &[Load; 2], arguments: &Arguments) -> Result<[Times; 2], Failure> {
    for load in loads {
        load.drive(arguments.connections, WARM_UP).await?;
    }
    let mut measured = [Times::default(), Times::default()];
    for _ in 0..TURNS {
        for (load, times) in loads.iter().zip(&mut measured) {
            times.add(load.drive(arguments.connections, arguments.time() / TURNS).await?);
        }
    }
    Ok(measured)
}

async fn start_floor() -> Result<(Running, Server), Failure> {
    let this =
        std::env::current_exe().map_err(|error| Failure::caused("this program is not found", error))?;
    let mut command = Command::new(this);
    command.arg("--floor");
    let (running, line) = Running::start(command).await?;
    let address = line.trim().parse().map_err(|error| Failure::caused("the floor's address", error))?;
    Ok((running, Server::new(address, None)))
}

/// Lets the floor serve the documents of these pages.
async fn hand_over(pages: &[String], floor: &Server) -> Result<(), Failure> {
    let mut connection = Connection::open(floor).await?;
    let mut request = String::new();
    for page in pages {
        floor.write(&mut request, "POST", floor::FILL, page);
        connection.ask(&request).await?;
    }
    Ok(())
}

/// The users of these pages, who must be this many.
fn users(pages: &[String], expected: u32) -> Result<Arc<[User]>, Failure> {
    let mut users = Vec::new();
    for page in pages {
        let page = serde_json::from_str::<Value>(page)
            .map_err(|error| Failure::caused("a page of users is no JSON", error))?;
        let resources = page.get("Resources").and_then(Value::as_array);
        users.extend(resources.into_iter().flatten().filter_map(user));
    }
    if u32::try_from(users.len()) == Ok(expected) {
        return Ok(users.into());
    }
    Err(Failure::new(format!("the listing has {} of {expected} users", users.len())))
}

fn user(resource: &Value) -> Option<User> {
    let text = |name| resource.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(User { id: text("id")?, name: text("userName")? })
}

/// What is going on, beside the output.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_must_be_whole() {
        let pages = [
            r#"{"Resources":[{"id":"1","userName":"a"},{"id":"2","userName":"b"}]}"#.to_owned(),
            r#"{"Resources":[{"id":"3","userName":"c"}]}"#.to_owned(),
            r#"{"totalResults":3}"#.to_owned(),
        ];
        let found = users(&pages, 3).unwrap();
        assert_eq!(found.iter().map(|user| user.name.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert!(users(&pages, 4).is_err());
        assert!(users(&["<html>".to_owned()], 0).is_err());
    }
}
