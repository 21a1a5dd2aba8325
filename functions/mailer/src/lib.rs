//! Sends what waits in the outbox. A change of the table wakes it, and a clock in case that word was lost, or a message
//! has to be tried again.

use domain::Error;
use domain::outbox::{Delivered, Mailer};
use domain::ports::Clock;
use jiff::Timestamp;

/// Before the end of an invocation nothing is begun any more.
const MARGIN_SECONDS: i64 = 20;

/// Sends what is due until nothing is, or the time is over; how much was sent.
///
/// # Errors
/// Those of the table. What was not sent stays.
pub async fn handle(mailer: &Mailer, clock: &dyn Clock, deadline: Timestamp) -> Result<Delivered, Error> {
    let mut all = Delivered::default();
    loop {
        let delivered = mailer.deliver().await?;
        all.sent += delivered.sent;
        all.later += delivered.later;
        all.refused += delivered.refused;
        all.more = delivered.more;
        // Those that are sent later are due no more; without any that went, nothing gets better by asking again.
        let got_on = delivered.sent + delivered.later + delivered.refused > 0;
        if !delivered.more || !got_on || deadline.as_second() - clock.now().as_second() < MARGIN_SECONDS {
            tracing::info!(delivered = ?all, "delivered");
            return Ok(all);
        }
    }
}
