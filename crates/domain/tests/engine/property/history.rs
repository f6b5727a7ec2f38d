//! One run: the engine with its tables, a replica behind the encoding, and the model beside them.

use onsale_domain::command::{Batch, Command, Entry};
use onsale_domain::concert::Orphans;
use onsale_domain::engine::Engine;
use onsale_domain::feed::Before;
use onsale_domain::ids::{KeyId, QueueId, ReservationId, ScheduleId, SeatId, TicketId, UploadId, UserId};
use onsale_domain::level::NEWEST;
use onsale_domain::operator::Operator;
use onsale_domain::queue::{Opening, Order, Status};
use onsale_domain::row::{Account, Mark, Row};
use onsale_domain::settings::{QueueSettings, Settings};
use onsale_domain::time::Time;
use onsale_domain::user::{Adjustment, SingleUse};

use super::action::{Action, Step, Wait};
use super::catalog::{Edit, Offer};
use super::codes;
use super::told::Rebuilt;
use crate::model::Model;
use crate::shop::{self, Shop};

pub(super) struct History {
    shop: Shop,
    replica: Engine,
    model: Model,
    /// What the transfers so far say of each account.
    ledger: Vec<(Account, i128)>,
    /// For each queue, when somebody was admitted since limits last changed.
    admitted: Vec<Vec<u64>>,
    /// Every batch's rows, where they are to be audited.
    record: Option<Vec<(Mark, Vec<Row>)>>,
    /// What the events so far come to, where they are told from the beginning.
    told: Option<Rebuilt>,
}

impl History {
    pub(super) fn new() -> Self {
        Self::with(None, None)
    }

    /// One whose events are told.
    pub(super) fn told() -> Self {
        Self::with(None, Some(Rebuilt::default()))
    }

    /// One that can be audited at its end. It begins with a free seat that is paid: few random histories come to one.
    pub(super) fn recorded() -> Self {
        let mut history = Self::with(Some(Vec::new()), None);
        let (user, queue, reservation) = (UserId(1), QueueId(1), ReservationId(1));
        let (schedule, seats) = (ScheduleId(3), vec![SeatId(1)]);
        history.batch(vec![
            Command::Join { user, queue, key: KeyId(1) },
            Command::Reserve { ticket: TicketId { queue, number: 0 }, user, schedule, seats, key: None },
            Command::Pay { user, reservation, key: None },
        ]);
        history
    }

    /// Sells the same seats at several prices from here on, and some of them as wheelchair places.
    pub(super) fn offer(&mut self) {
        let upload = UploadId(1);
        let date = |id, price_types, accessible_ms| {
            let (concert, backwards) = (id / 3 + 1, false);
            Edit::Schedule { id, concert, backwards, price_types, accessible_ms, sold: None, orphans: None }
        };
        let seats = |schedule, (first, last), position, amount, prices| {
            let offer = Offer { category: Some("P1"), prices, attributes: [1, 2], rank: None };
            Edit::Seats { schedule, first, last, position, amount, renamed: false, offer, standing: 0 }
        };
        let edits = [
            date(1, 3, Some(1_500)),
            date(2, 2, None),
            seats(1, (1, 5), 1, 100, 2),
            seats(2, (2, 5), 3, 50, 1),
            Edit::Seats {
                schedule: 2,
                first: 6,
                last: 7,
                position: 7,
                amount: 40,
                renamed: false,
                offer: Offer { category: Some("P2"), ..Offer::default() },
                standing: 0,
            },
        ];
        let mut commands = vec![Command::Raise { level: NEWEST }];
        commands.extend(edits.iter().map(|edit| Command::Stage { upload, part: edit.part() }));
        commands.push(Command::Publish { upload });
        commands.extend(codes::begin());
        self.batch(commands);
    }

    fn with(record: Option<Vec<(Mark, Vec<Row>)>>, told: Option<Rebuilt>) -> Self {
        let (shop, model) = (Shop::new(), Model::new());
        let (replica, ledger, admitted) = (Engine::new(), Vec::new(), Vec::new());
        let mut history = Self { shop, replica, model, ledger, admitted, record, told };
        if history.told.is_some() {
            history.batch(vec![Command::Raise { level: NEWEST }]);
        }
        let queue = QueueSettings {
            active_limit: 2,
            admit_per_second: None,
            session_ttl_ms: 500,
            waiting_ttl_ms: 250,
            waiting_grace_ms: 250,
            session_idle_ms: None,
            proof_bits: None,
            network_places: None,
            session_max_ms: None,
        };
        let settings = Settings {
            hold_ttl_ms: 250,
            hold_limit_per_user: 2,
            charge_limit: 300,
            queue: queue.clone(),
            ..Settings::default()
        };
        let date = |id, concert, orphans| {
            let (backwards, price_types, accessible_ms, sold) = (false, 0, None, None);
            Edit::Schedule { id, concert, backwards, price_types, accessible_ms, sold, orphans }
        };
        let seats = |schedule, (first, last), position, (amount, standing)| {
            let (renamed, offer) = (false, Offer::default());
            Edit::Seats { schedule, first, last, position, amount, renamed, offer, standing }
        };
        let edits = [
            Edit::Concert { id: 1, queue: "default" },
            Edit::Concert { id: 2, queue: "vip" },
            date(1, 1, None),
            date(2, 1, Some(Orphans::Refuse)),
            date(3, 2, None),
            seats(1, (1, 3), 1, (100, 0)),
            seats(2, (2, 7), 3, (50, 3)),
            seats(3, (1, 2), 1, (0, 0)),
        ];
        let upload = UploadId(1);
        let mut commands = vec![
            Command::Configure { settings },
            Command::ConfigureQueue { queue: QueueId(0), settings: Some(queue), mode: None },
        ];
        commands.extend(edits.iter().map(|edit| Command::Stage { upload, part: edit.part() }));
        commands.push(Command::Publish { upload });
        history.batch(commands);
        history
    }

    pub(super) fn take(&mut self, step: &Step) {
        match step.wait {
            Wait::Ms(ms) => self.shop.now += ms,
            Wait::Deadline(after) => {
                let at = self.model.next_deadline().map_or(self.shop.now, |at| at.saturating_add_signed(after));
                self.shop.now = self.shop.now.max(at);
            }
            Wait::Walk(ms) => self.walk(ms),
        }
        if step.restart {
            self.shop.restart();
        }
        let commands = step.actions.iter().map(|action| self.command(action)).collect();
        self.batch(commands);
    }

    fn walk(&mut self, ms: u64) {
        let quarter = self.model.lines.iter().map(|line| line.settings.patience_ms() / 4).min().unwrap_or(1);
        let end = self.shop.now + ms;
        while self.shop.now < end {
            self.shop.now = end.min(self.shop.now + quarter);
            self.batch(vec![Command::Tick]);
        }
    }

    fn batch(&mut self, commands: Vec<Command>) {
        let batch = Batch { commands };
        let active: Vec<u32> = self.shop.engine.queues().iter().map(onsale_domain::queue::Queue::active).collect();
        let before = Before::of(&self.shop.engine);
        let (outcomes, rows) = self.shop.batch(&batch);
        if let Some(told) = &mut self.told {
            before.events(Time(self.shop.now), &rows).iter().for_each(|event| told.take(event));
        }
        assert_eq!(outcomes, self.model.apply(self.shop.now, &batch), "of {batch:?}");
        self.check_rows(&rows);
        let mut commands = batch.commands.iter().map(|command| match command {
            Command::Operate { command, .. } => command,
            command => command,
        });
        let reconfigured = commands.any(|command| matches!(command, Command::ConfigureQueue { .. }));
        self.check_limits(&active, reconfigured);

        let mut bytes = Vec::new();
        batch.encode_into(&mut bytes);
        let decoded = Batch::decode(&bytes).expect("what was encoded decodes");
        let (mut replica_rows, seq) = (Vec::new(), self.replica.mark().seq + 1);
        let replica_outcomes = self.replica.apply(seq, Time(self.shop.now), &decoded, &mut replica_rows);
        assert_eq!(replica_outcomes, outcomes, "the replica's outcomes");
        assert_eq!(replica_rows, rows, "the replica's rows");
        assert_eq!(self.replica.mark(), self.shop.engine.mark(), "the replica's state");
        if let Some(record) = &mut self.record {
            record.push((self.shop.engine.mark(), rows));
        }
    }

    pub(super) fn assert_audited(&self) {
        super::audited::assert_holds(self.record.as_deref().expect("a history that was recorded"));
    }

    pub(super) fn assert_told(&self) {
        self.told.as_ref().expect("a history that is told").assert_is(&self.shop.engine);
    }

    pub(super) fn assert_as_modelled(&self) {
        self.model.assert_shown_by(&self.shop.engine);
        for &(account, sum) in &self.ledger {
            if let Account::Wallet(user) = account {
                assert_eq!(i128::from(self.shop.engine.wallets().balance(user)), sum, "the ledger of user {user}");
            }
        }
        assert_eq!(self.ledger.iter().map(|&(_, sum)| sum).sum::<i128>(), 0, "the whole ledger");
    }

    pub(super) fn assert_replica_and_rows_agree(&self) {
        let mark = self.shop.engine.mark();
        self.shop.tables.load(&mark).expect("the rows make the engine that wrote them");
    }

    /// The ledger, and the contract's bound on admissions, from what the engine says it did.
    fn check_rows(&mut self, rows: &[Row]) {
        self.admitted.resize_with(self.model.lines.len(), Default::default);
        let mut revoked = Vec::new();
        for row in rows {
            match row {
                // Whoever was inside goes on there under another token, and is not let in again.
                Row::Revoked { user, .. } => revoked.push(*user),
                Row::Ticket(ticket) if revoked.contains(&ticket.user) => {}
                Row::Transfer(transfer) => {
                    self.add(transfer.debit, -i128::from(transfer.amount));
                    self.add(transfer.credit, i128::from(transfer.amount));
                }
                // A session that becomes longer is no admission.
                Row::Ticket(ticket) if ticket.admitted_at.is_some_and(|at| at.0 < self.shop.now) => {}
                Row::Ticket(ticket) if ticket.state.status() == Status::Progress => {
                    self.admitted[usize::from(ticket.ticket.queue.0)].push(self.shop.now);
                }
                _ => {}
            }
        }
    }

    fn add(&mut self, account: Account, amount: i128) {
        match self.ledger.iter_mut().find(|(other, _)| *other == account) {
            Some((_, sum)) => *sum += amount,
            None => self.ledger.push((account, amount)),
        }
    }

    /// Where a batch changed the limits, they hold from the next one on.
    fn check_limits(&mut self, active_before: &[u32], reconfigured: bool) {
        if reconfigured {
            return self.admitted.clear();
        }
        for (i, queue) in self.shop.engine.queues().iter().enumerate() {
            let before = active_before.get(i).copied().unwrap_or(0);
            assert!(queue.active() <= before.max(queue.settings().active_limit), "too many inside queue {i}");
            let limit = queue.settings().admit_per_second;
            let last_second = self.admitted[i].iter().filter(|&&at| at + 1_000 > self.shop.now).count();
            assert!(limit.is_none_or(|limit| last_second <= limit as usize), "queue {i} admits too fast");
        }
    }

    /// What operators do comes with their names.
    fn command(&self, action: &Action) -> Command {
        let command = self.bare_command(action);
        let operate = |command| {
            let by = Operator { key: KeyId(1), name: Some("model".to_owned()) };
            Command::Operate { by, command: Box::new(command) }
        };
        match action {
            Action::Codes(coded) if !coded.is_lever() => command,
            // Some are given their place at the desk.
            Action::Join { user, .. } if user % 3 == 0 => operate(command),
            Action::Codes(_)
            | Action::Publish { .. }
            | Action::Discard { .. }
            | Action::OpenQueue { .. }
            | Action::ConfigureQueue { .. }
            | Action::Configure { .. }
            | Action::Raise
            | Action::Revoke { .. }
            | Action::EndSession { .. }
            | Action::Erase { .. }
            | Action::PassOver { .. }
            | Action::AddOperator { .. }
            | Action::RemoveOperator { .. }
            | Action::SetSaleClosed { .. }
            | Action::SetOpening { .. }
            | Action::SetOrder { .. }
            | Action::SetBeacon { .. }
            | Action::SetSaleTimes { .. }
            | Action::SetOrphans { .. }
            | Action::Release { .. }
            | Action::Reissue { .. }
            | Action::Withhold { .. }
            | Action::GiveBack { .. }
            | Action::RemoveSchedule { .. }
            | Action::LetSilentGo { .. } => operate(command),
            Action::Tick
            | Action::KeepSession { .. }
            | Action::Start
            | Action::Join { .. }
            | Action::JoinFrom { .. }
            | Action::Enter { .. }
            | Action::Seen { .. }
            | Action::Active { .. }
            | Action::Leave { .. }
            | Action::Charge { .. }
            | Action::Adjust { .. }
            | Action::Reserve { .. }
            | Action::ReserveBest { .. }
            | Action::ReserveLines { .. }
            | Action::ReserveAreas { .. }
            | Action::Cancel { .. }
            | Action::Extend { .. }
            | Action::Pay { .. }
            | Action::Edit { .. } => command,
        }
    }

    fn bare_command(&self, action: &Action) -> Command {
        let schedule = |id: &u64| ScheduleId(*id);
        match action {
            Action::Tick => Command::Tick,
            Action::Start => Command::Start,
            Action::Join { user, queue } => {
                Command::Join { user: UserId(*user), queue: QueueId(*queue), key: KeyId(*user as u32 % 2) }
            }
            Action::JoinFrom { user, queue, network } => {
                Command::JoinFrom { user: UserId(*user), queue: QueueId(*queue), key: KeyId(1), network: *network }
            }
            Action::Enter { user, asked, queue, jti, lives_ms, retry, limit, tier } => {
                let once =
                    SingleUse { digest: [*jti; 16], until: Time(self.shop.now + lives_ms), retry: key_of(*retry) };
                let entrant = codes::entrant(*user);
                let (asked, once) = (asked.then_some(UserId(3)), Some(once).filter(|_| *jti > 0));
                let entry = Entry { entrant, asked, once, limit: *limit, tier: *tier };
                Command::Enter { entry, queue: QueueId(*queue), key: KeyId(1) }
            }
            Action::Seen { queue, mask } => {
                let heard = (0..200_u32).filter(|number| mask >> (number % 64) & 1 == 1);
                Command::Seen { queue: QueueId(*queue), tickets: shop::bitmap(heard) }
            }
            Action::Active { queue, mask } => {
                let active = (0..200_u32).filter(|number| mask >> (number % 64) & 1 == 1);
                Command::Active { queue: QueueId(*queue), tickets: shop::bitmap(active) }
            }
            Action::Leave { queue, back } => {
                let tickets = self.model.lines.get(usize::from(*queue)).map_or(0, |line| line.tickets.len() as u32);
                Command::Leave {
                    ticket: TicketId { queue: QueueId(*queue), number: tickets.saturating_sub(*back) },
                    user: None,
                }
            }
            Action::Charge { user, amount, key } => {
                Command::Charge { user: UserId(*user), amount: *amount, key: key_of(*key) }
            }
            Action::Adjust { reference, user, direction, amount } => {
                let adjustment = Adjustment { user: UserId(*user), direction: *direction, amount: *amount };
                let by = Operator { key: KeyId(1), name: Some("model".to_owned()) };
                Command::Adjust { reference: (*reference).to_owned(), adjustment, by }
            }
            Action::Reserve { user, queue, schedule: id, seats, key } => Command::Reserve {
                ticket: TicketId { queue: QueueId(*queue), number: self.last_ticket(*user, *queue) },
                user: UserId(*user),
                schedule: schedule(id),
                seats: seats.iter().copied().map(SeatId).collect(),
                key: key_of(*key),
            },
            Action::ReserveLines { user, queue, schedule: id, lines, key } => Command::ReserveLines {
                ticket: TicketId { queue: QueueId(*queue), number: self.last_ticket(*user, *queue) },
                user: UserId(*user),
                schedule: schedule(id),
                seats: lines.clone(),
                key: key_of(*key),
            },
            Action::ReserveBest { user, queue, schedule: id, wish, key } => Command::ReserveBest {
                ticket: TicketId { queue: QueueId(*queue), number: self.last_ticket(*user, *queue) },
                user: UserId(*user),
                schedule: schedule(id),
                wish: wish.clone(),
                key: key_of(*key),
            },
            Action::ReserveAreas { user, queue, schedule: id, seats, areas, key } => Command::ReserveAreas {
                ticket: TicketId { queue: QueueId(*queue), number: self.last_ticket(*user, *queue) },
                user: UserId(*user),
                schedule: schedule(id),
                seats: seats.iter().map(|&seat| SeatId(seat).into()).collect(),
                areas: areas.clone(),
                key: key_of(*key),
            },
            Action::Cancel { user, back } => Command::Cancel { user: UserId(*user), reservation: self.recent(*back) },
            Action::Extend { stranger, back } => {
                let reservation = self.recent(*back);
                Command::Extend { user: self.owner(reservation, *stranger), reservation }
            }
            Action::Pay { stranger, back, key } => {
                let reservation = self.recent(*back);
                Command::Pay { user: self.owner(reservation, *stranger), reservation, key: key_of(*key) }
            }
            Action::Codes(coded) => coded.command(self.shop.now),
            Action::Edit { upload, edit } => Command::Stage { upload: UploadId(*upload), part: edit.part() },
            Action::Publish { upload } => Command::Publish { upload: UploadId(*upload) },
            Action::Discard { upload } => Command::Discard { upload: UploadId(*upload) },
            Action::OpenQueue { name } => Command::OpenQueue { name: (*name).to_owned() },
            Action::ConfigureQueue { queue, settings, mode } => {
                Command::ConfigureQueue { queue: QueueId(*queue), settings: settings.clone(), mode: *mode }
            }
            Action::Raise => Command::Raise { level: NEWEST },
            Action::Revoke { user } => Command::Revoke { user: UserId(*user) },
            Action::EndSession { queue, user } => Command::EndSession { queue: QueueId(*queue), user: UserId(*user) },
            Action::KeepSession { queue, user } => Command::KeepSession { queue: QueueId(*queue), user: UserId(*user) },
            Action::Erase { user, force } => Command::ErasePerson { entrant: codes::entrant(*user), force: *force },
            Action::PassOver { numbers } => {
                let now = Time(self.shop.now);
                Command::PassOver { numbers: *numbers, entry: 1, lost_from: now, lost_until: now }
            }
            Action::AddOperator { name, role } => {
                Command::AddOperator { name: (*name).to_owned(), role: *role, digest: [self.shop.now as u8; 32] }
            }
            Action::RemoveOperator { name } => Command::RemoveOperator { name: (*name).to_owned() },
            Action::Configure { settings } => Command::Configure { settings: settings.clone() },
            Action::SetSaleClosed { schedule: id, closed } => {
                Command::SetSaleClosed { schedule: schedule(id), closed: *closed }
            }
            Action::SetOpening { queue, prequeue, opens, closes } => {
                let [prequeue_at, opens_at, closes_at] = [prequeue, opens, closes].map(|ms| self.moment(*ms));
                let opening = Opening { prequeue_at, opens_at, closes_at };
                Command::SetOpening { queue: QueueId(*queue), opening }
            }
            Action::SetOrder { queue, seed } => {
                let order = seed.map_or(Order::Fifo, |seed| Order::Draw { seed: [seed; 32] });
                Command::SetOrder { queue: QueueId(*queue), order }
            }
            Action::SetBeacon { queue, beacon } => {
                Command::SetBeacon { queue: QueueId(*queue), beacon: (*beacon).to_owned() }
            }
            Action::SetSaleTimes { schedule: id, on, off } => {
                let [on_sale_at, off_sale_at] = [on, off].map(|ms| self.moment(*ms));
                Command::SetSaleTimes { schedule: schedule(id), on_sale_at, off_sale_at }
            }
            Action::Withhold { schedule: id, seats, reason } => Command::Withhold {
                schedule: schedule(id),
                seats: seats.iter().copied().map(SeatId).collect(),
                reason: (*reason).to_owned(),
            },
            Action::GiveBack { schedule: id, seats } => Command::GiveBack {
                schedule: schedule(id),
                seats: seats.iter().copied().map(SeatId).collect(),
                reason: "no camera".to_owned(),
            },
            Action::Reissue { back, seat, reason } => Command::Reissue {
                reservation: self.recent(*back),
                seat: seat.map(SeatId),
                reason: (*reason).to_owned(),
            },
            Action::Release { back, reason } => {
                Command::Release { reservation: self.recent(*back), reason: reason.map(str::to_owned) }
            }
            Action::SetOrphans { schedule: id, orphans } => {
                Command::SetOrphans { schedule: schedule(id), orphans: *orphans }
            }
            Action::LetSilentGo { queue, silent_ms } => {
                Command::LetSilentGo { queue: QueueId(*queue), silent_ms: *silent_ms }
            }
            Action::RemoveSchedule { schedule: id } => Command::RemoveSchedule { schedule: schedule(id) },
        }
    }

    fn moment(&self, ms: Option<i64>) -> Option<Time> {
        ms.map(|ms| Time(self.shop.now.saturating_add_signed(ms)))
    }

    /// One of the last reservations, or the next, which is not there yet.
    fn recent(&self, back: u64) -> ReservationId {
        ReservationId((self.model.reservations.len() as u64 + 1).saturating_sub(back))
    }

    /// The reservation's owner, or somebody else.
    fn owner(&self, reservation: ReservationId, stranger: bool) -> UserId {
        let owner = self.model.reservations.iter().find(|row| row.id == reservation);
        owner.filter(|_| !stranger).map_or(UserId(6), |row| row.user)
    }

    fn last_ticket(&self, user: u64, queue: u16) -> u32 {
        let tickets = self.model.lines.get(usize::from(queue)).map(|line| line.tickets.as_slice()).unwrap_or_default();
        tickets.iter().rposition(|ticket| ticket.user == UserId(user)).unwrap_or(0) as u32
    }
}

fn key_of(n: u64) -> Option<onsale_domain::idempotency::Key> {
    if n == 0 { None } else { shop::key(n) }
}
