//! A model of a database with a journal in it: in memory, without thread, clock or chance of its own.
//!
//! [`super::Journal`], [`super::Tail`] and the readers run on it as they are; the model stands in for the server and the way
//! to it. So it is a journal in memory that several nodes share, and each of its failures comes when it is asked for:
//! [`Database::decide`] sets what becomes of each operation, and the other calls do what befalls a server as a whole.
//!
//! **What it keeps to.** All that a server has is the fold of one ordered log of transactions. A commit makes the log durable
//! up to itself before it is answered, and reaches the synchronous standby where there is one; votes do not wait, and a crash
//! takes back the last of them. An append is under one lock, in the two forms that `sql::append` has, each with the conditions
//! that the statement checks, as of the moment at which it checks them. A client that has given up has not stopped its
//! transaction: it may be carried out later, behind others. A holder that stalls makes all others wait.
//!
//! **What it leaves out.** Each operation happens at one moment: of a statement's plan, of a read that spans another's commit
//! and of a deadlock there is nothing. Two who seal or delete never wait for each other, and no session lingers at the server
//! once its client has dropped it. A standby is a length of the log. Waiting for a notification takes its whole time at once
//! where there is none yet, and a waker is not looked at.
//!
//! **Time** is what [`Database::set_now`] says, and goes on by itself only within a call: by the pauses between tries, and by
//! the patience with which an answer is waited for that does not come. [`Database::take_spent`] tells how long that was.
//!
//! Nothing of the production binary refers to it, so the linker leaves it out, and no feature is needed.

mod fate;
mod server;
mod session;
mod tables;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub use fate::{Fate, Operation, Step, Withheld};
use server::Host;
pub use session::Session;

use super::connection::{Connector, Failure, Role};
use crate::{Damage, Error};

/// What a model's clocks show when its time is zero: a day in 2027.
const EPOCH_MS: u64 = 1_800_000_000_000;

/// A database, as who plays its part sees it.
#[derive(Clone)]
pub struct Database {
    shared: Arc<Mutex<Shared>>,
}

/// The way of one node to a database.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Mutex<Shared>>,
    node: u64,
}

struct Shared {
    host: Host,
    decide: Box<dyn FnMut(&Step) -> Fate + Send>,
    /// Only its distance from others counts.
    origin: Instant,
    now: Duration,
    spent: Duration,
    drawn: u64,
    sessions: u64,
}

impl Database {
    /// A database without a journal, in which nothing goes wrong. Of two with the same seed each draws the same numbers.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let shared = Shared {
            host: Host::new(),
            decide: Box::new(|_| Fate::Pass),
            origin: Instant::now(),
            now: Duration::ZERO,
            spent: Duration::ZERO,
            drawn: seed,
            sessions: 0,
        };
        Self { shared: Arc::new(Mutex::new(shared)) }
    }

    /// What a node connects with. Steps carry its number.
    #[must_use]
    pub fn client(&self, node: u64) -> Client {
        Client { shared: self.shared.clone(), node }
    }

    /// Makes the journal of the store `store_id`, if there is none. Without this the first who opens one draws a number.
    pub fn make(&self, store_id: u64) {
        locked(&self.shared).host.make(store_id);
    }

    /// Decides from now on what becomes of each operation. Whoever decides must not call the database.
    pub fn decide(&self, decide: impl FnMut(&Step) -> Fate + Send + 'static) {
        locked(&self.shared).decide = Box::new(decide);
    }

    /// Sets the time, which never goes back, and forgets what was spent.
    pub fn set_now(&self, now: Duration) {
        let mut shared = locked(&self.shared);
        (shared.now, shared.spent) = (shared.now.max(now), Duration::ZERO);
    }

    /// How much time the calls since the last one, or since the time was set, have spent waiting.
    pub fn take_spent(&self) -> Duration {
        std::mem::take(&mut locked(&self.shared).spent)
    }

    /// Sets by how much the server's clock differs from the true time.
    pub fn set_clock_offset_ms(&self, offset_ms: i64) {
        locked(&self.shared).host.clock_offset_ms = offset_ms;
    }

    /// Whether the server has room. Without any, it refuses what would write.
    pub fn set_full(&self, is_full: bool) {
        locked(&self.shared).host.is_full = is_full;
    }

    /// Whether a server can be reached. Going away ends all sessions and changes nothing that was committed.
    pub fn set_away(&self, is_away: bool) {
        let mut shared = locked(&self.shared);
        shared.host.is_away = is_away;
        if is_away {
            shared.host.end_sessions(|_| true);
        }
    }

    /// Whether commits wait for a standby that has them too.
    pub fn set_synchronous(&self, is_synchronous: bool) {
        locked(&self.shared).host.is_synchronous = is_synchronous;
    }

    /// Ends the sessions of these nodes. They find out when they use them next.
    pub fn end_sessions(&self, of_node: impl Fn(u64) -> bool) {
        locked(&self.shared).host.end_sessions(of_node);
    }

    /// Makes durable what was committed without waiting, as a server does within a moment, and has the standby follow.
    pub fn settle(&self) {
        locked(&self.shared).host.settle();
    }

    /// The server crashes and comes back: what was not durable is gone, and so is whoever waited. What was durable and not yet
    /// answered is there.
    pub fn crash(&self) {
        locked(&self.shared).host.crash();
    }

    /// The standby takes the server's place, with what it has.
    pub fn promote(&self) {
        locked(&self.shared).host.promote();
    }

    /// How many transactions the log has: a copy of the database at this moment.
    #[must_use]
    pub fn copy(&self) -> usize {
        locked(&self.shared).host.log_len()
    }

    /// Puts an older copy in the database's place.
    pub fn restore(&self, copy: usize) {
        locked(&self.shared).host.restore(copy);
    }

    /// What withheld transactions there are, in the order in which they would go on: see [`Fate::Late`] and [`Fate::Stall`].
    #[must_use]
    pub fn withheld(&self) -> Vec<Withheld> {
        locked(&self.shared).host.withheld()
    }

    /// Lets them go on in their order, each if `goes_on` says so; who does not was found to have lost its client in time. What
    /// was committed before it stalled is in, whatever is said.
    pub fn go_on(&self, goes_on: impl FnMut(&Withheld) -> bool) {
        let mut shared = locked(&self.shared);
        let clock_ms = shared.clock_ms();
        shared.host.go_on(clock_ms, goes_on);
    }

    /// Changes what is stored behind everybody's back.
    pub fn damage(&self, damage: Damage) {
        locked(&self.shared).host.damage(damage);
    }
}

impl Shared {
    fn fate(&mut self, step: &Step) -> Fate {
        (self.decide)(step)
    }

    /// What the server's clock shows.
    fn clock_ms(&self) -> u64 {
        let passed_ms = u64::try_from((self.now + self.spent).as_millis()).unwrap_or(u64::MAX);
        EPOCH_MS.saturating_add(passed_ms).saturating_add_signed(self.host.clock_offset_ms)
    }

    fn draw(&mut self) -> u64 {
        self.drawn = self.drawn.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.drawn ^ (self.drawn >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ (mixed >> 27)
    }
}

impl Connector for Client {
    type Connection = Session;

    fn connect(&self, role: Role) -> Result<Session, Failure> {
        Session::open(&self.shared, self.node, role)
    }

    fn open_store(&self) -> Result<Session, Error> {
        let session = self.connect(Role::Journal)?;
        session.make_store()?;
        Ok(session)
    }

    fn now(&self) -> Instant {
        let shared = locked(&self.shared);
        shared.origin + shared.now + shared.spent
    }

    fn pause(&self, time: Duration) {
        locked(&self.shared).spent += time;
    }

    fn draw(&self) -> u64 {
        locked(&self.shared).draw()
    }
}

/// Nothing of it is left half done where somebody panics.
fn locked(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
