//! Who goes first where cores are scarce.
//!
//! What is in the journal's queue was promised an answer, and everything that comes in behind it can at best be refused:
//! so the sequencer and the applier go before the threads that serve, and those before the projector, which nobody waits
//! for. A process without privileges cannot raise a thread, so the others step back, as with nice(1).

/// Of the threads that serve requests.
pub const SERVING: i32 = 5;
/// Of the thread that writes the tables: a transaction of many rows keeps a core busy for tens of milliseconds.
pub(crate) const PROJECTING: i32 = 10;

/// Has the calling thread step back behind those that have not, by so much.
pub fn step_back(niceness: i32) {
    let thread = rustix::thread::gettid();
    if let Err(error) = rustix::process::setpriority_process(Some(thread), niceness) {
        tracing::debug!(%error, niceness, "a thread keeps the priority of the others");
    }
}
