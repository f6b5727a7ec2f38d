//! What drives the parts of a node, a file for each thread: they wait, call the core, and do what it says. Nothing else in
//! this crate looks at a clock, sleeps or ends the process.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rand::SeedableRng as _;
use rand::rngs::SmallRng;

use crate::core::fault::{Fault, Kind};
use crate::lane::Inbox;

pub(crate) mod applier;
mod cluster;
pub(crate) mod follower;
pub(crate) mod neighbours;
pub(crate) mod projector;
pub(crate) mod sequencer;

/// What a thread runs, until the node stops or must not go on.
pub(crate) trait Part: Send + 'static {
    const NAME: &'static str;

    fn run(&mut self) -> Result<(), Fault>;
}

/// Since when a node is there.
#[derive(Clone, Copy, Debug)]
pub struct Timer(Instant);

impl Timer {
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    #[must_use]
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// Where a part's chance begins.
pub(crate) fn chance() -> SmallRng {
    SmallRng::seed_from_u64(rand::random())
}

/// Has a part of a node run in a thread of its own, and ends the process where the node must not go on.
pub(crate) fn spawn<P: Part>(mut part: P, inbox: &Arc<Inbox>) -> Result<JoinHandle<()>, std::io::Error> {
    let inbox = inbox.clone();
    thread::Builder::new().name(P::NAME.to_owned()).spawn(move || {
        let _guard = StopOnPanic(P::NAME);
        // The part is kept until the end: whoever waits for what it holds must not be told that nothing was done.
        if let Err(fault) = part.run() {
            stop(&fault, &inbox);
        }
    })
}

/// Ends the process: nothing may be sold on what this node holds.
fn stop(fault: &Fault, inbox: &Inbox) -> ! {
    inbox.condemn();
    match fault.kind {
        Kind::Lost => tracing::error!(error = %fault, "the journal failed; stopping"),
        Kind::Fork | Kind::Missing | Kind::Behind | Kind::Newer | Kind::Outvoted => {
            tracing::error!(reason = %fault, "this node stops serving");
        }
    }
    // Time for the log, and for answers that are on their way.
    thread::sleep(Duration::from_millis(200));
    std::process::exit(1);
}

/// Stops the process when its thread panics: an engine that has broken an invariant must not sell on, and a node
/// without one of its threads would only hang.
struct StopOnPanic(&'static str);

impl Drop for StopOnPanic {
    fn drop(&mut self) {
        if thread::panicking() {
            tracing::error!(thread = self.0, "a thread of the node panicked; stopping the process");
            std::process::abort();
        }
    }
}
