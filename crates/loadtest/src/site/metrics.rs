//! What the server says of itself at `/metrics`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::endpoint::Endpoint;
use crate::http;

use super::Watching;

/// Where metrics come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scrape {
    /// All nodes of the service, one by one. Mostly it is one.
    Nodes(Vec<Endpoint>),
    /// Whichever node answers behind this address: only what all of them share says anything.
    Balancer(Endpoint),
    /// Where the profile of a service says, by the names that it says.
    Watched(Arc<Watching>),
}

impl Scrape {
    /// What a server that runs already can be asked: behind a balancer, answers come from one process and then from
    /// another.
    pub(crate) fn of(server: &Endpoint) -> Self {
        const LOOKS: usize = 6;
        let started = || Metrics::fetch(server).and_then(|metrics| metrics.get("onsale_process_start_time_seconds"));
        let first = started();
        let is_one = (1..LOOKS).all(|_| started() == first);
        if is_one { Self::Nodes(vec![server.clone()]) } else { Self::Balancer(server.clone()) }
    }

    /// The least time between two looks.
    pub(crate) fn every(&self) -> Duration {
        match self {
            Self::Nodes(_) | Self::Balancer(_) => Duration::ZERO,
            Self::Watched(watching) => watching.every(),
        }
    }

    /// Scrapes; `None` when one of the servers exposes nothing.
    #[must_use]
    pub fn fetch(&self) -> Option<Metrics> {
        match self {
            Self::Nodes(nodes) => {
                let all: Option<Vec<Metrics>> = nodes.iter().map(Metrics::fetch).collect();
                all?.into_iter().reduce(Metrics::and)
            }
            Self::Balancer(server) => Metrics::fetch(server).map(Metrics::shared),
            Self::Watched(watching) => watching.fetch(),
        }
    }
}

/// What every node tells alike, because it is the queue's or the database's and not its own.
const SHARED: [&str; 4] = ["onsale_queue_", "onsale_database_", "onsale_build_", "onsale_store_"];

impl<'a> FromIterator<(&'a str, f64)> for Metrics {
    fn from_iter<I: IntoIterator<Item = (&'a str, f64)>>(samples: I) -> Self {
        Self(samples.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
}

/// The samples of one scrape, by name and labels as they stand in the text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metrics(HashMap<String, f64>);

impl Metrics {
    fn fetch(server: &Endpoint) -> Option<Self> {
        let request = b"GET /metrics HTTP/1.1\r\nHost: onsale.example\r\n\r\n";
        let reply = http::call_within(server, request, http::ANSWER_MAX).ok()?.success().ok()?;
        Some(Self::parse(std::str::from_utf8(&reply.body).ok()?))
    }

    pub(super) fn parse(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let samples = lines.filter_map(|line| {
            let (name, value) = line.rsplit_once(' ')?;
            Some((name.to_owned(), value.parse().ok()?))
        });
        Self(samples.collect())
    }

    fn shared(mut self) -> Self {
        self.0.retain(|key, _| is_shared(key));
        self
    }

    /// The sum with another node's; of what is shared, the newer, which is mostly the greater.
    fn and(mut self, other: Self) -> Self {
        for (key, value) in other.0 {
            let is_shared = is_shared(&key);
            let sum = self.0.entry(key).or_default();
            *sum = if is_shared { sum.max(value) } else { *sum + value };
        }
        self
    }

    /// The sample with this name and these labels.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied()
    }

    /// The one sample with these labels, or the sum of all of a name without labels.
    pub(super) fn sample(&self, name: &str) -> Option<f64> {
        self.get(name).or_else(|| self.sum(name, "").filter(|_| !name.contains('{')))
    }

    /// The sum of all samples of this name whose labels contain `label`; `None` when there are none.
    #[must_use]
    pub fn sum(&self, name: &str, label: &str) -> Option<f64> {
        let of_name = self.0.iter().filter(|(key, _)| {
            key.strip_prefix(name)
                .is_some_and(|rest| (rest.is_empty() || rest.starts_with('{')) && rest.contains(label))
        });
        of_name.map(|(_, value)| *value).fold(None, |sum, value| Some(sum.unwrap_or(0.0) + value))
    }

    /// The value of a label of the first sample of this name.
    #[must_use]
    pub fn label(&self, name: &str, label: &str) -> Option<&str> {
        let key = self.0.keys().find(|key| key.starts_with(name))?;
        let (_, rest) = key.split_once(&format!("{label}=\""))?;
        rest.split('"').next()
    }

    /// Requests that were answered with a server error.
    #[must_use]
    pub fn server_errors(&self) -> Option<f64> {
        let all = self.sum("onsale_http_requests_total", "")?;
        (all > 0.0).then(|| self.sum("onsale_http_requests_total", "status=\"5").unwrap_or(0.0))
    }
}

fn is_shared(key: &str) -> bool {
    SHARED.iter().any(|prefix| key.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_found_by_name_and_label() {
        let text = "# TYPE a counter\na_total{x=\"1\",y=\"2\"} 3\na_total{x=\"2\",y=\"2\"} 4\nab_total 100\nb 1.5\n\
                    onsale_build_info{version=\"0.1.0\"} 1\n";
        let metrics = Metrics::parse(text);
        assert_eq!(metrics.get("b"), Some(1.5));
        assert_eq!(metrics.sum("a_total", ""), Some(7.0));
        assert_eq!(metrics.sum("a_total", "x=\"2\""), Some(4.0));
        assert_eq!(metrics.sum("c", ""), None);
        assert_eq!(metrics.label("onsale_build_info", "version"), Some("0.1.0"));
    }

    #[test]
    fn nodes_are_added_up_and_what_they_share_is_not() {
        let one = Metrics::parse("onsale_projected_rows_total 3\nonsale_database_commits_total 10\n");
        let two = Metrics::parse("onsale_projected_rows_total 4\nonsale_database_commits_total 12\n");
        let both = one.and(two);
        assert_eq!(both.get("onsale_projected_rows_total"), Some(7.0));
        assert_eq!(both.get("onsale_database_commits_total"), Some(12.0));
        assert_eq!(both.shared().get("onsale_projected_rows_total"), None);
    }
}
