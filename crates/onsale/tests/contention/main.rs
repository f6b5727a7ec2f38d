//! A thousand clients at the same moment, each on its own connection, all wanting the same thing.

mod bots;

use std::collections::BTreeSet;

use onsale_testkit::{Buyer, Call, Catalog, Reply, Schedule, Setup, Shop, eventually, raise_descriptor_limit, storm};
use serde_json::json;

const CLIENTS: u64 = 1_000;

async fn shop(setup: Setup, catalog: &Catalog) -> Shop {
    // Before the server is started, so that it has room for the connections too.
    raise_descriptor_limit();
    Shop::open_with(setup, catalog).await
}

fn setup() -> Setup {
    Setup::new(env!("CARGO_BIN_EXE_onsale"))
}

fn count(replies: &[Reply], status: u16) -> usize {
    replies.iter().filter(|reply| reply.status == status).count()
}

/// Users 1 to `count`, all inside.
async fn insiders(shop: &Shop, count: u64) -> Vec<Buyer> {
    let replies = storm(&shop.client, (1..=count).map(Buyer::issue).collect()).await;
    let buyers: Vec<_> =
        (1..).zip(&replies).map(|(user, reply)| Buyer::from_issue(&shop.client, user, reply)).collect();
    for buyer in &buyers {
        assert_eq!(buyer.status().await, "PROGRESS", "user {}", buyer.user());
    }
    buyers
}

/// The same call of each of these buyers.
fn each(buyers: &[Buyer], call: impl Fn(&Buyer) -> Call) -> Vec<Call> {
    buyers.iter().map(|buyer| call(buyer).token(buyer.token())).collect()
}

#[tokio::test]
async fn one_seat_goes_to_one_of_a_thousand() {
    let mut shop = shop(setup(), &Catalog::hall(50, 50_000)).await;
    let buyers = insiders(&shop, CLIENTS).await;
    let replies = storm(&shop.client, each(&buyers, |_| Buyer::reserving(1, 1))).await;
    assert_eq!((count(&replies, 200), count(&replies, 409)), (1, 999));
    for reply in replies.iter().filter(|reply| reply.status == 409) {
        reply.refused(409, "SEAT_NOT_AVAILABLE");
    }
    let winner = replies.iter().position(|reply| reply.status == 200).unwrap();
    assert_eq!(buyers[0].schedule(1).await["availableSeats"], 49);
    let reservation = replies[winner].data()["reservationId"].as_u64().unwrap();
    buyers[winner].charge(50_000).await.data();
    assert_eq!(buyers[winner].pay(reservation).await.data()["seatStatus"], "RESERVED");
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

/// Those who come in leave, so that the uses go round while a thousand want them, and the last five buy.
#[tokio::test]
async fn a_code_for_five_is_had_by_five_of_a_thousand() {
    let mut shop = shop(setup(), &Catalog::hall(50, 50_000)).await;
    shop.admin.set_campaign("fans", json!({"uses": 5, "required": true})).await;
    shop.admin.add_codes("fans", 1, &["K7QX-2M9D-RT4W"]).await.data();
    let race =
        async || storm(&shop.client, (1..=CLIENTS).map(|user| Buyer::issue_with(user, "K7QX2M9DRT4W")).collect()).await;
    let mut inside: Vec<Buyer> = Vec::new();
    for _ in 0..2 {
        for buyer in inside.drain(..) {
            buyer.leave().await.data();
        }
        let replies = race().await;
        assert_eq!((count(&replies, 200), count(&replies, 409)), (5, 995));
        for reply in replies.iter().filter(|reply| reply.status == 409) {
            reply.refused(409, "CODE_USED_UP");
        }
        let won = (1..).zip(&replies).filter(|(_, reply)| reply.status == 200);
        inside.extend(won.map(|(user, reply)| Buyer::from_issue(&shop.client, user, reply)));
    }
    for (seat, buyer) in (1..).zip(&inside) {
        let held = buyer.hold(1, seat).await;
        buyer.charge(50_000).await.data();
        buyer.pay(held).await.data();
    }
    assert_eq!(count(&race().await, 409), 1_000);
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn a_hundred_seats_go_to_a_hundred_of_a_thousand() {
    let shop = shop(setup(), &Catalog::hall(100, 50_000)).await;
    let buyers = insiders(&shop, CLIENTS).await;
    let replies = storm(&shop.client, each(&buyers, |buyer| Buyer::reserving(1, buyer.user() % 100 + 1))).await;
    assert_eq!((count(&replies, 200), count(&replies, 409)), (100, 900));
    let ids: BTreeSet<_> = replies
        .iter()
        .filter(|reply| reply.status == 200)
        .map(|reply| reply.data()["reservationId"].as_u64())
        .collect();
    assert_eq!(ids.len(), 100);
    assert_eq!(buyers[0].schedule(1).await["seatStatus"], "SOLD_OUT");
}

#[tokio::test]
async fn the_last_four_seats_go_to_one_group() {
    let shop = shop(setup(), &Catalog::hall(8, 50_000)).await;
    let buyers = insiders(&shop, 200).await;
    buyers[0].hold_all(1, &[1, 2, 3, 4]).await;
    let mut wanted = [5, 6, 7, 8];
    let calls = buyers[1..].iter().map(|buyer| {
        wanted.rotate_left(1);
        Buyer::reserving_all(1, &wanted).token(buyer.token())
    });
    let replies = storm(&shop.client, calls.collect()).await;
    assert_eq!((count(&replies, 200), count(&replies, 409)), (1, 198));
    for reply in replies.iter().filter(|reply| reply.status == 409) {
        reply.refused(409, "SOLD_OUT");
    }
    assert_eq!(buyers[0].schedule(1).await["availableSeats"], 0);
}

#[tokio::test]
async fn a_thousand_wishes_for_the_last_four_side_by_side_have_one_winner() {
    let mut shop = shop(setup().set("queue.active_limit", CLIENTS + 1), &Catalog::hall(10, 50_000)).await;
    let buyers = insiders(&shop, CLIENTS).await;
    // Six seats stay free, four of them side by side.
    shop.insider(CLIENTS + 1).await.hold_all(1, &[1, 3, 4, 6]).await;
    let wish = json!({"count": 4, "together": "required"});
    let replies = storm(&shop.client, each(&buyers, |_| Buyer::wishing(1, &wish))).await;
    let winners: Vec<_> = replies.iter().filter(|reply| reply.status == 200).collect();
    assert_eq!(winners.len(), 1);
    let seats = winners[0].data()["seats"].clone();
    let expected: serde_json::Value = (7..=10).map(|seat| json!({"seatId": seat, "amount": 50_000})).collect();
    assert_eq!(seats, expected);
    for reply in replies.iter().filter(|reply| reply.status != 200) {
        let document = reply.problem();
        let reason = &document["code"];
        assert!(reply.status == 409 && *reason == "SEATS_TOO_FEW", "two are left: {document}");
    }
    assert_eq!(buyers[0].schedule(1).await["availableSeats"], 2);
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn an_area_is_not_oversold_by_one_place() {
    let date = Schedule::new(1).section("A", 50_000, 1, 4).area("Floor", 30_000, 100);
    let mut shop = shop(setup(), &Catalog::new().concert(1, "First Light", vec![date])).await;
    let buyers = insiders(&shop, 400).await;
    let wanted = |user: u64| user % 3 + 1;
    let call = |buyer: &Buyer| Buyer::standing(1, &[], &json!([{"areaId": "Floor", "quantity": wanted(buyer.user())}]));
    let replies = storm(&shop.client, each(&buyers, call)).await;
    let mut places = BTreeSet::new();
    for (user, reply) in (1..).zip(&replies).filter(|(_, reply)| reply.status == 200) {
        let seats = reply.data()["seats"].clone();
        let seats = seats.as_array().expect("a list");
        assert_eq!(seats.len() as u64, wanted(user));
        for seat in seats {
            assert!(places.insert(seat["seatId"].as_u64()), "{seat} is held twice");
        }
    }
    let left = 100 - places.len() as u64;
    for (user, reply) in (1..).zip(&replies).filter(|(_, reply)| reply.status != 200) {
        let document = reply.refused(409, "AREA_TOO_FEW");
        let told = document["areas"][0]["left"].as_u64().expect("a number");
        assert!(left <= told && told < wanted(user), "{left} are left: {document}");
    }
    assert!(left < 3, "whoever could still be served was: {left} are left");
    let sections = buyers[0].call(Call::get("/v1/api/concerts/section?scheduleId=1")).await.data();
    assert_eq!((&sections[0]["availableSeats"], &sections[1]["availableSeats"]), (&json!(4), &json!(left)));
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn groups_that_overlap_hold_all_their_seats_or_none() {
    let mut shop = shop(setup(), &Catalog::hall(50, 50_000)).await;
    let buyers = insiders(&shop, 400).await;
    // One to four seats from each of 47 places, so that each group has others in its way.
    let group = |user: u64| (user % 47 + 1..).take((user % 4) as usize + 1).collect::<Vec<_>>();
    let replies = storm(&shop.client, each(&buyers, |buyer| Buyer::reserving_all(1, &group(buyer.user())))).await;
    let held: Vec<u64> =
        (1..).zip(&replies).filter(|(_, reply)| reply.status == 200).flat_map(|(user, _)| group(user)).collect();
    let distinct: BTreeSet<_> = held.iter().copied().collect();
    assert_eq!(distinct.len(), held.len(), "a seat is held once: {held:?}");
    assert_eq!(buyers[0].schedule(1).await["availableSeats"], 50 - held.len());
    for (user, reply) in (1..).zip(&replies).filter(|(_, reply)| reply.status != 200) {
        let document = reply.problem();
        if document["code"] == "SOLD_OUT" {
            continue;
        }
        assert_eq!(document["code"], "SEAT_NOT_AVAILABLE", "{document}");
        let group = group(user);
        let Some(lost) = document["seatIds"].as_array() else {
            assert!(group.len() == 1 && distinct.contains(&group[0]), "{document}");
            continue;
        };
        let lost: Vec<u64> = lost.iter().filter_map(serde_json::Value::as_u64).collect();
        assert!(
            !lost.is_empty() && lost.iter().all(|seat| group.contains(seat) && distinct.contains(seat)),
            "{lost:?}"
        );
    }
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn a_thousand_charges_all_count_and_each_sees_its_own_balance() {
    let mut shop = shop(setup(), &Catalog::hall(1, 1)).await;
    let buyer = shop.insider(1).await;
    let calls = (1..=CLIENTS).map(|amount| Buyer::charging(amount).token(buyer.token())).collect();
    let replies = storm(&shop.client, calls).await;
    let balances: BTreeSet<_> = replies.iter().map(|reply| reply.data()["amount"].as_u64().unwrap()).collect();
    let total = CLIENTS * (CLIENTS + 1) / 2;
    assert_eq!(balances.len(), 1_000, "each reply a different one");
    assert_eq!(balances.last(), Some(&total));
    assert_eq!(buyer.balance().await, total);
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn a_thousand_payments_of_one_reservation_are_one_debit() {
    let mut shop = shop(setup(), &Catalog::hall(5, 50_000)).await;
    let buyer = shop.insider_with(1, 1_000_000).await;
    let reservation = buyer.hold(1, 1).await;
    let replies = storm(&shop.client, vec![Buyer::paying(reservation).token(buyer.token()); 1_000]).await;
    assert_eq!((count(&replies, 200), count(&replies, 409)), (1, 999));
    for reply in replies.iter().filter(|reply| reply.status == 409) {
        reply.refused(409, "ALREADY_PAID");
    }
    assert_eq!(buyer.balance().await, 950_000);
    assert_eq!(buyer.status().await, "DONE");
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn a_thousand_issues_to_one_user_are_one_place() {
    let shop = shop(setup().set("queue.active_limit", 1), &Catalog::hall(1, 1)).await;
    let inside = shop.visitor(999).await;
    let replies = storm(&shop.client, vec![Buyer::issue(1); 1_000]).await;
    let tokens: BTreeSet<_> =
        replies.iter().map(|reply| reply.data()["queueToken"].as_str().unwrap().to_owned()).collect();
    assert_eq!(tokens.len(), 1, "one token");
    for reply in &replies {
        let data = reply.data();
        assert_eq!((&data["status"], &data["queuePosition"]), (&json!("WAITING"), &json!(1)), "one place");
    }
    assert_eq!(shop.visitor(2).await.position().await, 2, "and one place only");
    inside.leave().await.data();
}

#[tokio::test]
async fn a_thousand_users_get_a_thousand_places() {
    let shop = shop(setup().set("queue.active_limit", 10), &Catalog::hall(1, 1)).await;
    let replies = storm(&shop.client, (1..=CLIENTS).map(Buyer::issue).collect()).await;
    let buyers: Vec<_> =
        (1..).zip(&replies).map(|(user, reply)| Buyer::from_issue(&shop.client, user, reply)).collect();
    let mut positions = Vec::new();
    for buyer in &buyers {
        positions.push(buyer.position().await);
    }
    positions.sort_unstable();
    let expected: Vec<u64> = std::iter::repeat_n(0, 10).chain(1..=990).collect();
    assert_eq!(positions, expected, "ten inside, and every position once");
    assert_eq!(shop.admin.state().await["active"], 10);
}

#[tokio::test]
async fn two_holds_of_one_user_are_both_paid_whichever_comes_first() {
    let mut shop = shop(setup(), &Catalog::hall(200, 10)).await;
    let buyers = insiders(&shop, 100).await;
    let mut calls = Vec::new();
    for buyer in &buyers {
        buyer.charge(20).await.data();
        for seat in [buyer.user(), buyer.user() + 100] {
            let reservation = buyer.hold(1, seat).await;
            calls.push(Buyer::paying(reservation).token(buyer.token()));
        }
    }
    let replies = storm(&shop.client, calls).await;
    let payments: BTreeSet<_> = replies.iter().map(|reply| reply.data()["paymentId"].as_u64()).collect();
    assert_eq!(payments.len(), 200);
    for buyer in &buyers {
        assert_eq!((buyer.balance().await, buyer.status().await), (0, "DONE".to_owned()));
    }
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn payments_that_race_the_expiry_have_one_outcome_each() {
    const SEATS: u32 = 300;
    let setup = setup().set("hold.ttl", "3s");
    let mut shop = shop(setup, &Catalog::hall(SEATS, 100)).await;
    let watcher = shop.insider(9_999).await;
    let buyers = insiders(&shop, u64::from(SEATS)).await;
    storm(&shop.client, each(&buyers, |_| Buyer::charging(100))).await;
    let holds = storm(&shop.client, each(&buyers, |buyer| Buyer::reserving(1, buyer.user()))).await;
    let ids: Vec<_> = holds.iter().map(|reply| reply.data()["reservationId"].as_u64().unwrap()).collect();
    // The first payments leave well before the expiry, the last ones well after it.
    let mut paying = tokio::task::JoinSet::new();
    for (at, (buyer, reservation)) in buyers.iter().cloned().zip(ids.clone()).enumerate() {
        paying.spawn(async move {
            tokio::time::sleep(std::time::Duration::from_millis(20 * at as u64)).await;
            (at, buyer.pay(reservation).await)
        });
    }
    let mut replies = paying.join_all().await;
    replies.sort_unstable_by_key(|(at, _)| *at);
    eventually("every hold has ended", async || {
        let seats = watcher.seats(1).await.data();
        seats.as_array().unwrap().iter().all(|seat| seat["seatStatus"] != "TEMP_RESERVED")
    })
    .await;
    let seats = watcher.seats(1).await.data();
    for (at, reply) in &replies {
        let (buyer, seat) = (&buyers[*at], &seats[*at]["seatStatus"]);
        if reply.status == 200 {
            assert_eq!((buyer.balance().await, seat), (0, &json!("RESERVED")), "{reply}");
            buyer.pay(ids[*at]).await.refused(409, "ALREADY_PAID");
        } else {
            reply.refused(410, "HOLD_EXPIRED");
            assert_eq!((buyer.balance().await, seat), (100, &json!("AVAILABLE")), "{reply}");
            buyer.pay(ids[*at]).await.refused(410, "HOLD_EXPIRED");
        }
    }
    let paid = replies.iter().filter(|(_, reply)| reply.status == 200).count();
    eprintln!("{paid} of {SEATS} payments came before the expiry");
    assert!(paid > 0 && paid < SEATS as usize, "both sides of the race were run");
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[tokio::test]
async fn a_seat_list_is_never_a_mixture_of_two_moments() {
    // Each buyer moves from one seat to another by dropping the first hold: whoever counts sees at most 20 holds.
    let shop = shop(setup(), &Catalog::hall(500, 10)).await;
    let buyers = insiders(&shop, 20).await;
    let watcher = shop.insider(9_999).await;
    let mut moving = tokio::task::JoinSet::new();
    for buyer in buyers {
        moving.spawn(async move {
            for step in 0..25 {
                let reservation = buyer.hold(1, step * 20 + buyer.user()).await;
                buyer.cancel(reservation).await.data();
            }
        });
    }
    let mut reads = 0;
    while !moving.is_empty() {
        let list = watcher.seats(1).await.data();
        let held = list.as_array().unwrap().iter().filter(|seat| seat["seatStatus"] == "TEMP_RESERVED").count();
        assert!(held <= 20, "{held} holds of 20 users at one moment");
        let available = watcher.schedule(1).await["availableSeats"].as_u64().unwrap();
        assert!((480..=500).contains(&available), "{available}");
        reads += 1;
        while let Some(moved) = moving.try_join_next() {
            moved.expect("a buyer moved");
        }
    }
    assert!(reads > 1, "it was read while it changed");
}
