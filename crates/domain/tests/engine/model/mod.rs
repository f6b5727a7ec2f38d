//! What the store must do, as plainly as it can be said: lists, linear searches, everything worked out anew.
//! Written from the wire contract, not from the engine.

mod best;
mod catalog;
mod check;
mod codes;
mod draw;
mod entry;
mod erased;
mod idle;
mod keys;
mod line;
mod opening;
mod sale;
mod tiers;
mod withheld;

pub(crate) use best::{Others, best, check_names, left_alone, price_types};
pub(crate) use catalog::Sale;
pub(crate) use line::Line;

use onsale_domain::command::{Batch, CatalogPart, Command};
use onsale_domain::concert::{Concert, Line as SeatLine};
use onsale_domain::ids::{QueueId, ReservationId, SeatId, UploadId, UserId};
use onsale_domain::level::{FAIRNESS, IDLE, LIMITS, NETWORKS, OFFERS, PROOFS, SESSIONS, TIERS};
use onsale_domain::operator::{OperatorRow, Role};
use onsale_domain::queue::{State as TicketState, Status};
use onsale_domain::reply::{Charged, LetGo, Once, Outcome, Refusal, Reply};
use onsale_domain::reservation;
use onsale_domain::row::{EntryRow, ErasedRow, PaymentRow, ReservationRow, WithheldRow};
use onsale_domain::settings::{QueueSettings, Settings};
use onsale_domain::time::Time;
use onsale_domain::user::{Adjustment, Direction};

use keys::{Asked, Called, Kept};

/// The contract's day: how long results of keys, and what has ended, are remembered.
pub(crate) const DAY_MS: u64 = 86_400_000;
/// The greatest amount of money there is, and the greatest id.
pub(crate) const INTEGER_MAX: u64 = 9_007_199_254_740_991;

pub(crate) struct Model {
    pub now: u64,
    begun: bool,
    pub level: u32,
    pub settings: Settings,
    pub lines: Vec<Line>,
    pub wallets: Vec<(UserId, u64)>,
    /// What was credited and debited under which reference.
    pub adjusted: Vec<(String, Adjustment)>,
    /// Who was named by something else than a number, in order.
    pub subjects: Vec<([u8; 32], u64)>,
    /// Numbers of each kind that were passed over.
    pub passed_over: u64,
    /// The entry tokens that were used and have not expired.
    pub used: Vec<EntryRow>,
    /// How many seats whom, by the newest token that said it.
    pub seat_limits: Vec<(UserId, u32)>,
    /// All charges together.
    pub charged: u128,
    /// Whose tokens of before which moment are none.
    pub revoked: Vec<(UserId, u64)>,
    pub erased: Vec<ErasedRow>,
    /// Those with a key of their own.
    pub operators: Vec<OperatorRow>,
    pub concerts: Vec<Concert>,
    pub sales: Vec<Sale>,
    staged: Vec<(UploadId, CatalogPart)>,
    /// All that ever were, by id.
    pub reservations: Vec<ReservationRow>,
    pub payments: Vec<PaymentRow>,
    /// The seats that operators hold back.
    pub withheld: Vec<WithheldRow>,
    /// Each time that a ticket was issued anew.
    pub reissued: Vec<(ReservationId, SeatId)>,
    pub campaigns: Vec<codes::Campaign>,
    /// All uses of codes that ever were.
    pub uses: Vec<codes::Use>,
    kept: Vec<Kept>,
}

impl Model {
    pub(crate) fn new() -> Self {
        let settings = Settings::default();
        Self {
            now: 0,
            begun: false,
            level: 0,
            lines: vec![Line::new(QueueId(0), "default", settings.queue.clone())],
            settings,
            wallets: Vec::new(),
            adjusted: Vec::new(),
            subjects: Vec::new(),
            passed_over: 0,
            used: Vec::new(),
            seat_limits: Vec::new(),
            charged: 0,
            revoked: Vec::new(),
            erased: Vec::new(),
            operators: Vec::new(),
            concerts: Vec::new(),
            sales: Vec::new(),
            staged: Vec::new(),
            reservations: Vec::new(),
            payments: Vec::new(),
            withheld: Vec::new(),
            reissued: Vec::new(),
            campaigns: Vec::new(),
            uses: Vec::new(),
            kept: Vec::new(),
        }
    }

    /// Who holds a seat, of whatever sale.
    fn holders(&self) -> Vec<UserId> {
        let held = self.reservations.iter().filter(|row| row.state == reservation::State::Held);
        held.map(|row| row.user).collect()
    }

    pub(crate) fn apply(&mut self, now: u64, batch: &Batch) -> Vec<Outcome> {
        for line in &mut self.lines {
            if self.begun && now - self.now > line.settings.patience_ms() / 4 {
                line.everybody_seen = now;
            }
        }
        self.begun = true;
        self.now = now;
        self.used.retain(|row| row.once.until.0 > now);
        self.lapse();
        let holders = self.holders();
        for line in &mut self.lines {
            line.end_what_is_due(now, &holders);
        }
        self.admit();
        self.give_codes_back();
        batch.commands.iter().map(|command| self.one(command)).collect()
    }

    fn one(&mut self, command: &Command) -> Outcome {
        let outcome = self.carry_out(command);
        self.admit();
        self.give_codes_back();
        outcome
    }

    /// Admits whoever can be admitted, in every queue.
    fn admit(&mut self) {
        for line in &mut self.lines {
            line.admit(self.now);
        }
    }

    fn carry_out(&mut self, command: &Command) -> Outcome {
        match command {
            Command::Tick => Ok(Reply::Done),
            Command::Raise { level } => {
                if *level >= FAIRNESS && self.level < FAIRNESS {
                    for line in &mut self.lines {
                        line.everybody_seen = self.now;
                    }
                }
                if *level >= TIERS && self.level < TIERS {
                    self.lines.iter_mut().for_each(Line::heed_tiers);
                }
                self.level = self.level.max(*level);
                Ok(Reply::Done)
            }
            Command::LetSilentGo { queue, silent_ms } => self.let_silent_go(*queue, *silent_ms),
            Command::Start => {
                for line in &mut self.lines {
                    line.everybody_seen = self.now;
                }
                Ok(Reply::Done)
            }
            Command::Join { user, queue, key } => {
                self.join((*user, None, None), (*queue, *key), None).map(Reply::Joined)
            }
            Command::JoinFrom { user, queue, key, network } => {
                self.join((*user, None, Some(*network)), (*queue, *key), None).map(Reply::Joined)
            }
            Command::JoinWithCode { user, queue, key, code } => {
                self.join((*user, None, None), (*queue, *key), Some(code)).map(Reply::Joined)
            }
            Command::Enter { entry, queue, key } => self.enter(entry, *queue, *key, None).map(Reply::Entered),
            Command::EnterWithCode { entry, queue, key, code } => {
                self.enter(entry, *queue, *key, Some(code)).map(Reply::Entered)
            }
            Command::SetCampaign { name, queue, key, rules } => self.set_campaign(name, *queue, *key, *rules),
            Command::AddCodes { campaign, first, digests } => self.add_codes(*campaign, *first, digests),
            Command::Seen { queue, tickets } => {
                let now = self.now;
                let inside_too = self.level >= FAIRNESS;
                self.line(*queue)?.seen(tickets, now, inside_too);
                Ok(Reply::Done)
            }
            Command::Active { queue, tickets } => {
                let now = self.now;
                self.line(*queue)?.active(tickets, now);
                Ok(Reply::Done)
            }
            Command::EndSession { queue, user } => {
                let now = self.now;
                self.line(*queue)?.end_session(*user, now)
            }
            Command::KeepSession { queue, user } => {
                let now = self.now;
                self.line(*queue)?.keep_session(*user, now)
            }
            Command::Leave { ticket, user } => {
                let now = self.now;
                let line = self.line(ticket.queue)?;
                if user.is_some_and(|user| line.owner(ticket.number) != Some(user)) {
                    return Ok(Reply::Left(Status::Expired));
                }
                Ok(Reply::Left(line.leave(ticket.number, now)))
            }
            Command::Charge { user, amount, key } => {
                self.once(*user, Called::Charge(*amount), *key, |model| model.charge(*user, *amount))
            }
            Command::Adjust { reference, adjustment, .. } => self.adjust(reference, *adjustment),
            Command::Reserve { ticket, user, schedule, seats, key } => {
                let asked = Asked::Seats(seats.clone());
                self.once(*user, Called::Reserve(*schedule, asked), *key, |model| {
                    let lines: Vec<_> = seats.iter().copied().map(SeatLine::from).collect();
                    model.reserve(*ticket, *user, *schedule, &lines)
                })
            }
            Command::ReserveLines { ticket, user, schedule, seats, key } => {
                let asked = Asked::Lines(seats.clone());
                self.once(*user, Called::Reserve(*schedule, asked), *key, |model| {
                    model.reserve(*ticket, *user, *schedule, seats)
                })
            }
            Command::ReserveBest { ticket, user, schedule, wish, key } => {
                let asked = Asked::Best(wish.clone());
                self.once(*user, Called::Reserve(*schedule, asked), *key, |model| {
                    model.reserve_best(*ticket, *user, *schedule, wish)
                })
            }
            Command::Extend { user, reservation } => self.extend(*user, *reservation),
            Command::Withhold { schedule, seats, reason } => self.withhold(*schedule, seats, reason),
            Command::GiveBack { schedule, seats, reason } => self.give_back(*schedule, seats, reason),
            Command::ReserveAreas { ticket, user, schedule, seats, areas, key } => {
                let asked = Asked::Areas(seats.clone(), areas.clone());
                self.once(*user, Called::Reserve(*schedule, asked), *key, |model| {
                    model.reserve_areas(*ticket, *user, *schedule, (seats, areas))
                })
            }
            Command::Cancel { user, reservation } => self.cancel(*user, *reservation),
            Command::Pay { user, reservation, key } => {
                self.once(*user, Called::Pay(*reservation), *key, |model| model.pay(*user, *reservation))
            }
            Command::Stage { upload, part } => {
                self.staged.push((*upload, part.clone()));
                Ok(Reply::Done)
            }
            Command::Publish { upload } => self.publish(*upload),
            Command::Discard { upload } => {
                self.staged.retain(|(other, _)| other != upload);
                Ok(Reply::Done)
            }
            Command::OpenQueue { name } => self.open_queue(name).map(Reply::QueueOpened),
            Command::ConfigureQueue { queue, settings, mode } => {
                if settings.as_ref().is_some_and(|settings| settings.active_limit == 0) {
                    return Err(Refusal::SettingInvalid("queue.active_limit"));
                }
                check_later(settings.as_ref(), self.level)?;
                let now = self.now;
                self.line(*queue)?.configure(settings.clone(), *mode, now);
                Ok(Reply::Done)
            }
            Command::Configure { settings } => {
                if settings.hold_limit_per_user == 0 {
                    return Err(Refusal::SettingInvalid("hold.limit_per_user"));
                }
                let limits = [
                    ("limit.seats_per_user", settings.seats_per_user),
                    ("limit.seats_per_user_per_concert", settings.seats_per_user_per_concert),
                ];
                for wrong in [Some(0), None] {
                    let is_wrong = |limit: Option<u32>| match wrong {
                        Some(_) => limit == wrong,
                        None => limit.is_some() && self.level < LIMITS,
                    };
                    if let Some((name, _)) = limits.iter().find(|(_, limit)| is_wrong(*limit)) {
                        return Err(Refusal::SettingInvalid(name));
                    }
                }
                if settings.hold_extend_ms.is_some() && self.level < OFFERS {
                    return Err(Refusal::SettingInvalid("hold.extend"));
                }
                check_later(Some(&settings.queue), self.level)?;
                self.settings = settings.clone();
                Ok(Reply::Done)
            }
            Command::SetSaleClosed { schedule, closed } => {
                let sale = self.sales.iter_mut().find(|sale| sale.schedule.id == *schedule);
                sale.ok_or(Refusal::ScheduleNotFound)?.closed = *closed;
                Ok(Reply::Done)
            }
            Command::SetOpening { queue, opening } => {
                let now = self.now;
                self.line(*queue)?.set_opening(*opening, now)
            }
            Command::SetOrder { queue, order } => self.set_order(*queue, *order),
            Command::SetBeacon { queue, beacon } => self.set_beacon(*queue, beacon),
            Command::SetSaleTimes { schedule, on_sale_at, off_sale_at } => {
                self.set_sale_times(*schedule, *on_sale_at, *off_sale_at)
            }
            Command::SetOrphans { schedule, orphans } => {
                let sale = self.sales.iter_mut().find(|sale| sale.schedule.id == *schedule);
                sale.ok_or(Refusal::ScheduleNotFound)?.schedule.orphans = Some(*orphans);
                Ok(Reply::Done)
            }
            Command::Release { reservation, reason } => {
                if reason.as_deref() == Some("") {
                    return Err(Refusal::SettingInvalid("reason"));
                }
                self.release(*reservation)
            }
            Command::Reissue { reservation, seat, reason } => {
                if reason.is_empty() {
                    return Err(Refusal::SettingInvalid("reason"));
                }
                let row = self.reservation(*reservation).ok_or(Refusal::ReservationNotFound)?;
                if !matches!(row.state, reservation::State::Paid { .. }) {
                    return Err(Refusal::NotPaid);
                }
                let seats = match seat {
                    Some(seat) if !row.seats.contains(seat) => return Err(Refusal::SeatNotFound([*seat].into())),
                    Some(seat) => vec![*seat],
                    None => row.seats.to_vec(),
                };
                self.reissued.extend(seats.into_iter().map(|seat| (*reservation, seat)));
                Ok(Reply::Reissued(*reservation))
            }
            Command::RemoveSchedule { schedule } => self.remove_schedule(*schedule),
            Command::Revoke { user } => {
                self.revoke(*user);
                Ok(Reply::Done)
            }
            Command::ErasePerson { entrant, force } => self.erase(entrant, *force),
            Command::AddOperator { name, role, digest } => self.add_operator(name, *role, *digest),
            Command::RemoveOperator { name } => {
                let at = self.operators.iter().position(|row| row.name == *name).ok_or(Refusal::OperatorNotFound)?;
                self.operators.remove(at);
                Ok(Reply::Done)
            }
            Command::NoteWebhook { .. } => Ok(Reply::Done),
            Command::PassOver { numbers, .. } => self.pass_over(*numbers),
            // Who has it done changes nothing of what comes of it.
            Command::Operate { command, .. } => self.carry_out(command),
            Command::Announce { queue, .. } => match queue {
                Some(queue) => self.line(*queue).map(|_| Reply::Done),
                None => Ok(Reply::Done),
            },
        }
    }

    fn line(&mut self, id: QueueId) -> Result<&mut Line, Refusal> {
        self.lines.get_mut(usize::from(id.0)).ok_or(Refusal::QueueNotFound)
    }

    /// Whoever is let go keeps what they hold.
    fn let_silent_go(&mut self, queue: QueueId, silent_ms: u64) -> Outcome {
        let (now, level) = (self.now, self.level);
        let line = self.line(queue)?;
        if silent_ms < line.settings.waiting_ttl_ms {
            return Err(Refusal::SettingInvalid("silentFor"));
        }
        let silent = if level >= FAIRNESS { line.silent(now, silent_ms) } else { Vec::new() };
        let gone: Vec<UserId> = silent.iter().map(|&number| line.tickets[number].user).collect();
        for &number in &silent {
            line.tickets[number].state = TicketState::Expired { at: Time(now) };
        }
        let holds_here = |user: &&UserId| {
            self.reservations.iter().any(|row| {
                let sale = self.sales.iter().find(|sale| sale.schedule.id == row.schedule);
                row.user == **user
                    && row.state == reservation::State::Held
                    && sale.is_some_and(|sale| self.queue_of(sale) == queue)
            })
        };
        let holding = gone.iter().filter(holds_here).count() as u32;
        Ok(Reply::LetGo(LetGo { sessions: gone.len() as u32, holding }))
    }

    fn add_operator(&mut self, name: &str, role: Role, digest: [u8; 32]) -> Outcome {
        if name.is_empty() {
            return Err(Refusal::SettingInvalid("name"));
        }
        if self.operators.iter().any(|row| row.name == name) {
            return Err(Refusal::OperatorExists);
        }
        self.operators.push(OperatorRow { name: name.to_owned(), role, digest, at: Time(self.now) });
        Ok(Reply::Done)
    }

    pub(crate) fn balance(&self, user: UserId) -> u64 {
        self.wallets.iter().find(|(other, _)| *other == user).map_or(0, |&(_, balance)| balance)
    }

    /// From when on the user's tokens count.
    fn revoked(&self, user: UserId) -> u64 {
        self.revoked.iter().find(|(other, _)| *other == user).map_or(0, |&(_, since)| since)
    }

    fn charge(&mut self, user: UserId, amount: u64) -> Outcome {
        let balance = self.balance(user);
        if amount == 0 || amount > self.settings.charge_limit || balance + amount > INTEGER_MAX {
            return Err(Refusal::AmountInvalid);
        }
        let charged = self.charged + u128::from(amount);
        if self.level < FAIRNESS && charged >= 1 << 63 {
            return Err(Refusal::AmountInvalid);
        }
        self.charged = charged;
        self.set_balance(user, balance + amount);
        Ok(Reply::Charged(keys::fresh(Charged { balance: balance + amount })))
    }

    fn adjust(&mut self, reference: &str, adjustment: Adjustment) -> Outcome {
        if reference.is_empty() {
            return Err(Refusal::SettingInvalid("reference"));
        }
        let Adjustment { user, direction, amount } = adjustment;
        let balance = self.balance(user);
        if let Some((_, before)) = self.adjusted.iter().find(|(other, _)| other == reference) {
            let is_same = *before == adjustment;
            let again = Reply::Adjusted(Once { value: Charged { balance }, replayed: true });
            return if is_same { Ok(again) } else { Err(Refusal::ReferenceReused) };
        }
        let amount_signed = i128::from(amount) * if direction == Direction::Credit { 1 } else { -1 };
        let after = i128::from(balance) + amount_signed;
        if amount == 0 || after > i128::from(INTEGER_MAX) {
            return Err(Refusal::AmountInvalid);
        }
        let Ok(after) = u64::try_from(after) else { return Err(Refusal::InsufficientBalance) };
        self.charged = self.charged.checked_add_signed(amount_signed).expect("what is in a wallet came in");
        self.adjusted.push((reference.to_owned(), adjustment));
        self.set_balance(user, after);
        Ok(Reply::Adjusted(keys::fresh(Charged { balance: after })))
    }

    fn set_balance(&mut self, user: UserId, balance: u64) {
        self.wallets.retain(|(other, _)| *other != user);
        self.wallets.push((user, balance));
    }

    /// When time alone changes something next.
    pub(crate) fn next_deadline(&self) -> Option<u64> {
        let held = self.reservations.iter().filter(|row| row.state == reservation::State::Held);
        let holds = held.map(|row| row.reserved_until.0);
        let lines = self.lines.iter().filter_map(|line| line.next_deadline(self.now));
        holds.chain(lines).chain(self.next_of_sales()).min()
    }
}

fn check_later(settings: Option<&QueueSettings>, level: u32) -> Result<(), Refusal> {
    let Some(settings) = settings else { return Ok(()) };
    let (idle, bits, max) = (settings.session_idle_ms, settings.proof_bits, settings.session_max_ms);
    let invalid = |name| Err(Refusal::SettingInvalid(name));
    // What is no setting at all is said before what the level does not bring yet.
    match () {
        () if idle == Some(0) => invalid("queue.session_idle"),
        () if bits.is_some_and(|bits| bits == 0 || bits > 24) => invalid("queue.proof_bits"),
        () if max.is_some_and(|max| max < settings.session_ttl_ms) => invalid("queue.session_max"),
        () if settings.network_places == Some(0) => invalid("queue.network_places"),
        () if idle.is_some() && level < IDLE => invalid("queue.session_idle"),
        () if bits.is_some() && level < PROOFS => invalid("queue.proof_bits"),
        () if max.is_some() && level < SESSIONS => invalid("queue.session_max"),
        () if settings.network_places.is_some() && level < NETWORKS => invalid("queue.network_places"),
        () => Ok(()),
    }
}
