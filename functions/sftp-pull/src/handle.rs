//! Does what an event asks for.

use crate::event::Event;
use domain::Error;
use domain::ports::Clock;
use domain::pull::puller::{Attended, Puller};
use jiff::Timestamp;
use serde_json::{Value, json};

/// Before the end of an invocation nothing is begun any more.
const MARGIN_SECONDS: i64 = 60;

/// Does what is asked for, until this time; what it answers is null but for Test Access, whose steps it is. `told` hears
/// what came of each configuration.
///
/// # Errors
/// Those of our own stores: the event comes again, or the watchdog.
pub async fn handle(
    puller: &Puller,
    event: Event,
    clock: &dyn Clock,
    deadline: Timestamp,
    told: impl Fn(&Attended) + Sync,
) -> Result<Value, Error> {
    match event {
        Event::Attend(place) => {
            told(&puller.attend(&place.id(), &place.configuration).await?);
            Ok(Value::Null)
        }
        Event::TestAccess(place) => {
            let diagnosis = puller.test_access(&place.id(), &place.configuration).await?;
            Ok(serde_json::to_value(diagnosis)?)
        }
        Event::Watch(_) => {
            let is_over = || deadline.as_second() - clock.now().as_second() < MARGIN_SECONDS;
            let came = puller.attend_all(is_over).await?;
            came.iter().for_each(told);
            Ok(json!({ "attended": came.len() }))
        }
    }
}
