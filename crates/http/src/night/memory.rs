//! What was seen of the night, by whoever looks at the node once a second.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use onsale_node::Node;
use onsale_node::history::History;

use super::figures::Figures;
use super::look::{Look, figures};
use super::peers::{Peer, Peers};
use crate::metrics::{Metrics, RouteTotals};

/// How long each second is remembered, and each span of [`SPAN_S`].
const SECONDS_KEPT: usize = 900;
const SPAN_S: u64 = 10;
const SPANS_KEPT_S: u64 = 72 * 3_600;
/// Percentiles by route are of this many seconds.
const WINDOW: usize = 10;

/// Looks at the node once a second, and keeps what it sees.
#[derive(Debug, Default)]
pub struct Monitor {
    kept: Mutex<Kept>,
    /// `None` until it begins, and where the file cannot be used.
    history: Mutex<Option<History>>,
    peers: Peers,
    about: OnceLock<About>,
}

/// What does not change of a node.
#[derive(Debug)]
struct About {
    name: String,
    started_at_ms: u64,
}

#[derive(Debug, Default)]
struct Kept {
    looks: VecDeque<Look>,
    /// This node's last second.
    own: Figures,
    /// Seconds since 1970, and the figures of each, of all nodes together.
    seconds: VecDeque<(u64, Figures)>,
    /// Those that make the span that has begun.
    span: Vec<Figures>,
    /// The spans so far, where no file has them.
    spans: VecDeque<(u64, Figures)>,
}

/// A series of figures.
pub(crate) struct Series {
    pub(crate) step_s: u64,
    pub(crate) points: Vec<(u64, Figures)>,
}

impl Monitor {
    /// Begins to keep what is seen, in `directory`, or until the process ends where there is none: nodes of a cluster have no
    /// directory of their own. `name` is what operators know the node by. Once per process.
    pub(crate) fn begin(&self, name: String, directory: Option<&Path>) {
        // It is set once.
        let _ = self.about.set(About { name, started_at_ms: now_ms() });
        match directory.map(History::open) {
            Some(Ok(history)) => *lock(&self.history) = Some(history),
            // The night can be watched without it, and sold without being watched.
            Some(Err(error)) => tracing::warn!(%error, "the history of the night is kept in memory alone"),
            None => {}
        }
    }

    /// Looks at the node, `streams` of which are open.
    pub(crate) fn look(&self, node: &Node, metrics: &Metrics, streams: usize) {
        let at = now_s();
        let look = Look::take(node, metrics);
        let full = {
            let mut kept = lock(&self.kept);
            if let Some(last) = kept.looks.back() {
                kept.own = figures(node, streams, &look, last);
                let others: Vec<_> = self.peers.counted().iter().map(|peer| peer.report.figures()).collect();
                let figures = kept.own.joined(&others);
                kept.seconds.push_back((at, figures));
                kept.span.push(figures);
            }
            kept.looks.push_back(look);
            if kept.looks.len() > WINDOW + 1 {
                kept.looks.pop_front();
            }
            if kept.seconds.len() > SECONDS_KEPT {
                kept.seconds.pop_front();
            }
            at.is_multiple_of(SPAN_S)
        };
        if full {
            self.keep(at);
        }
    }

    /// Writes what there is of the span that has begun: nothing more is looked at.
    pub(crate) fn end(&self) {
        self.keep(now_s());
    }

    /// Writes the span that ends now.
    fn keep(&self, at: u64) {
        let span = core::mem::take(&mut lock(&self.kept).span);
        if span.is_empty() {
            return;
        }
        let (figures, forget) = (Figures::folded(&span), at.saturating_sub(SPANS_KEPT_S));
        if let Some(history) = &mut *lock(&self.history) {
            if let Err(error) = history.push(at, &figures.json(), forget) {
                tracing::warn!(%error, "a part of the night's history is lost");
            }
            return;
        }
        let spans = &mut lock(&self.kept).spans;
        spans.push_back((at, figures));
        while spans.front().is_some_and(|&(at, _)| at < forget) {
            spans.pop_front();
        }
    }

    /// What operators know this node by.
    pub(crate) fn name(&self) -> String {
        self.about.get().map(|about| about.name.clone()).unwrap_or_default()
    }

    pub(crate) fn started_at_ms(&self) -> u64 {
        self.about.get().map_or(0, |about| about.started_at_ms)
    }

    /// This node's last second.
    pub(crate) fn own(&self) -> Figures {
        lock(&self.kept).own
    }

    /// The other nodes of the store, and of those the ones that are counted.
    pub(crate) fn peers(&self) -> (Vec<Peer>, Vec<Peer>) {
        (self.peers.all(), self.peers.counted())
    }

    /// The last second.
    pub(crate) fn latest(&self) -> Option<(u64, Figures)> {
        lock(&self.kept).seconds.back().copied()
    }

    /// Each route's requests of the last seconds, and how many seconds.
    pub(crate) fn window(&self) -> (Vec<(&'static str, RouteTotals)>, f64) {
        let kept = lock(&self.kept);
        match (kept.looks.front(), kept.looks.back()) {
            (Some(first), Some(last)) if kept.looks.len() > 1 => (last.routes_since(first), last.seconds_since(first)),
            (Some(_) | None, _) => (Vec::new(), 1.0),
        }
    }

    /// Each route's requests since the start.
    pub(crate) fn totals(&self) -> Vec<(&'static str, RouteTotals)> {
        lock(&self.kept).looks.back().map(|look| look.routes.clone()).unwrap_or_default()
    }

    /// The figures of a time, at most `points_max` points of them: by the second where that is remembered. Reads a file:
    /// not for a thread that serves.
    pub(crate) fn series(&self, from: u64, to: u64, points_max: usize) -> Series {
        let (step_s, points) =
            self.seconds(from, to).map_or_else(|| (SPAN_S, self.spans(from, to)), |seconds| (1, seconds));
        let per = points.len().div_ceil(points_max.max(1)).max(1);
        let folded = points.chunks(per).filter_map(|part| {
            let figures: Vec<_> = part.iter().map(|&(_, figures)| figures).collect();
            Some((part.last()?.0, Figures::folded(&figures)))
        });
        Series { step_s: step_s * per as u64, points: folded.collect() }
    }

    fn seconds(&self, from: u64, to: u64) -> Option<Vec<(u64, Figures)>> {
        let kept = lock(&self.kept);
        let first = kept.seconds.front()?.0;
        // Before this process began there is the file alone.
        let begun = kept.spans.front().is_some_and(|&(at, _)| at < first);
        let whole = from >= first || !(begun || self.has_before(first));
        whole.then(|| kept.seconds.iter().filter(|(at, _)| (from..=to).contains(at)).copied().collect())
    }

    fn has_before(&self, at: u64) -> bool {
        let history = lock(&self.history);
        let first = history.as_ref().and_then(|history| history.first().ok().flatten());
        first.is_some_and(|first| first < at)
    }

    fn spans(&self, from: u64, to: u64) -> Vec<(u64, Figures)> {
        let kept = lock(&self.history).as_ref().map(|history| history.read(from, to).unwrap_or_default());
        let Some(rows) = kept else {
            return lock(&self.kept).spans.iter().filter(|(at, _)| (from..=to).contains(at)).copied().collect();
        };
        rows.into_iter().filter_map(|(at, json)| Some((at, Figures::read(&json)?))).collect()
    }

    /// When the first figures that are remembered are of.
    pub(crate) fn first(&self) -> Option<u64> {
        let stored = lock(&self.history).as_ref().and_then(|history| history.first().ok().flatten());
        let kept = lock(&self.kept);
        let [second, span] = [&kept.seconds, &kept.spans].map(|list| list.front().map(|&(at, _)| at));
        [stored, second, span].into_iter().flatten().min()
    }
}

/// What nodes of one store tell each other.
impl Monitor {
    /// Takes up what other nodes said: their numbers, how long ago each spoke, and what it said.
    pub fn hear(&self, heard: impl Iterator<Item = (u64, Duration, String)>) {
        self.peers.hear(heard);
    }

    /// The highest level that each of the other nodes raises the store to that was heard from in the last ten minutes.
    pub(crate) fn levels(&self) -> Vec<u32> {
        self.peers.all().iter().map(|peer| peer.report.level_max).collect()
    }

    /// What was seen of the night after the second `after`, in spans: the end of each, and its figures.
    #[must_use]
    pub fn night_since(&self, after: u64) -> Vec<(u64, String)> {
        let kept = lock(&self.kept);
        kept.spans.iter().filter(|&&(at, _)| at > after).map(|(at, figures)| (*at, figures.json())).collect()
    }

    /// From when on the night is remembered, now.
    #[must_use]
    pub fn night_from() -> u64 {
        now_s().saturating_sub(SPANS_KEPT_S)
    }

    /// Takes up what others have seen of the night before this node began to look.
    pub fn recall(&self, night: impl Iterator<Item = (u64, String)>) {
        let mut kept = lock(&self.kept);
        let first = kept.spans.front().map_or(u64::MAX, |&(at, _)| at);
        let before = night.filter(|&(at, _)| at < first).filter_map(|(at, json)| Some((at, Figures::read(&json)?)));
        let own = core::mem::take(&mut kept.spans);
        kept.spans = before.chain(own).collect();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn now_s() -> u64 {
    now_ms() / 1_000
}

fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(waiting: f64) -> Figures {
        Figures { waiting, ..Figures::default() }
    }

    #[test]
    fn what_others_saw_goes_before_what_this_node_saw() {
        let monitor = Monitor::default();
        lock(&monitor.kept).spans.extend([(100, waiting(1.0)), (110, waiting(2.0))]);
        let others = [(90, waiting(7.0).json()), (100, waiting(8.0).json()), (95, "no figures".to_owned())];
        monitor.recall(others.into_iter());
        assert_eq!(monitor.series(0, 200, 10).points, [(90, waiting(7.0)), (100, waiting(1.0)), (110, waiting(2.0))]);
        assert_eq!(monitor.night_since(90).iter().map(|&(at, _)| at).collect::<Vec<_>>(), [100, 110]);
    }

    #[test]
    fn the_past_is_told_by_the_second_or_by_the_span_with_a_file_and_without() {
        let dir = tempfile::tempdir().expect("a scratch directory");
        for directory in [None, Some(dir.path())] {
            let monitor = Monitor::default();
            *lock(&monitor.history) = directory.map(|dir| History::open(dir).expect("a new file"));
            lock(&monitor.kept).span = vec![waiting(2.0), waiting(4.0)];
            monitor.keep(100);
            lock(&monitor.kept).seconds.extend([(1_000, waiting(7.0)), (1_001, waiting(9.0))]);
            assert_eq!(monitor.first(), Some(100));
            let spans = monitor.series(0, 2_000, 10);
            assert_eq!((spans.step_s, spans.points), (SPAN_S, vec![(100, waiting(3.0))]));
            let seconds = monitor.series(1_000, 2_000, 10);
            assert_eq!((seconds.step_s, seconds.points), (1, vec![(1_000, waiting(7.0)), (1_001, waiting(9.0))]));
            let one = monitor.series(1_000, 2_000, 1);
            assert_eq!((one.step_s, one.points), (2, vec![(1_001, waiting(8.0))]));
        }
    }
}
