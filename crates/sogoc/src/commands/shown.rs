//! How far a long command has come, on the terminal; silent where standard error is none.

use std::sync::Arc;
use std::time::Duration;

use base::{Progress, grouped};
use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use lang::Lang;

/// A line that turns, and becomes a bar where the number of steps is known. It goes away with the
/// value, so that what the command has to say stands on a line of its own.
pub(crate) struct Shown {
    bar: ProgressBar,
    lang: Lang,
}

impl Shown {
    /// Shows that something goes on.
    pub(crate) fn new(lang: Lang, what: impl Into<String>) -> Arc<Self> {
        let bar = ProgressBar::new_spinner().with_message(what.into());
        bar.enable_steady_tick(Duration::from_millis(120));
        Arc::new(Self { bar, lang })
    }

    /// Takes it off the terminal.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.end();
    }
}

impl Progress for Shown {
    fn begin(&self, what: fn(Lang) -> &'static str, steps: u64) {
        let turning = ProgressStyle::default_spinner;
        self.bar.set_style(if steps == 0 { turning() } else { style(self.lang) });
        self.bar.set_message(what(self.lang));
        self.bar.set_length(steps);
        self.bar.set_position(0);
        self.bar.reset_eta();
    }

    fn advance(&self, steps: u64) {
        // What goes with the work, such as its entry in the journal, is not among the steps.
        let most = self.bar.length().unwrap_or(u64::MAX);
        self.bar.set_position(self.bar.position().saturating_add(steps).min(most));
    }
}

/// Numbers as people of the language write them.
fn style(lang: Lang) -> ProgressStyle {
    let number = move |count: u64| grouped(lang, i64::try_from(count).unwrap_or(i64::MAX));
    let style = ProgressStyle::with_template("{spinner} {msg} [{bar:30}] {done}/{all}");
    style
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
        .with_key("done", move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            let _ = out.write_str(&number(state.pos()));
        })
        .with_key("all", move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            let _ = out.write_str(&number(state.len().unwrap_or_default()));
        })
}
