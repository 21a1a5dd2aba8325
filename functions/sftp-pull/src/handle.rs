//! Does what an event asks for.

use crate::event::Event;
use domain::Error;
use domain::ports::Clock;
use domain::pull::puller::Puller;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Before the end of an invocation nothing is begun any more.
const MARGIN_SECONDS: i64 = 60;

/// Does what is asked for, until this time; what it answers is null but for Test Access, whose steps it is.
///
/// # Errors
/// Those of our own stores: the event comes again, or the watchdog.
pub async fn handle(
    puller: &Puller,
    event: Event,
    clock: &dyn Clock,
    deadline: Timestamp,
) -> Result<Value, Error> {
    match event {
        Event::Attend(place) => {
            puller.attend(&place.id(), &place.configuration).await?;
            Ok(Value::Null)
        }
        Event::TestAccess(place) => {
            let diagnosis = puller.test_access(&place.id(), &place.configuration).await?;
            Ok(serde_json::to_value(diagnosis)?)
        }
        Event::Watch(_) => {
            let is_over = || deadline.as_second() - clock.now().as_second() < MARGIN_SECONDS;
            let due = puller.attend_all(is_over).await?;
            Ok(json!({ "due": due }))
        }
    }
}
