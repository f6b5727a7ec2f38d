//! Every command, as it is encoded in journals that exist.

use onsale_domain::codes::{CampaignRules, CodeDigest};
use onsale_domain::command::{Batch, CatalogPart, Command, Entrant, Entry};
use onsale_domain::concert::{
    AreaWish, Attributes, Line, Orphans, Price, PriceCount, PriceType, PriceTypeId, Schedule, Terms, Together, Wish,
};
use onsale_domain::ids::{CampaignId, KeyId, QueueId, ReservationId, ScheduleId, SeatId, TicketId, UploadId, UserId};
use onsale_domain::operator::{Operator, Role, Text};
use onsale_domain::queue::{Mode, Opening, Order};
use onsale_domain::settings::{QueueSettings, Settings};
use onsale_domain::time::Time;
use onsale_domain::user::{Adjustment, Direction, SingleUse};

use super::{check, from_hex, to_hex};
use crate::shop;

/// A name that no two commands share; exhaustive, so that a new command is missed here first.
fn name(command: &Command) -> &'static str {
    match command {
        Command::Tick => "Tick",
        Command::Start => "Start",
        Command::Join { .. } => "Join",
        Command::JoinFrom { .. } => "JoinFrom",
        Command::Seen { .. } => "Seen",
        Command::Active { .. } => "Active",
        Command::Leave { .. } => "Leave",
        Command::Charge { .. } => "Charge",
        Command::Reserve { .. } => "Reserve",
        Command::ReserveBest { .. } => "ReserveBest",
        Command::ReserveLines { .. } => "ReserveLines",
        Command::Cancel { .. } => "Cancel",
        Command::Pay { .. } => "Pay",
        Command::Stage { .. } => "Stage",
        Command::Publish { .. } => "Publish",
        Command::Discard { .. } => "Discard",
        Command::OpenQueue { .. } => "OpenQueue",
        Command::ConfigureQueue { .. } => "ConfigureQueue",
        Command::Configure { .. } => "Configure",
        Command::SetSaleClosed { .. } => "SetSaleClosed",
        Command::Release { .. } => "Release",
        Command::RemoveSchedule { .. } => "RemoveSchedule",
        Command::Operate { .. } => "Operate",
        Command::Announce { .. } => "Announce",
        Command::Raise { .. } => "Raise",
        Command::LetSilentGo { .. } => "LetSilentGo",
        Command::Revoke { .. } => "Revoke",
        Command::EndSession { .. } => "EndSession",
        Command::KeepSession { .. } => "KeepSession",
        Command::ErasePerson { .. } => "ErasePerson",
        Command::AddOperator { .. } => "AddOperator",
        Command::RemoveOperator { .. } => "RemoveOperator",
        Command::Adjust { .. } => "Adjust",
        Command::Enter { .. } => "Enter",
        Command::SetOpening { .. } => "SetOpening",
        Command::SetSaleTimes { .. } => "SetSaleTimes",
        Command::Withhold { .. } => "Withhold",
        Command::GiveBack { .. } => "GiveBack",
        Command::Extend { .. } => "Extend",
        Command::SetOrphans { .. } => "SetOrphans",
        Command::ReserveAreas { .. } => "ReserveAreas",
        Command::SetOrder { .. } => "SetOrder",
        Command::SetBeacon { .. } => "SetBeacon",
        Command::Reissue { .. } => "Reissue",
        Command::JoinWithCode { .. } => "JoinWithCode",
        Command::EnterWithCode { .. } => "EnterWithCode",
        Command::SetCampaign { .. } => "SetCampaign",
        Command::AddCodes { .. } => "AddCodes",
        Command::NoteWebhook { .. } => "NoteWebhook",
        Command::PassOver { .. } => "PassOver",
    }
}

fn parts() -> CatalogPart {
    let mut part = shop::catalog(2);
    part.seats[1].section = None;
    part
}

pub(super) fn one_of_each() -> Vec<Command> {
    let (user, schedule, upload, reservation) = (UserId(7), ScheduleId(3), UploadId(9), ReservationId(300));
    let ticket = TicketId { queue: QueueId(2), number: 70_000 };
    let seats = vec![SeatId(1), SeatId(24), SeatId(70_000)];
    let queue = QueueSettings { admit_per_second: Some(50), ..QueueSettings::default() };
    vec![
        Command::Tick,
        Command::Start,
        Command::Join { user: UserId((1 << 53) - 1), queue: QueueId(1), key: KeyId(u32::MAX) },
        Command::Seen { queue: QueueId(1), tickets: shop::bitmap([0, 5, 70_000]) },
        Command::Leave { ticket, user: None },
        Command::Charge { user, amount: 50_000, key: shop::key(1) },
        Command::Charge { user, amount: 23, key: None },
        Command::Reserve { ticket, user, schedule, seats, key: shop::key(u64::MAX) },
        Command::Cancel { user, reservation },
        Command::Pay { user, reservation, key: None },
        Command::Stage { upload, part: parts() },
        Command::Publish { upload },
        Command::Discard { upload },
        Command::OpenQueue { name: "vip".to_owned() },
        Command::ConfigureQueue { queue: QueueId(1), settings: Some(queue), mode: Some(Mode::Draining) },
        Command::ConfigureQueue { queue: QueueId(1), settings: None, mode: None },
        Command::Configure { settings: Settings::default() },
        Command::SetSaleClosed { schedule, closed: true },
        Command::Release { reservation, reason: None },
        Command::RemoveSchedule { schedule },
    ]
}

/// Those that came with the record of operators.
pub(super) fn of_operators() -> Vec<Command> {
    let (schedule, reservation) = (ScheduleId(3), ReservationId(300));
    vec![
        Command::Operate {
            by: Operator { key: KeyId(0x8a3f_90c1), name: Some("Kim".to_owned()) },
            command: Box::new(Command::SetSaleClosed { schedule, closed: true }),
        },
        Command::Operate {
            by: Operator { key: KeyId(7), name: None },
            command: Box::new(Command::Release { reservation, reason: None }),
        },
        Command::Announce {
            queue: Some(QueueId(1)),
            text: Text { en: Some("Doors at 18:00".to_owned()), ko: Some("입장 18:00".to_owned()) },
        },
        Command::Announce { queue: None, text: Text { en: Some("Soon".to_owned()), ko: None } },
    ]
}

/// Those that came with level 1.
pub(super) fn of_level_1() -> Vec<Command> {
    let ticket = TicketId { queue: QueueId(2), number: 70_000 };
    vec![Command::Raise { level: 1 }, Command::Leave { ticket, user: Some(UserId(7)) }]
}

/// Those that came with level 2.
pub(super) fn of_level_2() -> Vec<Command> {
    vec![Command::Raise { level: 2 }, Command::LetSilentGo { queue: QueueId(0), silent_ms: 120_000 }]
}

/// What revokes tokens, which came with level 2 too.
pub(super) fn of_revocation() -> Vec<Command> {
    let by = Operator { key: KeyId(0x8a3f_90c1), name: None };
    vec![
        Command::Revoke { user: UserId(7) },
        Command::Operate { by, command: Box::new(Command::Revoke { user: UserId(1) }) },
    ]
}

/// Those that came with level 4.
pub(super) fn of_level_4() -> Vec<Command> {
    let (name, digest) = ("Kim".to_owned(), [0xA5; 32]);
    let add = |role| Command::AddOperator { name: name.clone(), role, digest };
    let roles = [Role::Viewer, Role::Gate, Role::Desk, Role::Finance, Role::Admin, Role::Shop].map(add);
    let adjust = |direction, by_name| {
        let adjustment = Adjustment { user: UserId(7), direction, amount: 50_000 };
        let by = Operator { key: KeyId(0x8a3f_90c1), name: by_name };
        Command::Adjust { reference: "payment-1".to_owned(), adjustment, by }
    };
    let adjusted = [adjust(Direction::Credit, Some("shop".to_owned())), adjust(Direction::Debit, None)];
    roles.into_iter().chain([Command::RemoveOperator { name: name.clone() }]).chain(adjusted).collect()
}

/// Those that came with level 4 for entry tokens.
pub(super) fn of_entry() -> Vec<Command> {
    let enter = |entrant, asked, once, limit| {
        let entry = Entry { entrant, asked, once, limit, tier: None };
        Command::Enter { entry, queue: QueueId(2), key: KeyId(0x8a3f_90c1) }
    };
    let once = |retry| Some(SingleUse { digest: [0x5A; 16], until: Time(1_900_000_000_000), retry });
    vec![
        enter(Entrant::User(UserId(7)), None, once(None), None),
        enter(Entrant::Subject([0xC3; 32]), Some(UserId(1 << 52)), once(shop::key(3)), Some(4)),
    ]
}

/// Those that came with level 4 for seats together.
pub(super) fn of_best_seats() -> Vec<Command> {
    let (user, schedule) = (UserId(7), ScheduleId(3));
    let ticket = TicketId { queue: QueueId(2), number: 70_000 };
    let anywhere = Wish::of(2, Together::Required);
    let in_a_section = Wish { section: Some("A".to_owned()), ..Wish::of(16, Together::Preferred) };
    vec![
        Command::ReserveBest { ticket, user, schedule, wish: anywhere, key: None },
        Command::ReserveBest { ticket, user, schedule, wish: in_a_section, key: shop::key(3) },
    ]
}

/// Those that came with level 5 for price types and wheelchair places.
pub(super) fn of_offers() -> Vec<Command> {
    let (user, schedule) = (UserId(7), ScheduleId(3));
    let ticket = TicketId { queue: QueueId(2), number: 70_000 };
    let child = || Some(PriceTypeId::from("child"));
    let seats = vec![
        Line { seat: SeatId(1), price_type: child(), accessible: false },
        Line { seat: SeatId(70_000), price_type: None, accessible: true },
    ];
    let count = |name: &str, count| PriceCount { price_type: name.into(), count };
    let wish = Wish {
        category: Some("P1".to_owned()),
        price_types: Some(vec![count("adult", 2), count("child", 1)]),
        accessible: Some(1),
        ..Wish::of(3, Together::Required)
    };
    let mut part = shop::catalog(2);
    let title = Some("Adult".to_owned());
    part.schedules[0].price_types =
        Some(vec![PriceType { id: "adult".into(), title }, PriceType { id: "child".into(), title: None }]);
    part.schedules[0].accessible_until = Some(Time(1_900_000_000_000));
    let prices = vec![Price { price_type: "child".into(), amount: 50 }];
    part.seats[0].terms = Terms { category: Some("P1".to_owned()), prices, ..Terms::default() }.shared();
    part.seats[1].terms = Terms { attributes: Attributes::WHEELCHAIR, ..Terms::default() }.shared();
    vec![
        Command::ReserveLines { ticket, user, schedule, seats: seats.clone(), key: None },
        Command::ReserveLines { ticket, user, schedule, seats, key: shop::key(3) },
        Command::Stage { upload: UploadId(9), part },
        Command::ReserveBest { ticket, user, schedule, wish, key: None },
    ]
}

/// Those that came with level 5 for sales that open by themselves.
pub(super) fn of_openings() -> Vec<Command> {
    let at = |ms: u64| Some(Time(1_900_000_000_000 + ms));
    let all = Opening { prequeue_at: at(0), opens_at: at(1), closes_at: at(2) };
    let opening = |opening| Command::SetOpening { queue: QueueId(2), opening };
    let sale = |on_sale_at, off_sale_at| Command::SetSaleTimes { schedule: ScheduleId(3), on_sale_at, off_sale_at };
    let sold = Schedule { on_sale_at: at(0), off_sale_at: at(1), ..shop::schedule(3, 2) };
    let part = CatalogPart { schedules: vec![sold], ..CatalogPart::default() };
    vec![
        opening(all),
        opening(Opening { opens_at: None, ..all }),
        opening(Opening::default()),
        sale(at(0), at(1)),
        sale(None, None),
        Command::Stage { upload: UploadId(9), part },
    ]
}

/// Those that came with level 5 for the desk.
pub(super) fn of_the_desk() -> Vec<Command> {
    let (schedule, seats) = (ScheduleId(3), vec![SeatId(1), SeatId(24), SeatId(70_000)]);
    let reason = "음향 부스".to_owned();
    let settings = Settings { hold_extend_ms: Some(120_000), ..Settings::default() };
    vec![
        Command::Withhold { schedule, seats: seats.clone(), reason: reason.clone() },
        Command::GiveBack { schedule, seats, reason },
        Command::Release { reservation: ReservationId(300), reason: Some("a mistake".to_owned()) },
        Command::Extend { user: UserId(7), reservation: ReservationId(300) },
        Command::Configure { settings },
    ]
}

/// Those that came with level 5 for single seats.
pub(super) fn of_orphans() -> Vec<Command> {
    let mut part = shop::catalog(1);
    part.schedules[0].orphans = Some(Orphans::Refuse);
    let set = |orphans| Command::SetOrphans { schedule: ScheduleId(3), orphans };
    [Orphans::Allow, Orphans::Prefer, Orphans::Refuse]
        .map(set)
        .into_iter()
        .chain([Command::Stage { upload: UploadId(9), part }])
        .collect()
}

/// Those that came with level 5 for places to stand.
pub(super) fn of_areas() -> Vec<Command> {
    let (user, schedule) = (UserId(7), ScheduleId(3));
    let ticket = TicketId { queue: QueueId(2), number: 70_000 };
    let wish = |area: &str, quantity| AreaWish { area: area.to_owned(), quantity, price_type: None };
    let (some, none) = (vec![Line::from(SeatId(1)), Line::from(SeatId(24))], Vec::new());
    let mut part = shop::catalog(2);
    part.seats[1].standing = true;
    vec![
        Command::ReserveAreas { ticket, user, schedule, seats: none, areas: vec![wish("Floor", 2)], key: None },
        Command::ReserveAreas {
            ticket,
            user,
            schedule,
            seats: some,
            areas: vec![wish("Floor", 2), AreaWish { price_type: Some("child".into()), ..wish("스탠딩", 12) }],
            key: shop::key(3),
        },
        Command::Stage { upload: UploadId(9), part },
    ]
}

/// Those that came with level 5 for draws.
pub(super) fn of_draws() -> Vec<Command> {
    let order = |order| Command::SetOrder { queue: QueueId(2), order };
    vec![
        order(Order::Fifo),
        order(Order::Draw { seed: core::array::from_fn(|i| i as u8) }),
        Command::SetBeacon { queue: QueueId(2), beacon: "drand 4,100,200".to_owned() },
    ]
}

/// Those that came with level 6.
pub(super) fn of_tiers() -> Vec<Command> {
    let enter = |entrant, limit, tier| {
        let entry = Entry { entrant, asked: None, once: None, limit, tier: Some(tier) };
        Command::Enter { entry, queue: QueueId(2), key: KeyId(0x8a3f_90c1) }
    };
    vec![enter(Entrant::User(UserId(7)), None, 1), enter(Entrant::Subject([0xC3; 32]), Some(4), 9)]
}

/// Those that came with level 7.
pub(super) fn of_idleness() -> Vec<Command> {
    let queue = QueueSettings { session_idle_ms: Some(90_000), ..QueueSettings::default() };
    let settings = Settings { queue: queue.clone(), ..Settings::default() };
    vec![
        Command::Active { queue: QueueId(1), tickets: shop::bitmap([0, 5, 70_000]) },
        Command::ConfigureQueue { queue: QueueId(1), settings: Some(queue), mode: None },
        Command::Configure { settings },
    ]
}

/// Those that came with level 9 for sessions.
pub(super) fn of_sessions() -> Vec<Command> {
    let queue = QueueSettings { session_max_ms: Some(1_800_000), ..QueueSettings::default() };
    let settings = Settings { queue: queue.clone(), ..Settings::default() };
    let end = Command::EndSession { queue: QueueId(1), user: UserId(70_000) };
    let by = Operator { key: KeyId(7), name: Some("Kim".to_owned()) };
    vec![
        Command::Operate { by, command: Box::new(end) },
        Command::KeepSession { queue: QueueId(1), user: UserId(70_000) },
        Command::ConfigureQueue { queue: QueueId(1), settings: Some(queue), mode: None },
        Command::Configure { settings },
    ]
}

/// Those that came with level 8 for ranks, and tickets that are issued anew.
pub(super) fn of_ranks() -> Vec<Command> {
    let mut part = shop::catalog(2);
    part.seats[1].rank = Some(7);
    let reissue = |seat| Command::Reissue { reservation: ReservationId(300), seat, reason: "분실".to_owned() };
    vec![Command::Stage { upload: UploadId(9), part }, reissue(None), reissue(Some(SeatId(24)))]
}

/// Those that came with level 9 for codes.
pub(super) fn of_codes() -> Vec<Command> {
    let (queue, key, code) = (QueueId(2), KeyId(0x8a3f_90c1), vec![CodeDigest([0xC3; 16]), CodeDigest([0xA5; 16])]);
    let entry = Entry { entrant: Entrant::User(UserId(7)), asked: None, once: None, limit: None, tier: Some(3) };
    let campaign = |rules| Command::SetCampaign { name: "fan-club".to_owned(), queue, key, rules };
    let (from, until) = (Some(Time(shop::BEGIN_MS)), Some(Time(shop::BEGIN_MS + 60_000)));
    let all = CampaignRules { from, until, tier: Some(1), seats: Some(4), uses: 500, required: true, stopped: true };
    vec![
        Command::JoinWithCode { user: UserId(7), queue, key, code: code.clone() },
        Command::EnterWithCode { entry, queue, key, code },
        campaign(CampaignRules::default()),
        campaign(all),
        Command::AddCodes { campaign: CampaignId(3), first: 70_000, digests: (0..32).collect() },
    ]
}

/// What came with level 9 for webhooks.
pub(super) fn of_webhooks() -> Vec<Command> {
    let after = "state ON, order ORDERED, url https://shop.example, types the usual".to_owned();
    vec![Command::NoteWebhook { webhook: 3, before: String::new(), after }]
}

/// What came with level 9 for stores that are restored.
pub(super) fn of_restored() -> Vec<Command> {
    let (lost_from, lost_until) = (Time(1_809_136_800_000), Time(1_809_136_805_000));
    let pass_over = Command::PassOver { numbers: 65_000_000, entry: 70_000, lost_from, lost_until };
    let by = Operator { key: KeyId(0x8a3f_90c1), name: Some("onsale restore".to_owned()) };
    vec![Command::Operate { by, command: Box::new(pass_over) }]
}

/// What came with level 9 for a person's data.
pub(super) fn of_privacy() -> Vec<Command> {
    let by = Operator { key: KeyId(0x8a3f_90c1), name: Some("Dana".to_owned()) };
    let entry = |entrant| Entry { entrant, asked: None, once: None, limit: None, tier: None };
    let enter = |entrant| Command::Enter { entry: entry(entrant), queue: QueueId(1), key: KeyId(7) };
    let erase = |entrant, force| Command::Operate {
        by: by.clone(),
        command: Box::new(Command::ErasePerson { entrant, force }),
    };
    vec![
        enter(Entrant::Pseudonym([0xC3; 32])),
        erase(Entrant::Pseudonym([0xC3; 32]), false),
        erase(Entrant::Subject([0x5A; 32]), true),
        erase(Entrant::User(UserId(7)), true),
    ]
}

/// What came with level 9 for work that whoever joins shows.
pub(super) fn of_proofs() -> Vec<Command> {
    let queue = QueueSettings { proof_bits: Some(17), ..QueueSettings::default() };
    let settings = Settings { queue: queue.clone(), ..Settings::default() };
    let by = Operator { key: KeyId(0x8a3f_90c1), name: Some("Dana".to_owned()) };
    vec![
        Command::ConfigureQueue { queue: QueueId(1), settings: Some(queue), mode: None },
        Command::Configure { settings },
        Command::Operate { by, command: Box::new(shop::join(7)) },
    ]
}

/// What came with level 10 for networks.
pub(super) fn of_networks() -> Vec<Command> {
    let settings = QueueSettings { network_places: Some(100), ..QueueSettings::default() };
    vec![
        Command::ConfigureQueue { queue: QueueId(1), settings: Some(settings), mode: None },
        Command::JoinFrom { user: UserId(7), queue: QueueId(1), key: KeyId(1), network: u64::MAX },
    ]
}

#[test]
fn every_command_is_encoded_as_ever() {
    let all = || {
        let levels = of_level_1()
            .into_iter()
            .chain(of_level_2())
            .chain(of_revocation())
            .chain(of_level_4())
            .chain(of_best_seats())
            .chain(of_entry())
            .chain(of_offers())
            .chain(of_openings())
            .chain(of_the_desk())
            .chain(of_orphans())
            .chain(of_areas())
            .chain(of_draws())
            .chain(of_tiers())
            .chain(of_idleness())
            .chain(of_ranks())
            .chain(of_codes())
            .chain(of_webhooks())
            .chain(of_restored())
            .chain(of_proofs())
            .chain(of_sessions())
            .chain(of_privacy())
            .chain(of_networks());
        one_of_each().into_iter().chain(of_operators()).chain(levels)
    };
    let lines: Vec<_> = all()
        .map(|command| {
            let name = name(&command);
            let mut bytes = Vec::new();
            Batch { commands: vec![command] }.encode_into(&mut bytes);
            format!("{name} {}", to_hex(&bytes))
        })
        .collect();
    check("commands.txt", &lines, "journals hold this encoding: add fields and variants, change none");
    for (line, command) in lines.iter().zip(all()) {
        let bytes = from_hex(line.split(' ').next_back().expect("a name and digits"));
        assert_eq!(Batch::decode(&bytes).expect("golden bytes decode").commands, [command]);
    }
}
