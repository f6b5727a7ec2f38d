//! Load that runs beside the load that is measured.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Result, anyhow};

use crate::load::{self, Losses, Pace, Plan, Report};
use crate::profile::Act;
use crate::site::Site;
use crate::sources::{Churn, Tokens};

/// Seats that change at a rate.
#[derive(Clone, Debug)]
pub(super) struct Changes {
    pub(super) schedule: u64,
    pub(super) seats: u64,
    pub(super) per_second: f64,
    pub(super) tokens: Arc<Tokens>,
}

/// Does `work` while seats are held and dropped at the rate, for `duration`; gives what the changes came to as well.
/// A rate of 0 means no changes.
pub(super) fn changing<T>(
    site: &Site,
    changes: &Changes,
    duration: Duration,
    work: impl FnOnce() -> Result<T>,
) -> Result<(T, Option<Report>)> {
    const CONNECTIONS: usize = 16;
    // Where a reservation ends the session, those who read would be put out.
    if changes.per_second <= 0.0 || site.profile().ends_with_reserve() {
        return Ok((work()?, None));
    }
    let plan = Plan {
        losses: Losses::Count { reply_max: Duration::from_secs(10) },
        ..Plan::new(site.endpoint(), CONNECTIONS, Pace::Open { per_second: changes.per_second }, duration)
    };
    // No user holds more than two or three.
    let held_max = usize::try_from(changes.seats / 4).unwrap_or(1).clamp(1, changes.tokens.len() * 2);
    let tokens = Arc::clone(&changes.tokens);
    let (schedule, seats, drops) = (changes.schedule, changes.seats, site.has(Act::Cancel));
    std::thread::scope(|scope| {
        let writer = scope.spawn(move || {
            let mut churn = Churn::new(schedule, seats, held_max, tokens).among_others();
            if !drops {
                churn = churn.without_drops();
            }
            load::run(&plan, &mut churn)
        });
        let done = work();
        let changed = writer.join().map_err(|_| anyhow!("the thread that changes seats is gone"))??;
        Ok((done?, Some(changed)))
    })
}

/// Something that one thread tells the others.
#[derive(Debug, Default)]
pub(super) struct Flag(AtomicBool);

impl Flag {
    pub(super) fn raise(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_up(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
