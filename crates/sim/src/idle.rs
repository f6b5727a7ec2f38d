//! Who is inside and does nothing, as the journal alone tells: a small model of what idling comes to, beside the engine's own.

use std::collections::BTreeMap;

use onsale_domain::command::Command;
use onsale_domain::engine::Engine;
use onsale_domain::ids::{ReservationId, UserId};
use onsale_domain::queue::{Queue, State};
use onsale_domain::reply::Outcome;
use onsale_domain::reservation::State as Hold;
use onsale_domain::row::Row;
use onsale_domain::settings::QueueSettings;
use onsale_domain::time::Time;
use roaring::RoaringBitmap;

use crate::check::{Check, Failure};

/// What is known of those inside the one queue.
#[derive(Default)]
pub(crate) struct Idle {
    inside: BTreeMap<u32, Inside>,
    /// What is held, and whose it is.
    holds: BTreeMap<ReservationId, UserId>,
    settings: QueueSettings,
    level: u32,
    time: Time,
    /// Everybody counts as having done something then.
    floor: Time,
    /// What the last entry has shown, as marks.
    pub(crate) reached: Vec<&'static str>,
}

#[derive(Clone, Copy)]
struct Inside {
    user: UserId,
    /// When the session ends whatever they do.
    until: Time,
    /// When the journal had word last of something that they did.
    acted: Time,
    /// Since when they are inside.
    admitted: Time,
}

/// Whether the queue opened in an entry: by time alone, which comes first, and by a command.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Opened {
    pub(crate) by_time: bool,
    pub(crate) by_command: bool,
}

impl Idle {
    /// An entry of that time has been applied. Whoever was let go has done nothing for as long as is asked for and holds nothing,
    /// and nobody like that is inside still.
    pub(crate) fn look(
        &mut self,
        engine: &Engine,
        (commands, outcomes, rows): (&[Command], &[Outcome], &[Row]),
        opened: Opened,
        time: Time,
    ) -> Result<(), Failure> {
        let Some(queue) = engine.queues().first() else { return Ok(()) };
        // While anybody is inside nodes append more often than that.
        if time.ms_since(self.time) > self.settings.patience_ms() / 4 || opened.by_time {
            self.floor = time;
        }
        self.time = time;
        let before = std::mem::take(&mut self.inside);
        for (number, known) in &before {
            self.ended(queue, *number, *known)?;
        }
        if opened.by_command || self.everybody_counts(commands, outcomes, queue.settings()) {
            self.floor = time;
        }
        self.settings = queue.settings().clone();
        let freed = self.follow_holds(rows);
        let named = |number: u32| commands.iter().any(|command| names(command, number));
        for number in 0..queue.issued() {
            let Some((user, State::Progress { until })) = queue.ticket(number) else { continue };
            let acted = before.get(&number).map(|known| known.acted);
            let acted = acted.filter(|_| !named(number) && !freed.contains(&user)).unwrap_or(time);
            let admitted = before.get(&number).map_or(time, |known| known.admitted);
            if let Some(known) = before.get(&number) {
                self.moved(number, *known, until, acted == time || self.holds_any(user))?;
            }
            self.inside.insert(number, Inside { user, until, acted, admitted });
        }
        let late = self.inside.iter().find(|(_, known)| self.is_due(known) && !self.holds_any(known.user));
        match late {
            Some((number, _)) => {
                failed(format!("ticket {number} has done nothing for too long, and is inside at {time:?}"))
            }
            None => Ok(()),
        }
    }

    /// Somebody who was inside may have been let go in the entry, before its commands.
    fn ended(&mut self, queue: &Queue, number: u32, known: Inside) -> Result<(), Failure> {
        let is_due = self.is_due(&known);
        if is_due && self.holds_any(known.user) {
            self.reached.push("idle: kept by a hold");
        }
        if !matches!(queue.ticket(number), Some((_, State::Expired { .. }))) || known.until <= self.time {
            return Ok(());
        }
        if !is_due || self.holds_any(known.user) {
            let Inside { user, acted, .. } = known;
            return failed(format!(
                "ticket {number} is let go at {:?}; user {user} did something at {acted:?}, or holds a seat",
                self.time
            ));
        }
        self.reached.push("idle: let go");
        Ok(())
    }

    /// The end of a session that goes on: what was told of it moves later alone, for whoever did something, and has a last moment.
    fn moved(&mut self, number: u32, known: Inside, until: Time, acts: bool) -> Result<(), Failure> {
        if until == known.until {
            return Ok(());
        }
        let (ttl_ms, max_ms) = (self.settings.session_ttl_ms, self.settings.session_max_ms.unwrap_or(0));
        let last = known.admitted.plus_ms(max_ms).min(self.time.plus_ms(ttl_ms));
        if until < known.until || until > last || !acts {
            let was = known.until;
            return failed(format!(
                "the session of ticket {number} ended at {was:?}, and ends at {until:?} now, at {:?}",
                self.time
            ));
        }
        self.reached.push("idle: a session becomes longer");
        if until == known.admitted.plus_ms(max_ms) {
            self.reached.push("idle: a session is as long as it may be");
        }
        Ok(())
    }

    fn is_due(&self, known: &Inside) -> bool {
        let idle_ms = self.settings.session_idle_ms;
        idle_ms.is_some_and(|idle_ms| known.acted.max(self.floor).plus_ms(idle_ms) <= self.time)
    }

    fn holds_any(&self, user: UserId) -> bool {
        self.holds.values().any(|owner| *owner == user)
    }

    /// Whether the commands make everybody count as having done something just now.
    fn everybody_counts(&mut self, commands: &[Command], outcomes: &[Outcome], after: &QueueSettings) -> bool {
        let idle_ms = |settings: &QueueSettings| settings.session_idle_ms.unwrap_or(u64::MAX);
        let mut last = idle_ms(&self.settings);
        let mut counts = idle_ms(after) < last;
        for (command, outcome) in commands.iter().zip(outcomes) {
            match command {
                Command::Start => counts = true,
                // Several nodes may raise it to the same.
                Command::Raise { level } if outcome.is_ok() && *level > self.level => {
                    self.level = *level;
                    counts = true;
                }
                Command::ConfigureQueue { settings: Some(settings), .. } if outcome.is_ok() => {
                    counts |= idle_ms(settings) < last;
                    last = idle_ms(settings);
                }
                _ => {}
            }
        }
        counts
    }

    /// Gives those who have held something until now.
    fn follow_holds(&mut self, rows: &[Row]) -> Vec<UserId> {
        let mut freed = Vec::new();
        for row in rows {
            let Row::Reservation(row) = row else { continue };
            if row.state == Hold::Held {
                self.holds.insert(row.id, row.user);
            } else {
                self.holds.remove(&row.id);
                freed.push(row.user);
            }
        }
        freed
    }
}

fn names(command: &Command, number: u32) -> bool {
    let Command::Active { tickets, .. } = command else { return false };
    RoaringBitmap::deserialize_from(&tickets[..]).is_ok_and(|tickets| tickets.contains(number))
}

fn failed(text: String) -> Result<(), Failure> {
    Err(Failure { check: Check::Idle, text })
}
