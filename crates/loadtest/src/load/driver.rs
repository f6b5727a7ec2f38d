//! The event loop of the generator.

use std::collections::VecDeque;
use std::net::TcpStream;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use anyhow::{Context, Error, Result, bail};
use mio::{Events, Poll, Token};

use super::clock::Clock;
use super::connection::{Connection, Received};
use super::opener::Opener;
use super::pace::Pacer;
use super::report::{Report, Watch};
use super::{DRAIN_MAX, Losses, Next, Pace, Plan, REPLY_MAX, Reply, Source};
use crate::endpoint::{Endpoint, Wire};
use crate::interrupt;
use crate::request;
use crate::words;

/// Large enough that a body of megabytes takes few reads.
const BUFFER_BYTES: usize = 256 * 1024;
/// The longest sleep, so that limits, Ctrl-C and [stalls](Stall) are noticed.
const SLEEP_MAX: Duration = Duration::from_millis(10);
/// What giving the core away costs where nobody else wants it, at most: the rest of the time was others'.
const YIELD_MAX: Duration = Duration::from_micros(10);
/// How often overdue replies are looked for.
const SWEEP_EVERY: Duration = Duration::from_millis(100);
const TIMER: Token = Token(usize::MAX);
const OPENED: Token = Token(usize::MAX - 1);

/// Drives `source` against the plan's server until its limit or until the source is done, and waits for the
/// replies that are out.
///
/// # Errors
/// When a connection fails or a reply stays away (unless the plan counts losses), or the person at the keyboard stops it.
/// A load that counts losses ends early instead, with what it has, when it is stopped or when nothing is answered any
/// more. Unexpected replies are counted in the report, not errors here.
pub fn run(plan: &Plan, source: &mut dyn Source) -> Result<Report> {
    run_watched(plan, source, &mut ())
}

/// As [`run`], telling `watch` of every second that is over.
///
/// # Errors
/// As [`run`].
pub fn run_watched(plan: &Plan, source: &mut dyn Source, watch: &mut dyn Watch) -> Result<Report> {
    Driver::new(plan, source, watch)?.drive()
}

struct Driver<'a> {
    plan: &'a Plan,
    source: &'a mut dyn Source,
    watch: &'a mut dyn Watch,
    keeps_body: bool,
    poll: Poll,
    clock: Clock,
    connections: Vec<Connection>,
    idle: VecDeque<usize>,
    /// Connections that are lost and not open again yet.
    down: Vec<usize>,
    opener: Opener,
    swept: Instant,
    /// When the last reply came, and whether any was given up since.
    heard: Instant,
    has_lost_since: bool,
    started: Instant,
    pacer: Pacer,
    stall: Stall,
    report: Report,
    buffer: Vec<u8>,
    is_closing: bool,
}

impl<'a> Driver<'a> {
    fn new(plan: &'a Plan, source: &'a mut dyn Source, watch: &'a mut dyn Watch) -> Result<Self> {
        let poll = Poll::new()?;
        let clock = Clock::new(poll.registry(), TIMER)?;
        let connections = connect(&plan.server, plan.connections)?
            .into_iter()
            .enumerate()
            .map(|(slot, wire)| Connection::over(wire, &plan.server, poll.registry(), slot))
            .collect::<Result<Vec<_>>>()?;
        let opener = Opener::start(plan.server.clone(), poll.registry(), OPENED)?;
        let now = Instant::now();
        Ok(Self {
            plan,
            keeps_body: source.keeps_body(),
            source,
            watch,
            poll,
            clock,
            connections,
            idle: (0..plan.connections).collect(),
            down: Vec::new(),
            opener,
            swept: now,
            heard: now,
            has_lost_since: false,
            started: now,
            pacer: Pacer::new(plan.pace, now),
            stall: Stall::none(now),
            report: Report::new()?,
            buffer: vec![0; BUFFER_BYTES],
            is_closing: false,
        })
    }

    fn drive(mut self) -> Result<Report> {
        interrupt::check()?;
        self.started = Instant::now();
        self.heard = self.started;
        self.report.begin(self.started, self.plan.warm_up);
        self.source.begin(self.started);
        let ends = self.started + self.plan.limit;
        self.pacer = Pacer::new(self.plan.pace, self.started);
        let mut events = Events::with_capacity(1_024);
        loop {
            let now = Instant::now();
            if interrupt::is_asked() {
                // What was seen by then is worth keeping, unless it was to be whole.
                if self.plan.losses == Losses::End {
                    interrupt::check()?;
                }
                self.report.end(now.min(ends), self.watch);
                return Ok(self.report);
            }
            self.report.pass(now, self.watch);
            if now.saturating_duration_since(self.swept) > SWEEP_EVERY {
                self.sweep(now)?;
            }
            if now >= ends || self.is_silent(now) {
                self.close(now.min(ends))?;
            }
            let taken = self.pacer.taken();
            let mut due = self.fill(now)?;
            let out = self.connections.len() - self.idle.len() - self.down.len();
            if self.is_closing && out == 0 {
                self.report.end(now.min(ends), self.watch);
                return Ok(self.report);
            }
            if now > ends + DRAIN_MAX && self.plan.losses == Losses::End {
                bail!("{out} replies did not come within {} s", DRAIN_MAX.as_secs());
            }
            let sleep = if self.plan.is_sleepless {
                Duration::ZERO
            } else {
                due.map_or(SLEEP_MAX, |due| due.saturating_duration_since(now).min(SLEEP_MAX))
            };
            if sleep < SLEEP_MAX && !sleep.is_zero() {
                self.clock.set(now, now + sleep)?;
            }
            let wake = now + sleep;
            let sleep = if sleep.is_zero() { sleep } else { SLEEP_MAX };
            match self.poll.poll(&mut events, Some(sleep)) {
                Err(error) if error.kind() != std::io::ErrorKind::Interrupted => {
                    return Err(error).context("waiting for events");
                }
                Ok(()) | Err(_) => {}
            }
            self.report.kept_from += self.stall.woke(wake, Instant::now());
            if self.plan.is_sleepless && events.is_empty() && self.pacer.taken() == taken {
                // What else is to be done on this core, the kernel's part of the network before all, is done while nothing is due.
                // Else it comes at the timer's next tick, and takes a turn of milliseconds.
                let before = Instant::now();
                std::thread::yield_now();
                let back = Instant::now();
                self.report.kept_from += self.stall.woke(before, back);
                self.report.burnt += (before - now) + (back - before).min(YIELD_MAX);
            }
            for event in &events {
                match event.token() {
                    TIMER => {}
                    OPENED => self.take_opened(),
                    Token(slot) => self.advance(slot, event.is_writable())?,
                }
                // What falls due meanwhile waits for one answer to be read, and not for all that have come together.
                let now = Instant::now();
                if now < ends && due.is_none_or(|due| due <= now) && !self.idle.is_empty() {
                    due = self.fill(now)?;
                }
            }
        }
    }

    /// No more is sent. What was due before `until` and has not been sent, as every connection waited for an answer, is
    /// counted: an arrival that was not made was not served either.
    fn close(&mut self, until: Instant) -> Result<()> {
        if self.is_closing {
            return Ok(());
        }
        if matches!(self.plan.pace, Pace::Open { .. }) {
            self.fill(until.checked_sub(Duration::from_nanos(1)).unwrap_or(until))?;
        }
        // Otherwise the source had nothing more.
        if !self.is_closing {
            self.is_closing = true;
            let unsent = self.pacer.due(until, self.started + self.plan.warm_up);
            self.report.unsent(unsent.min(self.source.left()), self.plan.connections);
            self.source.unsent(until);
        }
        Ok(())
    }

    /// Whether the server has stopped answering: nothing has come for twice the time after which an answer is given up,
    /// though something was asked for. To go on would only make the end late.
    fn is_silent(&self, now: Instant) -> bool {
        let Losses::Count { reply_max } = self.plan.losses else { return false };
        self.has_lost_since && now.saturating_duration_since(self.heard) > 2 * reply_max
    }

    /// Gives requests that are due to the connections that are free. When it must be called again, unless a
    /// reply comes first.
    fn fill(&mut self, now: Instant) -> Result<Option<Instant>> {
        while let Some(&slot) = self.idle.front()
            && !self.is_closing
        {
            let intended = self.pacer.intended();
            if let Some(intended) = intended.filter(|&intended| intended > now) {
                return Ok(Some(intended));
            }
            let connection = &mut self.connections[slot];
            connection.out.clear();
            let intended = match self.source.next(slot, now, &mut connection.out) {
                Next::Send => intended,
                Next::SendDue(due) => Some(due.min(now)),
                Next::After(instant) => return Ok(Some(instant)),
                Next::Done => {
                    self.is_closing = true;
                    return Ok(None);
                }
            };
            connection.translate()?;
            self.idle.pop_front();
            self.pacer.take();
            let began = Instant::now();
            let is_measured = self.report.sent(intended.unwrap_or(began), connection.out.len());
            if let Some(intended) = intended.filter(|_| is_measured) {
                let lag = began.saturating_duration_since(intended.max(connection.freed));
                self.report.record_lag(lag.max(self.stall.within(intended, began)));
            }
            if let Err(error) = connection.begin(intended.unwrap_or(began), began) {
                self.lose(slot, error)?;
            }
        }
        Ok(None)
    }

    fn advance(&mut self, slot: usize, is_writable: bool) -> Result<()> {
        if self.down.contains(&slot) {
            return Ok(());
        }
        let connection = &mut self.connections[slot];
        if is_writable
            && connection.is_busy
            && let Err(error) = connection.flush()
        {
            return self.lose(slot, error);
        }
        match connection.receive(&mut self.buffer, self.keeps_body) {
            Ok(Received::Pending) => Ok(()),
            Ok(Received::Whole) => self.complete(slot),
            Ok(Received::Closed) if connection.is_busy => {
                self.lose(slot, Error::msg("the server closed a connection with a request out"))
            }
            Ok(Received::Closed) => self.reopen(slot),
            Err(error) => self.lose(slot, error),
        }
    }

    fn complete(&mut self, slot: usize) -> Result<()> {
        let now = Instant::now();
        (self.heard, self.has_lost_since) = (now, false);
        let connection = &mut self.connections[slot];
        connection.is_busy = false;
        connection.freed = now;
        let parser = &connection.parser;
        let heard = connection.heard(self.keeps_body);
        let (status, body) =
            heard.as_ref().map_or_else(|| (parser.status(), parser.body()), |heard| (heard.status, &heard.body[..]));
        let reply = Reply {
            status,
            begins: heard.as_ref().map_or(parser.begins(), |heard| super::beginning(&heard.body)),
            body,
            body_bytes: parser.body_bytes(),
            etag: parser.etag(),
            is_replayed: parser.is_replayed(),
            sent: connection.began,
        };
        let is_expected = self.source.reply(slot, now, &reply);
        self.report.replied(connection.intended, now, &reply, is_expected, self.watch);
        if !is_expected {
            self.report.name_failure(&connection.out, || words::refusal(reply.status, reply.words()));
        }
        if parser.closes() {
            self.idle.push_back(slot);
            self.reopen(slot)?;
        } else {
            self.idle.push_back(slot);
        }
        // The next request leaves now, not after the other events of this wake-up.
        self.fill(now)?;
        Ok(())
    }

    /// A connection is gone with a request out, or cannot be used any more.
    fn lose(&mut self, slot: usize, why: Error) -> Result<()> {
        let now = Instant::now();
        let connection = &mut self.connections[slot];
        if connection.is_busy {
            self.plan.server.unanswered(&connection.out);
        }
        if self.plan.losses == Losses::End {
            let call = request::call_of(&connection.out);
            return Err(if connection.is_busy { why.context(Unanswered(call)) } else { why });
        }
        if connection.is_busy {
            connection.is_busy = false;
            self.has_lost_since = true;
            self.report.lost(connection.intended);
            self.report.name_failure(&connection.out, || format!("{why:#}"));
            self.source.lost(slot, now);
        } else {
            self.idle.retain(|&idle| idle != slot);
        }
        self.open_again(slot);
        Ok(())
    }

    /// An idle connection that the server has closed.
    fn reopen(&mut self, slot: usize) -> Result<()> {
        match self.plan.losses {
            Losses::End => {
                self.connections[slot] = Connection::open(&self.plan.server, self.poll.registry(), slot)?;
            }
            Losses::Count { .. } => {
                self.idle.retain(|&idle| idle != slot);
                self.open_again(slot);
            }
        }
        Ok(())
    }

    /// A connection is down until there is another for it.
    fn open_again(&mut self, slot: usize) {
        self.down.push(slot);
        self.opener.ask();
    }

    fn take_opened(&mut self) {
        while let Some(wire) = self.opener.opened() {
            let Some(slot) = self.down.pop() else { return };
            match Connection::over(wire, &self.plan.server, self.poll.registry(), slot) {
                Ok(connection) => {
                    self.connections[slot] = connection;
                    self.idle.push_back(slot);
                }
                Err(_) => self.open_again(slot),
            }
        }
    }

    /// Gives overdue replies up.
    fn sweep(&mut self, now: Instant) -> Result<()> {
        self.swept = now;
        let reply_max = match self.plan.losses {
            Losses::End => REPLY_MAX,
            Losses::Count { reply_max } => reply_max,
        };
        for slot in 0..self.connections.len() {
            let connection = &self.connections[slot];
            if connection.is_busy && now.saturating_duration_since(connection.began) > reply_max {
                self.lose(slot, Error::msg(format!("no reply within {} s", reply_max.as_secs_f64())))?;
            }
        }
        Ok(())
    }
}

/// The last time that the generator was kept from looking at its connections. It found them free only afterwards, however
/// long they had been, so what was due meanwhile is late by its doing and not by the server's.
#[derive(Debug)]
struct Stall {
    from: Instant,
    until: Instant,
}

impl Stall {
    /// The poll's time-out is in whole milliseconds.
    const MIN: Duration = Duration::from_millis(2);

    fn none(now: Instant) -> Self {
        Self { from: now, until: now }
    }

    /// The generator was to wake at the latest at `wake`: how long it was kept from it.
    fn woke(&mut self, wake: Instant, now: Instant) -> Duration {
        let late = now.saturating_duration_since(wake);
        if late < Self::MIN {
            return Duration::ZERO;
        }
        *self = Self { from: wake, until: now };
        late
    }

    /// How much of this time it was.
    fn within(&self, from: Instant, until: Instant) -> Duration {
        self.until.min(until).saturating_duration_since(self.from.max(from))
    }
}

/// A call that got no answer, where each must get one.
#[derive(Debug, thiserror::Error)]
#[error("{0} got no answer")]
pub struct Unanswered(pub String);

/// The other side took some of the connections, and then no more.
#[derive(Debug, thiserror::Error)]
#[error("{opened} of {wanted} connections could be opened")]
pub struct TookNoMore {
    pub opened: usize,
    pub wanted: usize,
    pub source: Error,
}

/// So many connections, several at a time: each takes as long as a message there and back, or longer.
fn connect(server: &Endpoint, count: usize) -> Result<Vec<Wire<TcpStream>>> {
    const EACH: usize = 64;
    const THREADS_MAX: usize = 32;
    let threads = count.div_ceil(EACH).min(THREADS_MAX);
    let left = AtomicUsize::new(count);
    std::thread::scope(|scope| {
        let open = || {
            let mut own = Vec::new();
            while left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok() {
                match server.connect() {
                    Ok(wire) => own.push(wire),
                    Err(error) => return (own, Some(error)),
                }
            }
            (own, None)
        };
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(open)).collect();
        let (mut opened, mut failed) = (Vec::with_capacity(count), None);
        for thread in threads {
            let (own, error) = thread.join().map_err(|_| Error::msg("a connecting thread is gone"))?;
            opened.extend(own);
            failed = failed.or(error);
        }
        match failed {
            None => Ok(opened),
            Some(error) if opened.is_empty() => Err(error),
            Some(source) => Err(TookNoMore { opened: opened.len(), wanted: count, source }.into()),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_due_while_the_generator_did_not_look_is_late_by_its_doing() {
        let began = Instant::now();
        let at = |ms| began + Duration::from_millis(ms);
        let mut stall = Stall::none(began);
        stall.woke(at(10), at(11));
        assert_eq!(stall.within(at(0), at(20)), Duration::ZERO);
        stall.woke(at(20), at(120));
        assert_eq!(stall.within(at(0), at(130)), Duration::from_millis(100));
        assert_eq!(stall.within(at(90), at(121)), Duration::from_millis(30));
        assert_eq!(stall.within(at(125), at(130)), Duration::ZERO);
    }
}
