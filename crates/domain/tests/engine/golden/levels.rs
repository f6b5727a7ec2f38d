//! A journal of each level since 3, with what that level brought in it: what came of each of its entries. The entries were given to
//! the last program of each level too, which came to the same (`docs/upgrade.md` names them).

use onsale_domain::command::{Batch, Command, Entrant, Entry};
use onsale_domain::concert::{
    AreaWish, Attributes, Line, Orphans, Price, PriceCount, PriceType, PriceTypeId, Terms, Together, Wish,
};
use onsale_domain::ids::{KeyId, ReservationId, ScheduleId, SeatId, UploadId, UserId};
use onsale_domain::level;
use onsale_domain::operator::{Operator, Role};
use onsale_domain::queue::Opening;
use onsale_domain::settings::{QueueSettings, Settings};
use onsale_domain::time::Time;
use onsale_domain::user::{Adjustment, Direction, SingleUse};

use super::{check, from_hex, to_hex};
use crate::shop::{self, BEGIN_MS, QUEUE, Shop};

const DATE: ScheduleId = ScheduleId(1);
const QUEUE_SETTINGS: QueueSettings = QueueSettings {
    active_limit: 3,
    admit_per_second: None,
    session_ttl_ms: 600_000,
    waiting_ttl_ms: 60_000,
    waiting_grace_ms: 1_000,
    session_idle_ms: None,
    proof_bits: None,
    network_places: None,
    session_max_ms: None,
};

/// Batches, each so many milliseconds after the one before.
type Script = Vec<(u64, Vec<Command>)>;

/// A store at this level, whose hall has twelve seats in a row.
fn begin(level: u32, settings: Settings) -> Script {
    let upload = UploadId(1);
    let configure = Command::ConfigureQueue { queue: QUEUE, settings: Some(QUEUE_SETTINGS), mode: None };
    let publish = vec![Command::Stage { upload, part: shop::catalog(12) }, Command::Publish { upload }];
    vec![(0, vec![Command::Raise { level }, Command::Configure { settings }, configure]), (10, publish)]
}

/// Buy, pay, join again, buy: the limits hold, and count what lapsed no more.
fn of_limits() -> Script {
    let limits = Settings {
        hold_ttl_ms: 5_000,
        seats_per_user: Some(3),
        seats_per_user_per_concert: Some(3),
        ..Settings::default()
    };
    let mut script = begin(level::LIMITS, limits);
    script.extend([
        (
            10,
            vec![shop::join(1), shop::join(2), shop::charge(1, 1_000), shop::reserve(0, 1, 1), shop::reserve(0, 1, 2)],
        ),
        (10, vec![shop::pay(1, ReservationId(1)), shop::join(1)]),
        (10, vec![shop::reserve(2, 1, 3), shop::reserve(2, 1, 4), shop::reserve(1, 2, 4)]),
        (5_000, vec![shop::reserve(2, 1, 5), shop::reserve(2, 1, 6), shop::reserve(2, 1, 7)]),
        (10, vec![shop::pay(1, ReservationId(5)), shop::pay(1, ReservationId(6)), shop::join(1)]),
        (10, vec![shop::reserve(3, 1, 8), Command::Start, Command::Tick]),
    ]);
    script
}

fn enter(entrant: Entrant, once: Option<SingleUse>, limit: Option<u32>, tier: Option<u8>) -> Command {
    let entry = Entry { entrant, asked: None, once, limit, tier };
    Command::Enter { entry, queue: QUEUE, key: KeyId(7) }
}

fn best(ticket: u32, user: u64, wish: Wish) -> Command {
    Command::ReserveBest { ticket: shop::ticket(ticket), user: UserId(user), schedule: DATE, wish, key: None }
}

/// Names, tokens that are good once, operators, money by reference, and several seats.
fn of_selling() -> Script {
    let by = Operator { key: KeyId(7), name: None };
    let adjust = |direction, amount, reference: &str| {
        let adjustment = Adjustment { user: UserId(1 << 52), direction, amount };
        Command::Adjust { reference: reference.to_owned(), adjustment, by: by.clone() }
    };
    let visit = || Some(SingleUse { digest: [0x5A; 16], until: Time(BEGIN_MS + 60_000), retry: None });
    let named = || Entrant::Subject([0xC3; 32]);
    let person = 1 << 52;
    let wish = Wish::of(4, Together::Required);
    let mut script = begin(level::SELLING, Settings { hold_limit_per_user: 20, ..Settings::default() });
    script.extend([
        (10, vec![enter(named(), visit(), Some(6), None), enter(named(), visit(), None, None), shop::join(2)]),
        (10, vec![adjust(Direction::Credit, 1_000, "a"), adjust(Direction::Credit, 1_000, "a")]),
        (10, vec![adjust(Direction::Debit, 100, "b"), adjust(Direction::Debit, 9_000, "c")]),
        (10, vec![shop::reserve_all(1, 2, &[5, 6]), best(0, person, wish.clone()), best(0, person, wish)]),
        (10, vec![best(0, person, Wish::of(2, Together::Preferred)), shop::pay(person, ReservationId(2))]),
        (10, vec![shop::pay(person, ReservationId(3)), enter(named(), None, None, None)]),
        (10, vec![Command::AddOperator { name: "Kim".to_owned(), role: Role::Desk, digest: [0xA5; 32] }]),
        (10, vec![Command::RemoveOperator { name: "Kim".to_owned() }, Command::Tick]),
        // The token's end is over, and what it was known by is forgotten.
        (60_000, vec![Command::Start, Command::Tick]),
    ]);
    script
}

/// Adults and children, wheelchair places, places to stand, seats held back, more time, and single seats.
fn of_offers() -> Script {
    let user = UserId(1);
    let child = || PriceTypeId::from("child");
    let mut part = shop::catalog(12);
    part.schedules[0].price_types =
        Some(["adult", "child"].map(|name| PriceType { id: name.into(), title: None }).to_vec());
    part.schedules[0].accessible_until = Some(Time(BEGIN_MS + 30_000));
    part.schedules[0].orphans = Some(Orphans::Refuse);
    for (seat, attributes) in part.seats.iter_mut().zip([1, 2].into_iter().chain(core::iter::repeat(0))) {
        let prices = vec![Price { price_type: child(), amount: 40 }];
        seat.terms = Terms { category: Some("P1".to_owned()), prices, attributes: Attributes(attributes) }.shared();
    }
    for seat in &mut part.seats[9..] {
        (seat.standing, seat.section) = (true, Some("Floor".to_owned()));
    }
    let upload = UploadId(2);
    let line = |seat, price_type, accessible| Line { seat: SeatId(seat), price_type, accessible };
    let lines = |seats| Command::ReserveLines { ticket: shop::ticket(0), user, schedule: DATE, seats, key: None };
    let areas = |quantity, price_type| {
        let areas = vec![AreaWish { area: "Floor".to_owned(), quantity, price_type }];
        Command::ReserveAreas { ticket: shop::ticket(0), user, schedule: DATE, seats: Vec::new(), areas, key: None }
    };
    let family = Wish {
        category: Some("P1".to_owned()),
        price_types: Some(vec![PriceCount { price_type: child(), count: 2 }]),
        ..Wish::of(2, Together::Required)
    };
    let moments = |on, off| Command::SetSaleTimes {
        schedule: DATE,
        on_sale_at: Some(Time(BEGIN_MS + on)),
        off_sale_at: Some(Time(BEGIN_MS + off)),
    };
    let desk = |seats: &[u64]| (DATE, seats.iter().copied().map(SeatId).collect(), "the sound".to_owned());
    let (schedule, seats, reason) = desk(&[9]);
    let withhold = Command::Withhold { schedule, seats, reason };
    let (schedule, seats, reason) = desk(&[9]);
    let give_back = Command::GiveBack { schedule, seats, reason };
    let settings = Settings { hold_limit_per_user: 20, hold_extend_ms: Some(10_000), ..Settings::default() };
    let extend = || Command::Extend { user, reservation: ReservationId(1) };
    let mut script = begin(level::OFFERS, settings);
    script.extend([
        (10, vec![Command::Stage { upload, part }, Command::Publish { upload }, shop::join(1), shop::charge(1, 2_000)]),
        (10, vec![lines(vec![line(1, None, true), line(2, Some(child()), false)]), lines(vec![line(2, None, false)])]),
        (10, vec![lines(vec![line(4, None, false)]), lines(vec![line(3, Some(child()), false)]), withhold]),
        (10, vec![areas(2, Some(child())), areas(2, None), areas(1, None), extend(), extend()]),
        (10, vec![best(0, 1, family), give_back, Command::SetOrphans { schedule: DATE, orphans: Orphans::Prefer }]),
        (10, vec![shop::reserve(0, 1, 8), shop::pay(1, ReservationId(1)), moments(1_000, 2_000)]),
        (10, vec![Command::Release { reservation: ReservationId(2), reason: Some("asked for".to_owned()) }]),
        (10, vec![shop::reserve(0, 1, 3)]),
        (1_000, vec![shop::reserve(0, 1, 3)]),
        (1_000, vec![shop::reserve(0, 1, 6), Command::Start]),
    ]);
    script
}

/// Members before all others, who come before the doors open.
fn of_tiers() -> Script {
    let moment = |ms| Some(Time(BEGIN_MS + ms));
    let opening = Opening { prequeue_at: moment(1_000), opens_at: moment(5_000), closes_at: None };
    let person = |user| Entrant::User(UserId(user));
    let mut script = begin(level::TIERS, Settings::default());
    script.extend([
        (10, vec![shop::join(90), Command::SetOpening { queue: QUEUE, opening }]),
        (1_000, (1..=6).map(shop::join).collect()),
        (500, [(7, 2), (8, 1), (9, 2), (3, 1)].map(|(user, tier)| enter(person(user), None, None, Some(tier))).into()),
        (500, vec![Command::Leave { ticket: shop::ticket(1), user: None }, enter(person(10), None, None, Some(9))]),
        (3_000, vec![Command::Tick]),
        (10, vec![enter(person(11), None, None, Some(1)), shop::join(12), Command::Start]),
    ]);
    script
}

/// Those inside who do nothing, and those who do.
fn of_idleness() -> Script {
    let settings = QueueSettings { session_idle_ms: Some(10_000), ..QUEUE_SETTINGS };
    let idle = Command::ConfigureQueue { queue: QUEUE, settings: Some(settings), mode: None };
    let mut script = begin(level::IDLE, Settings::default());
    script.push((10, [vec![idle], (1..=6).map(shop::join).collect()].concat()));
    script.push((10, vec![shop::reserve(1, 2, 1)]));
    // No gap in the journal that would count as everybody seen.
    for _ in 0..12 {
        script.push((1_000, vec![shop::seen(0..6), shop::active([2])]));
    }
    script.push((10, vec![shop::reserve(0, 1, 2), shop::reserve(1, 2, 3), shop::reserve(2, 3, 4), Command::Start]));
    script
}

/// Ranks, single seats over the whole date, and tickets that are issued anew.
fn of_ranks() -> Script {
    let mut part = shop::catalog(12);
    part.schedules[0].orphans = Some(Orphans::Refuse);
    for (seat, rank) in part.seats.iter_mut().zip([9, 9, 9, 9, 1, 2, 3, 4, 1, 1, 1, 1]) {
        seat.rank = Some(rank);
        seat.row = Some(if seat.position > 6 { "2" } else { "1" }.to_owned());
    }
    let upload = UploadId(2);
    let reissue = |reservation, seat: Option<u64>| Command::Reissue {
        reservation: ReservationId(reservation),
        seat: seat.map(SeatId),
        reason: "lost".to_owned(),
    };
    let mut script = begin(level::RANKS, Settings { hold_limit_per_user: 20, ..Settings::default() });
    script.extend([
        (10, vec![Command::Stage { upload, part }, Command::Publish { upload }, shop::join(1), shop::charge(1, 2_000)]),
        (10, vec![best(0, 1, Wish::of(2, Together::Required)), best(0, 1, Wish::of(3, Together::Preferred))]),
        (10, vec![shop::reserve(0, 1, 2), shop::reserve(0, 1, 1), shop::pay(1, ReservationId(1))]),
        (10, vec![reissue(1, None), reissue(1, None), reissue(2, None), reissue(9, None), reissue(1, Some(1))]),
        (10, vec![best(0, 1, Wish::of(2, Together::Required)), Command::Start]),
    ]);
    script
}

/// Each level's, and of how many of its commands nothing comes: without these a script shows less than it means to.
fn scripts() -> [(u32, Script, usize); 6] {
    [
        (level::LIMITS, of_limits(), 3),
        (level::SELLING, of_selling(), 3),
        (level::OFFERS, of_offers(), 6),
        (level::TIERS, of_tiers(), 0),
        (level::IDLE, of_idleness(), 1),
        (level::RANKS, of_ranks(), 4),
    ]
}

#[test]
fn an_old_journal_of_each_level_comes_to_the_same_state() {
    let mut lines = Vec::new();
    for (level, script, refused) in scripts() {
        let mut shop = Shop::new();
        let mut all = 0;
        for (after, commands) in script {
            shop.now += after;
            let mut bytes = Vec::new();
            Batch { commands }.encode_into(&mut bytes);
            // What counts is what is written: the bytes are read again.
            let batch = Batch::decode(&from_hex(&to_hex(&bytes))).expect("it was just encoded");
            let (outcomes, _) = shop.batch(&batch);
            let refused = outcomes.iter().filter(|outcome| outcome.is_err()).count();
            all += refused;
            let fingerprint = shop.engine.mark().fingerprint;
            lines.push(format!("{level} {} {fingerprint:#018x} {refused} {}", shop.now, to_hex(&bytes)));
        }
        assert_eq!(all, refused, "of level {level} another number is refused");
        shop.restart();
    }
    check("levels.txt", &lines, "an existing journal comes to another state now");
}
