//! `muster serve`: the routers, the inbox and the control socket, until it is told to stop.

mod admin_key;
mod connections;
mod declared;
mod problem;
mod router;
mod screen;
mod stop;

pub(crate) use stop::Stop;

use crate::administer::Administration;
use crate::cli::Serve;
use crate::data_folder::shown;
use crate::failure::Failure;
use crate::import::run_line;
use crate::session::{self, Opened, Session};
use crate::{control, inbox, pulls};
use adapters::config::Config;
use axum::Router;
use connections::Limits;
use domain::error::Causes;
use screen::Facts;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use stop::Stopper;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Serves until Ctrl-C or SIGTERM.
pub(crate) async fn serve(options: Serve) -> ExitCode {
    match run(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(),
    }
}

async fn run(options: &Serve) -> Result<(), Failure> {
    let mut signals =
        stop::signals().map_err(|error| Failure::caused("signals cannot be listened to", error))?;
    let listener = bind(options.listen).await?;
    let listen = listener.local_addr().map_err(|error| Failure::caused("the address is unknown", error))?;
    let session = match session::open(&options.data).await? {
        Opened::Ours(session) => session,
        Opened::InUse(folder) => return Err(in_use(&shown(folder.path()).to_string())),
    };
    let admin_key = admin_key::of(&session.folder)?;
    let settings = router::Settings {
        admin_key: admin_key.key.clone(),
        requests_per_second: requests_per_second(options)?,
    };
    let router = router::router(&session, &settings)?;
    declared::declare(&session.folder, &session.store).await?;
    finish_what_was_left(&session).await;
    let facts = Facts::new(listen, admin_key, &session);
    let stopper = Stopper::default();
    let parts = start(listener, router, &session, &stopper);
    print(&if options.json { facts.json() } else { facts.screen() });
    signals.recv().await;
    say(
        "\nStopping: running requests and imports are finished first. Ctrl-C again stops at once; an import then \
         goes on at the next start.",
    );
    stopper.stop();
    tokio::select! {
        () = ended(parts) => say("Stopped."),
        _ = signals.recv() => say("Stopped at once."),
    }
    Ok(())
}

/// The option goes before the environment.
fn requests_per_second(options: &Serve) -> Result<Option<u32>, Failure> {
    let set = Config::from_process().requests_per_second();
    let set = set.map_err(|error| Failure::new(error.to_string()))?;
    Ok(options.requests_per_second.or(set))
}

/// Changes of group members that a process which died left half done. Nobody needs to wait for a person where that is
/// not possible: the next change of such a group finishes it first.
async fn finish_what_was_left(session: &Session) {
    match domain::directory::carry_out_abandoned(&session.store).await {
        Ok(0) => {}
        Ok(groups) => tracing::info!(groups, "changes of members that were left half done are finished"),
        Err(error) => {
            tracing::warn!(error = %Causes(&error), "changes of members that were left half done cannot be finished");
        }
    }
}

/// Starts everything that works side by side.
fn start(listener: TcpListener, router: Router, session: &Session, stopper: &Stopper) -> JoinSet<()> {
    let mut parts = JoinSet::new();
    match control::listen(&session.folder) {
        Ok(control) => {
            let administration = Administration::new(&session.imports);
            let imports = Arc::clone(&session.imports);
            parts.spawn(control::serve(control, imports, administration, stopper.stop_signal()));
        }
        Err(error) => {
            tracing::warn!(%error, "other commands, such as `muster import`, cannot reach this server; the inbox works (a shorter --data may help)");
        }
    }
    parts.spawn(Arc::clone(&session.imports).work(stopper.stop_signal(), |run| say(&run_line(run, None))));
    let fetching = session.imports.fetching();
    parts.spawn(pulls::watch(Arc::clone(fetching), stopper.stop_signal()));
    parts.spawn(pulls::send_mail(Arc::clone(fetching), stopper.stop_signal()));
    parts.spawn(inbox::watch(Arc::clone(&session.imports), stopper.stop_signal()));
    parts.spawn(connections::answer(listener, router, Limits::default(), stopper.stop_signal()));
    parts
}

async fn ended(mut parts: JoinSet<()>) {
    while parts.join_next().await.is_some() {}
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => Failure::new(format!(
            "{address} is in use by another program, perhaps by another `muster serve`. Stop that one, or choose \
             another port with --listen {}",
            SocketAddr::new(address.ip(), address.port().checked_add(1).unwrap_or_default()),
        )),
        io::ErrorKind::PermissionDenied => {
            Failure::new(format!("this user may not listen on {address}; choose a port above 1023 with --listen"))
        }
        io::ErrorKind::AddrNotAvailable => Failure::new(format!(
            "{} is no address of this machine; choose one with --listen, such as 127.0.0.1:8080",
            address.ip()
        )),
        _ => Failure::caused(&format!("{address} cannot be listened on"), error),
    })
}

fn in_use(folder: &str) -> Failure {
    Failure::new(format!(
        "another muster process is using {folder}. If it is an import, wait until it has ended; if it is a server, \
         use or stop that one, or give this one a data folder of its own with --data"
    ))
}

fn print(text: &str) {
    let mut stdout = io::stdout();
    let _ = writeln!(stdout, "{text}").and_then(|()| stdout.flush());
}

fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
