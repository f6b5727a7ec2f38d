//! Tokens that are none any more.

use onsale_domain::command::Command;
use onsale_domain::ids::UserId;
use onsale_domain::queue::{Owner, Status};
use onsale_domain::reply::{Joined, Refusal, Reply};
use onsale_domain::settings::Settings;
use onsale_domain::time::Time;
use onsale_domain::user::REVOKED_MAX;

use super::patient;
use crate::shop::{self, Shop, ticket};

fn join(shop: &mut Shop, user: u64) -> Joined {
    match shop.one(shop::join(user)) {
        Ok(Reply::Joined(joined)) => joined,
        other => panic!("no place: {other:?}"),
    }
}

fn revoke(shop: &mut Shop, user: u64) {
    assert_eq!(shop.one(Command::Revoke { user: UserId(user) }), Ok(Reply::Done));
}

#[test]
fn a_place_goes_on_under_a_token_that_counts() {
    let mut shop = Shop::open(patient(1), Settings::default(), 1);
    for user in 1..=3 {
        join(&mut shop, user);
    }
    let before = join(&mut shop, 2);
    revoke(&mut shop, 2);
    let after = join(&mut shop, 2);
    assert_eq!((after.ticket, shop.engine.queues()[0].position(1)), (before.ticket, 1));
    assert_eq!(after.issued_at, shop.engine.revoked().since(UserId(2)));
    assert!(after.issued_at.0 / 1_000 > before.issued_at.0 / 1_000, "a token says whole seconds");
    let owner = Owner::new(UserId(2), after.issued_at.0 / 1_000);
    assert_eq!(shop.engine.queues()[0].line().owner(1).map(|(owner, _)| owner), Some(owner));
    shop.restart();
    assert_eq!(join(&mut shop, 2), after);
    assert_eq!(shop.engine.queues()[0].line().owner(1).map(|(owner, _)| owner), Some(owner));
    // Nobody else's.
    assert_eq!(shop.engine.revoked().since(UserId(3)), Time(0));
}

/// In the same second, too.
#[test]
fn a_place_from_after_it_has_a_token_that_counts() {
    let mut shop = Shop::open(patient(1), Settings::default(), 1);
    join(&mut shop, 1);
    assert_eq!(shop.one(Command::Leave { ticket: ticket(0), user: None }), Ok(Reply::Left(Status::Done)));
    revoke(&mut shop, 1);
    let after = join(&mut shop, 1);
    assert_eq!(after.issued_at, shop.engine.revoked().since(UserId(1)));
    shop.restart();
    shop.now += 5_000;
    revoke(&mut shop, 1);
    assert!(join(&mut shop, 1).issued_at > after.issued_at, "once more");
}

/// What was given out between the two is revoked by the second.
#[test]
fn revoked_twice_in_a_second() {
    let mut shop = Shop::open(patient(1), Settings::default(), 1);
    join(&mut shop, 1);
    revoke(&mut shop, 1);
    let between = join(&mut shop, 1);
    revoke(&mut shop, 1);
    assert!(between.issued_at < shop.engine.revoked().since(UserId(1)));
    let after = join(&mut shop, 1);
    assert_eq!((after.ticket, after.issued_at), (between.ticket, shop.engine.revoked().since(UserId(1))));
}

#[test]
fn so_many_users_and_no_more() {
    let mut shop = Shop::new();
    let all = (1..=REVOKED_MAX as u64).map(|user| Command::Revoke { user: UserId(user) }).collect();
    assert!(shop.all(all).iter().all(|outcome| outcome == &Ok(Reply::Done)));
    let more = shop.one(Command::Revoke { user: UserId(0) });
    assert_eq!(more, Err(Refusal::Full("revoked users")));
    revoke(&mut shop, 1);
}
