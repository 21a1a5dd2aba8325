//! Looks what is due, and sends what waits.

use super::Fetching;
use crate::serve::Stop;
use domain::error::Causes;
use domain::store::{DirectoryId, Name};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

/// The time between two looks.
const BETWEEN_LOOKS: Duration = Duration::from_secs(5);
/// Files that are fetched at the same time.
const AT_ONCE: usize = 8;

/// Fetches what is due until the server stops. A file that is being fetched then is fetched again at the next start.
pub(crate) async fn watch(fetching: Arc<Fetching>, mut stop: Stop) {
    let Some(mut asks) = fetching.asks.lock().await.take() else { return };
    let mut running = JoinSet::new();
    let mut busy = HashSet::new();
    while !stop.is_stopping() {
        for place in due(&fetching).await {
            if busy.len() < AT_ONCE && busy.insert(place.clone()) {
                attend(&fetching, place, &mut running);
            }
        }
        tokio::select! {
            place = asks.recv() => {
                if let Some(place) = place && busy.insert(place.clone()) {
                    attend(&fetching, place, &mut running);
                }
            }
            Some(done) = running.join_next() => {
                if let Ok(place) = done {
                    busy.remove(&place);
                }
            }
            () = stop.or_after(BETWEEN_LOOKS) => {}
        }
    }
    running.abort_all();
}

async fn due(fetching: &Fetching) -> Vec<(DirectoryId, Name)> {
    fetching.puller.due().await.unwrap_or_else(|error| {
        tracing::warn!(error = %Causes(&error), "it cannot be told what is due");
        Vec::new()
    })
}

/// Decrypting keeps a thread busy: not one that answers requests.
fn attend(fetching: &Arc<Fetching>, place: (DirectoryId, Name), running: &mut JoinSet<(DirectoryId, Name)>) {
    let (puller, runtime) = (fetching.puller.clone(), Handle::current());
    running.spawn_blocking(move || {
        let (id, name) = &place;
        if let Err(error) = runtime.block_on(puller.attend(id, name)) {
            tracing::error!(directory = %id, configuration = %name, error = %Causes(&error), "a pull was interrupted; it is tried again");
        }
        place
    });
}

/// Sends what waits in the outbox until the server stops.
pub(crate) async fn send_mail(fetching: Arc<Fetching>, mut stop: Stop) {
    while !stop.is_stopping() {
        match fetching.mailer.deliver().await {
            Ok(delivered) if delivered.sent > 0 => {
                tracing::info!(sent = delivered.sent, "mail was written into the folder mail");
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(error = %Causes(&error), "mail cannot be sent now"),
        }
        stop.or_after(BETWEEN_LOOKS).await;
    }
}
