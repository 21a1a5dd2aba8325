//! Stopping: one signal, which everything that runs side by side waits for.

use std::io;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// Tells everybody.
#[derive(Debug, Default)]
pub(super) struct Stopper(watch::Sender<bool>);

impl Stopper {
    /// What to wait on.
    pub(super) fn stop_signal(&self) -> Stop {
        Stop(self.0.subscribe())
    }

    /// The server stops now.
    pub(super) fn stop(&self) {
        self.0.send_replace(true);
    }
}

/// Knows when the server stops.
#[derive(Debug, Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Whether it is stopping.
    pub(crate) fn is_stopping(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is stopping.
    pub(crate) async fn stopping(&mut self) {
        // An error means that whoever could stop us is gone: the same.
        let _ = self.0.wait_for(|stopping| *stopping).await;
    }

    /// Waits so long, or until it is stopping.
    pub(crate) async fn or_after(&mut self, time: Duration) {
        let _ = tokio::time::timeout(time, self.stopping()).await;
    }
}

/// The signals that ask a server to stop.
pub(super) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

/// Listens for Ctrl-C and SIGTERM from now on.
pub(super) fn signals() -> io::Result<Signals> {
    Ok(Signals { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
}

impl Signals {
    /// Waits for the next one.
    pub(super) async fn recv(&mut self) -> Option<()> {
        tokio::select! {
            got = self.interrupt.recv() => got,
            got = self.terminate.recv() => got,
        }
    }
}
