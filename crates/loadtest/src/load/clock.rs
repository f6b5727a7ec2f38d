//! A timer that wakes the event loop to the microsecond: the poll's own time-out is in milliseconds.

use std::os::fd::{AsFd as _, AsRawFd as _};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};

/// Shorter sleeps than this are not worth the way into the kernel and back.
const SLEEP_MIN: Duration = Duration::from_micros(20);

#[derive(Debug)]
pub(crate) struct Clock {
    timer: TimerFd,
    /// What it is set to.
    wake: Option<Instant>,
}

impl Clock {
    /// A timer whose events come under `token`.
    pub(crate) fn new(registry: &Registry, token: Token) -> Result<Self> {
        let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC)
            .context("a timer for the generator")?;
        registry.register(&mut SourceFd(&timer.as_fd().as_raw_fd()), token, Interest::READABLE)?;
        Ok(Self { timer, wake: None })
    }

    /// Wakes the loop at `wake`. Events are edges, so there is nothing to read from the timer afterwards.
    pub(crate) fn set(&mut self, now: Instant, wake: Instant) -> Result<()> {
        if self.wake == Some(wake) && wake > now {
            return Ok(());
        }
        self.wake = Some(wake);
        let left = wake.saturating_duration_since(now).max(SLEEP_MIN);
        let expiration = Expiration::OneShot(TimeSpec::from_duration(left));
        self.timer.set(expiration, TimerSetTimeFlags::empty()).context("setting the generator's timer")
    }
}
