//! Figures of a service that is not ours, as its profile says where they are.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use super::Metrics;
use crate::endpoint::Endpoint;
use crate::http;
use crate::profile::Watch;
use crate::request::Template;
use crate::shell::{self, Line};

/// A command or an answer that takes longer gives nothing: the next sample is due.
const ANSWER_MAX: Duration = Duration::from_secs(5);

/// Where figures come from, and what they are called there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watching {
    from: From,
    watch: Watch,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum From {
    Metrics { server: Endpoint, path: String },
    Command(String),
}

impl Watching {
    /// Looks once, so that what is not there is known before any load.
    ///
    /// # Errors
    /// When nothing comes, or one of the names is not in it: with its field.
    pub(crate) fn begin(watch: &Watch) -> Result<Self> {
        let from = match (&watch.metrics, &watch.command) {
            (Some(url), _) => {
                let (scheme, rest) = url.split_once("://").context("watch.metrics: no URL")?;
                let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
                let server = Endpoint::parse(&format!("{scheme}://{host}"), None).context("watch.metrics")?;
                From::Metrics { server, path: format!("/{path}") }
            }
            (None, Some(command)) => From::Command(command.clone()),
            (None, None) => anyhow::bail!("watch: needs metrics or command"),
        };
        let watching = Self { from, watch: watch.clone() };
        let theirs = watching.theirs()?;
        for (figure, name) in &watch.figures {
            let is_there = theirs.sample(name).is_some();
            ensure!(is_there, "watch.figures.{}: there is no sample `{name}` in what came", figure.key());
        }
        Ok(watching)
    }

    /// How often it may be asked.
    pub(crate) fn every(&self) -> Duration {
        *self.watch.every
    }

    /// What is there now, by our names; `None` where nothing came.
    pub(crate) fn fetch(&self) -> Option<Metrics> {
        let theirs = self.theirs().ok()?;
        let of = |name: &String| theirs.sample(name);
        let ours = self.watch.figures.iter().filter_map(|(figure, name)| Some((figure.own_name(), of(name)?)));
        Some(ours.collect())
    }

    fn theirs(&self) -> Result<Metrics> {
        let text = match &self.from {
            From::Metrics { server, path } => {
                let reply = http::call_within(server, &Template::without_token(path), ANSWER_MAX)
                    .and_then(http::Received::success)
                    .context("watch.metrics")?;
                String::from_utf8_lossy(&reply.body).into_owned()
            }
            From::Command(command) => {
                let line = Line { field: "watch.command", command, within: ANSWER_MAX, heeds_signals: false };
                shell::run(line, &[])?
            }
        };
        Ok(Metrics::parse(&text))
    }

    /// The name by which the service tells what we call `own`.
    pub(crate) fn name_of(&self, own: &str) -> Option<&str> {
        let mut figures = self.watch.figures.iter();
        figures.find(|(figure, _)| figure.own_name() == own).map(|(_, name)| name.as_str())
    }
}
