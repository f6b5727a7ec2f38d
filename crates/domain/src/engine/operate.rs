//! Commands that operators give: carried out, and put on record with what they changed.

use crate::changes::Changes;
use crate::codes::Campaign;
use crate::command::Command;
use crate::concert::{SalePhase, SaleTimes};
use crate::ids::QueueId;
use crate::level;
use crate::operator::{Change, Kind, LeverRow, NewsRow, Operator, Rules, Text};
use crate::queue::{Mode, Opening, Phase, phase_news};
use crate::refusal::Refusal;
use crate::reply::{Entered, LetGo, Outcome, Published, Reply};
use crate::reservation::Reservation;
use crate::row::Row;

use super::Engine;

impl Engine {
    /// Carries out `command`, and records who had it done. What is refused leaves no record: nothing was changed.
    pub(super) fn operate(&mut self, by: &Operator, command: &Command, changes: &mut Changes<'_>) -> Outcome {
        let change = self.change_to_come(command);
        let reply = self.execute(command, changes)?;
        let Some(mut change) = change else { return Ok(reply) };
        self.note_what_came(&mut change, &reply);
        changes.row(Row::Lever(LeverRow::new(changes.event, changes.now, by.clone(), &change)));
        self.tell(&change, changes);
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
        Ok(Reply::LetGo(LetGo { sessions: gone.len() as u32, holding: holding.len() as u32 }))
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

    /// News of what a lever means for those who wait.
    fn tell(&self, change: &Change, changes: &mut Changes<'_>) {
        let (kind, queue, schedule) = match change {
            Change::QueueChanged { queue, before, after, .. } => match mode_news(before.mode, after.mode) {
                Some(kind) => (kind, Some(*queue), None),
                None => return,
            },
            Change::OpeningChanged { queue, before, after, .. } => match phase_news(before.1, after.1) {
                Some(kind) if self.has_people(*queue) => (kind, Some(*queue), None),
                // Who joins later has not known it otherwise.
                Some(_) | None => return,
            },
            Change::SaleTimesChanged { schedule, before, after } => {
                let on = |times: &SaleTimes| times.phase_at(changes.now) == SalePhase::On;
                let is_closed = self.catalog.sale(*schedule).is_none_or(|sale| sale.closed);
                let kind = match (on(before), on(after)) {
                    (false, true) if !is_closed => Kind::SaleOpen,
                    (true, false) if !is_closed => Kind::SaleClosed,
                    _ => return,
                };
                (kind, self.catalog.queue_of(*schedule), Some(*schedule))
            }
            Change::SaleChanged { schedule, was_closed, is_closed } if was_closed != is_closed => {
                let kind = if *is_closed { Kind::SaleClosed } else { Kind::SaleOpen };
                (kind, self.catalog.queue_of(*schedule), Some(*schedule))
            }
            Change::SaleChanged { .. }
            | Change::OrphansChanged { .. }
            | Change::OrderChanged { .. }
            | Change::BeaconGiven { .. }
            | Change::CatalogPublished { .. }
            | Change::UploadDiscarded { .. }
            | Change::QueueOpened { .. }
            | Change::SettingsChanged { .. }
            | Change::HoldReleased { .. }
            | Change::TicketsReissued { .. }
            | Change::SeatsWithheld { .. }
            | Change::SeatsGivenBack { .. }
            | Change::ScheduleRemoved { .. }
            | Change::MessageSent { .. }
            | Change::SilentLetGo { .. }
            | Change::TokensRevoked { .. }
            | Change::SessionEnded { .. }
            | Change::PersonErased { .. }
            | Change::OperatorAdded { .. }
            | Change::OperatorRemoved { .. }
            | Change::CampaignChanged { .. }
            | Change::CodesAdded { .. }
            | Change::WebhookChanged { .. }
            | Change::StoreRestored { .. }
            | Change::PlaceGiven { .. } => return,
        };
        let (id, at, text) = (changes.event, changes.now, Text::default());
        changes.row(Row::News(NewsRow { id, at, kind, queue, schedule, text }));
    }

    /// What the command would change, with everything as it still is; `None` for commands that are no levers, and where there
    /// is nothing to change, which is refused.
    fn change_to_come(&self, command: &Command) -> Option<Change> {
        Some(match command {
            Command::Publish { upload } => {
                Change::CatalogPublished { upload: *upload, published: Published::default() }
            }
            Command::Discard { upload } => Change::UploadDiscarded { upload: *upload },
            Command::OpenQueue { name } => {
                Change::QueueOpened { name: name.clone(), was_there: self.queue_named(name).is_some() }
            }
            Command::ConfigureQueue { queue, .. } => {
                let (name, rules) = (self.name_of(*queue)?, self.rules_of(*queue)?);
                Change::QueueChanged { queue: *queue, name, before: rules.clone(), after: rules }
            }
            Command::SetOpening { queue, .. } => {
                let (name, hours) = (self.name_of(*queue)?, self.hours_of(*queue)?);
                Change::OpeningChanged { queue: *queue, name, before: hours, after: hours }
            }
            Command::SetOrder { queue, .. } => {
                let (name, order) = (self.name_of(*queue)?, self.commitment_of(*queue));
                Change::OrderChanged { queue: *queue, name, before: order, after: order }
            }
            Command::SetBeacon { queue, beacon } => {
                Change::BeaconGiven { queue: self.name_of(*queue)?, beacon: beacon.clone() }
            }
            Command::SetSaleTimes { schedule, on_sale_at, off_sale_at } => Change::SaleTimesChanged {
                schedule: *schedule,
                before: self.catalog.sale(*schedule)?.schedule.sale_times(),
                after: SaleTimes { on_sale_at: *on_sale_at, off_sale_at: *off_sale_at },
            },
            Command::Configure { .. } => {
                Change::SettingsChanged { before: self.settings.clone(), after: self.settings.clone() }
            }
            Command::SetSaleClosed { schedule, .. } => {
                let closed = self.catalog.sale(*schedule)?.closed;
                Change::SaleChanged { schedule: *schedule, was_closed: closed, is_closed: closed }
            }
            Command::SetOrphans { schedule, orphans } => {
                let was = self.catalog.sale(*schedule)?.orphans();
                Change::OrphansChanged { schedule: *schedule, was, is: *orphans }
            }
            Command::Release { reservation, reason } => {
                let Reservation { user, schedule, seats, .. } = self.book.get(*reservation)?.clone();
                let reason = reason.clone();
                Change::HoldReleased { reservation: *reservation, user, schedule, seats, reason }
            }
            Command::Reissue { reservation, seat, reason } => {
                let Reservation { user, schedule, seats, .. } = self.book.get(*reservation)?.clone();
                let (seats, reason) = (seat.map_or(seats, |seat| [seat].into()), reason.clone());
                Change::TicketsReissued { reservation: *reservation, user, schedule, seats, reason }
            }
            Command::Withhold { schedule, seats, reason } => {
                Change::SeatsWithheld { schedule: *schedule, seats: seats.as_slice().into(), reason: reason.clone() }
            }
            Command::GiveBack { schedule, seats, reason } => {
                Change::SeatsGivenBack { schedule: *schedule, seats: seats.as_slice().into(), reason: reason.clone() }
            }
            Command::RemoveSchedule { schedule } => Change::ScheduleRemoved { schedule: *schedule },
            Command::LetSilentGo { queue, silent_ms } => {
                Change::SilentLetGo { queue: self.name_of(*queue)?, silent_ms: *silent_ms, gone: LetGo::default() }
            }
            Command::Announce { queue, text } => {
                let queue = if let Some(queue) = queue { Some(self.name_of(*queue)?) } else { None };
                Change::MessageSent { queue, text: text.clone() }
            }
            Command::Revoke { user } => Change::TokensRevoked { user: *user },
            Command::ErasePerson { force, .. } => Change::PersonErased { user: None, force: *force },
            Command::AddOperator { name, role, .. } => Change::OperatorAdded { name: name.clone(), role: *role },
            Command::RemoveOperator { name } => {
                Change::OperatorRemoved { name: name.clone(), role: self.roster.get(name)?.role }
            }
            Command::SetCampaign { name, queue, rules, .. } => {
                let of = |campaign: &Campaign| Some((self.name_of(campaign.queue)?, campaign.rules));
                let before = self.codes.named(name).and_then(of);
                Change::CampaignChanged { name: name.clone(), before, after: (self.name_of(*queue)?, *rules) }
            }
            Command::AddCodes { campaign, first, .. } => {
                let name = self.codes.campaign(*campaign)?.name.clone();
                Change::CodesAdded { name, first: *first, added: 0 }
            }
            Command::EndSession { queue, user } => Change::SessionEnded { queue: self.name_of(*queue)?, user: *user },
            Command::NoteWebhook { webhook, before, after } => {
                Change::WebhookChanged { webhook: *webhook, before: before.clone(), after: after.clone() }
            }
            Command::PassOver { numbers, entry, lost_from, lost_until } => Change::StoreRestored {
                entry: *entry,
                lost_from: *lost_from,
                lost_until: *lost_until,
                numbers: *numbers,
            },
            Command::Join { user, queue, .. } if self.level >= level::PROOFS => {
                Change::PlaceGiven { user: Some(*user), queue: self.name_of(*queue)? }
            }
            Command::Enter { queue, .. } if self.level >= level::PROOFS => {
                Change::PlaceGiven { user: None, queue: self.name_of(*queue)? }
            }
            Command::Tick
            | Command::Start
            | Command::Join { .. }
            | Command::JoinFrom { .. }
            | Command::JoinWithCode { .. }
            | Command::Enter { .. }
            | Command::EnterWithCode { .. }
            | Command::Seen { .. }
            | Command::Active { .. }
            | Command::KeepSession { .. }
            | Command::Leave { .. }
            | Command::Charge { .. }
            | Command::Adjust { .. }
            | Command::Reserve { .. }
            | Command::ReserveBest { .. }
            | Command::ReserveLines { .. }
            | Command::ReserveAreas { .. }
            | Command::Cancel { .. }
            | Command::Extend { .. }
            | Command::Pay { .. }
            | Command::Stage { .. }
            | Command::Operate { .. }
            | Command::Raise { .. } => return None,
        })
    }

    /// Adds what the command came to, once it is carried out.
    fn note_what_came(&self, change: &mut Change, reply: &Reply) {
        match change {
            Change::CatalogPublished { published, .. } => {
                if let Reply::Published(told) = reply {
                    *published = *told;
                }
            }
            Change::SilentLetGo { gone, .. } => {
                if let Reply::LetGo(told) = reply {
                    *gone = *told;
                }
            }
            Change::CodesAdded { added, .. } => {
                if let Reply::CodesAdded(told) = reply {
                    *added = told.added;
                }
            }
            Change::QueueChanged { queue, after, .. } => {
                if let Some(rules) = self.rules_of(*queue) {
                    *after = rules;
                }
            }
            Change::OpeningChanged { queue, after, .. } => {
                if let Some(hours) = self.hours_of(*queue) {
                    *after = hours;
                }
            }
            Change::OrderChanged { queue, after, .. } => *after = self.commitment_of(*queue),
            Change::SettingsChanged { after, .. } => after.clone_from(&self.settings),
            Change::SaleChanged { schedule, is_closed, .. } => {
                if let Some(sale) = self.catalog.sale(*schedule) {
                    *is_closed = sale.closed;
                }
            }
            Change::UploadDiscarded { .. }
            | Change::QueueOpened { .. }
            | Change::SaleTimesChanged { .. }
            | Change::OrphansChanged { .. }
            | Change::BeaconGiven { .. }
            | Change::HoldReleased { .. }
            | Change::TicketsReissued { .. }
            | Change::SeatsWithheld { .. }
            | Change::SeatsGivenBack { .. }
            | Change::ScheduleRemoved { .. }
            | Change::MessageSent { .. }
            | Change::TokensRevoked { .. }
            | Change::SessionEnded { .. }
            | Change::OperatorAdded { .. }
            | Change::OperatorRemoved { .. }
            | Change::CampaignChanged { .. }
            | Change::WebhookChanged { .. }
            | Change::StoreRestored { .. } => {}
            Change::PersonErased { user, .. } => {
                if let Reply::Erased(told) = reply {
                    *user = told.user;
                }
            }
            Change::PlaceGiven { user, .. } => {
                if let Reply::Entered(Entered { user: theirs, .. }) = reply {
                    *user = Some(*theirs);
                }
            }
        }
    }

    fn name_of(&self, queue: QueueId) -> Option<String> {
        Some(self.queues.get(usize::from(queue.0))?.name().to_owned())
    }

    /// Whether anybody is inside or waits.
    fn has_people(&self, queue: QueueId) -> bool {
        let queue = self.queues.get(usize::from(queue.0));
        queue.is_some_and(|queue| queue.active() > 0 || queue.returned() > 0 || !queue.line().is_empty())
    }

    fn hours_of(&self, queue: QueueId) -> Option<(Opening, Phase)> {
        let queue = self.queues.get(usize::from(queue.0))?;
        Some((queue.opening(), queue.phase()))
    }

    /// What the queue's draw is committed to, where it has one.
    fn commitment_of(&self, queue: QueueId) -> Option<[u8; 32]> {
        Some(self.queues.get(usize::from(queue.0))?.draw()?.commitment())
    }

    fn rules_of(&self, queue: QueueId) -> Option<Rules> {
        let queue = self.queues.get(usize::from(queue.0))?;
        Some(Rules { mode: queue.mode(), settings: queue.settings().clone() })
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
