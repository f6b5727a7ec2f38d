//! `kill -9` under load, again and again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use onsale_testkit::{Acknowledged, Buyer, Catalog, Port, Shop, eventually, raise_descriptor_limit};

use crate::followed::{Follower, Program, tables};
use crate::journeys::{Journeys, PRICE};
use crate::setup;

const KILLS: u32 = 8;
const BUYERS: usize = 48;
const ACTIVE_LIMIT: u64 = 16;

#[tokio::test]
async fn nothing_acknowledged_is_lost_and_nothing_happens_twice() {
    raise_descriptor_limit();
    let settings = setup().set("queue.active_limit", ACTIVE_LIMIT);
    let mut shop = Shop::open_with(settings, &Catalog::hall(30_000, PRICE)).await;
    let journeys = Journeys::start(&shop.client, BUYERS);
    let programs = [Program::Python, Program::TypeScript];
    let mut followers = programs.map(|program| Follower::start(&shop.server, program));
    for round in 1..=KILLS {
        let before = journeys.acknowledged();
        eventually("the load gets through", async || journeys.acknowledged() > before + 200).await;
        // At another moment of the batch each time.
        tokio::time::sleep(Duration::from_micros(u64::from(round) * 1_730)).await;
        shop.server.kill();
        followers.iter_mut().for_each(Follower::kill);
        let elapsed = shop.server.start_again(Port::Same);
        let state = shop
            .server
            .client()
            .call(onsale_testkit::Call::get("/v1/admin/state").bearer(onsale_testkit::ADMIN_KEY))
            .await
            .data();
        assert!(state["active"].as_u64().unwrap() <= ACTIVE_LIMIT, "{state}");
        eprintln!("kill {round}: {} acknowledged, back in {} ms", journeys.acknowledged(), elapsed.as_millis());
    }
    let log = journeys.finish().await;
    verify(&shop, &log).await;
    shop.server.kill();
    shop.server.assert_audit_clean();
    shop.come_back();
    verify(&shop, &log).await;
    shop.admin.projected().await;
    let followed = followers.map(|follower| follower.finish(&shop.server));
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
    // Who knows the events alone knows what is in the tables.
    let [seats, payments, accounts] = tables(shop.server.data());
    assert!(payments.len() > 100, "{} payments are too few to tell anything", payments.len());
    for [its_seats, its_payments, its_accounts] in followed {
        assert_eq!(its_payments, payments);
        assert_eq!(its_seats, seats);
        assert_eq!(its_accounts, accounts);
    }
}

/// What users have, as the log tells it: token, charged, paid.
#[derive(Default)]
struct Account {
    token: String,
    charged: u64,
    paid: u64,
}

/// Compares everything that was acknowledged with what the server says.
async fn verify(shop: &Shop, log: &[Acknowledged]) {
    let mut accounts: BTreeMap<u64, Account> = BTreeMap::new();
    let mut sold: BTreeSet<u64> = BTreeSet::new();
    let (mut holds, mut payments) = (BTreeSet::new(), BTreeSet::new());
    for entry in log {
        match entry {
            Acknowledged::Issue { user, token } => accounts.entry(*user).or_default().token.clone_from(token),
            Acknowledged::Charge { user, amount } => accounts.entry(*user).or_default().charged += amount,
            Acknowledged::Hold { reservation, .. } => assert!(holds.insert(*reservation), "{entry:?} twice"),
            Acknowledged::Payment { user, seat, payment, amount, .. } => {
                assert!(sold.insert(*seat), "{entry:?}: the seat was sold before");
                assert!(payments.insert(*payment), "{entry:?}: the number was given before");
                accounts.entry(*user).or_default().paid += amount;
            }
        }
    }
    assert!(payments.len() > 100, "{} payments are too few to tell anything", payments.len());
    assert_eq!(holds.len(), payments.len(), "everybody who held a seat paid it");
    for (user, account) in &accounts {
        let reply = shop.client.call(onsale_testkit::Call::get("/v1/api/user/amount").token(&account.token)).await;
        assert_eq!(reply.data()["amount"], account.charged - account.paid, "the wallet of user {user}");
    }
    let watcher = Buyer::admitted(&shop.client, 1 << 40).await;
    let seats = watcher.seats(1).await.data();
    let reserved: BTreeSet<u64> = seats
        .as_array()
        .unwrap()
        .iter()
        .filter(|seat| seat["seatStatus"] != "AVAILABLE")
        .map(|seat| seat["seatId"].as_u64().unwrap())
        .collect();
    assert_eq!(reserved, sold, "the seats that are not available are those that were sold");
    watcher.leave().await.data();
}
