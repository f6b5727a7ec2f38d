//! Codes that open a queue: who has a use, and when it comes back.

use onsale_domain::codes::{CODES_AT_ONCE_MAX, CampaignRules, CodeDigest};
use onsale_domain::command::Command;
use onsale_domain::ids::{CampaignId, KeyId, UserId};
use onsale_domain::level::CODES;
use onsale_domain::operator::{Action, Operator};
use onsale_domain::queue::{Mode, Opening, Tier};
use onsale_domain::reply::{CodesAdded, Outcome, Refusal, Reply};
use onsale_domain::row::Row;
use onsale_domain::settings::{QueueSettings, Settings};
use onsale_domain::time::Time;

use super::patient;
use crate::shop::{self, BEGIN_MS, QUEUE, Shop};

const FANS: CampaignId = CampaignId(0);

fn campaign(rules: CampaignRules) -> Command {
    Command::SetCampaign { name: "fans".to_owned(), queue: QUEUE, key: KeyId(7), rules }
}

fn add(first: u32, codes: &[u8]) -> Command {
    let digests = codes.iter().flat_map(|code| [*code; 16]).collect();
    Command::AddCodes { campaign: FANS, first, digests }
}

fn join(user: u64, code: u8) -> Command {
    Command::JoinWithCode { user: UserId(user), queue: QUEUE, key: KeyId(7), code: vec![CodeDigest([code; 16])] }
}

/// A shop in which codes 1 to 3 are good for one use each, or as these rules say.
fn shop_with(queue: QueueSettings, rules: CampaignRules) -> Shop {
    let mut shop = Shop::open(queue, Settings { hold_ttl_ms: 60_000, ..Settings::default() }, 10);
    let done = shop.all(vec![Command::Raise { level: CODES }, campaign(rules), add(1, &[1, 2, 3])]);
    assert!(done.iter().all(Result::is_ok), "{done:?}");
    shop
}

fn shop() -> Shop {
    shop_with(patient(10), CampaignRules::default())
}

/// The outcome, with an engine of the rows going on.
fn one(shop: &mut Shop, command: Command) -> Outcome {
    let outcome = shop.one(command);
    shop.restart();
    outcome
}

/// The place that somebody got, and whether a code counts for it.
fn joined(outcome: &Outcome) -> (u32, bool) {
    match outcome {
        Ok(Reply::Joined(joined)) => (joined.ticket.number, joined.has_code),
        other => panic!("no place: {other:?}"),
    }
}

fn leave(number: u32) -> Command {
    Command::Leave { ticket: shop::ticket(number), user: None }
}

/// How many uses are held and spent.
fn used(shop: &Shop) -> (u64, u64) {
    let campaign = &shop.engine.codes().campaigns()[0];
    (campaign.held, campaign.spent)
}

#[test]
fn a_use_comes_back_with_the_place_and_is_used_up_by_a_payment() {
    let mut shop = shop();
    assert_eq!(joined(&one(&mut shop, join(1, 1))), (0, true));
    assert_eq!(one(&mut shop, join(2, 1)), Err(Refusal::CodeUsedUp));
    assert_eq!(used(&shop), (1, 0));
    // The same person keeps theirs, with whatever code or without.
    for again in [join(1, 1), join(1, 2), join(1, 9), shop::join(1)] {
        assert_eq!(joined(&one(&mut shop, again)), (0, true));
    }
    assert_eq!(used(&shop), (1, 0));
    one(&mut shop, leave(0)).expect("a place");
    assert_eq!(used(&shop), (0, 0));
    assert_eq!(joined(&one(&mut shop, join(2, 1))), (1, true));
    let id = shop.hold(1, 2, 5);
    one(&mut shop, shop::charge(2, 100)).expect("money");
    one(&mut shop, shop::pay(2, id)).expect("a payment");
    assert_eq!(used(&shop), (0, 1));
    for user in [1, 2, 3] {
        assert_eq!(one(&mut shop, join(user, 1)), Err(Refusal::CodeUsedUp), "nobody again");
    }
    assert_eq!(joined(&one(&mut shop, join(2, 2))), (2, true), "with another code, the same person too");
}

/// A hold outlives its owner's place, and can be paid: until it is over the code is theirs.
#[test]
fn who_leaves_with_a_hold_keeps_the_code_until_it_is_over() {
    let mut shop = shop();
    joined(&one(&mut shop, join(1, 1)));
    let (first, second) = (shop.hold(0, 1, 5), shop.hold(0, 1, 6));
    one(&mut shop, leave(0)).expect("a place");
    assert_eq!((used(&shop), one(&mut shop, join(2, 1))), ((1, 0), Err(Refusal::CodeUsedUp)));
    // Who comes back meanwhile goes on with it, whatever they show.
    assert_eq!(joined(&one(&mut shop, join(1, 2))), (1, true));
    assert_eq!(shop.engine.codes().of(UserId(1), QUEUE), Some(CodeDigest([1; 16])));
    one(&mut shop, leave(1)).expect("a place");
    one(&mut shop, Command::Cancel { user: UserId(1), reservation: first }).expect("a hold");
    assert_eq!(used(&shop), (1, 0));
    one(&mut shop, Command::Cancel { user: UserId(1), reservation: second }).expect("a hold");
    assert_eq!(used(&shop), (0, 0));
    // Lapsed, and paid after its owner left.
    assert_eq!(joined(&one(&mut shop, join(2, 1))), (2, true));
    shop.hold(2, 2, 7);
    one(&mut shop, leave(2)).expect("a place");
    shop.walk(60_000);
    assert_eq!(used(&shop), (0, 0));
    assert_eq!(joined(&one(&mut shop, join(3, 1))), (3, true));
    let late = shop.hold(3, 3, 8);
    one(&mut shop, leave(3)).expect("a place");
    one(&mut shop, shop::charge(3, 100)).expect("money");
    one(&mut shop, shop::pay(3, late)).expect("a payment");
    assert_eq!((used(&shop), one(&mut shop, join(4, 1))), ((0, 1), Err(Refusal::CodeUsedUp)));
}

/// By whatever way a place ends, the use comes back at that moment, and in the very entry it is another's.
#[test]
fn every_end_of_a_place_gives_back() {
    let queue = QueueSettings {
        active_limit: 1,
        admit_per_second: None,
        session_ttl_ms: 10_000,
        waiting_ttl_ms: 4_000,
        waiting_grace_ms: 0,
        session_idle_ms: Some(6_000),
        proof_bits: None,
        network_places: None,
        session_max_ms: None,
    };
    let mut shop = shop();
    shop.one(Command::ConfigureQueue { queue: QUEUE, settings: Some(queue), mode: None }).expect("settings");
    joined(&shop.one(join(1, 1)));
    joined(&shop.one(join(2, 2)));
    // The first is idle, and the second silent when the turn comes.
    for _ in 0..6 {
        shop.now += 999;
        shop.tick();
        assert_eq!(used(&shop), (2, 0));
    }
    shop.now += 6;
    let outcomes = shop.all(vec![join(3, 1), join(4, 2)]);
    assert_eq!([joined(&outcomes[0]), joined(&outcomes[1])], [(2, true), (3, true)]);
    assert_eq!(used(&shop), (2, 0));
    // Let go, and over.
    shop.all(vec![leave(2)]);
    assert_eq!(used(&shop), (1, 0));
    let closes_at = Some(Time(shop.now + 100));
    shop.all(vec![
        Command::SetOpening { queue: QUEUE, opening: Opening { closes_at, ..Opening::default() } },
        join(5, 1),
    ]);
    assert_eq!(used(&shop), (2, 0));
    shop.now += 100;
    shop.tick();
    assert_eq!(used(&shop), (1, 0), "who waited has lost the place, and who is inside goes on");
    shop.restart();
}

#[test]
fn a_code_is_good_in_its_time_and_in_its_queue() {
    let rules = CampaignRules {
        from: Some(Time(BEGIN_MS + 1_000)),
        until: Some(Time(BEGIN_MS + 2_000)),
        ..CampaignRules::default()
    };
    let mut shop = shop_with(patient(10), rules);
    let at = Time(BEGIN_MS + 1_000);
    shop.now = BEGIN_MS + 999;
    assert_eq!(one(&mut shop, join(1, 1)), Err(Refusal::CodeNotYet { at, in_ms: 1 }));
    shop.now += 1;
    assert_eq!(joined(&one(&mut shop, join(1, 1))), (0, true));
    one(&mut shop, campaign(CampaignRules { stopped: true, ..rules })).expect("rules");
    assert_eq!(one(&mut shop, join(2, 2)), Err(Refusal::CodeOver));
    assert_eq!(joined(&one(&mut shop, join(1, 1))), (0, true), "who has a place keeps it");
    one(&mut shop, campaign(rules)).expect("rules");
    shop.now = BEGIN_MS + 2_000;
    assert_eq!(one(&mut shop, join(2, 2)), Err(Refusal::CodeOver));
    assert_eq!(one(&mut shop, join(2, 9)), Err(Refusal::CodeUnknown));
    let Ok(Reply::QueueOpened(vip)) = one(&mut shop, Command::OpenQueue { name: "vip".to_owned() }) else { panic!() };
    let code = vec![CodeDigest([2; 16])];
    let other = Command::JoinWithCode { user: UserId(2), queue: vip, key: KeyId(7), code };
    assert_eq!(one(&mut shop, other), Err(Refusal::CodeUnknown));
    let closed = Command::ConfigureQueue { queue: QUEUE, settings: None, mode: Some(Mode::Closed) };
    one(&mut shop, closed).expect("a mode");
    assert_eq!(one(&mut shop, join(2, 9)), Err(Refusal::QueueClosed), "a closed queue says nothing of codes");
}

#[test]
fn nobody_joins_without_where_one_is_needed_and_nobody_loses_a_place() {
    let until = Some(Time(BEGIN_MS + 5_000));
    let rules = CampaignRules { required: true, until, from: Some(Time(BEGIN_MS + 10)), ..CampaignRules::default() };
    let mut shop = Shop::open(patient(10), Settings::default(), 10);
    joined(&shop.one(shop::join(9)));
    shop.all(vec![Command::Raise { level: CODES }, campaign(rules), add(1, &[1, 2])]);
    // Before its time, and while it is stopped, as well.
    assert_eq!(one(&mut shop, shop::join(1)), Err(Refusal::CodeRequired));
    assert_eq!(joined(&one(&mut shop, shop::join(9))), (0, false));
    assert_eq!(joined(&one(&mut shop, join(9, 1))), (0, false), "a code is for joining");
    one(&mut shop, campaign(CampaignRules { stopped: true, ..rules })).expect("rules");
    assert_eq!(one(&mut shop, shop::join(1)), Err(Refusal::CodeRequired));
    shop.now = BEGIN_MS + 5_000;
    assert_eq!(joined(&one(&mut shop, shop::join(1))), (1, false));
}

#[test]
fn a_code_brings_a_tier_and_fewer_seats_while_it_is_theirs() {
    let rules = CampaignRules { tier: Some(2), seats: Some(1), uses: 5, ..CampaignRules::default() };
    let mut shop = shop_with(patient(10), rules);
    joined(&one(&mut shop, join(1, 1)));
    let bought = shop.hold(0, 1, 1);
    assert_eq!(one(&mut shop, shop::reserve(0, 1, 2)), Err(Refusal::SeatLimitReached));
    one(&mut shop, shop::charge(1, 1_000)).expect("money");
    one(&mut shop, shop::pay(1, bought)).expect("a payment");
    // With the code again what they bought counts; without it their limit is everybody's.
    assert_eq!(joined(&one(&mut shop, join(1, 1))), (1, true));
    assert_eq!(one(&mut shop, shop::reserve(1, 1, 2)), Err(Refusal::SeatLimitReached));
    one(&mut shop, leave(1)).expect("a place");
    joined(&one(&mut shop, shop::join(1)));
    shop.hold(2, 1, 2);
    let tiers: Vec<_> = (0..3).map(|number| shop.engine.queues()[0].line().tier(number).map(Tier::number)).collect();
    assert_eq!(tiers, [Some(2), Some(2), None]);
}

#[test]
fn codes_are_added_once_and_without_a_gap() {
    let mut shop = shop();
    let added = |codes, added| Ok(Reply::CodesAdded(CodesAdded { codes, added }));
    assert_eq!(one(&mut shop, add(1, &[1, 2, 3])), added(3, 0), "sent again");
    assert_eq!(one(&mut shop, add(3, &[3, 4])), added(4, 1), "where it was broken off");
    assert_eq!(one(&mut shop, add(6, &[5])), Err(Refusal::CodesMissing { next: 5 }));
    assert_eq!(one(&mut shop, add(0, &[5])), Err(Refusal::CodesMissing { next: 5 }));
    for (first, codes, number) in [(5, &[5, 1][..], 6), (5, &[5, 5], 6), (4, &[6], 4), (2, &[1], 2)] {
        assert_eq!(one(&mut shop, add(first, codes)), Err(Refusal::CodeTwice { number }), "{codes:?}");
    }
    let other =
        Command::SetCampaign { name: "more".to_owned(), queue: QUEUE, key: KeyId(7), rules: CampaignRules::default() };
    one(&mut shop, other).expect("a campaign");
    let digests = |codes: &[u8]| codes.iter().flat_map(|code| [*code; 16]).collect::<Vec<_>>();
    let to = |campaign, digests| Command::AddCodes { campaign: CampaignId(campaign), first: 1, digests };
    assert_eq!(one(&mut shop, to(1, digests(&[4]))), Err(Refusal::CodeTwice { number: 1 }));
    assert_eq!(one(&mut shop, to(2, digests(&[4]))), Err(Refusal::CampaignNotFound));
    let many = vec![0; 16 * (CODES_AT_ONCE_MAX + 1)];
    for wrong in [Vec::new(), vec![1; 17], many] {
        assert_eq!(one(&mut shop, to(1, wrong)), Err(Refusal::SettingInvalid("codes")));
    }
    assert_eq!(shop.engine.codes().len(), 4, "what is refused adds nothing");
}

/// A campaign's codes are hashed for its queue, with its key.
#[test]
fn a_campaign_with_codes_keeps_its_queue_and_its_key() {
    let mut shop = shop();
    let Ok(Reply::QueueOpened(vip)) = one(&mut shop, Command::OpenQueue { name: "vip".to_owned() }) else { panic!() };
    let set = |name: &str, queue, key| Command::SetCampaign {
        name: name.to_owned(),
        queue,
        key: KeyId(key),
        rules: CampaignRules { uses: 2, ..CampaignRules::default() },
    };
    assert_eq!(one(&mut shop, set("fans", vip, 7)), Err(Refusal::CampaignInUse));
    one(&mut shop, set("fans", QUEUE, 8)).expect("rules");
    let fans = &shop.engine.codes().campaigns()[0];
    assert_eq!((fans.queue, fans.key, fans.rules.uses), (QUEUE, KeyId(7), 2));
    one(&mut shop, set("empty", QUEUE, 7)).expect("a campaign");
    one(&mut shop, set("empty", vip, 8)).expect("none is hashed yet");
    let empty = &shop.engine.codes().campaigns()[1];
    assert_eq!((empty.queue, empty.key), (vip, KeyId(8)));
    assert_eq!(one(&mut shop, set("No", QUEUE, 7)), Err(Refusal::SettingInvalid("name")));
}

#[test]
fn what_an_operator_does_to_codes_is_on_record() {
    let mut shop = shop();
    let by = Operator { key: KeyId(3), name: Some("Kim".to_owned()) };
    let mut record = |command| {
        let command = Command::Operate { by: by.clone(), command: Box::new(command) };
        let (_, rows) = shop.batch(&onsale_domain::command::Batch { commands: vec![command] });
        let levers = rows.into_iter().find_map(|row| match row {
            Row::Lever(lever) => Some((lever.action, lever.target, lever.before, lever.after)),
            _ => None,
        });
        levers.expect("a lever")
    };
    let (target, before, after) = ("campaign fans", "stopped false", "stopped true");
    let stopped = record(campaign(CampaignRules { stopped: true, ..CampaignRules::default() }));
    assert_eq!(stopped, (Action::ChangeCampaign, target.to_owned(), before.to_owned(), after.to_owned()));
    let added = record(add(3, &[3, 4, 5]));
    assert_eq!(added, (Action::AddCodes, target.to_owned(), String::new(), "codes 2, from number 3".to_owned()));
}

/// As many as it is good for, whoever comes, goes, holds and buys.
#[test]
fn of_a_thousand_five_buy() {
    let mut shop = shop_with(patient(1_000), CampaignRules { uses: 5, ..CampaignRules::default() });
    let outcomes = shop.all((1..=1_000).map(|user| join(user, 1)).collect());
    let inside: Vec<u64> = (1..).zip(&outcomes).filter(|(_, outcome)| outcome.is_ok()).map(|(user, _)| user).collect();
    assert_eq!(inside, [1, 2, 3, 4, 5]);
    assert!(outcomes[5..].iter().all(|outcome| *outcome == Err(Refusal::CodeUsedUp)));
    shop.all((0..5).map(leave).collect());
    let outcomes = shop.all((1..=1_000).rev().map(|user| join(user, 1)).collect());
    assert_eq!((outcomes.iter().filter(|outcome| outcome.is_ok()).count(), used(&shop)), (5, (5, 0)));
    shop.restart();
}
