//! What may happen, in small numbers, so that it collides.

use onsale_domain::concert::{AreaWish, Line, Orphans, PriceCount, Together, Wish};
use onsale_domain::ids::SeatId;
use onsale_domain::operator::Role;
use onsale_domain::queue::Mode;
use onsale_domain::settings::{QueueSettings, Settings};
use onsale_domain::user::Direction;
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;

use super::catalog::{Edit, edit};
use super::codes::{Coded, campaign, with_code};

#[derive(Clone, Debug)]
pub(super) enum Wait {
    Ms(u64),
    /// Until so long after the model's next deadline; -1 is just before it.
    Deadline(i64),
    /// In steps too short to count as a gap.
    Walk(u64),
}

#[derive(Clone, Debug)]
pub(super) struct Step {
    pub wait: Wait,
    pub restart: bool,
    pub actions: Vec<Action>,
}

/// A command, before its numbers are matched with what there is. Users, seats and reservations are taken as they
/// are; `key` is 0 for none.
#[derive(Clone, Debug)]
pub(super) enum Action {
    Tick,
    Start,
    Join {
        user: u64,
        queue: u16,
    },
    /// From one of few networks.
    JoinFrom {
        user: u64,
        queue: u16,
        network: u64,
    },
    /// With an entry token: users from 100 on are named by something else; `jti` is 0 for none.
    Enter {
        user: u64,
        asked: bool,
        queue: u16,
        jti: u8,
        lives_ms: u64,
        retry: u64,
        limit: Option<u32>,
        tier: Option<u8>,
    },
    /// Those tickets whose number's bit, modulo 64, is set.
    Seen {
        queue: u16,
        mask: u64,
    },
    /// Likewise.
    Active {
        queue: u16,
        mask: u64,
    },
    Leave {
        queue: u16,
        back: u32,
    },
    Charge {
        user: u64,
        amount: u64,
        key: u64,
    },
    Adjust {
        reference: &'static str,
        user: u64,
        direction: Direction,
        amount: u64,
    },
    /// With the user's last ticket in the queue, or, where it has none, somebody's.
    Reserve {
        user: u64,
        queue: u16,
        schedule: u64,
        seats: Vec<u64>,
        key: u64,
    },
    /// The same at prices of their own, or as wheelchair places.
    ReserveLines {
        user: u64,
        queue: u16,
        schedule: u64,
        lines: Vec<Line>,
        key: u64,
    },
    /// The same for the best seats.
    ReserveBest {
        user: u64,
        queue: u16,
        schedule: u64,
        wish: Wish,
        key: u64,
    },
    /// The same for places of areas, and seats by name beside them.
    ReserveAreas {
        user: u64,
        queue: u16,
        schedule: u64,
        seats: Vec<u64>,
        areas: Vec<AreaWish>,
        key: u64,
    },
    Cancel {
        user: u64,
        back: u64,
    },
    Extend {
        stranger: bool,
        back: u64,
    },
    /// The owner, or, by `stranger`, another, pays the reservation so many before the last.
    Pay {
        stranger: bool,
        back: u64,
        key: u64,
    },
    Codes(Coded),
    Edit {
        upload: u64,
        edit: Edit,
    },
    Publish {
        upload: u64,
    },
    Discard {
        upload: u64,
    },
    OpenQueue {
        name: &'static str,
    },
    ConfigureQueue {
        queue: u16,
        settings: Option<QueueSettings>,
        mode: Option<Mode>,
    },
    /// So many milliseconds from now, each.
    SetOpening {
        queue: u16,
        prequeue: Option<i64>,
        opens: Option<i64>,
        closes: Option<i64>,
    },
    /// By a draw with a seed of such bytes, or in order of joining.
    SetOrder {
        queue: u16,
        seed: Option<u8>,
    },
    SetBeacon {
        queue: u16,
        beacon: &'static str,
    },
    Configure {
        settings: Settings,
    },
    /// To the newest level, from where on its rules count.
    Raise,
    Revoke {
        user: u64,
    },
    EndSession {
        queue: u16,
        user: u64,
    },
    KeepSession {
        queue: u16,
        user: u64,
    },
    /// From 100 on by what they are called, and from 150 on by what a key made of it.
    Erase {
        user: u64,
        force: bool,
    },
    PassOver {
        numbers: u64,
    },
    AddOperator {
        name: &'static str,
        role: Role,
    },
    RemoveOperator {
        name: &'static str,
    },
    SetSaleClosed {
        schedule: u64,
        closed: bool,
    },
    SetSaleTimes {
        schedule: u64,
        on: Option<i64>,
        off: Option<i64>,
    },
    SetOrphans {
        schedule: u64,
        orphans: Orphans,
    },
    Reissue {
        back: u64,
        seat: Option<u64>,
        reason: &'static str,
    },
    Release {
        back: u64,
        reason: Option<&'static str>,
    },
    /// `reason` is empty for none.
    Withhold {
        schedule: u64,
        seats: Vec<u64>,
        reason: &'static str,
    },
    GiveBack {
        schedule: u64,
        seats: Vec<u64>,
    },
    RemoveSchedule {
        schedule: u64,
    },
    LetSilentGo {
        queue: u16,
        silent_ms: u64,
    },
}

const TTLS_MS: [u64; 6] = [100, 150, 250, 500, 1_000, 2_000];

fn ttl() -> impl Strategy<Value = u64> {
    prop::sample::select(TTLS_MS.as_slice())
}

pub(super) fn queue_settings() -> impl Strategy<Value = QueueSettings> {
    let limit = prop_oneof![1 => Just(0_u32), 20 => 1..4_u32];
    let rate = weighted(0.4, prop_oneof![1..4_u32, Just(60)]);
    let grace = prop_oneof![1 => Just(0), 4 => ttl()];
    let idle = weighted(0.6, prop_oneof![1 => Just(0), 30 => ttl()]);
    let bits = weighted(0.2, prop_oneof![1 => Just(0), 1 => Just(25), 20 => 1..25_u32]);
    // One that is shorter than a session now and then, which is refused.
    let max = weighted(0.5, prop_oneof![1 => ttl(), 8 => ttl().prop_map(|ms| ms + 2_000)]);
    let places = weighted(0.6, prop_oneof![1 => Just(0), 20 => 1..3_u32]);
    let all = (limit, rate, ttl(), ttl(), grace, (idle, bits, max, places));
    all.prop_map(
        |(
            active_limit,
            admit_per_second,
            session_ttl_ms,
            waiting_ttl_ms,
            waiting_grace_ms,
            (session_idle_ms, proof_bits, session_max_ms, network_places),
        )| {
            QueueSettings {
                active_limit,
                admit_per_second,
                session_ttl_ms,
                waiting_ttl_ms,
                waiting_grace_ms,
                session_idle_ms,
                proof_bits,
                session_max_ms,
                network_places,
            }
        },
    )
}

fn settings() -> impl Strategy<Value = Settings> {
    let limit = || weighted(0.3, prop_oneof![1 => Just(0), 8 => 1..5_u32]);
    let extend = || weighted(0.5, ttl());
    let all = (ttl(), 0..4_u32, 150..400_u64, limit(), limit(), extend(), extend());
    all.prop_map(|(hold_ttl_ms, holds, charge_limit, seats, all, hold_extend_ms, session_idle_ms)| {
        let queue =
            QueueSettings { waiting_ttl_ms: hold_ttl_ms, active_limit: 2, session_idle_ms, ..QueueSettings::default() };
        Settings {
            hold_ttl_ms,
            hold_limit_per_user: holds,
            charge_limit,
            queue,
            seats_per_user: seats,
            seats_per_user_per_concert: all,
            hold_extend_ms,
        }
    })
}

fn mode() -> impl Strategy<Value = Mode> {
    prop_oneof![4 => Just(Mode::Open), 1 => Just(Mode::Paused), 1 => Just(Mode::Draining), 1 => Just(Mode::Closed)]
}

fn wait() -> impl Strategy<Value = Wait> {
    prop_oneof![
        4 => Just(Wait::Ms(0)),
        2 => Just(Wait::Ms(1)),
        5 => (0..60_u64).prop_map(Wait::Ms),
        4 => (-1..2_i64).prop_map(Wait::Deadline),
        4 => (50..800_u64).prop_map(Wait::Walk),
        1 => (0..5_000_u64).prop_map(Wait::Ms),
    ]
}

/// A day or so: rare, since it ends everything.
fn any_wait() -> impl Strategy<Value = Wait> {
    prop_oneof![80 => wait(), 1 => (86_390_000..86_410_000_u64).prop_map(Wait::Ms)]
}

pub(super) fn orphans() -> impl Strategy<Value = Orphans> {
    prop::sample::select([Orphans::Allow, Orphans::Prefer, Orphans::Refuse].as_slice())
}

pub(super) fn wish() -> impl Strategy<Value = Wish> {
    let section = weighted(0.2, prop::sample::select(["A", "B", "Floor", "none"].as_slice()).prop_map(str::to_owned));
    let category = weighted(0.2, prop::sample::select(["P1", "P2", "none"].as_slice()).prop_map(str::to_owned));
    let together = prop::sample::select([Together::Required, Together::Preferred].as_slice());
    let count = prop_oneof![20 => 1..5_u32, 1 => Just(0), 1 => Just(17)];
    let (children, accessible) = (weighted(0.3, 0..4_u32), weighted(0.3, 0..3_u32));
    (count, section, together, category, children, accessible).prop_map(
        |(count, section, together, category, children, accessible)| {
            let children = children.map(|children| {
                let one = |name: &str, count| PriceCount { price_type: name.into(), count };
                let all = [one("child", children), one("adult", count.saturating_sub(children))];
                // Some of the time there is a count of nothing, which is refused.
                all.into_iter().filter(|one| one.count > 0 || one.price_type.as_str() == "child").collect()
            });
            let together = if accessible.is_some_and(|places| places > 1) { Together::Required } else { together };
            Wish { count, section, together, category, price_types: children, accessible }
        },
    )
}

fn line() -> impl Strategy<Value = Line> {
    let price_type = weighted(0.5, prop::sample::select(["adult", "child", "senior", "none"].as_slice()));
    (1..6_u64, price_type, prop::bool::weighted(0.3)).prop_map(|(seat, price_type, accessible)| Line {
        seat: SeatId(seat),
        price_type: price_type.map(Into::into),
        accessible,
    })
}

fn buyer() -> impl Strategy<Value = Action> {
    let (user, queue, schedule) = (1..7_u64, prop_oneof![6 => Just(0_u16), 3 => Just(1), 1 => 2..4_u16], 1..4_u64);
    let key = prop_oneof![2 => Just(0_u64), 1 => 1..4_u64];
    let seats = prop_oneof![3 => vec(1..6_u64, 0..3), 1 => vec(1..6_u64, 3..6)];
    let amount = prop_oneof![1 => 0..500_u64, 3 => 100..200_u64];
    prop_oneof![
        1 => Just(Action::Tick),
        8 => (user.clone(), queue.clone()).prop_map(|(user, queue)| Action::Join { user, queue }),
        8 => (user.clone(), queue.clone(), 0..3_u64)
            .prop_map(|(user, queue, network)| Action::JoinFrom { user, queue, network: network << 60 }),
        4 => entry(),
        4 => with_code().prop_map(Action::Codes),
        4 => (queue.clone(), any::<u64>()).prop_map(|(queue, mask)| Action::Seen { queue, mask }),
        3 => (queue.clone(), any::<u64>()).prop_map(|(queue, mask)| Action::Active { queue, mask }),
        1 => (queue.clone(), 0..8_u32).prop_map(|(queue, back)| Action::Leave { queue, back }),
        4 => (user.clone(), amount, key.clone()).prop_map(|(user, amount, key)| Action::Charge { user, amount, key }),
        4 => (user.clone(), queue.clone(), schedule.clone(), wish(), key.clone())
            .prop_map(|(user, queue, schedule, wish, key)| Action::ReserveBest { user, queue, schedule, wish, key }),
        6 => (user.clone(), queue.clone(), schedule.clone(), vec(line(), 0..4), key.clone())
            .prop_map(|(user, queue, schedule, lines, key)| Action::ReserveLines { user, queue, schedule, lines, key }),
        8 => (user.clone(), queue, schedule, seats, key.clone())
            .prop_map(|(user, queue, schedule, seats, key)| Action::Reserve { user, queue, schedule, seats, key }),
        4 => areas_wished(),
        1 => (user, 0..4_u64).prop_map(|(user, back)| Action::Cancel { user, back }),
        2 => (prop::bool::weighted(0.1), 0..4_u64).prop_map(|(stranger, back)| Action::Extend { stranger, back }),
        4 => (prop::bool::weighted(0.1), 0..4_u64, key)
            .prop_map(|(stranger, back, key)| Action::Pay { stranger, back, key }),
    ]
}

pub(super) fn areas() -> impl Strategy<Value = Vec<AreaWish>> {
    let area = prop::sample::select(["Floor", "Floor", "Pit", "A"].as_slice()).prop_map(str::to_owned);
    let quantity = prop_oneof![12 => 1..4_u32, 1 => Just(0), 1 => Just(17)];
    vec(
        (area, quantity, prop::bool::weighted(0.4)).prop_map(|(area, quantity, child)| AreaWish {
            area,
            quantity,
            price_type: child.then(|| "child".into()),
        }),
        0..3,
    )
}

fn areas_wished() -> impl Strategy<Value = Action> {
    let (user, queue, schedule) = (1..7_u64, prop_oneof![6 => Just(0_u16), 3 => Just(1)], 1..4_u64);
    let key = prop_oneof![2 => Just(0_u64), 1 => 1..4_u64];
    (user, queue, schedule, vec(1..6_u64, 0..3), areas(), key).prop_map(|(user, queue, schedule, seats, areas, key)| {
        Action::ReserveAreas { user, queue, schedule, seats, areas, key }
    })
}

fn operator_name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(["Kim", "Lee", ""].as_slice())
}

/// By number, and by what they are called.
fn entrant() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 1..7_u64, 4 => 100..104_u64, 6 => 160..164_u64, 1 => Just((1 << 52) + 1)]
}

fn entry() -> impl Strategy<Value = Action> {
    let user = entrant();
    let (asked, queue) = (prop::bool::weighted(0.1), prop_oneof![6 => Just(0_u16), 3 => Just(1), 1 => 2..4_u16]);
    let (jti, lives_ms) = (0..4_u8, prop_oneof![1 => Just(0), 8 => ttl()]);
    let (retry, limit) = (0..3_u64, weighted(0.3, prop_oneof![1 => Just(0_u32), 9 => 1..4_u32]));
    let tier = weighted(0.6, prop_oneof![1 => Just(0_u8), 12 => 1..4_u8, 2 => Just(9), 1 => Just(10)]);
    let rest = (lives_ms, retry, limit, tier);
    (user, asked, queue, jti, rest).prop_map(|(user, asked, queue, jti, (lives_ms, retry, limit, tier))| {
        Action::Enter { user, asked, queue, jti, lives_ms, retry, limit, tier }
    })
}

fn adjustment() -> impl Strategy<Value = Action> {
    let reference = prop::sample::select(["", "a", "b", "c", "d", "e", "f", "g", "h"].as_slice());
    let direction = prop::sample::select([Direction::Credit, Direction::Debit].as_slice());
    let amount = prop_oneof![1 => Just(0_u64), 8 => 50..52_u64, 1 => Just(u64::MAX)];
    (reference, 1..7_u64, direction, amount).prop_map(|(reference, user, direction, amount)| Action::Adjust {
        reference,
        user,
        direction,
        amount,
    })
}

/// Mostly none or soon, sometimes past.
fn moment(within_ms: i64) -> impl Strategy<Value = Option<i64>> {
    weighted(0.6, prop_oneof![1 => -200..1_i64, 6 => 1..within_ms])
}

fn moments() -> impl Strategy<Value = Action> {
    let opening = (0..3_u16, moment(200), moment(400), moment(1_500))
        .prop_map(|(queue, prequeue, opens, closes)| Action::SetOpening { queue, prequeue, opens, closes });
    let sale = (1..4_u64, moment(300), moment(1_000)).prop_map(|(schedule, on, off)| Action::SetSaleTimes {
        schedule,
        on,
        off,
    });
    let order = (0..3_u16, weighted(0.8, any::<u8>())).prop_map(|(queue, seed)| Action::SetOrder { queue, seed });
    let beacon = prop::sample::select(["", "drand 1", "drand 2"].as_slice());
    let beacon = (0..3_u16, beacon).prop_map(|(queue, beacon)| Action::SetBeacon { queue, beacon });
    prop_oneof![4 => opening, 2 => sale, 2 => order, 1 => beacon]
}

fn operator() -> impl Strategy<Value = Action> {
    let (queue, upload, schedule) = (0..3_u16, 1..3_u64, 1..4_u64);
    let name = prop::sample::select(["default", "vip", "late", "", "No"].as_slice());
    prop_oneof![
        1 => Just(Action::Start),
        4 => (upload.clone(), edit()).prop_map(|(upload, edit)| Action::Edit { upload, edit }),
        3 => upload.clone().prop_map(|upload| Action::Publish { upload }),
        1 => upload.prop_map(|upload| Action::Discard { upload }),
        1 => name.prop_map(|name| Action::OpenQueue { name }),
        4 => (queue, weighted(0.7, queue_settings()), weighted(0.5, mode()))
            .prop_map(|(queue, settings, mode)| Action::ConfigureQueue { queue, settings, mode }),
        1 => settings().prop_map(|settings| Action::Configure { settings }),
        1 => Just(Action::Raise),
        1 => (1..7_u64).prop_map(|user| Action::Revoke { user }),
        2 => (0..3_u16, 1..7_u64).prop_map(|(queue, user)| Action::EndSession { queue, user }),
        3 => (0..3_u16, 1..7_u64).prop_map(|(queue, user)| Action::KeepSession { queue, user }),
        2 => (entrant(), prop::bool::ANY)
            .prop_map(|(user, force)| Action::Erase { user, force }),
        1 => (0..3_u64).prop_map(|numbers| Action::PassOver { numbers }),
        1 => (operator_name(), prop::sample::select([Role::Gate, Role::Admin, Role::Shop].as_slice()))
            .prop_map(|(name, role)| Action::AddOperator { name, role }),
        3 => adjustment(),
        4 => moments(),
        4 => campaign().prop_map(Action::Codes),
        1 => operator_name().prop_map(|name| Action::RemoveOperator { name }),
        1 => (schedule.clone(), any::<bool>())
            .prop_map(|(schedule, closed)| Action::SetSaleClosed { schedule, closed }),
        1 => (0..4_u64, weighted(0.3, prop::sample::select(["", "a mistake"].as_slice())))
            .prop_map(|(back, reason)| Action::Release { back, reason }),
        1 => (0..20_u64, weighted(0.5, 1..6_u64), prop_oneof![9 => Just("lost"), 1 => Just("")])
            .prop_map(|(back, seat, reason)| Action::Reissue { back, seat, reason }),
        2 => (schedule.clone(), vec(1..6_u64, 0..4), prop::sample::select(["", "camera", "house", "stage"].as_slice()))
            .prop_map(|(schedule, seats, reason)| Action::Withhold { schedule, seats, reason }),
        2 => (schedule.clone(), vec(1..6_u64, 0..3)).prop_map(|(schedule, seats)| Action::GiveBack { schedule, seats }),
        1 => (schedule.clone(), orphans()).prop_map(|(schedule, orphans)| Action::SetOrphans { schedule, orphans }),
        1 => schedule.prop_map(|schedule| Action::RemoveSchedule { schedule }),
        2 => (0..3_u16, ttl()).prop_map(|(queue, silent_ms)| Action::LetSilentGo { queue, silent_ms }),
    ]
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let action = prop_oneof![8 => buyer(), 1 => operator()];
    (any_wait(), prop::bool::weighted(0.1), vec(action, 0..5)).prop_map(|(wait, restart, actions)| Step {
        wait,
        restart,
        actions,
    })
}
