//! Work that whoever joins shows: a setting of a queue, and places that are given at the desk without it.

use onsale_domain::command::{Batch, Command, Entrant, Entry};
use onsale_domain::ids::{KeyId, UserId};
use onsale_domain::level::{self, PROOFS};
use onsale_domain::operator::{Action, LeverRow, Operator};
use onsale_domain::reply::{Refusal, Reply};
use onsale_domain::row::Row;
use onsale_domain::settings::{QueueSettings, Settings};

use super::patient;
use crate::shop::{self, QUEUE, Shop};

fn ask_for(bits: Option<u32>) -> Command {
    let settings = QueueSettings { proof_bits: bits, ..patient(10) };
    Command::ConfigureQueue { queue: QUEUE, settings: Some(settings), mode: None }
}

fn at_level(level: u32) -> Shop {
    let mut shop = Shop::open(patient(10), Settings::default(), 2);
    shop.one(Command::Raise { level }).expect("a raise");
    shop
}

#[test]
fn work_is_asked_for_from_its_level_on_and_not_for_more_than_a_phone_can_do() {
    let wrong = Err(Refusal::SettingInvalid("queue.proof_bits"));
    let mut early = at_level(PROOFS - 1);
    assert_eq!(early.one(ask_for(Some(17))), wrong);
    let queue = QueueSettings { proof_bits: Some(17), ..QueueSettings::default() };
    assert_eq!(early.one(Command::Configure { settings: Settings { queue, ..Settings::default() } }), wrong);
    let mut shop = at_level(PROOFS);
    for bits in [0, 25] {
        assert_eq!(shop.one(ask_for(Some(bits))), wrong, "{bits}");
    }
    let before = shop.engine.mark().fingerprint;
    shop.one(ask_for(Some(24))).expect("the most");
    let (most, _) = (shop.engine.mark().fingerprint, shop.restart());
    assert_eq!(shop.engine.queues()[0].settings().proof_bits, Some(24));
    shop.one(ask_for(None)).expect("none");
    assert_ne!(most, before, "it is state");
}

/// The engine asks nobody for work: who joins with a command has shown it, or was given the place.
#[test]
fn a_place_that_an_operator_gives_is_on_record_with_whose_it_is() {
    let mut shop = at_level(PROOFS);
    shop.one(ask_for(Some(24))).expect("work");
    let entry = Entry { entrant: Entrant::Pseudonym([7; 32]), asked: None, once: None, limit: None, tier: None };
    let named = Command::Enter { entry, queue: QUEUE, key: KeyId(1) };
    let give = |command| {
        let by = Operator { key: KeyId(1), name: Some("Dana".to_owned()) };
        Command::Operate { by, command: Box::new(command) }
    };
    let (outcomes, rows) =
        shop.batch(&Batch { commands: vec![give(shop::join(4)), give(named.clone()), shop::join(5)] });
    let Ok(Reply::Entered(entered)) = &outcomes[1] else { panic!("nobody entered: {outcomes:?}") };
    let levers: Vec<&LeverRow> =
        rows.iter().filter_map(|row| if let Row::Lever(lever) = row { Some(lever) } else { None }).collect();
    assert!(levers.iter().all(|lever| lever.action == Action::GivePlace && lever.after == "place in queue default"));
    let targets: Vec<_> = levers.iter().map(|lever| lever.target.clone()).collect();
    assert_eq!(targets, ["user 4".to_owned(), format!("user {}", entered.user)]);
    let live: Vec<_> = shop.engine.queues()[0].live_users().collect();
    assert_eq!(live, [UserId(4), entered.user, UserId(5)]);
    shop.one(Command::Leave { ticket: onsale_domain::ids::TicketId { queue: QUEUE, number: 0 }, user: None })
        .expect("left");
    assert_eq!(shop.engine.queues()[0].live_users().count(), 2, "who has left has none");
    shop.restart();
    // Below the level there are nodes that would put nothing on record.
    let mut early = at_level(level::SELLING);
    let (_, rows) = early.batch(&Batch { commands: vec![give(shop::join(4))] });
    assert!(!rows.iter().any(|row| matches!(row, Row::Lever(_))));
}
