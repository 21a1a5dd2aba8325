//! The progress bar: on stderr, and only where that is a terminal.

use domain::import::engine::Progress;
use domain::import::run::State;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

const TEMPLATE: &str = "{msg:9} {wide_bar} {human_pos} of {human_len} rows, {speed} rows/s, {eta} left";

/// Shows how far an import is.
pub(crate) struct Bar {
    bar: ProgressBar,
    state: Mutex<Option<State>>,
}

impl Bar {
    /// A bar that appears with the first rows.
    pub(super) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style.with_key("speed", |state: &ProgressState, text: &mut dyn Write| {
                // Writing to the bar's own text cannot fail.
                let _ = write!(text, "{:.0}", state.per_sec());
            }));
        }
        Self { bar, state: Mutex::default() }
    }

    /// Takes it away.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Bar {
    fn rows(&self, state: State, done: u64, total: u64) {
        let mut last = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // Planning and applying have a speed each.
        if last.replace(state) != Some(state) {
            self.bar.set_length(total);
            self.bar.reset();
            self.bar.set_message(if state == State::Reading { "Planning" } else { "Applying" });
        }
        self.bar.set_length(total);
        self.bar.set_position(done);
    }
}
