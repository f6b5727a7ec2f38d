//! How far a run is: a line that changes where somebody watches, lines where nobody does.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use onsale_loadtest::load::{Second, Watch};
use onsale_loadtest::run::Progress;

pub(super) struct Bar {
    bar: ProgressBar,
    is_watched: bool,
    started: Instant,
}

impl Bar {
    pub(super) fn new() -> anyhow::Result<Self> {
        let style = ProgressStyle::with_template("[{elapsed_precise}] {spinner} {prefix}: {msg}");
        let bar = ProgressBar::new_spinner().with_style(style.context("the progress line")?);
        let is_watched = std::io::stderr().is_terminal();
        if is_watched {
            bar.enable_steady_tick(Duration::from_millis(120));
        }
        Ok(Self { bar, is_watched, started: Instant::now() })
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn line(&self, text: &str) {
        let line = format!("[{:6.1} s] {text}", self.started.elapsed().as_secs_f64());
        if self.is_watched { self.bar.println(line) } else { eprintln!("{line}") }
    }
}

impl Watch for Bar {
    fn second(&mut self, second: &Second) {
        let Second { sent, completed, failed, p50_ms, p99_ms, .. } = second;
        let failures = if *failed > 0 { format!(", {failed} failed") } else { String::new() };
        self.bar.set_message(format!(
            "{sent} sent, {completed} answered, p50 {p50_ms:.2} ms, p99 {p99_ms:.2} ms{failures}"
        ));
    }
}

impl Progress for Bar {
    fn part(&mut self, title: &str) {
        self.bar.set_prefix(title.to_owned());
        self.bar.set_message("setting up");
        self.line(title);
    }

    fn note(&mut self, text: &str) {
        self.line(&format!("  {text}"));
    }
}
