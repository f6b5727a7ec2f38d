//! Any row, with keys so few that they meet again, and values out to the ends of their ranges.

use std::sync::Arc;

use onsale_domain::codes::{Campaign, CampaignRules, CodeDigest};
use onsale_domain::concert::{Attributes, Concert, Orphans, Price, PriceType, PriceTypeId, Schedule, SeatSpec, Terms};
use onsale_domain::idempotency::{self, Endpoint};
use onsale_domain::ids::{
    CampaignId, ConcertId, EventId, KeyId, PaymentId, QueueId, ReservationId, ScheduleId, SeatId, TicketId, TransferId,
    UploadId, UserId,
};
use onsale_domain::operator::{Action, Kind, LeverRow, NewsRow, Operator, OperatorRow, Role, Text};
use onsale_domain::queue::{Draw, Drawn, Mode, Opening, PRESENCE_BLOCK, Phase, State, Tier, Tiered};
use onsale_domain::reply::{Charged, Paid, Reserved};
use onsale_domain::reservation;
use onsale_domain::row::{
    Account, ActivityRow, AdjustmentRow, CodeRow, CodeUseRow, EntryRow, ErasedRow, IdempotencyRow, NetworksRow,
    PaymentRow, PresenceRow, QueueRow, ReissuedRow, ReservationRow, Row, ScheduleRow, TicketRow, TransferRow,
    WithheldRow,
};
use onsale_domain::settings::{QueueSettings, Settings};
use onsale_domain::time::Time;
use onsale_domain::user::{Adjustment, Direction, SingleUse};
use proptest::collection::vec;
use proptest::prelude::*;

/// The greatest quantity that the tables take.
const GREATEST: u64 = i64::MAX as u64;

fn id() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 1_u64..4, 1 => Just(GREATEST)]
}

fn amount() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), 1_u64..100_000, Just(GREATEST)]
}

fn time() -> impl Strategy<Value = Time> {
    prop_oneof![0_u64..4, 1_800_000_000_000_u64..1_800_000_000_004, Just(GREATEST - 1), Just(u64::MAX)].prop_map(Time)
}

fn queue() -> impl Strategy<Value = QueueId> {
    prop_oneof![0_u16..3, Just(u16::MAX)].prop_map(QueueId)
}

fn number() -> impl Strategy<Value = u32> {
    prop_oneof![0_u32..6, 4_094_u32..4_099, Just(u32::MAX)]
}

fn ticket_state() -> impl Strategy<Value = State> {
    prop_oneof![
        Just(State::Waiting),
        time().prop_map(|until| State::Absent { until }),
        (any::<u32>(), time()).prop_map(|(order, until)| State::Returned { order, until }),
        time().prop_map(|until| State::Progress { until }),
        time().prop_map(|at| State::Done { at }),
        time().prop_map(|at| State::Expired { at }),
    ]
}

fn queue_settings() -> impl Strategy<Value = QueueSettings> {
    let later = || proptest::option::of(amount());
    let all_later = (later(), any::<Option<u32>>(), later(), any::<Option<u32>>());
    (any::<u32>(), any::<Option<u32>>(), amount(), amount(), amount(), all_later).prop_map(
        |(active_limit, admit_per_second, session_ttl_ms, waiting_ttl_ms, waiting_grace_ms, later)| {
            let (session_idle_ms, proof_bits, session_max_ms, network_places) = later;
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

fn draw() -> impl Strategy<Value = Option<Box<Draw>>> {
    let drawn = (time(), any::<u32>(), any::<u32>()).prop_map(|(at, tickets, left)| Drawn { at, tickets, left });
    let first = proptest::option::of(any::<u32>());
    let all = (any::<[u8; 32]>(), proptest::option::of(TEXT), first, any::<[u8; 32]>(), proptest::option::of(drawn));
    proptest::option::of(all.prop_map(|(seed, beacon, first, joins, drawn)| {
        Box::new(Draw { seed, beacon: beacon.map(String::into_boxed_str), first, joins, drawn })
    }))
}

fn tiered() -> impl Strategy<Value = Option<Tiered>> {
    let opened = proptest::option::of((time(), any::<u32>(), any::<u32>()));
    let opened = opened.prop_map(|opened| opened.map(|(at, tickets, left)| Drawn { at, tickets, left }));
    proptest::option::of((any::<u32>(), opened).prop_map(|(first, opened)| Tiered { first, opened }))
}

fn queue_row() -> impl Strategy<Value = Row> {
    let phases = prop_oneof![Just(Phase::Closed), Just(Phase::Prequeue), Just(Phase::Open), Just(Phase::Over)];
    let moments = proptest::array::uniform3(proptest::option::of(time()));
    let modes = prop_oneof![Just(Mode::Open), Just(Mode::Paused), Just(Mode::Draining), Just(Mode::Closed)];
    let numbers = (any::<u32>(), any::<u32>(), any::<u32>());
    let modes = (modes, phases, moments, (draw(), tiered()));
    (queue(), TEXT, modes, queue_settings(), numbers, vec(any::<(u64, u32)>(), 0..4)).prop_map(
        |(
            id,
            name,
            (mode, phase, moments, (draw, tiered)),
            settings,
            (next_number, first_number, next_return),
            admitted,
        )| {
            let [prequeue_at, opens_at, closes_at] = moments;
            Row::Queue(Box::new(QueueRow {
                id,
                name,
                mode,
                opening: Opening { prequeue_at, opens_at, closes_at },
                phase,
                draw,
                tiered,
                settings,
                next_number,
                first_number,
                next_return,
                seen_floor: Time(u64::from(next_return)),
                admitted,
            }))
        },
    )
}

fn terms() -> impl Strategy<Value = Terms> {
    let prices = prop_oneof![Just(vec![]), Just(vec!["child"]), Just(vec!["child", "over-65"])];
    (proptest::option::of(TEXT), prices, amount(), 0_u8..8).prop_map(|(category, names, amount, bits)| {
        let price = |name: &str| Price { price_type: PriceTypeId::from(name), amount };
        Terms { category, prices: names.into_iter().map(price).collect(), attributes: Attributes(bits) }
    })
}

fn price_types() -> impl Strategy<Value = Option<Vec<PriceType>>> {
    let one = ("[a-z]{1,3}", proptest::option::of(TEXT));
    let one = one.prop_map(|(name, title)| PriceType { id: PriceTypeId::from(&*name), title });
    proptest::option::of(vec(one, 1..4))
}

fn schedule() -> impl Strategy<Value = Row> {
    let moments = proptest::array::uniform2(proptest::option::of(time()));
    (id(), id(), TEXT, time(), time(), moments, any::<bool>(), (price_types(), orphans()), proptest::option::of(time()))
        .prop_map(
            |(id, concert, zone, starts_at, ends_at, moments, closed, (price_types, orphans), accessible_until)| {
                let [on_sale_at, off_sale_at] = moments;
                let (id, concert) = (ScheduleId(id), ConcertId(concert));
                let schedule = Schedule {
                    id,
                    concert,
                    zone,
                    starts_at,
                    ends_at,
                    price_types,
                    accessible_until,
                    on_sale_at,
                    off_sale_at,
                    orphans,
                };
                Row::Schedule(Box::new(ScheduleRow { schedule, closed }))
            },
        )
}

fn seats() -> impl Strategy<Value = Row> {
    let text = || proptest::option::of(TEXT);
    let seat = (amount(), text(), text(), text(), terms(), any::<bool>(), any::<Option<u32>>());
    (id(), 0_u64..3, vec(seat, 0..5)).prop_map(|(schedule, base, seats)| {
        let schedule = ScheduleId(schedule);
        let spec =
            |(position, (amount, section, row, number, terms, standing, rank)): (u32, (u64, _, _, _, Terms, _, _))| {
                // Seat numbers fall as positions rise: the order is that of the positions.
                let seat = SeatId(base + 1_000 - u64::from(position));
                SeatSpec {
                    schedule,
                    seat,
                    position,
                    amount,
                    section,
                    row,
                    number,
                    terms: terms.shared(),
                    standing,
                    rank,
                }
            };
        Row::Seats { schedule, seats: (1..).zip(seats).map(spec).collect::<Vec<_>>().into() }
    })
}

fn reservation() -> impl Strategy<Value = Row> {
    let state = prop_oneof![
        Just(reservation::State::Held),
        (id(), time()).prop_map(|(id, at)| reservation::State::Paid { payment: PaymentId(id), at }),
        time().prop_map(|at| reservation::State::Lapsed { at }),
        time().prop_map(|at| reservation::State::Cancelled { at }),
        time().prop_map(|at| reservation::State::Released { at }),
    ];
    (id(), id(), id(), vec(id(), 0..4), amount(), time(), time(), any::<bool>(), state).prop_map(
        |(id, user, schedule, seats, amount, reserved_at, reserved_until, extended, state)| {
            // Known of several seats, and not of one; or not known.
            let known = seats.len() > 1 && user % 2 == 0;
            let amounts = if known { seats.iter().map(|seat| seat / 2).collect() } else { Box::default() };
            let names = ["adult", "child"].map(PriceTypeId::from);
            let at = |seat: &u64| names[(*seat % 2) as usize].clone();
            let price_types = if user % 3 == 0 { seats.iter().map(at).collect() } else { Box::default() };
            Row::Reservation(ReservationRow {
                id: ReservationId(id),
                user: UserId(user),
                schedule: ScheduleId(schedule),
                seats: seats.into_iter().map(SeatId).collect(),
                amount,
                amounts,
                price_types,
                reserved_at,
                reserved_until,
                extended,
                state,
            })
        },
    )
}

fn endpoint() -> impl Strategy<Value = Endpoint> {
    prop_oneof![Just(Endpoint::Charge), Just(Endpoint::Reserve), Just(Endpoint::Pay)]
}

fn hash() -> impl Strategy<Value = [u8; 16]> {
    prop_oneof![Just([0; 16]), Just([255; 16]), Just([7; 16])]
}

fn result() -> impl Strategy<Value = idempotency::Result> {
    prop_oneof![
        any::<u64>().prop_map(|balance| idempotency::Result::Charged(Charged { balance })),
        (id(), amount(), proptest::option::of(time())).prop_map(|(id, amount, session_until)| {
            idempotency::Result::Paid(Paid { payment: PaymentId(id), amount, session_until })
        }),
        (id(), id(), amount(), time(), time()).prop_map(|(id, schedule, amount, reserved_at, reserved_until)| {
            let (reservation, schedule) = (ReservationId(id), ScheduleId(schedule));
            idempotency::Result::Reserved(Reserved { reservation, schedule, amount, reserved_at, reserved_until })
        }),
    ]
}

fn upload() -> impl Strategy<Value = UploadId> {
    prop_oneof![0_u64..2, Just(u64::MAX)].prop_map(UploadId)
}

fn account() -> impl Strategy<Value = Account> {
    prop_oneof![Just(Account::Cash), Just(Account::Sales), id().prop_map(|user| Account::Wallet(UserId(user)))]
}

fn maybe_time() -> impl Strategy<Value = Option<Time>> {
    proptest::option::of(time())
}

fn queue_side() -> impl Strategy<Value = Row> {
    prop_oneof![
        queue_row(),
        ((queue(), number()), id(), any::<u32>(), (time(), maybe_time(), maybe_time()), 0..10_u8, ticket_state())
            .prop_map(|((queue, number), user, key, (issued_at, joined_at, admitted_at), tier, state)| {
                let (user, key, tier) = (UserId(user), KeyId(key), Tier::kept(tier));
                Row::Ticket(TicketRow {
                    ticket: TicketId { queue, number },
                    user,
                    key,
                    issued_at,
                    joined_at,
                    tier,
                    admitted_at,
                    state,
                })
            }),
        (queue(), 0_u32..3, vec(any::<u32>(), 0..5)).prop_map(|(queue, block, seen)| {
            Row::Presence(PresenceRow { queue, first: block * PRESENCE_BLOCK, seen: seen.into() })
        }),
        (queue(), 0_u32..3, vec((any::<u32>(), time()), 0..5)).prop_map(|(queue, block, since)| {
            Row::Activity(ActivityRow { queue, first: block * PRESENCE_BLOCK, since: since.into() })
        }),
        (queue(), 0_u16..3, vec((any::<u64>(), any::<u32>()), 0..5))
            .prop_map(|(queue, block, joins)| { Row::Networks(NetworksRow { queue, block, joins: joins.into() }) }),
        (queue(), number()).prop_map(|(queue, before)| Row::TicketsForgotten { queue, before }),
    ]
}

fn money_side() -> impl Strategy<Value = Row> {
    prop_oneof![
        (id(), amount()).prop_map(|(user, balance)| Row::Wallet { user: UserId(user), balance }),
        (id(), time(), account(), account(), amount(), proptest::option::of(id())).prop_map(
            |(id, at, debit, credit, amount, payment)| {
                let payment = payment.map(PaymentId);
                Row::Transfer(TransferRow { id: TransferId(id), at, debit, credit, amount, payment })
            }
        ),
        reservation(),
        id().prop_map(|id| Row::ReservationForgotten(ReservationId(id))),
        (id(), id(), id(), amount(), time()).prop_map(|(id, reservation, user, amount, paid_at)| {
            let (id, reservation, user) = (PaymentId(id), ReservationId(reservation), UserId(user));
            Row::Payment(PaymentRow { id, reservation, user, amount, paid_at })
        }),
        (id(), endpoint(), hash(), any::<u64>(), time(), result()).prop_map(
            |(user, endpoint, hash, fingerprint, stored_at, result)| {
                let user = UserId(user);
                Row::Idempotency(IdempotencyRow { user, endpoint, hash, fingerprint, stored_at, result })
            }
        ),
        (id(), endpoint(), hash()).prop_map(|(user, endpoint, hash)| Row::IdempotencyForgotten {
            user: UserId(user),
            endpoint,
            hash
        }),
    ]
}

fn orphans() -> impl Strategy<Value = Option<Orphans>> {
    proptest::option::of(proptest::sample::select([Orphans::Allow, Orphans::Prefer, Orphans::Refuse].as_slice()))
}

fn catalog_side() -> impl Strategy<Value = Row> {
    prop_oneof![
        (amount(), any::<u32>(), amount(), queue_settings(), any::<[Option<u32>; 2]>(), proptest::option::of(amount()))
            .prop_map(|(hold_ttl_ms, hold_limit_per_user, charge_limit, queue, limits, hold_extend_ms)| {
                let [seats_per_user, seats_per_user_per_concert] = limits;
                Row::Settings(Box::new(Settings {
                    hold_ttl_ms,
                    hold_limit_per_user,
                    charge_limit,
                    queue,
                    seats_per_user,
                    seats_per_user_per_concert,
                    hold_extend_ms,
                }))
            }),
        (1_u32..).prop_map(Row::Level),
        (id(), time()).prop_map(|(user, since)| Row::Revoked { user: UserId(user), since }),
        (id(), TEXT, TEXT).prop_map(|(id, title, queue)| Row::Concert(Concert { id: ConcertId(id), title, queue })),
        schedule(),
        seats(),
        (id(), id(), time(), TEXT).prop_map(|(schedule, seat, at, reason)| {
            let (schedule, seat) = (ScheduleId(schedule), SeatId(seat));
            Row::Withheld(WithheldRow { schedule, seat, at, reason: reason.into() })
        }),
        (id(), id(), any::<u32>()).prop_map(|(reservation, seat, issue)| {
            Row::Reissued(ReissuedRow { reservation: ReservationId(reservation), seat: SeatId(seat), issue })
        }),
        (id(), id()).prop_map(|(schedule, seat)| Row::GivenBack { schedule: ScheduleId(schedule), seat: SeatId(seat) }),
        id().prop_map(|id| Row::ScheduleRemoved(ScheduleId(id))),
        (upload(), 0_u32..3, vec(any::<u8>(), 0..5)).prop_map(|(upload, part, bytes)| Row::Staged {
            upload,
            part,
            bytes: Arc::from(bytes)
        }),
        upload().prop_map(Row::Unstaged),
    ]
}

/// No text of ours has control characters, and PostgreSQL holds no NUL.
const TEXT: &str = r"\PC{0,6}";

fn text() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(TEXT)
}

fn operator_side() -> impl Strategy<Value = Row> {
    let kind = prop_oneof![Just(Kind::Message), Just(Kind::SoldOut), Just(Kind::QueuePaused), Just(Kind::SaleOpen)];
    let action = prop_oneof![Just(Action::PublishCatalog), Just(Action::LetSilentGo), Just(Action::GiveSeatsBack)];
    let name = prop_oneof![Just("a"), Just("b"), Just("김")].prop_map(str::to_owned);
    let role = prop_oneof![Just(Role::Viewer), Just(Role::Admin), Just(Role::Shop)];
    let direction = prop_oneof![Just(Direction::Credit), Just(Direction::Debit)];
    prop_oneof![
        (any::<[u8; 32]>(), id()).prop_map(|(digest, user)| Row::Subject { digest, user: UserId(user) }),
        ((0..3_u8).prop_map(|n| [n; 32]), id()).prop_map(|(digest, user)| Row::Subject { digest, user: UserId(user) }),
        (0..3_u8).prop_map(|n| Row::SubjectForgotten([n; 32])),
        (id(), time(), proptest::option::of(any::<[u8; 32]>()))
            .prop_map(|(user, at, pseudonym)| Row::Erased(ErasedRow { user: UserId(user), at, pseudonym })),
        ((0..3_u8).prop_map(|n| [n; 16]), time(), proptest::option::of(any::<[u8; 16]>()), id()).prop_map(
            |(digest, until, retry, user)| {
                let once = SingleUse { digest, until, retry: retry.map(|hash| idempotency::Key { hash }) };
                Row::Entry(EntryRow { once, user: UserId(user) })
            }
        ),
        (0..3_u8).prop_map(|n| Row::EntryForgotten([n; 16])),
        (id(), any::<u32>()).prop_map(|(user, seats)| Row::SeatLimit { user: UserId(user), seats }),
        (name.clone(), id(), direction, id(), id(), any::<u32>(), text()).prop_map(
            |(reference, user, direction, amount, transfer, key, name)| {
                let adjustment = Adjustment { user: UserId(user), direction, amount };
                let (transfer, by) = (TransferId(transfer), Operator { key: KeyId(key), name });
                Row::Adjustment(AdjustmentRow { reference, adjustment, transfer, by })
            }
        ),
        (name.clone(), role, any::<[u8; 32]>(), time())
            .prop_map(|(name, role, digest, at)| Row::Operator(OperatorRow { name, role, digest, at })),
        name.prop_map(Row::OperatorRemoved),
        (id(), time(), kind, proptest::option::of(queue()), proptest::option::of(id()), text(), text()).prop_map(
            |(id, at, kind, queue, schedule, en, ko)| {
                let (id, schedule) = (EventId(id), schedule.map(ScheduleId));
                Row::News(NewsRow { id, at, kind, queue, schedule, text: Text { en, ko } })
            }
        ),
        (id(), time(), any::<u32>(), text(), action, TEXT, TEXT, TEXT).prop_map(
            |(id, at, key, name, action, target, before, after)| {
                let (id, by) = (EventId(id), Operator { key: KeyId(key), name });
                Row::Lever(LeverRow { id, at, by, action, target, before, after })
            }
        ),
    ]
}

fn codes() -> impl Strategy<Value = Row> {
    let campaign = || prop_oneof![0_u16..3, Just(u16::MAX)].prop_map(CampaignId);
    let moment = || proptest::option::of(time());
    let (tier, seats) = (proptest::option::of(any::<u8>()), proptest::option::of(any::<u32>()));
    let rules = (moment(), moment(), tier, seats, any::<u32>(), any::<[bool; 2]>()).prop_map(
        |(from, until, tier, seats, uses, [required, stopped])| CampaignRules {
            from,
            until,
            tier,
            seats,
            uses,
            required,
            stopped,
        },
    );
    prop_oneof![
        (campaign(), TEXT, queue(), any::<[u32; 2]>(), rules, amount(), amount()).prop_map(
            |(id, name, queue, [key, codes], rules, held, spent)| {
                Row::Campaign(Box::new(Campaign { id, name, queue, key: KeyId(key), rules, codes, held, spent }))
            }
        ),
        (campaign(), 1_u32..4, hash(), any::<u32>()).prop_map(|(campaign, number, digest, used)| {
            Row::Code(CodeRow { campaign, number, digest: CodeDigest(digest), used })
        }),
        (queue(), number(), id(), campaign(), any::<u32>(), hash(), (time(), any::<bool>(), moment())).prop_map(
            |(queue, ticket, user, campaign, number, digest, (taken_at, paid, ended_at))| {
                let (ticket, user) = (TicketId { queue, number: ticket }, UserId(user));
                let digest = CodeDigest(digest);
                Row::CodeUse(CodeUseRow { ticket, user, campaign, number, digest, taken_at, paid, ended_at })
            }
        ),
    ]
}

pub(crate) fn row() -> impl Strategy<Value = Row> {
    prop_oneof![codes(), queue_side(), money_side(), catalog_side(), operator_side()]
}
