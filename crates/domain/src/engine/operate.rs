//! Commands that operators give: carried out, and put on record with what they changed.

use crate::changes::Changes;
use crate::command::Command;
use crate::ids::QueueId;
use crate::operator::words::{self, Fields};
use crate::operator::{Action, Kind, LeverRow, NewsRow, Operator, Text};
use crate::queue::Mode;
use crate::refusal::Refusal;
use crate::reply::{Outcome, Reply};
use crate::row::Row;

use super::Engine;

/// What a lever acts on, in words that stay the same before and after.
struct Target {
    action: Action,
    name: String,
}

impl Engine {
    /// Carries out `command`, and records who had it done. What is refused leaves no record: nothing was changed.
    pub(super) fn operate(&mut self, by: &Operator, command: &Command, changes: &mut Changes<'_>) -> Outcome {
        let before = self.described(command);
        let news = self.mode_and_sale(command);
        let reply = self.execute(command, changes)?;
        let Some((Target { action, name }, before)) = before else { return Ok(reply) };
        let (before, mut after) = words::differing(before, self.described(command).map(|(_, fields)| fields));
        if let Reply::Published { schedules, seats } = reply {
            after = format!("schedules {schedules}, seats {seats}");
        }
        if let Reply::LetGo { sessions, holding } = reply {
            after = format!("let go {sessions}, of them {holding} who hold a seat");
        }
        let row = LeverRow { id: changes.event, at: changes.now, by: by.clone(), action, target: name, before, after };
        changes.row(Row::Lever(row));
        self.tell(command, news, changes);
        Ok(reply)
    }

    /// Ends the sessions of those who are silent. What they hold is theirs until it lapses, and can be paid as long.
    pub(super) fn let_silent_go(&mut self, id: QueueId, silent_ms: u64, changes: &mut Changes<'_>) -> Outcome {
        let queue = self.queues.get_mut(usize::from(id.0)).ok_or(Refusal::QueueNotFound)?;
        if silent_ms < queue.settings().waiting_ttl_ms {
            // Those who are there may speak as seldom.
            return Err(Refusal::SettingInvalid("silentFor"));
        }
        let mut gone = queue.let_silent_go(silent_ms, changes);
        gone.sort_unstable();
        let held = self.book.held(changes.now).filter(|hold| self.catalog.queue_of(hold.schedule) == Some(id));
        let mut holding: Vec<_> = held.map(|hold| hold.user).filter(|user| gone.binary_search(user).is_ok()).collect();
        holding.sort_unstable();
        holding.dedup();
        Ok(Reply::LetGo { sessions: gone.len() as u32, holding: holding.len() as u32 })
    }

    /// Tells those who wait something in the operator's words.
    pub(super) fn announce(&self, queue: Option<QueueId>, text: &Text, changes: &mut Changes<'_>) -> Outcome {
        if queue.is_some_and(|queue| self.queues.get(usize::from(queue.0)).is_none()) {
            return Err(Refusal::QueueNotFound);
        }
        if !text.is_valid() {
            return Err(Refusal::SettingInvalid("text"));
        }
        let (id, at) = (changes.event, changes.now);
        changes.row(Row::News(NewsRow { id, at, kind: Kind::Message, queue, schedule: None, text: text.clone() }));
        Ok(Reply::Done)
    }

    /// A queue's mode and a sale's state, of what the command is about.
    fn mode_and_sale(&self, command: &Command) -> (Option<Mode>, Option<bool>) {
        if let Command::ConfigureQueue { queue, .. } = command {
            return (self.queues.get(usize::from(queue.0)).map(crate::queue::Queue::mode), None);
        }
        if let Command::SetSaleClosed { schedule, .. } = command {
            return (None, self.catalog.sale(*schedule).map(|sale| sale.closed));
        }
        (None, None)
    }

    /// News of what a lever means for those who wait.
    fn tell(&self, command: &Command, (mode, closed): (Option<Mode>, Option<bool>), changes: &mut Changes<'_>) {
        let (mode_now, closed_now) = self.mode_and_sale(command);
        let (id, at, text) = (changes.event, changes.now, Text::default());
        if let (Command::ConfigureQueue { queue, .. }, Some(old), Some(new)) = (command, mode, mode_now)
            && let Some(kind) = mode_news(old, new)
        {
            changes.row(Row::News(NewsRow { id, at, kind, queue: Some(*queue), schedule: None, text }));
        } else if let (Command::SetSaleClosed { schedule, .. }, Some(old), Some(new)) = (command, closed, closed_now)
            && old != new
        {
            let kind = if new { Kind::SaleClosed } else { Kind::SaleOpen };
            let queue = self.catalog.queue_of(*schedule);
            changes.row(Row::News(NewsRow { id, at, kind, queue, schedule: Some(*schedule), text }));
        }
    }

    /// What the command acts on, and how that is now; `None` for what is no lever.
    fn described(&self, command: &Command) -> Option<(Target, Fields)> {
        let (action, name, fields) = match command {
            Command::Publish { upload } => (Action::PublishCatalog, format!("upload {upload}"), Fields::new()),
            Command::Discard { upload } => (Action::DiscardUpload, format!("upload {upload}"), Fields::new()),
            Command::OpenQueue { name } => {
                let there = self.queue_named(name).is_some();
                (Action::OpenQueue, format!("queue {name}"), vec![("exists", there.to_string())])
            }
            Command::ConfigureQueue { queue, .. } => {
                let queue = self.queues.get(usize::from(queue.0))?;
                let mut fields = vec![("mode", words::mode(queue.mode()).to_owned())];
                fields.extend(words::queue(queue.settings()));
                (Action::ChangeQueue, format!("queue {}", queue.name()), fields)
            }
            Command::Configure { .. } => (Action::ChangeSettings, "store".to_owned(), words::store(&self.settings)),
            Command::SetSaleClosed { schedule, .. } => {
                let sale = self.catalog.sale(*schedule)?;
                (Action::ChangeSale, format!("schedule {schedule}"), vec![("closed", sale.closed.to_string())])
            }
            Command::Release { reservation } => {
                let found = self.book.get(*reservation)?;
                let seats: Vec<_> = found.seats.iter().map(ToString::to_string).collect();
                let state = if found.state.keeps_seats() { "held" } else { "released" };
                let name = format!(
                    "reservation {reservation} (user {}, schedule {}, seat {})",
                    found.user,
                    found.schedule,
                    seats.join(" ")
                );
                (Action::ReleaseHold, name, vec![("state", state.to_owned())])
            }
            Command::RemoveSchedule { schedule } => {
                let there = self.catalog.sale(*schedule).is_some();
                (Action::RemoveSchedule, format!("schedule {schedule}"), vec![("exists", there.to_string())])
            }
            Command::LetSilentGo { queue, silent_ms } => {
                let queue = self.queues.get(usize::from(queue.0))?;
                let name = format!("queue {}, silent for {}", queue.name(), words::duration(*silent_ms));
                (Action::LetSilentGo, name, Fields::new())
            }
            Command::Announce { queue, text } => {
                let name = match queue {
                    None => "everybody".to_owned(),
                    Some(queue) => format!("queue {}", self.queues.get(usize::from(queue.0))?.name()),
                };
                let said = [("en", &text.en), ("ko", &text.ko)];
                let said =
                    said.into_iter().filter_map(|(language, text)| Some(format!("{language}: {}", text.as_ref()?)));
                let name = format!("{name}: {}", said.collect::<Vec<_>>().join(" / "));
                (Action::SendMessage, name, Fields::new())
            }
            Command::Revoke { user } => (Action::RevokeTokens, format!("user {user}"), Fields::new()),
            Command::Tick
            | Command::Start
            | Command::Join { .. }
            | Command::Seen { .. }
            | Command::Leave { .. }
            | Command::Charge { .. }
            | Command::Reserve { .. }
            | Command::Cancel { .. }
            | Command::Pay { .. }
            | Command::Stage { .. }
            | Command::Operate { .. }
            | Command::Raise { .. } => return None,
        };
        Some((Target { action, name }, fields))
    }
}

/// What a change of mode means for those who wait, if anything.
fn mode_news(old: Mode, new: Mode) -> Option<Kind> {
    match (old, new) {
        (old, new) if old == new => None,
        (_, Mode::Closed) => Some(Kind::QueueClosed),
        (_, Mode::Paused) => Some(Kind::QueuePaused),
        (Mode::Paused | Mode::Closed, Mode::Open | Mode::Draining) => Some(Kind::QueueOpen),
        // Whether others may still join is no matter of theirs.
        (Mode::Open | Mode::Draining, Mode::Open | Mode::Draining) => None,
    }
}
