//! Files that are fetched from servers, and mail about them: what is due is looked for every few seconds, as the alarms
//! and the watchdog do in a deployment.

mod fetching;
mod watch;

pub(crate) use fetching::Fetching;
pub(crate) use watch::{send_mail, watch};
