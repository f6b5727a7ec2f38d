//! A small sale in which everything has happened once.

use std::sync::Arc;

use onsale_domain::codes::{Campaign, CampaignRules, CodeDigest};
use onsale_domain::concert::{Attributes, Concert, Orphans, Price, PriceType, Schedule, SeatSpec, Terms};
use onsale_domain::idempotency::{Endpoint, Key, Result as StoredResult};
use onsale_domain::ids::{
    CampaignId, ConcertId, EventId, KeyId, PaymentId, QueueId, ReservationId, ScheduleId, SeatId, TicketId, TransferId,
    UploadId, UserId,
};
use onsale_domain::operator::{Action, Kind, LeverRow, NewsRow, Operator, Text};
use onsale_domain::queue::{Draw, Mode, Opening, Phase, State, Tier};
use onsale_domain::reply::Charged;
use onsale_domain::reservation;
use onsale_domain::row::{
    Account, AdjustmentRow, CodeRow, CodeUseRow, Counters, EntryRow, ErasedRow, IdempotencyRow, Mark, PaymentRow,
    PresenceRow, QueueRow, ReissuedRow, ReservationRow, Row, ScheduleRow, TicketRow, TransferRow, WithheldRow,
};
use onsale_domain::settings::QueueSettings;
use onsale_domain::time::Time;
use onsale_domain::user::{Adjustment, Direction, SingleUse, nobodys};
use onsale_tables::Tables;
use tempfile::TempDir;

/// 2027-01-15T08:00:00.000Z
pub(crate) const NOW: u64 = 1_800_000_000_000;

/// Seats 4 and 5, held together below level 2: what each of them was held at is not known.
pub(crate) fn pair_of_before() -> Row {
    Row::Reservation(ReservationRow {
        id: ReservationId(4),
        user: UserId(9),
        schedule: ScheduleId(1),
        seats: [SeatId(4), SeatId(5)].into(),
        amount: 80_000,
        amounts: Box::default(),
        price_types: Box::default(),
        reserved_at: Time(NOW + 2_000),
        reserved_until: Time(NOW + 302_000),
        extended: false,
        state: reservation::State::Held,
    })
}

/// The tables of the sale. User 7 charged 90,000 and paid 80,000 for seats 1 and 2, user 8 holds seat 3, user 9's
/// hold of seat 4 lapsed. Seat 6 is held back. A shop put 2,000 into the wallet of user 7, and took them back.
pub(crate) fn tables() -> (TempDir, Tables) {
    let (dir, mut tables) = super::tables();
    tables.project(0, &mark(), &[9; 32], &rows()).expect("a projection");
    (dir, tables)
}

pub(crate) fn mark() -> Mark {
    let counters = Counters {
        next_reservation: ReservationId(4),
        next_payment: PaymentId(2),
        next_transfer: TransferId(5),
        charged: 90_000,
        sold: 80_000,
    };
    Mark { seq: 12, time: Time(NOW + 9_999), fingerprint: 0x8000_0000_0000_0001, counters }
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = catalog();
    rows.extend(queue());
    rows.extend(money());
    rows.extend(reservations());
    rows.extend(operators());
    rows.extend(codes());
    rows
}

/// Five seats and a place to stand, each of them at that price.
pub(crate) fn seats(amount: u64) -> Row {
    let schedule = ScheduleId(1);
    let seat = |position: u32| SeatSpec {
        schedule,
        seat: SeatId(position.into()),
        position,
        amount,
        section: Some("A".to_owned()),
        row: Some("1".to_owned()),
        number: Some(position.to_string()),
        terms: Terms {
            category: Some("P1".to_owned()),
            prices: vec![Price { price_type: "child".into(), amount: amount - 10_000 }],
            attributes: Attributes(if position == 5 { 5 } else { 0 }),
        }
        .shared(),
        standing: false,
        rank: None,
    };
    let place = SeatSpec { section: Some("Floor".to_owned()), row: None, standing: true, ..seat(6) };
    Row::Seats { schedule, seats: (1..=5).map(seat).chain([place]).collect() }
}

fn catalog() -> Vec<Row> {
    let schedule = ScheduleId(1);
    let date = Schedule {
        id: schedule,
        concert: ConcertId(1),
        zone: "Asia/Seoul".to_owned(),
        starts_at: Time(NOW + 86_400_000),
        ends_at: Time(NOW + 93_600_000),
        price_types: Some(vec![
            PriceType { id: "adult".into(), title: Some("Adult".to_owned()) },
            PriceType { id: "child".into(), title: None },
        ]),
        accessible_until: Some(Time(NOW + 80_000_000)),
        on_sale_at: Some(Time(NOW - 1_000)),
        off_sale_at: None,
        orphans: Some(Orphans::Refuse),
    };
    vec![
        Row::Settings(Box::default()),
        Row::Level(1),
        Row::Concert(Concert { id: ConcertId(1), title: "First Night".to_owned(), queue: "default".to_owned() }),
        Row::Schedule(Box::new(ScheduleRow { schedule: date, closed: false })),
        seats(40_000),
        Row::Staged { upload: UploadId(u64::MAX), part: 0, bytes: Arc::from([1_u8, 2, 3]) },
    ]
}

/// One stands before the others.
fn tier_of(number: u32) -> Option<Tier> {
    Tier::new(2).filter(|_| number == 4)
}

fn queue() -> Vec<Row> {
    let queue = QueueId(0);
    let states = [
        State::Done { at: Time(NOW + 5_000) },
        State::Progress { until: Time(NOW + 600_000) },
        State::Expired { at: Time(NOW + 6_000) },
        State::Absent { until: Time(NOW + 700_000) },
        State::Waiting,
        State::Returned { order: 0, until: Time(NOW + 700_000) },
    ];
    let ticket = |(number, state): (u32, State)| {
        let ticket = TicketId { queue, number };
        let issued_at = Time(NOW + u64::from(number));
        // One has another token since they joined.
        let again = number == 3;
        let (issued_at, joined_at) = if again { (Time(NOW + 9_000), Some(issued_at)) } else { (issued_at, None) };
        let user = UserId(7 + u64::from(number));
        let (key, tier) = (KeyId(1), tier_of(number));
        let admitted_at = matches!(state, State::Progress { .. }).then_some(Time(NOW - 1));
        Row::Ticket(TicketRow { ticket, user, key, issued_at, joined_at, tier, admitted_at, state })
    };
    let mut rows: Vec<Row> = (0..).zip(states).map(ticket).collect();
    rows.push(Row::Presence(PresenceRow { queue, first: 0, seen: Box::new([1, 2, 3, 4, 5, 6]) }));
    let draw = Draw::new([5; 32]);
    let link = |joins, number| Draw::link(&joins, number, Time(NOW + u64::from(number)), tier_of(number));
    let joins = (0..6).fold(draw.joins, link);
    let draw = Draw { first: Some(0), joins, beacon: Some("drand 1".into()), ..draw };
    rows.push(Row::Queue(Box::new(QueueRow {
        id: queue,
        name: "default".to_owned(),
        mode: Mode::Open,
        opening: Opening { prequeue_at: Some(Time(NOW)), opens_at: Some(Time(NOW + 3_600_000)), closes_at: None },
        phase: Phase::Prequeue,
        draw: Some(Box::new(draw)),
        tiered: None,
        settings: QueueSettings::default(),
        next_number: 6,
        first_number: 0,
        next_return: 1,
        seen_floor: Time(7),
        admitted: vec![(NOW / 20, 3)],
    })));
    rows
}

/// User 7 has bought with code 1, user 8 is inside with code 2, user 9 gave that one back.
fn codes() -> Vec<Row> {
    let campaign = CampaignId(0);
    let rules = CampaignRules { until: Some(Time(NOW + 60_000)), tier: Some(1), uses: 2, ..CampaignRules::default() };
    let (codes, held, spent) = (2, 1, 1);
    let digest = |number: u32| CodeDigest([number as u8; 16]);
    let code = |number| Row::Code(CodeRow { campaign, number, digest: digest(number), used: 1 });
    let taken = |ticket: u32, number, paid, ended: Option<u64>| {
        Row::CodeUse(CodeUseRow {
            ticket: TicketId { queue: QueueId(0), number: ticket },
            user: UserId(7 + u64::from(ticket)),
            campaign,
            number,
            digest: digest(number),
            taken_at: Time(NOW + u64::from(ticket)),
            paid,
            ended_at: ended.map(|ms| Time(NOW + ms)),
        })
    };
    let row = Campaign { rules, codes, held, spent, ..Campaign::new(campaign, "fans".to_owned()) };
    vec![
        Row::Campaign(Box::new(row)),
        code(1),
        code(2),
        taken(0, 1, true, Some(5_000)),
        taken(1, 2, false, None),
        taken(2, 2, false, Some(6_000)),
    ]
}

fn operators() -> Vec<Row> {
    let by = Operator { key: KeyId(0x8a3f_90c1), name: Some("Kim".to_owned()) };
    let at = Time(NOW + 4_000);
    let (before, after) = ("mode OPEN".to_owned(), "mode PAUSED".to_owned());
    let text = Text { en: Some("Ten more minutes".to_owned()), ko: Some("십 분 더".to_owned()) };
    vec![
        Row::Lever(LeverRow {
            id: EventId::new(3, 1),
            at,
            by,
            action: Action::ChangeQueue,
            target: "queue default".to_owned(),
            before,
            after,
        }),
        Row::News(NewsRow {
            id: EventId::new(3, 1),
            at,
            kind: Kind::QueuePaused,
            queue: Some(QueueId(0)),
            schedule: None,
            text: Text::default(),
        }),
        Row::News(NewsRow { id: EventId::new(4, 0), at, kind: Kind::Message, queue: None, schedule: None, text }),
    ]
}

fn money() -> Vec<Row> {
    let (user, payment) = (UserId(7), PaymentId(1));
    let charge = TransferRow {
        id: TransferId(1),
        at: Time(NOW + 1_001),
        debit: Account::Cash,
        credit: Account::Wallet(user),
        amount: 90_000,
        payment: None,
    };
    let sale = TransferRow {
        id: TransferId(2),
        at: Time(NOW + 5_000),
        debit: Account::Wallet(user),
        credit: Account::Sales,
        amount: 80_000,
        payment: Some(payment),
    };
    let adjusted = |id, debit, credit| {
        let (id, at) = (TransferId(id), Time(NOW + 6_000));
        Row::Transfer(TransferRow { id, at, debit, credit, amount: 2_000, payment: None })
    };
    let adjustment = |reference: &str, direction, id| {
        let by = Operator { key: KeyId(0x8a3f_90c1), name: Some("shop".to_owned()) };
        let adjustment = Adjustment { user, direction, amount: 2_000 };
        Row::Adjustment(AdjustmentRow { reference: reference.to_owned(), adjustment, transfer: TransferId(id), by })
    };
    let paid_at = Time(NOW + 5_000);
    let erased = UserId((1 << 52) + 2);
    let once = SingleUse { digest: [7; 16], until: Time(NOW + 60_000), retry: Some(Key { hash: [8; 16] }) };
    vec![
        Row::Subject { digest: [1; 32], user: UserId(1 << 52) },
        Row::Subject { digest: [2; 32], user: UserId((1 << 52) + 1) },
        Row::Subject { digest: nobodys(erased), user: erased },
        Row::Erased(ErasedRow { user: erased, at: paid_at, pseudonym: Some([3; 32]) }),
        Row::Revoked { user: erased, since: Time(NOW + 6_000) },
        Row::Entry(EntryRow { once, user: UserId(1 << 52) }),
        Row::SeatLimit { user: UserId(1 << 52), seats: 2 },
        adjusted(3, Account::Cash, Account::Wallet(user)),
        adjustment("payment-1", Direction::Credit, 3),
        adjusted(4, Account::Wallet(user), Account::Cash),
        adjustment("refund-1", Direction::Debit, 4),
        Row::Transfer(charge),
        Row::Transfer(sale),
        Row::Wallet { user, balance: 10_000 },
        Row::Wallet { user: UserId(8), balance: 0 },
        Row::Payment(PaymentRow { id: payment, reservation: ReservationId(1), user, amount: 80_000, paid_at }),
        Row::Idempotency(IdempotencyRow {
            user,
            endpoint: Endpoint::Charge,
            hash: [3; 16],
            fingerprint: u64::MAX,
            stored_at: Time(NOW + 1_001),
            result: StoredResult::Charged(Charged { balance: 90_000 }),
        }),
    ]
}

fn reservations() -> Vec<Row> {
    let row = |id, user, seats: &[u64], state| {
        Row::Reservation(ReservationRow {
            id: ReservationId(id),
            user: UserId(user),
            schedule: ScheduleId(1),
            seats: seats.iter().copied().map(SeatId).collect(),
            amount: 40_000 * seats.len() as u64,
            amounts: if seats.len() == 2 { [30_000, 50_000].into() } else { Box::default() },
            price_types: ["child", "adult"].map(Into::into).into_iter().take(seats.len()).collect(),
            reserved_at: Time(NOW + 2_000),
            reserved_until: Time(NOW + 302_000),
            extended: id == 2,
            state,
        })
    };
    vec![
        row(1, 7, &[1, 2], reservation::State::Paid { payment: PaymentId(1), at: Time(NOW + 5_000) }),
        row(2, 8, &[3], reservation::State::Held),
        row(3, 9, &[4], reservation::State::Lapsed { at: Time(NOW + 302_000) }),
        Row::ReservationForgotten(ReservationId(3)),
        Row::Reissued(ReissuedRow { reservation: ReservationId(1), seat: SeatId(2), issue: 1 }),
        Row::Withheld(WithheldRow {
            schedule: ScheduleId(1),
            seat: SeatId(6),
            at: Time(NOW + 3_000),
            reason: "camera".into(),
        }),
    ]
}
