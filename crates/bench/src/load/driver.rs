//! The event loop of the generator.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use mio::{Events, Poll};

use super::connection::{Connection, Received};
use super::pace::Pacer;
use super::report::Report;
use super::{DRAIN_MAX, Next, Plan, Reply, Source};
use crate::interrupt;

/// Large enough that a body of megabytes takes few reads.
const BUFFER_BYTES: usize = 256 * 1024;
/// The longest sleep, so that limits and Ctrl-C are noticed.
const SLEEP_MAX: Duration = Duration::from_millis(50);

/// Drives `source` against the plan's server until its limit or until the source is done, and waits for the
/// replies that are out.
///
/// # Errors
/// When a connection fails, a reply cannot be parsed, replies stay away, or the person at the keyboard stops it.
/// Unexpected replies are counted in the report, not errors here.
pub(crate) fn run(plan: &Plan, source: &mut dyn Source) -> Result<Report> {
    Driver::new(plan, source)?.drive()
}

struct Driver<'a> {
    plan: &'a Plan,
    source: &'a mut dyn Source,
    keeps_body: bool,
    poll: Poll,
    connections: Vec<Connection>,
    idle: VecDeque<usize>,
    pacer: Pacer,
    report: Report,
    buffer: Vec<u8>,
    is_closing: bool,
}

impl<'a> Driver<'a> {
    fn new(plan: &'a Plan, source: &'a mut dyn Source) -> Result<Self> {
        let poll = Poll::new()?;
        let connections = (0..plan.connections)
            .map(|slot| Connection::open(plan.server, poll.registry(), slot))
            .collect::<Result<Vec<_>>>()?;
        Ok(Self {
            plan,
            keeps_body: source.keeps_body(),
            source,
            poll,
            connections,
            idle: (0..plan.connections).collect(),
            pacer: Pacer::new(plan.pace, Instant::now()),
            report: Report::new()?,
            buffer: vec![0; BUFFER_BYTES],
            is_closing: false,
        })
    }

    fn drive(mut self) -> Result<Report> {
        let started = Instant::now();
        let ends = started + self.plan.limit;
        self.pacer = Pacer::new(self.plan.pace, started);
        let mut events = Events::with_capacity(1_024);
        loop {
            interrupt::check()?;
            let now = Instant::now();
            self.is_closing |= now >= ends;
            let wake = self.fill(now)?;
            let out = self.connections.len() - self.idle.len();
            if self.is_closing && out == 0 {
                return Ok(self.report);
            }
            if now > ends + DRAIN_MAX {
                bail!("{out} replies did not come within {} s", DRAIN_MAX.as_secs());
            }
            let sleep = wake.map_or(SLEEP_MAX, |wake| self.pacer.sleep(now, wake).min(SLEEP_MAX));
            match self.poll.poll(&mut events, Some(sleep)) {
                Err(error) if error.kind() != std::io::ErrorKind::Interrupted => {
                    return Err(error).context("waiting for events");
                }
                Ok(()) | Err(_) => {}
            }
            for event in &events {
                self.advance(event.token().0, event.is_writable(), started)?;
            }
        }
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
            match self.source.next(slot, now, &mut connection.out) {
                Next::Send => {}
                Next::After(instant) => return Ok(Some(instant)),
                Next::Done => {
                    self.is_closing = true;
                    return Ok(None);
                }
            }
            self.idle.pop_front();
            self.pacer.take();
            if let Some(intended) = intended {
                self.report.record_lag(now.saturating_duration_since(intended.max(connection.freed)));
            }
            self.report.bytes_out += connection.out.len() as u64;
            connection.begin(intended.unwrap_or(now))?;
        }
        Ok(None)
    }

    fn advance(&mut self, slot: usize, is_writable: bool, started: Instant) -> Result<()> {
        let connection = &mut self.connections[slot];
        if is_writable && connection.is_busy {
            connection.flush()?;
        }
        match connection.receive(&mut self.buffer, self.keeps_body)? {
            Received::Pending => Ok(()),
            Received::Whole => self.complete(slot, started),
            Received::Closed if connection.is_busy => bail!("the server closed a connection with a request out"),
            Received::Closed => {
                *connection = Connection::open(self.plan.server, self.poll.registry(), slot)?;
                Ok(())
            }
        }
    }

    fn complete(&mut self, slot: usize, started: Instant) -> Result<()> {
        let now = Instant::now();
        let connection = &mut self.connections[slot];
        connection.is_busy = false;
        connection.freed = now;
        let parser = &connection.parser;
        let reply = Reply { status: parser.status(), body: parser.body(), body_bytes: parser.body_bytes() };
        self.report.elapsed = now - started;
        self.report.record_reply(now.saturating_duration_since(connection.intended));
        self.report.bytes_in += reply.body_bytes;
        if !self.source.reply(slot, now, &reply) {
            self.report.record_unexpected(reply.status, reply.body);
        }
        self.idle.push_back(slot);
        // The next request leaves now, not after the other events of this wake-up.
        self.fill(now)?;
        Ok(())
    }
}
