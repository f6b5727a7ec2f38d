//! How a server answers, whatever it says: at once and whole, or by fault late, half, or not at all.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

use super::answer::Answer;
use super::fault::Fault;
use super::request::Route;
use super::rules::Rules;

/// How long a payment is under way where they lock each other out, and how many do.
const UNDER_WAY: Duration = Duration::from_millis(100);
const POOL: usize = 10;
/// Reservations after which nothing is answered any more.
const RESERVATIONS: usize = 120;

/// What has happened so far, where manners depend on it.
#[derive(Debug)]
pub(super) struct Manners {
    fault: Option<Fault>,
    late: Duration,
    paying: AtomicUsize,
    reserved: AtomicUsize,
    is_stuck: AtomicBool,
}

impl Manners {
    pub(super) fn new(rules: &Rules, fault: Option<Fault>) -> Self {
        let late = rules.late;
        Self {
            fault,
            late,
            paying: AtomicUsize::new(0),
            reserved: AtomicUsize::new(0),
            is_stuck: AtomicBool::new(false),
        }
    }

    /// Comes back when a request may be answered, which may be never. A visitor who only looks is always served, so that a
    /// late server can be found at all.
    pub(super) async fn before(&self, route: Route) {
        if matches!(route, Route::Catalog | Route::Metrics) && self.fault != Some(Fault::NeverAnswers) {
            return;
        }
        match self.fault {
            Some(Fault::AnswersLate) => tokio::time::sleep(self.late).await,
            Some(Fault::NeverAnswers) => self.is_stuck.store(true, Ordering::Relaxed),
            Some(Fault::DeadlocksItsPool) if route == Route::Pay => {
                let others = self.paying.fetch_add(1, Ordering::Relaxed);
                self.is_stuck.fetch_or(others + 1 >= POOL, Ordering::Relaxed);
                tokio::time::sleep(UNDER_WAY).await;
                self.paying.fetch_sub(1, Ordering::Relaxed);
            }
            Some(Fault::StopsAnswering) if route == Route::Reserve => {
                let before = self.reserved.fetch_add(1, Ordering::Relaxed);
                self.is_stuck.fetch_or(before >= RESERVATIONS, Ordering::Relaxed);
            }
            _ => {}
        }
        if self.is_stuck.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    }

    /// The bytes of an answer.
    pub(super) fn body(&self, answer: Answer) -> (Answer, Body) {
        let whole = Bytes::from(answer.body.clone());
        let sent = if self.fault == Some(Fault::AnswersHalf) { whole.slice(..whole.len() / 2) } else { whole.clone() };
        (answer, Body { promised: whole.len() as u64, left: Some(sent.clone()), is_whole: sent.len() == whole.len() })
    }
}

/// A body that says how long it is, and may never come to its end.
pub(super) struct Body {
    promised: u64,
    left: Option<Bytes>,
    is_whole: bool,
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.left.take() {
            Some(bytes) if !bytes.is_empty() => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            _ if self.is_whole => Poll::Ready(None),
            _ => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.is_whole && self.left.as_ref().is_none_or(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.promised)
    }
}
